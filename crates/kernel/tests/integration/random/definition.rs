//! The numbers as the page of `Philox` defines them, with operations on 32 bits alone.

use tenfold_kernel::{Numbers, Philox, Random};

/// The high word of a product, by halves of words.
fn high(a: u32, b: u32) -> u32 {
    let [a0, a1, b0, b1] = [a & 0xFFFF, a >> 16, b & 0xFFFF, b >> 16];
    let middle = a1 * b0 + ((a0 * b0) >> 16);
    a1 * b1 + (middle >> 16) + (((middle & 0xFFFF) + a0 * b1) >> 16)
}

fn words(x: u64) -> [u32; 2] {
    [x as u32, (x >> 32) as u32]
}

/// The seed, the stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defined(pub(super) u64, pub(super) u64);

impl Defined {
    pub(super) fn philox(self) -> Philox {
        Philox::new(self.0).stream(self.1)
    }

    pub(super) fn block(self, n: u64) -> [u32; 4] {
        let [[k0, k1], [n0, n1], [s0, s1]] = [self.0, n, self.1].map(words);
        let (mut c, mut key) = ([n0, n1, s0, s1], [k0, k1]);
        for _ in 0..10 {
            c = [
                high(0xCD9E8D57, c[2]) ^ c[1] ^ key[0],
                0xCD9E8D57_u32.wrapping_mul(c[2]),
                high(0xD2511F53, c[0]) ^ c[3] ^ key[1],
                0xD2511F53_u32.wrapping_mul(c[0]),
            ];
            key = [key[0].wrapping_add(0x9E3779B9), key[1].wrapping_add(0xBB67AE85)];
        }
        c
    }

    fn u32(self, i: u64) -> u32 {
        self.block(i / 4)[(i % 4) as usize]
    }

    fn u64(self, i: u64) -> u64 {
        let (block, at) = (self.block(i / 2), 2 * (i % 2) as usize);
        u64::from(block[at]) | (u64::from(block[at + 1]) << 32)
    }

    fn f32(self, i: u64) -> f32 {
        (self.u32(i) >> 8) as f32 / 16_777_216.0
    }

    fn f64(self, i: u64) -> f64 {
        (self.u64(i) >> 11) as f64 / 9_007_199_254_740_992.0
    }

    fn below_u32(self, i: u64, count: u32) -> u32 {
        ((u128::from(self.u64(i)) * u128::from(count)) >> 64) as u32
    }

    /// The product of 128 and 64 bits, by hand.
    fn below_u64(self, i: u64, count: u64) -> u64 {
        let [low, high] = [self.u64_of(i, 0), self.u64_of(i, 2)].map(u128::from);
        let count = u128::from(count);
        ((high * count + ((low * count) >> 64)) >> 64) as u64
    }

    fn u64_of(self, block: u64, at: usize) -> u64 {
        let block = self.block(block);
        u64::from(block[at]) | (u64::from(block[at + 1]) << 32)
    }

    /// With many digits to spare for f32, and about as many as there are for f64. `turn` is in parts of 2^64.
    fn normal(self, i: u64, radius: f64, turn: u64) -> f64 {
        // From the nearest quarter, which loses no digit.
        let quarters = turn.wrapping_add(1 << 61) >> 62;
        let rest = turn.wrapping_sub(quarters << 62).cast_signed() as f64;
        let (sin, cos) = (rest * (std::f64::consts::TAU / 18_446_744_073_709_551_616.0)).sin_cos();
        let (sin, cos) = match quarters % 4 {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        };
        (-2.0 * radius.ln()).sqrt() * if i.is_multiple_of(2) { cos } else { sin }
    }

    fn normal_f64(self, i: u64) -> f64 {
        let (x, y) = (self.u64(i & !1), self.u64(i | 1));
        let radius = ((x >> 11) + 1) as f64 / 9_007_199_254_740_992.0;
        self.normal(i, radius, y)
    }

    fn normal_f32(self, i: u64) -> f32 {
        let (x, y) = (self.u32(i & !1), self.u32(i | 1));
        // Rounded to what an f32 holds, as it is defined: the logarithm of what is close to 1 is that of its
        // distance from there, of which rounding changes a large part.
        let radius = f64::from(((f64::from(x) + 0.5) / 4_294_967_296.0) as f32);
        self.normal(i, radius, u64::from(y) << 32) as f32
    }
}

/// What is held against every kind of number.
pub(super) trait Check {
    /// `numbers` are to be those of `defined`.
    fn check<T: Random>(&self, numbers: Numbers<T>, defined: &dyn Fn(u64) -> T);
    /// The same within some units in the last place.
    fn check_about<T: Random>(&self, numbers: Numbers<T>, defined: &dyn Fn(u64) -> T);
}

/// Runs a check of every kind.
pub(super) fn every_kind(d: Defined, check: &impl Check) {
    let philox = d.philox();
    check.check(philox.random(), &|i| d.u32(i));
    check.check(philox.random(), &|i| d.u32(i).cast_signed());
    check.check(philox.random(), &|i| d.u64(i));
    check.check(philox.random(), &|i| d.u64(i).cast_signed());
    check.check(philox.random(), &|i| d.f32(i));
    check.check(philox.random(), &|i| d.f64(i));
    check.check(philox.uniform(10..17_u32).unwrap(), &|i| 10 + d.below_u32(i, 7));
    let all = |i| i32::MIN.wrapping_add(d.below_u32(i, u32::MAX).cast_signed());
    check.check(philox.uniform(i32::MIN..i32::MAX).unwrap(), &all);
    check.check(philox.uniform(5..u64::MAX).unwrap(), &|i| 5 + d.below_u64(i, u64::MAX - 5));
    let around = |i| d.below_u64(i, 3_000_000_000_000).cast_signed() - 1_000_000_000_000;
    check.check(philox.uniform(-1_000_000_000_000..2_000_000_000_000_i64).unwrap(), &around);
    let third = |i| (d.f64(i) * (1.0 / 3.0 + 7.1) + -7.1).min((1.0_f64 / 3.0).next_down());
    check.check(philox.uniform(-7.1..1.0 / 3.0).unwrap(), &third);
    // So narrow that half of the sums are rounded to what lies above.
    let (low, high) = (1.0_f32, 1.0_f32.next_up().next_up());
    let narrow = |i| (d.f32(i) * (high - low) + low).min(high.next_down());
    check.check(philox.uniform(low..high).unwrap(), &narrow);
    check.check_about(philox.standard_normal(), &|i| d.normal_f32(i));
    check.check_about(philox.standard_normal(), &|i| d.normal_f64(i));
}
