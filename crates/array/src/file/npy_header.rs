//! What an npy file says of its array.
//!
//! The format is that of NumPy's `numpy.lib.format`: a magic string, a version, the length of a header, and
//! the header, a literal of Python such as `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`.

use std::fmt::Write as _;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use super::byte_order::ByteOrder;
use super::disk::Disk;
use super::fault::Fault;
use super::layout::Layout;
use super::literal::Literals;
use crate::element::{DType, Element};
use crate::error::Result;
use crate::window::Dims;

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// What NumPy aligns elements to.
const ALIGN: usize = 64;

/// NumPy has no arrays of more axes.
const MOST_AXES: usize = 64;

/// A header is never longer: that of 64 axes has some 1500 bytes.
const LONGEST: u64 = 1 << 16;

/// What an npy file says of its array: for who does not know its elements beforehand.
///
/// ```
/// use tenfold_array::{DType, NpyHeader, NpyWriter};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("a.npy");
/// NpyWriter::<f32>::create(&path, &[0, 3])?.finish()?;
///
/// let header = NpyHeader::open(&path)?;
/// assert_eq!((header.dtype(), header.shape()), (DType::F32, &[0, 3][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NpyHeader {
    dtype: DType,
    shape: Dims,
    is_fortran: bool,
    byte_order: ByteOrder,
    /// Its own bytes, with all that comes before the elements.
    bytes: u64,
}

impl NpyHeader {
    /// Reads the header of a file.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io) if the file cannot be read, [`Data`](crate::ErrorKind::Data) if it is no npy
    /// file, [`Unsupported`](crate::ErrorKind::Unsupported) if its elements are of a type that no array here has, or it has
    /// more than 64 axes.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let (disk, len) = Disk::open(path.as_ref())?;
        Self::read(&mut disk.bytes(0..len), len).map_err(|fault| fault.of(disk.subject()))
    }

    /// The type of the elements.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The lengths of the axes.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Whether the first axis lies together in the file, and not the last.
    #[must_use]
    pub fn fortran_order(&self) -> bool {
        self.is_fortran
    }

    /// The order of the bytes of an element.
    #[must_use]
    pub fn byte_order(&self) -> ByteOrder {
        self.byte_order
    }

    /// Of elements that are written here.
    pub(super) fn new(dtype: DType, shape: &[usize]) -> Self {
        let (is_fortran, byte_order) = (false, ByteOrder::Native);
        Self { dtype, shape: shape.into(), is_fortran, byte_order, bytes: 0 }
    }

    /// Where the elements lie in a part of a file that begins with the header, if they lie in it and are those of `T`.
    pub(super) fn layout<T: Element>(&self, range: Range<u64>) -> Result<Layout, Fault> {
        let mut layout = Layout::new(&self.shape, self.dtype, range.start + self.bytes)?;
        layout.is_foreign = self.byte_order.is_foreign();
        if self.is_fortran {
            layout = layout.fortran()?;
        }
        layout.check_end(range.end)?;
        if layout.dtype != T::DTYPE {
            let what = format!("has elements of {}, not of {}", layout.dtype, T::DTYPE);
            return Err(Fault::data(what));
        }
        Ok(layout)
    }

    /// Reads a header from the beginning of `len` bytes.
    pub(super) fn read(from: &mut dyn Read, len: u64) -> Result<Self, Fault> {
        let torn = |end: u64| {
            Fault::data(format!("is torn: its header takes at least {end} bytes, but it has {len}"))
        };
        let prefix = take(from, 8)?;
        let Some(version) = prefix.strip_prefix(MAGIC) else {
            let found = prefix.escape_ascii();
            return Err(Fault::data(format!("is no npy file: it begins with `{found}`")));
        };
        let width = match *version {
            [1, 0] => 2,
            [2 | 3, 0] => 4,
            [major, minor] => {
                let what = format!("has version {major}.{minor}, but 1.0, 2.0 and 3.0 are known");
                return Err(Fault::unsupported(what));
            }
            _ => return Err(torn(8)),
        };
        let begin = 8 + width;
        // Two bytes are the low ones of four.
        let mut length = take(from, width)?;
        length.resize(if length.len() as u64 == width { 4 } else { 0 }, 0);
        let Some(&length) = length.first_chunk() else { return Err(torn(begin)) };
        let length = u64::from(u32::from_le_bytes(length));
        if begin + length > len {
            return Err(torn(begin + length));
        }
        if length > LONGEST {
            let what = format!("has a header of {length} bytes, but at most {LONGEST} are read");
            return Err(Fault::unsupported(what));
        }
        Ok(Self { bytes: begin + length, ..parse(&take(from, length)?)? })
    }

    /// The header as NumPy writes it, to the byte.
    pub(super) fn encode(&self) -> Result<Vec<u8>, Fault> {
        let mut text = format!(
            "{{'descr': '{}', 'fortran_order': {}, 'shape': ",
            descr(self.dtype),
            if self.is_fortran { "True" } else { "False" }
        );
        text.push_str(&tuple(&self.shape));
        text.push_str(", }");
        if let Some(&grows) = if self.is_fortran { self.shape.last() } else { self.shape.first() } {
            // As NumPy does: so that a header can be written anew when an array grows along an axis.
            let _ = write!(text, "{:1$}", "", 21_usize.saturating_sub(grows.to_string().len()));
        }
        let begin = MAGIC.len() + 2 + 2;
        let length = (begin + text.len() + 1).next_multiple_of(ALIGN) - begin;
        let axes = self.shape.len();
        let Some(short) = u16::try_from(length).ok().filter(|_| axes <= MOST_AXES) else {
            let what = format!("cannot have {axes} axes: at most {MOST_AXES} are read");
            return Err(Fault::unsupported(what));
        };
        let mut bytes = [&MAGIC[..], &[1, 0], &short.to_le_bytes(), text.as_bytes()].concat();
        bytes.resize(begin + length - 1, b' ');
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// Reads as many bytes, or all that there are.
fn take(from: &mut dyn Read, count: u64) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    match from.take(count).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Fault::reading("cannot be read to the end of its header", error)),
    }
}

/// The dictionary of a header.
fn parse(text: &[u8]) -> Result<NpyHeader, Fault> {
    let malformed = |why| Fault::data(format!("has a header that is malformed: {why}"));
    let mut literals = Literals::new(text);
    let (mut descr, mut is_fortran, mut shape) = (None, None, None);
    literals.expect(b'{').map_err(malformed)?;
    while !literals.eat(b'}') {
        let key = literals.string().map_err(malformed)?;
        literals.expect(b':').map_err(malformed)?;
        let is_known = match key {
            b"descr" if literals.peek() == Some(b'[') => {
                let what = "has elements of several fields, which no array here has";
                return Err(Fault::unsupported(what));
            }
            b"descr" => descr.replace(literals.string().map_err(malformed)?).is_none(),
            b"fortran_order" => {
                is_fortran.replace(literals.boolean().map_err(malformed)?).is_none()
            }
            b"shape" => shape.replace(literals.tuple().map_err(malformed)?).is_none(),
            _ => false,
        };
        if !is_known {
            let key = key.escape_ascii();
            return Err(malformed(format!("key `{key}` is unknown, or there twice")));
        }
        if !literals.eat(b',') {
            literals.expect(b'}').map_err(malformed)?;
            break;
        }
    }
    literals.end().map_err(malformed)?;
    let missing = |key| malformed(format!("key `{key}` is missing"));
    let (dtype, byte_order) = elements(descr.ok_or_else(|| missing("descr"))?)?;
    let is_fortran = is_fortran.ok_or_else(|| missing("fortran_order"))?;
    let shape = shape.ok_or_else(|| missing("shape"))?;
    if shape.len() > MOST_AXES {
        let axes = shape.len();
        return Err(Fault::unsupported(format!(
            "has {axes} axes, but at most {MOST_AXES} are read"
        )));
    }
    Ok(NpyHeader { dtype, shape, is_fortran, byte_order, bytes: 0 })
}

/// The type and the byte order that a `descr` such as `<f8` means.
fn elements(descr: &[u8]) -> Result<(DType, ByteOrder), Fault> {
    let known = descr.split_first().and_then(|(order, name)| {
        let order = match order {
            b'<' => ByteOrder::Little,
            b'>' => ByteOrder::Big,
            b'=' | b'|' => ByteOrder::Native,
            _ => return None,
        };
        let (dtype, _) = NAMES.iter().find(|(_, known)| known.as_bytes() == name)?;
        Some((*dtype, order))
    });
    known.ok_or_else(|| {
        let descr = descr.escape_ascii();
        Fault::unsupported(format!("has elements of type `{descr}`, which no array here has"))
    })
}

/// NumPy's short names.
const NAMES: [(DType, &str); 13] = [
    (DType::Bool, "b1"),
    (DType::I8, "i1"),
    (DType::I16, "i2"),
    (DType::I32, "i4"),
    (DType::I64, "i8"),
    (DType::U8, "u1"),
    (DType::U16, "u2"),
    (DType::U32, "u4"),
    (DType::U64, "u8"),
    (DType::F32, "f4"),
    (DType::F64, "f8"),
    (DType::C64, "c8"),
    (DType::C128, "c16"),
];

/// The `descr` of elements as they lie in the memory of this machine.
fn descr(dtype: DType) -> String {
    let order = match dtype.bytes() {
        1 => '|',
        _ if cfg!(target_endian = "little") => '<',
        _ => '>',
    };
    let (_, name) = NAMES.iter().find(|(known, _)| *known == dtype).unwrap_or(&NAMES[0]);
    format!("{order}{name}")
}

/// A shape as Python writes it.
fn tuple(shape: &[usize]) -> String {
    match shape {
        [len] => format!("({len},)"),
        _ => {
            let lens: Vec<_> = shape.iter().map(usize::to_string).collect();
            format!("({})", lens.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Result<NpyHeader, String> {
        parse(text.as_bytes()).map_err(|fault| fault.of("it").to_string())
    }

    #[test]
    fn spellings_of_python_are_understood() {
        let same = [
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }          \n",
            "{\"shape\":(3,4),\"descr\":\"<f8\",\"fortran_order\":False}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3L, 4L), }",
            "  {'fortran_order' : False ,\n'shape' : ( 3 , 4 , ) , 'descr' : '<f8' , }\n",
        ];
        for text in same {
            let header = header(text).unwrap();
            assert_eq!((header.dtype, &header.shape[..]), (DType::F64, &[3, 4][..]), "{text}");
            assert_eq!(header.byte_order, ByteOrder::Little);
        }
        let of_shape = |shape| {
            header(&format!("{{'descr':'>c16','fortran_order':True,'shape':{shape}}}")).unwrap()
        };
        assert!(of_shape("()").shape.is_empty());
        assert_eq!(of_shape("(5,)").shape[..], [5]);
        assert!(of_shape("(0, 1)").is_fortran);
        assert_eq!(of_shape("()").byte_order, ByteOrder::Big);
    }

    #[test]
    fn every_type_has_its_name() {
        for (dtype, _) in NAMES {
            let (same, order) = elements(descr(dtype).as_bytes()).unwrap();
            assert_eq!((same, order.is_foreign()), (dtype, false));
        }
        assert_eq!(elements(b"=i4").unwrap(), (DType::I32, ByteOrder::Native));
        assert_eq!(elements(b"|u1").unwrap(), (DType::U8, ByteOrder::Native));
    }

    #[test]
    fn a_header_is_read_as_it_was_written() {
        for shape in [&[][..], &[0], &[7], &[3, 4], &[1, 0, 5, 1 << 40]] {
            let header = NpyHeader::new(DType::I16, shape);
            let bytes = header.encode().unwrap();
            assert_eq!(bytes.len() % ALIGN, 0);
            let back = NpyHeader::read(&mut &bytes[..], bytes.len() as u64).unwrap();
            assert_eq!(
                (back.dtype, back.shape(), back.bytes),
                (DType::I16, shape, bytes.len() as u64)
            );
        }
        for axes in [65, 1 << 15] {
            let too_many = NpyHeader::new(DType::I16, &vec![1; axes]).encode().unwrap_err();
            assert_eq!(
                too_many.of("file `a`").to_string(),
                format!("file `a` cannot have {axes} axes: at most 64 are read")
            );
        }
    }

    #[test]
    fn malformed_headers_say_where() {
        let rest = "'fortran_order': False, 'shape': (3,)}";
        let cases = [
            ("", "byte 0 of it is expected to be `{`, but is ``"),
            ("{'descr' '<f8'}", "byte 9 of it is expected to be `:`, but is `\\'<f8\\'}`"),
            (
                "{'descr': '<f8",
                "byte 10 of it is expected to be a string that ends, but is `\\'<f8`",
            ),
            (
                "{'descr': '\\x66'}",
                "byte 10 of it is expected to be a string without escapes, but is `\\'\\\\x66\\'}`",
            ),
            ("{'descr': f8}", "byte 10 of it is expected to be a string, but is `f8}`"),
            (
                "{'fortran_order': 1}",
                "byte 18 of it is expected to be `True` or `False`, but is `1}`",
            ),
            ("{'shape': (3)}", "byte 12 of it is expected to be `,`, but is `)}`"),
            ("{'shape': [3]}", "byte 10 of it is expected to be `(`, but is `[3]}`"),
            (
                "{'shape': (-3,)}",
                "byte 11 of it is expected to be a length that can be counted, but is `-3,)}`",
            ),
            (
                "{'shape': (99999999999999999999,)}",
                "byte 11 of it is expected to be a length that can be counted, but is `9999999999999999`",
            ),
            ("{'shape': (3,), 'shape': (3,)}", "key `shape` is unknown, or there twice"),
            ("{'other': (3,)}", "key `other` is unknown, or there twice"),
            ("{}", "key `descr` is missing"),
            ("{} x", "byte 3 of it is expected to be its end, but is `x`"),
        ];
        for (text, why) in cases {
            let told = header(text).unwrap_err();
            assert_eq!(told, format!("it has a header that is malformed: {why}"), "{text}");
        }
        for name in ["<f2", "|O", "<U3", "|S5", "<M8[ns]", "<f16", "f8", "", "<i3"] {
            let told = header(&format!("{{'descr': '{name}', {rest}")).unwrap_err();
            assert_eq!(told, format!("it has elements of type `{name}`, which no array here has"));
        }
        let of_axes = |axes: usize| {
            let shape = "1,".repeat(axes);
            header(&format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({shape})}}"))
        };
        assert_eq!(of_axes(64).unwrap().shape.len(), 64);
        assert_eq!(of_axes(65).unwrap_err(), "it has 65 axes, but at most 64 are read");
        let fields = header(&format!("{{'descr': [('x', '<f8')], {rest}")).unwrap_err();
        assert_eq!(fields, "it has elements of several fields, which no array here has");
    }

    #[test]
    fn the_start_of_a_file_is_checked() {
        let told = |bytes: &[u8]| {
            NpyHeader::read(&mut &bytes[..], bytes.len() as u64).unwrap_err().of("it").to_string()
        };
        assert_eq!(told(b""), "it is no npy file: it begins with ``");
        assert_eq!(told(b"PK\x03\x04"), "it is no npy file: it begins with `PK\\x03\\x04`");
        assert_eq!(
            told(b"\x93NUMPY\x04\x00    "),
            "it has version 4.0, but 1.0, 2.0 and 3.0 are known"
        );
        let torn = |end| format!("it is torn: its header takes at least {end} bytes, but it has");
        assert_eq!(told(b"\x93NUMPY\x01\x00\x76\x00{"), format!("{} 11", torn(128)));
        let huge = b"\x93NUMPY\x02\x00\xff\xff\xff\xff{";
        assert_eq!(told(huge), format!("{} 13", torn(4_294_967_307_u64)));
        assert_eq!(told(b"\x93NUMPY\x01"), format!("{} 7", torn(8)));
        assert_eq!(told(b"\x93NUMPY\x03\x00\x01"), format!("{} 9", torn(12)));
        let mut long = b"\x93NUMPY\x02\x00\x01\x00\x01\x00{".to_vec();
        long.resize(12 + (1 << 16) + 1, b' ');
        assert_eq!(told(&long), "it has a header of 65537 bytes, but at most 65536 are read");
    }
}
