//! To and from memory, and selection.

use std::arch::x86_64::*;

use super::super::Reg;
use super::mask::{divide, join};
use super::{F32, F64, I32, I64, Mask, U32, U64, V4};

/// The first `n` lanes.
#[inline(always)]
fn first(n: usize) -> __mmask16 {
    ((1_u32 << n) - 1) as __mmask16
}

/// Memory of 64-bit numbers.
macro_rules! wide_memory {
    ($($Name:ident $E:ident $set1:ident $load:ident $store:ident $maskload:ident $maskstore:ident
        $stream:ident $blend:ident $P:ty;)*) => {$(
        impl Reg<V4, $E> for $Name {
            type Array = [$E; 16];
            #[inline(always)]
            fn splat(s: V4, e: $E) -> Self {
                #[allow(clippy::cast_possible_wrap, clippy::allow_attributes, reason = "bits")]
                let e = e as $P;
                let half = safe!($set1(e));
                Self(s, [half; 2])
            }
            #[inline(always)]
            fn from_array(s: V4, array: [$E; 16]) -> Self {
                // SAFETY: `array` has 16.
                unsafe { Self::load(s, array.as_ptr()) }
            }
            #[inline(always)]
            fn to_array(self) -> [$E; 16] {
                let mut array = [0 as $E; 16];
                // SAFETY: `array` has 16.
                unsafe { self.store(array.as_mut_ptr()) };
                array
            }
            #[inline(always)]
            unsafe fn load(s: V4, from: *const $E) -> Self {
                // SAFETY: the caller promises 16 readable elements.
                Self(s, safe!([$load(from.cast()), $load(from.add(8).cast())]))
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $E) {
                // SAFETY: the caller promises 16 writable elements.
                safe!({
                    $store(to.cast(), self.1[0]);
                    $store(to.add(8).cast(), self.1[1]);
                });
            }
            #[inline(always)]
            unsafe fn load_some(s: V4, from: *const $E, n: usize, fill: Self) -> Self {
                let mask = divide(first(n));
                // SAFETY: only the first n elements are touched.
                Self(s, safe!([
                    $maskload(fill.1[0], mask[0], from.cast()),
                    $maskload(fill.1[1], mask[1], from.wrapping_add(8).cast())
                ]))
            }
            #[inline(always)]
            unsafe fn store_some(self, to: *mut $E, n: usize) {
                let mask = divide(first(n));
                // SAFETY: only the first n elements are touched.
                safe!({
                    $maskstore(to.cast(), mask[0], self.1[0]);
                    $maskstore(to.wrapping_add(8).cast(), mask[1], self.1[1]);
                });
            }
            #[inline(always)]
            unsafe fn stream(self, to: *mut $E) {
                // SAFETY: the caller promises 16 writable elements, aligned to 64 bytes.
                safe!({
                    $stream(to.cast(), self.1[0]);
                    $stream(to.add(8).cast(), self.1[1]);
                });
            }
            #[inline(always)]
            fn select(mask: Mask, a: Self, b: Self) -> Self {
                Self(a.0, safe!([
                    $blend(mask.1[0], b.1[0], a.1[0]),
                    $blend(mask.1[1], b.1[1], a.1[1])
                ]))
            }
        }
    )*};
}
wide_memory! {
    F64 f64 _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd _mm512_mask_loadu_pd
        _mm512_mask_storeu_pd _mm512_stream_pd _mm512_mask_blend_pd f64;
    I64 i64 _mm512_set1_epi64 _mm512_loadu_epi64 _mm512_storeu_epi64 _mm512_mask_loadu_epi64
        _mm512_mask_storeu_epi64 _mm512_stream_si512 _mm512_mask_blend_epi64 i64;
    U64 u64 _mm512_set1_epi64 _mm512_loadu_epi64 _mm512_storeu_epi64 _mm512_mask_loadu_epi64
        _mm512_mask_storeu_epi64 _mm512_stream_si512 _mm512_mask_blend_epi64 i64;
}

/// Memory of 32-bit numbers.
macro_rules! narrow_memory {
    ($($Name:ident $E:ident $set1:ident $load:ident $store:ident $maskload:ident $maskstore:ident
        $stream:ident $blend:ident $P:ty;)*) => {$(
        impl Reg<V4, $E> for $Name {
            type Array = [$E; 16];
            #[inline(always)]
            fn splat(s: V4, e: $E) -> Self {
                #[allow(clippy::cast_possible_wrap, clippy::allow_attributes, reason = "bits")]
                let e = e as $P;
                Self(s, safe!($set1(e)))
            }
            #[inline(always)]
            fn from_array(s: V4, array: [$E; 16]) -> Self {
                // SAFETY: `array` has 16.
                unsafe { Self::load(s, array.as_ptr()) }
            }
            #[inline(always)]
            fn to_array(self) -> [$E; 16] {
                let mut array = [0 as $E; 16];
                // SAFETY: `array` has 16.
                unsafe { self.store(array.as_mut_ptr()) };
                array
            }
            #[inline(always)]
            unsafe fn load(s: V4, from: *const $E) -> Self {
                // SAFETY: the caller promises 16 readable elements.
                Self(s, safe!($load(from.cast())))
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $E) {
                // SAFETY: the caller promises 16 writable elements.
                safe!($store(to.cast(), self.1));
            }
            #[inline(always)]
            unsafe fn load_some(s: V4, from: *const $E, n: usize, fill: Self) -> Self {
                // SAFETY: only the first n elements are touched.
                Self(s, safe!($maskload(fill.1, first(n), from.cast())))
            }
            #[inline(always)]
            unsafe fn store_some(self, to: *mut $E, n: usize) {
                // SAFETY: only the first n elements are touched.
                safe!($maskstore(to.cast(), first(n), self.1));
            }
            #[inline(always)]
            unsafe fn stream(self, to: *mut $E) {
                // SAFETY: the caller promises 16 writable elements, aligned to 64 bytes.
                safe!($stream(to.cast(), self.1));
            }
            #[inline(always)]
            fn select(mask: Mask, a: Self, b: Self) -> Self {
                Self(a.0, safe!($blend(join(mask.1), b.1, a.1)))
            }
        }
    )*};
}
narrow_memory! {
    F32 f32 _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_mask_loadu_ps
        _mm512_mask_storeu_ps _mm512_stream_ps _mm512_mask_blend_ps f32;
    I32 i32 _mm512_set1_epi32 _mm512_loadu_epi32 _mm512_storeu_epi32 _mm512_mask_loadu_epi32
        _mm512_mask_storeu_epi32 _mm512_stream_si512 _mm512_mask_blend_epi32 i32;
    U32 u32 _mm512_set1_epi32 _mm512_loadu_epi32 _mm512_storeu_epi32 _mm512_mask_loadu_epi32
        _mm512_mask_storeu_epi32 _mm512_stream_si512 _mm512_mask_blend_epi32 i32;
}
