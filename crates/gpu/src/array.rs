//! Arrays on a device.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ndarray::{
    Array, ArrayRef, Axis, Dimension, IntoDimension, Ix0, Ix1, IxDyn, ShapeBuilder, SliceArg,
    SliceInfoElem,
};

use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::Part;
use crate::layout::Layout;
use crate::operand::Field;
use crate::pool::Allocation;
use crate::run::Ty;
use crate::stream::Work;

/// An array on a [`Device`]: elements of type `T` with axes as of ndarray's dimension `D`.
///
/// Clones, slices and transposes are views of the same memory and cost nothing; nothing writes to
/// memory that an array shows. New arrays are row-major and dense.
///
/// ```
/// use tenfold_gpu::{Device, Select, ndarray::{array, s}};
///
/// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
/// let x = device.upload(&array![[1, 2, 3], [4, 5, 6]])?;
/// let last = x.slice(s![.., 1..])?.reversed_axes();
/// assert_eq!(last.shape(), [2, 2]);
/// assert_eq!(last.to_array()?, array![[2, 5], [3, 6]]);
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
#[must_use = "arrays do not change, and what an operation gives is a new one"]
pub struct DeviceArray<T, D> {
    device: Device,
    memory: Arc<Allocation>,
    layout: Layout<D>,
    /// As many as there are arrays that show the memory. What is recorded keeps the memory too, and
    /// shows it to nobody.
    shown: Arc<()>,
    _elements: std::marker::PhantomData<T>,
}

impl Device {
    /// An array of any layout, copied to the device.
    ///
    /// The call comes back when the elements are taken over, not when they have arrived.
    ///
    /// # Errors
    /// The device has no such elements, or no memory for them.
    pub fn upload<T: Element, D: Dimension>(
        &self,
        array: &ArrayRef<T, D>,
    ) -> Result<DeviceArray<T, D>> {
        let new = self.uninit(array.raw_dim())?;
        let dense = array.as_standard_layout();
        // Dense by what was just said; without elements there is nothing to write.
        let elements = dense.as_slice().unwrap_or(&[]);
        self.stage_up(new.memory.buffer(), bytemuck::cast_slice(elements))?;
        self.counters().uploaded_bytes.fetch_add(size_of_val(elements) as u64, Ordering::Relaxed);
        Ok(new)
    }

    /// An array of 0.
    ///
    /// # Errors
    /// As of [`upload`](Self::upload), or the shape has more elements than there are numbers.
    pub fn zeros<T: Element, Sh: ShapeBuilder>(
        &self,
        shape: Sh,
    ) -> Result<DeviceArray<T, Sh::Dim>> {
        let new = self.uninit(shape.into_shape_with_order().raw_dim().clone())?;
        self.enqueue(Work::Clear(Arc::clone(&new.memory)))?;
        Ok(new)
    }

    /// An array of one element that nothing writes to, which may be made while a graph is recorded.
    pub(crate) fn constant_of<T: Element>(&self, element: T) -> Result<DeviceArray<T, Ix0>> {
        self.check()?;
        self.require_type::<T>()?;
        let memory = self.constant(bytemuck::bytes_of(&element))?;
        Ok(DeviceArray::of(self.clone(), memory, Layout::standard(ndarray::Dim([]))))
    }

    /// An array with anything in it, for a kernel that writes all of it.
    pub(crate) fn uninit<T: Element, D: Dimension>(&self, dim: D) -> Result<DeviceArray<T, D>> {
        self.check()?;
        self.require_type::<T>()?;
        // Axes of length 0 let the others be as long as there are numbers, and no longer, as in ndarray.
        let mut lens = dim.slice().iter().filter(|&&n| n > 0);
        let bytes = lens.try_fold(size_of::<T>(), |bytes, &n| bytes.checked_mul(n));
        let bytes = bytes.filter(|&bytes| isize::try_from(bytes).is_ok()).ok_or_else(|| {
            let message = format!(
                "an array of shape {:?} has more bytes than there are numbers",
                dim.slice()
            );
            Error::new(ErrorKind::TooLarge, message)
        })?;
        let bytes = if dim.slice().contains(&0) { 0 } else { bytes };
        let memory = self.allocate(bytes as u64)?;
        Ok(DeviceArray::of(self.clone(), memory, Layout::standard(dim)))
    }
}

impl<T, D> DeviceArray<T, D> {
    fn of(device: Device, memory: Arc<Allocation>, layout: Layout<D>) -> Self {
        let shown = Arc::new(());
        Self { device, memory, layout, shown, _elements: std::marker::PhantomData }
    }

    /// The device that it lives on.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    pub(crate) fn memory(&self) -> &Arc<Allocation> {
        &self.memory
    }

    pub(crate) fn layout(&self) -> &Layout<D> {
        &self.layout
    }

    /// As many as there are arrays and expressions that show the memory.
    pub(crate) fn shown(&self) -> &Arc<()> {
        &self.shown
    }
}

impl<T: Element, D: Dimension> DeviceArray<T, D> {
    /// The same memory in another layout, all of which must lie in it.
    pub(crate) fn with_layout<E>(&self, layout: Layout<E>) -> DeviceArray<T, E> {
        let shown = Arc::clone(&self.shown);
        let (device, memory) = (self.device.clone(), Arc::clone(&self.memory));
        DeviceArray { device, memory, layout, shown, _elements: std::marker::PhantomData }
    }

    /// The lengths of the axes.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        self.layout.shape()
    }

    /// The lengths of the axes, as ndarray has them.
    #[must_use]
    pub fn raw_dim(&self) -> D {
        self.layout.dim.clone()
    }

    /// How far it is from one element to the next along each axis, in elements.
    #[must_use]
    pub fn strides(&self) -> &[isize] {
        &self.layout.strides
    }

    /// The number of axes.
    #[must_use]
    pub fn ndim(&self) -> usize {
        self.layout.dim.ndim()
    }

    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.layout.len()
    }

    /// Whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the elements lie row-major and dense.
    #[must_use]
    pub fn is_standard_layout(&self) -> bool {
        self.layout.is_standard()
    }

    /// A view of a part, as ndarray's `s!` has it; single indices remove their axes.
    ///
    /// # Errors
    /// An index is outside of its axis, or there are more or fewer than axes.
    pub fn slice<I: SliceArg<D>>(&self, info: I) -> Result<DeviceArray<T, I::OutDim>> {
        let elements = info.as_ref();
        let mut layout = Layout { dim: vec![], strides: vec![], offset: self.layout.offset };
        let mut axes = self.shape().iter().zip(&self.layout.strides).enumerate();
        for element in elements {
            if let SliceInfoElem::NewAxis = element {
                layout.dim.push(1);
                layout.strides.push(0);
                continue;
            }
            let Some((axis, (&len, &stride))) = axes.next() else {
                return Err(wrong_axes(elements.len(), self.ndim()));
            };
            let (from, taken) = narrow(axis, len, element)?;
            if let Some((count, step)) = taken {
                layout.dim.push(count);
                // A single one is not walked, however far the next would be.
                layout.strides.push(if count > 1 { stride * step } else { 0 });
            }
            layout.offset = layout.offset.wrapping_add_signed(stride * from.cast_signed());
        }
        if axes.next().is_some() {
            return Err(wrong_axes(elements.len(), self.ndim()));
        }
        let mut dim = I::OutDim::zeros(layout.dim.len());
        dim.slice_mut().copy_from_slice(&layout.dim);
        Ok(self.with_layout(Layout { dim, strides: layout.strides, offset: layout.offset }))
    }

    /// A view of one place of an axis, without the axis.
    ///
    /// # Errors
    /// There is no such axis or no such place.
    pub fn index_axis(&self, axis: Axis, index: usize) -> Result<DeviceArray<T, D::Smaller>> {
        let len = *self.shape().get(axis.0).ok_or_else(|| no_axis(axis.0, self.ndim()))?;
        if index >= len {
            return Err(outside(axis.0, index.cast_signed(), len));
        }
        let mut strides = self.layout.strides.clone();
        let offset = strides.remove(axis.0) * index.cast_signed();
        let dim = self.layout.dim.try_remove_axis(axis);
        let offset = self.layout.offset.wrapping_add_signed(offset);
        Ok(self.with_layout(Layout { dim, strides, offset }))
    }

    /// A view with another axis of length 1 before an axis.
    ///
    /// # Errors
    /// There are fewer axes.
    pub fn insert_axis(&self, axis: Axis) -> Result<DeviceArray<T, D::Larger>> {
        if axis.0 > self.ndim() {
            return Err(no_axis(axis.0, self.ndim() + 1));
        }
        let mut strides = self.layout.strides.clone();
        strides.insert(axis.0, 0);
        let dim = self.layout.dim.insert_axis(axis);
        Ok(self.with_layout(Layout { dim, strides, offset: self.layout.offset }))
    }

    /// A view with the axes in the other order: of a matrix its transpose.
    pub fn reversed_axes(&self) -> Self {
        let mut layout = self.layout.clone();
        layout.dim.slice_mut().reverse();
        layout.strides.reverse();
        self.with_layout(layout)
    }

    /// As [`reversed_axes`](Self::reversed_axes).
    pub fn t(&self) -> Self {
        self.reversed_axes()
    }

    /// A view with the axes in a given order: axis `i` of it is axis `axes[i]` of this array.
    ///
    /// # Errors
    /// `axes` does not name each axis once.
    pub fn permuted_axes(&self, axes: impl IntoDimension<Dim = D>) -> Result<Self> {
        let axes = axes.into_dimension();
        let mut named = vec![false; self.ndim()];
        for &axis in axes.slice() {
            if axis >= named.len() || std::mem::replace(&mut named[axis], true) {
                let message =
                    format!("axes {:?} do not name each of {} once", axes.slice(), self.ndim());
                return Err(Error::new(ErrorKind::Argument, message));
            }
        }
        if axes.ndim() != self.ndim() {
            return Err(wrong_axes(axes.ndim(), self.ndim()));
        }
        let mut layout = self.layout.clone();
        for (to, &from) in axes.slice().iter().enumerate() {
            layout.dim[to] = self.layout.dim[from];
            layout.strides[to] = self.layout.strides[from];
        }
        Ok(self.with_layout(layout))
    }

    /// A view of another shape, in which axes of length 1 and missing ones in front are repeated.
    ///
    /// # Errors
    /// The shapes do not go together.
    pub fn broadcast<E: IntoDimension>(&self, shape: E) -> Result<DeviceArray<T, E::Dim>> {
        Ok(self.with_layout(self.layout.broadcast(shape.into_dimension())?))
    }

    /// The elements in row-major order in another shape: a view if they lie so, a copy else.
    ///
    /// # Errors
    /// The shape has another number of elements, or there is no memory for a copy.
    pub fn reshape<E: IntoDimension>(&self, shape: E) -> Result<DeviceArray<T, E::Dim>> {
        let dim = shape.into_dimension();
        let len = dim.slice().iter().try_fold(1_usize, |len, &n| len.checked_mul(n));
        if len != Some(self.len()) {
            let message =
                format!("an array of shape {:?} cannot have shape {:?}", self.shape(), dim.slice());
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let dense = self.to_standard_layout()?;
        let layout = Layout { offset: dense.layout.offset, ..Layout::standard(dim) };
        Ok(dense.with_layout(layout))
    }

    /// The elements in row-major order in a single axis, as of [`reshape`](Self::reshape).
    ///
    /// # Errors
    /// There is no memory for a copy.
    pub fn flatten(&self) -> Result<DeviceArray<T, Ix1>> {
        self.reshape(self.len())
    }

    /// The same array with a number of axes that is not part of its type.
    pub fn to_dyn(&self) -> DeviceArray<T, IxDyn> {
        self.with_layout(self.layout.clone().into_dyn())
    }

    /// The same array with the number of axes in its type.
    ///
    /// # Errors
    /// It has another number of axes.
    pub fn to_dimensionality<E: Dimension>(&self) -> Result<DeviceArray<T, E>> {
        let dim = E::from_dimension(&self.layout.dim).ok_or_else(|| {
            let wanted = E::NDIM.unwrap_or_default();
            let message =
                format!("an array of {} axes was asked for as one of {wanted}", self.ndim());
            Error::new(ErrorKind::Shape, message)
        })?;
        let Layout { strides, offset, .. } = self.layout.clone();
        Ok(self.with_layout(Layout { dim, strides, offset }))
    }

    /// The elements row-major and dense: this array if they lie so, a copy else.
    ///
    /// # Errors
    /// There is no memory for a copy.
    pub fn to_standard_layout(&self) -> Result<Self> {
        if self.is_standard_layout() { Ok(self.clone()) } else { self.copied() }
    }

    /// Makes this array the only one that shows its memory, from its beginning and dense, by a copy where it
    /// is not.
    pub(crate) fn make_own(&mut self) -> Result<()> {
        if !self.is_own() {
            *self = self.copied()?;
        }
        Ok(())
    }

    /// Whether nothing else shows the memory, from the beginning of which the array lies dense.
    pub(crate) fn is_own(&self) -> bool {
        Arc::strong_count(&self.shown) == 1 && self.layout.offset == 0 && self.is_standard_layout()
    }

    /// The array on the host: copied there, and waited for.
    ///
    /// # Errors
    /// The driver told of an error, or the device is lost.
    pub fn to_array(&self) -> Result<Array<T, D>> {
        self.read()?.finish()
    }

    /// What a kernel sees of the memory, and where in it the element with index 0 is.
    pub(crate) fn part(&self) -> (Part, u32) {
        part(&self.device, &self.memory, &self.layout, Ty::of::<T>())
    }
}

/// What a kernel sees of an array without its type, in another layout; and where in it the element with
/// index 0 is.
pub(crate) fn part_at(device: &Device, field: &Field, layout: &Layout<IxDyn>) -> (Part, u32) {
    part(device, &field.memory, layout, Ty { name: field.ty, bytes: field.size })
}

fn part<D: Dimension>(
    device: &Device,
    memory: &Arc<Allocation>,
    layout: &Layout<D>,
    ty: Ty,
) -> (Part, u32) {
    let (part, from) = Part::of(device, memory, layout.span().unwrap_or((0, 0)), ty);
    // What a binding shows has fewer than 2^32 elements.
    (part, u32::try_from(layout.offset - from).unwrap_or(u32::MAX))
}

impl<T, D: Clone> Clone for DeviceArray<T, D> {
    fn clone(&self) -> Self {
        Self {
            device: self.device.clone(),
            memory: Arc::clone(&self.memory),
            layout: self.layout.clone(),
            shown: Arc::clone(&self.shown),
            _elements: std::marker::PhantomData,
        }
    }
}

impl<T: Element, D: Dimension> fmt::Debug for DeviceArray<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceArray<{}> {:?} on {}", T::WGSL, self.shape(), self.device.adapter().name())
    }
}

/// The first index that a slice takes of an axis, and how many in which steps; none for a single index.
fn narrow(
    axis: usize,
    len: usize,
    element: &SliceInfoElem,
) -> Result<(usize, Option<(usize, isize)>)> {
    let from_end = |i: isize| if i < 0 { i + len.cast_signed() } else { i };
    match *element {
        SliceInfoElem::Index(index) => {
            let at = from_end(index);
            if at < 0 || at >= len.cast_signed() {
                return Err(outside(axis, index, len));
            }
            Ok((at.cast_unsigned(), None))
        }
        SliceInfoElem::Slice { start, end, step } => {
            let (from, to) = (from_end(start), from_end(end.unwrap_or(len.cast_signed())));
            for (given, at) in [(start, from), (end.unwrap_or(0), to)] {
                if at < 0 || at > len.cast_signed() {
                    return Err(outside(axis, given, len));
                }
            }
            if step == 0 {
                let message = format!("a slice of axis {axis} has steps of 0");
                return Err(Error::new(ErrorKind::Argument, message));
            }
            let span = (to - from).max(0).cast_unsigned();
            let count = span.div_ceil(step.unsigned_abs());
            let first = if step < 0 && count > 0 { to - 1 } else { from };
            Ok((if count == 0 { 0 } else { first.cast_unsigned() }, Some((count, step))))
        }
        SliceInfoElem::NewAxis => Ok((0, Some((1, 0)))),
    }
}

fn wrong_axes(given: usize, axes: usize) -> Error {
    Error::new(ErrorKind::Argument, format!("{given} axes were named of an array of {axes}"))
}

pub(crate) fn no_axis(axis: usize, axes: usize) -> Error {
    Error::new(ErrorKind::Argument, format!("axis {axis} was named of an array of {axes} axes"))
}

fn outside(axis: usize, index: isize, len: usize) -> Error {
    let message = format!("index {index} is outside of axis {axis}, which has length {len}");
    Error::new(ErrorKind::Argument, message)
}
