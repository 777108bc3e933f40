//! The rules by which instructions become findings.
//!
//! - Scalar: arithmetic on one float in a loop. None where the same code also exists with packed
//!   arithmetic only (then it is what remains of a vectorised loop), in a loop around vectorised
//!   ones, and outside of loops. A packed instruction next to scalar ones, or in a loop that calls a
//!   function of mathematics for each element, makes no loop vectorised.
//! - Bounds and Panic: branches to a panic, wherever they stand.
//! - Call: anywhere. A copy of memory whose length is not known replaces a loop and is no finding,
//!   nor is one outside of loops.
//! - Alloc: anywhere; giving memory back, in loops.
//! - Div: anywhere; what remains of a vectorised loop is not counted again.
//! - Spill: in innermost loops that call nothing. Atomic: anywhere.
//!
//! Code that only runs when something panics has none.

use std::collections::{BTreeSet, HashMap};

use iced_x86::{Instruction, Mnemonic, OpKind, Register};

use crate::annotation::{Finding, Kind};
use crate::body::{Body, is_atomic, is_integer_division};
use crate::callee::{Callee, Sort};
use crate::chain;
use crate::float::{Float, Operation, is_wide};
use crate::flow::Region;
use crate::place::Place;
use crate::register::has_frame;
use crate::weight;

/// A finding and where it is.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The instruction.
    pub(crate) at: usize,
    pub(crate) place: Place,
    pub(crate) finding: Finding,
    /// How strongly it tints its line.
    pub(crate) weight: f64,
}

/// Arithmetic of a loop, or of one piece of code in it.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    packed: u32,
    /// What takes several floats at once and is no arithmetic, such as comparisons.
    wide: u32,
    scalar: u32,
    /// Casts to integers, of those that are scalar.
    casts: u32,
    /// Calls of functions of mathematics, and of any.
    libm: u32,
    calls: u32,
}

impl Tally {
    fn add(&mut self, body: &Body, at: usize) {
        if let Some(callee) = body.callee(at) {
            self.libm += u32::from(callee.sort == Sort::Libm);
            self.calls += u32::from(callee.returns);
        }
        if let Some(float) = body.float(at) {
            self.packed += u32::from(float.packed);
            self.scalar += u32::from(!float.packed);
            let cast = !float.packed && float.operation == Operation::ToInteger;
            self.casts += u32::from(cast);
        } else if body.code.get(at).is_some_and(|i| is_wide(i.mnemonic())) {
            self.wide += 1;
        }
    }

    fn is_vectorised(&self) -> bool {
        self.packed + self.wide > self.scalar && self.calls == 0
    }
}

/// The columns of instructions.
type Columns = BTreeSet<u32>;

/// What decides for the whole function.
struct Context<'b> {
    body: &'b Body,
    /// For each loop, what is in it, inner loops left out.
    loops: Vec<Tally>,
    /// For each loop, whether a vectorised one is nested in it.
    around: Vec<bool>,
    /// For each loop, what each piece of code has in it.
    sites: HashMap<(usize, u64), Tally>,
    /// For each piece of code that a loop has in packed form only, the columns of that loop's.
    packed_sites: HashMap<u64, Vec<Columns>>,
    /// For each loop, the columns of each piece of code in it: what the compiler copied has them in
    /// common, and two loops on one line do not.
    columns: HashMap<(usize, u64), Columns>,
    /// For each piece of code and depth, how many loops are nested in the loop that it is in. Loops
    /// that consist of the same piece, as when a table is probed, do not count: they are within it.
    /// Of copies of a loop, of which one has lost what was in it, the others count.
    heights: HashMap<(u64, u32), u32>,
    /// For each instruction, whether it carries a float from one round of its loop to the next.
    carried: Vec<bool>,
}

/// What is found in a function.
pub(crate) fn find(body: &Body) -> Vec<Found> {
    let context = Context::new(body);
    let mut found = Vec::new();
    for at in 0..body.code.len() {
        if !body.is_cold(at) {
            context.instruction(at, &mut found);
        }
    }
    found
}

/// For each loop of a function, whether it is vectorised: it has no calls, and mostly packed arithmetic.
pub(crate) fn vectorised(body: &Body) -> Vec<bool> {
    tallies(body).iter().map(Tally::is_vectorised).collect()
}

/// For each loop, what is in it, inner loops left out.
fn tallies(body: &Body) -> Vec<Tally> {
    let mut loops = vec![Tally::default(); body.nest.loops.len()];
    for at in 0..body.code.len() {
        if let Some(tally) = body.loop_of(at).and_then(|region| loops.get_mut(region)) {
            tally.add(body, at);
        }
    }
    loops
}

impl<'b> Context<'b> {
    fn new(body: &'b Body) -> Self {
        let loops = tallies(body);
        let mut sites: HashMap<(usize, u64), Tally> = HashMap::new();
        let mut columns: HashMap<(usize, u64), Columns> = HashMap::new();
        let mut heights: HashMap<(u64, u32), u32> = HashMap::new();
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); loops.len()];
        for at in 0..body.code.len() {
            let Some(region) = body.loop_of(at) else { continue };
            if let Some(list) = members.get_mut(region) {
                list.push(at);
            }
            if let Some(place) = body.place(at) {
                sites.entry((region, place.site)).or_default().add(body, at);
                columns.entry((region, place.site)).or_default().insert(place.column);
            }
        }
        let owners = owners(body);
        let inside = inside(body);
        for &(region, site) in sites.keys() {
            let Some(nest) = body.nest.loops.get(region) else { continue };
            let height = heights.entry((site, nest.depth)).or_default();
            *height = (*height).max(height_for(body, &owners, inside.get(region), site));
        }
        let packed_only = |(region, _): &(usize, u64), tally: &Tally| {
            let pure = tally.packed + tally.wide > 0 && tally.scalar == 0;
            pure && loops.get(*region).is_some_and(|l| l.libm == 0)
        };
        let mut packed_sites: HashMap<u64, Vec<Columns>> = HashMap::new();
        for (key, _) in sites.iter().filter(|(key, tally)| packed_only(key, tally)) {
            let of = columns.get(key).cloned().unwrap_or_default();
            packed_sites.entry(key.1).or_default().push(of);
        }
        let frame = has_frame(&body.code);
        let mut carried = vec![false; body.code.len()];
        for members in members {
            let code: Vec<&Instruction> =
                members.iter().filter_map(|&at| body.code.get(at)).collect();
            for (at, is) in members.into_iter().zip(chain::carried(&code, frame)) {
                if let Some(slot) = carried.get_mut(at) {
                    *slot = is;
                }
            }
        }
        let is_vectorised = |at: &usize| loops.get(*at).is_some_and(Tally::is_vectorised);
        let around = inside.iter().map(|inner| inner.iter().any(is_vectorised)).collect();
        Self { body, loops, around, sites, packed_sites, columns, heights, carried }
    }

    fn instruction(&self, at: usize, found: &mut Vec<Found>) {
        let body = self.body;
        let Some(instruction) = body.code.get(at) else { return };
        let place = body.place(at);
        let region = body.region(at).cloned().map(|mut region| {
            let deeper = place.and_then(|p| self.heights.get(&(p.site, region.depth)));
            region.height = deeper.copied().unwrap_or(region.height);
            region
        });
        let region = region.as_ref();
        let mut push = |place: Option<Place>, kind, what: String, callee: Option<&Callee>| {
            let Some(place) = place else { return };
            let callee = callee.map(|c| c.name.clone()).filter(|name| !name.is_empty());
            let depth = region.map_or(0, |r| r.depth);
            let innermost = region.is_some_and(|r| r.height == 0);
            let finding = Finding { kind, what, callee, count: 1, depth, innermost };
            let weight = weight::of(&finding, region);
            found.push(Found { at, place, finding, weight });
        };
        if let Some((call, sort)) = body.checks.get(at).copied().flatten() {
            let place = self.place_of_check(at, call);
            if let (Some(callee), Some(kind)) = (body.callee(call), kind_of_check(sort)) {
                push(place, kind, callee.check(), Some(callee));
            }
        } else if let Some(callee) = body.callee(at)
            && let Some((kind, what)) = self.call(at, callee, region)
        {
            push(place, kind, what, Some(callee));
        }
        if let Some(float) = body.float(at) {
            let remainder = !float.packed && self.is_remainder(at);
            if let Some(what) = division(float, instruction).filter(|_| !remainder) {
                push(place, Kind::Div, what, None);
            }
            if !float.packed && self.is_scalar_loop(at) && !remainder {
                let carried = self.carried.get(at) == Some(&true);
                let what = scalar(float, carried, self.is_cast(at));
                push(place, Kind::Scalar, what, None);
            }
        }
        if is_integer_division(instruction) && !self.is_shortcut(at) {
            let bits = instruction.op0_register().size().max(instruction.memory_size().size()) * 8;
            push(place, Kind::Div, format!("integer division, {bits} bits"), None);
        }
        if body.spills.get(at) == Some(&true) && self.is_tight(at) {
            push(place, Kind::Spill, "register kept on the stack".into(), None);
        }
        if is_atomic(instruction) {
            push(place, Kind::Atomic, "atomic operation".into(), None);
        }
    }

    /// The line of the branch if it has one of its own, else that of the panic.
    fn place_of_check(&self, at: usize, call: usize) -> Option<Place> {
        let (own, panic) = (self.body.place(at), self.body.place(call));
        own.filter(|p| p.solid).or(panic.filter(|p| p.solid)).or(own).or(panic)
    }

    /// Whether some loop has what the instruction belongs to in packed form only.
    fn is_remainder(&self, at: usize) -> bool {
        let Some(place) = self.body.place(at) else { return false };
        let Some(packed) = self.packed_sites.get(&place.site) else { return false };
        let region = self.body.loop_of(at);
        let own = region.and_then(|region| self.columns.get(&(region, place.site)));
        packed.iter().any(|columns| match own {
            Some(own) => !own.is_disjoint(columns),
            None => columns.contains(&place.column),
        })
    }

    /// Whether an instruction is in a loop that was not vectorised, and around none that was.
    fn is_scalar_loop(&self, at: usize) -> bool {
        let region = self.body.loop_of(at);
        region.and_then(|region| self.around.get(region)) == Some(&false)
    }

    /// Whether an instruction is in an innermost loop that calls nothing: around calls the registers
    /// go to the stack because of them.
    fn is_tight(&self, at: usize) -> bool {
        let innermost = self.body.region(at).is_some_and(|r| r.height == 0);
        let tally = self.body.loop_of(at).and_then(|region| self.loops.get(region));
        innermost && tally.is_some_and(|t| t.calls == 0)
    }

    /// Whether the code that an instruction belongs to casts to an integer in its loop: then limits
    /// are part of the cast.
    fn is_cast(&self, at: usize) -> bool {
        let site = self.body.place(at).map(|p| p.site);
        let key = self.body.loop_of(at).zip(site);
        key.and_then(|key| self.sites.get(&key)).is_some_and(|t| t.casts > 0)
    }

    /// Whether a division of 32 bits is the short way of one of 64 bits on the same line: the
    /// compiler branches to the faster of the two.
    fn is_shortcut(&self, at: usize) -> bool {
        let body = self.body;
        let width = |at: usize| body.code.get(at).map(|i| i.op0_register().size());
        let site = |at: usize| body.place(at).map(|p| p.site);
        let near = at.saturating_sub(16)..(at + 16).min(body.code.len());
        width(at) == Some(4)
            && near.into_iter().any(|other| {
                body.code.get(other).is_some_and(is_integer_division)
                    && width(other) == Some(8)
                    && site(other) == site(at)
                    && body.loop_of(other) == body.loop_of(at)
            })
    }

    fn call(&self, at: usize, callee: &Callee, region: Option<&Region>) -> Option<(Kind, String)> {
        let name = &callee.name;
        let in_loop = region.is_some();
        match callee.sort {
            Sort::Libm => Some((Kind::Call, format!("call of `{name}` (libm)"))),
            Sort::Allocation => Some((Kind::Alloc, format!("allocation by `{name}`"))),
            Sort::Deallocation => {
                in_loop.then(|| (Kind::Alloc, format!("deallocation by `{name}`")))
            }
            Sort::Division => Some((Kind::Div, "integer division, 128 bits".into())),
            Sort::Memory => (in_loop && self.has_constant_length(at))
                .then(|| (Kind::Call, format!("copy of memory by `{name}`"))),
            Sort::Pointer => Some((Kind::Call, "call through a pointer".into())),
            Sort::Other => Some((Kind::Call, format!("call of `{name}`"))),
            Sort::Bounds | Sort::Panic | Sort::NoMemory | Sort::End | Sort::Nothing => None,
        }
    }

    /// Whether a copy's length, the third argument, is a number in the code: then it moves a large
    /// value, and else it stands for a loop.
    fn has_constant_length(&self, at: usize) -> bool {
        let start = self.body.blocks.of.get(at).and_then(|&b| self.body.blocks.blocks.get(b));
        let first = start.map_or(at, |b| b.first);
        let before = self.body.code.get(first..at).unwrap_or(&[]);
        let writes = |i: &&Instruction| {
            i.op_count() > 0
                && i.op0_kind() == OpKind::Register
                && i.op0_register().full_register() == Register::RDX
                && !matches!(i.mnemonic(), Mnemonic::Cmp | Mnemonic::Test)
        };
        let last = before.iter().rev().find(writes);
        last.is_some_and(|i| {
            let immediate = matches!(
                i.op1_kind(),
                OpKind::Immediate32 | OpKind::Immediate32to64 | OpKind::Immediate64
            );
            i.mnemonic() == Mnemonic::Mov && immediate
        })
    }
}

/// For each loop, the only piece of code that it consists of; nothing if there are several.
fn owners(body: &Body) -> Vec<Option<u64>> {
    let mut owners: Vec<Option<Option<u64>>> = vec![None; body.nest.loops.len()];
    for at in 0..body.code.len() {
        let site = body.place(at).map(|p| p.site);
        let mut region = body.loop_of(at);
        while let Some(current) = region {
            if let Some(owner) = owners.get_mut(current) {
                let same = owner.is_none_or(|known| known == site);
                *owner = Some(site.filter(|_| same));
            }
            region = body.nest.loops.get(current).and_then(|l| l.parent);
        }
    }
    owners.into_iter().map(Option::flatten).collect()
}

/// For each loop, those nested in it.
fn inside(body: &Body) -> Vec<Vec<usize>> {
    let loops = &body.nest.loops;
    let mut inside = vec![Vec::new(); loops.len()];
    for (at, inner) in loops.iter().enumerate() {
        let mut outer = inner.parent;
        while let Some(list) = outer.and_then(|outer| inside.get_mut(outer)) {
            list.push(at);
            outer = outer.and_then(|outer| loops.get(outer)).and_then(|l| l.parent);
        }
    }
    inside
}

/// How deep loops are nested in a loop, but for those that are part of one piece of code in it.
fn height_for(body: &Body, owners: &[Option<u64>], inside: Option<&Vec<usize>>, site: u64) -> u32 {
    let loops = &body.nest.loops;
    let others = inside.into_iter().flatten().filter(|&&at| owners.get(at) != Some(&Some(site)));
    let depths = others.filter_map(|&at| loops.get(at)).map(|l| l.depth);
    let outer = inside.into_iter().flatten().filter_map(|&at| loops.get(at)).map(|l| l.depth).min();
    depths.max().zip(outer).map_or(0, |(deepest, first)| deepest + 1 - first)
}

fn kind_of_check(sort: Sort) -> Option<Kind> {
    match sort {
        Sort::Bounds => Some(Kind::Bounds),
        Sort::Panic => Some(Kind::Panic),
        // The allocation itself is the finding.
        _ => None,
    }
}

fn division(float: Float, instruction: &Instruction) -> Option<String> {
    let what = match float.operation {
        Operation::Divide => "division by",
        Operation::SquareRoot => "square root of",
        _ => return None,
    };
    let bits = float.bits;
    Some(match float.lanes(instruction) {
        1 => format!("{what} f{bits}"),
        lanes => format!("{what} {lanes} x f{bits}"),
    })
}

fn scalar(float: Float, carried: bool, cast: bool) -> String {
    let bits = float.bits;
    match float.operation {
        Operation::FromInteger => format!("cast of an integer to f{bits}"),
        Operation::Extreme if cast && !carried => format!("cast of f{bits} to an integer"),
        Operation::ToInteger => format!("cast of f{bits} to an integer"),
        Operation::Width => "cast between f32 and f64".into(),
        Operation::Product if carried => format!("product in order of f{bits}"),
        Operation::Ring if carried => format!("sum in order of f{bits}"),
        Operation::Extreme if carried => format!("minimum or maximum in order of f{bits}"),
        _ => format!("scalar f{bits} arithmetic"),
    }
}
