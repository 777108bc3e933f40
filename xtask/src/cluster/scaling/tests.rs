use std::fs;

use proptest::prelude::*;

use super::bootstrap::Estimate;
use super::report::Report;
use super::{Kind, Point, Split, Study, Timed};
use crate::sh;

/// Six samples of a time, so that there is an interval.
fn point(ranks: usize, seconds: f64) -> Point {
    let seconds = vec![seconds; 6];
    Point { ranks, threads_per_rank: 1, nodes: 1, cores: 1024, seconds, split: None }
}

fn study(kind: Kind, points: impl IntoIterator<Item = Point>) -> Study {
    let (title, facts) = ("heat".to_owned(), vec![("program".to_owned(), "a <b>".to_owned())]);
    Study { title, kind, facts, points: points.into_iter().collect() }
}

fn strong(times: &[(usize, f64)]) -> Study {
    study(Kind::Strong, times.iter().map(|&(ranks, seconds)| point(ranks, seconds)))
}

fn near(estimate: &Estimate, expected: f64) -> bool {
    let near = |value: f64| (value - expected).abs() < 1e-12;
    near(estimate.value) && near(estimate.low()) && near(estimate.high())
}

fn serial(report: &Report<'_>) -> (Estimate, f64) {
    let fit = report.fit.as_ref().unwrap();
    (fit.serial, fit.off.unwrap())
}

#[test]
fn a_perfect_study_has_no_serial_part() {
    let study = strong(&[(8, 1.0), (1, 8.0), (4, 2.0), (2, 4.0)]);
    let report = study.report().unwrap();
    for (figure, n) in report.figures.iter().zip([1.0, 2.0, 4.0, 8.0]) {
        assert!(near(&figure.speedup, n) && near(&figure.efficiency, 1.0), "{figure:?}");
        assert!(figure.karp_flatt.is_none_or(|e| near(&e, 0.0)), "{figure:?}");
    }
    let (serial, off) = serial(&report);
    assert!(near(&serial, 0.0) && off < 1e-12);
    assert_eq!(
        report.verdict(),
        "worth running up to p = 8, the most that was measured: E is 1 [1, 1]"
    );
}

/// T = 100 (0.1 + 0.9 / n).
#[test]
fn amdahls_serial_part_is_found() {
    let study = strong(&[(1, 100.0), (2, 55.0), (4, 32.5), (8, 21.25), (16, 15.625)]);
    let report = study.report().unwrap();
    let last = &report.figures[4];
    assert!(near(&last.speedup, 6.4) && near(&last.efficiency, 0.4), "{last:?}");
    assert!(report.figures[1..].iter().all(|figure| near(&figure.karp_flatt.unwrap(), 0.1)));
    let (serial, off) = serial(&report);
    assert!(near(&serial, 0.1) && off < 1e-12, "{serial:?} {off}");
    let text = report.text();
    for part in [
        "worth running up to p = 8: E is 0.588 [0.588, 0.588] there, and 0.4 [0.4, 0.4] at p = 16\n",
        "Amdahl: serial part 0.1 [0.1, 0.1], so that no p is faster than 10×; off by 0 % at most\n",
        "16  15.6 s [15.6 s, 15.6 s]     6.4 [6.4, 6.4]        0.4 [0.4, 0.4]  0.1 [0.1, 0.1]     16",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
}

/// n T1 / T = n - 0.05 (n - 1), so that T = n / (n - 0.05 (n - 1)) for T1 = 1.
#[test]
fn gustafsons_serial_part_is_found() {
    let times = [(1, 1.0), (2, 2.0 / 1.95), (4, 4.0 / 3.85), (8, 8.0 / 7.65)];
    let study = study(Kind::Weak, times.map(|(ranks, seconds)| point(ranks, seconds)));
    let report = study.report().unwrap();
    let last = &report.figures[3];
    assert!(near(&last.speedup, 7.65) && near(&last.efficiency, 7.65 / 8.0), "{last:?}");
    let (serial, off) = serial(&report);
    assert!(near(&serial, 0.05) && off < 1e-12, "{serial:?} {off}");
    assert!(report.text().contains("Gustafson: serial part 0.05 [0.05, 0.05]; off by 0 %"));
}

/// By hand: with x = 1 - 1/n and y = 1/S - 1/n these are x = 1/2, 3/4 and y = 1/10, 1/20,
/// and f = (1/20 + 3/80) / (1/4 + 9/16) = 7/65. The law's 1/S at n = 4 is 1/4 + 7/65 3/4 = 0.33077, and S is 10/3.
#[test]
fn what_fits_no_law_is_fitted_by_least_squares() {
    let study = strong(&[(1, 1.0), (2, 0.6), (4, 0.3)]);
    let (serial, off) = serial(&study.report().unwrap());
    assert!(near(&serial, 7.0 / 65.0), "{serial:?}");
    assert!((off - (0.330_769_230_769 / 0.3 - 1.0)).abs() < 1e-9, "{off}");
}

#[test]
fn faster_than_ideal_is_told() {
    let study = strong(&[(1, 10.0), (2, 4.0)]);
    let report = study.report().unwrap();
    let two = &report.figures[1];
    assert!(near(&two.speedup, 2.5) && near(&two.efficiency, 1.25), "{two:?}");
    assert!(near(&two.karp_flatt.unwrap(), -0.2));
    let text = report.text();
    assert!(text.contains("\nfaster than ideal at p = 2: "), "{text}");
    // No bound, for there is no serial part; and one point is on any law.
    assert!(
        text.contains("serial part -0.2 [-0.2, -0.2]; of one point, so that it cannot be off\n")
    );
}

#[test]
fn one_point_says_nothing() {
    let study = strong(&[(4, 10.0)]);
    let report = study.report().unwrap();
    assert!(report.fit.is_none());
    assert_eq!(report.verdict(), "p = 4 alone says nothing about scaling; measure another p");
    assert!(report.page().contains("alone says nothing"));
}

#[test]
fn without_a_point_of_one_all_is_relative() {
    let study = strong(&[(2, 8.0), (4, 4.0), (8, 4.0)]);
    let report = study.report().unwrap();
    let s: Vec<f64> = report.figures.iter().map(|figure| figure.speedup.value).collect();
    let e: Vec<f64> = report.figures.iter().map(|figure| figure.efficiency.value).collect();
    assert_eq!((s, e), (vec![1.0, 2.0, 2.0], vec![1.0, 1.0, 0.5]));
    let text = report.text();
    assert!(text.contains("speed-up and efficiency are in relation to p = 2\n"), "{text}");
}

#[test]
fn the_faster_of_two_ways_to_as_many_cores_is_the_base() {
    let hybrid = Point { threads_per_rank: 2, ..point(1, 5.0) };
    let study = study(Kind::Strong, [point(2, 6.0), hybrid, point(4, 3.0)]);
    let report = study.report().unwrap();
    let s: Vec<f64> = report.figures.iter().map(|figure| figure.speedup.value).collect();
    assert_eq!(s, [1.0, 5.0 / 6.0, 5.0 / 3.0]);
    // Two points of one p have nothing between them.
    assert!(report.figures[1].karp_flatt.is_none());
    let text = report.text();
    assert!(text.contains("in relation to p = 2 (1 rank x 2 threads)\n"), "{text}");
}

#[test]
fn crowded_points_are_shown_and_not_fitted() {
    let mut all = strong(&[(1, 8.0), (2, 4.0), (4, 6.0), (8, 7.0)]);
    all.points.iter_mut().for_each(|point| point.cores = 2);
    let report = all.report().unwrap();
    let crowded: Vec<bool> = report.figures.iter().map(|figure| figure.crowded).collect();
    assert_eq!(crowded, [false, false, true, true]);
    assert!(near(&report.fit.as_ref().unwrap().serial, 0.0));
    assert!(
        report.verdict().starts_with("worth running up to p = 2, the most that had a core each")
    );
    let (text, page) = (report.text(), report.page());
    assert!(text.contains("\n*4 ") && text.contains("*: more ranks and threads than cores"));
    assert_eq!(page.matches("class=\"dot square s0 hollow\"").count(), 3 * 2, "three charts");

    all.points.iter_mut().for_each(|point| point.cores = 1);
    let report = all.report().unwrap();
    assert!(report.fit.is_none());
    assert_eq!(
        report.verdict(),
        "no point beside the base has a core for each of its ranks and threads"
    );
    // Nor is what takes turns the base.
    all.points.iter_mut().for_each(|point| point.cores = 1 + point.ranks % 8);
    all.points.remove(0);
    let report = all.report().unwrap();
    assert_eq!((report.base, report.figures[0].n), (0, 1.0));
    all.points[0].cores = 1;
    let report = all.report().unwrap();
    assert_eq!((report.base, report.figures[0].n), (1, 0.5));
    assert!(report.figures[0].karp_flatt.is_none());
}

#[test]
fn what_is_too_noisy_is_said_to_be() {
    // E is 0.5 at the median, and its interval is around it.
    let noisy = Point { seconds: vec![0.8, 0.9, 1.0, 1.0, 1.1, 1.2], ..point(2, 1.0) };
    let study = |points: Vec<Point>| study(Kind::Strong, points);
    let alone = study(vec![point(1, 1.0), noisy.clone()]);
    let said = alone.report().unwrap().verdict().to_owned();
    assert!(
        said.starts_with("no more than p = 1 is known to be worth it; whether up to p = 2 is too noisy to tell: E is 0.5 [0.4"),
        "{said}"
    );
    let after = study(vec![point(1, 2.0), point(2, 1.0), Point { ranks: 4, ..noisy }]);
    let said = after.report().unwrap().verdict().to_owned();
    assert!(said.starts_with("worth running up to p = 2; whether up to p = 4 is"), "{said}");
    // Half is enough.
    let half = study(vec![point(1, 1.0), point(2, 1.0), point(4, 1.0)]);
    assert_eq!(
        half.report().unwrap().verdict(),
        "worth running up to p = 2: E is 0.5 [0.5, 0.5] there, and 0.25 [0.25, 0.25] at p = 4"
    );
}

#[test]
fn what_is_not_worth_it_is_said_to_be() {
    let study = strong(&[(1, 1.0), (2, 1.25), (4, 1.0)]);
    assert_eq!(
        study.report().unwrap().verdict(),
        "not worth more than p = 1: E is 0.4 [0.4, 0.4] at p = 2"
    );
}

#[test]
fn few_samples_have_no_interval_and_say_so() {
    let mut study = strong(&[(1, 8.0), (2, 5.0)]);
    study.points[1].seconds = vec![4.0, 5.0, 6.0];
    let report = study.report().unwrap();
    assert_eq!(report.figures[1].efficiency, Estimate { value: 0.8, interval: None });
    let text = report.text();
    assert!(text.contains("fewer than 6 samples of a point have no interval\n"), "{text}");
    assert!(text.ends_with("the most that was measured: E is 0.8\n"), "{text}");
}

#[test]
fn errors_name_the_point() {
    let said = |change: &dyn Fn(&mut Point)| {
        let mut study = strong(&[(1, 1.0), (2, 1.0)]);
        change(&mut study.points[1]);
        study.report().unwrap_err().to_string()
    };
    let bound = "and must be from 1e-9 to 1e9 seconds";
    for (seconds, name) in [(f64::NAN, "NaN"), (0.0, "0"), (-1.0, "-1"), (f64::INFINITY, "inf")] {
        let expected = format!("point 2 (2 ranks): sample 3 is {name}, {bound}");
        assert_eq!(said(&|point| point.seconds[2] = seconds), expected);
    }
    assert_eq!(said(&|point| point.seconds.clear()), "point 2 (2 ranks): it has no samples");
    assert_eq!(said(&|p| p.ranks = 0), "point 2 (0 ranks): ranks is 0, and must be 1 or more");
    assert!(said(&|p| p.threads_per_rank = 0).contains("threads_per_rank is 0"));
    assert!(said(&|p| p.nodes = 0).contains("nodes is 0"));
    assert!(said(&|p| p.cores = 0).contains("cores is 0"));
    assert!(
        said(&|p| p.ranks = usize::MAX).ends_with("ranks times threads are at most 4294967296")
    );
    let split = Split { compute: f64::NAN, communication: 0.0, wait: 0.0 };
    assert!(said(&|point| point.split = Some(split)).contains("its compute is NaN"));
    assert_eq!(
        said(&|point| point.ranks = 1),
        "point 2 (1 rank) is there twice on as many nodes; give all its samples in one point"
    );
    let empty = study(Kind::Weak, []).report().unwrap_err().to_string();
    assert_eq!(empty, "the study \"heat\" has no points");
}

#[test]
fn a_study_is_kept_as_json() {
    let mut study = strong(&[(1, 1.0), (2, 0.6)]);
    study.points[1].split = Some(Split { compute: 0.4, communication: 0.1, wait: 0.1 });
    let json = serde_json::to_string(&study).unwrap();
    assert_eq!(serde_json::from_str::<Study>(&json).unwrap(), study);
    let least = r#"{"title": "t", "kind": "weak", "points": [
        {"ranks": 1, "threads_per_rank": 1, "nodes": 1, "cores": 2, "seconds": [1.5]}]}"#;
    let least: Study = serde_json::from_str(least).unwrap();
    assert_eq!((least.kind, least.points[0].split), (Kind::Weak, None));
}

#[test]
fn results_of_programs_make_a_study() {
    let result = |ranks, seconds| {
        let json = format!(r#"{{"ranks": {ranks}, "samples": [{seconds}], "right": true}}"#);
        Timed::read(&json).unwrap().point(1, 2, None)
    };
    let study = study(Kind::Weak, [result(1, 2.0), result(2, 2.5)]);
    let report = study.report().unwrap();
    assert_eq!(report.verdict(), "worth running up to p = 2, the most that was measured: E is 0.8");
}

#[test]
fn the_page_has_all_its_parts() {
    let mut study = strong(&[(1, 100.0), (2, 55.0), (4, 32.5)]);
    study.points[2].split = Some(Split { compute: 24.0, communication: 6.0, wait: 2.0 });
    let page = study.report().unwrap().page();
    for part in [
        "<h1>heat, strong scaling</h1>",
        "speed-up over p",
        "time over p",
        "efficiency over p",
        "Amdahl: serial part 0.1 [0.1, 0.1]",
        "<title>communication: 18.8 % (communication)",
        "<td class=\"num\">18.8 %</td>",
        "<dt>program</dt><dd>a &lt;b&gt;</dd>",
    ] {
        assert!(page.contains(part), "{part:?} in {page}");
    }
}

#[test]
fn the_picture_is_the_speed_up_of_the_page() {
    let study = strong(&[(1, 100.0), (2, 55.0), (4, 32.5)]);
    let report = study.report().unwrap();
    let (picture, page) = (report.picture(), report.page());
    assert!(picture.contains(">heat, strong scaling</text>") && picture.contains(">Amdahl</text>"));
    let points = |text: &str| {
        let lines = text.split(" points=\"").skip(1).filter_map(|rest| rest.split('"').next());
        lines.filter(|points| points.len() > 20).map(str::to_owned).collect::<Vec<_>>()
    };
    // The page goes on with other charts.
    assert_eq!(points(&picture), points(&page)[..3]);
    assert_eq!(points(&picture).len(), 3, "measured, ideal, Amdahl");
}

/// The picture in the book is that of the study on record.
#[test]
fn the_picture_in_the_book_is_that_of_its_record() {
    let read = |path: &str| fs::read_to_string(sh::root().join(path)).unwrap();
    let study: Study = serde_json::from_str(&read(RECORD)).unwrap();
    let picture = study.report().unwrap().picture();
    if picture != read(PICTURE) {
        let path = sh::build_dir().join("tenfold/speedup.svg");
        fs::create_dir_all(sh::build_dir().join("tenfold")).unwrap();
        fs::write(&path, picture).unwrap();
        panic!("{PICTURE} is not what is drawn of {RECORD}: put {} there", path.display());
    }
}

const RECORD: &str = "benches/record/scaling-2026-11-28.json";
const PICTURE: &str = "docs/src/pictures/speedup.svg";

fn any_point() -> impl Strategy<Value = Point> {
    let seconds = prop::collection::vec(prop_oneof![0.1..10.0_f64, 1e-9..1e9_f64], 1..9);
    let split = prop::option::of((0.0..1e9_f64, 0.0..1e9_f64, 0.0..1e9_f64));
    let counts = (1..65_536_usize, 1..9_usize, 1..5_usize, 1..131_072_usize);
    (counts, seconds, split).prop_map(
        |((ranks, threads_per_rank, nodes, cores), seconds, split)| {
            let split =
                split.map(|(compute, communication, wait)| Split { compute, communication, wait });
            Point { ranks, threads_per_rank, nodes, cores, seconds, split }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whatever_was_measured_all_figures_are_numbers(
        weak: bool,
        points in prop::collection::vec(any_point(), 1..6),
    ) {
        let study = study(if weak { Kind::Weak } else { Kind::Strong }, points);
        // Points that are there twice are refused.
        if let Ok(report) = study.report() {
            for figure in &report.figures {
                let estimates = [figure.time, figure.speedup, figure.efficiency];
                for estimate in estimates.into_iter().chain(figure.karp_flatt) {
                    let Estimate { value, .. } = estimate;
                    prop_assert!(value.is_finite() && estimate.low() <= value && value <= estimate.high());
                    prop_assert!(estimate.low().is_finite() && estimate.high().is_finite());
                }
                prop_assert!(figure.speedup.value > 0.0);
            }
            if let Some(fit) = &report.fit {
                prop_assert!(fit.serial.low().is_finite() && fit.serial.high().is_finite());
            }
            for text in [report.text(), report.page()] {
                prop_assert!(!text.contains("n/a") && !text.contains("NaN"), "{}", text);
            }
        }
    }
}
