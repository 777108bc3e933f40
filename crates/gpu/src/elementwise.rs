//! Elementwise kernels on a device: every element of the results from the elements at its place.

use std::fmt;
use std::fmt::Write as _;
use std::marker::PhantomData;

use ndarray::{Dimension, IxDyn};
use tenfold_kernel::__private::Elementwise as IsElementwise;
use tenfold_kernel::{Kernel, Portable};

use crate::arguments::Arguments;
use crate::array::part_at;
use crate::device::Device;
use crate::error::Result;
use crate::launch::Launch;
use crate::layout::{Layout, collapsed, parts};
use crate::operand::{Args, Field, Results, Tuple};
use crate::pointwise::{Element, Pointwise, Shape};
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

    /// The driver may take operations together, and believe that there are neither infinities nor NaN;
    /// functions are those of the device, with the accuracy that WGSL asks for. It is for devices without
    /// precise mode, and where that costs more than exact bits are worth.
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
type Mapped<K, T, A> = <<K as IsElementwise<T>>::Out as Results>::Arrays<
    <<A as Tuple>::Nested as Args<<K as IsElementwise<T>>::In>>::Dim,
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
        A: Tuple,
        A::Nested: Args<K::In>,
        K::Out: Results,
    {
        let arguments = self.arguments(args);
        let shape = arguments.shape(&self.device)?;
        let mut dim = <A::Nested as Args<K::In>>::Dim::zeros(shape.len());
        dim.slice_mut().copy_from_slice(&shape);
        let (arrays, outputs) = <K::Out as Results>::allocate(&self.device, &dim)?;
        self.run(&arguments, &outputs)?;
        Ok(arrays)
    }

    pub(crate) fn arguments<A>(&self, args: A) -> Arguments
    where
        A: Tuple,
        A::Nested: Args<K::In>,
    {
        let mut operands = vec![];
        args.nested().operands(&mut operands);
        Arguments::new(operands, K::NAMES)
    }

    fn run(&self, arguments: &Arguments, outputs: &[Field]) -> Result<()> {
        match arguments.arrays() {
            Some(arrays) => self.run_arrays(arguments, &arrays, outputs),
            None => self.run_ranges(arguments, outputs),
        }
    }

    fn run_arrays(
        &self,
        arguments: &Arguments,
        arrays: &[&Field],
        outputs: &[Field],
    ) -> Result<()> {
        let portable = K::SOURCE;
        let fields: Vec<_> = arrays.iter().copied().chain(outputs).collect();
        let numbers = arguments.plain_numbers();
        let call = Pointwise {
            device: &self.device,
            fields: &fields,
            results: outputs.len(),
            numbers: &numbers.iter().map(|(_, ty, bytes)| (*ty, *bytes)).collect::<Vec<_>>(),
            is_short: portable::is_short(&portable)?,
        };
        call.run(|shape| {
            let kind = arguments.kind().chain([b'|']).chain(shape.key());
            let key = CallKey::new(&portable, K::NAME, self.size, self.is_precise, kind)?;
            self.device.called(key, || self.source_of_arrays(arguments, &fields, shape))
        })
    }

    /// For arrays that are walked in a shape.
    fn source_of_arrays(
        &self,
        arguments: &Arguments,
        fields: &[&Field],
        shape: &Shape,
    ) -> Result<Source> {
        let portable = K::SOURCE;
        let function = portable.portable()?;
        let text = portable::text(&portable, self.is_precise)?;
        let source = Source::new(K::NAME).size(self.size).precise(self.is_precise).items(&text);
        let numbers = arguments.plain_numbers().into_iter().map(|(name, ty, _)| (name, ty));
        let value = |elements: &[String]| {
            // Of ranges there are none.
            arguments.call(function, |at| elements[at].clone(), |_| String::new())
        };
        let stored =
            |at: usize, name: &str| to_store(function.returns[at], &result(function, name, at));
        Ok(shape.source(
            source,
            &Element {
                types: &fields.iter().map(|field| field.ty).collect::<Vec<_>>(),
                results: function.returns.len(),
                numbers: &numbers.collect::<Vec<_>>(),
                value: &value,
                stored: &stored,
            },
        ))
    }

    /// Where some arguments are ranges, one element at a time.
    fn run_ranges(&self, arguments: &Arguments, outputs: &[Field]) -> Result<()> {
        let Some(dim) = outputs.first().map(|output| output.layout.dim.clone()) else {
            return Ok(());
        };
        if dim.size() == 0 {
            return Ok(());
        }
        let mut layouts = arguments.layouts(&dim)?;
        let mut most = arguments.most(&self.device);
        for output in outputs {
            layouts.push(output.layout.clone());
            most.push(self.device.most_elements_of(output.size));
        }
        for part in parts(&layouts, &most) {
            self.run_part(arguments, outputs, &collapsed(&part))?;
        }
        Ok(())
    }

    fn run_part(
        &self,
        arguments: &Arguments,
        outputs: &[Field],
        layouts: &[Layout<IxDyn>],
    ) -> Result<()> {
        let kind = arguments.kind().chain([b'/']).chain(ways(layouts));
        let key = CallKey::new(&K::SOURCE, K::NAME, self.size, self.is_precise, kind)?;
        let source = || self.source(arguments, outputs, layouts);
        let program = self.device.called(key, source)?;
        let launch = Launch::new(&self.device, &program);
        let (mut launch, mut firsts) = arguments.bind(&self.device, launch, layouts, &[]);
        for (output, layout) in outputs.iter().zip(&layouts[firsts.len()..]) {
            let (part, first) = part_at(&self.device, output, layout);
            launch = launch.part(part);
            firsts.push(first);
        }
        let len = layouts[0].len();
        let launch = arguments.numbers(launch.count(len)?, layouts);
        give_places(launch, layouts, &firsts)?.invocations(len)
    }

    /// For arguments of these kinds, and layouts with these axes.
    fn source(
        &self,
        arguments: &Arguments,
        outputs: &[Field],
        layouts: &[Layout<IxDyn>],
    ) -> Result<Source> {
        let portable = K::SOURCE;
        let text = portable::text(&portable, self.is_precise)?;
        let function = portable.portable()?;
        let source = Source::new(K::NAME).size(self.size).precise(self.is_precise);
        let mut source = arguments.declare(source.param("n", "u32"), &[]);
        for (at, output) in outputs.iter().enumerate() {
            source = source.write(&format!("out{at}"), output.ty);
        }
        let (source, mut body) = places(source, layouts);
        let mut line = |args: fmt::Arguments<'_>| {
            let written = body.write_fmt(args);
            debug_assert!(written.is_ok(), "text takes everything");
        };
        line(format_args!("let result = {};\n", arguments.call_at(function)));
        let inputs = layouts.len() - outputs.len();
        for (at, ty) in function.returns.iter().enumerate() {
            let result = result(function, "result", at);
            let place = inputs + at;
            line(format_args!("out{at}[at{place}] = {};\n", to_store(ty, &result)));
        }
        Ok(source.items(&text).body(GUARD).body(&body))
    }
}

/// One of the results of a function, of which `all` is the name of what it gave.
pub(crate) fn result(function: &Portable, all: &str, at: usize) -> String {
    if function.returns.len() == 1 { all.to_owned() } else { format!("{all}.o{at}") }
}

/// Before the body of kernels of one invocation an element.
pub(crate) const GUARD: &str = "if (index >= params.n) { return; }";

/// How layouts are walked, as letters.
pub(crate) fn ways(layouts: &[Layout<IxDyn>]) -> impl Iterator<Item = u8> {
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
pub(crate) enum Walk {
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
pub(crate) fn places(mut source: Source, layouts: &[Layout<IxDyn>]) -> (Source, String) {
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
pub(crate) fn give_places<'a>(
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

impl<K: Kernel<T>, T> fmt::Debug for Elementwise<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Elementwise({} on {:?})", K::NAME, self.device)
    }
}
