//! How strongly a finding tints its line.
//!
//! The weight is the product of how often the code runs, as far as loops say, and of how much its
//! kind costs. Outside of loops it is pale, [`OUTSIDE`]. In a nest of loops it grows with the square
//! of the depth, up to 1 in the innermost: in the outer of two loops it is a third. A line is as
//! strong as the strongest of its findings.

use crate::annotation::{Finding, Kind};
use crate::flow::Region;

/// The tint of what runs once.
const OUTSIDE: f64 = 0.15;

/// The weight of a finding in a loop, or outside of any: 0 to 1.
pub(crate) fn of(finding: &Finding, region: Option<&Region>) -> f64 {
    factor(finding) * often(region)
}

fn often(region: Option<&Region>) -> f64 {
    let Some(region) = region else { return OUTSIDE };
    let deepest = f64::from(region.depth + region.height);
    let part = f64::from(region.depth) / deepest.max(1.0);
    OUTSIDE + (1.0 - OUTSIDE) * part * part
}

fn factor(finding: &Finding) -> f64 {
    match finding.kind {
        Kind::Scalar | Kind::Alloc => 1.0,
        Kind::Call if finding.what.ends_with("(libm)") => 1.0,
        // Once, a call or a division costs nothing that could be seen.
        Kind::Call | Kind::Div | Kind::Atomic if finding.depth == 0 => 0.3,
        Kind::Call => 0.9,
        Kind::Bounds => 0.8,
        Kind::Div => 0.7,
        Kind::Panic => 0.6,
        Kind::Atomic => 0.5,
        Kind::Spill => 0.3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(kind: Kind, region: Option<(u32, u32)>) -> f64 {
        let finding = Finding {
            kind,
            what: String::new(),
            callee: None,
            count: 1,
            depth: region.map_or(0, |r| r.0),
            innermost: region.is_some_and(|r| r.1 == 0),
        };
        let region = region.map(|(depth, height)| Region { head: 0, parent: None, depth, height });
        of(&finding, region.as_ref())
    }

    #[test]
    fn the_innermost_loop_is_strongest() {
        assert!((weight(Kind::Scalar, Some((1, 0))) - 1.0).abs() < 1e-12);
        assert!((weight(Kind::Scalar, Some((3, 0))) - 1.0).abs() < 1e-12);
        assert!(weight(Kind::Bounds, Some((1, 1))) < 0.5 * weight(Kind::Bounds, Some((2, 0))));
        assert!(weight(Kind::Bounds, None) < weight(Kind::Bounds, Some((1, 2))));
        assert!(weight(Kind::Div, None) < 0.05);
        assert!(weight(Kind::Spill, Some((1, 0))) < weight(Kind::Call, Some((1, 0))));
    }
}
