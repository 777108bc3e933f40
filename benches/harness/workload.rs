//! What a workload and a rung are: the whole contract between `ladder/` and the harness.

use std::path::Path;
use std::time::Duration;

/// How large a problem to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// A few milliseconds for the naive rung: for tests and `--smoke`.
    S,
    /// Between `S` and `L`.
    M,
    /// Past the last cache, or seconds of naive work.
    L,
    /// What the course "Python in HPC" uses: the default.
    Course,
}

impl Size {
    /// Every size, smallest first, with the name the command line uses.
    pub const ALL: [(&'static str, Self); 4] =
        [("s", Self::S), ("m", Self::M), ("l", Self::L), ("course", Self::Course)];

    /// The name that the command line uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::S => "s",
            Self::M => "m",
            Self::L => "l",
            Self::Course => "course",
        }
    }
}

/// A computation with several ways to do it.
///
/// One folder in `ladder/`: `mod.rs` implements this trait, and each other file is a rung.
pub trait Workload: Sync {
    /// What a rung is given: one problem, complete.
    type Input: Send + Sync + 'static;
    /// What a rung returns.
    type Output: Send + Sync + 'static;

    /// One lower-case word; the folder's name.
    const NAME: &'static str;
    /// One sentence for `--list` and the report.
    const ABOUT: &'static str;
    /// What an operation is, in the singular: "update", "point", "option".
    const UNIT: &'static str;
    /// Floating-point operations of one [`UNIT`](Self::UNIT), for the roofline; 0 leaves it out.
    const FLOPS: f64 = 0.0;
    /// Bytes that must travel to or from memory for one [`UNIT`](Self::UNIT) when nothing is
    /// cached between sweeps, for the roofline; 0 leaves it out.
    const BYTES: f64 = 0.0;
    /// How far digests of right answers may be apart, in relation to their largest number.
    const DIGEST_TOLERANCE: f64 = 1e-6;
    /// The rungs, lowest first; the first is `naive`.
    const RUNGS: &'static [Rung<Self::Input, Self::Output>];

    /// The problems of a size; usually one.
    fn problems(size: Size) -> Vec<Self::Input>;

    /// The problem's parameters in a few words: "200x200, 200 steps".
    fn label(input: &Self::Input) -> String;

    /// How many operations the naive rung does on this problem.
    fn ops(input: &Self::Input) -> f64;

    /// Compares an answer with the reference. `Ok` holds the largest error, in the measure that
    /// the workload's documentation states.
    ///
    /// # Errors
    /// One sentence that says where and by how much the answer is off.
    fn check(
        input: &Self::Input,
        reference: &Self::Output,
        got: &Self::Output,
    ) -> Result<f64, String>;

    /// A few numbers of an answer, which two right ones share to
    /// [`DIGEST_TOLERANCE`](Self::DIGEST_TOLERANCE): for comparisons with a program that may be of
    /// another language. None: such programs are not looked at.
    fn digest(_output: &Self::Output) -> Vec<f64> {
        Vec::new()
    }

    /// The right answer, where it is known without running `naive` (a published value); the
    /// harness then checks `naive` too, or does without it where it would take forever.
    fn known(_input: &Self::Input) -> Option<Self::Output> {
        None
    }

    /// Reads a problem from a file given by `--input NAME=FILE`.
    ///
    /// # Errors
    /// One sentence that names the file, the line and the column.
    fn read(path: &Path) -> Result<Self::Input, String> {
        Err(format!("{}: {} takes no input file", path.display(), Self::NAME))
    }

    /// What the course itself measured of this problem: whose figure it is, and seconds.
    fn course(_input: &Self::Input) -> &'static [(&'static str, f64)] {
        &[]
    }

    /// A picture of the answer, for workloads that have one.
    fn picture(_input: &Self::Input, _output: &Self::Output) -> Option<Picture> {
        None
    }
}

/// An image of values; the harness scales and colours it.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` values, row by row.
    pub values: Vec<f64>,
}

/// How many cores a rung uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cores {
    /// The calling thread alone.
    One,
    /// All threads of the rayon pool it is called in.
    All,
    /// A device, for which the calling thread waits.
    Device,
}

/// Why a rung does not take a problem; see [`Rung::unless`].
pub type Excuse<I> = fn(&I) -> Option<String>;

/// What is known of a run beside its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The device that computed.
    pub device: String,
    /// How long arrays were on their way there and back.
    pub transfer: Duration,
}

/// Runs a rung a few times, and notes what is to be known of it; see [`Rung::on_device`].
pub type Noter = fn(&dyn Fn()) -> Note;

/// One way to compute a workload. Made by [`rung!`](crate::rung).
#[derive(Debug, Clone, Copy)]
pub struct Rung<I: 'static, O: 'static> {
    /// The file's name, or lower-case words joined by `+`.
    pub name: &'static str,
    /// The file's text, shown in the report.
    pub source: &'static str,
    /// How many cores it uses.
    pub cores: Cores,
    /// The function, or the cargo feature that would have built it.
    pub run: Result<fn(&I) -> O, &'static str>,
    /// Says of a problem why this rung cannot take it.
    pub excuse: Option<Excuse<I>>,
    /// Notes what is to be known of a run beside its time.
    pub noter: Option<Noter>,
}

impl<I, O> Rung<I, O> {
    /// A rung on one core.
    #[must_use]
    pub const fn new(name: &'static str, source: &'static str, run: fn(&I) -> O) -> Self {
        Self { name, source, cores: Cores::One, run: Ok(run), excuse: None, noter: None }
    }

    /// A rung that the build left out because `feature` is off.
    #[must_use]
    pub const fn not_built(
        name: &'static str,
        source: &'static str,
        feature: &'static str,
    ) -> Self {
        Self { name, source, cores: Cores::One, run: Err(feature), excuse: None, noter: None }
    }

    /// The same rung on every core of the pool.
    #[must_use]
    pub const fn on_all_cores(mut self) -> Self {
        self.cores = Cores::All;
        self
    }

    /// The same rung on a device. Its figures are wall times, and `noter` tells, by runs that are not timed, which
    /// device it is and how much of them are transfers.
    #[must_use]
    pub const fn on_device(mut self, noter: Noter) -> Self {
        self.cores = Cores::Device;
        self.noter = Some(noter);
        self
    }

    /// The same rung, which does not take a problem for which `excuse` gives a reason.
    #[must_use]
    pub const fn unless(mut self, excuse: Excuse<I>) -> Self {
        self.excuse = Some(excuse);
        self
    }
}

/// Registers the rung of the module of that name: `rung!(tuned)`. The module has one function
/// `pub(super) fn run(input: &Input) -> Output`.
///
/// `rung!(kernel_threads, named = "kernel+threads")` gives it a name that no module can have;
/// `rung!(linalg, feature = "linalg")` registers one that only that cargo feature builds;
/// `rung!(gpu, feature = "gpu", on_device = device::note, unless = device::missing)` calls these methods of it, of which
/// nothing needs to exist without the feature.
#[macro_export]
macro_rules! rung {
    ($name:ident) => {
        $crate::rung!($name, named = stringify!($name))
    };
    ($name:ident, named = $text:expr) => {
        $crate::Rung::new($text, include_str!(concat!(stringify!($name), ".rs")), $name::run)
    };
    ($name:ident, feature = $feature:literal $(, $method:ident = $value:expr)*) => {{
        #[cfg(feature = $feature)]
        {
            $crate::rung!($name)$(.$method($value))*
        }
        #[cfg(not(feature = $feature))]
        {
            $crate::Rung::not_built(
                stringify!($name),
                include_str!(concat!(stringify!($name), ".rs")),
                $feature,
            )
        }
    }};
}
