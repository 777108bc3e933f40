//! An array that is spread over ranks: this rank's chunks, and how others are read.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::exchange::{Asked, Exchange, given_up};
use super::message::{Request, answer};
use super::spread::Spread;
use crate::buffer::{Buffer, Part, with_dtype};
use crate::chunks::Chunks;
use crate::destination::{Claimed, Destination, Made};
use crate::element::{DType, Sealed};
use crate::error::{Error, ErrorKind, Result};
use crate::every::Every;
use crate::gather::{dense_strides, each_pair_of_places};
use crate::hash::Identity;
use crate::node::{AnySource, Origin};
use crate::owners::Owners;
use crate::plan::ANSWER;
use crate::tile::{parts, portion_shape};
use crate::window::{Dims, Window, bytes_of};

/// How many bytes are asked for at a time, with what it takes to ask. Two answers of as many are under way to a worker.
const AT_A_TIME: usize = ANSWER;

/// How many chunks are looked at together: of each it is noted what of it is read, and where.
const TOGETHER: usize = 1024;

/// The chunks that this rank has of an array.
#[derive(Debug)]
pub(super) struct Pieces {
    pub(super) id: u64,
    pub(super) name: Arc<str>,
    pub(super) dtype: DType,
    pub(super) chunks: Chunks,
    pub(super) origin: Origin,
    /// What it is in any run of the program, if that is known.
    pub(super) lasting: Option<Identity>,
    pub(super) spread: Spread,
    pub(super) exchange: Arc<Exchange>,
    pub(super) own: Mutex<HashMap<usize, Arc<Buffer>>>,
}

/// The windows that a rank was asked for, and where its answer comes.
type Awaited = (Vec<Window>, Receiver<Vec<u8>>);

/// A window of a chunk that another rank has.
struct Far {
    owner: usize,
    window: Window,
}

/// The number of a chunk that is here, its window, and the part of it.
type Near = (usize, Window, Window);

/// The windows that each of some ranks is asked for.
pub(super) type Asks = Vec<(usize, Vec<Window>)>;

impl Pieces {
    fn chunk(&self, number: usize) -> Option<Arc<Buffer>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).get(&number).cloned()
    }

    /// The answer to a request of another rank, if it can have one.
    pub(super) fn answer(&self, request: &Request) -> Option<Vec<u8>> {
        // Before room is made for them: what is not here may be of any size.
        let own: Option<Vec<_>> = request.windows.iter().map(|window| self.part(window)).collect();
        let bytes = request.windows.iter().map(|window| self.bytes(window));
        let (own, bytes) = (own?, bytes.fold(0, usize::saturating_add));
        let mut message = answer(request.ask, true, bytes);
        for (window, (chunk, elements)) in request.windows.iter().zip(&own) {
            self.append(window, chunk, elements, &mut message);
        }
        Some(message)
    }

    fn bytes(&self, window: &Window) -> usize {
        bytes_of(window.shape(), self.dtype.bytes())
    }

    /// The chunk that is here and that a window lies in, if there is one.
    fn part(&self, window: &Window) -> Option<(Window, Arc<Buffer>)> {
        let (number, chunk) = self.chunk_around(window)?;
        Some((chunk, self.chunk(number)?))
    }

    /// Appends the elements of a window of a chunk.
    fn append(&self, window: &Window, chunk: &Window, own: &Buffer, message: &mut Vec<u8>) {
        let mut elements = Buffer::new(self.dtype);
        elements.resize(window.len());
        copy(own, chunk, &mut elements, window, window);
        with_dtype!(self.dtype, T => message.extend_from_slice(T::as_bytes(elements.elements())));
    }

    /// The chunk that a window lies in.
    fn chunk_around(&self, window: &Window) -> Option<(usize, Window)> {
        let axes = self.chunks.axes();
        let is_within = window.ndim() == axes.len()
            && axes
                .iter()
                .enumerate()
                .all(|(axis, cut)| window.range(axis).end <= cut.len() && window.shape()[axis] > 0);
        let number = is_within.then(|| self.chunks.chunk_of(window.start()))?;
        let chunk = self.chunks.window(number);
        let ends_there =
            (0..window.ndim()).all(|axis| window.range(axis).end <= chunk.range(axis).end);
        ends_there.then_some((number, chunk))
    }

    /// The numbers of the chunks along each axis that have a part of a window. It has elements.
    fn around(&self, window: &Window) -> Window {
        let along = |axis: usize| -> Range<usize> {
            let (cut, range) = (self.chunks.axis(axis), window.range(axis));
            cut.chunk_of(range.start)..cut.chunk_of(range.end - 1) + 1
        };
        Window::new(&(0..window.ndim()).map(along).collect::<Vec<_>>())
    }

    /// The parts of a window in each chunk, with the chunk's number and place.
    fn each_chunk(&self, window: &Window, mut each: impl FnMut(usize, &Window, Window)) {
        let (counts, ones) = (self.chunks.counts(), Dims::from_elem(1, window.ndim()));
        let done: Result<(), ()> = parts(&self.around(window), &ones, |at| {
            let along = at.start().iter().zip(&counts);
            let number = along.fold(0, |number, (&i, &count)| number * count + i);
            let chunk = self.chunks.window(number);
            each(number, &chunk, shared(&chunk, window));
            Ok(())
        });
        debug_assert!(done.is_ok());
    }

    /// A window in parts, each of few chunks.
    fn in_few_chunks(
        &self,
        window: &Window,
        mut each: impl FnMut(&Window) -> Result<()>,
    ) -> Result<()> {
        let around = self.around(window);
        let (mut shape, mut few) = (Dims::from(around.shape()), TOGETHER);
        for len in shape.iter_mut().rev() {
            *len = (*len).min(few.max(1));
            few /= *len;
        }
        parts(&around, &shape, |numbers| each(&shared(&self.chunks.elements(numbers), window)))
    }

    /// Reads a part of a window to its place.
    fn read_part(&self, part: &Window, window: &Window, out: &mut Buffer) -> Result<()> {
        let (far, near) = self.parts_of(part);
        let mut is_there = true;
        if !far.is_empty() {
            self.exchange.turns.end();
        }
        self.fetch(&far, window, out, |out| {
            for (number, chunk, part) in near {
                match self.chunk(number) {
                    Some(own) => copy(&own, &chunk, out, window, &part),
                    None => is_there = false,
                }
            }
        })?;
        self.exchange.turns.begin();
        if is_there { Ok(()) } else { Err(self.short()) }
    }

    /// The parts of a window that other ranks have, and those that are here.
    fn parts_of(&self, window: &Window) -> (Vec<Far>, Vec<Near>) {
        let (mut far, mut near) = (vec![], vec![]);
        self.each_chunk(window, |number, chunk, part| {
            let owner = self.spread.owner(&self.chunks, number);
            if owner == self.spread.rank {
                return near.push((number, chunk.clone(), part));
            }
            let shape =
                portion_shape(part.shape(), AT_A_TIME, |shape| bytes_of(shape, self.dtype.bytes()));
            let cut: Result<(), ()> = parts(&part, &shape, |window| {
                far.push(Far { owner, window: window.clone() });
                Ok(())
            });
            debug_assert!(cut.is_ok());
        });
        (far, near)
    }

    /// Reads all of a window that other ranks have, and calls `meanwhile` while the first of it is under way. While a part is
    /// put where it belongs the next is.
    fn fetch(
        &self,
        far: &[Far],
        window: &Window,
        out: &mut Buffer,
        meanwhile: impl FnOnce(&mut Buffer),
    ) -> Result<()> {
        let mut meanwhile = Some(meanwhile);
        let (mut rest, mut before) = (far, vec![]);
        while !rest.is_empty() {
            let (batch, after) = self.batch(rest);
            rest = after;
            let asked = self.ask(batch)?;
            if let Some(meanwhile) = meanwhile.take() {
                meanwhile(out);
            }
            self.take(std::mem::replace(&mut before, asked), window, out)?;
        }
        if let Some(meanwhile) = meanwhile {
            meanwhile(out);
        }
        self.take(before, window, out)
    }

    /// Those that are asked for at a time, and the rest.
    fn batch<'a>(&self, far: &'a [Far]) -> (&'a [Far], &'a [Far]) {
        let mut bytes = 0;
        let fits = |far: &&Far| {
            bytes += self.bytes(&far.window) + Request::bytes_for(&far.window);
            bytes <= AT_A_TIME
        };
        far.split_at(far.iter().take_while(fits).count().max(1))
    }

    /// Waits for what was asked for, and puts it where it belongs.
    fn take(&self, asked: Vec<Awaited>, window: &Window, out: &mut Buffer) -> Result<()> {
        for (windows, answer) in asked {
            let elements = answer.recv().map_err(|_| given_up())?;
            self.put(&windows, &elements, window, out)?;
        }
        Ok(())
    }

    /// Who is asked for what, for each batch of what others have of a window: as [`read`](AnySource::read) asks them.
    pub(super) fn each_batch(&self, window: &Window, mut each: impl FnMut(Asks)) {
        if window.len() == 0 {
            return;
        }
        let asked = self.in_few_chunks(window, |part| {
            let (far, _) = self.parts_of(part);
            let mut rest = far.as_slice();
            while !rest.is_empty() {
                let (batch, after) = self.batch(rest);
                rest = after;
                each(by_owner(batch));
            }
            Ok(())
        });
        debug_assert!(asked.is_ok());
    }

    /// How many bytes an answer has.
    pub(super) fn answer_bytes(&self, windows: &[Window]) -> usize {
        let elements = windows.iter().map(|window| self.bytes(window));
        answer(0, true, 0).len() + elements.sum::<usize>()
    }

    /// Asks each owner once for all of these that it has.
    fn ask(&self, batch: &[Far]) -> Result<Vec<Awaited>> {
        let asked = by_owner(batch).into_iter().map(|(of, windows)| {
            let (answer, back) = channel();
            let request = Request { ask: 0, array: self.id, windows: windows.clone() };
            match self.exchange.ask(Asked::Elements { request, of, answer }) {
                true => Ok((windows, back)),
                false => Err(self.elsewhere()),
            }
        });
        asked.collect()
    }

    /// Puts elements that have come where they belong.
    fn put(
        &self,
        windows: &[Window],
        mut elements: &[u8],
        window: &Window,
        out: &mut Buffer,
    ) -> Result<()> {
        for part in windows {
            let own = elements.split_off(..self.bytes(part)).ok_or_else(|| self.short())?;
            let mut buffer = Buffer::new(self.dtype);
            buffer.resize(part.len());
            with_dtype!(self.dtype, T => T::from_bytes(buffer.elements_mut(), &mut |to| {
                to.copy_from_slice(own);
                Ok(())
            }))?;
            copy(&buffer, part, out, window, part);
        }
        if elements.is_empty() { Ok(()) } else { Err(self.short()) }
    }

    fn short(&self) -> Error {
        let sentence = format!("another rank has sent other elements of array `{}`", self.name);
        Error::new(ErrorKind::Ranks, sentence)
    }

    /// That nobody is there who may fetch what others have.
    fn elsewhere(&self) -> Error {
        let Self { name, spread, .. } = self;
        let sentence = format!(
            "array `{name}` is spread over {} ranks, and only the `Ranks` that have it can compute with it",
            spread.size
        );
        Error::new(ErrorKind::Ranks, sentence).at(self.origin)
    }
}

impl AnySource for Pieces {
    fn name(&self) -> &str {
        "persisted"
    }

    fn is_computed(&self) -> bool {
        false
    }

    fn chunks(&self) -> Option<Chunks> {
        Some(self.chunks.clone())
    }

    fn version(&self) -> Option<String> {
        self.lasting.map(|lasting| lasting.to_string())
    }

    fn on_ranks(&self) -> Option<(&Chunks, &Owners, DType)> {
        Some((&self.chunks, &self.spread.owners, self.dtype))
    }

    fn alone(&self) -> Result<()> {
        Err(self.elsewhere())
    }

    /// What comes of others is counted with the messages of the plan.
    fn memory(&self) -> usize {
        0
    }

    fn read(&self, window: &Window, out: &mut Buffer) -> Result<()> {
        out.resize(window.len());
        if window.len() == 0 {
            return Ok(());
        }
        self.in_few_chunks(window, |part| self.read_part(part, window, out))
    }

    fn read_every(&self, every: &Every, window: &Window, out: &mut Buffer) -> Result<()> {
        let _ = (every, window, out);
        unreachable!("rows are left out of sources without chunks alone")
    }
}

/// Those of each owner together.
fn by_owner(batch: &[Far]) -> Asks {
    let mut of_owner: Asks = vec![];
    for Far { owner, window } in batch {
        match of_owner.iter_mut().find(|(other, _)| other == owner) {
            Some((_, windows)) => windows.push(window.clone()),
            None => of_owner.push((*owner, vec![window.clone()])),
        }
    }
    of_owner
}

/// What two windows have in common, which is something.
fn shared(a: &Window, b: &Window) -> Window {
    let along = |axis| {
        let (a, b): (Range<usize>, Range<usize>) = (a.range(axis), b.range(axis));
        a.start.max(b.start)..a.end.min(b.end)
    };
    Window::new(&(0..a.ndim()).map(along).collect::<Vec<_>>())
}

/// Copies a part of what both windows have, each dense in its buffer.
fn copy(from: &Buffer, from_window: &Window, to: &mut Buffer, to_window: &Window, part: &Window) {
    let first = |window: &Window| -> usize {
        let strides = dense_strides(window.shape());
        let along = part.start().iter().zip(window.start()).zip(strides);
        along.map(|((part, start), stride)| (part - start) * stride.unsigned_abs()).sum()
    };
    let (outer, row) = match part.shape().split_last() {
        Some((&row, outer)) => (outer, row),
        None => (&[][..], 1),
    };
    let (begin, target) = (first(from_window), first(to_window));
    let strides = [dense_strides(from_window.shape()), dense_strides(to_window.shape())];
    with_dtype!(from.dtype(), T => {
        let (from, to) = (from.elements::<T>(), to.elements_mut::<T>());
        each_pair_of_places(outer, [&strides[0], &strides[1]], |[at, place]| {
            let from = &from[begin + at.unsigned_abs()..][..row];
            to[target + place.unsigned_abs()..][..row].copy_from_slice(from);
        });
    });
}

/// Takes this rank's chunks.
pub(super) struct Filling(pub(super) Arc<Pieces>);

struct Piece<'a> {
    to: &'a Pieces,
    number: usize,
    window: Window,
    elements: Buffer,
}

impl Destination for Filling {
    fn claim<'a>(&'a self, chunk: usize) -> Box<dyn Claimed + 'a> {
        let window = self.0.chunks.window(chunk);
        let mut elements = Buffer::new(self.0.dtype);
        elements.resize(window.len());
        Box::new(Piece { to: &self.0, number: chunk, window, elements })
    }

    fn finish(self: Box<Self>) -> Made {
        Made::Disk(self.0)
    }
}

impl Claimed for Piece<'_> {
    fn write(&mut self, window: &Window, elements: &Part<'_>) {
        elements.copy_into(&mut self.elements, &self.window, window);
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let Self { to, number, elements, .. } = *self;
        let mut own = to.own.lock().unwrap_or_else(PoisonError::into_inner);
        match own.insert(number, Arc::new(elements)) {
            None => Ok(()),
            Some(_) => unreachable!("chunk {number} is made twice"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use super::*;

    #[test]
    fn windows_of_many_chunks_are_looked_at_in_parts() {
        let pieces = pieces(Chunks::even(&[30, 4000], &[2, 2]).unwrap());
        let window = Window::new(&[3..17, 5..3999]);
        let mut elements = 0;
        let done = pieces.in_few_chunks(&window, |part| {
            let around = pieces.around(part);
            assert!(around.len() <= TOGETHER, "{around:?}");
            elements += part.len();
            Ok(())
        });
        assert!(done.is_ok());
        assert_eq!(elements, window.len());
    }

    fn pieces(chunks: Chunks) -> Pieces {
        Pieces {
            id: 0,
            name: "x".into(),
            dtype: DType::U8,
            chunks,
            origin: Location::caller(),
            lasting: None,
            spread: Spread { rank: 0, size: 2, owners: Owners::default() },
            exchange: Arc::default(),
            own: Mutex::default(),
        }
    }

    #[test]
    fn what_is_not_here_is_not_answered_whatever_its_size() {
        let pieces = pieces(Chunks::even(&[12], &[4]).unwrap());
        let mut elements = Buffer::new(DType::U8);
        elements.resize(4);
        pieces.own.lock().unwrap().insert(1, Arc::new(elements));
        let answer = |windows: &[Range<usize>]| {
            let windows =
                windows.iter().map(|range| Window::new(std::slice::from_ref(range))).collect();
            pieces.answer(&Request { ask: 7, array: 0, windows })
        };
        assert_eq!(answer(&[4..8, 5..7]).map(|message| message.len()), Some(10 + 4 + 2));
        // Another rank's, of two chunks, outside, and more than can be.
        for wrong in [0..4, 7..9, 11..13, 4..usize::MAX] {
            assert_eq!(answer(&[4..8, wrong.clone()]), None, "{wrong:?}");
        }
    }

    #[test]
    fn what_asks_for_many_small_windows_is_no_larger_than_an_answer() {
        let pieces = pieces(Chunks::even(&[40_000], &[1]).unwrap());
        let mut window = Window::whole(&[40_000]);
        window.set(0, 10_000..40_000);
        let (far, near) = pieces.parts_of(&window);
        assert_eq!((near.len(), far.len()), (10_000, 20_000));
        let (batch, rest) = pieces.batch(&far);
        assert_eq!(batch.len() + rest.len(), 20_000);
        assert!(!batch.is_empty() && !rest.is_empty());
        for (owner, windows) in by_owner(batch) {
            let request = Request { ask: 0, array: 0, windows };
            assert_eq!(owner, 1);
            assert!(request.to_message().len() <= AT_A_TIME);
        }
    }
}
