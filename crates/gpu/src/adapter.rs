//! The adapters of this machine: what can be opened as a device, and what each can do.

use std::fmt;
use std::sync::OnceLock;

use crate::error::Result;
use crate::heaps;
use crate::poll::block_on;

/// Something that runs kernels, before it is opened: a GPU, or a driver that computes on the CPU.
#[derive(Debug, Clone)]
pub struct Adapter {
    raw: wgpu::Adapter,
    info: wgpu::AdapterInfo,
    limits: Limits,
    memory_bytes: Option<u64>,
}

/// What kind of hardware stands behind an [`Adapter`], best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AdapterKind {
    /// A GPU with memory of its own.
    Discrete,
    /// A GPU that shares the memory of the processor.
    Integrated,
    /// A GPU of a virtual machine.
    Virtual,
    /// What does not say.
    Other,
    /// A driver that computes on the processor. It is not faster than the processor.
    Cpu,
}

/// What not every device has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Feature {
    /// `f64` in kernels and arrays.
    F64,
    /// `i64` and `u64` in kernels and arrays.
    I64,
    /// Atomic operations on 64 bits.
    I64Atomics,
    /// `f16` in kernels.
    F16,
    /// Operations among the invocations of a subgroup.
    Subgroups,
    /// Times that the device takes itself.
    Timestamps,
    /// Modules in SPIR-V, which precise mode needs.
    Precise,
    /// Compiled kernels that can be kept.
    PipelineCache,
}

/// How much of something a device can do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the largest array.
    pub max_buffer_bytes: u64,
    /// Bytes that one argument of a kernel can show at a time. Larger arrays are run in parts.
    pub max_binding_bytes: u64,
    /// Arguments of a kernel that are arrays.
    pub max_bindings: u32,
    /// Bytes of small parameters that travel with a dispatch.
    pub max_immediate_bytes: u32,
    /// Invocations of a work-group.
    pub max_workgroup_invocations: u32,
    /// Invocations of a work-group along each axis.
    pub max_workgroup_size: [u32; 3],
    /// Bytes that a work-group shares.
    pub max_workgroup_bytes: u32,
    /// Work-groups along each axis of a dispatch.
    pub max_workgroups: u32,
    /// Invocations of the smallest and of the largest subgroup.
    pub subgroup_size: (u32, u32),
    /// What the offset of a binding, in bytes, must be a multiple of.
    pub binding_alignment_bytes: u32,
}

/// All adapters of this machine, best first: discrete, integrated, virtual, others, software; those
/// of one kind by vendor, device, bus and name, so that the order is the same each time.
///
/// The place in this list is the index that [`Select`](crate::Select) takes. A machine without any
/// gives an empty list.
///
/// ```
/// for (index, adapter) in tenfold_gpu::devices()?.iter().enumerate() {
///     println!("{index}: {adapter}");
/// }
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
///
/// # Errors
/// None so far.
pub fn devices() -> Result<Vec<Adapter>> {
    let found = block_on(instance().enumerate_adapters(wgpu::Backends::PRIMARY));
    let mut adapters: Vec<Adapter> = found.into_iter().map(Adapter::new).collect();
    adapters.sort_by(|a, b| a.rank().cmp(&b.rank()));
    Ok(adapters)
}

/// One for the process: the loader of drivers and the drivers themselves are slow to come and go,
/// and not all give back what they took.
fn instance() -> &'static wgpu::Instance {
    static INSTANCE: OnceLock<wgpu::Instance> = OnceLock::new();
    INSTANCE.get_or_init(|| {
        let mut description = wgpu::InstanceDescriptor::new_without_display_handle();
        description.backends = wgpu::Backends::PRIMARY;
        description.flags = wgpu::InstanceFlags::empty();
        description.memory_budget_thresholds.for_resource_creation = Some(95);
        wgpu::Instance::new(description)
    })
}

/// An adapter that takes everything and computes nothing, for tests of what needs no device.
pub(crate) fn noop(limits: Option<wgpu::Limits>) -> Option<Adapter> {
    let mut description = wgpu::InstanceDescriptor::new_without_display_handle();
    description.backends = wgpu::Backends::NOOP;
    description.backend_options.noop =
        wgpu::NoopBackendOptions { limits, ..wgpu::NoopBackendOptions::enabled() };
    let instance = wgpu::Instance::new(description);
    let found = block_on(instance.enumerate_adapters(wgpu::Backends::NOOP));
    found.into_iter().next().map(Adapter::new)
}

impl Adapter {
    fn new(raw: wgpu::Adapter) -> Self {
        let info = raw.get_info();
        let limits = Limits::new(&raw.limits(), &info);
        let memory_bytes = heaps::memory_bytes(&raw);
        Self { raw, info, limits, memory_bytes }
    }

    /// Its name, as its driver has it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// What kind of hardware it is.
    #[must_use]
    pub fn kind(&self) -> AdapterKind {
        match self.info.device_type {
            wgpu::DeviceType::DiscreteGpu => AdapterKind::Discrete,
            wgpu::DeviceType::IntegratedGpu => AdapterKind::Integrated,
            wgpu::DeviceType::VirtualGpu => AdapterKind::Virtual,
            wgpu::DeviceType::Cpu => AdapterKind::Cpu,
            wgpu::DeviceType::Other => AdapterKind::Other,
        }
    }

    /// The name and the version of its driver.
    #[must_use]
    pub fn driver(&self) -> String {
        format!("{} {}", self.info.driver, self.info.driver_info).trim().to_owned()
    }

    /// The interface that it is reached by: `vulkan`.
    #[must_use]
    pub fn backend(&self) -> &'static str {
        self.info.backend.to_str()
    }

    /// The numbers of the PCI registry for its vendor and for the device.
    #[must_use]
    pub fn id(&self) -> (u32, u32) {
        (self.info.vendor, self.info.device)
    }

    /// Where it is plugged in, as `0000:01:00.0`; empty where it is not.
    #[must_use]
    pub fn bus(&self) -> &str {
        &self.info.device_pci_bus_id
    }

    /// Bytes of its own memory; of one that computes on the processor, those that it may take of the processor's.
    /// Programs share it, and some of it is the driver's. None where that is not known.
    #[must_use]
    pub fn memory_bytes(&self) -> Option<u64> {
        self.memory_bytes
    }

    /// How much it can do.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether it has a feature.
    #[must_use]
    pub fn has(&self, feature: Feature) -> bool {
        self.raw.features().contains(feature.raw())
    }

    /// All features that it has.
    #[must_use]
    pub fn features(&self) -> Vec<Feature> {
        Feature::ALL.iter().copied().filter(|&feature| self.has(feature)).collect()
    }

    pub(crate) fn raw(&self) -> &wgpu::Adapter {
        &self.raw
    }

    pub(crate) fn info(&self) -> &wgpu::AdapterInfo {
        &self.info
    }

    pub(crate) fn is_noop(&self) -> bool {
        self.info.backend == wgpu::Backend::Noop
    }

    fn rank(&self) -> (AdapterKind, &'static str, u32, u32, &str, &str) {
        let (vendor, device) = self.id();
        (self.kind(), self.backend(), vendor, device, self.bus(), self.name())
    }
}

impl fmt::Display for Adapter {
    /// In one line: `NVIDIA H100 PCIe (discrete, 10de:2331, vulkan, NVIDIA 580.65)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (vendor, device) = self.id();
        write!(f, "{} ({}, {vendor:04x}:{device:04x}", self.name(), self.kind())?;
        write!(f, ", {}, {})", self.backend(), self.driver())
    }
}

impl fmt::Display for AdapterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AdapterKind::Discrete => "discrete",
            AdapterKind::Integrated => "integrated",
            AdapterKind::Virtual => "virtual",
            AdapterKind::Other => "other",
            AdapterKind::Cpu => "cpu",
        })
    }
}

impl Feature {
    const ALL: &[Feature] = &[
        Feature::F64,
        Feature::I64,
        Feature::I64Atomics,
        Feature::F16,
        Feature::Subgroups,
        Feature::Timestamps,
        Feature::Precise,
        Feature::PipelineCache,
    ];

    fn raw(self) -> wgpu::Features {
        match self {
            Feature::F64 => wgpu::Features::SHADER_F64,
            Feature::I64 => wgpu::Features::SHADER_INT64,
            Feature::I64Atomics => wgpu::Features::SHADER_INT64_ATOMIC_ALL_OPS,
            Feature::F16 => wgpu::Features::SHADER_F16,
            Feature::Subgroups => wgpu::Features::SUBGROUP,
            Feature::Timestamps => {
                wgpu::Features::TIMESTAMP_QUERY | wgpu::Features::TIMESTAMP_QUERY_INSIDE_ENCODERS
            }
            Feature::Precise => wgpu::Features::PASSTHROUGH_SHADERS,
            Feature::PipelineCache => wgpu::Features::PIPELINE_CACHE,
        }
    }

    /// All features that are asked for where they are there.
    pub(crate) fn wanted() -> wgpu::Features {
        let all = Feature::ALL.iter().fold(wgpu::Features::empty(), |all, f| all | f.raw());
        all | wgpu::Features::SUBGROUP_BARRIER
            | wgpu::Features::SHADER_INT64_ATOMIC_MIN_MAX
            | wgpu::Features::SHADER_FLOAT32_ATOMIC
            | wgpu::Features::IMMEDIATES
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Feature::F64 => "f64",
            Feature::I64 => "i64 and u64",
            Feature::I64Atomics => "64-bit atomics",
            Feature::F16 => "f16",
            Feature::Subgroups => "subgroups",
            Feature::Timestamps => "timestamps",
            Feature::Precise => "precise mode",
            Feature::PipelineCache => "pipeline cache",
        })
    }
}

impl Limits {
    fn new(raw: &wgpu::Limits, info: &wgpu::AdapterInfo) -> Self {
        Self {
            max_buffer_bytes: raw.max_buffer_size,
            max_binding_bytes: raw.max_storage_buffer_binding_size,
            max_bindings: raw.max_storage_buffers_per_shader_stage,
            max_immediate_bytes: raw.max_immediate_size,
            max_workgroup_invocations: raw.max_compute_invocations_per_workgroup,
            max_workgroup_size: [
                raw.max_compute_workgroup_size_x,
                raw.max_compute_workgroup_size_y,
                raw.max_compute_workgroup_size_z,
            ],
            max_workgroup_bytes: raw.max_compute_workgroup_storage_size,
            max_workgroups: raw.max_compute_workgroups_per_dimension,
            subgroup_size: (info.subgroup_min_size, info.subgroup_max_size),
            binding_alignment_bytes: raw.min_storage_buffer_offset_alignment,
        }
    }
}
