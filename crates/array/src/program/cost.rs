//! What a program costs, in time: a model, for plans to be compared by before they run.
//!
//! The figures are of one worker, in time of the processor: what `examples/estimate.rs` took on x86-64 with AVX-512 for
//! 512 MiB of `f64`. They are the same everywhere, so that an estimate is too.

#![expect(clippy::cast_precision_loss, reason = "a model is not exact")]

use super::leaf::{From, Leaf, asked};
use super::{Program, Step};
use crate::block::{Block, Reads};
use crate::view::{AxisMap, View};
use crate::window::{Dims, Window};

/// Nanoseconds for a byte of a file in the page cache, and of memory that is gone through.
const FILE: f64 = 0.15;
const MEMORY: f64 = 0.06;

/// Nanoseconds for an element of a source that computes it: a number of which there are many, a random one, and any
/// other.
const SAME: f64 = 0.03;
const RANDOM: f64 = 0.8;
const COMPUTED: f64 = 1.0;

/// Nanoseconds for an element that is gathered backwards or by steps, and across the rows of an array, as those of a
/// transpose are.
const GATHERED: f64 = 0.8;
const CROSSED: f64 = 1.4;

/// Nanoseconds for an element that a block moves to another place, that a function of chunks makes, that a scan goes
/// along, and that is multiplied and added to another in a product.
pub(crate) const MOVED: f64 = 0.15;
pub(crate) const MADE: f64 = 1.2;
pub(crate) const SCANNED: f64 = 0.4;
pub(crate) const MULTIPLIED: f64 = 0.025;

/// Nanoseconds for a function and element, by the function's name: of most, of what the processor divides for, of what
/// takes many instructions, and of a function that the user gave. What is harder than a power was not measured.
const APPLIED: f64 = 0.08;
const DIVIDED: f64 = 0.2;
const COMPOSED: f64 = 0.35;
const POWER: f64 = 1.7;
const GIVEN: f64 = 1.0;
const HARD: f64 = 6.0;

/// What a source of a name costs for an element that it computes.
fn of_source(name: &str) -> f64 {
    match name {
        "full" => SAME,
        "uniform" | "normal" => RANDOM,
        _ => COMPUTED,
    }
}

/// What a function of a name costs for an element.
pub(super) fn of_function(name: &str) -> f64 {
    match name {
        "div" | "sqrt" | "reciprocal" => DIVIDED,
        "exp" | "ln" | "sin" | "cos" => COMPOSED,
        "map" => GIVEN,
        "powf" => POWER,
        "tan" | "sinh" | "cosh" | "tanh" | "atan2" | "hypot" | "cbrt" | "exp2" | "exp_m1"
        | "ln_1p" | "log2" | "log10" | "asin" | "acos" | "atan" | "asinh" | "acosh" | "atanh" => {
            HARD
        }
        _ => APPLIED,
    }
}

impl Program {
    /// How many nanoseconds a worker needs for a window, of which parts of the shape `at_a_time` are made one after
    /// another: to read it, and to compute it.
    pub(crate) fn nanoseconds(&self, window: &Window, at_a_time: &[usize]) -> f64 {
        if window.len() == 0 {
            return 0.0;
        }
        let part = Window::whole(at_a_time);
        let of_leaf = |leaf: &Leaf| {
            leaf.nanoseconds(&leaf.window(window), leaf.window(&part).shape(), elements(window))
        };
        let of_step = |step: &Step| match step {
            Step::Load { .. } => 0.0,
            Step::Apply { nanoseconds, .. } => nanoseconds * elements(window),
        };
        let leaves: f64 = self.leaves.iter().map(of_leaf).sum();
        leaves + self.steps.iter().map(of_step).sum::<f64>()
    }
}

impl Leaf {
    /// The time for a window of the leaf, which so many elements of the result are made of.
    fn nanoseconds(&self, window: &Window, at_a_time: &[usize], made: f64) -> f64 {
        let bytes = elements(window) * self.dtype.bytes() as f64;
        let here = match &self.from {
            From::Source(source) if source.is_computed() => {
                elements(window) * of_source(source.name())
            }
            From::Source(_) | From::Result { on_disk: true, .. } => bytes * FILE,
            From::Memory(_) | From::Result { on_disk: false, .. } => bytes * MEMORY,
            From::Block(block, inputs) => of_block(&**block, inputs, window, at_a_time),
        };
        here + self.views.iter().map(gathered).fold(0.0, f64::max) * made
    }
}

/// What it takes for an element to put what is seen otherwise than it lies in order, tile by tile.
fn gathered(view: &View) -> f64 {
    let last = view.shape.len().checked_sub(1);
    match view.maps.last() {
        _ if view.keeps_windows() => 0.0,
        Some(AxisMap::Along { axis, .. }) if Some(*axis) != last => CROSSED,
        _ => GATHERED,
    }
}

/// The time for a window of a block: its own, and that of what it reads.
fn of_block(block: &dyn Block, inputs: &[Program], window: &Window, at_a_time: &[usize]) -> f64 {
    let own = block.nanoseconds() * elements(window);
    let asked = asked(block, at_a_time);
    let read = block.reads(window).into_iter().map(|Reads { input, hull, elements: read }| {
        let passes = block.passes(input, at_a_time) as f64;
        let asked = asked.get(&input).map_or(hull.shape(), Dims::as_slice);
        let share = read as f64 / elements(&hull).max(1.0);
        inputs[input].nanoseconds(&hull, asked) * passes * share
    });
    own + read.sum::<f64>()
}

fn elements(window: &Window) -> f64 {
    window.shape().iter().map(|&len| len as f64).product()
}
