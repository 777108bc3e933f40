//! Fourier transforms against NumPy's, which `golden/fft.py` recorded, and against their definition.

use std::collections::BTreeMap;
use std::f64::consts::PI;

use ndarray::{Array2, Array3, ArrayD, Axis, Dimension, IxDyn, s};
use num_complex::{Complex32, Complex64};
use proptest::prelude::*;
use tenfold_array::{Array, Element, ErrorKind, FftNorm, FourierReal, Random, Settings};

const NORMS: [(FftNorm, &str); 3] =
    [(FftNorm::Backward, "backward"), (FftNorm::Ortho, "ortho"), (FftNorm::Forward, "forward")];

/// The recorded cases that nobody has looked at yet.
struct Golden(BTreeMap<&'static str, ArrayD<Complex64>>);

impl Golden {
    fn read() -> Self {
        let lines = include_str!("golden/fft.txt").lines().filter(|line| !line.starts_with('#'));
        let number = |word: &str| word.parse::<f64>().unwrap();
        let cases = lines.map(|line| {
            let mut words = line.split(' ');
            let (name, shape) = (words.next().unwrap(), words.next().unwrap());
            let shape: Vec<usize> = shape.split('x').map(|len| len.parse().unwrap()).collect();
            let elements = words.map(|word| match word.split_once(',') {
                Some((re, im)) => Complex64::new(number(re), number(im)),
                None => number(word).into(),
            });
            (name, ArrayD::from_shape_vec(shape, elements.collect()).unwrap())
        });
        Self(cases.collect())
    }

    #[track_caller]
    fn near<T: Element + Into<Complex64>, D: Dimension>(&mut self, name: &str, x: Array<T, D>) {
        let golden = self.0.remove(name).unwrap_or_else(|| panic!("no case {name}"));
        let x = x.compute().unwrap().into_dyn().mapv(T::into);
        assert!(off(&x, &golden) < 1e-15, "{name}: {x} but {golden}");
    }
}

/// How far two arrays are apart at most, in terms of their norm.
fn off(a: &ArrayD<Complex64>, b: &ArrayD<Complex64>) -> f64 {
    assert_eq!(a.shape(), b.shape());
    let norm = b.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
    let most = a.iter().zip(b).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
    if most == 0.0 { 0.0 } else { most / norm }
}

fn x() -> Array2<f64> {
    Array2::from_shape_fn((4, 6), |(i, j)| ((6 * i + j) * 7 % 11) as f64 / 2.0 - 2.0)
}

fn z() -> Array2<Complex64> {
    let y = |(i, j)| ((6 * i + j) * 5 % 13) as f64 / 4.0 - 1.5;
    let z = Array2::from_shape_fn((4, 6), |at| Complex64::new(0.0, y(at)));
    z + x().mapv(Complex64::from)
}

fn cube() -> Array3<f64> {
    Array3::from_shape_fn((3, 4, 5), |(i, j, k)| {
        ((20 * i + 5 * j + k) * 17 % 23) as f64 / 4.0 - 2.75
    })
}

#[test]
fn numpys_transforms() {
    let mut golden = Golden::read();
    let (x, z) = (Array::from_ndarray(x(), [2, 4]), Array::from_ndarray(z(), [3, 4]));
    let cube = Array::from_ndarray(cube(), 2);
    for (norm, name) in NORMS {
        for axis in [0, 1] {
            for n in [None, Some(1), Some(3), Some(8), Some(9)] {
                let case = format!("{axis}_{}_{name}", n.unwrap_or(0));
                golden.near(&format!("fft_{case}"), z.fft(axis, n, norm));
                golden.near(&format!("ifft_{case}"), z.ifft(axis, n, norm));
                golden.near(&format!("irfft_{case}"), z.irfft(axis, n, norm));
                golden.near(&format!("hfft_{case}"), z.hfft(axis, n, norm));
                golden.near(&format!("real_fft_{case}"), x.fft(axis, n, norm));
                golden.near(&format!("real_rfft_{case}"), x.rfft(axis, n, norm));
                golden.near(&format!("real_ihfft_{case}"), x.ihfft(axis, n, norm));
            }
        }
        golden.near(&format!("fft2_{name}"), z.fft2(&[], norm));
        golden.near(&format!("ifft2_{name}"), z.ifft2(&[], norm));
        golden.near(&format!("irfft2_{name}"), z.irfft2(&[], norm));
        golden.near(&format!("fft2_3x7_{name}"), z.fft2(&[3, 7], norm));
        golden.near(&format!("ifft2_3x7_{name}"), z.ifft2(&[3, 7], norm));
        golden.near(&format!("irfft2_3x7_{name}"), z.irfft2(&[3, 7], norm));
        golden.near(&format!("rfft2_{name}"), x.rfft2(&[], norm));
        let (axes, lens) = (&[2, 0, 1], &[2, 5, 4]);
        golden.near(&format!("fftn_{name}"), cube.fftn(axes, lens, norm));
        golden.near(&format!("ifftn_{name}"), cube.ifftn(axes, lens, norm));
        golden.near(&format!("rfftn_{name}"), cube.rfftn(axes, lens, norm));
        golden.near(&format!("irfftn_{name}"), cube.irfftn(axes, lens, norm));
    }
    for n in [1, 2, 3, 4, 9] {
        golden.near(&format!("fftfreq_{n}"), Array::fftfreq(n, 0.1, 2));
        golden.near(&format!("rfftfreq_{n}"), Array::rfftfreq(n, 0.1, 2));
    }
    golden.near("fftshift", cube.fftshift(&[0, 1, 2]));
    golden.near("ifftshift", cube.ifftshift(&[0, 2]));
    assert!(golden.0.is_empty(), "nobody looked at {:?}", golden.0.keys());
}

/// A transform by its definition, of lanes cut or filled up to `n`.
fn defined(x: &ArrayD<Complex64>, axis: usize, n: usize, sign: f64) -> ArrayD<Complex64> {
    let mut shape = x.shape().to_vec();
    shape[axis] = n;
    let mut out = ArrayD::zeros(shape);
    for (lane, mut out) in x.lanes(Axis(axis)).into_iter().zip(out.lanes_mut(Axis(axis))) {
        for (k, out) in out.iter_mut().enumerate() {
            let turn = |j: usize| Complex64::cis(sign * 2.0 * PI * ((j * k) % n) as f64 / n as f64);
            *out = lane.iter().take(n).enumerate().map(|(j, x)| x * turn(j)).sum();
        }
    }
    out
}

fn complex(shape: &[usize], seed: u64) -> Array<Complex64, IxDyn> {
    let mut random = Random::new(seed);
    let [re, im] = [0, 1].map(|_| random.standard_normal::<f64, _>(IxDyn(shape), 3));
    re.astype::<Complex64>() + im.astype::<Complex64>() * Complex64::I
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn transforms_are_what_they_are_defined_as(
        shape in prop::collection::vec(1..40_usize, 1..4),
        axis in 0..3_usize,
        n in prop::option::of(1..60_usize),
        cut in 1..20_usize,
        seed in any::<u64>(),
    ) {
        let shape: Vec<usize> = shape.iter().zip([40, 12, 5]).map(|(len, most)| len % most + 1).collect();
        let axis = axis % shape.len();
        let z = complex(&shape, seed);
        let plain = z.compute().unwrap();
        let len = n.unwrap_or(shape[axis]);
        let lazy = z.rechunk(cut).fft(axis, n, FftNorm::Backward).compute().unwrap();
        prop_assert!(off(&lazy, &defined(&plain, axis, len, -1.0)) < 1e-14);
        let lazy = z.rechunk(cut).ifft(axis, n, FftNorm::Forward).compute().unwrap();
        prop_assert!(off(&lazy, &defined(&plain, axis, len, 1.0)) < 1e-14);
        let (x, real) = (z.real(), plain.mapv(|z| z.re.into()));
        let mut half = defined(&real, axis, len, -1.0);
        half.slice_axis_inplace(Axis(axis), (0..=len / 2).into());
        let lazy = x.rechunk(cut).rfft(axis, n, FftNorm::Backward);
        prop_assert!(off(&lazy.compute().unwrap(), &half) < 1e-14);
        let back = lazy.rechunk(cut).irfft(axis, len, FftNorm::Backward);
        let same = x.fft(axis, n, FftNorm::Backward).ifft(axis, None, FftNorm::Backward);
        let back = back.compute().unwrap().mapv(Complex64::from);
        prop_assert!(off(&back, &same.compute().unwrap()) < 1e-14);
    }
}

/// All that transforms make of an array. A float is printed so that it is told from all others.
fn all<T: FourierReal>(x: &Array<T, IxDyn>, settings: &Settings) -> Vec<String> {
    let norm = FftNorm::Ortho;
    let of = |z: Array<T::Complex, _>| {
        settings.compute(&z).unwrap().iter().map(|z| format!("{z:?}")).collect::<Vec<_>>()
    };
    let mut all = of(x.fft(0, None, norm));
    all.extend(of(x.ifft(1, 7, norm)));
    all.extend(of(x.rfft(1, None, norm)));
    all.extend(of(x.fftn(&[0, 1], &[], norm)));
    let real = settings.compute(&x.hfft(0, 5, norm)).unwrap();
    all.extend(real.iter().map(|x| format!("{x:?}")));
    all
}

#[test]
fn bits_depend_on_nothing_but_elements() {
    for shape in [[1, 9], [2, 5], [3, 4], [6, 7], [8, 31], [13, 12]] {
        let normal = Random::new(7).standard_normal::<f64, _>(IxDyn(&shape), 100);
        let single = normal.astype::<f32>();
        let alone = Settings::new().threads(1);
        let expected = (all(&normal, &alone), all(&single, &alone));
        for (cut, threads) in [(1, 2), (2, 1), (3, 3), (5, 2)] {
            let settings = Settings::new().threads(threads);
            let cut = (normal.rechunk(cut), single.rechunk(cut));
            assert_eq!((all(&cut.0, &settings), all(&cut.1, &settings)), expected, "{shape:?}");
        }
    }
}

#[test]
fn single_precision_is_as_precise() {
    let z = complex(&[30, 64], 3);
    let single = z.astype::<Complex32>().fft2(&[], FftNorm::Backward).astype::<Complex64>();
    let double = z.fft2(&[], FftNorm::Backward);
    assert!(off(&single.compute().unwrap(), &double.compute().unwrap()) < 1e-7);
}

/// 4 MiB are transformed along both axes under a cap of 3, put aside on disk between.
#[test]
fn what_memory_has_no_room_for_is_put_aside() {
    let x = Random::new(1).standard_normal::<f64, _>([512, 512], 64);
    let power = x.fft2(&[], FftNorm::Ortho).abs().square().sum();
    let settings = Settings::new().threads(2);
    let least = settings.memory(3 << 20).plan(&power).unwrap().minimum_memory();
    assert!(least <= 3 << 20, "{least}");
    let capped = Settings::new().threads(2).memory(3 << 20).compute(&power).unwrap();
    assert_eq!(capped, Settings::new().compute(&power).unwrap());
    let sum = (&x * &x).sum().compute().unwrap().into_scalar();
    assert!((capped.into_scalar() / sum - 1.0).abs() < 1e-12);
}

#[test]
fn arrays_without_elements() {
    let none = Array::<f64, _>::zeros([0, 4], 2);
    assert_eq!(none.fft(1, None, FftNorm::Backward).compute().unwrap().shape(), [0, 4]);
    assert_eq!(
        none.fft(0, 3, FftNorm::Backward).compute().unwrap(),
        Array2::<Complex64>::zeros([3, 4])
    );
    let error = none.rfft(0, None, FftNorm::Backward).compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Value);
    assert!(error.to_string().contains("axis 0 has 0 elements"), "{error}");
}

#[test]
fn what_cannot_be_transformed_is_an_error() {
    let x = Array::<f64, _>::ones([4, 1], 2);
    let kind = |error: tenfold_array::Error| (error.kind(), error.location().unwrap().file());
    let here = file!();
    let of = |x: Array<Complex64, _>| kind(x.compute().unwrap_err());
    assert_eq!(of(x.fft(2, None, FftNorm::Backward)), (ErrorKind::Axis, here));
    assert_eq!(of(x.ihfft(0, 0, FftNorm::Backward)), (ErrorKind::Value, here));
    assert_eq!(of(x.fftn(&[], &[], FftNorm::Backward)), (ErrorKind::Axis, here));
    assert_eq!(of(x.ifftn(&[1, 1], &[], FftNorm::Backward)), (ErrorKind::Axis, here));
    assert_eq!(of(x.rfftn(&[0, 1], &[4], FftNorm::Backward)), (ErrorKind::Value, here));
    let real = |x: Array<f64, _>| kind(x.compute().unwrap_err());
    assert_eq!(real(x.irfft(1, None, FftNorm::Backward)), (ErrorKind::Value, here));
    assert_eq!(real(x.irfftn(&[], &[], FftNorm::Backward)), (ErrorKind::Axis, here));
    let of_any = Array::<f64, _>::ones(IxDyn(&[4, 4]), 2).fftn(&[0, 1], &[4, 0], FftNorm::Backward);
    assert_eq!(kind(of_any.compute().unwrap_err()), (ErrorKind::Value, here));
    let line = Array::<f64, _>::ones([4], 2);
    assert_eq!(kind(line.fft2(&[], FftNorm::Backward).compute().unwrap_err()).0, ErrorKind::Axis);
    assert_eq!(kind(Array::fftfreq(0, 1.0, 1).compute().unwrap_err()).0, ErrorKind::Value);
    assert_eq!(kind(line.fftshift(&[1]).compute().unwrap_err()).0, ErrorKind::Axis);
    let huge = Array::<f64, _>::ones([4], 2).fft(0, usize::MAX / 8, FftNorm::Backward);
    assert!(huge.compute().is_err());
}

/// A transform is made where it goes to, if that lies as it does: or put there.
#[test]
fn transforms_go_to_memory_of_any_layout() {
    let x = Array2::from_shape_fn((30, 24), |(i, j)| {
        Complex64::new(((i * 31 + j * 17) % 101) as f64, ((i * 7 + j * 3) % 67) as f64)
    });
    let lazy = Array::from_ndarray(x, [7, 24]);
    for axis in [0, 1] {
        for x in [
            lazy.clone(),
            lazy.slice(s![3..17, ..]),
            lazy.slice(s![..;-2, 2..;3]),
            &lazy + Complex64::ONE,
        ] {
            let y = x.fft(axis, None, FftNorm::Ortho);
            let expected = y.compute().unwrap();
            for threads in [1, 3] {
                let settings = Settings::new().threads(threads);
                let (rows, cols) = expected.dim();
                let mut out = Array2::zeros((rows, cols));
                settings.compute_into(&y, &mut out).unwrap();
                assert_eq!(out, expected);
                let mut out = Array2::zeros((2 * rows, 2 * cols));
                settings.compute_into(&y, out.slice_mut(s![..;2, ..;-2])).unwrap();
                assert_eq!(out.slice(s![..;2, ..;-2]), expected);
                let mut out = Array2::zeros((cols, rows));
                settings.compute_into(&y, out.view_mut().reversed_axes()).unwrap();
                assert_eq!(out.t(), expected);
            }
            // Parts of lanes.
            let part = y.slice(s![1..5, 2..7]).compute().unwrap();
            assert_eq!(part, expected.slice(s![1..5, 2..7]));
            let cut = y.rechunk([5, 5]).compute().unwrap();
            assert_eq!(cut, expected);
        }
    }
}
