//! The colours of bars: where rungs begin, those above, and what stands beside them.

use tenfold_report::{BarChart, Paint, Tone};

use crate::bench::document::{Document, Rung, Workload};

const NAIVE: Paint = Paint::Series(5);
const OURS: Paint = Paint::Series(0);

/// Those of peers, of whom a workload has eight at most.
const THEIRS: [Paint; 8] = [
    Paint::Series(1),
    Paint::Series(2),
    Paint::Series(3),
    Paint::Series(4),
    Paint::Tone(Tone::Neutral),
    Paint::Tone(Tone::Bad),
    Paint::Tone(Tone::Good),
    Paint::Tone(Tone::Warn),
];

/// The peers of a document, each in one colour on the whole page.
#[derive(Debug)]
pub(super) struct Colours<'d> {
    peers: Vec<&'d str>,
}

impl<'d> Colours<'d> {
    pub(super) fn of(document: &'d Document) -> Self {
        let mut peers = vec![];
        for peer in document.workloads.iter().flat_map(peers_of) {
            if !peers.contains(&peer) {
                peers.push(peer);
            }
        }
        Self { peers }
    }

    pub(super) fn paint(&self, rung: &Rung) -> Paint {
        match &rung.peer {
            Some(_) => self.theirs(peer(&rung.name)),
            None if rung.name == "naive" => NAIVE,
            None => OURS,
        }
    }

    fn theirs(&self, name: &str) -> Paint {
        let at = self.peers.iter().position(|peer| *peer == name).unwrap_or_default();
        THEIRS[at % THEIRS.len()]
    }

    /// Says which colour is whose, where there are peers.
    pub(super) fn legend(&self, chart: BarChart, workload: &Workload) -> BarChart {
        let mut named: Vec<&str> = vec![];
        peers_of(workload).fold(chart, |chart, peer| {
            let chart = match named.is_empty() {
                true => chart.legend(OURS, "tenfold's rungs"),
                false => chart,
            };
            // One that also uses all cores stands there twice.
            if named.contains(&peer) {
                return chart;
            }
            named.push(peer);
            chart.legend(self.theirs(peer), peer)
        })
    }
}

fn peers_of(workload: &Workload) -> impl Iterator<Item = &str> {
    let is_drawn = |rung: &&Rung| rung.peer.is_some() && rung.best_ns_per_op.is_some();
    let peers = workload.rungs.iter().filter(is_drawn);
    peers.map(|rung| peer(&rung.name))
}

/// `numba+threads` is numba.
fn peer(name: &str) -> &str {
    name.split_once('+').map_or(name, |(peer, _)| peer)
}

#[cfg(test)]
mod tests {
    use super::super::climb::climb;
    use super::{Colours, NAIVE, OURS, THEIRS};
    use crate::bench::beside::tests::{document, rung};

    #[test]
    fn each_peer_has_a_colour_that_is_said() {
        let ours = ["naive", "kernel"].map(|name| rung(name, Some(2.0), None, 1));
        let theirs = ["numpy", "numba", "c", "dask", "python", "cython", "cffi", "mpi4py"];
        let theirs = theirs.map(|name| rung(name, Some(3.0), Some("of a version"), 1));
        let twice = rung("numba+threads", Some(2.5), Some("of a version"), 2);
        let absent = rung("absent", None, Some("of a version"), 1);
        let all = ours.into_iter().chain([absent]).chain(theirs).chain([twice]);
        let document = document(all.collect());
        let colours = Colours::of(&document);
        let workload = &document.workloads[0];
        let paints: Vec<_> = workload.rungs.iter().map(|rung| colours.paint(rung)).collect();
        assert_eq!(paints[..2], [NAIVE, OURS]);
        assert_eq!(paints[3..11], THEIRS);
        assert!(!THEIRS.contains(&NAIVE) && !THEIRS.contains(&OURS));
        assert_eq!(paints[11], THEIRS[1], "the same on all cores");
        let page = climb(workload, &colours).to_string();
        let key =
            page.split("<ul class=\"legend\">").nth(1).and_then(|rest| rest.split("</ul>").next());
        let names: Vec<&str> = key.unwrap().split("</i>").skip(1).collect();
        let names: Vec<&str> = names.iter().filter_map(|name| name.split('<').next()).collect();
        let peers = ["numpy", "numba", "c", "dask", "python", "cython", "cffi", "mpi4py"];
        assert_eq!(names[0], "tenfold&#39;s rungs");
        assert_eq!(names[1..], peers, "none that has no bar");
        for class in ["s1", "s2", "s3", "s4", "neutral", "bad", "good", "warn"] {
            assert!(page.contains(&format!("class=\"bar {class}\"")), "{class} in {page}");
        }
    }

    #[test]
    fn without_peers_there_is_no_key() {
        let document = document(vec![rung("naive", Some(2.0), None, 1)]);
        let page = climb(&document.workloads[0], &Colours::of(&document));
        assert!(!page.to_string().contains("legend"));
    }
}
