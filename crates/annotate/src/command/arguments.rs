//! The command line.

use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt as _};
use tenfold_annotate::Kind;

use crate::Failure;

pub(crate) const HELP: &str = include_str!("help.txt");

/// What the command shall do.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    pub(crate) source: String,
    pub(crate) package: Option<String>,
    pub(crate) target: Option<(TargetKind, String)>,
    pub(crate) binary: Option<PathBuf>,
    pub(crate) function: Option<String>,
    /// `None` is release.
    pub(crate) profile: Option<String>,
    pub(crate) manifest_path: Option<PathBuf>,
    pub(crate) target_dir: Option<PathBuf>,
    /// What goes to cargo as it is: features, and how it may use the network.
    pub(crate) build: Vec<String>,
    pub(crate) network: Vec<String>,
    pub(crate) no_remarks: bool,
    pub(crate) format: Option<Format>,
    pub(crate) output: Option<PathBuf>,
    pub(crate) open: bool,
    pub(crate) deny: Vec<Kind>,
}

/// What is printed or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
    Html,
}

/// The kinds of programs that cargo builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TargetKind {
    Bin,
    Example,
    Bench,
    Test,
}

impl TargetKind {
    pub(crate) const ALL: [Self; 4] = [Self::Bin, Self::Example, Self::Bench, Self::Test];

    /// As cargo's metadata and, behind two dashes, its options have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bin => "bin",
            Self::Example => "example",
            Self::Bench => "bench",
            Self::Test => "test",
        }
    }
}

impl Arguments {
    /// `None` asks for help.
    pub(crate) fn parse(mut parser: Parser) -> Result<Option<Self>, Failure> {
        let mut these = Self::default();
        let mut sources = vec![];
        let mut is_first = true;
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                // Cargo's own way to start a subcommand: its name comes first.
                Arg::Value(word) if is_first && word == "annotate" => {}
                Arg::Value(word) => sources.push(word.string()?),
                Arg::Short('p') => these.package = Some(parser.value()?.string()?),
                Arg::Long(name) => {
                    let name = name.to_owned();
                    if !these.option(&name, &mut parser)? {
                        return Err(Arg::Long(&name).unexpected().into());
                    }
                }
                Arg::Short(_) => return Err(arg.unexpected().into()),
            }
            is_first = false;
        }
        match <[String; 1]>::try_from(sources) {
            Ok([source]) => these.source = source,
            Err(none) if none.is_empty() => {
                return Err(Failure::Usage("name a file, a folder or a package".to_owned()));
            }
            Err(several) => {
                let message = format!("one source at a time, not {}", several.join(" and "));
                return Err(Failure::Usage(message));
            }
        }
        these.check()?;
        Ok(Some(these))
    }

    /// Takes an option and its value; whether there is one of that name.
    fn option(&mut self, name: &str, parser: &mut Parser) -> Result<bool, Failure> {
        if let Some(kind) = TargetKind::ALL.into_iter().find(|kind| kind.name() == name) {
            let target = (kind, parser.value()?.string()?);
            if let Some((other, _)) = self.target.replace(target) {
                let message = format!("--{} and --{name}: one program at a time", other.name());
                return Err(Failure::Usage(message));
            }
            return Ok(true);
        }
        match name {
            "package" => self.package = Some(parser.value()?.string()?),
            "binary" => self.binary = Some(parser.value()?.into()),
            "fn" => self.function = Some(parser.value()?.string()?),
            "profile" => self.profile = Some(parser.value()?.string()?),
            "release" => self.profile = None,
            "manifest-path" => self.manifest_path = Some(parser.value()?.into()),
            "target-dir" => self.target_dir = Some(parser.value()?.into()),
            "features" => {
                self.build.extend(["--features".to_owned(), parser.value()?.string()?]);
            }
            "all-features" | "no-default-features" => self.build.push(format!("--{name}")),
            "locked" | "offline" | "frozen" => self.network.push(format!("--{name}")),
            "no-remarks" => self.no_remarks = true,
            "format" => self.format = Some(format(&parser.value()?.string()?)?),
            "output" => self.output = Some(parser.value()?.into()),
            "open" => self.open = true,
            "deny" => {
                let kinds = kinds(&parser.value()?.string()?)?;
                self.deny.extend(kinds);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What goes with what.
    fn check(&self) -> Result<(), Failure> {
        if self.open && self.format.is_some_and(|format| format != Format::Html) {
            return Err(Failure::Usage("--open opens a page: it goes with --format html".into()));
        }
        let chooses = self.target.is_some() || self.package.is_some();
        let builds = chooses || self.profile.is_some() || !self.build.is_empty() || self.no_remarks;
        let is_place = self.manifest_path.is_some() || self.target_dir.is_some();
        if self.binary.is_some() && (builds || is_place) {
            return Err(Failure::Usage(
                "--binary is linked already: it goes with nothing that says what is built, or how"
                    .into(),
            ));
        }
        Ok(())
    }

    /// The format that is asked for, in words or by `--open`.
    pub(crate) fn format(&self) -> Format {
        let unsaid = if self.open { Format::Html } else { Format::Text };
        self.format.unwrap_or(unsaid)
    }
}

fn format(name: &str) -> Result<Format, Failure> {
    match name {
        "text" => Ok(Format::Text),
        "json" => Ok(Format::Json),
        "html" => Ok(Format::Html),
        _ => Err(Failure::Usage(format!("--format {name}: there are text, json and html"))),
    }
}

fn kinds(list: &str) -> Result<Vec<Kind>, Failure> {
    let one = |name: &str| {
        let found = Kind::ALL.iter().find(|kind| kind.word() == name.trim());
        found.copied().ok_or_else(|| {
            let known = Kind::ALL.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
            Failure::Usage(format!("--deny {list}: `{name}` is no kind; there are {known}"))
        })
    };
    list.split(',').map(one).collect()
}

#[cfg(test)]
mod tests {
    use lexopt::Parser;
    use tenfold_annotate::Kind;

    use super::{Arguments, Format, HELP, TargetKind};
    use crate::Failure;

    fn parse(line: &str) -> Result<Arguments, String> {
        match Arguments::parse(Parser::from_args(line.split_whitespace())) {
            Ok(arguments) => Ok(arguments.expect("no help is asked for")),
            Err(Failure::Usage(text)) => Err(text),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn takes_what_the_help_has() {
        let line = "annotate a.rs -p b --bench c --fn d --profile e --features f,g --offline \
                    --format json --output h --deny scalar,div --deny call --no-remarks";
        let these = parse(line).unwrap();
        assert_eq!(these.source, "a.rs");
        assert_eq!(these.target, Some((TargetKind::Bench, "c".to_owned())));
        assert_eq!(these.build, ["--features", "f,g"]);
        assert_eq!(these.deny, [Kind::Scalar, Kind::Div, Kind::Call]);
        assert_eq!(these.format(), Format::Json);
        assert!(these.no_remarks && these.network == ["--offline"]);
        assert_eq!(parse("a.rs --open").unwrap().format(), Format::Html);
        assert_eq!(parse("annotate annotate").unwrap().source, "annotate");
        assert!(Arguments::parse(Parser::from_args(["a.rs", "--help"])).unwrap().is_none());
    }

    #[test]
    fn refuses_the_rest() {
        for (line, said) in [
            ("", "name a file"),
            ("a.rs b.rs", "a.rs and b.rs"),
            ("a.rs --fast", "--fast"),
            ("a.rs -x", "-x"),
            ("a.rs --bin", "--bin"),
            ("a.rs --bin a --example b", "--bin and --example"),
            ("a.rs --format pdf", "text, json and html"),
            ("a.rs --deny bounds,slow", "`slow` is no kind; there are scalar, bounds, panic"),
            ("a.rs --deny bounds,", "`` is no kind"),
            ("a.rs --open --format json", "--open"),
            ("a.rs --binary b --bin c", "--binary"),
            ("a.rs --binary b --profile dev", "--binary"),
            ("a.rs --binary b --no-remarks", "--binary"),
            ("a.rs --binary b --target-dir c", "--binary"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(said), "{line}: {error}");
        }
    }

    #[test]
    fn the_help_names_every_kind() {
        for kind in Kind::ALL {
            let name = kind.word();
            assert!(HELP.contains(name), "{name}");
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
        }
    }
}
