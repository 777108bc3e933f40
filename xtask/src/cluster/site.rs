//! `tenfold-site.toml`: what jobs have to know of the place where they run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Deserialize;

use crate::exit;

/// The file's name, looked for in the folder of the call and then at the workspace's root.
pub(super) const NAME: &str = "tenfold-site.toml";

/// A site. What is not said is left to the scheduler.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Site {
    pub(super) scheduler: Option<String>,
    pub(super) account: Option<String>,
    pub(super) partition: Option<String>,
    pub(super) gpu_partition: Option<String>,
    pub(super) gpu_type: Option<String>,
    pub(super) reservation: Option<String>,
    pub(super) qos: Option<String>,
    pub(super) modules: Vec<String>,
    pub(super) memory: MemoryForm,
    pub(super) launcher: Option<String>,
    pub(super) srun_mpi: Option<String>,
    pub(super) directives: Vec<String>,
    pub(super) skip: Vec<String>,
    pub(super) setup: Vec<String>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) target_cpu: Option<String>,
    pub(super) folder: Option<PathBuf>,
}

/// How a site wants to be asked for memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum MemoryForm {
    #[default]
    PerNode,
    PerCpu,
    None,
}

impl Site {
    /// The site file, if there is one where it is looked for; a file that is named must be there.
    pub(super) fn find(named: Option<&Path>, folders: &[PathBuf]) -> Result<Self> {
        let path = match named {
            Some(path) => path.to_owned(),
            None => match folders.iter().map(|folder| folder.join(NAME)).find(|p| p.is_file()) {
                Some(path) => path,
                None => return Ok(Self::default()),
            },
        };
        let text = std::fs::read_to_string(&path)
            .map_err(|error| exit::usage(format!("cannot read {}: {error}", path.display())))?;
        let site = Self::parse(&text);
        let mut site = site.map_err(|error| exit::usage(format!("{}: {error}", path.display())))?;
        // As seen from the file, wherever the command is called.
        let base = path.parent().unwrap_or(Path::new(""));
        site.folder = site.folder.map(|folder| base.join(folder));
        Ok(site)
    }

    /// The partition, or queue, for jobs with so many devices for each rank.
    pub(super) fn queue(&self, gpus: usize) -> Option<&str> {
        let of_gpus = self.gpu_partition.as_deref().filter(|_| gpus > 0);
        of_gpus.or(self.partition.as_deref())
    }

    /// # Errors
    /// What is wrong, and in which line.
    fn parse(text: &str) -> Result<Self, String> {
        let site: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            format!("line {line}: {}", error.message())
        })?;
        match site.variables.keys().find(|name| !is_variable(name)) {
            Some(name) => Err(format!(
                "variables: {name:?} is no name of a variable: expected letters, digits and _ behind a letter"
            )),
            None => Ok(site),
        }
    }
}

/// Whether a shell takes it for the name of a variable.
fn is_variable(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit())
}

/// A commented file, filled with what is known of a site.
pub(super) fn template(known: &Known) -> String {
    let partitions = match known.partitions.as_slice() {
        [] => String::new(),
        names => format!("  # there are {}", names.join(", ")),
    };
    let line = |key: &str, value: Option<&str>, or: &str| match value {
        Some(value) => format!("{key} = {value:?}"),
        None => format!("# {key} = {or:?}"),
    };
    let scheduler = line("scheduler", known.scheduler.as_deref(), "slurm");
    let partition = line("partition", known.partition.as_deref(), "main");
    let gpu_partition = line("gpu-partition", known.gpu_partition.as_deref(), "gpu");
    let srun_mpi = line("srun-mpi", known.srun_mpi.as_deref(), "pmix");
    let modules = modules_line(known);
    format!(
        r#"# What `cargo xtask cluster` has to know of this site. What stays a comment is left to the scheduler.

# Where jobs go if the command line does not say: local, slurm or pbs.
{scheduler}

# Who pays, and which nodes.
# account = "abc123"
{partition}{partitions}
{gpu_partition}
# gpu-type = "a100"
# reservation = "course"
# qos = "normal"

# Loaded before the program starts.
{modules}

# How memory is asked for: per-node (--mem), per-cpu (--mem-per-cpu), or none where a site refuses both.
memory = "per-node"

# What starts ranks: srun, mpirun, or the words of another one, in which {{ranks}}, {{nodes}},
# {{ranks-per-node}} and {{threads}} are replaced.
# launcher = "srun"
{srun_mpi}

# Directives of your own, and those to leave out, by name.
# directives = ["--constraint=ib", "--mail-type=FAIL"]
# skip = ["nodes"]

# Lines of shell, and variables, before the program.
# setup = ["ulimit -s unlimited"]
# [variables] stands at the end of the file: NAME = "value"

# What programs are built for: nodes may have other processors than where you log in.
# target-cpu = "x86-64-v3"

# Where jobs write. All nodes must see it.
# folder = "/scratch/me/tenfold"
"#
    )
}

/// What modules are loaded is for the user to say: programs are built with one of the MPIs.
fn modules_line(known: &Known) -> String {
    match (known.mpi_modules.as_slice(), known.has_modules) {
        ([], true) => {
            String::from("# `module avail` tells which there are.\n# modules = [\"openmpi/4.1\"]")
        }
        ([], false) => String::from("# modules = [\"openmpi/4.1\"]"),
        (names @ [.., last], _) => {
            format!("# modules = [{last:?}]  # MPIs are {}", names.join(", "))
        }
    }
}

/// What a machine shows of its site.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) scheduler: Option<String>,
    pub(super) partition: Option<String>,
    pub(super) gpu_partition: Option<String>,
    pub(super) partitions: Vec<String>,
    pub(super) srun_mpi: Option<String>,
    pub(super) has_modules: bool,
    pub(super) mpi_modules: Vec<String>,
}

impl Known {
    /// Takes what `sinfo --noheader --format=%P|%G` prints: the default partition has a star.
    pub(super) fn partitions_of(&mut self, sinfo: &str) {
        for line in sinfo.lines() {
            let Some((name, gres)) = line.trim().split_once('|') else { continue };
            let plain = name.trim_end_matches('*').to_owned();
            if name.ends_with('*') {
                self.partition = Some(plain.clone());
            }
            if gres.starts_with("gpu") && self.gpu_partition.is_none() {
                self.gpu_partition = Some(plain.clone());
            }
            if !self.partitions.contains(&plain) {
                self.partitions.push(plain);
            }
        }
    }

    /// Takes what `srun --mpi=list` prints: newer ones before older ones.
    pub(super) fn mpis_of(&mut self, list: &str) {
        let has = |name: &&&str| list.split_whitespace().any(|word| word == **name);
        self.srun_mpi = ["pmix", "pmi2"].iter().find(has).map(|&name| name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_a_site_wants() {
        let site = Site::parse(
            "account = \"abc\"\nmemory = \"per-cpu\"\nmodules = [\"a\", \"b\"]\n\
             gpu-partition = \"gpu\"\n[variables]\nA = \"1\"\n",
        )
        .unwrap();
        assert_eq!(site.account.as_deref(), Some("abc"));
        assert_eq!((site.memory, site.modules.len()), (MemoryForm::PerCpu, 2));
        assert_eq!(site.gpu_partition.as_deref(), Some("gpu"));
        assert_eq!(site.variables["A"], "1");
        assert_eq!(Site::parse("").unwrap(), Site::default());
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (text, line, word) in [
            ("account = \"a\"\npartiton = \"x\"\n", 2, "partiton"),
            ("memory = \"per-socket\"\n", 1, "per-socket"),
            ("\n\nmodules = \"a\"\n", 3, "sequence"),
            ("account = \n", 1, ""),
        ] {
            let error = Site::parse(text).unwrap_err();
            assert!(error.starts_with(&format!("line {line}: ")), "{error}");
            assert!(error.contains(word), "{error}");
        }
        for name in ["A B", "1A", "A=1;B", ""] {
            let error = Site::parse(&format!("[variables]\n{name:?} = \"1\"\n")).unwrap_err();
            assert!(error.starts_with(&format!("variables: {name:?} is no name")), "{error}");
        }
    }

    #[test]
    fn the_template_is_a_site_file() {
        assert_eq!(Site::parse(&template(&Known::default())).unwrap(), Site::default());
        let mut known = Known { scheduler: Some("slurm".into()), ..Known::default() };
        known.partitions_of("main*|(null)\nmain*|gpu:2\nfat|(null)\n");
        known.mpis_of("MPI plugin types are...\n\tpmi2\n\tnone\n");
        let text = template(&known);
        let site = Site::parse(&text).unwrap();
        assert_eq!(site.partition.as_deref(), Some("main"));
        assert_eq!(site.gpu_partition.as_deref(), Some("main"));
        assert_eq!(site.srun_mpi.as_deref(), Some("pmi2"));
        assert!(text.contains("# there are main, fat"), "{text}");
        known.mpi_modules = vec!["mpich/4.0".into(), "openmpi/4.1".into()];
        let text = template(&known);
        let line = "\n# modules = [\"openmpi/4.1\"]  # MPIs are mpich/4.0, openmpi/4.1\n";
        assert!(text.contains(line), "{text}");
        assert!(Site::parse(&text).unwrap().modules.is_empty());
        // Each key that a file may have is in it.
        for key in
            ["account", "modules", "reservation", "qos", "launcher", "directives", "skip", "setup"]
        {
            assert!(text.contains(&format!("\n# {key} = ")), "{key}");
        }
    }
}
