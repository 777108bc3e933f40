//! The dependencies: their names, what each is for, and who supplies it.

use super::finding::Answer;
use super::scratch::Scratch;
use super::{
    cc, libclang, mdbook, mpi, peers, python, rust, shells, slurm, tool, valgrind, vulkan,
};

/// Something of the system that a part of tenfold wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dependency {
    Rust,
    Cc,
    Mpi,
    Libclang,
    Vulkan,
    Slurm,
    Python,
    Peers,
    Valgrind,
    Shells,
    Mdbook,
    Deny,
    Semver,
}

use Dependency::{
    Cc, Deny, Libclang, Mdbook, Mpi, Peers, Python, Rust, Semver, Shells, Slurm, Valgrind, Vulkan,
};

impl Dependency {
    pub(crate) const ALL: [Self; 13] = [
        Rust, Cc, Mpi, Libclang, Vulkan, Slurm, Python, Peers, Valgrind, Shells, Mdbook, Deny,
        Semver,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Rust => "rust",
            Cc => "cc",
            Mpi => "mpi",
            Libclang => "libclang",
            Vulkan => "vulkan",
            Slurm => "slurm",
            Python => "python",
            Peers => "peers",
            Valgrind => "valgrind",
            Shells => "shells",
            Mdbook => "mdbook",
            Deny => "deny",
            Semver => "semver",
        }
    }

    /// Whether `cargo xtask bench` and `cargo xtask test` need it on a bare machine.
    pub(super) fn is_required(self) -> bool {
        matches!(self, Rust | Cc)
    }

    pub(super) fn why(self) -> &'static str {
        match self {
            Rust => "everything",
            Cc => "the C that tenfold-ffi calls, and the linker that Rust uses",
            Mpi => "real ranks over a network: tenfold-comm-mpi and the ladder's mpi rung",
            Libclang => "bindgen, which reads mpi.h when tenfold-comm-mpi is built",
            Vulkan => "offloading: tenfold-gpu and the ladder's gpu rung",
            Slurm => {
                "many nodes: jobs of the ladder on a cluster, and tests of that on one machine"
            }
            Python => "the peers: the Python code that the ladder is compared with",
            Peers => "the peers: NumPy, Numba, Cython, cffi and mpi4py next to what is ours",
            Valgrind => "memory errors in unsafe code and C, and instruction counts",
            Shells => "tests of completions, in bash, fish and zsh",
            Mdbook => "the book: docs/ as pages",
            Deny => "a release: licences and known faults of dependencies",
            Semver => "a release: whether the version says what became of the interface",
        }
    }

    pub(crate) fn supply(self) -> &'static str {
        match self {
            Rust => "rustup toolchain install stable",
            Cc | Valgrind | Shells => "cargo xtask setup tools",
            Mpi | Libclang => "cargo xtask setup mpi",
            Vulkan => "cargo xtask setup gpu",
            Slurm => "cargo xtask setup slurm",
            Python | Peers => "cargo xtask setup peers",
            Mdbook => "cargo xtask setup docs",
            Deny | Semver => "cargo xtask setup release",
        }
    }

    /// Tries the real thing. An error is as good as an answer: what is there does not work.
    pub(super) fn answer(self) -> Answer {
        let probe: fn(&Scratch) -> anyhow::Result<Answer> = match self {
            Rust => rust::probe,
            Cc => cc::probe,
            Mpi => mpi::probe,
            Libclang => libclang::probe,
            Vulkan => vulkan::probe,
            Slurm => slurm::probe,
            Python => python::probe,
            Peers => peers::probe,
            Valgrind => valgrind::probe,
            Shells => shells::probe,
            Mdbook => mdbook::probe,
            Deny => tool::deny,
            Semver => tool::semver,
        };
        Scratch::new(self.name())
            .and_then(|scratch| probe(&scratch))
            .unwrap_or_else(|error| Answer::broken(format!("{error:#}")))
    }
}
