//! Copies of arrays in any layout.

use std::sync::Arc;

use ndarray::Dimension;

use crate::array::DeviceArray;
use crate::element;
use crate::error::Result;
use crate::layout::Layout;
use crate::operand::Field;
use crate::pointwise::{Element, Input, Pointwise};
use crate::program::Source;
use crate::stream::{Transfer, Work};

impl<T: element::Element, D: Dimension> DeviceArray<T, D> {
    /// A new array with the same elements, row-major and dense.
    pub(crate) fn copied(&self) -> Result<Self> {
        let new = self.device().uninit::<T, D>(self.raw_dim())?;
        Field::of(self).copy_to(&Field::of(&new))?;
        Ok(new)
    }
}

impl Field {
    /// The elements row-major and dense: this array if they lie so, a copy else.
    pub(crate) fn to_standard_layout(&self) -> Result<Self> {
        if self.layout.is_standard() {
            return Ok(self.clone());
        }
        self.copy()
    }

    /// A new array with the same elements, row-major and dense.
    pub(crate) fn copy(&self) -> Result<Self> {
        let new = self.standard(Layout::standard(self.layout.dim.clone()))?;
        self.copy_to(&new)?;
        Ok(new)
    }

    /// A new array of the same elements in a dense layout, with anything in it.
    pub(crate) fn standard(&self, layout: Layout<ndarray::IxDyn>) -> Result<Self> {
        let memory = self.device.allocate((layout.len() * self.size) as u64)?;
        Ok(Self { device: self.device.clone(), memory, layout, ..*self })
    }

    /// Copies the elements to an array of the same shape and in other memory.
    pub(crate) fn copy_to(&self, to: &Self) -> Result<()> {
        debug_assert!(!Arc::ptr_eq(&self.memory, &to.memory), "one cannot be both");
        let (device, ty) = (&self.device, self.ty);
        let call = Pointwise {
            device,
            inputs: &[Input::Array(self)],
            outputs: std::slice::from_ref(to),
            numbers: &|launch, _| launch,
            is_short: true,
        };
        call.run(|shape| {
            device.program_for(&("copy", ty, shape), || {
                let element = Element {
                    inputs: &[Some(ty)],
                    outputs: &[ty],
                    numbers: &[],
                    value: &|elements| elements.concat(),
                    stored: &|_, value| value.to_owned(),
                };
                shape.source(Source::new(format!("copy_{ty}")), &element)
            })
        })
    }
}

impl<T: element::Element, D: Dimension> DeviceArray<T, D> {
    /// The same elements in memory of its own, copied as the driver does it: what other figures are
    /// held against. Of what lies dense.
    #[doc(hidden)]
    pub fn memory_copy(&self) -> Result<Self> {
        let dense = self.to_standard_layout()?;
        let new = self.device().uninit::<T, D>(self.raw_dim())?;
        let bytes = (self.len() * size_of::<T>()) as u64;
        let from = (dense.layout().offset * size_of::<T>()) as u64;
        let (from, to) = ((Arc::clone(dense.memory()), from), (Arc::clone(new.memory()), 0));
        self.device().enqueue(Work::Transfer(Transfer { from, to, bytes }))?;
        Ok(new)
    }
}
