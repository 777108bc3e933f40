//! Versions of code, and the switches of what a feature brings.

/// The code of a function and of what it depends on, as one number: FNV-1a over whole words. Its place
/// is in keys on disk, so that it must stay what it is.
#[must_use]
pub const fn code(own: u64, others: &[u64]) -> u64 {
    let mut code = (0xCBF2_9CE4_8422_2325 ^ own).wrapping_mul(0x100_0000_01B3);
    let mut i = 0;
    while i < others.len() {
        // The upper bits come down, so that all of them count below.
        code = ((code ^ (code >> 29)) ^ others[i]).wrapping_mul(0x100_0000_01B3);
        i += 1;
    }
    code
}

/// The name of a function that has a memo for each set of types, which `Tag` stands for.
#[must_use]
pub fn name_of<Tag>(name: &str) -> String {
    format!("{name}<{}>", std::any::type_name::<Tag>())
}

/// A builder with a disk.
#[doc(hidden)]
#[cfg(feature = "disk")]
#[macro_export]
macro_rules! __with_disk {
    ([$($builder:tt)*] [$($disk:tt)*]) => {
        $($builder)*.disk($($disk)*)
    };
}

/// A builder with a disk, which there is not.
#[doc(hidden)]
#[cfg(not(feature = "disk"))]
#[macro_export]
macro_rules! __with_disk {
    ([$($builder:tt)*] [$($disk:tt)*]) => {
        ::core::compile_error!(
            "`disk` needs a feature: write `tenfold-memo = { version = \"..\", features = [\"disk\"] }`"
        )
    };
}

/// A builder with another policy.
#[doc(hidden)]
#[cfg(feature = "s3fifo")]
#[macro_export]
macro_rules! __with_s3fifo {
    ($($builder:tt)*) => {
        $($builder)*.s3fifo()
    };
}

/// A builder with another policy, which there is not.
#[doc(hidden)]
#[cfg(not(feature = "s3fifo"))]
#[macro_export]
macro_rules! __with_s3fifo {
    ($($builder:tt)*) => {
        ::core::compile_error!(
            "`s3fifo` needs a feature: write `tenfold-memo = { version = \"..\", features = [\"s3fifo\"] }`"
        )
    };
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn all_that_goes_in_counts() {
        let codes = [
            code(1, &[]),
            code(2, &[]),
            code(1, &[1]),
            code(1, &[2]),
            code(1, &[1, 2]),
            code(1, &[2, 1]),
        ];
        for (i, a) in codes.iter().enumerate() {
            assert!(codes[..i].iter().all(|b| a != b), "{codes:?}");
        }
    }
}
