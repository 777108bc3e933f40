//! Arrays that are laid out on a mesh of ranks.

use ndarray::{Ix2, IxDyn, s};
use tenfold_array::{
    Array, Border, Error, ErrorKind, Layout, Machine, Mesh, Random, Ranks, Result, Settings,
    Traffic,
};

use super::on_ranks;
use super::spread::{bits, operations};

type Matrix = Array<f64, Ix2>;

/// 450 KiB, so that it is left where it is made, in 6 by 6 chunks.
fn numbers() -> Matrix {
    Random::new(7).standard_normal([240, 240], 40)
}

fn one_thread() -> Settings {
    Settings::new().threads(1)
}

/// Layouts of a matrix on up to so many ranks.
fn layouts(size: usize) -> Vec<Layout> {
    let two = size / 2;
    let flat = Mesh::new([("rank", size)]).unwrap();
    let grid = Mesh::new([("row", 2.min(size)), ("column", two.max(1))]).unwrap();
    let both = grid.layout(["row", "column"]).unwrap();
    vec![
        flat.layout([None, Some("rank")]).unwrap(),
        flat.layout([Some("rank"), None]).unwrap().cyclic(&[1, 1]).unwrap(),
        both.clone(),
        both.clone().cyclic(&[2, 1]).unwrap(),
        both.clone().symmetric().unwrap(),
        grid.layout(["column", "row"]).unwrap().cyclic(&[1, 2]).unwrap().symmetric().unwrap(),
        flat.layout([Some("rank"), None]).unwrap().symmetric().unwrap(),
    ]
}

#[test]
fn layouts_change_no_bit() {
    let whole = one_thread().persist(&numbers()).unwrap();
    let compute = |x: &Array<f64, IxDyn>| bits(&one_thread().compute(x).unwrap());
    let expected: Vec<Vec<u64>> = operations(&whole).iter().map(compute).collect();
    for size in [1, 2, 3, 4, 7] {
        for (number, layout) in layouts(size).iter().enumerate() {
            let all = on_ranks(size, &Settings::new().threads(2), |ranks| {
                let x = ranks.persist(&numbers().on(layout))?;
                let kept = |x: &Array<f64, IxDyn>| ranks.compute(&ranks.persist(x)?);
                operations(&x).iter().map(kept).collect::<Result<Vec<_>>>()
            });
            for (at, expected) in expected.iter().enumerate() {
                let are_same = all.iter().all(|own| bits(&own[at]) == *expected);
                assert!(are_same, "operation {at} in layout {number} on {size} ranks");
            }
        }
    }
}

/// What all ranks send while they keep what is made of the numbers in this layout.
fn sent(size: usize, layout: &Layout, of: impl Fn(&Matrix) -> Matrix + Sync) -> Traffic {
    sent_of(size, &|| numbers().on(layout), of)
}

/// The same of other numbers.
fn sent_of(
    size: usize,
    numbers: &(dyn Fn() -> Matrix + Sync),
    of: impl Fn(&Matrix) -> Matrix + Sync,
) -> Traffic {
    let all = on_ranks(size, &one_thread(), |ranks| {
        let x = ranks.persist(&numbers())?;
        let kept = ranks.persist(&of(&x))?;
        drop(kept);
        Ok(ranks.sent())
    });
    let mut sum = Traffic::default();
    all.iter().for_each(|own| {
        sum.messages += own.messages;
        sum.bytes += own.bytes;
    });
    sum
}

#[test]
fn what_is_mirrored_at_the_diagonal_is_not_sent() {
    for size in [2, 3, 4, 7] {
        let mesh = Mesh::new([("row", 2), ("column", size / 2)]).unwrap();
        let layout = mesh.layout(["row", "column"]).unwrap();
        let both = |x: &Matrix| x + &x.t();
        let symmetric = layout.clone().symmetric().unwrap();
        assert_eq!(sent(size, &symmetric, both), Traffic::default(), "{size} ranks");
        assert_eq!(sent(size, &symmetric, |x| x.t().map(|x| x + 1.0)), Traffic::default());
        let in_blocks = layout.clone().cyclic(&[2, 2]).unwrap().symmetric().unwrap();
        assert_eq!(sent(size, &in_blocks, both), Traffic::default(), "{size} ranks");
        assert!(sent(size, &layout, both).messages > 0, "{size} ranks");
        // A transpose alone stays where it is, whatever the layout.
        assert_eq!(sent(size, &layout, |x| x.t().map(|x| x + 1.0)), Traffic::default());
    }
}

/// Of a symmetric layout each rank has about as much, and with it a sum and its mirror image.
#[test]
fn a_symmetric_layout_shares_the_work() {
    let layout = Mesh::new([("row", 2), ("column", 2)]).unwrap();
    let layout = layout.layout(["row", "column"]).unwrap().symmetric().unwrap();
    let x = Array::<f64, Ix2>::ones([2000, 2000], 20).on(&layout);
    let shares = on_ranks(4, &one_thread(), |ranks| {
        Ok(ranks.plan(&(&x + &x.t()))?.share().map_or(0, |own| own.tasks))
    });
    assert_eq!(shares.iter().sum::<usize>(), 10_000);
    assert!(shares.iter().all(|own| (2400..=2600).contains(own)), "{shares:?}");
}

#[test]
fn a_stencil_sends_what_is_on_the_borders_of_blocks() {
    let around = |x: &Matrix, border: Border<f64>| {
        x.map_overlap(&[1, 1], border, |seen, _| {
            let (rows, columns) = seen.dim();
            let inner = |down: usize, right: usize| {
                seen.slice(s![down..rows - 2 + down, right..columns - 2 + right]).to_owned()
            };
            inner(0, 1) + inner(2, 1) + inner(1, 0) + inner(1, 2)
        })
    };
    let mesh = Mesh::new([("row", 2), ("column", 2)]).unwrap();
    let layout = mesh.layout(["row", "column"]).unwrap();
    let stencil = |x: &Matrix| around(x, Border::Nearest);
    let told = sent(4, &layout, stencil);
    // Each of four ranks needs a row and a column of 120, and a corner.
    let least = 4 * (2 * 120 + 1) * 8;
    assert!((least..=least * 11 / 10).contains(&told.bytes), "{told:?}, at least {least}");
    // Those of four neighbours: what is picked on both ends is not read as one, with up to 4 KiB in vain for each.
    let large = || Array::<f64, Ix2>::ones([1800, 1800], 300).on(&layout);
    let told_of_large = sent_of(4, &large, |x| around(x, Border::Wrap));
    let least = 4 * (4 * 900 + 4) * 8;
    let bytes = told_of_large.bytes;
    assert!((least..=least * 11 / 10).contains(&bytes), "{told_of_large:?}, at least {least}");
    // Blocks of one chunk have borders all around.
    let in_turn = layout.cyclic(&[1, 1]).unwrap();
    assert!(sent(4, &in_turn, stencil).bytes > 4 * told.bytes);
}

#[test]
fn sums_of_what_is_laid_out_send_no_elements() {
    let mesh = Mesh::new([("row", 2), ("column", 2)]).unwrap();
    let layout = mesh.layout(["row", "column"]).unwrap();
    let sums = |x: &Matrix| {
        let both = x.sum_axis(0).broadcast([240, 240]);
        both.sum().broadcast([1, 1])
    };
    let told = sent(4, &layout, sums);
    assert!(told.bytes < 30_000, "{told:?}");
}

/// The error of all ranks, which is the same.
fn refusal(size: usize, program: impl Fn(&Ranks<'_>) -> Result<(), Error> + Sync) -> Error {
    let told =
        on_ranks(size, &one_thread(), |ranks| Ok(program(ranks).expect_err("it is refused")));
    assert!(told.iter().all(|other| other.to_string() == told[0].to_string()), "{told:?}");
    told[0].clone()
}

#[test]
fn layouts_that_differ_or_are_too_large_are_refused_on_all_ranks() {
    let mesh = Mesh::new([("row", 2), ("column", 2)]).unwrap();
    let layout = mesh.layout(["row", "column"]).unwrap();
    let error = refusal(3, |ranks| ranks.compute(&numbers().on(&layout).sum()).map(drop));
    assert_eq!(error.kind(), ErrorKind::Value);
    let expected = "a mesh of 4 ranks (2 along `row`, 2 along `column`), but there are 3";
    assert!(error.to_string().contains(expected), "{error}");
    assert!(error.to_string().contains("layouts.rs:"), "{error}");
    let other = mesh.layout(["column", "row"]).unwrap();
    let error = refusal(4, |ranks| {
        let own = if ranks.rank() == 2 { &other } else { &layout };
        ranks.persist(&numbers().on(own)).map(drop)
    });
    assert_eq!(error.kind(), ErrorKind::Ranks);
    assert!(error.to_string().contains("ranks 0 and 2 do not compute the same"), "{error}");
}

#[test]
fn on_one_rank_a_layout_says_nothing() {
    let mesh = Mesh::new([("row", 2), ("column", 2)]).unwrap();
    let x = numbers().on(&mesh.layout(["row", "column"]).unwrap());
    let tasks = on_ranks(1, &one_thread(), |ranks| {
        let plan = ranks.plan(&x.map(f64::sqrt))?;
        Ok(plan.share().unwrap().tasks)
    });
    assert_eq!(tasks, [36]);
    let ranks = one_thread().simulate(&Machine::new(1)).unwrap();
    let (there, _) = ranks.persist(&x).unwrap();
    let (_, simulation) = ranks.persist(&there.rechunk(75)).unwrap();
    assert_eq!(simulation.messages(), 0);
}
