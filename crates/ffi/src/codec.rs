//! Values from the bytes of an object, and into them.

use tenfold_cdecl::{Integer, TypeKind, Unit};

use crate::arg::{Arg, Given, Misfit, unsigned, words};
use crate::bits::Bits;
use crate::data::Data;
use crate::declarations::Declarations;
use crate::error::{Error, ErrorKind, Result};
use crate::layout;
use crate::number::{Whole, bounds};
use crate::scalar::Scalar;
use crate::spot::Spot;
use crate::value::Value;

/// Reads what lies in the bytes of a part of an object.
pub(crate) fn decode(declarations: &Declarations, spot: &Spot, bytes: &[u8]) -> Result<Value> {
    let unit = declarations.unit();
    if spot.is_run {
        let message = format!("`{}` is many values, not one", spot.spell(unit));
        return Err(Error::new(ErrorKind::ValueType, message));
    }
    match (spot.bits, unit.resolved_kind(spot.ty)) {
        (Some(bits), _) => bit_field(unit, spot, bits, bytes),
        (None, TypeKind::Void) => Ok(Value::Void),
        (None, TypeKind::Record(_) | TypeKind::Array { .. }) => {
            let copy = Data::copied(declarations, spot.ty, bytes, spot.tail)?;
            Ok(Value::Data(Box::new(copy)))
        }
        _ => {
            room(unit, spot, bytes)?;
            // SAFETY: the bytes are those of an object of the type, and `room` has counted them.
            unsafe { Value::read(declarations, spot.ty, bytes.as_ptr()) }
        }
    }
}

/// That as many bytes are there as the type has.
fn room(unit: &Unit, spot: &Spot, bytes: &[u8]) -> Result<()> {
    let (size, _) = layout::of(unit, spot.ty)?;
    if bytes.len() >= size {
        return Ok(());
    }
    let (spelled, given) = (spot.spell(unit), bytes.len());
    let message = format!("`{spelled}` has {size} bytes, and {given} are left of the object");
    Err(Error::new(ErrorKind::Index, message))
}

/// The integer that a bit-field is of, and whether it has a sign.
fn bit_type(unit: &Unit, spot: &Spot) -> Result<(Scalar, bool)> {
    if cfg!(target_endian = "big") {
        let message = "bit-fields are known on little-endian machines alone";
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    let scalar = Scalar::of(unit, spot.ty).ok_or_else(|| layout::partial(unit, spot.ty))?;
    Ok((scalar, scalar.is_signed()))
}

fn bit_field(unit: &Unit, spot: &Spot, bits: Bits, bytes: &[u8]) -> Result<Value> {
    let (scalar, is_signed) = bit_type(unit, spot)?;
    Ok(Value::from_words(scalar, words(bits.integer(bytes, is_signed))))
}

/// Writes a value into the bytes of a part of an object. Nothing is written after an error.
pub(crate) fn encode(
    declarations: &Declarations,
    spot: &Spot,
    into: &mut [u8],
    value: &Arg<'_>,
) -> Result<()> {
    let unit = declarations.unit();
    let misfit = |misfit| refused(unit, spot, value, misfit);
    if spot.is_run {
        return Err(misfit(Misfit::Type));
    }
    if let Some(bits) = spot.bits {
        return put_bits(unit, spot, bits, into, value);
    }
    match (&value.0, unit.resolved_kind(spot.ty)) {
        // A `char` is a byte to most, whatever sign it has.
        (Given::Int(128..=255), TypeKind::Integer(Integer::Char)) => {
            let [byte, ..] = value.convert(Scalar::U8).map_err(misfit)?[0].to_le_bytes();
            into[0] = byte;
            Ok(())
        }
        // The padding of Rust's records is not initialised, and all bytes here are.
        (Given::Memory { .. }, kind) if !matches!(kind, TypeKind::Pointer(_)) => {
            Err(misfit(Misfit::Type))
        }
        // Never its address, which `View::address` is for: it may be gone before the pointer is.
        (Given::Data { data, .. }, _) => put_data(unit, spot, into, data),
        (_, TypeKind::Void | TypeKind::Array { .. }) => Err(misfit(Misfit::Type)),
        _ => {
            room(unit, spot, into)?;
            // SAFETY: the bytes are those of an object of the type, `room` has counted them, and they are
            // borrowed for writing.
            unsafe { value.store(unit, spot.ty, into.as_mut_ptr()) }.map_err(misfit)
        }
    }
}

fn put_bits(unit: &Unit, spot: &Spot, bits: Bits, into: &mut [u8], value: &Arg<'_>) -> Result<()> {
    let misfit = |misfit| refused(unit, spot, value, misfit);
    let (scalar, is_signed) = bit_type(unit, spot)?;
    let raw = unsigned(value.convert(scalar).map_err(misfit)?);
    // The words hold the sign up to their end.
    let whole = if is_signed { Whole::signed(raw.cast_signed()) } else { Whole::Natural(raw) };
    if !whole.fits(bits.width, is_signed) {
        return Err(misfit(Misfit::Range));
    }
    bits.put(into, raw);
    Ok(())
}

/// Types of different declarations are the same if C writes them the same and they have one size.
fn put_data(unit: &Unit, spot: &Spot, into: &mut [u8], data: &Data) -> Result<()> {
    let wanted = unit.spell(unit.resolve(spot.ty).unqualified());
    let own = data.declarations().unit();
    let given = own.spell(own.resolve(data.ty()).unqualified());
    if wanted != given || data.size() != into.len() {
        let (bytes, size) = (data.size(), into.len());
        let message = format!("`{given}` of {bytes} bytes is no `{wanted}` of {size} bytes");
        return Err(Error::new(ErrorKind::ValueType, message));
    }
    into.copy_from_slice(data.bytes());
    Ok(())
}

/// Why a value does not go there.
fn refused(unit: &Unit, spot: &Spot, value: &Arg<'_>, misfit: Misfit) -> Error {
    let spelled = spot.spell(unit);
    let (kind, message) = match misfit {
        Misfit::Type => {
            let given = value.type_name();
            (ErrorKind::ValueType, format!("{given} goes into no `{spelled}`"))
        }
        Misfit::ReadOnly => {
            let given = value.type_name();
            let message = format!("{given} may only be read, and `{spelled}` lets C write there");
            (ErrorKind::ReadOnly, message)
        }
        Misfit::Null => (ErrorKind::Null, format!("a null pointer goes into no `{spelled}`")),
        Misfit::Range => (ErrorKind::OutOfRange, out_of_range(unit, spot, value)),
    };
    Error::new(kind, message)
}

fn out_of_range(unit: &Unit, spot: &Spot, value: &Arg<'_>) -> String {
    let spelled = spot.spell(unit);
    let integer = Scalar::of(unit, spot.ty).and_then(|scalar| Some((scalar.width()?, scalar)));
    let Some((width, scalar)) = integer else {
        return format!("`{spelled}` does not hold {value:?} exactly");
    };
    let width = spot.bits.map_or(width, |bits| bits.width);
    let (least, most) = bounds(width, scalar.is_signed());
    let many = spot.bits.map_or(String::new(), |bits| format!(" of {} bits", bits.width));
    format!("{value:?} is outside `{spelled}`{many}, which holds {least} to {most}")
}
