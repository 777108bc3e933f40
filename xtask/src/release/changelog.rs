//! Changelogs: the first section is that of the version, and says what is new. Until the day of the
//! release it is `## 0.1.0, unreleased`, and from then on `## 0.1.0, 2026-12-01`.

use std::fs;

use anyhow::{Context as _, Result};

use super::{Answer, Release};

pub(super) fn look(release: &Release<'_>) -> Result<Answer> {
    let (mut wrong, mut undated, mut count) = (vec![], 0, 0);
    // What changes in a macro crate shows in its host, and stands there.
    for package in release.crates.iter().filter(|package| !package.has("proc-macro")) {
        let file = package.dir().join("CHANGELOG.md");
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        count += 1;
        match section(&text, &package.version) {
            Ok(is_dated) => undated += usize::from(!is_dated),
            Err(why) => wrong.push(format!("{}: {why}", package.name)),
        }
    }
    let day = match undated {
        0 => String::from("all with the day"),
        _ => format!("{undated} of them unreleased: they take the day on which they are"),
    };
    Ok(Answer::of(format!("{count} with what is new, {day}"), &wrong))
}

/// Whether the newest section has a day, and not the word `unreleased`; or what is wrong with it.
fn section(text: &str, version: &str) -> Result<bool, String> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with("## "));
    let title = lines.next().ok_or("no section, as `## 0.1.0, unreleased`")?;
    let (of, day) = title[3..].split_once(", ").ok_or(format!("`{title}` has no day"))?;
    if of != version {
        return Err(format!("the first section is of {of}, not of {version}"));
    }
    if !lines.take_while(|line| !line.starts_with("## ")).any(|line| line.starts_with("- ")) {
        return Err(format!("the section of {version} says nothing"));
    }
    match day {
        "unreleased" => Ok(false),
        day if is_day(day) => Ok(true),
        other => Err(format!("`{other}` is neither a day, as 2026-12-01, nor `unreleased`")),
    }
}

fn is_day(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [4, 2, 2] && text.chars().all(|c| c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::section;

    #[test]
    fn the_newest_section_is_of_the_version_and_says_something() {
        let of = |text: &str| section(text, "0.2.0");
        assert_eq!(
            of("# x\n\n## 0.2.0, unreleased\n\n- a\n\n## 0.1.0, 2026-12-01\n\n- b\n"),
            Ok(false)
        );
        assert_eq!(of("## 0.2.0, 2026-12-24\n- a\n"), Ok(true));
        for (text, why) in [
            ("# x\n- a\n", "no section"),
            ("## 0.1.0, 2026-12-01\n- a\n", "the first section is of 0.1.0, not of 0.2.0"),
            (
                "## 0.2.0, unreleased\n\n## 0.1.0, 2026-12-01\n- a\n",
                "the section of 0.2.0 says nothing",
            ),
            ("## 0.2.0\n- a\n", "has no day"),
            ("## 0.2.0, soon\n- a\n", "`soon` is neither a day"),
        ] {
            let error = of(text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
