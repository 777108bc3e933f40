//! Kernels that are read, and what is printed of them.

use super::{read, split};
use crate::directives::{Border, Form, Math, Order, ReduceOp};
use crate::emit::scalar;
use crate::ir::{ExprKind, ParamKind, Prim, StmtKind, Ty};

/// One of each construct; the other tests take them too.
pub(super) const ACCEPTED: &[&str] = &[
    "#[kernel] fn saxpy(a: f64, x: f64, y: f64) -> f64 { a * x + y }",
    "#[kernel(for = [f32, f64], math = fast)] pub(crate) fn bs<T: Real>(s: T, k: T, t: T) -> T {
        let d = ((s / k).ln() + T::from_f64(0.5) * t) / t.sqrt();
        0.5 * (1.0 + (d / 2.0).erf()).max(T::EPSILON)
    }",
    "#[kernel(reduce(sum, order = free))] fn dot(x: f64, y: f64) -> f64 { x * y }",
    "#[kernel(reduce(sum, max, fold = lesser, identity = -1.5))]
     fn stats(x: f64) -> (f64, f64, f64) { (x, x.abs(), -x) }",
    "#[kernel(reduce(any))] fn bad(x: f32) -> bool { x.is_nan() || !x.is_finite() }",
    "#[kernel(scan(sum))] fn ticks(n: u32) -> u32 { n & 0xff }",
    "#[kernel(stencil, border = reflect)] fn heat(u: Nbr2<f64>) -> f64 {
        0.5 * u[[0, 0]] + 0.125 * (u[[-1, 0]] + u[[1 - 2 + 2, 0]] + u[[0, -1]] + u[[0, 1]])
    }",
    "#[kernel(stencil, border = const(-1.0))] fn step(u: Nbr1<f32>, k: f32) -> f32 {
        u[0] + k * (u[-1] - 2.0 * u[0] + u[1])
    }",
    "#[kernel(\"(n)->(n)\")] fn softmax(x: &[f64], out: &mut [f64]) {
        let mut top = x[0];
        for i in 1..x.len() { top = top.max(x[i]); }
        let mut sum = 0.0;
        for i in 0..x.len() { out[i] = (x[i] - top).exp(); sum += out[i]; }
        for i in 0..x.len() { out[i] /= sum; }
    }",
    "#[kernel(\"(m,n),(n)->(m)\")] fn matvec(a: View2<f64>, x: &[f64], y: &mut [f64]) {
        for i in 0..a.nrows() {
            y[i] = 0.0;
            for j in 0..a.ncols() { y[i] += a[[i, j]] * x[j]; }
        }
    }",
    "#[kernel(\"(n),()->()\")] fn norm(x: &[f64], p: f64) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() { sum += x[i].abs().powf(p); }
        sum.powf(1.0 / p)
    }",
    "#[kernel(loop, bounds = hoist)] fn decay(x: &[f64], g: f64, out: &mut [f64]) {
        for i in 1..x.len() { out[i] = g * out[i - 1] + x[i]; }
    }",
    "#[kernel(loop, wraparound = on)] fn last(x: &mut [i64], n: i32) { x[-1] += 1; x[n] <<= 3; }",
    "#[kernel(loop, bounds = unchecked)] unsafe fn raw(x: &mut [f64]) { x[0] = 1.0; }",
    "#[kernel] fn collatz(start: u64) -> u32 {
        let mut n = start;
        let mut steps = 0;
        while n > 1 {
            n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
            steps += 1;
        }
        steps
    }",
    "#[kernel] fn mandelbrot(cr: f32, ci: f32) -> u32 {
        let (mut re, mut im) = (0.0f32, 0.0);
        for i in 0..200u32 {
            if re * re + im * im > 4.0 { return i; }
            (im) = 2.0 * re * im + ci;
            re = re * re - im * im + cr;
        }
        200
    }",
    "#[kernel] fn julia(z: Complex<f64>, c: Complex<f64>) -> f64 {
        let mut w = z;
        let mut n = 0;
        loop {
            w = w * w + Complex::new(c.re, -c.im);
            n += 1;
            if w.norm_sqr() > 4.0 || n == 50 { break; }
        }
        n as f64 + w.conj().arg()
    }",
    "#[kernel(math = contract, division = error)]
     fn moebius(a: Complex<f32>, z: Complex<f32>, x: f32) -> (Complex<f32>, f32, bool) {
        let mut w = (x * z + a) / (2.0 - z) * 0.5 + x / z;
        w *= x;
        w -= z * a;
        (w.exp().powf(0.5).powc(a).powi(3) + Complex::cis(x), w.norm_sqr(), w == a || w.is_nan())
    }",
    "#[kernel(for = [f32, f64])] fn turn<T: Real>(z: Complex<T>, angle: T) -> Complex<T> {
        let i = Complex::i();
        z * Complex::from_polar(1.0, angle) + i * angle - T::PI
    }",
    "#[kernel(reduce(sum, mean, prod))]
     fn moments(z: Complex<f64>) -> (Complex<f64>, Complex<f64>, Complex<f64>) { (z, z, z) }",
    "#[kernel(scan(prod))] fn phases(z: Complex<f64>) -> Complex<f64> { z }",
    "#[kernel(stencil, border = wrap)] fn wave(u: Nbr1<Complex<f64>>, k: f64) -> Complex<f64> {
        u[0] + k * (u[-1] - 2.0 * u[0] + u[1])
    }",
    "#[kernel(loop)] fn turns(z: &mut [Complex<f64>], by: Complex<f64>) {
        for i in 1..z.len() { z[i] = z[i - 1] * by + z[i] / 2.0; z[i] *= 0.5; }
    }",
    "#[kernel] fn grade(n: i32, strict: bool) -> i32 {
        let base = match n { ..=-1 => return -1, 0 => 0, 1 | 2 => 10, 3..=9 if strict => 20, _ => 30 };
        match strict { true => base, false => base + 1 }
    }",
    "#[kernel] fn classify(n: i32) -> u8 {
        match n * 2 { 0 => 1, 2..10 => { let k = 2u8; k * 2 } _ => { return 9; } }
    }",
    "#[kernel] fn search(limit: i32) -> i32 {
        let mut found = -1;
        'outer: for i in (0..=limit).rev().step_by(2) {
            for j in (1..i).step_by(3) {
                if i * j == 42 { found = i; break 'outer; }
                if j > 20 { continue 'outer; }
            }
        }
        found
    }",
    "#[kernel] fn late(x: f64) -> f64 {
        let y; let z: f64;
        if x > 0.0 { y = x.sqrt(); z = 1.0; } else { y = -x; z = 2.0; }
        { let y = y * z; y + z }
    }",
    "#[kernel] fn bits(x: f64, n: i8) -> u64 {
        let k = x.to_bits() ^ (n as u64) << 3 | u64::from(n.count_ones());
        f64::from_bits(k >> 1).to_bits().rotate_left(5) & !u64::MAX
    }",
    "#[kernel] fn uses(x: f64) -> f64 {
        let (a, b) = other::pair(x, 2.0);
        let c = LIMIT * a + f64::consts::PI + std::f64::consts::E;
        helper(c) - b.max(c)
    }",
    "#[kernel(for = [i32, u8], division = error)] fn gen<T: Int>(a: T, b: T) -> T {
        let q = (a + 3) / b;
        if q == 0 { a % b } else { (q as f64 * 1.5) as T }
    }",
    "#[kernel(division = c, crate = other::kernels)] #[inline] #[must_use] /// doc\n
     pub fn tail(mut x: f32) -> (f32, i32) {
        x += 1.0;
        if x > 0.0 { (x, 1) } else { (-x, -128) }
    }",
    "#[kernel(target = [v3, neon], par = on, stores = stream)] fn sums(a: u16, b: u16) -> u16 {
        a.abs_diff(b).pow(2) + u16::max(a, b).clamp(1, 7)
    }",
    "#[kernel] fn early(x: f64) -> f64 { if x.is_nan() { return 0.0; } loop { if x > 0.0 { return x; } } }",
];

#[test]
fn all_are_read_and_printed() {
    for source in ACCEPTED {
        let kernel = match read(source) {
            Ok(kernel) => kernel,
            Err(errors) => {
                let errors: Vec<String> = errors
                    .into_iter()
                    .map(|e| format!("{:?}: {e}", e.span().source_text()))
                    .collect();
                panic!("{source}\n{errors:#?}");
            }
        };
        let printed = scalar::print(&kernel);
        let parsed = syn::parse2::<syn::ItemFn>(printed.clone());
        assert!(parsed.is_ok(), "{source}\n{printed}");
    }
}

fn printed(source: &str) -> String {
    scalar::print(&read(source).unwrap())
        .to_string()
        .replace(":: tenfold_kernel :: __private :: ops ::", "ops::")
}

#[test]
fn floats_keep_their_operators_and_integers_are_spelled_out() {
    let float = printed("#[kernel] fn f(x: f64) -> f64 { -(x + 2.0) / x }");
    assert!(float.contains("(- (x + 2.0f64)) / x"), "{float}");
    let int = printed("#[kernel] fn f(n: i32) -> i32 { -(n + 2) / n << 1 }");
    assert!(
        int.contains("ops:: shl (ops:: div (ops:: neg (ops:: add (n , 2i32)) , n) , 1i32)"),
        "{int}"
    );
    let generic = printed("#[kernel(for = [f32])] fn f<T: Real>(x: T) -> T { x * 2.0 }");
    assert!(generic.contains("ops:: mul (x , T :: from_f64 (2.0f64))"), "{generic}");
}

#[test]
fn the_head_is_kept() {
    let stencil = printed("#[kernel(stencil)] pub fn f(u: Nbr2<f64>) -> f64 { u[[-1, 2]] }");
    assert!(stencil.contains("pub fn f (u : Nbr2 < '_ , f64 >) -> f64"), "{stencil}");
    assert!(stencil.contains("u . at ([- 1 , 2])"), "{stencil}");
    let attrs = printed("#[kernel] #[inline] #[doc = \"d\"] fn f(x: f64) -> f64 { x }");
    assert!(attrs.contains("# [inline] # [doc = \"d\"] fn f"), "{attrs}");
}

#[test]
fn indices_from_the_end_are_wrapped() {
    let loops = printed("#[kernel(loop, wraparound = on)] fn f(x: &mut [f64]) { x[-1] = 1.0; }");
    assert!(
        loops.contains("x [ops:: wrap_index ((- 1i32) as isize , x . len ())] = 1.0f64 ;"),
        "{loops}"
    );
}

#[test]
fn labels_are_printed_where_they_are_needed() {
    let source = "#[kernel] fn f(n: i32) -> i32 {
        'a: for i in 0..n { for j in 0..n { if j == i { continue 'a; } else { break; } } } n
    }";
    let loops = printed(source);
    assert!(loops.contains("'loop0 : for i in") && loops.contains("continue 'loop0 ;"), "{loops}");
    assert!(!loops.contains("'loop1"), "{loops}");
}

#[test]
fn printed_tokens_stand_where_the_user_wrote() {
    let source = "#[kernel] fn f(n: i32) -> i32 { n.abs() + 2 }";
    let (_, item) = split(source);
    drop(item);
    let kernel = read(source).unwrap();
    let tail = kernel.body.tail.unwrap();
    assert_eq!(tail.span.source_text().unwrap(), "n.abs() + 2");
}

#[test]
fn types_are_found() {
    let kernel = read(
        "#[kernel] fn f(x: f32) -> f32 {
            let a = 2.0; let n = 3; let k = g(x); let m = x.to_bits(); let i = 7u8;
            let late; late = 1.5; let b = a < x;
            x * a + late as f32
        }",
    )
    .unwrap();
    let types: Vec<(String, Ty)> =
        kernel.vars.iter().map(|var| (var.name.to_string(), var.ty)).collect();
    let prim = |name: &str, prim| (name.to_owned(), Ty::Prim(prim));
    assert_eq!(
        types,
        [
            prim("x", Prim::F32),
            prim("a", Prim::F32),
            prim("n", Prim::I32),
            ("k".to_owned(), Ty::Unknown),
            prim("m", Prim::U32),
            prim("i", Prim::U8),
            prim("late", Prim::F64),
            prim("b", Prim::Bool),
        ]
    );
}

#[test]
fn results_of_kernels_take_the_type_of_their_use() {
    let kernel = read("#[kernel] fn f(x: f32) -> f32 { let k = g(2.0); k + x }").unwrap();
    assert_eq!(kernel.vars[1].ty, Ty::Prim(Prim::F32));
    let StmtKind::Let { init: Some(init), .. } = &kernel.body.stmts[0].kind else { panic!() };
    let ExprKind::Call(_, args) = &init.kind else { panic!() };
    assert_eq!((init.ty, args[0].ty), (Ty::Prim(Prim::F32), Ty::Unknown));
}

#[test]
fn uniform_is_what_every_lane_shares() {
    let kernel = read(
        "#[kernel] fn f(x: f64) -> f64 {
            let a = 2.0; let mut b = 1.0; let c = a * 3.0; let d = x + a;
            for i in 0..4 { b += d; }
            for j in 0..(x as i32) { b += c; }
            b
        }",
    )
    .unwrap();
    let uniform: Vec<_> =
        kernel.vars.iter().filter(|var| var.uniform).map(|var| var.name.to_string()).collect();
    assert_eq!(uniform, ["a", "c", "i"]);
}

#[test]
fn directives_are_read() {
    let kernel = read(ACCEPTED[3]).unwrap();
    let Form::Reduce(ops) = &kernel.directives.form else { panic!() };
    assert!(matches!(ops[..], [ReduceOp::Sum, ReduceOp::Max, ReduceOp::Fold { .. }]));
    let free = read(ACCEPTED[2]).unwrap().directives;
    assert_eq!((free.order, free.math), (Order::Free, Math::Strict));
    let heat = read(ACCEPTED[6]).unwrap();
    assert!(matches!(heat.directives.form, Form::Stencil { border: Border::Reflect }));
    let ParamKind::Neighbours { reach, .. } = &heat.params[0].kind else { panic!() };
    assert_eq!(reach[..], [(-1, 1), (-1, 1)]);
}
