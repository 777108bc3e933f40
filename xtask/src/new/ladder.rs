//! Workloads and rungs.

use anyhow::Result;

use super::{Draft, list, name};
use crate::exit;

const LADDER: &str = "benches/ladder/mod.rs";

/// A folder with a small real computation, and its two lines in `ladder/mod.rs`.
pub(super) fn workload(draft: &mut Draft, name: &str) -> Result<()> {
    name::module(name)?;
    let folder = format!("benches/ladder/{name}");
    draft.refuse(&folder)?;
    draft.refuse(&format!("{folder}.rs"))?;
    let camel = name::camel(name);
    let fill = |template: &str| template.replace("@name@", name).replace("@Type@", &camel);
    draft.add(&format!("{folder}/mod.rs"), &fill(include_str!("templates/workload.rs.in")))?;
    draft.add(&format!("{folder}/naive.rs"), &fill(include_str!("templates/naive.rs.in")))?;
    draft.add(&format!("{folder}/tuned.rs"), &fill(include_str!("templates/tuned.rs.in")))?;
    draft.edit(LADDER, |text| {
        let text = list::insert_line(text, "pub mod ", &format!("pub mod {name};"))?;
        list::append_item(&text, &["pub fn all()", "vec!["], &format!("Box::new({name}::{camel})"))
    })
}

/// A copy of `naive`, the obvious loop to start from, and its two lines in the workload's `mod.rs`.
pub(super) fn rung(draft: &mut Draft, name: &str) -> Result<()> {
    let Some((workload, rung)) = name.split_once('/') else {
        return Err(exit::usage(format!("`{name}`: say WORKLOAD/RUNG, as in `heat/blocked`")));
    };
    name::module(rung)?;
    let folder = format!("benches/ladder/{workload}");
    if name::module(workload).is_err() || !draft.exists(&format!("{folder}/mod.rs")) {
        return Err(exit::usage(format!("there is no workload `{workload}` in benches/ladder")));
    }
    let text = draft.read(&format!("{folder}/naive.rs"))?;
    draft.add(&format!("{folder}/{rung}.rs"), &copy(&text))?;
    draft.edit(&format!("{folder}/mod.rs"), |text| {
        let text = list::insert_line(text, "mod ", &format!("mod {rung};"))?;
        list::append_item(&text, &["const RUNGS:", "=", "&["], &format!("rung!({rung})"))
    })
}

/// A rung's code under another header, without its tests.
fn copy(text: &str) -> String {
    let code = text.lines().skip_while(|line| line.starts_with("//!") || line.trim().is_empty());
    let code = code.take_while(|line| !line.starts_with("#[cfg(test)]")).collect::<Vec<_>>();
    format!(
        "//! A copy of `naive`: say here in a sentence what this rung does differently, and do it.\n\
         \n{}\n",
        code.join("\n").trim_end()
    )
}

#[cfg(test)]
mod tests {
    use super::{copy, rung, workload};
    use crate::new::Draft;
    use crate::sh;

    #[test]
    fn a_rung_is_a_copy_without_header_and_tests() {
        let text =
            "//! Plain.\n//! Very.\n\nuse super::X;\n\nfn run() {}\n\n#[cfg(test)]\nmod tests {}\n";
        let copy = copy(text);
        assert!(copy.starts_with("//! A copy of `naive`: "), "{copy}");
        assert!(copy.ends_with("do it.\n\nuse super::X;\n\nfn run() {}\n"), "{copy}");
    }

    #[test]
    fn registers_both_lines() {
        let mut draft = Draft::new(sh::root());
        workload(&mut draft, "probe_of_new").unwrap();
        let text = draft.read("benches/ladder/mod.rs").unwrap();
        assert!(text.contains("\npub mod probe_of_new;\n"), "{text}");
        assert!(text.contains("Box::new(probe_of_new::ProbeOfNew)"), "{text}");
        rung(&mut draft, "heat/probe").unwrap();
        let text = draft.read("benches/ladder/heat/mod.rs").unwrap();
        assert!(text.contains("\nmod probe;\n") && text.contains("rung!(probe)"), "{text}");
    }
}
