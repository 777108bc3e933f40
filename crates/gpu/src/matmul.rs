//! Products of matrices.

mod kernel;
#[cfg(test)]
mod tests;

use ndarray::{Dimension, IxDyn};

use self::kernel::{Access, Plan, Shape};
use crate::adapter::AdapterKind;
use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::{Launch, Part};
use crate::layout::Layout;
use crate::run::{Ty, as_quads};

impl<T: Element, D: Dimension> DeviceArray<T, D> {
    /// The product of matrices: of two arrays `(m, k)` and `(k, n)` the array `(m, n)`. More axes before
    /// these two are so many products, and must be of the same lengths in both.
    ///
    /// Any layout is read where it lies; transposes cost nothing. Each sum goes along the inner axis from
    /// its begin to its end, so that it has the same bits in each run on a device; whether products and
    /// sums are rounded together is up to the device. Integers wrap.
    ///
    /// ```
    /// use tenfold_gpu::{Device, Select, ndarray::array};
    ///
    /// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
    /// let a = device.upload(&array![[1.0_f32, 2.0], [3.0, 4.0]])?;
    /// let b = device.upload(&array![[1.0_f32], [10.0]])?;
    /// assert_eq!(a.matmul(&b)?.to_array()?, array![[21.0], [43.0]]);
    /// # Ok::<(), tenfold_gpu::Error>(())
    /// ```
    ///
    /// # Errors
    /// The shapes do not go together, there is no memory, or the arrays are of different devices.
    pub fn matmul(&self, right: &Self) -> Result<Self> {
        let device = self.device();
        if !device.is(right.device()) {
            let message = "the factors of a product are on different devices";
            return Err(Error::new(ErrorKind::DeviceMismatch, message));
        }
        let axes = self.ndim();
        let (a, b) = (self.shape(), right.shape());
        let fits = axes >= 2 && b.len() == axes && a[..axes - 2] == b[..axes - 2];
        if !fits || a[axes - 1] != b[axes - 2] {
            let message = format!("matrices of shapes {a:?} and {b:?} have no product");
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let mut dim = self.raw_dim();
        dim[axes - 1] = b[axes - 1];
        if a[axes - 1] == 0 {
            return device.zeros(dim);
        }
        let out = device.uninit::<T, D>(dim)?;
        if out.is_empty() {
            return Ok(out);
        }
        multiply(&stacked(self)?, &stacked(right)?, &stacked(&out)?, None)?;
        Ok(out)
    }
}

/// With one axis before the two of the matrices.
fn stacked<T: Element, D: Dimension>(array: &DeviceArray<T, D>) -> Result<DeviceArray<T, IxDyn>> {
    let shape = array.shape();
    let (outer, matrix) = shape.split_at(shape.len() - 2);
    if outer.len() == 1 {
        return Ok(array.to_dyn());
    }
    if outer.is_empty() {
        return array.to_dyn().insert_axis(ndarray::Axis(0));
    }
    array.reshape(IxDyn(&[outer.iter().product(), matrix[0], matrix[1]]))
}

/// Writes the products of `a`, `(batches, m, k)`, and `b` to `c`, in parts if a kernel cannot see all.
fn multiply<T: Element>(
    a: &DeviceArray<T, IxDyn>,
    b: &DeviceArray<T, IxDyn>,
    c: &DeviceArray<T, IxDyn>,
    plan: Option<Plan>,
) -> Result<()> {
    let device = a.device();
    let most = device.most_elements::<T>();
    let span =
        |x: &DeviceArray<T, IxDyn>| x.layout().span().map_or(0, |(low, high)| high - low + 1);
    let (batches, rows, columns) = (c.shape()[0], c.shape()[1], c.shape()[2]);
    let is_seen = |x: &DeviceArray<T, IxDyn>| span(x) <= most;
    if is_seen(a) && is_seen(b) && is_seen(c) {
        return launch(device, a, b, c, plan);
    }
    let narrow = |x: &DeviceArray<T, IxDyn>, axis: usize, from: usize, to: usize| {
        x.with_layout(x.layout().narrow(axis, from, to))
    };
    if batches > 1 {
        return (0..batches).try_for_each(|i| {
            let of = |x| narrow(x, 0, i, i + 1);
            multiply(&of(a), &of(b), &of(c), plan)
        });
    }
    // Whole tiles, where there are some.
    let half = |len: usize| if len > 128 { (len / 2).next_multiple_of(128) } else { len / 2 };
    let by_rows = |at: usize| {
        multiply(&narrow(a, 1, 0, at), b, &narrow(c, 1, 0, at), plan)?;
        multiply(&narrow(a, 1, at, rows), b, &narrow(c, 1, at, rows), plan)
    };
    let by_columns = |at: usize| {
        multiply(a, &narrow(b, 2, 0, at), &narrow(c, 2, 0, at), plan)?;
        multiply(a, &narrow(b, 2, at, columns), &narrow(c, 2, at, columns), plan)
    };
    if !is_seen(c) {
        return if rows > 1 { by_rows(half(rows)) } else { by_columns(half(columns)) };
    }
    if !is_seen(a) {
        return match a.len() <= most {
            true => multiply(&a.copied()?, b, c, plan),
            false if rows > 1 => by_rows(half(rows)),
            false => Err(too_deep(a.shape()[2], most)),
        };
    }
    match b.len() <= most {
        true => multiply(a, &b.copied()?, c, plan),
        false if columns > 1 => by_columns(half(columns)),
        false => Err(too_deep(a.shape()[2], most)),
    }
}

fn too_deep(depth: usize, most: usize) -> Error {
    let message = format!(
        "the inner axis of a product is {depth} long, and a kernel sees {most} elements at a time"
    );
    Error::new(ErrorKind::TooLarge, message)
}

/// What a kernel sees of an operand.
struct Operand {
    part: Part,
    first: u32,
    /// Of the axes, in what the part has.
    strides: [isize; 3],
    access: Access,
}

impl Operand {
    fn new<T: Element>(
        device: &Device,
        layout: &Layout<IxDyn>,
        (part, first): (Part, u32),
    ) -> Self {
        let strides = [0, 1, 2].map(|axis| layout.step(axis));
        let is_dense = strides[2] == 1 && layout.shape()[2].is_multiple_of(4);
        if is_dense
            && strides[0] % 4 == 0
            && strides[1] % 4 == 0
            && let Some((part, first)) = as_quads(device, part.clone(), first, Ty::of::<T>())
        {
            return Self { part, first, strides: strides.map(|n| n / 4), access: Access::Quads };
        }
        let access = match layout.strides[2].unsigned_abs() <= layout.strides[1].unsigned_abs() {
            true => Access::Along,
            false => Access::Across,
        };
        Self { part, first, strides, access }
    }
}

fn launch<T: Element>(
    device: &Device,
    a: &DeviceArray<T, IxDyn>,
    b: &DeviceArray<T, IxDyn>,
    c: &DeviceArray<T, IxDyn>,
    plan: Option<Plan>,
) -> Result<()> {
    let (batches, rows, columns, depth) = (c.shape()[0], c.shape()[1], c.shape()[2], a.shape()[2]);
    let plan = plan.unwrap_or_else(|| {
        let is_many = batches * rows.div_ceil(128) * columns.div_ceil(128) >= 128;
        match device.adapter().kind() {
            AdapterKind::Cpu => Plan::Plain,
            _ if is_many && size_of::<T>() == 4 => Plan::Tiles(8),
            _ => Plan::Tiles(4),
        }
    });
    // Four elements at a time go along the last axis of all three.
    let operand = |x: &DeviceArray<T, IxDyn>| {
        let seen = x.part();
        match plan {
            Plan::Tiles(_) => Operand::new::<T>(device, x.layout(), seen),
            Plan::Plain => {
                let strides = [0, 1, 2].map(|axis| x.layout().step(axis));
                Operand { part: seen.0, first: seen.1, strides, access: Access::Along }
            }
        }
    };
    let (a, b, c) = (operand(a), operand(b), operand(c));
    let is_wide = c.access == Access::Quads;
    let shape = Shape { ty: Ty::of::<T>(), plan, left: a.access, right: b.access, is_wide };
    let program = device.program_for(&("matmul", shape), || shape.source())?;
    let mut launch = Launch::new(device, &program).part(a.part).part(b.part).part(c.part);
    for number in [batches, rows, columns, depth] {
        launch = launch.count(number)?;
    }
    for operand in [(a.first, a.strides), (b.first, b.strides)] {
        let (first, [batch, i, j]) = operand;
        launch = launch.number(first).stride(batch)?.stride(i)?.stride(j)?;
    }
    launch = launch.number(c.first).stride(c.strides[0])?.stride(c.strides[1])?;
    launch.groups(plan.groups(batches, rows, columns))
}
