//! Arrays that are larger than any machine: planned, and refused.

use ndarray::{Ix1, Ix2, s};
use tenfold_array::{Array, ErrorKind, Settings};

const HUGE: usize = 1 << 40;

fn planned<T: tenfold_array::Element, D: ndarray::Dimension>(array: &Array<T, D>) {
    for settings in [Settings::new(), Settings::new().threads(7)] {
        let plan = settings.plan(array).unwrap();
        assert!(plan.minimum_memory() <= plan.peak_memory());
        assert!(plan.peak_memory() <= plan.full_speed_memory());
        assert!(!plan.to_string().is_empty() && !plan.to_json().is_empty());
        let capped = settings.with_memory("1GiB").unwrap();
        if let Err(error) = capped.plan(array) {
            assert_eq!(error.kind(), ErrorKind::Memory);
        }
    }
}

#[test]
fn a_plan_of_a_huge_array() {
    for chunks in [1, 1 << 10, HUGE] {
        let x = Array::<f64, Ix2>::zeros([HUGE, HUGE], chunks);
        planned(&x);
        planned(&x.sum());
        planned(&x.sum_axis(0));
        planned(&(&x + &x.t()).mean_axis(1));
        planned(&x.map(|x| x + 1.0).t().max());
        planned(&(&x - &x.mean_axis(0)).sum());
    }
}

#[test]
fn a_plan_of_huge_blocks() {
    for chunks in [1 << 10, HUGE] {
        let x = Array::<f64, Ix2>::zeros([HUGE, HUGE], chunks);
        planned(&x.roll(0, 1).sum());
        planned(&x.cumsum(0).sum());
        planned(&x.matmul(&x).sum());
        planned(&x.map_blocks(|block, _| block.to_owned()).sum());
    }
}

#[test]
fn a_plan_of_huge_borders() {
    let x = Array::<f64, Ix2>::zeros([HUGE, 7], 1 << 10);
    planned(&x.pad(&[(3, 3), (1, 1)], tenfold_array::Border::Wrap).sum());
    planned(
        &x.map_overlap(&[1, 1], tenfold_array::Border::Wrap, |block, _| block.to_owned()).sum(),
    );
    planned(&x.stencil(&[1, 1], tenfold_array::Border::Wrap, |block, _| block.to_owned()).sum());
    planned(&x.tril(3).sum());
}

/// A plan that went over chunks or runs would not come to an end.
#[test]
fn a_plan_of_huge_moves() {
    let x = Array::<f64, Ix1>::zeros([HUGE], 1 << 10);
    for moved in [
        x.repeat(0, 3),
        x.repeat(0, 1 << 20).slice(s![7..]),
        x.tile(&[3]),
        x.tile(&[1 << 20]).slice(s![5..-5]),
        x.flip(0),
        x.slice(s![1..]),
        x.slice(s![3..;7]),
        x.slice(s![..;-3]),
        x.diff(1, 0),
        x.roll(0, 12345),
        x.pad(&[(1, 1)], tenfold_array::Border::Wrap),
        x.cumsum(0).flip(0).cumsum(0),
        x.reshape([1 << 20, 1 << 20]).t().reshape([HUGE]),
        x.reshape([1 << 20, 1 << 20]).slice(s![.., 3..]).ravel(),
        Array::concatenate(0, &[x.slice(s![1..]), x.clone()]),
        x.rechunk(1000) + x.rechunk(1 << 12).slice(s![..;-1]),
        x.coarsen(&[3], tenfold_array::Excess::Trim, |cell| cell.sum()),
        x.fill(s![1..;2], 3.0),
        x.map_blocks(|block, _| block.to_owned()).slice(s![5..]),
    ] {
        planned(&moved.sum());
        planned(&moved);
    }
}

#[test]
fn a_plan_of_huge_matrices() {
    for chunks in [1 << 10, 1000] {
        let x = Array::<f64, Ix2>::zeros([HUGE, 1 << 20], chunks);
        planned(&x.ravel().sum());
        planned(&x.slice(s![1.., 1..]).ravel().max());
        planned(&x.t().ravel().slice(s![..;-1]).sum());
        planned(&x.reshape([1 << 30, 1 << 30]).diagonal().sum());
        planned(&x.diagonal().sum());
        planned(&(x.slice(s![1.., 1..]) - x.slice(s![..-1, ..-1])).sum());
        planned(&x.tile(&[2, 3]).sum_axis(1).max());
        planned(&x.repeat(1, 5).mean_axis(0).max());
        planned(&x.cumsum(1).cumsum(0).max());
        planned(&x.dot(&x.t()).sum());
        planned(&x.tensordot(&x, (&[0], &[0])).sum());
        planned(&Array::stack(1, &[x.clone(), x.flip(0)]).sum());
    }
}

#[test]
fn what_no_memory_holds_is_refused() {
    for len in [1 << 45, 1 << 58, 1 << 61, 1 << 62] {
        let x = Array::<f64, Ix1>::zeros([len], "auto");
        assert_eq!(x.compute().unwrap_err().kind(), ErrorKind::Memory, "{len}");
    }
    let x = Array::<f64, Ix2>::zeros([HUGE, HUGE], "auto");
    assert_eq!(x.compute().unwrap_err().kind(), ErrorKind::Memory);
    assert_eq!(x.sum_axis(0).compute().unwrap_err().kind(), ErrorKind::Memory);
}
