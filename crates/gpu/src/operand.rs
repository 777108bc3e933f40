//! What kernels are called with on a device, and what they give.

use std::sync::Arc;

use ndarray::{DimMax, Dimension, Ix0, IxDyn};
use tenfold_kernel::__private::{Around, Number};

use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::layout::Layout;
use crate::pool::Allocation;
use crate::scalar::Scalar;

/// An array or a number without its type.
#[doc(hidden)]
#[derive(Debug)]
#[expect(unnameable_types, reason = "hidden methods alone give it")]
pub enum Operand {
    /// The name of the type in WGSL, and the bytes.
    Number(&'static str, Vec<u8>),
    Array(Field),
}

/// An array without its type.
#[doc(hidden)]
#[derive(Debug, Clone)]
#[expect(unnameable_types, reason = "hidden methods alone give it")]
pub struct Field {
    pub(crate) device: Device,
    pub(crate) memory: Arc<Allocation>,
    pub(crate) layout: Layout<IxDyn>,
    /// What it holds, in WGSL.
    pub(crate) ty: &'static str,
    /// Bytes of an element.
    pub(crate) size: usize,
}

impl Operand {
    pub(crate) fn array(&self) -> Option<&Field> {
        match self {
            Self::Array(field) => Some(field),
            Self::Number(..) => None,
        }
    }

    pub(crate) fn number(&self) -> Option<(&'static str, &[u8])> {
        match self {
            Self::Array(_) => None,
            Self::Number(ty, bytes) => Some((ty, bytes)),
        }
    }
}

impl Field {
    pub(crate) fn of<T: Element, D: Dimension>(array: &DeviceArray<T, D>) -> Self {
        Self {
            device: array.device().clone(),
            memory: Arc::clone(array.memory()),
            layout: array.layout().clone().into_dyn(),
            ty: T::WGSL,
            size: size_of::<T>(),
        }
    }

    /// An error if it is on another device.
    pub(crate) fn on(&self, device: &Device, name: &str) -> Result<()> {
        if self.device.is(device) {
            return Ok(());
        }
        let message = format!(
            "argument `{name}` is on another device than the kernel: {:?} and {device:?}",
            self.device
        );
        Err(Error::new(ErrorKind::DeviceMismatch, message))
    }
}

/// What a parameter of type `T` of an elementwise kernel takes: a number, or an array that is broadcast.
pub trait Arg<T> {
    /// The axes of an array.
    type Dim: Dimension;
    #[doc(hidden)]
    fn operand(self) -> Operand;
}

impl<T: Scalar, D: Dimension> Arg<T> for &DeviceArray<T::Stored, D> {
    type Dim = D;
    fn operand(self) -> Operand {
        Operand::Array(Field::of(self))
    }
}

fn number<T: Scalar>(value: T) -> Operand {
    let stored = value.stored();
    Operand::Number(T::Stored::WGSL, bytemuck::bytes_of(&stored).to_vec())
}

macro_rules! numbers {
    ($($ty:ty)*) => {$(
        impl Arg<$ty> for $ty {
            type Dim = Ix0;
            fn operand(self) -> Operand {
                number(self)
            }
        }
    )*};
}
numbers!(f32 f64 i32 i64 u32 u64 bool);

/// Arguments as nested pairs, one for each type of a list.
#[doc(hidden)]
pub trait Args<In> {
    /// The axes that the results have.
    type Dim: Dimension;
    fn operands(self, all: &mut Vec<Operand>);
}

impl Args<()> for () {
    type Dim = Ix0;
    fn operands(self, _: &mut Vec<Operand>) {}
}

impl<T, R, A, B> Args<(T, R)> for (A, B)
where
    A: Arg<T>,
    B: Args<R>,
    A::Dim: DimMax<B::Dim>,
{
    type Dim = <A::Dim as DimMax<B::Dim>>::Output;
    fn operands(self, all: &mut Vec<Operand>) {
        all.push(self.0.operand());
        self.1.operands(all);
    }
}

/// The same of a stencil: arrays of `D` for neighbourhoods, numbers for numbers.
#[doc(hidden)]
pub trait Surroundings<In, D> {
    fn operands(self, all: &mut Vec<Operand>);
}

impl<D> Surroundings<(), D> for () {
    fn operands(self, _: &mut Vec<Operand>) {}
}

impl<T, R, B, D, const LOW: isize, const PLANES: usize> Surroundings<(Around<T, LOW, PLANES>, R), D>
    for (&DeviceArray<T::Stored, D>, B)
where
    T: Scalar,
    D: Dimension,
    B: Surroundings<R, D>,
{
    fn operands(self, all: &mut Vec<Operand>) {
        all.push(Operand::Array(Field::of(self.0)));
        self.1.operands(all);
    }
}

impl<T, R, B, D> Surroundings<(Number<T>, R), D> for (T, B)
where
    T: Scalar,
    B: Surroundings<R, D>,
{
    fn operands(self, all: &mut Vec<Operand>) {
        all.push(number(self.0));
        self.1.operands(all);
    }
}

/// A tuple of arguments, or a single array.
pub trait Tuple {
    /// As nested pairs.
    #[doc(hidden)]
    type Nested;
    #[doc(hidden)]
    fn nested(self) -> Self::Nested;
}

impl<'a, T, D> Tuple for &'a DeviceArray<T, D> {
    type Nested = (&'a DeviceArray<T, D>, ());
    fn nested(self) -> Self::Nested {
        (self, ())
    }
}

macro_rules! tuples {
    ($(($($A:ident)*))*) => {$(
        impl<$($A),*> Tuple for ($($A,)*) {
            type Nested = tuples!(@ $($A)*);
            #[expect(non_snake_case, reason = "the names of the types are those of the values")]
            fn nested(self) -> Self::Nested {
                let ($($A,)*) = self;
                tuples!(@ $($A)*)
            }
        }
    )*};
    (@) => { () };
    (@ $A:ident $($B:ident)*) => { ($A, tuples!(@ $($B)*)) };
}
tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
    (A B C D E F G H I) (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
}

/// The results of a kernel: an array, or a tuple of arrays.
pub trait Results {
    /// With these axes.
    type Arrays<D: Dimension>;
    #[doc(hidden)]
    fn allocate<D: Dimension>(device: &Device, dim: &D) -> Result<(Self::Arrays<D>, Vec<Field>)>;
}

macro_rules! results {
    ($($nested:ty: $arrays:ty, $($T:ident $x:ident),*;)*) => {$(
        impl<$($T: Scalar),*> Results for $nested {
            type Arrays<D: Dimension> = $arrays;
            fn allocate<D: Dimension>(
                device: &Device,
                dim: &D,
            ) -> Result<(Self::Arrays<D>, Vec<Field>)> {
                $(let $x = device.uninit::<$T::Stored, D>(dim.clone())?;)*
                let fields = vec![$(Field::of(&$x)),*];
                Ok((($($x),*), fields))
            }
        }
    )*};
}
results! {
    (A, ()): DeviceArray<A::Stored, D>, A a;
    (A, (B, ())): (DeviceArray<A::Stored, D>, DeviceArray<B::Stored, D>), A a, B b;
    (A, (B, (C, ()))):
        (DeviceArray<A::Stored, D>, DeviceArray<B::Stored, D>, DeviceArray<C::Stored, D>),
        A a, B b, C c;
    (A, (B, (C, (E, ())))):
        (
            DeviceArray<A::Stored, D>,
            DeviceArray<B::Stored, D>,
            DeviceArray<C::Stored, D>,
            DeviceArray<E::Stored, D>,
        ),
        A a, B b, C c, E e;
}
