//! How fast the algorithms are: each is checked, and then timed over many runs.
//!
//! ```sh
//! cargo run --release --package tenfold-gpu --example throughput -- elements=268435456 side=4096
//! ```
//!
//! `only=sort` runs those whose names begin so. Sizes are small where there is no GPU, unless they are said.

#![expect(clippy::print_stdout, reason = "what it measures is what it is for")]

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use tenfold_gpu::ndarray::{Array1, Array2, Axis, s};
use tenfold_gpu::{AdapterKind, Device, Feature, Formula, OnDevice as _, Philox, Select};
use tenfold_kernel::kernel;

type Outcome = Result<(), Box<dyn Error>>;

/// What the command line says.
struct Options {
    elements: usize,
    side: usize,
    repeat: usize,
    only: String,
    /// The processor has nothing to take up.
    warm_up: Duration,
}

impl Options {
    /// Sizes that keep a GPU busy; on the processor such as are done at once.
    fn read(kind: AdapterKind) -> Result<Self, Box<dyn Error>> {
        let (elements, side, repeat) = match kind {
            AdapterKind::Cpu => (1 << 12, 64, 1),
            _ => (1 << 24, 1024, 10),
        };
        let warm_up = Duration::from_millis(if kind == AdapterKind::Cpu { 0 } else { 300 });
        let mut options = Self { elements, side, repeat, only: String::new(), warm_up };
        for argument in std::env::args().skip(1) {
            let unknown = || format!("unknown argument `{argument}`");
            let (name, value) = argument.split_once('=').ok_or_else(unknown)?;
            match name {
                "elements" => options.elements = value.parse()?,
                "side" => options.side = value.parse()?,
                "repeat" => options.repeat = value.parse()?,
                "only" => value.clone_into(&mut options.only),
                _ => return Err(unknown().into()),
            }
        }
        if options.elements == 0 || options.side == 0 || options.repeat == 0 {
            return Err("sizes and repeats must be at least 1".into());
        }
        Ok(options)
    }
}

/// What checks and times an algorithm.
type Part = fn(&Bench) -> Outcome;

/// A device, and what is to be done on it.
struct Bench {
    device: Device,
    options: Options,
}

impl Bench {
    /// Seconds of a run, by the clock on the wall and by that of the device: the best of three times so
    /// many, after one that compiles, and as many as take the device's clocks up where it has idled.
    fn time(
        &self,
        mut run: impl FnMut() -> tenfold_gpu::Result<()>,
    ) -> Result<(f64, f64), Box<dyn Error>> {
        let patience = Duration::from_secs(600);
        run()?;
        self.device.wait(patience)?;
        let mut best = (f64::INFINITY, f64::INFINITY);
        let repeat = self.options.repeat;
        let mut all = || (0..repeat).try_for_each(|_| run());
        let start = Instant::now();
        while start.elapsed() < self.options.warm_up {
            all()?;
            self.device.wait(patience)?;
        }
        for _ in 0..3 {
            let start = Instant::now();
            all()?;
            self.device.wait(patience)?;
            let wall = start.elapsed();
            let device = match self.device.has(Feature::Timestamps) {
                true => self.device.time(&mut all)?.1,
                false => wall,
            };
            let each = |time: Duration| time.as_secs_f64() / repeat as f64;
            best = (best.0.min(each(wall)), best.1.min(each(device)));
        }
        Ok(best)
    }

    /// Times what has been checked, and tells of it; `amount` of `unit` are dealt with in a run.
    fn line(
        &self,
        name: &str,
        amount: f64,
        unit: &str,
        run: impl FnMut() -> tenfold_gpu::Result<()>,
    ) -> Outcome {
        let (wall, device) = self.time(run)?;
        let rate = amount / device / 1e9;
        let (wall, device) = (wall * 1e6, device * 1e6);
        println!("{name:28} wall {wall:12.2} us  device {device:12.2} us  {rate:12.2} G{unit}/s");
        Ok(())
    }

    fn wants(&self, name: &str) -> bool {
        name.starts_with(&self.options.only)
    }
}

fn main() -> Outcome {
    let device = match Device::open(Select::env().allow_software(true)) {
        Ok(device) => device,
        Err(error) => {
            println!("skipped: throughput: {error}");
            return Ok(());
        }
    };
    let options = Options::read(device.adapter().kind())?;
    println!("{}", device.adapter());
    println!("elements {}, side {}, repeat {}", options.elements, options.side, options.repeat);
    let bench = Bench { device, options };
    let parts: [(&str, Part); 9] = [
        ("copy", copy),
        ("saxpy", elementwise),
        ("divide", divide),
        ("reduce", reduce),
        ("matmul", matmul),
        ("scan", scan),
        ("sort", sort),
        ("random", random),
        ("take", take),
    ];
    for (name, part) in parts {
        if bench.wants(name) {
            part(&bench)?;
        }
    }
    Ok(())
}

/// Mixed bits of an index.
fn mixed(i: usize) -> u32 {
    let z = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (z >> 32) as u32
}

fn checked(is_right: bool, what: &str) -> Outcome {
    if is_right { Ok(()) } else { Err(format!("{what} gave a wrong answer").into()) }
}

/// Whole numbers of four bits, of which all sums in this example are exact.
fn small(n: usize) -> Array1<f32> {
    Array1::from_iter((0..n).map(|i| (mixed(i) >> 28) as f32))
}

/// What the memory gives: as much is read as is written.
fn copy(bench: &Bench) -> Outcome {
    let x = bench.device.upload(&small(bench.options.elements))?;
    let bytes = 8.0 * x.len() as f64;
    bench.line("copy f32", bytes, "B", || {
        drop(black_box(x.memory_copy()?));
        Ok(())
    })?;
    // The driver's own copy is not what a kernel can do.
    bench.line("copy f32 by a kernel", bytes, "B", || {
        drop(black_box(x.lazy().eval()?));
        Ok(())
    })
}

#[kernel]
fn saxpy(a: f32, x: f32, y: f32) -> f32 {
    a * x + y
}

fn elementwise(bench: &Bench) -> Outcome {
    let host = small(bench.options.elements);
    let x = bench.device.upload(&host)?;
    let y = bench.device.upload(&host)?;
    let (precise, fast) = (saxpy::on(&bench.device), saxpy::on(&bench.device).fast());
    for (name, saxpy) in [("saxpy f32", &precise), ("saxpy f32 fast", &fast)] {
        checked(saxpy.map((2.0, &x, &y))?.to_array()? == 3.0 * &host, name)?;
        bench.line(name, 12.0 * x.len() as f64, "B", || {
            drop(black_box(saxpy.map((2.0, &x, &y))?));
            Ok(())
        })?;
    }
    Ok(())
}

/// Quotients and roots, which cost more where they are rounded rightly: beside them those by division of f64.
fn divide(bench: &Bench) -> Outcome {
    let host = small(bench.options.elements) + 1.0;
    let (x, y) = (bench.device.upload(&host)?, bench.device.upload(&(&host * 3.0))?);
    let wide = Formula::<(f32, f32), f32>::new(["x", "y"], "f32(f64(x) / f64(y))")?;
    let wide_root = Formula::<(f32,), f32>::new(["x"], "f32(sqrt(f64(x)))")?;
    let (quotient, root) = (&x / &y, x.lazy().sqrt());
    checked(quotient.eval()?.to_array()?.iter().all(|&q| q == 1.0 / 3.0), "dividing")?;
    checked(root.eval()?.to_array()? == host.mapv(f32::sqrt), "roots")?;
    let bytes = 4.0 * x.len() as f64;
    for (name, expr, arrays) in [
        ("divide f32", quotient.clone(), 3.0),
        ("divide f32 fast", quotient.fast(), 3.0),
        ("divide f32 by f64", wide.of((&x, &y)), 3.0),
        ("divide root f32", root.clone(), 2.0),
        ("divide root f32 fast", root.fast(), 2.0),
        ("divide root f32 by f64", wide_root.of((&x,)), 2.0),
    ] {
        if name.ends_with("by f64") && !bench.device.has(Feature::F64) {
            continue;
        }
        bench.line(name, arrays * bytes, "B", || {
            drop(black_box(expr.eval()?));
            Ok(())
        })?;
    }
    Ok(())
}

#[kernel(reduce(sum))]
fn dot(x: f32, y: f32) -> f32 {
    x * y
}

fn reduce(bench: &Bench) -> Outcome {
    let n = bench.options.elements;
    let host = small(n);
    let x = bench.device.upload(&host)?;
    let sum: f64 = host.iter().copied().map(f64::from).sum();
    // Above 2^24 not every whole number is an f32.
    let is_near = |x: f32, sum: f64| (f64::from(x) - sum).abs() <= 1e-6 * sum;
    checked(is_near(x.sum()?, sum), "the sum")?;
    let most = host.iter().copied().fold(0.0, f32::max);
    let at = host.iter().position(|&x| x == most);
    checked(x.max()? == most && Some(x.argmax()?) == at, "the largest element")?;
    let bytes = 4.0 * n as f64;
    bench.line("reduce sum f32", bytes, "B", || {
        drop(black_box(x.sum_axis(Axis(0))?));
        Ok(())
    })?;
    bench.line("reduce max f32", bytes, "B", || {
        drop(black_box(x.max_axis(Axis(0))?));
        Ok(())
    })?;
    bench.line("reduce argmax f32", bytes, "B", || {
        drop(black_box(x.argmax_axis(Axis(0))?));
        Ok(())
    })?;
    let y = bench.device.upload(&host)?;
    let squares: f64 = host.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    let dot = dot::on(&bench.device);
    checked(is_near(dot.reduce((&x, &y))?, squares), "the sum of products")?;
    bench.line("reduce kernel dot f32", 2.0 * bytes, "B", || {
        drop(black_box(dot.reduce_axis(Axis(0), (&x, &y))?));
        Ok(())
    })?;
    drop(y);
    // Rows and columns of a matrix.
    let columns = 1024.min(n);
    let rows = n / columns;
    let matrix = x.slice(s![..rows * columns])?.reshape((rows, columns))?;
    let host = host.slice_move(s![..rows * columns]);
    let host = host.into_shape_with_order((rows, columns))?;
    let bytes = 4.0 * (rows * columns) as f64;
    for (axis, name) in [(0, "reduce sum columns f32"), (1, "reduce sum rows f32")] {
        let expected = host.mapv(f64::from).sum_axis(Axis(axis));
        let got = matrix.sum_axis(Axis(axis))?.to_array()?;
        checked(got.iter().zip(&expected).all(|(&a, &b)| is_near(a, b)), name)?;
        bench.line(name, bytes, "B", || {
            drop(black_box(matrix.sum_axis(Axis(axis))?));
            Ok(())
        })?;
    }
    if bench.device.has(Feature::F64) {
        let n = n / 2;
        let host = Array1::from_iter((0..n).map(|i| f64::from(mixed(i) >> 28)));
        let x = bench.device.upload(&host)?;
        checked(x.sum()? == host.sum(), "the sum of f64")?;
        bench.line("reduce sum f64", 8.0 * n as f64, "B", || {
            drop(black_box(x.sum_axis(Axis(0))?));
            Ok(())
        })?;
    }
    Ok(())
}

fn matmul(bench: &Bench) -> Outcome {
    let n = bench.options.side;
    let matrix = |seed: usize| {
        Array2::from_shape_fn((n, n), |(i, j)| (mixed(seed + i * n + j) >> 29) as f32)
    };
    let (a, b) = (matrix(0), matrix(n * n));
    let (x, y) = (bench.device.upload(&a)?, bench.device.upload(&b)?);
    for (name, x, y) in [
        ("matmul f32", x.clone(), y.clone()),
        ("matmul f32 transposed left", bench.device.upload(&a.t())?.t(), y.clone()),
        ("matmul f32 transposed right", x, bench.device.upload(&b.t())?.t()),
    ] {
        let product = x.matmul(&y)?.to_array()?;
        for k in 0..200 {
            let (i, j) = (mixed(k) as usize % n, mixed(k + 1000) as usize % n);
            checked(product[[i, j]] == a.row(i).dot(&b.column(j)), name)?;
        }
        bench.line(name, 2.0 * (n as f64).powi(3), "FLOP", || {
            drop(black_box(x.matmul(&y)?));
            Ok(())
        })?;
    }
    if bench.device.has(Feature::F64) {
        let (a, b) = (a.mapv(f64::from), b.mapv(f64::from));
        let (x, y) = (bench.device.upload(&a)?, bench.device.upload(&b)?);
        let product = x.matmul(&y)?.to_array()?;
        checked(product[[0, n - 1]] == a.row(0).dot(&b.column(n - 1)), "matmul f64")?;
        bench.line("matmul f64", 2.0 * (n as f64).powi(3), "FLOP", || {
            drop(black_box(x.matmul(&y)?));
            Ok(())
        })?;
    }
    Ok(())
}

fn scan(bench: &Bench) -> Outcome {
    let n = bench.options.elements;
    let host = Array1::from_iter((0..n).map(mixed));
    let x = bench.device.upload(&host)?;
    let sums = x.cumsum(Axis(0))?.to_array()?;
    let mut sum = 0_u32;
    let is_right = host.iter().zip(&sums).all(|(&x, &given)| {
        sum = sum.wrapping_add(x);
        sum == given
    });
    checked(is_right, "the running sum")?;
    bench.line("scan u32", n as f64, "elem", || {
        drop(black_box(x.cumsum(Axis(0))?));
        Ok(())
    })?;
    let x = bench.device.upload(&small(n))?;
    bench.line("scan f32", n as f64, "elem", || {
        drop(black_box(x.cumsum(Axis(0))?));
        Ok(())
    })
}

fn sort(bench: &Bench) -> Outcome {
    let n = bench.options.elements;
    let host = Array1::from_iter((0..n).map(mixed));
    let x = bench.device.upload(&host)?;
    let mut sorted = host.to_vec();
    sorted.sort_unstable();
    checked(x.sort(Axis(0))?.to_array()?.as_slice() == Some(&sorted[..]), "sorting u32")?;
    bench.line("sort u32", n as f64, "elem", || {
        drop(black_box(x.sort(Axis(0))?));
        Ok(())
    })?;
    let places = x.argsort(Axis(0))?.to_array()?;
    let is_right = places.iter().zip(&sorted).all(|(&at, &x)| host[at as usize] == x);
    checked(is_right, "places of u32")?;
    bench.line("sort places u32", n as f64, "elem", || {
        drop(black_box(x.argsort(Axis(0))?));
        Ok(())
    })?;
    let host = host.mapv(|x| x as f32 - 2e9);
    let x = bench.device.upload(&host)?;
    let got = x.sort(Axis(0))?.to_array()?;
    checked(got.windows(2).into_iter().all(|two| two[0] <= two[1]), "sorting f32")?;
    bench.line("sort f32", n as f64, "elem", || {
        drop(black_box(x.sort(Axis(0))?));
        Ok(())
    })
}

fn random(bench: &Bench) -> Outcome {
    let (n, device, philox) = (bench.options.elements, &bench.device, Philox::new(42));
    let drawn = device.random::<f32, _>(philox, n)?.to_array()?;
    let numbers = philox.random::<f32>();
    checked((0..1000.min(n)).all(|i| drawn[i] == numbers.get(i as u64)), "random numbers")?;
    bench.line("random f32", 4.0 * n as f64, "B", || {
        drop(black_box(device.random::<f32, _>(philox, n)?));
        Ok(())
    })?;
    bench.line("random normal f32", 4.0 * n as f64, "B", || {
        drop(black_box(device.standard_normal::<f32, _>(philox, n)?));
        Ok(())
    })
}

fn take(bench: &Bench) -> Outcome {
    let (n, device) = (bench.options.elements, &bench.device);
    let most = u32::try_from(n)?;
    let places = Array1::from_iter((0..n).map(|i| mixed(i) % most));
    let x = device.upload(&Array1::from_iter((0..n).map(mixed)))?;
    let on_device = device.upload(&places)?;
    let taken = x.take(Axis(0), &on_device)?.to_array()?;
    checked(taken.iter().zip(&places).all(|(&x, &i)| x == mixed(i as usize)), "taking")?;
    // Each call reads back whether all places are inside, so that it cannot be timed by the device alone.
    let (start, repeat) = (Instant::now(), bench.options.repeat);
    for _ in 0..repeat {
        drop(black_box(x.take(Axis(0), &on_device)?));
    }
    device.wait(Duration::from_secs(600))?;
    let wall = start.elapsed().as_secs_f64() / repeat as f64;
    println!(
        "{:28} wall {:12.2} us {:12.2} Gelem/s",
        "take u32",
        wall * 1e6,
        n as f64 / wall / 1e9
    );
    Ok(())
}
