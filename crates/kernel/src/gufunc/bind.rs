//! Which lengths the core dimensions and the outer axes have, from the shapes of the arguments.

use super::walk::{Arg, Loops};
use crate::error::{Error, ErrorKind};
use crate::nest;
use crate::operand::Place;

/// A core dimension of the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoreDim {
    /// The same length wherever the name stands.
    Named(&'static str),
    /// This length.
    Fixed(usize),
}

/// A core dimension with its length, and the argument that it was first seen in.
#[derive(Debug, Clone, Copy)]
struct Known {
    name: &'static str,
    len: usize,
    argument: &'static str,
}

/// An argument as it lies in memory.
#[derive(Debug)]
struct Seen {
    first: *mut u8,
    size: usize,
    /// Of the elements, in bytes.
    strides: Vec<isize>,
    shape: Vec<usize>,
    core: usize,
    is_output: bool,
    /// A number, or the elements of a range.
    kept: Vec<u128>,
}

/// What is known of a call on the way through its arguments.
#[derive(Debug)]
pub struct Binding {
    dims: &'static [&'static [CoreDim]],
    known: Vec<Known>,
    outer: Vec<usize>,
    seen: Vec<Seen>,
}

fn shape_error(message: String) -> Error {
    Error::new(ErrorKind::Shape, message)
}

/// `(m, n)` of a signature.
fn show(core: &[CoreDim]) -> String {
    let names: Vec<String> = core
        .iter()
        .map(|dim| match dim {
            CoreDim::Named(name) => (*name).to_owned(),
            CoreDim::Fixed(len) => len.to_string(),
        })
        .collect();
    format!("({})", names.join(","))
}

impl Binding {
    pub(super) fn new(dims: &'static [&'static [CoreDim]]) -> Self {
        Self { dims, known: vec![], outer: vec![], seen: vec![] }
    }

    /// The common shape of the outer axes.
    pub(super) fn outer(&self) -> &[usize] {
        &self.outer
    }

    /// The lengths of an argument's core dimensions, once the inputs are known.
    pub(super) fn lengths(&self, argument: usize) -> Vec<usize> {
        let len = |dim: &CoreDim| match dim {
            CoreDim::Fixed(len) => *len,
            CoreDim::Named(name) => {
                self.known.iter().find(|known| known.name == *name).map_or(0, |known| known.len)
            }
        };
        self.dims[argument].iter().map(len).collect()
    }

    /// The next input. `kept` holds the elements of what lies nowhere.
    pub(super) fn input(
        &mut self,
        place: &Place<'_>,
        size: usize,
        kept: Vec<u128>,
        name: &'static str,
    ) -> Result<(), Error> {
        let core = self.dims[self.seen.len()];
        let seen = Seen::new(place, size, core.len(), false, kept);
        let Some(axes) = seen.shape.len().checked_sub(core.len()) else {
            let (has, core) = (seen.shape.len(), show(core));
            return Err(shape_error(format!(
                "argument `{name}` has {has} axes, fewer than its core dimensions `{core}`"
            )));
        };
        for (dim, &len) in core.iter().zip(&seen.shape[axes..]) {
            self.core_dim(*dim, len, name)?;
        }
        self.broadcast(&seen.shape[..axes], name)?;
        self.seen.push(seen);
        Ok(())
    }

    fn core_dim(&mut self, dim: CoreDim, len: usize, name: &'static str) -> Result<(), Error> {
        match dim {
            CoreDim::Fixed(fixed) if fixed == len => Ok(()),
            CoreDim::Fixed(fixed) => Err(shape_error(format!(
                "a core dimension of argument `{name}` is {len}, and the signature says {fixed}"
            ))),
            CoreDim::Named(dim) => {
                match self.known.iter().find(|known| known.name == dim) {
                    None => self.known.push(Known { name: dim, len, argument: name }),
                    Some(known) if known.len == len => {}
                    Some(Known { len: before, argument, .. }) => {
                        return Err(shape_error(format!(
                            "core dimension `{dim}` is {before} in argument `{argument}` but {len} \
                             in `{name}`"
                        )));
                    }
                }
                Ok(())
            }
        }
    }

    fn broadcast(&mut self, shape: &[usize], name: &str) -> Result<(), Error> {
        let before = nest::show(&self.outer);
        if nest::broadcast(&mut self.outer, shape, name).is_err() {
            let shape = nest::show(shape);
            return Err(shape_error(format!(
                "argument `{name}` of outer shape {shape} cannot be broadcast with {before}, the \
                 outer shape of the arguments before it"
            )));
        }
        Ok(())
    }

    /// The next output, which has the outer shape and the core's.
    pub(super) fn output(
        &mut self,
        place: &Place<'_>,
        size: usize,
        name: &'static str,
    ) -> Result<(), Error> {
        let argument = self.seen.len();
        let seen = Seen::new(place, size, self.dims[argument].len(), true, vec![]);
        let mut expected = self.outer.clone();
        expected.extend(self.lengths(argument));
        nest::same_shape(name, &seen.shape, &expected)?;
        let is_repeated = |(&len, &stride): (&usize, &isize)| len > 1 && stride == 0;
        // The strides of an array without elements are all 0.
        let is_empty = seen.shape.contains(&0);
        if !is_empty && seen.shape.iter().zip(&seen.strides).any(is_repeated) {
            let message = format!("elements of output `{name}` share memory: it was broadcast");
            return Err(Error::new(ErrorKind::Overlap, message));
        }
        self.seen.push(seen);
        Ok(())
    }

    /// The loops over the outer axes.
    pub(super) fn into_loops(self) -> Loops {
        let outer = self.outer;
        let args = self.seen.into_iter().map(|seen| seen.over(&outer)).collect();
        Loops::new(outer, args)
    }
}

impl Seen {
    fn new(
        place: &Place<'_>,
        size: usize,
        core: usize,
        is_output: bool,
        mut kept: Vec<u128>,
    ) -> Self {
        let bytes = size.cast_signed();
        let (first, shape, strides) = match *place {
            Place::Element => (kept.as_mut_ptr().cast(), vec![], vec![]),
            Place::Range(len) => (kept.as_mut_ptr().cast(), vec![len], vec![bytes]),
            Place::Slice(first, len) => (first, vec![len], vec![bytes]),
            Place::Array(first, shape, strides) => {
                (first, shape.to_vec(), strides.iter().map(|stride| stride * bytes).collect())
            }
        };
        Self { first, size, strides, shape, core, is_output, kept }
    }

    /// As an argument of the loops over these axes.
    fn over(self, outer: &[usize]) -> Arg {
        let axes = self.shape.len() - self.core;
        let mut strides = vec![0; outer.len()];
        let skip = outer.len() - axes;
        for (axis, stride) in strides[skip..].iter_mut().enumerate() {
            *stride = if self.shape[axis] == 1 { 0 } else { self.strides[axis] };
        }
        // A vector is a matrix of one row, and a number one of one element.
        let mut lens = [1; 2];
        let mut steps = [0; 2];
        lens[2 - self.core..].copy_from_slice(&self.shape[axes..]);
        steps[2 - self.core..].copy_from_slice(&self.strides[axes..]);
        Arg::new(self.first, self.size, strides, lens, steps, self.is_output, self.kept)
    }
}
