//! One face for memos of all kinds, which the macros print calls to.

use std::rc::Rc;
use std::thread::{AccessError, LocalKey};

use crate::info::{CacheInfo, CacheParameters};
use crate::local::{LocalMemo, LocalTurn};
use crate::lookup::Lookup;
use crate::memo::Memo;
use crate::turn::Turn;

/// A reference to a memo.
pub trait Enter: Sized {
    /// Its keys.
    type Key;
    /// Its values.
    type Value;
    /// What its values are handed to.
    type Turn: Finish<Self::Value>;

    /// A value, or a turn to compute it.
    ///
    /// # Errors
    /// The turn.
    fn enter<Q: Lookup<Self::Key>>(self, query: &Q) -> Result<Self::Value, Self::Turn>;

    /// A value, or a turn to compute it that nobody waits for.
    ///
    /// # Errors
    /// The turn.
    fn enter_alone<Q: Lookup<Self::Key>>(self, query: &Q) -> Result<Self::Value, Self::Turn>;

    /// What was asked and what is there.
    fn info(self) -> CacheInfo;

    /// Forgets everything.
    fn clear(self);

    /// What the memo was made with.
    fn parameters(self) -> CacheParameters;

    /// Forgets one key.
    fn invalidate<Q: Lookup<Self::Key>>(self, query: &Q) -> bool;
}

/// The right to compute a value.
pub trait Finish<V> {
    /// Remembers the value, and gives it back.
    fn finish(&mut self, value: V) -> V;
}

impl<'m, K: Eq, V: Clone> Enter for &'m Memo<K, V> {
    type Key = K;
    type Value = V;
    type Turn = Turn<'m, K, V>;

    #[inline]
    fn enter<Q: Lookup<K>>(self, query: &Q) -> Result<V, Self::Turn> {
        Memo::enter(self, query)
    }

    #[inline]
    fn enter_alone<Q: Lookup<K>>(self, query: &Q) -> Result<V, Self::Turn> {
        Memo::enter_alone(self, query)
    }

    fn info(self) -> CacheInfo {
        Memo::info(self)
    }

    fn clear(self) {
        Memo::clear(self);
    }

    fn parameters(self) -> CacheParameters {
        Memo::parameters(self)
    }

    fn invalidate<Q: Lookup<K>>(self, query: &Q) -> bool {
        self.forget(query)
    }
}

impl<K: Eq, V: Clone> Finish<V> for Turn<'_, K, V> {
    fn finish(&mut self, value: V) -> V {
        Turn::finish(self, value)
    }
}

/// A turn, with the memo that it is of.
#[derive(Debug)]
pub struct Within<M, K> {
    memo: M,
    turn: LocalTurn<K>,
}

impl<'m, K: Eq, V: Clone> Enter for &'m LocalMemo<K, V> {
    type Key = K;
    type Value = V;
    type Turn = Within<&'m LocalMemo<K, V>, K>;

    #[inline]
    fn enter<Q: Lookup<K>>(self, query: &Q) -> Result<V, Self::Turn> {
        LocalMemo::enter(self, query).map_err(|turn| Within { memo: self, turn })
    }

    #[inline]
    fn enter_alone<Q: Lookup<K>>(self, query: &Q) -> Result<V, Self::Turn> {
        Enter::enter(self, query)
    }

    fn info(self) -> CacheInfo {
        LocalMemo::info(self)
    }

    fn clear(self) {
        LocalMemo::clear(self);
    }

    fn parameters(self) -> CacheParameters {
        LocalMemo::parameters(self)
    }

    fn invalidate<Q: Lookup<K>>(self, query: &Q) -> bool {
        self.forget(query)
    }
}

impl<K: Eq, V: Clone> Finish<V> for Within<&LocalMemo<K, V>, K> {
    fn finish(&mut self, value: V) -> V {
        self.memo.finish(&mut self.turn, value)
    }
}

/// Where each thread has its memo. A thread that is ending, and has lost its own, computes.
pub type PerThread<K, V> = LocalKey<LocalMemo<K, V>>;

impl<K: Eq + 'static, V: Clone + 'static> Enter for &'static PerThread<K, V> {
    type Key = K;
    type Value = V;
    type Turn = Option<Within<Self, K>>;

    #[inline]
    fn enter<Q: Lookup<K>>(self, query: &Q) -> Result<V, Self::Turn> {
        match self.try_with(|memo| memo.enter(query)) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(turn)) => Err(Some(Within { memo: self, turn })),
            Err(_) => Err(None),
        }
    }

    #[inline]
    fn enter_alone<Q: Lookup<K>>(self, query: &Q) -> Result<V, Self::Turn> {
        Enter::enter(self, query)
    }

    fn info(self) -> CacheInfo {
        self.try_with(LocalMemo::info).unwrap_or_default()
    }

    fn clear(self) {
        // Without a memo there is nothing to forget.
        let _ = self.try_with(LocalMemo::clear);
    }

    fn parameters(self) -> CacheParameters {
        let parameters = self.try_with(LocalMemo::parameters);
        parameters.unwrap_or_else(|_| Memo::<K, V>::builder().build_local().parameters())
    }

    fn invalidate<Q: Lookup<K>>(self, query: &Q) -> bool {
        self.try_with(|memo| memo.forget(query)).unwrap_or(false)
    }
}

impl<K: Eq + 'static, V: Clone + 'static> Finish<V>
    for Option<Within<&'static PerThread<K, V>, K>>
{
    #[inline]
    fn finish(&mut self, value: V) -> V {
        let Some(Within { memo, turn }) = self else { return value };
        // What a thread has stored does not end while a function runs that has seen it.
        memo.with(|memo| memo.finish(turn, value))
    }
}

/// This thread's memo of a generic function, for one set of its type parameters; or none where the thread
/// is ending.
#[derive(Debug)]
pub struct OfThread<K, V>(Option<Rc<LocalMemo<K, V>>>);

impl<K, V> OfThread<K, V> {
    /// From what a thread's storage gives.
    #[inline]
    #[must_use]
    pub fn new(memo: Result<Rc<LocalMemo<K, V>>, AccessError>) -> Self {
        Self(memo.ok())
    }
}

impl<K: Eq, V: Clone> Enter for OfThread<K, V> {
    type Key = K;
    type Value = V;
    type Turn = Option<Within<Rc<LocalMemo<K, V>>, K>>;

    #[inline]
    fn enter<Q: Lookup<K>>(self, query: &Q) -> Result<V, Self::Turn> {
        let Some(memo) = self.0 else { return Err(None) };
        memo.enter(query).map_err(|turn| Some(Within { memo, turn }))
    }

    #[inline]
    fn enter_alone<Q: Lookup<K>>(self, query: &Q) -> Result<V, Self::Turn> {
        Enter::enter(self, query)
    }

    fn info(self) -> CacheInfo {
        self.0.map_or_else(CacheInfo::default, |memo| memo.info())
    }

    fn clear(self) {
        self.0.iter().for_each(|memo| memo.clear());
    }

    fn parameters(self) -> CacheParameters {
        self.0.map_or_else(
            || Memo::<K, V>::builder().build_local().parameters(),
            |memo| memo.parameters(),
        )
    }

    fn invalidate<Q: Lookup<K>>(self, query: &Q) -> bool {
        self.0.is_some_and(|memo| memo.forget(query))
    }
}

impl<K: Eq, V: Clone> Finish<V> for Option<Within<Rc<LocalMemo<K, V>>, K>> {
    fn finish(&mut self, value: V) -> V {
        match self {
            Some(Within { memo, turn }) => memo.finish(turn, value),
            None => value,
        }
    }
}
