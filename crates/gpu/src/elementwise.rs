//! Elementwise kernels on a device: every element of the results from the elements at its place.

use std::fmt;
use std::fmt::Write as _;
use std::marker::PhantomData;

use ndarray::{Dimension, IxDyn};
use tenfold_kernel::__private::Elementwise as IsElementwise;
use tenfold_kernel::Kernel;

use crate::array::part_at;
use crate::device::Device;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::Launch;
use crate::layout::{Layout, collapsed, parts};
use crate::operand::{Args, Field, Operand, Results, Tuple};
use crate::portable;
use crate::program::{CallKey, Source};
use crate::scalar::{loaded, to_store};

/// An elementwise kernel on a [`Device`].
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
}

/// What a kernel gives for a tuple of arguments: an array, or a tuple of them, with the axes that the
/// arguments have together.
type Mapped<K, T, A> = <<K as IsElementwise<T>>::Out as Results>::Arrays<
    <<A as Tuple>::Nested as Args<<K as IsElementwise<T>>::In>>::Dim,
>;

impl<K: Kernel<T> + IsElementwise<T>, T> Elementwise<K, T> {
    /// The results in new arrays, for a single array or arguments in a tuple: numbers and arrays of any layout, which are
    /// broadcast. The arrays of a parameter of type `bool` are of `u32`, and anything but 0 is true.
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
        let mut operands = vec![];
        args.nested().operands(&mut operands);
        let shape = self.shape(&operands)?;
        let mut dim = <A::Nested as Args<K::In>>::Dim::zeros(shape.len());
        dim.slice_mut().copy_from_slice(&shape);
        let (arrays, outputs) = <K::Out as Results>::allocate(&self.device, &dim)?;
        self.run(&operands, &outputs)?;
        Ok(arrays)
    }

    /// The common shape of the arrays.
    fn shape(&self, operands: &[Operand]) -> Result<Vec<usize>> {
        let mut shape: Vec<usize> = vec![];
        let mut first = "";
        for (operand, name) in operands.iter().zip(K::NAMES) {
            let Operand::Array(field) = operand else { continue };
            field.on(&self.device, name)?;
            let own = field.layout.shape();
            let more = own.len().saturating_sub(shape.len());
            shape.splice(0..0, std::iter::repeat_n(1, more));
            let behind = shape.len() - own.len();
            for (common, &len) in shape[behind..].iter_mut().zip(own) {
                if *common == 1 {
                    *common = len;
                } else if len != 1 && len != *common {
                    let message = format!(
                        "argument `{name}` of shape {own:?} cannot be broadcast together with `{first}` \
                         and what else is before it"
                    );
                    return Err(Error::new(ErrorKind::Shape, message));
                }
            }
            if first.is_empty() {
                first = name;
            }
        }
        Ok(shape)
    }

    fn run(&self, operands: &[Operand], outputs: &[Field]) -> Result<()> {
        let inputs = operands.iter().filter_map(|operand| match operand {
            Operand::Array(field) => Some(field),
            Operand::Number(..) => None,
        });
        let fields: Vec<&Field> = inputs.chain(outputs).collect();
        let Some(dim) = outputs.first().map(|output| output.layout.dim.clone()) else {
            return Ok(());
        };
        if dim.size() == 0 {
            return Ok(());
        }
        let layouts = fields.iter().map(|field| field.layout.broadcast(dim.clone()));
        let layouts: Vec<_> = layouts.collect::<Result<_>>()?;
        let most: Vec<_> =
            fields.iter().map(|field| self.device.most_elements_of(field.size)).collect();
        for part in parts(&layouts, &most) {
            self.run_part(operands, &fields, outputs.len(), &collapsed(&part))?;
        }
        Ok(())
    }

    fn run_part(
        &self,
        operands: &[Operand],
        fields: &[&Field],
        outputs: usize,
        layouts: &[Layout<IxDyn>],
    ) -> Result<()> {
        let key = self.key(operands, layouts)?;
        let source = || self.source(operands, fields, outputs, layouts);
        let program = self.device.called(key, source)?;
        let mut launch = Launch::new(&self.device, &program);
        let mut firsts = vec![];
        for (field, layout) in fields.iter().zip(layouts) {
            let (part, first) = part_at(&self.device, field, layout);
            launch = launch.part(part);
            firsts.push(first);
        }
        let len = layouts[0].len();
        launch = launch.count(len)?;
        for operand in operands {
            if let Operand::Number(ty, bytes) = operand {
                launch = launch.bytes(ty, bytes);
            }
        }
        give_places(launch, layouts, &firsts)?.invocations(len)
    }

    /// What [`source`](Self::source) depends on, but for what the kernel's types say.
    fn key(&self, operands: &[Operand], layouts: &[Layout<IxDyn>]) -> Result<CallKey> {
        let source = K::SOURCE;
        let pieces = source.portable()?.pieces;
        let numbers = operands.iter().map(|operand| match operand {
            Operand::Number(..) => b'n',
            Operand::Array(_) => b'a',
        });
        let axes = layouts.first().map_or(0, |layout| layout.shape().len());
        let walks = (0..axes).flat_map(|axis| layouts.iter().map(move |l| Walk::of(l, axis)));
        let walks = walks.map(|walk| match walk {
            Walk::Still => b'0',
            Walk::Dense => b'1',
            Walk::Strided => b's',
        });
        Ok(CallKey {
            pieces: (pieces.as_ptr().addr(), pieces.len()),
            name: K::NAME,
            size: self.size,
            is_precise: self.is_precise,
            kind: numbers.chain([b'/']).chain(walks).collect(),
        })
    }

    /// For arguments of these kinds, and layouts with these axes.
    fn source(
        &self,
        operands: &[Operand],
        fields: &[&Field],
        outputs: usize,
        layouts: &[Layout<IxDyn>],
    ) -> Result<Source> {
        let portable = K::SOURCE;
        let text = portable::text(&portable, self.is_precise)?;
        let function = portable.portable()?;
        let mut source = Source::new(K::NAME).size(self.size).precise(self.is_precise);
        let inputs = fields.len() - outputs;
        for (at, field) in fields.iter().enumerate() {
            source = match at.checked_sub(inputs) {
                None => source.read(&format!("in{at}"), field.ty),
                Some(at) => source.write(&format!("out{at}"), field.ty),
            };
        }
        source = source.param("n", "u32");
        let mut call = vec![];
        let mut arrays = 0;
        for (operand, (_, ty)) in operands.iter().zip(function.params) {
            let value = match operand {
                Operand::Number(stored, _) => {
                    let name = format!("number{}", call.len());
                    source = source.param(&name, stored);
                    format!("params.{name}")
                }
                Operand::Array(_) => {
                    arrays += 1;
                    format!("in{0}[at{0}]", arrays - 1)
                }
            };
            call.push(loaded(ty, &value));
        }
        let (source, mut body) = places(source, layouts);
        let (name, call) = (function.name, call.join(", "));
        let mut line = |args: fmt::Arguments<'_>| {
            let written = body.write_fmt(args);
            debug_assert!(written.is_ok(), "text takes everything");
        };
        line(format_args!("let result = {name}({call});\n"));
        for (at, ty) in function.returns.iter().enumerate() {
            let result = if outputs == 1 { "result".to_owned() } else { format!("result.o{at}") };
            let place = inputs + at;
            line(format_args!("out{at}[at{place}] = {};\n", to_store(ty, &result)));
        }
        Ok(source.items(&text).body(&body))
    }
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
    let mut body = String::from("if (index >= params.n) { return; }\n");
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
