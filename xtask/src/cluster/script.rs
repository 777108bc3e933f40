//! The script of a job: the same for each scheduler but for its head.

use std::fmt::Write as _;
use std::path::Path;

use super::launcher::Launcher;
use super::plan::{Plan, Steps};
use super::site::Site;
use crate::sh::quoted;

/// What a scheduler asks of a script.
pub(super) struct Head {
    /// The lines behind `#!/bin/bash`.
    pub(super) lines: Vec<String>,
    /// What stands for the number of a task.
    pub(super) task: &'static str,
    /// Before the launcher, in the words of bash: what keeps its time where the scheduler does not.
    pub(super) keeper: String,
}

/// What each task tells, in the words of bash. The line is as long from the beginning, and is written over: a disk that
/// has filled meanwhile has room for it, unless it is of those that never write where something stands. No program is
/// called for it, since a signal would end that too. What is told to end has some seconds to do so, fewer than a queue
/// waits before it kills; then its group is killed, if it has one, which may outlive the program itself. Its number is kept,
/// since what is waited with becomes the last that was begun.
const TELL: &str = r#"
tell() {
    local line="$1 $2 $began $3 ${SLURMD_NODENAME:-$HOSTNAME}"
    printf '%-127s\n' "$line" 1<>"$tenfold_folder/word.$tenfold_task"
}
ended() {
    local code=$? end
    trap '' TERM INT
    printf -v end '%(%s)T' -1
    tell ended "$code" "$end"
    exit "$code"
}
stopped() {
    local tries=0 program=$!
    trap '' TERM INT
    kill -TERM "$program" 2>/dev/null
    while { kill -0 -- "-$program" || kill -0 "$program"; } 2>/dev/null && ((tries++ < 40)); do
        read -rt 0.1 <> <(:)
    done
    kill -KILL -- "-$program" 2>/dev/null
    exit "$1"
}
printf -v began '%(%s)T' -1
SECONDS=0
trap ended EXIT
trap 'stopped 143' TERM
trap 'stopped 130' INT
trap '' HUP
tell began 0 0
"#;

/// What a task says where its node lacks the program: its launcher would say so in many words, or none.
pub(super) const NO_PROGRAM: &str = "no program ";

/// And where a module cannot be loaded.
pub(super) const NO_MODULE: &str = "no module ";

/// A line that says what a task's node lacks.
fn lacks(what: &str, name: &str) -> String {
    format!("    printf '{what}%s on %s\\n' {name} \"${{SLURMD_NODENAME:-$HOSTNAME}}\"")
}

/// Writes the script of a plan, whose ranks are started by these launchers.
pub(super) fn script(plan: &Plan, site: &Site, head: &Head, launcher: &dyn Launcher) -> String {
    let mut text = String::from("#!/bin/bash\n");
    let mut line = |line: &str| {
        let _ = writeln!(text, "{line}");
    };
    head.lines.iter().for_each(|directive| line(directive));
    line(&format!("tenfold_folder={}", quoted(&plan.folder.to_string_lossy())));
    line(&format!("tenfold_task={}", head.task));
    line("exec >>\"$tenfold_folder/log.$tenfold_task\" 2>&1");
    line(TELL.trim_matches('\n'));
    for module in site.modules.iter().map(|module| quoted(module)) {
        line(&format!("module load {module} || {{"));
        line(&lacks(NO_MODULE, &module));
        line("    exit 127\n}");
    }
    site.setup.iter().for_each(|setup| line(setup));
    let threads = plan.threads_per_rank;
    line(&format!("export OMP_NUM_THREADS={threads} RAYON_NUM_THREADS={threads}"));
    line("export TENFOLD_TASK=$tenfold_task");
    line("export TENFOLD_RESULT=\"$tenfold_folder/result.$tenfold_task.json\"");
    for (name, value) in &plan.variables {
        line(&format!("export {name}={}", quoted(value)));
    }
    line(&format!("cd {} || exit", quoted(&plan.workdir.to_string_lossy())));
    let program = quoted(&plan.program[0]);
    line(&format!("if ! command -v {program} >/dev/null; then"));
    line(&lacks(NO_PROGRAM, &program));
    line("    exit 127\nfi");
    match &plan.steps {
        None => line(&format!("{} &\nwait \"$!\"", command(plan, head, launcher))),
        Some(steps) => line(&study(plan, steps, head, launcher)),
    }
    text
}

/// The runs of a study, each with a result of its own. One that fails is the job's failure, and the others are made.
fn study(plan: &Plan, steps: &Steps, head: &Head, launcher: &dyn Launcher) -> String {
    let kind = if steps.is_weak { "weak" } else { "strong" };
    let mut text = format!("export TENFOLD_STUDY={kind}\nfailed=0\n");
    for &ranks in &steps.ranks {
        let plan = plan.on(ranks);
        let _ = writeln!(text, "export TENFOLD_RESULT=\"$tenfold_folder/result.{ranks}.json\"");
        if steps.is_traced {
            let _ = writeln!(text, "export TENFOLD_COMM_TRACE=\"$tenfold_folder/trace.{ranks}\"");
            text += "mkdir -p \"$TENFOLD_COMM_TRACE\"\n";
        }
        let words = words(&plan, head, launcher);
        let _ = writeln!(text, "echo '{ranks} ranks'");
        let _ = writeln!(text, "{words} {CORES} >\"$tenfold_folder/cores.{ranks}\" &\nwait \"$!\"");
        let _ = writeln!(text, "{} &", command(&plan, head, launcher));
        let _ = writeln!(
            text,
            "wait \"$!\" || {{ failed=$?; echo \"{ranks} ranks ended with code $failed\"; }}"
        );
    }
    text + "(exit \"$failed\")"
}

/// Each rank tells its node, the machine that is, since several nodes of Slurm may be one, and the processors that it may
/// use there.
const CORES: &str = "bash -c 'echo \"${SLURMD_NODENAME:-$(uname -n)} $(uname -n) \
                     $(sed -n \"s/^Cpus_allowed_list://p\" /proc/self/status)\"'";

/// What is run, in one line.
fn command(plan: &Plan, head: &Head, launcher: &dyn Launcher) -> String {
    let program = plan.program.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let own = (plan.gpus_per_rank > 0).then(|| own_device(plan.gpus_per_rank));
    let sampled = plan.sampler.as_ref().map(|library| sampled(library));
    let words = [Some(words(plan, head, launcher)), own, sampled, Some(program)];
    words.iter().flatten().filter(|words| !words.is_empty()).cloned().collect::<Vec<_>>().join(" ")
}

/// What stands before the program.
fn words(plan: &Plan, head: &Head, launcher: &dyn Launcher) -> String {
    let launcher = launcher.words(plan).into_iter().map(|word| quoted(&word));
    let keeper = std::iter::once(head.keeper.clone()).filter(|keeper| !keeper.is_empty());
    keeper.chain(launcher).collect::<Vec<_>>().join(" ")
}

/// Has each rank leave a profile of itself, in a folder of its machine: numbers of processes are those of a machine. The
/// launcher is not to load the sampler, whose signals it would pass on. What a site loads before programs stays.
fn sampled(library: &Path) -> String {
    let library = quoted(&library.to_string_lossy());
    let own = "F=$0/$(uname -n); mkdir -p \"$F\"; L=$1; shift; \
               TENFOLD_PROFILE_HZ=1000 TENFOLD_PROFILE_FOLDER=$F LD_PRELOAD=$L${LD_PRELOAD:+:$LD_PRELOAD} exec \"$@\"";
    format!("bash -c '{own}' \"$tenfold_folder/profile.$tenfold_task\" {library}")
}

/// Gives each rank the devices that follow those of the ranks before it on its node: CUDA these alone, tenfold-gpu the first
/// of them. A queue says in the variable of CUDA which of the node's are the job's, by their numbers if not by names. Slurm
/// is asked last for the rank: what it says to the script, ranks of another launcher inherit.
fn own_device(each: usize) -> String {
    let local = "${OMPI_COMM_WORLD_LOCAL_RANK:-${MPI_LOCALRANKID:-${SLURM_LOCALID:-0}}}";
    let all = format!("${{CUDA_VISIBLE_DEVICES:-$(seq -s, 0 $((G + {each} - 1)))}}");
    format!(
        "bash -c 'G=$(({local} * {each})); C=$(cut -d, -f $((G + 1))-$((G + {each})) <<<\"{all}\"); \
         [[ $C == [0-9]* ]] && G=${{C%%,*}}; TENFOLD_GPU=$G CUDA_VISIBLE_DEVICES=$C exec \"$0\" \"$@\"'"
    )
}

#[cfg(test)]
mod tests {
    use super::super::launcher::Named;
    use super::*;

    #[test]
    fn a_script_tells_what_became_of_it() {
        let mut plan = Plan::fake("./heat --rows 100 it's");
        plan.gpus_per_rank = 2;
        plan.variables.insert("A".into(), "b c".into());
        let site = Site {
            modules: vec!["mpi/4".into()],
            setup: vec!["ulimit -s unlimited".into()],
            ..Site::default()
        };
        let head =
            Head { lines: vec!["#SBATCH -n 2".into()], task: "${T:-0}", keeper: String::new() };
        let launcher = Named(String::from("srun -n{ranks}"));
        let text = script(&plan, &site, &head, &launcher);
        let expected = format!(
            r#"#!/bin/bash
#SBATCH -n 2
tenfold_folder=/data/ada/7
tenfold_task=${{T:-0}}
exec >>"$tenfold_folder/log.$tenfold_task" 2>&1
{}
module load mpi/4 || {{
    printf 'no module %s on %s\n' mpi/4 "${{SLURMD_NODENAME:-$HOSTNAME}}"
    exit 127
}}
ulimit -s unlimited
export OMP_NUM_THREADS=1 RAYON_NUM_THREADS=1
export TENFOLD_TASK=$tenfold_task
export TENFOLD_RESULT="$tenfold_folder/result.$tenfold_task.json"
export A='b c'
cd /data/ada/work || exit
if ! command -v ./heat >/dev/null; then
    printf 'no program %s on %s\n' ./heat "${{SLURMD_NODENAME:-$HOSTNAME}}"
    exit 127
fi
srun -n2 bash -c 'G=$((${{OMPI_COMM_WORLD_LOCAL_RANK:-${{MPI_LOCALRANKID:-${{SLURM_LOCALID:-0}}}}}} * 2)); C=$(cut -d, -f $((G + 1))-$((G + 2)) <<<"${{CUDA_VISIBLE_DEVICES:-$(seq -s, 0 $((G + 2 - 1)))}}"); [[ $C == [0-9]* ]] && G=${{C%%,*}}; TENFOLD_GPU=$G CUDA_VISIBLE_DEVICES=$C exec "$0" "$@"' ./heat --rows 100 'it'\''s' &
wait "$!"
"#,
            TELL.trim_matches('\n')
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn a_study_is_one_job() {
        let steps = Steps { ranks: vec![1, 2], is_weak: true, is_traced: true };
        let plan = Plan { nodes: Some(2), steps: Some(steps), ..Plan::fake("./heat") };
        let head = Head { lines: vec![], task: "0", keeper: String::new() };
        let launcher = Named(String::from("run -n{ranks} -N{nodes}"));
        let text = script(&plan, &Site::default(), &head, &launcher);
        let steps = text.split_once("export TENFOLD_STUDY").unwrap().1;
        let step = |n: usize| {
            format!(
                r#"export TENFOLD_RESULT="$tenfold_folder/result.{n}.json"
export TENFOLD_COMM_TRACE="$tenfold_folder/trace.{n}"
mkdir -p "$TENFOLD_COMM_TRACE"
echo '{n} ranks'
run -n{n} -N{n} {CORES} >"$tenfold_folder/cores.{n}" &
wait "$!"
run -n{n} -N{n} ./heat &
wait "$!" || {{ failed=$?; echo "{n} ranks ended with code $failed"; }}
"#
            )
        };
        assert_eq!(steps, format!("=weak\nfailed=0\n{}{}(exit \"$failed\")\n", step(1), step(2)));
    }
}
