//! How much memory an adapter has.

#![expect(unsafe_code, reason = "wgpu does not tell of it, and its Vulkan has to be asked itself")]

use ash::vk;

/// Bytes of the memory that is the adapter's own, all heaps of it together; none where it is not reached by
/// Vulkan, or does not say.
pub(crate) fn memory_bytes(adapter: &wgpu::Adapter) -> Option<u64> {
    // SAFETY: what is got is not destroyed, only asked.
    let hal = unsafe { adapter.as_hal::<wgpu::hal::api::Vulkan>() }?;
    let instance = hal.shared_instance().raw_instance();
    // SAFETY: the device is one of this instance.
    let found =
        unsafe { instance.get_physical_device_memory_properties(hal.raw_physical_device()) };
    own_bytes(found.memory_heaps_as_slice())
}

fn own_bytes(heaps: &[vk::MemoryHeap]) -> Option<u64> {
    let is_own = |heap: &&vk::MemoryHeap| heap.flags.contains(vk::MemoryHeapFlags::DEVICE_LOCAL);
    let bytes = heaps.iter().filter(is_own).fold(0_u64, |all, heap| all.saturating_add(heap.size));
    (bytes > 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use ash::vk;

    use super::own_bytes;

    #[test]
    fn own_heaps_are_summed() {
        let heap = |size, flags| vk::MemoryHeap { size, flags };
        let (own, other) = (vk::MemoryHeapFlags::DEVICE_LOCAL, vk::MemoryHeapFlags::empty());
        assert_eq!(own_bytes(&[heap(80, own), heap(64, other), heap(16, own)]), Some(96));
        assert_eq!(own_bytes(&[heap(64, other)]), None);
        assert_eq!(own_bytes(&[]), None);
    }
}
