//! What is seen of a matrix in panels.

use std::fmt;
use std::sync::Arc;

use ndarray::Ix2;

use super::kernel::Linear;
use super::panels::Panels;
use crate::array::Array;
use crate::chunks::{AxisChunks, Chunks};
use crate::error::Result;
use crate::hash::Identity;
use crate::node::Origin;
use crate::source::Source;
use crate::window::{Dims, Window};

impl<T: Linear> Panels<T> {
    /// The array of its elements, or of some, with zeros for the others.
    pub(super) fn shown(
        self: &Arc<Self>,
        name: &str,
        shown: Shown,
        origin: Origin,
    ) -> Array<T, Ix2> {
        let source = ShownPanels { panels: Arc::clone(self), shown };
        Array::from_named_source(name, Identity::unique(), source, "auto", origin)
    }
}

/// Which elements of a matrix are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    All,
    /// On and below the diagonal.
    Lower,
    /// Below the diagonal, and ones on it.
    UnitLower,
    /// On and above the diagonal.
    Upper,
}

impl Shown {
    fn element<T: Linear>(self, element: T, row: usize, column: usize) -> T {
        match self {
            Self::UnitLower if row == column => T::count(T::default(), 1),
            Self::Lower | Self::UnitLower if row < column => T::default(),
            Self::Upper if row > column => T::default(),
            _ => element,
        }
    }
}

struct ShownPanels<T> {
    panels: Arc<Panels<T>>,
    shown: Shown,
}

impl<T> fmt::Debug for ShownPanels<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {:?}", self.shown, self.panels)
    }
}

impl<T: Linear> Source<T> for ShownPanels<T> {
    fn shape(&self) -> Dims {
        let (rows, cols) = self.panels.shape();
        Dims::from_slice(&[rows, cols])
    }

    fn chunks(&self) -> Option<Chunks> {
        let (rows, cols) = self.panels.shape();
        let columns = AxisChunks::even(cols, self.panels.width().max(1)).ok()?;
        Some(Chunks::new([AxisChunks::even(rows, 2048).ok()?, columns]))
    }

    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        let (rows, first) = (window.range(0), window.start()[1]);
        self.panels.each_column(window, &mut |column, from| {
            let to = out.iter_mut().skip(column - first).step_by(window.shape()[1]);
            for ((to, from), row) in to.zip(from).zip(rows.clone()) {
                *to = self.shown.element(*from, row, column);
            }
        })
    }
}
