//! A sum whose parts are scattered over the ranks.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error, Sum, World};

const COUNT: usize = 1000;

fn program<C: Communicator>(world: &C) -> Result<f64, Error> {
    // Only the root has the numbers.
    let all: Vec<f64> = if world.rank() == 0 {
        (0..COUNT * world.size()).map(|n| n as f64).collect()
    } else {
        vec![]
    };
    let mut mine = [0.0; COUNT];
    world.scatter(&all, &mut mine, 0)?;
    let mut total = [0.0];
    world.allreduce(&[mine.iter().sum::<f64>()], &mut total, Sum)?;
    Ok(total[0])
}

fn main() {
    let sums = World::threads(4).run(program).expect("nobody fails");
    println!("0 + 1 + .. + 3999 = {}", sums[0]);
    assert_eq!(sums, [7_998_000.0; 4]);
}
