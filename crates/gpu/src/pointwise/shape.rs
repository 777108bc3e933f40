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
}

/// What a kernel knows of the layouts of its arrays.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    pub(super) axes: usize,
    /// Elements that an invocation computes along the last axis: 1 or 4.
    pub(super) lanes: usize,
    /// Of each array, and of the results at last.
    pub(super) accesses: Vec<Access>,
    /// Whether the first element of each is the first that the kernel sees.
    pub(super) is_from_start: bool,
}

/// What is computed of one element of each array.
pub(crate) struct Element<'a> {
    /// The types of arrays in WGSL, and of the results at last.
    pub(crate) types: &'a [&'static str],
    pub(crate) results: usize,
    /// The names and types of numbers, which are members of `params`.
    pub(crate) numbers: &'a [(String, &'static str)],
    /// The value, of elements that have these names.
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
            if !is_from_start {
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
        for (array, (access, ty)) in accesses.iter().zip(element.types).enumerate() {
            let ty = if *access == Access::Packed { quad(ty) } else { *ty };
            let name = element.name(array);
            let is_result = array >= element.arrays();
            source = if is_result { source.write(&name, ty) } else { source.read(&name, ty) };
        }
        self.elements(&mut text, element);
        source.body(&text)
    }

    /// Reads, computes and writes.
    fn elements(&self, text: &mut String, element: &Element<'_>) {
        let last = self.axes - 1;
        let arrays = &self.accesses[..element.arrays()];
        for (at, access) in arrays.iter().enumerate() {
            if *access != Access::Apart {
                line(text, format_args!("let x{at} = a{at}[a{at}_at];"));
            }
        }
        for lane in 0..self.lanes {
            let args = arrays.iter().enumerate().map(|(at, access)| match access {
                Access::Packed => format!("x{at}.{}", ["x", "y", "z", "w"][lane]),
                Access::Same => format!("x{at}"),
                Access::Apart if lane == 0 => format!("a{at}[a{at}_at]"),
                Access::Apart => format!("a{at}[a{at}_at + {lane}u * params.a{at}_{last}]"),
            });
            let value = (element.value)(&args.collect::<Vec<_>>());
            line(text, format_args!("let r{lane} = {value};"));
        }
        for result in 0..element.results {
            let values = (0..self.lanes).map(|lane| (element.stored)(result, &format!("r{lane}")));
            let values = values.collect::<Vec<_>>().join(", ");
            let ty = element.types[element.arrays() + result];
            match self.lanes {
                1 => line(text, format_args!("out{result}[out{result}_at] = {values};")),
                _ => {
                    line(
                        text,
                        format_args!("out{result}[out{result}_at] = {}({values});", quad(ty)),
                    );
                }
            }
        }
    }
}

impl Element<'_> {
    /// How many arrays are read.
    fn arrays(&self) -> usize {
        self.types.len() - self.results
    }

    /// The name of an array in the kernel, or of a result.
    fn name(&self, array: usize) -> String {
        match array.checked_sub(self.arrays()) {
            None => format!("a{array}"),
            Some(result) => format!("out{result}"),
        }
    }
}

fn line(text: &mut String, args: fmt::Arguments<'_>) {
    let written = text.write_fmt(format_args!("{args}\n"));
    debug_assert!(written.is_ok(), "text takes everything");
}
