//! What processes say to each other, as bytes.

use super::watch::Said;
use super::{Called, Deadlock, Waiting, Waits};
use crate::trace::{In, Out};
use crate::{Builtin, CallKind, Result, Source, Tags};

/// No rank, tag or number.
const NONE: u64 = u64::MAX;
/// Any.
const ANY: u64 = u64::MAX - 1;

impl Out {
    pub(super) fn deadlock(&mut self, deadlock: &Deadlock) {
        self.list(deadlock.ranks(), |out, waiting| {
            out.put(waiting.rank as u64);
            out.called(waiting.call.as_ref());
            out.called(waiting.started.as_ref());
            out.ranks(&waiting.waits_for);
            out.put(u64::from(waiting.any));
            out.put(u64::from(waiting.is_buffering));
        });
        self.ranks(deadlock.circle());
    }

    pub(super) fn said(&mut self, said: &Said) {
        self.put(said.count);
        self.put(said.moved);
        self.put(said.looks);
        self.put(u64::from(said.has_ended));
        match &said.waits {
            None => self.put(NONE),
            Some(Waits::Any(peers)) => {
                self.put(ANY);
                self.ranks(peers);
            }
            Some(Waits::All(peers)) => {
                self.put(0);
                self.ranks(peers);
            }
        }
        self.called(said.call.as_ref());
        self.called(said.started.as_ref());
        let Some(came) = &said.came else { return self.put(NONE) };
        self.list(came, |out, (called, ranks)| {
            out.called(Some(called));
            out.put(*ranks as u64);
        });
    }

    fn ranks(&mut self, ranks: &[usize]) {
        self.list(ranks, |out, &rank| out.put(rank as u64));
    }

    fn called(&mut self, called: Option<&Called>) {
        let Some(called) = called else { return self.put(NONE) };
        self.put(called.kind as u64);
        self.put(called.rank as u64);
        self.place(&called.place);
        self.put(called.communicator);
        self.put(called.number.map_or(NONE, u64::from));
        self.put(called.to.map_or(NONE, |rank| rank as u64));
        self.put(match called.from {
            None => NONE,
            Some(Source::Any) => ANY,
            Some(Source::Rank(rank)) => rank as u64,
        });
        self.put(called.tag.map_or(NONE, u64::from));
        self.put(match called.want {
            None => NONE,
            Some(Tags::Any) => ANY,
            Some(Tags::Only(tag)) => u64::from(tag),
        });
        self.put(called.bytes as u64);
        self.put(called.operation.map_or(NONE, |operation| operation as u64));
    }
}

impl In<'_> {
    pub(super) fn deadlock(&mut self) -> Result<Deadlock> {
        let ranks = self.list(|input| {
            Ok(Waiting {
                rank: input.size()?,
                call: input.called()?,
                started: input.called()?,
                waits_for: input.list(Self::size)?,
                any: input.number()? == 1,
                is_buffering: input.number()? == 1,
            })
        })?;
        Ok(Deadlock::new(ranks, self.list(Self::size)?))
    }

    pub(super) fn said(&mut self) -> Result<Said> {
        Ok(Said {
            count: self.number()?,
            moved: self.number()?,
            looks: self.number()?,
            has_ended: self.number()? == 1,
            waits: match self.number()? {
                NONE => None,
                ANY => Some(Waits::Any(self.list(Self::size)?)),
                _ => Some(Waits::All(self.list(Self::size)?)),
            },
            call: self.called()?,
            started: self.called()?,
            came: self.came()?,
        })
    }

    fn came(&mut self) -> Result<Option<Vec<(Called, usize)>>> {
        let count = self.number()?;
        if count == NONE {
            return Ok(None);
        }
        let one = |_| Ok((self.called()?.ok_or_else(crate::trace::foreign)?, self.size()?));
        (0..count).map(one).collect::<Result<_>>().map(Some)
    }

    fn called(&mut self) -> Result<Option<Called>> {
        let kind = self.number()?;
        if kind == NONE {
            return Ok(None);
        }
        let kind = u8::try_from(kind).ok().and_then(CallKind::numbered);
        let half = |number: u64| u32::try_from(number).ok();
        Ok(Some(Called {
            kind: kind.ok_or_else(crate::trace::foreign)?,
            rank: self.size()?,
            place: self.place()?,
            communicator: self.number()?,
            number: half(self.number()?),
            to: Some(self.size()?).filter(|&rank| rank as u64 != NONE),
            from: match self.number()? {
                NONE => None,
                ANY => Some(Source::Any),
                rank => usize::try_from(rank).ok().map(Source::Rank),
            },
            tag: half(self.number()?),
            want: match self.number()? {
                NONE => None,
                ANY => Some(Tags::Any),
                tag => half(tag).map(Tags::Only),
            },
            bytes: self.size()?,
            operation: usize::try_from(self.number()?)
                .ok()
                .and_then(|number| Builtin::ALL.get(number).copied()),
        }))
    }
}
