//! The machines that a job runs on.

use std::fmt;

use mpi::environment::processor_name;
use tenfold_comm::{Communicator as _, Result};

use crate::MpiComm;

/// The machines of a communicator, in the order of their first ranks.
#[derive(Debug)]
pub(crate) struct Machines(Vec<Machine>);

#[derive(Debug)]
struct Machine {
    name: String,
    ranks: Vec<usize>,
}

/// As many bytes of a name are told: the longest that MPI gives.
const NAME: usize = 256;

impl Machines {
    /// Those of a communicator whose ranks are on several. A collective; only rank 0 knows their names.
    pub(crate) fn of(comm: &MpiComm) -> Result<Option<Self>> {
        let firsts = comm.firsts()?;
        if firsts.iter().all(|&first| first == 0) {
            return Ok(None);
        }
        let (mut own, mut names) = ([0_u8; NAME], vec![0; NAME * firsts.len()]);
        // One that has no name is told without it.
        let name = processor_name().unwrap_or_default();
        own.iter_mut().zip(name.bytes()).for_each(|(to, byte)| *to = byte);
        comm.gather(&own, &mut names, 0)?;
        let (names, _) = names.as_chunks::<NAME>();
        Ok(Some(Self::told(firsts, names)))
    }

    /// Of each rank the first on its machine, and the name of that.
    fn told(firsts: &[usize], names: &[[u8; NAME]]) -> Self {
        let of = |(first, name): (usize, &[u8; NAME])| {
            let name = String::from_utf8_lossy(name).trim_end_matches('\0').to_owned();
            let ranks = (0..firsts.len()).filter(|&rank| firsts[rank] == first).collect();
            Machine { name, ranks }
        };
        let machines = names.iter().enumerate().map(of);
        Self(machines.filter(|machine| !machine.ranks.is_empty()).collect())
    }
}

/// So many are named.
const MOST: usize = 8;

/// `ranks 0 to 3 on a, ranks 4 to 7 on b`
impl fmt::Display for Machines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Machine { name, ranks }) in self.0.iter().take(MOST).enumerate() {
            let before = if at == 0 { "" } else { ", " };
            let several = if ranks.len() == 1 { "" } else { "s" };
            write!(f, "{before}rank{several} {} on {name}", Ranks(ranks))?;
        }
        match self.0.len().saturating_sub(MOST) {
            0 => Ok(()),
            more => write!(f, ", and {more} more machines"),
        }
    }
}

/// `0, 2, 4 to 7`
struct Ranks<'a>(&'a [usize]);

impl fmt::Display for Ranks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, run) in self.0.chunk_by(|one, next| one + 1 == *next).enumerate() {
            let before = if at == 0 { "" } else { ", " };
            match run {
                [first, .., last] => write!(f, "{before}{first} to {last}")?,
                _ => write!(f, "{before}{}", run[0])?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Machines, NAME};

    fn said(firsts: &[usize]) -> String {
        let name = |rank: usize| {
            let mut name = [0; NAME];
            name[..2].copy_from_slice(&[b'n', b'a' + rank as u8]);
            name
        };
        let names: Vec<_> = (0..firsts.len()).map(name).collect();
        Machines::told(firsts, &names).to_string()
    }

    #[test]
    fn machines_are_told_with_their_ranks() {
        assert_eq!(said(&[0, 0, 0, 3]), "ranks 0 to 2 on na, rank 3 on nd");
        assert_eq!(said(&[0, 1, 0, 1, 1]), "ranks 0, 2 on na, ranks 1, 3 to 4 on nb");
        let many = said(&(0..11).collect::<Vec<_>>());
        assert!(many.starts_with("rank 0 on na, rank 1 on nb, "), "{many}");
        assert!(many.ends_with(", rank 7 on nh, and 3 more machines"), "{many}");
    }
}
