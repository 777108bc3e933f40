//! The text of a stencil's kernel: what reads around a place, and what one invocation does.

use std::fmt;
use std::fmt::Write as _;

use tenfold_kernel::__private::Value;
use tenfold_kernel::Border;

use super::{Band, Scene};
use crate::elementwise::result;
use crate::error::Result;
use crate::scalar::{loaded, to_store};

/// The function that says where an index that may lie outside is found.
pub(super) fn folds(border: Border<Value>) -> &'static str {
    match border {
        Border::Valid | Border::Const(_) => "",
        Border::Nearest => {
            "fn tenfold_fold(at: i32, len: i32) -> i32 { return min(max(at, 0), len - 1); }\n"
        }
        Border::Wrap => {
            "fn tenfold_fold(at: i32, len: i32) -> i32 {\n\
             if (at >= 0 && at < len) { return at; }\n\
             let rest = at % len;\n\
             return select(rest, rest + len, rest < 0);\n}\n"
        }
        Border::Reflect => {
            "fn tenfold_fold(at: i32, len: i32) -> i32 {\n\
             if (at >= 0 && at < len) { return at; }\n\
             if (len == 1) { return 0; }\n\
             let all = 2u * u32(len - 1);\n\
             let rest = u32(abs(at)) % all;\n\
             return i32(min(rest, all - rest));\n}\n"
        }
    }
}

/// The names in the function that reads around a place.
pub(super) struct Head<'a> {
    pub(super) kernel: &'a str,
    pub(super) of: &'a str,
    pub(super) ty: &'a str,
    pub(super) at: usize,
}

const AXES: [&str; 3] = ["x", "y", "z"];

/// `at.x`, and `at` where there is one axis.
fn component(of: &str, axis: usize, axes: usize) -> String {
    if axes == 1 { of.to_owned() } else { format!("{of}.{}", AXES[axis]) }
}

/// The function that reads around a place.
pub(super) fn neighbour(
    head: &Head<'_>,
    axes: usize,
    border: &Border<Value>,
    direct: usize,
) -> Result<String> {
    let Head { kernel, of, ty, at } = head;
    let place = ["i32", "vec2<i32>", "vec3<i32>"][axes - 1];
    let mut text = format!(
        "fn {kernel}_nbr_{of}(around: {place}, by: {place}) -> {ty} {{\nlet at = around + by;\n"
    );
    let mut sum = format!("params.first{at}");
    let mut outside = vec![];
    for axis in 0..axes {
        let index = component("at", axis, axes);
        let len = format!("i32(params.len{axis})");
        let folds = axis >= direct;
        let found = match border {
            Border::Const(_) | Border::Valid => index.clone(),
            _ if folds => format!("tenfold_fold({index}, {len})"),
            _ => index.clone(),
        };
        if folds {
            outside.push(format!("{index} < 0 || {index} >= {len}"));
        }
        sum.push_str(&format!(" + u32({found}) * params.step{at}_{axis}"));
    }
    if let Border::Const(value) = border
        && !outside.is_empty()
    {
        let value = value.wgsl()?;
        text.push_str(&format!("if ({}) {{ return {value}; }}\n", outside.join(" || ")));
    }
    text.push_str(&format!("return {};\n}}\n", loaded(ty, &format!("in{at}[{sum}]"))));
    Ok(text)
}

/// What one invocation does.
pub(super) fn body(
    scene: &Scene,
    function: &tenfold_kernel::Portable,
    inputs: usize,
    call: &str,
    band: &Band,
) -> String {
    let axes = scene.shape.len();
    let mut body = String::from("if (index >= params.n) { return; }\n");
    let mut line = |args: fmt::Arguments<'_>| {
        let written = body.write_fmt(args);
        debug_assert!(written.is_ok(), "text takes everything");
    };
    let mut rest = "index".to_owned();
    for axis in (1..axes).rev() {
        line(format_args!("let rest{axis} = {rest} / params.out_len{axis};\n"));
        line(format_args!("let i{axis} = {rest} - rest{axis} * params.out_len{axis};\n"));
        rest = format!("rest{axis}");
    }
    line(format_args!("let i0 = {rest} + params.row;\n"));
    let column =
        |axis| if axis == 1 && band.within.is_some() { " + i32(params.column)" } else { "" };
    let is_shifted = scene.border == Border::Valid && !band.keeps;
    let place = |axis: usize| match (is_shifted, axis) {
        // Rows, and parts of them, are counted where they are.
        (true, 1..) if column(axis).is_empty() => format!("i32(i{axis}) + {}", scene.reach[axis].0),
        _ => format!("i32(i{axis}){}", column(axis)),
    };
    let places: Vec<_> = (0..axes).map(place).collect();
    let ty = ["i32", "vec2<i32>", "vec3<i32>"][axes - 1];
    line(format_args!("let at = {ty}({});\n", places.join(", ")));
    let name = function.name;
    if band.keeps {
        let inside = (0..axes).map(|axis| {
            let (low, high) = scene.reach[axis];
            let index = component("at", axis, axes);
            format!("{index} >= {low} && {index} + {high} < i32(params.len{axis})")
        });
        let inside: Vec<_> = inside.collect();
        let own = function.neighbours.first().map_or("", |(of, _, _)| of);
        line(format_args!("var result = {name}_nbr_{own}(at, {ty}());\n"));
        line(format_args!("if ({}) {{ result = {name}({call}); }}\n", inside.join(" && ")));
    } else {
        line(format_args!("let result = {name}({call});\n"));
    }
    for (at, ty) in function.returns.iter().enumerate() {
        let value = result(function, "result", at);
        let first = inputs + at;
        line(format_args!("out{at}[params.first{first} + index] = {};\n", to_store(ty, &value)));
    }
    body
}
