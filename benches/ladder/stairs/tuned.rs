//! The last three answers are all one must remember.

pub(super) fn run(stairs: &u32) -> u64 {
    (1..*stairs).fold([1, 2, 4], |[a, b, c], _| [b, c, a + b + c])[0]
}
