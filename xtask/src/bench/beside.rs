//! Each peer beside the best rung of ours that has as many cores.

use super::document::{Document, Rung, Workload};

/// A peer, and what of ours it is compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) workload: &'a Workload,
    pub(super) peer: &'a Rung,
    pub(super) ours: &'a Rung,
    /// The peer's time by ours: above 1 ours is faster.
    pub(super) ratio: f64,
}

impl Beside<'_> {
    /// Whether ours is slower.
    pub(super) fn is_behind(&self) -> bool {
        self.ratio < 1.0
    }
}

/// Every peer that has a figure, where a rung of ours has one too.
pub(super) fn all(document: &Document) -> Vec<Beside<'_>> {
    document.workloads.iter().flat_map(of).collect()
}

fn of(workload: &Workload) -> Vec<Beside<'_>> {
    let peers = workload.rungs.iter().filter(|rung| rung.peer.is_some());
    peers.filter_map(|peer| beside(workload, peer)).collect()
}

/// The rung of ours that does the same as a peer, where others of ours do something else: a loop in place of a recursion.
fn same(workload: &str, peer: &str) -> Option<&'static str> {
    match (workload, peer) {
        ("fib" | "stairs" | "lcs", "lru_cache") => Some("memo"),
        ("fib" | "stairs", _) => Some("naive"),
        ("lcs", _) => Some("tuned"),
        _ => None,
    }
}

fn beside<'a>(workload: &'a Workload, peer: &'a Rung) -> Option<Beside<'a>> {
    let theirs = peer.best_ns_per_op?;
    let best = |rung: &Rung| rung.best_ns_per_op.unwrap_or(f64::INFINITY);
    let same = same(&workload.name, &peer.name);
    let comparable = |rung: &&Rung| {
        rung.peer.is_none()
            && rung.device.is_none()
            && rung.threads <= peer.threads
            && same.is_none_or(|name| rung.name == name)
    };
    let ours = workload.rungs.iter().filter(comparable);
    let ours = ours.min_by(|a, b| best(a).total_cmp(&best(b)))?;
    Some(Beside { workload, peer, ours, ratio: theirs / ours.best_ns_per_op? })
}

/// One sentence on all of them; nothing without peers.
pub(super) fn verdict(document: &Document) -> Option<String> {
    let all = all(document);
    let behind: Vec<String> = all.iter().filter(|one| one.is_behind()).map(words).collect();
    let ahead = all.len() - behind.len();
    match (all.len(), behind.is_empty()) {
        (0, _) => None,
        (count, true) => Some(format!("peers: ours is faster than each of {count}")),
        (count, false) => {
            let behind = behind.join("; ");
            Some(format!("peers: ours is faster than {ahead} of {count}; slower than {behind}"))
        }
    }
}

fn words(one: &Beside<'_>) -> String {
    let Beside { workload, peer, ours, ratio } = one;
    format!(
        "{} on {} {} ({} takes {:.2} times as long)",
        peer.name,
        workload.name,
        workload.label,
        ours.name,
        1.0 / ratio
    )
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::bench) fn rung(
        name: &str,
        ns: Option<f64>,
        peer: Option<&str>,
        threads: usize,
    ) -> Rung {
        let mut rung: Rung = serde_json::from_str(
            r#"{"name": "", "threads": 1, "status": "measured", "reason": null, "checked": true,
                "max_error": null, "build_s": null, "first_call_ns": null, "best_ns_per_op": null,
                "best_high_ns_per_op": null, "median_ns_per_op": null, "cpu_ns_per_op": null,
                "speedup_vs_naive": null, "speedup_vs_previous": null, "samples": 3,
                "clean_samples": 3, "clean_ns_per_op": []}"#,
        )
        .unwrap();
        rung.name = name.to_owned();
        rung.best_ns_per_op = ns;
        rung.peer = peer.map(str::to_owned);
        rung.threads = threads;
        rung
    }

    pub(in crate::bench) fn document(rungs: Vec<Rung>) -> Document {
        let workload = Workload {
            position: 0,
            name: "pi".to_owned(),
            about: String::new(),
            size: "course".to_owned(),
            label: "9 points".to_owned(),
            unit: "point".to_owned(),
            ops: 9.0,
            flops_per_op: 0.0,
            bytes_per_op: 0.0,
            noise_floor: None,
            rungs,
            course: Vec::new(),
            picture: None,
        };
        Document { workloads: vec![workload], ..Document::default() }
    }

    #[test]
    fn a_peer_meets_the_best_of_ours_on_as_many_cores() {
        let mut device = rung("gpu", Some(0.1), None, 1);
        device.device = Some("some".to_owned());
        let document = document(vec![
            rung("naive", Some(9.0), None, 1),
            rung("kernel", Some(2.0), None, 1),
            rung("threads", Some(1.0), None, 2),
            rung("lost", None, None, 1),
            device,
            rung("c", Some(3.0), Some("gcc"), 1),
            rung("c+threads", Some(0.5), Some("gcc"), 2),
            rung("dask", None, Some("dask"), 2),
        ]);
        let found: Vec<_> = all(&document)
            .iter()
            .map(|b| (b.peer.name.clone(), b.ours.name.clone(), b.ratio))
            .collect();
        let expected = [("c", "kernel", 1.5), ("c+threads", "threads", 0.5)];
        let expected =
            expected.map(|(peer, ours, ratio)| (peer.to_owned(), ours.to_owned(), ratio));
        assert_eq!(found, expected);
        let verdict = verdict(&document).unwrap();
        let slower = "c+threads on pi 9 points (threads takes 2.00 times as long)";
        assert_eq!(verdict, format!("peers: ours is faster than 1 of 2; slower than {slower}"));
    }

    #[test]
    fn a_recursion_meets_a_recursion() {
        let mut document = document(vec![
            rung("naive", Some(9.0), None, 1),
            rung("tuned", Some(0.1), None, 1),
            rung("memo", Some(0.5), None, 1),
            rung("c", Some(8.0), Some("gcc"), 1),
            rung("lru_cache", Some(5.0), Some("Python"), 1),
        ]);
        document.workloads[0].name = "fib".to_owned();
        let found: Vec<_> = all(&document).iter().map(|one| one.ours.name.clone()).collect();
        assert_eq!(found, ["naive", "memo"]);
    }

    #[test]
    fn without_peers_there_is_nothing_to_say() {
        assert_eq!(verdict(&document(vec![rung("naive", Some(9.0), None, 1)])), None);
    }
}
