//! Which instructions the machine has, and which a call uses.

use std::cell::Cell;
use std::fmt;
use std::sync::OnceLock;

use crate::simd::{Body, Portable, Simd};
#[cfg(target_arch = "x86_64")]
use crate::simd::{V3, V4};

/// An instruction set that kernels are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Isa {
    /// What the architecture promises: SSE2 on x86-64, NEON on aarch64.
    Baseline,
    /// x86-64-v3: AVX2, FMA.
    V3,
    /// x86-64-v4: AVX-512 F, BW, CD, DQ, VL.
    V4,
}

impl Isa {
    /// All, the widest first.
    pub const ALL: [Isa; 3] = [Isa::V4, Isa::V3, Isa::Baseline];

    /// The widest that this machine has. The variable `TENFOLD_ISA` (`baseline`, `v3`, `v4`) lowers
    /// it for the whole process.
    #[must_use]
    pub fn detect() -> Isa {
        static BEST: OnceLock<Isa> = OnceLock::new();
        *BEST.get_or_init(|| {
            let limit = std::env::var("TENFOLD_ISA").ok();
            let limit = Isa::ALL.into_iter().find(|isa| Some(isa.name()) == limit.as_deref());
            let found = Isa::ALL.into_iter().find(|isa| isa.is_available());
            found.unwrap_or(Isa::Baseline).min(limit.unwrap_or(Isa::V4))
        })
    }

    /// Whether this machine has it.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Isa::Baseline => true,
            #[cfg(target_arch = "x86_64")]
            Isa::V3 => V3::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Isa::V4 => V4::detect().is_some(),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// `baseline`, `v3`, `v4`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Isa::Baseline => "baseline",
            Isa::V3 => "v3",
            Isa::V4 => "v4",
        }
    }

    /// Elements of f64 that are computed at a time.
    #[must_use]
    pub const fn lanes(self) -> usize {
        match self {
            Isa::Baseline => 4,
            Isa::V3 => 8,
            Isa::V4 => 16,
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

thread_local! {
    static LIMIT: Cell<Isa> = const { Cell::new(Isa::V4) };
}

/// Calls `f`; the kernels that it calls on this thread use no wider instructions than `isa`, on
/// however many threads they run.
///
/// For tests and for comparing variants.
pub fn with_isa<R>(isa: Isa, f: impl FnOnce() -> R) -> R {
    struct Restore(Isa);
    impl Drop for Restore {
        fn drop(&mut self) {
            LIMIT.set(self.0);
        }
    }
    let _restore = Restore(LIMIT.replace(isa));
    f()
}

/// What a call on this thread uses; `targets` are those that the kernel allows (none: all).
pub(crate) fn chosen(targets: &[Isa]) -> Isa {
    let best = Isa::detect().min(LIMIT.get());
    if targets.is_empty() {
        return best;
    }
    let allowed = Isa::ALL.into_iter().find(|isa| *isa <= best && targets.contains(isa));
    allowed.unwrap_or(Isa::Baseline)
}

/// Runs `body` with the instructions of `isa`, or the baseline's where it is missing.
#[inline]
pub(crate) fn call<B: Body>(isa: Isa, body: B) -> B::Output {
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::V4 => match V4::detect() {
            Some(v4) => v4.call(body),
            None => Portable::<4>.call(body),
        },
        #[cfg(target_arch = "x86_64")]
        Isa::V3 => match V3::detect() {
            Some(v3) => v3.call(body),
            None => Portable::<4>.call(body),
        },
        _ => Portable::<4>.call(body),
    }
}

/// Code without vector instructions of its own, of which the compiler makes some where it may.
///
/// `run`, and what it calls for each element, must be `#[inline(always)]`: what stays out of line is compiled for the
/// baseline.
pub trait Loop {
    /// What it returns.
    type Output;
    /// Does the work.
    fn run(self) -> Self::Output;
}

/// Runs a loop that is compiled for each instruction set, with the widest that kernels on this thread may use. The bits
/// are the same with all of them: Rust's operations are never taken together.
///
/// ```
/// use tenfold_kernel::{Loop, vectorized};
///
/// struct Squares<'a>(&'a mut [f64]);
///
/// impl Loop for Squares<'_> {
///     type Output = ();
///     #[inline(always)]
///     fn run(self) {
///         self.0.iter_mut().for_each(|x| *x *= *x);
///     }
/// }
///
/// let mut x = [1.0, 2.0, 3.0];
/// vectorized(Squares(&mut x));
/// assert_eq!(x, [1.0, 4.0, 9.0]);
/// ```
#[inline]
pub fn vectorized<L: Loop>(work: L) -> L::Output {
    struct Work<L>(L);
    impl<L: Loop> Body for Work<L> {
        type Output = L::Output;
        #[inline(always)]
        fn run<S: Simd>(self, _: S) -> L::Output {
            self.0.run()
        }
    }
    call(chosen(&[]), Work(work))
}
