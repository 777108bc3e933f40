//! A matrix in panels of columns, which tasks go to and fro in: in memory, or put aside on disk but for some of them.

use std::fmt;
use std::ops::Range;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use faer::Mat;
use ndarray::Ix2;

use super::kernel::{Linear, packed};
use crate::array::Array;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::workers;
use crate::file::ScratchFile;
use crate::node::Origin;
use crate::settings::Settings;
use crate::slab::is_there;
use crate::source::{Source, Target};
use crate::window::{Dims, Window};

/// Who works on which panel when is decided by the graph of tasks: a lock is waited for only while they are filled, and
/// vouches for it later.
pub(super) struct Panels<T> {
    rows: usize,
    cols: usize,
    width: usize,
    /// Those that are put aside have no elements unless they were loaded.
    panels: Vec<RwLock<Mat<T>>>,
    aside: Option<Aside<T>>,
}

/// Where panels are that are not in memory, and how many can be there, beside the one that acts on them.
struct Aside<T> {
    file: ScratchFile<T>,
    at_once: usize,
}

/// How many bytes there must be in memory, for what.
struct Need {
    matrix: usize,
    panel: usize,
    /// What is held with the panels, and what threads pack.
    beside: usize,
    packed: usize,
}

/// How many bytes a column takes: columns begin where the registers like it.
pub(super) fn column_bytes<T>(rows: usize) -> usize {
    rows.saturating_add(32).saturating_mul(size_of::<T>())
}

impl Need {
    /// What a matrix takes in panels of so many columns.
    fn of<T>(array: &Array<T, Ix2>, width: usize, beside: usize, settings: &Settings) -> Self
    where
        T: Linear,
    {
        let (rows, cols) = (array.shape()[0], array.shape()[1]);
        let column = column_bytes::<T>(rows);
        // Each thread packs as much as a panel, and what it is multiplied by.
        let at_once = workers(settings.threads).min(cols.div_ceil(width));
        let packed = packed(rows, width, width).saturating_mul(size_of::<T>());
        Self {
            matrix: column.saturating_mul(cols),
            panel: column.saturating_mul(width.min(cols)),
            beside,
            packed: at_once.saturating_mul(packed),
        }
    }

    fn all(&self) -> usize {
        self.matrix.saturating_add(self.beside).saturating_add(self.packed)
    }

    /// What there is for a panel, and one that acts on it.
    fn least(&self) -> usize {
        let panels = self.matrix.min(self.panel.saturating_mul(2));
        panels.saturating_add(self.beside).saturating_add(self.packed)
    }

    /// How many panels can be in memory under a cap that has room for the least, beside one that acts on them.
    fn at_once(&self, cap: usize) -> usize {
        (cap - self.beside - self.packed) / self.panel - 1
    }
}

/// How many columns a panel of a square matrix has: few enough that panels can be worked on side by side, enough that
/// products with them are fast.
pub(super) fn width(n: usize) -> usize {
    match n {
        0..1024 => 64,
        1024..4096 => 128,
        _ => 256,
    }
}

fn refusal<T: Linear>(name: &str, array: &Array<T, Ix2>, need: usize, cap: usize) -> Error {
    let (rows, cols) = (array.shape()[0], array.shape()[1]);
    let sentence = format!(
        "`{name}` of {rows} x {cols} needs {need} bytes, more than the {cap} bytes that argument `memory` allows"
    );
    Error::new(ErrorKind::Memory, sentence)
}

impl<T: Linear> Panels<T> {
    /// The elements of an array, computed and in memory. `beside` is how many bytes are held with them.
    pub(super) fn of(
        name: &str,
        array: &Array<T, Ix2>,
        width: usize,
        beside: usize,
        settings: &Settings,
        origin: Origin,
    ) -> Result<Self> {
        let need = Need::of(array, width, beside, settings);
        if let Some(cap) = settings.memory.filter(|&cap| cap < need.all()) {
            return Err(refusal(name, array, need.all(), cap).at(origin));
        }
        let shape = array.shape();
        let (rows, cols) = (shape[0], shape[1]);
        is_there::<T>(rows.saturating_mul(cols)).map_err(|error| error.at(origin))?;
        let panel = |at: usize| RwLock::new(Mat::zeros(rows, width.min(cols - at * width)));
        let panels = (0..cols.div_ceil(width)).map(panel).collect();
        let panels = Self { rows, cols, width, panels, aside: None };
        let left = settings.memory.map(|cap| cap - need.matrix - need.beside);
        settings.capped(left).store(array, &panels)?;
        Ok(panels)
    }

    /// The same, put aside on disk if memory is short, so that some panels at a time can be in memory.
    pub(super) fn aside_or_of(
        name: &str,
        array: &Array<T, Ix2>,
        width: usize,
        beside: usize,
        settings: &Settings,
        origin: Origin,
    ) -> Result<Self> {
        let need = Need::of(array, width, beside, settings);
        let Some(cap) = settings.memory.filter(|&cap| cap < need.all()) else {
            return Self::of(name, array, width, beside, settings, origin);
        };
        if cap < need.least() {
            return Err(refusal(name, array, need.least(), cap).at(origin));
        }
        let shape = array.shape();
        let (rows, cols) = (shape[0], shape[1]);
        let file = ScratchFile::create(settings.folder(), &[cols, rows])
            .map_err(|error| error.at(origin))?;
        settings.store(&array.t(), &file)?;
        let panels = (0..cols.div_ceil(width)).map(|_| RwLock::new(Mat::new())).collect();
        Ok(Self {
            rows,
            cols,
            width,
            panels,
            aside: Some(Aside { file, at_once: need.at_once(cap) }),
        })
    }

    pub(super) fn count(&self) -> usize {
        self.panels.len()
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The first column of a panel, and how many it has.
    pub(super) fn columns(&self, panel: usize) -> (usize, usize) {
        let first = panel * self.width;
        (first, self.width.min(self.cols - first))
    }

    pub(super) fn read(&self, panel: usize) -> RwLockReadGuard<'_, Mat<T>> {
        self.panels[panel].read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self, panel: usize) -> RwLockWriteGuard<'_, Mat<T>> {
        self.panels[panel].write().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many bytes are in memory at most, of all panels or of those that are there together.
    pub(super) fn bytes(&self) -> usize {
        let at_once = self.aside.as_ref().map_or(self.count(), |aside| aside.at_once);
        column_bytes::<T>(self.rows)
            .saturating_mul(self.cols.min(at_once.saturating_mul(self.width)))
    }

    /// How many rows and columns there are.
    pub(super) fn shape(&self) -> (usize, usize) {
        (self.rows, self.cols)
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The panels that are in memory together: all, if none are put aside.
    pub(super) fn groups(&self) -> impl DoubleEndedIterator<Item = Range<usize>> + use<T> {
        let (count, at_once) =
            (self.count(), self.aside.as_ref().map_or(self.count(), |a| a.at_once));
        let groups = count.div_ceil(at_once.max(1));
        (0..groups).map(move |group| group * at_once..count.min((group + 1) * at_once))
    }

    /// Brings panels into memory, if they are put aside.
    pub(super) fn load(&self, panels: Range<usize>) -> Result<()> {
        let Some(Aside { file, .. }) = &self.aside else { return Ok(()) };
        for panel in panels {
            let (first, width) = self.columns(panel);
            let mut to = Mat::zeros(self.rows, width);
            for column in 0..width {
                file.read(&self.column(first + column, 0..self.rows), to.col_as_slice_mut(column))?;
            }
            *self.write(panel) = to;
        }
        Ok(())
    }

    /// Takes panels out of memory as they were put aside.
    pub(super) fn leave(&self, panels: Range<usize>) {
        if self.aside.is_some() {
            panels.for_each(|panel| *self.write(panel) = Mat::new());
        }
    }

    /// Puts panels aside again, if they are.
    pub(super) fn save(&self, panels: Range<usize>) -> Result<()> {
        let Some(Aside { file, .. }) = &self.aside else { return Ok(()) };
        for panel in panels.clone() {
            let (first, width) = self.columns(panel);
            let from = self.read(panel);
            for column in 0..width {
                file.write(&self.column(first + column, 0..self.rows), from.col_as_slice(column))?;
            }
        }
        self.leave(panels);
        Ok(())
    }

    /// Where a part of a column is in the file, which has columns one after another.
    fn column(&self, column: usize, rows: Range<usize>) -> Window {
        Window::new(&[column..column + 1, rows])
    }

    /// Calls `each` with the columns of a window, by their number, wherever they are.
    pub(super) fn each_column(
        &self,
        window: &Window,
        each: &mut dyn FnMut(usize, &[T]),
    ) -> Result<()> {
        let (rows, columns) = (window.range(0), window.range(1));
        if let Some(Aside { file, .. }) = &self.aside {
            let mut elements = vec![T::default(); rows.len()];
            return columns.into_iter().try_for_each(|column| {
                file.read(&self.column(column, rows.clone()), &mut elements)?;
                each(column, &elements);
                Ok(())
            });
        }
        for (panel, columns) in self.parts(window) {
            let from = self.read(panel);
            for column in columns {
                each(column, &from.col_as_slice(column - panel * self.width)[rows.clone()]);
            }
        }
        Ok(())
    }

    /// The panels that a window has columns of, and which columns of it those are.
    fn parts(&self, window: &Window) -> impl Iterator<Item = (usize, Range<usize>)> {
        let (columns, width) = (window.range(1), self.width);
        let panels = columns.start / width..columns.end.div_ceil(width);
        panels.map(move |panel| {
            let first = panel * width;
            (panel, columns.start.max(first)..columns.end.min(first + width))
        })
    }
}

impl<T> fmt::Debug for Panels<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {} in panels of {} columns", self.rows, self.cols, self.width)
    }
}

impl<T: Linear> Target<T> for Panels<T> {
    fn shape(&self) -> Dims {
        Dims::from_slice(&[self.rows, self.cols])
    }

    fn write(&self, window: &Window, elements: &[T]) -> Result<()> {
        let (rows, first) = (window.range(0), window.start()[1]);
        let fill = |panel: usize, columns: Range<usize>, mut to: RwLockWriteGuard<'_, Mat<T>>| {
            for column in columns {
                let to = &mut to.col_as_slice_mut(column - panel * self.width)[rows.clone()];
                let from = elements.iter().skip(column - first).step_by(window.shape()[1]);
                to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            }
        };
        // Those first that nobody else writes to.
        let busy: Vec<_> = self
            .parts(window)
            .filter(|(panel, columns)| match self.panels[*panel].try_write() {
                Ok(to) => {
                    fill(*panel, columns.clone(), to);
                    false
                }
                Err(_) => true,
            })
            .collect();
        busy.into_iter().for_each(|(panel, columns)| fill(panel, columns, self.write(panel)));
        Ok(())
    }
}
