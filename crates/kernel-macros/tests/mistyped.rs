//! What the macro cannot know, the compiler refuses: on the user's line, and where it can, on the
//! construct.

use crate::compiler::Cases;

/// What all of them see.
const COMMON: &[&str] = &[
    "use tenfold_kernel::ndarray::{Array1, Array2, array};",
    "const HALF: f32 = 0.5;",
    "const TEXT: &str = stringify!(text);",
    "mod other { const HIDDEN: f64 = 1.0; }",
    "fn plain(x: f64) -> f64 { x }",
    "#[kernel] fn axpy(a: f64, x: f64, y: f64) -> f64 { a * x + y }",
    "#[kernel] fn powers(x: f64) -> (f64, f64) { (x * x, x * x * x) }",
    "#[kernel(for = [f32, f64])] fn twice<T: Real>(x: T) -> T { x + x }",
    "#[kernel(reduce(sum))] fn total(x: f64) -> f64 { x }",
    "#[kernel(stencil)] fn blur(u: Nbr1<f64>) -> f64 { 0.5 * (u[-1] + u[1]) }",
    "#[kernel(loop)] fn run(x: &[f64], g: f64, out: &mut [f64]) { out[0] = g * x[0]; }",
    "#[kernel(loop, bounds = unchecked)]",
    "unsafe fn fast(x: &[f64], out: &mut [f64]) { out[0] = x[0]; }",
];

/// Bodies of a kernel of `x: f64`, and the error on the mark.
const BODIES: &[(&str, &str)] = &[
    ("x * «HALF»", "E0308"),
    ("«HALF» + x", "E0308"),
    ("x * «TEXT»", "E0308"),
    ("if «TEXT» { x } else { -x }", "E0308"),
    ("let y = if x > 0.0 { x } else { «HALF» }; y", "E0308"),
    ("let mut y = x; for i in 0..«HALF» { y += x; } y", "E0308"),
    ("«axpy»(x, x)", "E0061"),
    ("axpy(x, x, «x» as f32)", "E0308"),
    ("let y: f32 = «axpy»(x, x, x); x", "E0308"),
    ("«powers»(x)", "E0308"),
    ("«run»(x, x, x)", "E0599"),
];

/// The same with names that are not there, after which the compiler says nothing of types.
const NAMES: &[(&str, &str)] = &[
    ("x * «MISSING»", "E0425"),
    ("x * other::«HIDDEN»", "E0603"),
    ("x * «nowhere»::HALF", "E0433"),
    ("«missing»(x)", "E0425"),
    ("«plain»(x)", "E0573"),
];

/// Calls with `x: &mut Array1<f64>` and `s: &mut [f64]`, and the error on the mark.
const CALLS: &[(&str, &str)] = &[
    // Numbers of other types.
    ("axpy::map(«1», &*x, 2.0)", "E0277"),
    ("axpy::map(1.0, «&x.mapv(|x| x as f32)», 2.0)", "E0271"),
    ("axpy::map(1.0, «&vec![1.0f32]», 2.0)", "E0277"),
    ("axpy::map(1.0, 2.0, «\"text\"»)", "E0277"),
    ("axpy::map(1.0, «x.clone()», 2.0)", "E0277"),
    ("axpy(1.0, «2.0f32», 3.0)", "E0308"),
    ("axpy(1.0, «x», 3.0)", "E0308"),
    ("«twice::map(&[1, 2])»", "E0277"),
    ("run::call(«&[1.0f32]», 1.0, s)", "E0277"),
    ("let y: Array1<f32> = «axpy::map(1.0, &*x, 2.0).unwrap()»", "E0308"),
    ("let y: f32 = «total::reduce(&*x).unwrap()»", "E0308"),
    ("let «(y, z)» = axpy::map(1.0, &*x, 2.0).unwrap()", "E0308"),
    ("<«axpy» as Kernel<f32>>::SOURCE", "E0277"),
    // Too few, too many, and other forms.
    ("«axpy::map»(1.0, &*x)", "E0061"),
    ("«run::call»(&*x, s)", "E0061"),
    ("«axpy::par»(4).map(1.0, &*x, 2.0)", "E0061"),
    ("total::«map»(&*x)", "E0599"),
    ("axpy::«steps»(3)", "E0599"),
    ("blur::map(«&Array2::zeros((3, 3))»)", "E0271"),
    ("total::reduce_axis(«\"first\"», &*x)", "E0308"),
    // Outputs that nobody may write.
    ("axpy::into(1.0, 2.0, 3.0, «&*x»)", "E0277"),
    ("axpy::update(1.0, 2.0, «&*x»)", "E0277"),
    ("let y = array![1.0]; axpy::update(1.0, 2.0, «&mut y»)", "E0596"),
    ("blur::steps(3).run(«&*x»)", "E0277"),
    ("run::call(&[1.0], 1.0, «&*s»)", "E0277"),
    // Outputs that lie where the inputs do.
    ("axpy::into(1.0, &*x, 2.0, «&mut *x»)", "E0502"),
    ("axpy::par().into(1.0, &*x, 2.0, «&mut *x»)", "E0502"),
    ("powers::into(1.0, &mut *x, «&mut *x»)", "E0499"),
    ("blur::into(&*x, «&mut *x»)", "E0502"),
    ("run::call(&*s, 1.0, «s»)", "E0505"),
    // Without the promise.
    ("«fast::call(&[1.0], s)»", "E0133"),
    ("«fast(&[1.0], s)»", "E0133"),
];

fn check(package: &str, table: impl Iterator<Item = (String, &'static str)>) {
    let (sources, codes): (Vec<String>, Vec<&str>) = table.unzip();
    let mut wrong = vec![];
    for (case, code) in
        Cases::new(&COMMON.join("\n"), sources).check(package).into_iter().zip(codes)
    {
        let mark = &case.marks[0];
        let is_said = case.found.iter().any(|error| error.at == *mark && error.code == code);
        let line = |at: usize| case.source[..at].matches('\n').count();
        // What else is printed of a line may repeat its error on the attribute.
        let is_near = |at: usize| line(at) == line(mark.start) || at == 0;
        if !is_said || !case.found.iter().all(|error| is_near(error.at.start)) {
            wrong.push(format!("{case}\n  not {code}"));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
}

fn kernel(&(body, code): &(&str, &'static str)) -> (String, &'static str) {
    (format!("#[kernel]\nfn f(x: f64) -> f64 {{\n{body}\n}}"), code)
}

fn user(&(call, code): &(&str, &'static str)) -> (String, &'static str) {
    (format!("fn user(x: &mut Array1<f64>, s: &mut [f64]) {{\n{call};\n}}"), code)
}

#[test]
fn types_are_wrong_where_the_user_wrote_them() {
    check("mistyped", BODIES.iter().map(kernel).chain(CALLS.iter().map(user)));
}

#[test]
fn names_are_missing_where_the_user_wrote_them() {
    check("misnamed", NAMES.iter().map(kernel));
}
