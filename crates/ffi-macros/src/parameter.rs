//! One parameter: what it is in C, how it is checked and how the function gets it.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, format_ident, quote};
use syn::{Error, GenericArgument, Lifetime, PathArguments, Result, Type};

use crate::number::Number;

/// A parameter of the function.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// What it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Value(Number),
    Slice {
        number: Number,
        is_mut: bool,
    },
    /// Without a number of axes it has any.
    View {
        number: Number,
        axes: Option<u8>,
        is_mut: bool,
    },
    /// `str` or `CStr`.
    Text(&'static str),
}

/// A variable of Rust or of C: its name, its type in both.
pub(crate) type Variable = (String, TokenStream, String);

const TYPES: &str = "numbers, `bool`, `Complex<f64>`, `&[f64]`, `&mut [f64]`, `ArrayView2<f64>`, \
                     `ArrayViewMut2<f64>`, `&str` and `&CStr`";

impl Kind {
    /// What a type is, if it can be an argument of C.
    pub(crate) fn of(ty: &Type) -> Result<Self> {
        if let Some(number) = Number::of(ty) {
            return Ok(Self::Value(number));
        }
        match ty {
            Type::Group(group) => Self::of(&group.elem),
            Type::Paren(paren) => Self::of(&paren.elem),
            Type::Reference(reference) => {
                reference.lifetime.as_ref().map_or(Ok(()), refuse_static)?;
                of_reference(&reference.elem, reference.mutability.is_some())
                    .unwrap_or_else(|| Err(Error::new_spanned(ty, reference_hint(&reference.elem))))
            }
            Type::Path(path) => {
                let view = path.path.segments.last().and_then(of_view);
                view.unwrap_or_else(|| Err(Error::new_spanned(ty, hint(ty))))
            }
            _ => Err(Error::new_spanned(ty, hint(ty))),
        }
    }

    pub(crate) fn is_view(&self) -> bool {
        matches!(self, Self::View { .. })
    }

    /// Whether the function writes into what C has.
    fn is_written(&self) -> bool {
        matches!(self, Self::Slice { is_mut: true, .. } | Self::View { is_mut: true, .. })
    }

    /// As the record says it, with nothing of the user's in it.
    pub(crate) fn rust(&self) -> String {
        match self {
            Self::Value(number) => number.rust.to_owned(),
            Self::Slice { number, is_mut: false } => format!("&[{}]", number.rust),
            Self::Slice { number, is_mut: true } => format!("&mut [{}]", number.rust),
            Self::View { number, axes, is_mut } => {
                let word = if *is_mut { "ArrayViewMut" } else { "ArrayView" };
                let axes = axes.map_or_else(|| "D".to_owned(), |axes| axes.to_string());
                format!("{word}{axes}<{}>", number.rust)
            }
            Self::Text(name) => format!("&{name}"),
        }
    }
}

fn of_reference(elem: &Type, is_mut: bool) -> Option<Result<Kind>> {
    match elem {
        Type::Slice(slice) => Some(match Number::of(&slice.elem) {
            Some(number) if number.is_bool() => Err(Error::new_spanned(&slice.elem, BOOLS)),
            Some(number) => Ok(Kind::Slice { number, is_mut }),
            None => Err(Error::new_spanned(&slice.elem, ELEMENTS)),
        }),
        Type::Path(path) if !is_mut => {
            let name = &path.path.segments.last()?.ident;
            let name = ["str", "CStr"].into_iter().find(|known| name == known)?;
            Some(Ok(Kind::Text(name)))
        }
        _ => None,
    }
}

const BOOLS: &str = "an array of C can hold other bytes than 0 and 1: take `u8`";
const ELEMENTS: &str = "an array has numbers in it, such as `f64`, `i32`, `u8` or `Complex<f64>`";

fn of_view(last: &syn::PathSegment) -> Option<Result<Kind>> {
    let name = last.ident.to_string();
    let rest = name.strip_prefix("ArrayView")?;
    let (rest, is_mut) = match rest.strip_prefix("Mut") {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let axes = match rest {
        "D" => None,
        _ => Some(rest.parse().ok().filter(|axes| (1..=6).contains(axes))?),
    };
    let PathArguments::AngleBracketed(list) = &last.arguments else { return None };
    let mut types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    let (Some(ty), None) = (types.next(), types.next()) else { return None };
    let lifetimes = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Lifetime(lifetime) => Some(lifetime),
        _ => None,
    });
    if let Err(error) = lifetimes.into_iter().try_for_each(refuse_static) {
        return Some(Err(error));
    }
    Some(match Number::of(ty) {
        Some(number) if number.is_bool() => Err(Error::new_spanned(ty, BOOLS)),
        Some(number) => Ok(Kind::View { number, axes, is_mut }),
        None => Err(Error::new_spanned(ty, ELEMENTS)),
    })
}

/// The compiler refuses this too, in what is printed: here it is said why.
fn refuse_static(lifetime: &Lifetime) -> Result<()> {
    match lifetime.ident == "static" {
        true => Err(Error::new_spanned(
            lifetime,
            "what C passes is there for the call: leave `'static` out",
        )),
        false => Ok(()),
    }
}

fn reference_hint(elem: &Type) -> String {
    if Number::of(elem).is_some() {
        return "take a number by value, and return what is new".to_owned();
    }
    match elem {
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident.to_string().starts_with("Array") => {
                "take a view by value, such as `ArrayView2<f64>` or `ArrayViewMut2<f64>`".to_owned()
            }
            _ => hint(elem),
        },
        _ => hint(elem),
    }
}

fn hint(ty: &Type) -> String {
    let hint = match ty {
        Type::ImplTrait(_) => "C knows no `impl Trait`; ",
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "String" => "take `&str`; ",
            Some(last) if last.ident == "Vec" => "take `&[f64]` or `&mut [f64]`; ",
            Some(last) if last.ident == "ArrayView" || last.ident == "ArrayViewMut" => {
                "write the number of axes into the name, as in `ArrayView2<f64>`; "
            }
            _ => "",
        },
        Type::Ptr(_) => "a pointer without a length cannot be checked; ",
        _ => "",
    };
    format!("{hint}an argument from C is one of {TYPES}, by these names")
}

impl Parameter {
    /// The variable of the expansion that has it.
    pub(crate) fn ident(&self) -> Ident {
        format_ident!("__{}", self.name)
    }

    /// What C passes for it.
    pub(crate) fn variables(&self, private: &TokenStream) -> Vec<Variable> {
        let name = &self.name;
        let size = |suffix| {
            (format!("{name}_{suffix}"), quote!(::core::primitive::usize), "size_t ".to_owned())
        };
        let pointer = |number: &Number, is_mut: bool| {
            let ty = number.tokens(private);
            match is_mut {
                true => (name.clone(), quote!(*mut #ty), format!("{} *", number.c)),
                false => (name.clone(), quote!(*const #ty), format!("const {} *", number.c)),
            }
        };
        match &self.kind {
            // Any byte can come where C says `bool`.
            Kind::Value(number) if number.is_bool() => {
                vec![(name.clone(), quote!(::core::primitive::u8), "bool ".to_owned())]
            }
            Kind::Value(number) if number.is_complex() => vec![pointer(number, false)],
            Kind::Value(number) => {
                vec![(name.clone(), number.tokens(private), format!("{} ", number.c))]
            }
            Kind::Slice { number, is_mut } => vec![pointer(number, *is_mut), size("len")],
            Kind::View { number, axes, is_mut } => {
                let mut variables = vec![pointer(number, *is_mut)];
                variables.extend(axes.is_none().then(|| size("ndim")));
                let usizes = quote!(*const ::core::primitive::usize);
                let isizes = quote!(*const ::core::primitive::isize);
                variables.push((format!("{name}_shape"), usizes, "const size_t *".to_owned()));
                variables.push((format!("{name}_strides"), isizes, "const ptrdiff_t *".to_owned()));
                variables
            }
            Kind::Text(_) => {
                vec![(name.clone(), quote!(*const ::core::ffi::c_char), "const char *".to_owned())]
            }
        }
    }

    /// `let __x = Slice::new("x", __x, __x_len)?;`, for what can be wrong.
    pub(crate) fn check(&self, private: &TokenStream) -> Option<TokenStream> {
        let (name, ident) = (&self.name, self.ident());
        let checked = match &self.kind {
            Kind::Value(number) if number.is_bool() => quote!(#private::boolean(#name, #ident)?),
            Kind::Value(number) if number.is_complex() => {
                quote!(#private::Place::new(#name, #ident.cast_mut(), 1)?)
            }
            Kind::Value(_) => return None,
            Kind::Slice { is_mut, .. } => {
                let (ident, len) = (self.pointer(*is_mut), format_ident!("{ident}_len"));
                quote!(#private::Slice::new(#name, #ident, #len)?)
            }
            Kind::View { axes, is_mut, .. } => {
                let pointer = self.pointer(*is_mut);
                let (shape, strides) =
                    (format_ident!("{ident}_shape"), format_ident!("{ident}_strides"));
                let (axes, dim) = match axes {
                    Some(axes) => {
                        (quote!(#axes as ::core::primitive::usize), format_ident!("Ix{axes}"))
                    }
                    None => {
                        (format_ident!("{ident}_ndim").into_token_stream(), format_ident!("IxDyn"))
                    }
                };
                let check = if *is_mut { quote!(.written()?) } else { quote!() };
                // SAFETY of what is printed: C passes as many lengths and strides as there are axes.
                quote!(unsafe {
                    #private::View::<_, #private::#dim>::new(#name, #pointer, #axes, #shape, #strides)
                }? #check)
            }
            // SAFETY of what is printed: C passes a text that ends.
            Kind::Text(_) => quote!(unsafe { #private::Text::new(#name, #ident) }?),
        };
        let binding = if self.kind.is_written() { quote!(mut #ident) } else { quote!(#ident) };
        Some(quote!(let #binding = #checked;))
    }

    /// The pointer, as if it could be written through.
    fn pointer(&self, is_mut: bool) -> TokenStream {
        let ident = self.ident();
        if is_mut { quote!(#ident) } else { quote!(#ident.cast_mut()) }
    }

    /// The bytes that it lies on, if it has a place.
    pub(crate) fn extent(&self) -> Option<TokenStream> {
        let ident = self.ident();
        match &self.kind {
            Kind::Value(number) if number.is_complex() => Some(quote!(#ident.read())),
            Kind::Value(_) => None,
            kind if kind.is_written() => Some(quote!(#ident.write())),
            _ => Some(quote!(#ident.read())),
        }
    }

    /// What the function is called with.
    pub(crate) fn argument(&self) -> TokenStream {
        let ident = self.ident();
        // SAFETY of what is printed: all has been checked, and C promises that the pointers are good.
        match &self.kind {
            Kind::Value(number) if number.is_complex() => quote!(unsafe { #ident.get() }),
            Kind::Value(_) => quote!(#ident),
            kind if kind.is_written() => quote!(unsafe { #ident.get_mut() }),
            Kind::Text("str") => quote!(unsafe { #ident.str() }?),
            _ => quote!(unsafe { #ident.get() }),
        }
    }
}
