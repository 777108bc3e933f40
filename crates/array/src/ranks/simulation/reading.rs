//! What a rank reads of others in a stage, and what it reduces for them: by the formulas that it computes by.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::super::exchange::Exchange;
use super::super::message::{brought, partial};
use super::super::pieces::Pieces;
use super::super::spread::Spread;
use super::asked::Asked;
use super::merging::Merging;
use crate::buffer::Buffer;
use crate::chunks::Chunks;
use crate::element::DType;
use crate::executor::caught;
use crate::node::Origin;
use crate::owners::Owners;
use crate::plan::{Brought, End, Lists, Partial, Place, Plan, Sink, Stage, Stored, Strips};
use crate::program::{Follower, Wanted};
use crate::reduce::{Kept, Reducer};
use crate::window::Window;

/// How many strips of a rank are looked at, and how many windows that others have: beyond, those looked at stand for the others.
const STRIPS: usize = 2048;
const WINDOWS: usize = 1 << 17;

/// A stage as one rank sees it.
pub(super) struct Reading<'a> {
    pub(super) plan: &'a Plan,
    pub(super) stage: &'a Stage,
    pub(super) rank: usize,
    pub(super) size: usize,
}

/// What a rank works on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Share {
    pub(super) strips: usize,
    pub(super) chunks: usize,
    pub(super) elements: f64,
}

impl Reading<'_> {
    fn spread(&self, owners: &Owners) -> Spread {
        Spread { rank: self.rank, size: self.size, owners: owners.clone() }
    }

    pub(super) fn share(&self) -> Share {
        let (chunks, spread) = (&self.stage.chunks, self.spread(&self.stage.owners));
        let parts = spread.parts(chunks);
        let elements =
            parts.iter().map(|part| part.shape().iter().map(|&len| len as f64).product::<f64>());
        let elements = elements.sum();
        let strips = self.strips().iter().map(Strips::count).sum();
        Share { strips, chunks: spread.count(chunks), elements }
    }

    fn strips(&self) -> Vec<Strips> {
        self.spread(&self.stage.owners).strips(&self.stage.chunks, &self.stage.strips.wide())
    }

    /// What it reads of others while it goes through its strips, and whether all of them were looked at.
    pub(super) fn reads(&self) -> (Asked, bool) {
        let (mut asked, mut follower, mut pieces) =
            (Asked::default(), Follower::default(), HashMap::new());
        let all = Lists::new(self.strips());
        let count = all.count();
        let (mut looked_at, mut windows, mut most) = (0, 0, count.min(STRIPS));
        while looked_at < most {
            let numbers = all.chunks(looked_at * count / most);
            let chunks: Vec<Window> =
                numbers.into_iter().map(|at| self.stage.chunks.window(at)).collect();
            follower.run(&self.stage.program, &chunks, &mut |wanted, window| {
                let own = pieces.entry(key(wanted)).or_insert_with(|| self.pieces(wanted));
                if let Some(own) = own {
                    windows += read(own, window, &mut asked);
                }
            });
            looked_at += 1;
            // Those that are looked at are as far apart, however many they are.
            if looked_at == 1 && windows * most > WINDOWS {
                most = (WINDOWS / windows.max(1)).clamp(1, most);
            }
        }
        if looked_at > 0 && looked_at < count {
            asked.scale(count as f64 / looked_at as f64);
        }
        (asked, looked_at == count)
    }

    /// What it sends of what it has reduced.
    pub(super) fn sends(&self) -> Asked {
        let mut asked = Asked::default();
        for (number, sink) in self.stage.sinks.iter().enumerate() {
            let End::Reduce { axes, reducer, by_chunk: false, .. } = &sink.end else { continue };
            let stored = self.stored(sink);
            let [spread, to] = [&self.stage.owners, &stored.owners].map(|of| self.spread(of));
            let merging = Merging {
                space: &self.stage.chunks,
                axes,
                result: &stored.chunks,
                spread,
                to,
                head: head(),
                each: accumulator(&**reducer, self.stage.program.output(number)),
            };
            merging.add(&mut asked);
        }
        asked
    }

    /// What it asks for at the end of the stage of what all ranks are to have, and was not brought there.
    pub(super) fn gets(&self) -> Asked {
        let mut asked = Asked::default();
        for sink in &self.stage.sinks {
            let stored = self.stored(sink);
            if stored.place == Place::Memory && !stored.is_brought() {
                let pieces = self.of_stored(stored);
                read(&pieces, &Window::whole(&stored.chunks.shape()), &mut asked);
            }
        }
        asked
    }

    /// How many bytes it brings to the end of the stage.
    pub(super) fn brings(&self) -> usize {
        let of_sink = |sink: &Sink| {
            let stored = self.stored(sink);
            if !stored.is_brought() {
                return 0;
            }
            let own = self.spread(&stored.owners).numbers(&stored.chunks).into_iter();
            let bytes = |chunk| stored.chunks.window(chunk).len() * stored.dtype.bytes();
            own.map(|chunk| beside() + bytes(chunk)).sum::<usize>()
        };
        self.stage.sinks.iter().map(of_sink).sum()
    }

    fn stored(&self, sink: &Sink) -> &Stored {
        &self.plan.stored[sink.stored]
    }

    /// The pieces of what is read, if ranks have them.
    fn pieces(&self, wanted: Wanted<'_>) -> Option<Pieces> {
        match wanted {
            Wanted::Result(place) => Some(self.of_stored(&self.plan.stored[place])),
            Wanted::Source(source) => {
                let (chunks, owners, dtype) = source.on_ranks()?;
                let origin = std::panic::Location::caller();
                Some(without_elements(self.spread(owners), chunks, dtype, origin))
            }
        }
    }

    fn of_stored(&self, stored: &Stored) -> Pieces {
        let spread = self.spread(&stored.owners);
        without_elements(spread, &stored.chunks, stored.dtype, stored.origin)
    }
}

/// Chunks of an array on a rank that is none.
pub(super) fn without_elements(
    spread: Spread,
    chunks: &Chunks,
    dtype: DType,
    origin: Origin,
) -> Pieces {
    Pieces {
        id: 0,
        name: "simulated".into(),
        dtype,
        chunks: chunks.clone(),
        origin,
        lasting: None,
        spread,
        exchange: Arc::new(Exchange::default()),
        own: Mutex::new(HashMap::new()),
    }
}

/// What tells what is read from other such: its place, or its address.
fn key(wanted: Wanted<'_>) -> (usize, usize) {
    match wanted {
        Wanted::Result(place) => (0, place),
        Wanted::Source(source) => (1, std::ptr::from_ref(source).cast::<()>().addr()),
    }
}

/// Adds what reading a window asks others for, and gives of how many windows that is.
fn read(pieces: &Pieces, window: &Window, to: &mut Asked) -> usize {
    let mut windows = 0;
    pieces.each_batch(window, |batch| {
        to.waits += 1.0;
        windows += batch.iter().map(|(_, windows)| windows.len()).sum::<usize>();
        for (of, windows) in batch {
            // A request, and what comes back.
            to.add(of, 1.0, pieces.answer_bytes(&windows) as f64);
        }
    });
    windows
}

/// How many bytes a chunk that is brought has beside its elements.
fn beside() -> usize {
    brought(&[Brought { sink: 0, chunk: 0, elements: vec![] }]).len()
}

/// How many bytes a message with accumulators has beside them.
fn head() -> usize {
    partial(&Partial { sink: 0, subtree: (0, 0, 0), bytes: vec![] }).len()
}

/// How many bytes an accumulator has that has seen something.
fn accumulator(reducer: &dyn Reducer, dtype: DType) -> usize {
    let mut accumulators = reducer.start(1);
    let one = Window::whole(&[1]);
    let mut element = Buffer::new(dtype);
    element.resize(1);
    // It may be a function of the user's, which is not to be asked about what is not there.
    let folded = caught(|| {
        let kept = Kept { axes: &[0], shape: &[1], chunk: &one };
        reducer.fold(&mut accumulators, &kept, &one, &element.part(0..1));
    });
    let mut bytes = vec![];
    reducer.write(&accumulators, &mut bytes);
    if folded.is_ok() { bytes.len() } else { bytes.len().max(reducer.bytes()) }
}
