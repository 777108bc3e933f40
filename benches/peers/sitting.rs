//! One cell at one size, on buffers of its own: answers first, then rounds.

use anyhow::{Context as _, Result, bail, ensure};
use libloading::Library;
use tenfold_profile::{Scope, Timeit};

use crate::cell::Cell;

/// A cell as every library has it: three inputs, an output, rows and columns.
type Function = unsafe extern "C" fn(*const u8, *const u8, *const u8, *mut u8, usize, usize);

/// Nanoseconds of a sample at least.
const SAMPLE: f64 = 50_000.0;
/// Above this, buffers are out of the caches: a call is a sample, and rounds are fewer.
const LARGE: usize = 16 << 20;

/// The libraries.
#[derive(Debug)]
pub(crate) struct Sides {
    pub(crate) gcc: Library,
    pub(crate) default: Library,
    pub(crate) native: Library,
}

/// The shortest times seen of what measures the machine, for arrays of so many bytes.
#[derive(Debug, Default)]
pub(crate) struct Lowest {
    /// Two arrays read into registers: bytes, nanoseconds.
    pub(crate) load: Vec<(usize, f64)>,
    /// A triad, whoever wrote it.
    pub(crate) triad: Vec<(usize, f64)>,
}

/// What a sitting gave.
#[derive(Debug)]
pub(crate) struct Sitting {
    pub(crate) cell: Cell,
    pub(crate) bytes: usize,
    /// Medians over the rounds: of gcc's time in nanoseconds, ..
    pub(crate) gcc_ns: f64,
    /// .. ours over gcc's with its quartiles, ..
    pub(crate) ratio: [f64; 3],
    /// .. ours over ours with `target-cpu=native`, ..
    pub(crate) over_native: f64,
    /// .. and ours in relation to what the machine can: loads of a dot in the first cache, or the
    /// best triad.
    pub(crate) of_limit: Option<f64>,
}

/// Memory for so many elements, wherever the system puts them.
struct Buffers {
    inputs: [Vec<u64>; 3],
    out: Vec<u64>,
    rows: usize,
    cols: usize,
}

impl Buffers {
    fn new(cell: Cell, bytes: usize) -> Self {
        let (rows, cols) = cell.shape(bytes);
        let fill = |which: usize| {
            let mut words = vec![0_u64; bytes / 8];
            // Between 0.5 and 1.5: prices near each other, and years.
            let value = |i: usize| 0.5 + (i * (7 + 4 * which) % 1009) as f64 / 1009.0;
            for (at, word) in words.iter_mut().enumerate() {
                *word = match cell.size {
                    8 => value(at).to_bits(),
                    _ => pair(value(2 * at), value(2 * at + 1)),
                };
            }
            words
        };
        let inputs = [0, 1, 2].map(|i| if i < cell.reads { fill(i) } else { Vec::new() });
        Self { inputs, out: vec![0; if cell.writes { bytes / 8 } else { 1 }], rows, cols }
    }

    fn call(&mut self, function: Function) {
        let [x, y, z] = self.inputs.each_ref().map(|input| input.as_ptr().cast());
        let out = self.out.as_mut_ptr().cast();
        // SAFETY: the buffers have the elements that the cell of this name reads and writes.
        unsafe { function(x, y, z, out, self.rows, self.cols) };
    }

    /// The answer, as it lies in `out`.
    fn answer(&mut self, function: Function, cell: &Cell) -> Vec<f64> {
        self.out.fill(0);
        self.call(function);
        let mut all = numbers(&self.out, cell.size);
        // A word may hold more than the one result of a dot product.
        all.truncate(if cell.writes { all.len() } else { 1 });
        all
    }

    /// The sum of products of the first two inputs, to the last digits.
    fn dot(&self, size: usize) -> f64 {
        let [x, y, _] = &self.inputs;
        let chunks = x.chunks(4096).zip(y.chunks(4096));
        let sum = |(x, y): (&[u64], &[u64])| {
            let pairs = numbers(x, size).into_iter().zip(numbers(y, size));
            pairs.map(|(x, y)| x * y).sum::<f64>()
        };
        chunks.map(sum).sum()
    }
}

/// What lies in words, in elements of that size.
fn numbers(words: &[u64], size: usize) -> Vec<f64> {
    match size {
        8 => words.iter().map(|word| f64::from_bits(*word)).collect(),
        _ => words.iter().flat_map(|word| unpair(*word)).map(f64::from).collect(),
    }
}

/// Two numbers as they lie in a word.
fn pair(low: f64, high: f64) -> u64 {
    let bits = |x: f64| {
        #[expect(clippy::cast_possible_truncation, reason = "the nearest f32")]
        let single = x as f32;
        single.to_bits().to_le_bytes()
    };
    let ([a, b, c, d], [e, f, g, h]) = (bits(low), bits(high));
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

fn unpair(word: u64) -> [f32; 2] {
    let [a, b, c, d, e, f, g, h] = word.to_le_bytes();
    [[a, b, c, d], [e, f, g, h]].map(f32::from_le_bytes)
}

fn function(library: &Library, name: &str) -> Result<Function> {
    // SAFETY: every function of the libraries has this type.
    let symbol = unsafe { library.get::<Function>(name.as_bytes()) };
    Ok(*symbol.with_context(|| format!("a library has no function `{name}`"))?)
}

/// One sitting of a cell.
pub(crate) fn sit(
    cell: &Cell,
    bytes: usize,
    rounds: usize,
    sides: &Sides,
    lowest: &mut Lowest,
) -> Result<Sitting> {
    let mut buffers = Buffers::new(*cell, bytes);
    let mut functions = vec![
        function(&sides.gcc, cell.name)?,
        function(&sides.default, cell.name)?,
        function(&sides.native, cell.name)?,
    ];
    let mut wanted = buffers.answer(functions[0], cell);
    if !cell.writes {
        // gcc's order of a long sum loses digits that ours keeps.
        let sum = vec![buffers.dot(cell.size)];
        agree(&Cell { tolerance: 0.1, ..*cell }, &sum, &wanted)?;
        wanted = sum;
    }
    for &ours in &functions[1..] {
        agree(cell, &wanted, &buffers.answer(ours, cell))?;
    }
    let is_triad = cell.name == "triad_f64";
    match cell.name {
        "dot_f64" => functions.push(function(&sides.gcc, "load")?),
        "triad_f64" => functions.push(function(&sides.gcc, "stream")?),
        _ => {}
    }
    let rounds = if bytes < LARGE { rounds } else { rounds.min(11) };
    let times = alternate(&mut buffers, &functions, rounds)?;
    let least = |side: usize| times.iter().map(|round| round[side]).fold(f64::INFINITY, f64::min);
    if is_triad {
        let best = (0..functions.len()).map(least).fold(f64::INFINITY, f64::min);
        lowest.triad.push((bytes, best));
    } else if functions.len() > 3 {
        lowest.load.push((bytes, least(3)));
    }
    let of = |value: &dyn Fn(&Vec<f64>) -> f64| quartiles(times.iter().map(value).collect());
    Ok(Sitting {
        cell: *cell,
        bytes,
        gcc_ns: of(&|t| t[0])[1],
        ratio: of(&|t| t[1] / t[0]),
        over_native: of(&|t| t[1] / t[2])[1],
        of_limit: (functions.len() > 3).then(|| of(&|t| t[3] / t[1])[1]),
    })
}

/// Whether two answers are as near as the cell wants.
fn agree(cell: &Cell, wanted: &[f64], got: &[f64]) -> Result<()> {
    ensure!(wanted.len() == got.len(), "{}: {} and {}", cell.name, wanted.len(), got.len());
    let largest = wanted.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    for (at, (wanted, got)) in wanted.iter().zip(got).enumerate() {
        let away = (wanted - got).abs() / largest;
        if away.is_nan() || away > cell.tolerance {
            bail!("{}: element {at} is {got:e}, not {wanted:e}", cell.name);
        }
    }
    Ok(())
}

/// Nanoseconds of a call of each function, in each round: by the clock of the thread, in turns.
fn alternate(
    buffers: &mut Buffers,
    functions: &[Function],
    rounds: usize,
) -> Result<Vec<Vec<f64>>> {
    let timeit = Timeit::new().scope(Scope::Thread);
    let mut time = |side: usize, loops: u64| -> Result<(f64, bool)> {
        let sample = timeit.sample(loops, || buffers.call(functions[side]));
        let ns = sample.cpu_ns().context("this system has no clock for threads")?;
        Ok((ns, sample.is_clean()))
    };
    let first = time(0, 1)?.0.max(1.0);
    let mut loops = 1;
    while (loops as f64) * first < SAMPLE {
        loops *= 2;
    }
    for side in 0..functions.len() {
        time(side, loops)?;
    }
    let (mut all, mut tries) = (Vec::new(), 0);
    while all.len() < rounds {
        let mut times = vec![0.0; functions.len()];
        let mut clean = true;
        // There and back, and each has its turn to be the first.
        for turn in 0..functions.len() {
            let turn = (turn + tries) % functions.len();
            let side = if tries % 2 == 0 { turn } else { functions.len() - 1 - turn };
            let (ns, was_clean) = time(side, loops)?;
            times[side] = ns;
            clean &= was_clean;
        }
        tries += 1;
        // A busy machine disturbs large buffers in every round; the clock is the thread's.
        if clean || tries > 3 * rounds {
            all.push(times);
        }
    }
    Ok(all)
}

/// The lower quartile, the median, the upper quartile.
fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}
