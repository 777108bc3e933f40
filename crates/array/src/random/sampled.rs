//! Arrays whose elements draw as many numbers as they need.

use std::fmt;
use std::panic::Location;

use ndarray::{Dimension, IntoDimension, IxDyn};

use super::stream::Stream;
use super::{Random, mixed};
use crate::array::Array;
use crate::cut::IntoChunks;
use crate::element::Element;
use crate::error::Result;
use crate::hash::Identity;
use crate::source::Source;
use crate::tile::rows;
use crate::window::{Dims, Window, count};

/// What sets the keys of these arrays apart from seeds, which are keys too.
const APART: u64 = 0x5A4D_504C_4544_0001;

impl Random {
    /// An array of which each element is what a function draws from the element's own stream.
    #[track_caller]
    pub(super) fn sampled<T: Element, S: IntoDimension>(
        &mut self,
        name: &str,
        parameters: &[f64],
        shape: S,
        chunks: impl IntoChunks,
        f: impl Fn(&mut Stream) -> T + Send + Sync + 'static,
    ) -> Array<T, S::Dim> {
        let (key, identity) = self.key(parameters);
        let shape: Dims = shape.into_dimension().slice().into();
        let source = Sampled { key, shape, f };
        Array::from_named_source(name, identity, source, chunks, Location::caller())
    }

    /// The same with one axis more, of `len` elements, which a function draws together.
    #[track_caller]
    pub(super) fn sampled_rows<T: Element, S: IntoDimension>(
        &mut self,
        name: &str,
        parameters: &[f64],
        shape: S,
        len: usize,
        chunks: impl IntoChunks,
        f: impl Fn(&mut Stream, &mut [T]) + Send + Sync + 'static,
    ) -> Array<T, IxDyn> {
        let (key, identity) = self.key(parameters);
        let outer = shape.into_dimension();
        let shape: Dims = outer.slice().iter().copied().chain([len]).collect();
        let source = SampledRows { key, shape, f };
        Array::from_named_source(name, identity, source, chunks, Location::caller())
    }

    /// The key of the streams of the next array, and what tells it from others.
    fn key(&mut self, parameters: &[f64]) -> (u64, Identity) {
        let stream = self.next;
        self.next += 1;
        let bits: Vec<u64> = parameters.iter().map(|parameter| parameter.to_bits()).collect();
        let key = mixed(self.seed ^ mixed(stream ^ APART));
        (key, Identity::of(("sampled", self.seed, stream, bits)))
    }
}

struct Sampled<F> {
    key: u64,
    shape: Dims,
    f: F,
}

impl<F> fmt::Debug for Sampled<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sampled({:?})", self.shape)
    }
}

/// The number of an element in row-major order.
fn place(at: &[usize], shape: &[usize]) -> u64 {
    at.iter().zip(shape).fold(0, |place, (at, len)| place * *len as u64 + *at as u64)
}

impl<T: Element, F: Fn(&mut Stream) -> T + Send + Sync + 'static> Source<T> for Sampled<F> {
    fn shape(&self) -> Dims {
        self.shape.clone()
    }

    fn is_computed(&self) -> bool {
        true
    }

    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        let (len, starts) = rows(window);
        for (row, start) in out.chunks_exact_mut(len.max(1)).zip(starts) {
            for (to, element) in row.iter_mut().zip(place(&start, &self.shape)..) {
                *to = (self.f)(&mut Stream::new(self.key, element));
            }
        }
        Ok(())
    }
}

/// The same of rows that are drawn as a whole, whatever is wanted of them.
struct SampledRows<F> {
    key: u64,
    shape: Dims,
    f: F,
}

impl<F> fmt::Debug for SampledRows<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SampledRows({:?})", self.shape)
    }
}

impl<T, F> Source<T> for SampledRows<F>
where
    T: Element,
    F: Fn(&mut Stream, &mut [T]) + Send + Sync + 'static,
{
    fn shape(&self) -> Dims {
        self.shape.clone()
    }

    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        let last = self.shape.len() - 1;
        let (len, wanted) = (self.shape[last], window.range(last));
        let mut whole = vec![T::default(); len];
        let (_, starts) = rows(window);
        for (row, start) in out.chunks_exact_mut(wanted.len().max(1)).zip(starts) {
            let element = place(&start[..last], &self.shape[..last]);
            (self.f)(&mut Stream::new(self.key, element), &mut whole);
            row.copy_from_slice(&whole[wanted.clone()]);
        }
        Ok(())
    }

    /// A row.
    fn memory(&self) -> usize {
        count(&self.shape[self.shape.len() - 1..]).saturating_mul(size_of::<T>())
    }
}
