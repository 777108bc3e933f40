//! The words of a command, read from what its `--help` prints.
//!
//! Two kinds of lines have some: those that begin with the command itself, and those that stand in by
//! two blanks. The latter are cells with two blanks or more between them: options, as in
//! `-p, --package NAME`, or words, as `verify`; the last cell says what they are for. Capitals are for
//! what a user fills in, some of them for paths, and `a|b` for a choice.

/// What users fill in with a path.
const PATHS: [&str; 6] = ["DIR", "FILE", "FOLDER", "PATH", "PROGRAM", "SOURCE"];

/// What may be typed, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) about: String,
}

impl Word {
    pub(super) fn new(text: &str, about: &str) -> Self {
        Self { text: text.to_owned(), about: about.to_owned() }
    }
}

/// The words of one command.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Its options, and words that are no options.
    pub(super) words: Vec<Word>,
    /// A path may stand among them.
    pub(super) takes_path: bool,
    /// What the options take that take something.
    pub(super) values: Vec<Value>,
}

/// What an option takes.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) option: String,
    /// Those that are known.
    pub(super) known: Vec<Word>,
    pub(super) takes_path: bool,
}

impl Words {
    pub(super) fn of(help: &str) -> Self {
        let mut words = Self::default();
        for line in help.lines() {
            if let Some(synopsis) = line.strip_prefix("cargo xtask ") {
                let synopsis = synopsis.split("  ").next().unwrap_or_default();
                // Behind the command's name.
                let (_, synopsis) = synopsis.split_once(' ').unwrap_or_default();
                words.read(&synopsis.replace(['[', ']', '(', ')'], " "), "");
            } else if let Some(line) = line.strip_prefix("  ").filter(|line| !line.starts_with(' '))
            {
                words.entry(line);
            }
        }
        words.add("--help", "what the options are");
        words
    }

    /// A line of options, or of words.
    fn entry(&mut self, line: &str) {
        let cells: Vec<&str> =
            line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let heads = cells.iter().take_while(|cell| cell.starts_with('-')).count();
        let about = cells.get(heads.max(1)).copied().unwrap_or_default();
        for cell in &cells[..heads] {
            self.read(cell, about);
        }
        if heads == 0 && cells.len() > 1 && is_literal(cells[0]) {
            self.add(cells[0], about);
        }
    }

    /// Options with their values, and words between them, up to `--`, behind which all is another program's.
    fn read(&mut self, text: &str, about: &str) {
        let tokens = text.split_whitespace();
        let mut tokens = tokens.take_while(|&token| token != "--").peekable();
        // `-p` in `-p, --package NAME`.
        let mut alias = None;
        while let Some(token) = tokens.next() {
            let name = token.trim_end_matches(',');
            if !name.starts_with('-') {
                literals(token).for_each(|word| self.add(word, about));
                self.takes_path |= is_path(token);
                continue;
            }
            self.add(name, about);
            let value =
                tokens.next_if(|next| !next.starts_with(['-', '|', '(', '[']) && name == token);
            match value {
                Some(value) => {
                    let names = alias.take().into_iter().chain([name]);
                    names.for_each(|name| self.takes(name, value.trim_end_matches(',')));
                }
                None => alias = (name != token).then_some(name),
            }
        }
    }

    fn add(&mut self, text: &str, about: &str) {
        match self.words.iter_mut().find(|word| word.text == text) {
            None => self.words.push(Word::new(text, about)),
            // A synopsis says nothing of what it lists.
            Some(word) if word.about.is_empty() => about.clone_into(&mut word.about),
            Some(_) => {}
        }
    }

    fn takes(&mut self, option: &str, value: &str) {
        let at = self.values.iter().position(|value| value.option == option).unwrap_or_else(|| {
            let option = option.to_owned();
            self.values.push(Value { option, known: vec![], takes_path: false });
            self.values.len() - 1
        });
        let Value { known, takes_path, .. } = &mut self.values[at];
        let new = literals(value).map(|word| Word::new(word, ""));
        known.extend(new.filter(|word| !known.contains(word)).collect::<Vec<_>>());
        *takes_path |= is_path(value);
    }
}

/// Those of the choices that are typed as they stand.
fn literals(choices: &str) -> impl Iterator<Item = &str> {
    choices.split('|').filter(|word| is_literal(word))
}

/// Whether one of the choices is a path.
fn is_path(choices: &str) -> bool {
    choices.split('|').any(|word| PATHS.contains(&word))
}

fn is_literal(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::Words;
    use crate::command::Command;
    use crate::sh;

    const SAMPLE: &str = "\
cargo xtask do this|that FILE [--fast] (--example NAME | --bin NAME) [-- --not ARGS]
cargo xtask do more          with --no such option

Prose with --none.

  -p, --package P     the package, see
                      --nor-this
  --to a|b|FILE, --by 3  where to
  --to c              elsewhere
  --slurm | --pbs     a queue
  all                 everything
  PLACE               anything
";

    #[test]
    fn words_are_those_of_the_help() {
        let words = Words::of(SAMPLE);
        let texts: Vec<&str> = words.words.iter().map(|word| word.text.as_str()).collect();
        let expected = [
            "this",
            "that",
            "--fast",
            "--example",
            "--bin",
            "more",
            "-p",
            "--package",
            "--to",
            "--by",
            "--slurm",
            "--pbs",
            "all",
            "--help",
        ];
        assert_eq!(texts, expected);
        let about = |text: &str| &words.words.iter().find(|word| word.text == text).unwrap().about;
        assert_eq!(
            (about("-p").as_str(), about("all").as_str()),
            ("the package, see", "everything")
        );
        let values = words.values.iter().map(|value| {
            let words: Vec<&str> = value.known.iter().map(|word| word.text.as_str()).collect();
            let end = if value.takes_path { " and paths" } else { "" };
            format!("{} {}{end}", value.option, words.join(" "))
        });
        let expected =
            ["--example ", "--bin ", "-p ", "--package ", "--to a b c and paths", "--by "];
        assert_eq!(values.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn paths_stand_where_the_help_says_so() {
        assert!(Words::of(SAMPLE).takes_path);
        for help in
            ["cargo xtask do NAME --to FILE\n", "cargo xtask do -- PROGRAM\n", "  FILE  x\n"]
        {
            assert!(!Words::of(help).takes_path, "{help}");
        }
        let takes = Command::ALL.iter().filter(|command| Words::of(command.help).takes_path);
        let names: Vec<&str> = takes.map(|command| command.name).collect();
        assert_eq!(names, ["annotate", "ext", "cache"]);
    }

    /// The code of a command's module, without its tests.
    fn sources(name: &str) -> String {
        let folder = sh::root().join("xtask/src");
        let mut files = vec![folder.join(format!("{name}.rs"))];
        let inner = fs::read_dir(folder.join(name)).into_iter().flatten();
        files.extend(inner.map(|entry| entry.unwrap().path()));
        let files = files.into_iter().filter(|file: &PathBuf| file.is_file());
        let read = |file: PathBuf| {
            let text = fs::read_to_string(file).unwrap_or_default();
            text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
        };
        let text = files.map(read).collect::<String>();
        // What is about a program is read in one place.
        let shared = text.contains("program::Said").then(|| read(folder.join("program.rs")));
        text + &shared.unwrap_or_default()
    }

    /// The options that a module reads: `Arg::Long("size")`, or `"--size" =>`.
    fn options(code: &str) -> Vec<String> {
        let longs = code.split("Arg::Long(\"").skip(1).filter_map(|rest| rest.split('"').next());
        let arms = code
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("\"--") && line.contains(" => "));
        let arms = arms.flat_map(|line| line.split(" => ").next().unwrap_or_default().split(" | "));
        let arms = arms.map(|arm| arm.split(" if ").next().unwrap_or_default().trim_matches('"'));
        longs.map(|name| format!("--{name}")).chain(arms.map(str::to_owned)).collect()
    }

    #[test]
    fn every_option_that_a_command_reads_is_in_its_help() {
        let mut count = 0;
        for command in Command::ALL {
            let words = Words::of(command.help).words;
            for option in options(&sources(command.name)) {
                let is_there = words.iter().any(|word| word.text == option);
                assert!(is_there, "`cargo xtask {} --help` lists no {option}", command.name);
                count += 1;
            }
        }
        assert!(count > 90, "{count}");
    }
}
