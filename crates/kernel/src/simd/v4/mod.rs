//! x86-64-v4: AVX-512 F, BW, CD, DQ, VL, and what x86-64-v3 has. 16 lanes: one register of 32-bit
//! numbers, two of 64-bit.

mod float;
mod integer;
mod mask;
mod memory;

use std::arch::x86_64::*;

use super::{Arr, Body, NumReg, Piece, Reg, Simd, x86};
use crate::isa::Isa;

/// The machine has AVX-512.
#[derive(Debug, Clone, Copy)]
pub struct V4(());

impl V4 {
    /// The token, if the machine has the instructions.
    #[inline]
    #[must_use]
    pub fn detect() -> Option<Self> {
        (x86::level() >= x86::HAS_V4).then_some(Self(()))
    }
}

/// 16 lanes, of which the first 8 in the first half.
#[derive(Debug, Clone, Copy)]
pub struct Mask(V4, [__mmask8; 2]);

/// Of each group, those of its numbers that `index` says.
#[inline(always)]
fn joined(index: __m512i, a: [__m512d; 2], b: [__m512d; 2]) -> [__m512d; 2] {
    safe!([_mm512_permutex2var_pd(a[0], index, a[1]), _mm512_permutex2var_pd(b[0], index, b[1])])
}

/// Two registers in turns.
#[inline(always)]
fn in_turns(index: [__m512i; 2], [even, odd]: [__m512d; 2]) -> [__m512d; 2] {
    safe!([
        _mm512_permutex2var_pd(even, index[0], odd),
        _mm512_permutex2var_pd(even, index[1], odd)
    ])
}

/// Numbers in registers of some type.
macro_rules! types {
    ($($(#[$doc:meta])* $Name:ident $Registers:ty;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $Name(V4, $Registers);
    )*};
}
types! {
    /// 16 f64.
    F64 [__m512d; 2];
    /// 16 i64.
    I64 [__m512i; 2];
    /// 16 u64.
    U64 [__m512i; 2];
    /// 16 f32.
    F32 __m512;
    /// 16 i32.
    I32 __m512i;
    /// 16 u32.
    U32 __m512i;
}

impl Simd for V4 {
    const ISA: Isa = Isa::V4;
    const LANES: usize = 16;
    type Mask = Mask;
    type F32 = F32;
    type F64 = F64;
    type I8 = Arr<V4, i8, 16>;
    type I16 = Arr<V4, i16, 16>;
    type I32 = I32;
    type I64 = I64;
    type U8 = Arr<V4, u8, 16>;
    type U16 = Arr<V4, u16, 16>;
    type U32 = U32;
    type U64 = U64;

    #[inline]
    fn call<B: Body>(self, body: B) -> B::Output {
        #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl")]
        #[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt,movbe,f16c")]
        fn with_instructions<B: Body>(v4: V4, body: B) -> B::Output {
            body.run(v4)
        }
        // SAFETY: the token exists, so `detect` has found the instructions.
        unsafe { with_instructions(self, body) }
    }

    #[inline]
    fn apart<P: Piece<Self>>(self, piece: P) -> P::Output {
        #[inline(never)]
        #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl")]
        #[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt,movbe,f16c")]
        fn with_instructions<P: Piece<V4>>(v4: V4, piece: P) -> P::Output {
            piece.run(v4)
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
        F32(self, safe!(_mm512_permutexvar_ps(index.1, _mm512_loadu_ps(table.as_ptr()))))
    }
    #[inline(always)]
    fn lookup_f64(self, table: &[f64; 16], index: U64) -> F64 {
        // The instruction looks at the low 4 bits, of which the highest says which half.
        let (low, high) =
            safe!((_mm512_loadu_pd(table.as_ptr()), _mm512_loadu_pd(table[8..].as_ptr())));
        F64(
            self,
            safe!([
                _mm512_permutex2var_pd(low, index.1[0], high),
                _mm512_permutex2var_pd(low, index.1[1], high)
            ]),
        )
    }

    #[inline(always)]
    fn unzip_f32(self, a: F32, b: F32) -> (F32, F32) {
        let even =
            safe!(_mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30));
        let odd = safe!(_mm512_add_epi32(even, _mm512_set1_epi32(1)));
        (
            F32(self, safe!(_mm512_permutex2var_ps(a.1, even, b.1))),
            F32(self, safe!(_mm512_permutex2var_ps(a.1, odd, b.1))),
        )
    }
    #[inline(always)]
    fn unzip_f64(self, a: F64, b: F64) -> (F64, F64) {
        let even = safe!(_mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14));
        let odd = safe!(_mm512_add_epi64(even, _mm512_set1_epi64(1)));
        (F64(self, joined(even, a.1, b.1)), F64(self, joined(odd, a.1, b.1)))
    }
    #[inline(always)]
    fn zip_f32(self, even: F32, odd: F32) -> (F32, F32) {
        let first =
            safe!(_mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
        let second = safe!(_mm512_add_epi32(first, _mm512_set1_epi32(8)));
        (
            F32(self, safe!(_mm512_permutex2var_ps(even.1, first, odd.1))),
            F32(self, safe!(_mm512_permutex2var_ps(even.1, second, odd.1))),
        )
    }
    #[inline(always)]
    fn zip_f64(self, even: F64, odd: F64) -> (F64, F64) {
        let first = safe!(_mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11));
        let second = safe!(_mm512_add_epi64(first, _mm512_set1_epi64(4)));
        let low = [even.1[0], odd.1[0]];
        let high = [even.1[1], odd.1[1]];
        let turns = [first, second];
        (F64(self, in_turns(turns, low)), F64(self, in_turns(turns, high)))
    }

    #[inline(always)]
    fn f64_from_i64(self, a: I64) -> F64 {
        F64(self, op!(_mm512_cvtepi64_pd; a))
    }
    #[inline(always)]
    fn f64_from_u64(self, a: U64) -> F64 {
        F64(self, op!(_mm512_cvtepu64_pd; a))
    }
    #[inline(always)]
    fn f64_from_i32(self, a: I32) -> F64 {
        let [lo, hi] = halves(a.1);
        F64(self, safe!([_mm512_cvtepi32_pd(lo), _mm512_cvtepi32_pd(hi)]))
    }
    #[inline(always)]
    fn f64_from_u32(self, a: U32) -> F64 {
        let [lo, hi] = halves(a.1);
        F64(self, safe!([_mm512_cvtepu32_pd(lo), _mm512_cvtepu32_pd(hi)]))
    }
    #[inline(always)]
    fn i64_from_i32(self, a: I32) -> I64 {
        let [lo, hi] = halves(a.1);
        I64(self, safe!([_mm512_cvtepi32_epi64(lo), _mm512_cvtepi32_epi64(hi)]))
    }
    #[inline(always)]
    fn u64_from_u32(self, a: U32) -> U64 {
        let [lo, hi] = halves(a.1);
        U64(self, safe!([_mm512_cvtepu32_epi64(lo), _mm512_cvtepu32_epi64(hi)]))
    }
    #[inline(always)]
    fn i32_from_i64(self, a: I64) -> I32 {
        let [lo, hi] = safe!([_mm512_cvtepi64_epi32(a.1[0]), _mm512_cvtepi64_epi32(a.1[1])]);
        I32(self, whole(lo, hi))
    }
    #[inline(always)]
    fn u32_from_u64(self, a: U64) -> U32 {
        let [lo, hi] = safe!([_mm512_cvtepi64_epi32(a.1[0]), _mm512_cvtepi64_epi32(a.1[1])]);
        U32(self, whole(lo, hi))
    }
    #[inline(always)]
    fn f64_from_f32(self, a: F32) -> F64 {
        let [lo, hi] = halves(safe!(_mm512_castps_si512(a.1)));
        F64(
            self,
            safe!([
                _mm512_cvtps_pd(_mm256_castsi256_ps(lo)),
                _mm512_cvtps_pd(_mm256_castsi256_ps(hi))
            ]),
        )
    }
    #[inline(always)]
    fn f32_from_f64(self, a: F64) -> F32 {
        let [lo, hi] = safe!([
            _mm256_castps_si256(_mm512_cvtpd_ps(a.1[0])),
            _mm256_castps_si256(_mm512_cvtpd_ps(a.1[1]))
        ]);
        F32(self, safe!(_mm512_castsi512_ps(whole(lo, hi))))
    }
    #[inline(always)]
    fn f32_from_i32(self, a: I32) -> F32 {
        F32(self, safe!(_mm512_cvtepi32_ps(a.1)))
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
        // The instruction gives MIN for what does not fit; Rust saturates, and takes NaN for 0.
        let raw = I64(self, op!(_mm512_cvttpd_epi64; a));
        let limit = F64::splat(self, -(i64::MIN as f64));
        let max = I64::splat(self, i64::MAX);
        let raw = I64::select(limit.le(a), max, raw);
        I64::select(a.eq(a), raw, I64::splat(self, 0))
    }
    #[inline(always)]
    fn i32_from_f32(self, a: F32) -> I32 {
        let raw = I32(self, safe!(_mm512_cvttps_epi32(a.1)));
        let limit = F32::splat(self, 2147483648.0);
        let raw = I32::select(limit.le(a), I32::splat(self, i32::MAX), raw);
        I32::select(a.eq(a), raw, I32::splat(self, 0))
    }
    #[inline(always)]
    fn i32_from_f64(self, a: F64) -> I32 {
        let [lo, hi] = safe!([_mm512_cvttpd_epi32(a.1[0]), _mm512_cvttpd_epi32(a.1[1])]);
        let raw = I32(self, whole(lo, hi));
        let limit = F64::splat(self, 2147483648.0);
        let raw = I32::select(limit.le(a), I32::splat(self, i32::MAX), raw);
        I32::select(a.eq(a), raw, I32::splat(self, 0))
    }
}

#[inline(always)]
fn halves(a: __m512i) -> [__m256i; 2] {
    safe!([_mm512_castsi512_si256(a), _mm512_extracti64x4_epi64::<1>(a)])
}

#[inline(always)]
fn whole(lo: __m256i, hi: __m256i) -> __m512i {
    safe!(_mm512_inserti64x4::<1>(_mm512_castsi256_si512(lo), hi))
}
