//! In which windows a target is given an array.

use std::sync::Mutex;

use ndarray::{Array2, Ix2, s};
use tenfold_array::{Array, Chunks, Dims, Error, Random, Settings, Target, Window};

/// A matrix in memory that remembers in which windows it came.
#[derive(Debug)]
struct Matrix {
    chunks: Option<Chunks>,
    came: Mutex<(Array2<f64>, Vec<Window>)>,
}

impl Matrix {
    fn new(shape: [usize; 2], chunks: Option<Chunks>) -> Self {
        Self { chunks, came: Mutex::new((Array2::from_elem(shape, f64::NAN), vec![])) }
    }

    /// The windows in which an array comes, all of it and nothing twice.
    fn windows_of(self, x: &Array<f64, Ix2>, settings: &Settings) -> Vec<Window> {
        settings.store(x, &self).unwrap();
        let (matrix, windows) = self.came.into_inner().unwrap();
        assert_eq!(matrix, x.compute().unwrap());
        assert_eq!(windows.iter().map(Window::len).sum::<usize>(), matrix.len());
        windows
    }
}

impl Target<f64> for Matrix {
    fn shape(&self) -> Dims {
        self.came.lock().unwrap().0.shape().into()
    }

    fn chunks(&self) -> Option<Chunks> {
        self.chunks.clone()
    }

    fn write(&self, window: &Window, elements: &[f64]) -> Result<(), Error> {
        let mut came = self.came.lock().unwrap();
        let (rows, columns) = (window.range(0), window.range(1));
        let part = ndarray::ArrayView2::from_shape((rows.len(), columns.len()), elements).unwrap();
        came.0.slice_mut(s![rows, columns]).assign(&part);
        came.1.push(window.clone());
        Ok(())
    }
}

fn numbers(shape: [usize; 2], chunk: [usize; 2]) -> Array<f64, Ix2> {
    Random::new(3).uniform(shape, 0.0..1.0, chunk)
}

#[test]
fn chunks_that_lie_side_by_side_come_in_whole_rows() {
    let x = numbers([512, 1024], [64, 64]);
    for threads in [1, 2] {
        let windows =
            Matrix::new([512, 1024], None).windows_of(&x, &Settings::new().threads(threads));
        assert!(windows.iter().all(|window| window.shape()[1] == 1024), "{windows:?}");
    }
    // Of the last column of chunks, which is narrower, too.
    let x = numbers([500, 1000], [64, 64]);
    let windows = Matrix::new([500, 1000], None).windows_of(&x, &Settings::new().threads(2));
    assert!(windows.iter().all(|window| [960, 40].contains(&window.shape()[1])), "{windows:?}");
}

#[test]
fn a_chunk_need_not_be_in_memory_to_be_written() {
    let x = numbers([1000, 1000], [500, 1000]).sqrt();
    let settings = Settings::new().threads(1).memory(600_000);
    let windows = Matrix::new([1000, 1000], None).windows_of(&x, &settings);
    assert!(windows.iter().all(|window| window.len() * 8 <= 600_000), "{windows:?}");
    let chunks = Chunks::even(&[1000, 1000], &[500, 1000]).unwrap();
    let error = settings.store(&x, &Matrix::new([1000, 1000], Some(chunks))).unwrap_err();
    assert!(error.to_string().contains("more than the 600000 bytes"), "{error}");
}

#[test]
fn a_target_with_chunks_is_given_chunks() {
    let x = numbers([300, 500], [64, 128]);
    let chunks = Chunks::even(&[300, 500], &[64, 128]).unwrap();
    let mut windows =
        Matrix::new([300, 500], Some(chunks.clone())).windows_of(&x, &Settings::new().threads(2));
    let mut expected: Vec<Window> = (0..5)
        .flat_map(|i| (0..4).map(move |j| [i * 64, j * 128]))
        .map(|[row, column]| Window::new(&[row..300.min(row + 64), column..500.min(column + 128)]))
        .collect();
    windows.sort_by_key(|window| window.start().to_vec());
    expected.sort_by_key(|window| window.start().to_vec());
    assert_eq!(windows, expected);
}

/// What is read across rows is written by the chunk, in runs that are as long as those in which it is read.
#[test]
fn a_transpose_of_a_file_is_not_read_by_single_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let file = tenfold_array::NpyWriter::create(&path, &[512, 512]).unwrap();
    let settings = Settings::new().threads(2);
    settings.store(&numbers([512, 512], [64, 64]), &file).unwrap();
    file.finish().unwrap();
    let file = tenfold_array::NpyFile::open(&path).unwrap();
    let x = Array::<f64, Ix2>::from_source(file, [64, 64]);
    let windows = Matrix::new([512, 512], None).windows_of(&(&x + &x.t()), &settings);
    assert!(windows.iter().all(|window| window.shape() == [64, 64]), "{windows:?}");
}

/// A running sum from behind goes by whole chunks, of which a strip would hold several.
#[test]
fn what_goes_by_whole_chunks_is_written_by_the_chunk() {
    let x = Random::new(1).uniform::<f64, _>([2048, 2048], 0.0..1.0, [2048, 256]);
    let sums = x.slice(s![..;-1, ..]).cumsum(0).slice(s![..;-1, ..]);
    let windows = Matrix::new([2048, 2048], None).windows_of(&sums, &Settings::new().threads(1));
    assert!(windows.iter().all(|window| window.shape()[1] == 256), "{windows:?}");
}
