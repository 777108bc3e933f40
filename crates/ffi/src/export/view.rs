//! Views of `ndarray`, as a pointer, lengths, and strides in bytes.

use std::ptr::NonNull;
use std::slice;

use ndarray::{ArrayView, ArrayViewMut, Axis, Dimension, ShapeBuilder as _};

use super::extent::Extent;
use super::refusal::{self, Checked, Refusal, Status};

/// What NumPy has at most. A number that nobody has set is mostly more, and would be read as a length.
const MOST_AXES: usize = 64;

/// A view that can be there, as far as its pointer, lengths and strides say.
#[derive(Debug)]
pub struct View<T, D> {
    name: &'static str,
    /// The element with the least address.
    lowest: *mut T,
    /// From the first byte of the lowest element to behind the last of the highest; 0 without elements.
    bytes: usize,
    dim: D,
    /// Of each axis, the bytes from one element to the next, as `isize`; 0 where there is no next.
    steps: D,
}

impl<T: Copy, D: Dimension> View<T, D> {
    /// Checks pointer, lengths and strides. Without elements the pointer may be NULL, and without strides it
    /// is row-major and dense.
    ///
    /// # Errors
    ///
    /// NULL, not aligned, more bytes than there can be, or strides that are no multiples of an element.
    ///
    /// # Safety
    ///
    /// Where they are not NULL, there are as many lengths and strides as `axes`, which is what `D` has.
    pub unsafe fn new(
        name: &'static str,
        address: *mut T,
        axes: usize,
        shape: *const usize,
        strides: *const isize,
    ) -> Checked<Self> {
        if axes > MOST_AXES {
            let message = format!("`{name}` has {axes} axes, and {MOST_AXES} is the most");
            return Err(Refusal::new(Status::Shape, message));
        }
        // SAFETY: the caller promises that so many are there.
        let lens = unsafe { list(name, "shape", shape, axes) }?;
        let given = match strides.is_null() {
            true => None,
            // SAFETY: as above.
            false => Some(unsafe { list(name, "strides", strides, axes) }?),
        };
        let mut view = Self {
            name,
            lowest: NonNull::dangling().as_ptr(),
            bytes: 0,
            dim: D::zeros(axes),
            steps: D::zeros(axes),
        };
        view.dim.slice_mut().copy_from_slice(lens);
        check_count(name, lens, size_of::<T>())?;
        view.step_densely();
        if lens.contains(&0) {
            return Ok(view);
        }
        refusal::place(name, address)?;
        if let Some(strides) = given {
            view.step_by(strides)?;
        }
        view.reach(address)?;
        Ok(view)
    }

    fn step_densely(&mut self) {
        let mut step = size_of::<T>();
        for (to, &len) in self.steps.slice_mut().iter_mut().zip(self.dim.slice()).rev() {
            *to = if len > 1 { step } else { 0 };
            // No overflow: the product of all but 0 has been checked.
            step *= len.max(1);
        }
    }

    fn step_by(&mut self, strides: &[isize]) -> Checked<()> {
        for ((to, &len), &stride) in
            self.steps.slice_mut().iter_mut().zip(self.dim.slice()).zip(strides)
        {
            if len < 2 {
                continue;
            }
            if !stride.unsigned_abs().is_multiple_of(size_of::<T>()) {
                let message = format!(
                    "`{}` has a stride of {stride} bytes, which is no multiple of an element of {}",
                    self.name,
                    size_of::<T>()
                );
                return Err(Refusal::new(Status::Stride, message));
            }
            *to = stride.cast_unsigned();
        }
        Ok(())
    }

    /// Finds the bytes that the steps reach from the first element.
    fn reach(&mut self, first: *mut T) -> Checked<()> {
        let (mut below, mut above) = (Some(0_usize), Some(size_of::<T>()));
        for (&step, &len) in self.steps.slice().iter().zip(self.dim.slice()) {
            let step = step.cast_signed();
            let side = if step < 0 { &mut below } else { &mut above };
            let way = step.unsigned_abs().checked_mul(len - 1);
            *side = side.zip(way).and_then(|(side, way)| side.checked_add(way));
        }
        let bytes = below.zip(above).and_then(|(below, above)| below.checked_add(above));
        let bytes = bytes.filter(|&bytes| isize::try_from(bytes).is_ok());
        let lowest =
            below.and_then(|below| first.addr().checked_sub(below)).filter(|&lowest| lowest > 0);
        let end = lowest.zip(bytes).and_then(|(lowest, bytes)| lowest.checked_add(bytes));
        match (below, bytes, end) {
            (Some(below), Some(bytes), Some(_)) => {
                self.lowest = first.wrapping_byte_sub(below);
                self.bytes = bytes;
                Ok(())
            }
            _ => {
                let message = format!("`{}` has strides that lead out of all memory", self.name);
                Err(Refusal::new(Status::Shape, message))
            }
        }
    }

    /// Checks that each element has a place of its own, as what is written needs.
    ///
    /// # Errors
    ///
    /// Strides that lead to one element by two ways, or that may: each has to be longer than all the way that
    /// the shorter ones go together.
    pub fn written(self) -> Checked<Self> {
        let axes = || {
            self.steps
                .slice()
                .iter()
                .zip(self.dim.slice())
                .enumerate()
                .filter(|(_, (_, len))| **len > 1)
        };
        let size = |step: usize| step.cast_signed().unsigned_abs();
        for (axis, (&step, _)) in axes() {
            let shorter = axes()
                .filter(|&(other, (&step_of, _))| (size(step_of), other) < (size(step), axis));
            let way: usize = shorter.map(|(_, (&step, &len))| size(step) * (len - 1)).sum();
            // Without elements, none is reached twice.
            if self.bytes > 0 && size(step) <= way.max(size_of::<T>() - 1) {
                let message = format!(
                    "`{}` is written, and its stride of {} bytes in axis {axis} leads to one element twice",
                    self.name,
                    step.cast_signed()
                );
                return Err(Refusal::new(Status::Stride, message));
            }
        }
        Ok(self)
    }

    /// Its bytes, for one that is read.
    #[must_use]
    pub fn read(&self) -> Extent {
        self.extent(false)
    }

    /// Its bytes, for one that is written.
    #[must_use]
    pub fn write(&self) -> Extent {
        self.extent(true)
    }

    fn extent(&self, writes: bool) -> Extent {
        let start = self.lowest.addr();
        Extent::new(self.name, start, start + self.bytes, writes)
    }

    /// The strides in elements without their signs, as `ndarray` takes them.
    fn forwards(&self) -> D {
        let mut strides = self.steps.clone();
        for step in strides.slice_mut() {
            *step = step.cast_signed().unsigned_abs() / size_of::<T>();
        }
        strides
    }

    /// The axes that go backwards.
    fn backwards(&self) -> impl Iterator<Item = Axis> {
        let steps = self.steps.slice().iter().enumerate();
        steps.filter(|(_, step)| step.cast_signed() < 0).map(|(axis, _)| Axis(axis))
    }

    /// The view.
    ///
    /// # Safety
    ///
    /// All elements are there for as long as this is, and nobody writes them.
    #[must_use]
    pub unsafe fn get(&self) -> ArrayView<'_, T, D> {
        let shape = self.dim.clone().strides(self.forwards());
        // SAFETY: `new` has checked that the lowest element and all that the strides reach from there are
        // aligned and within `isize::MAX` bytes; the caller knows that they are there.
        let mut view = unsafe { ArrayView::from_shape_ptr(shape, self.lowest) };
        self.backwards().for_each(|axis| view.invert_axis(axis));
        view
    }

    /// The view, to be written.
    ///
    /// # Safety
    ///
    /// [`written`](Self::written) has been asked, all elements are there for as long as this is, and nobody
    /// else looks at them.
    #[must_use]
    pub unsafe fn get_mut(&mut self) -> ArrayViewMut<'_, T, D> {
        let shape = self.dim.clone().strides(self.forwards());
        // SAFETY: as in `get`; and no two indices lead to one element.
        let mut view = unsafe { ArrayViewMut::from_shape_ptr(shape, self.lowest) };
        self.backwards().for_each(|axis| view.invert_axis(axis));
        view
    }
}

/// So many lengths or strides.
///
/// # Safety
///
/// They are there if the address is not NULL, for as long as `'a`.
unsafe fn list<'a, N>(name: &str, what: &str, address: *const N, axes: usize) -> Checked<&'a [N]> {
    if axes == 0 {
        return Ok(&[]);
    }
    if address.is_null() || !address.is_aligned() {
        // Named only now, since names of that kind are put together.
        refusal::place(&format!("{name}_{what}"), address)?;
    }
    // SAFETY: it is aligned and not null, and the caller promises that so many are there.
    Ok(unsafe { slice::from_raw_parts(address, axes) })
}

/// Whether so many elements can be counted, whatever the strides are.
fn check_count(name: &str, lens: &[usize], bytes: usize) -> Checked<()> {
    let some = lens.iter().filter(|&&len| len > 0);
    let count = some.into_iter().try_fold(bytes, |count, &len| count.checked_mul(len));
    match count.filter(|&count| isize::try_from(count).is_ok()) {
        Some(_) => Ok(()),
        None => {
            let message =
                format!("`{name}` cannot have the shape {lens:?} of elements of {bytes} bytes");
            Err(Refusal::new(Status::Shape, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use ndarray::IxDyn;
    use proptest::prelude::*;

    use super::*;

    const ELEMENTS: usize = 4096;
    const BYTES: usize = size_of::<u16>();

    /// Lengths, and strides in elements.
    fn axes() -> impl Strategy<Value = Vec<(usize, isize)>> {
        prop::collection::vec((0_usize..5, -9_isize..10), 0..5)
    }

    fn view(
        address: *mut u16,
        lens: &[usize],
        strides: Option<&[isize]>,
    ) -> Checked<View<u16, IxDyn>> {
        let strides = strides.map_or(std::ptr::null(), <[isize]>::as_ptr);
        // SAFETY: there are as many lengths and strides as axes.
        unsafe { View::new("x", address, lens.len(), lens.as_ptr(), strides) }
    }

    /// Where the elements are, in the order of the indices.
    fn places(axes: &[(usize, isize)]) -> Vec<isize> {
        axes.iter().fold(vec![0], |places, &(len, stride)| {
            let steps = (0..len.cast_signed()).map(move |index| index * stride);
            places.iter().flat_map(|&place| steps.clone().map(move |step| place + step)).collect()
        })
    }

    proptest! {
        #[test]
        fn elements_are_where_strides_lead(axes in axes()) {
            let mut memory: Vec<u16> = (0..4096).collect();
            let first = ELEMENTS / 2;
            let (lens, strides): (Vec<usize>, Vec<isize>) = axes.iter().copied().unzip();
            let strides: Vec<isize> = strides.iter().map(|stride| stride * 2).collect();
            let address = memory.as_mut_ptr().wrapping_add(first);
            let checked = view(address, &lens, Some(&strides)).unwrap();
            let places = places(&axes);
            let expected: Vec<u16> =
                places.iter().map(|&place| memory[first.strict_add_signed(place)]).collect();
            // SAFETY: the strides stay in the memory.
            let seen: Vec<u16> = unsafe { checked.get() }.iter().copied().collect();
            prop_assert_eq!(seen, expected);

            let extent = checked.read().bytes;
            prop_assert_eq!(extent.end == extent.start, places.is_empty());
            if let (Some(least), Some(most)) = (places.iter().min(), places.iter().max()) {
                let start = address.wrapping_offset(*least).addr();
                prop_assert_eq!((extent.start, extent.end), (start, address.wrapping_offset(*most).addr() + BYTES));
            }

            // What may be written reaches each element once.
            let Ok(mut checked) = checked.written() else {
                prop_assert!(!places.is_empty());
                return Ok(());
            };
            prop_assert_eq!(places.iter().collect::<HashSet<_>>().len(), places.len());
            // SAFETY: as above, and nobody else looks at the memory.
            unsafe { checked.get_mut() }.fill(7);
            let sevens = places.iter().all(|&place| memory[first.strict_add_signed(place)] == 7);
            prop_assert!(sevens);
        }

        #[test]
        fn without_strides_rows_lie_behind_each_other(lens in prop::collection::vec(0_usize..5, 0..5)) {
            let mut memory: Vec<u16> = (0..4096).collect();
            let checked = view(memory.as_mut_ptr(), &lens, None).unwrap().written().unwrap();
            // SAFETY: there are at most 625 elements.
            let seen = unsafe { checked.get() };
            prop_assert!(seen.is_standard_layout());
            prop_assert!(seen.iter().copied().eq(0..u16::try_from(seen.len()).unwrap()));
        }

        /// Nothing is read of these.
        #[test]
        fn no_numbers_are_too_wild(address: usize, axes: Vec<(usize, isize)>) {
            let (lens, strides): (Vec<usize>, Vec<isize>) = axes.into_iter().unzip();
            let address = std::ptr::without_provenance_mut(address);
            for strides in [None, Some(&*strides)] {
                let _ = view(address, &lens, strides).and_then(View::written);
            }
        }
    }

    #[test]
    fn views_that_cannot_be_are_refused() {
        let mut memory = [0_u16; 64];
        let start = memory.as_mut_ptr();
        let status = |address, lens: &[usize], strides: Option<&[isize]>| {
            let checked = view(address, lens, strides).and_then(View::written);
            checked.err().map(|refusal| refusal.status)
        };
        assert_eq!(status(start, &[4, 4], Some(&[8, 2])), None);
        assert_eq!(status(start, &[4, 4], Some(&[2, 8])), None);
        assert_eq!(status(std::ptr::null_mut(), &[4, 0], None), None);
        assert_eq!(status(std::ptr::null_mut(), &[4], None), Some(Status::Null));
        assert_eq!(status(start.wrapping_byte_add(1), &[4], None), Some(Status::Align));
        assert_eq!(status(start, &[4], Some(&[3])), Some(Status::Stride));
        // A stride that is not gone along may be anything.
        assert_eq!(status(start, &[1], Some(&[3])), None);
        assert_eq!(status(start, &[4], Some(&[0])), Some(Status::Stride));
        assert_eq!(status(start, &[4, 4], Some(&[6, 2])), Some(Status::Stride));
        let huge = usize::MAX / 3;
        assert_eq!(status(start, &[huge, 8], Some(&[0, 0])), Some(Status::Shape));
        assert_eq!(status(start, &[huge], None), Some(Status::Shape));
        assert_eq!(status(start, &[3], Some(&[isize::MAX - 1])), Some(Status::Shape));
        assert_eq!(
            status(start, &[2, 2], Some(&[isize::MAX - 1, -isize::MAX + 1])),
            Some(Status::Shape)
        );
        assert_eq!(
            status(std::ptr::without_provenance_mut(2), &[2], Some(&[-2])),
            Some(Status::Shape)
        );
    }
}
