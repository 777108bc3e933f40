//! Machines, as far as declarations depend on them.

use crate::types::{Float, Integer};

/// A machine and its calling convention. All that C leaves open is as GCC has it there, on Linux.
///
/// # Examples
///
/// ```
/// use tenfold_cdecl::{Options, Target};
///
/// let text = "enum { NEGATIVE = '\\377' < 0 };";
/// let value = |target| {
///     let unit = Options::new().target(target).parse(text).unwrap();
///     unit.constant("NEGATIVE").unwrap().value()
/// };
/// assert_eq!(value(Target::X86_64), Some(1));
/// assert_eq!(value(Target::Aarch64), Some(0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// x86-64 with the System V ABI.
    X86_64,
    /// aarch64 with AAPCS64.
    Aarch64,
}

impl Target {
    /// The machine that this was compiled for; x86-64 where that is neither of the two.
    #[must_use]
    pub const fn host() -> Self {
        if cfg!(target_arch = "aarch64") { Self::Aarch64 } else { Self::X86_64 }
    }

    /// Whether `char` has a sign.
    #[must_use]
    pub const fn has_signed_char(self) -> bool {
        matches!(self, Self::X86_64)
    }

    /// The largest alignment that a basic type has, in bytes: that of `max_align_t`, and what
    /// `__attribute__((aligned))` means without a number.
    #[must_use]
    pub const fn max_align(self) -> u64 {
        16
    }

    /// The type of wide characters.
    #[must_use]
    pub const fn wide(self) -> Integer {
        match self {
            Self::X86_64 => Integer::Int,
            Self::Aarch64 => Integer::UnsignedInt,
        }
    }

    /// Size and alignment of `va_list`, in bytes: an array of one structure, or a structure.
    pub(crate) const fn va_list(self) -> (u64, u64) {
        match self {
            Self::X86_64 => (24, 8),
            Self::Aarch64 => (32, 8),
        }
    }

    /// Whether bit-fields without a name count for the alignment of their structure.
    pub(crate) const fn aligns_unnamed(self) -> bool {
        matches!(self, Self::Aarch64)
    }

    /// Whether the type has a sign here.
    #[must_use]
    pub const fn is_signed(self, integer: Integer) -> bool {
        match integer {
            Integer::Char => self.has_signed_char(),
            _ => integer.is_signed(),
        }
    }

    /// Whether the type exists here.
    pub(crate) const fn has_float(self, float: Float) -> bool {
        !matches!((self, float), (Self::Aarch64, Float::Float80))
    }
}
