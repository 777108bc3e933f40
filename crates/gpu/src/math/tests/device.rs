//! One function over arrays, by both routes.

use naga::valid::Capabilities;
use ndarray::ArrayView1;

use crate::math::texts;
use crate::{Device, Element, Feature, testing};

/// Elements of a work-group.
const GROUP: usize = 64;

/// What becomes of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// wgpu's own.
    Fast,
    /// Every operation rounded by itself.
    Precise,
}

/// A device that has f64 and integers of as many bits.
pub(super) fn open(test: &str) -> Option<Device> {
    testing::device_with(test, &[Feature::F64, Feature::I64, Feature::Precise])
}

/// A module that has been read and found valid.
pub(super) fn validate(text: &str) -> (naga::Module, naga::valid::ModuleInfo) {
    let capabilities = Capabilities::FLOAT64 | Capabilities::SHADER_INT64;
    crate::validate::validate("functions", text, capabilities).unwrap()
}

/// What a function is called with, and gives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signature {
    pub(super) function: &'static str,
    pub(super) ty: &'static str,
    /// The type of a second argument.
    pub(super) second: Option<&'static str>,
    pub(super) result: &'static str,
}

impl Signature {
    /// A program that calls it for each element.
    fn program(&self) -> String {
        let Self { function, ty, second, result } = self;
        let texts = texts([(*function, *ty)]).unwrap();
        let (column, argument) = match second {
            Some(second) => (
                format!("@group(0) @binding(2) var<storage, read> y: array<{second}>;\n"),
                ", y[i]",
            ),
            None => (String::new(), ""),
        };
        format!(
            "@group(0) @binding(0) var<storage, read_write> out: array<{result}>;\n\
             @group(0) @binding(1) var<storage, read> x: array<{ty}>;\n{column}\
             @compute @workgroup_size({GROUP})\n\
             fn main(@builtin(global_invocation_id) id: vec3<u32>) {{\n\
                 let i = id.x;\n\
                 if i < arrayLength(&out) {{\n\
                     out[i] = tenfold_{function}_{ty}(x[i]{argument});\n\
                 }}\n\
             }}\n{texts}"
        )
    }
}

/// The function of each element.
pub(super) fn run<T: Element, Y: Element, R: Element>(
    device: &Device,
    signature: &Signature,
    route: Route,
    x: &[T],
    y: Option<&[Y]>,
) -> Vec<R> {
    let text = signature.program();
    let kernel = match route {
        Route::Fast => device.raw_kernel(&text, "main").unwrap(),
        Route::Precise => device.raw_kernel_precise(&text, "main").unwrap(),
    };
    let groups = [u32::try_from(x.len().div_ceil(GROUP)).unwrap(), 1, 1];
    let mut out = device.zeros::<R, _>(x.len()).unwrap();
    let x = device.upload(&ArrayView1::from(x)).unwrap();
    match y {
        Some(y) => {
            let y = device.upload(&ArrayView1::from(y)).unwrap();
            kernel.run(groups, (&mut out, &x, &y)).unwrap();
        }
        None => kernel.run(groups, (&mut out, &x)).unwrap(),
    }
    out.to_array().unwrap().to_vec()
}
