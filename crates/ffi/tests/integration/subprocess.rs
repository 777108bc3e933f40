//! Rows of the safety matrix, each in a process of its own: no signal, no abort.

use std::io::Write as _;
use std::process::Command;

/// Names the row to the process that runs it.
const ROW: &str = "TENFOLD_FFI_ROW";

/// Runs a test, whose full path it has, in a process of its own, which has to end well and to say so.
pub(crate) fn isolated(path: &str, row: fn()) {
    // The test harness leaves out the crate.
    let (_, name) = path.split_once("::").unwrap();
    if std::env::var(ROW).is_ok_and(|asked| asked == name) {
        row();
        std::io::stdout().write_all(format!("row done: {name}\n").as_bytes()).unwrap();
        return;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args([name, "--exact", "--nocapture"]).env(ROW, name).output().unwrap();
    let (said, told) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name}: {}\n{said}{told}", output.status);
    assert!(said.contains(&format!("row done: {name}")), "{name} did not run\n{said}{told}");
}

macro_rules! rows {
    ($($(#[$attribute:meta])* $name:ident $body:block)*) => {$(
        $(#[$attribute])*
        #[test]
        fn $name() {
            let path = concat!(module_path!(), "::", stringify!($name));
            $crate::subprocess::isolated(path, || $body);
        }
    )*};
}

pub(crate) use rows;
