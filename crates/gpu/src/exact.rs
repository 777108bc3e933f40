//! Quotients and roots of f32 that are rounded rightly, by way of f64.
//!
//! Vulkan lets the quotient of two f32 be off by 2.5 units in the last place, and GPUs make use of that. f64
//! has more than twice the digits of f32, so that rounding twice gives what rounding once would have given,
//! and its last bits need not be right for that: one step of Newton's, with its next term, from the driver's
//! reciprocal of f32 takes a few products and sums, where a quotient of f64 is a function with branches.
//! Where the step does not hold, f64 divides. Conversions between the two keep subnormal numbers, which those
//! of GPUs need not.

use crate::calls::{self, Call, Types};
use crate::spirv::{Instruction, OP_F_CONVERT, OP_F_DIV, Spirv};

/// The functions that are called: what a module's text has to end with.
pub(crate) const FUNCTIONS: &str = include_str!("exact.wgsl");

/// The number of the root in `GLSL.std.450`.
const SQRT: u32 = 31;

/// The names of what is called.
#[derive(Debug)]
struct Functions {
    quotient: u32,
    root: u32,
    widened: u32,
    narrowed: u32,
}

/// Those of [`FUNCTIONS`] that a module has: what they call is the driver's.
pub(crate) fn functions(module: &Spirv) -> Vec<u32> {
    let all = module.functions_named(calls::PREFIX).into_iter();
    let is_exact = |name: &str| FUNCTIONS.contains(&format!("\nfn {name}("));
    all.filter(|(name, _)| is_exact(name)).map(|(_, function)| function).collect()
}

/// Has the quotients and roots of f32, of vectors of them, and conversions between f32 and f64 done by
/// [`FUNCTIONS`], which the module has.
pub(crate) fn by_f64(module: &mut Spirv) {
    let Some(named) = Functions::of(module) else { return };
    let exact = functions(module);
    calls::replace(
        module,
        |function| exact.contains(&function),
        |instruction, types| named.instead_of(instruction, types),
    );
}

impl Functions {
    /// None if the module does not have them.
    fn of(module: &Spirv) -> Option<Self> {
        let all = module.functions_named(calls::PREFIX);
        let named = |name| all.get(name).copied();
        Some(Self {
            quotient: named("tenfold_quotient")?,
            root: named("tenfold_root")?,
            widened: named("tenfold_widened")?,
            narrowed: named("tenfold_narrowed")?,
        })
    }

    /// What is called in place of an instruction.
    fn instead_of(&self, instruction: &Instruction, types: &Types) -> Option<Call> {
        let (bits, _) = types.floats.get(instruction.words.first()?)?;
        let call = |function, takes| Some(Call { function, takes });
        match (instruction.op, bits) {
            (OP_F_DIV, 32) => call(self.quotient, 32),
            (_, 32) if types.glsl(instruction) == Some(SQRT) => call(self.root, 32),
            // Between these two, where there is no third.
            (OP_F_CONVERT, _) if types.scalars.contains_key(&16) => None,
            (OP_F_CONVERT, 64) => call(self.widened, 32),
            (OP_F_CONVERT, 32) => call(self.narrowed, 64),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use crate::testing::device;
    use crate::{Device, Feature, Select, Settings};

    /// One that goes by f64 whatever it is, if it has that.
    fn device_by_f64(test: &str) -> Option<Device> {
        device(test)?;
        let settings = Settings::new().quotients_by_f64();
        let device = Device::open_with(Select::env().allow_software(true), &settings).unwrap();
        device.has(Feature::F64).then_some(device)
    }

    #[test]
    fn quotients_and_roots_by_f64_are_those_of_f32() {
        let test = "quotients_and_roots_by_f64_are_those_of_f32";
        let Some(device) = device_by_f64(test) else { return };
        let mut numbers =
            vec![0.0, -0.0, 1.0, f32::NAN, f32::INFINITY, f32::MAX, f32::MIN_POSITIVE];
        numbers.extend([3.0, -7.0, 1.0 / 3.0, f32::MIN_POSITIVE / 3.0, f32::from_bits(1), 0.1]);
        let mut state = 1_u32;
        numbers.resize_with(80, || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from_bits(state)
        });
        let pairs = numbers.iter().flat_map(|&x| numbers.iter().map(move |&y| (x, y)));
        let (x, y): (Vec<f32>, Vec<f32>) = pairs.unzip();
        let (a, b) = (Array1::from(x.clone()), Array1::from(y.clone()));
        let (a, b) = (device.upload(&a).unwrap(), device.upload(&b).unwrap());
        for (expr, wanted) in [
            (&a / &b, (|x, y| x / y) as fn(f32, f32) -> f32),
            (a.lazy().sqrt(), |x, _| x.sqrt()),
            (a.lazy().recip(), |x, _| 1.0 / x),
            (a.lazy().powi(-2), |x, _| 1.0 / (x * x)),
        ] {
            let out = expr.eval().unwrap();
            for (i, got) in out.to_array().unwrap().into_iter().enumerate() {
                let wanted = wanted(x[i], y[i]);
                let is_same = got.to_bits() == wanted.to_bits() || got.is_nan() && wanted.is_nan();
                assert!(is_same, "{} and {}: {got}, not {wanted}", x[i], y[i]);
            }
        }
    }

    /// Numbers of 24 bits whose quotients are as near as can be to where rounding turns, which is at odd numbers of
    /// 25 bits: `x * 2^24 - middle * y` is a small odd number.
    fn hard_quotients() -> impl Iterator<Item = (f32, f32)> {
        let mut state = 1_u64;
        let one = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (y, off) = (1 << 23 | state >> 41 | 1, (state >> 32 & 7 | 1).wrapping_sub(4));
            // Of odd numbers, modulo 2^64.
            let inverse =
                (0..5).fold(y, |r, _| r.wrapping_mul(2_u64.wrapping_sub(y.wrapping_mul(r))));
            let middle = 1 << 24 | off.wrapping_neg().wrapping_mul(inverse) & 0xff_ffff;
            let x = (middle * y).wrapping_add(off) >> 24;
            (x as f32, y as f32)
        };
        std::iter::repeat_with(one).filter(|&(x, _)| x < 16_777_216.0)
    }

    /// Numbers whose roots are as little as can be above where rounding turns: `x / 2 * 2^25 - middle^2` is small.
    fn hard_roots() -> impl Iterator<Item = f32> {
        let roots = (7_u64..).step_by(8).flat_map(|off| {
            // Bit by bit, of a number that is 1 modulo 8; there are four modulo 2^25.
            let square = off.wrapping_neg();
            let root = (3..25).fold(1_u64, |root, bit| {
                let is_right = root.wrapping_mul(root) << (63 - bit) == square << (63 - bit);
                if is_right { root } else { root | 1 << (bit - 1) }
            });
            let middles = [root, root.wrapping_neg()].map(|root| 1 << 24 | root & 0xff_ffff);
            middles.map(|middle| middle * middle + off)
        });
        let fits = |squared: &u64| *squared < 1 << 49 && squared.is_multiple_of(1 << 25);
        roots.filter(fits).map(|squared| 2.0 * (squared >> 25) as f32)
    }

    /// The text, with the driver's reciprocals off by some units.
    #[test]
    fn quotients_and_roots_are_right_however_they_begin() {
        let test = "quotients_and_roots_are_right_however_they_begin";
        let Some(device) = device(test).filter(|device| device.has(Feature::F64)) else { return };
        let ours = super::FUNCTIONS.replace("tenfold_", "our_");
        let ours = ours.replace("1.0 / y", "off(1.0 / y)");
        let ours = ours.replace("inverseSqrt(x)", "off(1.0 / sqrt(x))");
        assert_eq!(ours.matches("off(").count(), 2);
        let text = format!(
            "@group(0) @binding(0) var<storage, read> x: array<f32>;
             @group(0) @binding(1) var<storage, read> y: array<f32>;
             @group(0) @binding(2) var<storage, read_write> quotients: array<f32>;
             @group(0) @binding(3) var<storage, read_write> roots: array<f32>;
             var<immediate> units: i32;
             fn off(x: f32) -> f32 {{ return bitcast<f32>(bitcast<i32>(x) + units); }}
             @compute @workgroup_size(64) fn f(@builtin(global_invocation_id) id: vec3<u32>) {{
                 let i = id.x;
                 if i >= arrayLength(&x) {{ return; }}
                 quotients[i] = our_quotient(x[i], y[i]);
                 roots[i] = our_root(x[i]);
             }}{ours}"
        );
        let kernel = device.raw_kernel_precise(&text, "f").unwrap();
        let mut numbers: Vec<(f32, f32)> = hard_quotients().take(1 << 14).collect();
        numbers.extend(hard_roots().take(1000).map(|x| (x, 3.0)));
        // Roots of these are a little below there.
        numbers.extend((1..1000_u16).map(|i| (1.0 - f32::from(i) * (f32::EPSILON / 2.0), 3.0)));
        // Quotients that are subnormal, at where rounding turns: 49 times 1 / 49 is not 1.
        let small = |i: u16| 49.0 * f32::from(2 * i + 1) * 2.0_f32.powi(-100) * 2.0_f32.powi(-41);
        numbers.extend((31_000..32_000_u16).map(|i| (small(i), 49.0 * 512.0)));
        let (x, y): (Vec<f32>, Vec<f32>) = numbers.iter().copied().unzip();
        let (x, y) = (Array1::from(x), Array1::from(y));
        let (x, y) = (device.upload(&x).unwrap(), device.upload(&y).unwrap());
        let mut quotients = device.zeros::<f32, _>(numbers.len()).unwrap();
        let mut roots = device.zeros::<f32, _>(numbers.len()).unwrap();
        let groups = [u32::try_from(numbers.len().div_ceil(64)).unwrap(), 1, 1];
        // As a driver may have it, and as none has.
        for units in [0, 1, -1, 3, -3, 8, -8, 20, -20, 1000, -1000] {
            kernel.run(groups, (units, &x, &y, &mut quotients, &mut roots)).unwrap();
            let (quotients, roots) = (quotients.to_array().unwrap(), roots.to_array().unwrap());
            for (i, &(x, y)) in numbers.iter().enumerate() {
                assert_eq!(quotients[i], x / y, "{x} / {y} from {units} units off");
                assert_eq!(roots[i], x.sqrt(), "the root of {x} from {units} units off");
            }
        }
    }

    #[test]
    fn a_root_of_its_own_is_an_error_with_its_name() {
        let test = "a_root_of_its_own_is_an_error_with_its_name";
        let Some(device) = device_by_f64(test) else { return };
        let text = |name: &str| {
            format!(
                "@group(0) @binding(0) var<storage, read_write> x: array<f32>;
                 fn {name}(x: f32) -> f32 {{ return x + 1.0; }}
                 @compute @workgroup_size(1) fn f() {{ x[0] = {name}(x[0]) / 3.0; }}"
            )
        };
        // Ours do not call it.
        let mut x = device.upload(&Array1::from(vec![1.0_f32])).unwrap();
        device.raw_kernel_precise(&text("abs"), "f").unwrap().run([1, 1, 1], (&mut x,)).unwrap();
        assert_eq!(x.to_array().unwrap()[0], 2.0 / 3.0);
        let error = device.raw_kernel_precise(&text("sqrt"), "f").unwrap_err();
        assert!(error.to_string().starts_with("kernel `f` has a `sqrt` of its own"), "{error}");
    }
}
