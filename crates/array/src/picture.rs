//! The graph of an expression, as a picture.

mod dot;
mod layers;
mod svg;

use std::path::Path;
use std::sync::Arc;

use ndarray::Dimension;

use crate::array::Array;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::file::write_text;
use crate::node::{Node, Op};

impl<T: Element, D: Dimension> Array<T, D> {
    /// The graph of the expression in the language of Graphviz: a node for an operation, never one for a chunk.
    ///
    /// ```
    /// use tenfold_array::Array;
    ///
    /// let dot = (Array::arange(0..100_i64, 10) + 1).sum().to_dot();
    /// assert!(dot.starts_with("digraph array {") && dot.contains("label=\"add\\nint64 (100)\\n10 chunks\""));
    /// ```
    #[must_use]
    pub fn to_dot(&self) -> String {
        dot::dot(&self.node)
    }

    /// The graph of the expression as SVG, leaves on top.
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::svg(&self.node)
    }

    /// Writes the graph of the expression to a file: as SVG or in Graphviz's language, by the name's ending. The file has
    /// its name when it is whole. A link of that name is replaced by it.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] if the name ends in neither `.svg` nor `.dot`; [`ErrorKind::Io`] if it cannot be written.
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let text = match path.extension().and_then(|ending| ending.to_str()) {
            Some("svg") => self.to_svg(),
            Some("dot") => self.to_dot(),
            _ => {
                let sentence = format!(
                    "argument `path` is `{}`, but must end in .svg or .dot",
                    path.display()
                );
                return Err(Error::new(ErrorKind::Value, sentence));
            }
        };
        write_text(path, &text)
    }
}

/// What a node is, in three lines.
fn lines(node: &Node) -> [String; 3] {
    let shape: Vec<String> = node.shape().iter().map(ToString::to_string).collect();
    let name = match &node.op {
        Op::Reduce { axes, reducer, .. } => {
            format!("{} over {:?}", reducer.name(), axes.as_slice())
        }
        op => op.name().to_owned(),
    };
    let chunks = match node.chunks.count() {
        1 => "1 chunk".to_owned(),
        count => format!("{count} chunks"),
    };
    [name, format!("{} ({})", node.dtype, shape.join(", ")), chunks]
}

/// The nodes, each once and after its inputs, with the places of those.
fn nodes(root: &Arc<Node>) -> Vec<(Arc<Node>, Vec<usize>)> {
    let order = crate::node::sorted(std::slice::from_ref(root));
    let places: std::collections::HashMap<_, _> =
        order.iter().enumerate().map(|(place, node)| (node.identity, place)).collect();
    let inputs = |node: &Node| node.inputs.iter().map(|input| places[&input.identity]).collect();
    order.iter().map(|node| (Arc::clone(node), inputs(node))).collect()
}
