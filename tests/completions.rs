//! Completions, in the shells that they are for.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::workspace::{skip, xtask};

/// A folder with the script for a shell, and a file whose name no word of ours begins like.
struct Folder(PathBuf);

impl Folder {
    const FILE: &str = "tenfold-file.toml";

    /// `None` if there is no such shell.
    fn new(shell: &str, test: &str) -> Option<Self> {
        let version = Command::new(shell).arg("--version").output();
        if !version.is_ok_and(|output| output.status.success()) {
            let why = format!("no {shell}; cargo xtask setup tools");
            skip(&format!("completions in {shell}"), &why);
            return None;
        }
        let output = xtask().args(["completions", shell]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let name = format!("tenfold-completions-{}-{shell}-{test}", std::process::id());
        let folder = Self(std::env::temp_dir().join(name));
        fs::create_dir_all(&folder.0).unwrap();
        fs::write(folder.script(), output.stdout).unwrap();
        fs::write(folder.0.join(Self::FILE), "").unwrap();
        Some(folder)
    }

    fn script(&self) -> PathBuf {
        self.0.join("script")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
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

/// Command lines whose last word is the begin of a file's name, and whether it may stand there.
const FILES: &[(&str, bool)] = &[
    ("cargo xtask annotate tenfold-f", true),
    ("cargo xtask bench --against tenfold-f", true),
    ("cargo xtask cluster run --site tenfold-f", true),
    ("cargo xtask mpirun -n 2 --trace tenfold-f", true),
    ("cargo xtask bench tenfold-f", false),
    ("cargo xtask bench --rung tenfold-f", false),
    ("cargo xtask bench --size tenfold-f", false),
    ("cargo xtask setup tenfold-f", false),
];

/// Calls the function that is registered for cargo, as bash does when somebody presses the tab key, and
/// says first whether bash would complete files where there are no words.
const BASH: &str = r#"
_before() { COMPREPLY=(build bench); }
compopt() { asked+="$* "; }
eval "$3"
source "$1" && source "$1"
read -ra COMP_WORDS <<< "$2"
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
[[ $(complete -p cargo) =~ -o\ default\ .*-F\ ([^ ]+) ]] && asked='default '
"${BASH_REMATCH[1]}" cargo "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
echo "$asked"
complete -p cargo | grep --only-matching -e '-F .*'
printf '%s\n' "${COMPREPLY[@]}" | sort
"#;

/// What completes cargo before ours: it is there, bash-completion of two ages loads it, and there is none; with
/// what bash asks for then, and what `b` may become.
const BEFORE: [(&str, &str, &[&str]); 4] = [
    ("complete -F _before cargo", "default", &["bench", "build"]),
    (
        "_comp_load() { [[ $1 == cargo ]] && complete -o nospace -F _before cargo; }",
        "default -o nospace",
        &["bench", "build"],
    ),
    (
        "__load_completion() { [[ $1 == cargo ]] && complete -o nospace -F _before cargo; }",
        "default -o nospace",
        &["bench", "build"],
    ),
    ("__load_completion() { return 1; }", "default", &[]),
];

/// What bash asks for of files, and the words.
fn bash(folder: &Folder, line: &str, before: &str) -> (String, Vec<String>) {
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--norc", "-c", BASH, "bash"]);
    bash.arg(folder.script()).args([line, before]);
    let output = bash.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line:?} after {before}");
    let said = String::from_utf8(output.stdout).unwrap();
    let mut lines = said.lines();
    let options = lines.next().unwrap().trim().to_owned();
    assert_eq!(lines.next(), Some("-F _tenfold cargo"), "ours is registered again");
    (options, lines.flat_map(str::split_whitespace).map(str::to_owned).collect())
}

#[test]
fn bash_completes_words() {
    let Some(folder) = Folder::new("bash", "words") else { return };
    for (line, words) in LINES {
        assert_eq!(bash(&folder, line, BEFORE[0].0).1, *words, "{line}");
    }
    for (line, is_file) in FILES {
        let expected = if *is_file { "default" } else { "default +o default" };
        assert_eq!(bash(&folder, line, BEFORE[0].0), (expected.to_owned(), vec![]), "{line}");
    }
}

/// Other words of cargo are completed by what did it before, or would do it, had it been loaded.
#[test]
fn bash_completes_other_words_as_before() {
    let Some(folder) = Folder::new("bash", "others") else { return };
    for (before, options, found) in BEFORE {
        let said = bash(&folder, "cargo b", before);
        assert_eq!((said.0.as_str(), &said.1[..]), (options, &owned(found)[..]), "{before}");
        let found = [found, &["xtask"]].concat();
        assert_eq!(bash(&folder, "cargo x", before).1, owned(&found), "{before}");
        assert_eq!(bash(&folder, "cargo xtask cache v", before).1, ["verify"], "{before}");
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn fish_completes_words() {
    let Some(folder) = Folder::new("fish", "words") else { return };
    let complete = |line: &str| {
        let mut fish = Command::new("fish");
        fish.args(["--no-config", "-c", "source $argv[1]; complete --do-complete $argv[2]"]);
        let output = fish.arg(folder.script()).arg(line).current_dir(&folder.0).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        let mut found: Vec<String> =
            said.lines().filter_map(|line| line.split('\t').next()).map(str::to_owned).collect();
        found.sort_unstable();
        found
    };
    for (line, words) in LINES {
        assert_eq!(complete(line), *words, "{line}");
    }
    for (line, is_file) in FILES {
        let expected = if *is_file { &[Folder::FILE][..] } else { &[] };
        assert_eq!(complete(line), expected, "{line}");
    }
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

/// What stands on the line after the tab key was pressed, without what was typed before the last word.
#[cfg(target_os = "linux")]
fn zsh(folder: &Folder, line: &str) -> String {
    // Who keeps the time is a program that other systems have not.
    let mut timeout = Command::new("timeout");
    timeout.args(["60", "zsh", "-f", "-c", ZSH, "zsh"]).arg(folder.script()).arg(line);
    let output = timeout.env("TERM", "dumb").current_dir(&folder.0).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let completed = said.lines().rev().find_map(|line| line.trim().strip_prefix("said: "));
    let completed = completed.unwrap_or_else(|| panic!("{line}: {said:?}"));
    let words: Vec<&str> = completed.split_whitespace().collect();
    let (start, _) = line.rsplit_once(' ').unwrap();
    let last = words.join(" ").strip_prefix(start).map(|rest| rest.trim().to_owned());
    last.unwrap_or_else(|| panic!("{line}: {said:?}"))
}

#[test]
#[cfg(target_os = "linux")]
fn zsh_completes_words() {
    let Some(folder) = Folder::new("zsh", "words") else { return };
    for (line, words) in LINES.iter().filter(|(_, words)| words.len() == 1) {
        assert_eq!(zsh(&folder, line), format!("{} OVER", words[0]), "{line}");
    }
    for (line, is_file) in FILES {
        let expected =
            if *is_file { format!("{} OVER", Folder::FILE) } else { "tenfold-f OVER".to_owned() };
        assert_eq!(zsh(&folder, line), expected, "{line}");
    }
}
