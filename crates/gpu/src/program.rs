//! Kernels as the device has them: text in WGSL, checked and compiled once.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use naga::valid::{Capabilities, ValidationFlags, Validator};

use crate::adapter::Feature;
use crate::device::Device;
use crate::error::{Error, ErrorKind, Result};
use crate::{passthrough, precise};

/// The text of a kernel, under construction: the heads of arrays and parameters are written here, and
/// what an author adds are functions and the body of one invocation.
///
/// In the body there are the arrays by their names, `params.NAME` for each parameter, `group` (which
/// work-group this is, from 0; there are `params.groups`), `local` (which invocation of it), the
/// constant `SIZE` (how many those are), and `index`, which is `group * SIZE + local`. Work-groups
/// beyond the last do not get to the body; invocations beyond the last element do.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    name: String,
    bindings: Vec<Binding>,
    params: Vec<Param>,
    size: u32,
    is_precise: bool,
    has_subgroups: bool,
    items: String,
    body: String,
}

/// An array that a kernel sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) name: String,
    /// The type of its elements in WGSL.
    pub(crate) ty: String,
    pub(crate) is_written: bool,
}

/// A number that a kernel is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) ty: String,
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
    /// Whether the parameters travel with the dispatch, or in a buffer behind the arrays.
    pub(crate) is_immediate: bool,
}

/// What was compiled before, by its text and mode.
#[derive(Debug, Default)]
pub(crate) struct Programs(Mutex<HashMap<(String, bool), Arc<Program>>>);

impl Source {
    /// A kernel of 256 invocations a work-group, without anything.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            bindings: vec![],
            params: vec![Param { name: "groups".to_owned(), ty: "u32".to_owned() }],
            size: 256,
            is_precise: false,
            has_subgroups: false,
            items: String::new(),
            body: String::new(),
        }
    }

    fn bind(mut self, name: &str, ty: &str, is_written: bool) -> Self {
        self.bindings.push(Binding { name: name.to_owned(), ty: ty.to_owned(), is_written });
        self
    }

    /// An array that is read.
    pub(crate) fn read(self, name: &str, ty: &str) -> Self {
        self.bind(name, ty, false)
    }

    /// An array that is written, and may be read. No other array of the kernel may be in the same
    /// memory.
    pub(crate) fn write(self, name: &str, ty: &str) -> Self {
        self.bind(name, ty, true)
    }

    /// A number: `params.NAME`. They are given in the order of these calls.
    pub(crate) fn param(mut self, name: &str, ty: &str) -> Self {
        self.params.push(Param { name: name.to_owned(), ty: ty.to_owned() });
        self
    }

    /// Invocations of a work-group.
    pub(crate) fn size(self, size: u32) -> Self {
        Self { size, ..self }
    }

    /// Each operation rounded by itself, NaN and infinities as IEEE 754 has them.
    pub(crate) fn precise(self, is_precise: bool) -> Self {
        Self { is_precise, ..self }
    }

    /// Adds `lane` and `lanes`, the place in the subgroup and its size, and `subgroup`.
    pub(crate) fn subgroups(self) -> Self {
        Self { has_subgroups: true, ..self }
    }

    /// What stands outside of the body: functions, constants, `var<workgroup>`.
    pub(crate) fn items(mut self, text: &str) -> Self {
        self.items.push_str(text);
        self.items.push('\n');
        self
    }

    /// What one invocation does.
    pub(crate) fn body(mut self, text: &str) -> Self {
        self.body.push_str(text);
        self.body.push('\n');
        self
    }

    /// The whole module, if parameters travel with the dispatch or are bound behind the arrays.
    pub(crate) fn text(&self, is_immediate: bool) -> String {
        let mut text = String::from("struct Params {\n");
        let mut line = |args: std::fmt::Arguments<'_>| {
            let written = text.write_fmt(args);
            debug_assert!(written.is_ok(), "text takes everything");
        };
        for Param { name, ty } in &self.params {
            line(format_args!("    {name}: {ty},\n"));
        }
        match is_immediate {
            true => line(format_args!("}}\nvar<immediate> params: Params;\n")),
            false => line(format_args!(
                "}}\n@group(0) @binding({}) var<uniform> params: Params;\n",
                self.bindings.len()
            )),
        }
        for (at, Binding { name, ty, is_written }) in self.bindings.iter().enumerate() {
            let access = if *is_written { "read_write" } else { "read" };
            line(format_args!(
                "@group(0) @binding({at}) var<storage, {access}> {name}: array<{ty}>;\n"
            ));
        }
        let size = self.size;
        let subgroups = match self.has_subgroups {
            true => {
                ", @builtin(subgroup_invocation_id) lane: u32, @builtin(subgroup_size) lanes: u32, \
                     @builtin(subgroup_id) subgroup: u32"
            }
            false => "",
        };
        line(format_args!(
            "const SIZE: u32 = {size}u;\n{}\n@compute @workgroup_size({size})\nfn main(\
             @builtin(workgroup_id) group_at: vec3<u32>, \
             @builtin(num_workgroups) group_counts: vec3<u32>, \
             @builtin(local_invocation_index) local: u32{subgroups}) {{\n\
             let group = group_at.y * group_counts.x + group_at.x;\n\
             if (group >= params.groups) {{ return; }}\n\
             let index = group * SIZE + local;\n{}}}\n",
            self.items, self.body
        ));
        text
    }

    /// Bytes of the parameters, as they lie.
    fn params_bytes(&self) -> u32 {
        let mut end = 0_u32;
        for Param { ty, .. } in &self.params {
            let size = size_of_type(ty);
            end = end.next_multiple_of(size) + size;
        }
        end.next_multiple_of(8)
    }
}

/// Bytes of a number.
pub(crate) fn size_of_type(ty: &str) -> u32 {
    if matches!(ty, "f64" | "i64" | "u64") { 8 } else { 4 }
}

impl Device {
    /// The program of a source, compiled the first time that it is asked for.
    pub(crate) fn program(&self, source: &Source) -> Result<Arc<Program>> {
        let is_immediate = source.params_bytes() <= self.limits().max_immediate_bytes;
        let text = source.text(is_immediate);
        let key = (text, source.is_precise);
        let programs = &self.programs().0;
        let found = programs.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(program) = found {
            return Ok(program);
        }
        let program = Arc::new(self.compile(source, &key.0, is_immediate)?);
        let mut programs = programs.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(programs.entry(key).or_insert(program)))
    }

    fn compile(&self, source: &Source, text: &str, is_immediate: bool) -> Result<Program> {
        let Source { name, bindings, params, size, is_precise, .. } = source;
        let limit =
            self.limits().max_workgroup_invocations.min(self.limits().max_workgroup_size[0]);
        if *size == 0 || *size > limit {
            let message = format!(
                "kernel `{name}` has {size} invocations a work-group, and the device takes 1 to {limit}"
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        let checked = self.validate(name, text)?;
        let layout = self.layout(bindings, is_immediate);
        let pipelines = self.raw().create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: if is_immediate { source.params_bytes() } else { 0 },
        });
        let module = self.module(name, text, &checked, *is_precise)?;
        let pipeline = self.scope(|| {
            self.raw().create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(name),
                layout: Some(&pipelines),
                module: &module,
                entry_point: Some("main"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            })
        })?;
        Ok(Program {
            name: name.clone(),
            bindings: bindings.clone(),
            params: params.clone(),
            size: *size,
            layout,
            pipeline,
            is_immediate,
        })
    }

    fn module(
        &self,
        name: &str,
        text: &str,
        (module, info): &(naga::Module, naga::valid::ModuleInfo),
        is_precise: bool,
    ) -> Result<wgpu::ShaderModule> {
        // Nothing is computed there, so nothing is imprecise.
        if is_precise && !self.adapter().is_noop() {
            self.require(Feature::Precise)?;
            let words = precise::spirv(name, module, info)?;
            return self.scope(|| passthrough::module(self.raw(), name, &words));
        }
        self.scope(|| {
            self.raw().create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(name),
                source: wgpu::ShaderSource::Wgsl(text.into()),
            })
        })
    }

    fn layout(&self, bindings: &[Binding], is_immediate: bool) -> wgpu::BindGroupLayout {
        let entry = |(binding, ty): (u32, wgpu::BufferBindingType)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        };
        let arrays = bindings
            .iter()
            .map(|binding| wgpu::BufferBindingType::Storage { read_only: !binding.is_written });
        let params = (!is_immediate).then_some(wgpu::BufferBindingType::Uniform);
        let entries: Vec<_> = (0..).zip(arrays.chain(params)).map(entry).collect();
        self.raw().create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: None,
            entries: &entries,
        })
    }

    /// The module of a text, if this device can run it.
    pub(crate) fn validate(
        &self,
        name: &str,
        text: &str,
    ) -> Result<(naga::Module, naga::valid::ModuleInfo)> {
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
        capabilities
    }
}

/// The module of a text, if a device that can do so much can run it.
pub(crate) fn validate(
    name: &str,
    text: &str,
    capabilities: Capabilities,
) -> Result<(naga::Module, naga::valid::ModuleInfo)> {
    let module = naga::front::wgsl::parse_str(text).map_err(|error| {
        invalid(name, text, error.location(text), error.message(), &error.emit_to_string(text))
    })?;
    let checked = Validator::new(ValidationFlags::all(), capabilities).validate(&module);
    match checked {
        Ok(info) => Ok((module, info)),
        Err(error) => {
            let reason = innermost(error.as_inner());
            Err(invalid(name, text, error.location(text), &reason, &error.emit_to_string(text)))
        }
    }
}

/// What an error and its sources say, in one line.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}

fn invalid(
    name: &str,
    text: &str,
    location: Option<naga::SourceLocation>,
    reason: &str,
    picture: &str,
) -> Error {
    let line = location.map(|location| location.line_number);
    let place = line.and_then(|at| {
        let shown = text.lines().nth(usize::try_from(at).ok()?.checked_sub(1)?)?;
        Some(format!(", in line {at}: `{}`", shown.trim()))
    });
    let reason = reason.trim().trim_end_matches('.');
    let message =
        format!("kernel `{name}` is no valid WGSL: {reason}{}", place.unwrap_or_default());
    Error::new(ErrorKind::Validation { line }, message).with_source(picture.to_owned())
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
        assert_eq!(error.kind(), ErrorKind::TooLarge);
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
