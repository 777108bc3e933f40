//! Sources with what an error stands on between marks: for the tests of every macro crate, which include this
//! file.

use std::ops::Range;

/// The source without its marks, and where in it lies what they enclose.
pub(crate) fn unmark(marked: &str) -> (String, Vec<Range<usize>>) {
    let (mut source, mut starts, mut marks) = (String::new(), vec![], vec![]);
    for letter in marked.chars() {
        match letter {
            '«' => starts.push(source.len()),
            '»' => marks.push(starts.pop().expect("a mark is open")..source.len()),
            _ => source.push(letter),
        }
    }
    assert!(starts.is_empty(), "a mark is not closed: {marked}");
    (source, marks)
}
