//! Runs of a program over arrays.

use std::sync::Arc;

use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::pool::Allocation;
use crate::program::{Params, Program};
use crate::run::Ty;
use crate::stream::{Dispatch, Work};

/// A part of the memory of an array, as a kernel sees it.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) memory: Arc<Allocation>,
    pub(crate) offset_bytes: u64,
    pub(crate) size_bytes: u64,
    /// The type of its elements in WGSL.
    pub(crate) ty: &'static str,
}

impl Part {
    /// What is seen of elements `low..=high` of some memory, and the number of the first element that is: a
    /// part begins where a binding may, which is at `low` or a little before.
    pub(crate) fn of(
        device: &Device,
        memory: &Arc<Allocation>,
        (low, high): (usize, usize),
        ty: Ty,
    ) -> (Self, usize) {
        let size = ty.bytes as u64;
        let step = u64::from(device.limits().binding_alignment_bytes).max(1);
        let from = low as u64 * size / step * step;
        let to = ((high as u64 + 1) * size).min(memory.size_bytes());
        let part = Self {
            memory: Arc::clone(memory),
            offset_bytes: from,
            size_bytes: to - from,
            ty: ty.name,
        };
        // No later than `low`, which is a number.
        (part, usize::try_from(from / size).unwrap_or(low))
    }

    /// What is bound, with a number that is yet to be said.
    fn entry(&self) -> wgpu::BindGroupEntry<'_> {
        let buffer = wgpu::BufferBinding {
            buffer: self.memory.buffer(),
            offset: self.offset_bytes,
            size: wgpu::BufferSize::new(self.size_bytes),
        };
        wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(buffer) }
    }
}

/// A run of a program, under construction: arrays and numbers in the order in which the source has
/// them.
///
/// A run that does not fit its program is an error, told when it is given the number of work-groups.
#[derive(Debug)]
pub(crate) struct Launch<'a> {
    device: &'a Device,
    program: &'a Program,
    parts: Vec<Part>,
    /// How many parameters were given, of which types.
    types: Vec<&'static str>,
    params: Vec<u8>,
}

impl Device {
    /// How many elements a kernel may see at a time, wherever they begin.
    pub(crate) fn most_elements<T: Element>(&self) -> usize {
        self.most_elements_of(size_of::<T>())
    }

    /// The same of elements of so many bytes.
    pub(crate) fn most_elements_of(&self, size: usize) -> usize {
        let limits = self.limits();
        let bytes = limits.max_binding_bytes - u64::from(limits.binding_alignment_bytes);
        usize::try_from(bytes).unwrap_or(usize::MAX) / size
    }
}

impl<'a> Launch<'a> {
    pub(crate) fn new(device: &'a Device, program: &'a Program) -> Self {
        let launch = Self { device, program, parts: vec![], types: vec![], params: vec![] };
        if program.counts_groups { launch.number(0_u32) } else { launch }
    }

    /// The next array.
    pub(crate) fn part(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// The next number.
    pub(crate) fn number<T: Element>(self, value: T) -> Self {
        self.bytes(T::WGSL, bytemuck::bytes_of(&value))
    }

    /// The next number, by the name of its type and its bytes.
    pub(crate) fn bytes(mut self, ty: &'static str, bytes: &[u8]) -> Self {
        self.params.resize(self.params.len().next_multiple_of(bytes.len().max(1)), 0);
        self.params.extend_from_slice(bytes);
        self.types.push(ty);
        self
    }

    /// The next number, an index or a length.
    ///
    /// # Errors
    /// It is no `u32`.
    pub(crate) fn count(self, value: usize) -> Result<Self> {
        let value = u32::try_from(value).map_err(|_| {
            let message =
                format!("kernel `{}` counts with 32 bits, and {value} is more", self.program.name);
            Error::new(ErrorKind::TooLarge, message)
        })?;
        Ok(self.number(value))
    }

    /// The next number, a stride, which may be negative: the sums of indices and strides wrap.
    ///
    /// # Errors
    /// It is no `i32`.
    pub(crate) fn stride(self, value: isize) -> Result<Self> {
        let value = i32::try_from(value).map_err(|_| {
            let message = format!(
                "kernel `{}` takes strides from {} to {}, and was given {value}",
                self.program.name,
                i32::MIN,
                i32::MAX
            );
            Error::new(ErrorKind::TooLarge, message)
        })?;
        Ok(self.number(value.cast_unsigned()))
    }

    /// Runs enough work-groups for so many invocations.
    pub(crate) fn invocations(self, invocations: usize) -> Result<()> {
        let groups = invocations.div_ceil(self.program.size as usize);
        self.groups(groups)
    }

    /// Runs so many work-groups; none is nothing to do.
    pub(crate) fn groups(self, groups: usize) -> Result<()> {
        if groups == 0 {
            return self.fits();
        }
        let device = self.device;
        let dispatch = self.dispatch(groups)?;
        device.enqueue(Work::Dispatch(dispatch))
    }

    /// What can be recorded for so many work-groups, one or more.
    pub(crate) fn dispatch(mut self, groups: usize) -> Result<Dispatch> {
        self.fits()?;
        let most = self.device.limits().max_workgroups;
        let ([x, y], count) = fold(groups, most).ok_or_else(|| {
            let name = &self.program.name;
            let message =
                format!("kernel `{name}` has {groups} work-groups, more than {most} squared");
            Error::new(ErrorKind::TooLarge, message)
        })?;
        self.params[..4].copy_from_slice(&count.to_ne_bytes());
        self.recorded([x, y, 1])
    }

    /// What can be recorded for a grid of work-groups.
    pub(crate) fn grid(self, groups: [u32; 3]) -> Result<Dispatch> {
        self.fits()?;
        let most = self.device.limits().max_workgroups;
        if groups.iter().any(|&n| n > most) {
            let message = format!(
                "kernel `{}` has work-groups of {groups:?}, and the device takes at most {most} along \
                 each axis",
                self.program.name
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        self.recorded(groups)
    }

    fn recorded(mut self, groups: [u32; 3]) -> Result<Dispatch> {
        self.params.resize(self.program.params_bytes as usize, 0);
        let uniform = match self.program.params_at {
            Params::Bound(at) => Some((at, self.uniform()?)),
            Params::None | Params::Immediate => None,
        };
        let group = self.device.scope(|| self.group(uniform.as_ref()))?;
        let uniform = uniform.map(|(_, part)| part);
        Ok(Dispatch {
            pipeline: self.program.pipeline.clone(),
            group,
            immediates: match self.program.params_at {
                Params::Immediate => self.params,
                Params::None | Params::Bound(_) => vec![],
            },
            groups,
            memory: self.parts.into_iter().chain(uniform).map(|part| part.memory).collect(),
        })
    }

    /// An error if arrays and numbers are not those of the program.
    fn fits(&self) -> Result<()> {
        let Program { name, bindings, params, .. } = self.program;
        if self.parts.len() != bindings.len() {
            let message = format!(
                "kernel `{name}` takes {} arrays and was given {}",
                bindings.len(),
                self.parts.len()
            );
            return Err(Error::new(ErrorKind::Argument, message));
        }
        for (part, binding) in self.parts.iter().zip(bindings) {
            let argument = &binding.name;
            if part.ty != binding.ty {
                let message = format!(
                    "argument `{argument}` of kernel `{name}` is an array of {} and was given one of {}",
                    binding.ty, part.ty
                );
                return Err(Error::new(ErrorKind::Argument, message));
            }
            let limit = self.device.limits().max_binding_bytes;
            if part.size_bytes > limit {
                let message = format!(
                    "argument `{argument}` of kernel `{name}` has {} bytes, and the device shows {limit} at a time",
                    part.size_bytes
                );
                return Err(Error::new(ErrorKind::TooLarge, message));
            }
        }
        if !self.types.iter().eq(params.iter().map(|param| &param.ty)) {
            let own = usize::from(self.program.counts_groups);
            let wanted: Vec<_> = params.iter().skip(own).map(|p| p.ty.as_str()).collect();
            let message = format!(
                "kernel `{name}` takes the numbers ({}) and was given ({})",
                wanted.join(", "),
                self.types[own..].join(", ")
            );
            return Err(Error::new(ErrorKind::Argument, message));
        }
        Ok(())
    }

    /// Memory with the numbers.
    fn uniform(&mut self) -> Result<Part> {
        self.params.resize(self.params.len().next_multiple_of(16), 0);
        let memory = self.device.constant(&self.params)?;
        Ok(Part { memory, offset_bytes: 0, size_bytes: self.params.len() as u64, ty: "" })
    }

    fn group(&self, uniform: Option<&(usize, Part)>) -> wgpu::BindGroup {
        let device = self.device.raw();
        let mut entries = Vec::with_capacity(self.parts.len() + 1);
        entries.extend(self.parts.iter().map(Part::entry));
        if let Some((at, part)) = uniform {
            entries.insert(*at, part.entry());
        }
        for (binding, entry) in (0..).zip(&mut entries) {
            entry.binding = binding;
        }
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &self.program.layout,
            entries: &entries,
        })
    }
}

/// Work-groups along x and y, no more than so many each, and how many of them are meant.
fn fold(groups: usize, most: u32) -> Option<([u32; 2], u32)> {
    let groups = u32::try_from(groups).ok()?;
    let y = groups.div_ceil(most).max(1);
    (y <= most).then(|| ([groups.div_ceil(y), y], groups))
}

#[cfg(test)]
mod tests {
    use super::{Launch, fold};
    use crate::program::Source;
    use crate::{Device, ErrorKind, Select};

    #[test]
    fn strides_of_more_bits_are_an_error_that_says_so() {
        let device = Device::open(Select::noop()).unwrap();
        let program = device.program(&Source::new("walk").param("step", "u32")).unwrap();
        let launch = |stride: isize| Launch::new(&device, &program).stride(stride);
        for stride in [i32::MIN, -1, 0, i32::MAX] {
            launch(stride as isize).unwrap();
        }
        for stride in [isize::MIN, i32::MIN as isize - 1, i32::MAX as isize + 1] {
            let error = launch(stride).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooLarge);
            assert_eq!(
                error.to_string(),
                format!(
                    "kernel `walk` takes strides from -2147483648 to 2147483647, and was given {stride}"
                )
            );
        }
    }

    #[test]
    fn groups_fold_into_two_axes() {
        for groups in [1, 2, 65_535, 65_536, 65_537, 1 << 20, 16_777_213, 4_294_836_225_usize] {
            let ([x, y], count) = fold(groups, 65_535).unwrap();
            assert!(x <= 65_535 && y <= 65_535, "{groups}");
            let run = u64::from(x) * u64::from(y);
            assert!(run >= groups as u64 && run - (groups as u64) < u64::from(y), "{groups}");
            assert_eq!(count as usize, groups);
        }
        assert_eq!(fold(1 << 32, 65_535), None);
        assert_eq!(fold(4_294_836_226, 65_535), None);
    }
}
