//! A function of whole lanes.

use std::ops::Range;

use smallvec::SmallVec;

use super::{Block, Fill, Grain, Needs, Read};
use crate::buffer::{Buffer, Part, with_dtype};
use crate::element::{DType, Element};
use crate::error::Result;
use crate::room::Room;
use crate::window::{Window, bytes_of, count};

/// Makes a lane of its result from a lane of each input, wherever that is: `[outer.., len]` give `[outer.., out]`. The
/// outer axes are the same in all inputs.
///
/// What several axes before the last share is gone through lane by lane, with the lanes of a window together in memory,
/// which is what a plan counts. A window that shows a part of a lane makes all of it, so that it should be asked for
/// whole ones.
pub(crate) struct Lanes {
    pub(crate) name: &'static str,
    /// How long the lanes of each input are, and of what.
    pub(crate) inputs: SmallVec<[(usize, DType); 2]>,
    /// How long those of the result are, and of what.
    pub(crate) out: usize,
    pub(crate) dtype: DType,
    /// How many bytes the function takes besides.
    pub(crate) scratch: usize,
    pub(crate) function: Box<LanesFunction>,
}

/// Makes so many lanes of those of the inputs.
pub(crate) type LanesFunction =
    dyn Fn(usize, &[Part<'_>], &mut Room<'_>) -> Result<()> + Send + Sync;

/// The lanes of a slice that has so many: they may be empty.
pub(crate) fn lane<T>(of: &[T], lanes: usize, number: usize) -> &[T] {
    let len = of.len() / lanes;
    &of[number * len..][..len]
}

/// A function of the lanes of one array.
pub(crate) fn one<A: Element, R: Element>(
    f: impl Fn(&[A], &mut [R]) -> Result<()> + Send + Sync + 'static,
) -> Box<LanesFunction> {
    Box::new(move |lanes, inputs, out| {
        let (a, out) = (inputs[0].elements::<A>(), out.elements_mut::<R>());
        let len = out.len() / lanes;
        (0..lanes).try_for_each(|i| f(lane(a, lanes, i), &mut out[i * len..][..len]))
    })
}

/// A function of the lanes of two arrays.
pub(crate) fn two<A: Element, B: Element, R: Element>(
    f: impl Fn(&[A], &[B], &mut [R]) -> Result<()> + Send + Sync + 'static,
) -> Box<LanesFunction> {
    Box::new(move |lanes, inputs, out| {
        let (a, b) = (inputs[0].elements::<A>(), inputs[1].elements::<B>());
        let out = out.elements_mut::<R>();
        let len = out.len() / lanes;
        (0..lanes)
            .try_for_each(|i| f(lane(a, lanes, i), lane(b, lanes, i), &mut out[i * len..][..len]))
    })
}

impl Lanes {
    /// A window of the outer axes with this range of the last.
    fn along(window: &Window, range: Range<usize>) -> Window {
        let mut window = window.clone();
        window.set(window.ndim() - 1, range);
        window
    }

    /// The inputs that have elements, each with the window that it is read in.
    fn read<'a>(&'a self, window: &'a Window) -> impl Iterator<Item = (usize, Window)> + 'a {
        let lens = self.inputs.iter().enumerate().filter(|(_, (len, _))| *len > 0);
        lens.map(|(input, &(len, _))| (input, Self::along(window, 0..len)))
    }

    fn is_part(&self, len: usize) -> bool {
        len < self.out
    }
}

impl Block for Lanes {
    fn name(&self) -> &str {
        self.name
    }

    fn needs(&self, window: &Window) -> Needs {
        self.read(window).collect()
    }

    fn bytes(&self, shape: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize {
        let whole = Window::whole(shape);
        let read = self.read(&whole).map(|(at, shown)| input(at, shown.shape()));
        let read = read.fold(self.scratch, usize::saturating_add);
        match shape.last() {
            Some(&len) if self.is_part(len) => {
                let made = Self::along(&whole, 0..self.out);
                read.saturating_add(bytes_of(made.shape(), self.dtype.bytes()))
            }
            _ => read,
        }
    }

    fn grain(&self) -> Grain {
        Grain::Chunk
    }

    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        self.fill(window, inputs, out.room())
    }

    fn fills(&self) -> Option<&dyn Fill> {
        Some(self)
    }
}

impl Fill for Lanes {
    fn fill(&self, window: &Window, inputs: &mut dyn Read, mut out: Room<'_>) -> Result<()> {
        let last = window.ndim() - 1;
        let lanes = count(&window.shape()[..last]);
        for (input, shown) in self.read(window) {
            inputs.get(input, &shown)?;
        }
        let empty: SmallVec<[Buffer; 2]> =
            self.inputs.iter().map(|&(_, dtype)| Buffer::new(dtype)).collect();
        let parts: SmallVec<[Part<'_>; 2]> = (0..empty.len())
            .map(|input| match self.inputs[input] {
                (0, _) => empty[input].part(0..0),
                _ => inputs.got(input),
            })
            .collect();
        let shown = window.range(last);
        if !self.is_part(shown.len()) {
            return (self.function)(lanes, &parts, &mut out);
        }
        let mut made = Buffer::new(self.dtype);
        made.resize(lanes.saturating_mul(self.out));
        (self.function)(lanes, &parts, &mut made.room())?;
        with_dtype!(self.dtype, T => {
            let lanes = made.elements::<T>().chunks_exact(self.out);
            for (out, lane) in out.elements_mut::<T>().chunks_exact_mut(shown.len()).zip(lanes) {
                out.copy_from_slice(&lane[shown.clone()]);
            }
        });
        Ok(())
    }
}
