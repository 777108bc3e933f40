//! A scaling study: from the times that were measured on so many ranks to what they say, as text and as a page.
//!
//! Nothing here runs anything. A [`Study`] is what was measured, and is kept as JSON; [`Study::report`] works out
//! the rest.
//!
//! ```text
//! p = ranks x threads              n = p / p of the base, which is the point of fewest p
//! T   median of the samples
//! S   strong: T base / T           weak: n T base / T, the scaled speed-up
//! E   S / n
//! e   (1/S - 1/n) / (1 - 1/n)      Karp and Flatt (1990): the serial part, if that is all that is lost
//! ```
//!
//! A point with more ranks and threads than cores measures how they take turns. It is shown, and in no fit.

mod bootstrap;
mod figure;
mod fit;
mod page;
mod report;
mod split;
mod study;
#[cfg(test)]
mod tests;
mod text;
mod timed;
mod verdict;

pub(crate) use split::Split;
pub(crate) use study::{Kind, Point, Study};
pub(crate) use timed::Timed;
