//! A workload with its types forgotten, so that the harness can hold them all in one list.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use tenfold_profile::{Sample, Timeit};

use crate::workload::{Cores, Note, Picture, Size, Workload};

/// A [`Workload`] as the harness sees it.
pub trait AnyWorkload: Sync {
    /// [`Workload::NAME`].
    fn name(&self) -> &'static str;
    /// [`Workload::ABOUT`].
    fn about(&self) -> &'static str;
    /// [`Workload::UNIT`].
    fn unit(&self) -> &'static str;
    /// [`Workload::FLOPS`].
    fn flops(&self) -> f64;
    /// [`Workload::BYTES`].
    fn bytes(&self) -> f64;
    /// [`Workload::DIGEST_TOLERANCE`].
    fn digest_tolerance(&self) -> f64;
    /// The rungs, lowest first.
    fn rungs(&self) -> Vec<RungInfo>;
    /// Draws the problems of a size.
    fn problems(&self, size: Size) -> Vec<Box<dyn AnyProblem>>;
    /// Reads one problem from a file.
    ///
    /// # Errors
    /// One sentence that names the file, the line and the column.
    fn read(&self, path: &Path) -> Result<Box<dyn AnyProblem>, String>;
}

/// What is known of a rung without running it.
#[derive(Debug, Clone)]
pub struct RungInfo {
    /// Its name.
    pub name: &'static str,
    /// Its file's text.
    pub source: &'static str,
    /// How many cores it uses.
    pub cores: Cores,
    /// The cargo feature that would have built it, if it is not built.
    pub missing_feature: Option<&'static str>,
    /// What it is and of which version, if it is no rung of ours but a peer.
    pub peer: Option<String>,
}

/// A problem, its reference answer once there is one, and the rungs that can be run on it.
pub trait AnyProblem: Send + Sync {
    /// [`Workload::label`].
    fn label(&self) -> String;
    /// [`Workload::ops`].
    fn ops(&self) -> f64;
    /// [`Workload::course`].
    fn course(&self) -> &'static [(&'static str, f64)];
    /// Why the rung does not take this problem.
    fn excuse(&self, rung: usize) -> Option<String>;
    /// Whether there is an answer to compare with.
    fn has_reference(&self) -> bool {
        self.reference_digest().is_some()
    }
    /// [`Workload::digest`] of the answer to compare with, if there is one.
    fn reference_digest(&self) -> Option<Vec<f64>>;
    /// Runs the rung once and compares its answer with the reference. With no reference yet, the
    /// answer becomes it.
    ///
    /// # Errors
    /// It could not be run, and why.
    fn check(&mut self, rung: usize) -> Result<Checked, String>;
    /// Runs the rung once: [`Workload::digest`].
    fn digest(&self, rung: usize) -> Vec<f64>;
    /// The loops that make a sample of the rung long enough.
    fn autorange(&self, rung: usize, timeit: &Timeit) -> u64;
    /// Times `loops` runs of the rung.
    ///
    /// # Errors
    /// It could not be run, and why.
    fn sample(&self, rung: usize, timeit: &Timeit, loops: u64) -> Result<Sample, String>;
    /// Runs the rung a few times and notes what is to be known beside its time, if it says how.
    fn note(&self, rung: usize) -> Option<Note>;
    /// The picture of the reference answer.
    fn picture(&self) -> Option<Picture>;
}

/// What a check found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// How long the first call took, with cold caches and fresh pages.
    pub first_call: Duration,
    /// The largest error, or what is wrong.
    pub verdict: Result<f64, String>,
}

impl<W: Workload + 'static> AnyWorkload for W {
    fn name(&self) -> &'static str {
        W::NAME
    }
    fn about(&self) -> &'static str {
        W::ABOUT
    }
    fn unit(&self) -> &'static str {
        W::UNIT
    }
    fn flops(&self) -> f64 {
        W::FLOPS
    }
    fn bytes(&self) -> f64 {
        W::BYTES
    }
    fn digest_tolerance(&self) -> f64 {
        W::DIGEST_TOLERANCE
    }
    fn rungs(&self) -> Vec<RungInfo> {
        W::RUNGS
            .iter()
            .map(|r| RungInfo {
                name: r.name,
                source: r.source,
                cores: r.cores,
                missing_feature: r.run.err(),
                peer: None,
            })
            .collect()
    }
    fn problems(&self, size: Size) -> Vec<Box<dyn AnyProblem>> {
        W::problems(size).into_iter().map(|input| problem::<W>(input)).collect()
    }
    fn read(&self, path: &Path) -> Result<Box<dyn AnyProblem>, String> {
        Ok(problem::<W>(W::read(path)?))
    }
}

struct Problem<W: Workload> {
    input: W::Input,
    reference: Option<W::Output>,
}

fn problem<W: Workload + 'static>(input: W::Input) -> Box<dyn AnyProblem> {
    let reference = W::known(&input);
    Box::new(Problem::<W> { input, reference })
}

impl<W: Workload> Problem<W> {
    /// The rung's function; the harness asks only for rungs that are built.
    fn run(&self, rung: usize) -> impl Fn() -> W::Output {
        let run = W::RUNGS[rung].run.expect("the harness runs only rungs that are built");
        move || run(black_box(&self.input))
    }
}

impl<W: Workload> AnyProblem for Problem<W> {
    fn label(&self) -> String {
        W::label(&self.input)
    }
    fn ops(&self) -> f64 {
        W::ops(&self.input)
    }
    fn course(&self) -> &'static [(&'static str, f64)] {
        W::course(&self.input)
    }
    fn excuse(&self, rung: usize) -> Option<String> {
        W::RUNGS[rung].excuse.and_then(|excuse| excuse(&self.input))
    }
    fn reference_digest(&self) -> Option<Vec<f64>> {
        self.reference.as_ref().map(W::digest)
    }
    fn check(&mut self, rung: usize) -> Result<Checked, String> {
        let start = Instant::now();
        let got = black_box(self.run(rung)());
        let first_call = start.elapsed();
        let verdict = match &self.reference {
            Some(reference) => W::check(&self.input, reference, &got),
            None => Ok(0.0),
        };
        self.reference.get_or_insert(got);
        Ok(Checked { first_call, verdict })
    }
    fn digest(&self, rung: usize) -> Vec<f64> {
        W::digest(&self.run(rung)())
    }
    fn autorange(&self, rung: usize, timeit: &Timeit) -> u64 {
        timeit.autorange(self.run(rung))
    }
    fn sample(&self, rung: usize, timeit: &Timeit, loops: u64) -> Result<Sample, String> {
        Ok(timeit.sample(loops, self.run(rung)))
    }
    fn note(&self, rung: usize) -> Option<Note> {
        let noter = W::RUNGS[rung].noter?;
        let run = self.run(rung);
        Some(noter(&|| drop(black_box(run()))))
    }
    fn picture(&self) -> Option<Picture> {
        W::picture(&self.input, self.reference.as_ref()?)
    }
}
