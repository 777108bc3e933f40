//! How a call is carried out: instructions, threads, stores.

use std::fmt;

use crate::isa::{self, Isa};

/// Bytes that a thread gets at least: below, handing out the work costs more than it saves.
pub(crate) const GRAIN: usize = 64 << 10;
/// Parts for each thread, so that threads which are late leave some to the others.
const PARTS: usize = 8;
/// Outputs of so many bytes do not stay in a cache: reading their lines before writing them would
/// be traffic for nothing.
const STREAM: usize = 32 << 20;

/// Which stores an elementwise kernel uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stores {
    /// Past the caches for outputs of more than 32 MiB.
    Auto,
    /// Always past the caches.
    Stream,
}

/// How a kernel is called.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// Over the threads of rayon's pool.
    pub par: bool,
    /// Which stores.
    pub stores: Stores,
    /// Whether the outputs were just read, so that their lines are in the caches anyway.
    pub in_place: bool,
    /// Instructions that the kernel allows; none: all.
    pub targets: &'static [Isa],
}

impl Call {
    /// On one thread.
    pub const ONE: Call = Call { par: false, stores: Stores::Auto, in_place: false, targets: &[] };

    pub(crate) fn isa(&self) -> Isa {
        isa::chosen(self.targets)
    }

    /// Whether outputs of so many bytes are written past the caches.
    pub(crate) fn streams(&self, bytes: usize) -> bool {
        self.stores == Stores::Stream || (bytes >= STREAM && !self.in_place)
    }

    /// Into how many parts work of so many bytes is split.
    pub(crate) fn parts(&self, bytes: usize) -> usize {
        if !self.par || bytes < 2 * GRAIN {
            return 1;
        }
        match rayon::current_num_threads() {
            0 | 1 => 1,
            threads => (bytes / GRAIN).min(threads * PARTS),
        }
    }
}

/// What a call of a kernel would use; its `Display` is for people.
///
/// ```
/// use tenfold_kernel::{Stores, kernel};
///
/// #[kernel(stores = stream)]
/// fn double(x: f64) -> f64 {
///     2.0 * x
/// }
///
/// let explain = double::explain();
/// assert_eq!(explain.stores, Some(Stores::Stream));
/// println!("{explain}");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explain {
    /// The kernel.
    pub kernel: &'static str,
    /// The instructions.
    pub isa: Isa,
    /// Elements that go together; 1 for a kernel on slices, which runs as it is written.
    pub lanes: usize,
    /// Threads of rayon's pool that `par()` would share the work with; 1 for a kernel without it.
    pub threads: usize,
    /// Bytes that a thread gets at least.
    pub grain: usize,
    /// The stores; none for a kernel that writes its outputs itself.
    pub stores: Option<Stores>,
}

/// What a call of this kernel uses.
#[must_use]
pub fn explain(kernel: &'static str, call: &Call) -> Explain {
    let (isa, threads) = (call.isa(), rayon::current_num_threads());
    let stores = Some(call.stores);
    Explain { kernel, isa, lanes: isa.lanes(), threads, grain: GRAIN, stores }
}

/// The same of a kernel for vectors and matrices.
#[must_use]
pub fn explain_cores(kernel: &'static str, call: &Call) -> Explain {
    Explain { lanes: 1, stores: None, ..explain(kernel, call) }
}

/// The same of a loop on slices.
#[must_use]
pub fn explain_loop(kernel: &'static str, call: &Call) -> Explain {
    Explain { threads: 1, ..explain_cores(kernel, call) }
}

impl fmt::Display for Explain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kernel, isa, lanes, threads, grain, stores } = self;
        match lanes {
            1 => write!(f, "{kernel}: {isa}, as it is written")?,
            _ => write!(f, "{kernel}: {isa}, {lanes} lanes at a time")?,
        }
        match threads {
            0 | 1 => write!(f, "; one thread")?,
            _ => write!(f, "; par() on up to {threads} threads, {} KiB each or more", grain >> 10)?,
        }
        match stores {
            None => Ok(()),
            Some(Stores::Stream) => write!(f, "; stores past the caches"),
            Some(Stores::Auto) => {
                write!(f, "; stores past the caches from {} MiB on", STREAM >> 20)
            }
        }
    }
}
