//! The formulas as one writes them, and the memory that they may take.

use tenfold_array::ndarray::Ix2;
use tenfold_array::{Array, NpyFile, Settings};

use super::{Problem, Summary};

// anomaly = x - x.mean(0); anomaly.mean(1), anomaly.std(), anomaly.max()
//
// 1. Asked for together, the three are one pass over x. The other pass is that of the means.
// 2. Neither x nor the anomalies are ever held: the cap is a quarter of either.
pub(super) fn run(problem: &Problem) -> Summary {
    let settings = Settings::new().threads(rayon::current_num_threads());
    let settings = settings.with_memory(&problem.cap().to_string()).expect("a number of bytes");
    let file = NpyFile::open(problem.path()).expect("it was drawn");
    let x = Array::<f64, Ix2>::from_source(file, "512KiB");
    let anomaly = &x - &x.mean_axis(0);
    let (means, deviation, largest) = (anomaly.mean_axis(1), anomaly.std(0.0), anomaly.max());
    let asked = (&means, &deviation, &largest);
    let (means, deviation, largest) = settings.compute_many(asked).expect("it keeps to the cap");
    Summary {
        means: means.to_vec(),
        deviation: deviation.into_scalar(),
        largest: largest.into_scalar(),
    }
}
