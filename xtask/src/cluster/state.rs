//! What has become of a task: its own word first, then what its scheduler says.

use super::plan::Plan;
use super::scheduler::{Ending, Kind, Look, Queued};
use super::script::{NO_MODULE, NO_PROGRAM};
use super::word::Word;

/// How far a task is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// For this reason, if one is known.
    Waits(String),
    Runs {
        node: String,
    },
    Done {
        seconds: u64,
    },
    Failed(Failure),
    /// Nobody says, for this reason. It may well be fine.
    Unknown(String),
    /// It has ended, as its scheduler says, and has not said how.
    Wordless,
}

/// How a task has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    Code(u8),
    Signal(u8),
    /// This node lacks the program.
    NoProgram(String),
    /// Modules cannot be loaded on this node.
    NoModule(String),
    TimeLimit,
    MemoryLimit,
    Cancelled,
    NodeLost,
    Preempted,
    /// No queue has ever had it.
    NotTaken,
}

impl State {
    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Failed(_) | Self::Wordless)
    }

    pub(super) fn has_failed(&self) -> bool {
        self.is_over() && !matches!(self, Self::Done { .. })
    }

    /// A word for tables and scripts.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Waits(_) => "waits",
            Self::Runs { .. } => "runs",
            Self::Done { .. } => "done",
            Self::Failed(Failure::Cancelled) => "cancelled",
            Self::Failed(_) => "failed",
            Self::Unknown(_) => "unknown",
            Self::Wordless => "lost",
        }
    }

    /// The rest of a sentence that begins with the job.
    pub(super) fn sentence(&self, plan: &Plan) -> String {
        match self {
            Self::Waits(reason) if reason.is_empty() => String::from("waits"),
            Self::Waits(reason) => format!("waits: {reason}"),
            Self::Runs { node } => format!("runs on {node}"),
            Self::Done { seconds } => format!("is done, after {}", time(*seconds)),
            Self::Failed(failure) => failure.sentence(plan),
            Self::Unknown(reason) => format!("is not known: {reason}"),
            Self::Wordless => format!(
                "has ended without a word: it was taken out of the queue, or its node was lost, does not see {}, or \
                 finds the disk there full",
                plan.folder.display()
            ),
        }
    }
}

const KILL: u8 = 9;

impl Failure {
    fn sentence(&self, plan: &Plan) -> String {
        let program = &plan.program[0];
        match self {
            Self::Code(127) => format!(
                "has failed: `{program}` ended with code 127, as where a library, or a program that it calls, is missing"
            ),
            Self::Code(code) => format!("has failed: `{program}` ended with code {code}"),
            Self::Signal(KILL) => format!(
                "has failed: `{program}` was killed (signal {KILL}), as the system does to what takes too much memory"
            ),
            Self::Signal(signal) => format!("has failed: signal {signal} ended `{program}`"),
            Self::NoProgram(node) => format!(
                "has failed: node {node} has no program `{program}`; put it where all nodes see it"
            ),
            Self::NoModule(node) => format!(
                "has failed: node {node} cannot load what `modules` of the site file asks for; `module avail` says what there is"
            ),
            Self::TimeLimit => {
                let limit = plan.limit.map(|limit| format!(" of {}", time(limit)));
                let limit = limit.unwrap_or_default();
                format!("was ended by its time limit{limit}; ask for more by --time")
            }
            Self::MemoryLimit => {
                let memory = plan.memory.map(|mib| format!(" of {mib} MiB")).unwrap_or_default();
                format!("was ended by its memory limit{memory}; ask for more by --mem")
            }
            Self::Cancelled => String::from("was cancelled"),
            Self::NodeLost => String::from("has failed: its node was lost"),
            Self::Preempted => {
                String::from("was ended for a job that goes before it; submit it again")
            }
            Self::NotTaken => String::from("was never taken by the queue; submit it again"),
        }
    }
}

/// `90s` as people say it.
pub(super) fn time(seconds: u64) -> String {
    humantime::format_duration(std::time::Duration::from_secs(seconds)).to_string()
}

/// What is known of a task.
pub(super) struct Known<'a> {
    pub(super) plan: &'a Plan,
    pub(super) kind: Kind,
    pub(super) task: u32,
    pub(super) word: Option<Word>,
    pub(super) look: &'a Look,
    /// Whether somebody has cancelled the job by us.
    pub(super) is_cancelled: bool,
    /// The last lines of its log.
    pub(super) tail: &'a str,
}

impl Known<'_> {
    pub(super) fn state(&self) -> State {
        match &self.word {
            Some(Word { end: Some((0, ended)), began, .. }) => {
                State::Done { seconds: ended.saturating_sub(*began) }
            }
            Some(Word { end: Some((code, ended)), began, node }) => {
                let failure = self.failure(*code, ended.saturating_sub(*began), node);
                self.again(&failure, node).unwrap_or(State::Failed(failure))
            }
            word => self.without_end(word.as_ref().map(|word| word.node.as_str())),
        }
    }

    /// A task that a signal has ended for its queue to start it again, or while the queue has not said what for. On this
    /// machine nobody says, and other tasks may run.
    fn again(&self, failure: &Failure, node: &str) -> Option<State> {
        match self.queued().filter(|_| matches!(failure, Failure::Signal(_)))? {
            Queued::Waits(reason) => {
                Some(State::Waits(format!("it was put back into the queue ({reason})")))
            }
            Queued::Runs if self.kind == Kind::Local => None,
            Queued::Runs | Queued::Ends => Some(State::Runs { node: node.to_owned() }),
            Queued::Ended(_) => None,
        }
    }

    /// What an exit code means.
    fn failure(&self, code: u8, seconds: u64, node: &str) -> Failure {
        // What `timeout` ends with; bash, when it is told to end; and what is killed.
        let may_be_time = matches!(code, 124 | 137 | 143);
        let is_late = self.plan.limit.is_some_and(|limit| seconds >= limit);
        if let Some(ending) = self.ending().and_then(limit) {
            return ending;
        }
        if self.is_cancelled && matches!(code, 130 | 143) {
            return Failure::Cancelled;
        }
        if may_be_time && (is_late || self.tail.contains("DUE TO TIME LIMIT")) {
            return Failure::TimeLimit;
        }
        let out_of_memory = ["oom-kill", "oom_kill", "Out Of Memory", "out of memory"];
        if code == 137 && out_of_memory.iter().any(|words| self.tail.contains(words)) {
            return Failure::MemoryLimit;
        }
        match code {
            127 if self.tail.contains(NO_PROGRAM) => Failure::NoProgram(node.to_owned()),
            127 if self.tail.contains(NO_MODULE) => Failure::NoModule(node.to_owned()),
            129..=192 => Failure::Signal(code - 128),
            _ => Failure::Code(code),
        }
    }

    fn queued(&self) -> Option<&Queued> {
        match self.look {
            Look::Tasks(tasks) => tasks.get(&self.task),
            Look::Silent(_) | Look::Nowhere => None,
        }
    }

    fn ending(&self) -> Option<Ending> {
        match self.queued() {
            Some(Queued::Ended(ending)) => Some(*ending),
            _ => None,
        }
    }

    /// A task that has not said that it has ended, and where it said that it has begun.
    fn without_end(&self, node: Option<&str>) -> State {
        match (self.look, self.queued()) {
            (Look::Silent(reason), _) => State::Unknown(reason.clone()),
            (Look::Nowhere, _) if node.is_none() => State::Failed(Failure::NotTaken),
            (_, Some(Queued::Waits(reason))) => State::Waits(reason.clone()),
            (_, Some(Queued::Runs | Queued::Ends)) => match node {
                Some(node) => State::Runs { node: node.to_owned() },
                None => State::Waits(String::new()),
            },
            (_, Some(Queued::Ended(_)) | None) => {
                let cancelled = self.is_cancelled.then_some(Failure::Cancelled);
                let why = self.ending().and_then(limit).or(cancelled);
                why.map_or(State::Wordless, State::Failed)
            }
        }
    }
}

/// An ending that says more than an exit code does.
fn limit(ending: Ending) -> Option<Failure> {
    match ending {
        Ending::ByItself => None,
        Ending::Cancelled => Some(Failure::Cancelled),
        Ending::TimeLimit => Some(Failure::TimeLimit),
        Ending::MemoryLimit => Some(Failure::MemoryLimit),
        Ending::NodeLost => Some(Failure::NodeLost),
        Ending::Preempted => Some(Failure::Preempted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(code: u8, seconds: u64) -> Option<Word> {
        Some(Word { began: 100, end: Some((code, 100 + seconds)), node: "n1".into() })
    }

    fn began() -> Option<Word> {
        Some(Word { began: 100, end: None, node: "n1".into() })
    }

    fn tasks(queued: Queued) -> Look {
        Look::Tasks([(0, queued)].into())
    }

    fn state(word: Option<Word>, look: &Look, is_cancelled: bool, tail: &str) -> State {
        let plan = Plan { limit: Some(60), ..Plan::fake("x") };
        Known { plan: &plan, kind: Kind::Slurm, task: 0, word, look, is_cancelled, tail }.state()
    }

    #[test]
    fn its_own_word_is_the_truth() {
        // Whatever the queue says, or does not.
        let silent = Look::Silent("down".into());
        let gone = Look::Tasks([].into());
        for look in [&silent, &gone, &tasks(Queued::Runs), &tasks(Queued::Waits("x".into()))] {
            assert_eq!(state(ended(0, 5), look, false, ""), State::Done { seconds: 5 });
            assert_eq!(state(ended(3, 5), look, false, ""), State::Failed(Failure::Code(3)));
        }
    }

    #[test]
    fn what_a_queue_puts_back_has_not_failed() {
        let back = tasks(Queued::Waits("BeginTime".into()));
        let said = "it was put back into the queue (BeginTime)";
        assert_eq!(state(ended(143, 5), &back, false, ""), State::Waits(said.into()));
        // What it is ended for is not known yet.
        for look in [tasks(Queued::Ends), tasks(Queued::Runs)] {
            assert_eq!(state(ended(143, 5), &look, false, ""), State::Runs { node: "n1".into() });
            assert_eq!(state(ended(1, 5), &look, false, ""), State::Failed(Failure::Code(1)));
        }
        let (plan, look) = (Plan::fake("x"), tasks(Queued::Runs));
        let word = ended(139, 5);
        let known = Known {
            plan: &plan,
            kind: Kind::Local,
            task: 0,
            word,
            look: &look,
            is_cancelled: false,
            tail: "",
        };
        assert_eq!(known.state(), State::Failed(Failure::Signal(11)), "the next task runs");
        assert_eq!(state(ended(0, 5), &back, false, ""), State::Done { seconds: 5 });
    }

    #[test]
    fn codes_mean_what_they_mean() {
        let gone = Look::Tasks([].into());
        let failed = |code, seconds, cancelled, tail: &str| match state(
            ended(code, seconds),
            &gone,
            cancelled,
            tail,
        ) {
            State::Failed(failure) => failure,
            other => panic!("{other:?}"),
        };
        assert_eq!(failed(127, 0, false, "no program x on n1"), Failure::NoProgram("n1".into()));
        assert_eq!(failed(127, 0, false, "no module x on n1"), Failure::NoModule("n1".into()));
        assert_eq!(failed(127, 0, false, "libmpi.so: cannot open"), Failure::Code(127));
        assert_eq!(failed(139, 0, false, ""), Failure::Signal(11));
        assert_eq!(failed(143, 61, false, ""), Failure::TimeLimit);
        assert_eq!(failed(124, 60, false, ""), Failure::TimeLimit);
        assert_eq!(
            failed(143, 3, false, "*** JOB 7 ... DUE TO TIME LIMIT ***"),
            Failure::TimeLimit
        );
        assert_eq!(failed(143, 3, true, ""), Failure::Cancelled);
        assert_eq!(failed(143, 61, true, ""), Failure::Cancelled, "late, but it was told to end");
        assert_eq!(failed(143, 3, false, ""), Failure::Signal(15));
        assert_eq!(
            failed(137, 3, false, "slurmstepd: Detected 1 oom_kill event"),
            Failure::MemoryLimit
        );
        assert_eq!(failed(1, 99, false, ""), Failure::Code(1), "late, but it ended itself");
        let look = tasks(Queued::Ended(Ending::MemoryLimit));
        assert_eq!(state(ended(137, 1), &look, false, ""), State::Failed(Failure::MemoryLimit));
    }

    #[test]
    fn without_its_word_the_queue_is_asked() {
        let silent = Look::Silent("down".into());
        assert_eq!(state(None, &silent, false, ""), State::Unknown("down".into()));
        assert_eq!(state(began(), &silent, false, ""), State::Unknown("down".into()));
        let runs = tasks(Queued::Runs);
        assert_eq!(state(began(), &runs, false, ""), State::Runs { node: "n1".into() });
        assert_eq!(state(None, &runs, false, ""), State::Waits(String::new()));
        let lost = tasks(Queued::Ended(Ending::NodeLost));
        assert_eq!(state(began(), &lost, false, ""), State::Failed(Failure::NodeLost));
        assert_eq!(state(None, &Look::Nowhere, false, ""), State::Failed(Failure::NotTaken));
        assert_eq!(state(began(), &Look::Nowhere, false, ""), State::Wordless);
        let gone = Look::Tasks([].into());
        assert_eq!(state(began(), &gone, false, ""), State::Wordless);
        assert_eq!(state(None, &gone, true, ""), State::Failed(Failure::Cancelled));
        let ended = tasks(Queued::Ended(Ending::ByItself));
        assert_eq!(state(None, &ended, true, ""), State::Failed(Failure::Cancelled));
        assert_eq!(
            state(began(), &tasks(Queued::Ended(Ending::ByItself)), false, ""),
            State::Wordless
        );
    }
}
