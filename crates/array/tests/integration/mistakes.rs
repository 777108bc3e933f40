//! What is said of wrong shapes, axes, indices and chunks.

use ndarray::{Dimension, Ix1, Ix2, array, s};
use tenfold_array::{Array, Border, Element, Error, ErrorKind, Excess};

/// What an array that stands for an error says, without its line.
#[track_caller]
fn told<T: Element, D: Dimension>(array: &Array<T, D>, kind: ErrorKind, sentence: &str) {
    let error = array.plan().unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    let location = error.location().unwrap();
    assert!(location.file().ends_with("mistakes.rs"), "{error}");
    let place = format!(" (at {}:{})", location.file(), location.line());
    assert_eq!(error.to_string(), format!("{sentence}{place}"));
    // What is made of it says the same, and so does computing it.
    let made = array.ravel().map(|x| x).sum_of_nothing();
    assert_eq!(made.compute().unwrap_err().to_string(), error.to_string());
}

trait SumOfNothing {
    fn sum_of_nothing(&self) -> Self;
}

impl<T: Element> SumOfNothing for Array<T, Ix1> {
    fn sum_of_nothing(&self) -> Self {
        self.take(0, &[]).pad(&[(1, 1)], Border::Const(T::default()))
    }
}

fn x() -> Array<i64, Ix2> {
    Array::zeros([3, 4], 2)
}

#[test]
fn axes() {
    let kind = ErrorKind::Axis;
    let beyond = "argument `axis` is 2, but the array has 2 axes";
    told(&x().flip(2), kind, beyond);
    told(&x().swap_axes(0, 2), kind, beyond);
    told(&x().move_axis(2, 0), kind, beyond);
    told(&x().take(2, &[0]), kind, beyond);
    told(&x().roll(2, 1), kind, beyond);
    told(&x().repeat(2, 1), kind, beyond);
    told(&x().index_axis(2, 0), kind, beyond);
    told(&Array::concatenate(2, &[x()]), kind, beyond);
    told(
        &x().insert_axis(3),
        kind,
        "argument `axis` is 3, but a new axis of an array of 2 can be 2 at most",
    );
    told(&x().squeeze(&[0, 0]), kind, "argument `axes` has axis 0 twice");
    told(&x().tile(&[2]), kind, "argument `times` has 1 elements, but the array has 2 axes");
    told(
        &x().pad(&[(1, 1)], Border::Wrap),
        kind,
        "argument `widths` has 1 elements, but the array has 2 axes",
    );
    told(
        &x().coarsen(&[2], Excess::Trim, |_| 0),
        kind,
        "argument `sizes` has 1 elements, but the array has 2 axes",
    );
    let overlap = x().map_overlap(&[1, 1, 1], Border::Wrap, |seen, _| seen.to_owned());
    told(&overlap, kind, "argument `depth` has 3 elements, but the array has 2 axes");
    told(
        &Array::from(vec![1]).tril(0),
        kind,
        "`tril` is of the last two axes, but the array has 1",
    );
    told(
        &x().tensordot(&x(), (&[0, 1], &[0])),
        kind,
        "argument `axes` names 2 axes of the first array, but 1 of the second",
    );
    told(
        &x().tensordot(&x(), (&[0], &[5])),
        kind,
        "argument `axis` is 5, but the array has 2 axes",
    );
    told(
        &Array::stack(3, &[x()]),
        kind,
        "argument `axis` is 3, but a new axis of an array of 2 can be 2 at most",
    );
    let stack = x().broadcast([2, 3, 4]);
    told(
        &x().dot(&stack),
        kind,
        "`dot` is for 1 or 2 axes, but an array has 3: `matmul` or `tensordot` say which",
    );
}

#[test]
fn shapes() {
    let kind = ErrorKind::Shape;
    told(
        &x().squeeze(&[1]),
        kind,
        "axis 1 of argument `axes` has 4 elements, but only axes of 1 can be left out",
    );
    told(
        &x().reshape([5, 2]),
        kind,
        "argument `shape` is [5, 2], which has 10 elements, but the array has 12",
    );
    told(
        &x().reshape([usize::MAX, 2]),
        kind,
        &format!(
            "argument `shape` is [{}, 2], which has too many elements, but the array has 12",
            usize::MAX
        ),
    );
    told(&x().compress(1, &[true]), kind, "argument `mask` has 1 elements, but axis 1 has 4");
    told(
        &x().masked(array![[true]].view()),
        kind,
        "argument `mask` has the shape [1, 1], but the array [3, 4]",
    );
    told(
        &Array::concatenate(0, &[x(), x(), x().t()]),
        kind,
        "argument `arrays` has the shape [4, 3] at number 2, but [3, 4] at number 0: they differ along axis 1",
    );
    told(
        &Array::block(&[&[x(), x()], &[x()]]),
        kind,
        "argument `arrays` has the shape [3, 4] at number 1, but [3, 8] at number 0: they differ along axis 1",
    );
    told(
        &x().assign(s![.., 1], &Array::zeros([4], 4)),
        kind,
        "argument `values` has the shape [4], which cannot be broadcast to that of the slice, [3]",
    );
    told(
        &x().coarsen(&[2, 3], Excess::Refuse, |_| 0),
        kind,
        "argument `sizes` is 2 for axis 0, whose 3 elements leave a rest of 1",
    );
    told(
        &x().repeat(0, usize::MAX),
        kind,
        &format!(
            "argument `times` is {}, with which an axis of 3 elements becomes too long",
            usize::MAX
        ),
    );
    told(
        &x().pad(&[(0, usize::MAX), (0, 0)], Border::Wrap),
        kind,
        &format!(
            "argument `widths` has 0 and {}, with which an axis of 3 elements becomes too long",
            usize::MAX
        ),
    );
    told(
        &x().matmul(&x()),
        kind,
        "`matmul` of shapes [3, 4] and [3, 4]: axis 1 of the first has 4 elements, but axis 0 of the second 3",
    );
    told(
        &x().tensordot(&x(), (&[0], &[1])),
        kind,
        "`tensordot` of shapes [3, 4] and [3, 4]: axis 0 of the first has 3 elements, but axis 1 of the second 4",
    );
    told(
        &x().vdot(&x().t().map(|x| x)),
        kind,
        "`vdot` is of two arrays of one shape, but they have [3, 4] and [4, 3]",
    );
}

#[test]
fn indices_values_and_chunks() {
    let kind = ErrorKind::Index;
    told(
        &x().take(1, &[0, -4, 4]),
        kind,
        "index 4 of argument `indices`, number 2, is beyond axis 1 of 4 elements",
    );
    told(&x().index_axis(0, -4), kind, "argument `index` is -4, beyond axis 0 of 3 elements");
    told(
        &x().fill(s![3, ..], 1),
        kind,
        "index 3 of argument `slice` is beyond axis 0 of 3 elements",
    );
    let kind = ErrorKind::Value;
    told(
        &x().pad(&[(1, 1), (1, 1)], Border::Valid),
        kind,
        "argument `border` is `Valid`, which has no elements to pad with",
    );
    told(
        &x().coarsen(&[1, 0], Excess::Trim, |_| 0),
        kind,
        "argument `sizes` is 0 for axis 1, but a box has at least 1 element",
    );
    let kind = ErrorKind::Empty;
    told(&Array::<i64, Ix2>::concatenate(0, &[]), kind, "argument `arrays` has no array");
    told(
        &x().slice(s![..0, ..]).pad(&[(1, 0), (0, 0)], Border::Reflect),
        kind,
        "argument `border` is Reflect, which needs an element, but an axis has none",
    );
    let kind = ErrorKind::Chunks;
    let blocks = x().try_map_blocks([3], 1, |block, _| Ok::<_, Error>(block.column(0).to_owned()));
    told(&blocks, kind, "argument `chunks` makes 3 chunks, but the array has 4");
    let blocks = Array::from_chunks([3], 0, |_| Ok::<_, Error>(array![1_u8]));
    told(
        &blocks,
        kind,
        "argument `chunks` is 0 for an axis of 3, but a chunk has at least 1 element",
    );
}

#[test]
fn an_error_stays_the_first() {
    let wrong = x().flip(7);
    let first = wrong.plan().unwrap_err().to_string();
    for made in [
        Array::concatenate(0, &[x(), wrong.clone()]),
        x().assign(s![.., ..], &wrong),
        wrong.fill(s![.., 1..], 3),
        wrong.dot(&x()),
        wrong.tril(1).pad(&[(1, 1), (2, 2)], Border::Wrap).tile(&[1, 2]),
        wrong.map_blocks(|block, _| block.to_owned()),
        wrong.map_overlap(&[1, 1], Border::Nearest, |block, _| block.to_owned()),
        wrong.coarsen(&[1, 1], Excess::Trim, |_| 1),
        wrong.zeros_like(),
        wrong.diagonal().outer(&x().row(0)),
    ] {
        assert_eq!(made.compute().unwrap_err().to_string(), first);
    }
}
