//! A matrix in memory in panels of columns, which tasks go to and fro in.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use faer::Mat;
use ndarray::Ix2;

use super::kernel::{Linear, packed};
use crate::array::Array;
use crate::chunks::{AxisChunks, Chunks};
use crate::error::{Error, ErrorKind, Result};
use crate::executor::{Names, TaskGraph, caught, workers};
use crate::hash::Identity;
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
    panels: Vec<RwLock<Mat<T>>>,
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

impl<T: Linear> Panels<T> {
    /// The elements of an array, computed. `beside` is how many bytes are held with them.
    pub(super) fn of(
        name: &str,
        array: &Array<T, Ix2>,
        width: usize,
        beside: usize,
        settings: &Settings,
        origin: Origin,
    ) -> Result<Self> {
        let (rows, cols) = (array.shape()[0], array.shape()[1]);
        // Columns begin where the registers like it. Each thread packs as much as a panel, and what it is multiplied by.
        let column = rows.saturating_add(32).saturating_mul(size_of::<T>());
        let count = cols.div_ceil(width);
        let at_once = workers(settings.threads).min(count);
        let bytes = column.saturating_mul(cols).saturating_add(beside);
        let packed = packed(rows, width, width).saturating_mul(size_of::<T>());
        let need = bytes.saturating_add(at_once.saturating_mul(packed));
        if let Some(cap) = settings.memory.filter(|&cap| cap < need) {
            let sentence = format!(
                "`{name}` of {rows} x {cols} needs {need} bytes, more than the {cap} bytes that argument `memory` allows"
            );
            return Err(Error::new(ErrorKind::Memory, sentence).at(origin));
        }
        is_there::<T>(rows.saturating_mul(cols)).map_err(|error| error.at(origin))?;
        let panel = |at: usize| RwLock::new(Mat::zeros(rows, width.min(cols - at * width)));
        let panels = Self { rows, cols, width, panels: (0..count).map(panel).collect() };
        let left = settings.memory.map(|cap| cap - bytes);
        settings.capped(left).store(array, &panels)?;
        Ok(panels)
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
        Target::shape(&*self.panels)
    }

    fn chunks(&self) -> Option<Chunks> {
        let Panels { rows, cols, width, .. } = *self.panels;
        let columns = AxisChunks::even(cols, width.max(1)).ok()?;
        Some(Chunks::new([AxisChunks::even(rows, 2048).ok()?, columns]))
    }

    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        let (rows, first) = (window.range(0), window.start()[1]);
        for (panel, columns) in self.panels.parts(window) {
            let from = self.panels.read(panel);
            for column in columns {
                let from = &from.col_as_slice(column - panel * self.panels.width)[rows.clone()];
                let to = out.iter_mut().skip(column - first).step_by(window.shape()[1]);
                for ((to, from), row) in to.zip(from).zip(rows.clone()) {
                    *to = self.shown.element(*from, row, column);
                }
            }
        }
        Ok(())
    }
}

/// A task of a factorisation.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// Factors a panel, on which all panels to its left have acted.
    Factor(usize),
    /// Has a panel act on another to its right.
    Update { by: usize, of: usize },
    /// Does what remains to be done on a panel once all are factored.
    Finish(usize),
}

/// The tasks of a factorisation from the left to the right. The next panel is factored as soon as it can be, while the
/// others are still acted on by the one before (look-ahead).
pub(super) struct Steps {
    name: &'static str,
    graph: TaskGraph,
    steps: Vec<Step>,
    /// The last task on each panel.
    last: Vec<u32>,
}

impl Steps {
    pub(super) fn new(name: &'static str, panels: usize, finishes: bool) -> Result<Self> {
        let mut all =
            Self { name, graph: TaskGraph::new(), steps: vec![], last: Vec::with_capacity(panels) };
        let mut factored = vec![];
        for panel in 0..panels {
            if panel == 0 {
                factored.push(all.add(Step::Factor(0), &[])?);
                all.last = vec![factored[0]; panels];
            }
            for of in panel + 1..panels {
                let inputs = [factored[panel], all.last[of]];
                all.last[of] = all.add(Step::Update { by: panel, of }, &inputs)?;
                if of == panel + 1 {
                    factored.push(all.add(Step::Factor(of), &[all.last[of]])?);
                }
            }
        }
        if let Some(&last) = factored.last().filter(|_| finishes) {
            for panel in 0..panels {
                all.add(Step::Finish(panel), &[last])?;
            }
        }
        Ok(all)
    }

    /// The tasks of panels that have nothing to do with each other.
    pub(super) fn apart(name: &'static str, panels: usize) -> Result<Self> {
        let mut all = Self { name, graph: TaskGraph::new(), steps: vec![], last: vec![] };
        (0..panels).try_for_each(|panel| all.add(Step::Finish(panel), &[]).map(drop))?;
        Ok(all)
    }

    fn add(&mut self, step: Step, inputs: &[u32]) -> Result<u32> {
        self.steps.push(step);
        self.graph.add(inputs)
    }

    /// Does all, on as many threads as the settings say.
    pub(super) fn run(
        &self,
        settings: &Settings,
        work: impl Fn(Step) -> Result<()> + Sync,
    ) -> Result<()> {
        let done = settings.evaluate_named(&self.graph, &[], self, |task, _: &[&()]| {
            caught(|| work(self.steps[task as usize])).unwrap_or_else(|text| {
                let sentence = format!("{} panicked: {text}", self.name(task));
                Err(Error::new(ErrorKind::Panicked, sentence))
            })
        });
        done.map(drop)
    }
}

impl Names for Steps {
    fn name(&self, task: u32) -> String {
        match self.steps[task as usize] {
            Step::Factor(panel) => format!("`{}` of panel {panel}", self.name),
            Step::Update { by, of } => format!("`{}` of panel {of} by panel {by}", self.name),
            Step::Finish(panel) => format!("the end of `{}` of panel {panel}", self.name),
        }
    }

    fn all(&self) -> Vec<Arc<str>> {
        (0..=u32::MAX).take(self.steps.len()).map(|task| self.name(task).into()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_panel_is_factored_before_others_are_acted_on() {
        let steps = Steps::new("lu", 4, true).unwrap();
        let names: Vec<String> = steps.steps.iter().map(|step| format!("{step:?}")).collect();
        let at = |name: &str| names.iter().position(|step| step == name).unwrap();
        assert!(at("Factor(1)") < at("Update { by: 0, of: 2 }"));
        assert!(at("Factor(2)") < at("Update { by: 1, of: 3 }"));
        // 4 are factored, 6 pairs act, 4 are finished.
        assert_eq!(names.len(), 14);
        let inputs = steps.graph.inputs(u32::try_from(at("Factor(2)")).unwrap()).unwrap();
        assert_eq!(inputs, [u32::try_from(at("Update { by: 1, of: 2 }")).unwrap()]);
    }
}
