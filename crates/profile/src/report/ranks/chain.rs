//! Call paths as few lines: functions that do nothing but call one other stand in one line with it.

use super::super::analysis::short;
use super::RankPath;

/// A function, and those below it that each is called by the one before alone.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    pub(super) first: &'a RankPath,
    names: Vec<String>,
    /// How many chains it is below.
    depth: usize,
}

impl<'a> Chain<'a> {
    fn new(first: &'a RankPath, depth: usize) -> Self {
        let names = first.path.last().map(|name| short(name)).into_iter().collect();
        Self { first, names, depth }
    }

    /// The chains of a tree's paths, those above before those below. What takes less counts as nothing.
    pub(super) fn all(paths: &'a [RankPath], least_ns: f64) -> Vec<Self> {
        let paths: Vec<&RankPath> =
            paths.iter().filter(|path| path.total_ns.max_ns >= least_ns).collect();
        let below = below(&paths);
        let mut chains: Vec<Self> = vec![];
        // The chain of each path above, and whether it goes on.
        let mut open: Vec<(usize, bool)> = vec![];
        for (path, below) in paths.into_iter().zip(below) {
            open.truncate(path.path.len().saturating_sub(1));
            let goes_on = below == 1 && path.self_ns.max_ns < least_ns;
            let at = match open.last() {
                Some(&(above, true)) => {
                    chains[above].names.extend(path.path.last().map(|name| short(name)));
                    above
                }
                above => {
                    let depth = above.map_or(0, |&(above, _)| chains[above].depth + 1);
                    chains.push(Self::new(path, depth));
                    chains.len() - 1
                }
            };
            open.push((at, goes_on));
        }
        chains
    }

    /// In one line: of many functions the first and the last ones.
    pub(super) fn line(&self) -> String {
        let names = match &self.names[..] {
            [first, .., before, last] if self.names.len() > 4 => {
                format!("{first} > .. > {before} > {last}")
            }
            names => names.join(" > "),
        };
        "· ".repeat(self.depth) + &names
    }
}

/// How many paths are right below each.
fn below(paths: &[&RankPath]) -> Vec<usize> {
    let mut below = vec![0; paths.len()];
    let mut open: Vec<usize> = vec![];
    for (at, path) in paths.iter().enumerate() {
        open.truncate(path.path.len().saturating_sub(1));
        if let Some(&above) = open.last() {
            below[above] += 1;
        }
        open.push(at);
    }
    below
}
