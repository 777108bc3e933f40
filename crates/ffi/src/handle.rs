//! Rust's values behind the `void *` that C keeps for its users.

use std::any::Any;
use std::ffi::c_void;
use std::ops::Deref;
use std::ptr;
use std::sync::{Arc, PoisonError, RwLock};

use crate::error::{Error, ErrorKind, Result};

/// A value that C knows by a `void *`: CFFI's `ffi.new_handle`. The pointer points to nothing. It is a
/// number that [`from_ptr`](Self::from_ptr) looks up, so that a wrong one is an error: that of a handle
/// which was dropped, of another type, or one that never was a handle's.
///
/// # Examples
///
/// ```
/// use tenfold_ffi::{ErrorKind, Handle};
///
/// let handle = Handle::new(String::from("user data"))?;
/// let pointer = handle.as_ptr();
/// assert_eq!(*Handle::<String>::from_ptr(pointer)?, "user data");
/// assert_eq!(Handle::<Vec<u8>>::from_ptr(pointer).unwrap_err().kind(), ErrorKind::ValueType);
/// drop(handle);
/// assert_eq!(Handle::<String>::from_ptr(pointer).unwrap_err().kind(), ErrorKind::Handle);
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "it is forgotten at once"]
pub struct Handle<T> {
    key: u64,
    address: usize,
    value: Arc<T>,
}

type Erased = Arc<dyn Any + Send + Sync>;

/// What one number of a place stands for.
#[derive(Debug, Default)]
struct Entry {
    /// How often the place was given back. A place whose count is full is left.
    generation: u32,
    value: Option<Erased>,
}

#[derive(Debug)]
struct Registry {
    entries: Vec<Entry>,
    free: Vec<u32>,
}

static REGISTRY: RwLock<Registry> = RwLock::new(Registry { entries: Vec::new(), free: Vec::new() });

/// How often a place is given away.
const GENERATIONS: u32 = 1 << 31;

/// A place and how often it was given away, as one number: odd, and in the half of the address space that
/// belongs to the kernel, so that it is the address of nothing of the program's.
fn key(place: u32, generation: u32) -> u64 {
    1 << 63 | u64::from(generation) << 32 | u64::from(place) << 1 | 1
}

/// The place in a number.
fn place(key: u64) -> u32 {
    u32::try_from((key & 0xffff_ffff) >> 1).unwrap_or(u32::MAX)
}

impl Registry {
    fn insert(&mut self, value: Erased) -> Option<u64> {
        let place = match self.free.pop() {
            Some(place) => place,
            None => {
                let place = u32::try_from(self.entries.len()).ok().filter(|at| *at < 1 << 31)?;
                self.entries.push(Entry::default());
                place
            }
        };
        let entry = self.entries.get_mut(place as usize)?;
        entry.value = Some(value);
        Some(key(place, entry.generation))
    }

    fn find(&self, wanted: u64) -> Option<&Erased> {
        let entry = self.entries.get(place(wanted) as usize)?;
        entry.value.as_ref().filter(|_| key(place(wanted), entry.generation) == wanted)
    }

    /// What was there, to be dropped when nobody holds the lock.
    fn remove(&mut self, wanted: u64) -> Option<Erased> {
        self.find(wanted)?;
        let entry = self.entries.get_mut(place(wanted) as usize)?;
        entry.generation += 1;
        if entry.generation < GENERATIONS {
            self.free.push(place(wanted));
        }
        entry.value.take()
    }
}

impl<T: Any + Send + Sync> Handle<T> {
    /// Takes a value in. C may ask for it from any thread.
    ///
    /// # Errors
    ///
    /// [`Exhausted`](ErrorKind::Exhausted) if there are 2³¹ handles,
    /// [`Unsupported`](ErrorKind::Unsupported) where pointers have fewer than 64 bits.
    ///
    /// # Examples
    ///
    /// See [`Handle`].
    pub fn new(value: T) -> Result<Self> {
        let value = Arc::new(value);
        let mut registry = REGISTRY.write().unwrap_or_else(PoisonError::into_inner);
        let key = registry.insert(Arc::<T>::clone(&value)).ok_or_else(|| {
            Error::new(ErrorKind::Exhausted, "there are 2147483648 handles, and no more")
        })?;
        let address = usize::try_from(key).map_err(|_| {
            registry.remove(key);
            Error::new(ErrorKind::Unsupported, "handles need pointers of 64 bits")
        })?;
        Ok(Self { key, address, value })
    }

    /// The value of a pointer that is some handle's. The value lives at least as long as what is returned.
    ///
    /// # Errors
    ///
    /// [`Null`](ErrorKind::Null), [`Handle`](ErrorKind::Handle) if the handle was dropped or there never
    /// was one, [`ValueType`](ErrorKind::ValueType) if its value is no `T`.
    ///
    /// # Examples
    ///
    /// See [`Handle`].
    pub fn from_ptr(pointer: *const c_void) -> Result<Arc<T>> {
        if pointer.is_null() {
            return Err(Error::new(ErrorKind::Null, "the pointer of a handle is null"));
        }
        let registry = REGISTRY.read().unwrap_or_else(PoisonError::into_inner);
        let found = registry.find(pointer.addr() as u64).cloned();
        drop(registry);
        let found = found.ok_or_else(|| {
            let message = format!("{pointer:p} is the pointer of no handle that lives");
            Error::new(ErrorKind::Handle, message)
        })?;
        found.downcast().map_err(|_| {
            let asked = std::any::type_name::<T>();
            let message =
                format!("the handle {pointer:p} has a value of another type than `{asked}`");
            Error::new(ErrorKind::ValueType, message)
        })
    }
}

impl<T> Handle<T> {
    /// The pointer, for C to keep and to give back.
    #[must_use]
    pub fn as_ptr(&self) -> *mut c_void {
        ptr::without_provenance_mut(self.address)
    }
}

impl<T> Deref for Handle<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        let mut registry = REGISTRY.write().unwrap_or_else(PoisonError::into_inner);
        let value = registry.remove(self.key);
        // The value's own drop may make or drop handles.
        drop(registry);
        drop(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_away_again_under_another_number() {
        let one = Handle::new(1).unwrap();
        let stale = one.as_ptr();
        drop(one);
        let many: Vec<_> = (0..100_usize).map(|at| Handle::new(at).unwrap()).collect();
        for (at, handle) in many.iter().enumerate() {
            assert_ne!(handle.as_ptr(), stale);
            assert_eq!(*Handle::<usize>::from_ptr(handle.as_ptr()).unwrap(), at);
        }
        assert_eq!(Handle::<i32>::from_ptr(stale).unwrap_err().kind(), ErrorKind::Handle);
    }

    #[test]
    fn a_full_count_is_not_used_again() {
        let mut registry = Registry { entries: Vec::new(), free: Vec::new() };
        registry.entries.push(Entry { generation: GENERATIONS - 1, value: None });
        registry.free.push(0);
        let key = registry.insert(Arc::new(1)).unwrap();
        assert!(registry.remove(key).is_some());
        assert!(registry.free.is_empty());
        assert!(registry.remove(key).is_none());
    }

    #[test]
    fn a_value_may_drop_handles() {
        let inner = Handle::new(1).unwrap();
        drop(Handle::new(inner).unwrap());
    }
}
