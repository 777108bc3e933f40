//! For Graphviz.

use std::fmt::Write;
use std::sync::Arc;

use super::{lines, nodes};
use crate::node::Node;

pub(super) fn dot(root: &Arc<Node>) -> String {
    let mut text = "digraph array {\n  node [shape=box, fontname=sans]\n".to_owned();
    for (place, (node, inputs)) in nodes(root).iter().enumerate() {
        let label =
            lines(node).map(|line| line.replace('\\', "\\\\").replace('"', "\\\"")).join("\\n");
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  n{place} [label=\"{label}\"]");
        for input in inputs {
            let _ = writeln!(text, "  n{input} -> n{place}");
        }
    }
    text + "}\n"
}
