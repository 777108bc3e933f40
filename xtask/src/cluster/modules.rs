//! The modules of a site that bring an MPI.

/// What MPIs are called, alone or before a version.
const NAMES: [&str; 14] = [
    "bullxmpi",
    "cray-mpich",
    "hpcx",
    "impi",
    "intel-mpi",
    "intel-oneapi-mpi",
    "intelmpi",
    "mpich",
    "mpt",
    "mvapich",
    "mvapich2",
    "openmpi",
    "psmpi",
    "spectrum-mpi",
];

/// Those of what `module -t avail` prints, in its order. Lmod lists folders, with a slash at their end, between what is in
/// them; Environment Modules mark what is the default or is loaded behind the name.
pub(super) fn mpis(avail: &str) -> Vec<String> {
    let name = |line: &str| line.split(['(', '<']).next().unwrap_or_default().trim().to_owned();
    let mut found: Vec<String> = vec![];
    for name in avail.lines().map(name).filter(|name| is_mpi(name)) {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// Whether one of a path's parts is an MPI: libraries that are built with one name it too, as `fftw/3-openmpi`.
fn is_mpi(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.+/".contains(c);
    let is_name = !name.is_empty() && name.chars().all(plain) && !name.ends_with('/');
    is_name && name.split('/').any(|part| NAMES.iter().any(|known| is_called(part, known)))
}

fn is_called(part: &str, known: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let part = part.to_ascii_lowercase();
    part.strip_prefix(known).is_some_and(|rest| {
        rest.is_empty() || rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Environment Modules 5.2 and Lmod 8.6 print them.
    #[test]
    fn both_kinds_of_modules_are_read() {
        let tcl = "/usr/share/modules/modulefiles:\ncompiler/x\ndot\nhdf5-mpi/1.10\nmpich/4.0\n\
                   openmpi/4.1.4\nopenmpi/4.1.6(default) <L>\nuse.own\n";
        assert_eq!(mpis(tcl), ["mpich/4.0", "openmpi/4.1.4", "openmpi/4.1.6"]);
        let lua = "/opt/mf/openmpi:\ngcc/\ngcc/12.2\nopenmpi/\nopenmpi/4.1.4\n/opt/more:\nopenmpi/4.1.4\n";
        assert_eq!(mpis(lua), ["openmpi/4.1.4"]);
    }

    #[test]
    fn an_mpi_is_told_from_what_is_built_with_one() {
        for name in
            ["OpenMPI/4.1.4-GCC-12", "mpi/openmpi-4", "cray-mpich/8", "openmpi-4.1.5/gcc", "impi"]
        {
            assert_eq!(mpis(name), [name]);
        }
        for name in
            ["compiler/x", "fftw/3.3-openmpi", "mpi4py/4", "openmpi-utils/1", "mpich is old", ""]
        {
            assert!(mpis(name).is_empty(), "{name}");
        }
    }
}
