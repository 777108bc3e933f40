//! Sums of products against their definition, and against NumPy.

use std::collections::BTreeMap;

use ndarray::{ArrayD, IxDyn};
use proptest::prelude::*;
use tenfold_array::{Array, ErrorKind, Settings};

/// Sums over all letters, of products of all arrays.
fn defined(inputs: &[Vec<char>], result: &[char], arrays: &[ArrayD<i64>]) -> ArrayD<i64> {
    let mut lens = BTreeMap::new();
    for (letters, array) in inputs.iter().zip(arrays) {
        letters.iter().zip(array.shape()).for_each(|(letter, len)| {
            lens.insert(*letter, *len);
        });
    }
    let letters: Vec<char> = lens.keys().copied().collect();
    let shape: Vec<usize> = result.iter().map(|letter| lens[letter]).collect();
    let mut out = ArrayD::zeros(shape);
    let all: Vec<usize> = lens.values().copied().collect();
    for index in ndarray::indices(IxDyn(&all)) {
        let at = |of: &[char]| -> Vec<usize> {
            let place = |letter| letters.iter().position(|other| other == letter).unwrap();
            of.iter().map(|letter| index[place(letter)]).collect()
        };
        let factors = inputs.iter().zip(arrays).map(|(of, array)| array[IxDyn(&at(of))]);
        out[IxDyn(&at(result))] += factors.product::<i64>();
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn sums_are_what_they_are_defined_as(
        inputs in prop::collection::vec(prop::collection::vec(0..5_usize, 0..4), 1..4),
        lens in prop::collection::vec(1..5_usize, 5),
        kept in prop::collection::vec(any::<bool>(), 5),
        turned in any::<bool>(),
        cut in 1..4_usize,
    ) {
        let letter = |i: usize| ['a', 'd', 'B', 'k', 'e'][i];
        let letters: Vec<Vec<char>> =
            inputs.iter().map(|term| term.iter().map(|&i| letter(i)).collect()).collect();
        let mut result: Vec<char> = (0..5)
            .filter(|&i| kept[i] && inputs.iter().flatten().any(|&other| other == i))
            .map(letter)
            .collect();
        if turned {
            result.reverse();
        }
        let mut next = 0;
        let arrays: Vec<ArrayD<i64>> = inputs
            .iter()
            .map(|term| {
                let shape: Vec<usize> = term.iter().map(|&i| lens[i]).collect();
                ArrayD::from_shape_simple_fn(shape, || {
                    next = (next * 5 + 3) % 11;
                    next - 5
                })
            })
            .collect();
        let lazy: Vec<_> = arrays.iter().map(|a| Array::from_ndarray(a.clone(), cut)).collect();
        let terms: Vec<String> = letters.iter().map(|term| term.iter().collect()).collect();
        let subscripts = format!("{} -> {}", terms.join(", "), result.iter().collect::<String>());
        let sum = Array::einsum(&subscripts, &lazy.iter().collect::<Vec<_>>());
        let sum = Settings::new().threads(2).compute(&sum).unwrap();
        prop_assert_eq!(sum, defined(&letters, &result, &arrays), "{}", subscripts);
    }
}

#[test]
fn without_a_result_letters_that_occur_once_are_kept() {
    let a = Array::arange(0..6, 2).reshape([2, 3]).into_dyn();
    let b = Array::arange(0..12, 5).reshape([3, 4]).into_dyn();
    let product = Array::einsum("kj,ji", &[&a, &b]).compute().unwrap();
    assert_eq!(product, a.matmul(&b).t().compute().unwrap());
    assert_eq!(Array::einsum("ba", &[&a]).compute().unwrap(), a.t().compute().unwrap());
}

#[test]
fn of_many_the_smallest_products_come_first() {
    let tall = Array::<f64, _>::ones([2000, 3], 500).into_dyn();
    let small = Array::<f64, _>::ones([3, 3], 3).into_dyn();
    // From the left the first product would have 2000 x 2000 elements.
    let sum = Array::einsum("ia,ja,ab,bj->i", &[&tall, &tall, &small, &tall.t()]);
    let settings = Settings::new().threads(2).memory(2 << 20);
    assert_eq!(settings.compute(&sum).unwrap().len(), 2000);
}

#[test]
fn subscripts_that_say_nothing_are_errors() {
    let x = Array::<i64, _>::ones([2, 3], 1).into_dyn();
    for (subscripts, kind, sentence) in [
        ("ij,jk", ErrorKind::Value, "which is of 2 arrays, but there are 1"),
        ("i", ErrorKind::Axis, "with 1 letters for array 0, which has 2 axes"),
        ("ii", ErrorKind::Shape, "where 'i' stands for 2 and for 3 elements"),
        ("i...", ErrorKind::Value, "but '.' is no letter"),
        ("ij->ii", ErrorKind::Value, "whose result has 'i' twice"),
        ("ij->k", ErrorKind::Value, "or no array has it"),
        ("ij->i->j", ErrorKind::Value, "but '-' is no letter"),
    ] {
        let error = Array::einsum(subscripts, &[&x]).compute().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(sentence), "{error}");
        assert_eq!(error.location().unwrap().file(), file!());
    }
    assert_eq!(Array::<i64, _>::einsum("", &[]).compute().unwrap_err().kind(), ErrorKind::Value);
}
