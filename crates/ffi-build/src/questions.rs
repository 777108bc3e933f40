//! What a compiler is asked: it writes the answers into its assembly, and nothing runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tenfold_cdecl::{
    Completeness, Declaration, EnumId, Integer, Length, Record, RecordId, Span, TypeKind, TypedefId,
};

use crate::catalog::Catalog;
use crate::compiler::Message;
use crate::error::{Fault, Placed};
use crate::facts::{Facts, FieldFacts, Kind, Value};
use crate::probe::{Macros, reached};
use crate::shim::is_wrapped;

/// A question that has a number for an answer, or for a symbol its name.
#[derive(Debug, Clone)]
enum Question {
    RecordSize(RecordId),
    RecordAlignment(RecordId),
    Offset(RecordId, usize),
    /// Of an array.
    FieldLength(RecordId, usize),
    /// Whether a bit-field has a sign.
    BitSign(RecordId, usize),
    EnumSize(EnumId),
    EnumSign(EnumId),
    IntegerSize(TypedefId),
    IntegerSign(TypedefId),
    FloatSize(TypedefId),
    /// The lower 32 bits: GCC cannot write all numbers of 64.
    ConstantLow(String),
    ConstantHigh(String),
    ConstantSize(String),
    ConstantSign(String),
    VariableLength(String),
    Symbol(String),
}

/// A bit-field, whose bits are read from an object that has nothing but ones there.
#[derive(Debug, Clone)]
struct Bits {
    record: RecordId,
    field: usize,
    span: Span,
}

/// What the compiler calls the file that the questions are in.
const FILE: &str = "questions";

/// All questions about a library.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    asked: Vec<(Question, String)>,
    bits: Vec<(Bits, String)>,
}

impl Questions {
    pub(crate) fn new(catalog: &Catalog<'_>, macros: &Macros) -> Self {
        let mut questions = Self::default();
        for declaration in catalog.unit.declarations() {
            questions.about(catalog, macros, declaration);
        }
        for enumeration in catalog.enums() {
            for one in enumeration.enumerators.iter().filter(|one| one.value.is_none()) {
                questions.constant(&one.name);
            }
        }
        questions
    }

    fn ask(&mut self, question: Question, expression: String) {
        self.asked.push((question, expression));
    }

    fn about(&mut self, catalog: &Catalog<'_>, macros: &Macros, declaration: Declaration<'_>) {
        match declaration {
            Declaration::Record(record) if record.completeness != Completeness::Incomplete => {
                let name = catalog.record(record.id()).and_then(|name| name.c.clone());
                if let Some(c) = name {
                    self.record(catalog, record, &c);
                }
            }
            Declaration::Enum(one) if one.completeness != Completeness::Incomplete => {
                if let Some(c) = catalog.enumeration(one.id()).and_then(|name| name.c.as_deref()) {
                    self.ask(Question::EnumSize(one.id()), format!("sizeof({c})"));
                    self.ask(Question::EnumSign(one.id()), format!("(({c})-1 < 0)"));
                }
            }
            Declaration::Typedef(typedef) if typedef.span.is_some() => {
                let (id, name) = (typedef.id(), &typedef.name);
                match catalog.unit.kind(typedef.ty) {
                    TypeKind::SomeInteger => {
                        self.ask(Question::IntegerSize(id), format!("sizeof({name})"));
                        self.ask(Question::IntegerSign(id), format!("(({name})-1 < 0)"));
                    }
                    TypeKind::SomeFloat => {
                        self.ask(Question::FloatSize(id), format!("sizeof({name})"));
                    }
                    _ => {}
                }
            }
            Declaration::Constant(constant) if constant.value().is_none() => {
                self.constant(constant.name());
            }
            Declaration::Function(function) if !macros.only.contains(&*function.name) => {
                let name = (*function.name).to_owned();
                self.ask(Question::Symbol(name), format!("&({})", function.name));
            }
            Declaration::Variable(variable) => self.variable(catalog, macros, variable),
            _ => {}
        }
    }

    fn variable(
        &mut self,
        catalog: &Catalog<'_>,
        macros: &Macros,
        variable: &tenfold_cdecl::Variable,
    ) {
        let name = &*variable.name;
        if let TypeKind::Array { length: Length::Deduced, .. } = catalog.unit.kind(variable.ty) {
            let length = format!("sizeof({name}) / sizeof({name}[0])");
            self.ask(Question::VariableLength(name.to_owned()), length);
        }
        if !is_wrapped(variable, macros) {
            self.ask(Question::Symbol(name.to_owned()), format!("&({name})"));
        }
    }

    fn constant(&mut self, name: &str) {
        self.ask(Question::ConstantLow(name.to_owned()), format!("(int)({name})"));
        let high = format!("(int)((long long)({name}) >> 32)");
        self.ask(Question::ConstantHigh(name.to_owned()), high);
        self.ask(Question::ConstantSize(name.to_owned()), format!("sizeof(({name}) + 0)"));
        let sign = format!("((__typeof__(({name}) + 0))-1 < 0)");
        self.ask(Question::ConstantSign(name.to_owned()), sign);
    }

    fn record(&mut self, catalog: &Catalog<'_>, record: &Record, c: &str) {
        let id = record.id();
        self.ask(Question::RecordSize(id), format!("sizeof({c})"));
        self.ask(Question::RecordAlignment(id), format!("_Alignof({c})"));
        for (at, field) in record.fields.iter().enumerate() {
            let Some(name) = &field.name else {
                self.member(catalog, record, at, c);
                continue;
            };
            if field.width.is_some() {
                let bits = Bits { record: id, field: at, span: field.span };
                self.bits.push((bits, format!("const {c} tf_NAME = {{ .{name} = -1 }};")));
                let sign = format!("((({c}){{ .{name} = -1 }}).{name} < 0)");
                self.ask(Question::BitSign(id, at), sign);
                continue;
            }
            self.ask(Question::Offset(id, at), format!("__builtin_offsetof({c}, {name})"));
            if let TypeKind::Array { length: Length::Deduced, .. } = catalog.unit.kind(field.ty) {
                let array = format!("(({c} *)0)->{name}");
                let length = format!("sizeof({array}) / sizeof({array}[0])");
                self.ask(Question::FieldLength(id, at), length);
            }
        }
    }

    /// A member without a name lies where the first of its fields says.
    fn member(&mut self, catalog: &Catalog<'_>, record: &Record, at: usize, c: &str) {
        let TypeKind::Record(inner) = *catalog.unit.kind(record.fields[at].ty) else { return };
        let inside = reached(catalog, catalog.unit.record_by_id(inner));
        let first = inside.iter().find(|one| one.field.width.is_none());
        if let Some((name, offset)) = first.and_then(|one| one.field.name.as_ref().zip(one.offset))
        {
            let offset = format!("__builtin_offsetof({c}, {name}) - {offset}");
            self.ask(Question::Offset(record.id(), at), offset);
        }
    }

    /// The questions in C, behind the headers.
    pub(crate) fn text(&self, preamble: &str) -> String {
        let mut text = preamble.to_owned();
        for (number, (_, line)) in self.bits.iter().enumerate() {
            text.push_str(&line.replace("tf_NAME", &format!("tf_bits_{number}")));
            text.push('\n');
        }
        text.push_str(&format!("void tf_questions(void)\n{{\n#line 1 \"{FILE}\"\n"));
        for (number, (_, expression)) in self.asked.iter().enumerate() {
            let _ = writeln!(
                text,
                "__asm__ volatile(\"\\n->tf {number} %c0 <-\" : : \"i\"({expression}));"
            );
        }
        text.push_str("}\n");
        text
    }

    /// What is wrong with the questions, according to the compiler.
    pub(crate) fn faults(&self, messages: &[Message]) -> Vec<Fault> {
        let errors = messages.iter().filter(|message| !message.is_note);
        let faults = errors.map(|message| {
            let asked = Some(message.line).filter(|_| message.file == FILE);
            let asked = asked.and_then(|line| self.asked.get(line.checked_sub(1)?));
            let about = asked.map(|(_, expression)| format!("`{expression}` is no constant: "));
            Fault::new(format!("{}{}", about.unwrap_or_default(), message.text))
        });
        faults.collect()
    }

    /// Reads the answers.
    ///
    /// # Errors
    ///
    /// If the assembly is not what it looks like from the compilers that we know.
    pub(crate) fn answers(&self, assembly: &str, catalog: &Catalog<'_>) -> Result<Facts, Placed> {
        let mut facts = Facts::declared(catalog);
        let answers = numbered(assembly);
        let mut offsets: BTreeMap<(RecordId, usize), FieldFacts> = BTreeMap::new();
        for (number, (question, expression)) in self.asked.iter().enumerate() {
            let answer = answers.get(&number).copied().ok_or_else(|| {
                (None, Fault::new(format!("the compiler does not tell `{expression}`")))
            })?;
            Self::learn(&mut facts, &mut offsets, question, answer, assembly);
        }
        for (number, (bits, _)) in self.bits.iter().enumerate() {
            let bytes = object(assembly, &format!("tf_bits_{number}"));
            let found = run_of_ones(&bytes);
            let field = &catalog.unit.record_by_id(bits.record).fields[bits.field];
            let wanted = field.width.unwrap_or_default();
            let name = field.name.as_deref().unwrap_or_default();
            match found {
                Some((first, width)) if width == u64::from(wanted) => {
                    offsets.entry((bits.record, bits.field)).or_default().bit_offset = first;
                }
                Some((_, width)) => {
                    let message = format!("the bit-field `{name}` has {width} bits, not {wanted}");
                    return Err((Some(bits.span), Fault::new(message)));
                }
                None => {
                    let message = format!("the compiler does not tell where `{name}` lies");
                    return Err((Some(bits.span), Fault::new(message)));
                }
            }
        }
        self.check_signs(&answers, catalog)?;
        place(&mut facts, catalog, &offsets);
        Ok(facts)
    }

    fn learn(
        facts: &mut Facts,
        offsets: &mut BTreeMap<(RecordId, usize), FieldFacts>,
        question: &Question,
        answer: &str,
        assembly: &str,
    ) {
        let signed = answer.parse::<i64>().unwrap_or_default();
        let number = signed.cast_unsigned();
        let none = Kind { bytes: 0, is_signed: false };
        match question {
            Question::RecordSize(id) => facts.records.entry(*id).or_default().size = number,
            Question::RecordAlignment(id) => {
                facts.records.entry(*id).or_default().alignment = number;
            }
            Question::Offset(id, at) => {
                offsets.entry((*id, *at)).or_default().bit_offset = number * 8;
            }
            Question::FieldLength(id, at) => {
                offsets.entry((*id, *at)).or_default().length = Some(number);
            }
            Question::BitSign(..) => {}
            Question::EnumSize(id) => facts.enums.entry(*id).or_insert(none).bytes = number,
            Question::EnumSign(id) => {
                facts.enums.entry(*id).or_insert(none).is_signed = number != 0;
            }
            Question::IntegerSize(id) => facts.integers.entry(*id).or_insert(none).bytes = number,
            Question::IntegerSign(id) => {
                facts.integers.entry(*id).or_insert(none).is_signed = number != 0;
            }
            Question::FloatSize(id) => {
                facts.floats.insert(*id, number);
            }
            Question::ConstantLow(name) => {
                let value = Value { value: i128::from(number & u64::from(u32::MAX)), kind: none };
                facts.constants.insert(name.clone(), value);
            }
            Question::ConstantHigh(name) => {
                if let Some(constant) = facts.constants.get_mut(name) {
                    constant.value += i128::from(signed) << 32;
                }
            }
            Question::ConstantSize(name) => {
                if let Some(constant) = facts.constants.get_mut(name) {
                    constant.kind.bytes = number;
                }
            }
            Question::ConstantSign(name) => {
                if let Some(constant) = facts.constants.get_mut(name) {
                    constant.kind.is_signed = number != 0;
                    if number == 0 && constant.value < 0 {
                        constant.value += 1 << 64;
                    }
                }
            }
            Question::VariableLength(name) => {
                facts.lengths.insert(name.clone(), number);
            }
            Question::Symbol(name) => {
                // Apple's names begin with `_`.
                if answer.strip_prefix('_').unwrap_or(answer) != name && answer != name {
                    facts.symbols.insert(name.clone(), answer.to_owned());
                }
                if is_private(assembly, answer) {
                    facts.inline.insert(name.clone());
                }
            }
        }
    }

    fn check_signs(
        &self,
        answers: &BTreeMap<usize, &str>,
        catalog: &Catalog<'_>,
    ) -> Result<(), Placed> {
        for (number, (question, _)) in self.asked.iter().enumerate() {
            let Question::BitSign(id, at) = *question else { continue };
            let field = &catalog.unit.record_by_id(id).fields[at];
            let wanted = is_signed(catalog, field.ty);
            let found = answers.get(&number).is_some_and(|answer| *answer != "0");
            // An enumeration in a bit-field has the sign that the compiler likes.
            let is_enum = matches!(catalog.unit.resolved_kind(field.ty), TypeKind::Enum(_));
            if wanted != found && !is_enum {
                let name = field.name.as_deref().unwrap_or_default();
                let message = format!(
                    "the bit-field `{name}` is {}signed in the header",
                    if found { "" } else { "un" }
                );
                return Err((Some(field.span), Fault::new(message)));
            }
        }
        Ok(())
    }
}

/// Whether a symbol is defined in an assembly, and no other file can see it.
fn is_private(assembly: &str, symbol: &str) -> bool {
    let is_defined = assembly.lines().any(|line| line.strip_suffix(':') == Some(symbol));
    let global = |line: &str| {
        let mut words = line.split_whitespace();
        matches!(words.next(), Some(".globl" | ".global")) && words.next() == Some(symbol)
    };
    is_defined && !assembly.lines().any(global)
}

fn is_signed(catalog: &Catalog<'_>, ty: tenfold_cdecl::Type) -> bool {
    match catalog.unit.resolved_kind(ty) {
        TypeKind::Integer(integer) => catalog.unit.target().is_signed(*integer),
        TypeKind::Enum(id) => {
            let underlying =
                catalog.unit.enum_by_id(*id).underlying.unwrap_or(Integer::UnsignedInt);
            catalog.unit.target().is_signed(underlying)
        }
        _ => false,
    }
}

/// Puts what was found of fields into their records.
fn place(
    facts: &mut Facts,
    catalog: &Catalog<'_>,
    offsets: &BTreeMap<(RecordId, usize), FieldFacts>,
) {
    for record in catalog.records() {
        let Some(known) = facts.records.get_mut(&record.id()) else { continue };
        known.fields.resize(record.fields.len(), FieldFacts::default());
        for (at, field) in known.fields.iter_mut().enumerate() {
            if let Some(found) = offsets.get(&(record.id(), at)) {
                *field = FieldFacts { is_placed: true, ..*found };
            }
        }
    }
}

/// The answers among the lines of an assembly.
fn numbered(assembly: &str) -> BTreeMap<usize, &str> {
    let lines = assembly.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("->tf ")?.strip_suffix(" <-")?;
        let (number, answer) = rest.split_once(' ')?;
        Some((number.parse().ok()?, answer.trim()))
    });
    lines.collect()
}

/// The bytes of an object in an assembly.
fn object(assembly: &str, name: &str) -> Vec<u8> {
    let label = format!("{name}:");
    let mut lines = assembly.lines().skip_while(|line| line.trim_end() != label);
    lines.next();
    let mut bytes = Vec::new();
    for line in lines {
        let line = line.split(['#', '/', ';']).next().unwrap_or_default().trim();
        let (directive, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let value = value.split(',').next().unwrap_or_default().trim();
        let size = match directive {
            "" => continue,
            ".zero" | ".skip" | ".space" => {
                bytes.resize(bytes.len() + value.parse::<usize>().unwrap_or_default(), 0);
                continue;
            }
            ".byte" => 1,
            ".value" | ".short" | ".2byte" | ".hword" => 2,
            ".long" | ".4byte" | ".int" | ".word" => 4,
            ".quad" | ".8byte" | ".xword" => 8,
            _ => break,
        };
        let number = number(value);
        bytes.extend_from_slice(&number.to_le_bytes()[..size]);
    }
    bytes
}

fn number(text: &str) -> u64 {
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return u64::from_str_radix(hexadecimal, 16).unwrap_or_default();
    }
    let signed = text.parse::<i64>().map(i64::cast_unsigned);
    signed.or_else(|_| text.parse()).unwrap_or_default()
}

/// Where the only run of bits that are set begins, and how long it is.
fn run_of_ones(bytes: &[u8]) -> Option<(u64, u64)> {
    let is_set = |bit: usize| bytes[bit / 8] >> (bit % 8) & 1 == 1;
    let set: Vec<usize> = (0..bytes.len() * 8).filter(|&bit| is_set(bit)).collect();
    let (first, last) = (*set.first()?, *set.last()?);
    (last - first + 1 == set.len()).then_some((first as u64, set.len() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASSEMBLY: &str = "\t.globl\ttf_bits_0\n\t.type\ttf_bits_0, @object\ntf_bits_0:\n\
        \t.zero\t1\n\t.byte\t56\n\t.zero\t2\n\t.globl tf_bits_1\ntf_bits_1:\n\t.long -2\n\t.byte 1 # x\n\
        f:\n#APP\n# 7 \"x.c\" 1\n\t\n->tf 3 -5 <-\n# 0 \"\" 2\n->tf 4 __isoc99_scanf <-\n";

    #[test]
    fn answers_are_read() {
        let answers = numbered(ASSEMBLY);
        assert_eq!(answers.into_iter().collect::<Vec<_>>(), [(3, "-5"), (4, "__isoc99_scanf")]);
    }

    #[test]
    fn symbols_that_nobody_else_sees() {
        let assembly = "f:\n\tret\n\t.globl\tg\ng:\n\tcall h\n";
        let found = ["f", "g", "h"].map(|symbol| is_private(assembly, symbol));
        assert_eq!(found, [true, false, false]);
    }

    #[test]
    fn objects_are_read() {
        assert_eq!(object(ASSEMBLY, "tf_bits_0"), [0, 56, 0, 0]);
        assert_eq!(object(ASSEMBLY, "tf_bits_1"), [254, 255, 255, 255, 1]);
        assert_eq!(run_of_ones(&[0, 56, 0, 0]), Some((11, 3)));
        assert_eq!(run_of_ones(&[254, 255, 255, 255, 1]), Some((1, 32)));
        assert_eq!(run_of_ones(&[5]), None);
        assert_eq!(run_of_ones(&[0, 0]), None);
    }
}
