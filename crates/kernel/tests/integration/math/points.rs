//! Arguments to try.

use std::f64::consts::FRAC_PI_2;

use super::Function;

/// Random numbers.
pub(super) struct Points(pub(super) u64);

impl Points {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ x >> 31
    }
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 * 0.5_f64.powi(53))
    }
    fn sign(&mut self) -> f64 {
        if self.bits() & 1 == 0 { 1.0 } else { -1.0 }
    }
    /// One argument of a kind: any bits, the domain, any size, around 1, around the multiples of a
    /// right angle, halves.
    fn argument(&mut self, function: &Function) -> f64 {
        match self.bits() % 8 {
            0 => f64::from_bits(self.bits()),
            1 | 2 => self.between(function.domain.0, function.domain.1),
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
    /// Fills arrays with arguments.
    pub(super) fn fill(&mut self, function: &Function, x: &mut [f64], y: &mut [f64]) {
        for (x, y) in x.iter_mut().zip(y) {
            *x = self.argument(function);
            *y = if !function.binary {
                0.0
            } else if self.bits().is_multiple_of(4) {
                // Of similar size.
                *x * self.between(-4.0, 4.0)
            } else {
                self.argument(function)
            };
        }
    }
    /// As `fill`; half of the numbers have the range of f32.
    pub(super) fn fill_f32(&mut self, function: &Function, x: &mut [f32], y: &mut [f32]) {
        let (mut wide_x, mut wide_y) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        self.fill(function, &mut wide_x, &mut wide_y);
        for i in 0..x.len() {
            let bits = self.bits();
            (x[i], y[i]) = (wide_x[i] as f32, wide_y[i] as f32);
            if bits.is_multiple_of(4) {
                x[i] = f32::from_bits((self.bits() >> 32) as u32);
            }
            if bits % 8 < 3 {
                y[i] = f32::from_bits((self.bits() >> 32) as u32);
            }
        }
    }
}
