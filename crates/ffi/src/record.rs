//! Structures and unions of Rust that are C's.

/// Defines a structure or a union that C has too, under the name that follows: `"struct tag"`, `"union tag"`, a
/// tag or a type name. Where it is used, its size, its alignment, and the name, offset and type of each field
/// are compared with the declaration. Without fields it is opaque, and exists behind pointers only.
///
/// # Examples
///
/// ```
/// use tenfold_ffi::{Library, c_record};
///
/// c_record! {
///     /// A quotient and what is left.
///     #[derive(Debug, Clone, Copy, PartialEq)]
///     pub struct Division: "ldiv_t" {
///         pub quot: i64,
///         pub rem: i64,
///     }
/// }
///
/// let mut this = Library::this()?;
/// this.cdef("typedef struct { long quot, rem; } ldiv_t; ldiv_t ldiv(long number, long by);")?;
/// let ldiv = this.function::<unsafe extern "C" fn(i64, i64) -> Division>("ldiv")?;
/// // SAFETY: the declaration is that of `stdlib.h`, and it does not divide by 0.
/// assert_eq!(unsafe { ldiv(17, 5) }, Division { quot: 3, rem: 2 });
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
#[macro_export]
macro_rules! c_record {
    ($(#[$meta:meta])* $vis:vis struct $name:ident: $c:literal $(;)?) => {
        $(#[$meta])*
        #[repr(C)]
        $vis struct $name {
            _bytes: [u8; 0],
            _unmovable: ::core::marker::PhantomData<(*mut u8, ::core::marker::PhantomPinned)>,
        }

        // SAFETY: it exists behind pointers only.
        unsafe impl $crate::CType for $name {
            const SHAPE: $crate::Shape =
                $crate::Shape::record(const { &$crate::__private::RecordShape::opaque($c) });
        }
    };
    ($(#[$meta:meta])* $vis:vis struct $name:ident: $c:literal { $($fields:tt)* }) => {
        $(#[$meta])*
        #[repr(C)]
        $vis struct $name { $($fields)* }

        $crate::__c_record! { $name: $c { $($fields)* } }
    };
    ($(#[$meta:meta])* $vis:vis union $name:ident: $c:literal { $($fields:tt)* }) => {
        $(#[$meta])*
        #[repr(C)]
        $vis union $name { $($fields)* }

        $crate::__c_record! { $name: $c { $($fields)* } }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __c_record {
    ($name:ident: $c:literal { $($(#[$meta:meta])* $vis:vis $field:ident: $ty:ty),* $(,)? }) => {
        // SAFETY: it is laid out as C does it, and the shape has its fields and their offsets.
        unsafe impl $crate::CType for $name {
            const SHAPE: $crate::Shape = $crate::Shape::record(const {
                &$crate::__private::RecordShape::new::<$name>(
                    $c,
                    const {
                        &[$($crate::__private::FieldShape::new::<$ty>(
                            ::core::stringify!($field),
                            ::core::mem::offset_of!($name, $field),
                        )),*]
                    },
                )
            });
        }
    };
}
