//! Running sums, products and extremes along an axis.
//!
//! A scan goes over its array twice: first each chunk is reduced along the axis, to totals of which there is one for
//! each chunk; then each chunk is gone along, beginning with what the totals of the chunks before it come to, which
//! is a scan of the totals. The chunks of each do not depend on each other.

use std::marker::PhantomData;
use std::ops::Range;
use std::panic::Location;
use std::sync::Arc;

use ndarray::{Dimension, Ix1, IxDyn};
use smallvec::SmallVec;

use super::broadcast::view;
use super::{Arithmetic, Ordered, is_nan};
use crate::array::Array;
use crate::block::{Block, Grain, Needs, Read};
use crate::buffer::Buffer;
use crate::chunks::{AxisChunks, Chunks};
use crate::element::Element;
use crate::error::Result;
use crate::hash::Identity;
use crate::node::{Node, Op, Origin};
use crate::program::SCANNED;
use crate::reduce::{Fold, Folded, Packing, Summable, side_by_side};
use crate::view::{AxisMap, View};
use crate::window::{Dims, Window, bytes_of};

/// How a scan goes on: `R` are its results, of elements `T`.
trait Step<T, R>: Copy + Send + Sync + 'static {
    /// What is carried along: also the type of totals, which lose nothing.
    type Acc: Element;
    const NAME: &'static str;
    const TOTALS: &'static str;
    /// Whether it matters which of two elements comes first.
    const IN_ORDER: bool = false;
    fn start() -> Self::Acc;
    fn see(acc: Self::Acc, x: T) -> Self::Acc;
    fn merge(acc: Self::Acc, later: Self::Acc) -> Self::Acc;
    fn result(acc: Self::Acc) -> R;
}

/// What a chunk comes to along the axis.
struct Total<S>(PhantomData<S>);

impl<T: Element, R, S: Step<T, R>> Fold<T, S::Acc> for Total<(R, S)>
where
    R: Send + Sync + 'static,
{
    type Acc = S::Acc;

    fn start(&self) -> S::Acc {
        S::start()
    }

    fn run(&self, acc: &mut S::Acc, elements: &[T], _: u64) {
        let run = match S::IN_ORDER {
            true => elements.iter().fold(S::start(), |acc, &x| S::see(acc, x)),
            false => side_by_side(elements, S::start(), S::see, S::merge),
        };
        *acc = S::merge(*acc, run);
    }

    fn each(&self, accs: &mut [S::Acc], elements: &[T], _: u64) {
        for (acc, &element) in accs.iter_mut().zip(elements) {
            *acc = S::see(*acc, element);
        }
    }

    fn merge(&self, acc: &mut S::Acc, later: S::Acc) {
        *acc = S::merge(*acc, later);
    }

    fn finish(&self, acc: S::Acc, _: usize) -> S::Acc {
        acc
    }

    fn packing(&self) -> Option<Packing<S::Acc>> {
        Some(Packing::own())
    }
}

/// The scan of an array, its first input. If it has several chunks along the axis, the second input is what the chunks
/// up to each come to.
struct Scan<T, R, S> {
    axis: usize,
    chunks: Chunks,
    /// Whether it is made once: the scan of totals is, which each chunk needs.
    is_held: bool,
    types: PhantomData<fn(T, S) -> R>,
}

impl<T: Element, R: Element, S: Step<T, R>> Scan<T, R, S> {
    /// The parts of a window that lie in a chunk each, along the axis.
    fn parts(&self, window: &Window) -> impl Iterator<Item = Range<usize>> + '_ {
        let (cut, along) = (self.chunks.axis(self.axis), window.range(self.axis));
        let chunks = cut.chunk_of(along.start)..=cut.chunk_of(along.end - 1);
        chunks.map(move |chunk| {
            let Range { start, end } = cut.range(chunk);
            start.max(along.start)..end.min(along.end)
        })
    }

    fn at(&self, window: &Window, along: Range<usize>) -> Window {
        let mut part = window.clone();
        part.set(self.axis, along);
        part
    }

    /// Where to go on from to come to `start`, and what is carried there: from where the window before ended, or else
    /// from the beginning of the chunk.
    fn carried(&self, part: &Window, inputs: &mut dyn Read) -> Result<(usize, Buffer)> {
        let (cut, start) = (self.chunks.axis(self.axis), part.start()[self.axis]);
        let chunk = cut.chunk_of(start);
        let begin = cut.range(chunk).start;
        if let Some((before, state)) = inputs.kept().take() {
            let end = before.range(self.axis).end;
            let is_beside = self.at(&before, 0..1) == self.at(part, 0..1);
            if is_beside && begin < end && end <= start {
                return Ok((end, state));
            }
        }
        let mut state = Buffer::new(S::Acc::DTYPE);
        match chunk.checked_sub(1) {
            Some(before) => inputs.read(1, &self.at(part, before..chunk), &mut state)?,
            None => {
                state.resize(self.at(part, 0..1).len());
                state.elements_mut().fill(S::start());
            }
        }
        Ok((begin, state))
    }
}

/// How many elements of a shape lie behind each other for a step along an axis.
fn behind(shape: &[usize], axis: usize) -> usize {
    shape[axis + 1..].iter().product()
}

impl<T: Element, R: Element, S: Step<T, R>> Block for Scan<T, R, S> {
    fn name(&self) -> &str {
        S::NAME
    }

    fn is_held(&self) -> bool {
        self.is_held
    }

    fn nanoseconds(&self) -> f64 {
        SCANNED
    }

    fn grain(&self) -> Grain {
        Grain::Sequence(self.axis)
    }

    fn keeps_rows(&self) -> bool {
        self.axis + 1 < self.chunks.ndim()
    }

    fn bytes(&self, shape: &[usize], input: &dyn Fn(usize, &[usize]) -> usize) -> usize {
        let mut state = Dims::from(shape);
        state[self.axis] = 1;
        // What is carried, and what the window before has left.
        let carried = bytes_of(&state, size_of::<S::Acc>()).saturating_mul(2);
        let elements = input(0, shape).saturating_add(carried);
        match self.chunks.axis(self.axis).count() {
            1 => elements,
            _ => elements.saturating_add(input(1, &state)),
        }
    }

    fn needs(&self, window: &Window) -> Needs {
        let mut needs = smallvec::smallvec![(0, window.clone())];
        if self.chunks.axis(self.axis).count() > 1 {
            // As for any chunk but the first: a plan asks once for all of one size.
            needs.push((1, self.at(window, 0..1)));
        }
        needs
    }

    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()> {
        if window.len() == 0 {
            return Ok(());
        }
        let (all, behind) = (window.shape()[self.axis], behind(window.shape(), self.axis));
        for part in self.parts(window) {
            let wanted = self.at(window, part.clone());
            let (mut at, mut state) = self.carried(&wanted, inputs)?;
            let accs = |state: &mut Buffer, each: &mut dyn FnMut(usize, &mut [S::Acc])| {
                let planes = state.elements_mut().chunks_exact_mut(behind);
                planes.enumerate().for_each(|(plane, accs)| each(plane, accs));
            };
            while at < part.start {
                let end = part.start.min(at + all);
                let elements = inputs.get(0, &self.at(window, at..end))?;
                let len = (end - at) * behind;
                accs(&mut state, &mut |plane, accs| {
                    skip::<T, R, S>(&elements.elements()[plane * len..][..len], accs);
                });
                at = end;
            }
            let elements = inputs.get(0, &wanted)?;
            let (first, len) =
                ((part.start - window.start()[self.axis]) * behind, part.len() * behind);
            accs(&mut state, &mut |plane, accs| {
                let results = &mut out.elements_mut()[plane * all * behind + first..][..len];
                go_along::<T, R, S>(&elements.elements()[plane * len..][..len], accs, results);
            });
            *inputs.kept() = Some((wanted, state));
        }
        Ok(())
    }
}

/// Goes along rows that nobody asked for.
fn skip<T: Element, R, S: Step<T, R>>(rows: &[T], accs: &mut [S::Acc]) {
    for row in rows.chunks_exact(accs.len()) {
        for (acc, &x) in accs.iter_mut().zip(row) {
            *acc = S::see(*acc, x);
        }
    }
}

fn go_along<T: Element, R, S: Step<T, R>>(rows: &[T], accs: &mut [S::Acc], results: &mut [R]) {
    if let [acc] = accs {
        // In a register.
        let mut own = *acc;
        for (result, &x) in results.iter_mut().zip(rows) {
            own = S::see(own, x);
            *result = S::result(own);
        }
        *acc = own;
        return;
    }
    let behind = accs.len();
    for (row, results) in rows.chunks_exact(behind).zip(results.chunks_exact_mut(behind)) {
        for ((acc, &x), result) in accs.iter_mut().zip(row).zip(results) {
            *acc = S::see(*acc, x);
            *result = S::result(*acc);
        }
    }
}

/// The scan of totals, which merges them.
#[derive(Clone, Copy)]
struct Merged<T, R, S>(PhantomData<fn(T, S) -> R>);

impl<T, R, S> Step<S::Acc, S::Acc> for Merged<T, R, S>
where
    T: Element,
    R: Element,
    S: Step<T, R>,
{
    type Acc = S::Acc;
    const NAME: &'static str = S::TOTALS;
    const TOTALS: &'static str = S::TOTALS;
    const IN_ORDER: bool = S::IN_ORDER;
    fn start() -> S::Acc {
        S::start()
    }
    fn see(acc: S::Acc, total: S::Acc) -> S::Acc {
        S::merge(acc, total)
    }
    fn merge(acc: S::Acc, later: S::Acc) -> S::Acc {
        S::merge(acc, later)
    }
    fn result(acc: S::Acc) -> S::Acc {
        acc
    }
}

impl<T: Element, D: Dimension> Array<T, D> {
    /// A scan along an axis.
    fn scanned<R: Element, S: Step<T, R>>(&self, axis: usize, origin: Origin) -> Array<R, D> {
        Array::or_invalid(origin, || {
            self.check()?;
            self.checked_axes(&[axis])?;
            let chunks = &self.node.chunks;
            let mut inputs = SmallVec::<[Arc<Node>; 2]>::from_elem(Arc::clone(&self.node), 1);
            if chunks.axis(axis).count() > 1 {
                inputs.push(carried::<T, R, S>(&self.node, axis, origin)?);
            }
            let chunks = chunks.clone();
            let scan = Scan::<T, R, S> { axis, chunks, is_held: false, types: PhantomData };
            let (op, key) = (Op::Block(Arc::new(scan)), Identity::of(("scan", axis)));
            Ok(Array::made(op, inputs, self.node.chunks.clone(), key, origin))
        })
    }

    /// Some of the elements along an axis.
    pub(super) fn part_of_axis(&self, axis: usize, range: Range<usize>, origin: Origin) -> Self {
        let mut part = View::whole(&self.shape());
        part.shape[axis] = range.len();
        part.maps[axis] = AxisMap::Along { axis, start: range.start, step: 1 };
        Self::of(view(&self.node, part, origin))
    }

    /// The differences of neighbours along an axis, `times` times over: each time one fewer.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![1, 4, 9, 16], 2);
    /// assert_eq!(x.diff(1, 0).compute()?, array![3, 5, 7]);
    /// assert_eq!(x.diff(2, 0).compute()?, array![2, 2]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn diff(&self, times: usize, axis: usize) -> Self
    where
        T: Arithmetic,
    {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            self.check()?;
            self.checked_axes(&[axis])?;
            let len = self.shape()[axis];
            // Beyond its length nothing is left to take differences of.
            let difference = |x: Self, _| {
                let len = x.shape()[axis];
                let later = x.part_of_axis(axis, 1.min(len)..len, origin);
                let earlier = x.part_of_axis(axis, 0..len.saturating_sub(1), origin);
                later.binary(&earlier, "sub", Identity::of(()), T::minus, origin)
            };
            Ok(Self::of((0..times.min(len)).fold(self.clone(), difference).node))
        })
    }
}

/// What the chunks of an array come to along an axis, those before included.
fn carried<T: Element, R: Element, S: Step<T, R>>(
    node: &Arc<Node>,
    axis: usize,
    origin: Origin,
) -> Result<Arc<Node>> {
    let chunks = &node.chunks;
    let cut_like = |along: AxisChunks| {
        let cuts = chunks.axes().iter().enumerate();
        Chunks::new(cuts.map(|(i, cut)| if i == axis { along.clone() } else { cut.clone() }))
    };
    let (of_totals, in_one) = {
        let count = chunks.axis(axis).count();
        (cut_like(AxisChunks::even(count, 1)?), cut_like(AxisChunks::one(count)))
    };
    let total = Total::<(R, S)>(PhantomData);
    let reducer = Folded::<T, S::Acc, _>::new(S::TOTALS, Identity::of(S::TOTALS), total);
    let op =
        Op::Reduce { axes: smallvec::smallvec![axis], reducer: Arc::new(reducer), by_chunk: true };
    let key = Identity::of(("totals", axis));
    let totals = Node::new(op, [Arc::clone(node)], S::Acc::DTYPE, of_totals, key, origin);
    let merged = Scan::<S::Acc, S::Acc, Merged<T, R, S>> {
        axis,
        chunks: in_one.clone(),
        is_held: true,
        types: PhantomData,
    };
    let (op, key) = (Op::Block(Arc::new(merged)), Identity::of(("scan", axis)));
    Ok(Node::new(op, [totals], S::Acc::DTYPE, in_one, key, origin))
}

/// A running sum.
#[derive(Clone, Copy)]
struct CumSum;

/// A running product.
#[derive(Clone, Copy)]
struct CumProd;

/// A running minimum, or maximum.
#[derive(Clone, Copy)]
struct CumExtreme<const GREATEST: bool>;

/// What stands for the place of a number before there was one: less than all, and the difference can be said.
const NOWHERE: i64 = i64::MIN / 2;

/// A length, or the largest number that a distance can be.
fn to_i64(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX).min(i64::MAX / 4)
}

/// The last number that is not NaN.
#[derive(Clone, Copy)]
struct LastNumber;

impl<T: Ordered> Step<T, T> for LastNumber {
    type Acc = T;
    const NAME: &'static str = "push";
    const TOTALS: &'static str = "totals of push";
    const IN_ORDER: bool = true;
    fn start() -> T {
        T::NAN.unwrap_or_default()
    }
    #[inline]
    fn see(acc: T, x: T) -> T {
        if is_nan(x) { acc } else { x }
    }
    #[inline]
    fn merge(acc: T, later: T) -> T {
        <Self as Step<T, T>>::see(acc, later)
    }
    #[inline]
    fn result(acc: T) -> T {
        acc
    }
}

macro_rules! running {
    ($Step:ident, $name:literal, $totals:literal, $start:ident, $see:ident) => {
        impl<T: Summable> Step<T, T::Sum> for $Step {
            type Acc = T::Acc;
            const NAME: &'static str = $name;
            const TOTALS: &'static str = $totals;
            fn start() -> T::Acc {
                T::$start
            }
            #[inline]
            fn see(acc: T::Acc, x: T) -> T::Acc {
                T::$see(acc, x.widen())
            }
            #[inline]
            fn merge(acc: T::Acc, later: T::Acc) -> T::Acc {
                T::$see(acc, later)
            }
            #[inline]
            fn result(acc: T::Acc) -> T::Sum {
                T::narrow(acc)
            }
        }
    };
}
running!(CumSum, "cumsum", "totals of cumsum", ZERO, add);
running!(CumProd, "cumprod", "totals of cumprod", ONE, multiply);

impl<const GREATEST: bool, T: Ordered> Step<T, T> for CumExtreme<GREATEST> {
    type Acc = T;
    const NAME: &'static str = if GREATEST { "cummax" } else { "cummin" };
    const TOTALS: &'static str = if GREATEST { "totals of cummax" } else { "totals of cummin" };
    fn start() -> T {
        if GREATEST { T::LEAST } else { T::GREATEST }
    }
    #[inline]
    fn see(acc: T, x: T) -> T {
        // Of 0 and -0 the later, as NumPy has it.
        let wins = if GREATEST { x >= acc } else { x <= acc };
        if wins | is_nan(x) { x } else { acc }
    }
    #[inline]
    fn merge(acc: T, later: T) -> T {
        <Self as Step<T, T>>::see(acc, later)
    }
    #[inline]
    fn result(acc: T) -> T {
        acc
    }
}

impl<T: Summable, D: Dimension> Array<T, D> {
    /// The sums of the elements up to each along an axis. Integers are added up in 64 bits, where they wrap, `f32` in
    /// `f64`, and each sum is rounded once. Sums begin with 0: that of -0 alone is 0, where NumPy has -0.
    ///
    /// # Determinism
    /// The same bits on any number of threads; of integers in any chunks too.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1_i64, 2, 3], [10, 20, 30]], 2);
    /// assert_eq!(x.cumsum(1).compute()?, array![[1_i64, 3, 6], [10, 30, 60]]);
    /// assert_eq!(x.cumsum(0).compute()?, array![[1_i64, 2, 3], [11, 22, 33]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn cumsum(&self, axis: usize) -> Array<T::Sum, D> {
        self.scanned::<T::Sum, CumSum>(axis, Location::caller())
    }

    /// The products of the elements up to each along an axis, as [`cumsum`](Self::cumsum).
    #[track_caller]
    #[must_use]
    pub fn cumprod(&self, axis: usize) -> Array<T::Sum, D> {
        self.scanned::<T::Sum, CumProd>(axis, Location::caller())
    }
}

impl<T: Ordered, D: Dimension> Array<T, D> {
    /// NaN replaced by the last number before it along an axis, if there is one.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![1.0, f64::NAN, f64::NAN, 4.0], 2);
    /// assert_eq!(x.push(0).compute()?, array![1.0, 1.0, 1.0, 4.0]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn push(&self, axis: usize) -> Self {
        self.scanned::<T, LastNumber>(axis, Location::caller())
    }

    /// The same where the number is not more than `most` elements before.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![1.0, f64::NAN, f64::NAN, 4.0], 2);
    /// let pushed = x.push_at_most(0, 1).compute()?;
    /// assert!(pushed[1] == 1.0 && pushed[2].is_nan());
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn push_at_most(&self, axis: usize, most: usize) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            self.check()?;
            self.checked_axis(axis)?;
            let (shape, cut) = (self.shape(), self.node.chunks.axis(axis));
            let mut along: Dims = shape.iter().map(|_| 1).collect();
            along[axis] = shape[axis];
            let places = Array::<i64, Ix1>::arange(0..to_i64(shape[axis]), cut.largest().max(1));
            let places = places.reshape(IxDyn(&along)).broadcast(IxDyn(&shape));
            // Where the last number is: none is far from all.
            let place = |x: T, at: i64| if is_nan(x) { NOWHERE } else { at };
            let numbers: Array<i64, IxDyn> =
                self.binary(&places, "place", Identity::of(()), place, origin);
            let distance = &places - &numbers.cummax(axis);
            let near = distance.less_equal(to_i64(most));
            let nan = T::NAN.unwrap_or_default();
            let shown = move |x: T, is_near: bool| if is_near { x } else { nan };
            let key = Identity::of(());
            Ok(self.push(axis).binary(&near, "push_at_most", key, shown, origin))
        })
    }

    /// The least of the elements up to each along an axis: NaN from the first NaN on.
    #[track_caller]
    #[must_use]
    pub fn cummin(&self, axis: usize) -> Self {
        self.scanned::<T, CumExtreme<false>>(axis, Location::caller())
    }

    /// The greatest of the elements up to each along an axis: NaN from the first NaN on.
    #[track_caller]
    #[must_use]
    pub fn cummax(&self, axis: usize) -> Self {
        self.scanned::<T, CumExtreme<true>>(axis, Location::caller())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buffer::Part;

    /// Inputs that nobody may ask for.
    struct Nothing;

    impl Read for Nothing {
        fn read(&mut self, _: usize, _: &Window, _: &mut Buffer) -> Result<()> {
            unreachable!("nothing is needed")
        }
        fn get(&mut self, _: usize, _: &Window) -> Result<Part<'_>> {
            unreachable!("nothing is needed")
        }
        fn got(&self, _: usize) -> Part<'_> {
            unreachable!("nothing is needed")
        }
        fn kept(&mut self) -> &mut Option<(Window, Buffer)> {
            unreachable!("nothing is kept")
        }
        fn all(&mut self, _: usize) -> Option<Part<'_>> {
            None
        }
    }

    #[test]
    fn a_window_without_elements_needs_nothing() {
        let chunks = Chunks::even(&[6, 4], &[3, 4]).unwrap();
        let scan = Scan::<f64, f64, CumSum> { axis: 0, chunks, is_held: false, types: PhantomData };
        for window in [Window::new(&[0..0, 0..4]), Window::new(&[2..5, 1..1])] {
            let mut out = Buffer::new(f64::DTYPE);
            scan.evaluate(&window, &mut Nothing, &mut out).unwrap();
        }
    }
}
