//! The kernel of a chain.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::chain::{Chain, Op};
use super::functions::written;
use crate::error::Result;
use crate::math;
use crate::pointwise::{Element, Shape};
use crate::program::missing;
use crate::source::Source;

impl Chain {
    /// The operations, as a function of one element of each array.
    fn element(&self) -> Result<String> {
        let (mut needs, mut helpers, mut helped) = (vec![], String::new(), BTreeSet::new());
        let mut lines = String::new();
        for (at, step) in self.steps.iter().enumerate() {
            let value = match &step.op {
                Op::Array(array) => format!("x{array}"),
                Op::Number(number) => format!("params.n{number}"),
                op => {
                    let types: Vec<_> = step.args.iter().map(|&arg| self.steps[arg].ty).collect();
                    let values: Vec<_> = step.args.iter().map(|arg| format!("v{arg}")).collect();
                    let written = written(op, step.ty, &types, &values, self.is_fast);
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
        let texts = math::texts(needs).map_err(missing)?;
        let params: Vec<_> =
            self.arrays.iter().enumerate().map(|(i, x)| format!("x{i}: {}", x.field.ty)).collect();
        let (params, ty) = (params.join(", "), self.ty());
        let last = self.steps.len().saturating_sub(1);
        Ok(format!("{texts}{helpers}fn element({params}) -> {ty} {{\n{lines}return v{last};\n}}"))
    }

    /// The kernel for arrays in such layouts.
    pub(super) fn source(&self, shape: &Shape) -> Result<Source> {
        let source = Source::new("expression").precise(self.is_precise()).items(&self.element()?);
        let inputs = self.arrays.iter().map(|array| Some(array.field.ty));
        let numbers = self.numbers.iter().enumerate().map(|(at, n)| (format!("n{at}"), n.ty));
        Ok(shape.source(
            source,
            &Element {
                inputs: &inputs.collect::<Vec<_>>(),
                outputs: &[self.ty()],
                numbers: &numbers.collect::<Vec<_>>(),
                value: &|elements| format!("element({})", elements.join(", ")),
                stored: &|_, value| value.to_owned(),
            },
        ))
    }
}

fn line(text: &mut String, args: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(format_args!("{args}\n"));
    debug_assert!(written.is_ok(), "text takes everything");
}
