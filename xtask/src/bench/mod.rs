//! `cargo xtask bench`: builds the ladder, lets it measure, and shows what it found.

mod against;
mod beside;
#[path = "../../../benches/harness/document.rs"]
#[expect(unreachable_pub, reason = "the ladder's library compiles the same file and exports it")]
pub(crate) mod document;
mod history;
mod ladder;
mod micro;
mod options;
mod page;
mod peers;
mod ranks;
mod text;
mod verdict;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};

use self::document::{Document, RunStatus, SCHEMA};
pub(crate) use self::options::HELP;
use self::options::{Action, Format, Options};
use crate::exit::{self, Exit};
use crate::sh;

/// Runs the command.
pub(crate) fn run(parser: lexopt::Parser) -> Result<Exit> {
    let options = Options::parse(parser)?;
    match options.action {
        Action::Help => exit::print(HELP),
        Action::DryRun => dry_run(&options),
        Action::List => list(&options),
        Action::Measure if options.profile => ladder::profile(&options),
        Action::Measure => measure(&options),
    }
}

/// Where the document, the history, the report and its pictures go.
fn folder() -> PathBuf {
    sh::target_dir().join("tenfold")
}

fn dry_run(options: &Options) -> Result<Exit> {
    let mut text = String::new();
    let mut line = |command: &str| text += &format!("{command}\n");
    let program = options.ladder.clone().unwrap_or_else(|| "ladder".into());
    if options.climbs() && options.ladder.is_none() {
        line(&sh::display(&ladder::build_command(options)));
        if ranks::starts(options) {
            let build = sh::display(&ranks::build_command(options));
            line(&format!("{build} # where there is an MPI"));
        }
    }
    if options.profile {
        line(&sh::display(&ladder::profile_command(&program, options)));
        return exit::print(&text);
    }
    if options.climbs() {
        let program = program.display();
        let args = [options.ladder_args(), options.run_args(seed(options))].concat().join(" ");
        let against = options.against.as_ref().map(|what| format!(" --against {what}"));
        let (against, out) = (against.unwrap_or_default(), folder());
        peers::steps(options)?.iter().for_each(|step| line(step));
        let peers = peers::args(options).join(" ");
        let peers = if peers.is_empty() { peers } else { format!(" {peers}") };
        line(&format!("{program} run {args} --out {}{against}{peers}", out.display()));
    }
    if let Some(one) = options.micro() {
        for bench in micro::benches(one, &options.features)? {
            line(&sh::display(&micro::command(&bench)));
        }
    }
    line(&format!("# then writes {}", folder().join("report.html").display()));
    exit::print(&text)
}

fn list(options: &Options) -> Result<Exit> {
    if options.climbs() {
        let program = ladder::program(options)?.0;
        let mut list = std::process::Command::new(program);
        list.arg("list").args(options.ladder_args());
        ranks::supply(options, &mut list);
        let list = sh::output(&mut list)?;
        if !list.status.success() {
            return Err(exit::usage(ladder::complaint(&list.stderr)));
        }
        exit::print(&String::from_utf8_lossy(&list.stdout))?;
    }
    if let Some(one) = options.micro() {
        let benches = micro::benches(one, &options.features)?.into_iter();
        exit::print(&benches.map(|bench| format!("micro {}\n", bench.name)).collect::<String>())?;
    }
    Ok(Exit::Ok)
}

fn measure(options: &Options) -> Result<Exit> {
    let mut document = Document {
        schema: SCHEMA,
        time: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        command: command_line(),
        seed: seed(options),
        ..Document::default()
    };
    if let Some(one) = options.micro() {
        // A wrong name must not cost a run of the ladder first.
        micro::benches(one, &options.features)?;
    }
    // Without a handler Ctrl-C would end us too, and what was measured with us.
    ctrlc::set_handler(|| ())?;
    if options.climbs() {
        ladder::climb(options, &mut document)?;
    } else {
        document.host = ladder::host(options)?;
    }
    let cut_short = matches!(document.status, RunStatus::Interrupted | RunStatus::Crashed);
    // A bench that fails must not take the ladder's figures with it.
    let micro = match options.micro().filter(|_| !cut_short) {
        Some(one) => micro::measure(one, options, &mut document),
        None => Ok(()),
    };
    document.status = verdict::status(&document, options.fail_on);
    // What was measured is shown first: files can fail.
    show(&document, options)?;
    keep(&document, options)?;
    if let Some(line) = beside::verdict(&document) {
        exit::say(&line);
    }
    exit::say(&verdict::line(&document));
    micro?;
    Ok(verdict::exit(document.status, options.strict))
}

/// Writes the document, the history and the report.
fn keep(document: &Document, options: &Options) -> Result<()> {
    let write = |name: &str, bytes: Vec<u8>| {
        let path = folder().join(name);
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    };
    std::fs::create_dir_all(folder())
        .with_context(|| format!("cannot make the folder {}", folder().display()))?;
    write("bench.json", serde_json::to_vec_pretty(document)?)?;
    if options.recorded() {
        history::append(document)?;
    }
    let earlier = history::of_host(&document.host.fingerprint)?;
    write("report.html", page::render(document, &earlier, &folder()).into_bytes())?;
    exit::say(&format!("report: {}", folder().join("report.html").display()));
    Ok(())
}

fn show(document: &Document, options: &Options) -> Result<Exit> {
    match options.format {
        Format::Text => exit::print(&text::ladder(document, coloured())),
        Format::Md => exit::print(&text::markdown(document)),
        Format::Json => exit::print(&format!("{}\n", serde_json::to_string(document)?)),
        // Its events went out as they came.
        Format::Jsonl => Ok(Exit::Ok),
    }
}

/// Colour is for terminals, and for those who did not ask to be spared.
fn coloured() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// The chosen seed, or one from the clock.
fn seed(options: &Options) -> u64 {
    let clock = || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::from(now.subsec_nanos()) ^ now.as_secs()
    };
    options.seed.unwrap_or_else(clock)
}

/// The command that repeats this run, as one would type it.
fn command_line() -> String {
    let mut command = std::process::Command::new("cargo");
    command.arg("xtask").args(std::env::args_os().skip(1));
    sh::display(&command)
}
