//! tenfold's errands. `main` is a dull match: a command is a file with one `run`.

mod annotate;
mod args;
mod bench;
mod build;
mod cache;
mod cluster;
mod docs;
mod doctor;
mod exit;
mod ext;
mod lacks;
mod mpirun;
mod new;
mod peers;
mod program;
mod setup;
mod sh;
mod test;
mod trial;
mod workspace;

use std::process::ExitCode;

use crate::exit::Exit;

const HELP: &str = "\
cargo xtask COMMAND [--help]

  bench    climb the ladder: check every rung's answer, then time it
  test     everything that must hold before a change lands
  build    build what this machine can, list the rest with reasons
  doctor   what is installed, and what one would want it for
  setup    install what doctor misses, through the system's package manager
  mpirun   start a program on so many ranks, threads or processes of MPI
  docs     the book, and the documentation of the crates
  cluster  submit a program to a queue, wait, collect, and see how it scales
  peers    our kernels beside gcc's code and Numba's, our messages beside mpi4py's
  annotate source lines tinted by what the compiler left in them
  ext      put a crate's library, header and Python package beside a script
  cache    look into a folder of remembered values
  new      scaffold a workload, a rung or a crate
  trial    the harness against itself: comparisons with a known answer

Exit codes: 0 ok, 1 regression or failed check, 2 usage, 3 nothing measured,
4 wrong answer, 5 failed job, 130 interrupted; `mpirun` and `annotate` pass on the code of
their program
";

fn main() -> ExitCode {
    let mut parser = lexopt::Parser::from_env();
    let done = match args::command(&mut parser).as_deref() {
        Ok("annotate") => annotate::run(parser),
        Ok("bench") => bench::run(parser),
        Ok("docs") => docs::run(parser),
        Ok("doctor") => doctor::run(parser),
        Ok("setup") => setup::run(parser),
        Ok("build") => build::run(parser),
        Ok("cache") => cache::run(parser),
        Ok("cluster") => cluster::run(parser),
        Ok("ext") => ext::run(parser),
        Ok("mpirun") => mpirun::run(parser),
        Ok("new") => new::run(parser),
        Ok("peers") => peers::run(parser),
        Ok("test") => test::run(parser),
        Ok("trial") => trial::run(parser),
        Ok("help") => exit::print(HELP),
        Ok(other) => Err(exit::usage(format!("`{other}` is no command\n\n{HELP}"))),
        Err(error) => Err(exit::usage(format!("{error}\n\n{HELP}"))),
    };
    done.unwrap_or_else(Exit::from_error).into()
}
