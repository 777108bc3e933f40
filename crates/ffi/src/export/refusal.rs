//! Why a call from C failed.

use std::any::Any;
use std::fmt::Display;
use std::mem;

/// A status above 0, with its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub(super) status: Status,
    pub(super) message: String,
}

/// What a check says.
pub type Checked<T> = Result<T, Refusal>;

/// The status of a call that failed. Their names in C are in the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub(super) enum Status {
    Failed = 1,
    Panicked,
    Null,
    Align,
    Shape,
    #[cfg_attr(not(feature = "ndarray"), expect(dead_code, reason = "only views have strides"))]
    Stride,
    Overlap,
    OutOfRange,
    Text,
}

impl Refusal {
    pub(super) fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(super) fn null(name: &str) -> Self {
        Self::new(Status::Null, format!("`{name}` is NULL"))
    }

    pub(super) fn panicked(payload: Box<dyn Any + Send>) -> Self {
        let message = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
            (Some(text), _) => format!("panicked: {text}"),
            (_, Some(text)) => format!("panicked: {text}"),
            _ => {
                // It may panic when it is dropped, and there is nobody left to catch that.
                mem::forget(payload);
                "panicked with what is no text".to_owned()
            }
        };
        Self::new(Status::Panicked, message)
    }
}

/// For an `Err` of the function, with its causes if it has words for them.
pub fn failed(error: &impl Display) -> Refusal {
    Refusal::new(Status::Failed, format!("{error:#}"))
}

/// A `bool` of C, of which Rust believes that it is 0 or 1.
///
/// # Errors
///
/// Any other byte.
pub fn boolean(name: &str, byte: u8) -> Checked<bool> {
    match byte {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Refusal::new(
            Status::OutOfRange,
            format!("`{name}` is {byte}, and a bool is 0 or 1"),
        )),
    }
}

/// Whether something of this type can be at an address.
pub(super) fn place<T>(name: &str, address: *const T) -> Checked<()> {
    if address.is_null() {
        return Err(Refusal::null(name));
    }
    if !address.is_aligned() {
        let message = format!(
            "`{name}` is at {address:p}, which is no multiple of {} bytes",
            align_of::<T>()
        );
        return Err(Refusal::new(Status::Align, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Drops;

    impl Drop for Drops {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    #[test]
    fn payloads_are_read_and_not_dropped() {
        assert_eq!(Refusal::panicked(Box::new("a")).message, "panicked: a");
        assert_eq!(Refusal::panicked(Box::new("b".to_owned())).message, "panicked: b");
        assert_eq!(Refusal::panicked(Box::new(Drops)).message, "panicked with what is no text");
    }

    #[test]
    fn an_error_has_its_causes() {
        let error = crate::Declarations::parse("imt x;").unwrap_err();
        let refusal = failed(&error);
        assert_eq!(refusal.status, Status::Failed);
        assert_eq!(refusal.message, format!("{error:#}"));
        assert_ne!(refusal.message, error.to_string());
    }

    #[test]
    fn a_bool_has_two_values() {
        assert_eq!((boolean("on", 0), boolean("on", 1)), (Ok(false), Ok(true)));
        let refusal = boolean("on", 2).unwrap_err();
        assert_eq!(refusal.status, Status::OutOfRange);
        assert_eq!(refusal.message, "`on` is 2, and a bool is 0 or 1");
    }
}
