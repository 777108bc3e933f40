//! A stencil applied again and again.

use std::ops::Range;

use rayon::prelude::*;

use super::cursor::{Common, Field, Params};
use super::layout::Window;
use super::plate::{Advance, Part, Plate};
use super::{Border, Stencil, shown};
use crate::call::{Call, GRAIN};
use crate::error::{Error, ErrorKind};
use crate::isa::{self, Isa};
use crate::simd::Element;

/// Bytes of an array that stays in the second cache.
const CACHE: usize = 512 << 10;
/// Columns of a part of a longer vector.
const COLUMNS: usize = 1536;

/// Takes an array `count` steps ahead: the argument with the number `stepped`.
///
/// # Errors
/// Inputs of different shapes; an array whose elements share memory; a zero divisor in a kernel
/// that minds.
pub fn steps<K, T, E>(
    count: usize,
    stepped: usize,
    field: &Field<E>,
    args: &<K::In as Params>::Args,
    call: Call,
) -> Result<(), Error>
where
    K: Stencil<T, Out = (E, ())>,
    E: Element,
{
    let common = Common::of::<K::In>(args, K::NAMES, K::DIMS)?;
    let len: usize = field.shape.iter().product();
    if len == 0 {
        return Ok(());
    }
    let shares = field.shape.iter().zip(field.strides).any(|(&len, step)| len > 1 && step == 0);
    if shares {
        let name = K::NAMES.get(stepped).copied().unwrap_or_default();
        let message = format!("elements of argument `{name}` share memory: it was broadcast");
        return Err(Error::new(ErrorKind::Overlap, message));
    }
    if count == 0 {
        return Ok(());
    }
    let isa = call.isa();
    let axis = if shown(field.shape, K::DIMS).len() == 1 { 2 } else { 0 };
    let plan =
        Plan::new::<K, T>(len * size_of::<E>(), field.shape, axis, common.border, count, call);
    let run = Run::<K, T, E> { field, args, isa, stepped };
    crate::elementwise::verdict(run.run(&plan, count, call.par))
}

/// How the array is cut.
#[derive(Debug)]
struct Plan {
    axis: usize,
    parts: Vec<Range<usize>>,
    border: Border<()>,
    /// Steps between one exchange between the parts and the next.
    between: usize,
    /// Elements beyond a part that it takes along: so far creeps in what is wrong at its ends.
    halo: usize,
}

impl Plan {
    fn new<K: Stencil<T>, T>(
        bytes: usize,
        shape: [usize; 3],
        axis: usize,
        border: Border<()>,
        count: usize,
        call: Call,
    ) -> Self {
        let (low, high) = K::REACH[axis];
        let (reach, len) = (low.max(high), shape[axis]);
        // Beyond its ends a part computes what no element of the array ever is.
        let can_be_cut = !K::FALLIBLE;
        let is_large = bytes > CACHE && (axis == 2 || border == Border::Wrap);
        let mut parts = 1;
        if can_be_cut && call.par && bytes.saturating_mul(count) >= 2 * GRAIN {
            parts = rayon::current_num_threads();
        }
        if can_be_cut && axis == 2 && is_large {
            parts = parts.max(len.div_ceil(COLUMNS));
        }
        let parts = parts.clamp(1, len.div_ceil(2 * reach + 1));
        let is_cut = parts > 1 || (can_be_cut && is_large && reach > 0);
        let size = len.div_ceil(parts);
        let ranges = (0..len).step_by(size).map(|start| start..(start + size).min(len)).collect();
        if !is_cut {
            return Self { axis, parts: ranges, border, between: usize::MAX, halo: 0 };
        }
        // An exchange costs about as much as 5/2 steps; each step between two costs the halo.
        let between = (5 * size / (2 * reach.max(1))).isqrt().clamp(1, count);
        Self { axis, parts: ranges, border, between, halo: between * reach }
    }

    /// A part with its halo: where it lies, and where the part lies in that.
    fn part(&self, index: usize, shape: [usize; 3]) -> (Window, [usize; 3], Range<usize>) {
        let (range, len) = (&self.parts[index], shape[self.axis].cast_signed());
        let (mut start, mut end) = (range.start.cast_signed(), range.end.cast_signed());
        start -= self.halo.cast_signed();
        end += self.halo.cast_signed();
        if self.border != Border::Wrap {
            start = start.max(0);
            end = end.min(len);
        }
        let mut window = Window::WHOLE;
        window.start[self.axis] = start;
        let mut own = shape;
        own[self.axis] = (end - start).cast_unsigned();
        let first = (range.start.cast_signed() - start).cast_unsigned();
        (window, own, first..first + range.len())
    }

    fn borders(&self) -> [Border<()>; 3] {
        let mut borders = [self.border; 3];
        if self.halo > 0 && self.border == Border::Wrap {
            borders[self.axis] = Border::Nearest;
        }
        borders
    }
}

/// The call.
struct Run<'a, K: Stencil<T>, T, E> {
    field: &'a Field<E>,
    args: &'a <K::In as Params>::Args,
    isa: Isa,
    stepped: usize,
}

/// A plate, and the part of the array in it, along the axis that was cut.
struct Band<K: Stencil<T>, T, E> {
    plate: Plate<K, T, E>,
    own: Range<usize>,
    bad: bool,
}

impl<K: Stencil<T, Out = (E, ())>, T, E: Element> Run<'_, K, T, E> {
    /// Whether a lane went wrong.
    fn run(&self, plan: &Plan, count: usize, par: bool) -> bool {
        let make = |index: usize| {
            let (window, shape, own) = plan.part(index, self.field.shape);
            let lanes = self.isa.lanes();
            let part = Part { window, shape, border: plan.borders(), lanes, stepped: self.stepped };
            Band { plate: Plate::<K, T, E>::new(&part, self.field.border), own, bad: false }
        };
        let par = par && plan.parts.len() > 1;
        let (field, args, isa) = (self.field, self.args, self.isa);
        let advance = |band: &mut Band<K, T, E>, steps: usize| {
            let advance = Advance { plate: &mut band.plate, from: field, args, steps };
            band.bad |= isa::call(isa, advance);
        };
        let [planes, _, columns] = field.shape;
        let store = |band: &mut Band<K, T, E>| {
            let own = band.own.clone();
            let (planes, columns) =
                if plan.axis == 0 { (own, 0..columns) } else { (0..planes, own) };
            // SAFETY: the array is borrowed for the call, bands have elements of their own, and
            // nobody reads the array while bands are written.
            unsafe { band.plate.store(field, planes, &columns) };
        };
        let mut bands: Vec<Band<K, T, E>> = (0..plan.parts.len()).map(make).collect();
        let mut left = count;
        while left > 0 {
            let steps = left.min(plan.between);
            left -= steps;
            if par {
                bands.par_iter_mut().for_each(|band| advance(band, steps));
                bands.par_iter_mut().for_each(store);
            } else {
                bands.iter_mut().for_each(|band| advance(band, steps));
                bands.iter_mut().for_each(store);
            }
        }
        bands.iter().any(|band| band.bad)
    }
}
