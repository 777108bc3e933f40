//! The random numbers of one element.

use tenfold_kernel::Philox;

/// Numbers that an element draws one after another, as many as it needs: Philox, of which an element has a stream of its
/// own.
#[derive(Debug)]
pub(super) struct Stream {
    philox: Philox,
    block: u64,
    /// The second half of a block of which the first was drawn.
    left: Option<u64>,
}

impl Stream {
    /// That of an element, under the key of its array.
    pub(super) fn new(key: u64, element: u64) -> Self {
        Self { philox: Philox::new(key).stream(element), block: 0, left: None }
    }

    fn bits(&mut self) -> u64 {
        if let Some(bits) = self.left.take() {
            return bits;
        }
        let [a, b, c, d] = self.philox.block(self.block).map(u64::from);
        self.block = self.block.wrapping_add(1);
        self.left = Some(c | d << 32);
        a | b << 32
    }

    /// A number above 0 and below 1, in the middle of one of 2^52 parts.
    #[expect(clippy::cast_precision_loss, reason = "52 bits are a number as they are")]
    pub(super) fn unit(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) * (f64::EPSILON)
    }

    /// A number of the exponential distribution of mean 1.
    pub(super) fn exponential(&mut self) -> f64 {
        -self.unit().ln()
    }

    /// A number of the normal distribution of mean 0 and deviation 1 (Box and Muller, 1958).
    pub(super) fn normal(&mut self) -> f64 {
        let distance = (2.0 * self.exponential()).sqrt();
        distance * (std::f64::consts::TAU * self.unit()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_between_their_ends() {
        let mut stream = Stream::new(1, 2);
        let all: Vec<f64> = (0..10_000).map(|_| stream.unit()).collect();
        assert!(all.iter().all(|&u| u > 0.0 && u < 1.0));
        assert!((all.iter().sum::<f64>() / 1e4 - 0.5).abs() < 0.01);
        // The ends of what bits can say.
        let of = |bits: u64| ((bits >> 12) as f64 + 0.5) * f64::EPSILON;
        assert!(of(0) > 0.0 && of(u64::MAX) < 1.0);
    }

    #[test]
    fn elements_and_keys_have_numbers_of_their_own() {
        let first = |key, element| Stream::new(key, element).bits();
        let all = [first(1, 1), first(1, 2), first(2, 1), first(2, 2)];
        assert!((0..4).all(|i| (0..i).all(|j| all[i] != all[j])));
        assert_eq!(first(1, 1), all[0]);
    }
}
