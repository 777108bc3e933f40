//! What the crate costs and saves, as ratios of two sides that alternate in one run.
//!
//! ```sh
//! cargo run --release --package tenfold-gpu --example ratios -- elements=16777216 repeat=15
//! ```
//!
//! Answers are checked before anything is timed. Sizes are small where there is no GPU, unless they are said.

#![expect(clippy::print_stdout, reason = "what it measures is what it is for")]

use std::error::Error;
use std::time::{Duration, Instant};

use tenfold_gpu::ndarray::{Array1, Ix1};
use tenfold_gpu::{AdapterKind, Device, DeviceArray, Expr, Graph, Select};

mod raw;

use raw::Raw;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Runs of one time that is taken.
const TOGETHER: usize = 8;

const PATIENCE: Duration = Duration::from_secs(600);

/// What the command line says.
struct Options {
    elements: usize,
    repeat: usize,
    /// How long both sides run before they are timed: a GPU that has idled takes its clocks up meanwhile.
    warm_up: Duration,
}

impl Options {
    /// Sizes that keep a GPU busy; on the processor such as are done at once.
    fn read(kind: AdapterKind) -> Outcome<Self> {
        let (elements, repeat) =
            if kind == AdapterKind::Cpu { (1 << 12, 1) } else { (1 << 24, 15) };
        let warm_up = Duration::from_millis(if kind == AdapterKind::Cpu { 0 } else { 300 });
        let mut options = Self { elements, repeat, warm_up };
        for argument in std::env::args().skip(1) {
            let unknown = || format!("unknown argument `{argument}`");
            let (name, value) = argument.split_once('=').ok_or_else(unknown)?;
            match name {
                "elements" => options.elements = value.parse()?,
                "repeat" => options.repeat = value.parse()?,
                _ => return Err(unknown().into()),
            }
        }
        if options.elements < 16 || options.repeat == 0 {
            return Err("there must be at least 16 elements and 1 repeat".into());
        }
        Ok(options)
    }
}

/// Numbers in order, at least one.
struct Sorted(Vec<f64>);

impl Sorted {
    fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        Self(numbers)
    }

    fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }

    /// Half the distance of the quartiles, as a share of the median.
    fn spread(&self) -> f64 {
        let n = self.0.len();
        (self.0[n * 3 / 4] - self.0[n / 4]) / 2.0 / self.median()
    }
}

/// The times of two sides, each beside that of the other which was taken next to it.
struct Times(Vec<f64>, Vec<f64>);

/// Runs two sides in turn, each once before that at least.
fn alternate(
    Options { repeat, warm_up, .. }: &Options,
    one: &mut dyn FnMut() -> Outcome,
    two: &mut dyn FnMut() -> Outcome,
) -> Outcome<Times> {
    let mut times = Times(vec![], vec![]);
    let time = |side: &mut dyn FnMut() -> Outcome| -> Outcome<f64> {
        let start = Instant::now();
        side()?;
        Ok(start.elapsed().as_secs_f64())
    };
    let start = Instant::now();
    loop {
        time(one)?;
        time(two)?;
        if start.elapsed() >= *warm_up {
            break;
        }
    }
    for round in 0..*repeat {
        // Neither side is always the one that comes after the other.
        if round % 2 == 0 {
            times.0.push(time(one)?);
            times.1.push(time(two)?);
        } else {
            times.1.push(time(two)?);
            times.0.push(time(one)?);
        }
    }
    Ok(times)
}

/// A line: `one / two`, which is to be at most or at least a bound. It is the median of the ratios of neighbours, since
/// clocks of a device go up and down meanwhile, and both of a pair have much the same.
fn report(what: &str, Times(one, two): Times, bound: f64, is_most: bool) {
    let ratios = Sorted::of(one.iter().zip(&two).map(|(one, two)| one / two).collect());
    let (one, two, ratio) = (Sorted::of(one), Sorted::of(two), ratios.median());
    let holds = if is_most { ratio <= bound } else { ratio >= bound };
    println!(
        "{what:<44} {:>9.3} ms ±{:>3.0} % {:>9.3} ms ±{:>3.0} % {ratio:>7.2} ±{:>3.0} % {} {bound} {}",
        one.median() * 1e3,
        one.spread() * 1e2,
        two.median() * 1e3,
        two.spread() * 1e2,
        ratios.spread() * 1e2,
        if is_most { "<=" } else { ">=" },
        if holds { "holds" } else { "MISSED" },
    );
}

/// A device, two arrays on it, and the same two by hand.
struct Bench {
    device: Device,
    x: DeviceArray<f32, Ix1>,
    y: DeviceArray<f32, Ix1>,
    raw: Raw,
    options: Options,
}

/// Three operations that take no time beside that of memory.
fn saxpy(x: &DeviceArray<f32, Ix1>, y: &DeviceArray<f32, Ix1>) -> Expr<f32, Ix1> {
    x * 0.75 + y
}

const SAXPY: &str = "0.75 * x + y";

/// A chain that is longer.
fn chain(x: &DeviceArray<f32, Ix1>, y: &DeviceArray<f32, Ix1>) -> Expr<f32, Ix1> {
    ((x * 2.0 + y) * x - 1.0).abs().sqrt()
}

const CHAIN: &str = "sqrt(abs((x * 2.0 + y) * x - 1.0))";

impl Bench {
    fn new(device: Device, options: Options) -> Outcome<Self> {
        let n = options.elements;
        let of = |f: fn(f32) -> f32| (0..n).map(|i| f((i % 8191) as f32)).collect::<Array1<f32>>();
        let (x, y) = (of(|i| i * 0.37 - 900.0), of(|i| 5.0 - i * 0.11));
        let raw = Raw::new(device.adapter().name(), &x.to_vec(), &y.to_vec())?;
        let (x, y) = (device.upload(&x)?, device.upload(&y)?);
        Ok(Self { device, x, y, raw, options })
    }

    fn wait(&self) -> Outcome {
        Ok(self.device.wait(PATIENCE)?)
    }

    /// An expression against the same text by hand, on wgpu alone.
    fn against_hand(&self, what: &str, expr: &Expr<f32, Ix1>, text: &str) -> Outcome {
        let kernel = self.raw.kernel(text)?;
        let mut out = self.device.zeros(self.options.elements)?;
        self.wait()?;
        expr.eval_into(&mut out)?;
        kernel.run_together(1)?;
        let (ours, theirs) = (out.to_array()?, self.raw.result()?);
        for (i, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            if (ours - theirs).abs() > 1e-5 * theirs.abs() + 1e-3 {
                return Err(format!("{what}: element {i} is {ours}, and {theirs} by hand").into());
            }
        }
        // Several at a time: waking up takes a GPU as long as one of them.
        let mut ours = || {
            (0..TOGETHER).try_for_each(|_| expr.eval_into(&mut out))?;
            self.wait()
        };
        let mut theirs = || kernel.run_together(TOGETHER);
        let times = alternate(&self.options, &mut ours, &mut theirs)?;
        report(what, times, 1.05, true);
        Ok(())
    }

    /// Six operations by six kernels, which read and write 14 arrays, and by one, which does 3: where memory is all
    /// that counts the ratio is 4.67.
    fn fused(&self) -> Outcome {
        let (x, y) = (&self.x, &self.y);
        let apart = || -> Outcome<DeviceArray<f32, Ix1>> {
            let a = (x * 2.0).eval()?;
            let a = (a + y).eval()?;
            let a = (a * x).eval()?;
            let a = (a - 1.0).eval()?;
            let a = a.lazy().abs().eval()?;
            Ok(a.lazy().sqrt().eval()?)
        };
        if apart()?.to_array()? != chain(x, y).eval()?.to_array()? {
            return Err("six kernels and one give different bits".into());
        }
        let mut six = || {
            (0..TOGETHER).try_for_each(|_| apart().map(drop))?;
            self.wait()
        };
        let mut one = || {
            (0..TOGETHER).try_for_each(|_| chain(x, y).eval().map(drop))?;
            self.wait()
        };
        let times = alternate(&self.options, &mut six, &mut one)?;
        report("six operations by six kernels / by one", times, 4.0, false);
        Ok(())
    }

    /// A hundred small kernels, handed over one by one and together.
    fn recorded(&self) -> Outcome {
        const STEPS: usize = 100;
        let small = self.small()?;
        let graph = self.steps(&small, STEPS)?;
        graph.run(1)?;
        let mut wanted = small.to_array()?;
        for _ in 0..STEPS {
            wanted.mapv_inplace(|x| x * 0.5 + 1.0);
        }
        if graph.output().to_array()? != wanted {
            return Err("the recorded steps give other numbers".into());
        }
        let kernel = self.raw.small_kernel("x * 0.5 + 1.0")?;
        let mut ours = || {
            graph.run(1)?;
            self.wait()
        };
        let times = alternate(&self.options, &mut || kernel.run(STEPS), &mut ours)?;
        report("100 submits by hand / 100 recorded", times, 2.0, false);
        Ok(())
    }

    /// What a small kernel of a long recorded graph costs, from handing over to the end.
    fn dispatch(&self) -> Outcome {
        let steps = self.options.elements.min(1000);
        let graph = self.steps(&self.small()?, steps)?;
        graph.run(1)?;
        self.wait()?;
        let mut times = vec![];
        for _ in 0..self.options.repeat {
            let start = Instant::now();
            graph.run(1)?;
            self.wait()?;
            times.push(start.elapsed().as_secs_f64() / steps as f64);
        }
        let times = Sorted::of(times);
        let (median, spread) = (times.median() * 1e6, times.spread() * 1e2);
        let (what, bound) = ("a dispatch of a recorded graph", 5.0);
        let holds = if median <= bound { "holds" } else { "MISSED" };
        println!("{what:<44} {median:>9.3} us ±{spread:>3.0} % <= {bound} {holds}");
        Ok(())
    }

    fn small(&self) -> Outcome<DeviceArray<f32, Ix1>> {
        Ok(self.x.slice(tenfold_gpu::ndarray::s![..16])?.lazy().eval()?)
    }

    /// So many kernels, each of the result of the one before.
    fn steps(
        &self,
        small: &DeviceArray<f32, Ix1>,
        steps: usize,
    ) -> Outcome<Graph<DeviceArray<f32, Ix1>>> {
        Ok(self.device.record(|_| {
            let mut x = small.clone();
            for _ in 0..steps {
                x = (&x * 0.5 + 1.0).eval()?;
            }
            Ok(x)
        })?)
    }

    /// Temporaries and their first use, from wgpu each and from the pool, some at a time and more when these are
    /// gone. The device is waited for after each few, or in the end alone. wgpu cuts its buffers from larger pieces of
    /// the driver's memory, and keeps these.
    fn pooled(&self, what: &str, bytes: usize, waits: bool) -> Outcome {
        // As many as a program has at a time, so many times.
        const ALIVE: usize = 8;
        const TIMES: usize = 5;
        let round = || -> Outcome {
            let new = |_| self.device.zeros::<f32, _>(bytes / 4);
            let all = (0..ALIVE).map(new).collect::<Result<Vec<_>, _>>()?;
            if waits {
                self.wait()?;
            }
            drop(all);
            Ok(())
        };
        let mut fresh = || {
            for _ in 0..TIMES {
                self.device.trim();
                round()?;
            }
            self.wait()
        };
        let mut pooled = || {
            (0..TIMES).try_for_each(|_| round())?;
            self.wait()
        };
        let times = alternate(&self.options, &mut fresh, &mut pooled)?;
        report(what, times, 3.0, false);
        Ok(())
    }
}

fn main() -> Outcome {
    let device = match Device::open(Select::env().allow_software(true)) {
        Ok(device) => device,
        Err(error) => {
            println!("skipped: ratios: {error}");
            return Ok(());
        }
    };
    let options = Options::read(device.adapter().kind())?;
    let bench = Bench::new(device, options)?;
    let adapter = bench.device.adapter();
    println!("{adapter} ({:?}), {}", adapter.kind(), adapter.driver());
    println!("{} elements, {} repeats", bench.options.elements, bench.options.repeat);
    println!("{:<44} {:>18} {:>20} {:>10}", "", "one", "other", "ratio");
    let (x, y) = (&bench.x, &bench.y);
    bench.against_hand("a x + y: crate / wgpu by hand", &saxpy(x, y), SAXPY)?;
    bench.against_hand("six operations: generated / by hand", &chain(x, y), CHAIN)?;
    let fast = chain(x, y).fast();
    bench.against_hand("the same in fast mode", &fast, CHAIN)?;
    bench.fused()?;
    bench.recorded()?;
    bench.dispatch()?;
    for (waits, how) in [(true, "each 8 waited for"), (false, "waited in the end")] {
        bench.pooled(&format!("16 KiB fresh / pooled, {how}"), 16 << 10, waits)?;
        bench.pooled(&format!("4 MiB fresh / pooled, {how}"), 4 << 20, waits)?;
    }
    bench.pooled("as large as the arrays, fresh / pooled", bench.options.elements * 4, true)
}
