//! Thousands of operations within each other, on a thread with the stack that threads have.

use std::thread;

use ndarray::{Ix1, s};
use tenfold_array::{Array, Border, Excess, Pass, Settings};

type Lazy = Array<f64, Ix1>;

/// What it is called, and what it makes of an array.
type Kind = (&'static str, fn(&Lazy) -> Lazy);

/// Every kind of operation, each of which leaves four elements.
const KINDS: [Kind; 18] = [
    ("map", |x| x + 1.0),
    ("flip", |x| x.flip(0)),
    ("slice", |x| (x * 0.5).slice(s![..;-1])),
    ("rechunk", |x| x.rechunk(3).rechunk(2)),
    ("concatenate", |x| Array::concatenate(0, &[x.slice(s![2..]), x.slice(s![..2])])),
    ("take", |x| x.take(0, &[1, 0, 3, 2])),
    ("roll", |x| x.roll(0, 1)),
    ("pad", |x| x.pad(&[(1, 0)], Border::Wrap).slice(s![..4])),
    ("repeat", |x| x.repeat(0, 2).slice(s![..;2])),
    ("tile", |x| x.tile(&[2]).slice(s![2..6])),
    ("reshape", |x| x.reshape([2, 2]).t().reshape(4)),
    ("fill", |x| x.fill(s![1..2], 3.0)),
    ("cumsum", |x| x.cumsum(0) * 0.25),
    ("map_blocks", |x| x.map_blocks(|block, _| block.to_owned())),
    ("map_overlap", |x| x.map_overlap(&[1], Border::Nearest, |seen, _| seen.to_owned())),
    ("stencil", |x| x.stencil(&[1], Border::Nearest, |seen, _| seen.to_owned())),
    ("coarsen", |x| x.coarsen(&[1], Excess::Refuse, |cell| cell[0])),
    ("matmul", |x| Array::from_fn([4, 4], 2, |at| f64::from(u8::from(at[0] == at[1]))).matmul(x)),
];

fn nested(times: usize, operation: impl Fn(&Lazy) -> Lazy) -> Lazy {
    let x = Array::from_fn(4, 2, |at| at[0] as f64);
    (0..times).fold(x, |x, _| operation(&x))
}

/// Runs on a thread with 2 MiB of stack, as all have that are not asked for more.
fn on_a_thread(body: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(2 << 20).spawn(body).unwrap();
    if let Err(thrown) = thread.join() {
        std::panic::resume_unwind(thrown);
    }
}

fn every_kind(times: usize) {
    on_a_thread(move || {
        for (name, operation) in KINDS {
            let array = nested(times, operation);
            let computed = Settings::new().threads(1).compute(&array);
            assert_eq!(computed.unwrap_or_else(|error| panic!("{name}: {error}")).len(), 4);
        }
    });
}

#[test]
fn operations_of_every_kind_within_each_other() {
    every_kind(1000);
}

#[test]
#[ignore = "long: seventeen kinds, ten thousand levels each"]
fn ten_thousand_operations_of_every_kind() {
    every_kind(10_000);
}

#[test]
fn hundreds_without_a_pass() {
    on_a_thread(|| {
        for (name, operation) in KINDS {
            let array = nested(300, operation);
            for pass in Pass::ALL {
                let plan = Settings::new().threads(1).without(pass).plan(&array);
                assert!(plan.is_ok(), "{name} without {pass:?}: {}", plan.unwrap_err());
            }
        }
        let array = nested(2000, |x| x.roll(0, 1));
        let expected = array.compute().unwrap();
        let without = Settings::new().threads(1).without(Pass::Hold);
        assert_eq!(without.compute(&array).unwrap(), expected);
    });
}

/// Each needs the one before twice, at other places: computed each time, that were 2^200 times.
#[test]
fn what_doubles_is_held() {
    let array = nested(200, |x| (x.roll(0, 1) + x.roll(0, -1)) * 0.5);
    let expected = array.compute().unwrap();
    for settings in [Settings::new(), Settings::new().without(Pass::Hold)] {
        assert_eq!(settings.threads(1).compute(&array).unwrap(), expected);
    }
}

#[test]
fn thousands_of_leaves_and_reductions() {
    let parts: Vec<Lazy> = (0..5000).map(|i| Array::from_fn(2, 1, move |_| f64::from(i))).collect();
    let sum = parts.iter().skip(1).fold(parts[0].clone(), |sum, x| sum + x);
    assert_eq!(sum.sum().compute().unwrap().into_scalar(), 5000.0 * 4999.0);
    let sums: Vec<_> = parts.iter().take(1000).map(Array::sum).collect();
    let all = sums.iter().skip(1).fold(sums[0].clone(), |sum, x| sum + x);
    assert_eq!(all.compute().unwrap().into_scalar(), 1000.0 * 999.0);
}
