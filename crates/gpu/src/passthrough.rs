//! Modules in SPIR-V, as we have written them.

#![expect(unsafe_code, reason = "the driver believes what it is given")]

use std::borrow::Cow;

use crate::precise::Written;

/// A module of which one entry point is used.
pub(crate) fn module(
    device: &wgpu::Device,
    name: &str,
    entry: &str,
    written: &Written,
) -> wgpu::ShaderModule {
    let description = wgpu::ShaderModuleDescriptorPassthrough {
        label: Some(name),
        entry_points: Cow::Borrowed(&[wgpu::PassthroughShaderEntryPoint {
            name: Cow::Borrowed(entry),
            workgroup_size: (1, 1, 1),
        }]),
        spirv: Some(Cow::Borrowed(written.words())),
        ..Default::default()
    };
    // SAFETY: nothing but `precise::spirv` makes a `Written`: its words are naga's, written from a module that
    // its validator has passed, with checks of all indices and bounds of all loops. What was changed are
    // decorations, modes that the driver says it has, and calls of functions of the same module in place of
    // instructions, of the same numbers: none of it touches memory.
    unsafe { device.create_shader_module_passthrough(description) }
}
