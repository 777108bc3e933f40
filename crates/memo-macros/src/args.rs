//! What stands in the parentheses of `#[lru_cache(..)]` and `#[memoize(..)]`.
//!
//! A new argument is a field of [`Args`], a line in [`KEYS`] and one in `Args::set`.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, ExprLit, Ident, Lit, Path, Result, Token, parenthesized};

use crate::amount;
use crate::refusals::Refusals;
use crate::suggest::did_you_mean;

/// The arguments, each as the expression that the expansion has for it.
#[derive(Debug)]
pub(crate) struct Args {
    /// `Some(128)` or `None`.
    pub(crate) maxsize: TokenStream,
    pub(crate) typed: bool,
    pub(crate) of_thread: bool,
    pub(crate) max_bytes: Option<TokenStream>,
    pub(crate) weigh: Option<Expr>,
    pub(crate) ttl: Option<TokenStream>,
    pub(crate) s3fifo: bool,
    pub(crate) shards: Option<Expr>,
    pub(crate) single_flight: Option<bool>,
    pub(crate) patience: Option<TokenStream>,
    pub(crate) field: Option<Ident>,
    pub(crate) associated: bool,
    pub(crate) cache_err: bool,
    pub(crate) ignore: Vec<Ident>,
    pub(crate) disk: Option<Disk>,
    pub(crate) krate: Path,
}

/// The disk tier.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    pub(crate) folder: Option<Expr>,
    pub(crate) shared: Option<Expr>,
    pub(crate) version: Option<Expr>,
    pub(crate) max_bytes: Option<TokenStream>,
    pub(crate) durable: bool,
    pub(crate) depends: Vec<Path>,
}

/// One argument: `associated`, `maxsize = 128`, `ignore(a, b)`.
struct Item {
    key: Ident,
    value: Value,
    all: TokenStream,
}

enum Value {
    Nothing,
    Expr(Box<Expr>),
    List(Vec<Path>),
}

/// The arguments, what each takes, and where it may stand: (m)emo of all threads, memo of a (t)hread,
/// (f)ield.
const KEYS: &[(&str, &str, &str)] = &[
    ("maxsize", "`maxsize = 128` or `maxsize = None`", "mt"),
    ("typed", "`typed = true`", "mtf"),
    ("scope", "`scope = \"thread\"` or `scope = \"shared\"`", "mt"),
    ("max_bytes", "`max_bytes = \"64MiB\"`", "mt"),
    ("weigh", "`weigh = |value| value.len()`", "mt"),
    ("ttl", "`ttl = \"30s\"`", "mt"),
    ("policy", "`policy = \"lru\"` or `policy = \"s3fifo\"`", "m"),
    ("shards", "`shards = 16`", "m"),
    ("single_flight", "`single_flight = false`", "m"),
    ("patience", "`patience = \"1s\"`", "m"),
    ("field", "`field = cache`, a field of `self`", "f"),
    ("associated", "`associated`, with nothing behind it", "mt"),
    ("cache_err", "`cache_err = true`", "mt"),
    ("ignore", "`ignore(verbose)`", "mtf"),
    ("disk", "`disk = \"cache/\"`", "m"),
    ("shared", "`shared = \"/data/cache\"`", "m"),
    ("version", "`version = 3`", "m"),
    ("disk_bytes", "`disk_bytes = \"10GiB\"`", "m"),
    ("durable", "`durable = true`", "m"),
    ("depends", "`depends(helper)`", "m"),
    ("crate", "`crate = ::tenfold_memo`", "mtf"),
];

/// Reads the attribute's tokens. What is wrong is refused; the rest counts.
pub(crate) fn read(
    attr: TokenStream,
    default_maxsize: TokenStream,
    refusals: &mut Refusals,
) -> Args {
    let mut args = Args::new(default_maxsize);
    let (items, disk) = args.take(attr, refusals);
    args.check(&items, refusals);
    args.disk = disk.folder.is_some().then_some(disk);
    args
}

/// Reads an attribute that takes some of the arguments alone.
pub(crate) fn read_some(
    attr: TokenStream,
    allowed: &[&str],
    refusals: &mut Refusals,
) -> (Args, Disk) {
    let mut args = Args::new(quote!());
    let (items, disk) = args.take(attr, refusals);
    let is_known = |item: &&Item| KEYS.iter().any(|(name, ..)| item.key == name);
    for item in
        items.iter().filter(is_known).filter(|item| allowed.iter().all(|name| item.key != name))
    {
        let message = format!(
            "`{}` is for functions that are remembered: there are `{}` here",
            item.key,
            allowed.join("`, `")
        );
        refusals.at(&item.all, message);
    }
    (args, disk)
}

/// How an argument is written; none if there is no such argument.
fn takes(key: &Ident) -> Option<&'static str> {
    KEYS.iter().find(|(name, ..)| key == name).map(|(_, takes, _)| *takes)
}

impl Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let Ok(key) = input.call(<Ident as syn::ext::IdentExt>::parse_any) else {
            let message = "an argument is a name, as in `maxsize = 128`";
            return Err(Error::new(input.span(), message));
        };
        if input.peek(syn::token::Paren) {
            if let Some(takes) = takes(&key).filter(|takes| !takes.contains('(')) {
                return Err(Error::new_spanned(&key, format!("write {takes}")));
            }
            let inner;
            let paren = parenthesized!(inner in input);
            let list = Punctuated::<Path, Token![,]>::parse_terminated(&inner)?;
            let list: Vec<Path> = list.into_iter().collect();
            let tokens = quote!(#(#list),*);
            let mut group = Group::new(Delimiter::Parenthesis, tokens);
            group.set_span(paren.span.join());
            return Ok(Self { all: quote!(#key #group), key, value: Value::List(list) });
        }
        if !input.peek(Token![=]) {
            return Ok(Self { all: quote!(#key), key, value: Value::Nothing });
        }
        let equals: Token![=] = input.parse()?;
        if input.is_empty() || input.peek(Token![,]) {
            let takes = takes(&key).unwrap_or("a value");
            let message = format!("`{key} =` has nothing behind it: write {takes}");
            return Err(Error::new_spanned(quote!(#key #equals), message));
        }
        let value: Expr = input.parse()?;
        Ok(Self { all: quote!(#key #equals #value), key, value: Value::Expr(Box::new(value)) })
    }

    fn takes(&self) -> Error {
        let takes = takes(&self.key).unwrap_or_default();
        Error::new_spanned(&self.all, format!("write {takes}"))
    }

    fn expr(&self) -> Result<&Expr> {
        match &self.value {
            Value::Expr(expr) => Ok(expr),
            _ => Err(self.takes()),
        }
    }

    /// A whole number, or an expression that is taken as it is.
    fn number(&self) -> Result<&Expr> {
        match self.expr()? {
            number @ Expr::Lit(ExprLit { lit: Lit::Int(_), .. }) => Ok(number),
            Expr::Lit(_) | Expr::Unary(_) => Err(self.takes()),
            other => Ok(other),
        }
    }

    fn list(&self) -> Result<&[Path]> {
        match &self.value {
            Value::List(list) if !list.is_empty() => Ok(list),
            _ => Err(self.takes()),
        }
    }

    fn flag(&self) -> Result<bool> {
        match self.expr()? {
            Expr::Lit(ExprLit { lit: Lit::Bool(flag), .. }) => Ok(flag.value),
            other => {
                let (key, said) = (&self.key, said(other));
                let message = format!("`{key}` takes `true` or `false`, not `{said}`");
                Err(Error::new_spanned(other, message))
            }
        }
    }

    /// One of two words.
    fn word(&self, first: &str, second: &str) -> Result<bool> {
        match self.expr()? {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if text.value() == first => Ok(false),
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if text.value() == second => Ok(true),
            other => {
                let (key, said) = (&self.key, said(other));
                let hint = did_you_mean(said.trim_matches('"'), [first, second]);
                let message =
                    format!("`{key}` takes \"{first}\" or \"{second}\", not `{said}`{hint}");
                Err(Error::new_spanned(other, message))
            }
        }
    }

    /// An amount as text, or an expression that is taken as it is.
    fn amount(&self, read: fn(&str) -> std::result::Result<u64, String>) -> Result<Amount<'_>> {
        match self.expr()? {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => match read(&text.value()) {
                Ok(amount) => Ok(Amount::Read(amount)),
                Err(error) => Err(Error::new_spanned(text, format!("`{}` {error}", self.key))),
            },
            Expr::Lit(_) | Expr::Unary(_) => Err(self.takes()),
            other => Ok(Amount::Expr(other)),
        }
    }
}

/// What was written.
fn said(expr: &Expr) -> String {
    expr.to_token_stream().to_string()
}

enum Amount<'a> {
    Read(u64),
    Expr(&'a Expr),
}

impl Amount<'_> {
    fn bytes(&self) -> TokenStream {
        match self {
            Self::Read(bytes) => quote!(#bytes),
            Self::Expr(expr) => quote!(#expr),
        }
    }

    fn time(&self) -> TokenStream {
        match self {
            Self::Read(ns) => quote!(::core::time::Duration::from_nanos(#ns)),
            Self::Expr(expr) => quote!(#expr),
        }
    }
}

impl Args {
    fn new(maxsize: TokenStream) -> Self {
        Self {
            maxsize,
            typed: false,
            of_thread: false,
            max_bytes: None,
            weigh: None,
            ttl: None,
            s3fifo: false,
            shards: None,
            single_flight: None,
            patience: None,
            field: None,
            associated: false,
            cache_err: false,
            ignore: vec![],
            disk: None,
            krate: syn::parse_quote!(::tenfold_memo),
        }
    }

    /// Takes over what the tokens say; gives them item by item.
    fn take(&mut self, attr: TokenStream, refusals: &mut Refusals) -> (Vec<Item>, Disk) {
        let parse = |input: ParseStream<'_>| {
            Punctuated::<Item, Token![,]>::parse_terminated_with(input, Item::parse)
        };
        let items = parse.parse2(attr).unwrap_or_else(|error| {
            refusals.push(error);
            Punctuated::new()
        });
        let (mut disk, mut seen) = (Disk::default(), vec![]);
        for item in &items {
            let name = item.key.to_string();
            if seen.contains(&name) {
                refusals.at(&item.all, format!("`{name}` is said twice"));
            } else if let Err(error) = self.set(&mut disk, &name, item) {
                refusals.push(error);
            }
            seen.push(name);
        }
        (items.into_iter().collect(), disk)
    }

    fn set(&mut self, disk: &mut Disk, name: &str, item: &Item) -> Result<()> {
        match name {
            "maxsize" => self.maxsize = maxsize(item)?,
            "typed" => self.typed = item.flag()?,
            "scope" => self.of_thread = item.word("shared", "thread")?,
            "max_bytes" => self.max_bytes = Some(item.amount(amount::bytes)?.bytes()),
            "weigh" => self.weigh = Some(item.expr()?.clone()),
            "ttl" => self.ttl = Some(item.amount(amount::time)?.time()),
            "policy" => self.s3fifo = item.word("lru", "s3fifo")?,
            "shards" => match item.expr()? {
                Expr::Lit(ExprLit { lit: Lit::Int(number), .. })
                    if number.base10_parse().is_ok_and(|number: u64| number == 0) =>
                {
                    return Err(Error::new_spanned(number, "`shards` is from 1 to 1024, not 0"));
                }
                other => self.shards = Some(other.clone()),
            },
            "single_flight" => self.single_flight = Some(item.flag()?),
            "patience" => self.patience = Some(item.amount(amount::time)?.time()),
            "field" => match item.expr()? {
                Expr::Path(path) if path.path.get_ident().is_some() => {
                    self.field = path.path.get_ident().cloned();
                }
                other => {
                    let message =
                        "`field` takes the name of a field of `self`, as in `field = cache`";
                    return Err(Error::new_spanned(other, message));
                }
            },
            "associated" => match item.value {
                Value::Nothing => self.associated = true,
                _ => return Err(item.takes()),
            },
            "cache_err" => self.cache_err = item.flag()?,
            "ignore" => {
                for path in item.list()? {
                    let name = path.get_ident().cloned();
                    let message = "`ignore` takes names of parameters";
                    let name = name.ok_or_else(|| Error::new_spanned(path, message))?;
                    if self.ignore.contains(&name) {
                        return Err(Error::new_spanned(path, format!("`{name}` is said twice")));
                    }
                    self.ignore.push(name);
                }
            }
            "disk" => match item.expr()? {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if text.value().is_empty() => {
                    let message = "`disk` names no folder: write `disk = \"cache/\"`";
                    return Err(Error::new_spanned(text, message));
                }
                Expr::Lit(ExprLit { lit: Lit::Str(_), .. }) => {
                    disk.folder = Some(item.expr()?.clone());
                }
                Expr::Lit(_) | Expr::Unary(_) => return Err(item.takes()),
                other => disk.folder = Some(other.clone()),
            },
            "shared" => disk.shared = Some(item.expr()?.clone()),
            "version" => disk.version = Some(item.number()?.clone()),
            "disk_bytes" => disk.max_bytes = Some(item.amount(amount::bytes)?.bytes()),
            "durable" => disk.durable = item.flag()?,
            "depends" => disk.depends = item.list()?.to_vec(),
            "crate" => match item.expr()? {
                Expr::Path(path) => self.krate = path.path.clone(),
                other => {
                    let message =
                        "takes the path of the memo crate, as in `crate = ::tenfold_memo`";
                    return Err(Error::new_spanned(other, message));
                }
            },
            _ => {
                let hint = did_you_mean(name, KEYS.iter().map(|key| key.0));
                let all: Vec<String> = KEYS.iter().map(|key| format!("`{}`", key.0)).collect();
                let message = match hint.is_empty() {
                    true => format!("there is no argument `{name}`; there are {}", all.join(", ")),
                    false => format!("there is no argument `{name}`{hint}"),
                };
                return Err(Error::new_spanned(&item.all, message));
            }
        }
        Ok(())
    }

    /// What does not go together.
    fn check(&self, items: &[Item], refusals: &mut Refusals) {
        let (letter, kind) = match (&self.field, self.of_thread) {
            (Some(_), _) => ('f', "a memo that is a field, which is made where the field is"),
            (None, true) => ('t', "the memo of one thread"),
            (None, false) => ('m', ""),
        };
        let has = |name: &str| items.iter().any(|item| item.key == name);
        for item in items {
            let Some((name, _, places)) = KEYS.iter().find(|(name, ..)| item.key == name) else {
                continue;
            };
            if !places.contains(letter) && !kind.is_empty() {
                refusals.at(&item.all, format!("`{name}` means nothing to {kind}: leave it out"));
            }
            if *name == "patience" && self.single_flight == Some(false) {
                let message = "`patience` means nothing where nobody waits: leave it or \
                               `single_flight = false` out";
                refusals.at(&item.all, message);
            }
            let needs = match *name {
                "max_bytes" => {
                    ("weigh", "`weigh = |value| value.len()`, which says what a value has")
                }
                "weigh" => {
                    ("max_bytes", "`max_bytes = \"64MiB\"`, which is what the weights add up to")
                }
                "shared" | "version" | "disk_bytes" | "durable" | "depends" => {
                    ("disk", "`disk = \"cache/\"`, the folder that it is about")
                }
                _ => continue,
            };
            if !has(needs.0) {
                refusals.at(&item.all, format!("`{name}` needs {}", needs.1));
            }
        }
        self.check_policy(items, refusals);
    }

    /// S3-FIFO has a bound of entries, and no other.
    fn check_policy(&self, items: &[Item], refusals: &mut Refusals) {
        if !self.s3fifo {
            return;
        }
        for item in items {
            if item.key == "policy" && self.maxsize.to_string().contains("None") {
                let message =
                    "`policy = \"s3fifo\"` needs a bound: write `maxsize = 1000` beside it";
                refusals.at(&item.all, message);
            } else if ["max_bytes", "ttl"].iter().any(|name| item.key == name) {
                refusals.at(&item.all, format!("`{}` needs `policy = \"lru\"`", item.key));
            }
        }
    }
}

/// `128`, a constant, or `None` as Python has it.
fn maxsize(item: &Item) -> Result<TokenStream> {
    let expr = item.expr()?;
    match expr {
        Expr::Path(path) if path.path.is_ident("None") => {
            Ok(quote!(::core::option::Option::None::<::core::primitive::usize>))
        }
        Expr::Lit(ExprLit { lit: Lit::Int(_), .. }) | Expr::Path(_) => {
            Ok(quote!(::core::option::Option::Some::<::core::primitive::usize>(#expr)))
        }
        Expr::Unary(_) => Err(Error::new_spanned(
            expr,
            "`maxsize` is not negative: 0 keeps nothing, `None` has no bound",
        )),
        Expr::Lit(_) => Err(item.takes()),
        _ => Ok(quote!(::core::option::Option::Some::<::core::primitive::usize>(#expr))),
    }
}
