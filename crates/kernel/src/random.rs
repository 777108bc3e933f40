//! Random numbers by Philox4x32-10: every number on its own, from its seed, stream and index.

mod block;
mod draw;
mod fill;
mod law;
mod normal;
mod numbers;

use std::ops::Range;

pub use law::Random;
pub use numbers::Numbers;

use self::block::Keys;
use self::law::RealLaw;
use crate::error::Error;
use crate::simd::Real;

/// A source of random numbers: Philox4x32-10, which has no state that goes on from number to
/// number. A seed, a stream and an index make a number, in any order and on any thread.
///
/// ```
/// use tenfold_kernel::Philox;
///
/// let philox = Philox::new(42);
/// let x = philox.random::<f64>().array((2, 3))?; // from 0 to below 1
/// let angles = philox.stream(1).uniform(-180.0..180.0)?.array(100)?;
/// let dice = philox.stream(2).uniform(1..7)?.array(100)?;
/// let noise = philox.stream(3).standard_normal::<f32>().par().array((512, 512))?;
/// # assert!(x.iter().all(|x| (0.0..1.0).contains(x)));
/// # assert!(angles.iter().all(|x| (-180.0..180.0).contains(x)));
/// # assert!(dice.iter().all(|n| (1..7).contains(n)));
/// # assert!(noise.mean().unwrap().abs() < 0.01);
/// # Ok::<(), tenfold_kernel::Error>(())
/// ```
///
/// The numbers of different streams and of different seeds have nothing to do with each other: use
/// a stream for each purpose, since different distributions of one stream are made of the same
/// bits. It is no source for secrets.
///
/// # Definition
/// So that others can make the same numbers, with operations on 32 bits alone. A word is a `u32`, of
/// two words the first is the low half, and all arithmetic wraps.
///
/// **Blocks.** Block `n` of stream `s` of seed `k` is four words, made of the counter
/// `c = [n, n >> 32, s, s >> 32]` and the key `[k, k >> 32]` in ten rounds. A round is, with
/// `high(a, b)` and `low(a, b)` the words of the product of two words,
///
/// ```text
/// c = [high(0xCD9E8D57, c[2]) ^ c[1] ^ key[0],  low(0xCD9E8D57, c[2]),
///      high(0xD2511F53, c[0]) ^ c[3] ^ key[1],  low(0xD2511F53, c[0])]
/// key = [key[0] + 0x9E3779B9,  key[1] + 0xBB67AE85]
/// ```
///
/// **Numbers.** Number `i`, from 0, of a stream is
///
/// | | |
/// |---|---|
/// | [`random`](Self::random), `u32` and `i32` | word `i % 4` of block `i / 4` |
/// | `u64` and `i64` | words `2 (i % 2)` and `2 (i % 2) + 1` of block `i / 2` |
/// | `f32` | `(x >> 8) / 2^24` of the u32 number `i` |
/// | `f64` | `(x >> 11) / 2^53` of the u64 number `i` |
/// | [`uniform`](Self::uniform), `f32` and `f64` | `x * (end - start) + start` of the random number `i`, each operation rounded, or the last number before `end` if that is smaller |
/// | `u32` and `i32` | `start + (x * (end - start) >> 64)` of the u64 number `i` |
/// | `u64` and `i64` | `start + (x * (end - start) >> 128)` of all of block `i`, the first word the lowest |
/// | [`standard_normal`](Self::standard_normal), `f64` | `r cos a` for even, `r sin a` for odd `i`, of the u64 numbers `x = 2 (i / 2)` and `y = x + 1`: `r = sqrt(-2 ln(((x >> 11) + 1) / 2^53))`, `a = 2 pi y / 2^64` |
/// | `f32` | the same of the u32 numbers: `r = sqrt(-2 ln((x + 1/2) / 2^32))`, `a = 2 pi y / 2^32` |
///
/// All but the last two are the same bits wherever they are made so. Those depend on how logarithm,
/// root, sine and cosine round: they have the same bits with all instruction sets of this crate, and
/// elsewhere are about the same numbers.
///
/// **How many.** There are 2^64 seeds, each with 2^64 streams, each with 2^64 numbers of every kind.
/// No block number goes beyond 64 bits, so that no counter wraps and no two streams of a seed have
/// a block in common. Since ten rounds are a bijection, no block of a seed has the words of another.
///
/// # Quality
/// An integer of a range comes more or less often than the others by at most one part in 2^32 (of 32
/// bits) or 2^64 (of 64 bits). The normal numbers end at 8.57 (`f64`) and 6.76 (`f32`), beyond which
/// there would be one in 10^17 and one in 7 * 10^10.
///
/// # Cost
/// The blocks take most of the time: ten rounds of two multiplications for four words, in wide
/// registers. So an `f64` costs twice as much as an `f32`.
///
/// # Source
/// J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2,
/// 3", SC 2011. G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates",
/// 1958.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Philox {
    seed: u64,
    stream: u64,
}

impl Philox {
    /// Stream 0 of a seed. Any seed is as good as another.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, stream: 0 }
    }

    /// Stream `n` of the same seed.
    ///
    /// ```
    /// use tenfold_kernel::Philox;
    ///
    /// let philox = Philox::new(42);
    /// assert_eq!(philox.stream(0), philox);
    /// assert_ne!(philox.stream(1).block(0), philox.block(0));
    /// ```
    #[must_use]
    pub fn stream(self, n: u64) -> Self {
        Self { stream: n, ..self }
    }

    /// Seed and stream, for devices that draw the same numbers.
    #[doc(hidden)]
    #[must_use]
    pub fn seed_and_stream(self) -> (u64, u64) {
        (self.seed, self.stream)
    }

    /// The four words of block `n`: the function of the paper itself, of the counter
    /// `[n, n >> 32, stream, stream >> 32]` and the key `[seed, seed >> 32]`.
    ///
    /// ```
    /// use tenfold_kernel::Philox;
    ///
    /// let words = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
    /// assert_eq!(Philox::new(0).block(0), words);
    /// ```
    #[must_use]
    pub fn block(self, n: u64) -> [u32; 4] {
        Keys::new(self.seed).block(self.stream, n)
    }

    /// Integers of which all come alike, floats from 0 to below 1 (multiples of 2^-24 or 2^-53).
    #[must_use]
    pub fn random<T: Random>(self) -> Numbers<T> {
        Numbers::new(self, T::RANDOM)
    }

    /// Numbers from `range.start` to below `range.end`.
    ///
    /// ```
    /// use tenfold_kernel::{ErrorKind, Philox};
    ///
    /// let philox = Philox::new(42);
    /// let percents = philox.uniform(0..100_u32)?.array(1000)?;
    /// assert!(percents.iter().all(|&n| n < 100));
    ///
    /// let error = philox.uniform(5..5).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Argument);
    /// assert_eq!(error.to_string(), "argument `range` is 5..5, but it must start below its end");
    /// # Ok::<(), tenfold_kernel::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the range is empty, or if an end or the
    /// width of a range of floats is not finite.
    pub fn uniform<T: Random>(self, range: Range<T>) -> Result<Numbers<T>, Error> {
        Ok(Numbers::new(self, T::uniform(&range)?))
    }

    /// Numbers of the normal distribution with mean 0 and variance 1.
    ///
    /// ```
    /// use tenfold_kernel::Philox;
    ///
    /// let heights = Philox::new(42).standard_normal::<f64>().array(10_000)? * 7.0 + 170.0;
    /// assert!((heights.mean().unwrap() - 170.0).abs() < 0.3);
    /// # Ok::<(), tenfold_kernel::Error>(())
    /// ```
    #[must_use]
    pub fn standard_normal<T: Real + Random<Law = RealLaw<T>>>(self) -> Numbers<T> {
        Numbers::new(self, RealLaw::Normal)
    }
}
