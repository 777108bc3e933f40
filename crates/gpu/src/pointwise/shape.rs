//! The kernel of a launch.

use std::fmt::{self, Write as _};

use crate::run::quad;
use crate::source::Source;

/// Elements that an invocation computes where it can.
pub(super) const LANES: usize = 4;

/// How the elements of an array come to an invocation, which computes one or four of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Access {
    /// Four at once.
    Packed,
    /// One for all four.
    Same,
    /// Each by itself.
    Apart,
    /// As a place: it lies nowhere.
    Range,
}

/// What a kernel knows of the layouts of its arrays.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    pub(super) axes: usize,
    /// Elements that an invocation computes along the last axis: 1 or 4.
    pub(super) lanes: usize,
    /// Of each array and range, and of the results at last.
    pub(super) accesses: Vec<Access>,
    /// Whether the first element of each is the first that the kernel sees.
    pub(super) is_from_start: bool,
}

/// What is computed of one element of each array, and one place of each range.
pub(crate) struct Element<'a> {
    /// The types of arrays in WGSL; those of ranges are not told.
    pub(crate) inputs: &'a [Option<&'static str>],
    pub(crate) outputs: &'a [&'static str],
    /// The names and types of numbers, which are members of `params`.
    pub(crate) numbers: &'a [(String, &'static str)],
    /// The value, of elements and places that are said so.
    pub(crate) value: &'a dyn Fn(&[String]) -> String,
    /// What is stored in a result, of a value that has this name.
    pub(crate) stored: &'a dyn Fn(usize, &str) -> String,
}

impl Shape {
    /// What tells it from others, where a program is kept.
    pub(crate) fn key(&self) -> impl Iterator<Item = u8> {
        let number = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
        let accesses = self.accesses.iter().map(|access| *access as u8);
        [number(self.axes), number(self.lanes), self.is_from_start.into()]
            .into_iter()
            .chain(accesses)
    }

    /// The kernel, of a source that has what the value needs.
    pub(crate) fn source(&self, mut source: Source, element: &Element<'_>) -> Source {
        let Self { axes, lanes, accesses, is_from_start } = self;
        let last = axes - 1;
        let mut text = String::from("if (index >= params.count) { return; }\nvar left = index;\n");
        source = source.guarded().param("count", "u32");
        for axis in 1..*axes {
            source = source.param(&format!("len{axis}"), "u32");
        }
        for axis in (1..*axes).rev() {
            line(&mut text, format_args!("let c{axis} = left % params.len{axis};"));
            line(&mut text, format_args!("left = left / params.len{axis};"));
        }
        text += "let c0 = left;\n";
        for (array, access) in accesses.iter().enumerate() {
            let name = element.name(array);
            let mut places = vec![];
            if !is_from_start && *access != Access::Range {
                source = source.param(&format!("{name}_first"), "u32");
                places.push(format!("params.{name}_first"));
            }
            for axis in 0..*axes {
                match access {
                    Access::Packed if axis == last => places.push(format!("c{axis}")),
                    Access::Same if axis == last => {}
                    _ => {
                        source = source.param(&format!("{name}_{axis}"), "u32");
                        let by = if axis == last && *lanes == LANES { " * 4u" } else { "" };
                        places.push(format!("c{axis} * params.{name}_{axis}{by}"));
                    }
                }
            }
            let place = if places.is_empty() { "0u".to_owned() } else { places.join(" + ") };
            line(&mut text, format_args!("let {name}_at = {place};"));
        }
        for (name, ty) in element.numbers {
            source = source.param(name, ty);
        }
        let packed = |at: usize, ty| if accesses[at] == Access::Packed { quad(ty) } else { ty };
        for (at, ty) in element.inputs.iter().enumerate() {
            if let Some(ty) = ty {
                source = source.read(&element.name(at), packed(at, ty));
            }
        }
        for (at, ty) in (element.inputs.len()..).zip(element.outputs) {
            source = source.write(&element.name(at), packed(at, ty));
        }
        self.elements(&mut text, element);
        source.body(&text)
    }

    /// Reads, computes and writes.
    fn elements(&self, text: &mut String, element: &Element<'_>) {
        let last = self.axes - 1;
        let inputs = &self.accesses[..element.inputs.len()];
        for (at, access) in inputs.iter().enumerate() {
            if matches!(access, Access::Packed | Access::Same) {
                line(text, format_args!("let x{at} = a{at}[a{at}_at];"));
            }
        }
        for lane in 0..self.lanes {
            let place = |at: usize| match lane {
                0 => format!("a{at}_at"),
                _ => format!("(a{at}_at + {lane}u * params.a{at}_{last})"),
            };
            let args = inputs.iter().enumerate().map(|(at, access)| match access {
                Access::Packed => format!("x{at}.{}", ["x", "y", "z", "w"][lane]),
                Access::Same => format!("x{at}"),
                Access::Apart => format!("a{at}[{}]", place(at)),
                Access::Range => place(at),
            });
            let value = (element.value)(&args.collect::<Vec<_>>());
            line(text, format_args!("let r{lane} = {value};"));
        }
        for (at, ty) in element.outputs.iter().enumerate() {
            let values = (0..self.lanes).map(|lane| (element.stored)(at, &format!("r{lane}")));
            let values = values.collect::<Vec<_>>().join(", ");
            match self.lanes {
                1 => line(text, format_args!("out{at}[out{at}_at] = {values};")),
                _ => line(text, format_args!("out{at}[out{at}_at] = {}({values});", quad(ty))),
            }
        }
    }
}

impl Element<'_> {
    /// The name of an array or a range in the kernel, or of a result.
    fn name(&self, at: usize) -> String {
        match at.checked_sub(self.inputs.len()) {
            None => format!("a{at}"),
            Some(result) => format!("out{result}"),
        }
    }
}

fn line(text: &mut String, args: fmt::Arguments<'_>) {
    let written = text.write_fmt(format_args!("{args}\n"));
    debug_assert!(written.is_ok(), "text takes everything");
}
