//! What was declared, shared by all that was made of it.

use std::sync::Arc;

use tenfold_cdecl::{Type, Unit};

use crate::error::Result;

/// Declarations in C. Copies are cheap, and what is added to one is not added to the others. A [`Type`]
/// of a copy is the same type in all that were made from it later.
///
/// # Examples
///
/// ```
/// use tenfold_ffi::Declarations;
///
/// let declarations = Declarations::parse("typedef struct { double x, y; } point;")?;
/// assert!(declarations.unit().typedef("point").is_some());
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Declarations(Arc<Unit>);

impl Declarations {
    /// Reads declarations, for the machine that this runs on.
    ///
    /// # Errors
    ///
    /// [`Declaration`](crate::ErrorKind::Declaration) with the first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(Self(Arc::new(tenfold_cdecl::parse(text)?)))
    }

    /// None yet.
    pub(crate) fn empty() -> Self {
        Self(Arc::new(tenfold_cdecl::Options::new().unit()))
    }

    /// Adds declarations, which may use those that are here. After an error nothing has changed.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn extend(&mut self, text: &str) -> Result<()> {
        Ok(Arc::make_mut(&mut self.0).extend(text)?)
    }

    /// Reads a type, such as `struct point *` or `int[10]`.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_type(&mut self, text: &str) -> Result<Type> {
        Ok(Arc::make_mut(&mut self.0).parse_type(text)?)
    }

    /// All that was read, for questions.
    #[must_use]
    pub fn unit(&self) -> &Unit {
        &self.0
    }
}
