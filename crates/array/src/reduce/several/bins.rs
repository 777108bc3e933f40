//! How often there is what.

use num_complex::Complex64;

use super::SeveralFold;

/// How many elements there are of each number below a length, or what their weights come to. Other numbers are left out.
#[derive(Debug)]
pub(crate) struct Bins(pub(crate) usize);

impl Bins {
    fn place(&self, number: i64) -> Option<usize> {
        usize::try_from(number).ok().filter(|&place| place < self.0)
    }
}

impl SeveralFold<i64, i64> for Bins {
    type Acc = i64;

    fn len(&self) -> usize {
        self.0
    }

    fn start(&self) -> i64 {
        0
    }

    #[inline]
    fn see(&self, accs: &mut [i64], element: i64, _: u64) {
        if let Some(place) = self.place(element) {
            accs[place] += 1;
        }
    }

    fn merge(&self, accs: &mut [i64], others: &[i64]) {
        accs.iter_mut().zip(others).for_each(|(acc, other)| *acc += other);
    }

    fn finish(&self, acc: i64) -> i64 {
        acc
    }
}

/// A number and its weight come as the parts of a complex one: an array has elements of one type.
impl SeveralFold<Complex64, f64> for Bins {
    type Acc = f64;

    fn len(&self) -> usize {
        self.0
    }

    fn start(&self) -> f64 {
        0.0
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a place is a whole number below 2^53")]
    fn see(&self, accs: &mut [f64], element: Complex64, _: u64) {
        if let Some(place) = self.place(element.re as i64) {
            accs[place] += element.im;
        }
    }

    fn merge(&self, accs: &mut [f64], others: &[f64]) {
        accs.iter_mut().zip(others).for_each(|(acc, other)| *acc += other);
    }

    fn finish(&self, acc: f64) -> f64 {
        acc
    }
}
