//! What says a type: its text, or its number.

use tenfold_cdecl::Type;

use crate::declarations::Declarations;
use crate::error::Result;

/// A type of C: `&str` as C writes it, such as `struct point[10]`, or a [`Type`] of the declarations.
///
/// A name alone is looked up. Any other text is read into a copy of the declarations, which what is made
/// of it keeps; where that is too slow, ask [`Declarations::parse_type`] once.
pub trait ToType {
    /// The type, and the declarations that have it.
    ///
    /// # Errors
    ///
    /// [`Declaration`](crate::ErrorKind::Declaration) if the text is no type.
    fn to_type(&self, declarations: &Declarations) -> Result<(Declarations, Type)>;
}

impl ToType for Type {
    fn to_type(&self, declarations: &Declarations) -> Result<(Declarations, Type)> {
        Ok((declarations.clone(), *self))
    }
}

impl ToType for &str {
    fn to_type(&self, declarations: &Declarations) -> Result<(Declarations, Type)> {
        let unit = declarations.unit();
        let text = self.trim();
        let is_tagged = text.starts_with("struct ") || text.starts_with("union ");
        let known = match is_tagged {
            true => unit.record(text).map(tenfold_cdecl::Record::ty),
            false => unit.typedef(text).map(tenfold_cdecl::Typedef::named),
        };
        if let Some(ty) = known {
            return Ok((declarations.clone(), ty));
        }
        let mut extended = declarations.clone();
        let ty = extended.parse_type(text)?;
        Ok((extended, ty))
    }
}
