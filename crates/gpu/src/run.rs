//! Runs of elements that lie dense: what reductions, scans and sorts read and write.

use std::sync::Arc;

use ndarray::Dimension;

use crate::array::{DeviceArray, no_axis};
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::{Launch, Part};
use crate::pool::Allocation;
use crate::stream::{Transfer, Work};

/// Elements one after another in some memory, of a type that is known when a program runs: what lies
/// between two steps of an algorithm need not be of the array's type.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) memory: Arc<Allocation>,
    /// Of the first, in elements.
    pub(crate) offset: usize,
    pub(crate) ty: Ty,
}

/// A type of numbers in WGSL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ty {
    pub(crate) name: &'static str,
    pub(crate) bytes: usize,
}

impl Ty {
    pub(crate) const U32: Ty = Ty { name: "u32", bytes: 4 };
    pub(crate) const U64: Ty = Ty { name: "u64", bytes: 8 };

    pub(crate) fn of<T: Element>() -> Self {
        Self { name: T::WGSL, bytes: size_of::<T>() }
    }

    /// Four of them.
    pub(crate) fn quad(self) -> &'static str {
        quad(self.name)
    }

    pub(crate) fn is_float(self) -> bool {
        matches!(self.name, "f32" | "f64")
    }

    /// A number of this type as a literal.
    pub(crate) fn literal(self, number: u32) -> String {
        match self.name {
            "f32" => format!("f32({number}.0)"),
            "f64" => format!("{number}.0lf"),
            "i32" => format!("i32({number})"),
            "i64" => format!("{number}li"),
            "u64" => format!("{number}lu"),
            _ => format!("{number}u"),
        }
    }
}

/// The type of four numbers of a type.
pub(crate) fn quad(ty: &str) -> &'static str {
    match ty {
        "f32" => "vec4<f32>",
        "f64" => "vec4<f64>",
        "i32" => "vec4<i32>",
        "i64" => "vec4<i64>",
        "u64" => "vec4<u64>",
        _ => "vec4<u32>",
    }
}

impl Run {
    /// The elements of an array that lies row-major and dense.
    pub(crate) fn of<T: Element, D: Dimension>(array: &DeviceArray<T, D>) -> Self {
        debug_assert!(array.is_standard_layout());
        let offset = array.layout().offset;
        Self { memory: Arc::clone(array.memory()), offset, ty: Ty::of::<T>() }
    }

    /// So many elements, with anything in them.
    pub(crate) fn new(device: &Device, ty: Ty, len: usize) -> Result<Self> {
        let bytes = len.checked_mul(ty.bytes).ok_or_else(|| {
            let message = format!("{len} elements of type {} are more than memory has", ty.name);
            Error::new(ErrorKind::TooLarge, message)
        })?;
        Ok(Self { memory: device.allocate(bytes as u64)?, offset: 0, ty })
    }

    /// Where an element begins.
    pub(crate) fn byte(&self, at: usize) -> u64 {
        (self.offset + at) as u64 * self.ty.bytes as u64
    }

    /// How many elements a kernel may see at a time, wherever they begin.
    pub(crate) fn most(&self, device: &Device) -> usize {
        Self::most_of(device, self.ty)
    }

    /// The same of elements of a type.
    pub(crate) fn most_of(device: &Device, ty: Ty) -> usize {
        device.most_elements_of(ty.bytes)
    }

    /// What a kernel sees of elements `from..from + len`, and where in it the first is.
    pub(crate) fn part(&self, device: &Device, from: usize, len: usize) -> (Part, u32) {
        let low = self.offset + from;
        let (part, seen) = Part::of(device, &self.memory, (low, low + len.max(1) - 1), self.ty);
        // What a binding shows has fewer than 2^32 elements.
        (part, u32::try_from(low - seen).unwrap_or(u32::MAX))
    }

    /// The same four elements at a time, if they lie so: the last four may go beyond the elements, not
    /// beyond the memory.
    pub(crate) fn quads(&self, device: &Device, from: usize, len: usize) -> Option<(Part, u32)> {
        let (part, first) = self.part(device, from, len);
        as_quads(device, part, first, self.ty)
    }
}

/// A part seen four elements at a time, if it begins so and its memory goes far enough.
pub(crate) fn as_quads(device: &Device, mut part: Part, first: u32, ty: Ty) -> Option<(Part, u32)> {
    let bytes = 4 * ty.bytes as u64;
    part.size_bytes = part.size_bytes.next_multiple_of(bytes);
    part.ty = ty.quad();
    let fits = part.offset_bytes + part.size_bytes <= part.memory.size_bytes()
        && part.size_bytes <= device.limits().max_binding_bytes;
    let is_aligned = part.offset_bytes.is_multiple_of(bytes) && first.is_multiple_of(4);
    (fits && is_aligned).then_some((part, first / 4))
}

impl Launch<'_> {
    /// The next array, if there is one, and where in it the first element is.
    pub(crate) fn part_if(self, part: Option<(Part, u32)>) -> (Self, u32) {
        match part {
            Some((part, first)) => (self.part(part), first),
            None => (self, 0),
        }
    }
}

/// Lengths before, along and behind an axis.
pub(crate) fn around(shape: &[usize], axis: usize) -> Result<[usize; 3]> {
    let len = *shape.get(axis).ok_or_else(|| no_axis(axis, shape.len()))?;
    // A view that repeats an array may be longer than memory.
    let product = |lens: &[usize]| lens.iter().try_fold(1_usize, |all, &n| all.checked_mul(n));
    let (outer, inner) = (product(&shape[..axis]), product(&shape[axis + 1..]));
    let (Some(outer), Some(inner)) = (outer, inner) else {
        let message =
            format!("an array of shape {shape:?} has more elements than there are numbers");
        return Err(Error::new(ErrorKind::TooLarge, message));
    };
    Ok([outer, len, inner])
}

/// A part of an array of three axes that is dealt with at a time, in whole tiles of the middle axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    /// Where it begins, in elements.
    pub(crate) from: usize,
    /// Where it begins where there is one element for each tile.
    pub(crate) to: usize,
    pub(crate) shape: [usize; 3],
    /// The place of its first element on the middle axis.
    pub(crate) base: usize,
}

impl Block {
    pub(crate) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The parts of an array with elements, each of at most so many, or of a single tile if that is more.
    pub(crate) fn cut([outer, len, inner]: [usize; 3], tile: usize, most: usize) -> Vec<Self> {
        let tiles = len.div_ceil(tile);
        let outers = most / (len * inner);
        if outers > 0 {
            let block = |first: usize| Self {
                from: first * len * inner,
                to: first * tiles * inner,
                shape: [outers.min(outer - first), len, inner],
                base: 0,
            };
            return (0..outer).step_by(outers).map(block).collect();
        }
        let batch = (most / (tile * inner)).max(1);
        let starts = (0..outer).flat_map(|row| (0..tiles).step_by(batch).map(move |at| (row, at)));
        let block = |(row, first): (usize, usize)| Self {
            from: (row * len + first * tile) * inner,
            to: (row * tiles + first) * inner,
            shape: [1, (batch * tile).min(len - first * tile), inner],
            base: first * tile,
        };
        starts.map(block).collect()
    }
}

/// Some columns of a block, copied together in another run; `is_back` copies them from there.
pub(crate) fn copy_columns(
    device: &Device,
    run: &Run,
    block: Block,
    columns: std::ops::Range<usize>,
    other: &Run,
    is_back: bool,
) -> Result<()> {
    let [_, len, inner] = block.shape;
    let bytes = (columns.len() * run.ty.bytes) as u64;
    for row in 0..len {
        let at = run.byte(block.from + row * inner + columns.start);
        let apart = other.byte(row * columns.len());
        let here = (Arc::clone(&run.memory), at);
        let there = (Arc::clone(&other.memory), apart);
        let (from, to) = if is_back { (there, here) } else { (here, there) };
        device.enqueue(Work::Transfer(Transfer { from, to, bytes }))?;
    }
    Ok(())
}
