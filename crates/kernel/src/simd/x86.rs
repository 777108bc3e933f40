//! What both wide variants of x86-64 share: which of them the machine has, and how an instruction
//! is applied to a group.

use std::sync::atomic::{AtomicU8, Ordering};

/// The machine has neither.
const NEITHER: u8 = 1;
/// The machine has the instructions of V3.
pub(super) const HAS_V3: u8 = 2;
/// The machine has the instructions of V4, and those of V3.
pub(super) const HAS_V4: u8 = 3;

/// The highest level that the machine has. Looked up once.
#[inline]
pub(super) fn level() -> u8 {
    /// 0 until looked up.
    static LEVEL: AtomicU8 = AtomicU8::new(0);
    match LEVEL.load(Ordering::Relaxed) {
        0 => {
            let level = look_up();
            LEVEL.store(level, Ordering::Relaxed);
            level
        }
        level => level,
    }
}

/// Whether the machine has all these instructions.
macro_rules! has {
    ($($feature:tt)*) => { true $(&& std::arch::is_x86_feature_detected!($feature))* };
}

#[cold]
#[inline(never)]
fn look_up() -> u8 {
    // Every feature that `call` of the variants enables.
    if !has!("avx2" "fma" "bmi1" "bmi2" "lzcnt" "popcnt" "movbe" "f16c") {
        return NEITHER;
    }
    if !has!("avx512f" "avx512bw" "avx512cd" "avx512dq" "avx512vl") {
        return HAS_V3;
    }
    HAS_V4
}

/// Instructions on values whose tokens exist.
macro_rules! safe {
    ($e:expr) => {{
        #[expect(clippy::allow_attributes, reason = "some expansions hold several instructions")]
        #[allow(clippy::multiple_unsafe_ops_per_block, reason = "all under the same promise")]
        // SAFETY: registers are made from tokens alone, and a token exists only where `detect` has
        // found the instructions.
        let result = unsafe { $e };
        result
    }};
}

/// An instruction on both registers of a group.
macro_rules! op {
    ($name:ident; $($arg:expr),*) => {
        safe!([$name($($arg.1[0]),*), $name($($arg.1[1]),*)])
    };
    ($name:ident::<$imm:ident>; $($arg:expr),*) => {
        safe!([$name::<{ $imm }>($($arg.1[0]),*), $name::<{ $imm }>($($arg.1[1]),*)])
    };
}

/// An instruction on the only register of a group.
macro_rules! single {
    ($name:ident; $($arg:expr),*) => { safe!($name($($arg.1),*)) };
}

/// A shift by the same count.
macro_rules! count {
    (op $name:ident; $a:expr, $by:expr) => {
        safe!([$name($a.1[0], $by), $name($a.1[1], $by)])
    };
    (single $name:ident; $a:expr, $by:expr) => {
        safe!($name($a.1, $by))
    };
}

/// A rounding, the way of which is a part of the instruction.
macro_rules! round {
    (op $name:ident $how:literal; $a:expr) => {
        safe!([$name::<$how>($a.1[0]), $name::<$how>($a.1[1])])
    };
    (single $name:ident $how:literal; $a:expr) => {
        safe!($name::<$how>($a.1))
    };
}

/// Operations without an instruction, lane by lane.
macro_rules! lanewise {
    ($One:ident; $($name:ident($b:ident);)*) => {$(
        #[inline(always)]
        fn $name(self, $b: Self) -> Self {
            let (a, b) = (self.to_array(), $b.to_array());
            let mut out = a;
            let mut i = 0;
            while i < out.len() {
                out[i] = $One::$name(a[i], b[i]);
                i += 1;
            }
            Self::from_array(self.0, out)
        }
    )*};
}
