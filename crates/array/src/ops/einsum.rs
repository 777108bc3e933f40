//! Sums of products by subscripts.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{Ix2, IxDyn};

use super::Number;
use super::broadcast::view;
use super::linear::contracted;
use super::map::mapped;
use crate::array::Array;
use crate::error::{Error, ErrorKind, Result};
use crate::function::Binary;
use crate::hash::Identity;
use crate::node::Origin;
use crate::reduce::{Folded, Sum};
use crate::view::{AxisMap, View};
use crate::window::Dims;

/// An array, and the letter of each of its axes: each once.
struct Term<T> {
    letters: Vec<char>,
    array: Array<T, IxDyn>,
}

impl<T: Number> Array<T, IxDyn> {
    /// Sums of products, by subscripts as those of `numpy.einsum`: a letter for each axis of each array, and those of
    /// the result behind `->`. What is summed over are the letters that are not among those; without `->` they are
    /// those that occur once, in alphabetical order. There is no ellipsis, and nothing is repeated: a letter stands for
    /// one length.
    ///
    /// Pairs of arrays are contracted as by [`tensordot`](Self::tensordot), first those whose product is smallest; of a
    /// pair that has nothing to be summed the elements are multiplied one by one.
    ///
    /// # Determinism
    /// As sums and products: the same bits for any number of threads and any cap. Other chunks may sum in other groups.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] if the subscripts are not of that form, [`ErrorKind::Axis`] if they have another number of
    /// letters than an array has axes, [`ErrorKind::Shape`] if a letter stands for two lengths.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::array};
    ///
    /// let x = Array::from_ndarray(array![[1, 2], [3, 4]], 1).into_dyn();
    /// let product = Array::einsum("ij,jk->ki", &[&x, &x]);
    /// assert_eq!(product.compute()?, array![[7, 15], [10, 22]].into_dyn());
    /// assert_eq!(Array::einsum("ii", &[&x]).compute()?.sum(), 5);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn einsum(subscripts: &str, arrays: &[&Self]) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            let (mut terms, result) = parsed(subscripts, arrays)?;
            for at in 0..terms.len() {
                terms[at].take_diagonals(origin);
                let kept = needed(&terms, &[at], &result);
                terms[at].sum_all_but(&kept, origin);
            }
            while terms.len() > 1 {
                let [a, b] = smallest(&terms, &result);
                let kept = needed(&terms, &[a, b], &result);
                // The later one first, so that the other stays where it is.
                let second = terms.remove(b);
                let product = terms[a].times(&second, &kept, origin);
                terms[a] = product;
            }
            let Some(Term { letters, array }) = terms.pop() else {
                return Err(Error::new(ErrorKind::Value, "argument `arrays` of `einsum` is empty"));
            };
            let order: Vec<usize> = result.iter().filter_map(|c| place(&letters, *c)).collect();
            Ok(Self::of(view(&array.node, View::permuted(&array.shape(), &order), origin)))
        })
    }
}

fn place(letters: &[char], letter: char) -> Option<usize> {
    letters.iter().position(|&other| other == letter)
}

/// The letters of the result, and those of all terms but some.
fn needed<T>(terms: &[Term<T>], but: &[usize], result: &[char]) -> Vec<char> {
    let others = terms.iter().enumerate().filter(|(at, _)| !but.contains(at));
    others.flat_map(|(_, term)| term.letters.iter()).chain(result).copied().collect()
}

/// The terms, and the letters of the result.
fn parsed<T: Number>(
    subscripts: &str,
    arrays: &[&Array<T, IxDyn>],
) -> Result<(Vec<Term<T>>, Vec<char>)> {
    let refuse = |kind, what: String| {
        Err(Error::new(kind, format!("argument `subscripts` is {subscripts:?}, {what}")))
    };
    let text: String = subscripts.chars().filter(|c| *c != ' ').collect();
    let (inputs, result) = match text.split_once("->") {
        Some((inputs, result)) => (inputs, Some(result)),
        None => (&*text, None),
    };
    let letters = || inputs.chars().filter(|c| *c != ',').chain(result.unwrap_or("").chars());
    if let Some(wrong) = letters().find(|c| !c.is_ascii_alphabetic()) {
        return refuse(ErrorKind::Value, format!("but {wrong:?} is no letter"));
    }
    let inputs: Vec<Vec<char>> = inputs.split(',').map(|term| term.chars().collect()).collect();
    if inputs.len() != arrays.len() {
        let what = format!("which is of {} arrays, but there are {}", inputs.len(), arrays.len());
        return refuse(ErrorKind::Value, what);
    }
    let mut lens: std::collections::BTreeMap<char, usize> = std::collections::BTreeMap::new();
    for (at, (letters, array)) in inputs.iter().zip(arrays).enumerate() {
        array.check()?;
        if letters.len() != array.ndim() {
            let (has, ndim) = (letters.len(), array.ndim());
            let what = format!("with {has} letters for array {at}, which has {ndim} axes");
            return refuse(ErrorKind::Axis, what);
        }
        for (&letter, &len) in letters.iter().zip(&array.shape()) {
            let known = *lens.entry(letter).or_insert(len);
            if known != len {
                let what = format!("where {letter:?} stands for {known} and for {len} elements");
                return refuse(ErrorKind::Shape, what);
            }
        }
    }
    let count = |letter: char| inputs.iter().flatten().filter(|&&other| other == letter).count();
    let result: Vec<char> = match result {
        Some(result) => result.chars().collect(),
        None => lens.keys().copied().filter(|&letter| count(letter) == 1).collect(),
    };
    for (at, letter) in result.iter().enumerate() {
        if count(*letter) == 0 || result[..at].contains(letter) {
            let what = format!("whose result has {letter:?} twice, or no array has it");
            return refuse(ErrorKind::Value, what);
        }
    }
    let arrays = arrays.iter().map(|&array| array.clone());
    let terms = inputs.into_iter().zip(arrays).map(|(letters, array)| Term { letters, array });
    Ok((terms.collect(), result))
}

/// The two terms whose product has the fewest elements; of several the first.
#[expect(clippy::cast_precision_loss, reason = "it is about how many")]
fn smallest<T: Number>(terms: &[Term<T>], result: &[char]) -> [usize; 2] {
    let pairs = (0..terms.len()).flat_map(|a| (a + 1..terms.len()).map(move |b| [a, b]));
    let elements = |[a, b]: [usize; 2]| {
        let kept = needed(terms, &[a, b], result);
        let own = terms[a].letters.iter().zip(terms[a].array.shape());
        let other = terms[b].letters.iter().zip(terms[b].array.shape());
        let other = other.filter(|(letter, _)| !terms[a].letters.contains(letter));
        let kept = own.chain(other).filter(|(letter, _)| kept.contains(letter));
        kept.map(|(_, len)| len as f64).product::<f64>()
    };
    pairs.min_by(|&a, &b| elements(a).total_cmp(&elements(b))).unwrap_or([0, 1])
}

impl<T: Number> Term<T> {
    /// Has each letter once: of those that it has more often, what has the same index for all.
    fn take_diagonals(&mut self, origin: Origin) {
        let mut once: Vec<char> = vec![];
        self.letters.iter().for_each(|c| {
            if !once.contains(c) {
                once.push(*c);
            }
        });
        if once.len() == self.letters.len() {
            return;
        }
        let shape = self.array.shape();
        self.array = match shape.len() {
            2 => Array::<T, Ix2>::of(Arc::clone(&self.array.node)).diagonal().into_dyn(),
            _ => {
                let along = |c: &char| place(&once, *c).unwrap_or(0);
                let maps = self.letters.iter().map(along);
                let maps = maps.map(|axis| AxisMap::Along { axis, start: 0, step: 1 }).collect();
                let lens = once.iter().filter_map(|c| place(&self.letters, *c));
                let shape = lens.map(|axis| shape[axis]).collect();
                Array::of(view(&self.array.node, View { shape, maps }, origin))
            }
        };
        self.letters = once;
    }

    /// Sums over all axes but those of some letters.
    fn sum_all_but(&mut self, kept: &[char], origin: Origin) {
        let is_kept = |letter: &char| kept.contains(letter);
        let axes = (0..self.letters.len()).filter(|&axis| !is_kept(&self.letters[axis]));
        let axes: Vec<usize> = axes.collect();
        if axes.is_empty() {
            return;
        }
        let fold = Arc::new(Folded::<T, T::Sum, Sum>::new("sum", Identity::of(()), Sum));
        let sum: Array<T::Sum, IxDyn> = self.array.reduced(&axes, fold, false, origin);
        self.array = sum.unary::<T>("narrow", Identity::of(()), T::narrowed, origin);
        self.letters.retain(is_kept);
    }

    /// The products with another term, summed over what they have in common and is not kept. What one of them has alone
    /// is kept, or was summed over before.
    fn times(&self, other: &Self, kept: &[char], origin: Origin) -> Self {
        let of = |which: &dyn Fn(&char) -> bool, term: &Self| -> Vec<char> {
            term.letters.iter().copied().filter(|c| which(c)).collect()
        };
        let is_common = |c: &char| other.letters.contains(c);
        let batch = of(&|c| is_common(c) && kept.contains(c), self);
        let inner = of(&|c| is_common(c) && !kept.contains(c), self);
        if inner.is_empty() {
            return self.times_each(other, origin);
        }
        let rows = of(&|c| !is_common(c), self);
        let cols = of(&|c| !self.letters.contains(c), other);
        let permuted = |term: &Self, letters: Vec<char>| {
            let order: Vec<usize> =
                letters.iter().filter_map(|c| place(&term.letters, *c)).collect();
            view(&term.array.node, View::permuted(&term.array.shape(), &order), origin)
        };
        let a = permuted(self, [&*batch, &rows, &inner].concat());
        let b = permuted(other, [&*batch, &inner, &cols].concat());
        let product = contracted::<T>(&a, &b, batch.len(), inner.len(), origin);
        Self { letters: [batch, rows, cols].concat(), array: Array::of(product) }
    }

    /// The products with another term, of which none are summed: each array is repeated along the axes that it has not.
    fn times_each(&self, other: &Self, origin: Origin) -> Self {
        let mut letters = self.letters.clone();
        let new = other.letters.iter().filter(|c| !self.letters.contains(c));
        letters.extend(new);
        let len = |c: &char| match place(&self.letters, *c) {
            Some(axis) => self.array.shape()[axis],
            None => place(&other.letters, *c).map_or(1, |axis| other.array.shape()[axis]),
        };
        let shape: Dims = letters.iter().map(len).collect();
        let spread = |term: &Self| {
            let axes = term.letters.iter().filter_map(|c| place(&letters, *c));
            let maps = axes.map(|axis| AxisMap::Along { axis, start: 0, step: 1 }).collect();
            view(&term.array.node, View { shape: shape.clone(), maps }, origin)
        };
        let function = Binary::new(|a: &[T], b: &[T], out: &mut [T]| {
            for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
                *out = a.times(b);
            }
        });
        let (a, b) = (spread(self), spread(other));
        let array = mapped("outer", Identity::of(()), Arc::new(function), &[&a, &b], origin);
        Self { letters, array }
    }
}
