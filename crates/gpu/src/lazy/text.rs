//! The kernel of a chain.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::chain::{Chain, Op};
use super::functions::{Manner, written};
use crate::error::{Error, ErrorKind, Result};
use crate::math;
use crate::run::quad;
use crate::source::Source;

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
pub(super) struct Shape {
    pub(super) axes: usize,
    /// Elements that an invocation computes along the last axis: 1 or 4.
    pub(super) lanes: usize,
    /// Of each array, and of the result at last.
    pub(super) accesses: Vec<Access>,
    /// Whether the first element of each is the first that the kernel sees.
    pub(super) is_from_start: bool,
}

impl Chain {
    /// The operations, as a function of one element of each array.
    fn element(&self, is_wide: bool) -> Result<String> {
        let manner = Manner { is_fast: self.is_fast, is_wide: self.is_precise() && is_wide };
        let (mut needs, mut helpers, mut helped) = (vec![], String::new(), BTreeSet::new());
        let mut lines = String::new();
        for (at, step) in self.steps.iter().enumerate() {
            let value = match &step.op {
                Op::Array(array) => format!("x{array}"),
                Op::Number(number) => format!("params.n{number}"),
                op => {
                    let types: Vec<_> = step.args.iter().map(|&arg| self.steps[arg].ty).collect();
                    let values: Vec<_> = step.args.iter().map(|arg| format!("v{arg}")).collect();
                    let written = written(op, step.ty, &types, &values, manner);
                    needs.extend(written.need);
                    if let Some((name, text)) = written.helper
                        && helped.insert(name)
                    {
                        helpers += &text;
                    }
                    written.text
                }
            };
            line(&mut lines, format_args!("let v{at} = {value};"));
        }
        let formulas = self.steps.iter().filter_map(|step| match &step.op {
            Op::Formula(definition) => Some(definition.text.as_str()),
            _ => None,
        });
        let formulas = formulas.collect::<Vec<_>>().join("\n");
        let needs = needs.iter().copied();
        let texts = if self.is_precise() {
            math::exact_texts(needs, &formulas)
        } else {
            math::texts(needs)
        };
        let texts = texts.map_err(|(function, ty)| {
            let message = format!("there is no function `{function}` of {ty} for devices");
            Error::new(ErrorKind::Unsupported, message)
        })?;
        let params: Vec<_> =
            self.arrays.iter().enumerate().map(|(i, x)| format!("x{i}: {}", x.field.ty)).collect();
        let (params, ty) = (params.join(", "), self.ty());
        let last = self.steps.len().saturating_sub(1);
        Ok(format!("{texts}{helpers}fn element({params}) -> {ty} {{\n{lines}return v{last};\n}}"))
    }

    /// The kernel for arrays in such layouts.
    pub(super) fn source(&self, shape: &Shape, is_wide: bool) -> Result<Source> {
        let Shape { axes, lanes, accesses, is_from_start } = shape;
        let last = axes - 1;
        let mut source = Source::new("expression").precise(self.is_precise()).guarded();
        source = source.items(&self.element(is_wide)?);
        let mut text = String::from("if (index >= params.count) { return; }\nvar left = index;\n");
        source = source.param("count", "u32");
        for axis in 1..*axes {
            source = source.param(&format!("len{axis}"), "u32");
        }
        for axis in (1..*axes).rev() {
            line(&mut text, format_args!("let c{axis} = left % params.len{axis};"));
            line(&mut text, format_args!("left = left / params.len{axis};"));
        }
        text += "let c0 = left;\n";
        for (array, access) in accesses.iter().enumerate() {
            let name = self.name(array);
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
                        let by = if axis == last && *lanes == 4 { " * 4u" } else { "" };
                        places.push(format!("c{axis} * params.{name}_{axis}{by}"));
                    }
                }
            }
            let place = if places.is_empty() { "0u".to_owned() } else { places.join(" + ") };
            line(&mut text, format_args!("let {name}_at = {place};"));
        }
        for (at, number) in self.numbers.iter().enumerate() {
            source = source.param(&format!("n{at}"), number.ty);
        }
        for (array, access) in accesses.iter().enumerate() {
            let is_result = array == self.arrays.len();
            let ty = if is_result { self.ty() } else { self.arrays[array].field.ty };
            let ty = if *access == Access::Packed { quad(ty) } else { ty };
            let name = self.name(array);
            source = if is_result { source.write(&name, ty) } else { source.read(&name, ty) };
        }
        self.elements(&mut text, shape);
        Ok(source.body(&text))
    }

    /// The name of an array in the kernel, or of the result.
    fn name(&self, array: usize) -> String {
        if array < self.arrays.len() { format!("a{array}") } else { "out".to_owned() }
    }

    /// Reads, computes and writes.
    fn elements(&self, text: &mut String, shape: &Shape) {
        let last = shape.axes - 1;
        let arrays = &shape.accesses[..self.arrays.len()];
        for (at, access) in arrays.iter().enumerate() {
            if *access != Access::Apart {
                line(text, format_args!("let x{at} = a{at}[a{at}_at];"));
            }
        }
        let of_lane = |lane: usize| {
            let args = arrays.iter().enumerate().map(|(at, access)| match access {
                Access::Packed => format!("x{at}.{}", ["x", "y", "z", "w"][lane]),
                Access::Same => format!("x{at}"),
                Access::Apart if lane == 0 => format!("a{at}[a{at}_at]"),
                Access::Apart => format!("a{at}[a{at}_at + {lane}u * params.a{at}_{last}]"),
            });
            format!("element({})", args.collect::<Vec<_>>().join(", "))
        };
        let values: Vec<_> = (0..shape.lanes).map(of_lane).collect();
        let values = values.join(",\n");
        match shape.lanes {
            1 => line(text, format_args!("out[out_at] = {values};")),
            _ => line(text, format_args!("out[out_at] = {}(\n{values});", quad(self.ty()))),
        }
    }
}

fn line(text: &mut String, args: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(format_args!("{args}\n"));
    debug_assert!(written.is_ok(), "text takes everything");
}
