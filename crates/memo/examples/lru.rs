//! A memo as a value, in a field: how often each line of a text has which words.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_memo::Memo;

struct Counter {
    counts: Memo<(String, char), usize>,
}

impl Counter {
    /// Found by `&str` and `char`; a `String` is made when it is not there.
    fn count(&self, line: &str, letter: char) -> usize {
        self.counts
            .get_or_insert_with((line, letter), || line.chars().filter(|&c| c == letter).count())
    }
}

fn main() {
    let counter = Counter { counts: Memo::new(100) };
    let lines = ["she sells", "sea shells", "she sells"];
    let letters: Vec<usize> = lines.iter().map(|line| counter.count(line, 's')).collect();
    println!("{letters:?}, {}", counter.counts.info());
    assert_eq!(letters, [3, 3, 3]);
    assert_eq!((counter.counts.info().hits, counter.counts.info().misses), (1, 2));
}
