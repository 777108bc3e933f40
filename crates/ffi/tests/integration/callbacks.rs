//! Rust's closures, called by C.

use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use tenfold_ffi::{Callback, ErrorKind, Library, OnError, args};

use crate::compiler::{compiled, function};

const SOURCE: &str = "
#include <pthread.h>
#include <stdlib.h>
double call0(double (*f)(void)) { return f(); }
double call1(double (*f)(int)) { return f(1); }
double call2(double (*f)(int, double)) { return f(1, 2); }
double call3(double (*f)(int, double, char)) { return f(1, 2, 3); }
double call4(double (*f)(int, double, char, float)) { return f(1, 2, 3, 4); }
double call5(double (*f)(int, double, char, float, long)) { return f(1, 2, 3, 4, 5); }
double call6(double (*f)(int, double, char, float, long, double)) { return f(1, 2, 3, 4, 5, 6); }
double call7(double (*f)(int, double, char, float, long, double, unsigned)) {
    return f(1, 2, 3, 4, 5, 6, 7);
}
double call8(double (*f)(int, double, char, float, long, double, unsigned, long)) {
    return f(1, 2, 3, 4, 5, 6, 7, 8);
}
double call8_last(double (*f)(int, double, char, float, long, double, unsigned, long, void *), void *data) {
    return f(1, 2, 3, 4, 5, 6, 7, 8, data);
}
double call8_first(double (*f)(void *, int, double, char, float, long, double, unsigned, long), void *data) {
    return f(data, 1, 2, 3, 4, 5, 6, 7, 8);
}
struct pair { double x; int n; };
struct pair swap(struct pair (*f)(struct pair), double x, int n) {
    struct pair given = { x, n };
    return f(given);
}
int sum(int (*f)(int), int count) {
    int sum = 0;
    for (int n = 0; n < count; n++) sum += f(n);
    return sum;
}
int both(int (*f)(int), int (*g)(int), int n) { return f(g(n)); }
void sort(int *values, size_t count, int (*f)(const void *, const void *)) {
    qsort(values, count, sizeof(int), f);
}
struct job { int (*f)(int, void *); void *data; int from; int sum; };
static void *work(void *given) {
    struct job *job = given;
    for (int n = 0; n < 1000; n++) job->sum += job->f(job->from + n, job->data);
    return NULL;
}
int threads(int (*f)(int, void *), void *data, int count) {
    pthread_t ids[8];
    struct job jobs[8];
    int sum = 0;
    for (int i = 0; i < count; i++) {
        jobs[i] = (struct job) { f, data, 1000 * i, 0 };
        pthread_create(&ids[i], NULL, work, &jobs[i]);
    }
    for (int i = 0; i < count; i++) { pthread_join(ids[i], NULL); sum += jobs[i].sum; }
    return sum;
}
";

static C: LazyLock<libloading::Library> = LazyLock::new(|| compiled(SOURCE));

type OfInt = unsafe extern "C" fn(c_int) -> c_int;
type Compare = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;
type OfData = unsafe extern "C" fn(c_int, *mut c_void) -> c_int;

/// Calls a function of the source with a callback. The types are those of the source.
macro_rules! call {
    ($name:literal, fn($($ty:ty),*) -> $result:ty, $($arg:expr),*) => {{
        // SAFETY: the source has it with this type.
        let function: unsafe extern "C" fn($($ty),*) -> $result = unsafe { function(&C, $name) };
        // SAFETY: the callbacks live during the call.
        unsafe { function($($arg),*) }
    }};
}

fn sum(f: OfInt, count: c_int) -> c_int {
    call!("sum", fn(OfInt, c_int) -> c_int, f, count)
}

fn sort(values: &mut [c_int], compare: Compare) {
    call!("sort", fn(*mut c_int, usize, Compare) -> (), values.as_mut_ptr(), values.len(), compare);
}

fn threads(f: OfData, data: *mut c_void, count: c_int) -> c_int {
    call!("threads", fn(OfData, *mut c_void, c_int) -> c_int, f, data, count)
}

/// The elements that C compares.
fn elements(a: *const c_void, b: *const c_void) -> (c_int, c_int) {
    // SAFETY: C gives elements of the array.
    let a = unsafe { *a.cast() };
    // SAFETY: as above.
    (a, unsafe { *b.cast() })
}

fn message(payload: Box<dyn std::any::Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => (*payload.downcast::<&str>().unwrap()).to_owned(),
    }
}

macro_rules! arity {
    ($name:literal, ($($arg:ident: $ty:ty),*), $weighted:expr, $expected:literal) => {{
        type Function = unsafe extern "C" fn($($ty),*) -> f64;
        let mut times = 0;
        let closure = |$($arg: $ty),*| -> f64 { times += 1; $weighted };
        let result = Callback::new(closure).scope(|f| call!($name, fn(Function) -> f64, f)).unwrap();
        assert_eq!((result, times), ($expected, 1), $name);
    }};
}

#[test]
fn closures_take_up_to_eight_arguments() {
    arity!("call0", (), 0.5, 0.5);
    arity!("call1", (a: i32), f64::from(a), 1.0);
    arity!("call2", (a: i32, b: f64), f64::from(a) + 10.0 * b, 21.0);
    arity!("call3", (a: i32, b: f64, c: i8), f64::from(a) + 10.0 * b + 100.0 * f64::from(c), 321.0);
    arity!("call4", (_a: i32, b: f64, _c: i8, d: f32), b + 10.0 * f64::from(d), 42.0);
    arity!("call5", (_a: i32, b: f64, _c: i8, d: f32, e: i64), b + 10.0 * f64::from(d) + 100.0 * e as f64, 542.0);
    arity!(
        "call6", (a: i32, _b: f64, _c: i8, _d: f32, e: i64, f: f64),
        f64::from(a) + 10.0 * e as f64 + 100.0 * f, 651.0
    );
    arity!(
        "call7", (a: i32, _b: f64, _c: i8, _d: f32, _e: i64, f: f64, g: u32),
        f64::from(a) + 10.0 * f + 100.0 * f64::from(g), 761.0
    );
    arity!(
        "call8", (a: i32, _b: f64, _c: i8, _d: f32, e: i64, _f: f64, g: u32, h: i64),
        f64::from(a) + 10.0 * e as f64 + 100.0 * f64::from(g) + 1000.0 * h as f64, 8751.0
    );
}

#[test]
fn user_data_is_first_or_last() {
    type Last = unsafe extern "C" fn(i32, f64, i8, f32, i64, f64, u32, i64, *mut c_void) -> f64;
    type First = unsafe extern "C" fn(*mut c_void, i32, f64, i8, f32, i64, f64, u32, i64) -> f64;
    let all = |a: i32, b: f64, c: i8, d: f32, e: i64, f: f64, g: u32, h: i64| -> f64 {
        assert_eq!((a, b, c, d, e, f, g, h), (1, 2.0, 3, 4.0, 5, 6.0, 7, 8));
        0.25
    };
    let last = Callback::new(all)
        .scope_with_data(|f, data| call!("call8_last", fn(Last, *mut c_void) -> f64, f, data));
    assert_eq!(last.unwrap(), 0.25);
    let first = Callback::new(all).scope_with_data_first(|f, data| {
        call!("call8_first", fn(First, *mut c_void) -> f64, f, data)
    });
    assert_eq!(first.unwrap(), 0.25);
}

#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
struct Pair {
    x: f64,
    n: i32,
}

impl OnError for Pair {
    const ON_ERROR: Self = Self { x: f64::NAN, n: -1 };
}

#[test]
fn closures_take_and_return_records() {
    type Swap = unsafe extern "C" fn(Pair) -> Pair;
    let swapped = Callback::new(|pair: Pair| Pair { x: f64::from(pair.n), n: 7 })
        .scope(|f| call!("swap", fn(Swap, f64, i32) -> Pair, f, 1.5, 3));
    assert_eq!(swapped.unwrap(), Pair { x: 3.0, n: 7 });
    let wrong = catch_unwind(|| {
        Callback::new(|_: Pair| -> Pair { panic!("no pair") }).scope(|f| {
            let pair = call!("swap", fn(Swap, f64, i32) -> Pair, f, 1.5, 3);
            assert_eq!(pair.n, -1);
        })
    });
    assert_eq!(message(wrong.unwrap_err()), "no pair");
}

#[test]
fn dynamic_calls_take_callbacks() {
    // SAFETY: libc is loaded already.
    let mut libc = unsafe { Library::open("c") }.unwrap();
    libc.cdef(
        "typedef int (*compare_t)(const void *, const void *);
         void qsort(void *base, size_t nmemb, size_t size, compare_t compare);",
    )
    .unwrap();
    let mut values = libc.declarations().new("int[4]").unwrap();
    values.view_mut().store([3, -1, 4, 1]).unwrap();
    let compare = |a: *const c_void, b: *const c_void| -> c_int {
        let (a, b) = elements(a, b);
        a.cmp(&b) as c_int
    };
    let sorted = Callback::new(compare).scope(|compare| {
        let compare = libc.declarations().check_callback("compare_t", compare)?;
        // SAFETY: there are four elements of that size, and the scope lasts.
        unsafe { libc.call("qsort", &args![&mut values, 4_usize, 4_usize, compare]) }
    });
    sorted.unwrap().unwrap();
    assert_eq!(values.view().as_slice::<c_int>().unwrap(), [-1, 1, 3, 4]);

    let wrong = Callback::new(|_: *const c_void, _: *const c_void| -> i64 { 1 });
    let refused = wrong.scope(|wrong| {
        // SAFETY: it is not called.
        unsafe { libc.call("qsort", &args![&mut values, 4_usize, 4_usize, wrong]) }
    });
    assert_eq!(refused.unwrap().unwrap_err().kind(), ErrorKind::ArgType { index: 3 });
}

#[test]
fn a_panic_goes_on_when_c_has_returned() {
    let (mut calls, mut total) = (0, 0);
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let closure = |n: c_int| -> c_int {
            calls += 1;
            assert!(n < 3, "{n} is three");
            1
        };
        Callback::new(closure).on_error(-10).scope(|f| total = sum(f, 10))
    }));
    // C called it ten times: three are answered, seven get the value of an error, the closure ran four times.
    assert_eq!((total, calls), (3 - 70, 4));
    assert!(message(caught.unwrap_err()).contains("3 is three"));
}

#[test]
fn scopes_nest() {
    let mut values = [3, 1, 2];
    let mut inner_sorts = 0;
    let compare = |a: *const c_void, b: *const c_void| -> c_int {
        let (a, b) = elements(a, b);
        let mut inner = [b, a];
        Callback::new(|a: *const c_void, b: *const c_void| -> c_int {
            let (a, b) = elements(a, b);
            a - b
        })
        .scope(|compare| sort(&mut inner, compare))
        .unwrap();
        assert!(inner[0] <= inner[1]);
        inner_sorts += 1;
        a - b
    };
    Callback::new(compare).scope(|compare| sort(&mut values, compare)).unwrap();
    assert_eq!(values, [1, 2, 3]);
    assert!(inner_sorts > 1);

    // Two of one type, of which C has both at a time.
    let add = |step: c_int| move |n: c_int| n + step;
    let result = Callback::new(add(1)).scope(|f| {
        Callback::new(add(10))
            .scope(|g| call!("both", fn(OfInt, OfInt, c_int) -> c_int, f, g, 100))
            .unwrap()
    });
    assert_eq!(result.unwrap(), 111);
}

#[test]
fn a_panic_in_a_nested_callback_goes_through_both() {
    let mut reached = (0, 0);
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let outer = |n: c_int| -> c_int {
            let inner = Callback::new(|n: c_int| -> c_int {
                assert!(n < 1, "inner");
                1
            });
            let inner = inner.on_error(100).scope(|f| reached.0 = sum(f, 3));
            inner.unwrap();
            n
        };
        Callback::new(outer).on_error(1000).scope(|f| reached.1 = sum(f, 2))
    }));
    assert_eq!(message(caught.unwrap_err()), "inner");
    assert_eq!(reached, (201, 2000));
}

#[test]
fn a_panic_of_the_scope_goes_before_that_of_the_closure() {
    let caught = catch_unwind(|| {
        Callback::new(|_: c_int| -> c_int { panic!("closure") }).scope(|f| {
            sum(f, 1);
            panic!("scope");
        })
    });
    assert_eq!(message(caught.unwrap_err()), "scope");
}

#[test]
fn a_call_while_it_runs_is_an_error_and_shared_closures_take_it() {
    let mut depth = 0;
    let cell: AtomicUsize = AtomicUsize::new(0);
    let closure = |n: c_int| -> c_int {
        depth += 1;
        // SAFETY: the cell has the function of this closure, which is in its scope.
        let f: OfInt = unsafe { std::mem::transmute(cell.load(Ordering::Relaxed)) };
        if n > 0 { 1 + sum(f, 1) } else { 0 }
    };
    let refused = Callback::new(closure).on_error(-5).scope(|f| {
        cell.store(f as usize, Ordering::Relaxed);
        // SAFETY: the scope lasts.
        let result = unsafe { f(1) };
        assert_eq!(result, 1 - 5);
        // SAFETY: as above; one that is refused does not end the others.
        assert_eq!(unsafe { f(0) }, 0);
    });
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Reentrant);
    assert_eq!(depth, 2);

    let calls = AtomicI32::new(0);
    let shared = |n: c_int| -> c_int {
        calls.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        let f: OfInt = unsafe { std::mem::transmute(cell.load(Ordering::Relaxed)) };
        // SAFETY: the scope lasts.
        if n > 1 { n * unsafe { f(n - 1) } } else { 1 }
    };
    let factorial = Callback::shared(shared).scope(|f| {
        cell.store(f as usize, Ordering::Relaxed);
        // SAFETY: the scope lasts.
        unsafe { f(5) }
    });
    assert_eq!((factorial.unwrap(), calls.load(Ordering::Relaxed)), (120, 5));
}

#[test]
fn a_panic_goes_before_a_call_while_it_runs() {
    let own = std::cell::Cell::new(None::<OfInt>);
    let closure = |n: c_int| -> c_int {
        // SAFETY: the scope lasts.
        let inner = unsafe { own.get().unwrap()(n) };
        panic!("the inner call gave {inner}")
    };
    let caught = catch_unwind(AssertUnwindSafe(|| {
        Callback::new(closure).on_error(-7).scope(|function| {
            own.set(Some(function));
            // SAFETY: the scope lasts.
            assert_eq!(unsafe { function(1) }, -7);
        })
    }));
    assert_eq!(message(caught.unwrap_err()), "the inner call gave -7");
}

#[test]
fn threads_of_c_call_shared_closures() {
    let calls = AtomicI32::new(0);
    let count = |n: c_int| -> c_int {
        calls.fetch_add(1, Ordering::Relaxed);
        n
    };
    let total = Callback::shared(count).scope_with_data(|f, data| threads(f, data, 8));
    assert_eq!(total.unwrap(), (0..8000).sum());
    assert_eq!(calls.load(Ordering::Relaxed), 8000);
}

#[test]
fn a_panic_on_a_thread_of_c_goes_on_here() {
    let caught = catch_unwind(|| {
        Callback::shared(|n: c_int| -> c_int {
            assert_ne!(n % 1000, 500, "a thread");
            1
        })
        .scope_with_data(|f, data| threads(f, data, 4))
    });
    assert!(message(caught.unwrap_err()).contains("a thread"));
}

#[test]
fn one_thread_of_c_calls_a_closure_that_changes_what_it_has() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let push = Arc::clone(&seen);
    let mut times = 0;
    let owner = Callback::new(move |n: c_int| -> c_int {
        times += 1;
        push.lock().unwrap().push(n);
        times
    })
    .register_with_data();
    assert_eq!(threads(owner.as_fn(), owner.data(), 1), (1..=1000).sum());
    owner.check().unwrap();
    drop(owner);
    assert_eq!(*seen.lock().unwrap(), (0..1000).collect::<Vec<_>>());
    assert_eq!(Arc::strong_count(&seen), 1);
}

#[test]
fn an_owner_tells_of_a_panic_when_it_is_asked() {
    let owner = Callback::new(|n: c_int| -> c_int { 1 / n }).on_error(-1).register().unwrap();
    assert_eq!(sum(owner.as_fn(), 2), -2);
    let caught = catch_unwind(AssertUnwindSafe(|| owner.check()));
    assert!(message(caught.unwrap_err()).contains("divide by zero"));
    // It has told it, and stays as it is.
    owner.check().unwrap();
    assert_eq!(sum(owner.as_fn(), 2), -2);
}

#[test]
fn an_owner_tells_of_a_panic_when_it_is_dropped() {
    let owner = Callback::new(|_: c_int| -> c_int { panic!("in the closure") }).register().unwrap();
    assert_eq!(sum(owner.as_fn(), 2), 0);
    let caught = catch_unwind(AssertUnwindSafe(|| drop(owner)));
    assert_eq!(message(caught.unwrap_err()), "in the closure");

    // Not while another panic is on its way.
    let caught = catch_unwind(|| {
        let owner =
            Callback::new(|_: c_int| -> c_int { panic!("in the closure") }).register_with_data();
        // SAFETY: the owner lives, and the data is its own.
        unsafe { (owner.as_fn())(1, owner.data()) };
        panic!("elsewhere");
    });
    assert_eq!(message(caught.unwrap_err()), "elsewhere");
}

#[test]
fn a_closure_may_drop_its_own_owner() {
    type Owner = Mutex<Option<tenfold_ffi::Registered<OfInt>>>;
    let owner: Arc<Owner> = Arc::default();
    let own = Arc::clone(&owner);
    let closure = move |n: c_int| -> c_int {
        drop(own.lock().unwrap().take());
        n + c_int::try_from(Arc::strong_count(&own)).unwrap()
    };
    let registered = Callback::new(closure).register().unwrap();
    let function = registered.as_fn();
    *owner.lock().unwrap() = Some(registered);
    // SAFETY: the owner is leaked, as the closure runs.
    assert_eq!(unsafe { function(1) }, 3);
    // SAFETY: nobody drops it meanwhile.
    assert_eq!(unsafe { function(1) }, 0);
}

#[test]
fn a_call_after_the_end_gets_the_value_of_an_error() {
    let owner = Callback::new(|n: c_int| n + 1).register().unwrap();
    let late = owner.as_fn();
    // SAFETY: the owner lives.
    assert_eq!(unsafe { late(1) }, 2);
    drop(owner);
    // SAFETY: nobody drops it meanwhile.
    assert_eq!(unsafe { late(1) }, 0);
    // Whoever gets the place then, it is another closure's.
    let others: Vec<_> =
        (0..50).map(|_| Callback::new(|n: f64| n).register()).filter_map(Result::ok).collect();
    // SAFETY: as above.
    assert_eq!(unsafe { late(1) }, 0);
    drop(others);
    let mut escaped: Option<OfInt> = None;
    let borrowed = String::from("borrowed");
    let length = |n: c_int| -> c_int { n + c_int::try_from(borrowed.len()).unwrap() };
    Callback::new(length).scope(|f| escaped = Some(f)).unwrap();
    drop(borrowed);
    // SAFETY: nobody ends the scope meanwhile: it has ended.
    assert_eq!(unsafe { escaped.unwrap()(1) }, 0);
}
