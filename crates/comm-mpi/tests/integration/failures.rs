//! What goes wrong ends the job, or is an error: it never hangs.

use crate::job::{is_mpich, says};

/// A job that ends with a message, and not well.
fn ends(ranks: usize, program: &str, message: &str) {
    let text = says(ranks, "failures", &[program], false);
    assert!(text.contains(message), "{program} does not say {message:?}:\n{text}");
}

#[test]
fn a_panic_ends_all_ranks() {
    for ranks in [2, 4] {
        let message = format!("rank {} panicked: the last rank has a bug", ranks - 1);
        ends(ranks, "panic", &message);
    }
}

#[test]
fn an_error_ends_all_ranks() {
    ends(3, "error", "rank 2 failed: `to` is 1000, but the communicator has 3 ranks");
}

#[test]
fn a_scope_that_cannot_take_back_ends_all_ranks() {
    ends(2, "scope", "rank 0 gives up a send to rank 1");
}

#[test]
fn a_send_to_a_rank_that_has_ended_ends_all_ranks() {
    ends(2, "unreceived", "rank 0 waits to send to rank 1: rank 1 of the world has ended");
}

#[test]
fn other_collectives_are_found_out() {
    ends(2, "mismatch", "this rank is in");
}

#[test]
fn who_leaves_takes_all_along() {
    says(2, "failures", &["exit"], false);
}

#[test]
fn a_message_of_a_rank_that_has_ended_is_an_error() {
    let text = says(3, "failures", &["ended"], true);
    assert!(text.contains("rank 0 was told"), "{text}");
}

#[test]
fn who_waits_for_any_is_told_of_the_one_that_has_ended() {
    let text = says(3, "failures", &["any"], true);
    assert!(text.contains("rank 0 was told of rank 2"), "{text}");
}

#[test]
fn dropped_requests_lose_nothing() {
    let text = says(2, "failures", &["dropped"], true);
    assert!(text.contains("rank 0 has all") && text.contains("rank 1 has all"), "{text}");
}

#[test]
fn too_long_messages_write_nothing() {
    let text = says(2, "failures", &["long"], true);
    assert!(text.contains("rank 1 is whole"), "{text}");
}

#[test]
fn a_send_that_is_not_met_is_not_taken_back() {
    let text = says(2, "failures", &["refused"], true);
    assert!(text.contains("rank 0 has sent"), "{text}");
}

#[test]
fn handles_of_mpi_are_freed_before_it_ends() {
    for ranks in [1, 3] {
        let text = says(ranks, "failures", &["handle"], true);
        assert_eq!(text.matches("has a handle").count(), ranks, "{text}");
    }
}

#[test]
fn a_panic_of_an_operation_ends_all_ranks() {
    for program in ["abandoned", "forgotten"] {
        ends(2, program, "rank 0 panicked: the operation has a bug");
    }
}

#[test]
fn a_panic_in_a_lock_ends_all_ranks() {
    for ranks in [2, 4] {
        let message = format!("rank {} panicked: the last rank has a bug in a lock", ranks - 1);
        ends(ranks, "locked", &message);
    }
}

#[test]
fn who_leaves_in_a_lock_takes_all_along() {
    says(2, "failures", &["leaves"], false);
}

#[test]
fn a_lock_is_given_back_whatever_happens() {
    for ranks in [1, 3] {
        let text = says(ranks, "failures", &["caught"], true);
        assert_eq!(text.matches("goes on").count(), ranks, "{text}");
    }
}

#[test]
fn who_waits_for_a_lock_takes_messages() {
    let text = says(2, "failures", &["waits"], true);
    assert_eq!(text.matches("has met the other").count(), 2, "{text}");
}

#[test]
fn who_gives_up_a_send_drives_what_the_receiver_waits_for() {
    let text = says(2, "failures", &["driven"], true);
    assert_eq!(text.matches("has the sum").count(), 2, "{text}");
}

#[test]
fn a_world_that_is_dropped_ends_what_is_open() {
    for ranks in [2, 3] {
        let text = says(ranks, "failures", &["world"], true);
        assert_eq!(text.matches("drops its world").count(), ranks, "{text}");
    }
}

#[test]
fn ranks_of_different_nodes_share_nothing() {
    let text = says(4, "failures", &["apart"], true);
    let apart = "is told: ranks 0 and 1 have no memory together, being on different nodes";
    let must = if is_mpich() { apart } else { "shares" };
    assert_eq!(text.matches(must).count(), 4, "{text}");
}

#[test]
fn an_error_is_told_with_what_it_comes_from() {
    let text = says(2, "failures", &["file"], false);
    let error = "failed: open_file failed on rank 0: ";
    let [path, reason] = ["tenfold-comm-mpi-nowhere/numbers\": ", "No such file"];
    for part in [error, path, reason] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
}

#[test]
fn windows_that_are_left_are_freed_at_the_end() {
    for ranks in [1, 4] {
        let text = says(ranks, "failures", &["windows"], true);
        assert_eq!(text.matches("leaves windows").count(), ranks, "{text}");
    }
}
