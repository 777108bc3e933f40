//! Where the time of ranks went.

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// Seconds of a run, as means over its ranks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Split {
    /// Between calls.
    pub(crate) compute: f64,
    /// In calls: messages were under way, copied, combined.
    pub(crate) communication: f64,
    /// In calls, for ranks that were not there yet.
    pub(crate) wait: f64,
}

/// What `comm-trace FOLDER --summary FILE` writes, as far as it is needed here.
#[derive(Deserialize)]
struct Summary {
    mean: Split,
}

impl Split {
    /// Of the text of a file that `comm-trace FOLDER --summary FILE` has written.
    pub(crate) fn of_summary(text: &str) -> Result<Self> {
        let summary: Summary = serde_json::from_str(text).context("no summary of comm-trace")?;
        Ok(summary.mean)
    }

    /// Each with its name.
    pub(super) fn parts(&self) -> [(&'static str, f64); 3] {
        [("compute", self.compute), ("communication", self.communication), ("wait", self.wait)]
    }

    /// The same as shares of the whole; of no time at all there are none.
    pub(super) fn shares(&self) -> Option<[(&'static str, f64); 3]> {
        let whole: f64 = self.parts().iter().map(|(_, seconds)| seconds).sum();
        (whole > 0.0).then(|| self.parts().map(|(name, seconds)| (name, seconds / whole)))
    }

    pub(super) fn wrong(&self) -> Option<String> {
        let good = |seconds: f64| (0.0..=super::study::LONGEST).contains(&seconds);
        let (name, seconds) = self.parts().into_iter().find(|(_, seconds)| !good(*seconds))?;
        Some(format!(
            "its {name} is {seconds}, and must be from 0 to {:e} seconds",
            super::study::LONGEST
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::Split;

    #[test]
    fn a_summary_has_the_means() {
        let text = r#"{"seconds": 4.0, "mean": {"compute": 2.0, "communication": 0.5, "wait": 1.5},
                       "ranks": [{"rank": 0, "compute": 2.0, "communication": 0.5, "wait": 1.5}]}"#;
        let split = Split::of_summary(text).unwrap();
        assert_eq!(split, Split { compute: 2.0, communication: 0.5, wait: 1.5 });
        assert_eq!(split.shares().unwrap().map(|(_, share)| share), [0.5, 0.125, 0.375]);
        let error = format!("{:#}", Split::of_summary("{}").unwrap_err());
        assert!(error.starts_with("no summary of comm-trace: missing field `mean`"), "{error}");
    }

    #[test]
    fn of_no_time_there_are_no_shares() {
        let split = Split { compute: 0.0, communication: 0.0, wait: 0.0 };
        assert_eq!((split.shares(), split.wrong()), (None, None));
        let split = Split { wait: -1.0, ..split };
        assert_eq!(split.wrong().unwrap(), "its wait is -1, and must be from 0 to 1e9 seconds");
    }
}
