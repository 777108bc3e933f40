//! Arrays of tenfold-array on ranks that are processes: the same bits as on one, and one error for all.

use tenfold_array::{Array, ErrorKind, Random, Settings, Source, Window, ndarray::Ix2};
use tenfold_comm::Communicator;
use tenfold_comm_mpi::World;

/// Ones that cannot be read on one of the ranks.
#[derive(Debug)]
struct Torn {
    is_here: bool,
}

impl Source<f64> for Torn {
    fn shape(&self) -> tenfold_array::Dims {
        tenfold_array::Dims::from_slice(&[300, 300])
    }

    fn read(&self, window: &Window, out: &mut [f64]) -> tenfold_array::Result<()> {
        if self.is_here && window.start()[0] > 100 {
            return Err(tenfold_array::Error::new(ErrorKind::Data, "the page is torn"));
        }
        out.fill(1.0);
        Ok(())
    }
}

/// Of more than 256 KiB, so that it stays where it is made.
fn numbers() -> Array<f64, Ix2> {
    Random::new(11).standard_normal([300, 300], 40)
}

/// What is made of an array, with the bits of all of it.
fn results(x: &Array<f64, Ix2>) -> [Array<f64, Ix2>; 3] {
    [x + &x.t() - &x.mean_axis(0), x.rechunk([300, 7]).cumsum(0), x.matmul(&x.t())]
}

fn bits(x: &tenfold_array::ndarray::Array2<f64>) -> Vec<u64> {
    x.iter().map(|x| x.to_bits()).collect()
}

fn program<C: Communicator>(world: &C) -> Result<(), tenfold_array::Error> {
    let (one, two) = (Settings::new().threads(1), Settings::new().threads(2));
    let ranks = two.over(world)?;
    let kept = ranks.persist(&numbers())?;
    for (own, spread) in results(&numbers()).iter().zip(&results(&kept)) {
        assert_eq!(bits(&ranks.compute(spread)?), bits(&one.compute(own)?));
    }
    // On the last rank, which has the last rows.
    let is_here = world.rank() + 1 == world.size();
    let torn = Array::<f64, Ix2>::from_source(Torn { is_here }, 40);
    let error = ranks.compute(&torn.sum()).expect_err("a rank cannot read");
    assert_eq!(error.kind(), ErrorKind::Data);
    if world.size() > 1 {
        let told = format!("rank {}: the page is torn", world.size() - 1);
        assert!(error.to_string().starts_with(&told), "{error}");
    }
    assert_eq!(ranks.compute(&kept.sum())?, one.compute(&numbers().sum())?, "it goes on");
    Ok(())
}

fn main() -> Result<(), tenfold_comm::Error> {
    World::init()?.run(program);
    Ok(())
}
