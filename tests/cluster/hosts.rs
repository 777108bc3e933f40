//! Jobs on hosts that ssh reaches, once really, which is this machine, and else by a stand-in for ssh, which runs what it is
//! asked to here, but for the host `far`.

use std::fs;

use super::sshd::Sshd;
use super::{Site, is_here, runs, until};
use crate::workspace::skip;

/// The last words are the command, behind options and the host. Daemons of Open MPI that start at once would trip over
/// each other's temporary files, so each host has its own folder for those.
const SSH: &str = "#!/bin/bash
echo \"$@\" >> \"$SSH_SAID\"
while [[ $1 == -* ]]; do
    case $1 in -o | -p | -l) shift 2 ;; *) shift ;; esac
done
host=$1
shift
if [ \"$host\" = far ]; then
    echo \"ssh: connect to host far port 22: No route to host\" >&2
    exit 255
fi
export TMPDIR=\"${SSH_SAID%/*}/$host\"
mkdir -p \"$TMPDIR\"
exec bash -c \"$*\"
";

fn site() -> Site {
    let site = Site::new("");
    site.stand_in("ssh", SSH);
    let said = site.folder.join("ssh.txt");
    site.with("SSH_SAID", said.to_str().unwrap())
}

#[test]
fn ranks_go_to_the_hosts_that_are_named() {
    if !is_here("mpirun.mpich") {
        return skip("ranks on hosts", "no mpirun.mpich on PATH");
    }
    let site = site();
    let args =
        ["run", "--hosts", "left,right:1", "-n", "3", "--mpi", "mpich", "--", "echo", "rank"];
    let said = site.run(&args);
    said.ends(0, "job 1 is done");
    said.has("rank", 3);
    // Each was looked at before, and then given its ranks.
    let asked = fs::read_to_string(site.folder.join("ssh.txt")).unwrap();
    for host in ["left", "right"] {
        let count = asked.lines().filter(|line| line.split(' ').any(|word| word == host)).count();
        assert_eq!(count, 2, "{asked}");
    }
}

/// Open MPI tells ranks elsewhere of no variables but those that it is told of.
#[test]
fn ranks_elsewhere_know_what_the_job_knows() {
    if !is_here("mpirun.openmpi") {
        return skip("variables of ranks on hosts", "no mpirun.openmpi on PATH");
    }
    let site = site();
    site.write("[variables]\nGREETING = \"hello\"");
    let ssh = SSH.replace("exec bash", "exec env -i PATH=\"$PATH\" TMPDIR=\"$TMPDIR\" bash");
    site.stand_in("ssh", &ssh);
    let program = "echo $GREETING $OMP_NUM_THREADS ${TENFOLD_RESULT##*/}";
    let args = ["run", "--hosts", "left,right", "-n", "2", "--mpi", "openmpi", "--"];
    let said = site.run(&[&args[..], &["bash", "-c", program]].concat());
    said.ends(0, "is done");
    said.has("hello 1 result.0.json", 2);
}

#[test]
fn a_host_that_cannot_be_used_is_named() {
    if !is_here("mpirun") {
        return skip("hosts that cannot be used", "no mpirun on PATH");
    }
    let site = site();
    let run =
        |hosts: &str, program: &str| site.run(&["run", "--hosts", hosts, "-n", "2", "--", program]);
    run("near,far", "echo").ends(2, "host far does not answer ssh: ssh: connect to host far");
    run("near", "./nowhere").ends(2, "host near does not see ");
    run("near,-oProxyCommand=x", "echo").ends(2, "is no host: expected a name");
    run("near:1,left", "./nowhere").ends(2, "host near does not see ");
    run("near:1", "echo").ends(2, "-n 2: the hosts take 1 ranks");
    fs::write(site.folder.join("hosts"), "near slots=2\nfar slots=many\n").unwrap();
    let said = site.run(&["run", "--hostfile", "hosts", "-n", "2", "--", "echo"]);
    said.ends(2, "--hostfile hosts: line 2: \"far slots=many\" is no host");
    assert!(site.jobs().is_empty(), "{:?}", site.jobs());
}

/// Both kinds of MPI, each with a rank on either host.
#[test]
fn ranks_are_started_by_a_real_ssh() {
    let site = Site::new("[variables]\nGREETING = \"it's me\"");
    let Some(_sshd) = Sshd::start(&site) else { return };
    for (mpi, launcher) in [("mpich", "mpirun.mpich"), ("openmpi", "mpirun.openmpi")] {
        if !is_here(launcher) {
            skip("ranks over a real ssh", &format!("no {launcher} on PATH"));
            continue;
        }
        // sshd tells who it has let in.
        let program = "echo ${SSH_CONNECTION:+ssh} $GREETING $TENFOLD_TASK";
        let args = ["run", "--hosts", "left,right", "-n", "2", "--mpi", mpi, "--"];
        let said = site.run(&[&args[..], &["bash", "-c", program]].concat());
        said.ends(0, "is done");
        said.has("ssh it's me 0", 2);
    }
    let said = site.run(&["run", "--hosts", "left,far", "-n", "2", "--", "true"]);
    said.ends(2, "host far does not answer ssh: ssh: connect to host 127.0.0.1 port");
    let said = site.run(&["run", "--hosts", "left,right", "-n", "2", "--", "./nowhere"]);
    said.ends(2, "host left does not see ");
}

#[test]
fn ranks_elsewhere_end_when_their_job_is_cancelled() {
    if !is_here("mpirun") {
        return skip("cancelling a job on hosts", "no mpirun on PATH");
    }
    let site = Site::new("");
    let Some(_sshd) = Sshd::start(&site) else { return };
    let program = "echo $$ >> ranks; sleep 600";
    site.run(&["submit", "--hosts", "left,right", "-n", "2", "--", "bash", "-c", program])
        .ends(0, "job 1: ");
    let ranks = || fs::read_to_string(site.folder.join("ranks")).unwrap_or_default();
    until("both ranks run", || ranks().lines().count() == 2);
    site.run(&["cancel"]).ends(0, "told to end");
    site.until("cancelled");
    until("no rank is left", || !ranks().lines().any(runs));
}
