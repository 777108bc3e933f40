//! What starts the ranks of a job.

use super::plan::Plan;

/// The words that stand before the program.
pub(super) trait Launcher {
    fn words(&self, plan: &Plan) -> Vec<String>;
}

/// The words of one, as they are typed.
fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).into()
}

/// One rank needs no launcher.
pub(super) struct Alone;

impl Launcher for Alone {
    fn words(&self, _: &Plan) -> Vec<String> {
        vec![]
    }
}

/// `mpirun`, of Open MPI or of MPICH.
pub(super) struct Mpirun {
    /// What it is called.
    pub(super) program: String,
    pub(super) is_open_mpi: bool,
    /// What Open MPI has to be told beside: that root runs it, that there are few cores.
    pub(super) flags: Vec<String>,
    /// Where ranks are started by ssh; here, or where the queue says, if there are none.
    pub(super) hosts: Vec<Host>,
}

/// A machine that ssh knows, and how many ranks it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) slots: Option<usize>,
}

impl Launcher for Mpirun {
    fn words(&self, plan: &Plan) -> Vec<String> {
        let mut all = vec![self.program.clone()];
        all.extend(self.flags.iter().cloned());
        if self.is_open_mpi && plan.threads_per_rank > 1 {
            // It would bind each of two ranks to one core, with all threads of it.
            all.extend(words(["--bind-to", "none"]));
        }
        all.extend(words(["-n", &plan.ranks.to_string()]));
        if !self.hosts.is_empty() {
            // Those that say how many ranks they take are given no more, and the others share the rest.
            let taken: usize = self.hosts.iter().filter_map(|host| host.slots).sum();
            let open = self.hosts.iter().filter(|host| host.slots.is_none()).count();
            let each = plan.ranks.saturating_sub(taken).div_ceil(open.max(1)).max(1);
            let host = |host: &Host| format!("{}:{}", host.name, host.slots.unwrap_or(each));
            let list = self.hosts.iter().map(host).collect::<Vec<_>>().join(",");
            all.extend(words([if self.is_open_mpi { "--host" } else { "-hosts" }, &list]));
            all.extend(self.elsewhere(plan));
            return all;
        }
        if let Some(each) = plan.ranks_per_node().filter(|_| plan.nodes != Some(1)) {
            let per_node = if self.is_open_mpi { "--npernode" } else { "-ppn" };
            all.extend(words([per_node, &each.to_string()]));
            all.extend(self.elsewhere(plan));
        }
        all
    }
}

impl Mpirun {
    /// What Open MPI has to know where ranks are on other machines.
    fn elsewhere(&self, plan: &Plan) -> Vec<String> {
        if !self.is_open_mpi {
            return vec![];
        }
        // A daemon of 4.1 puts what it knows of its machine into the largest hole of its memory, which may lie so close
        // below its stack that this cannot grow: one start in ten or so ends with a segmentation fault.
        let mut all = words(["--mca", "rtc_hwloc_vmhole", "none"]);
        all.extend(self.told(plan));
        all
    }

    /// Open MPI tells ranks on other machines of no variables but its own, unless it is told to.
    fn told(&self, plan: &Plan) -> Vec<String> {
        let own = ["OMP_NUM_THREADS", "RAYON_NUM_THREADS", "TENFOLD_TASK", "TENFOLD_RESULT"];
        let study = plan.steps.as_ref().map(|_| "TENFOLD_STUDY");
        let trace =
            plan.steps.as_ref().filter(|steps| steps.is_traced).map(|_| "TENFOLD_COMM_TRACE");
        let own = own.into_iter().chain(study).chain(trace).map(str::to_owned);
        let all = own.chain(plan.variables.keys().cloned());
        all.flat_map(|name| [String::from("-x"), name]).collect()
    }
}

/// Slurm's own.
pub(super) struct Srun {
    /// By which it tells ranks of each other: `pmix`, `pmi2`.
    pub(super) mpi: Option<String>,
}

impl Launcher for Srun {
    fn words(&self, plan: &Plan) -> Vec<String> {
        let mut all = words(["srun"]);
        all.extend(self.mpi.iter().map(|mpi| format!("--mpi={mpi}")));
        // It warns of a run on fewer ranks than the job has nodes, however many those are.
        let few = plan.steps.as_ref().map(|_| format!("--nodes=1-{}", plan.ranks));
        all.extend(plan.nodes.map(|nodes| format!("--nodes={nodes}")).or(few));
        all.push(format!("--ntasks={}", plan.ranks));
        // Since Slurm 22.05 a step does not take it over from the job.
        all.push(format!("--cpus-per-task={}", plan.threads_per_rank));
        all
    }
}

/// Another one, by its words.
pub(super) struct Named(pub(super) String);

impl Named {
    /// # Errors
    /// There are no words, or one has a name in braces that stands for nothing.
    pub(super) fn new(words: &str) -> Result<Self, String> {
        let known = ["{ranks}", "{nodes}", "{ranks-per-node}", "{threads}"];
        let unknown = |word: &str| {
            let rest = known.iter().fold(word.to_owned(), |word, name| word.replace(name, ""));
            rest.contains('{')
        };
        match words.split_whitespace().find(|word| unknown(word)) {
            Some(word) => Err(format!("{word:?} has none of {}", known.join(", "))),
            None if words.trim().is_empty() => {
                Err(String::from("expected srun, mpirun, or the words of another one"))
            }
            None => Ok(Self(words.to_owned())),
        }
    }
}

impl Launcher for Named {
    fn words(&self, plan: &Plan) -> Vec<String> {
        let nodes = plan.nodes.unwrap_or(1);
        let numbers = [
            ("{ranks}", plan.ranks),
            ("{nodes}", nodes),
            ("{ranks-per-node}", plan.ranks.div_ceil(nodes)),
            ("{threads}", plan.threads_per_rank),
        ];
        let filled = |word: &str| {
            let fill = |word: String, (name, number): (&str, usize)| {
                word.replace(name, &number.to_string())
            };
            numbers.into_iter().fold(word.to_owned(), fill)
        };
        self.0.split_whitespace().map(filled).collect()
    }
}

/// The hosts of a line such as `a,b:4`.
pub(super) fn hosts_of(list: &str) -> Result<Vec<Host>, String> {
    list.split(',').map(|entry| host_of(entry.trim())).collect()
}

/// The hosts of a file: a name a line, and `slots=4` as Open MPI has it, or `:4` as MPICH.
///
/// # Errors
/// What is wrong, and in which line.
pub(super) fn hosts_of_file(text: &str) -> Result<Vec<Host>, String> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.split('#').next()));
    let lines = lines.filter_map(|(at, line)| Some((at, line?.trim())));
    let hosts: Vec<Host> = lines
        .filter(|(_, line)| !line.is_empty())
        .map(|(at, line)| host_of(line).map_err(|error| format!("line {at}: {error}")))
        .collect::<Result<_, _>>()?;
    if hosts.is_empty() { Err(String::from("there is no host in it")) } else { Ok(hosts) }
}

fn host_of(entry: &str) -> Result<Host, String> {
    let expected = || format!("{entry:?} is no host: expected a name, `name:4` or `name slots=4`");
    let mut words = entry.split_whitespace();
    let first = words.next().ok_or_else(expected)?;
    let (name, mut slots) = match first.split_once(':') {
        Some((name, slots)) => (name, Some(slots)),
        None => (first, None),
    };
    for word in words {
        slots = Some(word.strip_prefix("slots=").ok_or_else(expected)?);
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-._@".contains(c);
    let slots = match slots.map(|slots| slots.parse::<usize>().ok().filter(|&n| n > 0)) {
        Some(None) => return Err(expected()),
        Some(slots) => slots,
        None => None,
    };
    // What begins with a dash would be an option of ssh's.
    if name.is_empty() || name.starts_with('-') || !name.chars().all(is_name) {
        return Err(expected());
    }
    Ok(Host { name: name.to_owned(), slots })
}

#[cfg(test)]
mod tests {
    use super::super::plan::Steps;
    use super::*;

    fn line(launcher: &dyn Launcher, plan: &Plan) -> String {
        launcher.words(plan).join(" ")
    }

    fn mpirun(is_open_mpi: bool, hosts: &str) -> Mpirun {
        let hosts = if hosts.is_empty() { vec![] } else { hosts_of(hosts).unwrap() };
        Mpirun { program: String::from("mpirun"), is_open_mpi, flags: vec![], hosts }
    }

    #[test]
    fn each_launcher_has_words_of_its_own() {
        let plan = Plan { ranks: 4, threads_per_rank: 2, ..Plan::fake("heat") };
        let nodes = Plan { nodes: Some(2), ..plan.clone() };
        assert_eq!(line(&Alone, &plan), "");
        assert_eq!(line(&mpirun(true, ""), &plan), "mpirun --bind-to none -n 4");
        let single = Plan { threads_per_rank: 1, ..plan.clone() };
        assert_eq!(line(&mpirun(true, ""), &single), "mpirun -n 4");
        assert_eq!(
            line(&mpirun(true, ""), &nodes),
            "mpirun --bind-to none -n 4 --npernode 2 --mca rtc_hwloc_vmhole none -x OMP_NUM_THREADS -x RAYON_NUM_THREADS -x TENFOLD_TASK -x TENFOLD_RESULT"
        );
        assert_eq!(line(&mpirun(false, ""), &nodes), "mpirun -n 4 -ppn 2");
        assert_eq!(
            line(&mpirun(true, "a,b:3"), &plan),
            "mpirun --bind-to none -n 4 --host a:1,b:3 --mca rtc_hwloc_vmhole none -x OMP_NUM_THREADS -x RAYON_NUM_THREADS -x TENFOLD_TASK -x TENFOLD_RESULT"
        );
        assert_eq!(line(&mpirun(false, "a,b"), &plan), "mpirun -n 4 -hosts a:2,b:2");
        assert_eq!(line(&mpirun(false, "a:1,b"), &plan), "mpirun -n 4 -hosts a:1,b:3");
        let srun = Srun { mpi: None };
        assert_eq!(line(&srun, &nodes), "srun --nodes=2 --ntasks=4 --cpus-per-task=2");
        let srun = Srun { mpi: Some(String::from("pmi2")) };
        assert_eq!(line(&srun, &plan), "srun --mpi=pmi2 --ntasks=4 --cpus-per-task=2");
        let steps = Steps { ranks: vec![4], is_weak: false, is_traced: false };
        let step = Plan { steps: Some(steps), ..plan.clone() };
        assert_eq!(line(&srun, &step), "srun --mpi=pmi2 --nodes=1-4 --ntasks=4 --cpus-per-task=2");
        let ibrun = Named(String::from("ibrun -n {ranks} --ppn={ranks-per-node} -t {threads}"));
        assert_eq!(line(&ibrun, &nodes), "ibrun -n 4 --ppn=2 -t 2");
    }

    #[test]
    fn hosts_have_names_and_slots() {
        let host = |name: &str, slots| Host { name: name.to_owned(), slots };
        assert_eq!(hosts_of("a, b:2").unwrap(), [host("a", None), host("b", Some(2))]);
        let file = "# mine\nn1 slots=4\nn2:2 # two\n\nada@n3.site\n";
        assert_eq!(
            hosts_of_file(file).unwrap(),
            [host("n1", Some(4)), host("n2", Some(2)), host("ada@n3.site", None)]
        );
        for (text, line) in [
            ("n1\n-oProxyCommand=x\n", 2),
            ("n1 slots=0\n", 1),
            ("n1 cpus=2\n", 1),
            ("\nn1;rm\n", 2),
            ("n1:x\n", 1),
            ("n1 4\n", 1),
        ] {
            let error = hosts_of_file(text).unwrap_err();
            assert!(error.starts_with(&format!("line {line}: ")), "{error}");
        }
        assert_eq!(hosts_of_file("# none\n").unwrap_err(), "there is no host in it");
        assert!(hosts_of("a,,b").is_err());
    }
}
