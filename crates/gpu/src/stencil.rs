//! Stencils on a device: every element of the results from the elements around its place.

#[cfg(test)]
mod tests;
mod text;
mod window;

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use ndarray::Dimension;
use tenfold_kernel::__private::{Stencil as IsStencil, Value};
use tenfold_kernel::{Border, Kernel};

use self::text::{Head, body, folds, neighbour};
use self::window::Window;
use crate::array::part_at;
use crate::device::Device;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::Launch;
use crate::operand::{Field, IntoKernelArgs, KernelOutputs, Operand, StencilArgs};
use crate::portable;
use crate::program::{Program, Source};
use crate::scalar::loaded;
use crate::stream::{Dispatch, Work};

/// A stencil on a [`Device`].
pub struct Stencil<K, T> {
    device: Device,
    is_precise: bool,
    size: u32,
    _kernel: PhantomData<fn() -> (K, T)>,
}

impl<K, T> Stencil<K, T> {
    pub(crate) fn new(device: &Device) -> Self {
        Self { device: device.clone(), is_precise: true, size: 256, _kernel: PhantomData }
    }

    /// Each operation rounded by itself, as of [`Elementwise::precise`](crate::Elementwise::precise).
    #[must_use]
    pub fn precise(self) -> Self {
        Self { is_precise: true, ..self }
    }

    /// As of [`Elementwise::fast`](crate::Elementwise::fast).
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

impl<K: Kernel<T> + IsStencil<T>, T> Stencil<K, T> {
    /// The results in new arrays, of the shape of the neighbourhoods; with `border = valid` smaller by
    /// what the kernel reaches. Arguments are a tuple, or a single array: arrays of any layout for
    /// neighbourhoods, numbers for numbers.
    ///
    /// # Errors
    /// Neighbourhoods of different shapes or not of the kernel's number of axes, an axis longer than 2^31 - 1
    /// elements less what the kernel reaches forwards, a kernel without a source for devices, types that the
    /// device does not have, no memory.
    pub fn map<A, D>(&self, args: A) -> Result<<K::Out as KernelOutputs>::Arrays<D>>
    where
        A: IntoKernelArgs,
        A::Nested: StencilArgs<K::In, D>,
        D: Dimension,
        K::Out: KernelOutputs,
    {
        let scene = self.scene(args.nested())?;
        let shape = scene.shape_of_outputs(false);
        let (arrays, outputs) = K::Out::allocate::<D>(&self.device, &dimension(&shape))?;
        let work = self.work(&scene, &scene.inputs, &outputs, false)?;
        self.device.enqueue_all(&work, 1)?;
        Ok(arrays)
    }

    /// The first neighbourhood so many steps ahead: what each step computes is what the next one reads,
    /// and nothing leaves the device. With `border = valid`, elements whose neighbourhood leaves the
    /// array keep their values. The result has the bits of as many calls of [`map`](Self::map).
    ///
    /// # Errors
    /// As of [`map`](Self::map), or the kernel does not have a single result of the type of its first
    /// neighbourhood.
    pub fn steps<A, D>(&self, count: usize, args: A) -> Result<<K::Out as KernelOutputs>::Arrays<D>>
    where
        A: IntoKernelArgs,
        A::Nested: StencilArgs<K::In, D>,
        D: Dimension,
        K::Out: KernelOutputs,
    {
        let scene = self.scene(args.nested())?;
        let (arrays, outputs) = K::Out::allocate::<D>(&self.device, &dimension(&scene.shape))?;
        let (first, [one]) = (&scene.inputs[0], &outputs[..]) else {
            return Err(self.not_stepped());
        };
        if first.ty != one.ty {
            return Err(self.not_stepped());
        }
        match count {
            0 => first.copy_to(one)?,
            1 => self.device.enqueue_all(&self.step(&scene, first, one)?, 1)?,
            _ => {
                let other = &one.standard(one.layout.clone())?;
                // The last step is to write `one`.
                let (near, far) = if count % 2 == 1 { (one, other) } else { (other, one) };
                self.device.enqueue_all(&self.step(&scene, first, near)?, 1)?;
                let mut both = self.step(&scene, near, far)?;
                let there = both.len();
                both.extend(self.step(&scene, far, near)?);
                self.device.enqueue_all(&both, (count - 1) / 2)?;
                self.device.enqueue_all(&both[..there], (count - 1) % 2)?;
            }
        }
        Ok(arrays)
    }

    fn not_stepped(&self) -> Error {
        let message = format!(
            "kernel `{}` has no single result of the type of its first neighbourhood, which steps need",
            K::NAME
        );
        Error::new(ErrorKind::Unsupported, message)
    }

    /// The work of one step from an array in place of the first neighbourhood to another.
    fn step(&self, scene: &Scene, from: &Field, to: &Field) -> Result<Vec<Work>> {
        let mut inputs = scene.inputs.clone();
        inputs[0] = from.clone();
        self.work(scene, &inputs, std::slice::from_ref(to), scene.border == Border::Valid)
    }

    /// What is called, checked.
    fn scene<D>(&self, args: impl StencilArgs<K::In, D>) -> Result<Scene> {
        let mut operands = vec![];
        args.operands(&mut operands);
        let reach = match K::DIMS {
            1 => vec![K::REACH[2]],
            2 => vec![K::REACH[0], K::REACH[2]],
            _ => K::REACH.to_vec(),
        };
        let (mut inputs, mut numbers) = (vec![], vec![]);
        let mut first = "";
        for (operand, name) in operands.into_iter().zip(K::NAMES) {
            let field = match operand {
                Operand::Array(field) => field,
                Operand::Number(ty, bytes) => {
                    numbers.push((ty, bytes));
                    continue;
                }
                Operand::Sequence(_) => {
                    let message =
                        format!("argument `{name}` is a range, and stencils look around in arrays");
                    return Err(Error::new(ErrorKind::Argument, message));
                }
            };
            field.on(&self.device, name)?;
            let shape = field.layout.shape();
            if shape.len() != K::DIMS {
                let message = format!(
                    "argument `{name}` has {} axes, and kernel `{}` looks around in {}",
                    shape.len(),
                    K::NAME,
                    K::DIMS
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            let of_first = inputs.first().map(|field: &Field| field.layout.shape());
            if let Some(other) = of_first.filter(|&other| other != shape) {
                let message = format!(
                    "argument `{name}` has shape {shape:?} and argument `{first}` has {other:?}"
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            if inputs.is_empty() {
                Self::check_lengths(shape, name, &reach)?;
                first = name;
            }
            inputs.push(field);
        }
        let source = K::SOURCE;
        let border = source.portable()?.borders.first().copied().unwrap_or(Border::Valid);
        let Some(field) = inputs.first() else {
            let message = format!("kernel `{}` has no neighbourhood", K::NAME);
            return Err(Error::new(ErrorKind::Unsupported, message));
        };
        Ok(Scene { shape: field.layout.shape().to_vec(), inputs, numbers, border, reach })
    }

    /// An error if a place that the kernel looks at is no `i32`, which it counts in.
    fn check_lengths(shape: &[usize], name: &str, reach: &[(usize, usize)]) -> Result<()> {
        let most = |high: usize| (i32::MAX.cast_unsigned() as usize).saturating_sub(high);
        let mut axes = shape.iter().zip(reach).enumerate();
        let too_long = axes.find(|(_, (len, (_, high)))| **len > most(*high));
        let Some((axis, (len, (_, high)))) = too_long.filter(|_| !shape.contains(&0)) else {
            return Ok(());
        };
        let message = format!(
            "axis {axis} of argument `{name}` has length {len}, and kernel `{}` on a device looks around \
             in at most {}",
            K::NAME,
            most(*high)
        );
        Err(Error::new(ErrorKind::TooLarge, message))
    }

    /// What writes the outputs, in bands of rows where arrays are larger than what a kernel may see.
    fn work(
        &self,
        scene: &Scene,
        inputs: &[Field],
        outputs: &[Field],
        keeps: bool,
    ) -> Result<Vec<Work>> {
        let shape = scene.shape_of_outputs(keeps);
        if shape.contains(&0) {
            return Ok(vec![]);
        }
        let Some(rows) = self.rows_of_band(scene, inputs, outputs, &shape) else {
            let windows: Vec<_> = inputs.iter().map(Window::of).collect();
            let band = Band { rows: 0..shape[0], within: None, direct: 0, keeps };
            return Ok(vec![self.dispatch(&mut None, scene, &windows, outputs, &shape, &band)?]);
        };
        let inputs = inputs.iter().map(Field::to_standard_layout).collect::<Result<Vec<_>>>()?;
        if rows == 0 {
            return self.work_in_rows(scene, &inputs, outputs, keeps);
        }
        let mut work = vec![];
        // Of bands of which not all that is around them is there, and of the others.
        let mut programs = [None, None];
        for from in (0..shape[0]).step_by(rows) {
            let to = (from + rows).min(shape[0]);
            let mut is_direct = true;
            let mut windows = vec![];
            for field in &inputs {
                let (window, direct) = scene.window(field, from..to, keeps, &mut work)?;
                is_direct &= direct;
                windows.push(window);
            }
            let band = Band { rows: from..to, within: None, direct: is_direct.into(), keeps };
            let program = &mut programs[usize::from(is_direct)];
            work.push(self.dispatch(program, scene, &windows, outputs, &shape, &band)?);
        }
        Ok(work)
    }

    /// The same in parts of single rows, of which what is around them is copied together.
    fn work_in_rows(
        &self,
        scene: &Scene,
        inputs: &[Field],
        outputs: &[Field],
        keeps: bool,
    ) -> Result<Vec<Work>> {
        let shape = scene.shape_of_outputs(keeps);
        let most = self.most_within(scene, inputs, outputs, &shape)?;
        let memory = inputs.iter().map(|field| scene.tile_memory(field, most));
        let memory = memory.collect::<Result<Vec<_>>>()?;
        let direct = if matches!(scene.border, Border::Const(_)) { 0 } else { 2 };
        let (mut work, mut program) = (vec![], None);
        for row in 0..shape[0] {
            for from in (0..shape[1]).step_by(most) {
                let within = from..(from + most).min(shape[1]);
                let windows = inputs.iter().zip(&memory).map(|(field, memory)| {
                    scene.tile((field, memory), row, within.clone(), keeps, &mut work)
                });
                let windows: Vec<_> = windows.collect();
                let band = Band { rows: row..row + 1, within: Some(within), direct, keeps };
                work.push(self.dispatch(&mut program, scene, &windows, outputs, &shape, &band)?);
            }
        }
        Ok(work)
    }

    /// How many indices of the second axis may be computed at a time, of a single one of the first.
    fn most_within(
        &self,
        scene: &Scene,
        inputs: &[Field],
        outputs: &[Field],
        shape: &[usize],
    ) -> Result<usize> {
        let around = |axis: usize| scene.reach[axis].0 + scene.reach[axis].1;
        let most = |field: &Field| self.device.most_elements_of(field.size);
        let product = |shape: &[usize]| shape.iter().skip(2).product::<usize>();
        let of_input = |field: &Field| {
            (most(field) / (around(0) + 1) / product(&scene.shape)).saturating_sub(around(1))
        };
        let of_inputs = inputs.iter().map(of_input);
        let of_outputs = outputs.iter().map(|field| most(field) / product(shape));
        let found = if shape.len() > 1 { of_inputs.chain(of_outputs).min() } else { None };
        found.filter(|&most| most > 0).ok_or_else(|| {
            let counts: Vec<_> = (0..shape.len().min(2)).map(|axis| around(axis) + 1).collect();
            let message = format!(
                "kernel `{}` looks at {counts:?} times {} elements at a time, and the device shows {} bytes",
                K::NAME,
                product(&scene.shape),
                self.device.limits().max_binding_bytes
            );
            Error::new(ErrorKind::TooLarge, message)
        })
    }

    /// How many rows of the outputs may be computed at a time, 0 if a single one is too large; none if all of
    /// them.
    fn rows_of_band(
        &self,
        scene: &Scene,
        inputs: &[Field],
        outputs: &[Field],
        shape: &[usize],
    ) -> Option<usize> {
        let span = |field: &Field| field.layout.span().map_or(0, |(low, high)| high - low + 1);
        let most = |field: &Field| self.device.most_elements_of(field.size);
        if inputs.iter().chain(outputs).all(|field| span(field) <= most(field)) {
            return None;
        }
        let around = scene.reach[0].0 + scene.reach[0].1;
        let row: usize = scene.shape[1..].iter().product();
        let row_out: usize = shape[1..].iter().product();
        let of_inputs = inputs.iter().map(|field| (most(field) / row).saturating_sub(around));
        let of_outputs = outputs.iter().map(|field| most(field) / row_out);
        of_inputs.chain(of_outputs).min()
    }

    /// The run of a band, by the program of bands with the same text: they differ in rows and columns alone.
    fn dispatch(
        &self,
        program: &mut Option<Arc<Program>>,
        scene: &Scene,
        windows: &[Window],
        outputs: &[Field],
        shape: &[usize],
        band: &Band,
    ) -> Result<Work> {
        let program = match program {
            Some(program) => program,
            None => {
                let source = self.source(scene, windows, outputs, band)?;
                program.insert(self.device.program(&source)?)
            }
        };
        self.launch(program, scene, windows, outputs, shape, band).map(Work::Dispatch)
    }

    fn launch(
        &self,
        program: &Program,
        scene: &Scene,
        windows: &[Window],
        outputs: &[Field],
        shape: &[usize],
        band: &Band,
    ) -> Result<Dispatch> {
        let device = &self.device;
        let shape = &band.shape(shape);
        let n = shape.iter().product();
        let mut launch = Launch::new(device, program);
        let mut firsts = vec![];
        for window in windows {
            let (part, first) = part_at(device, &window.field, &window.field.layout);
            launch = launch.part(part);
            firsts.push(i64::from(first).wrapping_sub(window.before()).to_le_bytes());
        }
        for output in outputs {
            let layout = output.layout.narrow(0, band.rows.start, band.rows.end);
            let layout = match &band.within {
                Some(within) => layout.narrow(1, within.start, within.end),
                None => layout,
            };
            let (part, first) = part_at(device, output, &layout);
            launch = launch.part(part);
            firsts.push(i64::from(first).to_le_bytes());
        }
        launch = launch.count(n)?.count(band.rows.start + scene.shift(0, band.keeps))?;
        if let Some(within) = &band.within {
            launch = launch.count(within.start + scene.shift(1, band.keeps))?;
        }
        for (ty, bytes) in &scene.numbers {
            launch = launch.bytes(ty, bytes);
        }
        for [a, b, c, d, ..] in firsts {
            // Places wrap around, as indices below the first do.
            launch = launch.number(u32::from_le_bytes([a, b, c, d]));
        }
        for (axis, (&len, &len_out)) in scene.shape.iter().zip(shape).enumerate() {
            launch = launch.count(len)?;
            if axis > 0 {
                launch = launch.count(len_out)?;
            }
            for window in windows {
                launch = launch.stride(window.field.layout.step(axis))?;
            }
        }
        let groups = n.div_ceil(program.size as usize);
        launch.dispatch(groups)
    }

    fn source(
        &self,
        scene: &Scene,
        windows: &[Window],
        outputs: &[Field],
        band: &Band,
    ) -> Result<Source> {
        let portable = K::SOURCE;
        let mut items = portable::text(&portable)?;
        let function = portable.portable()?;
        let mut source = Source::new(K::NAME).size(self.size).precise(self.is_precise);
        for (at, window) in windows.iter().enumerate() {
            source = source.read(&format!("in{at}"), window.field.ty);
        }
        for (at, output) in outputs.iter().enumerate() {
            source = source.write(&format!("out{at}"), output.ty);
        }
        source = source.param("n", "u32").param("row", "u32");
        if band.within.is_some() {
            source = source.param("column", "u32");
        }
        let mut call = vec!["at".to_owned()];
        for ((stored, _), (_, ty)) in scene.numbers.iter().zip(function.params) {
            let name = format!("number{}", call.len());
            source = source.param(&name, stored);
            call.push(loaded(ty, &format!("params.{name}")));
        }
        for at in 0..windows.len() + outputs.len() {
            source = source.param(&format!("first{at}"), "u32");
        }
        for axis in 0..scene.shape.len() {
            source = source.param(&format!("len{axis}"), "u32");
            if axis > 0 {
                source = source.param(&format!("out_len{axis}"), "u32");
            }
            for at in 0..windows.len() {
                source = source.param(&format!("step{at}_{axis}"), "u32");
            }
        }
        items.push_str(folds(scene.border));
        for (at, (of, ty, _)) in function.neighbours.iter().enumerate() {
            let border = function.borders.get(at).copied().unwrap_or(Border::Valid);
            let head = Head { kernel: function.name, of, ty, at };
            items.push_str(&neighbour(&head, scene.shape.len(), &border, band.direct)?);
        }
        let body = body(scene, function, windows.len(), &call.join(", "), band);
        Ok(source.items(&items).body(&body))
    }
}

/// What is called.
#[derive(Debug)]
struct Scene {
    inputs: Vec<Field>,
    numbers: Vec<(&'static str, Vec<u8>)>,
    /// Of the neighbourhoods.
    shape: Vec<usize>,
    border: Border<Value>,
    /// How far the kernel reaches on each axis, backwards and forwards.
    reach: Vec<(usize, usize)>,
}

/// Rows of the outputs that are computed at a time, or a part of one.
#[derive(Debug)]
struct Band {
    rows: Range<usize>,
    /// Of a single row, indices of the second axis; none if all of them.
    within: Option<Range<usize>>,
    /// On how many axes, from the first, all that is around them is in the windows.
    direct: usize,
    /// Whether elements whose neighbourhood leaves the array keep their values.
    keeps: bool,
}

impl Band {
    /// The shape of what is computed of outputs of a shape.
    fn shape(&self, of: &[usize]) -> Vec<usize> {
        let mut shape = of.to_vec();
        shape[0] = self.rows.len();
        if let Some(within) = &self.within {
            shape[1] = within.len();
        }
        shape
    }
}

impl Scene {
    /// How far the element with index 0 of the outputs lies from that of the neighbourhoods.
    fn shift(&self, axis: usize, keeps: bool) -> usize {
        if self.border == Border::Valid && !keeps { self.reach[axis].0 } else { 0 }
    }

    fn shape_of_outputs(&self, keeps: bool) -> Vec<usize> {
        if self.border != Border::Valid || keeps {
            return self.shape.clone();
        }
        let each = self.shape.iter().zip(&self.reach);
        each.map(|(&len, (low, high))| len.saturating_sub(low + high)).collect()
    }
}

/// A dimension of these lengths.
fn dimension<D: Dimension>(lengths: &[usize]) -> D {
    let mut dim = D::zeros(lengths.len());
    dim.slice_mut().copy_from_slice(lengths);
    dim
}

impl<K: Kernel<T>, T> fmt::Debug for Stencil<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stencil({} on {:?})", K::NAME, self.device)
    }
}
