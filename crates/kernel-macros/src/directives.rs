//! What stands in the parentheses of `#[kernel(..)]`.
//!
//! A new directive is a field of [`Directives`], a line in [`KEYS`] and one in `Reader::read_value`.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Error, Path, Result};

use crate::ir::Prim;
use crate::refusals::Refusals;
use crate::signature::Signature;
use crate::suggest::did_you_mean;

/// All directives of a kernel; each changes one thing, for this function alone.
#[derive(Debug, Clone)]
pub(crate) struct Directives {
    pub(crate) form: Form,
    pub(crate) math: Math,
    pub(crate) order: Order,
    pub(crate) bounds: Bounds,
    /// Whether a negative index counts from the end.
    pub(crate) wraparound: bool,
    pub(crate) division: Division,
    /// Empty: all.
    pub(crate) targets: Vec<Isa>,
    pub(crate) par: bool,
    pub(crate) stores: Stores,
    /// The runtime crate.
    pub(crate) krate: Path,
}

/// What is done with the function.
#[derive(Debug, Clone)]
pub(crate) enum Form {
    Elementwise,
    /// One operation for each output.
    Reduce(Vec<ReduceOp>),
    Scan(ScanOp),
    Stencil {
        border: Border,
    },
    Gufunc(Signature),
    Loop,
}

#[derive(Debug, Clone)]
pub(crate) enum ReduceOp {
    Sum,
    Prod,
    Min,
    Max,
    Any,
    All,
    Count,
    Mean,
    Argmin,
    Argmax,
    /// A kernel of two values and what changes nothing.
    Fold {
        kernel: Path,
        identity: Box<syn::Expr>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScanOp {
    Sum,
    Prod,
    Min,
    Max,
}

/// What a stencil reads outside of the array.
#[derive(Debug, Clone)]
pub(crate) enum Border {
    /// A number, or the path of a constant.
    Const(Box<syn::Expr>),
    Reflect,
    Wrap,
    Nearest,
    /// Nothing: the output is smaller by the reach.
    Valid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Math {
    Strict,
    Contract,
    Fast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Fixed,
    Free,
    Compensated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bounds {
    Check,
    Hoist,
    Unchecked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Division {
    Error,
    Ieee,
    C,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isa {
    V4,
    V3,
    Baseline,
    Neon,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stores {
    Auto,
    Stream,
}

impl Default for Directives {
    fn default() -> Self {
        Self {
            form: Form::Elementwise,
            math: Math::Strict,
            order: Order::Fixed,
            bounds: Bounds::Check,
            wraparound: false,
            division: Division::Ieee,
            targets: vec![],
            par: false,
            stores: Stores::Auto,
            krate: syn::parse_quote!(::tenfold_kernel),
        }
    }
}

/// The directives and what other modules need of how they were written.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) directives: Directives,
    /// `for = [f32, f64]`, with its tokens.
    pub(crate) types: Option<(TokenStream, Vec<Prim>)>,
    /// `bounds = unchecked`, which only an `unsafe fn` may say.
    pub(crate) unchecked: Option<TokenStream>,
    /// The form itself was refused, so nothing can be said of what does not fit it.
    pub(crate) formless: bool,
}

const FORMS: &str = "`reduce(..)`, `scan(..)`, `stencil`, `loop`, or a signature like \"(n)->(n)\"";

/// The directives with a value, and the forms that take them: those whose letter stands behind.
/// (e)lementwise, (r)educe, (s)can, s(t)encil, (g)eneralised, (l)oop.
const KEYS: &[(&str, &str)] = &[
    ("math", "erstgl"),
    ("division", "erstgl"),
    ("target", "erstgl"),
    ("for", "erstgl"),
    ("crate", "erstgl"),
    ("par", "erstg"),
    ("stores", "et"),
    ("border", "t"),
    ("bounds", "gl"),
    ("wraparound", "gl"),
];

/// One directive: `stencil`, `scan(sum)`, `math = fast`.
struct Item {
    key: Ident,
    args: Option<Group>,
    value: Option<TokenStream>,
    all: TokenStream,
}

/// Reads the attribute's tokens. What is wrong is refused; the rest counts.
pub(crate) fn read(attr: TokenStream, refusals: &mut Refusals) -> Parsed {
    let mut reader = Reader { parsed: Parsed::default(), seen: vec![], form: None, border: None };
    for part in split(attr) {
        if let Err(error) = reader.read_part(part) {
            refusals.push(error);
        }
    }
    reader.check(refusals);
    reader.parsed
}

/// What lies between commas.
fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                // Two commas in a row leave an empty part behind, which is refused with this one.
                if parts.last().is_some_and(TokenStream::is_empty) {
                    parts.last_mut().into_iter().for_each(|part| part.extend([token.clone()]));
                }
                parts.push(TokenStream::new());
            }
            _ => parts.last_mut().into_iter().for_each(|part| part.extend([token.clone()])),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

struct Reader {
    parsed: Parsed,
    seen: Vec<Item>,
    form: Option<TokenStream>,
    border: Option<Border>,
}

impl Reader {
    fn read_part(&mut self, part: TokenStream) -> Result<()> {
        let mut tokens = part.clone().into_iter();
        let key = match tokens.next() {
            Some(TokenTree::Ident(key)) => key,
            Some(TokenTree::Literal(_)) => return self.read_signature(part),
            _ => {
                let allowed = format!("a directive is {FORMS} or `name = value`");
                return Err(Error::new_spanned(part, allowed));
            }
        };
        let item = match tokens.next() {
            None => Item { key, args: None, value: None, all: part },
            Some(TokenTree::Group(group))
                if group.delimiter() == Delimiter::Parenthesis && tokens.next().is_none() =>
            {
                Item { key, args: Some(group), value: None, all: part }
            }
            Some(TokenTree::Punct(punct)) if punct.as_char() == '=' => {
                Item { key, args: None, value: Some(tokens.collect()), all: part }
            }
            _ => {
                let message = format!("`{key}` is followed by `= value`, `(..)` or a comma");
                return Err(Error::new_spanned(part, message));
            }
        };
        let name = item.key.to_string();
        if self.seen.iter().any(|seen| seen.key == item.key) {
            return Err(Error::new_spanned(item.all, format!("`{name}` is said twice")));
        }
        let result = match (name.as_str(), &item.args, &item.value) {
            ("stencil" | "loop" | "reduce" | "scan", ..) => {
                let result = self.read_form(&name, &item);
                self.parsed.formless |= result.is_err();
                result
            }
            (_, None, Some(value)) => self.read_value(&name, &item, value),
            _ => Err(unknown(&name, &item)),
        };
        self.seen.push(item);
        result
    }

    fn set_form(&mut self, form: Form, tokens: TokenStream) -> Result<()> {
        if let Some(first) = &self.form {
            let message = format!("a kernel has one form, and this one has `{first}` already");
            return Err(Error::new_spanned(tokens, message));
        }
        self.parsed.directives.form = form;
        self.form = Some(tokens);
        Ok(())
    }

    fn read_signature(&mut self, part: TokenStream) -> Result<()> {
        let text: syn::LitStr = syn::parse2(part.clone()).map_err(|_| {
            Error::new_spanned(&part, "a signature is a string like \"(n),(m,n)->(m)\"")
        })?;
        let signature = Signature::parse(&text.value()).map_err(|message| {
            self.parsed.formless = true;
            Error::new_spanned(&part, message)
        })?;
        self.set_form(Form::Gufunc(signature), part)
    }

    fn read_form(&mut self, name: &str, item: &Item) -> Result<()> {
        let form = match (name, &item.args, &item.value) {
            ("stencil", None, None) => Form::Stencil { border: Border::Valid },
            ("loop", None, None) => Form::Loop,
            ("reduce", Some(args), None) => self.read_reduce(args)?,
            ("scan", Some(args), None) => Form::Scan(choice("scan", args.stream(), args, SCANS)?),
            ("stencil" | "loop", ..) => {
                let message = format!("`{name}` takes no arguments");
                return Err(Error::new_spanned(&item.all, message));
            }
            _ => {
                let message = format!("`{name}` needs its operation in parentheses: `{name}(sum)`");
                return Err(Error::new_spanned(&item.all, message));
            }
        };
        self.set_form(form, item.all.clone())
    }

    fn read_reduce(&mut self, args: &Group) -> Result<Form> {
        let mut ops = vec![];
        let mut fold: Option<(Path, TokenStream)> = None;
        let mut identity = None;
        for part in split(args.stream()) {
            let mut tokens = part.clone().into_iter();
            let key = tokens.next().map(|token| token.to_string()).unwrap_or_default();
            let has_value = tokens.next().is_some_and(|token| token.to_string() == "=");
            let value: TokenStream = tokens.collect();
            match (key.as_str(), has_value) {
                ("order", true) => {
                    self.parsed.directives.order = choice("order", value, &part, ORDERS)?;
                }
                ("fold", true) => {
                    let path = syn::parse2(value).map_err(|_| {
                        Error::new_spanned(&part, "`fold` is the path of a kernel of two values")
                    })?;
                    fold = Some((path, part));
                }
                ("identity", true) => identity = Some((constant("identity", value, &part)?, part)),
                _ => ops.push(choice("reduce", part.clone(), &part, REDUCTIONS)?.op()),
            }
        }
        match (fold, identity) {
            (None, None) => {}
            (Some((kernel, _)), Some((identity, _))) => {
                ops.push(ReduceOp::Fold { kernel, identity: Box::new(identity) });
            }
            (Some((_, part)), None) => {
                let message = "`fold` needs what changes nothing: `identity = 0.0`";
                return Err(Error::new_spanned(part, message));
            }
            (None, Some((_, part))) => {
                return Err(Error::new_spanned(part, "`identity` belongs to `fold = kernel`"));
            }
        }
        if ops.is_empty() {
            let allowed = names(REDUCTIONS);
            let message = format!("`reduce` needs an operation: {allowed}, or `fold = kernel`");
            return Err(Error::new_spanned(args, message));
        }
        Ok(Form::Reduce(ops))
    }

    fn read_value(&mut self, name: &str, item: &Item, value: &TokenStream) -> Result<()> {
        let directives = &mut self.parsed.directives;
        let all = &item.all;
        let value = value.clone();
        match name {
            "math" => directives.math = choice(name, value, all, MATH)?,
            "bounds" => {
                directives.bounds = choice(name, value, all, BOUNDS)?;
                if directives.bounds == Bounds::Unchecked {
                    self.parsed.unchecked = Some(all.clone());
                }
            }
            "wraparound" => directives.wraparound = choice(name, value, all, SWITCH)?,
            "division" => directives.division = choice(name, value, all, DIVISIONS)?,
            "target" => directives.targets = list(name, value, all, ISAS)?,
            "par" => directives.par = choice(name, value, all, SWITCH)?,
            "stores" => directives.stores = choice(name, value, all, STORES)?,
            "border" => self.border = Some(read_border(value, all)?),
            "for" => self.parsed.types = Some((all.clone(), list(name, value, all, TYPES)?)),
            "crate" => {
                directives.krate = syn::parse2(value).map_err(|_| {
                    Error::new_spanned(all, "`crate` is the path of the kernel crate")
                })?;
            }
            _ => return Err(unknown(name, item)),
        }
        Ok(())
    }

    /// What fits together, once all is known.
    fn check(&mut self, refusals: &mut Refusals) {
        if self.parsed.formless {
            return;
        }
        let (letter, form) = match &mut self.parsed.directives.form {
            Form::Elementwise => ('e', "an elementwise kernel"),
            Form::Reduce(_) => ('r', "a reduction"),
            Form::Scan(_) => ('s', "a scan"),
            Form::Stencil { border } => {
                if let Some(given) = self.border.take() {
                    *border = given;
                }
                ('t', "a stencil")
            }
            Form::Gufunc(_) => ('g', "a generalised kernel"),
            Form::Loop => ('l', "a loop kernel"),
        };
        for item in &self.seen {
            let entry = KEYS.iter().find(|(name, _)| item.key == name);
            if let Some((name, forms)) = entry.filter(|(_, forms)| !forms.contains(letter)) {
                let takers: Vec<&str> = forms.chars().map(form_of).collect();
                let takers = takers.join(" and ");
                refusals.at(&item.all, format!("`{name}` is for {takers}, and this is {form}"));
            }
        }
    }
}

fn form_of(letter: char) -> &'static str {
    match letter {
        'e' => "elementwise kernels",
        'r' => "reductions",
        's' => "scans",
        't' => "`stencil`",
        'g' => "kernels with a signature",
        _ => "`loop`",
    }
}

fn unknown(name: &str, item: &Item) -> Error {
    let keys = KEYS.iter().map(|(key, _)| *key);
    let message = match name {
        "order" => "`order` stands inside of `reduce(..)`: `reduce(sum, order = free)`".to_owned(),
        _ if KEYS.iter().any(|(key, _)| *key == name) => {
            format!("`{name}` needs a value: `{name} = ..`")
        }
        _ => {
            let all = keys.clone().chain(["reduce", "scan", "stencil", "loop"]);
            let near = did_you_mean(name, all);
            let keys: Vec<&str> = keys.collect();
            let keys = keys.join("`, `");
            format!("no directive is called `{name}`{near}; there are {FORMS}, and `{keys}`")
        }
    };
    Error::new_spanned(&item.all, message)
}

type Choices<T> = &'static [(&'static str, T)];

/// An operation of `reduce` by its name; `fold` has operands and is read by itself.
#[derive(Debug, Clone, Copy)]
enum Named {
    Sum,
    Prod,
    Min,
    Max,
    Any,
    All,
    Count,
    Mean,
    Argmin,
    Argmax,
}

impl Named {
    fn op(self) -> ReduceOp {
        match self {
            Self::Sum => ReduceOp::Sum,
            Self::Prod => ReduceOp::Prod,
            Self::Min => ReduceOp::Min,
            Self::Max => ReduceOp::Max,
            Self::Any => ReduceOp::Any,
            Self::All => ReduceOp::All,
            Self::Count => ReduceOp::Count,
            Self::Mean => ReduceOp::Mean,
            Self::Argmin => ReduceOp::Argmin,
            Self::Argmax => ReduceOp::Argmax,
        }
    }
}

const REDUCTIONS: Choices<Named> = &[
    ("sum", Named::Sum),
    ("prod", Named::Prod),
    ("min", Named::Min),
    ("max", Named::Max),
    ("any", Named::Any),
    ("all", Named::All),
    ("count", Named::Count),
    ("mean", Named::Mean),
    ("argmin", Named::Argmin),
    ("argmax", Named::Argmax),
];
const SCANS: Choices<ScanOp> =
    &[("sum", ScanOp::Sum), ("prod", ScanOp::Prod), ("min", ScanOp::Min), ("max", ScanOp::Max)];
const ORDERS: Choices<Order> =
    &[("fixed", Order::Fixed), ("free", Order::Free), ("compensated", Order::Compensated)];
const MATH: Choices<Math> =
    &[("strict", Math::Strict), ("contract", Math::Contract), ("fast", Math::Fast)];
const BOUNDS: Choices<Bounds> =
    &[("check", Bounds::Check), ("hoist", Bounds::Hoist), ("unchecked", Bounds::Unchecked)];
const DIVISIONS: Choices<Division> =
    &[("error", Division::Error), ("ieee", Division::Ieee), ("c", Division::C)];
const SWITCH: Choices<bool> = &[("on", true), ("off", false)];
const STORES: Choices<Stores> = &[("auto", Stores::Auto), ("stream", Stores::Stream)];
const ISAS: Choices<Isa> =
    &[("v4", Isa::V4), ("v3", Isa::V3), ("baseline", Isa::Baseline), ("neon", Isa::Neon)];
const TYPES: Choices<Prim> = &[
    ("f32", Prim::F32),
    ("f64", Prim::F64),
    ("i8", Prim::I8),
    ("i16", Prim::I16),
    ("i32", Prim::I32),
    ("i64", Prim::I64),
    ("u8", Prim::U8),
    ("u16", Prim::U16),
    ("u32", Prim::U32),
    ("u64", Prim::U64),
];

fn names<T>(choices: Choices<T>) -> String {
    let names: Vec<String> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
    names.join(", ")
}

/// One word of a list.
fn choice<T: Copy>(
    name: &str,
    value: TokenStream,
    all: &impl ToTokens,
    choices: Choices<T>,
) -> Result<T> {
    let word = value.to_string();
    if let Some((_, found)) = choices.iter().find(|(choice, _)| *choice == word) {
        return Ok(*found);
    }
    let allowed = names(choices);
    if word.is_empty() {
        return Err(Error::new_spanned(all, format!("`{name}` needs one of {allowed}")));
    }
    let near = did_you_mean(&word, choices.iter().map(|(choice, _)| *choice));
    let message = format!("`{word}` is no value of `{name}`{near}; it takes {allowed}");
    Err(Error::new_spanned(value, message))
}

/// Words in brackets.
fn list<T: Copy + PartialEq>(
    name: &str,
    value: TokenStream,
    all: &TokenStream,
    choices: Choices<T>,
) -> Result<Vec<T>> {
    let group = match syn::parse2::<TokenTree>(value) {
        Ok(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => group,
        _ => {
            let allowed = names(choices);
            let message = format!("`{name}` is a list in brackets, of {allowed}");
            return Err(Error::new_spanned(all, message));
        }
    };
    let mut found = vec![];
    for part in split(group.stream()) {
        let item = choice(name, part.clone(), all, choices)?;
        if found.contains(&item) {
            return Err(Error::new_spanned(&part, format!("`{part}` is in the list twice")));
        }
        found.push(item);
    }
    if found.is_empty() {
        let allowed = names(choices);
        return Err(Error::new_spanned(group, format!("`{name}` needs at least one of {allowed}")));
    }
    Ok(found)
}

fn read_border(value: TokenStream, all: &TokenStream) -> Result<Border> {
    let mut tokens = value.clone().into_iter();
    let word = tokens.next().map(|token| token.to_string()).unwrap_or_default();
    let args = tokens.next();
    match (word.as_str(), &args) {
        ("reflect", None) => return Ok(Border::Reflect),
        ("wrap", None) => return Ok(Border::Wrap),
        ("nearest", None) => return Ok(Border::Nearest),
        ("valid", None) => return Ok(Border::Valid),
        ("const", Some(TokenTree::Group(group))) if tokens.next().is_none() => {
            let value = constant("border", group.stream(), group)?;
            return Ok(Border::Const(Box::new(value)));
        }
        _ => {}
    }
    let near = did_you_mean(&word, ["reflect", "wrap", "nearest", "valid", "const"]);
    let message = format!(
        "no border is called `{value}`{near}; it takes `const(0.0)`, `reflect`, `wrap`, `nearest`, `valid`"
    );
    Err(if value.is_empty() {
        Error::new_spanned(all, message)
    } else {
        Error::new_spanned(value, message)
    })
}

/// A literal, also a negative one, or the path of a constant.
fn constant(name: &str, value: TokenStream, all: &impl ToTokens) -> Result<syn::Expr> {
    let message = format!("`{name}` takes a number like `0.0` or the path of a constant");
    let Ok(expr) = syn::parse2::<syn::Expr>(value) else {
        return Err(Error::new_spanned(all, message));
    };
    let inner = match &expr {
        syn::Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => &unary.expr,
        _ => &expr,
    };
    let is_constant = match inner {
        syn::Expr::Lit(lit) => {
            matches!(lit.lit, syn::Lit::Int(_) | syn::Lit::Float(_) | syn::Lit::Bool(_))
        }
        syn::Expr::Path(path) => path.qself.is_none(),
        _ => false,
    };
    if is_constant { Ok(expr) } else { Err(Error::new_spanned(expr, message)) }
}
