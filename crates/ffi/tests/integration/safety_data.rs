//! The rows of the safety matrix that objects and callbacks are asked in. Each bad input is a typed error in a
//! process that goes on and ends well.

use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use tenfold_ffi::{Callback, Declarations, ErrorKind, Handle, Owned, Result, Value, View, ViewMut};

use crate::subprocess::rows;

fn kind<T>(result: Result<T>) -> ErrorKind {
    result.err().unwrap().kind()
}

fn declarations() -> Declarations {
    Declarations::parse(
        "enum shape { CIRCLE, SQUARE = 4 };
         struct opaque;
         struct inner { short s[3]; };
         struct record {
             unsigned bits : 3; int sign : 3; enum shape shape; unsigned char byte; char name[4];
             struct inner inner; double *values; const int *fixed; struct opaque *hidden; _Bool flag;
         };
         typedef struct { int known; ...; } partial;",
    )
    .unwrap()
}

unsafe extern "C" {
    fn qsort(
        start: *mut c_void,
        count: usize,
        bytes: usize,
        compare: unsafe extern "C" fn(*const c_void, *const c_void) -> c_int,
    );
    fn malloc(bytes: usize) -> *mut c_void;
    fn free(pointer: *mut c_void);
}

static FREED: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" fn counting_free(pointer: *mut c_void) {
    FREED.fetch_add(1, Ordering::Relaxed);
    // SAFETY: whoever calls it owns the memory.
    unsafe { free(pointer) };
}

/// Sorts, and panics in the comparison.
fn sort_and_panic(nested: bool) {
    let mut values = [3, 1, 2];
    let compare = |_: *const c_void, _: *const c_void| -> c_int {
        if nested {
            sort_and_panic(false);
        }
        panic!("compared");
    };
    let sorted = Callback::new(compare).scope(|compare| {
        // SAFETY: there are three elements of that size.
        unsafe { qsort(values.as_mut_ptr().cast(), 3, size_of::<i32>(), compare) };
    });
    unreachable!("the panic goes on, and there is no {sorted:?}");
}

rows! {
    /// qsort's frames are not unwound.
    a_panic_in_a_callback {
        for nested in [false, true] {
            let caught = catch_unwind(|| sort_and_panic(nested)).unwrap_err();
            assert_eq!(*caught.downcast::<&str>().unwrap(), "compared");
        }
    }

    a_panic_whose_value_panics_when_it_is_dropped {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        let caught = catch_unwind(|| {
            let owner = Callback::new(|| -> c_int { std::panic::panic_any(Bomb) }).register().unwrap();
            // SAFETY: the owner lives.
            unsafe { (owner.as_fn())() };
            panic!("another");
        });
        assert_eq!(*caught.unwrap_err().downcast::<&str>().unwrap(), "another");
    }

    a_callback_after_its_end {
        let owner = Callback::new(|n: c_int| n + 1).register().unwrap();
        let late = owner.as_fn();
        drop(owner);
        // SAFETY: nobody drops it meanwhile.
        assert_eq!(unsafe { late(1) }, 0);
    }

    a_callback_whose_place_another_has {
        let owner = Callback::new(|n: c_int| n + 1).register().unwrap();
        let late = owner.as_fn();
        drop(owner);
        let others: Vec<_> =
            (0..64).map(|_| Callback::new(|n: c_int| n + 2).register().unwrap()).collect();
        // SAFETY: it is another closure's, and nobody drops it meanwhile.
        assert_eq!(unsafe { late(1) }, 0);
        // SAFETY: the owner lives.
        assert_eq!(unsafe { others[0].as_fn()(1) }, 3);
    }

    too_many_callbacks {
        let mut owners: Vec<_> =
            (0..64).map(|step: c_int| Callback::new(move |n: c_int| n + step).register().unwrap()).collect();
        for (step, owner) in (0..).zip(&owners) {
            // SAFETY: the owner lives.
            assert_eq!(unsafe { (owner.as_fn())(1) }, 1 + step);
        }
        assert_eq!(kind(Callback::new(|n: c_int| n).register()), ErrorKind::Exhausted);
        let mut ran = false;
        assert_eq!(kind(Callback::new(|n: c_int| n).scope(|_| ran = true)), ErrorKind::Exhausted);
        assert!(!ran);
        // With user data there is no such bound.
        Callback::new(|n: c_int| n).scope_with_data(|_, _| ()).unwrap();
        owners.pop();
        drop(Callback::new(|n: c_int| n).register().unwrap());
    }

    a_call_while_the_closure_runs {
        let mut own: Option<unsafe extern "C" fn(c_int) -> c_int> = None;
        let place = AssertUnwindSafe(&raw mut own);
        let closure = move |n: c_int| -> c_int {
            let place = &place;
            // SAFETY: it was set before the first call, and lives.
            let f = unsafe { place.read() }.unwrap();
            // SAFETY: the scope lasts.
            if n > 0 { unsafe { f(n - 1) } } else { 1 }
        };
        let refused = Callback::new(closure).on_error(-1).scope(|f| {
            own = Some(f);
            // SAFETY: the scope lasts.
            assert_eq!(unsafe { f(1) }, -1);
        });
        assert_eq!(kind(refused), ErrorKind::Reentrant);
    }

    a_wrong_handle {
        let handle = Handle::new(1_i32).unwrap();
        let pointer = handle.as_ptr();
        assert_eq!(kind(Handle::<f64>::from_ptr(pointer)), ErrorKind::ValueType);
        assert_eq!(kind(Handle::<i32>::from_ptr(std::ptr::null())), ErrorKind::Null);
        let local = 5_i32;
        for foreign in [1_usize, 8, usize::MAX, (&raw const local).addr(), pointer.addr() ^ 2] {
            let foreign = std::ptr::without_provenance(foreign);
            assert_eq!(kind(Handle::<i32>::from_ptr(foreign)), ErrorKind::Handle);
        }
        let held = Handle::<i32>::from_ptr(pointer).unwrap();
        drop(handle);
        assert_eq!(kind(Handle::<i32>::from_ptr(pointer)), ErrorKind::Handle);
        assert_eq!(*held, 1);
    }

    a_pointer_is_freed_once {
        let own = || {
            // SAFETY: it takes any size.
            let pointer = unsafe { malloc(16) };
            // SAFETY: it came from `malloc`, and nobody else frees it.
            unsafe { Owned::new(pointer, counting_free) }.unwrap()
        };
        drop(own());
        assert_eq!(FREED.load(Ordering::Relaxed), 1);
        own().free();
        assert_eq!(FREED.load(Ordering::Relaxed), 2);
        let raw = own().into_raw();
        assert_eq!(FREED.load(Ordering::Relaxed), 2);
        // SAFETY: it was given back unfreed.
        drop(unsafe { Owned::new(raw, counting_free) }.unwrap());
        assert_eq!(FREED.load(Ordering::Relaxed), 3);
        // SAFETY: null is refused.
        let null = unsafe { Owned::new(std::ptr::null_mut::<c_void>(), counting_free) };
        assert_eq!(kind(null), ErrorKind::Null);
        assert_eq!(FREED.load(Ordering::Relaxed), 3);
    }

    a_null_pointer {
        let record = declarations().new("struct record").unwrap();
        let values = record.field("values").unwrap();
        // SAFETY: null is refused.
        assert_eq!(kind(unsafe { values.deref() }), ErrorKind::Null);
        let pointer = values.pointer().unwrap();
        // SAFETY: null is refused.
        let array = unsafe { View::from_pointer_to_array(record.declarations(), pointer, 10) };
        assert_eq!(kind(array), ErrorKind::Null);
        // SAFETY: null is refused.
        assert_eq!(kind(unsafe { pointer.string(None) }), ErrorKind::Null);
        // SAFETY: null is refused.
        assert_eq!(kind(unsafe { ViewMut::from_pointer(record.declarations(), pointer) }), ErrorKind::Null);
    }

    a_pointer_to_what_is_not_known_or_const {
        let mut record = declarations().new("struct record").unwrap();
        let mut target = 5_i32;
        record.set("hidden", (&raw mut target).cast::<c_void>()).unwrap();
        let hidden = record.field("hidden").unwrap();
        // SAFETY: a type without a size is refused.
        assert_eq!(kind(unsafe { hidden.deref() }), ErrorKind::Partial);
        record.set("fixed", std::ptr::from_ref(&target)).unwrap();
        let view = record.view_mut().into_field("fixed").unwrap();
        // SAFETY: `const` is refused.
        assert_eq!(kind(unsafe { view.deref_mut() }), ErrorKind::ReadOnly);
        let fixed = view.view();
        // SAFETY: the number lives.
        assert_eq!(unsafe { fixed.deref() }.unwrap().value().unwrap(), 5);
    }

    a_pointer_to_what_a_name_makes_const {
        let declarations =
            Declarations::parse("typedef const int fixed; typedef const int pair[2]; struct s { fixed *one; pair *two; };");
        let mut data = declarations.unwrap().new("struct s").unwrap();
        let numbers = [1_i32, 2];
        data.set("one", numbers.as_ptr()).unwrap();
        data.set("two", std::ptr::from_ref(&numbers)).unwrap();
        for path in ["one", "two"] {
            let field = data.field_mut(path).unwrap();
            // SAFETY: `const` is refused.
            assert_eq!(kind(unsafe { field.deref_mut() }), ErrorKind::ReadOnly);
        }
    }

    a_number_too_large_for_its_place {
        let mut record = declarations().new("struct record").unwrap();
        for (path, value) in [("bits", 8), ("bits", -1), ("sign", 4), ("sign", -5), ("byte", 300), ("byte", -1)] {
            assert_eq!(kind(record.set(path, value)), ErrorKind::OutOfRange, "{path} = {value}");
        }
        for (path, value) in [("flag", 2), ("shape", -1), ("inner.s[1]", 1 << 15)] {
            assert_eq!(kind(record.set(path, value)), ErrorKind::OutOfRange, "{path} = {value}");
        }
        assert_eq!(record.bytes(), vec![0; record.size()]);
        assert_eq!(kind(record.set("byte", 1.0)), ErrorKind::ValueType);
        assert_eq!(kind(record.set("values", 1)), ErrorKind::ValueType);
        assert_eq!(kind(record.set("values", (&raw const FREED).cast::<i32>())), ErrorKind::ValueType);
        let text = record.set("byte", 300).unwrap_err().to_string();
        assert_eq!(text, "`byte`: 300 is outside `unsigned char`, which holds 0 to 255");
    }

    an_enumeration_out_of_range {
        let mut record = declarations().new("struct record").unwrap();
        assert_eq!(kind(record.set("shape", "TRIANGLE")), ErrorKind::Field);
        record.set("shape", 3).unwrap();
        assert_eq!(kind(record.field("shape").unwrap().enumerator()), ErrorKind::OutOfRange);
        assert_eq!(kind(record.field("byte").unwrap().enumerator()), ErrorKind::ValueType);
    }

    a_buffer_that_is_short_or_crooked {
        let declarations = Declarations::parse("struct two { int a; long b; };").unwrap();
        let mut memory = [0_u64; 4];
        let bytes = View::from_buffer(&declarations, "unsigned long[4]", as_bytes(&mut memory)).unwrap();
        let bytes = bytes.bytes();
        assert_eq!(kind(View::from_buffer(&declarations, "struct two", &bytes[..15])), ErrorKind::Shape);
        assert_eq!(kind(View::from_buffer(&declarations, "struct two", &bytes[4..])), ErrorKind::Align);
        assert_eq!(kind(View::from_buffer(&declarations, "int[]", &bytes[..7])), ErrorKind::Shape);
        assert_eq!(kind(View::from_buffer(&declarations, "struct no", bytes)), ErrorKind::Partial);
        assert_eq!(kind(View::from_buffer(&declarations, "in", bytes)), ErrorKind::Declaration);
        assert_eq!(View::from_buffer(&declarations, "int[]", bytes).unwrap().count().unwrap(), 8);
        let bytes = as_bytes(&mut memory);
        assert_eq!(kind(ViewMut::from_buffer(&declarations, "long", &mut bytes[1..])), ErrorKind::Align);
    }

    an_index_or_a_field_that_is_not_there {
        let mut record = declarations().new("struct record").unwrap();
        assert_eq!(kind(record.get("inner.s[3]")), ErrorKind::Index);
        assert_eq!(kind(record.get("inner.s[99999999999999999999]")), ErrorKind::Index);
        assert_eq!(kind(record.set("inner.s[3]", 1)), ErrorKind::Index);
        for path in ["innner", "inner.t", "inner.", "", "inner[0", "values.x", "[0].x"] {
            let kind = kind(record.get(path));
            assert!(matches!(kind, ErrorKind::Field | ErrorKind::ValueType), "{path}: {kind:?}");
        }
        assert_eq!(kind(record.get("byte[0]")), ErrorKind::ValueType);
        assert_eq!(kind(record.set("inner.s", [1, 2])), ErrorKind::Shape);
        let four = declarations().new("int[4]").unwrap();
        let mut two = declarations().new("int[2]").unwrap();
        assert_eq!(kind(two.view_mut().memmove(&four.view(), 9)), ErrorKind::Index);
        assert_eq!(kind(two.view_mut().copy_from(&[1, 2, 3])), ErrorKind::Shape);
    }

    a_zero_inside_a_text {
        let mut record = declarations().new("struct record").unwrap();
        assert_eq!(kind(record.set("name", "a\0b")), ErrorKind::InteriorNul { position: 1 });
        assert_eq!(kind(record.set("name", "four")), ErrorKind::Shape);
        assert_eq!(kind(record.set("inner.s", "text")), ErrorKind::ValueType);
        record.set("name", "abc").unwrap();
        record.field_mut("name").unwrap().bytes_mut()[3] = b'd';
        // The array ends, and no zero is needed.
        assert_eq!(record.field("name").unwrap().string().unwrap(), c"abcd".to_owned());
    }

    what_has_no_size {
        let declarations = declarations();
        for ty in ["struct opaque", "partial", "void", "int[]", "int(int)"] {
            assert_eq!(kind(declarations.new(ty)), ErrorKind::Partial, "{ty}");
            assert_eq!(kind(declarations.sizeof(ty)), ErrorKind::Partial, "{ty}");
        }
        assert_eq!(kind(declarations.new_array("int[3]", 4)), ErrorKind::Shape);
        for count in [usize::MAX, usize::MAX / 4, 1 << 60] {
            assert_eq!(kind(declarations.new_array("int[]", count)), ErrorKind::Exhausted);
        }
        assert_eq!(kind(declarations.offsetof("struct record", "bits")), ErrorKind::ValueType);
        assert_eq!(kind(declarations.cast("struct record", 1)), ErrorKind::ValueType);
    }

    a_type_of_other_declarations {
        let mut other = Declarations::parse("struct a { int i; }; struct b { struct a a[9]; };").unwrap();
        let foreign = other.parse_type("struct b (*)[7][7]").unwrap();
        let empty = Declarations::parse("").unwrap();
        // It is another type here, or none.
        assert!(empty.new(foreign).is_err());
        let record = other.new("struct a").unwrap();
        let mut target = declarations().new("struct inner").unwrap();
        assert_eq!(kind(target.view_mut().store(&record)), ErrorKind::ValueType);
        assert_eq!(kind(target.view_mut().store(Value::Void)), ErrorKind::ValueType);
    }
}

fn as_bytes(memory: &mut [u64; 4]) -> &mut [u8] {
    // SAFETY: any bytes are such numbers, and a byte needs no alignment.
    unsafe { std::slice::from_raw_parts_mut(memory.as_mut_ptr().cast(), 32) }
}
