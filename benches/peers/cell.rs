//! The formulas that are compared.

/// A formula for one type of elements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cell {
    /// The name of the function in every library.
    pub(crate) name: &'static str,
    /// Bytes of an element.
    pub(crate) size: usize,
    /// Arrays that it reads.
    pub(crate) reads: usize,
    /// Whether it writes an array.
    pub(crate) writes: bool,
    /// The largest difference between two right answers, in relation to the largest of them.
    pub(crate) tolerance: f64,
    /// Whether elements are read around each place of a matrix.
    pub(crate) is_stencil: bool,
}

const TRIAD: Cell = Cell {
    name: "triad_f64",
    size: 8,
    reads: 2,
    writes: true,
    tolerance: 1e-15,
    is_stencil: false,
};
const SINGLE: f64 = 5e8;

/// All of them.
pub(crate) const CELLS: &[Cell] = &[
    TRIAD,
    Cell { name: "triad_f32", size: 4, tolerance: TRIAD.tolerance * SINGLE, ..TRIAD },
    Cell { name: "dot_f64", writes: false, tolerance: 1e-13, ..TRIAD },
    Cell { name: "dot_f32", size: 4, writes: false, tolerance: 1e-6, ..TRIAD },
    Cell { name: "stencil_f64", reads: 1, is_stencil: true, ..TRIAD },
    Cell {
        name: "stencil_f32",
        size: 4,
        reads: 1,
        is_stencil: true,
        tolerance: TRIAD.tolerance * SINGLE,
        ..TRIAD
    },
    Cell { name: "blackscholes_f64", reads: 3, tolerance: 1e-13, ..TRIAD },
    Cell { name: "blackscholes_f32", size: 4, reads: 3, tolerance: 1e-5, ..TRIAD },
];

impl Cell {
    /// Rows and columns of an array of so many bytes.
    pub(crate) fn shape(&self, bytes: usize) -> (usize, usize) {
        let elements = bytes / self.size;
        let rows = 1 << (elements.max(1).ilog2() / 2);
        if self.is_stencil { (rows, elements / rows) } else { (1, elements) }
    }

    /// Bytes that travel for one call.
    pub(crate) fn traffic(&self, bytes: usize) -> usize {
        (self.reads + usize::from(self.writes)) * bytes
    }
}
