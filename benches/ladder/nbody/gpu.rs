//! All steps on a device, by a kernel in WGSL: a few invocations for each body, which share out all bodies that it
//! meets. By one for each, 512 bodies would leave most of a device idle.

use ndarray::ArrayView1;

use super::{Bodies, DT, Problem, SOFTENING2};
use crate::ladder::device::{down, on, up};

/// Bodies of a work-group.
const BODIES: usize = 2;

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

// Invocations of a body, and bodies of a work-group.
const LANES = 32u;
const BODIES = 2u;
var<workgroup> sums: array<vec3<f64>, LANES * BODIES>;

@compute @workgroup_size(LANES * BODIES)
fn advance(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let n = arrayLength(&masses);
    let lane = local % LANES;
    // What does not exist is not written, and the last body stands in for it meanwhile.
    let body = group.x * BODIES + local / LANES;
    let here = place(min(body, n - 1));
    var acceleration = vec3<f64>();
    for (var j = lane; j < n; j += LANES) {
        let d = place(j) - here;
        let r2 = dot(d, d) + numbers.softening2;
        acceleration += d * (masses[j] / (r2 * sqrt(r2)));
    }
    sums[local] = acceleration;
    for (var half = LANES / 2; half > 0; half /= 2) {
        workgroupBarrier();
        if lane < half {
            sums[local] += sums[local + half];
        }
    }
    if lane == 0 && body < n {
        for (var axis = 0u; axis < 3; axis++) {
            let at = 3 * body + axis;
            velocities[at] += sums[local][axis] * numbers.dt;
            places_then[at] = here[axis] + velocities[at] * numbers.dt;
        }
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
        let groups = [u32::try_from(n.div_ceil(BODIES)).unwrap_or(u32::MAX), 1, 1];
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
