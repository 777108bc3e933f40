//! What an expression computes: operations in an order in which each comes behind those that it takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::Dimension;

use super::formula::Definition;
use super::functions::{is_float, is_long};
use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::operand::Field;

/// A kernel of more would take the driver long to compile.
const MOST_STEPS: usize = 1024;

/// Operations, the last of which gives the result.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    /// None if there are numbers alone.
    pub(super) device: Option<Device>,
    pub(super) arrays: Vec<Tensor>,
    pub(super) numbers: Vec<Number>,
    pub(super) steps: Vec<Step>,
    pub(super) is_fast: bool,
}

/// An array of any type.
#[derive(Debug, Clone)]
pub(super) struct Tensor {
    pub(super) field: Field,
    /// Lest the memory be written.
    _shown: Arc<()>,
}

impl Tensor {
    pub(super) fn of<T: Element, D: Dimension>(array: &DeviceArray<T, D>) -> Self {
        Self { field: Field::of(array), _shown: Arc::clone(array.shown()) }
    }
}

/// A number that the kernel is given, so that others need no other kernel.
#[derive(Debug, Clone)]
pub(super) struct Number {
    /// What tells it from an equal one.
    id: u64,
    pub(super) ty: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// An operation, of the results of earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Step {
    pub(super) op: Op,
    /// The type of the result in WGSL.
    pub(super) ty: &'static str,
    pub(super) args: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Op {
    /// An element of an array.
    Array(usize),
    Number(usize),
    /// An operator between two.
    Infix(&'static str),
    /// A function by its name in Rust.
    Call(&'static str),
    /// To the type of the result, as Rust's `as`.
    Cast,
    /// A power that is known to the kernel.
    Powi(i32),
    /// A function that the user wrote.
    Formula(Arc<Definition>),
}

/// Why an expression cannot be evaluated, found while it was written.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    kind: ErrorKind,
    message: String,
}

impl Failure {
    pub(super) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Error::new(failure.kind, failure.message)
    }
}

impl Chain {
    pub(super) fn array<T: Element, D: Dimension>(array: &DeviceArray<T, D>) -> Self {
        let step = Step { op: Op::Array(0), ty: T::WGSL, args: vec![] };
        let device = Some(array.device().clone());
        Self { device, arrays: vec![Tensor::of(array)], steps: vec![step], ..Self::default() }
    }

    pub(super) fn number<T: Element>(value: T) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let number = Number { id, ty: T::WGSL, bytes: bytemuck::bytes_of(&value).to_vec() };
        let step = Step { op: Op::Number(0), ty: T::WGSL, args: vec![] };
        Self { numbers: vec![number], steps: vec![step], ..Self::default() }
    }

    /// One more operation, of the results of some chains.
    pub(super) fn apply(op: Op, ty: &'static str, chains: Vec<Arc<Self>>) -> Result<Self, Failure> {
        let mut chains = chains.into_iter();
        let mut all = chains.next().map(Arc::unwrap_or_clone).unwrap_or_default();
        let mut args = vec![all.steps.len().saturating_sub(1)];
        for chain in chains {
            args.push(all.merge(&chain)?);
        }
        all.steps.push(Step { op, ty, args });
        if all.steps.len() > MOST_STEPS {
            let message = format!(
                "an expression has more than {MOST_STEPS} operations; a part of it has to be evaluated before"
            );
            return Err(Failure::new(ErrorKind::TooLarge, message));
        }
        Ok(all)
    }

    /// The type of the result in WGSL.
    pub(super) fn ty(&self) -> &'static str {
        self.steps.last().map_or("f32", |step| step.ty)
    }

    /// Whether each operation is to be rounded by itself.
    pub(super) fn is_precise(&self) -> bool {
        // A formula may compute with floats inside.
        let may_round = |step: &Step| is_float(step.ty) || matches!(step.op, Op::Formula(_));
        !self.is_fast && self.steps.iter().any(may_round)
    }

    /// Whether it calls functions that are long.
    pub(super) fn is_long(&self) -> bool {
        self.steps.iter().any(|step| {
            let of = step.args.first().map_or(step.ty, |&arg| self.steps[arg].ty);
            is_long(&step.op, of, self.is_fast)
        })
    }

    /// Takes in another chain; where its result is. What both compute is computed once.
    fn merge(&mut self, other: &Self) -> Result<usize, Failure> {
        match (&self.device, &other.device) {
            (Some(one), Some(two)) if !one.is(two) => {
                let message =
                    format!("an expression has arrays of two devices: {one:?} and {two:?}");
                return Err(Failure::new(ErrorKind::DeviceMismatch, message));
            }
            (None, two) => self.device.clone_from(two),
            _ => {}
        }
        self.is_fast |= other.is_fast;
        let mut places: Vec<usize> = Vec::with_capacity(other.steps.len());
        for step in &other.steps {
            let op = match &step.op {
                Op::Array(at) => Op::Array(self.place_of_array(&other.arrays[*at])),
                Op::Number(at) => Op::Number(self.place_of_number(&other.numbers[*at])),
                op => op.clone(),
            };
            let args = step.args.iter().map(|&arg| places[arg]).collect();
            let step = Step { op, ty: step.ty, args };
            let found = self.steps.iter().position(|known| *known == step);
            places.push(found.unwrap_or_else(|| {
                self.steps.push(step);
                self.steps.len() - 1
            }));
        }
        Ok(places.last().copied().unwrap_or(0))
    }

    fn place_of_array(&mut self, array: &Tensor) -> usize {
        let same = |known: &Tensor| {
            let (known, array) = (&known.field, &array.field);
            Arc::ptr_eq(&known.memory, &array.memory)
                && known.layout == array.layout
                && known.ty == array.ty
        };
        self.arrays.iter().position(same).unwrap_or_else(|| {
            self.arrays.push(array.clone());
            self.arrays.len() - 1
        })
    }

    fn place_of_number(&mut self, number: &Number) -> usize {
        self.numbers.iter().position(|known| known.id == number.id).unwrap_or_else(|| {
            self.numbers.push(number.clone());
            self.numbers.len() - 1
        })
    }
}

/// The shape that two have when each is broadcast to it.
pub(super) fn broadcast<A: Dimension, B: Dimension, C: Dimension>(
    a: &A,
    b: &B,
) -> Result<C, Failure> {
    let (a, b) = (a.slice(), b.slice());
    let together = || {
        let message = format!("shapes {a:?} and {b:?} cannot be broadcast together");
        Failure::new(ErrorKind::Shape, message)
    };
    let axes = a.len().max(b.len());
    if C::NDIM.is_some_and(|wanted| wanted != axes) {
        return Err(together());
    }
    let mut dim = C::zeros(axes);
    // From the last axis on; a missing one has length 1.
    let at = |shape: &[usize], back: usize| {
        shape.len().checked_sub(back + 1).map_or(1, |axis| shape[axis])
    };
    for back in 0..axes {
        dim[axes - 1 - back] = match (at(a, back), at(b, back)) {
            (x, y) if x == y || y == 1 => x,
            (1, y) => y,
            _ => return Err(together()),
        };
    }
    Ok(dim)
}
