//! As many ranks as the environment says. A variable is set for another process: this one's is every
//! test's.

use std::io::Write as _;
use std::process::Command;

use tenfold_comm::{Communicator, Error, World};

/// What the other process says that it has.
const SAYS: &str = "ranks of the environment:";

fn says(ranks: Option<&str>) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "environment::says_how_many_ranks_there_are", "--nocapture"]);
    child.env_remove("TENFOLD_RANKS").envs(ranks.map(|ranks| ("TENFOLD_RANKS", ranks)));
    let said = String::from_utf8(child.output().unwrap().stdout).unwrap();
    let line = said.lines().find_map(|line| line.split_once(SAYS));
    line.unwrap_or_else(|| panic!("{said}")).1.trim().to_owned()
}

/// The other process.
#[test]
fn says_how_many_ranks_there_are() {
    let text = match World::from_env() {
        Ok(world) => {
            let sizes = world.run(|world| Ok::<_, Error>(world.size())).unwrap();
            assert_eq!(sizes, vec![sizes.len(); sizes.len()]);
            sizes.len().to_string()
        }
        Err(error) => error.to_string(),
    };
    writeln!(std::io::stdout(), "{SAYS} {text}").unwrap();
}

#[test]
fn as_many_as_the_variable_says() {
    for ranks in ["1", "3", "7"] {
        assert_eq!(says(Some(ranks)), ranks);
    }
}

#[test]
fn as_many_as_cores_without_it() {
    let cores = std::thread::available_parallelism().unwrap();
    assert_eq!(says(None), cores.to_string());
}

#[test]
fn what_is_no_number_of_ranks_is_refused() {
    for wrong in ["0", "x", "", "65537"] {
        let sentence = format!("`TENFOLD_RANKS` is {wrong:?}, it must be a number from 1 to 65536");
        assert_eq!(says(Some(wrong)), sentence);
    }
}
