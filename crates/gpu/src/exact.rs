//! Quotients and roots of f32 that are rounded rightly, by way of f64.
//!
//! Vulkan lets the quotient of two f32 be off by 2.5 units in the last place, and GPUs make use of that.
//! Those of f64 are rounded rightly, and f64 has more than twice the digits of f32, so that rounding twice
//! gives what rounding once would have given. Conversions between the two keep subnormal numbers, which
//! those of GPUs need not.

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
    units: u32,
}

/// Has the quotients and roots of f32, of vectors of them, and conversions between f32 and f64 done by
/// [`FUNCTIONS`], which the module has.
pub(crate) fn by_f64(module: &mut Spirv) {
    let Some(functions) = Functions::of(module) else { return };
    calls::replace(
        module,
        |function| functions.has(function),
        |instruction, types| functions.instead_of(instruction, types),
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
            units: named("tenfold_units")?,
        })
    }

    fn has(&self, function: u32) -> bool {
        [self.quotient, self.root, self.widened, self.narrowed, self.units].contains(&function)
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
