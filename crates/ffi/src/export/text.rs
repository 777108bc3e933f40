//! Texts that end with a zero.

use std::ffi::{CStr, c_char};

use super::extent::Extent;
use super::refusal::{Checked, Refusal, Status};

/// A text of C.
#[derive(Debug)]
pub struct Text {
    name: &'static str,
    address: *const c_char,
    /// With the zero.
    bytes: usize,
}

impl Text {
    /// Finds its end.
    ///
    /// # Errors
    ///
    /// NULL.
    ///
    /// # Safety
    ///
    /// What is not NULL points to a text that ends with a zero, and that nobody writes meanwhile.
    pub unsafe fn new(name: &'static str, address: *const c_char) -> Checked<Self> {
        if address.is_null() {
            return Err(Refusal::null(name));
        }
        // SAFETY: it is not null, and the caller knows that it ends.
        let text = unsafe { CStr::from_ptr(address) };
        Ok(Self { name, address, bytes: text.count_bytes() + 1 })
    }

    /// Its bytes.
    #[must_use]
    pub fn read(&self) -> Extent {
        let start = self.address.addr();
        Extent::new(self.name, start, start + self.bytes, false)
    }

    /// The text.
    ///
    /// # Safety
    ///
    /// It is there for as long as this is, and nobody writes it.
    #[must_use]
    pub unsafe fn get(&self) -> &CStr {
        // SAFETY: it is not null, and the caller knows that it is as it was.
        unsafe { CStr::from_ptr(self.address) }
    }

    /// The text, if it is UTF-8.
    ///
    /// # Errors
    ///
    /// It is not.
    ///
    /// # Safety
    ///
    /// As for [`get`](Self::get).
    pub unsafe fn str(&self) -> Checked<&str> {
        // SAFETY: as the caller promises.
        let text = unsafe { self.get() };
        text.to_str().map_err(|error| {
            let (name, at) = (self.name, error.valid_up_to());
            Refusal::new(Status::Text, format!("`{name}` is not UTF-8, from byte {at} on"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_end_and_are_utf_8() {
        // SAFETY: a literal ends, and is for ever.
        let text = unsafe { Text::new("s", c"abc".as_ptr()) }.unwrap();
        assert_eq!(text.read().bytes.end - text.read().bytes.start, 4);
        // SAFETY: as above.
        assert_eq!(unsafe { text.str() }, Ok("abc"));
        // SAFETY: as above.
        let text = unsafe { Text::new("s", c"a\xff".as_ptr()) }.unwrap();
        // SAFETY: as above.
        let refusal = unsafe { text.str() }.unwrap_err();
        assert_eq!(refusal.message, "`s` is not UTF-8, from byte 1 on");
        // SAFETY: NULL is nothing.
        let refusal = unsafe { Text::new("s", std::ptr::null()) }.unwrap_err();
        assert_eq!(refusal.status, Status::Null);
    }
}
