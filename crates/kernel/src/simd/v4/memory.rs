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

/// The lanes of two registers, one place towards the first.
#[inline(always)]
fn left_epi64([a, b]: [__m512i; 2]) -> [__m512i; 2] {
    safe!([_mm512_alignr_epi64::<1>(b, a), _mm512_alignr_epi64::<1>(a, b)])
}

/// The lanes of two registers, one place towards the last.
#[inline(always)]
fn right_epi64([a, b]: [__m512i; 2]) -> [__m512i; 2] {
    safe!([_mm512_alignr_epi64::<7>(a, b), _mm512_alignr_epi64::<7>(b, a)])
}

#[inline(always)]
fn left_pd([a, b]: [__m512d; 2]) -> [__m512d; 2] {
    let [a, b] = left_epi64(safe!([_mm512_castpd_si512(a), _mm512_castpd_si512(b)]));
    safe!([_mm512_castsi512_pd(a), _mm512_castsi512_pd(b)])
}

#[inline(always)]
fn right_pd([a, b]: [__m512d; 2]) -> [__m512d; 2] {
    let [a, b] = right_epi64(safe!([_mm512_castpd_si512(a), _mm512_castpd_si512(b)]));
    safe!([_mm512_castsi512_pd(a), _mm512_castsi512_pd(b)])
}

#[inline(always)]
fn left_epi32(a: __m512i) -> __m512i {
    safe!(_mm512_alignr_epi32::<1>(a, a))
}

#[inline(always)]
fn right_epi32(a: __m512i) -> __m512i {
    safe!(_mm512_alignr_epi32::<15>(a, a))
}

#[inline(always)]
fn left_ps(a: __m512) -> __m512 {
    safe!(_mm512_castsi512_ps(left_epi32(_mm512_castps_si512(a))))
}

#[inline(always)]
fn right_ps(a: __m512) -> __m512 {
    safe!(_mm512_castsi512_ps(right_epi32(_mm512_castps_si512(a))))
}

/// Memory of 64-bit numbers.
macro_rules! wide_memory {
    ($($Name:ident $E:ident $set1:ident $load:ident $store:ident $maskload:ident $maskstore:ident
        $stream:ident $blend:ident $left:ident $right:ident $P:ty;)*) => {$(
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
            #[inline(always)]
            fn rotate_left(self, _: V4) -> Self {
                Self(self.0, $left(self.1))
            }
            #[inline(always)]
            fn rotate_right(self, _: V4) -> Self {
                Self(self.0, $right(self.1))
            }
        }
    )*};
}
wide_memory! {
    F64 f64 _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd _mm512_mask_loadu_pd
        _mm512_mask_storeu_pd _mm512_stream_pd _mm512_mask_blend_pd left_pd right_pd f64;
    I64 i64 _mm512_set1_epi64 _mm512_loadu_epi64 _mm512_storeu_epi64 _mm512_mask_loadu_epi64
        _mm512_mask_storeu_epi64 _mm512_stream_si512 _mm512_mask_blend_epi64 left_epi64 right_epi64 i64;
    U64 u64 _mm512_set1_epi64 _mm512_loadu_epi64 _mm512_storeu_epi64 _mm512_mask_loadu_epi64
        _mm512_mask_storeu_epi64 _mm512_stream_si512 _mm512_mask_blend_epi64 left_epi64 right_epi64 i64;
}

/// Memory of 32-bit numbers.
macro_rules! narrow_memory {
    ($($Name:ident $E:ident $set1:ident $load:ident $store:ident $maskload:ident $maskstore:ident
        $stream:ident $blend:ident $left:ident $right:ident $P:ty;)*) => {$(
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
            #[inline(always)]
            fn rotate_left(self, _: V4) -> Self {
                Self(self.0, $left(self.1))
            }
            #[inline(always)]
            fn rotate_right(self, _: V4) -> Self {
                Self(self.0, $right(self.1))
            }
        }
    )*};
}
narrow_memory! {
    F32 f32 _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_mask_loadu_ps
        _mm512_mask_storeu_ps _mm512_stream_ps _mm512_mask_blend_ps left_ps right_ps f32;
    I32 i32 _mm512_set1_epi32 _mm512_loadu_epi32 _mm512_storeu_epi32 _mm512_mask_loadu_epi32
        _mm512_mask_storeu_epi32 _mm512_stream_si512 _mm512_mask_blend_epi32 left_epi32 right_epi32 i32;
    U32 u32 _mm512_set1_epi32 _mm512_loadu_epi32 _mm512_storeu_epi32 _mm512_mask_loadu_epi32
        _mm512_mask_storeu_epi32 _mm512_stream_si512 _mm512_mask_blend_epi32 left_epi32 right_epi32 i32;
}
