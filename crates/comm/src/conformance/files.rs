//! Files that ranks open together.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{COUNTS, Outcome, fails, list, numbers, same};
use crate::{Communicator, ErrorKind, FileMode, Located, ParallelIo};

list![
    each_writes_its_own_place,
    in_the_order_of_ranks,
    what_all_write_all_read,
    modes_are_kept,
    a_file_that_is_not_there,
    a_file_that_is_there,
    what_one_cannot_all_are_told,
    a_file_that_ends,
    offsets_that_cannot_be,
    paths_and_modes_that_differ,
    elements_that_a_file_cannot_hold,
];

/// Runs `body` with the path of a file that is not there, the same on all ranks.
fn with_path<C: Communicator>(comm: &C, body: impl FnOnce(&Path) -> Outcome) -> Outcome {
    static PATHS: AtomicU64 = AtomicU64::new(0);
    if cfg!(miri) || cfg!(not(unix)) {
        // The one has no files, and the other none that are written at offsets.
        return Ok(());
    }
    let mut name = [u64::from(std::process::id()), PATHS.fetch_add(1, Ordering::Relaxed)];
    comm.bcast(&mut name, 0)?;
    let [process, number] = name;
    let path: PathBuf = std::env::temp_dir().join(format!("tenfold-comm-{process}-{number}"));
    let result = body(&path);
    let met = comm.barrier();
    if comm.rank() == 0 {
        // Not there in cases that make none.
        let _ = std::fs::remove_file(&path);
    }
    result?;
    Ok(met?)
}

fn each_writes_its_own_place<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    with_path(comm, |path| {
        for count in COUNTS {
            let file = comm.open_file(path, FileMode::Truncate)?;
            let place = |rank: usize| (rank * count * 8) as u64;
            file.write_at(&numbers(rank, 1, count), place(rank))?;
            comm.barrier()?;
            same("bytes", file.bytes()?, place(size))?;
            let other = (rank + 1) % size;
            let mut room = vec![0; count];
            file.read_at(&mut room, place(other))?;
            same("part", room, numbers(other, 1, count))?;
            comm.barrier()?;
        }
        Ok(())
    })
}

fn in_the_order_of_ranks<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    with_path(comm, |path| {
        for count in COUNTS {
            let file = comm.open_file(path, FileMode::Truncate)?;
            let len = |rank: usize| (rank + 1) % 3 * count;
            let start: usize = (0..rank).map(len).sum();
            let range = file.write_ordered(&numbers(rank, 2, len(rank)), 3)?;
            let must = 3 + start as u64 * 8;
            same("range", range, must..must + len(rank) as u64 * 8)?;
            let all: Vec<u64> = (0..size).flat_map(|rank| numbers(rank, 2, len(rank))).collect();
            let mut room = vec![0; all.len()];
            file.read_at_all(&mut room, 3)?;
            same("all", room, all)?;
        }
        Ok(())
    })
}

fn what_all_write_all_read<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    with_path(comm, |path| {
        let file = comm.open_file(path, FileMode::New)?;
        let mine = [[rank as f64, 0.5]; 2];
        let place = |rank: usize| (rank * size_of_val(&mine)) as u64;
        file.write_at_all(&mine, place(rank))?;
        file.sync()?;
        let mut theirs = [[0.0; 2]; 2];
        file.read_at_all(&mut theirs, place(size - 1 - rank))?;
        same("part", theirs, [[(size - 1 - rank) as f64, 0.5]; 2])?;
        file.set_len(place(size) + 8)?;
        same("longer", file.bytes()?, place(size) + 8)?;
        let mut zero = [1_u64];
        file.read_at_all(&mut zero, place(size))?;
        same("zeros", zero, [0])?;
        file.set_len(1)?;
        same("cut", file.bytes()?, 1)
    })
}

fn modes_are_kept<C: Communicator>(comm: &C) -> Outcome {
    with_path(comm, |path| {
        let file = comm.open_file(path, FileMode::Create)?;
        file.write_ordered(&[7_u8], 0)?;
        let len = comm.size() as u64;
        for (mode, must) in [
            (FileMode::Create, len),
            (FileMode::ReadWrite, len),
            (FileMode::Read, len),
            (FileMode::Truncate, 0),
        ] {
            let file = comm.open_file(path, mode)?;
            same("bytes", file.bytes()?, must)?;
            if mode == FileMode::Read {
                let is_file = |kind| matches!(kind, ErrorKind::File { .. });
                fails("write", file.write_at(&[1_u8], 0), is_file)?;
                fails("write_at_all", file.write_at_all(&[1_u8], 0), is_file)?;
                fails("write_ordered", file.write_ordered(&[1_u8], 0), is_file)?;
                fails("set_len", file.set_len(0), is_file)?;
            }
            comm.barrier()?;
        }
        Ok(())
    })
}

fn a_file_that_is_not_there<C: Communicator>(comm: &C) -> Outcome {
    with_path(comm, |path| {
        for mode in [FileMode::Read, FileMode::ReadWrite] {
            let result = comm.open_file(path, mode);
            let is_first = |kind| matches!(kind, ErrorKind::File { rank: 0, .. });
            let source = result.as_ref().err().and_then(|error| {
                let source = std::error::Error::source(error)?;
                Some(source.to_string().contains(&path.display().to_string()))
            });
            // All ranks are told of which file what.
            same("names the path", source, Some(true))?;
            fails("open", result, is_first)?;
        }
        let nowhere = path.join("below a file that is not there");
        let is_file = |kind| matches!(kind, ErrorKind::File { .. });
        fails("open", comm.open_file(nowhere, FileMode::Create), is_file)
    })
}

fn a_file_that_is_there<C: Communicator>(comm: &C) -> Outcome {
    with_path(comm, |path| {
        drop(comm.open_file(path, FileMode::New)?);
        let is_file = |kind| matches!(kind, ErrorKind::File { rank: 0, .. });
        fails("new", comm.open_file(path, FileMode::New), is_file)
    })
}

fn what_one_cannot_all_are_told<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let last = size - 1;
    with_path(comm, |path| {
        let file = comm.open_file(path, FileMode::Create)?;
        file.set_len(16)?;
        let offset = if rank == last { 12 } else { 0 };
        let result = file.read_at_all(&mut [0_u64], offset);
        fails("read_at_all", result, |kind| match kind {
            ErrorKind::ShortRead { offset: 12, wanted: 8, got: 4 } => rank == last,
            ErrorKind::File { rank: failed, .. } => rank != last && failed == last,
            _ => false,
        })?;
        let offset = if rank == last { u64::MAX } else { 0 };
        let result = file.write_at_all(&[0_u64], offset);
        fails("write_at_all", result, |kind| match kind {
            ErrorKind::Value { argument: "offset", .. } => rank == last,
            ErrorKind::File { rank: failed, .. } => rank != last && failed == last,
            _ => false,
        })
    })
}

fn a_file_that_ends<C: Communicator>(comm: &C) -> Outcome {
    with_path(comm, |path| {
        let file = comm.open_file(path, FileMode::Create)?;
        file.write_at_all(&[5_u8; 10], 0)?;
        let mut room = [0_u32; 2];
        let must = ErrorKind::ShortRead { offset: 4, wanted: 8, got: 6 };
        fails("read", file.read_at(&mut room, 4), |kind| kind == must)?;
        let must = ErrorKind::ShortRead { offset: 99, wanted: 8, got: 0 };
        fails("beyond", file.read_at_all(&mut room, 99), |kind| kind == must)?;
        Ok(file.read_at(&mut [0_u64; 0], 99)?)
    })
}

fn offsets_that_cannot_be<C: Communicator>(comm: &C) -> Outcome {
    with_path(comm, |path| {
        let file = comm.open_file(path, FileMode::Create)?;
        let is_offset = |kind| matches!(kind, ErrorKind::Value { argument: "offset", .. });
        let end = i64::MAX.cast_unsigned();
        for offset in [end, u64::MAX - 1, u64::MAX] {
            fails("write", file.write_at(&[0_u8, 1], offset), is_offset)?;
            fails("read", file.read_at(&mut [0_u8, 1], offset), is_offset)?;
            fails("ordered", file.write_ordered(&[0_u8, 1], offset), is_offset)?;
        }
        let result = file.set_len(u64::MAX);
        fails("set_len", result, |kind| matches!(kind, ErrorKind::File { .. }))?;
        if comm.size() == 1 {
            return Ok(());
        }
        let offset = comm.rank() as u64;
        let must = ErrorKind::Differs { argument: "offset", rank: 1, value: 1, first: 0 };
        fails("offset", file.write_ordered(&[1_u8], offset), |kind| kind == must)?;
        let must = ErrorKind::Differs { argument: "bytes", rank: 1, value: 1, first: 0 };
        fails("bytes", file.set_len(offset), |kind| kind == must)?;
        same("untouched", file.bytes()?, 0)
    })
}

fn paths_and_modes_that_differ<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    if size == 1 {
        return Ok(());
    }
    with_path(comm, |path| {
        let must = ErrorKind::FileMismatch { rank: 1, from: 0 };
        let other = path.with_extension("other");
        let own = if rank == 1 { &other } else { path };
        fails("paths", comm.open_file(own, FileMode::New), |kind| kind == must)?;
        let own = if rank == 1 { FileMode::Read } else { FileMode::Create };
        fails("modes", comm.open_file(path, own), |kind| kind == must)?;
        same("made", path.exists() || other.exists(), false)
    })
}

fn elements_that_a_file_cannot_hold<C: Communicator>(comm: &C) -> Outcome {
    with_path(comm, |path| {
        let file = comm.open_file(path, FileMode::Create)?;
        let is_elements = |kind| matches!(kind, ErrorKind::Elements { .. });
        fails("read", file.read_at(&mut [true], 0), is_elements)?;
        let gaps = [Located { value: 1_f32, at: 2 }];
        fails("write", file.write_at(&gaps, 0), is_elements)?;
        fails("all", file.write_at_all(&gaps, 0), is_elements)?;
        fails("ordered", file.write_ordered(&gaps, 0), is_elements)?;
        same("untouched", file.bytes()?, 0)
    })
}
