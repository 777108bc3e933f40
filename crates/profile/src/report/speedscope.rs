//! The file of <https://www.speedscope.app>, in its sampled form: a stack a call path, as heavy as
//! the path's self time.

use serde_json::{Value, json};

use super::analysis::self_ns;
use super::document::{Document, PathPart, Place, SampleStack, SampleThread, ThreadPart};

pub(crate) fn write(document: &Document) -> String {
    let frame = |place: &Place| json!({"name": place.name, "file": place.file, "line": place.line});
    let mut frames: Vec<Value> = document.functions.iter().map(frame).collect();
    let mut profiles: Vec<Value> = document.threads.iter().map(profile).collect();
    if let Some(samples) = &document.samples {
        let before = frames.len();
        frames.extend(samples.frames.iter().map(|f| json!({"name": f.name, "file": f.file})));
        profiles.extend(samples.threads.iter().map(|thread| sampled(thread, samples.hz, before)));
    }
    json!({
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "name": document.program,
        "exporter": concat!("tenfold-profile ", env!("CARGO_PKG_VERSION")),
        "shared": {"frames": frames},
        "profiles": profiles,
    })
    .to_string()
}

fn profile(thread: &ThreadPart) -> Value {
    let own = self_ns(&thread.paths);
    let (mut samples, mut weights) = (vec![], vec![]);
    for (at, ns) in own.into_iter().enumerate().filter(|(_, ns)| *ns > 0.0) {
        samples.push(stack(&thread.paths, at));
        weights.push(ns);
    }
    json!({
        "type": "sampled",
        "name": thread.name,
        "unit": "nanoseconds",
        "startValue": 0,
        "endValue": weights.iter().sum::<f64>(),
        "samples": samples,
        "weights": weights,
    })
}

/// From the outermost function to the innermost.
fn stack(paths: &[PathPart], at: usize) -> Vec<usize> {
    let up = std::iter::successors(Some(at), |&at| paths[at].parent);
    let mut stack: Vec<usize> = up.map(|at| paths[at].function).collect();
    stack.reverse();
    stack
}

/// Samples of the threads of one name, in seconds. Frames come behind those of scopes.
fn sampled(thread: &SampleThread, hz: u32, before: usize) -> Value {
    let stack = |s: &SampleStack| s.frames.iter().map(|frame| frame + before).collect::<Vec<_>>();
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let seconds = |stack: &SampleStack| stack.weight as f64 / f64::from(hz.max(1));
    let weights: Vec<f64> = thread.stacks.iter().map(seconds).collect();
    json!({
        "type": "sampled",
        "name": format!("{}, samples", thread.name),
        "unit": "seconds",
        "startValue": 0,
        "endValue": weights.iter().sum::<f64>(),
        "samples": thread.stacks.iter().map(stack).collect::<Vec<_>>(),
        "weights": weights,
    })
}
