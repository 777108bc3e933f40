//! Kernels in WGSL.

use tenfold_gpu::ndarray::{Array, Array1, array, s};
use tenfold_gpu::{Device, ErrorKind, Feature, Select, Settings};

use crate::device::{device, select};

const SAXPY: &str = "
    struct Numbers { a: f32, from: u32 }
    @group(0) @binding(0) var<storage, read> x: array<f32>;
    @group(0) @binding(1) var<uniform> numbers: Numbers;
    @group(0) @binding(2) var<storage, read_write> y: array<f32>;

    @compute @workgroup_size(64)
    fn saxpy(@builtin(global_invocation_id) id: vec3<u32>) {
        let i = numbers.from_ + id.x;
        if i < arrayLength(&y) { y[i] += numbers.a * x[i]; }
    }

    @compute @workgroup_size(1)
    fn lost() {
        let s = x[0] + x[1];
        let t = s - x[0];
        y[0] = (x[0] - (s - t)) + (x[1] - t) + numbers.a;
    }
";

fn saxpy_text() -> String {
    SAXPY.replace("from:", "from_:")
}

#[test]
fn arrays_and_numbers_are_given_in_their_order() {
    let Some(device) = device("arrays_and_numbers_are_given_in_their_order") else { return };
    let saxpy = device.raw_kernel(&saxpy_text(), "saxpy").unwrap();
    let host = Array::from_shape_fn((30, 40), |(i, j)| (i * 3 + j) as f32);
    let x = device.upload(&host).unwrap();
    let mut y = device.zeros::<f32, _>((40, 30)).unwrap();
    let before = y.clone();
    saxpy.run([19, 1, 1], (2.0_f32, &x.t(), 7_u32, &mut y)).unwrap();
    saxpy.run([19, 1, 1], (&x.t(), 1.0_f32, &mut y, 0_u32)).unwrap();
    let mut expected = &host.t() * 3.0;
    expected.as_slice_memory_order_mut().unwrap();
    let flat: Vec<f32> =
        host.t().iter().enumerate().map(|(i, x)| if i < 7 { *x } else { 3.0 * x }).collect();
    assert_eq!(y.to_array().unwrap().into_raw_vec_and_offset().0, flat);
    // What shared the memory has kept what it was.
    assert_eq!(before.to_array().unwrap(), Array::<f32, _>::zeros((40, 30)));
    // A part that begins where no binding may.
    let part = device.upload(&host).unwrap().slice(s![1, 1..3]).unwrap();
    let mut two = device.zeros::<f32, _>(2).unwrap();
    saxpy.run([1, 1, 1], (&part, 1.0_f32, 0_u32, &mut two)).unwrap();
    assert_eq!(two.to_array().unwrap(), array![4.0, 5.0]);
    saxpy.run([0, 1, 1], (&part, 1.0_f32, 0_u32, &mut two)).unwrap();
    assert_eq!(two.to_array().unwrap(), array![4.0, 5.0]);
}

#[test]
fn precise_kernels_keep_what_is_lost() {
    let Some(device) = device("precise_kernels_keep_what_is_lost") else { return };
    if !device.has(Feature::Precise) {
        return;
    }
    let lost = device.raw_kernel_precise(&saxpy_text(), "lost").unwrap();
    let x = device.upload(&array![1.0_f32, 1e-10]).unwrap();
    let mut y = device.zeros::<f32, _>(1).unwrap();
    lost.run([1, 1, 1], (&x, &mut y, 0.0_f32, 0_u32)).unwrap();
    assert_eq!(y.to_array().unwrap(), array![1e-10]);
}

#[test]
fn what_is_not_as_the_source_has_it_is_an_error() {
    let device = Device::open(Select::noop()).unwrap();
    let saxpy = device.raw_kernel(&saxpy_text(), "saxpy").unwrap();
    let (x, mut y) = (device.zeros::<f32, _>(3).unwrap(), device.zeros::<f32, _>(3).unwrap());
    let mut n = device.zeros::<i32, _>(3).unwrap();
    let empty = device.zeros::<f32, _>(0).unwrap();
    let other = Device::open(Select::noop()).unwrap().zeros::<f32, _>(3).unwrap();
    let mut errors = vec![];
    let mut note = |result: tenfold_gpu::Result<()>| errors.push(result.unwrap_err().to_string());
    note(saxpy.run([1, 1, 1], (&x, 1.0_f32, 0_u32)));
    note(saxpy.run([1, 1, 1], (&x, &mut y, 1.0_f32)));
    note(saxpy.run([1, 1, 1], (&x, &mut y, 0_u32, 1.0_f32)));
    note(saxpy.run([1, 1, 1], (&x, &mut n, 1.0_f32, 0_u32)));
    note(saxpy.run([1, 1, 1], (&x, &y, 1.0_f32, 0_u32)));
    note(saxpy.run([1, 1, 1], (&empty, &mut y, 1.0_f32, 0_u32)));
    note(saxpy.run([1, 1, 1], (&other, &mut y, 1.0_f32, 0_u32)));
    note(saxpy.run([1, 1, 1], (&x, &mut y, &x, 1.0_f32, 0_u32)));
    assert_eq!(
        errors[..6],
        [
            "kernel `saxpy` takes 2 arrays and was given 1",
            "kernel `saxpy` takes the numbers (f32, u32) and was given (f32)",
            "kernel `saxpy` takes the numbers (f32, u32) and was given (u32, f32)",
            "argument `y` of kernel `saxpy` is an array of f32 and was given one of i32",
            "argument `y` of kernel `saxpy` is taken by `&mut`, as it is written",
            "argument `x` of kernel `saxpy` has no elements",
        ]
    );
    assert!(errors[6].starts_with("argument `x` is on another device"), "{}", errors[6]);
    assert_eq!(errors[7], "kernel `saxpy` takes 2 arrays and was given 3");
}

#[test]
fn wrong_texts_are_errors_with_their_lines() {
    let device = Device::open(Select::noop()).unwrap();
    let error = |text: &str, entry: &str| {
        let error = device.raw_kernel(text, entry).unwrap_err();
        (error.kind(), error.to_string())
    };
    let (kind, message) = error("@compute @workgroup_size(1)\nfn f() { let x = 1.0 + true; }", "f");
    assert_eq!(kind, ErrorKind::Validation { line: Some(2) });
    assert!(message.contains("in line 2: `fn f() { let x = 1.0 + true; }`"), "{message}");
    let (_, message) = error(&saxpy_text(), "sapxy");
    assert!(message.contains("is no entry point of its module, which has [\"saxpy\", \"lost\"]"));
    let main = "@compute @workgroup_size(1) fn f() {}";
    for (text, says) in [
        ("@group(1) @binding(0) var<storage> x: array<f32>;", "has a binding of group 1"),
        ("@group(0) @binding(1) var<storage> x: array<f32>;", "has binding 1 where 0 should be"),
        ("@group(0) @binding(0) var<storage> x: array<vec3<f32>>;", "which is no array of numbers"),
        ("@group(0) @binding(0) var<uniform> x: vec4<f32>;", "which is no number"),
        (
            "@group(0) @binding(0) var<uniform> x: f32; var<immediate> y: f32;",
            "in `x` and in another variable",
        ),
        ("@group(0) @binding(0) var x: texture_2d<f32>;", "no array and no number"),
    ] {
        let (kind, message) = error(&format!("{text}\n{main}"), "f");
        assert_eq!(kind, ErrorKind::Validation { line: None }, "{message}");
        let reversed = says.contains("another variable");
        assert!(
            message.contains(says) || reversed && message.contains("another variable"),
            "{message}"
        );
    }
}

#[test]
fn large_work_groups_are_errors_in_both_modes() {
    let Some(device) = device("large_work_groups_are_errors_in_both_modes") else { return };
    let invocations = device.limits().max_workgroup_invocations + 1;
    let wide = format!("@compute @workgroup_size({invocations}) fn f() {{}}");
    let bytes = device.limits().max_workgroup_bytes;
    let shares = format!(
        "var<workgroup> all: array<u32, {}>;\n@compute @workgroup_size(1) fn f() {{ all[0] = 1u; }}",
        bytes / 4 + 1
    );
    for text in [wide, shares] {
        assert_eq!(device.raw_kernel(&text, "f").unwrap_err().kind(), ErrorKind::TooLarge);
        assert_eq!(device.raw_kernel_precise(&text, "f").unwrap_err().kind(), ErrorKind::TooLarge);
    }
    let f = device.raw_kernel("@compute @workgroup_size(1) fn f() {}", "f").unwrap();
    let most = device.limits().max_workgroups;
    let error = f.run([1, most + 1, 1], (1.0_f32,)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
}

#[test]
fn the_device_counts_and_times() {
    if device("the_device_counts_and_times").is_none() {
        return;
    }
    let device = Device::open(select()).unwrap();
    let saxpy = device.raw_kernel(&saxpy_text(), "saxpy").unwrap();
    let x = device.upload(&array![1.0_f32, 2.0]).unwrap();
    let mut y = device.zeros::<f32, _>(2).unwrap();
    let run = |y: &mut _| saxpy.run([1, 1, 1], (&x, 1.0_f32, 0_u32, y));
    if device.has(Feature::Timestamps) {
        let ((), elapsed) = device.time(|| run(&mut y)).unwrap();
        assert!(elapsed.as_secs() < 60);
    } else {
        run(&mut y).unwrap();
    }
    y.to_array().unwrap();
    let stats = device.stats();
    assert_eq!((stats.programs, stats.dispatches, stats.copies), (1, 1, 1));
    assert_eq!((stats.uploaded_bytes, stats.read_bytes), (8, 8));
    assert!(stats.submissions >= 1);
}

#[test]
fn compiled_kernels_are_kept_in_a_folder() {
    if device("compiled_kernels_are_kept_in_a_folder").is_none() {
        return;
    }
    let folder = std::env::temp_dir().join(format!("tenfold-gpu-{}", std::process::id()));
    let settings = Settings::new().cache_folder(&folder);
    let device = Device::open_with(select(), &settings).unwrap();
    device.raw_kernel(&saxpy_text(), "saxpy").unwrap();
    device.save_cache().unwrap();
    let kept = device.has(Feature::PipelineCache);
    drop(device);
    let files = || std::fs::read_dir(&folder).map_or(vec![], |all| all.flatten().collect());
    assert_eq!(files().len(), usize::from(kept));
    for file in files() {
        // Damaged, it is as if there was none.
        std::fs::write(file.path(), b"tenfold1 what is this").unwrap();
    }
    let device = Device::open_with(select(), &settings).unwrap();
    device.raw_kernel(&saxpy_text(), "saxpy").unwrap();
    drop(device);
    std::fs::remove_dir_all(&folder).ok();
}

#[test]
fn vectors_are_taken_of_numbers() {
    let Some(device) = device("vectors_are_taken_of_numbers") else { return };
    let text = "
        @group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
        @group(0) @binding(1) var<storage, read_write> y: array<vec2<f32>>;
        @compute @workgroup_size(64) fn halves(@builtin(global_invocation_id) id: vec3<u32>) {
            if id.x < arrayLength(&x) { y[id.x] = x[id.x].xy + x[id.x].zw; }
        }";
    let halves = device.raw_kernel(text, "halves").unwrap();
    let x = device.upload(&Array1::from_iter((0..400).map(|i| i as f32))).unwrap();
    let mut y = device.zeros::<f32, _>(200).unwrap();
    halves.run([2, 1, 1], (&x, &mut y)).unwrap();
    let expected = (0..100).flat_map(|i| [8 * i + 2, 8 * i + 4]).map(|v| v as f32);
    assert_eq!(y.to_array().unwrap(), Array1::from_iter(expected));
    let short = x.slice(s![..399]).unwrap();
    let error = halves.run([2, 1, 1], (&short, &mut y)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    let says = "argument `x` of kernel `halves` is taken 4 elements at a time and has 399";
    assert_eq!(error.to_string(), says);
}

#[test]
fn a_module_has_several_kernels_with_arrays_of_their_own() {
    let Some(device) = device("a_module_has_several_kernels_with_arrays_of_their_own") else {
        return;
    };
    let text = "
        @group(0) @binding(0) var<storage, read> x: array<f32>;
        @group(0) @binding(1) var<storage, read_write> y: array<f32>;
        @group(0) @binding(0) var<storage, read_write> counts: array<u32>;
        @compute @workgroup_size(64) fn twice(@builtin(global_invocation_id) id: vec3<u32>) {
            if id.x < arrayLength(&y) { y[id.x] = 2.0 * x[id.x]; }
        }
        @compute @workgroup_size(64) fn count(@builtin(global_invocation_id) id: vec3<u32>) {
            if id.x < arrayLength(&counts) { counts[id.x] += 1u; }
        }";
    for is_precise in [false, true] {
        let kernel = |entry| match is_precise {
            true => device.raw_kernel_precise(text, entry).unwrap(),
            false => device.raw_kernel(text, entry).unwrap(),
        };
        let x = device.upload(&array![1.0_f32, 2.5]).unwrap();
        let mut y = device.zeros::<f32, _>(2).unwrap();
        kernel("twice").run([1, 1, 1], (&x, &mut y)).unwrap();
        assert_eq!(y.to_array().unwrap(), array![2.0, 5.0]);
        let mut counts = device.upload(&array![7_u32, 8, 9]).unwrap();
        kernel("count").run([1, 1, 1], (&mut counts,)).unwrap();
        assert_eq!(counts.to_array().unwrap(), array![8, 9, 10]);
    }
}

#[test]
fn too_many_immediate_numbers_are_an_error() {
    let device = Device::open(Select::noop()).unwrap();
    for lanes in [64, 100] {
        let members: String = (0..lanes).map(|i| format!("m{i}: f32, ")).collect();
        let text = format!(
            "struct Numbers {{ {members} }} var<immediate> numbers: Numbers;
             @group(0) @binding(0) var<storage, read_write> x: array<f32>;
             @compute @workgroup_size(1) fn f() {{ x[0] = numbers.m0; }}"
        );
        let error = device.raw_kernel(&text, "f").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
        let says = format!("kernel `f` has {} bytes of immediate numbers", 4 * lanes);
        assert!(error.to_string().starts_with(&says), "{error}");
    }
}

#[test]
fn floats_are_added_atomically_where_the_device_can() {
    let Some(device) = device("floats_are_added_atomically_where_the_device_can") else { return };
    let text = "
        @group(0) @binding(0) var<storage, read_write> sum: array<atomic<f32>>;
        @compute @workgroup_size(64) fn count() { atomicAdd(&sum[0], 1.0); }";
    let Ok(count) = device.raw_kernel(text, "count") else { return };
    let mut sum = device.zeros::<f32, _>(1).unwrap();
    count.run([3, 1, 1], (&mut sum,)).unwrap();
    assert_eq!(sum.to_array().unwrap(), array![192.0]);
}
