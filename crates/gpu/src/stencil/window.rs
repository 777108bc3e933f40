//! What a part of a stencil reads of an input: rows of it, or what is copied together of them.

use std::ops::Range;
use std::sync::Arc;

use ndarray::IxDyn;
use tenfold_kernel::__private::Value;
use tenfold_kernel::Border;

use super::Scene;
use crate::error::Result;
use crate::layout::Layout;
use crate::operand::Field;
use crate::stream::{Transfer, Work};

/// What is read of an input.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) field: Field,
    /// The first index of it on the first axes, which may lie before the array; 0 on the others.
    from: Vec<isize>,
}

/// Indices that lie together both in a window and in the array.
struct Stretch {
    /// In the window.
    to: usize,
    /// In the array.
    from: usize,
    count: usize,
}

impl Window {
    /// All of an input.
    pub(super) fn of(field: &Field) -> Self {
        Self { field: field.clone(), from: vec![] }
    }

    /// How far the element with index 0 of the array lies before that of the window.
    pub(super) fn before(&self) -> i64 {
        let steps = self.from.iter().enumerate();
        let steps = steps
            .map(|(axis, &from)| (from as i64).wrapping_mul(self.field.layout.step(axis) as i64));
        steps.fold(0, i64::wrapping_add)
    }
}

impl Scene {
    /// The rows around those of a band, and whether all are there. What the border has elsewhere is
    /// copied together.
    pub(super) fn window(
        &self,
        field: &Field,
        rows: Range<usize>,
        keeps: bool,
        work: &mut Vec<Work>,
    ) -> Result<(Window, bool)> {
        let len = self.shape[0].cast_signed();
        let around = self.around(0, rows, keeps);
        let is_inside = around.start >= 0 && around.end <= len;
        if is_inside || !self.has_elsewhere() {
            let (from, to) = (around.start.max(0), around.end.min(len));
            let layout = field.layout.narrow(0, from.cast_unsigned(), to.cast_unsigned());
            let is_direct = is_inside || self.border == Border::Valid;
            let window = Window { field: Field { layout, ..field.clone() }, from: vec![from] };
            return Ok((window, is_direct));
        }
        let mut dim = self.shape.clone();
        dim[0] = around.len();
        let copy = field.standard(Layout::standard(IxDyn(&dim)))?;
        let row: usize = dim[1..].iter().product();
        for Stretch { to, from, count } in self.stretches(0, around.clone()) {
            work.push(transfer((field, from * row), (&copy, to * row), count * row));
        }
        Ok((Window { field: copy, from: vec![around.start] }, true))
    }

    /// Memory for each [tile](Self::tile) of so many indices of the second axis.
    pub(super) fn tile_memory(&self, field: &Field, within: usize) -> Result<Field> {
        field.standard(Layout::standard(IxDyn(&self.tile_shape(1, within))))
    }

    /// What is around so many indices of the first two axes.
    fn tile_shape(&self, rows: usize, within: usize) -> Vec<usize> {
        let mut dim = self.shape.clone();
        for (axis, count) in [rows, within].into_iter().enumerate() {
            dim[axis] = self.reach[axis].0 + count + self.reach[axis].1;
        }
        dim
    }

    /// What is around a part of a row, copied together. The memory may be that of the tile before, which is
    /// read before it is written.
    pub(super) fn tile(
        &self,
        (field, memory): (&Field, &Field),
        row: usize,
        within: Range<usize>,
        keeps: bool,
        work: &mut Vec<Work>,
    ) -> Window {
        let whole = self.tile_shape(1, within.len());
        let inner: usize = whole[2..].iter().product();
        let around = [self.around(0, row..row + 1, keeps), self.around(1, within, keeps)];
        let [rows, columns] = [0, 1].map(|axis| self.stretches(axis, around[axis].clone()));
        for row in
            rows.iter().flat_map(|rows| (0..rows.count).map(|at| (rows.to + at, rows.from + at)))
        {
            for Stretch { to, from, count } in &columns {
                let from = (row.1 * self.shape[1] + from) * inner;
                let to = (row.0 * whole[1] + to) * inner;
                work.push(transfer((field, from), (memory, to), count * inner));
            }
        }
        let layout = Layout::standard(IxDyn(&whole));
        let from = around.map(|around| around.start).to_vec();
        Window { field: Field { layout, ..memory.clone() }, from }
    }

    /// Whether the border takes elements from elsewhere in the array.
    fn has_elsewhere(&self) -> bool {
        !matches!(self.border, Border::Valid | Border::Const(_))
    }

    /// The indices around those of the outputs, some of which may lie outside.
    fn around(&self, axis: usize, of: Range<usize>, keeps: bool) -> Range<isize> {
        let ((low, high), shift) = (self.reach[axis], self.shift(axis, keeps));
        let from = (of.start + shift).cast_signed() - low.cast_signed();
        from..(of.end + shift + high).cast_signed()
    }

    /// Where indices of a window come from, some of which may lie outside: those inside at once, and those of the
    /// border each.
    fn stretches(&self, axis: usize, around: Range<isize>) -> Vec<Stretch> {
        let len = self.shape[axis];
        let inside = around.start.max(0)..around.end.min(len.cast_signed());
        let to = |at: isize| (at - around.start).cast_unsigned();
        let first = inside.start.cast_unsigned();
        let mut all = vec![Stretch { to: to(inside.start), from: first, count: inside.len() }];
        if self.has_elsewhere() {
            let outside = (around.start..inside.start).chain(inside.end..around.end);
            let one = |at| Stretch { to: to(at), from: fold(&self.border, at, len), count: 1 };
            all.extend(outside.map(one));
        }
        all
    }
}

/// A copy of some elements of a dense array, from one number to another.
fn transfer((from, at): (&Field, usize), (to, to_at): (&Field, usize), count: usize) -> Work {
    let bytes = |elements: usize| (elements * from.size) as u64;
    Work::Transfer(Transfer {
        from: (Arc::clone(&from.memory), bytes(from.layout.offset + at)),
        to: (Arc::clone(&to.memory), bytes(to_at)),
        bytes: bytes(count),
    })
}

/// Where an index that may lie outside is found.
pub(super) fn fold(border: &Border<Value>, at: isize, len: usize) -> usize {
    let n = len.cast_signed();
    let found = match border {
        Border::Wrap => at.rem_euclid(n),
        Border::Reflect if n > 1 => {
            let at = at.rem_euclid(2 * (n - 1));
            at.min(2 * (n - 1) - at)
        }
        Border::Reflect | Border::Nearest | Border::Valid | Border::Const(_) => at.clamp(0, n - 1),
    };
    found.cast_unsigned()
}
