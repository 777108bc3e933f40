//! Arrays as arguments.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, arr2, array, s};
use tenfold_memo::{Floats, Memo, lru_cache, memoize};

#[lru_cache]
#[expect(elided_lifetimes_in_paths, reason = "as most people write it")]
fn sum(x: ArrayView1<f64>, weights: &ArrayView2<'_, f32>) -> f64 {
    x.sum() + f64::from(weights.sum())
}

#[memoize]
fn count(x: &Array2<i64>, y: &Array1<f64>, z: Array1<u8>) -> usize {
    x.len() + y.len() + z.len()
}

#[memoize(typed = true)]
fn signs(x: ArrayView1<'_, f64>) -> usize {
    x.iter().filter(|x| x.is_sign_negative()).count()
}

#[test]
fn arrays_are_known_by_shape_and_elements() {
    let (long, w) = (array![1.0, 9.0, 2.0, 9.0], arr2(&[[1.0_f32], [2.0]]));
    assert_eq!(sum(array![1.0, 2.0].view(), &w.view()), 6.0);
    // The same elements, elsewhere and with gaps.
    assert_eq!(sum(long.slice(s![..;2]), &w.view()), 6.0);
    // The same elements in another shape.
    assert_eq!(sum(array![1.0, 2.0].view(), &w.t()), 6.0);
    assert_eq!((sum::cache_info().hits, sum::cache_info().misses), (1, 2));
    assert!(sum::invalidate(array![1.0, 2.0].view(), &w.view()));

    let call = |x: f64| count(&arr2(&[[1], [2]]), &array![x], array![3]);
    assert_eq!((call(0.0), call(-0.0), call(f64::NAN), call(f64::NAN)), (4, 4, 4, 4));
    assert_eq!((count::cache_info().hits, count::cache_info().misses), (2, 2));

    assert_eq!((signs(array![0.0].view()), signs(array![-0.0].view())), (0, 1));
}

#[test]
fn arrays_as_keys_of_a_memo() {
    let memo: Memo<Floats<Array2<f64>>, f64> = Memo::new(4);
    let x = arr2(&[[1.0, 2.0], [3.0, 4.0]]);
    let trace = |x: &Array2<f64>| memo.get_or_insert_with(Floats::of(x), || x.diag().sum());
    assert_eq!(trace(&x) + trace(&x) + trace(&x.t().to_owned()), 15.0);
    assert_eq!(memo.info().misses, 2);
}
