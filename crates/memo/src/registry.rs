//! The memos of a generic function, one for each set of its type parameters: a static within a generic
//! function is one for all of them.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use parking_lot::RwLock;

use crate::local::LocalMemo;
use crate::memo::Memo;

/// Memos for all threads. There are as many as the program has sets of type parameters, and they stay,
/// as statics do.
pub struct Registry {
    memos: RwLock<HashMap<TypeId, &'static (dyn Any + Send + Sync), FixedState>>,
}

impl Registry {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self { memos: RwLock::new(HashMap::with_hasher(FixedState::with_seed(0))) }
    }

    /// The memo of a set of type parameters, which `Tag` stands for.
    #[inline]
    pub fn get<Tag: 'static, K, V>(&self, make: impl FnOnce() -> Memo<K, V>) -> &'static Memo<K, V>
    where
        K: Send + 'static,
        V: Send + 'static,
    {
        // The key and the value are part of it, so that whatever is found has the right type.
        let id = TypeId::of::<(Tag, K, V)>();
        let known = self.memos.read().get(&id).copied();
        match known.and_then(<dyn Any + Send + Sync>::downcast_ref) {
            Some(memo) => memo,
            None => self.add(id, make()),
        }
    }

    #[cold]
    fn add<K, V>(&self, id: TypeId, memo: Memo<K, V>) -> &'static Memo<K, V>
    where
        K: Send + 'static,
        V: Send + 'static,
    {
        let mut memos = self.memos.write();
        // Another thread may have been here first.
        if let Some(memo) = memos.get(&id).and_then(|memo| memo.downcast_ref()) {
            return memo;
        }
        let memo: &'static Memo<K, V> = Box::leak(Box::new(memo));
        memos.insert(id, memo);
        memo
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Registry of {} memos", self.memos.read().len())
    }
}

/// Memos for one thread.
#[derive(Default)]
pub struct LocalRegistry {
    memos: RefCell<HashMap<TypeId, Rc<dyn Any>, FixedState>>,
}

impl LocalRegistry {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self { memos: RefCell::new(HashMap::with_hasher(FixedState::with_seed(0))) }
    }

    /// The memo of a set of type parameters, which `Tag` stands for.
    pub fn get<Tag: 'static, K: 'static, V: 'static>(
        &self,
        make: impl FnOnce() -> LocalMemo<K, V>,
    ) -> Rc<LocalMemo<K, V>> {
        let id = TypeId::of::<(Tag, K, V)>();
        let known = self.memos.borrow().get(&id).cloned();
        if let Some(memo) = known.and_then(|memo| memo.downcast().ok()) {
            return memo;
        }
        let memo = Rc::new(make());
        self.memos.borrow_mut().insert(id, Rc::<LocalMemo<K, V>>::clone(&memo));
        memo
    }
}

impl fmt::Debug for LocalRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocalRegistry of {} memos", self.memos.borrow().len())
    }
}

/// A const parameter, as a type.
#[derive(Debug, Clone, Copy)]
pub struct Number<const N: usize>;
