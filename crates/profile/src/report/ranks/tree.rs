//! The call trees of all ranks, laid over each other.

use std::collections::{BTreeMap, HashMap};

use super::super::Report;
use super::super::analysis::{Branch, Tree};
use super::spread::Sums;

/// The tree of all ranks together, and how each of its branches is spread over them. Functions are
/// the same where they have the same name and the same above them: lines differ from build to build.
#[derive(Debug, Default)]
pub(super) struct RankTree<'a> {
    /// Its times and calls are those of all ranks together; its functions are places in `names`.
    pub(super) tree: Tree,
    pub(super) names: Vec<&'a str>,
    /// Of each branch, by its place in the tree: time of its own, and with all below.
    pub(super) sums: Vec<(Sums, Sums)>,
    numbers: HashMap<&'a str, usize>,
    known: HashMap<(Option<usize>, usize), usize>,
}

impl<'a> RankTree<'a> {
    /// Of reports with scopes, with the rank of each.
    pub(super) fn of(reports: impl Iterator<Item = (u64, &'a Report)>) -> Self {
        let mut all = Self::default();
        reports.for_each(|(rank, report)| all.add(rank, report));
        all
    }

    fn add(&mut self, rank: u64, report: &'a Report) {
        let tree = Tree::of(&report.document, |_| true);
        // Two places of one name become one.
        let mut times: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        let mut open: Vec<(usize, Option<usize>)> =
            tree.roots.iter().rev().map(|&root| (root, None)).collect();
        while let Some((at, parent)) = open.pop() {
            let branch = &tree.branches[at];
            let to = self.branch(parent, &report.document.functions[branch.function].name);
            self.tree.branches[to].calls += branch.calls;
            let (own, all) = times.entry(to).or_default();
            *own += branch.self_ns;
            *all += branch.total_ns;
            open.extend(branch.below.iter().rev().map(|&below| (below, Some(to))));
        }
        for (at, (own, all)) in times {
            self.sums[at].0.add(rank, own);
            self.sums[at].1.add(rank, all);
            self.tree.branches[at].self_ns += own;
            self.tree.branches[at].total_ns += all;
        }
    }

    fn branch(&mut self, parent: Option<usize>, name: &'a str) -> usize {
        let number = *self.numbers.entry(name).or_insert_with(|| {
            self.names.push(name);
            self.names.len() - 1
        });
        let next = self.tree.branches.len();
        let at = *self.known.entry((parent, number)).or_insert(next);
        if at == next {
            let empty =
                Branch { function: number, calls: 0, self_ns: 0.0, total_ns: 0.0, below: vec![] };
            self.tree.branches.push(empty);
            self.sums.push(<(Sums, Sums)>::default());
            match parent {
                Some(parent) => self.tree.branches[parent].below.push(at),
                None => self.tree.roots.push(at),
            }
        }
        at
    }

    /// The branches, those above before those below, each with what leads to it; of siblings the one
    /// that any rank has most of comes first.
    pub(super) fn paths(&self, most: impl Fn(usize) -> f64) -> Vec<(usize, Vec<String>)> {
        let least_first = |list: &[usize]| {
            let mut list = list.to_vec();
            list.sort_by(|a, b| most(*a).total_cmp(&most(*b)).then(b.cmp(a)));
            list
        };
        let mut found = vec![];
        let mut open: Vec<(usize, Vec<String>)> =
            least_first(&self.tree.roots).into_iter().map(|root| (root, vec![])).collect();
        while let Some((at, mut path)) = open.pop() {
            let branch = &self.tree.branches[at];
            path.push(self.names[branch.function].to_owned());
            let below = least_first(&branch.below).into_iter();
            open.extend(below.map(|below| (below, path.clone())));
            found.push((at, path));
        }
        found
    }
}
