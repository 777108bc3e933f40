//! tenfold's errands. `main` looks a command up in a dull table: a command is a file with one `run`.

mod annotate;
mod args;
mod bench;
mod build;
mod cache;
mod cluster;
mod command;
mod completions;
mod docs;
mod doctor;
mod exit;
mod ext;
mod lacks;
mod mpirun;
mod new;
mod peers;
mod program;
mod release;
mod setup;
mod sh;
mod test;
mod trial;
mod workspace;

use std::process::ExitCode;

use crate::command::Command;
use crate::exit::Exit;

fn main() -> ExitCode {
    let mut parser = lexopt::Parser::from_env();
    let done = match args::command(&mut parser).as_deref() {
        Ok("help") => exit::print(&command::help()),
        Ok(name) => match Command::named(name) {
            Some(command) => (command.run)(parser),
            None => Err(exit::usage(format!("`{name}` is no command\n\n{}", command::help()))),
        },
        Err(error) => Err(exit::usage(format!("{error}\n\n{}", command::help()))),
    };
    done.unwrap_or_else(Exit::from_error).into()
}
