//! How the arguments of a kernel that reduces are walked: each axis by itself.

use std::fmt::{self, Write as _};

use ndarray::IxDyn;

use crate::error::Result;
use crate::launch::Launch;
use crate::layout::Layout;
use crate::source::Source;

/// How layouts are walked, as letters.
pub(super) fn ways(layouts: &[Layout<IxDyn>]) -> impl Iterator<Item = u8> {
    let axes = layouts.first().map_or(0, |layout| layout.shape().len());
    let walks = (0..axes).flat_map(move |axis| layouts.iter().map(move |l| Walk::of(l, axis)));
    walks.map(|walk| match walk {
        Walk::Still => b'0',
        Walk::Dense => b'1',
        Walk::Strided => b's',
    })
}

/// How an array is walked along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walk {
    Still,
    Dense,
    Strided,
}

impl Walk {
    fn of(layout: &Layout<IxDyn>, axis: usize) -> Self {
        match layout.strides[axis] {
            0 => Self::Still,
            1 => Self::Dense,
            _ => Self::Strided,
        }
    }
}

/// The part of a body that computes `at0`, `at1`, .. for each layout from `index`, and the parameters
/// that it takes: `first0`, .., and for each axis its length, but for the first, and the strides.
pub(super) fn places(mut source: Source, layouts: &[Layout<IxDyn>]) -> (Source, String) {
    let mut body = String::new();
    let mut line = |args: fmt::Arguments<'_>| {
        let written = body.write_fmt(args);
        debug_assert!(written.is_ok(), "text takes everything");
    };
    for at in 0..layouts.len() {
        source = source.param(&format!("first{at}"), "u32");
    }
    let axes = layouts.first().map_or(0, |layout| layout.shape().len());
    for axis in 0..axes {
        if axis > 0 {
            source = source.param(&format!("len{axis}"), "u32");
        }
        for (at, layout) in layouts.iter().enumerate() {
            if Walk::of(layout, axis) == Walk::Strided {
                source = source.param(&format!("step{at}_{axis}"), "u32");
            }
        }
    }
    for axis in (0..axes).rev() {
        let rest = if axis + 1 == axes { "index".to_owned() } else { format!("rest{}", axis + 1) };
        if axis == 0 {
            line(format_args!("let i0 = {rest};\n"));
        } else {
            line(format_args!("let rest{axis} = {rest} / params.len{axis};\n"));
            line(format_args!("let i{axis} = {rest} - rest{axis} * params.len{axis};\n"));
        }
    }
    for (at, layout) in layouts.iter().enumerate() {
        line(format_args!("let at{at} = params.first{at}"));
        for axis in 0..axes {
            match Walk::of(layout, axis) {
                Walk::Still => {}
                Walk::Dense => line(format_args!(" + i{axis}")),
                Walk::Strided => line(format_args!(" + i{axis} * params.step{at}_{axis}")),
            }
        }
        line(format_args!(";\n"));
    }
    (source, body)
}

/// The parameters of [`places`], for arrays whose first elements are at these places.
pub(super) fn give_places<'a>(
    mut launch: Launch<'a>,
    layouts: &[Layout<IxDyn>],
    firsts: &[u32],
) -> Result<Launch<'a>> {
    for first in firsts {
        launch = launch.number(*first);
    }
    let shape = layouts.first().map_or(&[][..], |layout| layout.shape());
    for (axis, &len) in shape.iter().enumerate() {
        if axis > 0 {
            launch = launch.count(len)?;
        }
        for layout in layouts {
            if Walk::of(layout, axis) == Walk::Strided {
                launch = launch.stride(layout.strides[axis])?;
            }
        }
    }
    Ok(launch)
}
