//! Arrays that are made once and held, where a plan would make them again.

use std::sync::Arc;

use ndarray::Ix2;

use super::kernel::Linear;
use crate::array::Array;
use crate::block::{Block, Needs, Read};
use crate::buffer::Buffer;
use crate::error::Result;
use crate::hash::Identity;
use crate::node::{Op, Origin};
use crate::window::Window;

/// The same array, which is held in memory or put aside on disk once it is made.
pub(super) fn held<T: Linear>(array: &Array<T, Ix2>, origin: Origin) -> Array<T, Ix2> {
    let (op, node) = (Op::Block(Arc::new(Held)), &array.node);
    Array::made(op, [Arc::clone(node)], node.chunks.clone(), Identity::of("held"), origin)
}

struct Held;

impl Block for Held {
    fn name(&self) -> &str {
        "held"
    }

    fn is_held(&self) -> bool {
        true
    }

    fn needs(&self, window: &Window) -> Needs {
        Needs::from_iter([(0, window.clone())])
    }

    fn bytes(&self, shape: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize {
        input(0, shape)
    }

    fn computes(&self) -> bool {
        false
    }

    fn keeps_rows(&self) -> bool {
        true
    }

    fn keeps_chunks(&self) -> bool {
        true
    }

    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        inputs.read(0, window, out)
    }
}
