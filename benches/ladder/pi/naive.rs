//! The obvious loop.

use super::Points;
use crate::ladder::splitmix;

pub(super) fn run(points: &Points) -> u64 {
    let mut inside = 0;
    for i in 0..points.n {
        let bits = splitmix::output(points.seed, i);
        let x = (bits >> 32) as f64 / 4_294_967_296.0;
        let y = (bits & 0xFFFF_FFFF) as f64 / 4_294_967_296.0;
        if x * x + y * y <= 1.0 {
            inside += 1;
        }
    }
    inside
}
