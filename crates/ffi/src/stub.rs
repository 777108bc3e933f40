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

/// A function that takes numbers in all registers for integers.
type Direct<R> = unsafe extern "C-unwind" fn(u64, u64, u64, u64, u64, u64) -> R;

/// And in all registers for floating numbers.
#[rustfmt::skip]
type DirectFloats<R> = unsafe extern "C-unwind" fn(
    u64, u64, u64, u64, u64, u64, f64, f64, f64, f64, f64, f64, f64, f64,
) -> R;

/// Calls, and reads what comes back from the registers that `R` is returned in.
///
/// Where registers hold all arguments, no stub is needed: all of them are given, and a function does not see
/// those that it does not take.
///
/// # Safety
///
/// As [`call`].
#[inline(always)]
unsafe fn call_as<R>(target: Target, frame: Frame) -> R {
    let Frame { words, stack, floats, is_direct } = frame;
    if !is_direct {
        // SAFETY: the stub leaves what C has left in the registers, and those of `R` hold anything.
        let enter: Enter<R> = unsafe { std::mem::transmute(enter as *const ()) };
        // SAFETY: as the caller says.
        return unsafe { enter(words, target, stack, floats) };
    }
    // SAFETY: the words of all registers are there.
    let integers = unsafe { words.cast::<[u64; 6]>().read() };
    let [a, b, c, d, e, f] = integers;
    if floats == 0 {
        // SAFETY: it is a pointer to a function.
        let direct: Direct<R> = unsafe { std::mem::transmute(target) };
        // SAFETY: as the caller says.
        return unsafe { direct(a, b, c, d, e, f) };
    }
    // SAFETY: it is a pointer to a function.
    let direct: DirectFloats<R> = unsafe { std::mem::transmute(target) };
    // SAFETY: those for floating numbers stand behind the 6 for integers.
    let floats = unsafe { words.add(6) }.cast::<[f64; 8]>();
    // SAFETY: as above.
    let [s, t, u, v, w, x, y, z] = unsafe { floats.read() };
    // SAFETY: as the caller says.
    unsafe { direct(a, b, c, d, e, f, s, t, u, v, w, x, y, z) }
}

/// Calls, and reads one or two words from registers.
///
/// # Safety
///
/// The words are what the function takes, so many of them are there, those of registers among them: of those for
/// floating numbers where one is taken. What the function does with them is sound.
#[inline(always)]
pub(crate) unsafe fn call(target: Target, frame: Frame, bank: Bank) -> [u64; 2] {
    match bank {
        Bank::Integers => {
            // SAFETY: as the caller says, and so below.
            let Integers(low, high) = unsafe { call_as(target, frame) };
            [low, high]
        }
        Bank::Floats => {
            // SAFETY: as above.
            let Floats(low, high) = unsafe { call_as(target, frame) };
            [low.to_bits(), high.to_bits()]
        }
        Bank::IntegerFloat => {
            // SAFETY: as above.
            let IntegerFloat(low, high) = unsafe { call_as(target, frame) };
            [low, high.to_bits()]
        }
        Bank::FloatInteger => {
            // SAFETY: as above.
            let FloatInteger(low, high) = unsafe { call_as(target, frame) };
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
    let Frame { words, stack, floats, .. } = frame;
    match numbers {
        // SAFETY: as the caller says.
        1 => unsafe { enter_x87(words, target, stack, floats, out) },
        // SAFETY: as the caller says.
        _ => unsafe { enter_x87_complex(words, target, stack, floats, out) },
    }
}
