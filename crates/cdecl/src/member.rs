//! Fields by name, those of anonymous members included.

use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::nearest;
use crate::types::{RecordId, Type, TypeKind};
use crate::unit::Unit;

/// A field of a record, or of an anonymous member in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// Its type.
    pub ty: Type,
    /// Its first bit, from the begin of the record that was asked; `None` where only a compiler
    /// knows.
    pub bit_offset: Option<u64>,
    /// The number of bits of a bit-field.
    pub width: Option<u32>,
}

impl Unit {
    /// A field by its name, as `.name` finds it.
    ///
    /// # Errors
    ///
    /// [`InvalidType`](ErrorKind::InvalidType) if the type is no record,
    /// [`UnknownName`](ErrorKind::UnknownName) if it has no such field.
    ///
    /// # Examples
    ///
    /// ```
    /// let unit = tenfold_cdecl::parse("struct s { int tag; union { float f; long i; }; };")?;
    /// let member = unit.member(unit.record("s").unwrap().ty(), "i")?;
    /// assert_eq!(member.bit_offset, Some(64));
    /// # Ok::<(), tenfold_cdecl::Error>(())
    /// ```
    pub fn member(&self, ty: Type, name: &str) -> Result<Member, Error> {
        let TypeKind::Record(id) = *self.resolved_kind(ty) else {
            let message = format!("`{}` has no fields", self.shown(ty));
            return Err(Error::new(ErrorKind::InvalidType, message));
        };
        self.find_member(id, name).ok_or_else(|| {
            let mut names = Vec::new();
            self.member_names(id, &mut names);
            let near = nearest::question(name, names.iter().map(|name| &**name));
            let message = format!("`{}` has no field `{name}`{near}", self.shown(ty));
            Error::new(ErrorKind::UnknownName, message)
        })
    }

    /// Anonymous members nest no deeper than the parser lets records nest.
    fn find_member(&self, id: RecordId, name: &str) -> Option<Member> {
        let record = self.record_by_id(id);
        for (at, field) in record.fields.iter().enumerate() {
            let layout = record.layout.as_ref().and_then(|layout| layout.fields().get(at));
            let bit_offset = layout.map(|layout| layout.bit_offset());
            if field.name.as_deref() == Some(name) {
                return Some(Member { ty: field.ty, bit_offset, width: field.width });
            }
            let TypeKind::Record(inner) = *self.kind(field.ty) else { continue };
            if field.name.is_none()
                && let Some(found) = self.find_member(inner, name)
            {
                let sum = bit_offset.zip(found.bit_offset).map(|(outer, inner)| outer + inner);
                return Some(Member { bit_offset: sum, ..found });
            }
        }
        None
    }

    /// All names of fields, those of anonymous members included.
    pub(crate) fn member_names(&self, id: RecordId, into: &mut Vec<Arc<str>>) {
        for field in &self.record_by_id(id).fields {
            match (&field.name, self.kind(field.ty)) {
                (Some(name), _) => into.push(name.clone()),
                (None, TypeKind::Record(inner)) => self.member_names(*inner, into),
                _ => {}
            }
        }
    }
}
