//! What a plan needs not do again.

use std::path::PathBuf;

use super::folder::{Files, Folder};
use super::own::{Missing, Own};
use crate::buffer::{Buffer, with_dtype};
use crate::destination::{AnyTarget, Destination, Made};
use crate::error::{Error, ErrorKind, Result};
use crate::executor::Cancel;
use crate::file::{CheckpointFile, CheckpointReader, CheckpointWriter, Chunked};
use crate::gather::{dense_strides, gather};
use crate::plan::{Plan, Stored};
use crate::window::Window;

/// What is done with a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Run,
    /// What is read of it later is there.
    Load,
    /// Nothing is read of it any more.
    Skip,
}

/// The rank that carries a plan out with others, if there are any.
pub(crate) struct Members<'a> {
    pub(crate) rank: usize,
    pub(crate) size: usize,
    /// Which chunks of an array are its own.
    pub(crate) own: &'a dyn Fn(&Stored) -> Own,
    /// The least of each of some numbers that all ranks have.
    pub(crate) least: &'a dyn Fn(Vec<u64>) -> Result<Vec<u64>>,
}

/// What a run of a plan takes from an earlier one, and leaves for a later one.
pub(crate) struct Checkpoints {
    folder: Folder,
    rank: usize,
    size: usize,
    /// What is done with each stage.
    stages: Vec<How>,
    /// Which of the stored arrays are read by stages that run, or were asked for.
    wanted: Vec<bool>,
    /// Where this rank's chunks of stored arrays are.
    found: Vec<Option<Found>>,
}

/// Files, and how many chunks of each are good, from the front on.
type Found = Vec<(CheckpointFile, usize)>;

/// May end what takes long.
pub(crate) type Check<'a> = &'a dyn Fn() -> Result<()>;

impl Checkpoints {
    /// Looks what is there of a plan. All ranks have to do the same, so that they look together: as long as something that
    /// one of them needs is missing, of which all then need more that stands before it.
    ///
    /// # Errors
    /// Whatever keeps ranks from agreeing.
    pub(crate) fn resume(
        plan: &Plan,
        folder: &Folder,
        members: &Members<'_>,
        cancel: &Cancel,
    ) -> Result<Self> {
        // What is cancelled need not be found: the run that begins then ends with the right words.
        let check = || match cancel.is_cancelled() {
            true => Err(Error::new(ErrorKind::Cancelled, "nothing was looked for")),
            false => Ok(()),
        };
        let files = folder.files();
        let look = |stored: &Stored| {
            let own = (members.own)(stored);
            look(folder, &files, stored, own, (members.rank, members.size), &check)
        };
        let mut found: Vec<Option<Found>> = plan.stored.iter().map(|_| None).collect();
        // As far as is known all ranks have all of these.
        let mut there =
            (members.least)(plan.stored.iter().map(|stored| stored.is_saved.into()).collect())?;
        loop {
            let (stages, wanted) = needed(plan, &there);
            let mut mine = there.clone();
            for (stage, how) in plan.stages.iter().zip(&stages) {
                let of_stage = stage.sinks.iter().map(|sink| sink.stored);
                for place in of_stage.filter(|&place| *how == How::Load && wanted[place]) {
                    found[place] = found[place].take().or_else(|| look(&plan.stored[place]));
                    mine[place] = found[place].is_some().into();
                }
            }
            let all = (members.least)(mine)?;
            if all == there {
                let (folder, &Members { rank, size, .. }) = (folder.clone(), members);
                return Ok(Self { folder, rank, size, stages, wanted, found });
            }
            there = all;
        }
    }

    /// What is done with a stage, by its number.
    pub(crate) fn how(&self, stage: usize) -> How {
        self.stages[stage]
    }

    /// Whether a stored array is read by stages that run, or was asked for.
    pub(crate) fn wants(&self, place: usize) -> bool {
        self.wanted[place]
    }

    /// Puts this rank's chunks of an array that is there where they belong: to a target in parts, if there is one.
    pub(crate) fn load(
        &self,
        place: usize,
        stored: &Stored,
        own: Own,
        (to, target): (&dyn Destination, Option<&dyn AnyTarget>),
        check: Check<'_>,
    ) -> Result<()> {
        let (Some(found), Some(of)) = (&self.found[place], chunked(stored)) else {
            unreachable!("array `{}` is not there", stored.name)
        };
        let mut missing = Missing::new(own);
        for (file, good) in found {
            let mut reader = file.reader(of);
            each_of(&mut reader, *good, &mut missing, |reader, number| {
                let mut claim = target.is_none().then(|| to.claim(number));
                reader.read(number, &mut |window, part| {
                    check()?;
                    let part = part.part(0..window.len());
                    match (&mut claim, target) {
                        (Some(claim), _) => claim.write(window, &part),
                        (None, Some(target)) => target.write(window, &part)?,
                        (None, None) => {}
                    }
                    Ok(())
                })?;
                claim.map_or(Ok(()), |claim| claim.finish())
            })?;
        }
        if missing.is_empty() { Ok(()) } else { Err(gone(stored)) }
    }

    /// Writes this rank's chunks of an array that was made to a file.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the file cannot be written.
    pub(crate) fn save(
        &self,
        stored: &Stored,
        made: &Made,
        own: &Own,
        check: Check<'_>,
    ) -> Result<()> {
        let Some(of) = chunked(stored).filter(|_| own.numbers().len() > 0) else { return Ok(()) };
        let path = self.folder.file(of.lasting, (self.rank, self.size));
        let mut file = CheckpointWriter::create(&path, of, own.numbers())?;
        for number in own.numbers() {
            file.write(number, &mut |window, part| {
                check()?;
                read(made, stored, window, part)
            })?;
        }
        file.finish()
    }

    /// The computation has succeeded: removes the files of its arrays, unless they are kept.
    pub(crate) fn end(&self, plan: &Plan) {
        if !self.folder.keeps {
            let arrays = plan.stored.iter().filter_map(|stored| stored.lasting);
            self.folder.remove(&arrays.collect::<Vec<_>>());
        }
    }
}

fn chunked(stored: &Stored) -> Option<Chunked<'_>> {
    let lasting = stored.lasting.filter(|_| stored.is_saved)?;
    Some(Chunked { lasting, chunks: &stored.chunks, dtype: stored.dtype })
}

/// What is to be done with each stage, and which stored arrays are wanted, where some are there: from the last stage on,
/// one whose results are there needs nothing of those before.
fn needed(plan: &Plan, there: &[u64]) -> (Vec<How>, Vec<bool>) {
    let mut wanted = vec![false; plan.stored.len()];
    plan.roots.iter().for_each(|&root| wanted[root] = true);
    let mut stages = vec![How::Skip; plan.stages.len()];
    for (how, stage) in stages.iter_mut().zip(&plan.stages).rev() {
        let mut of_stage = stage.sinks.iter().map(|sink| sink.stored).filter(|&at| wanted[at]);
        let Some(first) = of_stage.next() else { continue };
        if there[first] > 0 && of_stage.all(|place| there[place] > 0) {
            *how = How::Load;
            continue;
        }
        *how = How::Run;
        stage.program.results(&mut |place| wanted[place] = true);
    }
    (stages, wanted)
}

/// Finds all of a rank's chunks of an array, if they are there: in the file that it would write, or in any other.
fn look(
    folder: &Folder,
    files: &Files,
    stored: &Stored,
    own: Own,
    rank: (usize, usize),
    check: Check<'_>,
) -> Option<Found> {
    let of = chunked(stored)?;
    let (mut missing, mut found) = (Missing::new(own), Found::new());
    let first = folder.file(of.lasting, rank);
    let others = files.get(&of.lasting.to_string()).into_iter().flatten();
    let others: Vec<&PathBuf> = others.filter(|&path| *path != first).collect();
    for path in std::iter::once(&first).chain(others) {
        if missing.is_empty() {
            break;
        }
        if let Ok(file) = CheckpointFile::open(path, of) {
            let before = missing.left();
            let good = good(&file, of, &mut missing, check);
            // One that gives nothing is not kept open.
            if missing.left() < before {
                found.push((file, good));
            }
        }
    }
    missing.is_empty().then_some(found)
}

/// How many chunks of a file are as they were written, from the front on, of those that are missing.
fn good(file: &CheckpointFile, of: Chunked<'_>, missing: &mut Missing, check: Check<'_>) -> usize {
    let (mut reader, mut good) = (file.reader(of), 0);
    while !missing.is_empty()
        && each_of(&mut reader, 1, missing, |reader, number| {
            reader.read(number, &mut |_, _| check())
        })
        .is_ok_and(|there| there == 1)
    {
        good += 1;
    }
    good
}

/// Goes through so many chunks of a file, and takes those that are missing. Says how many there were.
fn each_of(
    reader: &mut CheckpointReader<'_>,
    count: usize,
    missing: &mut Missing,
    mut take: impl FnMut(&mut CheckpointReader<'_>, usize) -> Result<()>,
) -> Result<usize> {
    for done in 0..count {
        let Some(number) = reader.next()? else { return Ok(done) };
        if missing.has(number) {
            take(reader, number)?;
            missing.find(number);
        } else {
            reader.skip(number);
        }
    }
    Ok(count)
}

/// Reads a part of an array that was made.
fn read(made: &Made, stored: &Stored, window: &Window, part: &mut Buffer) -> Result<()> {
    match made {
        Made::Disk(source) => source.read(window, part),
        Made::Memory(elements) => {
            part.resize(window.len());
            let strides = dense_strides(&stored.chunks.shape());
            let along = window.start().iter().zip(&strides);
            let first = along.map(|(start, stride)| start * stride.unsigned_abs()).sum();
            with_dtype!(stored.dtype, T => {
                let (from, to) = (elements.elements::<T>(), part.elements_mut());
                gather(from, first, &strides, window.shape(), to);
            });
            Ok(())
        }
        Made::Away => unreachable!("array `{}` is with the user", stored.name),
    }
}

/// That files have changed since they were found.
fn gone(stored: &Stored) -> Error {
    let sentence = format!("chunks of the checkpoint of array `{}` are gone", stored.name);
    Error::new(ErrorKind::Data, sentence)
}
