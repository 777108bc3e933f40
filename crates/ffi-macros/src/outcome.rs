//! What the function returns, and where C gets it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Error, Expr, ExprLit, GenericArgument, Lit, PathArguments, Result, ReturnType, Type};

use crate::number::Number;

/// What comes back.
#[derive(Debug, Default)]
pub(crate) struct Outcome<'a> {
    /// The error of a `Result`.
    pub(crate) error: Option<&'a Type>,
    pub(crate) is_result: bool,
    pub(crate) value: Value,
}

/// What is written.
#[derive(Debug, Default)]
pub(crate) enum Value {
    #[default]
    Nothing,
    Number(Number),
    Tuple(Vec<Number>),
    Array(Number, usize),
}

/// A place that C points to: the suffix of its name, the number, how many.
pub(crate) type Place<'a> = (String, &'a Number, usize);

/// More would be a structure.
const MOST: usize = 8;

const RESULTS: &str = "a result for C is a number, a tuple of numbers or `[f64; 3]`, in `Result<.., E>` or \
                       alone: write arrays into a `&mut [f64]`";

impl<'a> Outcome<'a> {
    /// Reads the result.
    pub(crate) fn of(output: &'a ReturnType) -> Result<Self> {
        let ReturnType::Type(_, ty) = output else { return Ok(Self::default()) };
        let mut ty = &**ty;
        while let Type::Group(group) = ty {
            ty = &group.elem;
        }
        let Type::Path(path) = ty else {
            return Ok(Self { value: Value::of(ty)?, ..Self::default() });
        };
        let last = path.path.segments.last().filter(|last| last.ident == "Result");
        let Some(last) = last else {
            return Ok(Self { value: Value::of(ty)?, ..Self::default() });
        };
        let PathArguments::AngleBracketed(list) = &last.arguments else {
            return Err(Error::new_spanned(ty, RESULTS));
        };
        let mut types = list.args.iter().map(|argument| match argument {
            GenericArgument::Type(ty) => Ok(ty),
            other => Err(Error::new_spanned(other, RESULTS)),
        });
        let Some(value) = types.next() else { return Err(Error::new_spanned(ty, RESULTS)) };
        let error = types.next().transpose()?;
        Ok(Self { error, is_result: true, value: Value::of(value?)? })
    }
}

impl Value {
    fn of(ty: &Type) -> Result<Self> {
        if let Some(number) = Number::of(ty) {
            return Ok(Self::Number(number));
        }
        let number = |ty: &Type| Number::of(ty).ok_or_else(|| Error::new_spanned(ty, RESULTS));
        match ty {
            Type::Tuple(tuple) if tuple.elems.is_empty() => Ok(Self::Nothing),
            Type::Tuple(tuple) if tuple.elems.len() <= MOST => {
                Ok(Self::Tuple(tuple.elems.iter().map(number).collect::<Result<_>>()?))
            }
            Type::Array(array) => match &array.len {
                Expr::Lit(ExprLit { lit: Lit::Int(len), .. }) => {
                    Ok(Self::Array(number(&array.elem)?, len.base10_parse()?))
                }
                len => Err(Error::new_spanned(len, "C has to know how many: write a number")),
            },
            _ => Err(Error::new_spanned(ty, RESULTS)),
        }
    }

    /// The places that it is written to, in order.
    pub(crate) fn places(&self) -> Vec<Place<'_>> {
        match self {
            Self::Nothing => vec![],
            Self::Number(number) => vec![("result".to_owned(), number, 1)],
            Self::Array(number, len) => vec![("result".to_owned(), number, *len)],
            Self::Tuple(numbers) => {
                let place = |(index, number)| (format!("result{index}"), number, 1);
                numbers.iter().enumerate().map(place).collect()
            }
        }
    }

    /// As the record says it, with ` -> ` before it.
    pub(crate) fn rust(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Number(number) => format!(" -> {}", number.rust),
            Self::Array(number, len) => format!(" -> [{}; {len}]", number.rust),
            Self::Tuple(numbers) => {
                let names: Vec<&str> = numbers.iter().map(|number| number.rust).collect();
                let comma = if names.len() == 1 { "," } else { "" };
                format!(" -> ({}{comma})", names.join(", "))
            }
        }
    }

    /// Statements that write `__value` to the places.
    pub(crate) fn write(&self) -> TokenStream {
        // SAFETY of what is printed: the places have been checked, and C promises that they are good.
        match self {
            Self::Nothing => quote!(let () = __value;),
            Self::Number(_) => quote!(unsafe { __result.put(__value) };),
            Self::Array(..) => quote!(unsafe { __result.put_all(&__value) };),
            Self::Tuple(numbers) => {
                let indices = (0..numbers.len()).map(syn::Index::from);
                let places = (0..numbers.len()).map(|index| format_ident!("__result{index}"));
                quote!(#(unsafe { #places.put(__value.#indices) };)*)
            }
        }
    }
}
