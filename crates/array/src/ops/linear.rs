//! Products of vectors, matrices and stacks of them.

use std::panic::Location;
use std::sync::Arc;

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView1, ArrayView2, ArrayViewMut2, Axis, Dimension, Ix0, Ix1, Ix2, Ix3, IxDyn};
use num_complex::{Complex32, Complex64};
use smallvec::SmallVec;

use super::Arithmetic;
use super::broadcast::{broadcast, common_shape, view};
use super::map::mapped;
use crate::array::Array;
use crate::block::contract::{Contract, Kernel, columns};
use crate::error::{Error, ErrorKind, Result};
use crate::function::Binary;
use crate::hash::Identity;
use crate::node::{Node, Op, Origin};
use crate::product::of_few_columns;
use crate::reduce::{Folded, Sum, Summable};
use crate::view::View;

/// Numbers that matrices can be multiplied of: all but `bool`. The products of integers wrap.
pub trait Number: Arithmetic + Summable {
    #[doc(hidden)]
    fn conjugate(self) -> Self {
        self
    }
    #[doc(hidden)]
    fn narrowed(sum: Self::Sum) -> Self;
    /// Adds the product of two matrices, dense in row-major order, to a third: of `[rows, inner, cols]`.
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "for this crate alone")]
    fn multiply(kernel: Kernel, a: &[Self], b: &[Self], c: &mut [Self], shape: [usize; 3]);
}

macro_rules! integers {
    ($($T:ty),*) => {$(
        impl Number for $T {
            #[expect(clippy::allow_attributes, reason = "for some types only")]
            #[allow(clippy::cast_possible_truncation, reason = "wraps as the sums of the type itself would")]
            fn narrowed(sum: Self::Sum) -> Self {
                sum as Self
            }

            #[expect(private_interfaces, reason = "for this crate alone")]
            fn multiply(_: Kernel, a: &[Self], b: &[Self], c: &mut [Self], [_, inner, cols]: [usize; 3]) {
                for (a, c) in a.chunks_exact(inner).zip(c.chunks_exact_mut(cols)) {
                    multiply_row(a, b, c, |a, b, c| c.wrapping_add(a.wrapping_mul(b)));
                }
            }
        }
    )*};
}
integers!(i8, i16, i32, i64, u8, u16, u32, u64);

/// Adds a row times a matrix to a row: row by row of the matrix, so that neighbours in memory are added at once.
fn multiply_row<T: Copy>(a: &[T], b: &[T], c: &mut [T], add: impl Fn(T, T, T) -> T) {
    for (&a, b) in a.iter().zip(b.chunks_exact(c.len())) {
        for (c, &b) in c.iter_mut().zip(b) {
            *c = add(a, b, *c);
        }
    }
}

/// The products of `matrixmultiply`, which picks instructions at run time, of few columns our own, and where there is but a row or a column
/// plain loops: packing a matrix to use each element once costs more than it saves.
macro_rules! others {
    ($($T:ty: $conjugate:expr, $of_few_columns:expr;)*) => {$(
        impl Number for $T {
            fn conjugate(self) -> Self {
                $conjugate(self)
            }

            fn narrowed(sum: Self::Sum) -> Self {
                sum
            }

            #[expect(private_interfaces, reason = "for this crate alone")]
            fn multiply(kernel: Kernel, a: &[Self], b: &[Self], c: &mut [Self], [rows, inner, cols]: [usize; 3]) {
                match kernel {
                    Kernel::Row => multiply_row(a, b, c, |a, b, c| c + a * b),
                    Kernel::Column => {
                        for (a, c) in a.chunks_exact(inner).zip(c) {
                            *c += ArrayView1::from(a).dot(&ArrayView1::from(b));
                        }
                    }
                    Kernel::General if $of_few_columns(a, b, c, [rows, inner, cols]) => {}
                    Kernel::General => {
                        let shaped = (
                            ArrayView2::from_shape((rows, inner), a),
                            ArrayView2::from_shape((inner, cols), b),
                            ArrayViewMut2::from_shape((rows, cols), c),
                        );
                        let (Ok(a), Ok(b), Ok(mut c)) = shaped else {
                            unreachable!("{rows}x{inner} and {inner}x{cols} of {} and {} elements", a.len(), b.len())
                        };
                        let one = Self::from(1.0);
                        let columns = columns::<Self>();
                        for (b, mut c) in b.axis_chunks_iter(Axis(1), columns).zip(c.axis_chunks_iter_mut(Axis(1), columns)) {
                            general_mat_mul(one, &a, &b, one, &mut c);
                        }
                    }
                }
            }
        }
    )*};
}
others!(
    f32: std::convert::identity, not_here;
    f64: std::convert::identity, of_few_columns;
    Complex32: |x: Complex32| x.conj(), not_here;
    Complex64: |x: Complex64| x.conj(), not_here;
);

/// Of these there are no products with few columns apart from others.
fn not_here<T>(_: &[T], _: &[T], _: &mut [T], _: [usize; 3]) -> bool {
    false
}

/// Numbers of axes that [`Array::matmul`] multiplies, and of its result.
pub trait MatMul<E>: Dimension {
    /// The number of axes of the product.
    type Output: Dimension;
}

macro_rules! products {
    ($($A:ty, $B:ty => $R:ty;)*) => {$(
        impl MatMul<$B> for $A {
            type Output = $R;
        }
    )*};
}
products! {
    Ix1, Ix1 => Ix0;
    Ix1, Ix2 => Ix1;
    Ix2, Ix1 => Ix1;
    Ix2, Ix2 => Ix2;
    Ix2, Ix3 => Ix3;
    Ix3, Ix2 => Ix3;
    Ix3, Ix3 => Ix3;
    IxDyn, IxDyn => IxDyn;
}

impl<T: Number, D: Dimension> Array<T, D> {
    /// The matrix product by NumPy's rules: of two vectors the sum of their products, of a matrix and a vector a
    /// vector; what has more axes is a stack of matrices in its last two, and the others are broadcast.
    ///
    /// A window of the result is made at a time, for which a part of each input is held. Each window reads the inputs
    /// anew, so that a plan takes as large ones as the cap has room for: [`Plan::passes`](crate::Plan::passes) says how
    /// often that is. What is computed, and needed for several chunks of the result, is stored first.
    ///
    /// # Determinism
    /// The same bits for any number of threads. Other chunks may sum in other groups.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1, 2], [3, 4]], 1);
    /// let y = Array::from_ndarray(array![10, 1], 1);
    /// assert_eq!(x.matmul(&x).compute()?, array![[7, 10], [15, 22]]);
    /// assert_eq!(x.matmul(&y).compute()?, array![12, 34]);
    /// let error = y.matmul(&Array::zeros([3, 2], 1)).compute().unwrap_err();
    /// assert!(error.to_string().starts_with("`matmul` of shapes [2] and [3, 2]: axis 0 of the first has 2"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn matmul<E: Dimension>(&self, other: &Array<T, E>) -> Array<T, <D as MatMul<E>>::Output>
    where
        D: MatMul<E>,
    {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            self.check()?;
            other.check()?;
            Ok(Array::of(product::<T>(&self.node, &other.node, origin)?))
        })
    }

    /// The product of vectors and matrices: [`matmul`](Self::matmul) for arrays of one or two axes.
    #[track_caller]
    #[must_use]
    pub fn dot<E: Dimension>(&self, other: &Array<T, E>) -> Array<T, <D as MatMul<E>>::Output>
    where
        D: MatMul<E>,
    {
        let origin = Location::caller();
        if let Some(ndim) = [self.ndim(), other.ndim()].into_iter().find(|&ndim| ndim > 2) {
            let sentence = format!(
                "`dot` is for 1 or 2 axes, but an array has {ndim}: `matmul` or `tensordot` say which"
            );
            return Array::invalid(Error::new(ErrorKind::Axis, sentence), origin);
        }
        self.matmul(other)
    }

    /// Sums over axes of this array and as many of the other: over `axes.0[0]` and `axes.1[0]` together, and so on.
    /// The result has the axes of this array that are left, and then those of the other.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1, 2], [3, 4]], 1);
    /// assert_eq!(x.tensordot(&x, (&[0], &[0])).compute()?, array![[10, 14], [14, 20]].into_dyn());
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn tensordot<E: Dimension>(
        &self,
        other: &Array<T, E>,
        axes: (&[usize], &[usize]),
    ) -> Array<T, IxDyn> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            self.check()?;
            other.check()?;
            let (first, second) = axes;
            if first.len() != second.len() {
                let sentence = format!(
                    "argument `axes` names {} axes of the first array, but {} of the second",
                    first.len(),
                    second.len()
                );
                return Err(Error::new(ErrorKind::Axis, sentence));
            }
            self.checked_axes(first)?;
            other.checked_axes(second)?;
            let (a, b) = (self.shape(), other.shape());
            for (&i, &j) in first.iter().zip(second) {
                same_len("tensordot", (&a, i), (&b, j))?;
            }
            let left = |ndim: usize, axes: &[usize]| {
                (0..ndim).filter(|axis| !axes.contains(axis)).collect::<Vec<_>>()
            };
            let order = [left(a.len(), first), first.to_vec()].concat();
            let a = view(&self.node, View::permuted(&a, &order), origin);
            let order = [second.to_vec(), left(b.len(), second)].concat();
            let b = view(&other.node, View::permuted(&b, &order), origin);
            Ok(Array::of(contracted::<T>(&a, &b, 0, first.len(), origin)))
        })
    }

    /// The sum over the last axes of both arrays.
    #[track_caller]
    #[must_use]
    pub fn inner<E: Dimension>(&self, other: &Array<T, E>) -> Array<T, IxDyn> {
        let last = |ndim: usize| ndim.saturating_sub(1);
        self.tensordot(other, (&[last(self.ndim())], &[last(other.ndim())]))
    }

    /// The sum of the products of all elements of two arrays of one shape, those of this one conjugated.
    ///
    /// ```
    /// use tenfold_array::Array;
    ///
    /// let x = Array::arange(0.0..4.0, 2);
    /// assert_eq!(x.vdot(&x).compute()?.into_scalar(), 14.0);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn vdot(&self, other: &Self) -> Array<T, Ix0> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            self.check()?;
            other.check()?;
            let (a, b) = (self.shape(), other.shape());
            if a != b {
                let sentence = format!(
                    "`vdot` is of two arrays of one shape, but they have {:?} and {:?}",
                    a.as_slice(),
                    b.as_slice()
                );
                return Err(Error::new(ErrorKind::Shape, sentence));
            }
            Ok(Array::of(summed_products("vdot", &self.node, &other.node, T::conjugate, origin)))
        })
    }
}

impl<T: Number> Array<T, Ix1> {
    /// The products of each element with each of another vector, a row for each of this one.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::arange(1..3, 2);
    /// assert_eq!(x.outer(&Array::arange(0..3, 2)).compute()?, array![[0, 1, 2], [0, 2, 4]]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn outer(&self, other: &Self) -> Array<T, Ix2> {
        let column: Array<T, Ix2> = self.slice(ndarray::s![.., ndarray::NewAxis]);
        column.binary(other, "outer", Identity::of(()), T::times, Location::caller())
    }
}

fn same_len(name: &str, (a, i): (&[usize], usize), (b, j): (&[usize], usize)) -> Result<()> {
    if a[i] == b[j] {
        return Ok(());
    }
    let sentence = format!(
        "`{name}` of shapes {a:?} and {b:?}: axis {i} of the first has {} elements, but axis {j} of the second {}",
        a[i], b[j]
    );
    Err(Error::new(ErrorKind::Shape, sentence))
}

/// A product by the rules of `matmul`.
fn product<T: Number>(a: &Arc<Node>, b: &Arc<Node>, origin: Origin) -> Result<Arc<Node>> {
    let shapes = (a.shape(), b.shape());
    let (a_shape, b_shape) = (shapes.0.as_slice(), shapes.1.as_slice());
    let [Some(k), Some(l)] = [a_shape.len().checked_sub(1), b_shape.len().checked_sub(1)] else {
        let sentence =
            format!("`matmul` of shapes {a_shape:?} and {b_shape:?}: each must have an axis");
        return Err(Error::new(ErrorKind::Shape, sentence));
    };
    let l = l.saturating_sub(1);
    same_len("matmul", (a_shape, k), (b_shape, l))?;
    if (a_shape.len(), b_shape.len()) == (1, 1) {
        return Ok(summed_products::<T>("dot", a, b, std::convert::identity, origin));
    }
    let of_a = &a_shape[..k.saturating_sub(1)];
    let batch = common_shape(of_a, &b_shape[..l])?;
    let stacked =
        |node: &Arc<Node>, matrix: &[usize]| broadcast(node, &[&batch, matrix].concat(), origin);
    // A vector is broadcast by itself: it has no axis of rows or columns.
    let a = stacked(a, &a_shape[k.saturating_sub(1)..]);
    let b = match b_shape.len() {
        1 => stacked(b, b_shape),
        _ => stacked(b, &b_shape[l..]),
    };
    Ok(contracted::<T>(&a, &b, batch.len(), 1, origin))
}

/// Sums over the products of `[batch.., rows.., inner..]` and `[batch.., inner.., cols..]`.
pub(super) fn contracted<T: Number>(
    a: &Arc<Node>,
    b: &Arc<Node>,
    batch: usize,
    inner: usize,
    origin: Origin,
) -> Arc<Node> {
    let (block, chunks) = Contract::<T>::new(&a.chunks, &b.chunks, batch, inner);
    // The steps follow from the chunks of the inputs, which their identities hold.
    let key = Identity::of(("contract", batch, inner));
    Node::new(
        Op::Block(Arc::new(block)),
        [Arc::clone(a), Arc::clone(b)],
        T::DTYPE,
        chunks,
        key,
        origin,
    )
}

/// The sum of the products of two arrays of one shape: a map and a reduction, which fuse.
fn summed_products<T: Number>(
    name: &str,
    a: &Arc<Node>,
    b: &Arc<Node>,
    first: fn(T) -> T,
    origin: Origin,
) -> Arc<Node> {
    let function = Binary::new(move |a: &[T], b: &[T], out: &mut [T]| {
        for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
            *out = first(a).times(b);
        }
    });
    let products: Array<T, IxDyn> =
        mapped(name, Identity::of(()), Arc::new(function), &[a, b], origin);
    let axes: SmallVec<[usize; 4]> = (0..products.ndim()).collect();
    let fold = Arc::new(Folded::<T, T::Sum, Sum>::new("sum", Identity::of(()), Sum));
    let sum: Array<T::Sum, Ix0> = products.reduced(&axes, fold, false, origin);
    sum.unary::<T>("narrow", Identity::of(()), T::narrowed, origin).node
}
