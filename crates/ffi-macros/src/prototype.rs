//! The prototype in C, with the documentation: what is kept in the library.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use crate::function::Function;

/// A comment, whose last line has the types of Rust, and the prototype.
pub(crate) fn of(function: &Function<'_>) -> String {
    let mut lines = docs(&function.item.attrs);
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(signature(function));
    let comment: String =
        lines.iter().map(|line| format!(" * {line}").trim_end().to_owned() + "\n").collect();
    format!("/**\n{comment} */\nint32_t {}({});\n", function.name, parameters(function))
}

/// `axpy(a: f64, x: &[f64]) -> f64`, which is what the Python package goes by.
fn signature(function: &Function<'_>) -> String {
    let parameters = function.parameters.iter();
    let parameters: Vec<String> = parameters
        .map(|parameter| format!("{}: {}", parameter.name, parameter.kind.rust()))
        .collect();
    format!("{}({}){}", function.name, parameters.join(", "), function.outcome.value.rust())
}

fn parameters(function: &Function<'_>) -> String {
    let variables =
        function.parameters.iter().flat_map(|parameter| parameter.variables(&function.private));
    let mut list: Vec<String> = variables.map(|(name, _, c)| format!("{c}{name}")).collect();
    let places = function.outcome.value.places().into_iter();
    list.extend(places.map(|(name, number, _)| format!("{} *{name}", number.c)));
    if list.is_empty() { "void".to_owned() } else { list.join(", ") }
}

/// The lines of the documentation, as a comment of C can have them: no ends, no beginnings, and no trigraph
/// for a line that goes on.
fn docs(attrs: &[Attribute]) -> Vec<String> {
    let texts = attrs.iter().filter(|attr| attr.path().is_ident("doc")).filter_map(|attr| {
        match &attr.meta {
            Meta::NameValue(pair) => match &pair.value {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
                _ => None,
            },
            _ => None,
        }
    });
    let text: Vec<String> = texts.collect();
    let text = text
        .join("\n")
        .replace("*/", "* /")
        .replace("/*", "/ *")
        .replace("??/", "?? /")
        .replace('\0', "");
    // One blank stands between `///` and the text.
    let lines =
        text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned());
    let mut lines: Vec<String> = lines.collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

#[cfg(test)]
mod tests {
    use syn::{ItemFn, parse_quote};

    use super::of;
    use crate::args;
    use crate::function::Function;
    use crate::refusals::Refusals;

    fn prototype(item: &ItemFn) -> String {
        let mut refusals = Refusals::default();
        let args = args::read(quote::quote!(c), &mut refusals);
        let text = of(&Function::read(item, &args, &mut refusals));
        assert!(refusals.is_empty(), "{:?}", refusals.into_error());
        text
    }

    #[test]
    fn types_of_rust_become_those_of_c() {
        let text = prototype(&parse_quote! {
            /// Adds.  */ /*
            ///
            /// More.
            fn f(a: f64, x: &[f32], y: &mut [Complex<f64>], on: bool, z: Complex64, s: &str,
                m: nd::ArrayView2<'_, i8>, n: ArrayViewMutD<u64>) -> Result<(u8, f64), E> {}
        });
        assert_eq!(
            text,
            "/**\n * Adds.  * / / *\n *\n * More.\n *\n * f(a: f64, x: &[f32], y: &mut [Complex<f64>], \
             on: bool, z: Complex<f64>, s: &str, m: ArrayView2<i8>, n: ArrayViewMutD<u64>) -> (u8, f64)\n \
             */\nint32_t f(double a, const float *x, size_t x_len, tenfold_complex128 *y, size_t y_len, \
             bool on, const tenfold_complex128 *z, const char *s, const int8_t *m, const size_t *m_shape, \
             const ptrdiff_t *m_strides, uint64_t *n, size_t n_ndim, const size_t *n_shape, \
             const ptrdiff_t *n_strides, uint8_t *result0, double *result1);\n"
        );
        let text = prototype(&parse_quote!(
            fn g() {}
        ));
        assert_eq!(text, "/**\n * g()\n */\nint32_t g(void);\n");
        let text = prototype(&parse_quote!(
            fn g() -> [f64; 3] {}
        ));
        assert_eq!(text, "/**\n * g() -> [f64; 3]\n */\nint32_t g(double *result);\n");
    }
}
