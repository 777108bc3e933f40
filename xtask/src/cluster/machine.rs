//! What this machine has for jobs that run on it: nobody shares it out, as a queue does.

use anyhow::Result;

use super::plan::Plan;
use crate::doctor::{self, Dependency};
use crate::exit;

/// Refuses what this machine has not.
pub(super) fn check(plan: &Plan) -> Result<()> {
    if let Some((asked, there)) = plan.memory.zip(memory()).filter(|(asked, there)| asked > there) {
        return Err(exit::usage(format!(
            "--mem {asked}M: this machine has {there}M; ask for less, or for another place by --hosts, --slurm or --pbs"
        )));
    }
    if plan.gpus_per_rank > 0 { enough(plan, devices()) } else { Ok(()) }
}

fn enough(plan: &Plan, there: usize) -> Result<()> {
    let (ranks, each) = (plan.ranks, plan.gpus_per_rank);
    let asked = ranks.saturating_mul(each);
    if asked <= there {
        return Ok(());
    }
    let advice = match there {
        0 => format!("`{}` installs a software one", Dependency::Vulkan.supply()),
        _ => String::from("ask for less, or for another place by --hosts, --slurm or --pbs"),
    };
    Err(exit::usage(format!(
        "--gpus-per-rank {each}: {ranks} ranks take {asked} devices, and this machine has {there}; {advice}"
    )))
}

/// All of it, in MiB, where that is known.
fn memory() -> Option<u64> {
    total(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

/// Of what Linux says, in KiB.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? >> 10)
}

/// How many devices there are: those of NVIDIA's driver, or those that others draw with, or else the one that Vulkan has in
/// software.
fn devices() -> usize {
    let hardware = [("/dev", "nvidia"), ("/dev/dri", "renderD")];
    let counts = hardware.map(|(folder, name)| numbered(folder, name));
    counts.into_iter().find(|&count| count > 0).unwrap_or_else(|| {
        // It is tried, which takes a moment.
        usize::from(doctor::probe(Dependency::Vulkan).is_found())
    })
}

/// How many files of a folder have this name with a number behind it.
fn numbered(folder: &str, name: &str) -> usize {
    let is_one = |file: &str| {
        let number = file.strip_prefix(name).unwrap_or_default();
        !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_name().to_str().is_some_and(is_one)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_not_is_refused() {
        let plan = Plan { gpus_per_rank: 2, memory: Some(u64::MAX), ..Plan::fake("heat") };
        enough(&plan, 4).unwrap();
        let error = enough(&plan, 1).unwrap_err().to_string();
        assert!(
            error.starts_with(
                "--gpus-per-rank 2: 2 ranks take 4 devices, and this machine has 1; ask"
            )
        );
        let error = enough(&plan, 0).unwrap_err().to_string();
        assert!(error.ends_with("`cargo xtask setup gpu` installs a software one"), "{error}");
        if memory().is_some() {
            let error = check(&plan).unwrap_err().to_string();
            assert!(error.starts_with("--mem 18446744073709551615M: this machine has "), "{error}");
        }
    }

    #[test]
    fn linux_says_how_much_memory_there_is() {
        assert_eq!(total("MemTotal:       24576 kB\nMemFree: 1 kB\n"), Some(24));
        assert_eq!(total("MemFree: 1 kB\n"), None);
    }

    #[test]
    fn devices_are_numbered_files() {
        let folder = std::env::temp_dir().join(format!("devices-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        for name in ["nvidia0", "nvidia12", "nvidiactl", "nvidia-uvm", "null1"] {
            std::fs::write(folder.join(name), "").unwrap();
        }
        assert_eq!(numbered(folder.to_str().unwrap(), "nvidia"), 2);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(numbered(folder.to_str().unwrap(), "nvidia"), 0);
    }
}
