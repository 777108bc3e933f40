//! The function's head: qualifiers, type parameter, parameters, return type.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{
    FnArg, GenericParam, ItemFn, Pat, PathArguments, ReturnType, Safety, Type, TypeParamBound,
};

use super::{Binding, Reader, extent};
use crate::directives::{Form, Parsed, ReduceOp, ScanOp};
use crate::ir::{Bound, Generic, Param, ParamKind, Prim, Ty};
use crate::signature::{Core, Signature};

/// Attributes that the printed function keeps.
const ATTRIBUTES: &[&str] =
    &["doc", "inline", "must_use", "deprecated", "cfg", "allow", "expect", "warn", "deny"];

const NO_ORDER: &str =
    "complex numbers have no order, so none is the smallest or the largest; return `.norm()`";

impl Reader<'_> {
    pub(super) fn qualifiers(&mut self, function: &ItemFn, parsed: &Parsed) {
        for attribute in &function.attrs {
            let path = attribute.path();
            if !ATTRIBUTES.iter().any(|known| path.is_ident(known)) {
                let name = path.to_token_stream();
                let known = ATTRIBUTES.join("`, `");
                let message =
                    format!("a kernel cannot have attribute `{name}`; it keeps `{known}`");
                self.refuse(attribute, message);
            }
        }
        let sig = &function.sig;
        if let Some(token) = &sig.constness {
            self.refuse(token, "a kernel cannot be `const`; it is called at run time");
        }
        if let Some(token) = &sig.asyncness {
            self.refuse(token, "a kernel cannot be `async`; it computes and returns");
        }
        if let Some(abi) = &sig.abi {
            self.refuse(abi, "a kernel cannot have an ABI; call it from an `extern` function");
        }
        if let Some(token) = &function.modifiers.defaultness {
            self.refuse(token, "a kernel cannot be `default`; it is a function of its own");
        }
        match (&sig.safety, &parsed.unchecked) {
            (Safety::Default, None) | (Safety::Unsafe(_), Some(_)) => {}
            (Safety::Unsafe(token), None) => {
                self.refuse(token, "only a kernel with `bounds = unchecked` is an `unsafe fn`");
            }
            (Safety::Safe(token), _) => self.refuse(token, "a kernel is a plain `fn`"),
            (Safety::Default, Some(all)) => {
                let message = "`bounds = unchecked` needs an `unsafe fn`, since an index that is out \
                               of bounds is undefined behaviour; `bounds = hoist` checks before the \
                               loop";
                self.refuse(all, message);
            }
        }
    }

    pub(super) fn generics(&mut self, sig: &syn::Signature, parsed: &Parsed) {
        if let Some(clause) = &sig.generics.where_clause {
            self.refuse(clause, "a kernel has no where clause; write the bound as `T: Real`");
        }
        for param in &sig.generics.params {
            match param {
                GenericParam::Lifetime(param) => {
                    self.refuse(param, "a kernel needs no lifetimes; leave it out");
                }
                GenericParam::Const(param) => {
                    self.refuse(param, "a kernel has no const parameters; take it as a number");
                }
                GenericParam::Type(param) if self.generic.is_some() => {
                    self.refuse(param, "a kernel has one type parameter; cast with `as` inside");
                }
                GenericParam::Type(param) => self.type_parameter(param, sig, parsed),
            }
        }
        if let (None, Some((all, _))) = (&self.generic, &parsed.types) {
            let message = "`for` needs a type parameter: `fn f<T: Real>(x: T) -> T`";
            self.refuse(all, message);
        }
    }

    fn type_parameter(&mut self, param: &syn::TypeParam, sig: &syn::Signature, parsed: &Parsed) {
        let name = &param.ident;
        let mut bounds = param.bounds.iter();
        let bound = match (bounds.next(), bounds.next()) {
            (Some(TypeParamBound::Trait(bound)), None) => {
                let last = bound.path.segments.last().map(|segment| segment.ident.to_string());
                match last.as_deref() {
                    Some("Real") => Some(Bound::Real),
                    Some("Int") => Some(Bound::Int),
                    Some("Num") => Some(Bound::Num),
                    _ => None,
                }
            }
            _ => None,
        };
        // The function is read on as if it were `Num`, so that `T` is known.
        let known = bound.unwrap_or(Bound::Num);
        let mut types = vec![];
        match &parsed.types {
            _ if bound.is_none() => self.refuse(
                param,
                format!("`{name}` needs one bound: `{name}: Real`, `{name}: Int` or `{name}: Num`"),
            ),
            None => self
                .refuse(param, format!("`{name}` needs its types: `#[kernel(for = [f32, f64])]`")),
            Some((all, given)) => {
                for wrong in given.iter().filter(|prim| !known.allows(**prim)) {
                    let (wrong, bound) = (wrong.name(), known.name());
                    self.refuse(all, format!("`{wrong}` is not `{bound}`, the bound of `{name}`"));
                }
                types.clone_from(given);
            }
        }
        if !sig.inputs.iter().any(|input| names(input.to_token_stream(), name)) {
            self.refuse(param, format!("no parameter has type `{name}`, so no call can choose it"));
        }
        self.generic = Some(Generic { name: name.clone(), bound: known, types });
    }

    pub(super) fn parameters(&mut self, sig: &syn::Signature) {
        if let Some(variadic) = &sig.variadic {
            self.refuse(variadic, "a kernel has a fixed number of parameters");
        }
        for input in &sig.inputs {
            match input {
                FnArg::Receiver(receiver) => {
                    self.refuse(
                        receiver,
                        "a kernel is a free function; take the numbers one by one",
                    );
                }
                FnArg::Typed(input) => {
                    for attribute in &input.attrs {
                        self.refuse(attribute, "a kernel's parameters have no attributes");
                    }
                    self.parameter(&input.pat, &input.ty);
                }
            }
        }
        if sig.inputs.is_empty() {
            self.refuse(&sig.ident, "a kernel needs a parameter: what it is computed of");
        }
    }

    fn parameter(&mut self, pat: &Pat, ty: &Type) {
        let (name, is_mut) = match pat {
            Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                (pat.ident.clone(), pat.mutability)
            }
            _ => {
                self.refuse(pat, "a kernel's parameter is a name; take patterns apart in the body");
                return self.names_of(pat);
            }
        };
        let Some(kind) = self.parameter_kind(&name, ty, is_mut.is_some()) else {
            // An undeclared name would be refused again wherever it is used.
            self.declare(&name, None, true);
            return;
        };
        if !matches!(kind, ParamKind::Value { .. }) {
            if let Some(token) = is_mut {
                self.refuse(token, format!("`{name}` itself cannot change; leave `mut` out"));
            }
            self.bind(&name, Binding::Array(self.params.len()));
        }
        self.params.push(Param { name, kind });
    }

    fn parameter_kind(&mut self, name: &Ident, ty: &Type, is_mut: bool) -> Option<ParamKind> {
        if let Some((elem, slice_mut)) = slice(ty) {
            let elem = self.number(elem)?;
            let kind = ParamKind::Slice { ty: elem, is_mut: slice_mut, dims: 1 };
            return self.allow_slice(ty).then_some(kind);
        }
        let last = match ty {
            Type::Path(path) => path.path.segments.last(),
            _ => None,
        };
        if let Some(segment) = last.filter(|last| !matches!(last.arguments, PathArguments::None)) {
            let word = segment.ident.to_string();
            let nbr = ["Nbr1", "Nbr2", "Nbr3"].iter().position(|nbr| *nbr == word);
            let view = ["View2", "ViewMut2"].iter().position(|view| *view == word);
            if nbr.is_some() || view.is_some() {
                let Some(of) = self.argument(segment) else {
                    self.refuse(ty, format!("`{word}` holds one type: `{word}<f64>`"));
                    return None;
                };
                let elem = self.number(&of)?;
                if let Some(dims) = nbr.map(|index| index + 1) {
                    let kind = ParamKind::Neighbours { ty: elem, dims, reach: vec![(0, 0); dims] };
                    return self.allow_neighbours(ty).then_some(kind);
                }
                let kind = ParamKind::Slice { ty: elem, is_mut: view == Some(1), dims: 2 };
                return self.allow_slice(ty).then_some(kind);
            }
        }
        let ty = self.number(ty)?;
        Some(ParamKind::Value { ty, var: self.declare(name, Some(ty), is_mut) })
    }

    fn allow_slice(&mut self, ty: &Type) -> bool {
        let allowed = self.formless || matches!(self.form, Form::Gufunc(_) | Form::Loop);
        if !allowed {
            let message = "slices are parameters of kernels of form `loop` or with a signature like \
                           \"(n)->(n)\"; an elementwise kernel takes one number, and is called with \
                           whole arrays";
            self.refuse(ty, message);
        }
        allowed
    }

    fn allow_neighbours(&mut self, ty: &Type) -> bool {
        let allowed = self.formless || matches!(self.form, Form::Stencil { .. });
        if !allowed {
            self.refuse(ty, "neighbourhoods are parameters of `#[kernel(stencil)]`");
        }
        allowed
    }

    pub(super) fn returns(&mut self, sig: &syn::Signature) -> (Vec<Ty>, bool) {
        let ReturnType::Type(_, ty) = &sig.output else { return (vec![], false) };
        self.notes.output = Some(extent(ty));
        match &**ty {
            Type::Tuple(tuple) if tuple.elems.is_empty() => {
                self.refuse(ty, "leave the return type out instead of `()`");
                (vec![], false)
            }
            Type::Tuple(tuple) => {
                let types = tuple.elems.iter().map(|ty| self.number(ty).unwrap_or(Ty::Unknown));
                (types.collect(), true)
            }
            Type::Never(_) => {
                self.refuse(ty, "a kernel returns");
                (vec![Ty::Unknown], false)
            }
            ty => (vec![self.number(ty).unwrap_or(Ty::Unknown)], false),
        }
    }

    /// Whether parameters and return type fit the form.
    pub(super) fn check_form(&mut self, function: &ItemFn, returns: &[Ty]) {
        if self.formless {
            return;
        }
        let sig = &function.sig;
        let form = self.form.clone();
        let must_return = !matches!(form, Form::Loop | Form::Gufunc(_));
        if must_return && matches!(sig.output, ReturnType::Default) {
            let message = "this kernel computes a value for each element, so it needs a return type \
                           like `-> f64`";
            self.refuse(&sig.ident, message);
        }
        match &form {
            Form::Elementwise | Form::Loop => {}
            Form::Reduce(ops) => self.check_reduction(sig, ops, returns),
            Form::Scan(op) => {
                let wants_order = matches!(op, ScanOp::Min | ScanOp::Max);
                if wants_order && returns.iter().any(|ty| ty.is_complex()) {
                    self.refuse(&sig.output, NO_ORDER);
                }
                if returns.len() > 1 {
                    self.refuse(&sig.output, "a scan has one output");
                }
                self.check_not_bool(sig, returns, "scan");
            }
            Form::Stencil { .. } => self.check_stencil(sig),
            Form::Gufunc(signature) => self.check_signature(sig, signature, returns),
        }
    }

    fn check_reduction(&mut self, sig: &syn::Signature, ops: &[ReduceOp], returns: &[Ty]) {
        if returns.len() != ops.len() && !returns.is_empty() {
            let (ops, outputs) = (ops.len(), returns.len());
            let message = format!(
                "`reduce` has {ops} operations and the kernel {outputs} outputs; say one each, like \
                 `reduce(sum, max)`"
            );
            self.refuse(&sig.output, message);
            return;
        }
        for (op, ty) in ops.iter().zip(returns) {
            let is_bool = *ty == Ty::Prim(Prim::Bool);
            let needs_bool = matches!(op, ReduceOp::Any | ReduceOp::All | ReduceOp::Count);
            let is_fold = matches!(op, ReduceOp::Fold { .. });
            let wants_order =
                matches!(op, ReduceOp::Min | ReduceOp::Max | ReduceOp::Argmin | ReduceOp::Argmax);
            if wants_order && ty.is_complex() {
                self.refuse(&sig.output, NO_ORDER);
            }
            if *ty != Ty::Unknown && !is_fold && is_bool != needs_bool {
                let name = format!("{op:?}").to_lowercase();
                let of = if needs_bool { "bool" } else { "numbers" };
                self.refuse(&sig.output, format!("`{name}` is a reduction of {of}"));
            }
        }
    }

    fn check_not_bool(&mut self, sig: &syn::Signature, returns: &[Ty], what: &str) {
        if returns.contains(&Ty::Prim(Prim::Bool)) {
            self.refuse(&sig.output, format!("a {what} is of numbers, not of bool"));
        }
    }

    fn check_stencil(&mut self, sig: &syn::Signature) {
        let mut found: Option<usize> = None;
        for (index, param) in self.params.iter().enumerate() {
            let ParamKind::Neighbours { dims, .. } = param.kind else { continue };
            match found {
                Some(first) if first != dims => {
                    let message = format!("all neighbourhoods of a stencil have {first} axes");
                    let input = sig.inputs.get(index).map(ToTokens::to_token_stream);
                    self.refusals.at(input.unwrap_or_default(), message);
                }
                _ => found = Some(dims),
            }
        }
        if found.is_none() && self.refusals.is_empty() {
            let message = "a stencil needs a neighbourhood: `u: Nbr1<f64>`, `Nbr2` or `Nbr3`";
            self.refuse(&sig.ident, message);
        }
    }

    fn check_signature(&mut self, sig: &syn::Signature, signature: &Signature, returns: &[Ty]) {
        if self.params.len() != sig.inputs.len() {
            return; // A parameter was refused.
        }
        let (scalars, arrays): (Vec<&Core>, Vec<&Core>) =
            signature.outputs.iter().partition(|core| core.is_empty());
        let expected: Vec<(&Core, bool)> = signature
            .inputs
            .iter()
            .map(|core| (core, false))
            .chain(arrays.iter().map(|core| (*core, true)))
            .collect();
        if expected.len() != self.params.len() {
            let (of, is) = (expected.len(), self.params.len());
            let message = format!(
                "the signature has {of} arguments with dimensions or inputs, and the function {is} \
                 parameters: inputs first, then outputs as `&mut`; an output `()` is returned"
            );
            self.refuse(&sig.inputs, message);
            return;
        }
        for (index, (core, is_output)) in expected.into_iter().enumerate() {
            let (dims, is_mut) = match &self.params[index].kind {
                ParamKind::Slice { dims, is_mut, .. } => (*dims, *is_mut),
                _ => (0, false),
            };
            if (dims, is_mut) != (core.len(), is_output) {
                let should = match (core.len(), is_output) {
                    (0, _) => "a number like `f64`",
                    (1, false) => "`&[f64]`",
                    (1, true) => "`&mut [f64]`",
                    (_, false) => "`View2<f64>`",
                    (_, true) => "`ViewMut2<f64>`",
                };
                let message = format!("after the signature this parameter should be {should}");
                self.refuse(sig.inputs.get(index), message);
            }
        }
        if returns.len() != scalars.len() {
            let (of, is) = (scalars.len(), returns.len());
            let message = format!(
                "the signature has {of} outputs `()`, which are returned, and the function returns \
                 {is}"
            );
            if is == 0 {
                self.refuse(&sig.ident, message);
            } else {
                self.refuse(&sig.output, message);
            }
        }
    }
}

/// `&[T]`, `&mut [T]`.
fn slice(ty: &Type) -> Option<(&Type, bool)> {
    let Type::Reference(reference) = ty else { return None };
    match &*reference.elem {
        Type::Slice(slice) if reference.lifetime.is_none() => {
            Some((&slice.elem, reference.mutability.is_some()))
        }
        _ => None,
    }
}

/// Whether a name is among the tokens.
fn names(tokens: proc_macro2::TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => ident == *name,
        proc_macro2::TokenTree::Group(group) => names(group.stream(), name),
        _ => false,
    })
}
