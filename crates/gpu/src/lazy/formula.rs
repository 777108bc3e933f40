//! Functions of elements that are written in WGSL.

use std::fmt;
use std::sync::Arc;

use naga::valid::Capabilities;
use ndarray::{DimMax, Dimension, Ix0, IxDyn};

use super::chain::{Chain, Failure, Op, broadcast};
use super::{Expr, IntoExpr, Max};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::validate::validate;

/// A function of elements, written as an expression in WGSL: what PyCUDA calls an `ElementwiseKernel`.
///
/// `In` are the types of its arguments, and `T` that of its value. Applied to arrays, numbers and
/// expressions it is an [`Expr`]ession, and a part of the one kernel that computes it.
///
/// ```
/// use tenfold_gpu::{Device, Formula, Select, ndarray::array};
///
/// let saxpy = Formula::<(f32, f32, f32), f32>::new(["a", "x", "y"], "a * x + y")?;
///
/// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
/// # let _ = "
/// let device = Device::open(Select::env())?;
/// # ";
/// let x = device.upload(&array![1.0_f32, 2.0, 3.0])?;
/// let y = device.upload(&array![10.0_f32, 20.0, 30.0])?;
/// let z = saxpy.of((2.0, &x, &y)).eval()?;
/// assert_eq!(z.to_array()?, array![12.0, 24.0, 36.0]);
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
///
/// Operators have WGSL's meaning: comparisons with NaN may be anything, and a division of integers by 0
/// gives the dividend. Functions such as `exp` are this crate's own for f64, and in precise mode for f32.
pub struct Formula<In, T> {
    definition: Arc<Definition>,
    _types: std::marker::PhantomData<fn(In) -> T>,
}

/// Names and types of arguments, and what is computed of them.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Definition {
    params: Vec<(String, &'static str)>,
    pub(super) text: String,
    ty: &'static str,
}

impl Definition {
    /// A function of this name.
    pub(super) fn function(&self, name: &str) -> String {
        let params = self.params.iter().map(|(name, ty)| format!("{name}: {ty}"));
        let params = params.collect::<Vec<_>>().join(", ");
        // A comment must not hide the end.
        format!("fn {name}({params}) -> {} {{\nreturn {}\n;}}\n", self.ty, self.text)
    }
}

impl<In: FormulaTypes, T: Element> Formula<In, T> {
    /// A function of arguments with these names.
    ///
    /// # Errors
    /// There are more or fewer names than arguments, or the text is no expression of WGSL of type `T`.
    pub fn new<const N: usize>(names: [&str; N], text: &str) -> Result<Self> {
        let types = In::types();
        if types.len() != N {
            let message = format!("a formula of {} arguments was given {N} names", types.len());
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let params = names.iter().map(|&name| name.to_owned()).zip(types).collect();
        let definition = Definition { params, text: text.to_owned(), ty: T::WGSL };
        let function = definition.function("formula");
        let capabilities = Capabilities::FLOAT64 | Capabilities::SHADER_INT64;
        let (module, _) = validate("formula", &function, capabilities)?;
        let is_alone = module.functions.len() == 1
            && module.entry_points.is_empty()
            && module.global_variables.is_empty()
            && module.constants.is_empty()
            && module.overrides.is_empty();
        if !is_alone {
            let message = format!("a formula is one expression, and `{text}` is more");
            return Err(Error::new(ErrorKind::Validation { line: None }, message));
        }
        Ok(Self { definition: Arc::new(definition), _types: std::marker::PhantomData })
    }

    /// The function of each element, as an expression.
    pub fn of<A: FormulaArgs<In>>(&self, args: A) -> Expr<T, A::Dim> {
        let mut exprs = vec![];
        args.exprs(&mut exprs);
        let op = Op::Formula(Arc::clone(&self.definition));
        let joined = (|| {
            let (mut dim, mut chains) = (IxDyn(&[]), vec![]);
            for Expr { chain, dim: own, .. } in exprs {
                dim = broadcast(&dim, &own)?;
                chains.push(chain?);
            }
            let dim = broadcast(&dim, &Ix0())?;
            Ok::<_, Failure>((Arc::new(Chain::apply(op, T::WGSL, chains)?), dim))
        })();
        Expr::joined(joined)
    }
}

impl<In, T> Clone for Formula<In, T> {
    fn clone(&self) -> Self {
        let definition = Arc::clone(&self.definition);
        Self { definition, _types: std::marker::PhantomData }
    }
}

impl<In, T> fmt::Debug for Formula<In, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Definition { params, text, ty } = &*self.definition;
        write!(f, "Formula({params:?} -> {ty}: {text})")
    }
}

/// The types of the arguments of a [`Formula`]: a tuple of up to eight.
pub trait FormulaTypes: sealed::Sealed {
    #[doc(hidden)]
    fn types() -> Vec<&'static str>;
}

/// What a [`Formula`] is applied to: a tuple of arrays, numbers and expressions of the types `In`.
pub trait FormulaArgs<In> {
    /// The axes of the value.
    type Dim: Dimension;
    #[doc(hidden)]
    fn exprs(self, all: &mut Vec<Expr<(), IxDyn>>);
}

/// The axes of several, as nested pairs, that are broadcast together.
#[doc(hidden)]
#[expect(unnameable_types, reason = "for the bounds of tuples alone")]
pub trait Together {
    type Dim: Dimension;
}

impl Together for () {
    type Dim = Ix0;
}

impl<A: Dimension + DimMax<B::Dim>, B: Together> Together for (A, B) {
    type Dim = Max<A, B::Dim>;
}

mod sealed {
    #[expect(unnameable_types, reason = "that is what seals")]
    pub trait Sealed {}
}

macro_rules! tuples {
    ($(($($T:ident $A:ident $a:ident),*))*) => {$(
        impl<$($T),*> sealed::Sealed for ($($T,)*) {}
        impl<$($T: Element),*> FormulaTypes for ($($T,)*) {
            fn types() -> Vec<&'static str> {
                vec![$($T::WGSL),*]
            }
        }
        impl<$($T: Element, $A: IntoExpr<$T>),*> FormulaArgs<($($T,)*)> for ($($A,)*)
        where
            tuples!(@ $($A)*): Together,
        {
            type Dim = <tuples!(@ $($A)*) as Together>::Dim;
            fn exprs(self, all: &mut Vec<Expr<(), IxDyn>>) {
                let ($($a,)*) = self;
                $(
                    let Expr { chain, dim, .. } = $a.into_expr();
                    all.push(Expr::of(chain, dim.into_dyn()));
                )*
            }
        }
    )*};
    (@) => { () };
    (@ $A:ident $($B:ident)*) => { ($A::Dim, tuples!(@ $($B)*)) };
}
tuples! {
    (T1 A1 a1)
    (T1 A1 a1, T2 A2 a2)
    (T1 A1 a1, T2 A2 a2, T3 A3 a3)
    (T1 A1 a1, T2 A2 a2, T3 A3 a3, T4 A4 a4)
    (T1 A1 a1, T2 A2 a2, T3 A3 a3, T4 A4 a4, T5 A5 a5)
    (T1 A1 a1, T2 A2 a2, T3 A3 a3, T4 A4 a4, T5 A5 a5, T6 A6 a6)
    (T1 A1 a1, T2 A2 a2, T3 A3 a3, T4 A4 a4, T5 A5 a5, T6 A6 a6, T7 A7 a7)
    (T1 A1 a1, T2 A2 a2, T3 A3 a3, T4 A4 a4, T5 A5 a5, T6 A6 a6, T7 A7 a7, T8 A8 a8)
}
