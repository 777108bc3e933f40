//! A stand-in for PBS, which no distribution packages: it runs what it is given at once, and knows nothing of it afterwards.

use super::Site;

const QSUB: &str = "#!/bin/bash
grep '^#PBS' \"$1\" > \"$PBS_SAID\"
if grep -q 'select=99' \"$1\"; then
    echo 'qsub: Job exceeds queue resource limits' >&2
    exit 188
fi
bash \"$1\" &
echo 12.stand-in
";

const QSTAT: &str = "#!/bin/bash
echo 'qstat: Unknown Job Id 12.stand-in' >&2
exit 153
";

#[test]
fn a_queue_that_forgets_at_once_loses_nothing() {
    let site = Site::new("launcher = \"env RANKS={ranks}\"\npartition = \"workq\"");
    site.stand_in("qsub", QSUB);
    site.stand_in("qstat", QSTAT);
    let directives = site.folder.join("directives");
    let site = site.with("PBS_SAID", directives.to_str().unwrap());
    let args = [
        "run",
        "--pbs",
        "-n",
        "4",
        "--nodes",
        "2",
        "--time",
        "1h",
        "--",
        "bash",
        "-c",
        "echo $RANKS",
    ];
    let said = site.run(&args);
    said.ends(0, "job 1: 12.stand-in of PBS");
    assert_eq!(said.out, "4\n");
    let directives = std::fs::read_to_string(directives).unwrap();
    for part in ["-q workq", "select=2:ncpus=2:mpiprocs=2:ompthreads=1", "walltime=01:00:00"] {
        assert!(directives.contains(part), "no {part:?} in {directives}");
    }
    let said = site.run(&["run", "--pbs", "-n", "99", "--nodes", "99", "--", "true"]);
    said.ends(2, "PBS refuses the job: qsub: Job exceeds queue resource limits");
    assert_eq!(site.jobs(), ["1"]);
}

#[test]
fn no_pbs_is_no_place() {
    if super::is_here("qsub") {
        return;
    }
    Site::new("").run(&["run", "--pbs", "-n", "1", "--", "true"]).ends(3, "cannot start qsub");
}
