//! The signal's handler: where is this thread, and how did it come there?
//!
//! It runs between any two instructions of the program. So it takes no lock that anybody waits for,
//! allocates nothing, cannot panic, and reads the stack through the kernel, which answers with an
//! error where a pointer of the program's leads astray.

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use framehop::Unwinder as _;
use framehop::x86_64::UnwindRegsX86_64;

use super::slot::{self, STACK, Scratch, Slot};
use super::{modules, timer};
use crate::error::{Error, ErrorKind, Result};

pub(super) const SIGNAL: libc::c_int = libc::SIGPROF;

/// Frames of a stack that are kept, from the innermost.
const DEEPEST: usize = 128;
const PAGE: usize = 4096;

static ACTIVE: AtomicBool = AtomicBool::new(false);
static PROCESS: AtomicI32 = AtomicI32::new(0);

/// Takes the signal. It is never given back: one that is on its way would end the program.
pub(super) fn install() -> Result<()> {
    // SAFETY: it has no arguments and no effect.
    PROCESS.store(unsafe { libc::getpid() }, Ordering::Relaxed);
    // SAFETY: all zeros is a value of this C structure.
    let mut old: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    // SAFETY: as above.
    let mut new: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) = handle;
    new.sa_sigaction = handler as libc::sighandler_t;
    new.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
    // SAFETY: a null action changes nothing, and the old one is written to where it can be.
    let asked = unsafe { libc::sigaction(SIGNAL, ptr::null(), &raw mut old) };
    let known = [libc::SIG_DFL, libc::SIG_IGN, new.sa_sigaction];
    if asked != 0 || !known.contains(&old.sa_sigaction) {
        return Err(Error::new(ErrorKind::Unsupported(
            "free signal SIGPROF: another profiler has taken it",
        )));
    }
    // SAFETY: the handler does what handlers may do, see above, and lives as long as the program.
    let set = unsafe { libc::sigaction(SIGNAL, &raw const new, ptr::null_mut()) };
    if set != 0 {
        return Err(Error::new(ErrorKind::Unsupported("handler for the signal SIGPROF")));
    }
    ACTIVE.store(true, Ordering::Release);
    Ok(())
}

/// Signals that come from now on are nobody's.
pub(super) fn stop() {
    ACTIVE.store(false, Ordering::Release);
}

/// Starts a thread to which no signal of the program's goes.
pub(super) fn without_signals<R>(start: impl FnOnce() -> R) -> R {
    // SAFETY: all zeros is a value of this C structure.
    let mut all: libc::sigset_t = unsafe { MaybeUninit::zeroed().assume_init() };
    // SAFETY: as above.
    let mut old: libc::sigset_t = unsafe { MaybeUninit::zeroed().assume_init() };
    // SAFETY: the set is ours.
    unsafe { libc::sigfillset(&raw mut all) };
    // SAFETY: both are sets. It fails for other values of `how` alone.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut old) };
    let started = start();
    // SAFETY: the old set was written above.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const old, ptr::null_mut()) };
    started
}

extern "C" fn handle(_: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    if !ACTIVE.load(Ordering::Acquire) {
        return;
    }
    // SAFETY: every thread has an errno.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: it is this thread's own.
    let before = unsafe { errno.read() };
    // SAFETY: the kernel hands both to a handler with `SA_SIGINFO`, for as long as it runs.
    let info = unsafe { info.as_ref() };
    // SAFETY: as above.
    let context = unsafe { context.cast::<libc::ucontext_t>().as_ref() };
    if let (Some(info), Some(context)) = (info, context) {
        sample(info, context);
    }
    // SAFETY: as above.
    unsafe { errno.write(before) };
}

/// What registers say of where the thread is.
struct Place {
    instruction: u64,
    stack: u64,
    frame: u64,
}

fn sample(info: &libc::siginfo_t, context: &libc::ucontext_t) {
    if info.si_code != libc::SI_TIMER {
        return;
    }
    // SAFETY: a signal of a timer carries a value.
    let value = unsafe { info.si_value() };
    let Some(slot) = slot::of(value.sival_ptr.addr()) else { return };
    slot.work(timer::thread_id(), |slot| sample_of(slot, context));
}

fn sample_of(slot: &Slot, context: &libc::ucontext_t) {
    let merged = timer::merged(slot.timer());
    let register = |at: libc::c_int| {
        let at = usize::try_from(at).unwrap_or(0);
        context.uc_mcontext.gregs.get(at).map_or(0, |value| value.cast_unsigned())
    };
    let place = Place {
        instruction: register(libc::REG_RIP),
        stack: register(libc::REG_RSP),
        frame: register(libc::REG_RBP),
    };
    let kept = take(slot, &place, merged);
    slot.count(merged, kept);
}

/// Leaves the stack in the ring. `false` when there is no room.
fn take(slot: &Slot, place: &Place, merged: u32) -> bool {
    let Ok(mut scratch) = slot.scratch.try_lock() else { return false };
    let mut addresses = [0; DEEPEST];
    let (count, cut) = unwind(&mut scratch, place, &mut addresses);
    let waits = is_at_system_call(place.instruction);
    let stack = addresses.get(..count).unwrap_or_default();
    slot.ring.push(stack, waits, cut, merged.saturating_add(1))
}

/// The addresses of the stack's frames, from the innermost; how many, and whether there are more:
/// behind the deepest, beyond what was copied, or where no table tells how to go on.
fn unwind(scratch: &mut Scratch, place: &Place, addresses: &mut [u64; DEEPEST]) -> (usize, bool) {
    let Scratch { cache, stack } = scratch;
    let known = copy(place.stack, stack);
    let known = stack.get(..known).unwrap_or_default();
    let mut read = |address: u64| {
        let at = address.checked_sub(place.stack).and_then(|at| usize::try_from(at).ok());
        let word = at.and_then(|at| known.get(at..at.checked_add(8)?)?.first_chunk::<8>());
        word.map(|word| u64::from_le_bytes(*word)).ok_or(())
    };
    let Some(unwinder) = modules::unwinder() else { return (0, true) };
    let registers = UnwindRegsX86_64::new(place.instruction, place.stack, place.frame);
    let mut frames = unwinder.iter_frames(place.instruction, registers, cache, &mut read);
    let mut count = 0;
    loop {
        match (addresses.get_mut(count), frames.next()) {
            (_, Ok(None)) => return (count, false),
            (Some(address), Ok(Some(frame))) => *address = frame.address(),
            (None, Ok(Some(_))) | (_, Err(_)) => return (count, true),
        }
        count += 1;
    }
}

/// Copies what can be read of the stack, from its end; how many bytes. The kernel gives what is
/// before the first page that is not there.
fn copy(from: u64, to: &mut [u8]) -> usize {
    const PAGES: usize = STACK / PAGE;
    let mut pages = [libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 }; PAGES];
    let Ok(mut address) = usize::try_from(from) else { return 0 };
    for page in &mut pages {
        page.iov_len = PAGE - address % PAGE;
        page.iov_base = ptr::without_provenance_mut(address);
        address = address.saturating_add(page.iov_len);
    }
    let local = libc::iovec { iov_base: to.as_mut_ptr().cast(), iov_len: to.len() };
    let process = PROCESS.load(Ordering::Relaxed);
    let (local, pages) = (&raw const local, &raw const pages);
    // SAFETY: the local part is all of `to`, which is borrowed; the kernel checks the other.
    let copied = unsafe {
        libc::process_vm_readv(process, local, 1, pages.cast(), PAGES as libc::c_ulong, 0)
    };
    usize::try_from(copied).unwrap_or(0)
}

/// Whether the instruction before is a system call, or the next one is: the thread was inside of
/// the kernel, and most likely waited. It stands before one that the kernel will start again after
/// the handler, as it does with a lock or a read of a pipe (`SA_RESTART`).
fn is_at_system_call(instruction: u64) -> bool {
    const SYSCALL: [u8; 2] = [0x0f, 0x05];
    let mut code = [0; 4];
    let Some(before) = instruction.checked_sub(2).filter(|before| *before > 0) else {
        return false;
    };
    let known = copy(before, &mut code);
    code.get(..known).unwrap_or_default().chunks(2).any(|code| code == SYSCALL)
}
