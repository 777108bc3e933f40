//! The array that users hold.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use ndarray::{Dimension, IntoDimension, Ix1, IxDyn};
use tenfold_kernel::{Loop, vectorized};

use crate::buffer::Buffer;
use crate::chunks::Chunks;
use crate::cut::IntoChunks;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{InMemory, Node, Op, Origin, Typed};
use crate::plan::{Plan, size};
use crate::settings::Settings;
use crate::source::Source;
use crate::window::Window;

/// An array that is described, and computed when it is asked for: lazy, in chunks, of elements `T`, with a number of
/// axes that the type `D` of ndarray knows.
///
/// An operation on it makes another description and takes a microsecond, whatever the array's size. It cannot
/// fail: a wrong operand makes an array that stands for its error, which [`plan`](Self::plan) and
/// [`compute`](Self::compute) return with the line of the program that wrote the operation.
///
/// ```
/// use tenfold_array::Array;
///
/// let x = Array::from_fn([300, 400], 100, |index| index[1] as f64);
/// let anomaly = &x - &x.mean_axis(0);
/// assert_eq!(anomaly.sum().compute()?.into_scalar(), 0.0);
/// # Ok::<(), tenfold_array::Error>(())
/// ```
pub struct Array<T, D> {
    pub(crate) node: Arc<Node>,
    types: PhantomData<fn() -> (T, D)>,
}

impl<T, D> Clone for Array<T, D> {
    fn clone(&self) -> Self {
        Self { node: Arc::clone(&self.node), types: PhantomData }
    }
}

impl<T: Element, D: Dimension> Array<T, D> {
    pub(crate) fn of(node: Arc<Node>) -> Self {
        Self { node, types: PhantomData }
    }

    pub(crate) fn made(
        op: Op,
        inputs: impl IntoIterator<Item = Arc<Node>>,
        chunks: Chunks,
        key: Identity,
        origin: Origin,
    ) -> Self {
        Self::of(Node::new(op, inputs, T::DTYPE, chunks, key, origin))
    }

    /// An array that stands for an error.
    pub(crate) fn invalid(error: Error, origin: Origin) -> Self {
        Self::of(Node::invalid(error, D::NDIM.unwrap_or(0), T::DTYPE, origin))
    }

    /// Made by the ranks that make another array in as many chunks.
    pub(crate) fn owned_as(mut self, other: &Node) -> Self {
        if let Some(node) = Arc::get_mut(&mut self.node) {
            node.owners = other.owners.clone();
        }
        self
    }

    /// What `make` gives, or an array that stands for its error, or for that of this one.
    pub(crate) fn or_invalid(origin: Origin, make: impl FnOnce() -> Result<Self>) -> Self {
        make().unwrap_or_else(|error| Self::invalid(error, origin))
    }

    /// The elements of a source.
    ///
    /// Two arrays of two sources are two arrays; clones of one are the same.
    #[track_caller]
    #[must_use]
    pub fn from_source(source: impl Source<T>, chunks: impl IntoChunks) -> Self {
        let key = Identity::of_object(&source);
        Self::from_named_source("source", key, source, chunks, Location::caller())
    }

    pub(crate) fn from_named_source(
        name: &str,
        key: Identity,
        source: impl Source<T>,
        chunks: impl IntoChunks,
        origin: Origin,
    ) -> Self {
        Self::or_invalid(origin, || {
            let shape = source.shape();
            if D::NDIM.is_some_and(|ndim| ndim != shape.len()) {
                let sentence =
                    format!("the source has {} axes, but the array {:?}", shape.len(), D::NDIM);
                return Err(Error::new(ErrorKind::Shape, sentence));
            }
            let chunks = match source.chunks().filter(|_| chunks.is_auto()) {
                Some(best) => best.into_chunks(&shape, T::DTYPE)?,
                None => chunks.into_chunks(&shape, T::DTYPE)?,
            };
            let op = Op::Source(Arc::new(Typed::new(source, name)));
            Ok(Self::made(op, [], chunks, key, origin))
        })
    }

    /// The elements of an array of ndarray, which this one takes into itself.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1, 2], [3, 4]], 1);
    /// assert_eq!(x.t().compute()?, array![[1, 3], [2, 4]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn from_ndarray(array: ndarray::Array<T, D>, chunks: impl IntoChunks) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            let chunks = chunks.into_chunks(array.shape(), T::DTYPE)?;
            let elements = match array.is_standard_layout() {
                true => match array.into_raw_vec_and_offset() {
                    (elements, Some(0) | None) => elements,
                    (elements, Some(first)) => elements[first..].to_vec(),
                },
                false => array.iter().copied().collect(),
            };
            Ok(Self::made(
                Op::Memory(InMemory::new(Arc::new(Buffer::of(elements)))),
                [],
                chunks,
                Identity::unique(),
                origin,
            ))
        })
    }

    /// The same array under a name of yours, which says what nobody else can know of it in another run of the program: what
    /// its function, and those of arrays that it is made of, have captured; what sources without a
    /// [version](Source::version) hold. [Checkpoints](Settings::checkpoints) need that, and nothing else does. All else
    /// that the array is made of is known without it.
    ///
    /// ```
    /// use tenfold_array::{Array, Settings};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let settings = Settings::new().checkpoints(folder.path());
    /// let power = std::env::args().count() as i32;
    /// let x = Array::arange(0.0..10.0, 5).map(move |x: f64| x.powi(power));
    /// let error = settings.compute(&(&x - &x.mean())).unwrap_err();
    /// assert!(error.to_string().contains("needs to know array `map` in another run"));
    /// let x = x.known_as(&format!("to the power of {power}"));
    /// settings.compute(&(&x - &x.mean()))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn known_as(&self, name: &str) -> Self {
        Self::of(self.node.labelled(name))
    }

    /// An array of one value.
    #[track_caller]
    #[must_use]
    pub fn full<S: IntoDimension<Dim = D>>(shape: S, value: T, chunks: impl IntoChunks) -> Self {
        Self::filled(shape.into_dimension(), value, chunks, Location::caller())
    }

    pub(crate) fn filled(shape: D, value: T, chunks: impl IntoChunks, origin: Origin) -> Self {
        let key = Identity::of(T::as_bytes(&[value]));
        let source = Filled { shape: shape.slice().into(), value };
        Self::from_named_source("full", key, source, chunks, origin)
    }

    /// An array of what `f` makes of an index, which is one number for each axis. Another array of the same
    /// function counts as another: the function may be any closure.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let table = Array::from_fn([2, 3], "auto", |index| (index[0] * 10 + index[1]) as u64);
    /// assert_eq!(table.compute()?, array![[0, 1, 2], [10, 11, 12]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn from_fn<S: IntoDimension<Dim = D>>(
        shape: S,
        chunks: impl IntoChunks,
        f: impl Fn(&[usize]) -> T + Send + Sync + 'static,
    ) -> Self {
        let key = Identity::of_function(&f);
        let source = Indexed { shape: shape.into_dimension().slice().into(), f };
        Self::from_named_source("from_fn", key, source, chunks, Location::caller())
    }

    /// The lengths of the axes.
    #[must_use]
    pub fn shape(&self) -> crate::Dims {
        self.node.shape()
    }

    /// How many axes there are.
    #[must_use]
    pub fn ndim(&self) -> usize {
        self.node.chunks.ndim()
    }

    /// How many elements there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "as the arrays of ndarray; shapes tell more")]
    pub fn len(&self) -> usize {
        self.shape().iter().fold(1, |len, &axis| len.saturating_mul(axis))
    }

    /// How many bytes all elements take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.node.bytes()
    }

    /// How it is cut.
    #[must_use]
    pub fn chunks(&self) -> &Chunks {
        &self.node.chunks
    }

    /// The same elements in other chunks. Nothing moves for it: it says what is worked on at a time, what
    /// [`map_blocks`](Self::map_blocks) sees, and in which groups floating-point numbers are added up.
    #[track_caller]
    #[must_use]
    pub fn rechunk(&self, chunks: impl IntoChunks) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            self.check()?;
            let chunks = chunks.into_chunks(&self.shape(), T::DTYPE)?;
            Ok(Self::made(
                Op::Rechunk,
                [Arc::clone(&self.node)],
                chunks,
                Identity::of("rechunk"),
                origin,
            ))
        })
    }

    /// The error that this array stands for, if it does.
    pub(crate) fn check(&self) -> Result<()> {
        self.node.error().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// The same with a number of axes that is known at run time alone.
    #[must_use]
    pub fn into_dyn(self) -> Array<T, IxDyn> {
        Array::of(self.node)
    }

    /// Computes all elements, on all cores. [`Settings`] can say more.
    ///
    /// # Errors
    /// That of a wrong operation, and whatever keeps a source from being read.
    pub fn compute(&self) -> Result<ndarray::Array<T, D>> {
        Settings::new().compute(self)
    }

    /// What [`compute`](Self::compute) will do, and need.
    ///
    /// # Errors
    /// That of a wrong operation.
    pub fn plan(&self) -> Result<Plan> {
        Settings::new().plan(self)
    }

    /// Computes all elements, and keeps them: what is made of the result reads them in memory.
    ///
    /// # Errors
    /// As [`compute`](Self::compute).
    pub fn persist(&self) -> Result<Self> {
        Settings::new().persist(self)
    }
}

impl<T: Element, D: Dimension> Array<T, D> {
    /// An array of zeros.
    #[track_caller]
    #[must_use]
    pub fn zeros<S: IntoDimension<Dim = D>>(shape: S, chunks: impl IntoChunks) -> Self {
        Self::full(shape, T::default(), chunks)
    }
}

/// Numbers that can be counted in.
pub trait Count: Element {
    #[doc(hidden)]
    fn count(start: Self, i: u64) -> Self;
    #[doc(hidden)]
    fn steps(start: Self, end: Self) -> u64;
    #[doc(hidden)]
    const ONE: Self;
}

macro_rules! count_integers {
    ($($T:ty),*) => {$(
        impl Count for $T {
            #[expect(clippy::allow_attributes, reason = "for some types only")]
            #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss, reason = "wraps within the range")]
            fn count(start: Self, i: u64) -> Self {
                start.wrapping_add(i as Self)
            }
            #[expect(clippy::allow_attributes, reason = "for some types only")]
            #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation, clippy::cast_lossless, reason = "the end is not before the start")]
            fn steps(start: Self, end: Self) -> u64 {
                if end <= start { 0 } else { (end as i128 - start as i128) as u64 }
            }
            const ONE: Self = 1;
        }
    )*};
}
count_integers!(i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! count_floats {
    ($($T:ty),*) => {$(
        impl Count for $T {
            #[expect(clippy::allow_attributes, reason = "for some types only")]
            #[allow(clippy::cast_precision_loss, clippy::cast_lossless, reason = "as exact as the type is")]
            fn count(start: Self, i: u64) -> Self {
                start + i as Self
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
            fn steps(start: Self, end: Self) -> u64 {
                (end - start).ceil().max(0.0) as u64
            }
            const ONE: Self = 1.0;
        }
    )*};
}
count_floats!(f32, f64);

impl<T: Count> Array<T, Ix1> {
    /// The numbers of a range, one apart.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// assert_eq!(Array::arange(2.5..5.0, 2).compute()?, array![2.5, 3.5, 4.5]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn arange(range: std::ops::Range<T>, chunks: impl IntoChunks) -> Self {
        let origin = Location::caller();
        let key = Identity::of((T::as_bytes(&[range.start]), T::as_bytes(&[range.end])));
        let steps = T::steps(range.start, range.end);
        let Ok(len) = usize::try_from(steps) else {
            let sentence =
                format!("argument `range` has {steps} numbers, more than can be indexed");
            return Self::invalid(Error::new(ErrorKind::Shape, sentence), origin);
        };
        let source = Counted { start: range.start, len };
        Self::from_named_source("arange", key, source, chunks, origin)
    }
}

impl<T: Count, D: Dimension> Array<T, D> {
    /// An array of ones.
    #[track_caller]
    #[must_use]
    pub fn ones<S: IntoDimension<Dim = D>>(shape: S, chunks: impl IntoChunks) -> Self {
        Self::full(shape, T::ONE, chunks)
    }
}

#[derive(Debug)]
struct Filled<T> {
    shape: crate::Dims,
    value: T,
}

impl<T: Element> Source<T> for Filled<T> {
    fn shape(&self) -> crate::Dims {
        self.shape.clone()
    }

    fn is_computed(&self) -> bool {
        true
    }

    fn read(&self, _: &Window, out: &mut [T]) -> Result<()> {
        out.fill(self.value);
        Ok(())
    }
}

struct Indexed<F> {
    shape: crate::Dims,
    f: F,
}

impl<F> fmt::Debug for Indexed<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a function of {} indices", self.shape.len())
    }
}

impl<T: Element, F: Fn(&[usize]) -> T + Send + Sync + 'static> Source<T> for Indexed<F> {
    fn shape(&self) -> crate::Dims {
        self.shape.clone()
    }

    fn is_computed(&self) -> bool {
        true
    }

    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        let (len, starts) = crate::tile::rows(window);
        for (row, mut index) in out.chunks_exact_mut(len.max(1)).zip(starts) {
            for to in row {
                *to = (self.f)(&index);
                if let Some(last) = index.last_mut() {
                    *last += 1;
                }
            }
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Counted<T> {
    start: T,
    len: usize,
}

impl<T: Count> Source<T> for Counted<T> {
    fn shape(&self) -> crate::Dims {
        crate::Dims::from_slice(&[self.len])
    }

    fn is_computed(&self) -> bool {
        true
    }

    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        vectorized(Counting { start: self.start, first: window.start()[0], out });
        Ok(())
    }
}

/// Fills a slice with numbers that follow each other, of which the first is the `first`-th from a start.
struct Counting<'a, T> {
    start: T,
    first: usize,
    out: &'a mut [T],
}

impl<T: Count> Loop for Counting<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { start, first, out } = self;
        for (i, to) in out.iter_mut().enumerate() {
            *to = T::count(start, (first + i) as u64);
        }
    }
}

impl<T: Element, D: Dimension> fmt::Debug for Array<T, D> {
    /// As Dask has it: what it is called, its shape, elements and chunks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.node.error() {
            Some(error) => write!(f, "Array({error:?})"),
            None => write!(
                f,
                "Array({}, shape={:?}, dtype={}, chunks={:?})",
                self.node.op.name(),
                self.shape().as_slice(),
                T::DTYPE,
                self.chunks().largest().as_slice()
            ),
        }
    }
}

impl<T: Element, D: Dimension> fmt::Display for Array<T, D> {
    /// A table as Dask's: bytes, shape, how many chunks of which size, and what it is made of.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = self.node.error() {
            return write!(f, "{error}");
        }
        let chunk = self.chunks().largest();
        let bytes = chunk.iter().fold(T::DTYPE.bytes(), |bytes, &len| bytes.saturating_mul(len));
        let layers = crate::node::sorted(std::slice::from_ref(&self.node)).len();
        let of = [
            ("bytes", size(self.bytes() as u128), size(bytes as u128)),
            ("shape", format!("{:?}", self.shape().as_slice()), format!("{:?}", chunk.as_slice())),
            ("count", format!("{layers} operations"), format!("{} chunks", self.chunks().count())),
            ("type", T::DTYPE.to_string(), self.node.op.name().to_owned()),
        ];
        let wide = of.iter().map(|(_, array, _)| array.len()).max().unwrap_or(0);
        writeln!(f, "       {:wide$}  chunk", "array")?;
        for (what, array, chunk) in of {
            writeln!(f, "{what:5}  {array:wide$}  {chunk}")?;
        }
        Ok(())
    }
}
