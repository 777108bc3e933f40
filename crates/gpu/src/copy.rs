//! Copies of arrays in any layout.

use std::fmt::Write as _;

use ndarray::Dimension;

use crate::array::{DeviceArray, part_of};
use crate::element::Element;
use crate::error::Result;
use crate::launch::Launch;
use crate::layout::{Layout, parts};
use crate::program::Source;

impl<T: Element, D: Dimension> DeviceArray<T, D> {
    /// A new array with the same elements, row-major and dense.
    pub(crate) fn copied(&self) -> Result<Self> {
        let device = self.device();
        let new = device.uninit::<T, D>(self.raw_dim())?;
        if self.is_empty() {
            return Ok(new);
        }
        let axes = self.ndim();
        let program = device.program(&source::<T>(axes))?;
        let most = device.most_elements::<T>();
        let layouts = [self.layout().clone().into_dyn(), new.layout().clone().into_dyn()];
        for part in parts(&layouts, &[most; 2]) {
            let (from, to): (&Layout<_>, &Layout<_>) = (&part[0], &part[1]);
            let (from_part, from_first) = part_of::<T, _>(device, self.memory(), from);
            let (to_part, to_first) = part_of::<T, _>(device, new.memory(), to);
            let mut launch = Launch::new(device, &program).part(from_part).part(to_part);
            launch = launch.count(from.len())?.number(from_first).number(to_first);
            for axis in 0..axes {
                launch = launch.count(from.shape()[axis])?;
                launch = launch.stride(from.strides[axis])?.stride(to.strides[axis])?;
            }
            launch.invocations(from.len())?;
        }
        Ok(new)
    }
}

/// For a number of axes: the index is taken apart from the last axis to the first.
fn source<T: Element>(axes: usize) -> Source {
    let mut source = Source::new(format!("copy_{}_{axes}", T::WGSL))
        .read("x", T::WGSL)
        .write("out", T::WGSL)
        .param("n", "u32")
        .param("x_first", "u32")
        .param("out_first", "u32");
    let mut body = String::from(
        "if (index >= params.n) { return; }\n\
         var left = index;\nvar source = params.x_first;\nvar target_at = params.out_first;\n",
    );
    for axis in 0..axes {
        source = source
            .param(&format!("len{axis}"), "u32")
            .param(&format!("x{axis}"), "u32")
            .param(&format!("out{axis}"), "u32");
    }
    for axis in (0..axes).rev() {
        let written = write!(
            body,
            "{{ let at = left % params.len{axis}; left = left / params.len{axis};\n\
             source += at * params.x{axis}; target_at += at * params.out{axis}; }}\n"
        );
        debug_assert!(written.is_ok(), "text takes everything");
    }
    source.body(&body).body("out[target_at] = x[source];")
}
