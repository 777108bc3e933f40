//! Lists of types as nested pairs, `(f64, (i32, ()))`: the arguments of a kernel, of any number.

use ndarray::{Array, DimMax, Dimension, Ix0};

use crate::error::Error;
use crate::nest::{self, Nest};
use crate::operand::{Cursor, Fresh, Operand, Output, Place, Start};
use crate::simd::{Element, Lanes, Simd};

/// A list of element types.
pub trait List: Sized + 'static {
    /// A group of each.
    type Wide<S: Simd>: Copy;
    /// Where each is written.
    type Targets: Copy;
    /// A new array of each.
    type Arrays<D: Dimension>;
    /// The same before it is written.
    type Fresh<D: Dimension>: Outputs<Self>;
    /// Bytes of one element of each.
    const BYTES: usize;

    /// From where the rows of the outputs start.
    fn targets(starts: &[Start]) -> Self::Targets;
    /// The targets so many elements on.
    fn ahead(targets: Self::Targets, by: usize) -> Self::Targets;
    /// # Safety
    /// The targets have `i + LANES` elements.
    unsafe fn store<S: Simd>(wide: Self::Wide<S>, targets: Self::Targets, i: usize);
    /// # Safety
    /// As `store`, and the targets are aligned to 64 bytes at `i`.
    unsafe fn stream<S: Simd>(wide: Self::Wide<S>, targets: Self::Targets, i: usize);
    /// # Safety
    /// The targets have `i + n` elements; `n < LANES`.
    unsafe fn store_some<S: Simd>(wide: Self::Wide<S>, targets: Self::Targets, i: usize, n: usize);
    /// Elements before the targets are aligned to 64 bytes, if all are at once.
    fn unaligned(targets: Self::Targets) -> Option<usize>;
    /// Whether all targets are so many elements before they are aligned.
    fn are_aligned_at(targets: Self::Targets, at: usize) -> bool;
    /// Arrays to be written, in column-major order if `f`.
    fn fresh<D: Dimension>(shape: &D, f: bool) -> Self::Fresh<D>;
    /// # Safety
    /// Every element was written.
    unsafe fn written<D: Dimension>(fresh: Self::Fresh<D>) -> Self::Arrays<D>;
}

impl List for () {
    type Wide<S: Simd> = ();
    type Targets = ();
    type Arrays<D: Dimension> = ();
    type Fresh<D: Dimension> = ();
    const BYTES: usize = 0;

    #[inline(always)]
    fn targets(_: &[Start]) {}
    #[inline(always)]
    fn ahead((): (), _: usize) {}
    #[inline(always)]
    unsafe fn store<S: Simd>((): (), (): (), _: usize) {}
    #[inline(always)]
    unsafe fn stream<S: Simd>((): (), (): (), _: usize) {}
    #[inline(always)]
    unsafe fn store_some<S: Simd>((): (), (): (), _: usize, _: usize) {}
    #[inline(always)]
    fn unaligned((): ()) -> Option<usize> {
        None
    }
    #[inline(always)]
    fn are_aligned_at((): (), _: usize) -> bool {
        true
    }
    fn fresh<D: Dimension>(_: &D, _: bool) {}
    unsafe fn written<D: Dimension>((): ()) {}
}

impl<T: Element, R: List> List for (T, R) {
    type Wide<S: Simd> = (Lanes<S, T>, R::Wide<S>);
    type Targets = (*mut T, R::Targets);
    type Arrays<D: Dimension> = (Array<T, D>, R::Arrays<D>);
    type Fresh<D: Dimension> = (Fresh<T, D>, R::Fresh<D>);
    const BYTES: usize = size_of::<T>() + R::BYTES;

    #[inline(always)]
    fn targets(starts: &[Start]) -> Self::Targets {
        (starts[0].first.cast(), R::targets(&starts[1..]))
    }
    #[inline(always)]
    fn ahead(targets: Self::Targets, by: usize) -> Self::Targets {
        (targets.0.wrapping_add(by), R::ahead(targets.1, by))
    }
    #[inline(always)]
    unsafe fn store<S: Simd>(wide: Self::Wide<S>, targets: Self::Targets, i: usize) {
        // SAFETY: the caller promises room for a group in every target.
        unsafe { wide.0.store(targets.0.wrapping_add(i)) };
        // SAFETY: as above.
        unsafe { R::store(wide.1, targets.1, i) };
    }
    #[inline(always)]
    unsafe fn stream<S: Simd>(wide: Self::Wide<S>, targets: Self::Targets, i: usize) {
        // SAFETY: the caller promises room for a group in every target, and its alignment.
        unsafe { wide.0.stream(targets.0.wrapping_add(i)) };
        // SAFETY: as above.
        unsafe { R::stream(wide.1, targets.1, i) };
    }
    #[inline(always)]
    unsafe fn store_some<S: Simd>(wide: Self::Wide<S>, targets: Self::Targets, i: usize, n: usize) {
        // SAFETY: the caller promises room for n elements in every target.
        unsafe { wide.0.store_some(targets.0.wrapping_add(i), n) };
        // SAFETY: as above.
        unsafe { R::store_some(wide.1, targets.1, i, n) };
    }
    #[inline(always)]
    fn unaligned(targets: Self::Targets) -> Option<usize> {
        let here = targets.0.align_offset(64);
        (here < 64 && R::are_aligned_at(targets.1, here)).then_some(here)
    }
    #[inline(always)]
    fn are_aligned_at(targets: Self::Targets, at: usize) -> bool {
        targets.0.align_offset(64) == at && R::are_aligned_at(targets.1, at)
    }
    fn fresh<D: Dimension>(shape: &D, f: bool) -> Self::Fresh<D> {
        (Fresh::new(shape, f), R::fresh(shape, f))
    }
    unsafe fn written<D: Dimension>(fresh: Self::Fresh<D>) -> Self::Arrays<D> {
        // SAFETY: the caller promises that every element was written.
        let first = unsafe { fresh.0.written() };
        // SAFETY: as above.
        (first, unsafe { R::written(fresh.1) })
    }
}

/// What is read, one operand for each type of a list.
pub trait Operands<In: List> {
    /// The axes of the shape that they have together.
    type Dim: Dimension;
    /// How the innermost loop reads them.
    type Cursors: Cursors<In>;
    /// The same where all lie dense.
    type Dense: Cursors<In>;

    /// The common shape; `names` are those of the arguments.
    ///
    /// # Errors
    /// If there is none.
    fn shape(&self, shape: &mut Vec<usize>, names: &[&str]) -> Result<(), Error>;
    /// The first that is no single element; one if all are.
    fn lead(&self) -> Place<'_>;
    /// As arguments of the loops.
    fn describe(&self, nest: &mut Nest);
    /// For a row that starts there.
    fn cursors(&self, starts: &[Start]) -> Self::Cursors;
    /// For all elements as one row, if they lie so in this shape.
    fn dense(&self, shape: &[usize]) -> Option<Self::Dense>;
}

/// Cursors of a list.
pub trait Cursors<In: List>: Copy + Send + Sync {
    /// What a walk along a row takes along.
    type Walk<S: Simd>: Copy;
    /// # Safety
    /// The row has `i + LANES` elements.
    unsafe fn load<S: Simd>(self, s: S, i: usize) -> In::Wide<S>;
    /// # Safety
    /// The row has `i + n` elements; `n < LANES`.
    unsafe fn load_some<S: Simd>(self, s: S, i: usize, n: usize) -> In::Wide<S>;
    /// A walk that starts at `i`.
    fn set_out<S: Simd>(self, s: S, i: usize) -> Self::Walk<S>;
    /// What `load` gives at `i`, which lies `ahead` of where the walk has come to.
    ///
    /// # Safety
    /// As `load`.
    unsafe fn load_ahead<S: Simd>(
        self,
        s: S,
        i: usize,
        walk: Self::Walk<S>,
        ahead: usize,
    ) -> In::Wide<S>;
    /// So many elements further.
    fn walk_on<S: Simd>(self, walk: Self::Walk<S>, by: usize) -> Self::Walk<S>;
    /// One number for each.
    type Strides: Copy;
    fn strides(of_each: &[isize]) -> Self::Strides;
    /// Over the rows that start so far from these, in bytes.
    fn moved(self, by: Self::Strides) -> Self;
}

impl Operands<()> for () {
    type Dim = Ix0;
    type Cursors = ();
    type Dense = ();
    #[inline(always)]
    fn shape(&self, _: &mut Vec<usize>, _: &[&str]) -> Result<(), Error> {
        Ok(())
    }
    #[inline(always)]
    fn lead(&self) -> Place<'_> {
        Place::Element
    }
    #[inline(always)]
    fn describe(&self, _: &mut Nest) {}
    #[inline(always)]
    fn cursors(&self, _: &[Start]) {}
    #[inline(always)]
    fn dense(&self, _: &[usize]) -> Option<()> {
        Some(())
    }
}

impl Cursors<()> for () {
    type Walk<S: Simd> = ();
    #[inline(always)]
    unsafe fn load<S: Simd>(self, _: S, _: usize) {}
    #[inline(always)]
    unsafe fn load_some<S: Simd>(self, _: S, _: usize, _: usize) {}
    #[inline(always)]
    fn set_out<S: Simd>(self, _: S, _: usize) {}
    #[inline(always)]
    unsafe fn load_ahead<S: Simd>(self, _: S, _: usize, (): (), _: usize) {}
    #[inline(always)]
    fn walk_on<S: Simd>(self, (): (), _: usize) {}
    type Strides = ();
    #[inline(always)]
    fn strides(_: &[isize]) {}
    #[inline(always)]
    fn moved(self, (): ()) {}
}

impl<T: Element, R: List, A: Operand<T>, B: Operands<R>> Operands<(T, R)> for (A, B)
where
    A::Dim: DimMax<B::Dim>,
{
    type Dim = <A::Dim as DimMax<B::Dim>>::Output;
    type Cursors = (A::Cursor, B::Cursors);
    type Dense = (A::Dense, B::Dense);

    fn shape(&self, shape: &mut Vec<usize>, names: &[&str]) -> Result<(), Error> {
        let name = names.first().copied().unwrap_or_default();
        self.0.check(name)?;
        let joined = self.0.place().with_shape(|own| nest::broadcast(shape, own, name));
        joined.unwrap_or(Ok(()))?;
        self.1.shape(shape, names.get(1..).unwrap_or_default())
    }
    #[inline(always)]
    fn lead(&self) -> Place<'_> {
        match self.0.place() {
            Place::Element => self.1.lead(),
            place => place,
        }
    }
    fn describe(&self, nest: &mut Nest) {
        nest.input(&self.0.place(), size_of::<T>());
        self.1.describe(nest);
    }
    #[inline(always)]
    fn cursors(&self, starts: &[Start]) -> Self::Cursors {
        (Cursor::new(self.0.value(), starts[0]), self.1.cursors(&starts[1..]))
    }
    #[inline(always)]
    fn dense(&self, shape: &[usize]) -> Option<Self::Dense> {
        let start = dense(&self.0.place(), shape)?;
        Some((Cursor::new(self.0.value(), start), self.1.dense(shape)?))
    }
}

impl<T: Element, R: List, C: Cursor<T>, D: Cursors<R>> Cursors<(T, R)> for (C, D) {
    type Walk<S: Simd> = (C::Walk<S>, D::Walk<S>);
    #[inline(always)]
    unsafe fn load<S: Simd>(self, s: S, i: usize) -> (Lanes<S, T>, R::Wide<S>) {
        // SAFETY: the caller promises a group.
        let first = unsafe { self.0.load(s, i) };
        // SAFETY: as above.
        (first, unsafe { self.1.load(s, i) })
    }
    #[inline(always)]
    unsafe fn load_some<S: Simd>(self, s: S, i: usize, n: usize) -> (Lanes<S, T>, R::Wide<S>) {
        // SAFETY: the caller promises n elements.
        let first = unsafe { self.0.load_some(s, i, n) };
        // SAFETY: as above.
        (first, unsafe { self.1.load_some(s, i, n) })
    }
    #[inline(always)]
    fn set_out<S: Simd>(self, s: S, i: usize) -> Self::Walk<S> {
        (self.0.set_out(s, i), self.1.set_out(s, i))
    }
    #[inline(always)]
    unsafe fn load_ahead<S: Simd>(
        self,
        s: S,
        i: usize,
        walk: Self::Walk<S>,
        ahead: usize,
    ) -> (Lanes<S, T>, R::Wide<S>) {
        // SAFETY: the caller promises a group.
        let first = unsafe { self.0.load_ahead(s, i, walk.0, ahead) };
        // SAFETY: as above.
        (first, unsafe { self.1.load_ahead(s, i, walk.1, ahead) })
    }
    #[inline(always)]
    fn walk_on<S: Simd>(self, walk: Self::Walk<S>, by: usize) -> Self::Walk<S> {
        (self.0.walk_on(walk.0, by), self.1.walk_on(walk.1, by))
    }
    type Strides = (isize, D::Strides);
    #[inline(always)]
    fn strides(of_each: &[isize]) -> Self::Strides {
        (of_each[0], D::strides(&of_each[1..]))
    }
    #[inline(always)]
    fn moved(self, by: Self::Strides) -> Self {
        (self.0.moved(by.0), self.1.moved(by.1))
    }
}

/// What is written, one output for each type of a list.
pub trait Outputs<Out: List> {
    /// As arguments of the loops.
    ///
    /// # Errors
    /// If an output has another shape than the nest, or elements that share memory.
    fn describe(&mut self, nest: &mut Nest, shape: &[usize], names: &[&str]) -> Result<(), Error>;
    /// For all elements as one row, if they lie so in this shape.
    fn dense(&mut self, shape: &[usize]) -> Option<Out::Targets>;
    /// All elements as one row, if inputs and outputs lie so: their number, and where.
    fn row<In: List, I: Operands<In>>(&mut self, inputs: &I) -> Option<OneRow<I::Dense, Out>>;
}

/// The only row of a call.
#[derive(Debug)]
pub struct OneRow<C, Out: List> {
    pub(crate) len: usize,
    pub(crate) cursors: C,
    pub(crate) targets: Out::Targets,
}

impl Outputs<()> for () {
    fn describe(&mut self, _: &mut Nest, _: &[usize], _: &[&str]) -> Result<(), Error> {
        Ok(())
    }
    #[inline(always)]
    fn dense(&mut self, _: &[usize]) -> Option<()> {
        Some(())
    }
    fn row<In: List, I: Operands<In>>(&mut self, _: &I) -> Option<OneRow<I::Dense, ()>> {
        None
    }
}

impl<T: Element, R: List, A: Output<T>, B: Outputs<R>> Outputs<(T, R)> for (A, B) {
    fn describe(&mut self, nest: &mut Nest, shape: &[usize], names: &[&str]) -> Result<(), Error> {
        let name = names.first().copied().unwrap_or("out");
        let place = self.0.place_mut();
        place.with_shape(|own| nest::same_shape(name, own, shape)).unwrap_or(Ok(()))?;
        nest.output(&place, size_of::<T>(), name)?;
        self.1.describe(nest, shape, names.get(1..).unwrap_or_default())
    }
    #[inline(always)]
    fn dense(&mut self, shape: &[usize]) -> Option<(*mut T, R::Targets)> {
        let start = dense(&self.0.place_mut(), shape)?;
        Some((start.first.cast(), self.1.dense(shape)?))
    }
    #[inline(always)]
    fn row<In: List, I: Operands<In>>(&mut self, inputs: &I) -> Option<OneRow<I::Dense, (T, R)>> {
        let place = self.0.place_mut();
        let slice;
        let shape = match place {
            Place::Array(_, shape, _) => shape,
            Place::Slice(_, len) | Place::Range(len) => {
                slice = [len];
                &slice
            }
            Place::Element => &[],
        };
        let first = dense(&place, shape)?.first.cast();
        let targets = (first, self.1.dense(shape)?);
        Some(OneRow { len: shape.iter().product(), cursors: inputs.dense(shape)?, targets })
    }
}

/// Where the elements start, if they lie one after another in this shape.
#[inline(always)]
fn dense(place: &Place<'_>, shape: &[usize]) -> Option<Start> {
    match *place {
        Place::Element => Some(Start::nowhere()),
        Place::Range(len) => (shape == [len]).then_some(Start::dense(std::ptr::null_mut())),
        Place::Slice(first, len) => (shape == [len]).then_some(Start::dense(first)),
        Place::Array(first, own, strides) => {
            let mut dense = 1;
            // One by one: a comparison as bytes waits for the words of a shape just written.
            let is_dense = own.iter().eq(shape)
                && own.iter().zip(strides).rev().all(|(&len, &stride)| {
                    let fits = len == 1 || stride == dense;
                    dense *= len.cast_signed();
                    fits
                });
            is_dense.then_some(Start::dense(first))
        }
    }
}
