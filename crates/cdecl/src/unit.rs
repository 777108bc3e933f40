//! What was read: types, declarations and the texts that they come from.

use std::sync::Arc;

use crate::declaration::{
    Constant, Declaration, Enum, Function, Item, Record, RecordKind, Typedef, Variable,
};
use crate::error::{Error, ErrorKind};
use crate::lexer;
use crate::nearest;
use crate::parser::Parser;
use crate::symbol::{Symbol, Symbols};
use crate::target::Target;
use crate::text::{Position, Span, Text, clamp};
use crate::types::{EnumId, Float, Integer, Qualifiers, RecordId, Type, TypeKind, TypedefId};

/// How deep a type may be nested: pointers to functions of pointers to ..
const MAX_DEPTH: u16 = 256;

/// How texts are read.
///
/// # Examples
///
/// ```
/// use tenfold_cdecl::{Options, Target};
///
/// let text = "struct s { char c; int i; };";
/// let unit = Options::new().target(Target::Aarch64).pack(1).parse(text)?;
/// assert_eq!(unit.layout(unit.record("s").unwrap().ty())?.size(), 5);
/// # Ok::<(), tenfold_cdecl::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    target: Target,
    pack: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    /// For the machine that this runs on, with fields where the ABI puts them.
    #[must_use]
    pub fn new() -> Self {
        Self { target: Target::host(), pack: None }
    }

    /// For another machine.
    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.target = target;
        self
    }

    /// Fields are aligned to at most so many bytes, as `#pragma pack` and CFFI's `pack=` have it.
    #[must_use]
    pub fn pack(mut self, bytes: u64) -> Self {
        self.pack = Some(bytes);
        self
    }

    /// An empty unit, to be extended.
    #[must_use]
    pub fn unit(&self) -> Unit {
        Unit::new(self)
    }

    /// Reads a text.
    ///
    /// # Errors
    ///
    /// See [`parse`](crate::parse). [`Limit`](ErrorKind::Limit) if `pack` is no power of two, or more
    /// than 16.
    ///
    /// # Examples
    ///
    /// See [`Options`].
    pub fn parse(&self, text: &str) -> Result<Unit, Error> {
        let mut unit = self.unit();
        unit.read(text)?;
        Ok(unit)
    }
}

/// What an ordinary name stands for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Binding {
    #[default]
    Nothing,
    /// A parameter, which hides what the name stands for outside.
    Parameter,
    Function(u32),
    Variable(u32),
    Typedef(u32),
    Constant(u32),
}

/// What a tag stands for. In C it stands for one of them; CFFI has names of each kind apart.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tag {
    structure: Option<RecordId>,
    union: Option<RecordId>,
    pub(crate) enumeration: Option<EnumId>,
}

impl Tag {
    pub(crate) fn record(&self, kind: RecordKind) -> Option<RecordId> {
        match kind {
            RecordKind::Struct => self.structure,
            RecordKind::Union => self.union,
        }
    }

    pub(crate) fn record_mut(&mut self, kind: RecordKind) -> &mut Option<RecordId> {
        match kind {
            RecordKind::Struct => &mut self.structure,
            RecordKind::Union => &mut self.union,
        }
    }
}

/// Declarations, and the types in them.
///
/// # Examples
///
/// ```
/// let unit = tenfold_cdecl::parse("double pow(double x, double y); enum { BLACK, WHITE = 255 };")?;
/// let pow = unit.function("pow").unwrap();
/// assert_eq!(unit.spell(pow.ty), "double (double x, double y)");
/// assert_eq!(unit.constant("WHITE").unwrap().value(), Some(255));
/// assert_eq!(unit.nearest("powf").first(), Some(&"pow"));
/// # Ok::<(), tenfold_cdecl::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Unit {
    pub(crate) target: Target,
    pub(crate) pack: Option<u64>,
    pub(crate) texts: Vec<Arc<Text>>,
    pub(crate) symbols: Symbols,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) tags: Vec<Tag>,
    types: Vec<TypeKind>,
    depths: Vec<u16>,
    pub(crate) functions: Vec<Function>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) typedefs: Vec<Typedef>,
    pub(crate) records: Vec<Record>,
    pub(crate) enums: Vec<Enum>,
    pub(crate) constants: Vec<Constant>,
    pub(crate) items: Vec<Item>,
}

impl Unit {
    fn new(options: &Options) -> Self {
        let mut types = vec![TypeKind::Void, TypeKind::Bool];
        types.extend(Integer::ALL.map(TypeKind::Integer));
        types.extend(Float::ALL.map(TypeKind::Float));
        types.extend(Float::ALL.map(TypeKind::Complex));
        types.extend([TypeKind::VaList, TypeKind::SomeInteger, TypeKind::SomeFloat]);
        Self {
            target: options.target,
            pack: options.pack,
            texts: Vec::new(),
            symbols: Symbols::new(),
            bindings: Vec::new(),
            tags: Vec::new(),
            depths: vec![0; types.len()],
            types,
            functions: Vec::new(),
            variables: Vec::new(),
            typedefs: Vec::new(),
            records: Vec::new(),
            enums: Vec::new(),
            constants: Vec::new(),
            items: Vec::new(),
        }
    }

    /// Adds the declarations of another text, which may use those that are here. After an error the
    /// unit is as it was: it is copied first.
    ///
    /// # Errors
    ///
    /// See [`parse`](crate::parse).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut unit = tenfold_cdecl::parse("typedef struct file *file_t;")?;
    /// unit.extend("int flush(file_t);")?;
    /// assert!(unit.extend("int close(flie_t);").is_err());
    /// assert!(unit.function("flush").is_some() && unit.function("close").is_none());
    /// # Ok::<(), tenfold_cdecl::Error>(())
    /// ```
    pub fn extend(&mut self, text: &str) -> Result<(), Error> {
        let mut extended = self.clone();
        extended.read(text)?;
        *self = extended;
        Ok(())
    }

    /// Reads a type, such as `struct point *` or `int (*)(const char *)`. The unit keeps it, so keep its
    /// number too, rather than ask again.
    ///
    /// # Errors
    ///
    /// See [`parse`](crate::parse).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut unit = tenfold_cdecl::parse("struct point { double x, y; };")?;
    /// let points = unit.parse_type("struct point[10]")?;
    /// assert_eq!(unit.layout(points)?.size(), 160);
    /// # Ok::<(), tenfold_cdecl::Error>(())
    /// ```
    pub fn parse_type(&mut self, text: &str) -> Result<Type, Error> {
        // Without braces it declares nothing but tags, which harm nobody.
        if !text.contains(['{', '%']) {
            return self.with_parser(text, |parser| parser.lone_type());
        }
        let mut extended = self.clone();
        let ty = extended.with_parser(text, |parser| parser.lone_type())?;
        *self = extended;
        Ok(ty)
    }

    fn read(&mut self, text: &str) -> Result<(), Error> {
        self.with_parser(text, |parser| parser.unit())
    }

    fn with_parser<T>(
        &mut self,
        text: &str,
        run: impl FnOnce(&mut Parser<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if let Some(pack) = self.pack.filter(|pack| !pack.is_power_of_two() || *pack > 16) {
            let message =
                format!("the argument `pack` is {pack}, and must be a power of two up to 16");
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let (text, tokens) = lexer::read(text.to_owned(), &mut self.symbols, self.pack)?;
        self.bindings.resize(self.symbols.len(), Binding::Nothing);
        self.tags.resize(self.symbols.len(), Tag::default());
        let text = Arc::new(text);
        let number = clamp(self.texts.len());
        self.texts.push(Arc::clone(&text));
        let mut parser = Parser::new(self, &text, number, tokens);
        run(&mut parser)
    }

    /// The machine that it is for.
    #[must_use]
    pub fn target(&self) -> Target {
        self.target
    }

    /// Everything that is declared, in order. A record or an enumeration stands where it is mentioned
    /// first.
    pub fn declarations(&self) -> impl Iterator<Item = Declaration<'_>> {
        self.items.iter().map(|&item| match item {
            Item::Function(at) => Declaration::Function(&self.functions[at as usize]),
            Item::Variable(at) => Declaration::Variable(&self.variables[at as usize]),
            Item::Typedef(at) => Declaration::Typedef(&self.typedefs[at as usize]),
            Item::Record(at) => Declaration::Record(&self.records[at as usize]),
            Item::Enum(at) => Declaration::Enum(&self.enums[at as usize]),
            Item::Constant(at) => Declaration::Constant(&self.constants[at as usize]),
        })
    }

    fn binding(&self, name: &str) -> Binding {
        let symbol = self.symbols.find(name);
        symbol.map_or(Binding::Nothing, |symbol| self.bound(symbol))
    }

    pub(crate) fn bound(&self, symbol: Symbol) -> Binding {
        self.bindings.get(symbol.0 as usize).copied().unwrap_or_default()
    }

    pub(crate) fn tagged(&self, symbol: Symbol) -> Tag {
        self.tags.get(symbol.0 as usize).copied().unwrap_or_default()
    }

    /// The function of a name.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Function> {
        match self.binding(name) {
            Binding::Function(at) => self.functions.get(at as usize),
            _ => None,
        }
    }

    /// The variable of a name.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        match self.binding(name) {
            Binding::Variable(at) => self.variables.get(at as usize),
            _ => None,
        }
    }

    /// The type of a name.
    #[must_use]
    pub fn typedef(&self, name: &str) -> Option<&Typedef> {
        match self.binding(name) {
            Binding::Typedef(at) => self.typedefs.get(at as usize),
            _ => None,
        }
    }

    /// The constant of a name.
    #[must_use]
    pub fn constant(&self, name: &str) -> Option<&Constant> {
        match self.binding(name) {
            Binding::Constant(at) => self.constants.get(at as usize),
            _ => None,
        }
    }

    /// The structure of a tag, or else the union; `union tag` asks for the union alone.
    #[must_use]
    pub fn record(&self, tag: &str) -> Option<&Record> {
        let (words, tag) = match (tag.strip_prefix("struct "), tag.strip_prefix("union ")) {
            (Some(tag), _) => (&[RecordKind::Struct][..], tag),
            (_, Some(tag)) => (&[RecordKind::Union][..], tag),
            _ => (&[RecordKind::Struct, RecordKind::Union][..], tag),
        };
        let found = self.tagged(self.symbols.find(tag)?);
        let id = words.iter().find_map(|&kind| found.record(kind))?;
        Some(self.record_by_id(id))
    }

    /// The enumeration of a tag, which is written without the keyword.
    #[must_use]
    pub fn enumeration(&self, tag: &str) -> Option<&Enum> {
        let id = self.tagged(self.symbols.find(tag)?).enumeration?;
        Some(self.enum_by_id(id))
    }

    /// At most three names that are declared and nearly that one, the nearest first.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Vec<&str> {
        let names = self.declarations().filter_map(Declaration::name);
        nearest::names(name, names)
    }

    /// What a type is.
    #[must_use]
    pub fn kind(&self, ty: Type) -> &TypeKind {
        self.types.get(ty.id as usize).unwrap_or(&TypeKind::Void)
    }

    /// The type behind all names for it, with the qualifiers of all of them.
    #[must_use]
    pub fn resolve(&self, ty: Type) -> Type {
        let mut ty = ty;
        while let TypeKind::Typedef(id) = *self.kind(ty) {
            ty = self.typedef_by_id(id).ty.with(ty.qualifiers);
        }
        ty
    }

    /// What a type is, behind all names for it.
    #[must_use]
    pub fn resolved_kind(&self, ty: Type) -> &TypeKind {
        self.kind(self.resolve(ty))
    }

    /// The record of a number of this unit.
    ///
    /// # Panics
    ///
    /// If the number is another unit's.
    #[must_use]
    pub fn record_by_id(&self, id: RecordId) -> &Record {
        &self.records[id.0 as usize]
    }

    /// The enumeration of a number of this unit.
    ///
    /// # Panics
    ///
    /// If the number is another unit's.
    #[must_use]
    pub fn enum_by_id(&self, id: EnumId) -> &Enum {
        &self.enums[id.0 as usize]
    }

    /// The type name of a number of this unit.
    ///
    /// # Panics
    ///
    /// If the number is another unit's.
    #[must_use]
    pub fn typedef_by_id(&self, id: TypedefId) -> &Typedef {
        &self.typedefs[id.0 as usize]
    }

    /// Where a declaration stands.
    #[must_use]
    pub fn position(&self, span: Span) -> Option<Position> {
        self.texts.get(span.text as usize).map(|text| text.position(span.start))
    }

    /// The line of a declaration, and carets under it.
    #[must_use]
    pub fn caret(&self, span: Span) -> Option<String> {
        self.texts.get(span.text as usize).map(|text| text.caret(span.start, span.end))
    }

    /// An error at a place of the unit.
    pub(crate) fn error(&self, kind: ErrorKind, message: impl Into<String>, span: Span) -> Error {
        let error = Error::new(kind, message);
        match self.texts.get(span.text as usize) {
            Some(text) => error.at(text.position(span.start), text.caret(span.start, span.end)),
            None => error,
        }
    }

    /// A new type, unless it is nested too deeply.
    pub(crate) fn add(&mut self, kind: TypeKind) -> Result<Type, Error> {
        let depth = match &kind {
            TypeKind::Pointer(to) => self.depth(*to) + 1,
            TypeKind::Array { element, .. } | TypeKind::Vector { element, .. } => {
                self.depth(*element) + 1
            }
            TypeKind::Function(function) => {
                let types = function.parameters.iter().map(|parameter| self.depth(parameter.ty));
                types.max().unwrap_or(0).max(self.depth(function.result)) + 1
            }
            TypeKind::Typedef(id) => self.depth(self.typedef_by_id(*id).ty) + 1,
            _ => 0,
        };
        if depth > MAX_DEPTH {
            let message = format!("a type is nested {depth} deep, and the bound is {MAX_DEPTH}");
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let id = clamp(self.types.len());
        self.types.push(kind);
        self.depths.push(depth);
        Ok(Type::plain(id))
    }

    fn depth(&self, ty: Type) -> u16 {
        self.depths.get(ty.id as usize).copied().unwrap_or(0)
    }

    /// The number of a type that every unit has.
    pub(crate) fn basic(&self, kind: &TypeKind) -> Type {
        let found = self.types.iter().position(|other| other == kind);
        Type::plain(clamp(found.unwrap_or(0)))
    }

    /// Names what is anonymous by the first type name that it gets.
    pub(crate) fn name_anonymous(&mut self, ty: Type, name: TypedefId) {
        match *self.kind(ty) {
            TypeKind::Record(id) => {
                let record = &mut self.records[id.0 as usize];
                if record.tag.is_none() && ty.qualifiers == Qualifiers::default() {
                    record.name.get_or_insert(name);
                }
            }
            TypeKind::Enum(id) => {
                let enumeration = &mut self.enums[id.0 as usize];
                if enumeration.tag.is_none() && ty.qualifiers == Qualifiers::default() {
                    enumeration.name.get_or_insert(name);
                }
            }
            _ => {}
        }
    }

    /// A record that nothing is known of yet.
    pub(crate) fn new_record(
        &mut self,
        kind: RecordKind,
        tag: Option<Arc<str>>,
        span: Span,
    ) -> Result<RecordId, Error> {
        let id = RecordId(clamp(self.records.len()));
        let type_id = self.add(TypeKind::Record(id))?.id;
        self.records.push(Record {
            kind,
            tag,
            fields: Vec::new(),
            completeness: crate::Completeness::Incomplete,
            is_packed: false,
            pack: None,
            alignment: None,
            is_transparent: false,
            span,
            layout: None,
            id,
            type_id,
            name: None,
        });
        self.items.push(Item::Record(id.0));
        Ok(id)
    }

    /// An enumeration that nothing is known of yet.
    pub(crate) fn new_enum(&mut self, tag: Option<Arc<str>>, span: Span) -> Result<EnumId, Error> {
        let id = EnumId(clamp(self.enums.len()));
        let type_id = self.add(TypeKind::Enum(id))?.id;
        self.enums.push(Enum {
            tag,
            enumerators: Vec::new(),
            completeness: crate::Completeness::Incomplete,
            underlying: None,
            span,
            id,
            type_id,
            name: None,
        });
        self.items.push(Item::Enum(id.0));
        Ok(id)
    }
}
