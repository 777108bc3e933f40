//! The parameters of a stencil: neighbourhoods and numbers, how they are stored, and how groups read
//! them.

use std::marker::PhantomData;

use super::layout::{Fix, Layout, Room, Window};
use super::{Border, shown, three};
use crate::error::{Error, ErrorKind};
use crate::nest;
use crate::operand::{Operand, Output, Place};
use crate::simd::{Element, Lanes, Mask, MaskReg, Simd};

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

/// The planes around one.
#[derive(Debug, Clone, Copy)]
pub struct Near<T, const LOW: isize, const PLANES: usize, const LIFTED: bool> {
    planes: [*const T; PLANES],
    /// From one row of a plane to the next.
    row: isize,
}

/// Where a group lies in the plane in the middle, and how many of its lanes are read.
#[derive(Debug, Clone, Copy)]
struct Spot {
    at: isize,
    len: usize,
}

/// Where the planes around one lie that is taken ahead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planes<'a> {
    /// The first plane.
    pub(super) first: *mut u8,
    /// Bytes from one plane to the next.
    pub(super) bytes: usize,
    /// How many there are until they repeat, a power of two, less one.
    pub(super) mask: usize,
    /// The one in the middle.
    pub(super) at: usize,
    /// Where the border is in reach: each of them, from the one at distance `-low` on.
    pub(super) folded: &'a [*mut u8],
    pub(super) low: usize,
}

impl Planes<'_> {
    /// The plane at a distance. It is not looked up where it need not be: what was just written word
    /// by word is slow to be read by twos.
    #[inline(always)]
    pub(super) fn plane(self, distance: isize) -> *mut u8 {
        if self.folded.is_empty() {
            let at = self.at.wrapping_add_signed(distance);
            return self.first.wrapping_add((at & self.mask) * self.bytes);
        }
        self.folded[self.low.wrapping_add_signed(distance)]
    }

    /// Those around the next one.
    #[inline(always)]
    pub(super) fn next(self) -> Self {
        let folded = self.folded.get(1..).unwrap_or_default();
        Self { at: self.at + 1, folded, ..self }
    }
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
    fn group<S: Simd>(
        self,
        s: S,
        spot: Spot,
        plane: isize,
        row: isize,
        column: isize,
    ) -> Lanes<S, T> {
        let step = if LIFTED { S::LANES.cast_signed() } else { 1 };
        let first = self.planes[(plane - LOW).cast_unsigned()];
        let first = first.wrapping_offset(spot.at).wrapping_offset(row * self.row + column * step);
        if spot.len < S::LANES {
            // SAFETY: who made this promised the memory that the kernel reaches from so many lanes,
            // and the macro that printed the kernel has looked how far that is.
            return unsafe { Lanes::load_some(s, first, spot.len, T::NIL) };
        }
        // SAFETY: as above.
        unsafe { Lanes::load(s, first) }
    }
}

/// A neighbourhood as the function of groups reads it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<S: Simd, T: Element, const LOW: isize, const PLANES: usize, const LIFTED: bool> {
    near: Near<T, LOW, PLANES, LIFTED>,
    spot: Spot,
    /// Of rows that are walked along: the group before, this one and the next, in registers, so
    /// that each is read once; the rows one plane before, in the middle, and one plane after.
    rows: [Option<[Lanes<S, T>; 3]>; 3],
}

impl<S: Simd, T: Element, const LOW: isize, const PLANES: usize, const LIFTED: bool>
    Seen<S, T, LOW, PLANES, LIFTED>
{
    #[inline(always)]
    fn group(self, s: S, plane: isize, row: isize, column: isize) -> Lanes<S, T> {
        if plane.abs() <= 1
            && row == 0
            && column.abs() <= 1
            && let Some(near) = self.rows[(plane + 1).cast_unsigned()]
        {
            return near[(column + 1).cast_unsigned()];
        }
        self.near.group(s, self.spot, plane, row, column)
    }

    /// What is seen from `N` planes that follow each other and are walked along together: each
    /// reads the rows of the others as well.
    #[inline(always)]
    fn of_walk<const N: usize>(
        near: [Near<T, LOW, PLANES, LIFTED>; N],
        spot: Spot,
        rows: [[Lanes<S, T>; 3]; N],
    ) -> [Self; N] {
        let mut all = [Self { near: near[0], spot, rows: [None; 3] }; N];
        let mut i = 0;
        while i < N {
            all[i].near = near[i];
            all[i].rows[1] = Some(rows[i]);
            if i > 0 {
                all[i].rows[0] = Some(rows[i - 1]);
                all[i - 1].rows[2] = Some(rows[i]);
            }
            i += 1;
        }
        all
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
    pub(super) fixes: &'a [Fix],
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
    /// Around the same row of the next plane.
    fn inside_next(args: &Self::Args, near: Self::Near<false>) -> Self::Near<false>;
    /// Sets the planes of a parameter.
    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn set<const LIFTED: bool>(near: &mut Self::Near<LIFTED>, index: usize, planes: Planes<'_>);
    /// Around the first `len` lanes of the group at an offset of the plane.
    fn wide<S: Simd, const LIFTED: bool>(
        near: Self::Near<LIFTED>,
        s: S,
        at: isize,
        len: usize,
    ) -> Self::Wide<S, LIFTED>;
    /// Around the first groups of rows of `N` planes that follow each other, at an offset of each
    /// plane, to be walked along together.
    fn set_out<S: Simd, const N: usize>(
        near: [Self::Near<true>; N],
        s: S,
        at: isize,
    ) -> [Self::Wide<S, true>; N];
    /// Around the next groups.
    fn go_on<S: Simd, const N: usize>(
        wide: [Self::Wide<S, true>; N],
        s: S,
    ) -> [Self::Wide<S, true>; N];
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
    fn inside_next((): &(), (): ()) {}
    #[inline(always)]
    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn set<const LIFTED: bool>((): &mut (), _: usize, _: Planes<'_>) {}
    #[inline(always)]
    fn wide<S: Simd, const LIFTED: bool>((): (), _: S, _: isize, _: usize) {}
    #[inline(always)]
    fn set_out<S: Simd, const N: usize>(near: [(); N], _: S, _: isize) -> [(); N] {
        near
    }
    #[inline(always)]
    fn go_on<S: Simd, const N: usize>(wide: [(); N], _: S) -> [(); N] {
        wide
    }
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
    fn inside_next(args: &Self::Args, near: Self::Near<false>) -> Self::Near<false> {
        (near.0, R::inside_next(&args.1, near.1))
    }
    #[inline(always)]
    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn set<const LIFTED: bool>(near: &mut Self::Near<LIFTED>, index: usize, planes: Planes<'_>) {
        R::set(&mut near.1, index.wrapping_sub(1), planes);
    }
    #[inline(always)]
    fn wide<S: Simd, const LIFTED: bool>(
        near: Self::Near<LIFTED>,
        s: S,
        at: isize,
        len: usize,
    ) -> Self::Wide<S, LIFTED> {
        (Lanes::splat(s, near.0), R::wide(near.1, s, at, len))
    }
    #[inline(always)]
    fn set_out<S: Simd, const N: usize>(
        near: [Self::Near<true>; N],
        s: S,
        at: isize,
    ) -> [Self::Wide<S, true>; N] {
        zip([Lanes::splat(s, near[0].0); N], R::set_out(seconds(near), s, at))
    }
    #[inline(always)]
    fn go_on<S: Simd, const N: usize>(
        wide: [Self::Wide<S, true>; N],
        s: S,
    ) -> [Self::Wide<S, true>; N] {
        zip(firsts(wide), R::go_on(seconds(wide), s))
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
        let near = Near { planes, row: layout.row.cast_signed() };
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
        (Near { planes: all, row: rows }, R::inside(&args.1, plane, row))
    }
    #[inline(always)]
    fn inside_next(args: &Self::Args, near: Self::Near<false>) -> Self::Near<false> {
        // The same pointers as before where they are, so that the compiler sees what two rows share.
        let mut next = near.0;
        let mut plane = 0;
        while plane < PLANES {
            let after = near.0.planes.get(plane + 1).copied();
            next.planes[plane] = match after {
                Some(after) => after,
                None => near.0.planes[plane].wrapping_offset(args.0.strides[0]),
            };
            plane += 1;
        }
        (next, R::inside_next(&args.1, near.1))
    }
    #[inline(always)]
    #[expect(private_interfaces, reason = "nobody else implements it")]
    fn set<const LIFTED: bool>(near: &mut Self::Near<LIFTED>, index: usize, planes: Planes<'_>) {
        if index == 0 {
            for (distance, plane) in (LOW..).zip(&mut near.0.planes) {
                *plane = planes.plane(distance).cast_const().cast();
            }
        }
        R::set(&mut near.1, index.wrapping_sub(1), planes);
    }
    #[inline(always)]
    fn wide<S: Simd, const LIFTED: bool>(
        near: Self::Near<LIFTED>,
        s: S,
        at: isize,
        len: usize,
    ) -> Self::Wide<S, LIFTED> {
        let seen = Seen { near: near.0, spot: Spot { at, len }, rows: [None; 3] };
        (seen, R::wide(near.1, s, at, len))
    }
    #[inline(always)]
    fn set_out<S: Simd, const N: usize>(
        near: [Self::Near<true>; N],
        s: S,
        at: isize,
    ) -> [Self::Wide<S, true>; N] {
        let (first, spot) = (firsts(near), Spot { at, len: S::LANES });
        let mut rows = [[Lanes::splat(s, T::NIL); 3]; N];
        let mut i = 0;
        while i < N {
            let of = first[i];
            let here = of.group(s, spot, 0, 0, 0);
            rows[i] = [of.group(s, spot, 0, 0, -1), here, of.group(s, spot, 0, 0, 1)];
            i += 1;
        }
        zip(Seen::of_walk(first, spot, rows), R::set_out(seconds(near), s, at))
    }
    #[inline(always)]
    fn go_on<S: Simd, const N: usize>(
        wide: [Self::Wide<S, true>; N],
        s: S,
    ) -> [Self::Wide<S, true>; N] {
        let spot = Spot { at: wide[0].0.spot.at + S::LANES.cast_signed(), len: S::LANES };
        let mut near = [wide[0].0.near; N];
        let mut rows = [[Lanes::splat(s, T::NIL); 3]; N];
        let mut i = 0;
        while i < N {
            near[i] = wide[i].0.near;
            if let Some([_, here, after]) = wide[i].0.rows[1] {
                rows[i] = [here, after, near[i].group(s, spot, 0, 0, 1)];
            }
            i += 1;
        }
        zip(Seen::of_walk(near, spot, rows), R::go_on(seconds(wide), s))
    }
}

// Arrays of pairs, without closures, which would be without the instructions.

#[inline(always)]
fn firsts<A: Copy, B: Copy, const N: usize>(pairs: [(A, B); N]) -> [A; N] {
    let mut firsts = [pairs[0].0; N];
    let mut i = 1;
    while i < N {
        firsts[i] = pairs[i].0;
        i += 1;
    }
    firsts
}

#[inline(always)]
fn seconds<A: Copy, B: Copy, const N: usize>(pairs: [(A, B); N]) -> [B; N] {
    let mut seconds = [pairs[0].1; N];
    let mut i = 1;
    while i < N {
        seconds[i] = pairs[i].1;
        i += 1;
    }
    seconds
}

#[inline(always)]
fn zip<A: Copy, B: Copy, const N: usize>(a: [A; N], b: [B; N]) -> [(A, B); N] {
    let mut pairs = [(a[0], b[0]); N];
    let mut i = 1;
    while i < N {
        pairs[i] = (a[i], b[i]);
        i += 1;
    }
    pairs
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
            unsafe { finish_row(s, layout, (layout.low[2], layout.high[2]), scene.fixes, to) };
        }
    }
}

/// What is before and after a row of the lifted layout, once its groups are there.
///
/// All goes by whole groups: reads of what was just written, in the same groups, do not have to wait
/// until it has reached the cache.
///
/// # Safety
/// `row` is the first element of a row of the layout, which reaches as far as `low` and `high` say,
/// and the fixes are the layout's.
#[inline(always)]
pub(super) unsafe fn finish_row<S: Simd, T: Element>(
    s: S,
    layout: &Layout,
    (low, high): (usize, usize),
    fixes: &[Fix],
    row: *mut T,
) {
    let end = row.wrapping_add(layout.groups * S::LANES);
    for group in 1..=low {
        // SAFETY: the row has as many groups.
        let last = unsafe { Lanes::load(s, end.wrapping_sub(group * S::LANES)) };
        // SAFETY: the row has so many groups before the first.
        unsafe { fix_group(last.rotate_right(), -group.cast_signed(), fixes, row) };
    }
    for group in 0..high {
        // SAFETY: the row has as many groups.
        let first = unsafe { Lanes::load(s, row.wrapping_add(group * S::LANES)) };
        let group = (layout.groups + group).cast_signed();
        // SAFETY: the row has so many groups after the last.
        unsafe { fix_group(first.rotate_left(), group, fixes, row) };
    }
    let inside = 0..layout.groups.cast_signed();
    for fix in fixes.iter().filter(|fix| inside.contains(&fix.group)) {
        let place = row.wrapping_offset(fix.group * S::LANES.cast_signed());
        // SAFETY: it is a group of the row.
        let value = unsafe { Lanes::load(s, place) };
        // SAFETY: as above.
        unsafe { fix_group(value, fix.group, std::slice::from_ref(fix), row) };
    }
}

/// Writes a group of a row, with those of the fixes that concern it.
///
/// # Safety
/// `row` is a row of the lifted layout that has the group, and the fixes are the layout's.
#[inline(always)]
unsafe fn fix_group<S: Simd, T: Element>(
    mut value: Lanes<S, T>,
    group: isize,
    fixes: &[Fix],
    row: *mut T,
) {
    let s = value.token();
    for fix in fixes {
        if fix.group == group {
            // SAFETY: the row has the element.
            let from = unsafe { row.wrapping_offset(fix.from).read() };
            let lane = Mask::<S>::new(s, S::Mask::from_bits(s, fix.lane));
            value = Lanes::select(lane, Lanes::splat(s, from), value);
        }
    }
    // SAFETY: the row has the group.
    unsafe { value.store(row.wrapping_offset(group * S::LANES.cast_signed())) };
}
