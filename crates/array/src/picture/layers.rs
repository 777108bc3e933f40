//! Which node is drawn where.

/// Rows of nodes: each below its inputs, and in its row about below the middle of them.
pub(super) fn layers(inputs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut depth = vec![0; inputs.len()];
    let mut rows: Vec<Vec<usize>> = vec![];
    for (node, inputs) in inputs.iter().enumerate() {
        depth[node] = inputs.iter().map(|&input| depth[input] + 1).max().unwrap_or(0);
        if rows.len() <= depth[node] {
            rows.resize(depth[node] + 1, vec![]);
        }
        rows[depth[node]].push(node);
    }
    let mut column = vec![0.0; inputs.len()];
    for row in &mut rows {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a picture of 2^53 nodes would not be looked at"
        )]
        let middle = |node: &usize| {
            let inputs = &inputs[*node];
            inputs.iter().map(|&input| column[input]).sum::<f64>() / inputs.len().max(1) as f64
        };
        row.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
        let width = row.len();
        for (place, &node) in row.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "as above")]
            let centred = place as f64 - (width as f64 - 1.0) / 2.0;
            column[node] = centred;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_stand_below_their_inputs() {
        // A diamond, and a leaf that comes late.
        let rows = layers(&[vec![], vec![0], vec![0], vec![], vec![1, 2, 3]]);
        assert_eq!(rows, [vec![0, 3], vec![1, 2], vec![4]]);
    }
}
