//! Numbers of C that Rust has no type for.

/// C's `long double` where it has 16 bytes: something to pass on, not to calculate with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C, align(16))]
pub struct LongDouble(pub [u8; 16]);

/// C's `_Float128`: something to pass on, not to calculate with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C, align(16))]
pub struct Float128(pub [u8; 16]);
