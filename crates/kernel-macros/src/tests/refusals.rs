//! Each line of the table is refused, on the construct and with the message that it says.

use super::read;
use crate::refused::REFUSED;

/// The source without its marks, and what lies between them.
fn unmark(marked: &str) -> (String, Vec<String>) {
    let mut spans = vec![];
    let mut rest = marked;
    while let Some((_, tail)) = rest.split_once('«') {
        let (inside, tail) = tail.split_once('»').expect("a mark is closed");
        spans.push(inside.to_owned());
        rest = tail;
    }
    (marked.replace(['«', '»'], ""), spans)
}

#[test]
fn the_table_is_refused() {
    let mut wrong = vec![];
    for (marked, part) in REFUSED {
        let (source, spans) = unmark(marked);
        match read(&source) {
            Ok(_) => wrong.push(format!("accepted: {source}")),
            Err(errors) => {
                let errors: Vec<_> = errors.into_iter().collect();
                let found: Vec<String> =
                    errors.iter().map(|e| e.span().source_text().unwrap_or_default()).collect();
                let messages: Vec<String> = errors.iter().map(ToString::to_string).collect();
                if found != spans || !messages.iter().any(|message| message.contains(part)) {
                    wrong
                        .push(format!("{marked}\n  on {found:?}\n  {messages:#?}\n  not {part:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), REFUSED.len(), wrong.join("\n"));
}

#[test]
fn messages_are_one_sentence() {
    for (marked, _) in REFUSED {
        for error in read(&unmark(marked).0).unwrap_err() {
            let message = error.to_string();
            // What does not parse has the parser's words.
            assert!(!message.ends_with('.') && !message.contains("  "), "{message}");
            assert!(!message.starts_with(char::is_uppercase), "{message}");
        }
    }
}

#[test]
fn all_errors_come_at_once() {
    let source = "#[kernel(math = quick)] fn f(x: f64, s: &str) -> f64 {
        let v = vec![x];
        let y = x.sqrtt();
        let z: u128 = 1;
        undefined + y * 2.0f32
    }";
    let errors: Vec<_> = read(source).unwrap_err().into_iter().collect();
    assert_eq!(errors.len(), 7, "{errors:?}");
}

#[test]
fn a_refused_kernel_leaves_its_name_behind() {
    let (attr, item) = super::split("#[kernel] pub fn f<T: Real>(x: Complex<T>) -> T { loop {} }");
    let printed = crate::expand(attr, item).to_string();
    for part in ["compile_error", "pub fn f < T : :: tenfold_kernel :: Real >", "pub struct f"] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
}
