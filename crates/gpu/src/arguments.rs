//! The arguments of a kernel of elements, without their types: the text of a call with them, and what it is
//! given.

use ndarray::IxDyn;
use tenfold_kernel::Portable;

use crate::array::part_at;
use crate::device::Device;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::Launch;
use crate::layout::Layout;
use crate::operand::{Field, Operand};
use crate::pointwise::Input;
use crate::program::Source;
use crate::run::{Ty, as_quads, quad};
use crate::scalar::loaded;

/// What a kernel is called with, one for each of its parameters. Those that have axes are counted from 0:
/// their elements for one call lie at `at0`, `at1`, .. of a text.
#[derive(Debug)]
pub(crate) struct Arguments {
    operands: Vec<Operand>,
    names: &'static [&'static str],
}

impl Arguments {
    pub(crate) fn new(operands: Vec<Operand>, names: &'static [&'static str]) -> Self {
        Self { operands, names }
    }

    /// The common shape of those with axes.
    pub(crate) fn shape(&self, device: &Device) -> Result<Vec<usize>> {
        let mut shape: Vec<usize> = vec![];
        let mut first = "";
        for (operand, name) in self.operands.iter().zip(self.names) {
            if let Operand::Array(field) = operand {
                field.on(device, name)?;
            }
            let Some(layout) = operand.layout() else { continue };
            let own = layout.shape();
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

    /// Those with axes.
    pub(crate) fn inputs(&self) -> Vec<Input<'_>> {
        let input = |operand| match operand {
            &Operand::Number(..) => None,
            Operand::Array(field) => Some(Input::Array(field)),
            Operand::Sequence(sequence) => Some(Input::Range(sequence)),
        };
        self.operands.iter().filter_map(input).collect()
    }

    /// The names and types of the numbers that a kernel is given, the first ones of ranges among them.
    pub(crate) fn number_names(&self) -> Vec<(String, &'static str)> {
        let number = |(at, operand): (usize, &Operand)| match operand {
            Operand::Number(ty, _) => Some((format!("number{at}"), *ty)),
            Operand::Array(_) => None,
            Operand::Sequence(one) => Some((format!("number{at}"), one.ty)),
        };
        self.operands.iter().enumerate().filter_map(number).collect()
    }

    /// Those with axes, broadcast to a shape.
    pub(crate) fn layouts(&self, dim: &IxDyn) -> Result<Vec<Layout<IxDyn>>> {
        let layouts = self.operands.iter().filter_map(Operand::layout);
        layouts.map(|layout| layout.broadcast(dim.clone())).collect()
    }

    /// How many elements a kernel may see at a time of each that has axes.
    pub(crate) fn most(&self, device: &Device) -> Vec<usize> {
        self.inputs().iter().map(|input| input.most(device)).collect()
    }

    /// What the text of a call depends on, but for the types of the parameters.
    pub(crate) fn kind(&self) -> impl Iterator<Item = u8> {
        self.operands.iter().map(|operand| match operand {
            Operand::Number(..) => b'n',
            Operand::Array(_) => b'a',
            Operand::Sequence(_) => b'r',
        })
    }

    /// A source with the arrays `in0`, .. and the numbers. `quads`: which arrays are read four elements at a
    /// time; none if it is empty.
    pub(crate) fn declare(&self, mut source: Source, quads: &[bool]) -> Source {
        for (name, ty) in self.number_names() {
            source = source.param(&name, ty);
        }
        for (at, input) in self.inputs().iter().enumerate() {
            let Some(ty) = input.ty() else { continue };
            let ty = if quads.get(at) == Some(&true) { quad(ty) } else { ty };
            source = source.read(&format!("in{at}"), ty);
        }
        source
    }

    /// The call of a function, with elements of arrays and places in ranges as these are said.
    pub(crate) fn call(
        &self,
        function: &Portable,
        element: impl Fn(usize) -> String,
        place: impl Fn(usize) -> String,
    ) -> String {
        let mut call = vec![];
        let mut at = 0;
        for (operand, (_, ty)) in self.operands.iter().zip(function.params) {
            let number = format!("params.number{}", call.len());
            let value = match operand {
                Operand::Number(..) => number,
                Operand::Array(_) => element(at),
                Operand::Sequence(one) => format!("{number} + {}", one.step(&place(at))),
            };
            at += usize::from(operand.layout().is_some());
            call.push(loaded(ty, &value));
        }
        format!("{}({})", function.name, call.join(", "))
    }

    /// Which of those with axes can be read four elements at a time, if all can that do not stand still. They
    /// have one axis.
    pub(crate) fn quads(&self, device: &Device, layouts: &[Layout<IxDyn>]) -> Option<Vec<bool>> {
        let with_axes = self.operands.iter().filter(|operand| operand.layout().is_some());
        let fits = |(operand, layout): (&Operand, &Layout<IxDyn>)| match (operand, &*layout.strides)
        {
            (Operand::Array(field), [1]) => {
                let (part, first) = part_at(device, field, layout);
                let ty = Ty { name: field.ty, bytes: field.size };
                as_quads(device, part, first, ty).map(|_| true)
            }
            (Operand::Array(_), [0]) | (Operand::Sequence(_), [0 | 1]) => Some(false),
            _ => None,
        };
        let quads: Option<Vec<bool>> = with_axes.zip(layouts).map(fits).collect();
        quads.filter(|quads| quads.contains(&true))
    }

    /// The arrays in these layouts, and for each layout where its first element is in what is seen. `quads`
    /// as of [`declare`](Self::declare).
    pub(crate) fn bind<'a>(
        &self,
        device: &Device,
        mut launch: Launch<'a>,
        layouts: &[Layout<IxDyn>],
        quads: &[bool],
    ) -> (Launch<'a>, Vec<u32>) {
        let mut firsts = vec![];
        let with_axes = self.operands.iter().filter(|operand| operand.layout().is_some());
        for (at, (operand, layout)) in with_axes.zip(layouts).enumerate() {
            let Operand::Array(field) = operand else {
                // Where it begins is part of its first number.
                firsts.push(0);
                continue;
            };
            let (mut part, first) = part_at(device, field, layout);
            if quads.get(at) == Some(&true) {
                let ty = Ty { name: field.ty, bytes: field.size };
                part = as_quads(device, part.clone(), first, ty).map_or(part, |(part, _)| part);
            }
            launch = launch.part(part);
            firsts.push(first);
        }
        (launch, firsts)
    }

    /// The numbers, for these layouts.
    pub(crate) fn numbers<'a>(
        &self,
        mut launch: Launch<'a>,
        layouts: &[Layout<IxDyn>],
    ) -> Launch<'a> {
        let mut layouts = layouts.iter();
        for operand in &self.operands {
            let layout = operand.layout().and_then(|_| layouts.next());
            launch = match (operand, layout) {
                (Operand::Number(ty, bytes), _) => launch.bytes(ty, bytes),
                (Operand::Sequence(sequence), Some(layout)) => {
                    launch.bytes(sequence.ty, &sequence.at(layout.offset))
                }
                _ => launch,
            };
        }
        launch
    }

    /// The same in these layouts, of which those that span more elements than a kernel may see are copied
    /// together.
    pub(crate) fn seen(
        &self,
        device: &Device,
        layouts: &[Layout<IxDyn>],
    ) -> Result<(Self, Vec<Layout<IxDyn>>)> {
        let (mut all, mut seen) = (vec![], vec![]);
        let mut layouts = layouts.iter();
        for operand in &self.operands {
            let layout = operand.layout().and_then(|_| layouts.next());
            let (Operand::Array(field), Some(layout)) = (operand, layout) else {
                all.push(operand.clone());
                seen.extend(layout.cloned());
                continue;
            };
            let mut field = Field { layout: layout.clone(), ..field.clone() };
            if field.layout.reach() > device.most_elements_of(field.size) {
                field = field.copy()?;
            }
            seen.push(field.layout.clone());
            all.push(Operand::Array(field));
        }
        Ok((Self::new(all, self.names), seen))
    }
}
