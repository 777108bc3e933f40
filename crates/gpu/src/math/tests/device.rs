//! A device without the rest of the crate: one function over arrays, by both routes.

use std::io::Write;
use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use naga::valid::{Capabilities, ValidationFlags, Validator};

use crate::Select;
use crate::math::texts;

/// Elements of a work-group.
const GROUP: usize = 64;

/// What becomes of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// wgpu's own.
    Fast,
    /// Every operation rounded by itself.
    Precise,
}

/// An open device.
#[derive(Debug)]
pub(super) struct Device {
    device: wgpu::Device,
    queue: wgpu::Queue,
}

/// Futures of wgpu are ready at once, but on the web.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("wgpu waits"),
    }
}

/// A device that has f64, the same for all tests; without one, the test is counted as skipped.
pub(super) fn open(test: &str) -> Option<&'static Device> {
    static DEVICE: OnceLock<Result<Device, String>> = OnceLock::new();
    let reason = match DEVICE.get_or_init(try_open) {
        Ok(device) => return Some(device),
        Err(reason) => reason.replace('\n', " "),
    };
    assert!(std::env::var_os("TENFOLD_REQUIRE_GPU").is_none(), "{reason}");
    // Not `println`, which the test runner captures.
    writeln!(std::io::stdout(), "skipped: {test}: {reason}").unwrap();
    None
}

fn try_open() -> Result<Device, String> {
    // Of the crate's own instance: a driver that is let go while another thread compiles may hang.
    let adapter = Select::env().allow_software(true).adapter();
    let adapter = adapter.map_err(|error| error.to_string())?;
    let adapter = adapter.raw();
    let features = wgpu::Features::SHADER_F64
        | wgpu::Features::SHADER_INT64
        | wgpu::Features::PASSTHROUGH_SHADERS;
    let opened = ready(adapter.request_device(&wgpu::DeviceDescriptor {
        required_features: features,
        required_limits: adapter.limits(),
        ..Default::default()
    }));
    let (device, queue) = opened.map_err(|error| error.to_string())?;
    Ok(Device { device, queue })
}

/// A module that has been read and found valid.
pub(super) fn validate(text: &str) -> (naga::Module, naga::valid::ModuleInfo) {
    let module = naga::front::wgsl::parse_str(text);
    let module = module.unwrap_or_else(|error| panic!("{}", error.emit_to_string(text)));
    let capabilities = Capabilities::FLOAT64 | Capabilities::SHADER_INT64;
    let info = Validator::new(ValidationFlags::all(), capabilities).validate(&module);
    let info = info.unwrap_or_else(|error| panic!("{}", error.emit_to_string(text)));
    (module, info)
}

/// What a function is called with, and gives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signature {
    pub(super) function: &'static str,
    pub(super) ty: &'static str,
    /// The type of a second argument.
    pub(super) second: Option<&'static str>,
    pub(super) result: &'static str,
}

impl Signature {
    /// A program that calls it for each element.
    fn program(&self) -> String {
        let Self { function, ty, second, result } = self;
        let texts = texts([(*function, *ty)]).unwrap();
        let (column, argument) = match second {
            Some(second) => (
                format!("@group(0) @binding(2) var<storage, read> y: array<{second}>;\n"),
                ", y[i]",
            ),
            None => (String::new(), ""),
        };
        format!(
            "@group(0) @binding(0) var<storage, read_write> out: array<{result}>;\n\
             @group(0) @binding(1) var<storage, read> x: array<{ty}>;\n{column}\
             @compute @workgroup_size({GROUP})\n\
             fn main(@builtin(global_invocation_id) id: vec3<u32>) {{\n\
                 let i = id.x;\n\
                 if i < arrayLength(&out) {{\n\
                     out[i] = tenfold_{function}_{ty}(x[i]{argument});\n\
                 }}\n\
             }}\n{texts}"
        )
    }
}

impl Device {
    fn module(&self, text: &str, route: Route) -> wgpu::ShaderModule {
        let (module, info) = validate(text);
        match route {
            Route::Fast => self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: None,
                source: wgpu::ShaderSource::Wgsl(text.into()),
            }),
            Route::Precise => {
                let controls = crate::float_controls::FloatControls::default();
                let (is_by_f64, is_zeroed) = (false, true);
                let precision =
                    crate::precise::Precision { controls: &controls, is_by_f64, is_zeroed };
                let words = crate::precise::spirv("test", &module, &info, precision).unwrap();
                crate::passthrough::module(&self.device, "test", "main", &words)
            }
        }
    }

    fn buffer(&self, bytes: usize, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: bytes as u64,
            usage: usage | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }

    fn pipeline(&self, module: &wgpu::ShaderModule, columns: u32) -> wgpu::ComputePipeline {
        let entries: Vec<_> = (0..columns)
            .map(|binding| wgpu::BindGroupLayoutEntry {
                binding,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Storage { read_only: binding > 0 },
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            })
            .collect();
        let group = self.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: None,
            entries: &entries,
        });
        let layout = self.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            bind_group_layouts: &[Some(&group)],
            ..Default::default()
        });
        self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: Some(&layout),
            module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        })
    }

    /// The function of each element, as bytes: of numbers of `size` bytes.
    pub(super) fn run(
        &self,
        signature: &Signature,
        route: Route,
        columns: &[&[u8]],
        (count, size): (usize, usize),
    ) -> Vec<u8> {
        let module = self.module(&signature.program(), route);
        let out = self.buffer(count * size, wgpu::BufferUsages::STORAGE);
        let mut buffers = vec![out.clone()];
        for bytes in columns {
            let buffer = self.buffer(bytes.len(), wgpu::BufferUsages::STORAGE);
            self.queue.write_buffer(&buffer, 0, bytes);
            buffers.push(buffer);
        }
        let pipeline = self.pipeline(&module, buffers.len() as u32);
        let entries: Vec<_> = (0..)
            .zip(&buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        let group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        let mut encoder = self.device.create_command_encoder(&Default::default());
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            pass.set_pipeline(&pipeline);
            pass.set_bind_group(0, &group, &[]);
            pass.dispatch_workgroups(count.div_ceil(GROUP) as u32, 1, 1);
        }
        self.read(encoder, &out)
    }

    fn read(&self, mut encoder: wgpu::CommandEncoder, from: &wgpu::Buffer) -> Vec<u8> {
        let copy = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: from.size(),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        encoder.copy_buffer_to_buffer(from, 0, &copy, 0, from.size());
        self.queue.submit([encoder.finish()]);
        copy.map_async(wgpu::MapMode::Read, .., |mapped| mapped.unwrap());
        self.device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
        let bytes = copy.get_mapped_range(..).unwrap().to_vec();
        copy.unmap();
        bytes
    }
}
