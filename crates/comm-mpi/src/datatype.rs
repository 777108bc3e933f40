//! How elements are called in MPI.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::c_int;

use mpi::ffi::{self, MPI_Datatype};
use tenfold_comm::{ErrorKind, Layout, Primitive, Result};

use crate::code::check;

/// The datatypes that were made, by the bytes of an element.
#[derive(Debug, Default)]
pub(crate) struct Datatypes(RefCell<HashMap<usize, MPI_Datatype>>);

/// So many of one datatype.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements {
    pub(crate) count: c_int,
    pub(crate) datatype: MPI_Datatype,
}

impl Datatypes {
    /// `count` elements of a layout. Those that are no primitives go as bytes, what lies between fields too.
    pub(crate) fn elements(&self, value: usize, layout: Layout) -> Result<Elements> {
        let datatype = match layout.primitive() {
            Some(primitive) => of_primitive(primitive),
            None => self.of_bytes(layout.bytes())?,
        };
        Ok(Elements { count: counted(value)?, datatype })
    }

    /// `count` elements of so many bytes each.
    pub(crate) fn bytes(&self, count: usize, each: usize) -> Result<Elements> {
        Ok(Elements { count: counted(count)?, datatype: self.of_bytes(each)? })
    }

    fn of_bytes(&self, value: usize) -> Result<MPI_Datatype> {
        if let Some(&datatype) = self.0.borrow().get(&value) {
            return Ok(datatype);
        }
        let must = "at most 2147483647 bytes for one element";
        let large = ErrorKind::Value { argument: "size", value, must };
        let bytes = c_int::try_from(value).map_err(|_| large)?;
        let byte = of_primitive(Primitive::Unknown);
        let mut datatype = byte;
        // SAFETY: MPI is at work, as this belongs to its session; it writes one handle.
        let code = unsafe { ffi::MPI_Type_contiguous(bytes, byte, &raw mut datatype) };
        check("MPI_Type_contiguous", code)?;
        // SAFETY: the handle that was just made.
        check("MPI_Type_commit", unsafe { ffi::MPI_Type_commit(&raw mut datatype) })?;
        self.0.borrow_mut().insert(value, datatype);
        Ok(datatype)
    }

    /// To be called before MPI ends, when nothing is under way.
    pub(crate) fn free(&self) {
        for (_, mut datatype) in self.0.take() {
            // SAFETY: a handle that `of_bytes` has made, and that nobody frees but here.
            unsafe { ffi::MPI_Type_free(&raw mut datatype) };
        }
    }
}

/// A count, as MPI has it.
fn counted(value: usize) -> Result<c_int> {
    let must = "at most 2147483647 in one message";
    let many = ErrorKind::Value { argument: "count", value, must };
    c_int::try_from(value).map_err(|_| many.into())
}

/// What MPI calls a primitive. Those that it has no name for are bytes.
pub(crate) fn of_primitive(primitive: Primitive) -> MPI_Datatype {
    // SAFETY: constants, which MPI sets before it is started.
    unsafe {
        match primitive {
            Primitive::I8 => ffi::RSMPI_INT8_T,
            Primitive::I16 => ffi::RSMPI_INT16_T,
            Primitive::I32 => ffi::RSMPI_INT32_T,
            Primitive::I64 | Primitive::Isize => ffi::RSMPI_INT64_T,
            Primitive::U16 => ffi::RSMPI_UINT16_T,
            Primitive::U32 => ffi::RSMPI_UINT32_T,
            Primitive::U64 | Primitive::Usize => ffi::RSMPI_UINT64_T,
            Primitive::F32 => ffi::RSMPI_FLOAT,
            Primitive::F64 => ffi::RSMPI_DOUBLE,
            _ => ffi::RSMPI_UINT8_T,
        }
    }
}

/// MPI has no numbers of a pointer's size: they are those of 64 bits.
const _: () = assert!(size_of::<usize>() == 8, "tenfold-comm-mpi is for machines of 64 bits");
