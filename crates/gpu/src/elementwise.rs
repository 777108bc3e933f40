//! Elementwise kernels on a device: every element of the results from the elements at its place.

use std::fmt;
use std::marker::PhantomData;

use ndarray::Dimension;
use tenfold_kernel::__private::Elementwise as IsElementwise;
use tenfold_kernel::Kernel;

use crate::device::Device;
use crate::error::{Error, ErrorKind, Result};
use crate::operand::{Args, Field, Operand, Results, Tuple};
use crate::pointwise::{Element, Pointwise, Shape};
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
    /// the kernel there, but for functions such as `exp`. Quotients and roots of f32 are exact on
    /// processors and on GPUs that have f64. That is so unless [`fast`](Self::fast) says otherwise.
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
    /// The results in new arrays, for a single array or arguments in a tuple: numbers and arrays of any
    /// layout, which are broadcast. The arrays of a parameter of type `bool` are of `u32`, and anything but 0 is true.
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
        let inputs = operands.iter().filter_map(Operand::array);
        let fields: Vec<&Field> = inputs.chain(outputs).collect();
        let numbers: Vec<_> = operands.iter().filter_map(Operand::number).collect();
        let portable = K::SOURCE;
        let call = Pointwise {
            device: &self.device,
            fields: &fields,
            results: outputs.len(),
            numbers: &numbers,
            is_short: portable::is_short(&portable)?,
        };
        call.run(|shape| {
            let key = self.key(operands, shape)?;
            self.device.called(key, || self.source(operands, &fields, outputs.len(), shape))
        })
    }

    /// What [`source`](Self::source) depends on, but for what the kernel's types say.
    fn key(&self, operands: &[Operand], shape: &Shape) -> Result<CallKey> {
        let source = K::SOURCE;
        let pieces = source.portable()?.pieces;
        let numbers = operands.iter().map(|operand| operand.array().is_none().into());
        Ok(CallKey {
            pieces: (pieces.as_ptr().addr(), pieces.len()),
            name: K::NAME,
            size: self.size,
            is_precise: self.is_precise,
            kind: numbers.chain([u8::MAX]).chain(shape.key()).collect(),
        })
    }

    /// For arguments of these kinds, and layouts of this shape.
    fn source(
        &self,
        operands: &[Operand],
        fields: &[&Field],
        outputs: usize,
        shape: &Shape,
    ) -> Result<Source> {
        let portable = K::SOURCE;
        let function = portable.portable()?;
        let text = portable::text(&portable, self.is_precise)?;
        let source = Source::new(K::NAME).size(self.size).precise(self.is_precise).items(&text);
        let numbers: Vec<_> = operands.iter().filter_map(Operand::number).collect();
        let value = |elements: &[String]| {
            let (mut elements, mut at) = (elements.iter(), 0..);
            let args = operands.iter().zip(function.params).map(|(operand, (_, ty))| {
                let value = match operand {
                    Operand::Array(_) => elements.next().cloned(),
                    Operand::Number(..) => at.next().map(|at: usize| format!("params.n{at}")),
                };
                loaded(ty, &value.unwrap_or_default())
            });
            format!("{}({})", function.name, args.collect::<Vec<_>>().join(", "))
        };
        let stored = |result: usize, value: &str| {
            let one = if outputs == 1 { value.to_owned() } else { format!("{value}.o{result}") };
            to_store(function.returns[result], &one)
        };
        Ok(shape.source(
            source,
            &Element {
                types: &fields.iter().map(|field| field.ty).collect::<Vec<_>>(),
                results: outputs,
                numbers: &numbers.iter().map(|(ty, _)| *ty).collect::<Vec<_>>(),
                value: &value,
                stored: &stored,
            },
        ))
    }
}

impl<K: Kernel<T>, T> fmt::Debug for Elementwise<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Elementwise({} on {:?})", K::NAME, self.device)
    }
}
