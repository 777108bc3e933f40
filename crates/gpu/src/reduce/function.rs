//! Reductions of what a kernel gives for each element of its arguments: the first step calls it where others
//! read an array.

use ndarray::{Axis, Dimension, Ix1, IxDyn};
use tenfold_kernel::Portable;

use super::kernel::{Elements, Step, Tree};
use super::of_kernels::Reduction;
use super::op::Op;
use super::pieces::{Cutter, Piece};
use super::steps::{Job, Pair};
use super::walk::{give_places, places, ways};
use super::{check, check_count, empty, of_nothing};
use crate::arguments::Arguments;
use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::sealed::Sealed as _;
use crate::elementwise::result;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::Launch;
use crate::layout::{Layout, collapsed};
use crate::portable;
use crate::program::{CallKey, Source};
use crate::run::{Block, Run, Ty, around};
use crate::scalar::{Scalar, to_store};

/// Elements that a dispatch counts with 32 bits, and some room.
const MOST: usize = 1 << 31;
/// Elements whose parts are not too many. They take days.
const MOST_COUNTED: usize = MOST << 16;

/// A kernel and what it is called with.
#[doc(hidden)]
#[derive(Debug)]
#[expect(unnameable_types, reason = "hidden methods alone take it")]
pub struct Function {
    pub(super) device: Device,
    pub(super) name: &'static str,
    pub(super) source: tenfold_kernel::Source,
    pub(super) is_precise: bool,
    pub(super) arguments: Arguments,
    /// The common shape of the arguments.
    pub(super) dim: IxDyn,
}

impl Function {
    /// One number of all elements of one of the results.
    pub(super) fn number<A: Scalar, P: Reduction<A>>(&self, result: usize) -> Result<P::Result> {
        let op = P::OP.of_whole();
        let layouts = self.arguments.layouts(&self.dim)?;
        let len = self.len();
        if len == 0 {
            let identity = P::OP.of_nothing().ok_or_else(|| empty(P::OP, &self.shape()))?;
            return Ok(P::result(&[identity], len));
        }
        if P::OP == Op::Mean {
            check_count(P::OP, Ty::of::<A::Stored>(), len)?;
        }
        if op == Op::Count && len > MOST_COUNTED {
            let message = format!(
                "kernel `{}` counts up to {MOST_COUNTED} elements at a time, and there are {len}",
                self.name
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        let whole = flat(&layouts);
        // Counts of parts are joined here: they are of 64 bits.
        let most = if op == Op::Count { MOST } else { usize::MAX };
        let axis = whole.dim.ndim() - 1;
        let pieces = Cutter::new(axis, 1, most).cut(whole);
        let out = self.device.uninit::<P::Stored, _>(Ix1(pieces.len()))?;
        for (at, Piece { dim, layouts, .. }) in pieces.into_iter().enumerate() {
            check(&self.device, op, Ty::of::<A::Stored>(), dim.size())?;
            let out = Run { offset: at, ..Run::of(&out) };
            let job = Job::new(&self.device, op, A::Stored::of(len), out);
            Fused { function: self, result, job, is_flat: true }.run(dim, layouts, axis)?;
        }
        Ok(P::result(&out.to_array()?.to_vec(), len))
    }

    /// Of one of the results an array without an axis, with these that are left.
    pub(super) fn array<A: Scalar, P: Reduction<A>, D: Dimension>(
        &self,
        result: usize,
        axis: Axis,
        dim: &D,
    ) -> Result<DeviceArray<P::Stored, D>> {
        let (device, op) = (&self.device, P::OP);
        let layouts = self.arguments.layouts(&self.dim)?;
        let shape = around(self.dim.slice(), axis.index())?;
        check(device, op, Ty::of::<A::Stored>(), shape[1])?;
        if let Some(array) = of_nothing(device, op, shape, dim, || self.shape())? {
            return Ok(array);
        }
        let out = device.uninit::<P::Stored, D>(dim.clone())?;
        let job = Job::new(device, op, A::Stored::of(shape[1]), Run::of(&out));
        let fused = Fused { function: self, result, job, is_flat: false };
        fused.run(self.dim.clone(), layouts, axis.index())?;
        Ok(out)
    }
}

impl Function {
    /// How many elements there are.
    fn len(&self) -> usize {
        // The other axes of what is empty may be of any length.
        if self.dim.slice().contains(&0) { 0 } else { self.dim.size() }
    }

    /// What is empty, for errors.
    fn shape(&self) -> String {
        format!(
            "the arguments of kernel `{}` have shape {:?} together",
            self.name,
            self.dim.slice()
        )
    }
}

/// All elements with as few axes as can be, and at least one.
fn flat(layouts: &[Layout<IxDyn>]) -> Piece {
    let layouts = collapsed(layouts);
    let dim = layouts.first().map_or(IxDyn(&[]), |layout| layout.dim.clone());
    if dim.ndim() > 0 {
        return Piece { dim, layouts, from: 0, to: 0 };
    }
    let one = |layout: Layout<IxDyn>| Layout { dim: IxDyn(&[1]), strides: vec![0], ..layout };
    let layouts = layouts.into_iter().map(one).collect();
    Piece { dim: IxDyn(&[1]), layouts, from: 0, to: 0 }
}

/// One of the results of a function, and what becomes of it.
struct Fused<'a> {
    function: &'a Function,
    result: usize,
    job: Job<'a>,
    /// Whether the axis is the last one, and the others go too.
    is_flat: bool,
}

impl Fused<'_> {
    fn run(&self, dim: IxDyn, layouts: Vec<Layout<IxDyn>>, axis: usize) -> Result<()> {
        let Function { device, arguments, .. } = self.function;
        let [outer, len, inner] = around(dim.slice(), axis)?;
        let most = arguments.most(device);
        let of_results = device.most_elements_of(self.job.of.bytes);
        let tree = Tree::new(len, inner, most.iter().copied().fold(of_results, usize::min));
        let tiles = len.div_ceil(tree.tile());
        let is_last = tiles == 1 && (outer == 1 || !self.is_flat);
        let step = Step { is_flat: self.is_flat, ..self.job.step(tree, true, is_last) };
        let to = self.job.to(step, outer * tiles * inner)?;
        let cutter = Cutter::new(axis, tree.tile(), MOST).within(most, of_results);
        for piece in cutter.cut(Piece { dim, layouts, from: 0, to: 0 }) {
            self.launch(step, &to, &piece, axis)?;
        }
        match (is_last, self.is_flat) {
            (true, _) => Ok(()),
            (false, true) => self.job.steps(to, [1, outer * tiles, 1], false),
            (false, false) => self.job.steps(to, [outer, tiles, inner], false),
        }
    }

    fn launch(&self, step: Step, to: &Pair, piece: &Piece, axis: usize) -> Result<()> {
        let device = &self.function.device;
        let (arguments, layouts) = self.function.arguments.seen(device, &piece.layouts)?;
        let layouts = collapsed(&layouts);
        let shape @ [outer, len, inner] = around(piece.dim.slice(), axis)?;
        let may_be_quads = step.tree.is_quads() && (outer == 1 || len.is_multiple_of(4));
        let quads = may_be_quads.then(|| arguments.quads(device, &layouts)).flatten();
        let quads = quads.unwrap_or_default();
        let kind = format!("reduce {} {step:?} {quads:?} ", self.result).into_bytes().into_iter();
        let kind = kind.chain(arguments.kind()).chain([b'/']).chain(ways(&layouts));
        let Function { source, name, is_precise, .. } = self.function;
        // Work-groups are those of the step.
        let key = CallKey::new(source, name, 0, *is_precise, kind)?;
        let text = || self.text(step, &arguments, &layouts, &quads);
        let program = device.called(key, text)?;
        let (launch, firsts) =
            arguments.bind(device, Launch::new(device, &program), &layouts, &quads);
        let launch = give_places(arguments.numbers(launch, &layouts), &layouts, &firsts)?;
        let base = if step.op.is_place() { self.place(piece, axis)? } else { 0 };
        let block = Block { from: 0, to: piece.to, shape, base };
        let launch = step.give(launch, device, to, block, &self.job.count)?;
        launch.groups(step.tree.groups(outer, len.div_ceil(step.tree.tile()), inner))
    }

    /// Of the first element of a piece.
    fn place(&self, piece: &Piece, axis: usize) -> Result<usize> {
        if self.is_flat {
            return Ok(piece.from);
        }
        let [_, len, inner] = around(self.function.dim.slice(), axis)?;
        Ok(piece.from / inner % len)
    }

    /// A first step, for arguments of these kinds and layouts with these axes, some of them in quads.
    fn text(
        &self,
        step: Step,
        arguments: &Arguments,
        layouts: &[Layout<IxDyn>],
        quads: &[bool],
    ) -> Result<Source> {
        let Function { name, source: kernel, is_precise, .. } = self.function;
        let items = portable::text(kernel)?;
        let function = kernel.portable()?;
        let source = Source::new(*name).precise(*is_precise).items(&items);
        let (source, places) = places(arguments.declare(source, quads), layouts);
        let is_quad = |at: usize| quads.get(at) == Some(&true);
        let call = arguments.call(
            function,
            |at| match is_quad(at) {
                true => format!("in{at}[at{at} / 4u][at{at} % 4u]"),
                false => format!("in{at}[at{at}]"),
            },
            |at| format!("at{at}"),
        );
        let source = source.items(&format!(
            "fn element(index: u32) -> {} {{\n{places}{}}}",
            step.of.name,
            self.value(function, &call, "return ")
        ));
        if quads.is_empty() {
            return Ok(step.complete(source, Elements::Function));
        }
        let mut body = places;
        for at in (0..quads.len()).filter(|&at| is_quad(at)) {
            body += &format!("let four{at} = in{at}[at{at} / 4u];\n");
        }
        for (j, part) in ["x", "y", "z", "w"].into_iter().enumerate() {
            let call = arguments.call(
                function,
                |at| match is_quad(at) {
                    true => format!("four{at}.{part}"),
                    false => format!("in{at}[at{at}]"),
                },
                // A range that stands still has no step.
                |at| match layouts[at].strides[..] {
                    [1] => format!("(at{at} + {j}u)"),
                    _ => format!("at{at}"),
                },
            );
            body += &format!(
                "var {part}: {};\n{{ {} }}\n",
                step.of.name,
                self.value(function, &call, &format!("{part} = "))
            );
        }
        let four = step.of.quad();
        let elements =
            format!("fn elements(index: u32) -> {four} {{\n{body}return {four}(x, y, z, w);\n}}");
        Ok(step.complete(source.items(&elements), Elements::Functions))
    }

    /// The result of a call, as arrays hold it, and where it goes.
    fn value(&self, function: &Portable, call: &str, to: &str) -> String {
        let ty = function.returns.get(self.result).copied().unwrap_or_default();
        let value = to_store(ty, &result(function, "result", self.result));
        format!("let result = {call};\n{to}{value};\n")
    }
}
