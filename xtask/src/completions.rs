//! `cargo xtask completions`: the words of our commands, for shells.
//!
//! There is no second list of options: the words are read from what `--help` prints.

mod words;

use std::fmt::Write as _;

use anyhow::Result;
use lexopt::{Arg, Parser, ValueExt as _};

use self::words::{Value, Word, Words};
use crate::command::Command;
use crate::exit::{self, Exit};

pub(crate) const HELP: &str = "\
cargo xtask completions bash|zsh|fish

Prints what makes a shell complete the words of `cargo xtask`. For good, written into a file once, which is
there outside of a clone, too, and written anew when there are new words:

  bash  cargo xtask completions bash > ~/.cargo-xtask.bash; echo '. ~/.cargo-xtask.bash' >> ~/.bashrc
  zsh   cargo xtask completions zsh > ~/.cargo-xtask.zsh; echo '. ~/.cargo-xtask.zsh' >> ~/.zshrc, where it
        comes after compinit
  fish  cargo xtask completions fish > ~/.config/fish/conf.d/cargo-xtask.fish

What completes other words of cargo goes on doing so, also where bash-completion has still to load it. Files are
completed where a path may stand.
";

/// `cargo xtask completions`
pub(crate) fn run(mut parser: Parser) -> Result<Exit> {
    let usage = |message: String| exit::usage(format!("{message}\n\n{HELP}"));
    let mut shells = vec![];
    while let Some(arg) = parser.next().map_err(|error| usage(error.to_string()))? {
        match arg {
            Arg::Short('h') | Arg::Long("help") => return exit::print(HELP),
            Arg::Value(word) => shells.push(word.string().map_err(|e| usage(e.to_string()))?),
            other => return Err(usage(other.unexpected().to_string())),
        }
    }
    let shells: Vec<&str> = shells.iter().map(String::as_str).collect();
    match shells[..] {
        ["bash"] => exit::print(&format!("{}{}", sh_words(), include_str!("completions/bash.sh"))),
        ["zsh"] => exit::print(&format!("{}{}", sh_words(), include_str!("completions/zsh.sh"))),
        ["fish"] => {
            exit::print(&format!("{}{}", fish_words(), include_str!("completions/fish.fish")))
        }
        [] => Err(usage(String::from("say for which shell"))),
        _ => Err(usage(format!(
            "`{}`: there are bash, zsh and fish, one at a time",
            shells.join(" ")
        ))),
    }
}

/// What stands behind `cargo xtask`.
fn commands() -> Vec<Word> {
    Command::ALL.iter().map(|command| Word::new(command.name, command.about)).collect()
}

/// A function that prints, a line each, what may follow a command and the word before; for bash and zsh. It
/// succeeds where a path may stand, too.
fn sh_words() -> String {
    let mut text = String::from("_tenfold_words() {\n    case \"$1 $2\" in\n");
    let list = |words: &[Word]| {
        let words = words.iter().map(|word| crate::sh::quoted(&word.text));
        words.collect::<Vec<_>>().join(" ")
    };
    for command in Command::ALL {
        for Value { option, known, takes_path } in Words::of(command.help).values {
            let print = if known.is_empty() {
                String::new()
            } else {
                format!("printf '%s\\n' {}; ", list(&known))
            };
            let status = u8::from(!takes_path);
            // A String takes everything.
            let _ =
                writeln!(text, "        '{} {option}') {print}return {status} ;;", command.name);
        }
    }
    text += "    esac\n    case \"$1\" in\n";
    let _ = writeln!(text, "        '') printf '%s\\n' {}; return 1 ;;", list(&commands()));
    for command in Command::ALL {
        let Words { words, takes_path, .. } = Words::of(command.help);
        let (name, status) = (command.name, u8::from(!takes_path));
        let _ =
            writeln!(text, "        {name}) printf '%s\\n' {}; return {status} ;;", list(&words));
    }
    text + "    esac\n}\n"
}

/// The same for fish, which shows beside a word what it is for.
fn fish_words() -> String {
    let mut text = String::from("function _tenfold_words\n    switch \"$argv[1] $argv[2]\"\n");
    let list = |words: &[Word]| {
        let words = words.iter().map(|word| format!("{} {}", fish(&word.text), fish(&word.about)));
        format!("printf '%s\\t%s\\n' {}", words.collect::<Vec<_>>().join(" "))
    };
    for command in Command::ALL {
        for Value { option, known, takes_path } in Words::of(command.help).values {
            let _ = writeln!(text, "        case '{} {option}'", command.name);
            if !known.is_empty() {
                let _ = writeln!(text, "            {}", list(&known));
            }
            let _ = writeln!(text, "            return {}", u8::from(!takes_path));
        }
    }
    let _ = writeln!(
        text,
        "    end\n    switch \"$argv[1]\"\n        case ''\n            {}\n            return 1",
        list(&commands())
    );
    for command in Command::ALL {
        let Words { words, takes_path, .. } = Words::of(command.help);
        let (words, status) = (list(&words), u8::from(!takes_path));
        let _ = writeln!(
            text,
            "        case {}\n            {words}\n            return {status}",
            command.name
        );
    }
    text + "    end\nend\n"
}

/// A word as fish takes it for itself.
fn fish(word: &str) -> String {
    format!("'{}'", word.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::{Exit, HELP, Parser, fish, fish_words, run, sh_words};

    #[test]
    fn a_wrong_command_line_is_a_usage_error() {
        for words in [&[][..], &["tcsh"], &["bash", "zsh"], &["--bash"]] {
            let error = run(Parser::from_args(words)).unwrap_err();
            assert!(error.to_string().contains(HELP), "{error}");
            assert_eq!(Exit::from_error(error), Exit::Usage, "{words:?}");
        }
    }

    #[test]
    fn words_are_listed_for_each_command() {
        let text = sh_words();
        assert!(
            text.contains("'bench --size') printf '%s\\n' s m l course; return 1 ;;"),
            "{text}"
        );
        assert!(text.contains("'bench --rung') return 1 ;;"), "{text}");
        assert!(text.contains("'bench --against') printf '%s\\n' last; return 0 ;;"), "{text}");
        let cache = "        cache) printf '%s\\n' ls verify clear --help; return 0 ;;";
        assert!(text.contains(cache), "{text}");
        let text = fish_words();
        assert!(
            text.contains(
                "        case cache\n            printf '%s\\t%s\\n' 'ls' 'the functions"
            )
        );
        assert_eq!(fish("it's a \\"), "'it\\'s a \\\\'");
    }
}
