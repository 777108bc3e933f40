//! Copies of arrays in any layout.

use std::sync::Arc;

use ndarray::Dimension;

use crate::array::{DeviceArray, part_at};
use crate::element::Element;
use crate::elementwise::{give_places, places};
use crate::error::Result;
use crate::launch::Launch;
use crate::layout::{Layout, collapsed, parts};
use crate::operand::Field;
use crate::program::Source;
use crate::stream::{Transfer, Work};

impl<T: Element, D: Dimension> DeviceArray<T, D> {
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
        let memory = self.device.pool().allocate((layout.len() * self.size) as u64)?;
        Ok(Self { device: self.device.clone(), memory, layout, ..*self })
    }

    /// Copies the elements to an array of the same shape and in other memory.
    pub(crate) fn copy_to(&self, to: &Self) -> Result<()> {
        let device = &self.device;
        if self.layout.len() == 0 {
            return Ok(());
        }
        debug_assert!(!Arc::ptr_eq(&self.memory, &to.memory), "one cannot be both");
        let most = device.most_elements_of(self.size);
        for part in parts(&[self.layout.clone(), to.layout.clone()], &[most; 2]) {
            let layouts = collapsed(&part);
            let source = Source::new(format!("copy_{}", self.ty))
                .read("in0", self.ty)
                .write("out0", self.ty)
                .param("n", "u32");
            let (source, body) = places(source, &layouts);
            let source = source.body(&body).body("out0[at1] = in0[at0];");
            let program = device.program(&source)?;
            let (from, to) = (part_at(device, self, &layouts[0]), part_at(device, to, &layouts[1]));
            let launch = Launch::new(device, &program).part(from.0).part(to.0);
            let launch = launch.count(layouts[0].len())?;
            let launch = give_places(launch, &layouts, &[from.1, to.1])?;
            launch.invocations(layouts[0].len())?;
        }
        Ok(())
    }
}

impl<T: Element, D: Dimension> DeviceArray<T, D> {
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
