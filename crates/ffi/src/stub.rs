//! The call itself, on x86-64 with System V's ABI: a function that loads all registers that arguments may be
//! in, copies the others to the stack, and calls.
//!
//! It gives back what C gave back, in the registers where that is. So one body serves all signatures: whoever
//! calls it says by the type of the pointer which registers it reads. No code is made at run time, and no
//! memory is both written and run. The directives let debuggers and panics of C-unwind pass.

use std::arch::naked_asm;

use crate::engine::{Frame, Target};
use crate::plan::Bank;

/// Takes the words of registers and stack, the function, how many words are on the stack, and how many of the
/// registers for floating numbers are taken.
type Enter<R> = unsafe extern "C-unwind" fn(*mut u64, Target, usize, usize) -> R;

#[repr(C)]
struct Integers(u64, u64);

#[repr(C)]
struct Floats(f64, f64);

#[repr(C)]
struct IntegerFloat(u64, f64);

#[repr(C)]
struct FloatInteger(f64, u64);

macro_rules! stub {
    ($name:ident($($out:ident: $ty:ty)?), $keep:literal, $finish:literal) => {
        #[unsafe(naked)]
        unsafe extern "C-unwind" fn $name(
            words: *mut u64,
            target: Target,
            stack: usize,
            floats: usize
            $(, $out: $ty)?
        ) {
            naked_asm!(
                ".cfi_startproc",
                "push rbp",
                ".cfi_def_cfa_offset 16",
                ".cfi_offset rbp, -16",
                "mov rbp, rsp",
                ".cfi_def_cfa_register rbp",
                $keep,
                "mov r11, rsi",
                // A function with `...` is told in `al`.
                "mov eax, ecx",
                "test rdx, rdx",
                "jz 3f",
                // The stack is aligned to 16 bytes behind the arguments. From the last to the first, so that
                // every page is touched in turn.
                "test dl, 1",
                "jz 2f",
                "push 0",
                "2:",
                "push qword ptr [rdi + 8 * rdx + 104]",
                "dec rdx",
                "jnz 2b",
                "3:",
                "test eax, eax",
                "jz 4f",
                "movsd xmm0, qword ptr [rdi + 48]",
                "movsd xmm1, qword ptr [rdi + 56]",
                "movsd xmm2, qword ptr [rdi + 64]",
                "movsd xmm3, qword ptr [rdi + 72]",
                "movsd xmm4, qword ptr [rdi + 80]",
                "movsd xmm5, qword ptr [rdi + 88]",
                "movsd xmm6, qword ptr [rdi + 96]",
                "movsd xmm7, qword ptr [rdi + 104]",
                "4:",
                "mov rsi, qword ptr [rdi + 8]",
                "mov rdx, qword ptr [rdi + 16]",
                "mov rcx, qword ptr [rdi + 24]",
                "mov r8, qword ptr [rdi + 32]",
                "mov r9, qword ptr [rdi + 40]",
                "mov rdi, qword ptr [rdi]",
                "call r11",
                $finish,
                "leave",
                ".cfi_def_cfa rsp, 8",
                "ret",
                ".cfi_endproc",
            )
        }
    };
}

stub!(enter(), "", "");
stub!(enter_x87(_out: *mut u8), "push r8\npush r8", "mov rcx, qword ptr [rbp - 8]\nfstp tbyte ptr [rcx]");
stub!(
    enter_x87_complex(_out: *mut u8),
    "push r8\npush r8",
    "mov rcx, qword ptr [rbp - 8]\nfstp tbyte ptr [rcx]\nfstp tbyte ptr [rcx + 16]"
);

/// Calls, and reads one or two words from registers.
///
/// # Safety
///
/// The words are what the function takes, so many of them are there, those of registers that are not taken may
/// be anything; and what the function does with them is sound.
#[inline]
pub(crate) unsafe fn call(target: Target, frame: Frame, bank: Bank) -> [u64; 2] {
    match bank {
        Bank::Integers => {
            // SAFETY: the stub leaves what C has left in the registers, and `rax` and `rdx` hold anything.
            let enter: Enter<Integers> = unsafe { std::mem::transmute(enter as *const ()) };
            // SAFETY: as the caller says.
            let Integers(low, high) =
                unsafe { enter(frame.words, target, frame.stack, frame.floats) };
            [low, high]
        }
        Bank::Floats => {
            // SAFETY: as above, of `xmm0` and `xmm1`.
            let enter: Enter<Floats> = unsafe { std::mem::transmute(enter as *const ()) };
            // SAFETY: as the caller says.
            let Floats(low, high) =
                unsafe { enter(frame.words, target, frame.stack, frame.floats) };
            [low.to_bits(), high.to_bits()]
        }
        Bank::IntegerFloat => {
            // SAFETY: as above, of `rax` and `xmm0`.
            let enter: Enter<IntegerFloat> = unsafe { std::mem::transmute(enter as *const ()) };
            // SAFETY: as the caller says.
            let IntegerFloat(low, high) =
                unsafe { enter(frame.words, target, frame.stack, frame.floats) };
            [low, high.to_bits()]
        }
        Bank::FloatInteger => {
            // SAFETY: as above, of `xmm0` and `rax`.
            let enter: Enter<FloatInteger> = unsafe { std::mem::transmute(enter as *const ()) };
            // SAFETY: as the caller says.
            let FloatInteger(low, high) =
                unsafe { enter(frame.words, target, frame.stack, frame.floats) };
            [low.to_bits(), high]
        }
    }
}

/// Calls, and stores what is on the x87's stack: one number of 10 bytes, or a second one 16 bytes behind.
///
/// # Safety
///
/// As [`call`], and the function leaves as many numbers, for which there is room.
pub(crate) unsafe fn call_x87(target: Target, frame: Frame, numbers: usize, out: *mut u8) {
    let Frame { words, stack, floats } = frame;
    match numbers {
        // SAFETY: as the caller says.
        1 => unsafe { enter_x87(words, target, stack, floats, out) },
        // SAFETY: as the caller says.
        _ => unsafe { enter_x87_complex(words, target, stack, floats, out) },
    }
}
