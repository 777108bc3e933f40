//! What follows from the paths: self times, functions, callers, the tree of all threads.

use std::collections::HashMap;

use super::document::{Document, PathPart, Place};

/// Self time of each path. That of recursive calls stands with their outer call.
pub(crate) fn self_ns(paths: &[PathPart]) -> Vec<f64> {
    let mut own = vec![0.0; paths.len()];
    for (at, path) in paths.iter().enumerate() {
        own[path.outer.unwrap_or(at)] += path.elapsed_ns;
        if let Some(parent) = path.parent {
            own[parent] -= path.elapsed_ns;
        }
    }
    own.iter_mut().for_each(|ns: &mut f64| *ns = ns.max(0.0));
    own
}

/// What one kind of numbers adds up to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Sum {
    pub(crate) calls: u64,
    pub(crate) primitive_calls: u64,
    pub(crate) timed: u64,
    pub(crate) open: u64,
    pub(crate) self_ns: f64,
    /// Of calls outside of other calls of the same function.
    pub(crate) total_ns: f64,
    /// Of all calls.
    pub(crate) elapsed_ns: f64,
    pub(crate) min_ns: f64,
    pub(crate) max_ns: f64,
    pub(crate) bytes: u64,
    pub(crate) blocks: u64,
}

impl Sum {
    fn of(path: &PathPart, self_ns: f64) -> Self {
        Self {
            calls: path.calls,
            primitive_calls: path.primitive_calls,
            timed: path.timed,
            open: path.open,
            self_ns,
            total_ns: (path.elapsed_ns - path.nested_ns).max(0.0),
            elapsed_ns: path.elapsed_ns,
            min_ns: path.min_ns,
            max_ns: path.max_ns,
            bytes: path.bytes,
            blocks: path.blocks,
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        if other.timed > 0 {
            let is_first = self.timed == 0;
            self.min_ns = if is_first { other.min_ns } else { self.min_ns.min(other.min_ns) };
            self.max_ns = self.max_ns.max(other.max_ns);
        }
        self.calls += other.calls;
        self.primitive_calls += other.primitive_calls;
        self.timed += other.timed;
        self.open += other.open;
        self.self_ns += other.self_ns;
        self.total_ns += other.total_ns;
        self.elapsed_ns += other.elapsed_ns;
        self.bytes += other.bytes;
        self.blocks += other.blocks;
    }
}

/// Self allocation of each path: bytes and blocks without those of what it called.
fn self_allocations(paths: &[PathPart]) -> Vec<(u64, u64)> {
    let mut own = vec![(0_i64, 0_i64); paths.len()];
    for (at, path) in paths.iter().enumerate() {
        let (bytes, blocks) = (path.bytes.cast_signed(), path.blocks.cast_signed());
        let to = path.outer.unwrap_or(at);
        own[to] = (own[to].0 + bytes, own[to].1 + blocks);
        if let Some(parent) = path.parent {
            own[parent] = (own[parent].0 - bytes, own[parent].1 - blocks);
        }
    }
    let positive = |n: i64| n.max(0).cast_unsigned();
    own.into_iter().map(|(bytes, blocks)| (positive(bytes), positive(blocks))).collect()
}

/// The sums of each function, over all threads.
pub(crate) fn functions(document: &Document) -> Vec<Sum> {
    let mut sums = vec![Sum::default(); document.functions.len()];
    for thread in &document.threads {
        let own = self_ns(&thread.paths);
        let allocated = self_allocations(&thread.paths);
        for (at, path) in thread.paths.iter().enumerate() {
            let (bytes, blocks) = allocated[at];
            sums[path.function].add(&Sum { bytes, blocks, ..Sum::of(path, own[at]) });
        }
    }
    sums
}

/// Calls of one function by another; `caller` is `None` for those from outside of all scopes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Edge {
    pub(crate) caller: Option<usize>,
    pub(crate) callee: usize,
    pub(crate) sum: Sum,
}

/// All pairs of caller and callee, over all threads.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) fn edges(document: &Document) -> Vec<Edge> {
    let mut sums: HashMap<(Option<usize>, usize), Sum> = HashMap::new();
    for thread in &document.threads {
        let paths = &thread.paths;
        let own = self_ns(paths);
        let mut calls = vec![0_u64; paths.len()];
        paths.iter().enumerate().for_each(|(at, path)| {
            calls[path.outer.unwrap_or(at)] += path.calls;
        });
        for (at, path) in paths.iter().enumerate() {
            // An outer call and its recursive ones share the self time by their calls.
            let group = path.outer.unwrap_or(at);
            let share = path.calls as f64 / calls[group].max(1) as f64;
            let caller = path.parent.map(|parent| paths[parent].function);
            let sum = sums.entry((caller, path.function)).or_default();
            sum.add(&Sum::of(path, own[group] * share));
        }
    }
    let mut edges: Vec<Edge> =
        sums.into_iter().map(|((caller, callee), sum)| Edge { caller, callee, sum }).collect();
    edges.sort_by_key(|edge| (edge.callee, edge.caller));
    edges
}

/// A call path of all threads together. Recursive calls stand with their outer call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Branch {
    pub(crate) function: usize,
    pub(crate) calls: u64,
    pub(crate) self_ns: f64,
    /// Self time, and that of all below.
    pub(crate) total_ns: f64,
    pub(crate) below: Vec<usize>,
}

/// The tree of all threads, or of one: its branches, and which of them start at the root.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Tree {
    pub(crate) branches: Vec<Branch>,
    pub(crate) roots: Vec<usize>,
}

impl Tree {
    /// Of the threads that `wanted` names.
    pub(crate) fn of(document: &Document, wanted: impl Fn(usize) -> bool) -> Self {
        let mut tree = Self::default();
        let mut known: HashMap<(Option<usize>, usize), usize> = HashMap::new();
        let threads = document.threads.iter().enumerate().filter(|(at, _)| wanted(*at));
        for (_, thread) in threads {
            tree.add(&thread.paths, &mut known);
        }
        tree.total();
        tree
    }

    fn add(&mut self, paths: &[PathPart], known: &mut HashMap<(Option<usize>, usize), usize>) {
        let own = self_ns(paths);
        let mut branch_of: Vec<usize> = Vec::with_capacity(paths.len());
        for (path, own) in paths.iter().zip(own) {
            let branch = match path.outer {
                Some(outer) => branch_of[outer],
                None => {
                    let parent = path.parent.map(|parent| branch_of[parent]);
                    *known
                        .entry((parent, path.function))
                        .or_insert_with(|| self.grow(parent, path.function))
                }
            };
            branch_of.push(branch);
            self.branches[branch].calls += path.calls;
            self.branches[branch].self_ns += own;
        }
    }

    fn grow(&mut self, parent: Option<usize>, function: usize) -> usize {
        let at = self.branches.len();
        let branch = Branch { function, calls: 0, self_ns: 0.0, total_ns: 0.0, below: vec![] };
        self.branches.push(branch);
        match parent {
            Some(parent) => self.branches[parent].below.push(at),
            None => self.roots.push(at),
        }
        at
    }

    /// What is below comes later in the list, so one pass from its end is enough.
    fn total(&mut self) {
        for at in (0..self.branches.len()).rev() {
            let below: f64 =
                self.branches[at].below.iter().map(|&below| self.branches[below].total_ns).sum();
            self.branches[at].total_ns = self.branches[at].self_ns + below;
        }
    }
}

/// How a function is written in one line.
pub(crate) fn label(place: &Place, strip: bool) -> String {
    let Place { name, file, line, .. } = place;
    if !strip {
        return format!("{file}:{line}({name})");
    }
    let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
    format!("{file}:{line}({})", short(name))
}

/// The last two parts of a path, without the crate and the modules before; of paths inside of `<..>` the
/// last part.
pub(crate) fn short(name: &str) -> String {
    let mut depth = 0_usize;
    // Where the parts that are kept begin: of the whole, and of the path that is open inside of `<..>`.
    let (mut short, mut starts) = (String::with_capacity(name.len()), vec![0]);
    let mut inner = 0;
    for letter in name.chars() {
        short.push(letter);
        match letter {
            '<' => depth += 1,
            '>' if !short.ends_with("->") => depth = depth.saturating_sub(1),
            ':' if depth == 0 && short.ends_with("::") => starts.push(short.len()),
            ':' if short.ends_with("::") && short.len() - inner > 2 => short.truncate(inner),
            _ => {}
        }
        if !letter.is_alphanumeric() && !matches!(letter, '_' | ':') {
            inner = short.len();
        }
    }
    short.split_off(starts[starts.len().saturating_sub(2)])
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn the_last_two_parts_are_enough() {
        assert_eq!(short("a::b::Type::method"), "Type::method");
        assert_eq!(short("main"), "main");
        assert_eq!(short("heat::main"), "heat::main");
        assert_eq!(short("<a::B as c::D>::e"), "<B as D>::e");
        assert_eq!(short("<a::b::V<T,c::A> as x::I<u8>>::f"), "<V<T,A> as I<u8>>::f");
        assert_eq!(short("a::<&mut b::C<[d::E; 3]>>::f::{{closure}}"), "f::{{closure}}");
        assert_eq!(short("<fn(a::B) -> c::D as e::F>::g"), "<fn(B) -> D as F>::g");
        assert_eq!(short("<a::B>::<c::D>::f"), "<D>::f");
        assert_eq!(short("a::b::>c::<d::"), ">c::<");
        assert_eq!(short("sum: of x"), "sum: of x");
    }
}
