//! Which ranks are to have which chunks, as a user says it.

use std::panic::Location;
use std::sync::Arc;

use ndarray::Dimension;
use smallvec::SmallVec;
use tenfold_comm::Blocks;

use crate::array::Array;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::Op;
use crate::plan::{Dealt, Hand};
use crate::view::{AxisMap, View};
use crate::window::{Dims, count};

/// Ranks as a grid whose axes have names. Feature `ranks`.
///
/// Rank 0 is at the first place of all axes, and the last axis is gone through first. Ranks that the mesh has no place for
/// have no chunks of the arrays that are laid out on it.
///
/// ```
/// use tenfold_array::Mesh;
///
/// let mesh = Mesh::new([("row", 2), ("column", 3)])?;
/// assert_eq!(mesh.size(), 6);
/// # Ok::<(), tenfold_array::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mesh {
    axes: Arc<[(Box<str>, usize)]>,
}

impl Mesh {
    /// A grid with so many ranks along each axis.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] if two axes have one name, one has no ranks, or there are more than can be counted.
    #[expect(single_use_lifetimes, reason = "it cannot be left out within `impl`")]
    pub fn new<'a>(axes: impl IntoIterator<Item = (&'a str, usize)>) -> Result<Self> {
        let refused = |sentence: String| Err(Error::new(ErrorKind::Value, sentence));
        let axes: Vec<(Box<str>, usize)> =
            axes.into_iter().map(|(name, len)| (name.into(), len)).collect();
        for (at, (name, len)) in axes.iter().enumerate() {
            if axes[..at].iter().any(|(other, _)| other == name) {
                return refused(format!("argument `axes` names axis `{name}` of a mesh twice"));
            }
            if *len == 0 {
                return refused(format!(
                    "argument `axes` has 0 ranks along axis `{name}`, but there is at least 1"
                ));
            }
        }
        if axes.iter().try_fold(1_usize, |all, (_, len)| all.checked_mul(*len)).is_none() {
            return refused("argument `axes` has more ranks than can be counted".to_owned());
        }
        Ok(Self { axes: axes.into() })
    }

    /// How many ranks it has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.axes.iter().map(|(_, len)| len).product()
    }

    /// Lays the chunks of an array out on the ranks: along each of its axes by the axis of the mesh with this name, or all
    /// at the first place where it is `None`. Each place has as many consecutive ones, but for one more of the first;
    /// [`Layout::cyclic`] and [`Layout::symmetric`] say otherwise.
    ///
    /// ```
    /// use tenfold_array::Mesh;
    ///
    /// let mesh = Mesh::new([("row", 2), ("column", 3)])?;
    /// let both = mesh.layout(["row", "column"])?;
    /// let rows_of_images = mesh.layout([None, Some("row"), None])?;
    /// let error = mesh.layout(["row", "depth"]).unwrap_err();
    /// assert_eq!(error.to_string(), "argument `axes` names `depth`, but the axes of the mesh are `row`, `column`");
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Axis`] if the mesh has no axis of a name, or one is named twice.
    pub fn layout<'a, N: Into<Option<&'a str>>>(
        &self,
        axes: impl IntoIterator<Item = N>,
    ) -> Result<Layout> {
        let mut found: SmallVec<[Split; 4]> = SmallVec::new();
        for name in axes {
            let along = name.into().map(|name| self.axis(name)).transpose()?;
            if let Some(axis) = along
                && found.iter().any(|split| split.along == along)
            {
                let name = &self.axes[axis].0;
                let sentence = format!(
                    "argument `axes` names `{name}` twice, but an axis of a mesh goes along one axis of an array"
                );
                return Err(Error::new(ErrorKind::Axis, sentence));
            }
            found.push(Split { along, block: None });
        }
        Ok(Layout { mesh: self.clone(), axes: found, is_symmetric: false })
    }

    fn axis(&self, name: &str) -> Result<usize> {
        self.axes.iter().position(|(other, _)| **other == *name).ok_or_else(|| {
            let names = self.axes.iter().map(|(name, _)| format!("`{name}`"));
            let names = names.collect::<Vec<_>>().join(", ");
            let sentence =
                format!("argument `axes` names `{name}`, but the axes of the mesh are {names}");
            Error::new(ErrorKind::Axis, sentence)
        })
    }
}

/// Which ranks of a [`Mesh`] have which chunks of an array. It is a formula: no rank has a table of chunks. Made by
/// [`Mesh::layout`], and given to an array by [`Array::on`]. Feature `ranks`.
///
/// ```
/// use tenfold_array::{Array, Mesh};
///
/// let layout = Mesh::new([("rank", 4)])?.layout([Some("rank"), None])?;
/// let x = Array::<f64, _>::ones([400, 30], [100, 30]).on(&layout);
/// // On one rank it says nothing.
/// assert_eq!(x.sum().compute()?.into_scalar(), 12_000.0);
/// # Ok::<(), tenfold_array::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Layout {
    mesh: Mesh,
    /// One for each axis of the array.
    axes: SmallVec<[Split; 4]>,
    is_symmetric: bool,
}

/// How an axis of an array is given to an axis of the mesh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Split {
    along: Option<usize>,
    /// How many chunks are given at a time, in turn; all at once if that is not said.
    block: Option<usize>,
}

impl Layout {
    /// Gives the chunks along each axis in turn, blocks of so many at a time: where some chunks take longer than others, or
    /// not all are worked on, all ranks have of both. Neighbours of a block are on other ranks: stencils send what is on the
    /// borders of blocks, and reductions a message for each.
    ///
    /// ```
    /// use tenfold_array::{Array, Mesh, Ranks};
    /// use tenfold_comm::World;
    ///
    /// // Eight rows of chunks, each in turn to one of three ranks.
    /// let layout = Mesh::new([("rank", 3)])?.layout([Some("rank"), None])?.cyclic(&[1, 1])?;
    /// let own = World::threads(3).run(|world| {
    ///     let x = Array::<f64, _>::ones([80, 10], 10).on(&layout);
    ///     let plan = Ranks::new(world)?.plan(&x.sum())?;
    ///     Ok::<_, tenfold_array::Error>(plan.share().map(|own| own.tasks))
    /// });
    /// assert_eq!(own.unwrap(), [Some(3), Some(3), Some(2)]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] if there is not one length for each axis, [`ErrorKind::Value`] if one is 0.
    pub fn cyclic(mut self, blocks: &[usize]) -> Result<Self> {
        if blocks.len() != self.axes.len() {
            let sentence = format!(
                "argument `blocks` has {} lengths, but the layout has {} axes",
                blocks.len(),
                self.axes.len()
            );
            return Err(Error::new(ErrorKind::Shape, sentence));
        }
        if let Some(axis) = blocks.iter().position(|&block| block == 0) {
            let sentence =
                format!("argument `blocks` is 0 for axis {axis}, but a block has at least 1 chunk");
            return Err(Error::new(ErrorKind::Value, sentence));
        }
        for (split, &block) in self.axes.iter_mut().zip(blocks) {
            split.block = Some(block);
        }
        Ok(self)
    }

    /// Gives chunk `(i, j)` and chunk `(j, i)` of a matrix to one rank, the one that chunk `(min, max)` is given to, so that
    /// `x + x.t()` sends nothing. Chunks are given in turn, one at a time where [`cyclic`](Self::cyclic) has not said how many:
    /// the others of the half above the diagonal would not be shared by all ranks.
    ///
    /// ```
    /// use tenfold_array::{Array, Mesh, Random, Ranks};
    /// use tenfold_comm::World;
    ///
    /// let layout = Mesh::new([("row", 2), ("column", 2)])?.layout(["row", "column"])?.symmetric()?;
    /// let sent = World::threads(4).run(|world| {
    ///     let ranks = Ranks::new(world)?;
    ///     let x = Random::new(1).standard_normal::<f64, _>([300, 300], 50);
    ///     let x = ranks.persist(&x.on(&layout))?;
    ///     ranks.persist(&(&x + &x.t()))?;
    ///     Ok::<_, tenfold_array::Error>(ranks.sent().messages)
    /// });
    /// assert_eq!(sent.unwrap(), [0; 4]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] if the layout has another number of axes than 2.
    pub fn symmetric(mut self) -> Result<Self> {
        if self.axes.len() != 2 {
            let sentence =
                format!("a symmetric layout has 2 axes, but this one has {}", self.axes.len());
            return Err(Error::new(ErrorKind::Shape, sentence));
        }
        for split in &mut self.axes {
            split.block.get_or_insert(1);
        }
        self.is_symmetric = true;
        Ok(self)
    }
}

impl<T: Element, D: Dimension> Array<T, D> {
    /// The same elements, made and kept by the ranks that a layout gives the chunks to, where [`Ranks`](crate::Ranks) compute
    /// them. What is made of it in as many chunks along each axis has the same layout, turned round where axes are, unless it
    /// is given another one; what is not, has none: ranks have as many consecutive chunks each. Results are the same, bit for
    /// bit. On one rank, and without ranks, a layout says nothing. Feature `ranks`.
    ///
    /// ```
    /// use tenfold_array::{Array, Mesh, Ranks};
    /// use tenfold_comm::World;
    ///
    /// let layout = Mesh::new([("row", 2), ("column", 2)])?.layout(["row", "column"])?;
    /// let shares = World::threads(4).run(|world| {
    ///     let ranks = Ranks::new(world)?;
    ///     let x = Array::from_fn([6, 6], 1, |at| (at[0] * at[1]) as f64).on(&layout);
    ///     let x = ranks.persist(&x)?;
    ///     // A quarter of the sums of products, and of the chunks.
    ///     assert_eq!(ranks.compute(&x.sum())?.into_scalar(), 225.0);
    ///     Ok::<_, tenfold_array::Error>(ranks.plan(&x.map(f64::sqrt))?.share().map(|own| own.tasks))
    /// });
    /// assert_eq!(shares.unwrap(), [Some(9); 4]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// The array stands for [`ErrorKind::Shape`] if the layout has another number of axes; for [`ErrorKind::Chunks`] if it
    /// is symmetric, and there are not as many chunks along both axes. It is planned for ranks with [`ErrorKind::Value`] if
    /// the mesh has more of them than there are.
    #[track_caller]
    #[must_use]
    pub fn on(&self, layout: &Layout) -> Self {
        let origin = Location::caller();
        Self::or_invalid(origin, || {
            self.check()?;
            layout.fits(&self.node.chunks.counts())?;
            let (chunks, key) = (self.node.chunks.clone(), Identity::of(("on", layout)));
            let mut array = Self::made(Op::Rechunk, [Arc::clone(&self.node)], chunks, key, origin);
            if let Some(node) = Arc::get_mut(&mut array.node) {
                node.owners.layout = Some(Arc::new(layout.clone()));
            }
            Ok(array)
        })
    }
}

impl Layout {
    fn fits(&self, counts: &[usize]) -> Result<()> {
        if counts.len() != self.axes.len() {
            let sentence = format!(
                "argument `layout` has {} axes, but the array has {}",
                self.axes.len(),
                counts.len()
            );
            return Err(Error::new(ErrorKind::Shape, sentence));
        }
        match *counts {
            [rows, columns] if self.is_symmetric && rows != columns => {
                let sentence = format!(
                    "argument `layout` is symmetric, but the array has {rows} chunks along axis 0 and {columns} along axis 1"
                );
                Err(Error::new(ErrorKind::Chunks, sentence))
            }
            _ => Ok(()),
        }
    }

    /// That there are so many ranks for all of the mesh.
    pub(crate) fn check(&self, ranks: usize) -> Result<()> {
        let size = self.mesh.size();
        if size <= ranks {
            return Ok(());
        }
        let axes = self.mesh.axes.iter().map(|(name, len)| format!("{len} along `{name}`"));
        let axes = axes.collect::<Vec<_>>().join(", ");
        let sentence =
            format!("argument `layout` has a mesh of {size} ranks ({axes}), but there are {ranks}");
        Err(Error::new(ErrorKind::Value, sentence))
    }

    /// How a view of an array is laid out so that each chunk is where it is read, if the view shows the axes that are.
    pub(crate) fn seen(&self, view: &View) -> Option<Self> {
        let mut axes: SmallVec<[Split; 4]> =
            SmallVec::from_elem(Split { along: None, block: None }, view.shape.len());
        for (split, map) in self.axes.iter().zip(&view.maps) {
            match *map {
                AxisMap::Along { axis, .. } => axes[axis] = *split,
                AxisMap::Fixed(_) if split.along.is_some() || self.is_symmetric => return None,
                AxisMap::Fixed(_) => {}
            }
        }
        match self.is_symmetric {
            true if axes.len() != 2 => None,
            // What is on the other side of the diagonal has the same rank.
            true => Some(self.clone()),
            false => Some(Self { axes, ..self.clone() }),
        }
    }

    #[cfg(test)]
    pub(super) fn is_square(&self) -> bool {
        self.is_symmetric
    }

    /// How many places there are for the chunks along an axis.
    fn parts(&self, axis: usize) -> usize {
        self.axes[axis].along.map_or(1, |along| self.mesh.axes[along].1)
    }

    /// The place of a chunk along an axis of so many.
    fn place(&self, axis: usize, count: usize, at: usize) -> usize {
        let parts = self.parts(axis);
        match self.axes[axis].block {
            Some(block) => at / block % parts,
            None => Blocks::new(count, parts).owner(at).unwrap_or(0),
        }
    }

    /// The chunks that a place has along an axis of so many.
    fn dealt(&self, axis: usize, count: usize, place: usize) -> Dealt {
        let parts = self.parts(axis);
        match self.axes[axis].block {
            Some(block) => Dealt::in_turn(place, parts, block, count),
            None => Dealt::run(Blocks::new(count, parts).range(place)),
        }
    }

    /// The rank of the chunk at this place of a grid of so many along each axis.
    pub(super) fn owner(&self, counts: &[usize], at: &[usize]) -> usize {
        let mut places: Dims = Dims::from_elem(0, self.mesh.axes.len());
        let sorted = match *at {
            [row, column] if self.is_symmetric => {
                Dims::from_slice(&[row.min(column), row.max(column)])
            }
            _ => at.into(),
        };
        for (axis, (&count, &at)) in counts.iter().zip(&sorted).enumerate() {
            if let Some(along) = self.axes[axis].along {
                places[along] = self.place(axis, count, at);
            }
        }
        let axes = self.mesh.axes.iter().zip(&places);
        axes.fold(0, |rank, ((_, len), place)| rank * len + place)
    }

    /// The place of a rank along each axis of an array, if it has some of it.
    fn places(&self, rank: usize) -> Option<Dims> {
        let mut of_mesh = Dims::from_elem(0, self.mesh.axes.len());
        let mut rest = rank;
        for (place, (_, len)) in of_mesh.iter_mut().zip(self.mesh.axes.iter()).rev() {
            (*place, rest) = (rest % len, rest / len);
        }
        let is_used = |along: usize| self.axes.iter().any(|split| split.along == Some(along));
        let is_elsewhere =
            of_mesh.iter().enumerate().any(|(along, &place)| place > 0 && !is_used(along));
        let of_array = |split: &Split| split.along.map_or(0, |along| of_mesh[along]);
        (rest == 0 && !is_elsewhere).then(|| self.axes.iter().map(of_array).collect())
    }

    /// The chunks of a rank in a grid of so many along each axis.
    pub(super) fn own(&self, counts: &[usize], rank: usize) -> Vec<Hand> {
        self.places(rank).map_or_else(Vec::new, |places| self.at(counts, &places))
    }

    /// Those of a place of each axis.
    fn at(&self, counts: &[usize], places: &[usize]) -> Vec<Hand> {
        let dealt = |axis: usize| self.dealt(axis, counts[axis], places[axis]);
        let mut all: Vec<Hand> = match self.is_symmetric {
            true => mirrored(dealt(0), dealt(1)),
            false => vec![(0..counts.len()).map(dealt).collect()],
        };
        all.retain(|hand| hand.iter().all(|dealt| dealt.runs() > 0));
        all
    }

    /// How many chunks of such a grid a rank has at most.
    pub(crate) fn most(&self, counts: &[usize]) -> usize {
        let at = |places: &[usize]| -> usize {
            let hands = self.at(counts, places);
            hands.iter().map(|hand| size(hand)).fold(0, usize::saturating_add)
        };
        match self.is_symmetric {
            // Those at the first place of the rows have as many above the diagonal as others of the same columns, or more.
            true => (0..self.parts(1)).map(|column| at(&[0, column])).max().unwrap_or(0),
            // The first place has as many as any.
            false => at(&Dims::from_elem(0, counts.len())),
        }
    }

    /// How many runs of chunks a rank has at most of those that are reduced along some axes to one, and how many chunks.
    pub(crate) fn runs(&self, counts: &[usize], axes: &[usize]) -> (usize, usize) {
        let dealt = |axis: usize| self.dealt(axis, counts[axis], 0);
        if self.is_symmetric {
            let own = match axes {
                // Of a row of the whole some are its own by their row, and some by their column.
                [_] => dealt(0).count() + dealt(1).count(),
                _ => self.most(counts),
            };
            return (own, own);
        }
        let own: Dims = axes.iter().map(|&axis| dealt(axis).count()).collect();
        let rows = count(&own[..own.len().saturating_sub(1)]);
        let runs = axes.last().map_or(1, |&axis| dealt(axis).runs());
        (rows.saturating_mul(runs), count(&own))
    }
}

/// How many chunks there are.
pub(super) fn size(hand: &[Dealt]) -> usize {
    hand.iter().fold(1, |all, dealt| all.saturating_mul(dealt.count()))
}

/// Those above the diagonal in these rows and columns, with it, and their mirror images below.
fn mirrored(rows: Dealt, columns: Dealt) -> Vec<Hand> {
    let row = |at: usize| Dealt::run(at..at + 1);
    let hand = |at: usize, dealt: Dealt| Hand::from_slice(&[row(at), dealt]);
    let above = rows.each().flat_map(|at| columns.from(at).map(|dealt| hand(at, dealt)));
    let below = columns.each().map(|at| hand(at, rows.until(at)));
    above.chain(below).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Settings;

    /// Layouts of so many axes on up to six ranks, with how many that are.
    pub(in super::super) fn layouts(ndim: usize) -> impl Strategy<Value = (Layout, usize)> {
        let axes = (1..4_usize, 1..3_usize, 0..3_usize, prop::option::of(1..4_usize));
        let places = prop::collection::vec(any::<prop::sample::Index>(), 2);
        (axes, places, any::<bool>()).prop_map(
            move |((rows, columns, used, block), places, is_symmetric)| {
                let mesh = Mesh::new([("row", rows), ("column", columns)]).unwrap();
                let mut names = vec![None; ndim];
                for (name, place) in ["row", "column"].into_iter().zip(&places).take(used.min(ndim))
                {
                    let free: Vec<usize> =
                        (0..ndim).filter(|&axis| names[axis].is_none()).collect();
                    names[free[place.index(free.len())]] = Some(name);
                }
                let mut layout = mesh.layout(names).unwrap();
                if let Some(block) = block {
                    layout = layout.cyclic(&vec![block; ndim]).unwrap();
                }
                if is_symmetric && ndim == 2 {
                    layout = layout.symmetric().unwrap();
                }
                (layout, mesh.size())
            },
        )
    }

    fn told<T>(result: Result<T>) -> (ErrorKind, String) {
        let error = result.err().expect("it is refused");
        (error.kind(), error.to_string())
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_value_and_the_bound() {
        let (kind, sentence) = told(Mesh::new([("a", 2), ("b", 1), ("a", 3)]));
        assert_eq!(kind, ErrorKind::Value);
        assert_eq!(sentence, "argument `axes` names axis `a` of a mesh twice");
        let (kind, sentence) = told(Mesh::new([("a", 2), ("b", 0)]));
        assert_eq!(kind, ErrorKind::Value);
        assert!(sentence.contains("0 ranks along axis `b`"), "{sentence}");
        assert!(Mesh::new([("a", usize::MAX), ("b", 2)]).is_err());
        let mesh = Mesh::new([("a", 2), ("b", 3)]).unwrap();
        let (kind, sentence) = told(mesh.layout(["a", "c"]));
        assert_eq!(kind, ErrorKind::Axis);
        assert_eq!(sentence, "argument `axes` names `c`, but the axes of the mesh are `a`, `b`");
        let (kind, sentence) = told(mesh.layout(["a", "a"]));
        assert_eq!(kind, ErrorKind::Axis);
        assert!(sentence.starts_with("argument `axes` names `a` twice"), "{sentence}");
        let layout = mesh.layout(["a", "b"]).unwrap();
        let (kind, sentence) = told(layout.clone().cyclic(&[1]));
        assert_eq!(kind, ErrorKind::Shape);
        assert!(sentence.contains("1 lengths, but the layout has 2 axes"), "{sentence}");
        let (kind, sentence) = told(layout.cyclic(&[1, 0]));
        assert_eq!(kind, ErrorKind::Value);
        assert!(sentence.contains("0 for axis 1"), "{sentence}");
        let (kind, sentence) = told(mesh.layout(["a"]).unwrap().symmetric());
        assert_eq!(kind, ErrorKind::Shape);
        assert!(sentence.contains("has 2 axes, but this one has 1"), "{sentence}");
    }

    #[test]
    fn arrays_that_a_layout_does_not_fit_stand_for_that() {
        let layout = Mesh::new([("a", 2), ("b", 3)]).unwrap().layout(["a", "b"]).unwrap();
        let (kind, sentence) = told(Array::<f64, _>::ones([4], 2).on(&layout).plan());
        assert_eq!(kind, ErrorKind::Shape);
        assert!(sentence.contains("2 axes, but the array has 1"), "{sentence}");
        let x = Array::<f64, _>::ones([4, 6], 2);
        let (kind, sentence) = told(x.on(&layout.clone().symmetric().unwrap()).plan());
        assert_eq!(kind, ErrorKind::Chunks);
        assert!(sentence.contains("2 chunks along axis 0 and 3 along axis 1"), "{sentence}");
        // One rank has all of it, whatever the layout.
        assert!(Settings::new().plan(&x.on(&layout)).is_ok());
        let plan = |ranks| {
            Settings::new().plan_for(
                ranks,
                &[x.on(&layout).node],
                |_| crate::plan::Place::Memory,
                0,
            )
        };
        let (kind, sentence) = told(plan(5));
        assert_eq!(kind, ErrorKind::Value);
        let expected = "a mesh of 6 ranks (2 along `a`, 3 along `b`), but there are 5";
        assert!(sentence.contains(expected), "{sentence}");
        assert!(plan(6).is_ok());
    }

    #[test]
    fn what_is_made_of_an_array_is_where_it_is() {
        let mesh = Mesh::new([("a", 2), ("b", 3)]).unwrap();
        let layout = mesh.layout(["a", "b"]).unwrap().cyclic(&[1, 2]).unwrap();
        let turned = mesh.layout(["b", "a"]).unwrap().cyclic(&[2, 1]).unwrap();
        let x = Array::<f64, _>::ones([8, 9], 2).on(&layout);
        let of = |x: &Array<f64, ndarray::Ix2>| x.node.owners.layout.as_deref().cloned();
        assert_eq!(of(&x.map(f64::sqrt)), Some(layout.clone()));
        assert_eq!(of(&(&Array::ones([8, 9], 2) + &x)), Some(layout.clone()));
        assert_eq!(of(&x.t().map(f64::sqrt)), Some(turned.clone()));
        assert_eq!(of(&x.on(&turned)), Some(turned));
        assert_eq!(of(&x.rechunk(3)), None, "other chunks are nobody's yet");
        let square = Array::<f64, _>::ones([8, 8], 2);
        let symmetric = layout.symmetric().unwrap();
        assert_eq!(of(&square.on(&symmetric).t()), Some(symmetric));
        // What is computed twice is laid out twice.
        let [copy] = &*crate::node::distinct(std::slice::from_ref(&x.node)) else {
            panic!("one of one")
        };
        assert_eq!(copy.owners, x.node.owners);
    }

    proptest! {
        /// No rank has more than is counted, and one has as many.
        #[test]
        fn no_rank_has_more_than_the_most(
            (layout, size) in layouts(2),
            counts in (1..15_usize, 1..15_usize),
        ) {
            let counts = if layout.is_symmetric { [counts.0; 2] } else { [counts.0, counts.1] };
            let own = |rank| layout.own(&counts, rank).iter().map(|hand| self::size(hand)).sum::<usize>();
            prop_assert_eq!((0..size).map(own).max(), Some(layout.most(&counts)));
        }
    }
}
