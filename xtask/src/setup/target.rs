//! What can be set up: packages by name, for Debian's apt, and as hints for others.

use anyhow::Result;

use crate::doctor::Dependency;
use crate::exit;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Tools,
    Mpi,
    Gpu,
    Slurm,
    Peers,
    Docs,
    Release,
}

use Target::{Docs, Gpu, Mpi, Peers, Release, Slurm, Tools};

impl Target {
    /// What `all` means: not what only a release takes, which is minutes to build.
    pub(super) const ALL: [Self; 6] = [Tools, Mpi, Gpu, Slurm, Peers, Docs];

    fn every() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().chain([Release])
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Tools => "tools",
            Mpi => "mpi",
            Gpu => "gpu",
            Slurm => "slurm",
            Peers => "peers",
            Docs => "docs",
            Release => "release",
        }
    }

    /// The targets that a word of the command line means.
    pub(super) fn parse(word: &str) -> Result<Vec<Self>> {
        if word == "all" {
            return Ok(Self::ALL.to_vec());
        }
        let known = Self::every().find(|target| target.name() == word);
        known.map(|target| vec![target]).ok_or_else(|| {
            let names = Self::every().map(Self::name).collect::<Vec<_>>().join(", ");
            exit::usage(format!("`{word}` is no target; there are {names} and all"))
        })
    }

    pub(super) fn why(self) -> &'static str {
        match self {
            Tools => {
                "C and C++ compilers and zlib to test bindings with, valgrind for memory errors, shells to \
                 complete words in"
            }
            Mpi => "Open MPI and MPICH for ranks over a network, libclang to build against them",
            Gpu => "Mesa's Vulkan drivers: the software device lavapipe, for tests of tenfold-gpu",
            Slurm => "Slurm and sshd, for clusters and for tests of them on one machine",
            Docs => "mdbook, which makes pages of the book",
            Release => "cargo-deny and cargo-semver-checks, which look at a release",
            Peers => "Python with headers and venv, which the peers are built with",
        }
    }

    /// Debian's packages. MPICH next to Open MPI leaves `mpicc` and `mpirun` with Open MPI, whose
    /// alternatives have the higher priority (50 to 40), whichever is installed first; MPICH is
    /// `mpicc.mpich` and `mpirun.mpich`. It is wanted because Open MPI cannot run over the virtual
    /// nodes of a Slurm on one machine.
    pub(super) fn packages(self) -> &'static [&'static str] {
        match self {
            Tools => &["gcc", "g++", "libc6-dev", "zlib1g-dev", "valgrind", "fish", "zsh"],
            Mpi => &["openmpi-bin", "libopenmpi-dev", "mpich", "libmpich-dev", "libclang-dev"],
            Gpu => &["mesa-vulkan-drivers", "libvulkan1", "vulkan-tools"],
            Slurm => &["slurm-wlm", "munge", "openssh-client", "openssh-server"],
            Peers => &["python3", "python3-venv", "python3-dev"],
            Docs | Release => &[],
        }
    }

    /// What doctor is asked about afterwards.
    pub(super) fn dependencies(self) -> &'static [Dependency] {
        match self {
            Tools => &[Dependency::Cc, Dependency::Valgrind, Dependency::Shells],
            Mpi => &[Dependency::Mpi, Dependency::Libclang],
            Gpu => &[Dependency::Vulkan],
            Slurm => &[Dependency::Slurm],
            Peers => &[Dependency::Python, Dependency::Peers],
            Docs => &[Dependency::Mdbook],
            Release => &[Dependency::Deny, Dependency::Semver],
        }
    }

    /// What to install where there is no apt: hints, since names differ between releases.
    pub(super) fn by_hand(self) -> [(&'static str, &'static str); 3] {
        let [dnf, pacman, brew] = match self {
            Tools => [
                "gcc gcc-c++ zlib-devel valgrind fish zsh",
                "gcc zlib valgrind fish zsh",
                "fish; xcode-select --install; no valgrind",
            ],
            Mpi => ["openmpi-devel clang-devel", "openmpi clang", "open-mpi llvm"],
            Gpu => [
                "mesa-vulkan-drivers vulkan-loader vulkan-tools",
                "vulkan-swrast vulkan-icd-loader vulkan-tools",
                "molten-vk vulkan-loader vulkan-tools",
            ],
            Slurm => [
                "slurm slurm-slurmctld slurm-slurmd munge openssh-clients openssh-server",
                "slurm-llnl munge openssh",
                "none",
            ],
            Peers => ["python3 python3-devel", "python", "python"],
            Docs => ["none", "mdbook", "mdbook"],
            Release => ["none", "cargo-deny cargo-semver-checks", "cargo-deny"],
        };
        [("dnf", dnf), ("pacman", pacman), ("brew", brew)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_targets() {
        assert_eq!(Target::parse("mpi").unwrap(), [Mpi]);
        assert_eq!(Target::parse("all").unwrap(), Target::ALL);
    }

    #[test]
    fn an_unknown_word_lists_the_known_ones() {
        let error = Target::parse("cuda").unwrap_err().to_string();
        assert_eq!(
            error,
            "`cuda` is no target; there are tools, mpi, gpu, slurm, peers, docs, release and all"
        );
    }

    #[test]
    fn each_dependency_has_the_target_that_doctor_names() {
        for target in Target::every() {
            let supply = format!("cargo xtask setup {}", target.name());
            for dependency in target.dependencies() {
                assert_eq!(dependency.supply(), supply);
            }
        }
        // Without apt these are all that is looked for.
        assert_eq!(
            Tools.dependencies(),
            [Dependency::Cc, Dependency::Valgrind, Dependency::Shells]
        );
    }
}
