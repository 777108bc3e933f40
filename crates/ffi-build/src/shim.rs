//! Small functions of C around what Rust cannot call or reach: macros, functions that a header defines, numbers
//! that Rust has no type for, variables that are macros or belong to a thread.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tenfold_cdecl::{Declaration, Function, FunctionType, TypeKind, Variable};

use crate::catalog::Catalog;
use crate::cdef::Cdef;
use crate::error::Fault;
use crate::facts::Facts;
use crate::probe::Macros;
use crate::text::Lines;

/// How a function is reached in C.
#[derive(Debug, Clone)]
pub(crate) struct Shim {
    /// The name in the library that is compiled here.
    pub(crate) symbol: String,
    /// Whether the first parameter is where the result goes.
    pub(crate) result_by_pointer: bool,
    /// Which parameters are passed by their address.
    pub(crate) by_pointer: Vec<bool>,
}

/// All shims of a library.
#[derive(Debug, Default)]
pub(crate) struct Shims {
    pub(crate) functions: BTreeMap<String, Shim>,
    /// Names of functions that give the address of a variable, or the value of a constant one.
    pub(crate) variables: BTreeMap<String, String>,
}

/// The type of a function, behind names for it.
pub(crate) fn function_type<'a>(
    catalog: &Catalog<'a>,
    function: &Function,
) -> Option<&'a FunctionType> {
    match catalog.unit.resolved_kind(function.ty) {
        TypeKind::Function(ty) => Some(ty),
        _ => None,
    }
}

/// Whether a variable is read by value: CFFI's `static const double X;`, which may be any expression.
pub(crate) fn is_value(variable: &Variable) -> bool {
    variable.is_static
}

/// Whether a variable is reached through a function of C: it is not a symbol that Rust can name.
pub(crate) fn is_wrapped(variable: &Variable, macros: &Macros) -> bool {
    macros.aliases.contains(&*variable.name) || variable.is_static || variable.is_thread_local
}

impl Shims {
    /// Writes the shims that a library needs.
    pub(crate) fn write(
        lines: &mut Lines,
        cdef: &Cdef,
        catalog: &Catalog<'_>,
        macros: &Macros,
        facts: &Facts,
        prefix: &str,
    ) -> Result<Self, Vec<Fault>> {
        let (mut shims, mut faults) = (Self::default(), Vec::new());
        for declaration in catalog.unit.declarations() {
            match declaration {
                Declaration::Function(function) => {
                    let Some(ty) = function_type(catalog, function) else { continue };
                    match shim(catalog, function, ty, macros, facts, prefix) {
                        Some(_) if ty.is_variadic => {
                            let message = format!(
                                "`{}` is variadic, and no function of the library: it cannot be wrapped",
                                function.name
                            );
                            faults.push(Fault::new(message).at(cdef.place(function.span)));
                        }
                        Some(shim) => {
                            let is_macro = macros.only.contains(&*function.name);
                            let text = text(catalog, function, ty, &shim, is_macro);
                            lines.check(function.span, &*function.name, &text);
                            shims.functions.insert((*function.name).to_owned(), shim);
                        }
                        None => {}
                    }
                }
                Declaration::Variable(variable) if is_wrapped(variable, macros) => {
                    let symbol = format!("{prefix}_{}", variable.name);
                    let text = variable_text(catalog, variable, &symbol);
                    lines.check(variable.span, &*variable.name, &text);
                    shims.variables.insert((*variable.name).to_owned(), symbol);
                }
                _ => {}
            }
        }
        if faults.is_empty() { Ok(shims) } else { Err(faults) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.functions.is_empty() && self.variables.is_empty()
    }
}

fn shim(
    catalog: &Catalog<'_>,
    function: &Function,
    ty: &FunctionType,
    macros: &Macros,
    facts: &Facts,
    prefix: &str,
) -> Option<Shim> {
    let name = &*function.name;
    let result_by_pointer = catalog.needs_pointer(ty.result);
    let by_pointer: Vec<bool> =
        ty.parameters.iter().map(|parameter| catalog.needs_pointer(parameter.ty)).collect();
    let is_needed = macros.only.contains(name)
        || facts.inline.contains(name)
        || result_by_pointer
        || by_pointer.contains(&true);
    is_needed.then(|| Shim { symbol: format!("{prefix}_{name}"), result_by_pointer, by_pointer })
}

/// A statement in which a number that changes when it is converted is an error.
fn exactly(statement: &str) -> String {
    let error = |name: &str| format!("_Pragma(\"GCC diagnostic error \\\"-W{name}\\\"\")");
    let errors = ["conversion", "sign-conversion", "overflow"].map(error).join(" ");
    format!("_Pragma(\"GCC diagnostic push\") {errors} {statement} _Pragma(\"GCC diagnostic pop\")")
}

fn text(
    catalog: &Catalog<'_>,
    function: &Function,
    ty: &FunctionType,
    shim: &Shim,
    is_macro: bool,
) -> String {
    let unit = catalog.unit;
    let mut parameters = Vec::new();
    if shim.result_by_pointer {
        parameters.push(unit.declare(ty.result.unqualified(), "*tf_result"));
    }
    let mut arguments = Vec::new();
    for (at, parameter) in ty.parameters.iter().enumerate() {
        let mark = if shim.by_pointer[at] { "*" } else { "" };
        parameters.push(unit.declare(parameter.ty.unqualified(), &format!("{mark}tf_{at}")));
        arguments.push(format!("{mark}tf_{at}"));
    }
    let parameters =
        if parameters.is_empty() { String::from("void") } else { parameters.join(", ") };
    let call = format!("{}({})", function.name, arguments.join(", "));
    let is_void = matches!(unit.resolved_kind(ty.result), TypeKind::Void);
    let (head, body) = if shim.result_by_pointer {
        (format!("void {}({parameters})", shim.symbol), format!("*tf_result = {call};"))
    } else {
        // The type of a macro is that of what it stands for.
        let is_number =
            matches!(unit.resolved_kind(ty.result), TypeKind::Integer(_) | TypeKind::Float(_));
        let body = if is_void {
            format!("{call};")
        } else if is_macro && is_number {
            format!("__auto_type tf_value = {call}; {}", exactly("return tf_value;"))
        } else {
            format!("return {call};")
        };
        (unit.declare(ty.result.unqualified(), &format!("{}({parameters})", shim.symbol)), body)
    };
    format!("{head}; {head} {{ {body} }}")
}

fn variable_text(catalog: &Catalog<'_>, variable: &Variable, symbol: &str) -> String {
    let (unit, name) = (catalog.unit, &variable.name);
    let mut text = String::new();
    if is_value(variable) {
        let head = unit.declare(variable.ty.unqualified(), &format!("{symbol}(void)"));
        let _ = write!(text, "{head}; {head} {{ {} }}", exactly(&format!("return {name};")));
    } else {
        let head = unit.declare(variable.ty, &format!("(*{symbol}(void))"));
        let _ = write!(text, "{head}; {head} {{ return &{name}; }}");
    }
    text
}
