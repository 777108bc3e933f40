//! Sums of neighbours with weights.

use std::ops::Range;

use super::{Block, Needs, Read};
use crate::buffer::Buffer;
use crate::error::Result;
use crate::ops::Arithmetic;
use crate::window::Window;

/// The convolution of a vector with a kernel: element `i` of all of it is the sum of `kernel[j] * x[i - j]` in the order
/// of `j`, of which a part is shown.
pub(crate) struct Convolve<T> {
    pub(crate) kernel: Box<[T]>,
    /// How many elements the vector has.
    pub(crate) len: usize,
    /// The first element of all that is shown.
    pub(crate) first: usize,
}

impl<T: Arithmetic> Convolve<T> {
    /// The elements of all of the convolution that a window shows.
    fn all(&self, window: &Window) -> Range<usize> {
        let Range { start, end } = window.range(0);
        start + self.first..end + self.first
    }

    /// The elements of the vector that are read for them.
    fn read(&self, all: &Range<usize>) -> Range<usize> {
        (all.start + 1).saturating_sub(self.kernel.len())..all.end.min(self.len)
    }
}

impl<T: Arithmetic> Block for Convolve<T> {
    fn name(&self) -> &str {
        "convolve"
    }

    fn nanoseconds(&self) -> f64 {
        crate::program::MADE * f64::from(u32::try_from(self.kernel.len()).unwrap_or(u32::MAX))
    }

    fn needs(&self, window: &Window) -> Needs {
        Needs::from_iter([(0, Window::new(&[self.read(&self.all(window))]))])
    }

    fn bytes(&self, shape: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize {
        input(0, &[shape[0].saturating_add(self.kernel.len() - 1).min(self.len)])
    }

    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        let all = self.all(window);
        let read = self.read(&all);
        let part = inputs.get(0, &Window::new(std::slice::from_ref(&read)))?;
        let (x, out) = (part.elements::<T>(), out.elements_mut::<T>());
        out.fill(T::default());
        for (j, &weight) in self.kernel.iter().enumerate() {
            // Those of all that see an element `j` before them.
            let (start, end) = (all.start.max(read.start + j), all.end.min(read.end + j));
            if start < end {
                let x = &x[start - j - read.start..end - j - read.start];
                let out = &mut out[start - all.start..end - all.start];
                out.iter_mut().zip(x).for_each(|(out, x)| *out = out.plus(weight.times(*x)));
            }
        }
        Ok(())
    }
}
