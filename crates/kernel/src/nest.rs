//! The loops of a call: which axes there are, in which order, and what each argument does on them.
//!
//! Nothing here knows element types but by their size, so that it is compiled once. The innermost
//! loop belongs to the kernel; it sees rows whose elements are dense in memory, or one element again
//! and again. What lies otherwise is packed into blocks on the way.

use std::ptr;

use crate::error::{Error, ErrorKind};
use crate::operand::{Place, Start};

/// Elements of a packed block: small enough that the cache lines which a strided argument touches
/// stay in the first cache until the neighbouring rows need their other elements.
pub(crate) const BLOCK: usize = 256;
/// Bytes of the largest element.
const LARGEST: usize = 16;
/// Elements of an array of the largest.
const MOST: usize = isize::MAX.unsigned_abs() / LARGEST;
/// Elements of the smallest type in a cache line.
const LINE: usize = 64;

/// An argument on the common axes.
#[derive(Debug, Clone)]
pub(crate) struct Arg {
    pub(crate) first: *mut u8,
    /// Bytes of an element; 1 for a range.
    pub(crate) size: usize,
    /// In bytes; 0 where the argument is repeated.
    pub(crate) strides: Vec<isize>,
    kind: Kind,
}

impl Arg {
    pub(crate) fn is_memory(&self) -> bool {
        matches!(self.kind, Kind::Input | Kind::Output)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Nowhere,
    Range,
    Input,
    Output,
}

/// The loops.
#[derive(Debug, Clone)]
pub struct Nest {
    /// Lengths, the outermost first; none is 1.
    shape: Vec<usize>,
    pub(crate) args: Vec<Arg>,
}

// SAFETY: a nest is a description. Who runs it on several threads gives each a part whose outputs
// no other has (`split`).
unsafe impl Send for Nest {}
// SAFETY: as above.
unsafe impl Sync for Nest {}

/// A shape as errors show it: `(2, 3)`, `(5,)`.
pub(crate) fn show(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => {
            let lengths: Vec<String> = shape.iter().map(ToString::to_string).collect();
            format!("({})", lengths.join(", "))
        }
    }
}

impl Place<'_> {
    /// Lengths, if it has a shape of its own.
    #[inline(always)]
    pub(crate) fn with_shape<R>(&self, f: impl FnOnce(&[usize]) -> R) -> Option<R> {
        match self {
            Place::Element => None,
            Place::Range(len) | Place::Slice(_, len) => Some(f(&[*len])),
            Place::Array(_, shape, _) => Some(f(shape)),
        }
    }
}

/// The common shape of what `so_far` holds and another operand of this shape.
pub(crate) fn broadcast(so_far: &mut Vec<usize>, shape: &[usize], name: &str) -> Result<(), Error> {
    let before = so_far.clone();
    if shape.len() > so_far.len() {
        so_far.splice(0..0, std::iter::repeat_n(1, shape.len() - before.len()));
    }
    let skip = so_far.len() - shape.len();
    for (common, &len) in so_far[skip..].iter_mut().zip(shape) {
        if *common == 1 {
            *common = len;
        } else if len != 1 && len != *common {
            let (shape, before) = (show(shape), show(&before));
            let message = format!(
                "argument `{name}` of shape {shape} cannot be broadcast with {before}, the shape of \
                 the arguments before it"
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
    }
    let count = so_far.iter().try_fold(1_usize, |count, &len| count.checked_mul(len.max(1)));
    if count.is_none_or(|count| count > MOST) {
        let shape = show(so_far);
        let message = format!(
            "the shape {shape} that the arguments make up to `{name}` has more elements than an array \
             can have"
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    Ok(())
}

/// The output `name` must have the shape that the inputs have together.
pub(crate) fn same_shape(name: &str, shape: &[usize], common: &[usize]) -> Result<(), Error> {
    if shape == common {
        return Ok(());
    }
    let (shape, common) = (show(shape), show(common));
    let message = format!("output `{name}` has shape {shape}, but the inputs make {common}");
    Err(Error::new(ErrorKind::Shape, message))
}

/// Byte strides of a place on the axes of `shape`, to which it can be broadcast.
fn strides_on(place: &Place<'_>, size: usize, shape: &[usize]) -> Vec<isize> {
    let mut all = vec![0; shape.len()];
    let mut set = |lens: &[usize], strides: &[isize]| {
        let skip = shape.len() - lens.len();
        for (axis, (&len, &stride)) in lens.iter().zip(strides).enumerate() {
            all[skip + axis] = if len == 1 { 0 } else { stride * size.cast_signed() };
        }
    };
    match place {
        Place::Element => {}
        Place::Range(len) | Place::Slice(_, len) => set(&[*len], &[1]),
        Place::Array(_, lens, strides) => set(lens, strides),
    }
    all
}

impl Nest {
    pub(crate) fn new(shape: &[usize]) -> Self {
        Self { shape: shape.to_vec(), args: vec![] }
    }

    pub(crate) fn input(&mut self, place: &Place<'_>, size: usize) {
        let (first, kind, size) = match place {
            Place::Element => (ptr::null_mut(), Kind::Nowhere, size),
            Place::Range(_) => (ptr::null_mut(), Kind::Range, 1),
            Place::Slice(first, _) | Place::Array(first, ..) => (*first, Kind::Input, size),
        };
        let strides = strides_on(place, size, &self.shape);
        self.args.push(Arg { first, size, strides, kind });
    }

    /// An output, of the shape of the nest.
    pub(crate) fn output(
        &mut self,
        place: &Place<'_>,
        size: usize,
        name: &str,
    ) -> Result<(), Error> {
        self.input(place, size);
        let Some(arg) = self.args.last_mut() else { return Ok(()) };
        arg.kind = Kind::Output;
        let is_repeated = |(&len, &stride): (&usize, &isize)| len > 1 && stride == 0;
        let is_empty = self.shape.contains(&0);
        if !is_empty && self.shape.iter().zip(&arg.strides).any(is_repeated) {
            let message = format!("elements of output `{name}` share memory: it was broadcast");
            return Err(Error::new(ErrorKind::Overlap, message));
        }
        Ok(())
    }

    /// One more argument: the index of each element in row-major order, as a range has it.
    pub(crate) fn index(&mut self) {
        let shape = self.shape.clone();
        self.index_in(&shape);
    }

    /// The same where this is a part of an array of another shape: the index there, from that of
    /// the part's first element on.
    pub(crate) fn index_in(&mut self, whole: &[usize]) {
        let mut strides = vec![1; whole.len()];
        for axis in (1..strides.len()).rev() {
            strides[axis - 1] = strides[axis] * whole[axis].cast_signed();
        }
        self.args.push(Arg { first: ptr::null_mut(), size: 1, strides, kind: Kind::Range });
    }

    /// An axis on which nothing moves.
    pub(crate) fn insert_axis(&mut self, axis: usize) {
        self.shape.insert(axis, 1);
        for arg in &mut self.args {
            arg.strides.insert(axis, 0);
        }
    }

    /// Where each argument starts, the bytes of an element, and the strides in bytes.
    pub(crate) fn places(&self) -> impl Iterator<Item = (*mut u8, usize, &[isize])> {
        self.args.iter().map(|arg| (arg.first, arg.size, &arg.strides[..]))
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }

    /// Whether all inputs of more than one axis lie in column-major order rather than row-major.
    pub(crate) fn is_column_major(&self) -> bool {
        let strides = self.args.iter().filter(|arg| arg.kind == Kind::Input);
        let mut strides = strides.map(|arg| &arg.strides).filter(|s| s.iter().all(|&s| s != 0));
        let rises = |s: &Vec<isize>| s.len() > 1 && s.windows(2).all(|w| w[0] < w[1] && w[0] > 0);
        strides.clone().next().is_some() && strides.all(rises)
    }

    /// Elements.
    pub(crate) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Bytes that the arguments move.
    pub(crate) fn bytes(&self) -> usize {
        self.args.iter().filter(|arg| arg.is_memory()).map(|arg| arg.size).sum::<usize>()
            * self.len()
    }

    /// Puts the axes into the order in which the outputs lie, forwards, and joins those that can
    /// be walked as one. Elementwise kernels only: it changes the order of the elements.
    pub(crate) fn simplify(&mut self) {
        self.drop_axes_of_one();
        self.sort_axes();
        self.turn_forwards();
        self.join_axes();
    }

    /// Without changing the order of elements: what a reduction in a fixed order may do.
    pub(crate) fn simplify_in_order(&mut self) {
        self.drop_axes_of_one();
        self.join_axes();
    }

    fn drop_axes_of_one(&mut self) {
        let keep: Vec<bool> = self.shape.iter().map(|&len| len != 1).collect();
        let mut flags = keep.iter();
        self.shape.retain(|_| *flags.next().unwrap_or(&true));
        for arg in &mut self.args {
            let mut flags = keep.iter();
            arg.strides.retain(|_| *flags.next().unwrap_or(&true));
        }
    }

    fn sort_axes(&mut self) {
        let mut order: Vec<usize> = (0..self.shape.len()).collect();
        // The outputs decide; where they are indifferent, the inputs do.
        let mut by: Vec<&Arg> = self.args.iter().filter(|arg| arg.kind == Kind::Output).collect();
        by.extend(self.args.iter().filter(|arg| arg.kind == Kind::Input));
        let key = |&axis: &usize| {
            let strides = by.iter().map(|arg| arg.strides[axis].unsigned_abs());
            strides.collect::<Vec<usize>>()
        };
        order.sort_by_key(|axis| std::cmp::Reverse(key(axis)));
        self.shape = order.iter().map(|&axis| self.shape[axis]).collect();
        for arg in &mut self.args {
            arg.strides = order.iter().map(|&axis| arg.strides[axis]).collect();
        }
    }

    fn turn_forwards(&mut self) {
        for axis in 0..self.shape.len() {
            let mut in_memory = self.args.iter().filter(|arg| arg.kind == Kind::Output);
            if in_memory.next().is_some_and(|arg| arg.strides[axis] < 0) {
                let last = self.shape[axis].cast_signed() - 1;
                for arg in &mut self.args {
                    arg.first = arg.first.wrapping_offset(arg.strides[axis] * last);
                    arg.strides[axis] = -arg.strides[axis];
                }
            }
        }
    }

    fn join_axes(&mut self) {
        let mut axis = 1;
        while axis < self.shape.len() {
            let len = self.shape[axis].cast_signed();
            let joins = |arg: &Arg| arg.strides[axis - 1] == arg.strides[axis] * len;
            if self.args.iter().all(joins) {
                self.shape[axis] *= self.shape[axis - 1];
                self.shape.remove(axis - 1);
                for arg in &mut self.args {
                    arg.strides.remove(axis - 1);
                }
            } else {
                axis += 1;
            }
        }
    }

    /// In about so many parts, along the outermost axis that is long enough.
    pub(crate) fn split(self, parts: usize) -> Vec<Nest> {
        if parts <= 1 {
            return vec![self];
        }
        let longest = (0..self.shape.len()).max_by_key(|&axis| self.shape[axis]).unwrap_or(0);
        let axis = self.shape.iter().position(|&len| len >= parts).unwrap_or(longest);
        let len = self.shape.get(axis).copied().unwrap_or(1);
        // Whole cache lines to each, where the axis is the innermost.
        let unit = if axis + 1 == self.shape.len() { LINE } else { 1 };
        let step = len.div_ceil(parts).next_multiple_of(unit);
        let starts = (0..len).step_by(step);
        starts.map(|start| self.part(axis, start, step.min(len - start))).collect()
    }

    /// The part from `start` on of an axis, of `len`.
    fn part(&self, axis: usize, start: usize, len: usize) -> Nest {
        let mut part = self.clone();
        part.shape[axis] = len;
        for arg in &mut part.args {
            let offset = arg.strides[axis] * start.cast_signed();
            arg.first = arg.first.wrapping_offset(offset);
        }
        part
    }

    /// Calls `row` with the starts of all arguments and the length, for each row.
    ///
    /// # Safety
    /// The arguments lie where they say, and nobody else writes them or reads the outputs.
    #[inline(always)]
    pub(crate) unsafe fn rows<R: Row>(&self, mut row: R) {
        if self.is_empty() {
            return;
        }
        let mut walk = Walk::new(self);
        // SAFETY: the caller promises memory for all elements.
        while let Some(len) = unsafe { walk.next() } {
            // SAFETY: the starts are those of `len` elements each.
            unsafe { row.run(&walk.starts, len) };
        }
    }
}

/// What is done with a row.
pub(crate) trait Row {
    /// # Safety
    /// Every start is that of `len` elements, dense or a group of equal ones.
    unsafe fn run(&mut self, starts: &[Start], len: usize);
}

/// On the way through the rows.
struct Walk<'a> {
    nest: &'a Nest,
    starts: Vec<Start>,
    /// Where each argument stands.
    at: Vec<*mut u8>,
    /// Of the axes but the last.
    index: Vec<usize>,
    /// First element of the block in the last axis, and elements of a block.
    block: usize,
    block_len: usize,
    /// The row that was given out last; 0 before the first and after the last.
    len: usize,
    packs: Vec<Pack>,
}

/// An argument that must be packed, with its memory.
struct Pack {
    arg: usize,
    stride: isize,
    memory: Vec<u128>,
}

impl<'a> Walk<'a> {
    fn new(nest: &'a Nest) -> Self {
        let inner = nest.shape.last().copied().unwrap_or(1);
        let stride_of = |arg: &Arg| arg.strides.last().copied().unwrap_or(0);
        let mut packs = vec![];
        for (index, arg) in nest.args.iter().enumerate() {
            let stride = stride_of(arg);
            let is_dense = stride == arg.size.cast_signed() || stride == 0;
            if arg.is_memory() && !is_dense {
                let memory = vec![0; BLOCK * LARGEST / size_of::<u128>()];
                packs.push(Pack { arg: index, stride, memory });
            }
        }
        let block_len = if packs.is_empty() { inner } else { BLOCK };
        let starts = nest.args.iter().map(|arg| {
            let step = stride_of(arg) / arg.size.cast_signed();
            Start { first: arg.first, step: if arg.kind == Kind::Output { 1 } else { step } }
        });
        Self {
            nest,
            starts: starts.collect(),
            at: nest.args.iter().map(|arg| arg.first).collect(),
            index: vec![0; nest.shape.len().saturating_sub(1)],
            block: 0,
            block_len,
            len: 0,
            packs,
        }
    }

    /// Finishes the row given out before, and prepares the next.
    ///
    /// # Safety
    /// The arguments lie where the nest says.
    #[inline]
    unsafe fn next(&mut self) -> Option<usize> {
        let inner = self.nest.shape.last().copied().unwrap_or(1);
        if self.len > 0 {
            // SAFETY: the kernel has written the blocks of this row.
            unsafe { self.unpack() };
            if !self.step(inner) {
                return None;
            }
        }
        self.len = self.block_len.min(inner - self.block);
        for (start, at) in self.starts.iter_mut().zip(&self.at) {
            start.first = *at;
        }
        // SAFETY: this row has the elements.
        unsafe { self.pack() };
        Some(self.len)
    }

    /// To the next row: the block is the outermost loop but the last axis, so that the rows next
    /// to each other find the cache lines of strided arguments again.
    fn step(&mut self, inner: usize) -> bool {
        let nest = self.nest;
        for axis in (0..self.index.len()).rev() {
            self.index[axis] += 1;
            let is_over = self.index[axis] == nest.shape[axis];
            let steps = if is_over { 1 - nest.shape[axis].cast_signed() } else { 1 };
            for (at, arg) in self.at.iter_mut().zip(&nest.args) {
                *at = at.wrapping_offset(arg.strides[axis] * steps);
            }
            if !is_over {
                return true;
            }
            self.index[axis] = 0;
        }
        self.block += self.block_len;
        let skip = self.block_len.cast_signed();
        for (at, arg) in self.at.iter_mut().zip(&nest.args) {
            *at = at.wrapping_offset(arg.strides.last().copied().unwrap_or(0) * skip);
        }
        self.block < inner
    }

    /// # Safety
    /// As `next`.
    unsafe fn pack(&mut self) {
        for pack in &mut self.packs {
            let arg = &self.nest.args[pack.arg];
            let first = self.starts[pack.arg].first;
            let memory = pack.memory.as_mut_ptr().cast::<u8>();
            self.starts[pack.arg].first = memory;
            self.starts[pack.arg].step = 1;
            if arg.kind == Kind::Output {
                continue;
            }
            let size = arg.size.cast_signed();
            // SAFETY: the row has `len` elements at this stride, and the memory room for them.
            unsafe { copy(first, pack.stride, memory, size, arg.size, self.len) };
        }
    }

    /// # Safety
    /// As `next`.
    unsafe fn unpack(&mut self) {
        for pack in &self.packs {
            let arg = &self.nest.args[pack.arg];
            if arg.kind == Kind::Output {
                let memory = pack.memory.as_ptr().cast_mut().cast::<u8>();
                let to = self.at[pack.arg];
                let size = arg.size.cast_signed();
                // SAFETY: the row has `len` elements at this stride.
                unsafe { copy(memory, size, to, pack.stride, arg.size, self.len) };
            }
        }
    }
}

/// Copies `len` elements of `size` bytes between strides in bytes.
///
/// # Safety
/// Both sides have the elements.
pub(crate) unsafe fn copy(
    from: *mut u8,
    step: isize,
    to: *mut u8,
    to_step: isize,
    size: usize,
    len: usize,
) {
    /// # Safety
    /// As `copy`.
    unsafe fn of<T>(from: *mut u8, step: isize, to: *mut u8, to_step: isize, len: usize) {
        for i in 0..len.cast_signed() {
            let from = from.wrapping_offset(i * step).cast::<T>();
            let to = to.wrapping_offset(i * to_step).cast::<T>();
            // SAFETY: the caller promises both elements; their alignment may be less than T's.
            unsafe { ptr::copy_nonoverlapping(from.cast::<u8>(), to.cast::<u8>(), size_of::<T>()) };
        }
    }
    // SAFETY: as the caller promises; the sizes are those of the elements there are.
    #[expect(clippy::multiple_unsafe_ops_per_block, reason = "one of them is run")]
    unsafe {
        match size {
            1 => of::<u8>(from, step, to, to_step, len),
            2 => of::<u16>(from, step, to, to_step, len),
            4 => of::<u32>(from, step, to, to_step, len),
            8 => of::<u64>(from, step, to, to_step, len),
            _ => of::<u128>(from, step, to, to_step, len),
        }
    }
}
