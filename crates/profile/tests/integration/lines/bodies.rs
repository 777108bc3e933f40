//! Bodies do with marks what they do without.

#![allow(
    clippy::let_and_return,
    clippy::manual_unwrap_or,
    clippy::manual_unwrap_or_default,
    clippy::useless_format,
    clippy::cast_possible_truncation,
    reason = "lines of all kinds are wanted, whatever they do"
)]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Mutex;

use tenfold_profile::{Report, profile};

use super::{counted, hits, timed};

type Log = RefCell<Vec<&'static str>>;

/// Says when it is dropped, and what it is asked.
struct Noisy<'a>(&'a Log, &'static str);

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1);
    }
}

impl Noisy<'_> {
    fn some(&self) -> Option<u32> {
        Some(1)
    }

    fn list(&self) -> [u32; 2] {
        [1, 2]
    }

    fn is(&self, x: bool) -> bool {
        self.0.borrow_mut().push("asked");
        x
    }

    fn add(&self, x: u32) -> u32 {
        self.0.borrow_mut().push("added");
        x + 1
    }
}

fn say(log: &Log, word: &'static str) {
    log.borrow_mut().push(word);
}

/// The same bodies without marks and with them.
macro_rules! twice {
    ($($body:tt)*) => {
        mod plain {
            use super::*;
            pub(super) struct Bodies;
            impl Bodies { $($body)* }
        }
        mod marked {
            use super::*;
            pub(super) struct Bodies;
            #[profile(lines)]
            impl Bodies { $($body)* }
        }
    };
}

twice! {
    pub(super) fn temporaries_of_a_tail(log: &Log) -> u32 {
        let _local = Noisy(log, "local");
        say(log, "before");
        Noisy(log, "temporary").some().unwrap_or(0)
    }

    pub(super) fn temporaries_of_a_block(log: &Log) -> u32 {
        let value = {
            let _inner = Noisy(log, "inner");
            Noisy(log, "temporary").add(
                2,
            )
        };
        say(log, "after");
        value
    }

    pub(super) fn temporaries_of_arms(log: &Log) -> u32 {
        let x = match Noisy(log, "scrutinee").some() {
            Some(1) =>
                Noisy(log, "arm").add(1),
            _ => 0,
        };
        say(log, "after");
        if let Some(y) = Noisy(log, "if let").some() {
            say(log, "then");
            x + y
        } else if Noisy(log, "else if").is(true) {
            2
        } else {
            3
        }
    }

    pub(super) fn headers(log: &Log) -> u32 {
        let mut sum = 0;
        for x in Noisy(log, "for").list().iter().map(|x| x * 2) {
            sum += x;
            say(log, "turn");
        }
        while Noisy(log, "while").is(sum < 8) {
            sum += 1;
            say(log, "turn");
        }
        let tries = Cell::new(0);
        while let (Some(x), true) = (Noisy(log, "while let").some(), tries.get() < 2) {
            tries.set(tries.get() + x);
            say(log, "turn");
        }
        let mut list = vec![3, 4];
        while let Some(last) = list.last_mut() {
            *last -= 1;
            if *last < 2 {
                list.pop();
            }
        }
        sum
    }

    pub(super) fn extended(log: &Log, which: bool) -> &'static str {
        let text = &String::from("extended");
        let noisy = match which {
            true =>
                &Noisy(log, "arm that lives on"),
            false => {
                say(log, "false");
                &Noisy(log, "block that lives on")
            }
        };
        let list: &[u32] = if which {
            &[1, 2, 3]
        } else {
            &[1]
        };
        say(log, noisy.1);
        if list.len() + text.len() > 9 { "long" } else { "short" }
    }

    pub(super) fn labels(log: &Log) -> u32 {
        let found = 'search: {
            for x in 0..5 {
                if x == 3 {
                    break 'search Some(x);
                }
            }
            None
        };
        let turns = 'outer: loop {
            let mut x = 0;
            'inner: while x < 10 {
                x += 1;
                if x == 2 { continue 'inner; }
                if x == 5 {
                    say(log, "five");
                    break 'outer x;
                }
            }
        };
        found.unwrap_or(0) + turns
    }

    pub(super) fn let_else(log: &Log, text: Option<&str>) -> usize {
        let _noisy = Noisy(log, "noisy");
        let Some(text) = text else {
            say(log, "none");
            return 0;
        };
        let Ok(number) = text.parse::<usize>() else { return 1 };
        let number = number + 1;
        number
    }

    pub(super) fn items(log: &Log) -> u64 {
        const N: u64 = {
            let n = 3;
            n + 1
        };
        static M: u64 = N;
        fn nested(x: u64) -> u64 {
            let x = x * 2;
            x
        }
        macro_rules! call {
            ($x:expr) => { nested($x) };
        }
        struct Pair([u64; { let n = 2; n }]);
        impl Pair {
            fn sum(&self) -> u64 {
                self.0[0] + self.0[1]
            }
        }
        use std::mem::size_of as size;
        say(log, "items");
        call!(M) + Pair([1; 2]).sum() + size::<Pair>() as u64 + [0; { let n = 3; n }].len() as u64
    }

    pub(super) fn shadows(x: u32) -> u32 {
        let lines = x;
        let lines = { let lines = lines + 1; lines * 2 };
        let _back = lines;
        lines + _back
    }

    pub(super) fn opaque<'a>(list: &'a [u32], by: &'a u32) -> impl Iterator<Item = u32> + 'a {
        let by = *by;
        list.iter().map(move |x| {
            let product = x * by;
            product
        })
    }

    pub(super) fn boxed(by: u32) -> Box<dyn Fn(u32) -> u32 + Send + 'static> {
        let twice = 2 * by;
        Box::new(move |x| {
            let y = x + twice;
            y
        })
    }

    pub(super) fn locks(mutex: &Mutex<Vec<u32>>) -> u32 {
        mutex.lock().unwrap().push(1);
        match mutex.lock().unwrap().pop() {
            Some(x) => x,
            None => 0,
        }
    }

    pub(super) fn operands(log: &Log, which: bool) -> u32 {
        let value = Noisy(log, "receiver").add(if which {
            say(log, "yes");
            1
        } else {
            2
        }) + match which {
            true => {
                say(log, "also");
                3
            }
            false => 4,
        };
        let text = match which { true => "one", _ => "two" }.len() as u32;
        value + text
    }

    pub(super) fn entries(words: &[&'static str]) -> BTreeMap<&'static str, u32> {
        let mut map = BTreeMap::new();
        for word in words {
            *map.entry(*word).or_insert_with(|| {
                let first = 0;
                first
            }) += 1;
        }
        map
    }

    pub(super) fn coerced(which: u8) -> Result<Box<dyn std::fmt::Display>, Box<dyn std::error::Error>> {
        Ok(match which {
            0 => Box::new(1),
            1 =>
                Box::new("text"),
            2 => return Err("two".into()),
            _ => {
                let number: u8 = "300".parse()?;
                Box::new(number)
            }
        })
    }

    pub(super) fn macros(log: &Log, x: u32) -> String {
        say(log, "macros");
        let text = match x {
            0 =>
                format!("zero"),
            1 => format!("one"),
            _ => unreachable!("{x}"),
        };
        assert!(!text.is_empty());
        format!("{text}{}", x)
    }

    pub(super) fn diverges(x: Option<u32>) -> u32 {
        let y: u32 = match x {
            Some(x) => x,
            None => return 7,
        };
        #[allow(unused_mut, reason = "an attribute")]
        let mut z = y;
        unsafe_free(z)
    }

    pub(super) fn later<'a>(cell: &'a Cell<u32>) -> impl Future<Output = u32> + 'a {
        let start = cell.get();
        async move {
            let more = start + 1;
            cell.set(more);
            more
        }
    }

    pub(super) fn patterns(list: &[u32]) -> u32 {
        match list {
            [] => 0,
            [one] => *one,
            [first, .., last] if {
                let big = first + last;
                big > 5
            } => first + last,
            [first, rest @ ..] => {
                let mut sum = *first;
                for &x in rest { sum += x; }
                sum
            }
        }
    }

    pub(super) fn chains(a: Option<u32>, b: Option<u32>) -> u32 {
        if let Some(a) = a && let Some(b) = b && a < b {
            b - a
        } else if let Some(a) = a && a > 5 {
            let a = a + 1;
            a
        } else {
            0
        }
    }
}

fn unsafe_free(x: u32) -> u32 {
    x + 1
}

/// Polls what never waits.
fn ready(future: impl Future<Output = u32>) -> u32 {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("it waits"),
    }
}

/// Everything that the bodies of a module give and say.
macro_rules! everything {
    ($module:ident) => {{
        use $module::Bodies as B;
        let log = Log::default();
        let mut found = vec![];
        let mut took = |name: &str, value: String| {
            found.push(format!("{name}: {value} {:?}", std::mem::take(&mut *log.borrow_mut())));
        };
        took("tail", B::temporaries_of_a_tail(&log).to_string());
        took("block", B::temporaries_of_a_block(&log).to_string());
        took("arms", B::temporaries_of_arms(&log).to_string());
        took("headers", B::headers(&log).to_string());
        took("extended", format!("{} {}", B::extended(&log, true), B::extended(&log, false)));
        took("labels", B::labels(&log).to_string());
        took(
            "let else",
            format!("{:?}", [None, Some("x"), Some("3")].map(|x| B::let_else(&log, x))),
        );
        took("items", B::items(&log).to_string());
        took("shadows", B::shadows(3).to_string());
        took("opaque", format!("{:?}", B::opaque(&[1, 2], &3).collect::<Vec<_>>()));
        took("boxed", std::thread::spawn(|| B::boxed(3)(1)).join().unwrap().to_string());
        took("locks", B::locks(&Mutex::new(vec![4])).to_string());
        took("operands", format!("{} {}", B::operands(&log, true), B::operands(&log, false)));
        took("entries", format!("{:?}", B::entries(&["a", "b", "a"])));
        let text = |which| B::coerced(which).map_or_else(|e| e.to_string(), |x| x.to_string());
        took("coerced", format!("{:?}", [0, 1, 2, 3].map(text)));
        took("macros", format!("{} {}", B::macros(&log, 0), B::macros(&log, 1)));
        took("diverges", format!("{} {}", B::diverges(None), B::diverges(Some(1))));
        took("later", ready(B::later(&Cell::new(2))).to_string());
        let lists: [&[u32]; 5] = [&[], &[1], &[1, 2, 3], &[3, 2, 1, 4], &[1, 1]];
        took("patterns", format!("{:?}", lists.map(B::patterns)));
        let pairs = [(Some(1), Some(3)), (Some(9), None), (None, None)];
        took("chains", format!("{:?}", pairs.map(|(a, b)| B::chains(a, b))));
        found
    }};
}

#[test]
fn values_and_drops_are_the_same() {
    let plain = everything!(plain);
    let check = || assert_eq!(everything!(marked), plain);
    {
        // In no session, also of another test.
        let _alone = crate::alone();
        check();
    }
    counted(check);
    timed(check);
    assert!(plain.iter().any(|line| line.contains("temporary")), "{plain:#?}");
}

/// The hits of a line by its text.
fn at(report: &Report, function: &str, text: &str) -> Option<u64> {
    let lines = super::of(report, function).lines;
    lines.iter().find(|line| line.text.trim() == text).unwrap().hits
}

#[test]
fn what_runs_elsewhere_has_no_lines() {
    let report = counted(|| everything!(marked));
    assert_eq!(at(&report, "Bodies::items", "let x = x * 2;"), None);
    assert_eq!(at(&report, "Bodies::later", "let more = start + 1;"), None);
    assert_eq!(at(&report, "Bodies::opaque", "let product = x * by;"), Some(2));
    assert_eq!(at(&report, "Bodies::boxed", "let y = x + twice;"), Some(1));
    assert_eq!(at(&report, "Bodies::entries", "let first = 0;"), Some(2));
}

#[test]
fn functions_that_macros_make_have_the_lines_of_the_macro() {
    macro_rules! make {
        ($name:ident, $x:expr) => {
            #[profile(lines)]
            fn $name() -> u32 {
                let x = $x; // made
                x + 1
            }
        };
    }
    make!(made, {
        let one = 1;
        one
    });
    let report = counted(made);
    assert_eq!(hits(&report, "made", "made"), 1);
}

/// Closures that begin with a block and go on behind it, attributes inside of loops, code behind a
/// `return`, and more `else if` than the compiler's stack holds blocks.
#[profile(lines)]
#[rustfmt::skip]
#[allow(clippy::needless_return, reason = "code behind it is wanted")]
fn odd_forms(values: &[u32]) -> u32 {
    let arms = |x: &u32| match x {
        0 => {
            let y = 2;
            y
        }
        n => *n,
    } + 1;
    let branches = |x: &u32| if *x > 3 {
        let y = x + 1; // then
        y
    } else {
        1
    } * 2;
    let mut n: u32 = values.iter().map(arms).chain(values.iter().map(branches)).sum();
    while n > 30 {
        #![allow(unused_variables, reason = "an attribute inside of the loop is wanted")]
        let half = n / 2;
        n -= 1; // less
    }
    return n;
    #[allow(unreachable_code, reason = "it is wanted")]
    {
        n + 1
    }
}

macro_rules! chain {
    ($x:ident $($n:literal)*) => {
        #[profile(lines)]
        fn long_chain($x: u32) -> u32 {
            if $x == 1000 {
                0
            }
            $(else if $x == $n {
                $n + 1
            })*
            else {
                7
            }
        }
    };
}
chain!(x 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35
    36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68
    69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95 96 97 98 99 100);

#[test]
fn odd_forms_compile_and_are_counted() {
    let report = counted(|| {
        assert_eq!(odd_forms(&[0, 5, 20, 1]), 30);
        assert_eq!([3, 99, 100, 500].map(long_chain), [4, 100, 101, 7]);
    });
    assert_eq!(hits(&report, "odd_forms", "then"), 2);
    assert_eq!(hits(&report, "odd_forms", "less"), (3 + 6 + 21 + 2 + 2 + 12 + 42 + 2) - 30);
}
