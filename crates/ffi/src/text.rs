//! Texts in memory of C: CFFI's `ffi.string`.

use std::ffi::{CStr, CString};

use tenfold_cdecl::{Enumerator, Integer, TypeKind};

use crate::error::{Error, ErrorKind, Result};
use crate::number::Number;
use crate::value::Pointer;
use crate::view::View;

/// How many bytes the characters of a text have: 1, 2 or 4.
pub(crate) fn unit_bytes(view: &View<'_>) -> Result<usize> {
    let unit = view.declarations().unit();
    let refused = || {
        let message = format!("`{}` is no array of characters", view.spell());
        Error::new(ErrorKind::ValueType, message)
    };
    let (element, _) = view.spot().elements(unit).map_err(|_| refused())?;
    match unit.resolved_kind(element) {
        TypeKind::Integer(Integer::Char | Integer::SignedChar | Integer::UnsignedChar) => Ok(1),
        // Wide characters are told from numbers by their name alone, which others may have taken.
        TypeKind::Integer(integer) => match (&*unit.spell(element.unqualified()), integer.size()) {
            ("wchar_t" | "char32_t", 4) => Ok(4),
            ("wchar_t" | "char16_t", 2) => Ok(2),
            _ => Err(refused()),
        },
        _ => Err(refused()),
    }
}

impl View<'_> {
    /// The text in an array of `char`, up to the first zero or the end of the array.
    ///
    /// # Errors
    ///
    /// [`ValueType`](ErrorKind::ValueType) if it is none.
    ///
    /// # Examples
    ///
    /// See [`Store`](crate::Store).
    pub fn string(&self) -> Result<CString> {
        match unit_bytes(self)? {
            1 => Ok(owned(self.bytes())),
            _ => {
                let message = format!("`{}` has wide characters", self.spell());
                Err(Error::new(ErrorKind::ValueType, message))
            }
        }
    }

    /// The text in an array of `wchar_t`, `char16_t` or `char32_t`, up to the first zero or the end of the
    /// array.
    ///
    /// # Errors
    ///
    /// [`ValueType`](ErrorKind::ValueType) if it is none, or if what is there is no Unicode.
    ///
    /// # Examples
    ///
    /// ```
    /// let declarations = tenfold_ffi::Declarations::parse("struct s { wchar_t title[8]; };")?;
    /// let mut s = declarations.new("struct s")?;
    /// s.set("title", "Wärme")?;
    /// assert_eq!(s.field("title")?.wide_string()?, "Wärme");
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn wide_string(&self) -> Result<String> {
        let refused = || {
            let message = format!("the characters in `{}` are no Unicode", self.spell());
            Error::new(ErrorKind::ValueType, message)
        };
        match unit_bytes(self)? {
            2 => {
                let (all, _) = self.bytes().as_chunks::<2>();
                let all = all.iter().map(|two| u16::from_ne_bytes(*two));
                let all = char::decode_utf16(all.take_while(|one| *one != 0));
                all.collect::<Result<_, _>>().map_err(|error| refused().because(error))
            }
            4 => {
                let (all, _) = self.bytes().as_chunks::<4>();
                let all = all.iter().map(|four| u32::from_ne_bytes(*four));
                let all = all.take_while(|one| *one != 0);
                all.map(char::from_u32).collect::<Option<String>>().ok_or_else(refused)
            }
            _ => {
                let message = format!("`{}` has no wide characters", self.spell());
                Err(Error::new(ErrorKind::ValueType, message))
            }
        }
    }

    /// The name of the constant that an enumeration has here: the first of that value.
    ///
    /// # Errors
    ///
    /// [`ValueType`](ErrorKind::ValueType) if it is no enumeration, [`OutOfRange`](ErrorKind::OutOfRange)
    /// if no constant has the value.
    ///
    /// # Examples
    ///
    /// ```
    /// let declarations = tenfold_ffi::Declarations::parse("enum shape { CIRCLE, SQUARE = 4 };")?;
    /// let mut shape = declarations.new("enum shape")?;
    /// shape.view_mut().store("SQUARE")?;
    /// assert_eq!(shape.view().enumerator()?, "SQUARE");
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn enumerator(&self) -> Result<String> {
        let unit = self.declarations().unit();
        let TypeKind::Enum(id) = *unit.resolved_kind(self.ty()) else {
            let message = format!("`{}` is no enumeration", self.spell());
            return Err(Error::new(ErrorKind::ValueType, message));
        };
        let value = self.value()?;
        let same = |one: &&Enumerator| {
            one.value.is_some_and(|known| Number::of(&known.into()) == Number::of(&value))
        };
        let found = unit.enum_by_id(id).enumerators.iter().find(same);
        found.map(|one| one.name.to_string()).ok_or_else(|| {
            let message = format!("no constant of `{}` is {value}", self.spell());
            Error::new(ErrorKind::OutOfRange, message)
        })
    }
}

/// The bytes before the first zero, with one behind them.
fn owned(bytes: &[u8]) -> CString {
    let end = bytes.iter().position(|one| *one == 0).unwrap_or(bytes.len());
    CString::new(&bytes[..end]).unwrap_or_default()
}

impl Pointer {
    /// The text that begins there, up to the first zero, or at most so many bytes.
    ///
    /// # Errors
    ///
    /// [`Null`](ErrorKind::Null).
    ///
    /// # Safety
    ///
    /// The bytes up to the first zero are readable, or `most` of them are; nobody writes there meanwhile.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenfold_ffi::{Declarations, Pointer, View};
    ///
    /// let declarations = Declarations::parse("struct entry { const char *name; };")?;
    /// let mut entry = declarations.new("struct entry")?;
    /// entry.set("name", c"heat".as_ptr())?;
    /// let name = entry.field("name")?.pointer()?;
    /// // SAFETY: the literal lives for ever.
    /// assert_eq!(unsafe { name.string(None) }?, c"heat".to_owned());
    /// // SAFETY: as above.
    /// assert_eq!(unsafe { name.string(Some(2)) }?, c"he".to_owned());
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub unsafe fn string(self, most: Option<usize>) -> Result<CString> {
        if self.is_null() {
            return Err(Error::new(ErrorKind::Null, "the pointer to a text is null"));
        }
        let start = self.address().cast::<u8>();
        let Some(most) = most else {
            // SAFETY: the caller's promise.
            return Ok(unsafe { CStr::from_ptr(start.cast()) }.to_owned());
        };
        let mut bytes = Vec::new();
        for at in 0..most {
            // SAFETY: no zero came before, so that the caller promises this byte.
            let place = unsafe { start.add(at) };
            // SAFETY: as above.
            match unsafe { place.read() } {
                0 => break,
                byte => bytes.push(byte),
            }
        }
        Ok(owned(&bytes))
    }
}
