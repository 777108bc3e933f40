//! What ranks send each other.

use super::agreement::Control;
use super::fault::Fault;
use super::wire::{Reader, Writer};
use crate::plan::Partial;
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
    Control(Control),
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

impl Control {
    pub(super) fn to_message(&self) -> Vec<u8> {
        let (number, fault) = match self {
            Self::Done => (0, None),
            Self::GoOn => (1, None),
            Self::Failed(fault) => (2, Some(fault)),
            Self::Stop(fault) => (3, Some(fault)),
            Self::Quiet => (4, None),
            Self::End => (5, None),
        };
        let all = Writer::default().number(number);
        let all = match fault {
            Some(fault) => all.bytes(&fault.to_bytes()),
            None => all,
        };
        message(CONTROL, &all.end())
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader(bytes);
        Some(match from.number()? {
            0 => Self::Done,
            1 => Self::GoOn,
            2 => Self::Failed(Fault::read(from.bytes()?)?),
            3 => Self::Stop(Fault::read(from.bytes()?)?),
            4 => Self::Quiet,
            5 => Self::End,
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
            CONTROL => Control::read(rest).map(Self::Control),
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
            Control::Done,
            Control::GoOn,
            Control::Failed(fault.clone()),
            Control::Stop(fault),
            Control::Quiet,
            Control::End,
        ] {
            let bytes = control.to_message();
            let read = Message::read(&bytes);
            assert!(matches!(read, Some(Message::Control(read)) if read == control));
        }
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
