use crate::fixture::{annotation, cell, empty, finding, line as with};
use crate::{Isa, Kind};

#[test]
fn tinted_lines_have_what_was_found_and_what_to_change() {
    let text = annotation().to_text(false);
    for part in [
        "heat: 6 of 15 lines with code are tinted, in 3 of 5 functions.",
        "heat::step (baseline) src/heat.rs:4\n      scalar: 3 bounds checks in the inner loop",
        " v4   v3  base         src/heat.rs\n",
        " ▓1        █1      24          sum += (-x / t).exp();\n",
        "! call of `exp` (libm), in the innermost of 2 loops\n",
        "! baseline: sum in order of f64",
        "> if `t` does not change in the loop, multiply by `1.0 / t`",
        "~ loop not vectorized: library call cannot be vectorized\n",
        "src/heat.rs: 9 lines with code are clean\n",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    assert!(!text.contains("*y += a * x"), "a clean line is listed");
}

#[test]
fn what_is_clean_is_said_in_one_line() {
    let mut annotation = annotation();
    annotation.files[0].lines.retain(|_, line| line.tint() == 0.0);
    let text = annotation.to_text(false);
    assert!(text.starts_with("heat: Clean: nothing slow in 9 lines with code, of 5 functions.\n"));
    assert!(text.ends_with("\nsrc/heat.rs: 9 lines with code are clean\n"), "{text}");
}

#[test]
fn packed_arithmetic_beside_scalar_one_is_no_vector() {
    let mut annotation = annotation();
    let mut mixed = cell(0, 1.0, &[finding(Kind::Scalar, "scalar f64 arithmetic", 1, 1)]);
    (mixed.counts.packed, mixed.counts.lanes) = (4, 2);
    annotation.files[0].lines.insert(9, with([(Isa::Baseline, mixed)]));
    assert!(annotation.to_text(false).contains(" █1       9"), "{}", annotation.to_text(false));
}

#[test]
fn colour_is_there_when_it_is_asked_for() {
    let escape = '\u{1b}';
    assert!(!annotation().to_text(false).contains(escape));
    let coloured = annotation().to_text(true);
    assert!(coloured.contains("\u{1b}[30;48;5;220m 1  \u{1b}[0m"));
    assert!(coloured.matches("m").count() >= coloured.matches(escape).count());
}

#[test]
fn rows_stay_within_the_terminal() {
    let mut annotation = annotation();
    annotation.files[0].name = "very/".repeat(60);
    annotation.functions[0].summary = "long".repeat(100);
    annotation.files[0].text = annotation.files[0].text.replace("report(", &"report".repeat(30));
    for row in annotation.to_text(false).lines() {
        assert!(row.chars().count() <= super::WIDTH, "{} in {row}", row.chars().count());
    }
}

#[test]
fn text_from_elsewhere_commands_no_terminal() {
    let mut annotation = annotation();
    let hostile = "\u{1b}[2J\r\u{7}\u{9b}31m";
    annotation.files[0].name = hostile.to_owned();
    annotation.files[0].text = annotation.files[0].text.replace("sum", hostile);
    annotation.functions[0].name = hostile.to_owned();
    annotation.functions[0].summary = hostile.to_owned();
    let findings = [finding(Kind::Call, hostile, 1, 1)];
    annotation.files[0].lines.insert(9, with([(Isa::V4, cell(0, 1.0, &findings))]));
    let text = annotation.to_text(false);
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
}

#[test]
fn of_many_functions_the_clean_ones_are_counted() {
    let mut annotation = annotation();
    let clean = annotation.functions[1].clone();
    annotation.functions.extend((0..40).map(|_| clean.clone()));
    let text = annotation.to_text(false);
    assert!(text.contains("\n42 other functions with nothing found\n"), "{text}");
    assert!(text.contains("heat::step (baseline)"));
}

#[test]
fn lines_outside_of_the_text_are_named() {
    let mut annotation = annotation();
    annotation.files[0].text.truncate(40);
    let text = annotation.to_text(false);
    assert!(text.contains("15 lines with code lie outside of the text"), "{text}");
    assert!(text.contains("    24"), "{text}");
}

#[test]
fn nothing_at_all_is_not_clean() {
    assert_eq!(empty().to_text(true), ": No line has code.\n");
}
