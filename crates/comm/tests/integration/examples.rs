//! The examples' programs, which assert their own answers, on any number of ranks.

use tenfold_comm::{Error, ThreadComm, World};

use crate::watchdog::in_time;

/// A module for each, and a test.
macro_rules! examples {
    ($($name:ident, $path:literal;)*) => {$(
        #[path = $path]
        pub(crate) mod $name;

        #[test]
        fn $name() {
            runs(stringify!($name), $name::program);
        }
    )*};
}

fn runs(name: &'static str, program: fn(&ThreadComm) -> Result<(), Error>) {
    in_time(name, move || {
        for ranks in [1, 2, 3, 4, 7] {
            if let Err(error) = World::threads(ranks).run(program) {
                panic!("{name} on {ranks} ranks: {error}");
            }
        }
    });
}

examples! {
    chain, "../../examples/chain/program.rs";
    collectives, "../../examples/collectives/program.rs";
    exchange, "../../examples/exchange/program.rs";
    gather, "../../examples/gather/program.rs";
    reductions, "../../examples/reductions/program.rs";
    relay, "../../examples/relay/program.rs";
    ring, "../../examples/ring/program.rs";
    split, "../../examples/split/program.rs";
    sum, "../../examples/sum/program.rs";
    thirds, "../../examples/thirds/program.rs";
    tickets, "../../examples/tickets/program.rs";
}

/// The course's numbers are those of twelve.
#[test]
fn thirds_of_twelve() {
    in_time("thirds of twelve", || drop(World::threads(12).run(thirds::program).unwrap()));
}

#[cfg(feature = "objects")]
examples! {
    first_collectives, "../../examples/first_collectives/program.rs";
    first_messages, "../../examples/first_messages/program.rs";
    hello, "../../examples/hello/program.rs";
}

#[cfg(feature = "ndarray")]
examples! { heat, "../../examples/heat/program.rs"; }
