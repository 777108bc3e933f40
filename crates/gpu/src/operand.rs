//! What kernels are called with on a device, and what they give.

use std::ops::Range;
use std::sync::Arc;

use ndarray::{DimMax, Dimension, Ix0, Ix1, IxDyn};
use tenfold_kernel::__private::{Around, Number};

use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::layout::Layout;
use crate::pool::Allocation;
use crate::scalar::Scalar;

/// An array, a range or a number without its type.
#[doc(hidden)]
#[derive(Debug, Clone)]
#[expect(unnameable_types, reason = "hidden methods alone give it")]
pub enum Operand {
    /// The name of the type in WGSL, and the bytes.
    Number(&'static str, Vec<u8>),
    Array(Field),
    Sequence(Sequence),
}

impl Operand {
    /// Of what has axes.
    pub(crate) fn layout(&self) -> Option<&Layout<IxDyn>> {
        match self {
            Self::Number(..) => None,
            Self::Array(field) => Some(&field.layout),
            Self::Sequence(sequence) => Some(&sequence.layout),
        }
    }
}

/// Integers one after another, which lie nowhere: places in the layout are what is added to the first.
#[doc(hidden)]
#[derive(Debug, Clone)]
#[expect(unnameable_types, reason = "hidden methods alone give it")]
pub struct Sequence {
    pub(crate) layout: Layout<IxDyn>,
    pub(crate) ty: &'static str,
    /// The bits of the first, in 64 of them.
    first: u64,
}

impl Sequence {
    /// The bytes of the integer at a place.
    pub(crate) fn at(&self, place: usize) -> Vec<u8> {
        let bits = self.first.wrapping_add(place as u64);
        match self.ty {
            #[expect(clippy::cast_possible_truncation, reason = "integers wrap")]
            "i32" | "u32" => (bits as u32).to_ne_bytes().to_vec(),
            _ => bits.to_ne_bytes().to_vec(),
        }
    }

    /// A place, which is a number of 32 bits, as what is added to the first.
    pub(crate) fn step(&self, place: &str) -> String {
        match self.ty {
            "i32" => format!("bitcast<i32>({place})"),
            ty => format!("{ty}({place})"),
        }
    }
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

/// What a parameter of type `T` of an elementwise kernel or a reduction takes: a number, or an array that is
/// broadcast, or for integers a range, which is an array that lies nowhere.
pub trait KernelArg<T> {
    /// The axes of an array.
    type Dim: Dimension;
    #[doc(hidden)]
    fn operand(self) -> Operand;
}

impl<T: Scalar, D: Dimension> KernelArg<T> for &DeviceArray<T::Stored, D> {
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
        impl KernelArg<$ty> for $ty {
            type Dim = Ix0;
            fn operand(self) -> Operand {
                number(self)
            }
        }
    )*};
}
numbers!(f32 f64 i32 i64 u32 u64 bool);

macro_rules! ranges {
    ($($ty:ty, $first:expr;)*) => {$(
        /// All integers of a range, without an array of them.
        impl KernelArg<$ty> for Range<$ty> {
            type Dim = Ix1;
            fn operand(self) -> Operand {
                // One too long for the machine is too long for every device, which is told.
                let len = (i128::from(self.end) - i128::from(self.start)).max(0);
                let len = usize::try_from(len).unwrap_or(usize::MAX);
                let first: fn($ty) -> u64 = $first;
                let layout = Layout { dim: IxDyn(&[len]), strides: vec![1], offset: 0 };
                Operand::Sequence(Sequence { layout, ty: <$ty>::WGSL, first: first(self.start) })
            }
        }
    )*};
}
ranges! {
    i32, |x| i64::from(x).cast_unsigned();
    i64, |x| x.cast_unsigned();
    u32, |x| x.into();
    u64, |x| x;
}

/// Arguments as nested pairs, one for each type of a list.
#[doc(hidden)]
pub trait KernelArgs<In> {
    /// The axes that the results have.
    type Dim: Dimension;
    fn operands(self, all: &mut Vec<Operand>);
}

impl KernelArgs<()> for () {
    type Dim = Ix0;
    fn operands(self, _: &mut Vec<Operand>) {}
}

impl<T, R, A, B> KernelArgs<(T, R)> for (A, B)
where
    A: KernelArg<T>,
    B: KernelArgs<R>,
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
pub trait StencilArgs<In, D> {
    fn operands(self, all: &mut Vec<Operand>);
}

impl<D> StencilArgs<(), D> for () {
    fn operands(self, _: &mut Vec<Operand>) {}
}

impl<T, R, B, D, const LOW: isize, const PLANES: usize> StencilArgs<(Around<T, LOW, PLANES>, R), D>
    for (&DeviceArray<T::Stored, D>, B)
where
    T: Scalar,
    D: Dimension,
    B: StencilArgs<R, D>,
{
    fn operands(self, all: &mut Vec<Operand>) {
        all.push(Operand::Array(Field::of(self.0)));
        self.1.operands(all);
    }
}

impl<T, R, B, D> StencilArgs<(Number<T>, R), D> for (T, B)
where
    T: Scalar,
    B: StencilArgs<R, D>,
{
    fn operands(self, all: &mut Vec<Operand>) {
        all.push(number(self.0));
        self.1.operands(all);
    }
}

/// A tuple of arguments, or a single array or range.
pub trait IntoKernelArgs {
    /// As nested pairs.
    #[doc(hidden)]
    type Nested;
    #[doc(hidden)]
    fn nested(self) -> Self::Nested;
}

impl<'a, T, D> IntoKernelArgs for &'a DeviceArray<T, D> {
    type Nested = (&'a DeviceArray<T, D>, ());
    fn nested(self) -> Self::Nested {
        (self, ())
    }
}

impl<T> IntoKernelArgs for Range<T> {
    type Nested = (Range<T>, ());
    fn nested(self) -> Self::Nested {
        (self, ())
    }
}

macro_rules! tuples {
    ($(($($A:ident)*))*) => {$(
        impl<$($A),*> IntoKernelArgs for ($($A,)*) {
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
pub trait KernelOutputs {
    /// With these axes.
    type Arrays<D: Dimension>;
    #[doc(hidden)]
    fn allocate<D: Dimension>(device: &Device, dim: &D) -> Result<(Self::Arrays<D>, Vec<Field>)>;
}

macro_rules! results {
    ($($nested:ty: $arrays:ty, $($T:ident $x:ident),*;)*) => {$(
        impl<$($T: Scalar),*> KernelOutputs for $nested {
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
