//! Whether two types are the same to C.

use crate::types::{FunctionType, Length, Type, TypeKind};
use crate::unit::Unit;

/// How many steps a comparison takes before it is given up: types that share their parts are small
/// in the text and huge in full.
const MAX_STEPS: u32 = 20_000;

impl Unit {
    /// Whether two types are compatible in the sense of C: one object or function may be declared
    /// with both. Qualifiers count, but those of parameters.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut unit = tenfold_cdecl::parse("typedef unsigned word;")?;
    /// let (a, b) = (unit.parse_type("int (*)(word)")?, unit.parse_type("int (*)(unsigned int)")?);
    /// assert!(unit.compatible(a, b));
    /// # Ok::<(), tenfold_cdecl::Error>(())
    /// ```
    #[must_use]
    pub fn compatible(&self, a: Type, b: Type) -> bool {
        let mut steps = MAX_STEPS;
        self.compare(a, b, &mut steps)
    }

    fn compare(&self, a: Type, b: Type, steps: &mut u32) -> bool {
        let (mut a, mut b) = (a, b);
        loop {
            if a == b {
                return true;
            }
            (a, b) = (self.resolve(a), self.resolve(b));
            *steps = steps.saturating_sub(1);
            if a.qualifiers != b.qualifiers || *steps == 0 {
                return false;
            }
            match (self.kind(a), self.kind(b)) {
                (TypeKind::Pointer(to), TypeKind::Pointer(other)) => (a, b) = (*to, *other),
                (
                    TypeKind::Array { element, length },
                    TypeKind::Array { element: other, length: limit },
                ) => {
                    let known = |length: &Length| matches!(length, Length::Known(_));
                    if known(length) && known(limit) && length != limit {
                        return false;
                    }
                    (a, b) = (*element, *other);
                }
                (TypeKind::Function(one), TypeKind::Function(other)) => {
                    return self.compare_functions(one, other, steps);
                }
                (TypeKind::Enum(id), TypeKind::Integer(integer))
                | (TypeKind::Integer(integer), TypeKind::Enum(id)) => {
                    return self.enum_by_id(*id).underlying == Some(*integer);
                }
                (TypeKind::Opaque, _) | (_, TypeKind::Opaque) => return a.id == b.id,
                (one, other) => return one == other,
            }
        }
    }

    fn compare_functions(&self, a: &FunctionType, b: &FunctionType, steps: &mut u32) -> bool {
        let results = (a.result.unqualified(), b.result.unqualified());
        let is_called_alike = a.convention == b.convention
            || (a.convention.is_platform() && b.convention.is_platform());
        if !is_called_alike || !self.compare(results.0, results.1, steps) {
            return false;
        }
        if !a.is_prototype || !b.is_prototype {
            return true;
        }
        let mut pairs = a.parameters.iter().zip(&b.parameters);
        a.is_variadic == b.is_variadic
            && a.parameters.len() == b.parameters.len()
            && pairs.all(|(one, other)| {
                // Names may hide qualifiers, which do not count here.
                let types = [one, other].map(|parameter| self.resolve(parameter.ty).unqualified());
                self.compare(types[0], types[1], steps)
            })
    }
}
