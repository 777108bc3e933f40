//! What the tests of every workload share: do its rungs agree?

use std::sync::LazyLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::{Cores, Rung, Size, Workload};

/// One thread, two, and numbers that divide nothing evenly.
static POOLS: LazyLock<Vec<ThreadPool>> = LazyLock::new(|| {
    let pool = |threads| ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    [1, 2, 3, 7].map(pool).into()
});

/// Every rung on every problem of [`Size::S`].
pub(super) fn at_size_s<W: Workload>()
where
    W::Output: PartialEq + std::fmt::Debug,
{
    for input in W::problems(Size::S) {
        assert!(W::ops(&input) > 0.0);
        on::<W>(&input);
    }
}

/// Every rung against the known answer, or against the first rung. One that uses all cores must
/// give the same bits in every pool.
pub(super) fn on<W: Workload>(input: &W::Input)
where
    W::Output: PartialEq + std::fmt::Debug,
{
    let mut reference = W::known(input);
    for rung in W::RUNGS {
        let Some(answers) = answers(rung, input) else { continue };
        let reference = reference.get_or_insert_with(|| rung.run.unwrap()(input));
        for answer in &answers {
            if let Err(error) = W::check(input, reference, answer) {
                panic!("{} {} on {}: {error}", W::NAME, rung.name, W::label(input));
            }
            assert_eq!(answer, &answers[0], "{} {} differs by pool", W::NAME, rung.name);
        }
    }
}

/// The answer of every rung that is built and takes the problem, with its name.
pub(super) fn each<W: Workload>(
    input: &W::Input,
) -> impl Iterator<Item = (&'static str, W::Output)> {
    let answer = |rung: &Rung<_, _>| Some((rung.name, answers(rung, input)?.swap_remove(0)));
    W::RUNGS.iter().filter_map(answer)
}

/// One answer, or one from every pool; none if the rung is not built or takes no such problem.
fn answers<I: Sync, O: Send>(rung: &Rung<I, O>, input: &I) -> Option<Vec<O>> {
    let run = rung.run.ok()?;
    if rung.excuse.is_some_and(|excuse| excuse(input).is_some()) {
        return None;
    }
    Some(match rung.cores {
        Cores::One | Cores::Device => vec![run(input)],
        Cores::All => POOLS.iter().map(|pool| pool.install(|| run(input))).collect(),
    })
}
