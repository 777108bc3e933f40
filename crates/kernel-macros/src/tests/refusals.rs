//! Each line of the table is refused, on the construct and with the message that it says.

use super::read;
use crate::marks::unmark;
use crate::refused::REFUSED;

#[test]
fn the_table_is_refused() {
    let mut wrong = vec![];
    for (marked, part) in REFUSED {
        let (source, marks) = unmark(marked);
        let spans: Vec<&str> = marks.into_iter().map(|mark| &source[mark]).collect();
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

/// What the macro makes of it, printed.
fn expanded(source: &str) -> String {
    let (attr, item) = super::split(source);
    crate::expand(attr, item).to_string()
}

#[test]
fn a_refused_kernel_leaves_its_name_behind() {
    for source in [
        "#[kernel] pub fn f<T: Real>(x: Complex<T>) -> T { loop {} }",
        "#[kernel] #[inline] pub fn f(x: f64) -> f64 { let y = ; y }",
        "#[kernel] pub fn f(x: f64, ) -> { x }",
    ] {
        let printed = expanded(source);
        for part in ["compile_error", "pub use __f_was_refused :: f ;"] {
            assert!(printed.contains(part), "{part}: {printed}");
        }
    }
}

#[test]
fn what_is_no_function_stays() {
    for item in ["struct S ;", "impl S { fn f () { } }", "type F = fn (f64) -> f64 ;"] {
        let printed = expanded(&format!("#[kernel] {item}"));
        assert!(printed.contains("stands on a function") && printed.ends_with(item), "{printed}");
    }
}
