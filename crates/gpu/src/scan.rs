//! Running sums and products.

mod kernel;
#[cfg(test)]
mod tests;

use ndarray::{Axis, Dimension};

use self::kernel::{QUADS, Scan};
use crate::adapter::Feature;
use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::Launch;
use crate::reduce::totals;
use crate::run::{Block, Run, Ty, around, copy_columns};

/// Elements of a tile of a row.
const TILE: usize = 256 * 4 * QUADS as usize;
/// Elements of a tile of a column.
const COLUMN_TILE: usize = 64;
/// As many columns fill a device, one invocation each; and rows up to this length are short.
const MANY: usize = 1 << 16;

/// Running sums and products along an axis.
///
/// They have the same bits in each run and on each device: what is joined depends on the lengths alone. It
/// is not the order of a loop, and the error of a sum grows with the logarithm of its length. Integers
/// wrap. Arrays that are not row-major and dense are copied first.
///
/// ```
/// use tenfold_gpu::{Device, Select, ndarray::{Axis, array}};
///
/// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
/// let x = device.upload(&array![3, 1, 4, 1, 5])?;
/// assert_eq!(x.cumsum(Axis(0))?.to_array()?, array![3, 4, 8, 9, 14]);
/// assert_eq!(x.exclusive_cumsum(Axis(0))?.to_array()?, array![0, 3, 4, 8, 9]);
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
impl<T: Element, D: Dimension> DeviceArray<T, D> {
    /// Each element with the sum of all up to it.
    ///
    /// # Errors
    /// There is no such axis, or no memory.
    pub fn cumsum(&self, axis: Axis) -> Result<Self> {
        self.scanned(axis, false, false)
    }

    /// Each element with the product of all up to it.
    ///
    /// # Errors
    /// As of [`cumsum`](Self::cumsum).
    pub fn cumprod(&self, axis: Axis) -> Result<Self> {
        self.scanned(axis, true, false)
    }

    /// Each element with the sum of all before it; the first is 0.
    ///
    /// # Errors
    /// As of [`cumsum`](Self::cumsum).
    pub fn exclusive_cumsum(&self, axis: Axis) -> Result<Self> {
        self.scanned(axis, false, true)
    }

    /// Each element with the product of all before it; the first is 1.
    ///
    /// # Errors
    /// As of [`cumsum`](Self::cumsum).
    pub fn exclusive_cumprod(&self, axis: Axis) -> Result<Self> {
        self.scanned(axis, true, true)
    }

    fn scanned(&self, axis: Axis, is_product: bool, is_exclusive: bool) -> Result<Self> {
        let shape = around(self.shape(), axis.index())?;
        let out = self.device().uninit(self.raw_dim())?;
        if self.is_empty() {
            return Ok(out);
        }
        let dense = self.to_standard_layout()?;
        let runs = (Run::of(&dense), Run::of(&out));
        scan::<T>(self.device(), &runs.0, shape, &runs.1, is_product, is_exclusive)?;
        Ok(out)
    }
}

/// Scans the middle axis of what lies dense and has elements.
pub(crate) fn scan<T: Element>(
    device: &Device,
    x: &Run,
    shape: [usize; 3],
    out: &Run,
    is_product: bool,
    is_exclusive: bool,
) -> Result<()> {
    let ty = x.ty;
    let is_precise = ty.is_float() && device.has(Feature::Precise);
    let scan = Scan { ty, is_product, is_exclusive, is_precise };
    let [outer, len, inner] = shape;
    let most = x.most(device);
    let is_rows = inner == 1 && len > COLUMN_TILE && TILE <= most;
    let tile = match inner {
        _ if is_rows => TILE,
        MANY.. => len,
        _ if COLUMN_TILE * inner <= most => COLUMN_TILE,
        // So narrow is no device.
        _ => len,
    };
    let tiles = len.div_ceil(tile);
    let whole = Whole { device, scan, out, tile, is_rows, most };
    if tiles == 1 {
        return whole.run(x, shape, None);
    }
    let sums = Run::new(device, ty, outer * tiles * inner)?;
    match is_rows {
        true => totals(device, is_product, x, [outer, len], QUADS, &sums)?,
        false => whole.totals(x, shape, &sums)?,
    }
    let seeds = Run::new(device, ty, outer * tiles * inner)?;
    self::scan::<T>(device, &sums, [outer, tiles, inner], &seeds, is_product, true)?;
    whole.run(x, shape, Some(&seeds))
}

/// A scan of a whole array.
struct Whole<'a> {
    device: &'a Device,
    scan: Scan,
    out: &'a Run,
    tile: usize,
    is_rows: bool,
    most: usize,
}

impl Whole<'_> {
    /// The totals of the tiles of columns.
    fn totals(&self, x: &Run, shape: [usize; 3], to: &Run) -> Result<()> {
        for block in Block::cut(shape, self.tile, self.most) {
            self.seen(block.len())?;
            self.columns(x, block, None, to, true)?;
        }
        Ok(())
    }

    fn run(&self, x: &Run, shape: [usize; 3], seeds: Option<&Run>) -> Result<()> {
        for block in Block::cut(shape, self.tile, self.most) {
            match (self.is_rows, block.len() <= self.most) {
                (true, _) => self.rows(x, block, seeds)?,
                (false, true) => self.columns(x, block, seeds, self.out, false)?,
                (false, false) => self.narrow(x, block, seeds)?,
            }
        }
        Ok(())
    }

    /// One tile of columns of which not all can be seen: some of them at a time, copied together.
    fn narrow(&self, x: &Run, block: Block, seeds: Option<&Run>) -> Result<()> {
        let [_, len, inner] = block.shape;
        self.seen(if seeds.is_some() { block.len() } else { len })?;
        let columns = self.most / len;
        for first in (0..inner).step_by(columns) {
            let columns = first..(first + columns).min(inner);
            let size = len * columns.len();
            let some = Run::new(self.device, x.ty, size)?;
            copy_columns(self.device, x, block, columns.clone(), &some, false)?;
            let out = Run::new(self.device, x.ty, size)?;
            let whole = Whole { out: &out, ..*self };
            let shape = [1, len, columns.len()];
            whole.columns(&some, Block { from: 0, to: 0, shape, base: 0 }, None, &out, false)?;
            copy_columns(self.device, self.out, block, columns, &out, true)?;
        }
        Ok(())
    }

    fn seen(&self, len: usize) -> Result<()> {
        if len <= self.most {
            return Ok(());
        }
        let message = format!(
            "a scan takes {len} elements at a time, and a kernel sees {} of them",
            self.most
        );
        Err(Error::new(ErrorKind::TooLarge, message))
    }

    fn rows(&self, x: &Run, block: Block, seeds: Option<&Run>) -> Result<()> {
        let Self { device, out, .. } = *self;
        let [outer, len, _] = block.shape;
        let tiles = len.div_ceil(self.tile);
        let may_be_quads = outer == 1 || len.is_multiple_of(4);
        let quads = |run: &Run| run.quads(device, block.from, block.len());
        let quads = may_be_quads.then(|| Some((quads(x)?, quads(out)?))).flatten();
        let is_quads = quads.is_some();
        let part = |run: &Run| run.part(device, block.from, block.len());
        let ((x, first), (out, out_first)) = quads.unwrap_or_else(|| (part(x), part(out)));
        let program = {
            let (scan, has_seeds) = (self.scan, seeds.is_some());
            let what = ("scan rows", scan, is_quads, has_seeds);
            device.program_for(&what, || scan.rows(is_quads, has_seeds))?
        };
        let seeds = seeds.map(|seeds| seeds.part(device, block.to, outer * tiles));
        let (launch, seeds_first) = Launch::new(device, &program).part(x).part_if(seeds);
        let launch = launch.part(out).count(outer)?.count(len)?.count(tiles)?;
        launch.number(first).number(seeds_first).number(out_first).groups(outer * tiles)
    }

    /// Columns of a block, or their totals.
    fn columns(
        &self,
        x: &Run,
        block: Block,
        seeds: Option<&Run>,
        out: &Run,
        is_total: bool,
    ) -> Result<()> {
        let device = self.device;
        let [outer, len, inner] = block.shape;
        let tiles = len.div_ceil(self.tile);
        let results = outer * tiles * inner;
        let program = {
            let (scan, has_seeds) = (self.scan, seeds.is_some());
            let what = ("scan columns", scan, is_total, has_seeds);
            device.program_for(&what, || scan.columns(is_total, has_seeds))?
        };
        let (x, first) = x.part(device, block.from, block.len());
        let seeds = seeds.map(|seeds| seeds.part(device, block.to, results));
        let (launch, seeds_first) = Launch::new(device, &program).part(x).part_if(seeds);
        let (out, out_first) = match is_total {
            true => out.part(device, block.to, results),
            false => out.part(device, block.from, block.len()),
        };
        let mut launch = launch.part(out);
        for number in [outer, len, inner, tiles, self.tile] {
            launch = launch.count(number)?;
        }
        launch.number(first).number(seeds_first).number(out_first).invocations(results)
    }
}

/// Running sums of `u32`, each row by itself.
pub(crate) fn offsets(device: &Device, x: &Run, [outer, len]: [usize; 2]) -> Result<Run> {
    debug_assert_eq!(x.ty, Ty::U32);
    let out = Run::new(device, Ty::U32, outer * len)?;
    scan::<u32>(device, x, [outer, len, 1], &out, false, true)?;
    Ok(out)
}
