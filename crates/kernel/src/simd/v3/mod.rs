//! x86-64-v3: AVX2, FMA, BMI, LZCNT, POPCNT, MOVBE, F16C. 8 lanes: one register of 32-bit numbers,
//! two of 64-bit.

mod float;
mod integer;
mod mask;
mod memory;

use std::arch::x86_64::*;

use super::{Arr, Body, NumReg, Piece, Reg, Simd, x86};
use crate::isa::Isa;

/// The machine has AVX2 and what came with it.
#[derive(Debug, Clone, Copy)]
pub struct V3(());

impl V3 {
    /// The token, if the machine has the instructions.
    #[inline]
    #[must_use]
    pub fn detect() -> Option<Self> {
        (x86::level() >= x86::HAS_V3).then_some(Self(()))
    }
}

/// 8 lanes, of which the first 4 in the first register: 64 bits each, all ones where true. The
/// comparisons of 64-bit numbers make them and their blends take them; 32-bit numbers convert.
#[derive(Debug, Clone, Copy)]
pub struct Mask(V3, [__m256i; 2]);

/// The middle quarters exchanged.
#[inline(always)]
fn ordered(a: __m256) -> __m256 {
    safe!({
        let quarters = _mm256_castps_pd(a);
        _mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_01_10_00>(quarters))
    })
}

/// The numbers in even places, and those in odd places.
#[inline(always)]
fn unzip_halves([a, b]: [__m256d; 2]) -> [__m256d; 2] {
    safe!([
        _mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_unpacklo_pd(a, b)),
        _mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_unpackhi_pd(a, b))
    ])
}

/// What `unzip_halves` takes apart.
#[inline(always)]
fn zip_halves(even: __m256d, odd: __m256d) -> [__m256d; 2] {
    safe!({
        let even = _mm256_permute4x64_pd::<0b11_01_10_00>(even);
        let odd = _mm256_permute4x64_pd::<0b11_01_10_00>(odd);
        [_mm256_unpacklo_pd(even, odd), _mm256_unpackhi_pd(even, odd)]
    })
}

/// Numbers in registers of some type.
macro_rules! types {
    ($($(#[$doc:meta])* $Name:ident $Registers:ty;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $Name(V3, $Registers);
    )*};
}
types! {
    /// 8 f64.
    F64 [__m256d; 2];
    /// 8 i64.
    I64 [__m256i; 2];
    /// 8 u64.
    U64 [__m256i; 2];
    /// 8 f32.
    F32 __m256;
    /// 8 i32.
    I32 __m256i;
    /// 8 u32.
    U32 __m256i;
}

impl Simd for V3 {
    const ISA: Isa = Isa::V3;
    const LANES: usize = 8;
    type Mask = Mask;
    type F32 = F32;
    type F64 = F64;
    type I8 = Arr<V3, i8, 8>;
    type I16 = Arr<V3, i16, 8>;
    type I32 = I32;
    type I64 = I64;
    type U8 = Arr<V3, u8, 8>;
    type U16 = Arr<V3, u16, 8>;
    type U32 = U32;
    type U64 = U64;

    #[inline]
    fn call<B: Body>(self, body: B) -> B::Output {
        #[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt,movbe,f16c")]
        fn with_instructions<B: Body>(v3: V3, body: B) -> B::Output {
            body.run(v3)
        }
        // SAFETY: the token exists, so `detect` has found the instructions.
        unsafe { with_instructions(self, body) }
    }

    #[inline]
    fn apart<P: Piece<Self>>(self, piece: P) -> P::Output {
        #[inline(never)]
        #[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt,movbe,f16c")]
        fn with_instructions<P: Piece<V3>>(v3: V3, piece: P) -> P::Output {
            piece.run(v3)
        }
        // SAFETY: as above.
        unsafe { with_instructions(self, piece) }
    }

    #[inline(always)]
    fn fence(self) {
        safe!(_mm_sfence());
    }

    #[inline(always)]
    fn lookup_f32(self, table: &[f32; 16], index: U32) -> F32 {
        // The instruction looks at the low 3 bits; the fourth, as a sign, selects the half.
        F32(
            self,
            safe!({
                let low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table.as_ptr()), index.1);
                let high = _mm256_loadu_ps(table[8..].as_ptr());
                let high = _mm256_permutevar8x32_ps(high, index.1);
                let upper = _mm256_castsi256_ps(_mm256_slli_epi32::<28>(index.1));
                _mm256_blendv_ps(low, high, upper)
            }),
        )
    }

    // The instructions that join two registers do so in either half by itself: a permutation of
    // quarters before or after puts them in order.
    #[inline(always)]
    fn unzip_f32(self, a: F32, b: F32) -> (F32, F32) {
        (
            F32(self, ordered(safe!(_mm256_shuffle_ps::<0b10_00_10_00>(a.1, b.1)))),
            F32(self, ordered(safe!(_mm256_shuffle_ps::<0b11_01_11_01>(a.1, b.1)))),
        )
    }
    #[inline(always)]
    fn unzip_f64(self, a: F64, b: F64) -> (F64, F64) {
        let (a, b) = (unzip_halves(a.1), unzip_halves(b.1));
        (F64(self, [a[0], b[0]]), F64(self, [a[1], b[1]]))
    }
    #[inline(always)]
    fn zip_f32(self, even: F32, odd: F32) -> (F32, F32) {
        let (even, odd) = (ordered(even.1), ordered(odd.1));
        (
            F32(self, safe!(_mm256_unpacklo_ps(even, odd))),
            F32(self, safe!(_mm256_unpackhi_ps(even, odd))),
        )
    }
    #[inline(always)]
    fn zip_f64(self, even: F64, odd: F64) -> (F64, F64) {
        (F64(self, zip_halves(even.1[0], odd.1[0])), F64(self, zip_halves(even.1[1], odd.1[1])))
    }

    #[inline(always)]
    fn f64_from_i64(self, a: I64) -> F64 {
        F64(self, op!(f64_from_i64; a))
    }
    #[inline(always)]
    fn f64_from_u64(self, a: U64) -> F64 {
        F64(self, op!(f64_from_u64; a))
    }
    #[inline(always)]
    fn f64_from_i32(self, a: I32) -> F64 {
        let [lo, hi] = halves(a.1);
        F64(self, safe!([_mm256_cvtepi32_pd(lo), _mm256_cvtepi32_pd(hi)]))
    }
    #[inline(always)]
    fn i64_from_i32(self, a: I32) -> I64 {
        let [lo, hi] = halves(a.1);
        I64(self, safe!([_mm256_cvtepi32_epi64(lo), _mm256_cvtepi32_epi64(hi)]))
    }
    #[inline(always)]
    fn u64_from_u32(self, a: U32) -> U64 {
        let [lo, hi] = halves(a.1);
        U64(self, safe!([_mm256_cvtepu32_epi64(lo), _mm256_cvtepu32_epi64(hi)]))
    }
    #[inline(always)]
    fn i32_from_i64(self, a: I64) -> I32 {
        I32(self, low_halves(a.1))
    }
    #[inline(always)]
    fn u32_from_u64(self, a: U64) -> U32 {
        U32(self, low_halves(a.1))
    }
    #[inline(always)]
    fn f64_from_f32(self, a: F32) -> F64 {
        let [lo, hi] = safe!([_mm256_castps256_ps128(a.1), _mm256_extractf128_ps::<1>(a.1)]);
        F64(self, safe!([_mm256_cvtps_pd(lo), _mm256_cvtps_pd(hi)]))
    }
    #[inline(always)]
    fn f32_from_f64(self, a: F64) -> F32 {
        let [lo, hi] = safe!([_mm256_cvtpd_ps(a.1[0]), _mm256_cvtpd_ps(a.1[1])]);
        F32(self, safe!(_mm256_set_m128(hi, lo)))
    }
    #[inline(always)]
    fn f32_from_i32(self, a: I32) -> F32 {
        F32(self, safe!(_mm256_cvtepi32_ps(a.1)))
    }
    #[inline(always)]
    fn i64_from_u64(self, a: U64) -> I64 {
        I64(self, a.1)
    }
    #[inline(always)]
    fn u64_from_i64(self, a: I64) -> U64 {
        U64(self, a.1)
    }
    #[inline(always)]
    fn i32_from_u32(self, a: U32) -> I32 {
        I32(self, a.1)
    }
    #[inline(always)]
    fn u32_from_i32(self, a: I32) -> U32 {
        U32(self, a.1)
    }
    #[inline(always)]
    fn i64_from_f64(self, a: F64) -> I64 {
        let raw = I64(self, op!(i64_from_f64; a));
        let limit = F64::splat(self, -(i64::MIN as f64));
        let raw = I64::select(limit.le(a), I64::splat(self, i64::MAX), raw);
        let raw = I64::select(limit.neg().le(a), raw, I64::splat(self, i64::MIN));
        I64::select(a.eq(a), raw, I64::splat(self, 0))
    }
    #[inline(always)]
    fn i32_from_f32(self, a: F32) -> I32 {
        // The instruction gives MIN for what does not fit; Rust saturates, and takes NaN for 0.
        let raw = safe!(_mm256_cvttps_epi32(a.1));
        let above = safe!({
            let limit = _mm256_set1_ps(2147483648.0);
            _mm256_castps_si256(_mm256_cmp_ps::<_CMP_LE_OQ>(limit, a.1))
        });
        let number = safe!(_mm256_castps_si256(_mm256_cmp_ps::<_CMP_ORD_Q>(a.1, a.1)));
        // All bits of MIN flipped are MAX.
        I32(self, safe!(_mm256_and_si256(number, _mm256_xor_si256(raw, above))))
    }
    #[inline(always)]
    fn i32_from_f64(self, a: F64) -> I32 {
        let [lo, hi] = op!(i32_from_f64; a);
        I32(self, whole(lo, hi))
    }
}

#[inline(always)]
fn halves(a: __m256i) -> [__m128i; 2] {
    safe!([_mm256_castsi256_si128(a), _mm256_extracti128_si256::<1>(a)])
}

#[inline(always)]
fn whole(lo: __m128i, hi: __m128i) -> __m256i {
    safe!(_mm256_set_m128i(hi, lo))
}

/// The low 32 bits of every 64.
#[inline(always)]
fn low_halves(a: [__m256i; 2]) -> __m256i {
    safe!({
        let [lo, hi] = [_mm256_castsi256_ps(a[0]), _mm256_castsi256_ps(a[1])];
        let mixed = _mm256_castps_si256(_mm256_shuffle_ps::<0b10_00_10_00>(lo, hi));
        _mm256_permute4x64_epi64::<0b11_01_10_00>(mixed)
    })
}

/// Rounded once, in the addition: both halves are put into the mantissas of powers of two. A
/// half that is signed starts from the middle.
#[inline(always)]
unsafe fn f64_from_i64(a: __m256i) -> __m256d {
    safe!({
        // 2^52, and 1.5 * 2^68 for what counts 2^16.
        let magic = _mm256_castpd_si256(_mm256_set1_pd(4503599627370496.0));
        let high = _mm256_castpd_si256(_mm256_set1_pd(442721857769029238784.0));
        let both = _mm256_set1_pd(442726361368656609280.0);
        let top = _mm256_blend_epi16::<0x33>(_mm256_srai_epi32::<16>(a), _mm256_setzero_si256());
        let top = _mm256_castsi256_pd(_mm256_add_epi64(top, high));
        let low = _mm256_castsi256_pd(_mm256_blend_epi16::<0x88>(a, magic));
        _mm256_add_pd(_mm256_sub_pd(top, both), low)
    })
}

/// Rounded once, in the addition: both halves are put into the mantissas of powers of two.
#[inline(always)]
unsafe fn f64_from_u64(a: __m256i) -> __m256d {
    safe!({
        // 2^52, and 2^84 for what counts 2^32.
        let magic = _mm256_castpd_si256(_mm256_set1_pd(4503599627370496.0));
        let high = _mm256_castpd_si256(_mm256_set1_pd(19342813113834066795298816.0));
        let both = _mm256_set1_pd(19342813118337666422669312.0);
        let top = _mm256_castsi256_pd(_mm256_or_si256(_mm256_srli_epi64::<32>(a), high));
        let low = _mm256_castsi256_pd(_mm256_blend_epi32::<0xaa>(a, magic));
        _mm256_add_pd(_mm256_sub_pd(top, both), low)
    })
}

/// Towards zero, where it fits.
#[inline(always)]
unsafe fn i64_from_f64(a: __m256d) -> __m256i {
    safe!({
        let a = _mm256_round_pd::<3>(a);
        // Both parts are exact: a signed multiple of 2^32, and a rest from 0.
        let top = _mm256_floor_pd(_mm256_mul_pd(a, _mm256_set1_pd(1.0 / 4294967296.0)));
        let rest = _mm256_fnmadd_pd(top, _mm256_set1_pd(4294967296.0), a);
        let top = _mm256_slli_epi64::<32>(_mm256_cvtepi32_epi64(_mm256_cvttpd_epi32(top)));
        // In the mantissa of 2^52.
        let magic = _mm256_set1_pd(4503599627370496.0);
        let rest = _mm256_castpd_si256(_mm256_add_pd(rest, magic));
        _mm256_or_si256(top, _mm256_xor_si256(rest, _mm256_castpd_si256(magic)))
    })
}

/// Towards zero; saturates, and 0 for NaN.
#[inline(always)]
unsafe fn i32_from_f64(a: __m256d) -> __m128i {
    safe!({
        // The instruction gives MIN for what does not fit.
        let below = _mm256_min_pd(a, _mm256_set1_pd(2147483647.0));
        let number = _mm256_and_pd(below, _mm256_cmp_pd::<_CMP_ORD_Q>(a, a));
        _mm256_cvttpd_epi32(number)
    })
}
