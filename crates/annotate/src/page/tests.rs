use std::collections::BTreeMap;

use crate::fixture::{annotation, cell, empty, finding, line, packed};
use crate::{Annotation, Instruction, Isa, Kind};

#[path = "../../../report/tests/integration/markup.rs"]
mod markup;

/// The page, which is a document that holds by itself.
fn page(annotation: &Annotation) -> String {
    let page = annotation.to_html();
    markup::assert_well_formed(&page);
    markup::assert_self_contained(&page);
    page
}

/// The part of a page that is a line and what it opens.
fn opened(page: &str, line: u32) -> &str {
    let from = page.find(&format!("<details id=\"f0-{line}\">")).expect("a line that opens");
    &page[from..from + page[from..].find("</details>").expect("its end")]
}

#[test]
fn a_line_has_a_cell_a_variant_and_opens_to_what_was_found() {
    let page = page(&annotation());
    let line = opened(&page, 24);
    for part in [
        "<i class=\"hot\" style=\"--t:70%\">1</i><i class=\"no\"></i>",
        "<i class=\"hot\" style=\"--t:100%\">1</i><code>        sum += (-x / t).exp();</code>",
        "<b>exp</b><b>scalar</b><b>div</b>",
        "<li>call of <code>exp</code> (libm), in the innermost of 2 loops</li>",
        "<li>baseline: sum in order of f64",
        "multiply by <code>1.0 / t</code>, computed before it",
        "<li>loop not vectorized: library call cannot be vectorized</li>",
        "<h4>v4<small>5 instructions: 1 scalar</small></h4>",
        "<mark>  1bd4  │ │ division by f64<b>div</b></mark>",
    ] {
        assert!(line.contains(part), "no {part} in\n{line}");
    }
}

#[test]
fn what_is_heaviest_in_any_variant_comes_first() {
    let mut annotation = annotation();
    let spill = cell(2, 0.3, &[finding(Kind::Spill, "spill", 9, 2)]);
    let inner = finding(Kind::Bounds, "bounds check", 2, 2);
    let outer = finding(Kind::Alloc, "allocation", 1, 1);
    let both = [(Isa::V4, spill), (Isa::Baseline, cell(0, 0.8, &[outer, inner]))];
    annotation.files[0].lines.insert(9, line(both));
    let page = page(&annotation);
    assert!(opened(&page, 9).contains("<b>2 bounds</b><b>9 spill</b><b>alloc</b>"));
}

#[test]
fn clean_lines_are_white_and_lines_without_code_do_not_open() {
    let page = page(&annotation());
    let clean = opened(&page, 17);
    assert!(clean.contains("<i>8</i><i>4</i><i>2</i><code>        *y += a * x;</code></summary>"));
    assert!(!clean.contains("<mark") && !clean.contains("Found"));
    assert!(page.contains("<div><code>/// One step; rows are vectors of their own.</code></div>"));
}

#[test]
fn the_page_leads_with_its_verdict_and_the_heaviest_lines() {
    let page = page(&annotation());
    assert!(page.contains("<p>6 of 15 lines with code are tinted, in 3 of 5 functions.</p>"));
    let first = page.find("<section id=\"first\">").expect("where to look first");
    let order: Vec<usize> = [8, 24, 33, 32, 6, 30]
        .iter()
        .map(|line| first + page[first..].find(&format!("#f0-{line}\"")).expect("a link"))
        .collect();
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn a_clean_page_says_so_and_names_no_line() {
    let mut annotation = annotation();
    annotation.files[0].lines.retain(|_, line| line.tint() == 0.0);
    let page = page(&annotation);
    assert!(page.contains("Clean: nothing slow in 9 lines with code"));
    assert!(!page.contains("id=\"first\""));
}

#[test]
fn every_kind_is_explained() {
    let page = page(&annotation());
    let words = &page[page.find("<section id=\"words\">").expect("the words")..];
    for &kind in Kind::ALL {
        assert!(words.contains(&format!("<code>{}</code>", kind.word())), "{kind:?}");
    }
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "</code><script>alert(1)</script>`\u{1b}\0\" onclick='x'";
    let mut annotation = annotation();
    annotation.binary = hostile.into();
    annotation.files[0].name = hostile.to_owned();
    annotation.files[0].text = annotation.files[0].text.replace("sum", hostile);
    annotation.functions[0].name = hostile.to_owned();
    annotation.functions[0].summary = hostile.to_owned();
    let mut there = line([(Isa::V3, cell(0, 1.0, &[finding(Kind::Call, hostile, 2, 1)]))]);
    there.remarks.push(hostile.to_owned());
    there.hints.push(hostile.to_owned());
    annotation.files[0].lines.insert(9, there);
    page(&annotation);
}

#[test]
fn odd_annotations_make_pages() {
    page(&empty());
    let mut odd = annotation();
    odd.functions.clear();
    let nan = cell(99, f64::NAN, &[finding(Kind::Div, "", 0, u32::MAX)]);
    odd.files[0].lines.insert(0, line([(Isa::V4, nan)]));
    odd.files[0].lines.insert(u32::MAX, line([(Isa::V4, packed(0, 0))]));
    odd.files[0].lines.insert(3, line([]));
    let page = page(&odd);
    assert!(page.contains("2 lines with code lie outside of the text"));
    assert!(page.contains("line 4294967295: "));
}

#[test]
fn names_lose_the_folders_that_all_files_are_in() {
    let mut annotation = annotation();
    assert_eq!(super::label(&annotation, 0), "heat.rs");
    let mut other = annotation.files[0].clone();
    other.name = "src/simd/é.rs".to_owned();
    annotation.files.push(other);
    assert_eq!(super::label(&annotation, 0), "heat.rs");
    assert_eq!(super::label(&annotation, 1), "simd/é.rs");
    assert_eq!(super::label(&annotation, 2), "");
    annotation.files[1].name = "/elsewhere/é.rs".to_owned();
    assert_eq!(super::label(&annotation, 1), "/elsewhere/é.rs");
    let page = page(&annotation);
    assert!(page.contains("<figcaption>/elsewhere/é.rs</figcaption>"));
}

#[test]
fn links_lead_to_lines_that_are_there() {
    let mut annotation = annotation();
    annotation.functions[0].line = 9999;
    annotation.functions[1].file = 7;
    annotation.functions[2].line = 0;
    annotation.files[0].lines.insert(0, line([(Isa::V4, packed(0, 0))]));
    annotation.files[0].lines.insert(9999, line([(Isa::V4, packed(0, 0))]));
    let page = page(&annotation);
    for target in page.split("<a href=\"#f0-").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.contains(&format!("<details id=\"f0-{target}\">")), "{target}");
    }
    assert!(page.contains(":9999"));
}

#[test]
fn many_functions_are_folded() {
    let mut annotation = annotation();
    let clean = annotation.functions[1].clone();
    annotation.functions.extend((0..40).map(|_| clean.clone()));
    assert!(page(&annotation).contains("<summary>42 functions with nothing found</summary>"));
}

#[test]
fn thousands_of_functions_are_counted() {
    let mut annotation = annotation();
    let mut clean = annotation.functions[1].clone();
    clean.name = "heat::generic<".repeat(1000);
    annotation.functions.extend((0..5000).map(|_| clean.clone()));
    let page = page(&annotation);
    assert!(page.contains("4602 functions are left out here"));
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
}

/// A file of so many lines, each with so many instructions, of which the last is offending.
fn large(lines: u32, instructions: u64) -> Annotation {
    let mut annotation = annotation();
    let file = &mut annotation.files[0];
    file.text = "    let y = a[i] * x[i] + b;\n".repeat(lines as usize);
    file.lines = (1..=lines)
        .map(|number| {
            let mut cell = packed(0, 8);
            cell.weight = 0.5;
            let instruction = |at| Instruction {
                address: 0x40_1000 + 7 * at,
                text: "vfmadd231pd zmm0,zmm1,[rdi+rax*8+0x40]".to_owned(),
                function: 0,
                depth: 1,
                kind: (at + 1 == instructions).then_some(Kind::Bounds),
                gap: false,
            };
            cell.assembly = (0..instructions).map(instruction).collect();
            (number, line([(Isa::V4, cell)]))
        })
        .collect::<BTreeMap<_, _>>();
    annotation
}

#[test]
fn a_page_of_a_hundred_thousand_instructions_stays_small() {
    let page = page(&large(5000, 20));
    assert!(page.len() < 6_000_000, "{} bytes", page.len());
    assert_eq!(page.matches("<mark>").count(), 5000, "an offending instruction is left out");
    assert!(page.contains("⋯ 12 more\n"));
}

#[test]
fn a_line_of_a_hundred_thousand_instructions_shows_the_offending_one() {
    let page = page(&large(1, 100_000));
    assert!(page.len() < 100_000, "{} bytes", page.len());
    assert!(page.contains("<b>bounds</b></mark>") && page.contains("⋯ 99760 more"));
}

#[test]
fn the_same_annotation_gives_the_same_bytes() {
    assert_eq!(annotation().to_html(), annotation().to_html());
    assert_eq!(annotation().to_json(), annotation().to_json());
}
