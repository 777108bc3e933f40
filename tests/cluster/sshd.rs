//! An sshd of one test's own, on a port of this machine, for whoever runs the test.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{Site, daemon, end, free_ports, is_here, until};
use crate::workspace::skip;

/// It ends with this.
pub(super) struct Sshd {
    child: Child,
}

impl Sshd {
    /// Starts one, which ssh finds behind the hosts `left` and `right` of a site; behind `far`, at a port that tests
    /// cannot have, nobody listens. `None`, counted as a skip, where it is not installed.
    pub(super) fn start(site: &Site) -> Option<Self> {
        if let Some(absent) = ["sshd", "ssh", "ssh-keygen"].iter().find(|name| !is_here(name)) {
            skip("hosts of a real ssh", &format!("{absent} is not installed"));
            return None;
        }
        let folder = site.folder.join("ssh");
        fs::create_dir(&folder).unwrap();
        let [port] = free_ports();
        for host in ["left", "right"] {
            fs::create_dir(folder.join(host)).unwrap();
        }
        key(&folder.join("host"));
        key(&folder.join("user"));
        fs::write(folder.join("sshd_config"), server(&folder, port)).unwrap();
        fs::write(folder.join("config"), client(&folder, port)).unwrap();
        // Of a config in another home than the user's own, ssh is told.
        let config = folder.join("config");
        let ssh = format!("#!/bin/bash\nexec /usr/bin/ssh -F '{}' \"$@\"\n", config.display());
        site.stand_in("ssh", &ssh);
        // Where root's sshd locks in the part of it that talks to strangers.
        let _ = fs::create_dir("/run/sshd");
        let log = fs::File::create(folder.join("log")).unwrap();
        let mut sshd = daemon("sshd");
        sshd.args(["-D", "-e", "-f"]).arg(folder.join("sshd_config"));
        let child = sshd.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let sshd = Self { child };
        until("sshd listens", || {
            fs::read_to_string(folder.join("log")).unwrap().contains("listening on")
        });
        Some(sshd)
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn key(path: &Path) {
    let mut keygen = Command::new("ssh-keygen");
    let status = keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path).status();
    assert!(status.unwrap().success());
}

/// Nobody comes in but by the key.
fn server(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    format!(
        "ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host\nPidFile none\n\
         AuthorizedKeysFile {folder}/user.pub\nStrictModes no\nPasswordAuthentication no\n\
         KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nUsePAM no\nMaxStartups 100\nAcceptEnv TMPDIR\n"
    )
}

/// Daemons of Open MPI that start at once would trip over each other's temporary files, so each host has its own folder
/// for those.
fn client(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    format!(
        "Host *\n  HostName 127.0.0.1\n  IdentityFile {folder}/user\n  IdentitiesOnly yes\n  \
         UserKnownHostsFile {folder}/known\n  StrictHostKeyChecking accept-new\n  LogLevel ERROR\n\
         Host far\n  Port 1\nHost left right\n  Port {port}\n\
         Host left\n  SetEnv TMPDIR={folder}/left\nHost right\n  SetEnv TMPDIR={folder}/right\n"
    )
}
