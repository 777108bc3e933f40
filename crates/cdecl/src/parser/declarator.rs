//! Declarators: pointers, arrays, functions and the name in the middle.

use crate::declaration::Completeness;
use crate::error::{Error, ErrorKind};
use crate::keyword::Keyword;
use crate::symbol::Symbol;
use crate::text::Span;
use crate::token::{Kind, Mark, Token};
use crate::types::{Convention, FunctionType, Length, Parameter, Qualifiers, Type, TypeKind};
use crate::unit::Binding;

use super::Parser;
use super::attribute::Attributes;
use super::specifier::{Place, Specifiers};

/// Whether a declarator has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    Named,
    Abstract,
    Either,
}

/// A step from the name outwards.
#[derive(Debug)]
enum Step {
    Pointer(Qualifiers),
    Array { length: Length, qualifiers: Qualifiers },
    Function(FunctionType),
}

/// A declarator.
#[derive(Debug)]
pub(super) struct Declarator {
    pub(super) name: Option<(Symbol, Span)>,
    /// The nearest to the name first.
    steps: Vec<(Step, Span)>,
    pub(super) attributes: Attributes,
    /// A parameter list that has names without types, as K&R wrote them.
    old_style: Option<Span>,
}

impl Parser<'_> {
    pub(super) fn declarator(&mut self, naming: Naming) -> Result<Declarator, Error> {
        let mut declarator = Declarator {
            name: None,
            steps: Vec::new(),
            attributes: Attributes::default(),
            old_style: None,
        };
        self.declarator_into(naming, &mut declarator)?;
        Ok(declarator)
    }

    fn declarator_into(&mut self, naming: Naming, into: &mut Declarator) -> Result<(), Error> {
        let mut pointers = Vec::new();
        loop {
            self.attributes(&mut into.attributes)?;
            if self.take_word(Keyword::Stdcall) {
                into.attributes.convention = Some(Convention::Stdcall);
            } else if self.take_word(Keyword::Cdecl) || self.take_word(Keyword::Extension) {
                // The platform's convention, and a word that means nothing.
            } else if self.is(Mark::Star) {
                let star = self.next();
                let qualifiers = self.qualifiers(&mut into.attributes)?;
                pointers.push((Step::Pointer(qualifiers), self.span(star)));
            } else {
                break;
            }
        }
        self.inner(naming, into)?;
        self.suffixes(into)?;
        into.steps.extend(pointers.into_iter().rev());
        Ok(())
    }

    /// Qualifiers of a pointer, among attributes.
    fn qualifiers(&mut self, attributes: &mut Attributes) -> Result<Qualifiers, Error> {
        let mut qualifiers = Qualifiers::default();
        loop {
            self.attributes(attributes)?;
            let Kind::Keyword(keyword) = self.peek().kind else { return Ok(qualifiers) };
            let Some(qualifier) = Self::qualifier_of(keyword) else { return Ok(qualifiers) };
            qualifiers = Qualifiers(qualifiers.0 | qualifier.0);
            self.at += 1;
        }
    }

    /// The name, or a declarator in parentheses, or neither.
    fn inner(&mut self, naming: Naming, into: &mut Declarator) -> Result<(), Error> {
        let token = self.peek();
        if token.kind == Kind::Name && naming != Naming::Abstract {
            into.name = Some((token.symbol, self.span(token)));
            self.at += 1;
            return Ok(());
        }
        if self.is(Mark::OpenParenthesis) && self.is_grouped(naming) {
            self.at += 1;
            self.nested(|parser| parser.declarator_into(naming, into))?;
            self.expect(Mark::CloseParenthesis, "`)`")?;
            return Ok(());
        }
        match naming {
            Naming::Named => Err(self.expected("a name")),
            _ => Ok(()),
        }
    }

    /// Whether a parenthesis groups a declarator, and does not begin parameters.
    fn is_grouped(&self, naming: Naming) -> bool {
        let behind = self.ahead(1);
        match behind.kind {
            _ if naming == Naming::Named => true,
            Kind::Punctuation(Mark::Star | Mark::OpenParenthesis | Mark::OpenBracket) => true,
            Kind::Keyword(Keyword::Attribute | Keyword::Stdcall | Keyword::Cdecl) => true,
            Kind::Name => naming == Naming::Either && !self.starts_type(1),
            _ => false,
        }
    }

    /// Arrays and parameters behind the name.
    fn suffixes(&mut self, into: &mut Declarator) -> Result<(), Error> {
        loop {
            let first = self.peek();
            if self.is(Mark::OpenBracket) && !self.is_attribute() {
                let step = self.nested(Self::array)?;
                into.steps.push((step, self.since(first)));
            } else if self.take(Mark::OpenParenthesis) {
                if let Some(span) = self.untyped_list() {
                    into.old_style.get_or_insert(span);
                    continue;
                }
                let function = self.nested(Self::parameters)?;
                into.steps.push((Step::Function(function), self.since(first)));
            } else {
                return Ok(());
            }
        }
    }

    /// Skips a list of names that are no types, if K&R's declarations follow it: the first name.
    fn untyped_list(&mut self) -> Option<Span> {
        let first = self.peek();
        let mut ahead = 0;
        while self.ahead(ahead).kind == Kind::Name && !self.starts_type(ahead) {
            match self.ahead(ahead + 1).kind {
                Kind::Punctuation(Mark::Comma) => ahead += 2,
                Kind::Punctuation(Mark::CloseParenthesis) if self.starts_type(ahead + 2) => {
                    self.at += ahead + 2;
                    return Some(self.span(first));
                }
                _ => return None,
            }
        }
        None
    }

    /// An array's brackets.
    fn array(&mut self) -> Result<Step, Error> {
        self.at += 1;
        let mut qualifiers = Qualifiers::default();
        while let Kind::Keyword(keyword) = self.peek().kind {
            match Self::qualifier_of(keyword) {
                Some(qualifier) => qualifiers = Qualifiers(qualifiers.0 | qualifier.0),
                None if keyword == Keyword::Static => {}
                None => break,
            }
            self.at += 1;
        }
        let first = self.peek();
        let is_last = self.ahead(1).kind == Kind::Punctuation(Mark::CloseBracket);
        let length = match first.kind {
            Kind::Punctuation(Mark::CloseBracket) => Length::Open,
            Kind::Punctuation(Mark::Ellipsis) if is_last => {
                self.at += 1;
                Length::Deduced
            }
            Kind::Punctuation(Mark::Star) if is_last && self.parameters > 0 => {
                self.at += 1;
                Length::Variable
            }
            _ => self.length(first)?,
        };
        self.expect(Mark::CloseBracket, "`]`")?;
        Ok(Step::Array { length, qualifiers })
    }

    fn length(&mut self, first: Token) -> Result<Length, Error> {
        let start = self.at;
        let constant = match self.parameters > 0 && self.tentative == 0 {
            true => self.attempt(Self::whole_length),
            false => Some(self.whole_length()?),
        };
        let value = match constant {
            Some(value) => value,
            None => {
                self.skip_to_bracket()?;
                if self.names_value(start) {
                    return Ok(Length::Variable);
                }
                // Nothing that a call could pass: it was meant to be a constant.
                self.at = start;
                self.whole_length()?
            }
        };
        let Some(value) = value else { return Ok(Length::Deduced) };
        match u64::try_from(value) {
            Ok(length) => Ok(Length::Known(length)),
            Err(_) => {
                let message = format!("an array of {value} elements");
                Err(self.error(ErrorKind::InvalidType, message, self.since(first)))
            }
        }
    }

    /// A constant up to the bracket behind it.
    fn whole_length(&mut self) -> Result<Option<i128>, Error> {
        let (value, _) = self.constant()?;
        match self.is(Mark::CloseBracket) {
            true => Ok(value),
            false => Err(self.expected("`]`")),
        }
    }

    /// Whether a parameter, a variable or a function is named between a token and here.
    fn names_value(&self, start: usize) -> bool {
        let tokens = self.tokens.get(start..self.at).unwrap_or_default();
        let mut names = tokens.iter().filter(|token| token.kind == Kind::Name);
        names.any(|token| {
            let binding = self.unit.bound(token.symbol);
            matches!(binding, Binding::Parameter | Binding::Variable(_) | Binding::Function(_))
        })
    }

    /// Skips an expression up to the bracket that ends it.
    fn skip_to_bracket(&mut self) -> Result<(), Error> {
        loop {
            match self.peek().kind {
                Kind::Punctuation(Mark::CloseBracket) => return Ok(()),
                Kind::Punctuation(Mark::OpenParenthesis | Mark::OpenBracket | Mark::OpenBrace) => {
                    self.skip_brackets()?;
                }
                Kind::End
                | Kind::Punctuation(Mark::Semicolon | Mark::CloseParenthesis | Mark::CloseBrace) => {
                    return Err(self.expected("`]`"));
                }
                _ => self.at += 1,
            }
        }
    }

    /// Parameters, behind the opening parenthesis.
    fn parameters(&mut self) -> Result<FunctionType, Error> {
        let mark = self.hidden.len();
        self.parameters += 1;
        let function = self.parameter_list();
        self.parameters -= 1;
        while self.hidden.len() > mark {
            if let Some((symbol, binding)) = self.hidden.pop() {
                self.bind(symbol, binding);
            }
        }
        function
    }

    fn parameter_list(&mut self) -> Result<FunctionType, Error> {
        let mut function = FunctionType {
            result: Type::plain(0),
            parameters: Vec::new(),
            is_variadic: false,
            is_prototype: true,
            convention: Convention::C,
        };
        if self.take(Mark::CloseParenthesis) {
            function.is_prototype = false;
            return Ok(function);
        }
        loop {
            if self.is(Mark::Ellipsis) && !function.parameters.is_empty() {
                self.at += 1;
                function.is_variadic = true;
                break;
            }
            function.parameters.push(self.parameter()?);
            if !self.take(Mark::Comma) {
                break;
            }
        }
        self.expect(Mark::CloseParenthesis, "`,` or `)`")?;
        let is_void =
            |parameter: &Parameter| *self.unit.resolved_kind(parameter.ty) == TypeKind::Void;
        match function.parameters.as_slice() {
            [only] if only.name.is_none() && is_void(only) && !function.is_variadic => {
                function.parameters.clear();
            }
            all => {
                if let Some(at) = all.iter().position(is_void) {
                    let message = format!("the type of parameter {} is `void`", at + 1);
                    return Err(self.error(ErrorKind::InvalidType, message, all[at].span));
                }
            }
        }
        Ok(function)
    }

    fn parameter(&mut self) -> Result<Parameter, Error> {
        let first = self.peek();
        let specifiers = self.specifiers(Place::Parameter)?;
        let mut declarator = self.declarator(Naming::Either)?;
        self.attributes(&mut declarator.attributes)?;
        let name = declarator.name;
        let span = name.map_or_else(|| self.since(first), |(_, span)| span);
        let deduced = declarator
            .steps
            .iter()
            .find(|(step, _)| matches!(step, Step::Array { length: Length::Deduced, .. }));
        if let Some(&(_, span)) = deduced {
            let message = "no compiler can tell the length of a parameter: write a number or `[]`";
            return Err(self.error(ErrorKind::Syntax, message, span));
        }
        // Qualifiers in the outermost brackets are those of the pointer.
        let inside = match declarator.steps.first() {
            Some((Step::Array { qualifiers, .. }, _)) => *qualifiers,
            _ => Qualifiers::default(),
        };
        let ty = self.apply(&specifiers, declarator)?;
        let resolved = self.unit.resolve(ty);
        let ty = match self.unit.kind(resolved) {
            TypeKind::Array { element, .. } => {
                let element = element.with(resolved.qualifiers());
                self.add(TypeKind::Pointer(element), span)?.with(inside)
            }
            TypeKind::Function(_) => self.add(TypeKind::Pointer(ty), span)?,
            _ => ty,
        };
        let name = name.map(|(symbol, _)| {
            self.hidden.push((symbol, self.unit.bound(symbol)));
            self.bind(symbol, Binding::Parameter);
            self.name(symbol)
        });
        Ok(Parameter { name, ty, span })
    }

    /// The type that specifiers and a declarator make.
    pub(super) fn apply(
        &mut self,
        specifiers: &Specifiers,
        declarator: Declarator,
    ) -> Result<Type, Error> {
        if let Some(span) = declarator.old_style {
            let message = format!(
                "the parameter `{}` has no type: this is K&R's style, write a prototype",
                self.text.slice(span.start, span.end)
            );
            return Err(self.error(ErrorKind::OldStyle, message, span));
        }
        let attributes = specifiers.attributes.and(&declarator.attributes);
        let mut ty = self.changed(specifiers.ty, &attributes)?;
        let mut steps = declarator.steps;
        if let Some(convention) = attributes.convention {
            let function = steps.iter_mut().find_map(|(step, _)| match step {
                Step::Function(function) => Some(function),
                _ => None,
            });
            function.into_iter().for_each(|function| function.convention = convention);
        }
        for (step, span) in steps.into_iter().rev() {
            ty = match step {
                Step::Pointer(qualifiers) => {
                    self.add(TypeKind::Pointer(ty), span)?.with(qualifiers)
                }
                Step::Array { length, .. } => {
                    self.check_element(ty, span)?;
                    self.add(TypeKind::Array { element: ty, length }, span)?
                }
                Step::Function(mut function) => {
                    self.check_result(ty, span)?;
                    function.result = ty;
                    self.add(TypeKind::Function(Box::new(function)), span)?
                }
            };
        }
        Ok(ty)
    }

    fn check_element(&self, ty: Type, span: Span) -> Result<(), Error> {
        let kind = match self.unit.resolved_kind(ty) {
            TypeKind::Void | TypeKind::Function(_) => ErrorKind::InvalidType,
            TypeKind::Array { length: Length::Open, .. } => ErrorKind::InvalidType,
            TypeKind::Record(id)
                if self.unit.record_by_id(*id).completeness == Completeness::Incomplete
                    // A parameter is a pointer.
                    && self.parameters == 0 =>
            {
                ErrorKind::Incomplete
            }
            _ => return Ok(()),
        };
        if self.tentative > 0 {
            return Err(Error::new(kind, ""));
        }
        let message = format!("an array cannot have elements `{}`", self.unit.shown(ty));
        Err(self.error(kind, message, span))
    }

    fn check_result(&self, ty: Type, span: Span) -> Result<(), Error> {
        if !matches!(self.unit.resolved_kind(ty), TypeKind::Function(_) | TypeKind::Array { .. }) {
            return Ok(());
        }
        if self.tentative > 0 {
            return Err(Error::new(ErrorKind::InvalidType, ""));
        }
        let message = format!("a function cannot return `{}`", self.unit.shown(ty));
        Err(self.error(ErrorKind::InvalidType, message, span))
    }
}
