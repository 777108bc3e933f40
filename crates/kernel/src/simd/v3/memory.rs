//! To and from memory, and selection.

use std::arch::x86_64::*;

use super::super::Reg;
use super::mask::narrow;
use super::{F32, F64, I32, I64, Mask, U32, U64, V3};

/// The first `n` lanes of 64 bits.
#[inline(always)]
fn first_wide(n: usize) -> [__m256i; 2] {
    safe!({
        let n = _mm256_set1_epi64x(n as i64);
        [
            _mm256_cmpgt_epi64(n, _mm256_setr_epi64x(0, 1, 2, 3)),
            _mm256_cmpgt_epi64(n, _mm256_setr_epi64x(4, 5, 6, 7)),
        ]
    })
}

/// The first `n` lanes of 32 bits.
#[inline(always)]
fn first_narrow(n: usize) -> __m256i {
    safe!(_mm256_cmpgt_epi32(
        _mm256_set1_epi32(n as i32),
        _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)
    ))
}

#[inline(always)]
unsafe fn blend_pd(mask: __m256i, a: __m256d, b: __m256d) -> __m256d {
    safe!(_mm256_blendv_pd(b, a, _mm256_castsi256_pd(mask)))
}

#[inline(always)]
unsafe fn blend_ps(mask: __m256i, a: __m256, b: __m256) -> __m256 {
    safe!(_mm256_blendv_ps(b, a, _mm256_castsi256_ps(mask)))
}

#[inline(always)]
unsafe fn blend_epi64(mask: __m256i, a: __m256i, b: __m256i) -> __m256i {
    safe!(_mm256_castpd_si256(blend_pd(mask, _mm256_castsi256_pd(a), _mm256_castsi256_pd(b))))
}

#[inline(always)]
unsafe fn blend_epi32(mask: __m256i, a: __m256i, b: __m256i) -> __m256i {
    safe!(_mm256_castps_si256(blend_ps(mask, _mm256_castsi256_ps(a), _mm256_castsi256_ps(b))))
}

/// Two registers as one turned by half a register: the upper half of each, and the lower of the other.
#[inline(always)]
fn between([a, b]: [__m256d; 2]) -> [__m256d; 2] {
    safe!([_mm256_permute2f128_pd::<0x21>(a, b), _mm256_permute2f128_pd::<0x21>(b, a)])
}

/// The lanes of two registers, one place towards the first.
#[inline(always)]
fn left_pd([a, b]: [__m256d; 2]) -> [__m256d; 2] {
    let [ab, ba] = between([a, b]);
    safe!([_mm256_shuffle_pd::<0b0101>(a, ab), _mm256_shuffle_pd::<0b0101>(b, ba)])
}

/// The lanes of two registers, one place towards the last.
#[inline(always)]
fn right_pd([a, b]: [__m256d; 2]) -> [__m256d; 2] {
    let [ab, ba] = between([a, b]);
    safe!([_mm256_shuffle_pd::<0b0101>(ba, a), _mm256_shuffle_pd::<0b0101>(ab, b)])
}

#[inline(always)]
fn left_epi64([a, b]: [__m256i; 2]) -> [__m256i; 2] {
    let [a, b] = left_pd(safe!([_mm256_castsi256_pd(a), _mm256_castsi256_pd(b)]));
    safe!([_mm256_castpd_si256(a), _mm256_castpd_si256(b)])
}

#[inline(always)]
fn right_epi64([a, b]: [__m256i; 2]) -> [__m256i; 2] {
    let [a, b] = right_pd(safe!([_mm256_castsi256_pd(a), _mm256_castsi256_pd(b)]));
    safe!([_mm256_castpd_si256(a), _mm256_castpd_si256(b)])
}

#[inline(always)]
fn left_epi32(a: __m256i) -> __m256i {
    safe!(_mm256_permutevar8x32_epi32(a, _mm256_setr_epi32(1, 2, 3, 4, 5, 6, 7, 0)))
}

#[inline(always)]
fn right_epi32(a: __m256i) -> __m256i {
    safe!(_mm256_permutevar8x32_epi32(a, _mm256_setr_epi32(7, 0, 1, 2, 3, 4, 5, 6)))
}

#[inline(always)]
fn left_ps(a: __m256) -> __m256 {
    safe!(_mm256_castsi256_ps(left_epi32(_mm256_castps_si256(a))))
}

#[inline(always)]
fn right_ps(a: __m256) -> __m256 {
    safe!(_mm256_castsi256_ps(right_epi32(_mm256_castps_si256(a))))
}

/// Memory of 64-bit numbers.
macro_rules! wide_memory {
    ($($Name:ident $E:ident $set1:ident $load:ident $store:ident $maskload:ident $maskstore:ident
        $stream:ident $blend:ident $left:ident $right:ident $P:ty;)*) => {$(
        impl Reg<V3, $E> for $Name {
            type Array = [$E; 8];
            #[inline(always)]
            fn splat(s: V3, e: $E) -> Self {
                #[allow(clippy::cast_possible_wrap, clippy::allow_attributes, reason = "bits")]
                let e = e as $P;
                let half = safe!($set1(e));
                Self(s, [half; 2])
            }
            #[inline(always)]
            fn from_array(s: V3, array: [$E; 8]) -> Self {
                // SAFETY: `array` has 8.
                unsafe { Self::load(s, array.as_ptr()) }
            }
            #[inline(always)]
            fn to_array(self) -> [$E; 8] {
                let mut array = [0 as $E; 8];
                // SAFETY: `array` has 8.
                unsafe { self.store(array.as_mut_ptr()) };
                array
            }
            #[inline(always)]
            unsafe fn load(s: V3, from: *const $E) -> Self {
                // SAFETY: the caller promises 8 readable elements.
                Self(s, safe!([$load(from.cast()), $load(from.add(4).cast())]))
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $E) {
                // SAFETY: the caller promises 8 writable elements.
                safe!({
                    $store(to.cast(), self.1[0]);
                    $store(to.add(4).cast(), self.1[1]);
                });
            }
            #[inline(always)]
            unsafe fn load_some(s: V3, from: *const $E, n: usize, fill: Self) -> Self {
                let mask = first_wide(n);
                // SAFETY: only the first n elements are touched.
                let read = Self(s, safe!([
                    $maskload(from.cast(), mask[0]),
                    $maskload(from.wrapping_add(4).cast(), mask[1])
                ]));
                Self::select(Mask(s, mask), read, fill)
            }
            #[inline(always)]
            unsafe fn store_some(self, to: *mut $E, n: usize) {
                let mask = first_wide(n);
                // SAFETY: only the first n elements are touched.
                safe!({
                    $maskstore(to.cast(), mask[0], self.1[0]);
                    $maskstore(to.wrapping_add(4).cast(), mask[1], self.1[1]);
                });
            }
            #[inline(always)]
            unsafe fn stream(self, to: *mut $E) {
                // SAFETY: the caller promises 8 writable elements, aligned to 64 bytes.
                safe!({
                    $stream(to.cast(), self.1[0]);
                    $stream(to.add(4).cast(), self.1[1]);
                });
            }
            #[inline(always)]
            fn select(mask: Mask, a: Self, b: Self) -> Self {
                Self(a.0, op!($blend; mask, a, b))
            }
            #[inline(always)]
            fn rotate_left(self, _: V3) -> Self {
                Self(self.0, $left(self.1))
            }
            #[inline(always)]
            fn rotate_right(self, _: V3) -> Self {
                Self(self.0, $right(self.1))
            }
        }
    )*};
}
wide_memory! {
    F64 f64 _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_maskload_pd
        _mm256_maskstore_pd _mm256_stream_pd blend_pd left_pd right_pd f64;
    I64 i64 _mm256_set1_epi64x _mm256_loadu_si256 _mm256_storeu_si256 _mm256_maskload_epi64
        _mm256_maskstore_epi64 _mm256_stream_si256 blend_epi64 left_epi64 right_epi64 i64;
    U64 u64 _mm256_set1_epi64x _mm256_loadu_si256 _mm256_storeu_si256 _mm256_maskload_epi64
        _mm256_maskstore_epi64 _mm256_stream_si256 blend_epi64 left_epi64 right_epi64 i64;
}

/// Memory of 32-bit numbers.
macro_rules! narrow_memory {
    ($($Name:ident $E:ident $set1:ident $load:ident $store:ident $maskload:ident $maskstore:ident
        $stream:ident $blend:ident $left:ident $right:ident $P:ty;)*) => {$(
        impl Reg<V3, $E> for $Name {
            type Array = [$E; 8];
            #[inline(always)]
            fn splat(s: V3, e: $E) -> Self {
                #[allow(clippy::cast_possible_wrap, clippy::allow_attributes, reason = "bits")]
                let e = e as $P;
                Self(s, safe!($set1(e)))
            }
            #[inline(always)]
            fn from_array(s: V3, array: [$E; 8]) -> Self {
                // SAFETY: `array` has 8.
                unsafe { Self::load(s, array.as_ptr()) }
            }
            #[inline(always)]
            fn to_array(self) -> [$E; 8] {
                let mut array = [0 as $E; 8];
                // SAFETY: `array` has 8.
                unsafe { self.store(array.as_mut_ptr()) };
                array
            }
            #[inline(always)]
            unsafe fn load(s: V3, from: *const $E) -> Self {
                // SAFETY: the caller promises 8 readable elements.
                Self(s, safe!($load(from.cast())))
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $E) {
                // SAFETY: the caller promises 8 writable elements.
                safe!($store(to.cast(), self.1));
            }
            #[inline(always)]
            unsafe fn load_some(s: V3, from: *const $E, n: usize, fill: Self) -> Self {
                let mask = first_narrow(n);
                // SAFETY: only the first n elements are touched.
                let read = safe!($maskload(from.cast(), mask));
                Self(s, safe!($blend(mask, read, fill.1)))
            }
            #[inline(always)]
            unsafe fn store_some(self, to: *mut $E, n: usize) {
                // SAFETY: only the first n elements are touched.
                safe!($maskstore(to.cast(), first_narrow(n), self.1));
            }
            #[inline(always)]
            unsafe fn stream(self, to: *mut $E) {
                // SAFETY: the caller promises 8 writable elements, aligned to 64 bytes.
                safe!($stream(to.cast(), self.1));
            }
            #[inline(always)]
            fn select(mask: Mask, a: Self, b: Self) -> Self {
                Self(a.0, safe!($blend(narrow(mask), a.1, b.1)))
            }
            #[inline(always)]
            fn rotate_left(self, _: V3) -> Self {
                Self(self.0, $left(self.1))
            }
            #[inline(always)]
            fn rotate_right(self, _: V3) -> Self {
                Self(self.0, $right(self.1))
            }
        }
    )*};
}
narrow_memory! {
    F32 f32 _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_maskload_ps
        _mm256_maskstore_ps _mm256_stream_ps blend_ps left_ps right_ps f32;
    I32 i32 _mm256_set1_epi32 _mm256_loadu_si256 _mm256_storeu_si256 _mm256_maskload_epi32
        _mm256_maskstore_epi32 _mm256_stream_si256 blend_epi32 left_epi32 right_epi32 i32;
    U32 u32 _mm256_set1_epi32 _mm256_loadu_si256 _mm256_storeu_si256 _mm256_maskload_epi32
        _mm256_maskstore_epi32 _mm256_stream_si256 blend_epi32 left_epi32 right_epi32 i32;
}
