//! What ranks send each other.

use super::agreement::Control;
use super::fault::Fault;
use super::wire::{Reader, Writer};
use crate::plan::{Brought, Partial};
use crate::window::Window;

/// The first byte of each message.
const REQUEST: u8 = 0;
const ANSWER: u8 = 1;
const PARTIAL: u8 = 2;
const CONTROL: u8 = 3;

/// What one rank tells another.
#[derive(Debug)]
pub(super) enum Message {
    Request(Request),
    /// The elements that were asked for, one window after another; none if they are not there.
    Answer {
        ask: u64,
        elements: Option<Vec<u8>>,
    },
    Partial(Partial),
    /// Of a computation, by its number: what was told after the end of one is no news to the next.
    Control {
        run: u32,
        control: Control,
    },
}

/// Asks for elements of an array that is spread over the ranks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    /// A number that comes back with the answer.
    pub(super) ask: u64,
    pub(super) array: u64,
    /// Each within a chunk.
    pub(super) windows: Vec<Window>,
}

fn message(kind: u8, rest: &[u8]) -> Vec<u8> {
    [&[kind], rest].concat()
}

/// Begins an answer, to which elements are to be added if they are there.
pub(super) fn answer(ask: u64, is_there: bool, bytes: usize) -> Vec<u8> {
    let mut message = vec![ANSWER];
    message.reserve_exact(9 + bytes);
    message.extend_from_slice(&ask.to_le_bytes());
    message.push(is_there.into());
    message
}

impl Request {
    /// How many bytes are held for a window beside its elements: in the message, and with those who ask and are asked.
    pub(super) fn bytes_for(window: &Window) -> usize {
        16 * (1 + window.ndim()) + 2 * size_of::<Window>()
    }

    pub(super) fn to_message(&self) -> Vec<u8> {
        let all = Writer::default().number(self.ask).number(self.array);
        let all = self.windows.iter().fold(all, |all, window| {
            let ends: Vec<usize> = (0..window.ndim()).map(|axis| window.range(axis).end).collect();
            all.numbers(window.start()).numbers(&ends)
        });
        message(REQUEST, &all.end())
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader(bytes);
        let (ask, array) = (from.number()?, from.number()?);
        let mut windows = vec![];
        while !from.0.is_empty() {
            let (starts, ends) = (from.numbers()?, from.numbers()?);
            let is_window = starts.len() == ends.len()
                && starts.iter().zip(&ends).all(|(start, end)| start <= end);
            let ranges: Vec<_> =
                starts.iter().zip(&ends).map(|(&start, &end)| start..end).collect();
            windows.push(is_window.then(|| Window::new(&ranges))?);
        }
        Some(Self { ask, array, windows })
    }
}

pub(super) fn partial(of: &Partial) -> Vec<u8> {
    let (to, height, place) = of.subtree;
    let all = Writer::default().numbers(&[of.sink, to, height as usize, place]);
    message(PARTIAL, &all.bytes(&of.bytes).end())
}

fn read_partial(bytes: &[u8]) -> Option<Partial> {
    let mut from = Reader(bytes);
    let [sink, to, height, place] = from.numbers()?.try_into().ok()?;
    let height = u32::try_from(height).ok().filter(|&height| height <= usize::BITS)?;
    Some(Partial { sink, subtree: (to, height, place), bytes: from.bytes()?.to_vec() })
}

/// One chunk after another, so that those of several ranks can be put behind each other.
pub(super) fn brought(chunks: &[Brought]) -> Vec<u8> {
    let all = chunks.iter().fold(Writer::default(), |all, chunk| {
        all.numbers(&[chunk.sink, chunk.chunk]).bytes(&chunk.elements)
    });
    all.end()
}

pub(super) fn read_brought(bytes: &[u8]) -> Option<Vec<Brought>> {
    let mut from = Reader(bytes);
    let mut chunks = vec![];
    while !from.0.is_empty() {
        let [sink, chunk] = from.numbers()?.try_into().ok()?;
        chunks.push(Brought { sink, chunk, elements: from.bytes()?.to_vec() });
    }
    Some(chunks)
}

impl Control {
    pub(super) fn to_message(&self, run: u32) -> Vec<u8> {
        let all = |number| Writer::default().number(run.into()).number(number);
        let all = match self {
            Self::Done(brought) => all(0).bytes(brought),
            Self::GoOn(brought) => all(1).bytes(brought),
            Self::Failed(fault) => all(2).bytes(&fault.to_bytes()),
            Self::Stop(fault) => all(3).bytes(&fault.to_bytes()),
            Self::Quiet => all(4),
            Self::End => all(5),
            Self::Broken(fault) => all(6).bytes(&fault.to_bytes()),
        };
        message(CONTROL, &all.end())
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(match from.number()? {
            0 => Self::Done(from.bytes()?.to_vec()),
            1 => Self::GoOn(from.bytes()?.to_vec()),
            2 => Self::Failed(Fault::read(from.bytes()?)?),
            3 => Self::Stop(Fault::read(from.bytes()?)?),
            4 => Self::Quiet,
            5 => Self::End,
            6 => Self::Broken(Fault::read(from.bytes()?)?),
            _ => return None,
        })
    }
}

impl Message {
    /// What the bytes say, if they are a message.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (&kind, rest) = bytes.split_first()?;
        match kind {
            REQUEST => Request::read(rest).map(Self::Request),
            PARTIAL => read_partial(rest).map(Self::Partial),
            CONTROL => {
                let mut from = Reader(rest);
                let run = from.number()?.try_into().ok()?;
                Some(Self::Control { run, control: Control::read(&mut from)? })
            }
            ANSWER => {
                let (ask, rest) = rest.split_first_chunk()?;
                let (&is_there, elements) = rest.split_first()?;
                let elements = (is_there == 1).then(|| elements.to_vec());
                Some(Self::Answer { ask: u64::from_le_bytes(*ask), elements })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};

    #[test]
    fn messages_are_read_as_they_were_written() {
        let windows = vec![Window::new(&[0..3, 7..7]), Window::new(&[])];
        let request = Request { ask: 1, array: 2, windows };
        let bytes = request.to_message();
        assert!(matches!(Message::read(&bytes), Some(Message::Request(read)) if read == request));
        let of = Partial { sink: 1, subtree: (5, 3, 2), bytes: vec![1, 2] };
        let bytes = partial(&of);
        let Some(Message::Partial(read)) = Message::read(&bytes) else { panic!("{bytes:?}") };
        assert_eq!((read.sink, read.subtree, read.bytes), (1, (5, 3, 2), vec![1, 2]));
        let fault = Fault::new(2, &Error::new(ErrorKind::Io, "disk"));
        for control in [
            Control::Done(vec![1, 2]),
            Control::GoOn(vec![]),
            Control::Failed(fault.clone()),
            Control::Stop(fault.clone()),
            Control::Broken(fault),
            Control::Quiet,
            Control::End,
        ] {
            let bytes = control.to_message(7);
            let read = Message::read(&bytes);
            assert!(
                matches!(read, Some(Message::Control { run: 7, control: read }) if read == control)
            );
        }
    }

    #[test]
    fn what_ranks_bring_is_put_together() {
        let chunk = |sink| Brought { sink, chunk: 7, elements: vec![1; 2 * sink] };
        let all = [brought(&[chunk(0), chunk(2)]), brought(&[]), brought(&[chunk(1)])].concat();
        assert_eq!(read_brought(&all), Some(vec![chunk(0), chunk(2), chunk(1)]));
        assert_eq!(read_brought(&all[..all.len() - 1]), None);
    }

    #[test]
    fn answers_say_whether_elements_are_there() {
        let mut there = answer(7, true, 2);
        there.extend_from_slice(&[4, 5]);
        let read = Message::read(&there);
        assert!(matches!(read, Some(Message::Answer { ask: 7, elements: Some(e) }) if e == [4, 5]));
        let read = Message::read(&answer(7, false, 0));
        assert!(matches!(read, Some(Message::Answer { ask: 7, elements: None })));
    }

    #[test]
    fn other_bytes_are_no_message() {
        for bytes in [&[][..], &[9], &[3, 1], &[0, 1], &[1, 2, 3]] {
            assert!(Message::read(bytes).is_none(), "{bytes:?}");
        }
    }
}
