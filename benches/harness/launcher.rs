//! Which launcher goes with a compiler wrapper of MPI: for the ladder, `cargo xtask` and the tests of tenfold-comm-mpi,
//! which all compile this file.

/// `mpicc.mpich` goes with `mpirun.mpich`, `/opt/x/bin/mpicc` with `/opt/x/bin/mpirun`.
pub(crate) fn launcher_of(wrapper: &str) -> String {
    let (folder, file) = wrapper.split_at(wrapper.rfind('/').map_or(0, |slash| slash + 1));
    let suffix = file.strip_prefix("mpicc").unwrap_or_default();
    format!("{folder}mpirun{suffix}")
}

#[cfg(test)]
mod tests {
    use super::launcher_of;

    #[test]
    fn the_launcher_belongs_to_the_wrapper() {
        assert_eq!(launcher_of("mpicc"), "mpirun");
        assert_eq!(launcher_of("mpicc.mpich"), "mpirun.mpich");
        assert_eq!(launcher_of("/opt/mpi/bin/mpicc"), "/opt/mpi/bin/mpirun");
        assert_eq!(launcher_of("mpiicx"), "mpirun");
    }
}
