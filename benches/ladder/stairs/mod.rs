//! In how many ways can a staircase be climbed in hops of one, two or three stairs?
//!
//! The course's exercise on caching (episode 2): `steps_to` is 1, 2, 4 for the first three stairs
//! and the sum of the three before from there on. Problems: 28 stairs for every rung, and 40, as
//! in the course, for the rungs that remember. An operation is one call of the plain recursion.
//!
//! **Check**: equality; 40 stairs are checked against the published number.

mod memo;
mod naive;
mod threads;
mod tuned;

use crate::{Rung, Size, Workload, rung};

/// The workload.
#[derive(Debug)]
pub struct Stairs;

impl Workload for Stairs {
    type Input = u32;
    type Output = u64;

    const NAME: &'static str = "stairs";
    const ABOUT: &'static str = "ways to climb a staircase in hops of one, two or three";
    const UNIT: &'static str = "call";
    const RUNGS: &'static [Rung<u32, u64>] = &[
        rung!(naive).unless(too_tall),
        rung!(tuned),
        rung!(threads).on_all_cores().unless(too_tall),
        rung!(memo),
    ];

    fn problems(size: Size) -> Vec<u32> {
        match size {
            Size::S => vec![18],
            Size::M => vec![24],
            Size::L => vec![32, 40],
            Size::Course => vec![28, 40],
        }
    }

    fn label(stairs: &u32) -> String {
        format!("{stairs} stairs")
    }

    fn ops(stairs: &u32) -> f64 {
        calls(*stairs)
    }

    fn digest(output: &u64) -> Vec<f64> {
        vec![*output as f64]
    }

    fn check(_: &u32, reference: &u64, got: &u64) -> Result<f64, String> {
        crate::check::equal(reference, got)
    }

    /// OEIS A000073 (tribonacci numbers): T(42).
    fn known(stairs: &u32) -> Option<u64> {
        (*stairs == 40).then_some(23_837_527_729)
    }
}

/// Calls of the plain recursion: one, and those of the three calls it makes.
fn calls(stairs: u32) -> f64 {
    (3..stairs).fold([1.0; 3], |[a, b, c], _| [b, c, 1.0 + a + b + c])[2]
}

/// Nobody wants to wait for the same lesson twice.
fn too_tall(stairs: &u32) -> Option<String> {
    // Measured: 1.1 ns a call.
    let seconds = calls(*stairs) * 1.1e-9;
    (seconds > 5.0).then(|| {
        format!("plain recursion makes {:.1e} calls, about {seconds:.0} s", calls(*stairs))
    })
}

#[cfg(test)]
mod tests {
    use super::{Stairs, calls, naive, too_tall, tuned};
    use crate::{Workload, ladder::agree};

    #[test]
    fn rungs_agree() {
        agree::at_size_s::<Stairs>();
        (1..22).for_each(|stairs| agree::on::<Stairs>(&stairs));
        agree::on::<Stairs>(&40);
    }

    /// OEIS A000073, from T(3); the course prints the 30th.
    #[test]
    fn gives_the_published_numbers() {
        let first = [1, 2, 4, 7, 13, 24, 44, 81, 149, 274, 504, 927, 1705];
        assert!((1..).zip(first).all(|(stairs, ways)| naive::run(&stairs) == ways));
        assert_eq!(tuned::run(&30), 53_798_080);
    }

    /// The number of the literature against its closed form (Spickerman, "Binet's formula for the
    /// tribonacci sequence", 1982): T(n) is the integer nearest to this, T(2) being 1.
    #[test]
    fn the_known_answer_is_the_closed_form_rounded() {
        let root = |sign: f64| (19.0 + sign * 3.0 * 33_f64.sqrt()).cbrt();
        let growth = (1.0 + root(1.0) + root(-1.0)) / 3.0;
        let b = (586.0 + 102.0 * 33_f64.sqrt()).cbrt();
        let ways = (3.0 * b * growth.powi(41) / (b * b - 2.0 * b + 4.0)).round();
        assert_eq!(Stairs::known(&40).map(|known| known as f64), Some(ways));
        assert_eq!(Stairs::known(&28), None);
    }

    #[test]
    fn an_operation_is_a_call() {
        fn count(n: u32) -> u64 {
            if n < 4 { 1 } else { 1 + count(n - 1) + count(n - 2) + count(n - 3) }
        }
        assert!((1..20).all(|stairs| calls(stairs) == count(stairs) as f64));
    }

    #[test]
    fn plain_recursion_is_excused_from_forty_stairs_only() {
        assert_eq!(too_tall(&32), None);
        let excuse = too_tall(&40).unwrap();
        assert!(excuse.contains("1.4e10 calls, about 15 s"), "{excuse}");
    }
}
