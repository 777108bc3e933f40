//! What packages need of the system, and this machine lacks.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use crate::doctor;
use crate::workspace::{Package, Workspace};

/// Doctor's findings, as far as packages ask for them.
#[derive(Debug, Default)]
pub(crate) struct Lacks {
    /// Doctor's name of the thing, and why it is not there, if it is not.
    found: BTreeMap<String, Option<String>>,
}

impl Lacks {
    /// Asks doctor, unless no package needs anything: probing takes its time.
    ///
    /// A need that doctor does not know is an error, for it would never be met.
    pub(crate) fn of_machine(workspace: &Workspace) -> Result<Self> {
        if workspace.packages.iter().all(|package| package.needs().is_empty()) {
            return Ok(Self::default());
        }
        let lacks = Self::of_answers(doctor::probe_all().into_iter().map(|finding| {
            let reason = format!("{}: {}; {}", finding.name, finding.detail, finding.supply);
            (finding.name.to_owned(), (!finding.is_found()).then_some(reason))
        }));
        workspace.packages.iter().try_for_each(|package| lacks.knows(package))?;
        Ok(lacks)
    }

    /// From pairs of doctor's name for a thing and why it cannot be used, if it cannot.
    fn of_answers(answers: impl IntoIterator<Item = (String, Option<String>)>) -> Self {
        Self { found: answers.into_iter().collect() }
    }

    /// The needs that are not met, with how to meet them; `None` if all are.
    pub(crate) fn of(&self, package: &Package) -> Option<String> {
        let reasons = package.needs().iter().filter_map(|need| self.found.get(need)?.clone());
        let reasons: Vec<String> = reasons.collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    fn knows(&self, package: &Package) -> Result<()> {
        for need in package.needs() {
            if !self.found.contains_key(need) {
                let known: Vec<&str> = self.found.keys().map(String::as_str).collect();
                let known = known.join(", ");
                bail!("{} needs `{need}`, which doctor does not know ({known})", package.name);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
impl Lacks {
    /// A machine with MPI and without libclang.
    pub(crate) fn fake() -> Self {
        let missing = Some(String::from("libclang: no libclang.so; cargo xtask setup mpi"));
        Self::of_answers([(String::from("mpi"), None), (String::from("libclang"), missing)])
    }
}

#[cfg(test)]
mod tests {
    use super::{Lacks, Package, Workspace};

    #[test]
    fn a_package_lacks_what_it_needs_and_doctor_misses() {
        let of = |needs: &[&str]| Lacks::fake().of(&Package::fake("x", needs));
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["mpi"]), None);
        let reason = "libclang: no libclang.so; cargo xtask setup mpi";
        assert_eq!(of(&["mpi", "libclang"]).as_deref(), Some(reason));
    }

    #[test]
    fn a_need_that_doctor_does_not_know_is_an_error() {
        assert!(Lacks::fake().knows(&Package::fake("x", &["mpi"])).is_ok());
        let error = Lacks::fake().knows(&Package::fake("x", &["npi"])).unwrap_err();
        let text = "x needs `npi`, which doctor does not know (libclang, mpi)";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn this_workspace_asks_for_things_that_doctor_knows() {
        Lacks::of_machine(&Workspace::read().unwrap()).unwrap();
    }
}
