//! An array in whose slice other elements stand.

use std::marker::PhantomData;
use std::ops::Range;

use super::{Block, Needs, Read};
use crate::buffer::Buffer;
use crate::element::Element;
use crate::error::Result;
use crate::gather::scatter;
use crate::view::{AxisMap, View};
use crate::window::{Dims, Window};

/// The first input with the second, which has the shape of a view of it, in the place of the view. No two axes of
/// the array go along one of the view.
pub(crate) struct Write<T> {
    view: View,
    element: PhantomData<fn() -> T>,
}

impl<T: Element> Write<T> {
    pub(crate) fn new(view: View) -> Self {
        Self { view, element: PhantomData }
    }

    /// The part of the view that a window of the array shows, if it has elements.
    fn written(&self, window: &Window) -> Option<Window> {
        let mut written = Window::whole(&self.view.shape);
        for (along, map) in self.view.maps.iter().enumerate() {
            match *map {
                AxisMap::Fixed(index) if !window.range(along).contains(&index) => return None,
                AxisMap::Fixed(_) => {}
                AxisMap::Along { axis, start, step } => {
                    let len = self.view.shape[axis];
                    written.set(axis, seen(window.range(along), start, step, len));
                }
            }
        }
        (written.len() > 0).then_some(written)
    }
}

/// Those of the indices below `len` for which `start + step * index` lies in a range.
fn seen(range: Range<usize>, start: usize, step: isize, len: usize) -> Range<usize> {
    // How many are below a bound, if they ascend.
    let below = |bound: usize| bound.saturating_sub(start).div_ceil(step.unsigned_abs()).min(len);
    if step > 0 {
        return below(range.start)..below(range.end);
    }
    // How many are at a bound or above, if they descend.
    let down_to = |bound: usize| match start.checked_sub(bound) {
        Some(down) => (down / step.unsigned_abs() + 1).min(len),
        None => 0,
    };
    down_to(range.end)..down_to(range.start)
}

impl<T: Element> Block for Write<T> {
    fn name(&self) -> &str {
        "assign"
    }

    fn needs(&self, window: &Window) -> Needs {
        let written = self.written(window);
        let covers = written.as_ref().is_some_and(|written| written.len() == window.len());
        let own = (!covers).then(|| (0, window.clone()));
        own.into_iter().chain(written.map(|written| (1, written))).collect()
    }

    fn bytes(&self, shape: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize {
        let mut written: Dims = self.view.shape.clone();
        for (map, &len) in self.view.maps.iter().zip(shape) {
            if let AxisMap::Along { axis, step, .. } = *map {
                written[axis] = written[axis].min(len.div_ceil(step.unsigned_abs()));
            }
        }
        input(0, shape).saturating_add(input(1, &written))
    }

    fn keeps_chunks(&self) -> bool {
        true
    }

    fn keeps_rows(&self) -> bool {
        true
    }

    fn computes(&self) -> bool {
        false
    }

    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        let written = self.written(window);
        if written.as_ref().is_none_or(|written| written.len() < window.len()) {
            inputs.read(0, window, out)?;
        }
        let Some(written) = written else { return Ok(()) };
        let (first, strides) = self.view.places(&written, window);
        let elements = inputs.get(1, &written)?;
        scatter::<T>(elements.elements(), written.shape(), out.elements_mut(), first, &strides);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_that_a_range_sees() {
        for step in [-3_isize, -2, -1, 1, 2, 3] {
            for (start, len) in [(0, 1), (7, 3), (12, 4), (6, 2)] {
                let shown = |index| crate::view::moved(start, step, index);
                if step < 0 && start < step.unsigned_abs() * (len - 1) {
                    continue;
                }
                for range in [0..20, 5..9, 7..8, 13..13, 0..7, 9..30] {
                    let expected: Vec<_> =
                        (0..len).filter(|&i| range.contains(&shown(i))).collect();
                    let found = seen(range.clone(), start, step, len);
                    assert_eq!(
                        found.clone().collect::<Vec<_>>(),
                        expected,
                        "{start} {step} {range:?}"
                    );
                }
            }
        }
    }
}
