//! What a simulation counts beside what ranks count that compute.

use std::time::Duration;

use ndarray::{Array2, ArrayView2, Ix2, IxDyn, s};
use tenfold_array::{
    Array, Border, Error, Layout, Machine, Mesh, Random, Ranks, Settings, Simulation, WhatIf,
};

use super::on_ranks;

type Matrix = Array<f64, Ix2>;

/// 400 KiB, so that it is left where it is made.
const SHAPE: [usize; 2] = [250, 210];

fn numbers(layout: Option<&Layout>) -> Matrix {
    let numbers = Random::new(7).standard_normal(SHAPE, [40, 32]);
    layout.map_or_else(|| numbers.clone(), |layout| numbers.on(layout))
}

/// One for each number of ranks, which are a mesh of two rows, of a matrix of 7 by 7 chunks.
fn layout(size: usize, is_symmetric: bool) -> Layout {
    let mesh = Mesh::new([("row", 2.min(size)), ("column", (size / 2).max(1))]).unwrap();
    let layout = mesh.layout(["row", "column"]).unwrap();
    if is_symmetric { layout.symmetric().unwrap() } else { layout }
}

fn crossed(seen: ArrayView2<'_, f64>) -> Array2<f64> {
    let (rows, columns) = seen.dim();
    let inner = |down: usize, right: usize| {
        seen.slice(s![down..rows - 2 + down, right..columns - 4 + right]).to_owned()
    };
    inner(0, 1) + inner(2, 1) + inner(1, 0) + inner(1, 4)
}

fn stencil(x: &Matrix, border: Border<f64>) -> Matrix {
    x.map_overlap(&[1, 2], border, |seen, _| crossed(seen))
}

/// Operations that send something, or nothing.
fn operations(x: &Matrix) -> Vec<(&'static str, Array<f64, IxDyn>)> {
    let inner = x.slice(s![..210, ..]);
    let matrices = [
        ("function of elements", x.map(|x| x + 1.0)),
        ("stencil", stencil(x, Border::Wrap)),
        ("stencil with an edge", stencil(x, Border::Nearest)),
        ("stencil by parts", x.stencil(&[1, 2], Border::Wrap, |seen, _| crossed(seen))),
        ("transpose", &inner + &inner.t()),
        ("rechunk", x.rechunk([SHAPE[0], 7])),
        ("steps", x.slice(s![..;-3, 5..200;2]).map(|x| 2.0 * x)),
        ("anomaly", x - &x.mean_axis(0)),
        ("shifted", x + &x.roll(0, 41)),
        ("product", x.matmul(&x.t())),
        ("scan", x.cumsum(0)),
        ("sorted lanes", x.sort(1)),
    ];
    let mut all: Vec<_> = matrices.map(|(name, x)| (name, x.into_dyn())).into();
    all.push(("sum", x.sum().into_dyn()));
    all.push(("sums of rows", x.sum_axis(1).into_dyn()));
    all.push(("sums of columns", x.sum_axis(0).into_dyn()));
    all.push(("variance", x.var(1.0).into_dyn()));
    all.push(("two stages", (x - &x.mean()).map(|x| x * x).sum().into_dyn()));
    all.push(("greatest", x.argmax_axis(0).astype::<f64>().into_dyn()));
    all
}

/// What all ranks have sent together.
fn sent(
    size: usize,
    settings: &Settings,
    program: impl Fn(&Ranks<'_>) -> Result<(), Error> + Sync,
) -> (usize, usize) {
    let all = on_ranks(size, settings, |ranks| {
        program(ranks)?;
        Ok(ranks.sent())
    });
    let sum = |of: fn(&tenfold_array::Traffic) -> u64| all.iter().map(of).sum::<u64>() as usize;
    (sum(|sent| sent.messages), sum(|sent| sent.bytes))
}

/// What is sent to persist the numbers and then to do something with them, as ranks count it and as it is simulated.
fn both(
    size: usize,
    settings: &Settings,
    at: usize,
    stays: bool,
    layout: Option<&Layout>,
) -> [(usize, usize); 2] {
    let counted = sent(size, settings, |ranks| {
        let x = ranks.persist(&numbers(layout))?;
        let made = &operations(&x)[at].1;
        match stays {
            true => ranks.persist(made).map(drop),
            false => ranks.compute(made).map(drop),
        }
    });
    let ranks = settings.simulate(&Machine::new(size)).unwrap();
    let (x, first) = ranks.persist(&numbers(layout)).unwrap();
    let made = &operations(&x)[at].1;
    let told = if stays { ranks.persist(made).unwrap().1 } else { ranks.compute(made).unwrap() };
    assert!(told.is_exact());
    let total = |of: fn(&Simulation) -> usize| of(&first) + of(&told);
    [counted, (total(Simulation::messages), total(Simulation::bytes))]
}

#[test]
fn as_many_messages_and_bytes_are_simulated_as_are_sent() {
    let mut wrong = vec![];
    for at in 0..operations(&numbers(None)).len() {
        for (size, threads, stays) in
            [(1, 1, false), (2, 1, true), (3, 2, false), (4, 1, true), (7, 1, false), (7, 2, true)]
        {
            let settings = Settings::new().threads(threads);
            let [plain, symmetric] = [false, true].map(|is| layout(size, is));
            for layout in [None, Some(&plain), Some(&symmetric)] {
                let [counted, simulated] = both(size, &settings, at, stays, layout);
                if counted != simulated {
                    let name = operations(&numbers(None))[at].0;
                    wrong.push((name, size, threads, layout.cloned(), counted, simulated));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A transpose of chunks of 8 MB is read ahead, band by band.
#[test]
fn what_is_read_ahead_is_simulated_as_it_is_sent() {
    let large = || Array::<f64, _>::ones([2000, 2000], [1000, 1000]);
    let both = |x: &Matrix| x + &x.t();
    let settings = Settings::new().threads(1);
    let counted = sent(2, &settings, |ranks| {
        let x = ranks.persist(&large())?;
        ranks.persist(&both(&x)).map(drop)
    });
    let ranks = settings.simulate(&Machine::new(2)).unwrap();
    let (x, _) = ranks.persist(&large()).unwrap();
    let told = ranks.persist(&both(&x)).unwrap().1;
    assert!(told.is_exact());
    assert_eq!((told.messages(), told.bytes()), counted);
}

/// A machine of which each message takes a millisecond and nothing else takes any time, but for tasks of a second.
fn round_figures(ranks: usize) -> Machine {
    let machine = Machine::new(ranks).latency(Duration::from_millis(1)).overhead(Duration::ZERO);
    machine.bandwidth(1e30).task(Duration::from_secs(1)).what_if(WhatIf::Awake)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn is_near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6 * expected.max(1.0), "{found} instead of {expected}");
}

#[test]
fn a_sum_takes_what_it_takes_by_hand() {
    let settings = Settings::new().threads(1);
    let x = Array::<f64, _>::ones([80], 10);
    let simulation = settings.simulate(&round_figures(8)).unwrap().compute(&x.sum()).unwrap();
    // Three rounds tell whether all have one plan. After a second each sends its sum, and hears that it has come (2); sums go up
    // three heights (3), as those that meet do at the same time, and the sum comes down (3); and all meet once more (6).
    is_near(milliseconds(simulation.elapsed()), 3.0 + 1000.0 + 2.0 + 3.0 + 3.0 + 6.0);
    let [stage] = simulation.stages() else { panic!("{simulation}") };
    is_near(milliseconds(stage.elapsed), 1000.0 + 2.0 + 3.0 + 3.0);
    is_near(milliseconds(stage.wait), 2.0 + 3.0 + 3.0);
    is_near(stage.efficiency, 1000.0 / 1008.0);
    assert_eq!((stage.tasks, stage.messages), (8, 7 + 7));
    // One rank asks nobody.
    let simulation = settings.simulate(&round_figures(1)).unwrap().compute(&x.sum()).unwrap();
    is_near(milliseconds(simulation.elapsed()), 8000.0);
    is_near(simulation.efficiency(), 1.0);
}

/// Two ranks that share no switch send each other all bytes that they have, through half of what there is room for.
#[test]
fn bytes_take_their_time_and_more_where_they_are_congested() {
    let elapsed = |oversubscription: f64, changes: &[WhatIf]| {
        let machine = Machine::new(2).latency(Duration::ZERO).overhead(Duration::ZERO);
        let machine = machine.bandwidth(8e6).task(Duration::from_secs(1)).what_if(WhatIf::Awake);
        let machine = machine.fat_tree(1, oversubscription);
        let machine = changes.iter().copied().fold(machine, Machine::what_if);
        let ranks = Settings::new().threads(1).simulate(&machine).unwrap();
        let (x, _) = ranks.persist(&Array::<f64, _>::ones([2_000_000], 500_000)).unwrap();
        let turned = ranks.persist(&x.slice(s![..;-1]).map(|x| x + 1.0)).unwrap().1;
        turned.stages()[0].elapsed.as_secs_f64()
    };
    let is_about = |found: f64, expected: f64| {
        assert!((expected..expected + 0.01).contains(&found), "{found} instead of {expected}");
    };
    // Two tasks, and 8 MB at 8 MB/s, and what the messages have besides.
    is_about(elapsed(1.0, &[WhatIf::InTurn]), 2.0 + 1.0);
    is_about(elapsed(2.0, &[WhatIf::InTurn]), 2.0 + 2.0);
    // The first task cannot be computed while its half of them comes.
    is_about(elapsed(1.0, &[]), 2.0 + 0.5);
    is_about(elapsed(4.0, &[]), 4.0 + 2.0);
}

#[test]
fn the_same_seed_gives_the_same_times_and_jitter_takes_time() {
    let told = |machine: &Machine| {
        let ranks = Settings::new().threads(2).simulate(machine).unwrap();
        let (x, _) = ranks.persist(&Array::<f64, _>::ones([3200, 800], 100)).unwrap();
        ranks.persist(&stencil(&x, Border::Wrap)).unwrap().1
    };
    let machine = Machine::new(100).task(Duration::from_millis(1)).jitter(0.1);
    assert_eq!(told(&machine), told(&machine.clone()));
    assert_ne!(told(&machine), told(&machine.clone().seed(1)));
    let late = machine.clone().jitter(1.0);
    assert!(told(&late).elapsed() > told(&machine).elapsed());
    let json = told(&machine).to_json();
    assert!(json.contains("\"ranks\": 100") && json.contains("\"makes\": \"map_overlap"), "{json}");
}

/// Some ranks stand for the others, in both directions: what neighbours ask each other, and what all ask one.
#[test]
fn ranks_that_stand_for_others_send_about_as_much() {
    let settings = Settings::new().threads(1);
    let ranks = settings.simulate(&Machine::new(200)).unwrap();
    let (x, _) = ranks.persist(&Array::<f64, _>::ones([20_000, 1000], [10, 1000])).unwrap();
    let rows = x.map_overlap(&[1, 0], Border::Wrap, |seen, _| seen.to_owned());
    let told = ranks.persist(&rows).unwrap().1;
    assert!(!told.is_exact());
    // Each of 200 asks both neighbours for a row, the last and the first each other.
    let (answer, least) = (1000 * 8 + 10, 200 * 2);
    assert_eq!((told.messages(), told.bytes()), (2 * least, least * answer));
    // Each but the first sends one subtree or some more, and the sum comes down to all others.
    let told = ranks.compute(&x.sum()).unwrap();
    let sent = told.messages() - 199;
    assert!((199..199 * 3).contains(&sent), "{sent}");
}

#[test]
fn ten_million_chunks_on_a_thousand_ranks() {
    let machine = Machine::new(1000).task(Duration::from_millis(1));
    let ranks = Settings::new().threads(1).simulate(&machine).unwrap();
    let x = Array::<f32, _>::ones([10_000_000, 100], [1, 100]);
    assert_eq!(ranks.plan(&x.sum()).unwrap().tasks(), 10_000_000);
    let told = ranks.compute(&x.sum()).unwrap();
    assert_eq!(told.stages()[0].tasks, 10_000_000);
    // Ten thousand tasks of a millisecond each.
    assert_eq!(told.stages()[0].busy, Duration::from_secs(10));
    assert!(told.efficiency() > 0.9, "{told}");
}
