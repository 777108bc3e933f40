//! Files that all ranks write together.

use std::path::Path;
use std::sync::Arc;

use ndarray::Dimension;

use super::Ranks;
use crate::array::Array;
use crate::destination::{Remembered, Wanted};
use crate::element::Element;
use crate::error::Result;
use crate::file::{ByteOrder, Form, Together};
use crate::plan::Place;

impl Ranks<'_> {
    /// Computes an array into one npy file, which all ranks write at a time, each what it makes: the file is on a file system
    /// that all of them see, where `path` is on each. All ranks call it.
    ///
    /// Rank 0 makes a hidden file beside it, with room for all elements, and gives it its name when all ranks have
    /// written and flushed theirs. If anything fails before that, nothing is left, and what had the name before still has it; a
    /// process that is killed may leave the hidden file `.NAME.*.part`. From then on the file is there, and whole: also if
    /// there is an error yet, because its folder cannot be flushed, so that a crash of the machine may take the name away
    /// again, or because a rank is gone before all have heard of the end.
    ///
    /// ```
    /// use tenfold_array::{Array, NpyFile, Ranks, ndarray::Ix2};
    /// use tenfold_comm::World;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("x.npy");
    /// World::threads(3).run(|world| {
    ///     let x = Array::from_fn([300, 400], 100, |at| at[1] as f64);
    ///     Ranks::new(world)?.store_npy(&x, &path)
    /// }).unwrap();
    /// let x = Array::<f64, Ix2>::from_source(NpyFile::open(&path)?, 100);
    /// assert_eq!(x.sum().compute()?.into_scalar(), 300.0 * 199.5 * 400.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Self::compute); [`ErrorKind::Io`](crate::ErrorKind::Io) if the file cannot be made, opened, written or
    /// given its name on one of the ranks; [`ErrorKind::Data`](crate::ErrorKind::Data) and
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) as [`NpyWriter::create`](crate::NpyWriter::create).
    pub fn store_npy<T: Element, D: Dimension>(
        &self,
        array: &Array<T, D>,
        path: impl AsRef<Path>,
    ) -> Result<()> {
        self.store_together(array, path.as_ref(), Form::Npy)
    }

    /// The same with a file of elements and nothing else, in row-major order, as [`RawFile`](crate::RawFile) reads it. All
    /// ranks call it.
    ///
    /// ```
    /// use tenfold_array::{Array, ByteOrder, Ranks};
    /// use tenfold_comm::World;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("x.raw");
    /// World::threads(2).run(|world| {
    ///     Ranks::new(world)?.store_raw(&Array::arange(1..5_u16, 1), &path, ByteOrder::Big)
    /// }).unwrap();
    /// assert_eq!(std::fs::read(&path)?, [0, 1, 0, 2, 0, 3, 0, 4]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`store_npy`](Self::store_npy).
    pub fn store_raw<T: Element, D: Dimension>(
        &self,
        array: &Array<T, D>,
        path: impl AsRef<Path>,
        order: ByteOrder,
    ) -> Result<()> {
        self.store_together(array, path.as_ref(), Form::Raw(order))
    }

    /// Each step is done by all ranks, or all have the error of one.
    fn store_together<T: Element, D: Dimension>(
        &self,
        array: &Array<T, D>,
        path: &Path,
        form: Form,
    ) -> Result<()> {
        let shape = array.shape();
        let purpose = format!("store {form:?}");
        let arrays = [Arc::clone(&array.node)];
        let planned = self.planned(Ok(()), &arrays, (&purpose, 0), Place::Rows)?;
        let made = match self.rank() {
            0 => Together::<T>::create(path, &shape, form).map(Some),
            _ => Ok(None),
        };
        let made = self.all_or_none(&planned, made)?;
        let hidden = self.told_by_first(made.as_ref().map(Together::hidden))?;
        let opened = made.map_or_else(|| Together::open(path, &hidden, &shape, form), Ok);
        let file = self.all_or_none(&planned, opened)?;
        let target = Wanted::Target(Arc::new(Remembered::<T, _>::new(&file)));
        self.carry_out(&planned, &[target])?;
        self.all_or_none(&planned, file.flush())?;
        self.all_or_none(&planned, file.finish())
    }
}
