//! Singular value decompositions of tall and of wide arrays.

use std::panic::Location;

use ndarray::{Ix1, Ix2, s};
use smallvec::smallvec;

use super::bands::{Bands, Seen};
use super::held::held;
use super::kernel::{Linear, svd, svd_elements, svd_work};
use super::qr::Tree;
use crate::array::Array;
use crate::chunks::AxisChunks;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::Origin;
use crate::random::Random;

/// A singular value decomposition: an array is `u` x the diagonal matrix of `s` x `vt`.
#[derive(Debug, Clone)]
pub struct Svd<T: Linear> {
    /// A column for each singular value, orthogonal to each other.
    pub u: Array<T, Ix2>,
    /// The singular values, the largest first.
    pub s: Array<T, Ix1>,
    /// A row for each singular value, orthogonal to each other.
    pub vt: Array<T, Ix2>,
}

impl<T: Linear> Svd<T> {
    fn invalid(error: &Error, origin: Origin) -> Self {
        Self {
            u: Array::invalid(error.clone(), origin),
            s: Array::invalid(error.clone(), origin),
            vt: Array::invalid(error.clone(), origin),
        }
    }

    /// That of the transposed array.
    #[track_caller]
    fn transposed(self) -> Self {
        Self { u: self.vt.t(), s: self.s, vt: self.u.t() }
    }

    /// The largest `k` singular values, and what belongs to them.
    #[track_caller]
    fn first(self, k: usize) -> Self {
        Self {
            u: self.u.slice(s![.., ..k]),
            s: self.s.slice(s![..k]),
            vt: self.vt.slice(s![..k, ..]),
        }
    }
}

/// How many more columns than asked for are sampled.
const OVERSAMPLED: usize = 10;

impl<T: Linear> Array<T, Ix2> {
    /// The singular value decomposition of an array that is tall, or wide: as many values as it has rows or columns,
    /// whatever is less, which should be few. The triangular factor of [`qr`](Self::qr) is decomposed in one piece. The
    /// singular values, and the vectors on the side of the columns of a tall array, take one pass over it; those on the side
    /// of the rows another one.
    ///
    /// # Determinism
    /// As that of [`qr`](Self::qr).
    ///
    /// # Errors
    /// [`ErrorKind::Value`] when it is computed, if elements are not finite, [`ErrorKind::Failed`] if the values are not
    /// found all the same.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]], 1);
    /// let s = x.svd().s.compute()?;
    /// assert!((s - array![4.0, 3.0]).iter().all(|off: &f64| off.abs() < 1e-14));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn svd(&self) -> Svd<T> {
        let origin = Location::caller();
        let (rows, cols) = (self.shape()[0], self.shape()[1]);
        if rows < cols {
            return self.t().svd().transposed();
        }
        match Tree::new(self, origin) {
            Err(error) => Svd::invalid(&error, origin),
            Ok(tree) => {
                let parts = decomposed(&tree.r(), origin);
                let u = parts.slice(s![.., ..cols]);
                let (s, vt) = (parts.slice(s![.., cols]), parts.slice(s![.., cols + 1..]));
                Svd { u: tree.q(Some(&u)), s, vt }
            }
        }
    }

    /// The largest `k` singular values of an array of any shape, about, and what belongs to them: those of the space
    /// that `k + 10` random vectors are taken to by it, and `iterations` times there and back (Halko et al.,
    /// <https://arxiv.org/abs/0909.4061>). It goes over the array `2 * iterations + 2` times, and holds each time the
    /// products with the vectors, or puts them aside on disk if memory is short. One or two iterations are enough unless
    /// singular values fall slowly.
    ///
    /// # Determinism
    /// The vectors are those of [`Random`] of `seed`, so that results are the same each time, for any number of threads and
    /// any cap. Other chunks give others, by about the precision of the numbers, and perhaps other signs.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] if `k` is 0 or more than there are rows or columns.
    ///
    /// ```
    /// use tenfold_array::{Array, Random};
    ///
    /// let mut random = Random::new(1);
    /// let parts = [[500, 3], [3, 400]].map(|shape| random.standard_normal::<f64, _>(shape, 100));
    /// let x = parts[0].matmul(&parts[1]); // of rank 3
    /// let exact = x.svd_compressed(3, 1, 7);
    /// let norm = (&x * &x).sum().compute()?.into_scalar();
    /// let found = (&exact.s * &exact.s).sum().compute()?.into_scalar();
    /// assert!((found / norm - 1.0).abs() < 1e-12);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn svd_compressed(&self, k: usize, iterations: usize, seed: u64) -> Svd<T> {
        let origin = Location::caller();
        self.compressed(k, iterations, seed, origin)
            .unwrap_or_else(|error| Svd::invalid(&error, origin))
    }

    #[track_caller]
    fn compressed(&self, k: usize, iterations: usize, seed: u64, origin: Origin) -> Result<Svd<T>> {
        self.check()?;
        let (rows, cols) = (self.shape()[0], self.shape()[1]);
        let most = rows.min(cols);
        if k == 0 || k > most {
            let sentence = format!(
                "argument `k` of `svd_compressed` is {k}, but an array of {rows} x {cols} has 1 to {most} singular values"
            );
            return Err(Error::new(ErrorKind::Value, sentence));
        }
        let sampled = k.saturating_add(OVERSAMPLED).min(most);
        let chunks = [self.chunks().axis(1).largest(), sampled];
        let samples = Random::new(seed).standard_normal::<T, _>([cols, sampled], chunks);
        // It is gone over twice to make it orthogonal.
        let orthogonal = |x: Self| Tree::new(&held(&x, origin), origin).map(|tree| tree.q(None));
        let mut q = orthogonal(self.matmul(&samples))?;
        for _ in 0..iterations {
            let back = orthogonal(self.t().matmul(&q))?;
            q = orthogonal(self.matmul(&back))?;
        }
        let small = held(&q.t().matmul(self), origin).svd();
        Ok(Svd { u: q.matmul(&small.u), ..small }.first(k))
    }
}

/// `[u | s | vt]` of a square matrix.
fn decomposed<T: Linear>(r: &Array<T, Ix2>, origin: Origin) -> Array<T, Ix2> {
    let n = r.shape()[0];
    let cols = 2 * n + 1;
    let bands = Bands {
        name: "svd",
        seen: smallvec![Seen::All],
        to: AxisChunks::one(n),
        cols,
        scratch: svd_elements(n, n),
        work: svd_work(n),
        function: Box::new(move |mut seen, out| {
            let Some(r) = seen.pop() else { return Ok(()) };
            let (u, s, v) = svd(r)?;
            for (i, row) in out.chunks_exact_mut(cols).enumerate() {
                for j in 0..n {
                    row[j] = u[(i, j)];
                    row[n + 1 + j] = v[(j, i)];
                }
                row[n] = s[i];
            }
            Ok(())
        }),
    };
    bands.of(&[r], Identity::of("svd"), origin)
}
