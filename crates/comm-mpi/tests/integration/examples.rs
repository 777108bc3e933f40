//! The programs of tenfold-comm's examples, and arrays of tenfold-array, which assert their own answers.

use crate::job::says;

fn runs(name: &str) {
    for ranks in 1..=4 {
        says(ranks, name, &[], true);
    }
}

macro_rules! examples {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            runs(stringify!($name));
        }
    )*};
}

examples! { arrays chain collectives exchange gather heat hello reductions relay ring split sum }
