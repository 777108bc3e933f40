//! Crates. (`crate` is a keyword.)

use anyhow::Result;

use super::{Draft, list, name};

/// The files of a crate, with where they go in its folder.
const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("templates/Cargo.toml.in")),
    ("CHANGELOG.md", include_str!("templates/CHANGELOG.md.in")),
    ("README.md", include_str!("templates/README.md.in")),
    ("src/lib.rs", include_str!("templates/lib.rs.in")),
    ("src/mean.rs", include_str!("templates/mean.rs.in")),
    // Cargo puts the programs of all examples in one place, so that each has a name of its own.
    ("examples/@ident@_mean.rs", include_str!("templates/example.rs.in")),
    ("tests/integration/main.rs", include_str!("templates/integration.rs.in")),
    // The packages of others are links; a file does as well.
    ("LICENSE-APACHE", include_str!("../../../LICENSE-APACHE")),
    ("LICENSE-MIT", include_str!("../../../LICENSE-MIT")),
];

/// A crate that takes a mean, with everything that a crate of this house has, and its lines in the
/// root's and the benches' Cargo.toml.
pub(super) fn krate(draft: &mut Draft, name: &str) -> Result<()> {
    name::krate(name)?;
    let folder = format!("crates/{name}");
    draft.refuse(&folder)?;
    let ident = name.replace('-', "_");
    let fill = |template: &str| template.replace("@name@", name).replace("@ident@", &ident);
    for (path, template) in FILES {
        draft.add(&format!("{folder}/{}", fill(path)), &fill(template))?;
    }
    let bench = fill(include_str!("templates/micro.rs.in"));
    draft.add(&format!("benches/micro/{ident}.rs"), &bench)?;
    draft.edit("Cargo.toml", |text| {
        let line = fill("tenfold-@name@ = { version = \"0.1.0\", path = \"crates/@name@\" }");
        let text = list::insert_in_section(text, "workspace.dependencies", "tenfold-", &line)?;
        // It needs no system library: one that does takes this line out.
        let member = fill("    \"crates/@name@\",");
        list::insert_in_section(&text, "workspace", "    \"crates/", &member)
    })?;
    draft.edit("benches/Cargo.toml", |text| benches(text, fill))
}

/// The benches depend on the crate, and have one more file.
fn benches(text: &str, fill: impl Fn(&str) -> String) -> Result<String> {
    let line = fill("tenfold-@name@.workspace = true");
    let text = list::insert_in_section(text, "dev-dependencies", "", &line)?;
    let bench = "[[bench]]\nname = \"@ident@\"\npath = \"micro/@ident@.rs\"\nharness = false\n";
    Ok(format!("{}\n\n{}", text.trim_end(), fill(bench)))
}

#[cfg(test)]
mod tests {
    use super::krate;
    use crate::new::Draft;
    use crate::sh;

    #[test]
    fn registers_the_crate() {
        let mut draft = Draft::new(sh::root());
        krate(&mut draft, "probe-of-new").unwrap();
        let root = draft.read("Cargo.toml").unwrap();
        let line =
            "\ntenfold-probe-of-new = { version = \"0.1.0\", path = \"crates/probe-of-new\" }\n";
        assert!(
            root.contains(&format!("path = \"crates/profile\" }}{line}")) || root.contains(line)
        );
        assert!(root.contains("\n    \"crates/probe-of-new\",\n"), "{root}");
        let benches = draft.read("benches/Cargo.toml").unwrap();
        assert!(benches.contains("\ntenfold-probe-of-new.workspace = true\n"), "{benches}");
        assert!(
            benches.ends_with("path = \"micro/probe_of_new.rs\"\nharness = false\n"),
            "{benches}"
        );
        let lib = draft.read("crates/probe-of-new/src/lib.rs").unwrap();
        assert!(lib.contains("tenfold_probe_of_new::mean") && !lib.contains('@'), "{lib}");
    }
}
