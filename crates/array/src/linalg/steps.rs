//! The tasks of a factorisation.

use std::ops::Range;
use std::sync::Arc;

use super::kernel::Linear;
use super::panels::Panels;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::{Names, TaskGraph, caught};
use crate::settings::Settings;

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

/// Tasks of a factorisation from the left to the right. The next panel is factored as soon as it can be, while the others
/// are still acted on by the one before (look-ahead).
pub(super) struct Steps {
    name: &'static str,
    graph: TaskGraph,
    steps: Vec<Step>,
}

impl Steps {
    /// Those that are between some panels. All others to the left of them have acted on them.
    fn within(name: &'static str, panels: Range<usize>) -> Result<Self> {
        let mut all = Self { name, graph: TaskGraph::new(), steps: vec![] };
        let mut factored = all.add(Step::Factor(panels.start), &[])?;
        // The last task on each panel.
        let mut last = vec![factored; panels.len()];
        for by in panels.clone() {
            let acting = factored;
            for of in by + 1..panels.end {
                let own = &mut last[of - panels.start];
                *own = all.add(Step::Update { by, of }, &[acting, *own])?;
                if of == by + 1 {
                    factored = all.add(Step::Factor(of), &[*own])?;
                }
            }
        }
        Ok(all)
    }

    /// Tasks that have nothing to do with each other.
    pub(super) fn apart(name: &'static str, steps: impl IntoIterator<Item = Step>) -> Result<Self> {
        let mut all = Self { name, graph: TaskGraph::new(), steps: vec![] };
        steps.into_iter().try_for_each(|step| all.add(step, &[]).map(drop))?;
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
        work: &(impl Fn(Step) -> Result<()> + Sync),
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

/// Factors a matrix: panels that are in memory together from the left to the right, after those that are on disk have acted
/// on them, one after another. Each panel has the same done to it in the same order, however many are in memory.
pub(super) fn factor<T: Linear>(
    name: &'static str,
    panels: &Panels<T>,
    settings: &Settings,
    work: impl Fn(Step) -> Result<()> + Sync,
) -> Result<()> {
    for group in panels.groups() {
        panels.load(group.clone())?;
        for by in 0..group.start {
            panels.load(by..by + 1)?;
            let steps = group.clone().map(|of| Step::Update { by, of });
            Steps::apart(name, steps)?.run(settings, &work)?;
            panels.leave(by..by + 1);
        }
        Steps::within(name, group.clone())?.run(settings, &work)?;
        panels.save(group)?;
    }
    Ok(())
}

/// Does what remains to be done on each panel of a matrix once all are factored.
pub(super) fn finish<T: Linear>(
    name: &'static str,
    panels: &Panels<T>,
    settings: &Settings,
    work: impl Fn(Step) -> Result<()> + Sync,
) -> Result<()> {
    for group in panels.groups() {
        panels.load(group.clone())?;
        Steps::apart(name, group.clone().map(Step::Finish))?.run(settings, &work)?;
        panels.save(group)?;
    }
    Ok(())
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
        let steps = Steps::within("lu", 0..4).unwrap();
        let names: Vec<String> = steps.steps.iter().map(|step| format!("{step:?}")).collect();
        let at = |name: &str| names.iter().position(|step| step == name).unwrap();
        assert!(at("Factor(1)") < at("Update { by: 0, of: 2 }"));
        assert!(at("Factor(2)") < at("Update { by: 1, of: 3 }"));
        // 4 are factored, 6 pairs act.
        assert_eq!(names.len(), 10);
        let inputs = steps.graph.inputs(u32::try_from(at("Factor(2)")).unwrap()).unwrap();
        assert_eq!(inputs, [u32::try_from(at("Update { by: 1, of: 2 }")).unwrap()]);
    }
}
