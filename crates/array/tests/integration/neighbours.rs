//! Differences, convolutions, and parts of axes, against loops.

use ndarray::{Array1, Array2, ArrayD, Axis, IxDyn, Slice};
use proptest::prelude::*;
use tenfold_array::{Array, ConvolveMode, ErrorKind, PadMode, Settings};

use crate::subjects::{assert_close, assert_same, float, integer, number, subject, subjects};

fn part(x: &ArrayD<i32>, axis: usize, range: std::ops::Range<usize>) -> ArrayD<i32> {
    x.slice_axis(Axis(axis), Slice::from(range)).to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn convolutions(
        len in 1..60_usize, of in 1..70_usize, chunk in 1..30_usize, seed in any::<u64>(), threads in 1..4_usize,
    ) {
        let x = subject(&[len], chunk, 0, seed, integer);
        let kernel = subject(&[of], 1, 0, seed ^ 1, integer).plain;
        let mut full = vec![0_i32; len + of - 1];
        for (i, x) in x.plain.iter().enumerate() {
            for (j, weight) in kernel.iter().enumerate() {
                full[i + j] = full[i + j].wrapping_add(x.wrapping_mul(*weight));
            }
        }
        let (short, long) = (len.min(of), len.max(of));
        let kernel = kernel.iter().copied().collect::<Vec<_>>();
        let lazy: Array<i32, ndarray::Ix1> = x.lazy.reshape([len]);
        let settings = Settings::new().threads(threads);
        let made = |mode| settings.compute(&lazy.convolve(&kernel, mode)).unwrap().to_vec();
        prop_assert_eq!(made(ConvolveMode::Full), &*full);
        prop_assert_eq!(made(ConvolveMode::Same), &full[(short - 1) / 2..][..long]);
        prop_assert_eq!(made(ConvolveMode::Valid), &full[short - 1..long]);
    }

    #[test]
    fn slopes(x in subjects(number), spacing in 0.1..3.0_f64) {
        for axis in 0..x.plain.ndim() {
            let len = x.plain.len_of(Axis(axis));
            let lazy = x.lazy.gradient(axis, spacing);
            if len < 2 {
                prop_assert_eq!(lazy.compute().unwrap_err().kind(), ErrorKind::Empty);
                continue;
            }
            let expected = ArrayD::from_shape_fn(x.plain.raw_dim(), |at| {
                let moved = |to: usize| {
                    let mut at = at.clone();
                    at[axis] = to;
                    x.plain[at]
                };
                let (low, high) = (at[axis].saturating_sub(1), (at[axis] + 1).min(len - 1));
                (moved(high) - moved(low)) / (spacing * (high - low) as f64)
            });
            assert_close(&lazy, &expected, 1e-12);
        }
    }

    #[test]
    fn parts_left_out_and_put_in(x in subjects(integer), indices in prop::collection::vec(0..40_usize, 0..4), seed in any::<u64>()) {
        for axis in 0..x.plain.ndim() {
            let len = x.plain.len_of(Axis(axis));
            if len == 0 {
                continue;
            }
            let gone: Vec<usize> = indices.iter().map(|at| at % len).collect();
            // From the end, and from the beginning.
            let named: Vec<isize> = gone.iter().map(|&at| at as isize - if at % 2 == 0 { len as isize } else { 0 }).collect();
            let kept: Vec<usize> = (0..len).filter(|at| !gone.contains(at)).collect();
            assert_same(&x.lazy.delete(axis, &named), &x.plain.select(Axis(axis), &kept));
            let at = seed as usize % (len + 1);
            let more = part(&x.plain, axis, 0..len.min(2));
            let both = ndarray::concatenate(
                Axis(axis),
                &[part(&x.plain, axis, 0..at).view(), more.view(), part(&x.plain, axis, at..len).view()],
            );
            let values = Array::from_ndarray(more, 1);
            assert_same(&x.lazy.insert(axis, at as isize, &values), &both.unwrap());
        }
    }

    #[test]
    fn right_angles(x in subjects(integer), times in -9..9_isize) {
        prop_assume!(x.plain.ndim() >= 2);
        let last = x.plain.ndim() - 1;
        let mut expected = x.plain.clone();
        for _ in 0..times.rem_euclid(4) {
            expected.invert_axis(Axis(last));
            expected.swap_axes(0, last);
        }
        assert_same(&x.lazy.rot90(times, [0, last]), &expected);
    }

    #[test]
    fn last_numbers(x in subjects(float), ints in subjects(integer)) {
        for axis in 0..x.plain.ndim() {
            let mut expected = x.plain.clone();
            for mut lane in expected.lanes_mut(Axis(axis)) {
                for i in 1..lane.len() {
                    if lane[i].is_nan() { lane[i] = lane[i - 1]; }
                }
            }
            assert_same(&x.lazy.push(axis), &expected);
        }
        for axis in 0..ints.plain.ndim() {
            assert_same(&ints.lazy.push(axis), &ints.plain);
        }
    }

    #[test]
    fn covariances(rows in 1..6_usize, cols in 2..30_usize, chunk in 1..9_usize, seed in any::<u64>()) {
        let x = subject(&[rows, cols], chunk, 0, seed, number);
        let plain: Array2<f64> = x.plain.into_dimensionality().unwrap();
        let anomaly = &plain - &plain.mean_axis(Axis(1)).unwrap().insert_axis(Axis(1));
        let expected = anomaly.dot(&anomaly.t()) / (cols - 1) as f64;
        let lazy: Array<f64, ndarray::Ix2> = x.lazy.reshape([rows, cols]);
        assert_close(&lazy.cov(1.0).into_dyn(), &expected.clone().into_dyn(), 1e-10);
        let deviations: Array1<f64> = expected.diag().mapv(f64::sqrt);
        // Of numbers that are all the same they are what rounding leaves.
        prop_assume!(deviations.iter().all(|deviation| *deviation > 1e-6));
        let coefficients = Array2::from_shape_fn((rows, rows), |(i, j)| {
            expected[[i, j]] / deviations[i] / deviations[j]
        });
        assert_close(&lazy.corrcoef().into_dyn(), &coefficients.into_dyn(), 1e-9);
    }
}

/// Where only runs of NaN lie between, and chunks end within them.
#[test]
fn the_last_number_goes_through_whole_chunks() {
    let mut plain = ArrayD::from_elem(IxDyn(&[100]), f64::NAN);
    plain[[3]] = 7.0;
    plain[[90]] = 8.0;
    let pushed = Array::from_ndarray(plain, 40).push(0).compute().unwrap();
    assert!(pushed.iter().take(3).all(|x| x.is_nan()));
    assert!(pushed.iter().skip(3).take(87).all(|&x| x == 7.0));
    assert!(pushed.iter().skip(90).all(|&x| x == 8.0));
}

#[test]
fn parts_beyond_an_axis_are_refused() {
    let x = Array::<i32, _>::zeros([3, 2], 2);
    let told = |array: Array<i32, ndarray::Ix2>| array.compute().unwrap_err().to_string();
    assert!(
        told(x.delete(0, &[0, 3]))
            .starts_with("index 3 of argument `indices` is beyond axis 0 of 3")
    );
    assert!(
        told(x.insert(1, 3, &x)).starts_with("index 3 of argument `indices` is beyond axis 1 of 2")
    );
    assert!(told(x.rot90(1, [0, 0])).starts_with("argument `axes` has axis 0 twice"));
    let none = x.ravel().convolve(&[], ConvolveMode::Full).compute().unwrap_err();
    let text = "argument `kernel` has 0 elements and the array 6, but both need one";
    assert!(none.to_string().starts_with(text), "{none}");
    let long = Array::<f64, _>::zeros([1 << 40], 1 << 12).convolve(&[1.0; 9], ConvolveMode::Full);
    assert!(long.sum().plan().unwrap().tasks() > 1 << 28);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn elements_back_and_forth(x in subjects(integer), before in 0..20_usize, after in 0..20_usize) {
        prop_assume!(x.plain.shape().iter().all(|&len| len > 0));
        for axis in 0..x.plain.ndim() {
            let len = x.plain.len_of(Axis(axis));
            let shown: Vec<usize> = (0..before + len + after)
                .map(|at| (at + 40 * len - before) % (2 * len))
                .map(|at| if at < len { at } else { 2 * len - 1 - at })
                .collect();
            let mut widths = vec![(0, 0); x.plain.ndim()];
            widths[axis] = (before, after);
            assert_same(&x.lazy.pad_symmetric(&widths), &x.plain.select(Axis(axis), &shown));
        }
    }

    #[test]
    fn elements_made_of_an_axis(x in subjects(number), before in 0..5_usize, after in 0..5_usize) {
        prop_assume!(x.plain.shape().iter().all(|&len| len > 0));
        for axis in 0..x.plain.ndim() {
            let mut widths = vec![(0, 0); x.plain.ndim()];
            widths[axis] = (before, after);
            let around = |f: &dyn Fn(&[f64], bool, usize) -> f64| {
                let mut shape = x.plain.shape().to_vec();
                let len = shape[axis];
                shape[axis] += before + after;
                let mut out = ArrayD::<f64>::zeros(IxDyn(&shape));
                for (lane, mut out) in x.plain.lanes(Axis(axis)).into_iter().zip(out.lanes_mut(Axis(axis))) {
                    let lane = lane.to_vec();
                    for (at, out) in out.iter_mut().enumerate() {
                        *out = match at {
                            at if at < before => f(&lane, false, at),
                            at if at < before + len => lane[at - before],
                            at => f(&lane, true, before + len + after - 1 - at),
                        };
                    }
                }
                out
            };
            let most = around(&|lane, _, _| lane.iter().copied().fold(f64::MIN, f64::max));
            assert_same(&x.lazy.pad_with(&widths, PadMode::Maximum), &most);
            let mean = around(&|lane, _, _| lane.iter().sum::<f64>() / lane.len() as f64);
            assert_close(&x.lazy.pad_with(&widths, PadMode::Mean), &mean, 1e-12);
            let ramp = around(&|lane, is_after, step| {
                let (edge, width) = if is_after { (lane[lane.len() - 1], after) } else { (lane[0], before) };
                2.0 + (edge - 2.0) * step as f64 / width as f64
            });
            assert_close(&x.lazy.pad_with(&widths, PadMode::LinearRamp(2.0)), &ramp, 1e-12);
        }
    }
}
