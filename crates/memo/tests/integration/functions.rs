//! The attributes on functions of all kinds.

use std::cell::Cell;

use tenfold_memo::{lru_cache, memoize};

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

/// Counts an evaluation on this thread.
fn called() {
    CALLS.with(|calls| calls.set(calls.get() + 1));
}

/// How many evaluations something makes.
fn evaluations(f: impl FnOnce()) -> u32 {
    let before = CALLS.get();
    f();
    CALLS.get() - before
}

#[lru_cache]
fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

#[test]
fn a_function_remembers() {
    assert_eq!(fib(80), 23_416_728_348_467_685);
    let info = fib::cache_info();
    assert_eq!(info.to_string(), "CacheInfo(hits=78, misses=81, maxsize=128, currsize=81)");
    assert_eq!(fib::cache_parameters().to_string(), "{'maxsize': 128, 'typed': False}");
    assert!(fib::invalidate(80) && !fib::invalidate(80));
    assert_eq!(fib::uncached(80), fib(80));
    fib::cache_clear();
    assert_eq!(fib::cache_info().currsize, 0);
}

#[lru_cache(maxsize = 2)]
fn several(n: u32, text: &str, xs: &[f64], by_value: String, mut m: u32) -> String {
    called();
    m += 1;
    format!("{n} {text} {xs:?} {by_value} {m}")
}

#[test]
fn arguments_of_all_kinds() {
    let call = |x: f64| several(1, "a", &[x, 2.0], "b".to_owned(), 4);
    assert_eq!(evaluations(|| assert_eq!(call(0.0), "1 a [0.0, 2.0] b 5")), 1);
    assert_eq!(evaluations(|| assert_eq!(call(-0.0), "1 a [0.0, 2.0] b 5")), 0);
    assert_eq!(evaluations(|| assert_eq!(call(1.0), "1 a [1.0, 2.0] b 5")), 1);
    assert!(several::invalidate(1, "a", &[1.0, 2.0], "b".to_owned(), 4));
}

#[memoize]
fn pair(p: (u32, &str), q: Option<&str>, unit: ()) -> usize {
    called();
    let () = unit;
    p.0 as usize + p.1.len() + q.map_or(0, str::len)
}

#[memoize(ignore(verbose, _log))]
fn quiet(n: u32, verbose: bool, _log: &mut Vec<u32>) -> u32 {
    called();
    n + u32::from(verbose)
}

#[test]
fn borrows_in_tuples_and_options_and_ignored_arguments() {
    let calls = || {
        assert_eq!(pair((1, "ab"), None, ()), 3);
        assert_eq!(pair((1, "ab"), Some("c"), ()), 4);
        assert_eq!(quiet(5, false, &mut vec![]), 5);
        assert_eq!(quiet(5, true, &mut vec![]), 5);
    };
    assert_eq!(evaluations(calls), 3);
    assert_eq!(evaluations(calls), 0);
}

#[memoize]
fn nothing() -> u32 {
    called();
    7
}

#[lru_cache(maxsize = 0)]
fn forgetful(n: u32) -> u32 {
    called();
    n
}

const SIZE: usize = 3;

#[lru_cache(maxsize = SIZE)]
fn sized(n: u32) -> u32 {
    called();
    n
}

#[test]
fn sizes() {
    assert_eq!(evaluations(|| assert_eq!(nothing() + nothing(), 14)), 1);
    assert_eq!(evaluations(|| assert_eq!(forgetful(1) + forgetful(1), 2)), 2);
    assert_eq!(
        forgetful::cache_info().to_string(),
        "CacheInfo(hits=0, misses=2, maxsize=0, currsize=0)"
    );
    (0..10).for_each(|n| assert_eq!(sized(n), n));
    assert_eq!(sized::cache_info().currsize, 3);
    assert_eq!(nothing::cache_parameters().maxsize, None);
}

#[memoize(maxsize = None, scope = "thread")]
fn of_thread(n: u32) -> u64 {
    called();
    if n < 2 { u64::from(n) } else { of_thread(n - 1) + of_thread(n - 2) }
}

#[memoize(scope = "thread")]
fn of_thread_generic<T: std::hash::Hash + Eq + Clone + 'static>(x: T) -> usize {
    called();
    size_of_val(&x)
}

#[test]
fn every_thread_has_its_own() {
    assert_eq!(evaluations(|| assert_eq!(of_thread(50), 12_586_269_025)), 51);
    assert_eq!(evaluations(|| assert_eq!(of_thread(50), 12_586_269_025)), 0);
    let other = std::thread::spawn(|| {
        assert_eq!(evaluations(|| assert_eq!(of_thread(10), 55)), 11);
        of_thread::cache_info()
    });
    assert_eq!(other.join().unwrap().misses, 11);
    assert_eq!((of_thread::cache_info().misses, of_thread::cache_info().hits), (51, 49));
    assert!(of_thread::invalidate(7));
    of_thread::cache_clear();
    assert_eq!(of_thread::cache_info().currsize, 0);
    assert_eq!(of_thread::cache_parameters().maxsize, None);
    // Keys that are no `Send`.
    let key = std::rc::Rc::new(5);
    let calls = || assert_eq!(of_thread_generic(key.clone()) + of_thread_generic(5_u8), 9);
    assert_eq!((evaluations(calls), evaluations(calls)), (2, 0));
}

/// A value that is asked for while its thread ends.
#[test]
fn a_thread_that_ends_still_computes() {
    struct AtTheEnd;
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            assert_eq!(of_thread(20), 6765);
        }
    }
    thread_local! {
        static LATE: AtTheEnd = const { AtTheEnd };
    }
    let thread = std::thread::spawn(|| {
        LATE.with(|_| ());
        of_thread(5)
    });
    assert_eq!(thread.join().unwrap(), 5);
}

#[lru_cache(maxsize = 10)]
fn generic<T, const N: usize>(xs: [T; N], n: u8) -> String
where
    T: std::hash::Hash + Eq + Clone + std::fmt::Debug + Send + Sync + 'static,
{
    called();
    format!("{xs:?} {n}")
}

#[test]
fn a_generic_function_has_a_memo_for_each_set_of_types() {
    let calls = || {
        assert_eq!(generic([1_u8, 2], 1), "[1, 2] 1");
        assert_eq!(generic([1_u16, 2], 1), "[1, 2] 1");
        assert_eq!(generic([1_u8], 1), "[1] 1");
        assert_eq!(generic([(); 3], 1), "[(), (), ()] 1");
    };
    assert_eq!((evaluations(calls), evaluations(calls)), (4, 0));
    assert_eq!(generic::cache_info::<u8, 2>().hits, 1);
    assert_eq!(generic::cache_info::<u8, 7>().misses, 0);
    generic::cache_clear::<u8, 2>();
    assert_eq!(evaluations(calls), 1);
    assert!(generic::invalidate([1_u16, 2], 1));
    assert_eq!(generic::cache_parameters::<u8, 2>().maxsize, Some(10));
}

#[memoize]
fn lifetimes<'a, 'b, T>(x: &'a [T], text: &'b str) -> usize
where
    T: std::hash::Hash + Eq + Clone + Send + Sync + 'static,
    'b: 'a,
{
    called();
    x.len() + text.len()
}

#[test]
fn lifetimes_are_no_part_of_a_memo() {
    let calls = || {
        let (xs, text) = (vec![String::from("x")], String::from("abc"));
        assert_eq!(lifetimes(&xs, &text), 4);
    };
    assert_eq!((evaluations(calls), evaluations(calls)), (1, 0));
    assert_eq!(lifetimes::cache_info::<String>().hits, 1);
}

mod methods {
    use tenfold_memo::{LocalMemo, Memo, lru_cache, memoize};

    use super::{called, evaluations};

    struct Circle {
        radius: f64,
        areas: Memo<(u32, String), f64>,
        local: LocalMemo<u32, u32>,
    }

    impl Circle {
        fn new(radius: f64) -> Self {
            Self { radius, areas: Memo::new(10), local: Memo::builder().build_local() }
        }

        /// The area.
        #[lru_cache(field = areas)]
        fn area(&self, digits: u32, unit: &str) -> f64 {
            called();
            let scale = 10_f64.powi(digits.cast_signed());
            (self.radius * scale).round() / scale * unit.len() as f64
        }

        #[lru_cache(field = local)]
        fn twice(&self, n: u32) -> u32 {
            called();
            n * 2
        }

        #[memoize(associated, maxsize = 5)]
        fn unit(n: u32) -> u32 {
            called();
            n + 1
        }

        #[memoize(associated, scope = "thread")]
        fn made(radius: f64) -> std::rc::Rc<Self> {
            called();
            std::rc::Rc::new(Self::new(radius))
        }
    }

    #[test]
    fn a_method_remembers_in_its_field() {
        let (a, b) = (Circle::new(1.26), Circle::new(2.0));
        assert_eq!(evaluations(|| assert_eq!(a.area(1, "cm"), 2.6)), 1);
        assert_eq!(evaluations(|| assert_eq!(a.area(1, "cm"), 2.6)), 0);
        assert_eq!(evaluations(|| assert_eq!(b.area(1, "cm"), 4.0)), 1);
        assert_eq!((a.area_cache_info().hits, b.area_cache_info().hits), (1, 0));
        assert_eq!(a.area_uncached(0, "m"), 1.0);
        assert!(a.area_invalidate(1, "cm") && !a.area_invalidate(1, "cm"));
        b.area_cache_clear();
        assert_eq!(
            (b.area_cache_info().currsize, b.area_cache_parameters().maxsize),
            (0, Some(10))
        );
        assert_eq!(evaluations(|| assert_eq!(a.twice(2) + a.twice(2), 8)), 1);
        assert_eq!(a.twice_cache_info().hits, 1);
    }

    struct Generic<T>(std::marker::PhantomData<T>);

    impl<T: 'static> Generic<T> {
        #[memoize(associated, scope = "thread")]
        fn size(times: usize) -> usize {
            called();
            size_of::<T>() * times
        }

        #[memoize(associated)]
        fn both<U: 'static>(times: usize) -> usize {
            called();
            (size_of::<T>() + 10 * size_of::<U>()) * times
        }
    }

    #[test]
    fn an_associated_function_has_a_memo_for_each_type() {
        let calls = || {
            assert_eq!(Circle::unit(3) + Circle::unit(3), 8);
            assert_eq!(Circle::made(3.0).radius, 3.0);
            assert_eq!(Generic::<u8>::size(3) + Generic::<u16>::size(3), 9);
            assert_eq!(Generic::<u8>::both::<u8>(3) + Generic::<u8>::both::<u16>(3), 96);
            assert_eq!(Generic::<u16>::both::<u8>(3), 36);
        };
        assert_eq!((evaluations(calls), evaluations(calls)), (7, 0));
        assert_eq!(Circle::unit_cache_info().hits, 3);
        assert_eq!(Circle::unit_cache_parameters().maxsize, Some(5));
        assert_eq!(Circle::unit_uncached(3), 4);
        assert!(Circle::unit_invalidate(3));
        Circle::unit_cache_clear();
        assert_eq!(Generic::<u8>::size_cache_info().hits, 1);
        assert_eq!(Generic::<u8>::both_cache_info::<u16>().hits, 1);
    }
}

#[lru_cache]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    called();
    text.parse()
}

#[lru_cache(cache_err = true)]
fn parse_once(text: &str) -> Result<u32, String> {
    called();
    text.parse().map_err(|_| text.to_owned())
}

/// What is handed through `macro_rules!` comes in a group.
macro_rules! handed {
    ($name:ident, $x:ty, $result:ty) => {
        #[lru_cache]
        fn $name(text: &$x) -> $result {
            called();
            text.parse()
        }
    };
}

handed!(handed, str, Result<u32, std::num::ParseIntError>);

#[lru_cache]
#[expect(unused_parens, reason = "types in parentheses are types")]
fn parenthesised(text: (&(str))) -> (Result<u32, std::num::ParseIntError>) {
    called();
    text.parse()
}

#[test]
fn types_in_groups_are_what_is_in_them() {
    let calls = || {
        assert!(handed("x").is_err() && parenthesised("x").is_err());
        assert_eq!((handed("1"), parenthesised("1")), (Ok(1), Ok(1)));
    };
    assert_eq!((evaluations(calls), evaluations(calls)), (4, 2));
}

#[lru_cache]
fn unwritten(n: u8) -> std::fmt::Result {
    called();
    if n == 0 { Err(std::fmt::Error) } else { Ok(()) }
}

#[lru_cache]
fn perhaps(n: u32) -> Option<u32> {
    called();
    n.checked_sub(1)
}

#[test]
fn errors_are_not_remembered_and_none_is() {
    let calls = || {
        assert_eq!(parse("12"), Ok(12));
        assert!(parse("x").is_err());
        assert_eq!((unwritten(0), unwritten(1)), (Err(std::fmt::Error), Ok(())));
        assert_eq!((perhaps(0), perhaps(1)), (None, Some(0)));
        assert_eq!(parse_once("x"), Err("x".to_owned()));
    };
    assert_eq!((evaluations(calls), evaluations(calls)), (7, 2));
}

#[memoize(typed = true)]
fn typed(x: f64, xs: [f32; 2]) -> bool {
    called();
    x.is_sign_negative() || xs[0].is_sign_negative()
}

#[test]
fn typed_floats_are_bits() {
    assert_eq!((typed(0.0, [0.0; 2]), typed(-0.0, [0.0; 2])), (false, true));
    assert!(typed(0.0, [-0.0, 0.0]));
    assert_eq!(typed::cache_info().misses, 3);
    assert_eq!(typed::cache_parameters().to_string(), "{'maxsize': None, 'typed': True}");
}

#[memoize(max_bytes = "1kB", weigh = |v| v.len() * 8, shards = 1, ttl = "1h", patience = "1s")]
fn bounded(n: usize) -> Vec<f64> {
    called();
    vec![0.5; n]
}

#[memoize(single_flight = false, maxsize = 4)]
fn alone(n: u32) -> &'static str {
    called();
    if n == 0 { "zero" } else { "more" }
}

#[test]
fn bounds_and_switches() {
    assert_eq!(bounded(100).len() + bounded(100).len() + bounded(126).len(), 326);
    let info = bounded::cache_info();
    assert_eq!((info.bytes, info.too_large, info.hits), (800, 1, 1));
    let parameters = bounded::cache_parameters();
    assert_eq!(parameters.max_bytes, Some(1000));
    assert_eq!(parameters.ttl, Some(std::time::Duration::from_secs(3600)));
    assert_eq!(evaluations(|| assert_eq!((alone(0), alone(0)), ("zero", "zero"))), 1);
    assert!(!alone::cache_parameters().single_flight);
}

/// Runs a future to its end on this thread.
fn block_on<F: Future>(future: F) -> F::Output {
    use std::task::{Context, Poll, Wake, Waker};
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(std::sync::Arc::new(Unpark(std::thread::current())));
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// Gives way once.
async fn yields() {
    let mut first = true;
    std::future::poll_fn(|context| {
        if std::mem::take(&mut first) {
            context.waker().wake_by_ref();
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(())
    })
    .await;
}

#[lru_cache]
async fn later(text: String, n: &u32) -> Result<String, ()> {
    yields().await;
    called();
    if *n == 0 { Err(()) } else { Ok(format!("{text}{n}")) }
}

#[test]
fn a_future_remembers() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let call = |n| block_on(is_send(later("a".to_owned(), &n)));
    assert_eq!(evaluations(|| assert_eq!(call(1), Ok("a1".to_owned()))), 1);
    assert_eq!(evaluations(|| assert_eq!(call(1), Ok("a1".to_owned()))), 0);
    assert_eq!(evaluations(|| assert_eq!((call(0), call(0)), (Err(()), Err(())))), 2);
    // One that is dropped in the midst leaves nothing behind.
    let n = 5;
    {
        let mut future = std::pin::pin!(later("a".to_owned(), &n));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(future.as_mut().poll(&mut context).is_pending());
    }
    assert_eq!(call(5), Ok("a5".to_owned()));
    assert_eq!(block_on(later::uncached("b".to_owned(), &n)), Ok("b5".to_owned()));
    assert!(later::invalidate("a".to_owned(), &1));
}

#[memoize]
async fn configured(n: u32) -> u32 {
    let value = n + CALLS.get();
    yields().await;
    value
}

#[test]
fn a_future_that_is_forgotten_is_not_kept() {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut old = Box::pin(configured(1));
    assert!(old.as_mut().poll(&mut context).is_pending());
    called();
    configured::invalidate(1);
    let old = block_on(old);
    assert_eq!(block_on(configured(1)), old + 1);
}

#[test]
fn functions_within_functions() {
    #[lru_cache(maxsize = None)]
    fn even(n: u32) -> bool {
        if n == 0 { true } else { odd(n - 1) }
    }
    #[lru_cache(maxsize = None)]
    fn odd(n: u32) -> bool {
        if n == 0 { false } else { even(n - 1) }
    }
    assert!(even(300) && !odd(300));
    assert_eq!(even::cache_info().misses, 301);
}

#[cfg(unix)]
#[lru_cache]
#[must_use]
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "attributes are carried over")]
#[cfg(unix)]
pub(crate) fn attributed(n: u64) -> u32 {
    n as u32
}

#[lru_cache]
#[cfg(not(unix))]
#[cfg(unix)]
pub(crate) fn attributed(n: u64) -> u32 {
    this_is_not_compiled(n)
}

#[test]
fn attributes_are_carried_over() {
    assert_eq!(attributed(7) + attributed(7), 14);
    assert_eq!(attributed::cache_info().hits, 1);
}

/// Lifetimes in places that the memo does not have.
mod named_lifetimes {
    use std::hash::Hash;

    use tenfold_memo::{Memo, lru_cache, memoize};

    use super::{called, evaluations};

    struct Texts {
        text: String,
        cache: Memo<String, String>,
    }

    impl Texts {
        #[lru_cache(field = cache)]
        fn longer<'a>(&'a self, other: &'a str) -> String {
            called();
            let both: [&'a str; 2] = [&self.text, other];
            both.into_iter().max_by_key(|text| text.len()).unwrap().to_owned()
        }
    }

    #[memoize]
    fn with_bound<'a, T: From<&'a str> + Hash + Eq + Clone + Send + Sync + 'static>(
        x: T,
        text: &'a str,
    ) -> bool {
        called();
        x == T::from(text)
    }

    #[memoize]
    fn with_clause<'a, T>(x: T, text: &'a str) -> bool
    where
        T: Hash + Eq + Clone + Send + Sync + From<&'a str> + 'a + 'static,
    {
        called();
        x == T::from(text)
    }

    #[test]
    fn lifetimes_of_the_call_are_left_out() {
        let texts = Texts { text: "a".to_owned(), cache: Memo::new(4) };
        let calls = || {
            assert_eq!(texts.longer("ab"), "ab");
            assert!(with_bound("x".to_owned(), "x") && with_clause("x".to_owned(), "x"));
        };
        assert_eq!((evaluations(calls), evaluations(calls)), (3, 0));
        assert_eq!(texts.longer_cache_info().hits, 1);
        assert!(with_clause::invalidate("x".to_owned(), "x"));
    }
}

type Test = dyn Fn(&str) -> bool + Send + Sync;

#[memoize]
fn equals(text: &str) -> std::sync::Arc<dyn Fn(&str) -> bool + Send + Sync> {
    called();
    let text = text.to_owned();
    std::sync::Arc::new(move |other| other == text)
}

#[memoize]
fn equals_bound(text: &str) -> std::sync::Arc<dyn for<'a> Fn(&'a str) -> bool + Send + Sync> {
    equals(text)
}

#[memoize]
fn length_of(by: u32) -> fn(&str, &'_ [u32]) -> usize {
    if by == 0 { |text, _| text.len() } else { |_, list| list.len() }
}

/// What a function borrows when it is called is not borrowed by the function.
#[test]
fn values_that_take_borrows_are_kept() {
    let calls = || {
        let (test, bound): (std::sync::Arc<Test>, _) = (equals("x"), equals_bound("x"));
        assert!(test("x") && bound("x") && !test("y"));
        assert_eq!(length_of(0)("abc", &[]), 3);
    };
    assert_eq!((evaluations(calls), evaluations(calls)), (1, 0));
}

/// Compiles: what is called there is safe to call only with the feature.
#[cfg(target_arch = "x86_64")]
mod featured {
    use tenfold_memo::lru_cache;

    #[target_feature(enable = "avx512f")]
    fn helper(n: u32) -> u32 {
        n + 1
    }

    #[lru_cache]
    #[target_feature(enable = "avx512f")]
    fn featured(n: u32) -> u32 {
        helper(n)
    }
}

#[memoize]
fn of_a_pair(pair: Option<(&str, u8)>, one: Option<&str>) -> usize {
    pair.map_or(0, |(text, n)| text.len() + usize::from(n)) + one.map_or(0, str::len)
}

#[test]
fn an_option_of_borrows_and_values_is_an_argument() {
    for _ in 0..2 {
        assert_eq!(of_a_pair(Some(("ab", 3)), Some("c")), 6);
        assert_eq!(of_a_pair(None, None), 0);
        assert_eq!(of_a_pair(Some(("ab", 4)), None), 6);
    }
    assert_eq!((of_a_pair::cache_info().hits, of_a_pair::cache_info().misses), (3, 3));
}
