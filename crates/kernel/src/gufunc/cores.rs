//! The cores of the arguments by their types: numbers, vectors and matrices.

use std::marker::PhantomData;

use ndarray::{Array, DimMax, Dimension, Ix0, IxDyn};

use super::bind::Binding;
use super::walk::At;
use crate::error::Error;
use crate::operand::{Cursor, Operand, Output, Place, Start};
use crate::simd::{Element, Portable};

/// A number.
#[derive(Debug)]
pub struct C0<T>(PhantomData<T>);
/// A vector.
#[derive(Debug)]
pub struct C1<T>(PhantomData<T>);
/// A matrix.
#[derive(Debug)]
pub struct C2<T>(PhantomData<T>);

/// A list of cores as nested pairs: `(C1<f64>, (C0<f64>, ()))`.
pub trait Cores: 'static {
    /// What the kernel gets of them as inputs.
    type In<'a>;
    /// What the kernel gets of them as outputs: nothing of numbers, which it returns.
    type Out<'a>;
    /// What the kernel returns.
    type Returned;
    /// New arrays of them.
    type Arrays<D: Dimension>;

    /// # Safety
    /// As many elements as the core has are there for reading.
    unsafe fn inputs<'a>(at: &[At]) -> Self::In<'a>;
    /// # Safety
    /// As many elements as the core has are there for writing, and nobody else's.
    unsafe fn outputs<'a>(at: &[At]) -> Self::Out<'a>;
    /// Writes the numbers that the kernel returned.
    ///
    /// # Safety
    /// As `outputs`.
    unsafe fn put(returned: Self::Returned, at: &[At]);
    /// Arrays of the lengths that the inputs have made known; `argument` is the first of them.
    fn fresh<D: Dimension>(binding: &Binding, argument: usize) -> Option<Self::Arrays<D>>;
    /// As the next outputs.
    fn bind_fresh<D: Dimension>(
        arrays: &mut Self::Arrays<D>,
        binding: &mut Binding,
        names: &[&'static str],
    ) -> Result<(), Error>;
}

impl Cores for () {
    type In<'a> = ();
    type Out<'a> = ();
    type Returned = ();
    type Arrays<D: Dimension> = ();
    #[inline(always)]
    unsafe fn inputs<'a>(_: &[At]) -> Self::In<'a> {}
    #[inline(always)]
    unsafe fn outputs<'a>(_: &[At]) -> Self::Out<'a> {}
    #[inline(always)]
    unsafe fn put((): (), _: &[At]) {}
    fn fresh<D: Dimension>(_: &Binding, _: usize) -> Option<()> {
        Some(())
    }
    fn bind_fresh<D: Dimension>(
        (): &mut (),
        _: &mut Binding,
        _: &[&'static str],
    ) -> Result<(), Error> {
        Ok(())
    }
}

/// An array of the outer shape and the core's, of zeros.
fn zeros<T: Element, D: Dimension>(binding: &Binding, argument: usize) -> Option<Array<T, D>> {
    let mut shape = binding.outer().to_vec();
    shape.extend(binding.lengths(argument));
    Some(Array::from_elem(D::from_dimension(&IxDyn(&shape))?, T::NIL))
}

/// The methods that differ by their types alone.
macro_rules! same_for_all {
    ($T:ident, $R:ident) => {
        fn fresh<D: Dimension>(binding: &Binding, argument: usize) -> Option<Self::Arrays<D>> {
            Some((zeros(binding, argument)?, $R::fresh::<D>(binding, argument + 1)?))
        }
        fn bind_fresh<D: Dimension>(
            arrays: &mut Self::Arrays<D>,
            binding: &mut Binding,
            names: &[&'static str],
        ) -> Result<(), Error> {
            binding.output(&(&mut arrays.0).place_mut(), size_of::<$T>(), names[0])?;
            $R::bind_fresh::<D>(&mut arrays.1, binding, &names[1..])
        }
    };
}

impl<T: Element, R: Cores> Cores for (C0<T>, R) {
    type In<'a> = (T, R::In<'a>);
    type Out<'a> = R::Out<'a>;
    type Returned = (T, R::Returned);
    type Arrays<D: Dimension> = (Array<T, D>, R::Arrays<D>);
    #[inline(always)]
    unsafe fn inputs<'a>(at: &[At]) -> Self::In<'a> {
        // SAFETY: the caller promises an element.
        let number = unsafe { at[0].first.cast::<T>().read() };
        // SAFETY: as above, for the others.
        (number, unsafe { R::inputs(&at[1..]) })
    }
    #[inline(always)]
    unsafe fn outputs<'a>(at: &[At]) -> Self::Out<'a> {
        // SAFETY: the caller promises the elements.
        unsafe { R::outputs(&at[1..]) }
    }
    #[inline(always)]
    unsafe fn put(returned: Self::Returned, at: &[At]) {
        // SAFETY: the caller promises an element.
        unsafe { at[0].first.cast::<T>().write(returned.0) };
        // SAFETY: as above, for the others.
        unsafe { R::put(returned.1, &at[1..]) };
    }
    same_for_all! { T, R }
}

impl<T: Element, R: Cores> Cores for (C1<T>, R) {
    type In<'a> = (&'a [T], R::In<'a>);
    type Out<'a> = (&'a mut [T], R::Out<'a>);
    type Returned = R::Returned;
    type Arrays<D: Dimension> = (Array<T, D::Larger>, R::Arrays<D>);
    #[inline(always)]
    unsafe fn inputs<'a>(at: &[At]) -> Self::In<'a> {
        // SAFETY: the caller promises the elements.
        let slice = unsafe { at[0].slice() };
        // SAFETY: as above, for the others.
        (slice, unsafe { R::inputs(&at[1..]) })
    }
    #[inline(always)]
    unsafe fn outputs<'a>(at: &[At]) -> Self::Out<'a> {
        // SAFETY: the caller promises the elements.
        let slice = unsafe { at[0].slice_mut() };
        // SAFETY: as above, for the others.
        (slice, unsafe { R::outputs(&at[1..]) })
    }
    #[inline(always)]
    unsafe fn put(returned: Self::Returned, at: &[At]) {
        // SAFETY: the caller promises the elements.
        unsafe { R::put(returned, &at[1..]) };
    }
    same_for_all! { T, R }
}

impl<T: Element, R: Cores> Cores for (C2<T>, R) {
    type In<'a> = ((&'a [T], [usize; 2]), R::In<'a>);
    type Out<'a> = ((&'a mut [T], [usize; 2]), R::Out<'a>);
    type Returned = R::Returned;
    type Arrays<D: Dimension> = (Array<T, <D::Larger as Dimension>::Larger>, R::Arrays<D>);
    #[inline(always)]
    unsafe fn inputs<'a>(at: &[At]) -> Self::In<'a> {
        // SAFETY: the caller promises the elements.
        let slice = unsafe { at[0].slice() };
        // SAFETY: as above, for the others.
        ((slice, at[0].lens), unsafe { R::inputs(&at[1..]) })
    }
    #[inline(always)]
    unsafe fn outputs<'a>(at: &[At]) -> Self::Out<'a> {
        // SAFETY: the caller promises the elements.
        let slice = unsafe { at[0].slice_mut() };
        // SAFETY: as above, for the others.
        ((slice, at[0].lens), unsafe { R::outputs(&at[1..]) })
    }
    #[inline(always)]
    unsafe fn put(returned: Self::Returned, at: &[At]) {
        // SAFETY: the caller promises the elements.
        unsafe { R::put(returned, &at[1..]) };
    }
    same_for_all! { T, R }
}

/// What is read, one operand for each core of a list.
pub trait CoreOperands<In: Cores> {
    /// The outer axes that they have together.
    type Outer: Dimension;
    /// As the next inputs.
    fn bind(&self, binding: &mut Binding, names: &[&'static str]) -> Result<(), Error>;
}

impl CoreOperands<()> for () {
    type Outer = Ix0;
    fn bind(&self, _: &mut Binding, _: &[&'static str]) -> Result<(), Error> {
        Ok(())
    }
}

/// An operand as the next input.
fn bind<T: Element, A: Operand<T>>(
    operand: &A,
    binding: &mut Binding,
    name: &'static str,
) -> Result<(), Error> {
    operand.check(name)?;
    let place = operand.place();
    let kept = match place {
        Place::Element => keep(std::iter::once(operand.value())),
        Place::Range(len) => {
            let cursor = A::Cursor::new(operand.value(), Start::dense(std::ptr::null_mut()));
            // SAFETY: a range has its elements nowhere, so that nothing is read.
            let at = |i| unsafe { cursor.load(Portable::<1>, i) }.lane(0);
            keep((0..len).map(at))
        }
        Place::Slice(..) | Place::Array(..) => vec![],
    };
    binding.input(&place, size_of::<T>(), kept, name)
}

/// Elements in memory that is aligned for all of them.
fn keep<T: Element>(elements: impl ExactSizeIterator<Item = T>) -> Vec<u128> {
    let mut kept = vec![0_u128; (elements.len() * size_of::<T>()).div_ceil(size_of::<u128>())];
    let first = kept.as_mut_ptr().cast::<T>();
    for (i, element) in elements.enumerate() {
        // SAFETY: there is room for all of them.
        unsafe { first.wrapping_add(i).write(element) };
    }
    kept
}

macro_rules! operands {
    ($($Core:ident: $Outer:ty;)*) => {$(
        impl<T: Element, R: Cores, A: Operand<T>, B: CoreOperands<R>> CoreOperands<($Core<T>, R)>
            for (A, B)
        where
            $Outer: DimMax<B::Outer>,
        {
            type Outer = <$Outer as DimMax<B::Outer>>::Output;
            fn bind(&self, binding: &mut Binding, names: &[&'static str]) -> Result<(), Error> {
                bind::<T, A>(&self.0, binding, names[0])?;
                self.1.bind(binding, &names[1..])
            }
        }
        impl<T: Element, R: Cores, A: Output<T>, B: CoreOutputs<R>> CoreOutputs<($Core<T>, R)>
            for (A, B)
        {
            fn bind(&mut self, binding: &mut Binding, names: &[&'static str]) -> Result<(), Error> {
                binding.output(&self.0.place_mut(), size_of::<T>(), names[0])?;
                self.1.bind(binding, &names[1..])
            }
        }
    )*};
}
operands! {
    C0: A::Dim;
    C1: <A::Dim as Dimension>::Smaller;
    C2: <<A::Dim as Dimension>::Smaller as Dimension>::Smaller;
}

/// What is written, one output for each core of a list.
pub trait CoreOutputs<Out: Cores> {
    /// As the next outputs.
    fn bind(&mut self, binding: &mut Binding, names: &[&'static str]) -> Result<(), Error>;
}

impl CoreOutputs<()> for () {
    fn bind(&mut self, _: &mut Binding, _: &[&'static str]) -> Result<(), Error> {
        Ok(())
    }
}
