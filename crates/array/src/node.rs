//! The graph of an expression.

use std::fmt;
use std::panic::Location;
use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use crate::block::Block;
use crate::buffer::{Buffer, with_dtype};
use crate::chunks::Chunks;
use crate::element::{DType, Element, Sealed as _};
use crate::error::Error;
use crate::every::Every;
use crate::function::Function;
use crate::hash::Identity;
use crate::owners::Owners;
use crate::reduce::Reducer;
use crate::source::Source;
use crate::trace::reading;
use crate::view::View;
use crate::window::{Dims, Window, bytes_of};

/// Where a node's elements come from. The elements of a node are the same however its inputs and itself are cut.
pub(crate) type Inputs = SmallVec<[Arc<Node>; 2]>;

/// The line of the program that wrote an operation.
pub(crate) type Origin = &'static Location<'static>;

/// An array that is not computed yet. There is never a node for a chunk.
pub(crate) struct Node {
    pub(crate) op: Op,
    pub(crate) inputs: Inputs,
    pub(crate) dtype: DType,
    pub(crate) chunks: Chunks,
    /// Which ranks make which chunks.
    pub(crate) owners: Owners,
    /// What has the same hash has the same elements.
    pub(crate) identity: Identity,
    /// What tells its operation from others of the same name.
    pub(crate) key: Identity,
    /// What the user calls it, by which it is known in another run.
    pub(crate) label: Option<Arc<str>>,
    pub(crate) origin: Origin,
}

/// How a node's elements follow from those of its inputs.
#[derive(Clone)]
pub(crate) enum Op {
    /// Read, window by window.
    Source(Arc<dyn AnySource>),
    /// In memory already, dense in row-major order.
    Memory(Arc<InMemory>),
    /// A function of the elements at the same place of all inputs, which have the shape of the node.
    Map { name: Arc<str>, function: Arc<dyn Function> },
    /// The elements of the input, in other places.
    View(View),
    /// The same elements in other chunks.
    Rechunk,
    /// Windows made of windows of the inputs.
    Block(Arc<dyn Block>),
    /// The elements along some axes taken together: all of them, and the axes are gone, or those of each chunk, whose
    /// result stands at the chunk's number.
    Reduce { axes: SmallVec<[usize; 4]>, reducer: Arc<dyn Reducer>, by_chunk: bool },
    /// What could not be made, and why.
    Invalid(Error),
}

/// Elements, and what stands for them in any run.
pub(crate) struct InMemory {
    pub(crate) elements: Arc<Buffer>,
    lasting: OnceLock<Identity>,
}

impl InMemory {
    pub(crate) fn new(elements: Arc<Buffer>) -> Arc<Self> {
        Arc::new(Self { elements, lasting: OnceLock::new() })
    }

    /// The hash, if it was asked for.
    #[cfg(test)]
    pub(crate) fn known(&self) -> Option<Identity> {
        self.lasting.get().copied()
    }

    /// A hash of the elements. It takes as long as to read them all, and each plan with checkpoints asks for it.
    pub(crate) fn lasting(&self) -> Identity {
        *self.lasting.get_or_init(|| {
            with_dtype!(self.elements.dtype(), T => {
                Identity::of_bytes(T::as_bytes(self.elements.elements()))
            })
        })
    }
}

impl Node {
    pub(crate) fn new(
        op: Op,
        inputs: impl IntoIterator<Item = Arc<Node>>,
        dtype: DType,
        chunks: Chunks,
        key: Identity,
        origin: Origin,
    ) -> Arc<Self> {
        let inputs: Inputs = inputs.into_iter().collect();
        let known: SmallVec<[Identity; 4]> = inputs.iter().map(|input| input.identity).collect();
        let identity = Identity::of((op.name(), key, known.as_slice(), dtype, &chunks));
        let owners = Owners::of(&op, &inputs, &chunks);
        Arc::new(Self { op, inputs, dtype, chunks, owners, identity, key, label: None, origin })
    }

    /// The same node with another identity and label.
    fn copied(&self, inputs: Inputs, identity: Identity, label: Option<Arc<str>>) -> Arc<Self> {
        let (op, chunks, owners) = (self.op.clone(), self.chunks.clone(), self.owners.clone());
        let Self { dtype, key, origin, .. } = *self;
        Arc::new(Self { op, inputs, dtype, chunks, owners, identity, key, label, origin })
    }

    /// The same array, called something.
    pub(crate) fn labelled(&self, label: &str) -> Arc<Self> {
        self.copied(self.inputs.clone(), self.identity, Some(label.into()))
    }

    /// A node that stands for an error, which all that is made of it returns.
    pub(crate) fn invalid(error: Error, ndim: usize, dtype: DType, origin: Origin) -> Arc<Self> {
        let chunks = Chunks::one(&SmallVec::<[usize; 4]>::from_elem(0, ndim));
        let error = Op::Invalid(error.at(origin));
        Self::new(error, [], dtype, chunks, Identity::unique(), origin)
    }

    /// The error that it stands for, if it does.
    pub(crate) fn error(&self) -> Option<&Error> {
        match &self.op {
            Op::Invalid(error) => Some(error),
            _ => None,
        }
    }

    pub(crate) fn shape(&self) -> Dims {
        self.chunks.shape()
    }

    /// How many bytes all its elements take.
    pub(crate) fn bytes(&self) -> usize {
        bytes_of(&self.shape(), self.dtype.bytes())
    }
}

impl Drop for Node {
    /// A chain of a million operations is taken apart link by link, not by a million calls within each other.
    fn drop(&mut self) {
        let mut rest = std::mem::take(&mut self.inputs);
        while let Some(node) = rest.pop() {
            if let Some(mut node) = Arc::into_inner(node) {
                rest.append(&mut std::mem::take(&mut node.inputs));
            }
        }
    }
}

impl Op {
    /// What it is called in pictures and tables.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Source(source) => source.name(),
            Self::Memory(_) => "array",
            Self::Map { name, .. } => name,
            Self::View(_) => "view",
            Self::Rechunk => "rechunk",
            Self::Block(block) => block.name(),
            Self::Reduce { reducer, .. } => reducer.name(),
            Self::Invalid(_) => "error",
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", self.op.name(), self.dtype, self.chunks)
    }
}

/// The nodes that `roots` are made of, and themselves: each once, and after its inputs.
pub(crate) fn sorted(roots: &[Arc<Node>]) -> Vec<Arc<Node>> {
    let mut order = vec![];
    let mut seen = std::collections::HashSet::new();
    let mut stack: Vec<(Arc<Node>, usize)> =
        roots.iter().rev().map(|root| (Arc::clone(root), 0)).collect();
    while let Some((node, next)) = stack.pop() {
        if next == 0 && seen.contains(&node.identity) {
            continue;
        }
        match node.inputs.get(next) {
            Some(input) => {
                let input = Arc::clone(input);
                stack.push((node, next + 1));
                stack.push((input, 0));
            }
            None => {
                if seen.insert(node.identity) {
                    order.push(node);
                }
            }
        }
    }
    order
}

/// The same graph without anything in common: what is written twice is computed twice.
pub(crate) fn distinct(roots: &[Arc<Node>]) -> Vec<Arc<Node>> {
    let mut copies: std::collections::HashMap<*const Node, Arc<Node>> =
        std::collections::HashMap::new();
    let mut stack: Vec<Arc<Node>> = roots.to_vec();
    while let Some(node) = stack.last().cloned() {
        let missing: Inputs = node
            .inputs
            .iter()
            .filter(|input| !copies.contains_key(&Arc::as_ptr(input)))
            .cloned()
            .collect();
        if missing.is_empty() {
            let inputs =
                node.inputs.iter().map(|input| Arc::clone(&copies[&Arc::as_ptr(input)])).collect();
            let copy = node.copied(inputs, Identity::unique(), node.label.clone());
            copies.insert(Arc::as_ptr(&node), copy);
            stack.pop();
        } else {
            stack.extend(missing);
        }
    }
    roots.iter().map(|root| Arc::clone(&copies[&Arc::as_ptr(root)])).collect()
}

/// A [`Source`] of elements whose type is known at run time.
pub(crate) trait AnySource: Send + Sync {
    fn name(&self) -> &str;
    fn is_computed(&self) -> bool;
    /// The chunks in which it keeps its elements, if it does.
    fn chunks(&self) -> Option<Chunks>;
    /// What tells its elements from those of another time, if it knows that.
    fn version(&self) -> Option<String>;
    /// Its chunks, who has them and what they hold, if each of several ranks has some: those of others are waited for.
    fn on_ranks(&self) -> Option<(&Chunks, &Owners, DType)> {
        None
    }
    /// That it can be read where no other ranks are there, or why not.
    fn alone(&self) -> Result<(), Error> {
        Ok(())
    }
    /// How many bytes it takes to read, if it is read by whole chunks.
    fn memory(&self) -> usize;
    /// How many bytes reading it takes and leaves behind, whatever is read.
    fn kept(&self) -> usize {
        0
    }
    fn read(&self, window: &Window, out: &mut Buffer) -> Result<(), Error>;
    /// Reads a window of the rows that are left.
    fn read_every(&self, every: &Every, window: &Window, out: &mut Buffer) -> Result<(), Error>;
}

/// A source that remembers the type of its elements.
pub(crate) struct Typed<T, S> {
    source: S,
    name: Arc<str>,
    element: std::marker::PhantomData<fn() -> T>,
}

impl<T: Element, S: Source<T>> Typed<T, S> {
    pub(crate) fn new(source: S, name: &str) -> Self {
        Self { source, name: name.into(), element: std::marker::PhantomData }
    }
}

impl<T: Element, S: Source<T>> AnySource for Typed<T, S> {
    fn name(&self) -> &str {
        &self.name
    }

    fn is_computed(&self) -> bool {
        self.source.is_computed()
    }

    fn chunks(&self) -> Option<Chunks> {
        self.source.chunks()
    }

    fn version(&self) -> Option<String> {
        self.source.version()
    }

    fn memory(&self) -> usize {
        self.source.memory()
    }

    fn kept(&self) -> usize {
        self.source.kept()
    }

    fn read(&self, window: &Window, out: &mut Buffer) -> Result<(), Error> {
        out.resize(window.len());
        let elements = out.elements_mut();
        if self.source.is_computed() {
            return self.source.read(window, elements);
        }
        reading(size_of_val(elements), || self.source.read(window, elements))
    }

    fn read_every(&self, every: &Every, window: &Window, out: &mut Buffer) -> Result<(), Error> {
        out.resize(window.len());
        let mut rest = out.elements_mut();
        reading(size_of_val(rest), || {
            every.each(window, |row| {
                let (to, after) = std::mem::take(&mut rest).split_at_mut(row.len());
                rest = after;
                self.source.read(row, to)
            })
        })
    }
}
