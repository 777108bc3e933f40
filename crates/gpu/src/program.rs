//! Kernels as the device has them: checked and compiled once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use naga::valid::{Capabilities, ModuleInfo};

use crate::adapter::{AdapterKind, Feature};
use crate::device::Device;
use crate::error::{Error, ErrorKind, Result};
use crate::kept::{Kept, Uses};
pub(crate) use crate::source::Source;
pub(crate) use crate::validate::validate;
use crate::{built_in, calls, exact, math, passthrough, portable, precise};

/// An array that a kernel sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) name: String,
    /// The type of its elements in WGSL.
    pub(crate) ty: String,
    /// How many of them the kernel takes at a time, as a vector.
    pub(crate) lanes: usize,
    pub(crate) is_written: bool,
}

/// A number that a kernel is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) ty: String,
}

/// How the numbers of a kernel get to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Params {
    /// There are none.
    None,
    /// With the dispatch.
    Immediate,
    /// In a buffer that is bound with this number.
    Bound(usize),
}

/// What is to be compiled: a text that is known to have these arrays and numbers.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
    pub(crate) entry: &'a str,
    pub(crate) bindings: &'a [Binding],
    pub(crate) params: &'a [Param],
    pub(crate) params_at: Params,
    pub(crate) params_bytes: u32,
    pub(crate) is_precise: bool,
    /// Whether what a work-group shares begins with zeros, as WGSL has it. It costs: a driver may have one
    /// invocation write them all.
    pub(crate) is_zeroed: bool,
    /// Whether the first number is that of work-groups.
    pub(crate) counts_groups: bool,
}

/// A kernel that can be dispatched.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) params: Vec<Param>,
    /// Invocations of a work-group.
    pub(crate) size: u32,
    pub(crate) layout: wgpu::BindGroupLayout,
    pub(crate) pipeline: wgpu::ComputePipeline,
    pub(crate) params_at: Params,
    pub(crate) params_bytes: u32,
    /// Whether the first number is that of work-groups.
    pub(crate) counts_groups: bool,
}

/// A module, and what its validator found out.
pub(crate) type Checked = (naga::Module, ModuleInfo);

/// What was compiled before: by its text, and by what it was written for.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    by_text: Kept<Key>,
    by_call: Kept<CallKey>,
    by_name: Kept<String>,
    /// Whether kernels are short, by where their parts lie: finding out takes a quarter of a call.
    short: Mutex<HashMap<(usize, usize), bool>>,
}

/// A kernel and the kind of its call, from which its text is written. Writing it takes longer than the
/// rest of a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CallKey {
    /// Where the parts of the kernel's text lie, which nothing else does: they are constants.
    pub(crate) pieces: (usize, usize),
    pub(crate) name: &'static str,
    pub(crate) size: u32,
    pub(crate) is_precise: bool,
    /// Whatever else the text depends on.
    pub(crate) kind: Vec<u8>,
}

/// Where the parts of a kernel's text lie.
fn place(source: &tenfold_kernel::Source) -> Result<(usize, usize)> {
    let pieces = source.portable()?.pieces;
    Ok((pieces.as_ptr().addr(), pieces.len()))
}

impl CallKey {
    /// Of a call of a kernel with work-groups of so many invocations.
    pub(crate) fn new(
        source: &tenfold_kernel::Source,
        name: &'static str,
        size: u32,
        is_precise: bool,
        kind: impl Iterator<Item = u8>,
    ) -> Result<Self> {
        let pieces = place(source)?;
        Ok(Self { pieces, name, size, is_precise, kind: kind.collect() })
    }
}

/// What makes a program.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    text: String,
    entry: String,
    is_precise: bool,
    is_zeroed: bool,
}

/// Whether a function of a module is one of [`math`], and of floats.
fn is_ours(function: &naga::Function) -> bool {
    let is_of_floats = |name: &&String| name.ends_with("_f32") || name.ends_with("_f64");
    function.name.as_ref().filter(is_of_floats).is_some_and(|name| math::has(name))
}

/// The error of a function that [`math`] has not.
pub(crate) fn missing((function, ty): (&str, &str)) -> Error {
    let message = format!("there is no function `{function}` of {ty} on devices");
    Error::new(ErrorKind::Unsupported, message)
}

/// Bytes of a number.
pub(crate) fn size_of_type(ty: &str) -> u32 {
    if matches!(ty, "f64" | "i64" | "u64") { 8 } else { 4 }
}

impl Device {
    /// The program of a source, compiled the first time that it is asked for.
    pub(crate) fn program(&self, source: &Source) -> Result<Arc<Program>> {
        source.check()?;
        // naga counts to less than 256 bytes of them.
        let most = self.limits().max_immediate_bytes.min(128);
        let is_immediate = source.params_bytes() <= most;
        let text = source.text(is_immediate);
        self.planned(&source.plan(&text, is_immediate), None)
    }

    /// The program of a kind of call, whose source is written the first time that it is asked for.
    pub(crate) fn called(
        &self,
        key: CallKey,
        source: impl FnOnce() -> Result<Source>,
    ) -> Result<Arc<Program>> {
        self.programs().by_call.get_or(key, || self.program(&source()?))
    }

    /// Whether a kernel's function is [short](portable::is_short).
    pub(crate) fn is_short(&self, source: &tenfold_kernel::Source) -> Result<bool> {
        let place = place(source)?;
        let mut short = self.programs().short.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&is_short) = short.get(&place) {
            return Ok(is_short);
        }
        let is_short = portable::is_short(source)?;
        short.insert(place, is_short);
        Ok(is_short)
    }

    /// The program of a source that is written the first time only: a long text costs more than a
    /// dispatch. What it is for tells it from all others.
    pub(crate) fn program_for(
        &self,
        what: &impl std::fmt::Debug,
        source: impl FnOnce() -> Source,
    ) -> Result<Arc<Program>> {
        self.programs().by_name.get_or(format!("{what:?}"), || self.program(&source()))
    }

    /// The program of a plan, compiled the first time that it is asked for.
    pub(crate) fn planned(
        &self,
        plan: &Plan<'_>,
        checked: Option<Checked>,
    ) -> Result<Arc<Program>> {
        let (text, entry) = (plan.text.to_owned(), plan.entry.to_owned());
        let Plan { is_precise, is_zeroed, .. } = *plan;
        let key = Key { text, entry, is_precise, is_zeroed };
        self.programs().by_text.get_or(key, || {
            let checked = match checked {
                Some(checked) => checked,
                None => self.validate(plan.name, plan.text)?,
            };
            self.compile(plan, &checked).map(Arc::new)
        })
    }

    /// How many programs there are, and how they were come by. One that is found by its call is not asked for by
    /// its text.
    pub(crate) fn programs_kept(&self) -> (usize, Uses) {
        let Programs { by_text, by_call, by_name, .. } = self.programs();
        let before = [by_call.uses(), by_name.uses(), self.expressions().uses()];
        let mut uses = by_text.uses();
        uses.hits += before.iter().map(|uses| uses.hits).sum::<u64>();
        (by_text.len(), uses)
    }

    fn compile(&self, plan: &Plan<'_>, checked: &Checked) -> Result<Program> {
        let size = self.size(plan, &checked.0)?;
        let (layout, pipelines) = self.scope(|| {
            let layout = self.layout(plan);
            let pipelines = self.raw().create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: None,
                bind_group_layouts: &[Some(&layout)],
                immediate_size: match plan.params_at {
                    Params::Immediate => plan.params_bytes,
                    Params::None | Params::Bound(_) => 0,
                },
            });
            (layout, pipelines)
        })?;
        let module = self.module(plan, checked)?;
        let pipeline = self.scope(|| {
            self.raw().create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(plan.name),
                layout: Some(&pipelines),
                module: &module,
                entry_point: Some(plan.entry),
                compilation_options: wgpu::PipelineCompilationOptions {
                    zero_initialize_workgroup_memory: plan.is_zeroed,
                    ..wgpu::PipelineCompilationOptions::default()
                },
                cache: self.cache(),
            })
        })?;
        Ok(Program {
            name: plan.name.to_owned(),
            bindings: plan.bindings.to_vec(),
            params: plan.params.to_vec(),
            size,
            layout,
            pipeline,
            params_at: plan.params_at,
            params_bytes: plan.params_bytes,
            counts_groups: plan.counts_groups,
        })
    }

    /// Invocations of a work-group, if the device takes as many, what they share, and what they are given.
    /// What is passed on in SPIR-V is checked by nobody else.
    fn size(&self, plan: &Plan<'_>, module: &naga::Module) -> Result<u32> {
        let name = plan.name;
        let entry = module.entry_points.iter().find(|entry| entry.name == plan.entry);
        let size = entry.map_or([0; 3], |entry| entry.workgroup_size);
        let limits = self.limits();
        let all = size.iter().try_fold(1_u32, |all, &n| all.checked_mul(n));
        let fits = size.iter().zip(limits.max_workgroup_size).all(|(&n, most)| n <= most);
        let Some(all @ 1..) = all.filter(|&n| fits && n <= limits.max_workgroup_invocations) else {
            let message = format!(
                "kernel `{name}` has work-groups of {size:?} invocations, and the device takes 1 to {} and \
                 at most {:?} along each axis",
                limits.max_workgroup_invocations, limits.max_workgroup_size
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        };
        if plan.bindings.len() > limits.max_bindings as usize {
            let message = format!(
                "kernel `{name}` has {} arrays, and the device takes {}",
                plan.bindings.len(),
                limits.max_bindings
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        if plan.params_at == Params::Immediate && plan.params_bytes > limits.max_immediate_bytes {
            let message = format!(
                "kernel `{name}` has {} bytes of immediate numbers, and the device takes {}",
                plan.params_bytes, limits.max_immediate_bytes
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        let shared = module.global_variables.iter().map(|(_, variable)| variable);
        let shared = shared.filter(|v| v.space == naga::AddressSpace::WorkGroup);
        let bytes = shared.map(|v| module.types[v.ty].inner.try_size(module.to_ctx()));
        let bytes =
            bytes.fold(0_u64, |all, bytes| all.saturating_add(bytes.map_or(u64::MAX, u64::from)));
        if bytes > u64::from(limits.max_workgroup_bytes) {
            let message = format!(
                "a work-group of kernel `{name}` shares {bytes} bytes, and the device has {}",
                limits.max_workgroup_bytes
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        Ok(all)
    }

    /// A module as the driver gets it: in WGSL, or in SPIR-V where operations are to be rounded by themselves or
    /// functions of ours are called in place of what a driver has.
    fn module(&self, plan: &Plan<'_>, checked: &Checked) -> Result<wgpu::ShaderModule> {
        let Plan { name, text, entry, is_precise, .. } = *plan;
        let places = built_in::places(checked, is_precise);
        let has_ours = || checked.0.functions.iter().any(|(_, f)| is_ours(f));
        let is_passed =
            is_precise || !places.is_empty() || self.has(Feature::Precise) && has_ours();
        // Nothing is computed by what is no device, so nothing is imprecise.
        if self.adapter().is_noop() || !is_passed {
            return self.scope(|| {
                self.raw().create_shader_module(wgpu::ShaderModuleDescriptor {
                    label: Some(name),
                    source: wgpu::ShaderSource::Wgsl(text.into()),
                })
            });
        }
        if is_precise {
            self.require(Feature::Precise)?;
        }
        if let Some(place) = places.iter().find(|place| place.need().1 == "f64") {
            let needed = self.require(Feature::Precise).and_then(|()| self.require(Feature::I64));
            needed.map_err(|lacks| place.refused(name, text, lacks))?;
        }
        let is_on_gpu = self.adapter().kind() != AdapterKind::Cpu;
        if let Some(place) = built_in::frexp_of_f64(checked).filter(|_| is_on_gpu) {
            let adapter = self.adapter().name();
            let message = format!(
                "{adapter} has no compiler that is known to take it in precise mode, or beside functions of f64"
            );
            return Err(place.refused(name, text, Error::new(ErrorKind::Unsupported, message)));
        }
        let precision = self.precision(is_precise, plan.is_zeroed);
        let mut added = math::texts_beside(built_in::needs(&places), text).map_err(missing)?;
        if precision.divides_by_f64() {
            added += exact::FUNCTIONS;
        }
        let written = if added.is_empty() {
            precise::spirv(name, &checked.0, &checked.1, precision)?
        } else {
            calls::check_names(name, &checked.0, &added)?;
            let (module, info) = self.validate(name, &format!("{text}\n{added}"))?;
            precise::spirv(name, &module, &info, precision)?
        };
        self.scope(|| passthrough::module(self.raw(), name, entry, &written))
    }

    fn layout(&self, plan: &Plan<'_>) -> wgpu::BindGroupLayout {
        let mut types: Vec<_> = plan
            .bindings
            .iter()
            .map(|binding| wgpu::BufferBindingType::Storage { read_only: !binding.is_written })
            .collect();
        if let Params::Bound(at) = plan.params_at {
            types.insert(at, wgpu::BufferBindingType::Uniform);
        }
        let entry = |(binding, ty): (u32, wgpu::BufferBindingType)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        };
        let entries: Vec<_> = (0..).zip(types).map(entry).collect();
        self.raw().create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: None,
            entries: &entries,
        })
    }

    /// The module of a text, if this device can run it.
    pub(crate) fn validate(&self, name: &str, text: &str) -> Result<Checked> {
        validate(name, text, self.capabilities())
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::IMMEDIATES;
        for (feature, more) in [
            (Feature::F64, Capabilities::FLOAT64),
            (Feature::I64, Capabilities::SHADER_INT64),
            (
                Feature::I64Atomics,
                Capabilities::SHADER_INT64_ATOMIC_ALL_OPS
                    | Capabilities::SHADER_INT64_ATOMIC_MIN_MAX,
            ),
            (Feature::F16, Capabilities::SHADER_FLOAT16),
            (Feature::Subgroups, Capabilities::SUBGROUP | Capabilities::SUBGROUP_BARRIER),
        ] {
            if self.has(feature) {
                capabilities |= more;
            }
        }
        if self.raw().features().contains(wgpu::Features::SHADER_FLOAT32_ATOMIC) {
            capabilities |= Capabilities::SHADER_FLOAT32_ATOMIC;
        }
        capabilities
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::Source;
    use crate::launch::Launch;
    use crate::testing;
    use crate::{Device, ErrorKind, Select};

    fn two_sum(is_precise: bool) -> Source {
        Source::new("two_sum")
            .read("x", "f32")
            .write("out", "f32")
            .param("n", "u32")
            .precise(is_precise)
            .size(64)
            .items("fn error(a: f32, b: f32) -> f32 { let s = a + b; let t = s - a; return (a - (s - t)) + (b - t); }")
            .body("if (index < params.n) { out[index] = error(1.0, x[index]); }")
    }

    #[test]
    fn precise_mode_rounds_each_operation() {
        let Some(device) = testing::device("precise_mode_rounds_each_operation") else { return };
        let x = device.upload(&array![1e-10_f32, 2e-12, 0.0]).unwrap();
        let out = device.uninit::<f32, _>(x.raw_dim()).unwrap();
        let program = device.program(&two_sum(true)).unwrap();
        let launch = Launch::new(&device, &program).part(x.part().0).part(out.part().0);
        launch.count(3).unwrap().invocations(3).unwrap();
        assert_eq!(out.to_array().unwrap(), array![1e-10, 2e-12, 0.0]);
    }

    #[test]
    fn a_wrong_text_is_an_error_with_its_line() {
        let device = Device::open(Select::noop()).unwrap();
        let source = Source::new("wrong").write("out", "f32").body("out[index] = 1u;");
        let error = device.program(&source).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Validation { line: Some(_) }), "{error:?}");
        assert!(error.to_string().contains("`out[index] = 1u;`"), "{error}");
        let error = device.program(&Source::new("none").size(0)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
    }

    #[test]
    fn what_does_not_fit_the_program_is_an_error() {
        let device = Device::open(Select::noop()).unwrap();
        let program = device.program(&two_sum(false)).unwrap();
        let (x, y) = (device.zeros::<f32, _>(3).unwrap(), device.zeros::<i32, _>(3).unwrap());
        let launch = || Launch::new(&device, &program).part(x.part().0);
        let errors = [
            (launch().groups(1), "kernel `two_sum` takes 2 arrays and was given 1"),
            (
                launch().part(y.part().0).number(3_u32).groups(1),
                "argument `out` of kernel `two_sum` is an array of f32 and was given one of i32",
            ),
            (
                launch().part(x.part().0).number(3_i32).groups(1),
                "kernel `two_sum` takes the numbers (u32) and was given (i32)",
            ),
        ];
        for (error, says) in errors {
            assert_eq!(error.unwrap_err().to_string(), says);
        }
        let same = device.program(&two_sum(false)).unwrap();
        assert!(std::sync::Arc::ptr_eq(&program, &same));
    }
}
