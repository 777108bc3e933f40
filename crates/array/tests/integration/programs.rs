//! Random programs of many operations, against ndarray, under all settings.

use std::fmt;

use ndarray::{ArrayD, Axis, IxDyn, Slice};
use proptest::prelude::*;
#[cfg(feature = "fft")]
use tenfold_array::FftNorm;
use tenfold_array::{
    Array, BlockInfo, Border, Dims, ErrorKind, Pass, Result, Settings, Source, Window,
};

pub(crate) type Lazy = Array<i64, IxDyn>;

/// A source that is read, not computed, as files are.
pub(crate) struct Given(pub(crate) ArrayD<i64>);

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "given")
    }
}

impl Source<i64> for Given {
    fn shape(&self) -> Dims {
        self.0.shape().into()
    }

    fn read(&self, window: &Window, out: &mut [i64]) -> Result<()> {
        let mut view = self.0.view();
        for axis in 0..window.ndim() {
            view.slice_axis_inplace(Axis(axis), Slice::from(window.range(axis)));
        }
        assert_eq!(view.len(), out.len());
        out.iter_mut().zip(view).for_each(|(to, x)| *to = *x);
        Ok(())
    }
}

/// Numbers to choose by, which never end.
pub(crate) struct Choices(u64);

impl Choices {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 31 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.bits() % end.max(1) as u64) as usize
    }

    pub(crate) fn sizes(&mut self, shape: &[usize]) -> Vec<usize> {
        shape.iter().map(|&len| 1 + self.below(len + 1)).collect()
    }

    fn leaf(&mut self) -> (Lazy, ArrayD<i64>) {
        let lens = [0, 1, 1, 2, 3, 4, 5, 7, 11, 40];
        let ndim = self.below(4);
        let shape: Vec<usize> = (0..ndim)
            .map(|_| lens[if self.below(8) == 0 { 0 } else { 1 + self.below(9) }])
            .collect();
        let salt = self.below(1000) as i64;
        let mut next = salt;
        let plain = ArrayD::from_shape_fn(IxDyn(&shape), |_| {
            next = (next * 31 + 17) % 1009;
            next - 500
        });
        let sizes = self.sizes(&shape);
        let lazy = match self.below(3) {
            0 => Array::from_ndarray(plain.clone(), &*sizes),
            1 => Array::from_source(Given(plain.clone()), &*sizes),
            _ => {
                let all = plain.clone();
                Array::from_fn(IxDyn(&shape), &*sizes, move |at| all[at])
            }
        };
        (lazy.known_as(&format!("{shape:?} from {salt}")), plain)
    }
}

fn tame(x: i64) -> i64 {
    x % 1009
}

/// The next operation, of one or two of the arrays before.
fn step(
    choices: &mut Choices,
    x: &(Lazy, ArrayD<i64>),
    y: &(Lazy, ArrayD<i64>),
) -> Option<(Lazy, ArrayD<i64>)> {
    let ((lazy, plain), ndim) = (x, x.1.ndim());
    let axis = choices.below(ndim);
    let len = plain.shape().get(axis).copied();
    Some(match choices.below(48) {
        37.. => return tail_step(choices, x, axis, len?),
        0 => {
            let to = ndarray_shape(plain.shape(), y.1.shape())?;
            let sum = plain.broadcast(to.clone())?.to_owned() + y.1.broadcast(to)?;
            ((lazy + &y.0).map_named("tame", tame), sum.mapv(tame))
        }
        1 => {
            let from = choices.below(len? + 1);
            let end = from + choices.below(len? + 1 - from);
            let by = [1, -1, 2, -3, 5][choices.below(5)];
            let info: Vec<ndarray::SliceInfoElem> = (0..ndim)
                .map(|of| match of == axis {
                    true => ndarray::SliceInfoElem::Slice {
                        start: from as isize,
                        end: Some(end as isize),
                        step: by,
                    },
                    false => (..).into(),
                })
                .collect();
            (lazy.slice(&*info), plain.slice(&*info).to_owned().into_dyn())
        }
        2 => {
            len?;
            let mut flipped = plain.clone();
            flipped.invert_axis(Axis(axis));
            (lazy.flip(axis), flipped)
        }
        3 => {
            let mut order: Vec<usize> = (0..ndim).collect();
            order.rotate_left(axis);
            if choices.below(2) == 0 {
                order.reverse();
            }
            (lazy.permuted_axes(&order), plain.clone().permuted_axes(IxDyn(&order)))
        }
        4 if ndim < 4 => {
            let axis = choices.below(ndim + 1);
            (lazy.insert_axis(axis).into_dyn(), plain.clone().insert_axis(Axis(axis)))
        }
        5 => {
            len?;
            (lazy.sum_axis(axis).map_named("tame", tame), plain.sum_axis(Axis(axis)).mapv(tame))
        }
        6 => {
            len.filter(|&len| len > 0)?;
            let most = plain.map_axis(Axis(axis), |lane| lane.iter().copied().max().unwrap());
            (lazy.max_axis(axis), most)
        }
        7 if ndim < 4 && plain.len() < 5000 => {
            let mut to = plain.shape().to_vec();
            to.insert(0, 1 + choices.below(3));
            let to: Vec<usize> =
                to.iter().map(|&len| if len == 1 { 1 + choices.below(4) } else { len }).collect();
            (lazy.broadcast(IxDyn(&to)), plain.broadcast(IxDyn(&to))?.to_owned())
        }
        8 => {
            let sizes = choices.sizes(plain.shape());
            (lazy.rechunk(&*sizes), plain.clone())
        }
        9 => {
            if len? > 60 {
                return None;
            }
            let both = ndarray::concatenate(Axis(axis), &[plain.view(), plain.view()]).unwrap();
            (Array::concatenate(axis, &[lazy.clone(), lazy.clone()]), both)
        }
        10 => {
            let len = len.filter(|&len| len > 0)?;
            let indices: Vec<usize> = (0..choices.below(9)).map(|_| choices.below(len)).collect();
            let wanted: Vec<isize> = indices.iter().map(|&i| i as isize).collect();
            (lazy.take(axis, &wanted), plain.select(Axis(axis), &indices))
        }
        11 => {
            let len = len.filter(|&len| len > 0)?;
            let by = choices.below(20);
            let indices: Vec<usize> = (0..len).map(|i| (i + len * 20 - by) % len).collect();
            (lazy.roll(axis, by as isize), plain.select(Axis(axis), &indices))
        }
        12 => (
            lazy.ravel().into_dyn(),
            plain.iter().copied().collect::<ndarray::Array1<_>>().into_dyn(),
        ),
        13 => {
            len?;
            let mut sums = plain.clone();
            sums.accumulate_axis_inplace(Axis(axis), |before, x| *x += before);
            (lazy.cumsum(axis).map_named("tame", tame), sums.mapv(tame))
        }
        14 => (lazy.map_blocks(|block, _| block.mapv(|x| x + 1)), plain + 1),
        15 => {
            let mean = plain.iter().sum::<i64>() % 7;
            (lazy - &lazy.sum().map_named("seven", |x| x % 7), plain - mean)
        }
        16 => {
            let len = len.filter(|&len| len > 0)?;
            let at = choices.below(len);
            let info: Vec<ndarray::SliceInfoElem> =
                (0..ndim).map(|of| if of == axis { (at..).into() } else { (..).into() }).collect();
            let mut written = plain.clone();
            written.slice_mut(&*info).fill(3);
            (lazy.fill(&*info, 3), written)
        }
        17 => {
            len.filter(|&len| len < 30)?;
            let indices: Vec<usize> = (0..2 * len?).map(|i| i / 2).collect();
            (lazy.repeat(axis, 2), plain.select(Axis(axis), &indices))
        }
        19 => {
            let mut shapes = plain.shape().iter().zip(y.1.shape()).enumerate();
            let fits = ndim == y.1.ndim() && shapes.all(|(of, (a, b))| of == axis || a == b);
            if !fits || len? > 60 || y.1.len_of(Axis(axis)) > 60 {
                return None;
            }
            let both = ndarray::concatenate(Axis(axis), &[plain.view(), y.1.view()]).unwrap();
            (Array::concatenate(axis, &[lazy.clone(), y.0.clone()]), both)
        }
        20 | 21 if ndim > 0 => {
            let depth: Vec<usize> = (0..ndim).map(|_| choices.below(3)).collect();
            let (before, widths) = (depth.clone(), depth.clone());
            let shape = plain.shape().to_vec();
            if plain.is_empty() {
                return None;
            }
            let border = [Border::Wrap, Border::Const(5)][choices.below(2)];
            let at = move |index: &IxDyn, by: isize| {
                let mut index = index.clone();
                let place = index[axis].cast_signed() + by * depth[axis].cast_signed();
                let len = shape[axis].cast_signed();
                if border == Border::Const(5) && !(0..len).contains(&place) {
                    return None;
                }
                index[axis] = place.rem_euclid(len).cast_unsigned();
                Some(index)
            };
            let expected = ArrayD::from_shape_fn(plain.raw_dim(), |index| {
                let seen = |by| at(&index, by).map_or(5, |index| plain[index]);
                seen(-1) + seen(1)
            });
            let seen = move |seen: ndarray::ArrayViewD<'_, i64>, _: &BlockInfo| {
                let part = |by: isize| {
                    let mut part = seen.view();
                    for (of, &depth) in before.iter().enumerate() {
                        let end = seen.len_of(Axis(of)) - depth;
                        let range = depth..end;
                        let range = match (of == axis, by < 0) {
                            (true, true) => 0..end - depth,
                            (true, false) => 2 * depth..end + depth,
                            _ => range,
                        };
                        part.slice_axis_inplace(Axis(of), Slice::from(range));
                    }
                    part.to_owned()
                };
                part(-1) + part(1)
            };
            let seen = match choices.below(2) {
                0 => lazy.map_overlap(&widths, border, seen),
                _ => lazy.stencil(&widths, border, seen),
            };
            (seen.known_as(&format!("{widths:?} along {axis}")), expected)
        }
        22 | 23 => {
            let (a, b) = (plain, &y.1);
            let inner = *a.shape().last()?;
            if a.ndim() > 2 || b.ndim() != 2 || b.shape()[0] != inner {
                // With itself, the other way round.
                if a.ndim() != 2 || a.shape()[0] > 60 {
                    return None;
                }
                let product = a.view().into_dimensionality::<ndarray::Ix2>().ok()?;
                let product = product.dot(&product.t()).into_dyn().mapv(tame);
                return Some((lazy.matmul(&lazy.t()).map_named("tame", tame), product));
            }
            let matrix = b.view().into_dimensionality::<ndarray::Ix2>().ok()?;
            let product = match a.ndim() {
                1 => a.view().into_dimensionality::<ndarray::Ix1>().ok()?.dot(&matrix).into_dyn(),
                _ => a.view().into_dimensionality::<ndarray::Ix2>().ok()?.dot(&matrix).into_dyn(),
            };
            (lazy.matmul(&y.0).map_named("tame", tame), product.mapv(tame))
        }
        24 => {
            let mut most = plain.clone();
            len?;
            most.accumulate_axis_inplace(Axis(axis), |before, x| *x = (*x).max(*before));
            (lazy.cummax(axis), most)
        }
        25 if plain.len() < 2000 && ndim > 0 => {
            let times = 1 + choices.below(3);
            let all: Vec<_> = (0..times).map(|_| plain.view()).collect();
            let mut of_axes = vec![1; ndim];
            of_axes[axis] = times;
            (lazy.tile(&of_axes), ndarray::concatenate(Axis(axis), &all).unwrap())
        }
        26 => {
            len?;
            let mut sorted = plain.clone();
            for mut lane in sorted.lanes_mut(Axis(axis)) {
                let mut own = lane.to_vec();
                own.sort_unstable();
                lane.iter_mut().zip(own).for_each(|(to, x)| *to = x);
            }
            (lazy.sort(axis), sorted)
        }
        27 => {
            let k = choices.below(9) as isize - 4;
            let best = by_lane(plain, axis, len?.min(k.unsigned_abs()), |lane| {
                lane.sort_unstable_by_key(|&x| if k > 0 { -x } else { x });
            });
            (lazy.topk(axis, k), best)
        }
        28 => {
            let len = len.filter(|&len| len > 0)?;
            // Places of its own, which lanes of another order name.
            let places = lazy.argsort(axis);
            let by = by_lane(plain, axis, len, |lane| {
                let mut order: Vec<usize> = (0..lane.len()).collect();
                order.sort_by_key(|&at| lane[at]);
                let picked: Vec<i64> = order.iter().map(|&at| lane[lane.len() - 1 - at]).collect();
                lane.copy_from_slice(&picked);
            });
            (lazy.flip(axis).take_along_axis(axis, &places), by)
        }
        29 => {
            let median = by_lane(plain, axis, 1, |lane| {
                lane.sort_unstable();
                if !lane.is_empty() {
                    lane[0] = lane[(lane.len() - 1) / 2];
                }
            });
            len.filter(|&len| len > 0)?;
            let lower = lazy.quantile_axis(axis, 0.5, tenfold_array::QuantileMethod::Lower);
            (lower.astype::<i64>(), median.index_axis_move(Axis(axis), 0))
        }
        30 => {
            let len = len.filter(|&len| len > 0)?;
            let gone = choices.below(len);
            let kept: Vec<usize> = (0..len).filter(|&at| at != gone).collect();
            (lazy.delete(axis, &[gone as isize]), plain.select(Axis(axis), &kept))
        }
        31 => {
            let bins = 1 + choices.below(9);
            let mut counts = vec![0; bins];
            for x in plain.iter().filter(|&&x| x >= 0 && x < bins as i64 * 40) {
                counts[(x / 40) as usize] += 1;
            }
            let places = lazy.map_named("bin", |x| x.div_euclid(40));
            (places.bincount(bins).into_dyn(), ndarray::Array1::from(counts).into_dyn())
        }
        #[cfg(feature = "fft")]
        33 | 34 => {
            len.filter(|&len| len > 0)?;
            // There and back again.
            let waves = lazy.map_named("float", |x| x as f64).fft(axis, None, FftNorm::Ortho);
            let back = waves.ifft(axis, None, FftNorm::Ortho);
            (back.map_named("round", |x| x.re.round() as i64), plain.clone())
        }
        #[cfg(feature = "linalg")]
        35 | 36 => {
            if ndim != 2 || plain.is_empty() {
                return None;
            }
            let [rows, columns] = [plain.len_of(Axis(0)), plain.len_of(Axis(1))];
            let matrix = lazy.map_named("float", |x| x as f64).reshape([rows, columns]);
            let product = match choices.below(2) {
                0 => {
                    let (q, r) = matrix.qr();
                    q.matmul(&r)
                }
                _ => {
                    let svd = matrix.svd();
                    (&svd.u * &svd.s).matmul(&svd.vt)
                }
            };
            (product.map_named("round", |x| x.round() as i64).into_dyn(), plain.clone())
        }
        18 => {
            let even = plain.mapv(|x| x % 2 == 0);
            let chosen =
                ndarray::Zip::from(&even).and(plain).map_collect(|&is, &x| if is { x } else { -x });
            (lazy.map_named("even", |x| x % 2 == 0).where_(lazy, &-lazy), chosen)
        }
        _ => {
            let shape = plain.shape().to_vec();
            if shape.len() < 2 {
                return None;
            }
            let mut joined = vec![shape[0] * shape[1]];
            joined.extend(&shape[2..]);
            (lazy.reshape(IxDyn(&joined)), plain.to_shape(IxDyn(&joined)).unwrap().to_owned())
        }
    })
}

/// An operation of the long tail along an axis of so many elements.
fn tail_step(
    choices: &mut Choices,
    (lazy, plain): &(Lazy, ArrayD<i64>),
    axis: usize,
    len: usize,
) -> Option<(Lazy, ArrayD<i64>)> {
    let of = Axis(axis);
    let last = len.checked_sub(1)?;
    Some(match choices.below(11) {
        0 => {
            let steps = by_lane(plain, axis, last, |lane| {
                *lane = lane.windows(2).map(|two| two[1] - two[0]).collect();
            });
            (lazy.diff(1, axis), steps)
        }
        1 => {
            let edges = [-100.0, 0.0, 50.0, 51.0];
            let place = |x: i64| edges.iter().filter(|&&edge| edge <= x as f64).count() as i64;
            (lazy.digitize(&edges, false), plain.mapv(place))
        }
        2 if len < 40 => {
            let (before, after) = (choices.below(2 * len), choices.below(4));
            let mut widths = vec![(0, 0); plain.ndim()];
            widths[axis] = (before, after);
            let indices: Vec<usize> = (0..before + len + after)
                .map(|at| {
                    let at = (at as isize - before as isize).rem_euclid(2 * len as isize) as usize;
                    at.min(2 * len - 1 - at)
                })
                .collect();
            (lazy.pad_symmetric(&widths), plain.select(of, &indices))
        }
        3 if len < 40 => {
            let at = choices.below(len + 1);
            let row = plain.index_axis(of, 0).insert_axis(of);
            let parts =
                [plain.slice_axis(of, (..at).into()), row, plain.slice_axis(of, (at..).into())];
            let values = lazy.take(axis, &[0]);
            (lazy.insert(axis, at as isize, &values), ndarray::concatenate(of, &parts).unwrap())
        }
        4 => {
            let sorted: Vec<i64> = [-300, -7, -7, 0, 12, 200].into();
            let right = choices.below(2) == 0;
            let is_before = move |of: i64, x: i64| if right { of <= x } else { of < x };
            let expected =
                plain.mapv(|x| sorted.iter().filter(|&&of| is_before(of, x)).count() as i64);
            let given = Array::from_ndarray(ndarray::Array1::from(sorted), 4);
            (given.searchsorted(lazy, right), expected)
        }
        5 => {
            let shape = [3, 5, 40];
            let numbers = lazy.map_named("number", |x| x.rem_euclid(600));
            let indices = numbers.unravel_index(&shape);
            let indices: Vec<&Lazy> = indices.iter().collect();
            (Array::ravel_multi_index(&indices, &shape), plain.mapv(|x| x.rem_euclid(600)))
        }
        6 => {
            let values = [-3, 0, 5, 17];
            let is = |x: i64| i64::from(values.contains(&(x % 20)));
            let lazy = lazy.map_named("twenty", |x| x % 20).is_in(&values);
            (lazy.astype::<i64>(), plain.mapv(is))
        }
        7 => {
            let sums =
                by_lane(plain, axis, 1, |lane| *lane = vec![lane.iter().sum::<i64>() % 1009]);
            let sum = |lane: ndarray::ArrayView1<'_, i64>| ndarray::array![lane.sum() % 1009];
            (lazy.apply_along_axis(axis, 1, sum), sums)
        }
        8 => {
            let last = plain.ndim() - 1;
            let turned = by_lane(plain, last, plain.shape()[last], |lane| lane.reverse());
            let turn = |parts: &[ndarray::ArrayViewD<'_, i64>]| {
                let mut turned = parts[0].to_owned();
                turned.invert_axis(Axis(0));
                turned
            };
            (Array::apply_gufunc("(i)->(i)", &[lazy], turn), turned)
        }
        9 if plain.ndim() < 3 => {
            let mut shaped = plain.clone();
            if plain.ndim() == 1 {
                shaped.insert_axis_inplace(Axis(0));
            }
            shaped.insert_axis_inplace(Axis(2));
            (lazy.at_least(3), shaped)
        }
        10 => (lazy.push_at_most(axis, 1), by_lane(plain, axis, len, |_| {})),
        _ => return None,
    })
}

/// What a change of each lane makes of so many of its first elements.
fn by_lane(x: &ArrayD<i64>, axis: usize, len: usize, f: impl Fn(&mut Vec<i64>)) -> ArrayD<i64> {
    let mut shape = x.shape().to_vec();
    if let Some(of) = shape.get_mut(axis) {
        *of = len;
    }
    let mut out = ArrayD::zeros(IxDyn(&shape));
    if shape.is_empty() {
        return out;
    }
    for (lane, mut out) in x.lanes(Axis(axis)).into_iter().zip(out.lanes_mut(Axis(axis))) {
        let mut lane = lane.to_vec();
        f(&mut lane);
        out.iter_mut().zip(lane).for_each(|(to, x)| *to = x);
    }
    out
}

fn ndarray_shape(a: &[usize], b: &[usize]) -> Option<IxDyn> {
    let ndim = a.len().max(b.len());
    let of = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(ndim).map_or(1, |axis| shape[axis])
    };
    let axes = (0..ndim).map(|axis| match (of(a, axis), of(b, axis)) {
        (1, len) | (len, 1) => Some(len),
        (a, b) => (a == b).then_some(a),
    });
    axes.collect::<Option<Vec<_>>>()
        .filter(|axes| axes.iter().product::<usize>() < 20_000)
        .map(|axes| IxDyn(&axes))
}

/// The arrays of a program, of which each goes through `seen`, with what they should be.
pub(crate) fn arrays_of(
    choices: &mut Choices,
    mut seen: impl FnMut(Lazy) -> Lazy,
) -> Vec<(Lazy, ArrayD<i64>)> {
    let mut arrays = vec![choices.leaf(), choices.leaf()];
    for _ in 0..2 + choices.below(12) {
        let (x, y) = (choices.below(arrays.len()), choices.below(arrays.len()));
        let x = if choices.below(3) > 0 { arrays.len() - 1 } else { x };
        let next = step(choices, &arrays[x], &arrays[y]);
        arrays.extend(next.map(|(lazy, plain)| (seen(lazy), plain)));
    }
    arrays
}

fn check(seed: u64) {
    let mut choices = Choices(seed);
    let arrays = arrays_of(&mut choices, |lazy| lazy);
    let (last, expected) = arrays.last().unwrap().clone();
    let at = choices.below(arrays.len());
    let (other, other_expected) = arrays[at].clone();
    let floats = last.map_named("tenth", |x| x as f64 * 0.1);
    let (sum, spread) = (floats.sum(), floats.mean());
    let run = |settings: &Settings| {
        settings.compute_many((&last, &other, &sum, &last, &spread)).map(
            |(last, other, sum, again, spread)| {
                assert_eq!(
                    last,
                    expected,
                    "seed {seed}: {last:?} of {:?}",
                    arrays.iter().map(|x| &x.0).collect::<Vec<_>>()
                );
                assert_eq!(other, other_expected, "seed {seed}");
                assert_eq!(again, expected, "seed {seed}");
                (sum.into_scalar().to_bits(), spread.into_scalar().to_bits())
            },
        )
    };
    let free = Settings::new().threads(1);
    let bits = run(&free).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    let mut all = Settings::new().threads(1 + choices.below(7));
    assert_eq!(run(&all).unwrap(), bits, "seed {seed}");
    for pass in Pass::ALL {
        let without = Settings::new().threads(1 + choices.below(7)).without(pass);
        assert_eq!(run(&without).unwrap(), bits, "seed {seed} without {pass:?}");
        if choices.below(2) == 0 {
            all = all.without(pass);
        }
    }
    assert_eq!(run(&all).unwrap(), bits, "seed {seed} without some");
    let peak = free.plan(&last).unwrap().peak_memory();
    for parts in [1, 2, 3, 5, 8] {
        let cap = (peak * parts / 4 + 1).to_string();
        let settings = all.clone().with_memory(&cap).unwrap();
        match run(&settings) {
            Ok(same) => assert_eq!(same, bits, "seed {seed} under {cap}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Memory, "seed {seed}: {error}"),
        }
        let settings = settings.threads(3);
        match settings.compute(&last) {
            Ok(same) => assert_eq!(same, expected, "seed {seed} under {cap}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Memory, "seed {seed}: {error}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn programs_are_what_ndarray_makes(seed in any::<u64>()) {
        check(seed);
    }
}
