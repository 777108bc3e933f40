//! Whether a kernel's values can stand in groups: they must be elements of arrays.

use crate::directives::Form;
use crate::ir::{Kernel, ParamKind, Prim, Ty};
use crate::refusals::Refusals;

/// Refuses parameters and results that are no elements.
pub(crate) fn check(kernel: &Kernel, refusals: &mut Refusals) {
    if matches!(kernel.directives.form, Form::Loop | Form::Gufunc(_)) {
        return;
    }
    let inputs = kernel.sig.inputs.iter().zip(&kernel.params);
    for (input, param) in inputs {
        if let ParamKind::Value { ty, .. } | ParamKind::Neighbours { ty, .. } = param.kind
            && let Some(why) = why_not(ty)
            && let syn::FnArg::Typed(input) = input
        {
            refusals.at(&input.ty, why);
        }
    }
    if let Some(why) = kernel.returns.iter().find_map(|ty| why_not(*ty))
        && let syn::ReturnType::Type(_, ty) = &kernel.sig.output
    {
        refusals.at(ty, why);
    }
}

fn why_not(ty: Ty) -> Option<&'static str> {
    match ty {
        Ty::Prim(Prim::Usize | Prim::Isize) => Some(
            "no element of an array is as wide as an address, whatever that is here: use `u64`, \
             `i64` or a narrower integer",
        ),
        _ => None,
    }
}
