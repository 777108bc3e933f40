//! Objects of C, by their declarations.

use std::ffi::{CString, c_void};

use proptest::prelude::*;
use tenfold_ffi::{Arg, Complex, Data, Declarations, ErrorKind, Value, View, ViewMut};

use crate::compiler::{self, compiled, function};

fn parsed(text: &str) -> Declarations {
    Declarations::parse(text).unwrap_or_else(|error| panic!("{error:#}"))
}

#[test]
fn every_type_of_number_goes_there_and_back() {
    let declarations = parsed("enum shape { CIRCLE, SQUARE };");
    let round = |ty: &str, value: Value| {
        let mut data = declarations.new(ty).unwrap();
        data.view_mut().store(&value).unwrap();
        assert_eq!(data.view().value().unwrap(), value, "{ty}");
    };
    round("_Bool", true.into());
    round("signed char", i8::MIN.into());
    round("unsigned char", u8::MAX.into());
    round("short", i16::MIN.into());
    round("unsigned short", u16::MAX.into());
    round("int", i32::MIN.into());
    round("unsigned", u32::MAX.into());
    round("long", i64::MIN.into());
    round("unsigned long long", u64::MAX.into());
    round("__int128", i128::MIN.into());
    round("unsigned __int128", u128::MAX.into());
    round("float", 0.1_f32.into());
    round("double", f64::MIN_POSITIVE.into());
    round("float _Complex", Complex::new(1.5_f32, -2.5).into());
    round("double _Complex", Complex::new(0.1, -0.2).into());
    round("enum shape", 1_u32.into());
    round("wchar_t", 0x10_ffff.into());
    round("_Atomic int", 7.into());
}

#[test]
fn a_char_is_a_byte() {
    let mut data = parsed("").new("char[2]").unwrap();
    data.set("[0]", b'\xe9').unwrap();
    data.set("[1]", -1_i8).unwrap();
    assert_eq!(data.bytes(), [0xe9, 0xff]);
    assert_eq!(data.set("[0]", 256).unwrap_err().kind(), ErrorKind::OutOfRange);
    assert_eq!(data.set("[0]", -129).unwrap_err().kind(), ErrorKind::OutOfRange);
}

#[test]
fn anonymous_members_and_unions_are_one_record() {
    let declarations = parsed(
        "struct variant { int tag; union { double real; long whole; struct { float re, im; }; }; };",
    );
    let mut variant = declarations.new("struct variant").unwrap();
    variant.set("im", 1.5_f32).unwrap();
    variant.set("re", 0.5_f32).unwrap();
    let whole: i64 = variant.get("whole").unwrap().try_into().unwrap();
    assert_eq!(whole, i64::from(1.5_f32.to_bits()) << 32 | i64::from(0.5_f32.to_bits()));
    assert_eq!(declarations.offsetof("struct variant", "im").unwrap(), 12);
}

#[test]
fn records_are_copied_as_wholes() {
    let declarations =
        parsed("typedef struct { int x, y; } point; struct line { point ends[2]; };");
    let mut line = declarations.new("struct line").unwrap();
    let mut point = declarations.new("point").unwrap();
    point.set("y", 5).unwrap();
    line.set("ends[1]", &point).unwrap();
    assert_eq!(line.get("ends[1].y").unwrap(), 5);
    let end: Data = line.get("ends[1]").unwrap().try_into().unwrap();
    assert_eq!(end.bytes(), point.bytes());
    line.set("ends[0]", end.view()).unwrap();
    assert_eq!(line.get("ends[0]").unwrap(), line.get("ends[1]").unwrap());
    let both = line.get("ends").unwrap();
    let mut other = declarations.new("point[2]").unwrap();
    other.view_mut().store(both).unwrap();
    assert_eq!(other.bytes(), line.bytes());
    assert_eq!(line.set("ends", &point).unwrap_err().kind(), ErrorKind::ValueType);
}

#[test]
fn a_record_may_end_in_an_open_array() {
    let declarations =
        parsed("struct packet { int size; char kind; struct { short a, b; } parts[]; };");
    let mut packet = declarations.new_array("struct packet", 3).unwrap();
    assert_eq!(packet.size(), 18);
    packet.set("parts[2].b", -2).unwrap();
    assert_eq!(packet.get("parts[2].b").unwrap(), -2);
    assert_eq!(packet.get("parts[3].b").unwrap_err().kind(), ErrorKind::Index);
    assert_eq!(packet.bytes()[16..], (-2_i16).to_ne_bytes());
    let none = declarations.new("struct packet").unwrap();
    assert_eq!(none.field("parts").unwrap().count().unwrap(), 0);
    // A copy has as many.
    let copy: Data = packet.view().value().unwrap().try_into().unwrap();
    assert_eq!(copy.get("parts[2].b").unwrap(), -2);

    // The padding is not lost to the array.
    let odd = parsed("struct odd { long l; char c; char rest[]; };");
    let one = odd.new_array("struct odd", 1).unwrap();
    assert_eq!((one.size(), one.field("rest").unwrap().count().unwrap()), (16, 1));
}

#[test]
fn objects_are_as_aligned_as_their_types() {
    let declarations = parsed("struct s { char c; } __attribute__((aligned(128)));");
    for _ in 0..10 {
        let data = declarations.new("struct s").unwrap();
        assert_eq!(data.as_ptr().addr() % 128, 0);
        let address = data.as_ptr();
        let moved = Box::new(data);
        assert_eq!(moved.as_ptr(), address);
    }
}

#[test]
fn slices_are_the_elements() {
    let declarations =
        parsed("struct s { char c; double d[3]; } __attribute__((packed)); enum e { A };");
    let mut grid = declarations.new("int[2][3]").unwrap();
    grid.view_mut().copy_from(&[1, 2, 3, 4, 5, 6]).unwrap();
    assert_eq!(grid.get("[1][0]").unwrap(), 4);
    assert_eq!(grid.field("[1]").unwrap().as_slice::<i32>().unwrap(), [4, 5, 6]);
    assert_eq!(grid.view().as_slice::<u32>().unwrap_err().kind(), ErrorKind::ValueType);
    assert_eq!(
        grid.field("[0][0]").unwrap().as_slice::<i32>().unwrap_err().kind(),
        ErrorKind::ValueType
    );
    let flags = declarations.new("_Bool[2]").unwrap();
    assert_eq!(flags.view().as_slice::<bool>().unwrap_err().kind(), ErrorKind::ValueType);
    let crooked = declarations.new("struct s").unwrap();
    let field = crooked.field("d").unwrap();
    assert_eq!(field.as_slice::<f64>().unwrap_err().kind(), ErrorKind::Align);
    assert_eq!(field.get("[2]").unwrap(), 0.0);
    let bytes = declarations.new("char[4]").unwrap();
    assert_eq!(bytes.view().as_slice::<i8>().unwrap(), [0; 4]);
    assert_eq!(bytes.view().as_slice::<u8>().unwrap(), [0; 4]);
    assert_eq!(declarations.new("enum e[2]").unwrap().view().as_slice::<u32>().unwrap(), [0; 2]);
    let complex = declarations.new("double _Complex[2]").unwrap();
    assert_eq!(complex.view().as_slice::<Complex<f64>>().unwrap(), [Complex::ZERO; 2]);
    assert_eq!(declarations.new("int[0]").unwrap().view().as_slice::<i32>().unwrap(), [0; 0]);
}

#[cfg(feature = "ndarray")]
#[test]
fn arrays_are_views_of_ndarray() {
    use ndarray::{Ix1, Ix2, Ix3, array};

    let declarations = parsed("struct field { float halo; double cells[2][3]; };");
    let mut field = declarations.new("struct field").unwrap();
    let mut cells = field.field_mut("cells").unwrap().into_array::<f64, Ix2>().unwrap();
    cells.assign(&array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    assert_eq!(field.get("cells[1][2]").unwrap(), 6.0);
    let cells = field.field("cells").unwrap();
    assert_eq!(cells.as_array::<f64, Ix2>().unwrap().t()[[2, 1]], 6.0);
    assert_eq!(cells.at(0).unwrap().as_array::<f64, Ix1>().unwrap(), array![1.0, 2.0, 3.0]);
    assert_eq!(cells.as_array::<f64, Ix3>().unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(cells.as_array::<f32, Ix2>().unwrap_err().kind(), ErrorKind::ValueType);
    let open = declarations.new_array("short[][2]", 5).unwrap();
    assert_eq!(open.view().as_array::<i16, Ix2>().unwrap().dim(), (5, 2));
}

#[test]
fn texts_go_there_and_back() {
    let declarations =
        parsed("struct s { char narrow[8]; char16_t half[8]; wchar_t wide[4]; int numbers[4]; };");
    let mut s = declarations.new("struct s").unwrap();
    s.set("narrow", "heißa").unwrap();
    assert_eq!(s.field("narrow").unwrap().string().unwrap(), CString::new("heißa").unwrap());
    s.set("narrow", c"ab").unwrap();
    assert_eq!(&s.bytes()[..8], b"ab\0\0\0\0\0\0");
    s.set("half", "a😀b").unwrap();
    assert_eq!(s.field("half").unwrap().wide_string().unwrap(), "a😀b");
    s.set("wide", "a😀b").unwrap();
    assert_eq!(s.field("wide").unwrap().wide_string().unwrap(), "a😀b");
    assert_eq!(s.set("wide", "four").unwrap_err().kind(), ErrorKind::Shape);
    s.set("wide[0]", 0xd800).unwrap();
    assert_eq!(s.field("wide").unwrap().wide_string().unwrap_err().kind(), ErrorKind::ValueType);
    assert_eq!(s.field("numbers").unwrap().string().unwrap_err().kind(), ErrorKind::ValueType);
}

#[test]
fn pointers_lead_to_objects_of_c() {
    let library = compiled(
        "struct node { int value; struct node *next; const char *name; };
         static struct node last = { 2, 0, \"last\" }, first = { 1, &last, \"first\" };
         struct node *nodes(void) { return &first; }
         double values[3] = { 1.5, 2.5, 3.5 };
         double *get_values(void) { return values; }",
    );
    let declarations = parsed("struct node { int value; struct node *next; const char *name; };");
    // SAFETY: the source has them with these types.
    let nodes: unsafe extern "C" fn() -> *mut c_void = unsafe { function(&library, "nodes") };
    // SAFETY: as above.
    let values: unsafe extern "C" fn() -> *mut c_void = unsafe { function(&library, "get_values") };
    // SAFETY: it takes nothing.
    let address = unsafe { nodes() }.expose_provenance();
    let pointer = declarations.cast("struct node *", address).unwrap().try_into().unwrap();
    // SAFETY: a node is there for as long as the library is loaded, and nobody writes to it.
    let first = unsafe { View::from_pointer(&declarations, pointer) }.unwrap();
    assert_eq!(first.get("value").unwrap(), 1);
    // SAFETY: as above.
    let last = unsafe { first.field("next").unwrap().deref() }.unwrap();
    assert_eq!(last.get("value").unwrap(), 2);
    let name = last.field("name").unwrap().pointer().unwrap();
    // SAFETY: it is a literal.
    assert_eq!(unsafe { name.string(None) }.unwrap(), c"last".to_owned());
    // SAFETY: null is refused.
    let none = unsafe { last.field("next").unwrap().deref() };
    assert_eq!(none.unwrap_err().kind(), ErrorKind::Null);

    // SAFETY: it takes nothing.
    let address = unsafe { values() }.expose_provenance();
    let pointer = declarations.cast("double *", address).unwrap().try_into().unwrap();
    // SAFETY: three doubles are there, and nobody else uses them.
    let mut three = unsafe { ViewMut::from_pointer_to_array(&declarations, pointer, 3) }.unwrap();
    three.set("[1]", -2.5).unwrap();
    assert_eq!(three.view().as_slice::<f64>().unwrap(), [1.5, -2.5, 3.5]);
    #[cfg(feature = "ndarray")]
    assert_eq!(three.view().as_array::<f64, ndarray::Ix1>().unwrap().sum(), 2.5);
    assert_eq!(three.view().value().unwrap_err().kind(), ErrorKind::ValueType);
    assert_eq!(three.get("[3]").unwrap_err().kind(), ErrorKind::Index);
}

#[test]
fn variables_of_libraries_are_objects() {
    let mut library = compiler::library(
        "struct state { unsigned on : 1, level : 5; double values[2]; } state = { 1, 9, { 0.5, 1.5 } };
         int total(void) { return state.level + (int)state.values[1]; }
         int primes[] = { 2, 3, 5 };
         const int fixed = 4;",
    );
    library
        .cdef(
            "struct state { unsigned on : 1, level : 5; double values[2]; };
         extern struct state state; int total(void); extern int primes[]; extern const int fixed;",
        )
        .unwrap();
    let declarations = library.declarations();
    let pointer = library.address("state").unwrap();
    // SAFETY: the declaration is the variable's, and nobody else uses it.
    let mut state = unsafe { ViewMut::from_pointer(declarations, pointer) }.unwrap();
    assert_eq!(state.get("level").unwrap(), 9);
    state.set("level", 31).unwrap();
    state.set("values", [0.0, 11.0]).unwrap();
    let total = library.function::<unsafe extern "C" fn() -> i32>("total").unwrap();
    // SAFETY: it reads the variable.
    assert_eq!(unsafe { total() }, 42);
    let primes = library.address("primes").unwrap();
    // SAFETY: there are three.
    let primes = unsafe { View::from_pointer_to_array(declarations, primes, 3) }.unwrap();
    assert_eq!(primes.as_slice::<i32>().unwrap(), [2, 3, 5]);
    let fixed = library.address("fixed").unwrap();
    // SAFETY: `const` is refused.
    let refused = unsafe { ViewMut::from_pointer(declarations, fixed) };
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::ReadOnly);
    assert_eq!(library.address("none").unwrap_err().kind(), ErrorKind::NotDeclared);
}

#[test]
fn addresses_are_stored_where_their_types_go() {
    let declarations =
        parsed("struct node { int value; struct node *next; double *d; void *any; };");
    let mut last = declarations.new("struct node").unwrap();
    last.set("value", 7).unwrap();
    let address = last.view_mut().address().unwrap();
    let mut first = declarations.new("struct node").unwrap();
    first.set("next", address).unwrap();
    first.set("any", address).unwrap();
    assert_eq!(first.set("d", address).unwrap_err().kind(), ErrorKind::ValueType);
    // SAFETY: `last` lives, and nobody writes to it.
    let next = unsafe { first.field("next").unwrap().deref() }.unwrap();
    assert_eq!(next.get("value").unwrap(), 7);
    let value = last.field("value").unwrap().address().unwrap();
    assert_eq!(value.address(), last.as_ptr().cast_mut());
    first.set("next", std::ptr::null_mut::<c_void>()).unwrap();
    assert!(first.field("next").unwrap().pointer().unwrap().is_null());
}

#[test]
fn tuples_are_the_fields_in_order() {
    let declarations = parsed(
        "union number { int whole; double real; };
         struct s { int a; union number n; int : 4; unsigned b : 3; struct { short x, y; }; char t[4]; };",
    );
    let mut s = declarations.new("struct s").unwrap();
    s.view_mut().store((1, (2,), 3, (4, 5), "abc")).unwrap();
    for (path, value) in [("a", 1), ("n.whole", 2), ("b", 3), ("x", 4), ("y", 5)] {
        assert_eq!(s.get(path).unwrap(), value, "{path}");
    }
    assert_eq!(s.view_mut().store((1, 2)).unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(s.set("a", (1, 2)).unwrap_err().kind(), ErrorKind::ValueType);
    let error = s.view_mut().store((1, (2,), 8, (4, 5), "abc")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "field 2: 8 is outside `unsigned int` of 3 bits, which holds 0 to 7"
    );
    let mut pairs = declarations.new("struct { int a, b; }[2]").unwrap();
    pairs.view_mut().store([(1, 2), (3, 4)]).unwrap();
    assert_eq!(pairs.get("[1].a").unwrap(), 3);
}

#[test]
fn an_object_is_not_stored_as_its_address() {
    let declarations = parsed("struct s { int *p; };");
    let mut s = declarations.new("struct s").unwrap();
    let number = declarations.new("int").unwrap();
    assert_eq!(s.set("p", &number).unwrap_err().kind(), ErrorKind::ValueType);
    assert_eq!(s.set("p", number.view()).unwrap_err().kind(), ErrorKind::ValueType);
    assert_eq!(
        s.set("p", number.view().value().unwrap()).unwrap_err().kind(),
        ErrorKind::ValueType
    );
}

tenfold_ffi::c_record! {
    struct Padded: "struct padded" {
        byte: u8,
        number: i64,
    }
}

#[test]
fn records_of_rust_are_not_stored() {
    let declarations = parsed("struct padded { unsigned char byte; long number; };");
    let mut data = declarations.new("struct padded").unwrap();
    let padded = Padded { byte: 1, number: 2 };
    let refused = data.view_mut().store(Arg::from(&padded)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ValueType);
    data.view_mut().store((padded.byte, padded.number)).unwrap();
    assert_eq!(data.get("number").unwrap(), 2);
}

#[test]
fn a_buffer_may_hold_an_open_array() {
    let declarations = parsed("struct packet { short size; short parts[]; };");
    let numbers = declarations.new_array("short[]", 5).unwrap();
    let packet = View::from_buffer(&declarations, "struct packet", numbers.bytes()).unwrap();
    assert_eq!(packet.field("parts").unwrap().count().unwrap(), 4);
}

#[test]
fn an_open_array_has_offsets_without_an_end() {
    let declarations = parsed("struct s { char c; struct { char c; int i; } open[]; };");
    assert_eq!(declarations.offsetof("struct s", "open[3].i").unwrap(), 4 + 3 * 8 + 4);
    let kind = |path: &str| declarations.offsetof("struct s", path).unwrap_err().kind();
    assert_eq!(kind(&format!("open[{}]", usize::MAX / 8)), ErrorKind::Index);
    assert_eq!(kind(&format!("open[{}]", usize::MAX)), ErrorKind::Index);
}

#[test]
fn a_pointer_is_copied_and_an_object_gives_no_address() {
    let declarations = parsed("struct s { int *p; };");
    let number = 1_i32;
    let mut pointer = declarations.new("int *").unwrap();
    pointer.view_mut().store((&raw const number).cast_mut()).unwrap();
    let mut data = declarations.new("struct s").unwrap();
    data.set("p", Arg::from(&pointer)).unwrap();
    assert_eq!(data.bytes(), pointer.bytes());
    let object = declarations.new("int").unwrap();
    assert_eq!(data.set("p", Arg::from(&object)).unwrap_err().kind(), ErrorKind::ValueType);
}

#[test]
fn a_bit_field_has_no_address() {
    let data = parsed("struct s { int b : 3; };").new("struct s").unwrap();
    assert_eq!(data.field("b").unwrap().address().unwrap_err().kind(), ErrorKind::ValueType);
}

#[test]
fn a_bit_field_is_not_copied_by_bytes() {
    let declarations = parsed("struct s { unsigned a : 4, b : 4; unsigned char c; };");
    let (mut one, other) = (declarations.new("struct s").unwrap(), declarations.new("struct s"));
    let other = other.unwrap();
    let mut copy = |into: &str, from: &str| {
        let from = other.field(from).unwrap();
        one.field_mut(into).unwrap().memmove(&from, 1).map_err(|error| error.kind())
    };
    assert_eq!(copy("a", "c"), Err(ErrorKind::ValueType));
    assert_eq!(copy("c", "a"), Err(ErrorKind::ValueType));
    assert_eq!(copy("c", "c"), Ok(()));
}

#[test]
fn a_wide_character_has_the_size_of_its_type() {
    let declarations = parsed("typedef short wchar_t; typedef struct { char c; } char32_t;");
    let mut narrow = declarations.new("wchar_t[4]").unwrap();
    narrow.view_mut().store("né").unwrap();
    assert_eq!(narrow.get("[1]").unwrap(), 0xe9_i16);
    assert_eq!(narrow.view().wide_string().unwrap(), "né");
    assert_eq!(narrow.view_mut().store(c"n").unwrap_err().kind(), ErrorKind::ValueType);
    let mut records = declarations.new("char32_t[4]").unwrap();
    assert_eq!(records.view_mut().store("").unwrap_err().kind(), ErrorKind::ValueType);
    assert_eq!(records.view().wide_string().unwrap_err().kind(), ErrorKind::ValueType);
}

#[test]
fn a_null_pointer_is_named_by_its_type() {
    let declarations = parsed("struct s { int (*call)(int); int (*row)[2]; };");
    let data = declarations.new("struct s").unwrap();
    for (path, spelled) in [("call", "int (*)(int)"), ("row", "int (*)[2]")] {
        // SAFETY: null is refused.
        let refused = unsafe { data.field(path).unwrap().deref() }.unwrap_err();
        assert_eq!(refused.to_string(), format!("the pointer `{spelled}` is null"));
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn long_doubles_are_cast_as_c_casts_them() {
    let library = compiled(
        "double to_double(const long double *p) { return (double)*p; }
         float to_float(const long double *p) { return (float)*p; }
         long to_long(const long double *p) { return (long)*p; }
         int is(const long double *p, double d) { return *p == d; }",
    );
    type Of<T> = unsafe extern "C" fn(*const c_void) -> T;
    // SAFETY: the source has them with these types.
    let to_double: Of<f64> = unsafe { function(&library, "to_double") };
    // SAFETY: as above.
    let to_float: Of<f32> = unsafe { function(&library, "to_float") };
    // SAFETY: as above.
    let to_long: Of<i64> = unsafe { function(&library, "to_long") };
    // SAFETY: as above.
    let is: unsafe extern "C" fn(*const c_void, f64) -> i32 = unsafe { function(&library, "is") };
    let declarations = parsed("");
    let mut long = declarations.new("long double").unwrap();
    let mut state = 1_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state >> 20 ^ state << 30
    };
    for _ in 0..20_000 {
        // Near the ends of what the types have, and near halves.
        let exponent = match random() % 4 {
            0 => 16383 - 1090 + random() % 50,
            1 => 16383 - 160 + random() % 50,
            2 => 16383 + 100 + random() % 930,
            _ => 16383 - 3 + random() % 66,
        };
        let low = if random() % 2 == 0 { 0 } else { 1_u64 << (random() % 50) };
        let significand = 1 << 63 | (random() & !0 << (random() % 64)) | low;
        let rest = u16::try_from(exponent | (random() & 1) << 15).unwrap();
        long.bytes_mut()[..8].copy_from_slice(&significand.to_le_bytes());
        long.bytes_mut()[8..10].copy_from_slice(&rest.to_le_bytes());
        let cast = |ty| declarations.cast(ty, long.clone()).unwrap();
        // SAFETY: a number is there.
        let double = unsafe { to_double(long.as_ptr()) };
        // SAFETY: as above.
        let float = unsafe { to_float(long.as_ptr()) };
        assert_eq!(cast("double"), Value::F64(double), "{significand:#x} {rest:#x}");
        assert_eq!(cast("float"), Value::F32(float), "{significand:#x} {rest:#x}");
        if double.abs() < 9e18 {
            // SAFETY: as above, and it fits.
            let whole = unsafe { to_long(long.as_ptr()) };
            assert_eq!(cast("long"), whole, "{significand:#x} {rest:#x}");
        }
    }
    for number in [0.0, -0.5, 1e300, f64::MIN_POSITIVE, f64::INFINITY, -4e-320] {
        long.view_mut().store(number).unwrap();
        // SAFETY: a number is there.
        assert_eq!(unsafe { is(long.as_ptr(), number) }, 1, "{number}");
        assert_eq!(declarations.cast("double", long.clone()).unwrap(), number);
        let made: Data = declarations.cast("long double", number).unwrap().try_into().unwrap();
        assert_eq!(made.bytes(), long.bytes());
    }
    assert_eq!(declarations.cast("int", long.clone()).unwrap(), 0);
    assert_eq!(declarations.cast("_Bool", long).unwrap(), true);
}

proptest! {
    /// No text is a path that panics, and no value is stored with a loss.
    #[test]
    fn paths_and_numbers_never_panic(path in "[a-c0-9.\\[\\]]{0,12}", value: i64) {
        let declarations = parsed(
            "struct s { unsigned char a; int b[3]; struct { short a : 9; unsigned b : 2; float c; } c[2]; };",
        );
        let mut data = declarations.new("struct s").unwrap();
        if data.set(&path, value).is_ok() {
            let stored = data.get(&path).unwrap();
            prop_assert!(stored == value || stored == value as f64, "{path}: {stored} from {value}");
        }
    }
}
