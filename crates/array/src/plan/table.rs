//! A plan for people, and for programs.

use std::fmt;

use serde_json::{Value, json};
use tenfold_report::{Column, Table};

use super::{End, Plan, Stage};

impl Plan {
    /// The plan as JSON: an object with `threads`, `memory` (the cap, or null), `minimum_memory`,
    /// `least_memory`, `full_speed_memory`, `peak_memory`, `bytes_read`, `bytes_written`, `bytes_spilled` (all in bytes), `passes` (a
    /// list of pairs, a source and how often it is read), `tasks`, `critical_path` (in tasks), `critical_seconds`,
    /// `estimated_seconds`, and `stages`, a list of objects with `makes`, `reads`, `shape`, `chunks`, `tasks`,
    /// `critical_path`, `estimated_seconds`, `workers`, `held`, `scratch` and `bytes_read`.
    ///
    /// ```
    /// use tenfold_array::Array;
    ///
    /// let x = Array::<f64, _>::ones([1000, 1000], 100);
    /// let json = x.mean_axis(0).plan()?.to_json();
    /// assert!(json.contains("\"tasks\": 100"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let plan = json!({
            "threads": self.threads,
            "memory": self.memory,
            "minimum_memory": self.minimum_memory(),
            "least_memory": self.least_memory(),
            "full_speed_memory": self.full_speed_memory(),
            "peak_memory": self.peak_memory(),
            "bytes_read": u64::try_from(self.bytes_read()).unwrap_or(u64::MAX),
            "bytes_written": u64::try_from(self.bytes_written()).unwrap_or(u64::MAX),
            "bytes_spilled": self.bytes_spilled(),
            "passes": self.passes(),
            "tasks": self.tasks(),
            "critical_path": self.critical_path(),
            "critical_seconds": self.critical_time().as_secs_f64(),
            "estimated_seconds": self.estimated_time().as_secs_f64(),
            "stages": self.stages.iter().map(|stage| self.stage_json(stage)).collect::<Vec<_>>(),
        });
        format!("{plan:#}")
    }

    fn stage_json(&self, stage: &Stage) -> Value {
        json!({
            "makes": self.made_by(stage),
            "reads": self.read_by(stage),
            "shape": stage.chunks.shape().as_slice(),
            "chunks": stage.chunks.largest().as_slice(),
            "tasks": stage.chunks.count(),
            "critical_path": stage.critical_path(),
            "estimated_seconds": self.stage_seconds(stage),
            "workers": stage.workers,
            "held": stage.held,
            "scratch": stage.scratch,
            "bytes_read": u64::try_from(stage.bytes_read()).unwrap_or(u64::MAX),
        })
    }

    /// The arrays that a stage makes, with the reductions that make them.
    pub(crate) fn made_by(&self, stage: &Stage) -> Vec<String> {
        let made = stage.sinks.iter().map(|sink| {
            let name = &self.stored[sink.stored].name;
            match &sink.end {
                End::Store => format!("{name} #{}", sink.stored),
                End::Reduce { axes, .. } => {
                    format!("{name} over {:?} #{}", axes.as_slice(), sink.stored)
                }
            }
        });
        made.collect()
    }

    /// What a stage reads: leaves, and arrays of earlier stages by their number.
    fn read_by(&self, stage: &Stage) -> Vec<String> {
        let mut names = vec![];
        stage.program.leaf_names(&mut |name| names.push(name.to_owned()));
        stage
            .program
            .results(&mut |place| names.push(format!("{} #{place}", self.stored[place].name)));
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }

    fn table(&self) -> Table {
        let columns = [
            Column::text("stage"),
            Column::text("reads"),
            Column::text("makes"),
            Column::number("tasks"),
            Column::number("threads"),
            Column::number("read"),
            Column::number("held"),
            Column::number("a thread"),
            Column::number("at most"),
            Column::number("takes about"),
        ];
        let mut table = Table::new(columns);
        for (at, stage) in self.stages.iter().enumerate() {
            table = table.row([
                (at + 1).to_string(),
                few(&self.read_by(stage)),
                few(&self.made_by(stage)),
                stage.chunks.count().to_string(),
                stage.workers.to_string(),
                size(stage.bytes_read()),
                size(stage.held as u128),
                size(stage.scratch as u128),
                size(stage.peak(stage.workers) as u128),
                time(self.stage_seconds(stage)),
            ]);
        }
        table
    }
}

/// The first of some names, and how many there are besides: a stage may read hundreds of arrays, and a column is as wide
/// as the widest of its lines.
fn few(names: &[String]) -> String {
    const SHOWN: usize = 6;
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{}, and {more} more", names[..SHOWN].join(", ")),
    }
}

/// A number of bytes in the largest unit of which there is one.
pub(crate) fn size(bytes: u128) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut unit = 0;
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut number = bytes as f64;
    while number >= 1024.0 && unit + 1 < units.len() {
        number /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} B"),
        _ => format!("{number:.1} {}", units[unit]),
    }
}

/// Seconds in a unit of which there are some. It is a guess, of two digits.
pub(crate) fn time(seconds: f64) -> String {
    match seconds {
        0.95.. => format!("{seconds:.1} s"),
        0.95e-3.. => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{:.0} us", seconds * 1e6),
    }
}

impl fmt::Display for Plan {
    /// A table with a line for each stage, and what all of them need below.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.table().to_text())?;
        let cap = self
            .memory
            .map_or_else(|| "no cap".to_owned(), |cap| format!("cap {}", size(cap as u128)));
        writeln!(
            f,
            "{} tasks read {}; {} at most ({cap}), {} with one thread, {} with {}, and not less than {}",
            self.tasks(),
            size(self.bytes_read()),
            size(self.peak_memory() as u128),
            size(self.minimum_memory() as u128),
            size(self.full_speed_memory() as u128),
            self.threads,
            size(self.least_memory() as u128),
        )?;
        writeln!(
            f,
            "about {}, and not less than {} with any number of threads: {} tasks follow each other",
            time(self.estimated_time().as_secs_f64()),
            time(self.critical_time().as_secs_f64()),
            self.critical_path(),
        )?;
        #[cfg(feature = "ranks")]
        if let Some(share) = self.share() {
            writeln!(f, "{share}; memory is that of each rank, and all else that of all")?;
        }
        for (name, passes) in self.passes() {
            writeln!(f, "{name} is read {passes:.2} times")?;
        }
        if self.bytes_written() > 0 {
            let (written, spilled) = (self.bytes_written(), self.bytes_spilled() as u128);
            writeln!(f, "{} are written, {} of them put aside", size(written), size(spilled))?;
        }
        Ok(())
    }
}
