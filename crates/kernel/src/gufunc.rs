//! Generalised kernels: functions of vectors and matrices, over arrays of them.
//!
//! The last axes of each argument are the core that the kernel sees at once; those before are outer
//! axes, which are broadcast as NumPy does. For each place on the outer axes the kernel runs once,
//! in row-major order on one thread, or in as many parts as `par()` makes. Each place is computed
//! by itself in the order as written, so that the parts do not change the results.

mod bind;
mod cores;
mod walk;

use ndarray::Dimension;
use rayon::prelude::*;

pub use bind::{Binding, CoreDim};
pub use cores::{C0, C1, C2, CoreOperands, CoreOutputs, Cores};
pub use walk::At;

use crate::call::Call;
use crate::error::{Error, ErrorKind};
use crate::isa;
use crate::nest;
use crate::simd::{Body, Simd};
use walk::{Loops, Part};

/// What `#[kernel("(n)->(n)")]` makes of a function.
pub trait Gufunc<T>: 'static {
    /// The cores of its inputs.
    type In: Cores;
    /// The cores of its outputs.
    type Out: Cores;
    /// What a caller must have: nothing, or the promise of a kernel with `bounds = unchecked`.
    type Permit: Copy + Send + Sync;
    /// The names of the inputs.
    const NAMES: &'static [&'static str];
    /// The names of the outputs.
    const OUTPUTS: &'static [&'static str];
    /// The core dimensions of the inputs, and then of the outputs.
    const DIMS: &'static [&'static [CoreDim]];

    /// The function, of one core each.
    fn body<S: Simd>(
        s: S,
        inputs: <Self::In as Cores>::In<'_>,
        outputs: <Self::Out as Cores>::Out<'_>,
        permit: Self::Permit,
    ) -> Result<<Self::Out as Cores>::Returned, Error>;
}

/// A part of the places on the outer axes, with one or another instruction set.
struct Run<'a, K: Gufunc<T>, T> {
    part: Part<'a>,
    permit: K::Permit,
}

impl<K: Gufunc<T>, T> Body for Run<'_, K, T> {
    type Output = Result<(), Error>;
    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Result<(), Error> {
        let mut part = self.part;
        // SAFETY: the loops are those of arguments that are borrowed for this call, with the cores
        // of this kernel, and no other part has the same places.
        unsafe { part.run::<K, T, S>(s, self.permit) }
    }
}

fn bound<K, T, I>(inputs: &I) -> Result<Binding, Error>
where
    K: Gufunc<T>,
    I: CoreOperands<K::In>,
{
    let mut binding = Binding::new(K::DIMS);
    inputs.bind(&mut binding, K::NAMES)?;
    Ok(binding)
}

/// Runs a kernel into outputs of the shapes that the inputs make.
pub fn into<K, T, I, O>(
    inputs: &I,
    outputs: &mut O,
    permit: K::Permit,
    call: Call,
) -> Result<(), Error>
where
    K: Gufunc<T>,
    I: CoreOperands<K::In>,
    O: CoreOutputs<K::Out>,
{
    let mut binding = bound::<K, T, I>(inputs)?;
    outputs.bind(&mut binding, K::OUTPUTS)?;
    run::<K, T>(&binding.into_loops(), permit, call)
}

/// Runs a kernel into new arrays.
pub fn map<K, T, I>(
    inputs: &I,
    permit: K::Permit,
    call: Call,
) -> Result<<K::Out as Cores>::Arrays<I::Outer>, Error>
where
    K: Gufunc<T>,
    I: CoreOperands<K::In>,
{
    let mut binding = bound::<K, T, I>(inputs)?;
    let Some(mut fresh) = K::Out::fresh::<I::Outer>(&binding, K::NAMES.len()) else {
        let shape = nest::show(binding.outer());
        let axes = I::Outer::NDIM.unwrap_or_default();
        let message = format!("the outer shape {shape} has more or fewer than {axes} axes");
        return Err(Error::new(ErrorKind::Shape, message));
    };
    K::Out::bind_fresh(&mut fresh, &mut binding, K::OUTPUTS)?;
    run::<K, T>(&binding.into_loops(), permit, call)?;
    Ok(fresh)
}

/// All places, over the threads if the call says so. Of several errors the first in order of place
/// is given.
fn run<K: Gufunc<T>, T>(loops: &Loops, permit: K::Permit, call: Call) -> Result<(), Error> {
    let places = loops.places();
    if places == 0 {
        return Ok(());
    }
    let isa = call.isa();
    let one = |part: Part<'_>| isa::call(isa, Run::<K, T> { part, permit });
    let parts = call.parts(loops.bytes()).min(places);
    if parts <= 1 {
        return one(loops.part(0, places));
    }
    let step = places.div_ceil(parts);
    let starts: Vec<usize> = (0..places).step_by(step).collect();
    let results: Vec<Result<(), Error>> = starts
        .into_par_iter()
        .map(|start| one(loops.part(start, step.min(places - start))))
        .collect();
    results.into_iter().collect()
}
