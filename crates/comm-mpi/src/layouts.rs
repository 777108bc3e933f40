//! Numbers for layouts, the same in all processes of a program.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use tenfold_comm::{Layout, Primitive};

/// The layouts that this process has met, by their numbers. A message has the number, and the receiver the
/// layout, if it has ever used it.
#[derive(Debug, Default)]
pub(crate) struct Layouts(RefCell<HashMap<u64, Layout>>);

/// Set in the numbers of what is no primitive.
const MADE: u64 = 1 << 63;

impl Layouts {
    /// The number of a layout: a primitive's own, or a hash.
    #[inline]
    pub(crate) fn number(&self, layout: Layout) -> u64 {
        layout.primitive().map_or_else(|| self.made(layout), |primitive| primitive as u64)
    }

    fn made(&self, layout: Layout) -> u64 {
        let mut hasher = DefaultHasher::new();
        layout.hash(&mut hasher);
        let number = hasher.finish() | MADE;
        self.0.borrow_mut().entry(number).or_insert(layout);
        number
    }

    /// The layout with this number, if it is known here.
    pub(crate) fn layout(&self, number: u64) -> Option<Layout> {
        if number & MADE != 0 {
            return self.0.borrow().get(&number).copied();
        }
        let primitive = Primitive::ALL.get(usize::try_from(number).ok()?)?;
        Some(primitive.layout())
    }
}

#[cfg(test)]
mod tests {
    use super::Layouts;
    use tenfold_comm::{Element, Located};

    #[test]
    fn a_number_names_its_layout() {
        let layouts = Layouts::default();
        for layout in [f64::LAYOUT, bool::LAYOUT, <[f64; 3]>::LAYOUT, Located::<f32>::LAYOUT] {
            assert_eq!(layouts.layout(layouts.number(layout)), Some(layout));
        }
        let others = Layouts::default();
        let number = layouts.number(<[f64; 3]>::LAYOUT);
        assert_eq!(others.layout(number), None);
        assert_eq!(others.number(<[f64; 3]>::LAYOUT), number);
    }
}
