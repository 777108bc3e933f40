//! Arguments to try.

use std::f64::consts::FRAC_PI_2;

/// Random numbers, and from where one-argument functions take a share of theirs.
#[derive(Debug)]
pub(super) struct Points {
    pub(super) state: u64,
    pub(super) domain: (f64, f64),
}

impl Points {
    pub(super) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ x >> 31
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 * 0.5_f64.powi(53))
    }

    fn sign(&mut self) -> f64 {
        if self.bits() & 1 == 0 { 1.0 } else { -1.0 }
    }

    /// Of some kind: any bits, the domain, any size, around 1, around multiples of a right angle,
    /// halves.
    fn argument(&mut self) -> f64 {
        match self.bits() % 8 {
            0 => f64::from_bits(self.bits()),
            1 | 2 => self.between(self.domain.0, self.domain.1),
            3 => self.between(-60.0, 60.0).exp2() * self.sign(),
            4 => self.between(-2.0, 2.0),
            5 => (1.0 + self.between(-60.0, 0.0).exp2() * self.sign()) * self.sign(),
            6 => {
                let near = self.between(0.0, 31.0).exp2().round() * FRAC_PI_2 * self.sign();
                f64::from_bits(near.to_bits() + self.bits() % 3 - 1)
            }
            _ => self.between(-64.0, 64.0).round() * 0.5,
        }
    }

    /// Two arguments of a function.
    pub(super) fn pair(&mut self) -> (f64, f64) {
        let x = self.argument();
        let y = match self.bits() % 4 {
            // Of similar size.
            0 => x * self.between(-4.0, 4.0),
            // So that powers are neither 0 nor infinite.
            1 => self.between(-150.0, 150.0) / x.abs().log2(),
            2 => self.between(-1080.0, 1080.0) / x.abs().log2(),
            _ => self.argument(),
        };
        (x, y)
    }
}
