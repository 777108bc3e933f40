//! Completions, in the shells that they are for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::{skip, xtask};

/// The script for a shell, in a file, if there is that shell.
fn script(shell: &str) -> Option<PathBuf> {
    let version = Command::new(shell).arg("--version").output();
    if !version.is_ok_and(|output| output.status.success()) {
        skip(&format!("completions in {shell}"), &format!("no {shell}; cargo xtask setup tools"));
        return None;
    }
    let output = xtask().args(["completions", shell]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path =
        std::env::temp_dir().join(format!("tenfold-completions-{}.{shell}", std::process::id()));
    fs::write(&path, output.stdout).unwrap();
    Some(path)
}

/// What a shell prints, given the completions' file and the words of a command line.
fn says(shell: &str, args: &[&str], file: &Path, line: &str) -> String {
    let mut shell = Command::new(shell);
    let output = shell.args(args).arg(file).arg(line).env("TERM", "dumb").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line:?}");
    assert!(output.status.success(), "{line:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Command lines whose last word is begun, and all that it may become.
const LINES: &[(&str, &[&str])] = &[
    ("cargo xtask clu", &["cluster"]),
    ("cargo xtask bench --stri", &["--strict"]),
    ("cargo xtask bench heat --size cou", &["course"]),
    ("cargo xtask cache v", &["verify"]),
    ("cargo xtask cluster s", &["scale", "status", "submit"]),
    ("cargo xtask mpirun --backend th", &["threads"]),
    // What stands behind `--` is another program's.
    ("cargo xtask mpirun -n 2 -- prog --back", &[]),
];

/// Calls the function that is registered for cargo, as bash does when somebody presses the tab key.
const BASH: &str = r#"
_before() { COMPREPLY=(build bench); }
complete -F _before cargo
source "$1" && source "$1"
read -ra COMP_WORDS <<< "$2"
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
[[ $(complete -p cargo) =~ -F\ ([^ ]+) ]]
"${BASH_REMATCH[1]}" cargo "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\n' "${COMPREPLY[@]}" | sort
"#;

#[test]
fn bash_completes_words() {
    let Some(file) = script("bash") else { return };
    let complete = |line| {
        let said = says("bash", &["--noprofile", "--norc", "-c", BASH, "bash"], &file, line);
        said.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    for (line, words) in LINES {
        assert_eq!(complete(line), *words, "{line}");
    }
    // Other words of cargo are completed by what did it before.
    assert_eq!(complete("cargo b"), ["bench", "build"]);
    assert_eq!(complete("cargo x"), ["bench", "build", "xtask"]);
    fs::remove_file(file).unwrap();
}

#[test]
fn fish_completes_words() {
    let Some(file) = script("fish") else { return };
    let complete = "source $argv[1]; complete --do-complete $argv[2]";
    for (line, words) in LINES {
        let said = says("fish", &["--no-config", "-c", complete], &file, line);
        let mut found: Vec<&str> =
            said.lines().filter_map(|line| line.split('\t').next()).collect();
        found.sort_unstable();
        assert_eq!(found, *words, "{line}");
    }
    fs::remove_file(file).unwrap();
}

/// A shell at a terminal of its own, where the tab key is pressed.
#[cfg(target_os = "linux")]
const ZSH: &str = r#"
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT=; unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -D; source $1; print begin-now"
zpty -r -m shell heard $'*\nbegin-now*'
zpty -w -n shell "$2"$'\t'
# What is completed stands on the line, with a blank behind it: it is printed by the command before it.
zpty -w shell $'\x01print -r -- said: \x05 OVER'
zpty -r -m shell heard $'*\nsaid: *OVER*'
print -r -- $heard
zpty -d shell
"#;

// Who keeps the time is a program that other systems have not.
#[test]
#[cfg(target_os = "linux")]
fn zsh_completes_words() {
    let Some(file) = script("zsh") else { return };
    for (line, words) in LINES.iter().filter(|(_, words)| words.len() == 1) {
        let mut timeout = Command::new("timeout");
        timeout.args(["60", "zsh", "-f", "-c", ZSH, "zsh"]).arg(&file).arg(line);
        let output = timeout.env("TERM", "dumb").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let completed = said.lines().rev().find_map(|line| line.trim().strip_prefix("said: "));
        let (start, _) = line.rsplit_once(' ').unwrap();
        let expected = format!("{start} {} OVER", words[0]);
        let words = completed.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        assert_eq!(words, Some(expected), "{line}: {said:?}");
    }
    fs::remove_file(file).unwrap();
}
