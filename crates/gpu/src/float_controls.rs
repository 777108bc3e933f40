//! What a driver can be told of floats.

#![expect(unsafe_code, reason = "wgpu does not tell of it, and its Vulkan has to be asked itself")]

use ash::vk;

use crate::spirv::Spirv;

/// The modes of execution that a device has, of floats of so many bits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FloatControls {
    modes: Vec<(Mode, u32)>,
}

/// A mode: its capability and its number, of section 3 of the specification of SPIR-V 1.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mode {
    capability: u32,
    number: u32,
}

const DENORM_PRESERVE: Mode = Mode { capability: 4464, number: 4459 };
const SIGNED_ZERO_INF_NAN_PRESERVE: Mode = Mode { capability: 4466, number: 4461 };
const ROUNDING_MODE_RTE: Mode = Mode { capability: 4467, number: 4462 };

impl FloatControls {
    /// What the driver of an adapter says; nothing where it is not reached by Vulkan 1.2.
    pub(crate) fn of(adapter: &wgpu::Adapter) -> Self {
        // SAFETY: what is got is not destroyed, only asked.
        let Some(hal) = (unsafe { adapter.as_hal::<wgpu::hal::api::Vulkan>() }) else {
            return Self::default();
        };
        let shared = hal.shared_instance();
        let (instance, device) = (shared.raw_instance(), hal.raw_physical_device());
        let is_there = |version: u32| version >= vk::API_VERSION_1_2;
        // SAFETY: the device is one of this instance.
        let version = unsafe { instance.get_physical_device_properties(device) }.api_version;
        if !is_there(shared.instance_api_version()) || !is_there(version) {
            return Self::default();
        }
        let mut found = vk::PhysicalDeviceFloatControlsProperties::default();
        let mut properties = vk::PhysicalDeviceProperties2::default().push_next(&mut found);
        // SAFETY: both are of Vulkan 1.2 at least, which has these structures.
        unsafe { instance.get_physical_device_properties2(device, &mut properties) };
        Self::told(&found)
    }

    fn told(found: &vk::PhysicalDeviceFloatControlsProperties<'_>) -> Self {
        let all = [
            (DENORM_PRESERVE, 32, found.shader_denorm_preserve_float32),
            (DENORM_PRESERVE, 64, found.shader_denorm_preserve_float64),
            (SIGNED_ZERO_INF_NAN_PRESERVE, 32, found.shader_signed_zero_inf_nan_preserve_float32),
            (SIGNED_ZERO_INF_NAN_PRESERVE, 64, found.shader_signed_zero_inf_nan_preserve_float64),
            (ROUNDING_MODE_RTE, 32, found.shader_rounding_mode_rte_float32),
            (ROUNDING_MODE_RTE, 64, found.shader_rounding_mode_rte_float64),
        ];
        // A mode of some width alone is not everywhere allowed.
        let all_together = vk::ShaderFloatControlsIndependence::ALL;
        let is_free = |mode: Mode| match mode {
            ROUNDING_MODE_RTE => found.rounding_mode_independence == all_together,
            DENORM_PRESERVE => found.denorm_behavior_independence == all_together,
            _ => true,
        };
        let there =
            all.into_iter().filter(|&(mode, _, is_there)| is_there == vk::TRUE && is_free(mode));
        Self { modes: there.map(|(mode, bits, _)| (mode, bits)).collect() }
    }

    /// Asks for all of them, where a module has floats of their widths.
    pub(crate) fn ask(&self, module: &mut Spirv) {
        let widths: Vec<u32> =
            module.all(crate::spirv::OP_TYPE_FLOAT).map(|words| words[1]).collect();
        for (mode, bits) in self.modes.iter().filter(|(_, bits)| widths.contains(bits)) {
            module.require(mode.capability);
            module.extend("SPV_KHR_float_controls");
            module.execute(&[mode.number, *bits]);
        }
    }
}
