//! Declaration specifiers: storage, qualifiers, and the type that declarators begin with.

use crate::declaration::RecordKind;
use crate::error::{Error, ErrorKind};
use crate::keyword::Keyword;
use crate::nearest;
use crate::predefined::{self, Predefined};
use crate::symbol::Symbol;
use crate::text::{Span, clamp};
use crate::token::{Kind, Mark, Token};
use crate::types::{Convention, Float, Integer, Qualifiers, Type, TypeKind, TypedefId};
use crate::unit::{Binding, Tag};

use super::Parser;
use super::attribute::Attributes;

/// Where specifiers stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    File,
    Parameter,
    Field,
    TypeName,
}

/// What storage they give.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Storage {
    pub(super) is_typedef: bool,
    pub(super) is_static: bool,
    pub(super) is_inline: bool,
    pub(super) is_thread_local: bool,
}

/// Specifiers.
#[derive(Debug)]
pub(super) struct Specifiers {
    pub(super) ty: Type,
    pub(super) storage: Storage,
    pub(super) attributes: Attributes,
    /// Whether they mention a structure, a union or an enumeration: they may stand alone.
    pub(super) is_tagged: bool,
    /// Whether they define a record: without a tag and a declarator it is an anonymous member.
    pub(super) defines_record: bool,
    pub(super) span: Span,
}

/// The words of an arithmetic type, counted.
#[derive(Debug, Default)]
struct Words {
    char: u32,
    short: u32,
    int: u32,
    long: u32,
    signed: u32,
    unsigned: u32,
    float: u32,
    double: u32,
    complex: u32,
    int128: u32,
    exact: Option<Float>,
    /// How many in all.
    count: u32,
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    ty: Option<Type>,
    words: Words,
    qualifiers: Qualifiers,
    storage: Storage,
    attributes: Attributes,
    is_tagged: bool,
    defines_record: bool,
    has_storage: bool,
}

impl Parser<'_> {
    pub(super) fn specifiers(&mut self, place: Place) -> Result<Specifiers, Error> {
        let first = self.peek();
        let mut reading = Reading::default();
        while self.specifier(place, &mut reading)? {}
        if self.is(Mark::Ellipsis) && reading.storage.is_typedef {
            self.dots(&mut reading)?;
            while self.specifier(place, &mut reading)? {}
        }
        let span = self.since(first);
        let ty = match reading.ty {
            Some(_) if reading.words.count > 0 => {
                let message = "a type name and words of another type make no type";
                return Err(self.error(ErrorKind::InvalidType, message, span));
            }
            Some(ty) => ty,
            None if reading.words.count > 0 => self.arithmetic(&reading.words, span)?,
            None => return Err(self.no_type()),
        };
        if reading.qualifiers.is_restrict()
            && !matches!(self.unit.resolved_kind(ty), TypeKind::Pointer(_) | TypeKind::Opaque)
        {
            let message =
                format!("`{}` is no pointer that could be `restrict`", self.unit.shown(ty));
            return Err(self.error(ErrorKind::InvalidType, message, span));
        }
        Ok(Specifiers {
            ty: ty.with(reading.qualifiers),
            storage: reading.storage,
            attributes: reading.attributes,
            is_tagged: reading.is_tagged,
            defines_record: reading.defines_record,
            span,
        })
    }

    /// Reads one; whether there was one.
    fn specifier(&mut self, place: Place, reading: &mut Reading) -> Result<bool, Error> {
        let token = self.peek();
        if self.is_attribute() {
            self.attributes(&mut reading.attributes)?;
            return Ok(true);
        }
        let Kind::Keyword(keyword) = token.kind else {
            let has_type = reading.ty.is_some() || reading.words.count > 0;
            if token.kind != Kind::Name || has_type {
                return Ok(false);
            }
            reading.ty = self.named_type(token)?;
            self.at += usize::from(reading.ty.is_some());
            return Ok(reading.ty.is_some());
        };
        if self.storage(keyword, place, reading)? || self.qualifier(keyword, reading)? {
            return Ok(true);
        }
        if reading.words.take(keyword) {
            self.at += 1;
            return Ok(true);
        }
        self.whole_type(keyword, reading)
    }

    fn storage(
        &mut self,
        keyword: Keyword,
        place: Place,
        reading: &mut Reading,
    ) -> Result<bool, Error> {
        let storage = &mut reading.storage;
        match keyword {
            Keyword::Typedef => storage.is_typedef = true,
            Keyword::Static => storage.is_static = true,
            Keyword::Extern | Keyword::Auto | Keyword::Register => {}
            Keyword::Inline => storage.is_inline = true,
            Keyword::ThreadLocal => storage.is_thread_local = true,
            Keyword::Noreturn => reading.attributes.is_noreturn = true,
            Keyword::Stdcall => {
                reading.attributes.convention = Some(Convention::Stdcall);
                self.at += 1;
                return Ok(true);
            }
            Keyword::Cdecl | Keyword::Extension => {
                self.at += 1;
                return Ok(true);
            }
            _ => return Ok(false),
        }
        let is_class =
            !matches!(keyword, Keyword::Inline | Keyword::ThreadLocal | Keyword::Noreturn);
        let allowed =
            place == Place::File || (place == Place::Parameter && keyword == Keyword::Register);
        let word = self.spelled(self.peek());
        if !allowed {
            let message = format!("`{word}` cannot stand here");
            return Err(self.error(ErrorKind::Syntax, message, self.here()));
        }
        if is_class && std::mem::replace(&mut reading.has_storage, true) {
            let message = format!("`{word}` is a second storage class");
            return Err(self.error(ErrorKind::Syntax, message, self.here()));
        }
        self.at += 1;
        Ok(true)
    }

    /// The qualifier of a keyword.
    pub(super) fn qualifier_of(keyword: Keyword) -> Option<Qualifiers> {
        match keyword {
            Keyword::Const => Some(Qualifiers::CONST),
            Keyword::Volatile => Some(Qualifiers::VOLATILE),
            Keyword::Restrict => Some(Qualifiers::RESTRICT),
            Keyword::Atomic => Some(Qualifiers::ATOMIC),
            _ => None,
        }
    }

    fn qualifier(&mut self, keyword: Keyword, reading: &mut Reading) -> Result<bool, Error> {
        let Some(qualifier) = Self::qualifier_of(keyword) else { return Ok(false) };
        let first = self.next();
        if qualifier == Qualifiers::ATOMIC && self.take(Mark::OpenParenthesis) {
            let ty = self.nested(Self::type_name)?;
            self.expect(Mark::CloseParenthesis, "`)`")?;
            self.set_type(reading, ty, first)?;
        }
        reading.qualifiers = Qualifiers(reading.qualifiers.0 | qualifier.0);
        Ok(true)
    }

    fn set_type(&self, reading: &mut Reading, ty: Type, first: Token) -> Result<(), Error> {
        if reading.ty.is_some() || reading.words.count > 0 {
            let message = "a second type, where one is complete";
            return Err(self.error(ErrorKind::InvalidType, message, self.span(first)));
        }
        reading.ty = Some(ty);
        Ok(())
    }

    /// Types that are no words of an arithmetic one.
    fn whole_type(&mut self, keyword: Keyword, reading: &mut Reading) -> Result<bool, Error> {
        let first = self.peek();
        let ty = match keyword {
            Keyword::Void => self.unit.basic(&TypeKind::Void),
            Keyword::Bool => self.unit.basic(&TypeKind::Bool),
            Keyword::VaList => self.unit.basic(&TypeKind::VaList),
            Keyword::Struct | Keyword::Union => {
                let kind = match keyword {
                    Keyword::Struct => RecordKind::Struct,
                    _ => RecordKind::Union,
                };
                let (ty, defines) = self.nested(|parser| parser.record(kind))?;
                reading.is_tagged = true;
                reading.defines_record = defines;
                self.set_type(reading, ty, first)?;
                return Ok(true);
            }
            Keyword::Enum => {
                let ty = self.nested(Self::enumeration)?;
                reading.is_tagged = true;
                self.set_type(reading, ty, first)?;
                return Ok(true);
            }
            Keyword::Typeof => {
                self.at += 1;
                let ty = self.nested(Self::type_of)?;
                self.set_type(reading, ty, first)?;
                return Ok(true);
            }
            Keyword::Alignas => {
                self.at += 1;
                self.nested(|parser| parser.alignas(&mut reading.attributes))?;
                return Ok(true);
            }
            _ => return Ok(false),
        };
        self.set_type(reading, ty, first)?;
        self.at += 1;
        Ok(true)
    }

    /// `typeof(type)`, or of a name that is declared, or of a constant.
    fn type_of(&mut self) -> Result<Type, Error> {
        self.expect(Mark::OpenParenthesis, "`(`")?;
        let first = self.peek();
        let ty = if self.starts_type(0) {
            self.type_name()?
        } else if let Some(ty) = self.declared_type() {
            self.at += 1;
            ty
        } else {
            let (_, ty) = self.constant()?;
            self.unit.basic(&TypeKind::Integer(ty))
        };
        if !self.is(Mark::CloseParenthesis) {
            let message = "`typeof` takes a type, a name or a constant, and no other expression";
            return Err(self.error(ErrorKind::Unsupported, message, self.span(first)));
        }
        self.at += 1;
        Ok(ty)
    }

    /// The type of the function or variable that is named here.
    pub(super) fn declared_type(&self) -> Option<Type> {
        let token = self.peek();
        match self.unit.bound(token.symbol) {
            _ if token.kind != Kind::Name => None,
            Binding::Function(at) => Some(self.unit.functions[at as usize].ty),
            Binding::Variable(at) => Some(self.unit.variables[at as usize].ty),
            _ => None,
        }
    }

    /// CFFI's dots behind `typedef`, or behind the words of an arithmetic type.
    fn dots(&mut self, reading: &mut Reading) -> Result<(), Error> {
        let token = self.next();
        let words = &reading.words;
        let kind = if reading.ty.is_some() {
            let message = "`...` stands behind `typedef` or the words of an arithmetic type";
            return Err(self.error(ErrorKind::Syntax, message, self.span(token)));
        } else if words.count == 0 {
            TypeKind::Opaque
        } else if words.float + words.double == words.count {
            TypeKind::SomeFloat
        } else if words.float + words.double + words.complex + words.int128 == 0
            && words.exact.is_none()
        {
            TypeKind::SomeInteger
        } else {
            let message = "`...` completes integers, `float` and `double`, and no other type";
            return Err(self.error(ErrorKind::Unsupported, message, self.span(token)));
        };
        reading.words = Words::default();
        // Each `typedef ... t` is a type of its own.
        reading.ty = Some(match kind {
            TypeKind::Opaque => self.add(kind, self.span(token))?,
            kind => self.unit.basic(&kind),
        });
        Ok(())
    }

    /// The type that a name stands for, if it does.
    fn named_type(&mut self, token: Token) -> Result<Option<Type>, Error> {
        match self.unit.bound(token.symbol) {
            Binding::Typedef(at) => Ok(Some(self.unit.typedefs[at as usize].named())),
            Binding::Nothing => match predefined::find(self.spelled(token), self.unit.target) {
                Some(known) => self.predefine(token, known).map(Some),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// Declares a name that everybody knows.
    fn predefine(&mut self, token: Token, known: Predefined) -> Result<Type, Error> {
        let ty = match known {
            Predefined::Kind(kind) => self.unit.basic(&kind),
            Predefined::Struct(tag) => self.known_struct(tag, self.span(token))?,
        };
        let name = self.name(token.symbol);
        self.new_typedef(token.symbol, name, ty, None, None)
    }

    fn known_struct(&mut self, tag: &str, span: Span) -> Result<Type, Error> {
        let symbol = self.unit.symbols.intern(tag);
        let count = self.unit.symbols.len();
        self.unit.bindings.resize(count, Binding::Nothing);
        self.unit.tags.resize(count, Tag::default());
        let id = self.tagged_record(RecordKind::Struct, symbol, span)?;
        Ok(self.unit.record_by_id(id).ty())
    }

    /// Adds a type name, whether or not there was one before.
    pub(super) fn new_typedef(
        &mut self,
        symbol: Symbol,
        name: std::sync::Arc<str>,
        ty: Type,
        alignment: Option<u64>,
        span: Option<Span>,
    ) -> Result<Type, Error> {
        let number = clamp(self.unit.typedefs.len());
        let id = TypedefId(number);
        self.unit.typedefs.push(crate::Typedef { name, ty, alignment, span, id, type_id: 0 });
        let named = match span {
            Some(span) => self.add(TypeKind::Typedef(id), span)?,
            None => self.unit.add(TypeKind::Typedef(id))?,
        };
        self.unit.typedefs[number as usize].type_id = named.id;
        self.bind(symbol, Binding::Typedef(number));
        Ok(named)
    }

    /// Whether a type begins at a token ahead.
    pub(super) fn starts_type(&self, ahead: usize) -> bool {
        let token = self.ahead(ahead);
        match token.kind {
            Kind::Name => match self.unit.bound(token.symbol) {
                Binding::Typedef(_) => true,
                Binding::Nothing => {
                    predefined::find(self.spelled(token), self.unit.target).is_some()
                }
                _ => false,
            },
            Kind::Keyword(
                Keyword::Void
                | Keyword::Bool
                | Keyword::VaList
                | Keyword::Struct
                | Keyword::Union
                | Keyword::Enum
                | Keyword::Typeof
                | Keyword::Typedef
                | Keyword::Extern
                | Keyword::Static
                | Keyword::Register
                | Keyword::Inline
                | Keyword::Extension,
            ) => true,
            Kind::Keyword(keyword) => {
                Self::qualifier_of(keyword).is_some() || Words::default().take(keyword)
            }
            _ => false,
        }
    }

    /// Why no type begins here.
    fn no_type(&self) -> Error {
        let token = self.peek();
        if token.kind != Kind::Name || self.tentative > 0 {
            return self.expected("a type");
        }
        let name = self.spelled(token);
        let names = self.unit.typedefs.iter().map(|typedef| &*typedef.name);
        let near = nearest::question(name, names);
        let message = format!("unknown type name `{name}`{near}");
        self.error(ErrorKind::UnknownType, message, self.span(token))
    }

    fn arithmetic(&self, words: &Words, span: Span) -> Result<Type, Error> {
        match words.kind() {
            Some(kind) => Ok(self.unit.basic(&kind)),
            None => {
                let message = "these words make no type of C";
                Err(self.error(ErrorKind::InvalidType, message, span))
            }
        }
    }
}

impl Words {
    /// Counts a word; whether it is one.
    fn take(&mut self, keyword: Keyword) -> bool {
        let counter = match keyword {
            Keyword::Char => &mut self.char,
            Keyword::Short => &mut self.short,
            Keyword::Int => &mut self.int,
            Keyword::Long => &mut self.long,
            Keyword::Signed => &mut self.signed,
            Keyword::Unsigned => &mut self.unsigned,
            Keyword::Float => &mut self.float,
            Keyword::Double => &mut self.double,
            Keyword::Complex => &mut self.complex,
            Keyword::Int128 => &mut self.int128,
            _ => {
                let exact = match keyword {
                    Keyword::Float16 => Float::Float16,
                    Keyword::Float32 => Float::Float32,
                    Keyword::Float64 => Float::Float64,
                    Keyword::Float128 => Float::Float128,
                    Keyword::Float32x => Float::Float32x,
                    Keyword::Float64x => Float::Float64x,
                    Keyword::Float80 => Float::Float80,
                    _ => return false,
                };
                // A second one makes too many words.
                self.count = self.count.saturating_add(u32::from(self.exact.is_some()));
                self.count = self.count.saturating_add(1);
                self.exact = Some(exact);
                return true;
            }
        };
        *counter = counter.saturating_add(1);
        self.count = self.count.saturating_add(1);
        true
    }

    /// The type that they make, if they make one.
    fn kind(&self) -> Option<TypeKind> {
        let signs = self.signed + self.unsigned;
        let float = match (self.float, self.double, self.exact) {
            (1, 0, None) if self.long == 0 => Some(Float::Float),
            (0, 1, None) if self.long == 0 => Some(Float::Double),
            (0, 1, None) if self.long == 1 => Some(Float::LongDouble),
            (0, 0, Some(exact)) if self.long == 0 => Some(exact),
            // `_Complex` alone is that of `double`.
            (0, 0, None) if self.complex == 1 && self.count == 1 => Some(Float::Double),
            _ => None,
        };
        if let Some(float) = float {
            let long = u32::from(float == Float::LongDouble);
            let own = u32::from(self.count > self.complex);
            return match self.complex {
                0 if self.count == own + long => Some(TypeKind::Float(float)),
                1 if self.count == own + long + 1 => Some(TypeKind::Complex(float)),
                _ => None,
            };
        }
        let integer_words = self.char + self.short + self.int + self.long + self.int128 + signs;
        if integer_words != self.count || signs > 1 || self.int > 1 {
            return None;
        }
        let integer = match (self.char, self.short, self.long, self.int128, self.int) {
            (1, 0, 0, 0, 0) if signs == 0 => return Some(TypeKind::Integer(Integer::Char)),
            (1, 0, 0, 0, 0) => Integer::SignedChar,
            (0, 1, 0, 0, _) => Integer::Short,
            (0, 0, 0, 0, _) => Integer::Int,
            (0, 0, 1, 0, _) => Integer::Long,
            (0, 0, 2, 0, _) => Integer::LongLong,
            (0, 0, 0, 1, 0) => Integer::Int128,
            _ => return None,
        };
        Some(TypeKind::Integer(integer.with_sign(self.unsigned == 0)))
    }
}
