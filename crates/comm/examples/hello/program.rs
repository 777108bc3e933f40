//! Every rank says who it is, and rank 0 prints what they say, in turn.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_comm::{Communicator, Error};

pub(super) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    let mine = format!("hello from rank {} of {}", world.rank(), world.size());
    // What ranks print themselves comes in any order.
    if let Some(lines) = world.gather_object(&mine, 0)? {
        lines.iter().for_each(|line| println!("{line}"));
        assert_eq!(lines[0], mine);
        assert_eq!(lines.len(), world.size());
    }
    Ok(())
}
