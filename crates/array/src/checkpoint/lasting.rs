//! What arrays are in each run of a program.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{Node, Op, Origin};

/// An array as any run knows it.
#[derive(Debug, Clone)]
pub(crate) struct Lasting {
    identity: Identity,
    /// What it is made of that another run could not tell from something else, if there is any.
    unknown: Option<Unknown>,
}

/// The name of an operation, and its line.
type Unknown = (Arc<str>, Origin);

impl Lasting {
    /// What stands for its elements, if something does.
    pub(crate) fn known(&self) -> Option<Identity> {
        self.unknown.is_none().then_some(self.identity)
    }

    /// # Errors
    /// [`ErrorKind::Value`] if nothing stands for its elements.
    pub(crate) fn identity(&self) -> Result<Identity> {
        let Some((name, origin)) = &self.unknown else { return Ok(self.identity) };
        let sentence = format!(
            "argument `checkpoints` needs to know array `{name}` in another run, but its function has captured something, or \
             its source has no version: `known_as` says what it is"
        );
        Err(Error::new(ErrorKind::Value, sentence).at(origin))
    }
}

/// Arrays that come after what they are made of, by what this run knows them by.
///
/// # Errors
/// [`ErrorKind::Io`] if the program's own file cannot be read.
pub(crate) fn lasting(order: &[Arc<Node>]) -> Result<HashMap<Identity, Lasting>> {
    let program = program()?;
    let mut all: HashMap<Identity, Lasting> = HashMap::new();
    for node in order {
        let own = of_its_own(node);
        let inputs: Vec<&Lasting> = node.inputs.iter().map(|input| &all[&input.identity]).collect();
        let unknown = match (&node.label, own) {
            (Some(_), _) => None,
            (None, None) => Some((node.op.name().into(), node.origin)),
            (None, Some(_)) => inputs.iter().find_map(|input| input.unknown.clone()),
        };
        let inputs: Vec<Identity> = inputs.iter().map(|input| input.identity).collect();
        // A name stands for what a function has captured, not for the function and its arguments.
        let function = node.key.function();
        let what = (node.op.name(), own, function, &node.label, node.dtype, &node.chunks);
        let identity = Identity::of((program, what, inputs));
        all.insert(node.identity, Lasting { identity, unknown });
    }
    Ok(all)
}

/// What a node is beside its inputs.
fn of_its_own(node: &Node) -> Option<Identity> {
    let key = node.key.lasting();
    match &node.op {
        Op::Memory(memory) => Some(memory.lasting()),
        Op::Source(source) => {
            let version = source.version();
            // Which run of some ranks has made it says nothing of its elements.
            let key = key.filter(|_| source.on_ranks().is_none());
            (version.is_some() || key.is_some()).then(|| Identity::of((version, key)))
        }
        _ => key,
    }
}

/// What this program is: the bytes of its file. Its time says less: it is the same for all files where programs are built
/// so that they can be built again.
fn program() -> Result<Identity> {
    static PROGRAM: OnceLock<Identity> = OnceLock::new();
    if let Some(&program) = PROGRAM.get() {
        return Ok(program);
    }
    let bytes = of_all_bytes().map_err(|error| {
        let sentence = "the program's own file cannot be read, by which checkpoints are known";
        Error::new(ErrorKind::Io, sentence).because(error)
    })?;
    Ok(*PROGRAM.get_or_init(|| bytes))
}

fn of_all_bytes() -> std::io::Result<Identity> {
    // What runs, even if its file has been replaced or has another name now.
    let path = match cfg!(target_os = "linux") {
        true => PathBuf::from("/proc/self/exe"),
        false => std::env::current_exe()?,
    };
    of_stream(&mut File::open(path)?)
}

/// What stands for all bytes of a stream, in however many parts they come.
fn of_stream(stream: &mut impl Read) -> std::io::Result<Identity> {
    const PART: usize = 1 << 20;
    let (mut bytes, mut all) = (Vec::with_capacity(PART), Identity::of(()));
    loop {
        bytes.clear();
        // A single read may give fewer, and then the hash would be another one.
        if stream.take(PART as u64).read_to_end(&mut bytes)? == 0 {
            return Ok(all);
        }
        all = all.with(Identity::of_bytes(&bytes));
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{ArrayView1, Ix1, array};

    use super::*;
    use crate::node::sorted;
    use crate::{Array, BlockInfo, Border, Dims, Source, Window};

    /// What stands for an array, as a run that makes it for the first time knows it.
    fn known(array: &Array<f64, Ix1>) -> Option<Identity> {
        let node = Arc::clone(&array.node);
        lasting(&sorted(&[Arc::clone(&node)])).unwrap()[&node.identity].known()
    }

    fn numbers(last: f64) -> Array<f64, Ix1> {
        Array::from_ndarray(array![1.0, last], 1)
    }

    #[test]
    fn the_same_is_the_same_when_it_is_made_again() {
        let makes: [fn() -> Array<f64, Ix1>; 6] = [
            || numbers(2.0),
            || numbers(3.0),
            || numbers(2.0).map(|x| x + 1.0),
            || numbers(2.0).map(|x| x + 2.0),
            || numbers(2.0).rechunk(2),
            || Array::from_ndarray(array![1.0, 2.0], 2),
        ];
        let all = makes.map(|make| {
            assert_eq!(known(&make()), known(&make()));
            known(&make()).unwrap()
        });
        assert!((0..6).all(|a| (0..a).all(|b| all[a] != all[b])));
    }

    #[test]
    fn elements_in_memory_are_hashed_once_whatever_they_are_called() {
        let array = numbers(2.0);
        let memory = |array: &Array<f64, Ix1>| match &array.node.op {
            Op::Memory(memory) => Arc::clone(memory),
            _ => unreachable!("numbers are in memory"),
        };
        assert_eq!(memory(&array).known(), None);
        let before = known(&array).unwrap();
        let of_elements = memory(&array.known_as("x")).known();
        assert!(of_elements.is_some() && of_elements == memory(&array).known());
        assert_eq!(known(&array), Some(before));
    }

    /// Gives a few bytes at a time, as a file may.
    struct Short<'a>(&'a [u8], usize);

    impl Read for Short<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(out.len());
            self.0.read(&mut out[..count])
        }
    }

    #[test]
    fn a_file_is_the_same_in_however_many_parts_it_comes() {
        let mut bytes: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 251) as u8).collect();
        let whole = of_stream(&mut bytes.as_slice()).unwrap();
        for at_a_time in [1 << 10, 4095, 1 << 20, 5 << 20] {
            assert_eq!(of_stream(&mut Short(&bytes, at_a_time)).unwrap(), whole, "{at_a_time}");
        }
        bytes[2_500_000] ^= 1;
        assert_ne!(of_stream(&mut bytes.as_slice()).unwrap(), whole);
    }

    #[test]
    fn what_a_function_has_captured_is_not_known_until_it_is_called_something() {
        let scaled = |by: f64| numbers(2.0).map(move |x| x * by);
        assert_eq!(known(&scaled(3.0)), None);
        let error = lasting(&sorted(&[(&scaled(3.0) + 1.0).node])).unwrap();
        let error = error.values().find_map(|array| array.identity().err()).unwrap();
        assert!(error.to_string().contains("needs to know array `map` in another run"), "{error}");
        assert_eq!(error.location().unwrap().file(), file!());
        let [three, again, four] =
            ["by 3", "by 3", "by 4"].map(|by| known(&scaled(3.0).known_as(by).sqrt()));
        assert!(three.is_some() && three == again && three != four);
        // What is made of it before.
        assert!(known(&(scaled(3.0) + 1.0).known_as("by 3")).is_some());
        // A name does not stand for the function, nor for how it is called.
        let added = numbers(2.0).map(move |x| x + three_of(3.0)).known_as("by 3");
        assert!(known(&added).is_some() && known(&added) != three);
        let by = three_of(3.0);
        let around = |depth: usize| {
            let scaled = move |x: ArrayView1<'_, f64>, _: &BlockInfo| x.map(|x| x * by);
            numbers(2.0).map_overlap(&[depth], Border::Valid, scaled).known_as("by 3")
        };
        assert!(known(&around(0)).is_some() && known(&around(0)) != known(&around(1)));
        let named = |by: f64| numbers(2.0).map_named(&format!("by {by}"), move |x| x * by);
        assert!(known(&named(3.0)).is_some() && known(&named(3.0)) != known(&named(4.0)));
    }

    /// A number that a closure captures.
    fn three_of(x: f64) -> f64 {
        std::hint::black_box(x)
    }

    #[derive(Debug)]
    struct Versioned(Option<&'static str>);

    impl Source<f64> for Versioned {
        fn shape(&self) -> Dims {
            Dims::from_slice(&[2])
        }

        fn version(&self) -> Option<String> {
            self.0.map(str::to_owned)
        }

        fn read(&self, _: &Window, _: &mut [f64]) -> Result<()> {
            unreachable!("nobody reads it")
        }
    }

    #[test]
    fn a_source_is_known_by_its_version() {
        let read = |version| Array::<f64, Ix1>::from_source(Versioned(version), 1);
        assert_eq!(known(&read(None)), None);
        assert!(known(&read(Some("1"))).is_some());
        assert_eq!(known(&read(Some("1"))), known(&read(Some("1"))));
        assert_ne!(known(&read(Some("1"))), known(&read(Some("2"))));
        assert_ne!(known(&read(None).known_as("x")), known(&read(None).known_as("y")));
    }
}
