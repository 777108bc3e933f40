//! What a program writes that times itself, such as `ladder-mpi time`.

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::{Point, Split};

/// A result in JSON, as far as it is needed here: what else a program writes is its own.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Timed {
    pub(crate) ranks: usize,
    #[serde(default = "one")]
    pub(crate) threads_per_rank: usize,
    /// Seconds of the slowest rank, each time.
    pub(crate) samples: Vec<f64>,
    /// Whether the answer was right, if it was looked at.
    #[serde(default)]
    pub(crate) right: Option<bool>,
}

fn one() -> usize {
    1
}

impl Timed {
    /// Of the text of a file.
    ///
    /// A wrong answer is an error: its time is of no use.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let timed: Self = serde_json::from_str(text).context("no result of a timed program")?;
        if timed.right == Some(false) {
            bail!("the answer is wrong, with {} ranks", timed.ranks);
        }
        Ok(timed)
    }

    /// The point of a study.
    pub(crate) fn point(self, nodes: usize, cores: usize, split: Option<Split>) -> Point {
        let Self { ranks, threads_per_rank, samples: seconds, .. } = self;
        Point { ranks, threads_per_rank, nodes, cores, seconds, split }
    }
}

#[cfg(test)]
mod tests {
    use super::Timed;

    #[test]
    fn a_result_becomes_a_point() {
        let text = r#"{"workload": "heat", "size": "l", "ranks": 4, "threads_per_rank": 2,
                       "weak": false, "samples": [0.5, 0.25], "right": true, "host": "n1"}"#;
        let point = Timed::read(text).unwrap().point(2, 8, None);
        assert_eq!((point.ranks, point.threads_per_rank, point.nodes, point.cores), (4, 2, 2, 8));
        assert_eq!(point.seconds, [0.5, 0.25]);
        let least = Timed::read(r#"{"ranks": 3, "samples": []}"#).unwrap();
        assert_eq!((least.threads_per_rank, least.right), (1, None));
    }

    #[test]
    fn what_is_of_no_use_is_told() {
        let said = |text| format!("{:#}", Timed::read(text).unwrap_err());
        let wrong = said(r#"{"ranks": 3, "samples": [1.0], "right": false}"#);
        assert_eq!(wrong, "the answer is wrong, with 3 ranks");
        assert!(said("").starts_with("no result of a timed program: EOF"), "{}", said(""));
        let null = said(r#"{"ranks": 3, "samples": [null]}"#);
        assert!(null.contains("invalid type: null, expected f64"), "{null}");
    }
}
