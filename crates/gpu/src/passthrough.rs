//! Modules in SPIR-V, as we have written them.

#![expect(unsafe_code, reason = "the driver believes what it is given")]

use std::borrow::Cow;

/// A module of which one entry point is used.
///
/// `words` must be what [`precise::spirv`](crate::precise::spirv) gave.
pub(crate) fn module(
    device: &wgpu::Device,
    name: &str,
    entry: &str,
    words: &[u32],
) -> wgpu::ShaderModule {
    let description = wgpu::ShaderModuleDescriptorPassthrough {
        label: Some(name),
        entry_points: Cow::Borrowed(&[wgpu::PassthroughShaderEntryPoint {
            name: Cow::Borrowed(entry),
            workgroup_size: (1, 1, 1),
        }]),
        spirv: Some(Cow::Borrowed(words)),
        ..Default::default()
    };
    // SAFETY: the words are naga's, written from a module that its validator has passed, with checks of
    // all indices and bounds of all loops. What was changed are decorations, modes that the driver says it has,
    // and quotients and roots that are taken of f64, where the device has it: none of it touches memory.
    unsafe { device.create_shader_module_passthrough(description) }
}
