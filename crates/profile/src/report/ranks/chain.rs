//! Call paths as few lines: functions that do nothing but call one other stand in one line with it.

use std::borrow::Borrow;

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
        let parents = parents(&paths);
        let mut below = vec![0; paths.len()];
        parents.iter().flatten().for_each(|&parent| below[parent] += 1);
        let mut chains: Vec<Self> = vec![];
        // The chain of each path so far, and whether it goes on.
        let mut made: Vec<(usize, bool)> = vec![];
        for ((path, parent), below) in paths.into_iter().zip(parents).zip(below) {
            let goes_on = below == 1 && path.self_ns.max_ns < least_ns;
            let at = match parent.map(|parent| made[parent]) {
                Some((above, true)) => {
                    chains[above].names.extend(path.path.last().map(|name| short(name)));
                    above
                }
                above => {
                    let depth = above.map_or(0, |(above, _)| chains[above].depth + 1);
                    chains.push(Self::new(path, depth));
                    chains.len() - 1
                }
            };
            made.push((at, goes_on));
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

/// The place of the path right above each, which comes before it.
pub(super) fn parents<P: Borrow<RankPath>>(paths: &[P]) -> Vec<Option<usize>> {
    let mut open: Vec<usize> = vec![];
    let parent = |(at, path): (usize, &P)| {
        open.truncate(path.borrow().path.len().saturating_sub(1));
        let parent = open.last().copied();
        open.push(at);
        parent
    };
    paths.iter().enumerate().map(parent).collect()
}
