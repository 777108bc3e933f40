//! What a value is found by.

use std::path::{Path, PathBuf};

use tenfold_memo::{Floats, Lookup, Memo};

#[test]
fn borrowed_keys_find_owned_ones() {
    let memo: Memo<(String, Vec<u8>, PathBuf, u32), usize> = Memo::new(8);
    let call = |a: &str, b: &[u8], c: &Path, d: u32| {
        memo.get_or_insert_with((a, b, c, d), || a.len() + b.len() + d as usize)
    };
    assert_eq!(call("ab", &[1, 2], Path::new("/x"), 3), 7);
    assert_eq!(call(&String::from("ab"), &[1, 2], Path::new("/x"), 3), 7);
    assert_eq!(call("ab", &[1], Path::new("/x"), 3), 6);
    // The same text, cut elsewhere.
    let pairs: Memo<(String, String), u32> = Memo::new(8);
    assert_eq!(pairs.get_or_insert_with(("ab", "c"), || 1), 1);
    assert_eq!(pairs.get_or_insert_with(("a", "bc"), || 2), 2);
    assert_eq!((memo.info().hits, memo.info().misses, pairs.info().misses), (1, 2, 2));
}

#[test]
fn options_and_nothing_are_keys() {
    let memo: Memo<(Option<String>, ()), u32> = Memo::new(8);
    for (key, value) in [(None, 0), (Some("a"), 1), (Some(""), 2)] {
        assert_eq!(memo.get_or_insert_with((key, ()), || value), value);
        assert_eq!(memo.get_or_insert_with((key, ()), || 9), value);
    }
    let once: Memo<(), u32> = Memo::new(1);
    assert_eq!(once.get_or_insert_with((), || 5) + once.get_or_insert_with((), || 6), 10);
}

/// Every lookup of a key finds what any other has left.
#[test]
fn keys_are_found_by_value_and_by_reference() {
    fn each<K, A, B>(a: A, b: B)
    where
        K: Eq,
        A: Lookup<K> + Copy,
        B: Lookup<K> + Copy,
    {
        for inserts_a in [true, false] {
            let memo: Memo<K, u32> = Memo::new(8);
            match inserts_a {
                true => memo.get_or_insert_with(a, || 1),
                false => memo.get_or_insert_with(b, || 1),
            };
            assert!(memo.contains(a) && memo.contains(b));
            assert_eq!((memo.get(a), memo.get(b)), (Some(1), Some(1)));
            assert!(if inserts_a { memo.invalidate(b) } else { memo.invalidate(a) });
        }
    }
    macro_rules! numbers {
        ($($x:expr),*) => { $(each($x, &$x);)* };
    }
    numbers!(1_i8, 1_i16, 1_i32, 1_i64, 1_i128, 1_isize, 1_u8, 1_u16, 1_u32, 1_u64, 1_u128);
    numbers!(1_usize, true, 'x', Some(3_u32), None::<u32>, Some(Some(3_u32)), (1_u8,));
    numbers!((1_u8, Some(2_u64)), (1_u8, 'x', (2_u16, true)), ());
    each::<String, _, _>("ab", &"ab".to_owned());
    each::<Option<String>, _, _>(Some("ab"), &Some("ab".to_owned()));
    each::<Vec<u8>, _, _>(&[1_u8, 2][..], &vec![1_u8, 2]);
    each::<(Option<String>, u32), _, _>((Some("ab"), 1), &(Some("ab".to_owned()), 1));
    let memo: Memo<String, u32> = Memo::new(8);
    memo.get_or_insert_with("ab".to_owned(), || 1);
    assert!(memo.contains("ab"));
}

#[test]
fn floats_are_numbers_unless_typed() {
    let numbers: Memo<Floats<f64>, u32> = Memo::new(None);
    let bits: Memo<Floats<f64, true>, u32> = Memo::new(None);
    let other_nan = f64::from_bits(f64::NAN.to_bits() ^ 1);
    assert!(other_nan.is_nan());
    for x in [0.0, -0.0, f64::NAN, other_nan, -f64::NAN, 1.5, f64::INFINITY, -f64::INFINITY] {
        numbers.get_or_insert_with(Floats::of(&x), || 0);
        bits.get_or_insert_with(Floats::of(&x), || 0);
    }
    assert_eq!((numbers.info().misses, bits.info().misses), (5, 8));
}

#[test]
fn floats_in_slices_and_pairs() {
    type Key = (Floats<[f64]>, Floats<Option<(f32, u8)>>);
    let memo: Memo<Key, u32> = Memo::new(None);
    let call = |x: &[f64], y| memo.get_or_insert_with((Floats::of(x), Floats::of(&y)), || 0);
    call(&[0.0, f64::NAN], None);
    call(&[-0.0, -f64::NAN], None);
    call(&[0.0, f64::NAN], Some((0.0, 1)));
    call(&[0.0, f64::NAN], Some((-0.0, 1)));
    call(&[0.0], Some((-0.0, 1)));
    assert_eq!((memo.info().hits, memo.info().misses), (2, 3));
    assert!(memo.contains((Floats::of(&[0.0][..]), Floats::of(&Some((0.0, 1))))));
}

/// Keys whose hashes are all equal are told apart by themselves.
#[test]
fn equal_hashes_are_different_keys() {
    #[derive(Clone, PartialEq, Eq)]
    struct Same(u32);
    impl std::hash::Hash for Same {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            state.write_u8(0);
        }
    }
    let memo: Memo<Same, u32> = Memo::new(50);
    for round in 0..3 {
        for n in 0..50 {
            assert_eq!(memo.get_or_insert_with(&Same(n), || n + round), n);
        }
    }
    assert!(memo.invalidate(&Same(7)) && !memo.contains(&Same(7)) && memo.contains(&Same(8)));
    assert_eq!((memo.info().hits, memo.info().misses), (100, 50));
}
