//! What expansions name, and nobody else.

pub use crate::record::lines::{Back, Body, Each, LinesGuard, enter_lines};
pub use crate::record::site::{Kind, Site};
pub use crate::record::{Guard, SampledGuard, enter, enter_sampled};

pub use crate::__tenfold_profile_again as again;
pub use crate::__tenfold_profile_back as back;
pub use crate::__tenfold_profile_each as each;
pub use crate::__tenfold_profile_function as function;
pub use crate::__tenfold_profile_goto as goto;
pub use crate::__tenfold_profile_lines as lines;
pub use crate::__tenfold_profile_mark as mark;

/// Opens the scope of a function, until the end of the block.
#[cfg(feature = "record")]
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_function {
    (1, $line:literal) => {
        let _scope = $crate::__tenfold_profile_enter!(Function, "", $line, 1, enter);
    };
    ($sample:literal, $line:literal) => {
        let _scope = $crate::__tenfold_profile_enter!(Function, "", $line, $sample, enter_sampled);
    };
}

/// Opens nothing.
#[cfg(not(feature = "record"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_function {
    ($sample:literal, $line:literal) => {};
}

/// Declares the lines of a function and enters it, until the end of the block.
#[cfg(feature = "record")]
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_lines {
    ($guard:ident, $line:literal, $first:literal, $source:literal, $marks:expr) => {
        static __TENFOLD_PROFILE_BODY: $crate::__private::Body = {
            fn __tenfold_profile_here() -> &'static str {
                ::core::any::type_name_of_val(&__tenfold_profile_here)
            }
            let site = $crate::__private::Site::new(
                $crate::__private::Kind::Function,
                "",
                ::core::file!(),
                $line,
                __tenfold_profile_here,
                1,
            );
            $crate::__private::Body::new(site, $first, $source, &$marks)
        };
        let $guard = $crate::__private::enter_lines(&__TENFOLD_PROFILE_BODY);
    };
}

/// Enters a closure of the function, until the end of the block.
#[cfg(feature = "record")]
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_again {
    ($guard:ident) => {
        let $guard = $crate::__private::enter_lines(&__TENFOLD_PROFILE_BODY);
    };
}

/// A line begins.
#[cfg(feature = "record")]
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_mark {
    ($guard:ident, $line:literal) => {
        #[allow(unreachable_code)]
        $guard.mark($line);
    };
}

/// A line goes on.
#[cfg(feature = "record")]
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_goto {
    ($guard:ident, $line:literal) => {
        #[allow(unreachable_code)]
        $guard.goto($line);
    };
}

/// A line goes on behind the end of the block.
#[cfg(feature = "record")]
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_back {
    ($guard:ident, $line:literal) => {
        let _back = $guard.back($line);
    };
}

/// A line begins whenever the list is asked for an element.
#[cfg(feature = "record")]
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_each {
    ($guard:ident, $line:literal, $list:expr) => {
        $guard.each($line, $list)
    };
}

/// Declares nothing.
#[cfg(not(feature = "record"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_lines {
    ($guard:ident, $line:literal, $first:literal, $source:literal, $marks:expr) => {};
}

/// Enters nothing.
#[cfg(not(feature = "record"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_again {
    ($guard:ident) => {};
}

/// Marks nothing.
#[cfg(not(feature = "record"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_mark {
    ($guard:ident, $line:literal) => {};
}

/// Marks nothing.
#[cfg(not(feature = "record"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_goto {
    ($guard:ident, $line:literal) => {};
}

/// Marks nothing.
#[cfg(not(feature = "record"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_back {
    ($guard:ident, $line:literal) => {};
}

/// The list.
#[cfg(not(feature = "record"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_each {
    ($guard:ident, $line:literal, $list:expr) => {
        $list
    };
}

/// The guard of a site of its own.
#[doc(hidden)]
#[macro_export]
macro_rules! __tenfold_profile_enter {
    ($kind:ident, $label:expr, $line:expr, $sample:expr, $enter:ident) => {{
        // Items are not hygienic: what the label names must not be one of these.
        fn __tenfold_profile_here() -> &'static str {
            ::core::any::type_name_of_val(&__tenfold_profile_here)
        }
        static __TENFOLD_PROFILE_SITE: $crate::__private::Site = $crate::__private::Site::new(
            $crate::__private::Kind::$kind,
            $label,
            ::core::file!(),
            $line,
            __tenfold_profile_here,
            $sample,
        );
        $crate::__private::$enter(&__TENFOLD_PROFILE_SITE)
    }};
}

/// Records a block of code under a name.
///
/// | | |
/// |---|---|
/// | `scope!("name");` | to the end of the block around it |
/// | `scope!("name", expression)` | the expression, whose value it is |
/// | `scope!("name", sample = 64);` | counted always, timed once in 64 times: for what takes nanoseconds |
/// | `scope!("name", sample = 64, expression)` | |
///
/// The name is a constant `&'static str`. The scope is left however the block is: at its end, by
/// `?`, `break`, `return` or a panic. Without a session it costs one relaxed load and a branch, and
/// without the feature `record` nothing.
///
/// ```
/// use tenfold_profile::{Session, scope};
///
/// let session = Session::start().unwrap();
/// let sum = scope!("sum", (0..100u64).sum::<u64>());
/// for _ in 0..3 {
///     scope!("step");
/// }
/// let report = session.finish();
/// assert_eq!(sum, 4950);
/// assert_eq!(report.function("step").unwrap().calls(), 3);
/// ```
#[cfg(feature = "record")]
#[macro_export]
macro_rules! scope {
    ($name:expr) => {
        let _scope = $crate::__tenfold_profile_enter!(Scope, $name, ::core::line!(), 1, enter);
    };
    ($name:expr, sample = $sample:literal) => {
        let _scope =
            $crate::__tenfold_profile_enter!(Scope, $name, ::core::line!(), $sample, enter_sampled);
    };
    ($name:expr, sample = $sample:literal, $body:expr) => {{
        let _scope =
            $crate::__tenfold_profile_enter!(Scope, $name, ::core::line!(), $sample, enter_sampled);
        $body
    }};
    ($name:expr, $body:expr) => {{
        let _scope = $crate::__tenfold_profile_enter!(Scope, $name, ::core::line!(), 1, enter);
        $body
    }};
}

/// Records a block of code under a name; this build has no feature `record`, and so no cost.
#[cfg(not(feature = "record"))]
#[macro_export]
macro_rules! scope {
    ($name:expr) => {};
    ($name:expr, sample = $sample:literal) => {};
    ($name:expr, sample = $sample:literal, $body:expr) => {{ $body }};
    ($name:expr, $body:expr) => {{ $body }};
}
