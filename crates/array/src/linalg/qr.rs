//! QR factorisations of tall arrays.

use std::panic::Location;

use faer::Mat;
use ndarray::Ix2;
use smallvec::smallvec;

use super::bands::{Bands, Seen};
use super::kernel::{Linear, Qr, number, qr_elements};
use crate::array::{Array, Count};
use crate::chunks::AxisChunks;
use crate::error::Result;
use crate::hash::Identity;
use crate::node::Origin;

/// A band has at least so many times as many rows as columns, so that what goes on is a fraction of it.
const TALL: usize = 4;

/// Bands of rows that are factored one by one, and their triangular factors, which are bands themselves: stacked in
/// pairs they are factored again, until one is left.
pub(super) struct Tree<T> {
    levels: Vec<(Array<T, Ix2>, AxisChunks)>,
    origin: Origin,
}

impl<T: Linear> Tree<T> {
    /// The tree over the chunks of rows of an array, or over several of them together.
    pub(super) fn new(x: &Array<T, Ix2>, origin: Origin) -> Result<Self> {
        x.check()?;
        let (rows, cols) = (x.shape()[0], x.shape()[1]);
        let own = x.chunks().axis(0);
        let least = TALL.saturating_mul(cols);
        let mut bands = match own.largest() < least || own.even_size().is_none() {
            true => AxisChunks::even(rows, own.largest().max(least).max(1))?,
            false => own.clone(),
        };
        let mut level = x.clone();
        let mut levels = vec![];
        while bands.count() > 1 {
            let triangles = AxisChunks::even(bands.count().saturating_mul(cols), cols)?;
            let next = triangle(&level, &bands, triangles.clone(), origin);
            levels.push((level, bands));
            level = next;
            bands = AxisChunks::even(triangles.len(), 2 * cols)?;
        }
        levels.push((level, bands));
        Ok(Self { levels, origin })
    }

    /// The triangular factor: as many rows as the array has rows or columns, whatever is less.
    pub(super) fn r(&self) -> Array<T, Ix2> {
        let (last, bands) = &self.levels[self.levels.len() - 1];
        let rows = last.shape()[0].min(last.shape()[1]);
        triangle(last, bands, AxisChunks::one(rows), self.origin)
    }

    /// The orthogonal factor, multiplied by a matrix of as many rows as the triangular one has, if there is one.
    pub(super) fn q(&self, by: Option<&Array<T, Ix2>>) -> Array<T, Ix2> {
        let mut levels = self.levels.iter().rev();
        let Some((last, bands)) = levels.next() else { unreachable!("a tree has a level") };
        let mut q = orthogonal(last, bands, by.map(|by| (by, Seen::All)), self.origin);
        for (level, bands) in levels {
            let cols = level.shape()[1];
            let parts = AxisChunks::even(q.shape()[0], cols).unwrap_or(AxisChunks::one(0));
            q = orthogonal(level, bands, Some((&q, Seen::Band(parts))), self.origin);
        }
        q
    }
}

/// The triangular factors of bands, one below the other in the bands `to`.
fn triangle<T: Linear>(
    of: &Array<T, Ix2>,
    bands: &AxisChunks,
    to: AxisChunks,
    origin: Origin,
) -> Array<T, Ix2> {
    let cols = of.shape()[1];
    let key = Identity::of(("triangle", bands, to.len()));
    let bands = Bands {
        name: "qr",
        seen: smallvec![Seen::Band(bands.clone())],
        to,
        cols,
        scratch: qr_elements(bands.largest(), cols, 0),
        work: number(bands.largest()) * number(cols).powi(2),
        function: Box::new(|mut seen, out| {
            if let Some(band) = seen.pop() {
                Qr::new(band).write_r(out);
            }
            Ok(())
        }),
    };
    bands.of(&[of], key, origin)
}

/// The orthogonal factors of bands, each multiplied by what is seen of another matrix for it, or the first columns of
/// the only one.
fn orthogonal<T: Linear>(
    of: &Array<T, Ix2>,
    bands: &AxisChunks,
    by: Option<(&Array<T, Ix2>, Seen)>,
    origin: Origin,
) -> Array<T, Ix2> {
    let (rows, cols) = (of.shape()[0], of.shape()[1]);
    let wide = by.as_ref().map_or(rows.min(cols), |(by, _)| by.shape()[1]);
    let key = Identity::of(("orthogonal", bands, wide));
    let mut inputs = vec![of];
    let mut seen = smallvec![Seen::Band(bands.clone())];
    if let Some((by, by_seen)) = by {
        inputs.push(by);
        seen.push(by_seen);
    }
    let bands = Bands {
        name: "qr",
        seen,
        to: bands.clone(),
        cols: wide,
        scratch: qr_elements(bands.largest(), cols, wide.saturating_mul(2)),
        work: number(bands.largest()) * number(cols) * (number(cols) + 2.0 * number(wide)),
        function: Box::new(move |mut seen, out| {
            let by = if seen.len() > 1 { seen.pop() } else { None };
            let Some(band) = seen.pop() else { return Ok(()) };
            // As many rows of the other matrix as the triangular factor has: it has zeros behind.
            let (rows, own) = (band.nrows(), band.nrows().min(band.ncols()));
            let mut q = Mat::from_fn(rows, wide, |i, j| match &by {
                Some(by) if i < own => by[(i, j)],
                None if i == j => <T as Count>::ONE,
                _ => T::default(),
            });
            Qr::new(band).multiply(&mut q);
            super::kernel::write(q.as_ref(), out);
            Ok(())
        }),
    };
    bands.of(&inputs, key, origin)
}

impl<T: Linear> Array<T, Ix2> {
    /// The orthogonal and the triangular factor of this array, of `m` rows and `n` columns: `q` is `m` x `k`, `r` is
    /// `k` x `n`, where `k` is the lesser of both.
    ///
    /// It is for tall arrays. Chunks of rows are factored one by one, several together if they are not tall, then their
    /// triangular factors in pairs, until one is left (TSQR: Demmel et al., <https://arxiv.org/abs/0808.2664>); `q` is
    /// made on the way back, for which each chunk is factored once more. An array of more columns than rows is a single
    /// chunk. A band and as much again is in memory for each thread.
    ///
    /// # Determinism
    /// The same bits for any number of threads and any cap. Other chunks of rows give others, and perhaps other signs.
    ///
    /// ```
    /// use tenfold_array::Random;
    ///
    /// let x = Random::new(1).standard_normal::<f64, _>([1000, 10], [100, 10]);
    /// let (q, r) = x.qr();
    /// assert_eq!((&*q.shape(), &*r.shape()), (&[1000, 10][..], &[10, 10][..]));
    /// assert!((&q.matmul(&r) - &x).abs().max().compute()?.into_scalar() < 1e-13);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn qr(&self) -> (Self, Self) {
        let origin = Location::caller();
        match Tree::new(self, origin) {
            Ok(tree) => (tree.q(None), tree.r()),
            Err(error) => (Self::invalid(error.clone(), origin), Self::invalid(error, origin)),
        }
    }
}
