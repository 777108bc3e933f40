//! Arrays of different shapes, element by element.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{Dimension, IntoDimension};

use crate::array::Array;
use crate::chunks::Chunks;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{Node, Op, Origin};
use crate::view::View;
use crate::window::Dims;

/// The shape that both have when those of their axes that are one long, or missing in front, are repeated.
pub(crate) fn common_shape(a: &[usize], b: &[usize]) -> Result<Dims> {
    let ndim = a.len().max(b.len());
    let len = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(ndim).map_or(1, |axis| shape[axis])
    };
    let axis = |axis| match (len(a, axis), len(b, axis)) {
        (a, b) if a == b => Ok(a),
        (1, b) => Ok(b),
        (a, 1) => Ok(a),
        (one, other) => {
            let sentence = format!(
                "shapes {a:?} and {b:?} do not go together: axis {axis} of the result would have {one} and {other} \
                 elements"
            );
            Err(Error::new(ErrorKind::Shape, sentence))
        }
    };
    (0..ndim).map(axis).collect()
}

/// A node repeated to a shape.
pub(crate) fn broadcast(node: &Arc<Node>, shape: &[usize], origin: Origin) -> Arc<Node> {
    let own = node.shape();
    if own.as_slice() == shape {
        return Arc::clone(node);
    }
    view(node, View::broadcast(&own, shape), origin)
}

/// A view of a node.
pub(crate) fn view(node: &Arc<Node>, view: View, origin: Origin) -> Arc<Node> {
    let (chunks, key) = (view.chunks(&node.chunks), Identity::of(&view));
    Node::new(Op::View(view), [Arc::clone(node)], node.dtype, chunks, key, origin)
}

/// The chunks in which several arrays of one shape are gone through: on each axis those of the one that has most.
pub(crate) fn common_chunks(nodes: &[Arc<Node>]) -> Chunks {
    let ndim = nodes[0].chunks.ndim();
    let axis = |axis| {
        let cuts = nodes.iter().map(|node| node.chunks.axis(axis));
        // The first of those that have as many.
        cuts.rev().max_by_key(|cut| cut.count())
    };
    Chunks::new((0..ndim).filter_map(axis).cloned())
}

impl<T: Element, D: Dimension> Array<T, D> {
    /// The array repeated to a shape, by NumPy's rules: axes of one element, and missing ones in front, are
    /// repeated. Nothing is copied.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let row = Array::arange(0..3_u32, "auto");
    /// assert_eq!(row.broadcast([2, 3]).compute()?, array![[0, 1, 2], [0, 1, 2]]);
    /// let error = row.broadcast([2, 4]).compute().unwrap_err();
    /// assert!(error.to_string().starts_with("argument `shape` is [2, 4], to which [3] cannot be broadcast"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn broadcast<S: IntoDimension>(&self, shape: S) -> Array<T, S::Dim> {
        let origin = Location::caller();
        let shape = shape.into_dimension();
        Array::or_invalid(origin, || {
            self.check()?;
            let (own, to) = (self.shape(), shape.slice());
            if common_shape(&own, to).ok().as_deref() != Some(to) {
                let own = own.as_slice();
                let sentence =
                    format!("argument `shape` is {to:?}, to which {own:?} cannot be broadcast");
                return Err(Error::new(ErrorKind::Shape, sentence));
            }
            Ok(Array::of(broadcast(&self.node, to, origin)))
        })
    }
}
