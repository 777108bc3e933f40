//! Kernels whose source is WGSL.

use std::fmt;
use std::sync::Arc;

use naga::{AddressSpace, ScalarKind, StorageAccess, TypeInner};
use ndarray::Dimension;

use crate::array::{DeviceArray, part_at};
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::Launch;
use crate::operand::Field;
use crate::program::{Binding, Checked, Param, Params, Plan, Program};
use crate::stream::Work;

/// A kernel whose source is WGSL: an entry point with the arrays and numbers that it takes.
///
/// Arrays are `var<storage>` variables of `@group(0)` with the bindings 0, 1, .., given in this order: a
/// `&DeviceArray` for one that is read, a `&mut DeviceArray` for one that is `read_write`. Where the source
/// has vectors of two or four numbers, so many elements are one. Numbers are
/// the members of one `var<uniform>` or `var<immediate>` variable, a struct of numbers or a single one,
/// given in their order. Numbers and arrays may be mixed.
///
/// Functions such as `exp` are this crate's own for `f64`, for which drivers have none, and in
/// [precise](Device::raw_kernel_precise) kernels for `f32`. They call WGSL's `abs`, `max`, `round`, `select` and the
/// like, so beside them a kernel may not have anything of its own with such a name.
///
/// ```
/// use tenfold_gpu::{Device, Select, ndarray::array};
///
/// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
/// let saxpy = device.raw_kernel(
///     "
///     @group(0) @binding(0) var<storage, read> x: array<f32>;
///     @group(0) @binding(1) var<storage, read_write> y: array<f32>;
///     var<immediate> a: f32;
///
///     @compute @workgroup_size(64)
///     fn saxpy(@builtin(global_invocation_id) id: vec3<u32>) {
///         if id.x < arrayLength(&y) {
///             y[id.x] += a * x[id.x];
///         }
///     }
///     ",
///     "saxpy",
/// )?;
/// let x = device.upload(&array![1.0_f32, 2.0, 3.0])?;
/// let mut y = device.upload(&array![10.0_f32, 20.0, 30.0])?;
/// saxpy.run([1, 1, 1], (2.0_f32, &x, &mut y))?;
/// assert_eq!(y.to_array()?, array![12.0, 24.0, 36.0]);
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
#[derive(Clone)]
pub struct RawKernel {
    device: Device,
    program: Arc<Program>,
}

/// What a [`RawKernel`] takes for one of its arrays or numbers.
pub trait RawArg {
    #[doc(hidden)]
    fn give(self, to: &mut Given) -> Result<()>;
}

/// Arguments of a [`RawKernel`]: a tuple of [`RawArg`]s.
pub trait RawArgs {
    #[doc(hidden)]
    fn give_all(self, to: &mut Given) -> Result<()>;
}

/// What was given so far.
#[doc(hidden)]
#[derive(Debug, Default)]
#[expect(unnameable_types, reason = "hidden methods alone take it")]
pub struct Given {
    /// With whether it may be written.
    arrays: Vec<(Field, bool)>,
    numbers: Vec<(&'static str, Vec<u8>)>,
}

impl<T: Element, D: Dimension> RawArg for &DeviceArray<T, D> {
    fn give(self, to: &mut Given) -> Result<()> {
        to.arrays.push((Field::of(self), false));
        Ok(())
    }
}

impl<T: Element, D: Dimension> RawArg for &mut DeviceArray<T, D> {
    fn give(self, to: &mut Given) -> Result<()> {
        self.make_own()?;
        to.arrays.push((Field::of(self), true));
        Ok(())
    }
}

macro_rules! numbers {
    ($($ty:ty)*) => {$(
        impl RawArg for $ty {
            fn give(self, to: &mut Given) -> Result<()> {
                to.numbers.push((<$ty>::WGSL, bytemuck::bytes_of(&self).to_vec()));
                Ok(())
            }
        }
    )*};
}
numbers!(f32 f64 i32 i64 u32 u64);

macro_rules! tuples {
    ($(($($A:ident)*))*) => {$(
        impl<$($A: RawArg),*> RawArgs for ($($A,)*) {
            #[expect(non_snake_case, reason = "the names of the types are those of the values")]
            fn give_all(self, to: &mut Given) -> Result<()> {
                let ($($A,)*) = self;
                $($A.give(to)?;)*
                Ok(())
            }
        }
    )*};
}
tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
    (A B C D E F G H I) (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
}

impl Device {
    /// The kernel that an entry point of a module in WGSL is. It is compiled once, however often it is
    /// asked for.
    ///
    /// # Errors
    /// The text is no valid WGSL, it has no such entry point, its variables are not as a [`RawKernel`] has them,
    /// or it calls functions such as `exp` of `f64` and has a `max`, `abs`, `round`, `select` or the like of its own,
    /// which those call ([`Validation`](ErrorKind::Validation)); its work-groups are larger than the device's; it
    /// calls functions such as `exp` of `f64`, and the device has no integers of 64 bits or the kernel an `override`
    /// ([`Unsupported`](ErrorKind::Unsupported)).
    pub fn raw_kernel(&self, wgsl: &str, entry: &str) -> Result<RawKernel> {
        self.raw_kernel_in(wgsl, entry, false)
    }

    /// As [`raw_kernel`](Self::raw_kernel), each operation rounded by itself.
    ///
    /// # Errors
    /// As of [`raw_kernel`](Self::raw_kernel), of functions of `f32` too; or the device has no precise mode, or the
    /// kernel an `override`.
    pub fn raw_kernel_precise(&self, wgsl: &str, entry: &str) -> Result<RawKernel> {
        self.raw_kernel_in(wgsl, entry, true)
    }

    fn raw_kernel_in(&self, wgsl: &str, entry: &str, is_precise: bool) -> Result<RawKernel> {
        self.check()?;
        let checked: Checked = self.validate(entry, wgsl)?;
        let found = Interface::of(entry, &checked)?;
        let plan = Plan {
            name: entry,
            text: wgsl,
            entry,
            bindings: &found.bindings,
            params: &found.params,
            params_at: found.params_at,
            params_bytes: found.params_bytes,
            is_precise,
            is_zeroed: true,
            counts_groups: false,
        };
        let program = self.planned(&plan, Some(checked))?;
        Ok(RawKernel { device: self.clone(), program })
    }
}

impl RawKernel {
    /// The name of the entry point.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.program.name
    }

    /// Runs a grid of work-groups; none along an axis is nothing to do. What is written are the arrays
    /// that are given as `&mut`; where other arrays show the memory of one, it gets a copy of its own
    /// first. An array that does not lie dense is copied too, and one that is written is dense then.
    ///
    /// # Errors
    /// Arguments that are not those of the kernel, on another device, without elements or larger than
    /// what a kernel may see; more work-groups along an axis than the device takes.
    pub fn run(&self, groups: [u32; 3], args: impl RawArgs) -> Result<()> {
        let name = self.name();
        let mut given = Given::default();
        args.give_all(&mut given)?;
        let mut launch = Launch::new(&self.device, &self.program);
        let mut kept = vec![];
        for ((field, is_written), binding) in given.arrays.iter().zip(&self.program.bindings) {
            let argument = &binding.name;
            field.on(&self.device, argument)?;
            if *is_written != binding.is_written {
                let wanted = if binding.is_written { "`&mut`, as it is written" } else { "`&`" };
                let message =
                    format!("argument `{argument}` of kernel `{name}` is taken by {wanted}");
                return Err(Error::new(ErrorKind::Argument, message));
            }
            if field.layout.len() == 0 {
                let message = format!("argument `{argument}` of kernel `{name}` has no elements");
                return Err(Error::new(ErrorKind::Argument, message));
            }
            let (len, lanes) = (field.layout.len(), binding.lanes);
            if len % lanes != 0 {
                let message = format!(
                    "argument `{argument}` of kernel `{name}` is taken {lanes} elements at a time and has {len}"
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            let mut dense = field.to_standard_layout()?;
            let (mut part, first) = part_at(&self.device, &dense, &dense.layout);
            if first > 0 {
                // It does not begin where a binding may.
                dense = field.copy()?;
                part = part_at(&self.device, &dense, &dense.layout).0;
            }
            launch = launch.part(part);
            kept.push(dense);
        }
        for (field, _) in given.arrays.iter().skip(self.program.bindings.len()) {
            launch = launch.part(part_at(&self.device, field, &field.layout).0);
        }
        for (ty, bytes) in &given.numbers {
            launch = launch.bytes(ty, bytes);
        }
        let dispatch = launch.grid(groups)?;
        if groups.contains(&0) {
            return Ok(());
        }
        self.device.enqueue(Work::Dispatch(dispatch))
    }
}

impl fmt::Debug for RawKernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawKernel({} on {:?})", self.name(), self.device)
    }
}

/// What an entry point takes.
struct Interface {
    bindings: Vec<Binding>,
    params: Vec<Param>,
    params_at: Params,
    params_bytes: u32,
}

impl Interface {
    fn of(entry: &str, (module, info): &Checked) -> Result<Self> {
        let wrong = |message: String| {
            let message = format!("kernel `{entry}` {message}");
            Error::new(ErrorKind::Validation { line: None }, message)
        };
        let Some(at) = module.entry_points.iter().position(|e| e.name == entry) else {
            let names: Vec<_> = module.entry_points.iter().map(|e| e.name.as_str()).collect();
            return Err(wrong(format!("is no entry point of its module, which has {names:?}")));
        };
        // What only other entry points use is not for this one.
        let uses = |of: usize, variable: naga::Handle<naga::GlobalVariable>| {
            !info.get_entry_point(of)[variable].is_empty()
        };
        let is_taken = |variable| {
            uses(at, variable) || !(0..module.entry_points.len()).any(|of| uses(of, variable))
        };
        let mut found =
            Self { bindings: vec![], params: vec![], params_at: Params::None, params_bytes: 0 };
        let mut bound: Vec<(u32, &naga::GlobalVariable)> = vec![];
        for (_, variable) in module.global_variables.iter().filter(|(v, _)| is_taken(*v)) {
            match (&variable.binding, variable.space) {
                (Some(binding), _) if binding.group != 0 => {
                    let message =
                        format!("has a binding of group {}, and takes group 0", binding.group);
                    return Err(wrong(message));
                }
                (Some(binding), _) => bound.push((binding.binding, variable)),
                (None, AddressSpace::Immediate) => {
                    found.take_params(module, variable, Params::Immediate).map_err(wrong)?;
                }
                _ => {}
            }
        }
        bound.sort_by_key(|(binding, _)| *binding);
        for (at, (binding, variable)) in bound.into_iter().enumerate() {
            if binding as usize != at {
                return Err(wrong(format!("has binding {binding} where {at} should be")));
            }
            match variable.space {
                AddressSpace::Storage { access } => {
                    let is_written = access.contains(StorageAccess::STORE);
                    let binding = array(module, variable, is_written).map_err(wrong)?;
                    found.bindings.push(binding);
                }
                AddressSpace::Uniform => {
                    found.take_params(module, variable, Params::Bound(at)).map_err(wrong)?;
                }
                _ => {
                    return Err(wrong(format!(
                        "has a binding {at} that is no array and no number"
                    )));
                }
            }
        }
        Ok(found)
    }

    /// The numbers of a variable.
    fn take_params(
        &mut self,
        module: &naga::Module,
        variable: &naga::GlobalVariable,
        at: Params,
    ) -> Result<(), String> {
        let name = variable.name.as_deref().unwrap_or("_");
        if self.params_at != Params::None {
            return Err(format!("has numbers in `{name}` and in another variable"));
        }
        self.params_at = at;
        let inner = &module.types[variable.ty].inner;
        self.params_bytes = inner.try_size(module.to_ctx()).unwrap_or(u32::MAX);
        let number = |name: &str, inner: &TypeInner| {
            let ty = scalar(inner).ok_or_else(|| format!("has `{name}`, which is no number"))?;
            Ok::<_, String>(Param { name: name.to_owned(), ty: ty.to_owned() })
        };
        match inner {
            TypeInner::Struct { members, .. } => {
                let mut end = 0;
                for member in members {
                    let name = member.name.as_deref().unwrap_or("_");
                    let inner = &module.types[member.ty].inner;
                    let param = number(name, inner)?;
                    let size = inner.try_size(module.to_ctx()).unwrap_or(4);
                    if member.offset != u32::next_multiple_of(end, size) {
                        return Err(format!("has `{name}` at an offset of its own"));
                    }
                    end = member.offset + size;
                    self.params.push(param);
                }
            }
            inner => self.params.push(number(name, inner)?),
        }
        Ok(())
    }
}

/// An array that is bound.
fn array(
    module: &naga::Module,
    variable: &naga::GlobalVariable,
    is_written: bool,
) -> Result<Binding, String> {
    let name = variable.name.clone().unwrap_or_default();
    let element = match &module.types[variable.ty].inner {
        TypeInner::Array { base, size: naga::ArraySize::Dynamic, .. } => {
            match &module.types[*base].inner {
                // Three lie as far apart as four.
                TypeInner::Vector { size: naga::VectorSize::Tri, .. } => None,
                &TypeInner::Vector { size, scalar } => number(scalar).map(|ty| (ty, size as usize)),
                inner => scalar(inner).map(|ty| (ty, 1)),
            }
        }
        _ => None,
    };
    match element {
        Some((ty, lanes)) => Ok(Binding { name, ty: ty.to_owned(), lanes, is_written }),
        None => Err(format!("has `{name}`, which is no array of numbers, or of two or four")),
    }
}

/// The name of a type of numbers, also of one whose operations are atomic.
fn scalar(inner: &TypeInner) -> Option<&'static str> {
    let (TypeInner::Scalar(scalar) | TypeInner::Atomic(scalar)) = inner else { return None };
    number(*scalar)
}

fn number(scalar: naga::Scalar) -> Option<&'static str> {
    match (scalar.kind, scalar.width) {
        (ScalarKind::Float, 4) => Some("f32"),
        (ScalarKind::Float, 8) => Some("f64"),
        (ScalarKind::Sint, 4) => Some("i32"),
        (ScalarKind::Sint, 8) => Some("i64"),
        (ScalarKind::Uint, 4) => Some("u32"),
        (ScalarKind::Uint, 8) => Some("u64"),
        _ => None,
    }
}
