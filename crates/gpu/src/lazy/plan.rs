//! Which kernel an expression is computed by, and how it is launched.

use std::sync::Arc;

use ndarray::Dimension;

use super::chain::{Chain, Step};
use crate::adapter::Feature;
use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::kept::{Kept, Uses};
use crate::operand::Field;
use crate::pointwise::{Input, Pointwise, Shape};
use crate::program::Program;

/// The device of an expression.
pub(super) fn device(chain: &Chain) -> Result<&Device> {
    chain.device.as_ref().ok_or_else(|| {
        Error::new(ErrorKind::Argument, "an expression of numbers alone has no device")
    })
}

/// Computes a chain into an array of which all is overwritten: dense, from the beginning of its memory.
pub(super) fn run<T: Element, D: Dimension>(chain: &Chain, out: &DeviceArray<T, D>) -> Result<()> {
    let device = device(chain)?;
    device.check()?;
    require(chain, device)?;
    let inputs: Vec<_> = chain.arrays.iter().map(|tensor| Input::Array(&tensor.field)).collect();
    let call = Pointwise {
        device,
        inputs: &inputs,
        outputs: &[Field::of(out)],
        numbers: &|mut launch, _| {
            for number in &chain.numbers {
                launch = launch.bytes(number.ty, &number.bytes);
            }
            launch
        },
        is_short: !chain.is_long(),
    };
    call.run(|shape| program(chain, device, shape))
}

/// The kernel, whose text is written the first time.
fn program(chain: &Chain, device: &Device, shape: &Shape) -> Result<Arc<Program>> {
    let (steps, shape) = (chain.steps.clone(), shape.clone());
    let structure = Structure { steps, shape: shape.clone(), is_fast: chain.is_fast };
    device.expressions().0.get_or(structure, || device.program(&chain.source(&shape)?))
}

/// An error if the device lacks a type that the chain computes with, or has fewer bindings than it has
/// arrays.
fn require(chain: &Chain, device: &Device) -> Result<()> {
    for step in &chain.steps {
        match step.ty {
            "f64" => device.require(Feature::F64)?,
            "i64" | "u64" => device.require(Feature::I64)?,
            _ => {}
        }
    }
    let (arrays, most) = (chain.arrays.len(), device.limits().max_bindings as usize);
    if arrays >= most {
        let message = format!(
            "an expression has {arrays} arrays, and the device shows {} and the result at a time; a part of it has to be evaluated before",
            most.saturating_sub(1)
        );
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    Ok(())
}

/// The kernels of expressions by what makes them: types of arrays and numbers are those of steps.
#[derive(Debug, Default)]
pub(crate) struct Expressions(Kept<Structure>);

impl Expressions {
    pub(crate) fn uses(&self) -> Uses {
        self.0.uses()
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Structure {
    steps: Vec<Step>,
    shape: Shape,
    is_fast: bool,
}
