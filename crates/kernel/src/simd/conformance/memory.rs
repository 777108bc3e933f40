//! To and from memory: nothing outside of what is meant is touched.

use super::super::{Body, Element, Lanes, Simd};
use super::{Same, differ, group};

/// Room for groups, aligned as streams need it.
#[repr(align(64))]
struct Room([u8; 1024]);

/// What is in the room beforehand; no bool, but nobody reads it as one.
const GUARD: u8 = 0xa5;

pub(super) struct Memory<'a, E>(pub(super) &'a [[E; 3]]);

impl<E: Element + Same> Body for Memory<'_, E> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let page = Page::new();
        for (round, rows) in self.0.chunks(S::LANES).take(40).enumerate() {
            let a = group(s, rows, 0);
            let fill = rows[0][1];
            let n = round % S::LANES;
            let size = size_of::<E>();
            let mut room = Room([GUARD; 1024]);
            let start: *mut E = room.0.as_mut_ptr().cast();

            // A stream where the alignment is as promised.
            // SAFETY: the room has space for 16 of the largest after 64 bytes.
            unsafe { a.stream(start.wrapping_byte_add(64)) };
            s.fence();
            written(s, &room, 64, S::LANES, a);

            turned(a.rotate_left(), a, 1);
            turned(a.rotate_right(), a, S::LANES - 1);

            // Elsewhere, all and some.
            let from = 64 + size * (1 + round % 5);
            let to = start.wrapping_byte_add(from);
            room.0.fill(GUARD);
            // SAFETY: as before; from at most 104 on.
            unsafe { a.store(to) };
            written(s, &room, from, S::LANES, a);
            // SAFETY: the same was written.
            same(s, unsafe { Lanes::load(s, to) }, a, S::LANES, fill);
            room.0.fill(GUARD);
            // SAFETY: as before, and n is less than LANES.
            unsafe { a.store_some(to, n) };
            written(s, &room, from, n, a);
            // SAFETY: n were written.
            same(s, unsafe { Lanes::load_some(s, to, n, fill) }, a, n, fill);

            // Where the next byte may not be touched.
            let last = page.end::<E>(S::LANES);
            // SAFETY: the page ends after LANES elements.
            unsafe { a.store(last) };
            // SAFETY: LANES elements were written.
            same(s, unsafe { Lanes::load(s, last) }, a, S::LANES, fill);
            let last = page.end::<E>(n);
            // SAFETY: the page ends after n elements.
            unsafe { a.store_some(last, n) };
            // SAFETY: n elements were written.
            same(s, unsafe { Lanes::load_some(s, last, n, fill) }, a, n, fill);
        }
    }
}

/// Is each lane that of `a` so many places on?
fn turned<S: Simd, E: Element + Same>(got: Lanes<S, E>, a: Lanes<S, E>, by: usize) {
    for i in 0..S::LANES {
        let wanted = a.lane((i + by) % S::LANES);
        if !got.lane(i).same(wanted) {
            differ(&got.token(), E::NAME, "a rotation", &(by, a), &(got, wanted));
        }
    }
}

/// Are the first `n` of `wanted` there, and nothing else?
fn written<S: Simd, E: Element + Same>(
    s: S,
    room: &Room,
    from: usize,
    n: usize,
    wanted: Lanes<S, E>,
) {
    let wanted = wanted.to_array();
    let wanted = &wanted.as_ref()[..n];
    // SAFETY: numbers and bools are bytes without padding.
    let bytes = unsafe { std::slice::from_raw_parts(wanted.as_ptr().cast(), size_of_val(wanted)) };
    let (before, rest) = room.0.split_at(from);
    let (inside, after) = rest.split_at(bytes.len());
    if inside != bytes || before.iter().chain(after).any(|&byte| byte != GUARD) {
        differ(&s, E::NAME, "a store", &(n, wanted), &inside);
    }
}

/// Are the first `n` lanes those of `wanted` and the others `fill`?
fn same<S: Simd, E: Element + Same>(
    s: S,
    got: Lanes<S, E>,
    wanted: Lanes<S, E>,
    n: usize,
    fill: E,
) {
    for (i, &got) in got.to_array().as_ref().iter().enumerate() {
        let wanted = if i < n { wanted.lane(i) } else { fill };
        if !got.same(wanted) {
            differ(&s, E::NAME, "a load", &(n, i), &(got, wanted));
        }
    }
}

/// Memory before a page that may not be touched; before the end of an allocation where the
/// operating system is another.
struct Page(*mut u8);

const PAGE: usize = 1 << 16;

impl Page {
    /// Where `n` elements end with it.
    fn end<E>(&self, n: usize) -> *mut E {
        self.0.wrapping_add(PAGE - n * size_of::<E>()).cast()
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::ffi::{c_int, c_void};
    unsafe extern "C" {
        pub(super) fn mmap(
            at: *mut c_void,
            size: usize,
            access: c_int,
            flags: c_int,
            file: c_int,
            offset: i64,
        ) -> *mut c_void;
        pub(super) fn mprotect(at: *mut c_void, size: usize, access: c_int) -> c_int;
        pub(super) fn munmap(at: *mut c_void, size: usize) -> c_int;
    }
}

#[cfg(target_os = "linux")]
impl Page {
    fn new() -> Self {
        // Readable and writable, private and anonymous.
        // SAFETY: a new mapping touches nothing that exists.
        let start = unsafe { system::mmap(std::ptr::null_mut(), 2 * PAGE, 3, 0x22, -1, 0) };
        assert_ne!(start.addr(), usize::MAX, "mmap failed");
        // SAFETY: the second half of the mapping.
        let outcome = unsafe { system::mprotect(start.wrapping_byte_add(PAGE), PAGE, 0) };
        assert_eq!(outcome, 0, "mprotect failed");
        Self(start.cast())
    }
}

#[cfg(target_os = "linux")]
impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's alone.
        let _ = unsafe { system::munmap(self.0.cast(), 2 * PAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
impl Page {
    fn new() -> Self {
        Self(Box::into_raw(vec![0_u8; PAGE].into_boxed_slice()).cast())
    }
}

#[cfg(not(target_os = "linux"))]
impl Drop for Page {
    fn drop(&mut self) {
        let slice = std::ptr::slice_from_raw_parts_mut(self.0, PAGE);
        // SAFETY: `new` made it of this box.
        drop(unsafe { Box::from_raw(slice) });
    }
}
