//! All steps on a device, by a kernel in WGSL: an invocation for each body, which meets all bodies.

use ndarray::ArrayView1;

use super::{Bodies, DT, Problem, SOFTENING2};
use crate::ladder::device::{down, on, up};

/// One step: reads where all bodies are, and writes where they are then.
const ADVANCE: &str = "
@group(0) @binding(0) var<storage, read> places: array<f64>;
@group(0) @binding(1) var<storage, read> masses: array<f64>;
@group(0) @binding(2) var<storage, read_write> velocities: array<f64>;
@group(0) @binding(3) var<storage, read_write> places_then: array<f64>;
struct Numbers { dt: f64, softening2: f64 }
var<immediate> numbers: Numbers;

fn place(i: u32) -> vec3<f64> {
    return vec3(places[3 * i], places[3 * i + 1], places[3 * i + 2]);
}

@compute @workgroup_size(64)
fn advance(@builtin(global_invocation_id) id: vec3<u32>) {
    let n = arrayLength(&masses);
    if id.x >= n {
        return;
    }
    let here = place(id.x);
    var acceleration = vec3<f64>();
    for (var j = 0u; j < n; j++) {
        let d = place(j) - here;
        let r2 = dot(d, d) + numbers.softening2;
        acceleration += d * (masses[j] / (r2 * sqrt(r2)));
    }
    for (var axis = 0u; axis < 3; axis++) {
        let at = 3 * id.x + axis;
        velocities[at] += acceleration[axis] * numbers.dt;
        places_then[at] = here[axis] + velocities[at] * numbers.dt;
    }
}
";

pub(super) fn run(problem: &Problem) -> Bodies {
    let Bodies { positions, velocities } = &problem.bodies;
    let n = positions.len();
    let (places, velocities) = on(|device| {
        let advance = device.raw_kernel(ADVANCE, "advance")?;
        let masses = up(device, &ArrayView1::from(&problem.masses))?;
        let mut velocities = up(device, &ArrayView1::from(velocities.as_flattened()))?;
        let mut places = up(device, &ArrayView1::from(positions.as_flattened()))?;
        let mut places_then = device.zeros(3 * n)?;
        let groups = [u32::try_from(n.div_ceil(64)).unwrap_or(u32::MAX), 1, 1];
        for _ in 0..problem.steps {
            let arrays = (&places, &masses, &mut velocities, &mut places_then, DT, SOFTENING2);
            advance.run(groups, arrays)?;
            std::mem::swap(&mut places, &mut places_then);
        }
        Ok((down(&places)?, down(&velocities)?))
    });
    let triples = |numbers: &[f64]| numbers.as_chunks().0.to_vec();
    Bodies { positions: triples(&places), velocities: triples(&velocities) }
}
