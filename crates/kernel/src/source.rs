//! The portable source of a kernel: WGSL, for devices.

use std::fmt::Write as _;

use crate::error::{Error, ErrorKind};
use crate::simd::Element;
use crate::stencil::Border;

/// A kernel for elements of type `T`: its name and its portable source.
///
/// Implemented by `#[kernel]` for the struct that it adds beside the function. A kernel for one
/// type implements `Kernel<T>` for the type of its first result; one with `for = [f32, f64]` for
/// each of them.
///
/// ```
/// use tenfold_kernel::{Kernel, kernel};
///
/// #[kernel]
/// fn saxpy(a: f32, x: f32, y: f32) -> f32 {
///     a * x + y
/// }
///
/// let wgsl = <saxpy as Kernel<f32>>::SOURCE.wgsl()?;
/// assert!(wgsl.contains("fn saxpy_f32("));
/// # Ok::<(), tenfold_kernel::Error>(())
/// ```
pub trait Kernel<T> {
    /// The name of the function.
    const NAME: &'static str;
    /// What other devices run.
    const SOURCE: Source;
}

/// What there is of a kernel for other devices.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Source {
    /// A function in WGSL.
    Portable(Portable),
    /// Why there is none.
    Unsupported(&'static str),
}

/// A function in WGSL, and what it wants to know of the module that it is put into.
#[derive(Debug, Clone, Copy)]
pub struct Portable {
    /// The name of the function in WGSL, with the type of its elements: `saxpy_f64`.
    pub name: &'static str,
    /// Names and types of the parameters that are numbers.
    pub params: &'static [(&'static str, &'static str)],
    /// Names, types of elements and numbers of axes of the neighbourhoods of a stencil. The module
    /// has a function `NAME_nbr_u(at, offset)` for each neighbourhood `u`, which reads the array.
    pub neighbours: &'static [(&'static str, &'static str, usize)],
    /// The types of the results; several are the fields `o0`, `o1`, .. of the struct `NAME_out`.
    pub returns: &'static [&'static str],
    /// Functions that WGSL lacks: `("exp", "f64")` is called as `tenfold_exp_f64`.
    pub needs: &'static [(&'static str, &'static str)],
    /// What each neighbourhood reads outside of its array.
    #[doc(hidden)]
    pub borders: &'static [Border<Value>],
    #[doc(hidden)]
    pub deps: &'static [&'static Source],
    #[doc(hidden)]
    pub pieces: &'static [Piece],
}

/// A part of the text.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum Piece {
    Text(&'static str),
    /// A constant of the user.
    Const(Value),
    /// The name of another kernel's function.
    Call(&'static Source),
}

/// The value of a constant.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    F32(f32),
    F64(f64),
    I32(i32),
    I64(i64),
    U32(u32),
    U64(u64),
    Usize(usize),
    Bool(bool),
}

/// The source for an element type that may not be among those of the kernel.
#[doc(hidden)]
pub trait SourceFor<D: Element> {
    /// It, or why there is none.
    const SOURCE: Source;
}

impl Source {
    /// The text: the functions that the kernel calls, and its own.
    ///
    /// # Errors
    /// If the kernel cannot be said in WGSL; the message says why.
    pub fn wgsl(&self) -> Result<String, Error> {
        let mut functions = vec![];
        self.write(&mut functions)?;
        Ok(functions.into_iter().map(|(_, text)| text).collect())
    }

    /// The function, if there is one.
    ///
    /// # Errors
    /// If there is none; the message says why.
    pub fn portable(&self) -> Result<&Portable, Error> {
        match self {
            Source::Portable(portable) => Ok(portable),
            Source::Unsupported(reason) => {
                let message = format!("the kernel has no portable source: {reason}");
                Err(Error::new(ErrorKind::Unsupported, message))
            }
        }
    }

    /// Adds the functions by their names, each behind those that it calls.
    fn write(&self, functions: &mut Vec<(&'static str, String)>) -> Result<(), Error> {
        let Portable { name, deps, pieces, .. } = *self.portable()?;
        for dep in deps {
            dep.write(functions)?;
        }
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Const(value) => value.write(&mut text)?,
                Piece::Call(source) => text.push_str(source.portable()?.name),
            }
        }
        match functions.iter().find(|(other, _)| *other == name) {
            None => functions.push((name, text)),
            Some((_, other)) if *other == text => {}
            Some(_) => {
                let message = format!(
                    "the kernel has no portable source: it calls two kernels that WGSL would call `{name}`"
                );
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
        }
        Ok(())
    }
}

impl Value {
    /// As a literal of its type.
    ///
    /// # Errors
    /// There is none for infinities and NaN.
    pub fn wgsl(&self) -> Result<String, Error> {
        let mut text = String::new();
        self.write(&mut text)?;
        Ok(text)
    }

    fn write(&self, text: &mut String) -> Result<(), Error> {
        let written = match *self {
            Value::F32(x) if !x.is_finite() => return Err(not_finite(x.into())),
            Value::F64(x) if !x.is_finite() => return Err(not_finite(x)),
            Value::F32(x) => write!(text, "f32({x:?})"),
            Value::F64(x) => write!(text, "{x:?}lf"),
            Value::I32(x) => write!(text, "i32({x})"),
            Value::I64(x) => write!(text, "i64({x})"),
            Value::U32(x) => write!(text, "{x}u"),
            Value::U64(x) => write!(text, "{x}lu"),
            Value::Usize(x) => write!(text, "{x}u"),
            Value::Bool(x) => write!(text, "{x}"),
        };
        debug_assert!(written.is_ok(), "text takes everything");
        Ok(())
    }
}

fn not_finite(x: f64) -> Error {
    let message = format!("the kernel has no portable source: WGSL has no literal for {x}");
    Error::new(ErrorKind::Unsupported, message)
}
