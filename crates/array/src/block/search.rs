//! Places in an array that is in order.

use std::cmp::Ordering;
use std::marker::PhantomData;

use super::{Block, Grain, Needs, Read};
use crate::buffer::Buffer;
use crate::error::Result;
use crate::ops::{Ordered, order};
use crate::window::{Dims, Window};

/// How many elements of the array in order are read at a time.
const PIECE: usize = 1 << 16;

/// How many elements of its first input, which is in order, come before each of its second.
pub(crate) struct Search<T> {
    len: usize,
    /// Whether what is equal comes before.
    right: bool,
    /// The shape of the result.
    shape: Dims,
    element: PhantomData<fn() -> T>,
}

impl<T: Ordered> Search<T> {
    pub(crate) fn new(len: usize, right: bool, shape: &[usize]) -> Self {
        Self { len, right, shape: shape.into(), element: PhantomData }
    }

    fn piece(&self) -> usize {
        self.len.min(PIECE)
    }
}

impl<T: Ordered> Block for Search<T> {
    fn name(&self) -> &str {
        "searchsorted"
    }

    fn needs(&self, window: &Window) -> Needs {
        let sorted = (self.len > 0).then(|| (0, Window::whole(&[self.len])));
        sorted.into_iter().chain([(1, window.clone())]).collect()
    }

    fn bytes(&self, shape: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize {
        let sorted = if self.len > 0 { input(0, &[self.piece()]) } else { 0 };
        sorted.saturating_add(input(1, shape))
    }

    fn grain(&self) -> Grain {
        Grain::Window
    }

    fn passes(&self, input: usize, at_a_time: &[usize]) -> usize {
        let windows = self.shape.iter().zip(at_a_time).map(|(len, at)| len.div_ceil((*at).max(1)));
        if input == 0 { windows.fold(1, usize::saturating_mul) } else { 1 }
    }

    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        out.elements_mut::<i64>().fill(0);
        inputs.get(1, window)?;
        for start in (0..self.len).step_by(PIECE) {
            let end = (start + PIECE).min(self.len);
            let mut piece = Window::whole(&[self.len]);
            piece.set(0, start..end);
            inputs.get(0, &piece)?;
            let (sorted, values) = (inputs.got(0), inputs.got(1));
            let sorted = sorted.elements::<T>();
            for (out, value) in out.elements_mut::<i64>().iter_mut().zip(values.elements::<T>()) {
                let is_before = |x: &T| match order(x, value) {
                    Ordering::Less => true,
                    Ordering::Equal => self.right,
                    Ordering::Greater => false,
                };
                *out += sorted.partition_point(is_before).cast_signed() as i64;
            }
        }
        Ok(())
    }
}
