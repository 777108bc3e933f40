//! The same by hand: wgpu alone, kernels in WGSL, everything prepared before it is timed.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::Outcome;

const SMALL: usize = 16;

/// A device with two arrays and room for a result.
pub(crate) struct Raw {
    device: wgpu::Device,
    queue: wgpu::Queue,
    x: wgpu::Buffer,
    y: wgpu::Buffer,
    out: wgpu::Buffer,
    elements: usize,
}

/// What can be run.
pub(crate) struct Kernel<'a> {
    raw: &'a Raw,
    pipeline: wgpu::ComputePipeline,
    group: wgpu::BindGroup,
    groups: (u32, u32),
}

/// Futures of wgpu are ready at once on these systems.
fn ready<T>(future: impl Future<Output = T>) -> Outcome<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Err("wgpu keeps waiting".into()),
    }
}

impl Raw {
    pub(crate) fn new(adapter: &str, x: &[f32], y: &[f32]) -> Outcome<Self> {
        let mut description = wgpu::InstanceDescriptor::new_without_display_handle();
        description.backends = wgpu::Backends::PRIMARY;
        description.flags = wgpu::InstanceFlags::empty();
        let instance = wgpu::Instance::new(description);
        let found = ready(instance.enumerate_adapters(wgpu::Backends::PRIMARY))?;
        let found = found.into_iter().find(|found| found.get_info().name == adapter);
        let found = found.ok_or("wgpu alone does not find the adapter")?;
        let opened = found.request_device(&wgpu::DeviceDescriptor {
            required_limits: found.limits(),
            ..Default::default()
        });
        let (device, queue) = ready(opened)??;
        let bytes = size_of_val(x).next_multiple_of(16) as u64;
        let buffer = |usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: bytes,
                usage: wgpu::BufferUsages::STORAGE | usage,
                mapped_at_creation: false,
            })
        };
        let to = wgpu::BufferUsages::COPY_DST;
        let (x_buffer, y_buffer) = (buffer(to), buffer(to));
        let out = buffer(wgpu::BufferUsages::COPY_SRC);
        for (buffer, values) in [(&x_buffer, x), (&y_buffer, y)] {
            for (at, part) in (0_u64..).zip(values.chunks(1 << 22)) {
                queue.write_buffer(buffer, at << 24, bytemuck::cast_slice(part));
                queue.submit([]);
            }
        }
        let elements = x.len();
        Ok(Self { device, queue, x: x_buffer, y: y_buffer, out, elements })
    }

    /// Four elements an invocation, `x` and `y` of which give the text's value.
    pub(crate) fn kernel(&self, text: &str) -> Outcome<Kernel<'_>> {
        self.compile(text, self.elements)
    }

    pub(crate) fn small_kernel(&self, text: &str) -> Outcome<Kernel<'_>> {
        self.compile(text, SMALL)
    }

    fn compile(&self, text: &str, elements: usize) -> Outcome<Kernel<'_>> {
        let quads = elements.div_ceil(4);
        let groups = u32::try_from(quads.div_ceil(256))?;
        let rows = groups.div_ceil(65_535);
        let columns = groups.div_ceil(rows);
        let source = format!(
            "@group(0) @binding(0) var<storage, read> xs: array<vec4<f32>>;\n\
             @group(0) @binding(1) var<storage, read> ys: array<vec4<f32>>;\n\
             @group(0) @binding(2) var<storage, read_write> out: array<vec4<f32>>;\n\
             @compute @workgroup_size(256) fn main(@builtin(global_invocation_id) at: vec3<u32>) {{\n\
             let i = at.y * {}u + at.x;\n\
             if (i >= {quads}u) {{ return; }}\n\
             let x = xs[i]; let y = ys[i];\n\
             out[i] = {text};\n}}",
            columns * 256
        );
        // Both are there, whether the text takes them or not.
        let source = source.replace("out[i] =", "_ = y; out[i] =");
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: None,
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &[&self.x, &self.y, &self.out]
                .map(wgpu::Buffer::as_entire_binding)
                .into_iter()
                .zip(0..)
                .map(|(resource, binding)| wgpu::BindGroupEntry { binding, resource })
                .collect::<Vec<_>>(),
        });
        Ok(Kernel { raw: self, pipeline, group, groups: (columns, rows) })
    }

    /// What the last kernel left.
    pub(crate) fn result(&self) -> Outcome<Vec<f32>> {
        let back = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: self.out.size(),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder =
            self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(&self.out, 0, &back, 0, self.out.size());
        self.queue.submit([encoder.finish()]);
        back.map_async(wgpu::MapMode::Read, .., |_| {});
        self.device.poll(wgpu::PollType::wait_indefinitely())?;
        let view = back.get_mapped_range(..)?;
        let mut values: Vec<f32> = bytemuck::pod_collect_to_vec(&view[..]);
        values.truncate(self.elements);
        Ok(values)
    }
}

impl Kernel<'_> {
    /// As many submits of one dispatch each, and then waits for all of them.
    pub(crate) fn run(&self, submits: usize) -> Outcome {
        (0..submits).for_each(|_| self.submit(1));
        self.wait()
    }

    /// So many dispatches that are handed over at once.
    pub(crate) fn run_together(&self, dispatches: usize) -> Outcome {
        self.submit(dispatches);
        self.wait()
    }

    fn submit(&self, dispatches: usize) {
        let description = wgpu::CommandEncoderDescriptor::default();
        let mut encoder = self.raw.device.create_command_encoder(&description);
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        for _ in 0..dispatches {
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &self.group, &[]);
            pass.dispatch_workgroups(self.groups.0, self.groups.1, 1);
        }
        drop(pass);
        self.raw.queue.submit([encoder.finish()]);
    }

    fn wait(&self) -> Outcome {
        self.raw.device.poll(wgpu::PollType::wait_indefinitely())?;
        Ok(())
    }
}
