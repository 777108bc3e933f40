//! Words of several texts, counted in parallel: a task reads a text, one counts its words, and a tree of tasks puts the
//! counts together. One of the texts cannot be read at first.
//!
//! `cargo run --package tenfold-array --example word_count`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use tenfold_array::{Delayed, Error, Settings, join, try_delayed};

type Counts = BTreeMap<String, usize>;

const TEXTS: [&str; 4] = [
    "the quick brown fox jumps over the lazy dog",
    "the dog sleeps",
    "a fox is quick and the dog is not",
    "over and over",
];

/// A text, which its server gives when it is asked for the second time.
fn read(number: usize) -> Delayed<&'static str> {
    let asked = AtomicU32::new(0);
    let text = try_delayed(move || match asked.fetch_add(1, Ordering::Relaxed) {
        0 if number == 2 => Err("the server is busy"),
        _ => Ok(TEXTS[number]),
    });
    text.named(format!("read {number}")).retries(3)
}

fn count(text: &&str) -> Counts {
    let mut counts = Counts::new();
    for word in text.split_whitespace() {
        *counts.entry(word.into()).or_default() += 1;
    }
    counts
}

fn merged(a: &Counts, b: &Counts) -> Counts {
    let mut counts = a.clone();
    for (word, count) in b {
        *counts.entry(word.clone()).or_default() += count;
    }
    counts
}

fn main() -> Result<(), Error> {
    let counts: Vec<_> = (0..TEXTS.len()).map(|number| read(number).map(count)).collect();
    let all = counts.iter().skip(1).fold(counts[0].clone(), |sum, next| join((&sum, next), merged));
    let most =
        all.map(|all| all.iter().max_by_key(|(_, count)| **count).map(|(w, c)| (w.clone(), *c)));

    // What both need runs once.
    let (all, most) = Settings::new().compute_many((&all, &most))?;
    println!("{} words, most often {most:?}", all.len());
    assert_eq!(most, Some(("the".into(), 4)));
    assert_eq!(all.values().sum::<usize>(), 24);
    Ok(())
}
