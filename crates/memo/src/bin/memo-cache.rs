//! Looks into a folder of entries: `memo-cache ls|verify|clear DIR`.

#![forbid(unsafe_code)]

use std::io::{self, Write as _};
use std::process::ExitCode;

use tenfold_memo::{Error, Survey, clear, survey};

const HELP: &str = "\
memo-cache ls|verify|clear DIR

  ls      the functions that have entries in DIR, with their number and size
  verify  reads and checks every entry; exits with 1 if one is damaged
  clear   removes all entries, and nothing else
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (text, code) = match args[..] {
        ["ls", folder] => answer(survey(folder).map(|found| (list(&found), 0))),
        ["verify", folder] => answer(survey(folder).map(|found| verdict(&found))),
        ["clear", folder] => {
            answer(clear(folder).map(|files| (format!("{files} files removed\n"), 0)))
        }
        ["--help" | "-h" | "help"] => (HELP.to_owned(), 0),
        _ => (HELP.to_owned(), 2),
    };
    // Who does not listen has no use for an error.
    let _ = io::stdout().write_all(text.as_bytes());
    ExitCode::from(code)
}

fn answer(result: Result<(String, u8), Error>) -> (String, u8) {
    result.unwrap_or_else(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        (format!("{error}{}\n", cause.unwrap_or_default()), 1)
    })
}

fn list(survey: &Survey) -> String {
    let line = |f: &tenfold_memo::SurveyedFunction| {
        format!(
            "{:>10} {:>12} bytes  {:016x}  {}  {}\n",
            f.entries, f.bytes, f.code, f.name, f.types
        )
    };
    let mut text: String = survey.functions.iter().map(line).collect();
    let (entries, bytes) = totals(survey);
    text.push_str(&format!("{entries:>10} {bytes:>12} bytes in all"));
    for (count, what) in [(survey.bad.len(), "damaged"), (survey.unfinished.len(), "unfinished")] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text + "\n"
}

fn verdict(survey: &Survey) -> (String, u8) {
    let damaged = survey.bad.iter().map(|path| format!("damaged: {}\n", path.display()));
    let text: String = damaged.collect();
    (format!("{text}{} entries are sound\n", totals(survey).0), u8::from(!survey.bad.is_empty()))
}

fn totals(survey: &Survey) -> (usize, u64) {
    let each = survey.functions.iter();
    each.fold((0, 0), |(entries, bytes), f| (entries + f.entries, bytes + f.bytes))
}
