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
    let result = match args[..] {
        ["ls", folder] => survey(folder).map(|found| (list(&found), 0)).map_err(failure),
        ["verify", folder] => survey(folder).map(|found| verdict(&found)).map_err(failure),
        ["clear", folder] => {
            let removed = |files| (format!("{} removed\n", count(files, "file", "files")), 0);
            clear(folder).map(removed).map_err(failure)
        }
        ["--help" | "-h" | "help"] => Ok((HELP.to_owned(), 0)),
        _ => Err((HELP.to_owned(), 2)),
    };
    // Who does not listen has no use for an error.
    let (_, code) = match result {
        Ok((text, code)) => (io::stdout().write_all(text.as_bytes()), code),
        Err((text, code)) => (io::stderr().write_all(text.as_bytes()), code),
    };
    ExitCode::from(code)
}

fn failure(error: Error) -> (String, u8) {
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
    (format!("{error}{}\n", cause.unwrap_or_default()), 1)
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
    let sound = count(totals(survey).0, "entry is", "entries are");
    (format!("{text}{sound} sound\n"), u8::from(!survey.bad.is_empty()))
}

fn count(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

fn totals(survey: &Survey) -> (usize, u64) {
    let each = survey.functions.iter();
    each.fold((0, 0), |(entries, bytes), f| (entries + f.entries, bytes + f.bytes))
}
