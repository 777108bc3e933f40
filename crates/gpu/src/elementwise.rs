//! Elementwise kernels on a device: every element of the results from the elements at its place.

use std::fmt;
use std::marker::PhantomData;

use ndarray::Dimension;
use tenfold_kernel::__private::Elementwise as IsElementwise;
use tenfold_kernel::{Kernel, Portable};

use crate::arguments::Arguments;
use crate::device::Device;
use crate::error::Result;
use crate::operand::{Field, IntoKernelArgs, KernelArgs, KernelOutputs};
use crate::pointwise::{Element, Input, Pointwise, Shape};
use crate::portable;
use crate::program::{CallKey, Source};
use crate::scalar::to_store;

/// An elementwise kernel on a [`Device`], or a reduction of what one gives.
pub struct Elementwise<K, T> {
    device: Device,
    is_precise: bool,
    size: u32,
    _kernel: PhantomData<fn() -> (K, T)>,
}

impl<K, T> Elementwise<K, T> {
    pub(crate) fn new(device: &Device) -> Self {
        Self { device: device.clone(), is_precise: true, size: 256, _kernel: PhantomData }
    }

    /// Each operation rounded by itself, infinities and NaN as on the processor: the bits are those of
    /// the kernel there, as far as the device divides and takes roots exactly. That is so unless
    /// [`fast`](Self::fast) says otherwise.
    #[must_use]
    pub fn precise(self) -> Self {
        Self { is_precise: true, ..self }
    }

    /// The driver may take operations together, and believe that there are neither infinities nor NaN: what
    /// tests for NaN may not find any, `x - x` may be 0 for infinite x, and what a rounded sum has lost
    /// (two-sum, Kahan) may come out as 0. Functions of `f32` that WGSL has are those of the device: on lavapipe
    /// `exp` was off by 52 units in the last place, `tanh` by 107, `acos` by 3800 ([more](crate#accuracy)).
    /// Functions of `f64` are the same as in precise mode.
    ///
    /// It is for devices without precise mode, and where that costs more than exact bits are worth.
    #[must_use]
    pub fn fast(self) -> Self {
        Self { is_precise: false, ..self }
    }

    /// Invocations of a work-group; 256 where nothing is said. It changes nothing but the time.
    #[must_use]
    pub fn workgroup_size(self, size: u32) -> Self {
        Self { size, ..self }
    }

    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    pub(crate) fn is_precise(&self) -> bool {
        self.is_precise
    }
}

/// What a kernel gives for a tuple of arguments: an array, or a tuple of them, with the axes that the
/// arguments have together.
type Mapped<K, T, A> = <<K as IsElementwise<T>>::Out as KernelOutputs>::Arrays<
    <<A as IntoKernelArgs>::Nested as KernelArgs<<K as IsElementwise<T>>::In>>::Dim,
>;

impl<K: Kernel<T> + IsElementwise<T>, T> Elementwise<K, T> {
    /// The results in new arrays, for a single array or range, or arguments in a tuple: numbers, ranges of
    /// integers, and arrays of any layout, which are broadcast. The arrays of a parameter of type `bool`
    /// are of `u32`, and anything but 0 is true.
    ///
    /// # Errors
    /// Shapes that cannot be broadcast together, a kernel without a source for devices, types that the
    /// device does not have, no memory.
    pub fn map<A>(&self, args: A) -> Result<Mapped<K, T, A>>
    where
        A: IntoKernelArgs,
        A::Nested: KernelArgs<K::In>,
        K::Out: KernelOutputs,
    {
        let arguments = self.arguments(args);
        let shape = arguments.shape(&self.device)?;
        let mut dim = <A::Nested as KernelArgs<K::In>>::Dim::zeros(shape.len());
        dim.slice_mut().copy_from_slice(&shape);
        let (arrays, outputs) = <K::Out as KernelOutputs>::allocate(&self.device, &dim)?;
        self.run(&arguments, &outputs)?;
        Ok(arrays)
    }

    pub(crate) fn arguments<A>(&self, args: A) -> Arguments
    where
        A: IntoKernelArgs,
        A::Nested: KernelArgs<K::In>,
    {
        let mut operands = vec![];
        args.nested().operands(&mut operands);
        Arguments::new(operands, K::NAMES)
    }

    fn run(&self, arguments: &Arguments, outputs: &[Field]) -> Result<()> {
        let portable = K::SOURCE;
        let call = Pointwise {
            device: &self.device,
            inputs: &arguments.inputs(),
            outputs,
            numbers: &|launch, layouts| arguments.numbers(launch, layouts),
            is_short: self.device.is_short(&portable)?,
        };
        call.run(|shape| {
            let kind = arguments.kind().chain([b'/']).chain(shape.key());
            let key = CallKey::new(&portable, K::NAME, self.size, self.is_precise, kind)?;
            self.device.called(key, || self.source(arguments, outputs, shape))
        })
    }

    /// For arguments of these kinds, which are walked in a shape.
    fn source(&self, arguments: &Arguments, outputs: &[Field], shape: &Shape) -> Result<Source> {
        let portable = K::SOURCE;
        let function = portable.portable()?;
        let text = portable::text(&portable)?;
        let source = Source::new(K::NAME).size(self.size).precise(self.is_precise).items(&text);
        let element = Element {
            inputs: &arguments.inputs().iter().map(Input::ty).collect::<Vec<_>>(),
            outputs: &outputs.iter().map(|output| output.ty).collect::<Vec<_>>(),
            numbers: &arguments.number_names(),
            value: &|elements| {
                let element = |at: usize| elements[at].clone();
                arguments.call(function, element, element)
            },
            stored: &|at, name| to_store(function.returns[at], &result(function, name, at)),
        };
        Ok(shape.source(source, &element))
    }
}

/// One of the results of a function, of which `all` is the name of what it gave.
pub(crate) fn result(function: &Portable, all: &str, at: usize) -> String {
    if function.returns.len() == 1 { all.to_owned() } else { format!("{all}.o{at}") }
}

impl<K: Kernel<T>, T> fmt::Debug for Elementwise<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Elementwise({} on {:?})", K::NAME, self.device)
    }
}
