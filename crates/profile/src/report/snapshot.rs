//! From the threads' records to a document.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use super::document::{
    Leak, LinePart, LinedFunction, Lost, PathPart, Place, PlaceKind, ThreadPart,
};
use crate::memory::Counted;
use crate::record;
use crate::record::lines::{Body, Lines};
use crate::record::node::Node;
use crate::record::site::{Kind, Site};
use crate::record::thread::Thread;
use crate::record::ticks::Rate;

/// The functions of a report, numbered as they come.
#[derive(Debug, Default)]
pub(crate) struct Places {
    numbers: HashMap<usize, usize>,
    pub(crate) list: Vec<Place>,
}

impl Places {
    pub(crate) fn number(&mut self, site: &'static Site) -> usize {
        let address = std::ptr::from_ref(site).addr();
        *self.numbers.entry(address).or_insert_with(|| {
            let kind = match site.kind {
                Kind::Function => PlaceKind::Function,
                Kind::Scope => PlaceKind::Scope,
            };
            let (file, sample) = (site.file.to_owned(), site.sample);
            self.list.push(Place { name: site.name(), file, line: site.line, kind, sample });
            self.list.len() - 1
        })
    }

    /// The path of a block that nobody released.
    fn path(&mut self, node: Option<&'static Node>) -> Vec<usize> {
        let ancestors = std::iter::successors(node, |node| node.parent);
        let mut path: Vec<usize> =
            ancestors.filter_map(Node::site).map(|site| self.number(site)).collect();
        path.reverse();
        path
    }

    pub(crate) fn leaks(&mut self, counted: &Counted) -> Option<Vec<Leak>> {
        let blocks = counted.blocks.as_ref()?.iter();
        let mut leaks: Vec<Leak> = blocks
            .map(|(node, sum)| Leak {
                path: self.path(*node),
                blocks: sum.blocks,
                bytes: sum.bytes,
            })
            .collect();
        leaks.sort_by(|a, b| (b.bytes, &a.path).cmp(&(a.bytes, &b.path)));
        Some(leaks)
    }
}

/// A path's numbers at one moment, in ticks.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    node: &'static Node,
    is_sampled: bool,
    calls: u64,
    nested_calls: u64,
    timed: u64,
    open: u64,
    elapsed: i64,
    nested: i64,
    min: u64,
    max: u64,
    bytes: u64,
    blocks: u64,
}

impl Numbers {
    fn of(node: &'static Node) -> Self {
        let calls = node.calls.get();
        let is_sampled = node.site().is_some_and(|site| site.sample > 1);
        Self {
            node,
            is_sampled,
            calls,
            nested_calls: node.nested_calls.get(),
            timed: if is_sampled { node.timed.get() } else { calls },
            open: 0,
            elapsed: node.elapsed.get().cast_signed(),
            nested: node.nested.get().cast_signed(),
            min: node.min.get(),
            max: node.max.get(),
            bytes: node.bytes.get(),
            blocks: node.blocks.get(),
        }
    }

    /// A call that is open counts as if it ended now. What it allocated is known on its own thread
    /// alone.
    fn close(&mut self, elapsed: i64, (bytes, blocks): (u64, u64), is_nested: bool) {
        self.bytes = self.bytes.wrapping_add(bytes);
        self.blocks = self.blocks.wrapping_add(blocks);
        self.open += 1;
        self.calls += 1;
        if !self.is_sampled {
            self.timed += 1;
        }
        // What another thread changes meanwhile is read again, and must not stop the program first.
        self.elapsed = self.elapsed.wrapping_add(elapsed);
        if is_nested {
            self.nested_calls += 1;
            self.nested = self.nested.wrapping_add(elapsed);
        }
        let elapsed = elapsed.max(0).cast_unsigned();
        self.min = self.min.min(elapsed);
        self.max = self.max.max(elapsed);
    }
}

/// What a thread recorded until `now`.
pub(crate) fn thread(
    thread: &'static Thread,
    now: u64,
    rate: Rate,
    places: &mut Places,
) -> ThreadPart {
    let (numbers, last, cost) = thread.read(|thread| numbers(thread, now));
    let place = |node: &'static Node| std::ptr::from_ref(node).addr();
    let at: HashMap<usize, usize> =
        numbers.iter().enumerate().map(|(at, numbers)| (place(numbers.node), at)).collect();
    let paths = numbers.iter().filter_map(|numbers| {
        let node = numbers.node;
        Some(PathPart {
            parent: node.parent.and_then(|parent| at.get(&place(parent)).copied()),
            outer: node.outer.and_then(|outer| at.get(&place(outer)).copied()),
            ..path(numbers, rate, places.number(node.site()?))
        })
    });
    let lost = &thread.lost;
    ThreadPart {
        name: thread.identity().name,
        span_ns: rate.ns(last.saturating_sub(thread.first.get())),
        cost_ns: rate.ns(cost),
        lost: Lost {
            deep: lost.deep.get(),
            paths: lost.paths.get(),
            crossed: lost.crossed.get(),
            backwards: lost.backwards.get(),
        },
        paths: paths.collect(),
    }
}

/// All paths that were called, with their open calls ended; when the thread last left one; and
/// what recording cost.
fn numbers(thread: &Thread, now: u64) -> (Vec<Numbers>, u64, u64) {
    let (cost, depth) = (thread.cost.get(), thread.depth.acquire());
    let mut numbers: Vec<Numbers> = thread.nodes().into_iter().map(Numbers::of).collect();
    let mut sites: Vec<&'static Site> = vec![];
    for frame in (0..depth).filter_map(|depth| thread.frame(depth)) {
        let Some((node, site)) = frame.node.get().and_then(|node| Some((node, node.site()?)))
        else {
            continue;
        };
        // It began after the session's last moment, on a thread that had not seen the end.
        if frame.start.get() > now {
            break;
        }
        let elapsed = thread.elapsed(frame, now).cast_signed();
        let since = |(bytes, blocks): (u64, u64)| {
            (bytes.wrapping_sub(frame.bytes.get()), blocks.wrapping_sub(frame.blocks.get()))
        };
        let allocated = record::allocated(thread).map_or((0, 0), since);
        if let Some(numbers) = numbers.iter_mut().find(|n| std::ptr::eq(n.node, node)) {
            numbers.close(elapsed, allocated, sites.contains(&site));
        }
        sites.push(site);
    }
    numbers.retain(|numbers| numbers.calls > 0);
    (numbers, if depth > 0 { now } else { thread.last.get() }, cost)
}

/// In nanoseconds, and for all calls where only some were timed.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts and ticks stay far below 2^53, and are not negative"
)]
fn path(numbers: &Numbers, rate: Rate, function: usize) -> PathPart {
    let Numbers { calls, nested_calls, .. } = *numbers;
    // One that was drawn and then not recorded, because it was too deep or too late.
    let timed = numbers.timed.min(calls);
    let scale = if timed == 0 { 0.0 } else { calls as f64 / timed as f64 };
    let ns = |ticks: i64| (rate.ns(ticks.max(0).cast_unsigned()) * scale).max(0.0);
    let estimate = |count: u64| (count as f64 * scale).round() as u64;
    PathPart {
        parent: None,
        function,
        outer: None,
        calls,
        primitive_calls: calls.saturating_sub(nested_calls),
        timed,
        open: numbers.open,
        elapsed_ns: ns(numbers.elapsed),
        nested_ns: ns(numbers.nested.min(numbers.elapsed)),
        min_ns: if timed == 0 { 0.0 } else { rate.ns(numbers.min.min(numbers.max)) },
        max_ns: rate.ns(numbers.max),
        bytes: estimate(numbers.bytes),
        blocks: estimate(numbers.blocks),
    }
}

/// Those of a session.
pub(crate) fn threads(state: u32, now: u64, rate: Rate, places: &mut Places) -> Vec<ThreadPart> {
    let of_session = record::thread::of_session(state);
    // The session is over, so a thread that is not of it now will not become so.
    debug_assert!(of_session.iter().all(|t| t.state.load(Ordering::Acquire) == state));
    of_session.into_iter().map(|record| thread(record, now, rate, places)).collect()
}

/// The functions of a session whose lines are told apart, over all threads. `look_ns` is what a look
/// stands for; 0 where nobody looked.
pub(crate) fn lines(state: u32, now: u64, rate: Rate, look_ns: f64) -> Vec<LinedFunction> {
    let mut sums: Vec<(&'static Body, Vec<[u64; 3]>)> = vec![];
    for thread in record::thread::of_session(state) {
        for (body, numbers) in
            thread.read(|thread| thread.lines().map(|l| cells(l, state, now)).collect::<Vec<_>>())
        {
            match sums.iter_mut().find(|(known, _)| std::ptr::eq(*known, body)) {
                Some((_, sum)) => sum.iter_mut().zip(numbers).for_each(|(sum, numbers)| {
                    sum.iter_mut().zip(numbers).for_each(|(a, b)| *a = a.wrapping_add(b));
                }),
                None => sums.push((body, numbers)),
            }
        }
    }
    sums.retain(|(_, numbers)| numbers.iter().any(|[hits, ..]| *hits > 0));
    let functions = sums.into_iter().map(|(body, numbers)| lined(body, &numbers, rate, look_ns));
    let mut functions: Vec<LinedFunction> = functions.collect();
    functions.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    functions
}

/// Hits, ticks and samples of each line; where the clock is read, the one that is current counts as if
/// it ended now.
fn cells(lines: &'static Lines, state: u32, now: u64) -> (&'static Body, Vec<[u64; 3]>) {
    let is_timed = state & record::TIMED != 0;
    let open = lines.current().filter(|_| is_timed && lines.is_before(now));
    let elapsed = |cell| match open {
        Some(open) if std::ptr::eq(open, cell) => lines.elapsed(now),
        _ => 0,
    };
    let numbers = lines.cells.iter().map(|cell| {
        [cell.hits.get(), cell.ticks.get().wrapping_add(elapsed(cell)), cell.samples.get()]
    });
    (lines.body, numbers.collect())
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn lined(body: &Body, numbers: &[[u64; 3]], rate: Rate, look_ns: f64) -> LinedFunction {
    let line = |(&line, &[hits, ticks, samples]): (&u32, &[u64; 3])| {
        let looked = samples as f64 * look_ns;
        let timed = rate.ns(ticks.cast_signed().max(0).cast_unsigned());
        LinePart { line, hits, elapsed_ns: timed + looked, samples }
    };
    let mut lines: Vec<LinePart> = body.marks.iter().zip(numbers).map(line).collect();
    lines.sort_by_key(|line| line.line);
    LinedFunction {
        name: body.site.name(),
        file: body.site.file.to_owned(),
        line: body.site.line,
        first: body.first,
        source: body.source.to_owned(),
        lines,
    }
}
