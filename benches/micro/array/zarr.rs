//! Zarr arrays of version 3 without compression, as far as the workloads need them: a folder of one raw file a chunk.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tenfold_array::ndarray::{Ix2, s};
use tenfold_array::{Array, ByteOrder, Chunks, Dims, RawFile, Source, Window};

/// How many files are kept open at most.
const OPEN: usize = 64;

/// A matrix of doubles, whose chunk in row `i` and column `j` of chunks is the file `c/i/j`.
#[derive(Debug)]
pub(super) struct Zarr {
    folder: PathBuf,
    shape: [usize; 2],
    chunk: [usize; 2],
    /// Files that were read, by the row and column of their chunks: to open one takes longer than to read a row of it.
    open: Mutex<HashMap<[usize; 2], Arc<RawFile<f64>>>>,
}

impl Zarr {
    /// Writes an array into a folder that does not exist yet.
    pub(super) fn write(folder: &Path, array: &Array<f64, Ix2>, chunk: [usize; 2]) -> Result<()> {
        let shape = [array.shape()[0], array.shape()[1]];
        let ends = shape.iter().zip(chunk).all(|(len, chunk)| len.is_multiple_of(chunk));
        anyhow::ensure!(ends, "chunks of {chunk:?} leave a rest of {shape:?}");
        for i in 0..shape[0] / chunk[0] {
            let row = folder.join(format!("c/{i}"));
            fs::create_dir_all(&row)?;
            for j in 0..shape[1] / chunk[1] {
                let [rows, columns] = [i * chunk[0], j * chunk[1]];
                let part = array.slice(s![rows..rows + chunk[0], columns..columns + chunk[1]]);
                let part = part.compute()?;
                let bytes: Vec<u8> = part.iter().flat_map(|number| number.to_le_bytes()).collect();
                fs::write(row.join(j.to_string()), bytes)?;
            }
        }
        let about = json!({
            "zarr_format": 3,
            "node_type": "array",
            "shape": shape,
            "data_type": "float64",
            "chunk_grid": { "name": "regular", "configuration": { "chunk_shape": chunk } },
            "chunk_key_encoding": { "name": "default", "configuration": { "separator": "/" } },
            "fill_value": 0.0,
            "codecs": [{ "name": "bytes", "configuration": { "endian": "little" } }],
            "attributes": {},
        });
        Ok(fs::write(folder.join("zarr.json"), about.to_string())?)
    }

    /// Opens what [`write`](Self::write) wrote.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let about: Value = serde_json::from_slice(&fs::read(folder.join("zarr.json"))?)?;
        let pair = |value: &Value| -> Result<[usize; 2]> {
            serde_json::from_value(value.clone()).context("no two lengths")
        };
        let shape = pair(&about["shape"])?;
        let chunk = pair(&about["chunk_grid"]["configuration"]["chunk_shape"])?;
        anyhow::ensure!(about["codecs"][0]["name"] == "bytes", "it is compressed");
        Ok(Self { folder: folder.to_owned(), shape, chunk, open: Mutex::default() })
    }

    /// The file of a chunk.
    fn file(&self, chunk: [usize; 2]) -> tenfold_array::Result<Arc<RawFile<f64>>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(&chunk) {
            return Ok(Arc::clone(file));
        }
        let path = self.folder.join(format!("c/{}/{}", chunk[0], chunk[1]));
        let file = Arc::new(RawFile::open(path, 0, &self.chunk, ByteOrder::Little)?);
        if open.len() == OPEN {
            open.clear();
        }
        open.insert(chunk, Arc::clone(&file));
        Ok(file)
    }

    /// The chunks along an axis that have some of a range, and what each has of it.
    fn along(&self, axis: usize, range: Range<usize>) -> impl Iterator<Item = Part> + use<> {
        let size = self.chunk[axis];
        (range.start / size..range.end.div_ceil(size)).map(move |number| {
            let first = number * size;
            let (start, end) = (range.start.max(first), range.end.min(first + size));
            Part {
                number,
                within: start - first..end - first,
                at: start - range.start..end - range.start,
            }
        })
    }
}

/// What a chunk has of a range.
struct Part {
    number: usize,
    within: Range<usize>,
    /// Where that lies in the range.
    at: Range<usize>,
}

impl Source<f64> for Zarr {
    fn shape(&self) -> Dims {
        self.shape[..].into()
    }

    fn chunks(&self) -> Option<Chunks> {
        Chunks::even(&self.shape, &self.chunk).ok()
    }

    fn read(&self, window: &Window, out: &mut [f64]) -> tenfold_array::Result<()> {
        let width = window.shape()[1];
        let mut aside = vec![];
        for rows in self.along(0, window.range(0)) {
            for columns in self.along(1, window.range(1)) {
                let file = self.file([rows.number, columns.number])?;
                let within = Window::new(&[rows.within.clone(), columns.within]);
                let lines = &mut out[rows.at.start * width..rows.at.end * width];
                if columns.at.len() == width {
                    file.read(&within, lines)?;
                    continue;
                }
                aside.resize(within.len(), 0.0);
                file.read(&within, &mut aside)?;
                for (line, part) in lines.chunks_mut(width).zip(aside.chunks(columns.at.len())) {
                    line[columns.at.clone()].copy_from_slice(part);
                }
            }
        }
        Ok(())
    }
}
