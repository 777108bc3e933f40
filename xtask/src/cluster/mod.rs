//! Programs on the nodes of a cluster.

#[cfg_attr(
    not(test),
    expect(dead_code, unused_imports, reason = "the commands that measure are written next")
)]
mod scaling;
