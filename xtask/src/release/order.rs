//! The order in which crates are published: each after those it depends on.

use anyhow::{Result, bail};

use super::{Answer, Release};
use crate::workspace::{Dependency, Package};

/// The crates in order; where that leaves a choice, in that of the workspace.
///
/// # Errors
/// Some depend on each other in a circle.
pub(super) fn of<'a>(crates: impl Iterator<Item = &'a Package>) -> Result<Vec<&'a Package>> {
    let mut left: Vec<&Package> = crates.collect();
    let mut order = vec![];
    while !left.is_empty() {
        let is_ready = |package: &&Package| {
            let mut wanted = package.dependencies.iter().filter(|dependency| is_asked(dependency));
            wanted.all(|dependency| left.iter().all(|other| other.name != dependency.name))
        };
        let Some(next) = left.iter().position(is_ready) else {
            let names: Vec<&str> = left.iter().map(|package| package.name.as_str()).collect();
            bail!("each of {} wants another of them first", names.join(", "));
        };
        order.push(left.remove(next));
    }
    Ok(order)
}

/// Whether a registry is asked for it: what tests depend on by its path alone is left out of packages.
fn is_asked(dependency: &Dependency) -> bool {
    dependency.kind.as_deref() != Some("dev") || dependency.req != "*"
}

pub(super) fn look(release: &Release<'_>) -> Result<Answer> {
    let names = release.crates.iter().map(|package| package.name.trim_start_matches("tenfold-"));
    let names: Vec<&str> = names.collect();
    Ok(Answer::Right(format!("{} crates: {}", names.len(), names.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::workspace::{Package, Workspace};

    fn names(packages: &[Package]) -> Result<Vec<&str>, String> {
        let order = of(packages.iter()).map_err(|error| error.to_string())?;
        Ok(order.into_iter().map(|package| package.name.as_str()).collect())
    }

    #[test]
    fn each_comes_after_what_it_depends_on() {
        let host =
            Package::fake("host", &[]).with("macros", "=0.1.0", None).with("serde", "1", None);
        let macros = Package::fake("macros", &[]).with("host", "*", Some("dev"));
        let top = Package::fake("above", &[]).with("host", "^0.1.0", Some("dev"));
        assert_eq!(names(&[top, host, macros]).unwrap(), ["macros", "host", "above"]);
    }

    #[test]
    fn a_circle_is_an_error() {
        let host = Package::fake("host", &[]).with("macros", "=0.1.0", None);
        let macros = Package::fake("macros", &[]).with("host", "^0.1.0", Some("dev"));
        let error = names(&[host, macros, Package::fake("alone", &[])]).unwrap_err();
        assert_eq!(error, "each of host, macros wants another of them first");
    }

    #[test]
    fn this_workspace_has_an_order() {
        let workspace = Workspace::read().unwrap();
        let order = of(workspace.publishable()).unwrap();
        let at = |name: &str| order.iter().position(|package| package.name == name).unwrap();
        assert!(at("tenfold-kernel-macros") < at("tenfold-kernel"));
        // An example of gpu streams chunks of arrays.
        assert!(
            at("tenfold-kernel") < at("tenfold-array") && at("tenfold-array") < at("tenfold-gpu")
        );
        assert!(order.iter().all(|package| package.name != "xtask"));
    }
}
