//! Arrays as keys: by their shape and all of their elements.

use std::hash::{Hash as _, Hasher};

use ndarray::{Array, ArrayBase, ArrayView, Data, Dimension};

use crate::floats::{Content, Floats};
use crate::lookup::Lookup;

/// Arrays are the same key if they have the same shape and elements, wherever and in which order these
/// lie.
impl<A: Content, S: Data<Elem = A>, D: Dimension> Content for ArrayBase<S, D> {
    fn feed<H: Hasher>(&self, typed: bool, state: &mut H) {
        self.shape().hash(state);
        self.iter().for_each(|x| x.feed(typed, state));
    }

    fn same(&self, other: &Self, typed: bool) -> bool {
        same(self, other, typed)
    }
}

fn same<A, S, T, D>(a: &ArrayBase<S, D>, b: &ArrayBase<T, D>, typed: bool) -> bool
where
    A: Content,
    S: Data<Elem = A>,
    T: Data<Elem = A>,
    D: Dimension,
{
    a.shape() == b.shape() && a.iter().zip(b.iter()).all(|(a, b)| a.same(b, typed))
}

/// A view, and what it is kept as.
pub trait View {
    /// An array.
    type Owned: Content + ToOwned;
}

impl<A: Content + Clone, D: Dimension> View for ArrayView<'_, A, D> {
    type Owned = Array<A, D>;
}

/// The key of a view.
pub type ViewKey<V, const TYPED: bool> = Floats<<V as View>::Owned, TYPED>;

/// Finds the key of a view.
#[derive(Debug)]
pub struct ViewOf<'a, V, const TYPED: bool>(&'a V);

/// What finds the key of this view.
pub const fn view<const TYPED: bool, V>(view: &V) -> ViewOf<'_, V, TYPED> {
    ViewOf(view)
}

impl<A, D, const TYPED: bool> Lookup<Floats<Array<A, D>, TYPED>>
    for ViewOf<'_, ArrayView<'_, A, D>, TYPED>
where
    A: Content + Clone,
    D: Dimension,
{
    fn feed<H: Hasher>(&self, state: &mut H) {
        self.0.feed(TYPED, state);
    }

    fn matches(&self, key: &Floats<Array<A, D>, TYPED>) -> bool {
        same(self.0, key.get(), TYPED)
    }

    fn to_key(&self) -> Floats<Array<A, D>, TYPED> {
        Floats::new(self.0.to_owned())
    }
}
