//! The diagonal of a matrix.

use std::marker::PhantomData;
use std::ops::Range;

use super::{Block, Needs, Read, Reads};
use crate::buffer::Buffer;
use crate::element::Element;
use crate::error::Result;
use crate::window::Window;

/// The diagonal of a matrix, read in small boxes along it.
pub(crate) struct Diagonal<T>(PhantomData<fn() -> T>);

/// How long the boxes are: short, since all but one in so many of their elements are read in vain.
const BOX: usize = 32;

impl<T: Element> Diagonal<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }

    fn boxes(window: &Window) -> impl Iterator<Item = Range<usize>> {
        let range = window.range(0);
        range.clone().step_by(BOX).map(move |start| start..(start + BOX).min(range.end))
    }
}

impl<T: Element> Block for Diagonal<T> {
    fn name(&self) -> &str {
        "diagonal"
    }

    fn needs(&self, window: &Window) -> Needs {
        Self::boxes(window).map(|side| (0, Window::new(&[side.clone(), side]))).collect()
    }

    fn reads(&self, window: &Window) -> smallvec::SmallVec<[Reads; 4]> {
        let side = window.range(0);
        let elements = side.len() as u128 * BOX as u128;
        smallvec::smallvec![Reads { input: 0, hull: Window::new(&[side.clone(), side]), elements }]
    }

    fn bytes(&self, shape: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize {
        let side = BOX.min(shape[0]);
        input(0, &[side, side])
    }

    fn computes(&self) -> bool {
        false
    }

    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        for side in Self::boxes(window) {
            let part = inputs.get(0, &Window::new(&[side.clone(), side.clone()]))?;
            let at = side.start - window.start()[0];
            let to = &mut out.elements_mut::<T>()[at..at + side.len()];
            for (to, from) in to.iter_mut().zip(part.elements::<T>().iter().step_by(side.len() + 1))
            {
                *to = *from;
            }
        }
        Ok(())
    }
}
