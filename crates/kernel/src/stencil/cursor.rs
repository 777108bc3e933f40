//! The parameters of a stencil: neighbourhoods and numbers, how they are stored, and how groups read
//! them.

use std::marker::PhantomData;

use super::layout::{Layout, Room, Window};
use super::{Border, shown, three};
use crate::error::{Error, ErrorKind};
use crate::nest;
use crate::operand::{Operand, Output, Place};
use crate::simd::{Element, Lanes, Simd};

/// A parameter that is a neighbourhood: `PLANES` planes from the one at distance `LOW` on.
#[derive(Debug)]
pub struct Around<T, const LOW: isize, const PLANES: usize>(PhantomData<T>);

/// A parameter that is a number.
#[derive(Debug)]
pub struct Number<T>(PhantomData<T>);

/// An array that is read around every element.
#[derive(Debug, Clone, Copy)]
pub struct Field<T> {
    pub(super) first: *mut T,
    /// Planes, rows, columns.
    pub(super) shape: [usize; 3],
    /// In elements.
    pub(super) strides: [isize; 3],
    pub(super) border: Border<T>,
    is_array: bool,
}

// SAFETY: a description of an array that the call borrows; who writes it from several threads gives
// each elements of its own.
unsafe impl<T: Send> Send for Field<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Field<T> {}

impl<T: Element> Field<T> {
    /// Of an operand, which stays borrowed while this is used.
    #[inline]
    pub fn new<A: Operand<T>>(operand: &A, border: Border<T>) -> Self {
        Self::at(&operand.place(), border)
    }

    /// Of an output that is taken ahead; it stays borrowed while this is used.
    pub fn of_output<O: Output<T>>(output: &mut O, border: Border<T>) -> Self {
        Self::at(&output.place_mut(), border)
    }

    #[inline(always)]
    fn at(place: &Place<'_>, border: Border<T>) -> Self {
        let is_array = matches!(place, Place::Array(..) | Place::Slice(..));
        let (first, shape, strides) = match *place {
            Place::Array(first, shape, strides) => {
                let strides = match *strides {
                    [column] => [0, 0, column],
                    [row, column] => [row, 0, column],
                    [plane, row, column] => [plane, row, column],
                    _ => unreachable!("stencils have one to three axes"),
                };
                (first, three(shape), strides)
            }
            Place::Slice(first, len) => (first, [1, 1, len], [0, 0, 1]),
            Place::Element | Place::Range(_) => (std::ptr::null_mut(), [0; 3], [0; 3]),
        };
        Self { first: first.cast(), shape, strides, border, is_array }
    }
}

/// The planes around one, as a group sees them.
#[derive(Debug, Clone, Copy)]
pub struct Near<T, const LOW: isize, const PLANES: usize, const LIFTED: bool> {
    planes: [*const T; PLANES],
    /// From one row of a plane to the next.
    row: isize,
    /// Where the group lies in the plane in the middle.
    at: isize,
}

/// What stands for a neighbourhood in the function of groups.
pub trait Neighbours<S: Simd, T: Element, const D: usize>: Copy {
    /// The group at this distance, which the kernel's reach includes.
    fn at(self, s: S, distance: [isize; D]) -> Lanes<S, T>;
}

impl<T: Element, const LOW: isize, const PLANES: usize, const LIFTED: bool>
    Near<T, LOW, PLANES, LIFTED>
{
    #[inline(always)]
    fn group<S: Simd>(self, s: S, plane: isize, row: isize, column: isize) -> Lanes<S, T> {
        let step = if LIFTED { S::LANES.cast_signed() } else { 1 };
        let first = self.planes[(plane - LOW).cast_unsigned()];
        let first = first.wrapping_offset(self.at).wrapping_offset(row * self.row + column * step);
        // SAFETY: who made this promised the memory that the kernel reaches, and the macro that
        // printed the kernel has looked how far that is.
        unsafe { Lanes::load(s, first) }
    }
}

/// A neighbourhood as the function of groups reads it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<S: Simd, T: Element, const LOW: isize, const PLANES: usize, const LIFTED: bool> {
    near: Near<T, LOW, PLANES, LIFTED>,
    /// Of a row that is walked along: the group before, this one and the next, in registers, so
    /// that each is read once.
    row: Option<[Lanes<S, T>; 3]>,
}

impl<S: Simd, T: Element, const LOW: isize, const PLANES: usize, const LIFTED: bool>
    Seen<S, T, LOW, PLANES, LIFTED>
{
    #[inline(always)]
    fn group(self, s: S, plane: isize, row: isize, column: isize) -> Lanes<S, T> {
        match self.row {
            Some(near) if (plane, row) == (0, 0) && column.abs() <= 1 => {
                near[(column + 1).cast_unsigned()]
            }
            _ => self.near.group(s, plane, row, column),
        }
    }
}

macro_rules! neighbours {
    ($($dims:literal $distance:ident => $plane:expr, $row:expr, $column:expr;)*) => {$(
        impl<S: Simd, T: Element, const LOW: isize, const PLANES: usize, const LIFTED: bool>
            Neighbours<S, T, $dims> for Seen<S, T, LOW, PLANES, LIFTED>
        {
            #[inline(always)]
            fn at(self, s: S, $distance: [isize; $dims]) -> Lanes<S, T> {
                self.group(s, $plane, $row, $column)
            }
        }
    )*};
}
neighbours! {
    1 d => 0, 0, d[0];
    2 d => d[0], 0, d[1];
    3 d => d[0], d[1], d[2];
}

/// What a stencil has beside its kernel: how far it sees, and where.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) layout: &'a Layout,
    pub(super) window: Window,
    /// See `Layout::fixes`.
    pub(super) fixes: &'a [(isize, isize)],
    /// The parameter that is stored elsewhere.
    pub(super) skip: usize,
}

/// Planes of a neighbourhood, each in the place of one that is no longer needed.
#[derive(Debug)]
pub struct Pad<T> {
    room: Room<T>,
    planes: usize,
}

impl<T: Element> Pad<T> {
    /// The first element inside of a plane.
    #[inline(always)]
    fn plane(&mut self, layout: &Layout, at: isize) -> *mut T {
        let slot = (at + layout.low[0].cast_signed()).cast_unsigned() % self.planes;
        self.room.first().wrapping_add(slot * layout.plane + layout.origin)
    }
}

/// A list of parameters.
pub trait Params: 'static {
    /// What they are called with.
    type Args: Copy + Send + Sync;
    /// What is kept of them.
    type Pads: Send;
    /// Around one plane.
    type Near<const LIFTED: bool>: Copy;
    /// Around one group.
    type Wide<S: Simd, const LIFTED: bool>: Copy;

    /// Looks whether all neighbourhoods have one shape.
    ///
    /// # Errors
    /// Different shapes; a range.
    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn check(args: &Self::Args, names: &[&'static str], common: &mut Common) -> Result<(), Error>;
    /// Memory for so many planes of each neighbourhood.
    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn pads(layout: &Layout, planes: usize, skip: usize) -> Self::Pads;
    /// Copies a plane of each neighbourhood.
    ///
    /// # Safety
    /// The arguments lie where they say.
    #[expect(private_interfaces, reason = "nobody else implements it")]
    unsafe fn load<S: Simd>(
        s: S,
        args: &Self::Args,
        pads: &mut Self::Pads,
        scene: &Scene<'_>,
        at: isize,
    );
    /// Around a plane; the planes are there.
    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn near<const LIFTED: bool>(
        args: &Self::Args,
        pads: &mut Self::Pads,
        layout: &Layout,
        at: isize,
    ) -> Self::Near<LIFTED>;
    /// Whether the columns of all neighbourhoods follow each other in memory.
    fn are_dense(args: &Self::Args) -> bool;
    /// Around a row of the arrays themselves, where all around it lies inside.
    fn inside(args: &Self::Args, plane: usize, row: usize) -> Self::Near<false>;
    /// Sets the planes of a parameter, from those at distance `-low` on.
    fn set<const LIFTED: bool>(
        near: &mut Self::Near<LIFTED>,
        index: usize,
        planes: &[*mut u8],
        low: usize,
    );
    /// Around the group at an offset of the plane.
    fn wide<S: Simd, const LIFTED: bool>(
        near: Self::Near<LIFTED>,
        s: S,
        at: isize,
    ) -> Self::Wide<S, LIFTED>;
    /// Around the first group of a row, at an offset of the plane, to be walked along.
    fn set_out<S: Simd>(near: Self::Near<true>, s: S, at: isize) -> Self::Wide<S, true>;
    /// Around the next group.
    fn go_on<S: Simd>(wide: Self::Wide<S, true>, s: S) -> Self::Wide<S, true>;
}

/// What neighbourhoods have in common.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) dims: usize,
    pub(super) shape: Option<[usize; 3]>,
    pub(super) border: Border<()>,
    first: &'static str,
}

impl Common {
    pub(super) fn of<P: Params>(
        args: &P::Args,
        names: &[&'static str],
        dims: usize,
    ) -> Result<Self, Error> {
        let mut common = Self { dims, shape: None, border: Border::Valid, first: "" };
        P::check(args, names, &mut common)?;
        Ok(common)
    }

    #[inline]
    fn add<T: Element>(&mut self, field: &Field<T>, name: &'static str) -> Result<(), Error> {
        if !field.is_array {
            let message = format!("argument `{name}` is a range; a stencil reads arrays");
            return Err(Error::new(ErrorKind::Argument, message));
        }
        self.border = field.border.kind();
        match self.shape {
            None => {
                self.shape = Some(field.shape);
                self.first = name;
            }
            Some(shape) if shape != field.shape => {
                let own = nest::show(&shown(field.shape, self.dims));
                let (first, other) = (&self.first, nest::show(&shown(shape, self.dims)));
                let message =
                    format!("argument `{name}` has shape {own}, but `{first}` has shape {other}");
                return Err(Error::new(ErrorKind::Shape, message));
            }
            Some(_) => {}
        }
        Ok(())
    }
}

impl<T> Border<T> {
    pub(super) fn kind(&self) -> Border<()> {
        match self {
            Self::Const(_) => Border::Const(()),
            Self::Reflect => Border::Reflect,
            Self::Wrap => Border::Wrap,
            Self::Nearest => Border::Nearest,
            Self::Valid => Border::Valid,
        }
    }
}

impl Params for () {
    type Args = ();
    type Pads = ();
    type Near<const LIFTED: bool> = ();
    type Wide<S: Simd, const LIFTED: bool> = ();

    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn check((): &(), _: &[&'static str], _: &mut Common) -> Result<(), Error> {
        Ok(())
    }
    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn pads(_: &Layout, _: usize, _: usize) {}
    #[inline(always)]
    #[expect(private_interfaces, reason = "nobody else implements it")]
    unsafe fn load<S: Simd>(_: S, (): &(), (): &mut (), _: &Scene<'_>, _: isize) {}
    #[inline(always)]
    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn near<const LIFTED: bool>((): &(), (): &mut (), _: &Layout, _: isize) {}
    fn are_dense((): &()) -> bool {
        true
    }
    #[inline(always)]
    fn inside((): &(), _: usize, _: usize) {}
    #[inline(always)]
    fn set<const LIFTED: bool>((): &mut (), _: usize, _: &[*mut u8], _: usize) {}
    #[inline(always)]
    fn wide<S: Simd, const LIFTED: bool>((): (), _: S, _: isize) {}
    #[inline(always)]
    fn set_out<S: Simd>((): (), _: S, _: isize) {}
    #[inline(always)]
    fn go_on<S: Simd>((): (), _: S) {}
}

impl<T: Element, R: Params> Params for (Number<T>, R) {
    type Args = (T, R::Args);
    type Pads = R::Pads;
    type Near<const LIFTED: bool> = (T, R::Near<LIFTED>);
    type Wide<S: Simd, const LIFTED: bool> = (Lanes<S, T>, R::Wide<S, LIFTED>);

    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn check(args: &Self::Args, names: &[&'static str], common: &mut Common) -> Result<(), Error> {
        R::check(&args.1, names.get(1..).unwrap_or_default(), common)
    }
    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn pads(layout: &Layout, planes: usize, skip: usize) -> Self::Pads {
        R::pads(layout, planes, skip.wrapping_sub(1))
    }
    #[inline(always)]
    #[expect(private_interfaces, reason = "nobody else implements it")]
    unsafe fn load<S: Simd>(
        s: S,
        args: &Self::Args,
        pads: &mut Self::Pads,
        scene: &Scene<'_>,
        at: isize,
    ) {
        let scene = Scene { skip: scene.skip.wrapping_sub(1), ..*scene };
        // SAFETY: the caller promises the same.
        unsafe { R::load(s, &args.1, pads, &scene, at) };
    }
    #[inline(always)]
    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn near<const LIFTED: bool>(
        args: &Self::Args,
        pads: &mut Self::Pads,
        layout: &Layout,
        at: isize,
    ) -> Self::Near<LIFTED> {
        (args.0, R::near(&args.1, pads, layout, at))
    }
    fn are_dense(args: &Self::Args) -> bool {
        R::are_dense(&args.1)
    }
    #[inline(always)]
    fn inside(args: &Self::Args, plane: usize, row: usize) -> Self::Near<false> {
        (args.0, R::inside(&args.1, plane, row))
    }
    #[inline(always)]
    fn set<const LIFTED: bool>(
        near: &mut Self::Near<LIFTED>,
        index: usize,
        planes: &[*mut u8],
        low: usize,
    ) {
        R::set(&mut near.1, index.wrapping_sub(1), planes, low);
    }
    #[inline(always)]
    fn wide<S: Simd, const LIFTED: bool>(
        near: Self::Near<LIFTED>,
        s: S,
        at: isize,
    ) -> Self::Wide<S, LIFTED> {
        (Lanes::splat(s, near.0), R::wide(near.1, s, at))
    }
    #[inline(always)]
    fn set_out<S: Simd>(near: Self::Near<true>, s: S, at: isize) -> Self::Wide<S, true> {
        (Lanes::splat(s, near.0), R::set_out(near.1, s, at))
    }
    #[inline(always)]
    fn go_on<S: Simd>(wide: Self::Wide<S, true>, s: S) -> Self::Wide<S, true> {
        (wide.0, R::go_on(wide.1, s))
    }
}

impl<T: Element, const LOW: isize, const PLANES: usize, R: Params> Params
    for (Around<T, LOW, PLANES>, R)
{
    type Args = (Field<T>, R::Args);
    type Pads = (Pad<T>, R::Pads);
    type Near<const LIFTED: bool> = (Near<T, LOW, PLANES, LIFTED>, R::Near<LIFTED>);
    type Wide<S: Simd, const LIFTED: bool> = (Seen<S, T, LOW, PLANES, LIFTED>, R::Wide<S, LIFTED>);

    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn check(args: &Self::Args, names: &[&'static str], common: &mut Common) -> Result<(), Error> {
        common.add(&args.0, names.first().copied().unwrap_or_default())?;
        R::check(&args.1, names.get(1..).unwrap_or_default(), common)
    }
    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn pads(layout: &Layout, planes: usize, skip: usize) -> Self::Pads {
        let own = if skip == 0 { 0 } else { planes };
        let pad = Pad { room: Room::new(own * layout.plane), planes: own };
        (pad, R::pads(layout, planes, skip.wrapping_sub(1)))
    }
    #[inline(always)]
    #[expect(private_interfaces, reason = "nobody else implements it")]
    unsafe fn load<S: Simd>(
        s: S,
        args: &Self::Args,
        pads: &mut Self::Pads,
        scene: &Scene<'_>,
        at: isize,
    ) {
        let layout = scene.layout;
        if scene.skip != 0 {
            let to = pads.0.plane(layout, at);
            // SAFETY: the caller promises the field, and `to` is a plane of the layout.
            unsafe { load_plane(s, &args.0, scene, at, to) };
        }
        let scene = Scene { skip: scene.skip.wrapping_sub(1), ..*scene };
        // SAFETY: the caller promises the same.
        unsafe { R::load(s, &args.1, &mut pads.1, &scene, at) };
    }
    #[inline(always)]
    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn near<const LIFTED: bool>(
        args: &Self::Args,
        pads: &mut Self::Pads,
        layout: &Layout,
        at: isize,
    ) -> Self::Near<LIFTED> {
        let mut planes = [std::ptr::null(); PLANES];
        if pads.0.planes > 0 {
            for (distance, plane) in (LOW..).zip(&mut planes) {
                *plane = pads.0.plane(layout, at + distance).cast_const();
            }
        }
        let near = Near { planes, row: layout.row.cast_signed(), at: 0 };
        (near, R::near(&args.1, &mut pads.1, layout, at))
    }
    fn are_dense(args: &Self::Args) -> bool {
        args.0.strides[2] == 1 && R::are_dense(&args.1)
    }
    #[inline(always)]
    fn inside(args: &Self::Args, plane: usize, row: usize) -> Self::Near<false> {
        let Field { first, strides: [planes, rows, _], .. } = args.0;
        let by = plane.cast_signed() * planes + row.cast_signed() * rows;
        let first = first.cast_const().wrapping_offset(by + LOW * planes);
        let mut all = [first; PLANES];
        for (at, plane) in (0..).zip(&mut all) {
            *plane = first.wrapping_offset(at * planes);
        }
        (Near { planes: all, row: rows, at: 0 }, R::inside(&args.1, plane, row))
    }
    #[inline(always)]
    fn set<const LIFTED: bool>(
        near: &mut Self::Near<LIFTED>,
        index: usize,
        planes: &[*mut u8],
        low: usize,
    ) {
        if index == 0 {
            // A copy of a length that is known, lest it become a call.
            let first = low.wrapping_add_signed(LOW);
            let planes: Option<&[*mut u8; PLANES]> = planes[first..].first_chunk();
            if let Some(planes) = planes {
                near.0.planes = planes.map(|plane| plane.cast_const().cast());
            }
        }
        R::set(&mut near.1, index.wrapping_sub(1), planes, low);
    }
    #[inline(always)]
    fn wide<S: Simd, const LIFTED: bool>(
        near: Self::Near<LIFTED>,
        s: S,
        at: isize,
    ) -> Self::Wide<S, LIFTED> {
        let near_group = Near { at, ..near.0 };
        (Seen { near: near_group, row: None }, R::wide(near.1, s, at))
    }
    #[inline(always)]
    fn set_out<S: Simd>(near: Self::Near<true>, s: S, at: isize) -> Self::Wide<S, true> {
        let first = Near { at, ..near.0 };
        let row = [first.group(s, 0, 0, -1), first.group(s, 0, 0, 0), first.group(s, 0, 0, 1)];
        (Seen { near: first, row: Some(row) }, R::set_out(near.1, s, at))
    }
    #[inline(always)]
    fn go_on<S: Simd>(wide: Self::Wide<S, true>, s: S) -> Self::Wide<S, true> {
        let at = wide.0.near.at + S::LANES.cast_signed();
        let near = Near { at, ..wide.0.near };
        #[expect(clippy::manual_map, reason = "a closure would be without the instructions")]
        let row = match wide.0.row {
            Some([_, here, after]) => Some([here, after, near.group(s, 0, 0, 1)]),
            None => None,
        };
        (Seen { near, row }, R::go_on(wide.1, s))
    }
}

/// Copies a plane of a field, with all that is around it in the plane.
///
/// # Safety
/// The field lies where it says, and `to` is the first element inside of a plane of the layout.
#[inline(always)]
pub(super) unsafe fn load_plane<S: Simd, T: Element>(
    s: S,
    field: &Field<T>,
    scene: &Scene<'_>,
    at: isize,
    to: *mut T,
) {
    let layout = scene.layout;
    // SAFETY: the caller promises the same.
    unsafe { field.load(layout, scene.window, at, to) };
    if layout.is_lifted {
        let rows = layout.shape[1] + layout.high[1];
        for row in -layout.low[1].cast_signed()..rows.cast_signed() {
            let to = to.wrapping_offset(row * layout.row.cast_signed());
            // SAFETY: that is a row of the plane.
            unsafe { finish_row(s, layout, scene.fixes, to) };
        }
    }
}

/// What is before and after a row of the lifted layout, once its groups are there.
///
/// # Safety
/// `row` is the first element of a row of the layout, and the fixes are the layout's.
#[inline(always)]
pub(super) unsafe fn finish_row<S: Simd, T: Element>(
    s: S,
    layout: &Layout,
    fixes: &[(isize, isize)],
    row: *mut T,
) {
    let end = row.wrapping_add(layout.groups * S::LANES);
    for group in 1..=layout.low[2] {
        let from = end.wrapping_sub(group * S::LANES + 1);
        // SAFETY: the row has as many groups, and one element before them.
        let value = unsafe { Lanes::load(s, from) };
        // SAFETY: the row has so many groups before the first.
        unsafe { value.store(row.wrapping_sub(group * S::LANES)) };
    }
    for group in 0..layout.high[2] {
        // SAFETY: the row has as many groups, and one element after them.
        let value = unsafe { Lanes::load(s, row.wrapping_add(group * S::LANES + 1)) };
        // SAFETY: the row has so many groups after the last.
        unsafe { value.store(end.wrapping_add(group * S::LANES)) };
    }
    for &(to, from) in fixes {
        // SAFETY: the row has the element.
        let value = unsafe { row.wrapping_offset(from).read() };
        // SAFETY: and this.
        unsafe { row.wrapping_offset(to).write(value) };
    }
}
