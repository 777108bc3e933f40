//! What stands at the outermost level: functions, variables, type names, blocks of `extern`.

use crate::declaration::{Function, Item, Origin, Variable};
use crate::error::{Error, ErrorKind};
use crate::keyword::Keyword;
use crate::symbol::Symbol;
use crate::text::{Span, clamp};
use crate::token::{Kind, Mark};
use crate::types::{Type, TypeKind};
use crate::unit::Binding;

use super::Parser;
use super::attribute::{Attributes, Nonnull};
use super::declarator::Naming;
use super::specifier::{Place, Specifiers, Storage};

/// What stands behind a declarator.
#[derive(Default)]
struct Behind {
    symbol: Option<std::sync::Arc<str>>,
    attributes: Attributes,
}

impl Parser<'_> {
    /// One declaration, assertion, or piece of assembler.
    pub(super) fn external(&mut self) -> Result<(), Error> {
        let token = self.peek();
        match token.kind {
            Kind::Punctuation(Mark::Semicolon) => {
                self.at += 1;
                Ok(())
            }
            Kind::Keyword(Keyword::StaticAssert) => self.assertion(),
            Kind::Keyword(Keyword::Asm) => {
                self.at += 1;
                while let Kind::Keyword(_) = self.peek().kind {
                    self.at += 1;
                }
                self.skip_parentheses()?;
                self.expect(Mark::Semicolon, "`;`").map(drop)
            }
            Kind::Keyword(Keyword::Pragma) => {
                self.at += 1;
                self.skip_parentheses()
            }
            Kind::Keyword(Keyword::Extern) if self.ahead(1).kind == Kind::String => self.linkage(),
            _ => self.declaration(),
        }
    }

    fn skip_parentheses(&mut self) -> Result<(), Error> {
        match self.is(Mark::OpenParenthesis) {
            true => self.skip_brackets(),
            false => Err(self.expected("`(`")),
        }
    }

    /// `_Static_assert(condition, "text");`
    pub(super) fn assertion(&mut self) -> Result<(), Error> {
        self.at += 1;
        self.expect(Mark::OpenParenthesis, "`(`")?;
        let first = self.peek();
        let (value, _) = self.constant()?;
        let span = self.since(first);
        let text = match self.take(Mark::Comma) {
            true => self.strings()?,
            false => String::new(),
        };
        self.expect(Mark::CloseParenthesis, "`)`")?;
        self.expect(Mark::Semicolon, "`;`")?;
        match value {
            // What only a compiler knows is its business.
            None => Ok(()),
            Some(value) if value != 0 => Ok(()),
            Some(_) => {
                let message = format!("an assertion does not hold: \"{text}\"");
                Err(self.error(ErrorKind::Assertion, message, span))
            }
        }
    }

    /// `extern "C"` and `extern "Python"`, with one declaration or a block of them.
    fn linkage(&mut self) -> Result<(), Error> {
        self.at += 1;
        let token = self.peek();
        let language: String =
            self.strings()?.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let origin = match language.as_str() {
            "C" => Origin::C,
            "Python" => Origin::Python,
            "Python+C" | "C+Python" => Origin::PythonAndC,
            _ => {
                let message = format!("the language \"{language}\" is neither C nor Python");
                return Err(self.error(ErrorKind::Unsupported, message, self.span(token)));
            }
        };
        let before = std::mem::replace(&mut self.origin, origin);
        let open = self.peek();
        if !self.take(Mark::OpenBrace) {
            self.nested(Self::external)?;
            self.origin = before;
            return Ok(());
        }
        while !self.is(Mark::CloseBrace) {
            if self.peek().kind == Kind::End {
                return Err(self.unclosed(open));
            }
            self.define_constants(self.at)?;
            self.nested(Self::external)?;
        }
        self.at += 1;
        self.origin = before;
        Ok(())
    }

    fn declaration(&mut self) -> Result<(), Error> {
        let specifiers = self.specifiers(Place::File)?;
        if self.is(Mark::Semicolon) {
            if specifiers.is_tagged && !specifiers.storage.is_typedef {
                self.at += 1;
                return Ok(());
            }
            return Err(self.expected("a name"));
        }
        loop {
            let ends = self.declared(&specifiers)?;
            if ends {
                return Ok(());
            }
            if !self.take(Mark::Comma) {
                break;
            }
        }
        self.expect(Mark::Semicolon, "`;` or `,`").map(drop)
    }

    /// One declarator and what belongs to it; whether it was a function with a body.
    fn declared(&mut self, specifiers: &Specifiers) -> Result<bool, Error> {
        let mut declarator = self.declarator(Naming::Named)?;
        let Some((symbol, span)) = declarator.name else { return Err(self.expected("a name")) };
        let mut behind = self.behind()?;
        let attributes = specifiers.attributes.and(&declarator.attributes).and(&behind.attributes);
        declarator.attributes.convention = attributes.convention;
        let ty = self.apply(specifiers, declarator)?;
        let ty = self.changed(ty, &behind.attributes)?;
        behind.attributes = attributes;
        let storage = specifiers.storage;
        if storage.is_typedef {
            self.type_name_declared(symbol, ty, &behind.attributes, span)?;
            return Ok(false);
        }
        if let TypeKind::Function(_) = self.unit.resolved_kind(ty) {
            let has_body = self.is(Mark::OpenBrace);
            self.function(symbol, ty, storage, behind, has_body, span)?;
            if has_body {
                self.skip_brackets()?;
            }
            return Ok(has_body);
        }
        self.variable(symbol, ty, storage, behind, span)?;
        Ok(false)
    }

    /// `__asm__("name")` and attributes.
    fn behind(&mut self) -> Result<Behind, Error> {
        let mut behind = Behind::default();
        loop {
            self.attributes(&mut behind.attributes)?;
            if !self.take_word(Keyword::Asm) {
                return Ok(behind);
            }
            self.expect(Mark::OpenParenthesis, "`(`")?;
            behind.symbol = Some(self.strings()?.into());
            self.expect(Mark::CloseParenthesis, "`)`")?;
        }
    }

    fn type_name_declared(
        &mut self,
        symbol: Symbol,
        ty: Type,
        attributes: &Attributes,
        span: Span,
    ) -> Result<(), Error> {
        if attributes.is_transparent
            && let TypeKind::Record(id) = *self.unit.kind(ty)
        {
            self.unit.records[id.0 as usize].is_transparent = true;
        }
        let name = self.name(symbol);
        match self.unit.bound(symbol) {
            Binding::Typedef(at) if self.unit.typedefs[at as usize].span.is_some() => {
                let before = self.unit.typedefs[at as usize].ty;
                return self.check_same(&name, ty, before, span);
            }
            Binding::Nothing | Binding::Typedef(_) => {}
            _ => return Err(self.redeclared(&name, "a type", span)),
        }
        self.new_typedef(symbol, name, ty, attributes.alignment, Some(span))?;
        if let Binding::Typedef(number) = self.unit.bound(symbol) {
            let id = self.unit.typedefs[number as usize].id();
            self.unit.name_anonymous(ty, id);
            self.unit.items.push(Item::Typedef(number));
        }
        Ok(())
    }

    fn check_same(&self, name: &str, ty: Type, before: Type, span: Span) -> Result<(), Error> {
        if self.unit.compatible(ty, before) {
            return Ok(());
        }
        let (new, old) = (self.unit.shown(ty), self.unit.shown(before));
        let message = format!("`{name}` is `{new}` here, and was `{old}` before");
        Err(self.error(ErrorKind::Redeclared, message, span))
    }

    fn function(
        &mut self,
        symbol: Symbol,
        ty: Type,
        storage: Storage,
        behind: Behind,
        has_body: bool,
        span: Span,
    ) -> Result<(), Error> {
        let name = self.name(symbol);
        let Attributes { is_noreturn, returns_nonnull, nonnull, .. } = behind.attributes;
        let mut nonnull = self.nonnull_parameters(ty, nonnull);
        match self.unit.bound(symbol) {
            Binding::Function(at) => {
                let before = self.unit.functions[at as usize].ty;
                self.check_same(&name, ty, before, span)?;
                let has_prototype = self.has_prototype(ty) && !self.has_prototype(before);
                let function = &mut self.unit.functions[at as usize];
                if has_body && function.has_body {
                    return Err(self.redeclared(&name, "a function with a second body", span));
                }
                if has_prototype {
                    function.ty = ty;
                }
                function.symbol = behind.symbol.or_else(|| function.symbol.take());
                function.is_static |= storage.is_static;
                function.is_inline |= storage.is_inline;
                function.has_body |= has_body;
                function.is_noreturn |= is_noreturn;
                function.returns_nonnull |= returns_nonnull;
                function.nonnull.append(&mut nonnull);
                function.nonnull.sort_unstable();
                function.nonnull.dedup();
                return Ok(());
            }
            Binding::Nothing => {}
            Binding::Typedef(at) if self.unit.typedefs[at as usize].span.is_none() => {}
            _ => return Err(self.redeclared(&name, "a function", span)),
        }
        let number = clamp(self.unit.functions.len());
        self.unit.functions.push(Function {
            name,
            ty,
            symbol: behind.symbol,
            is_static: storage.is_static,
            is_inline: storage.is_inline,
            has_body,
            is_noreturn,
            nonnull,
            returns_nonnull,
            origin: self.origin,
            span,
        });
        self.bind(symbol, Binding::Function(number));
        self.unit.items.push(Item::Function(number));
        Ok(())
    }

    /// The indices of the pointers that `nonnull` means.
    fn nonnull_parameters(&self, ty: Type, nonnull: Nonnull) -> Vec<usize> {
        let TypeKind::Function(function) = self.unit.resolved_kind(ty) else { return Vec::new() };
        let parameters = function.parameters.iter().enumerate();
        let meant = parameters.filter(|(index, parameter)| {
            nonnull.has(*index)
                && matches!(self.unit.resolved_kind(parameter.ty), TypeKind::Pointer(_))
        });
        meant.map(|(index, _)| index).collect()
    }

    fn has_prototype(&self, ty: Type) -> bool {
        matches!(self.unit.resolved_kind(ty), TypeKind::Function(function) if function.is_prototype)
    }

    fn variable(
        &mut self,
        symbol: Symbol,
        ty: Type,
        storage: Storage,
        behind: Behind,
        span: Span,
    ) -> Result<(), Error> {
        let name = self.name(symbol);
        if *self.unit.resolved_kind(ty) == TypeKind::Void {
            let message = format!("the variable `{name}` has the type `void`");
            return Err(self.error(ErrorKind::InvalidType, message, span));
        }
        if self.origin != Origin::C {
            let message = format!("the variable `{name}` cannot be defined in Python");
            return Err(self.error(ErrorKind::Unsupported, message, span));
        }
        if self.take(Mark::Equal) && self.initialiser(symbol, ty, storage, span)? {
            return Ok(());
        }
        match self.unit.bound(symbol) {
            Binding::Variable(at) => {
                let before = self.unit.variables[at as usize].ty;
                self.check_same(&name, ty, before, span)?;
                // The second may tell the length.
                if self.unit.layout(before).is_err() && self.unit.layout(ty).is_ok() {
                    self.unit.variables[at as usize].ty = ty;
                }
                return Ok(());
            }
            Binding::Nothing => {}
            Binding::Typedef(at) if self.unit.typedefs[at as usize].span.is_none() => {}
            _ => return Err(self.redeclared(&name, "a variable", span)),
        }
        let number = clamp(self.unit.variables.len());
        self.unit.variables.push(Variable {
            name,
            ty,
            symbol: behind.symbol,
            alignment: behind.attributes.alignment,
            is_static: storage.is_static,
            is_thread_local: storage.is_thread_local,
            span,
        });
        self.bind(symbol, Binding::Variable(number));
        self.unit.items.push(Item::Variable(number));
        Ok(())
    }

    /// Skips an initialiser; that of a `static const` integer makes a constant, if it is one.
    fn initialiser(
        &mut self,
        symbol: Symbol,
        ty: Type,
        storage: Storage,
        span: Span,
    ) -> Result<bool, Error> {
        let qualifiers = self.unit.resolve(ty).qualifiers();
        let integer = self.integer_of(ty);
        if let Some(integer) = integer.filter(|_| storage.is_static && qualifiers.is_const()) {
            let constant = self.attempt(|parser| {
                let (value, _) = parser.constant()?;
                match parser.peek().kind {
                    Kind::Punctuation(Mark::Comma | Mark::Semicolon) => Ok(value),
                    _ => Err(parser.expected("`;`")),
                }
            });
            if let Some(value) = constant {
                let wrap = |value| crate::constant::wrap(value, integer, self.unit.target);
                let value = value.map(wrap);
                self.declare_constant(symbol, value, integer, span, false)?;
                return Ok(true);
            }
        }
        self.skip_initialiser()?;
        Ok(false)
    }

    /// Skips an initialiser up to what ends it. Two operands side by side mean that the end is missing,
    /// and that what follows is another declaration.
    fn skip_initialiser(&mut self) -> Result<(), Error> {
        let mut is_operand = false;
        loop {
            let kind = self.peek().kind;
            match kind {
                Kind::Punctuation(Mark::Comma | Mark::Semicolon) | Kind::End => return Ok(()),
                Kind::Punctuation(Mark::OpenParenthesis | Mark::OpenBracket | Mark::OpenBrace) => {
                    self.skip_brackets()?;
                    // Behind a parenthesis there may be what it casts.
                    is_operand = kind == Kind::Punctuation(Mark::OpenBrace);
                    continue;
                }
                Kind::Punctuation(
                    Mark::CloseParenthesis | Mark::CloseBracket | Mark::CloseBrace,
                ) => return Err(self.expected("an initialiser")),
                Kind::Name | Kind::Number | Kind::Character if !is_operand => is_operand = true,
                Kind::Keyword(
                    Keyword::Sizeof
                    | Keyword::Alignof
                    | Keyword::Offsetof
                    | Keyword::Extension
                    | Keyword::Other,
                ) if !is_operand => {}
                Kind::Name | Kind::Number | Kind::Character | Kind::Keyword(_) => {
                    return Err(self.expected("`;` or `,`"));
                }
                Kind::String => is_operand = true,
                Kind::Punctuation(_) => is_operand = false,
            }
            self.at += 1;
        }
    }
}
