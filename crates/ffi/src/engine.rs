//! Who makes the call: the stub where there is one, or else libffi.

#![cfg_attr(
    not(all(target_arch = "x86_64", unix)),
    allow(dead_code, unused_variables, reason = "without a stub some of it is for nobody")
)]

use tenfold_cdecl::{FunctionType, Unit};

use crate::error::Result;
use crate::plan::{Bank, Parameter};

/// Whether this machine has a stub.
const HAS_STUB: bool = cfg!(all(target_arch = "x86_64", unix));

/// A function of C whose type is known elsewhere.
pub(crate) type Target = unsafe extern "C" fn();

/// What a call takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    /// The words of 6 registers for integers, of 8 for floating numbers, and of the stack.
    pub(crate) words: *mut u64,
    /// How many words are on the stack.
    pub(crate) stack: usize,
    /// How many of the registers for floating numbers are taken.
    pub(crate) floats: usize,
    /// Whether registers are all that is needed.
    pub(crate) is_direct: bool,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Choice {
    /// The fastest.
    #[default]
    Usual,
    #[cfg(feature = "libffi")]
    Libffi,
}

impl Choice {
    /// Whether all arguments stand in memory, one behind the other, rather than in registers.
    pub(crate) fn is_flat(self) -> bool {
        !HAS_STUB || self != Self::Usual
    }
}

#[derive(Debug)]
pub(crate) enum Engine {
    #[cfg(all(target_arch = "x86_64", unix))]
    Stub,
    #[cfg(feature = "libffi")]
    Libffi(Box<crate::libffi::Interface>),
}

impl Engine {
    pub(crate) fn new(unit: &Unit, function: &FunctionType, choice: Choice) -> Result<Self> {
        #[cfg(all(target_arch = "x86_64", unix))]
        if choice == Choice::Usual {
            return Ok(Self::Stub);
        }
        Self::other(unit, function, choice)
    }

    #[cfg(feature = "libffi")]
    fn other(unit: &Unit, function: &FunctionType, _: Choice) -> Result<Self> {
        crate::libffi::Interface::new(unit, function).map(|made| Self::Libffi(Box::new(made)))
    }

    #[cfg(not(feature = "libffi"))]
    fn other(_: &Unit, _: &FunctionType, _: Choice) -> Result<Self> {
        use crate::error::{Error, ErrorKind};
        let message = "this machine needs the feature `libffi` for dynamic calls";
        Err(Error::new(ErrorKind::Unsupported, message))
    }
}

impl Engine {
    #[inline(always)]
    pub(crate) fn is_stub(&self) -> bool {
        match *self {
            #[cfg(all(target_arch = "x86_64", unix))]
            Self::Stub => true,
            #[cfg(feature = "libffi")]
            Self::Libffi(_) => false,
        }
    }
}

/// Calls by the stub.
#[cfg(all(target_arch = "x86_64", unix))]
pub(crate) use crate::stub::call;

/// Calls by the stub, which no engine is here.
///
/// # Safety
///
/// Nobody calls it.
#[cfg(not(all(target_arch = "x86_64", unix)))]
pub(crate) unsafe fn call(_: Target, _: Frame, _: Bank) -> [u64; 2] {
    unreachable!("no engine of this machine is a stub")
}

/// A call whose words are ready.
pub(crate) struct Call<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) target: Target,
    pub(crate) frame: Frame,
    /// Whose the words are: the parameters, and what stands for `...`.
    #[cfg_attr(
        not(feature = "libffi"),
        expect(dead_code, reason = "a stub takes the words alone")
    )]
    pub(crate) parameters: [&'a [Parameter]; 2],
}

impl Call<'_> {
    /// Calls, and reads one or two words of the result.
    ///
    /// # Safety
    ///
    /// As [`call`], and the result is of that bank, or none.
    #[inline]
    pub(crate) unsafe fn words(&self, bank: Bank) -> Result<[u64; 2]> {
        match *self.engine {
            #[cfg(all(target_arch = "x86_64", unix))]
            // SAFETY: as the caller says.
            Engine::Stub => Ok(unsafe { call(self.target, self.frame, bank) }),
            #[cfg(feature = "libffi")]
            Engine::Libffi(ref interface) => {
                let _ = bank;
                let mut words = [0_u64; 2];
                // SAFETY: as the caller says; a result of a bank has at most 16 bytes.
                unsafe { self.flat(interface, words.as_mut_ptr().cast()) }?;
                Ok(words)
            }
        }
    }

    /// Calls, and stores one or two numbers of the x87, each in 16 bytes.
    ///
    /// # Safety
    ///
    /// As [`words`](Self::words), and the function returns as many numbers, for which there is room.
    pub(crate) unsafe fn x87(&self, numbers: usize, out: *mut u8) -> Result<()> {
        match *self.engine {
            #[cfg(all(target_arch = "x86_64", unix))]
            Engine::Stub => {
                // SAFETY: as the caller says.
                unsafe { crate::stub::call_x87(self.target, self.frame, numbers, out) };
                Ok(())
            }
            #[cfg(feature = "libffi")]
            Engine::Libffi(ref interface) => {
                let _ = numbers;
                // SAFETY: as the caller says.
                unsafe { self.flat(interface, out) }
            }
        }
    }

    /// Calls a function that stores its result where it is told.
    ///
    /// # Safety
    ///
    /// As [`words`](Self::words), and there is room for the result.
    pub(crate) unsafe fn memory(&self, out: *mut u8) -> Result<()> {
        match *self.engine {
            #[cfg(all(target_arch = "x86_64", unix))]
            Engine::Stub => {
                // SAFETY: the first register's word is there, and no argument's.
                unsafe { self.frame.words.write(out.expose_provenance() as u64) };
                // SAFETY: as the caller says.
                unsafe { self.words(Bank::Integers) }.map(drop)
            }
            #[cfg(feature = "libffi")]
            // SAFETY: as the caller says.
            Engine::Libffi(ref interface) => unsafe { self.flat(interface, out) },
        }
    }

    /// # Safety
    ///
    /// As [`memory`](Self::memory), and the room is of 8 bytes at least.
    #[cfg(feature = "libffi")]
    unsafe fn flat(&self, interface: &crate::libffi::Interface, out: *mut u8) -> Result<()> {
        // SAFETY: as the caller says.
        unsafe { interface.call(self.target, self.frame.words, self.parameters, out) }
    }
}
