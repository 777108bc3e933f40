use ndarray::{Array1, Array2};
use tenfold_kernel::__private::Value;
use tenfold_kernel::{Border, Nbr2, kernel};

use super::text::folds;
use super::window::fold;
use crate::{Device, OnDevice as _, Select, Settings, testing};

#[kernel(stencil, border = wrap)]
fn cross(u: Nbr2<f32>) -> f32 {
    u[[-1, 0]] + 2.0 * u[[0, -1]] - u[[1, 1]]
}

#[kernel(stencil)]
fn above(u: Nbr2<f32>) -> f32 {
    u[[0, -1]] - u[[0, 1]]
}

/// Along an axis of length 1 there is nothing to step to, and a view may have any stride there.
#[test]
fn axes_of_length_1_have_any_stride() {
    let Some(device) = testing::device("axes_of_length_1_have_any_stride") else { return };
    let far = isize::MAX - 1;
    for (shape, axis) in [((1, 7), 0), ((7, 1), 1), ((1, 1), 0)] {
        let host = Array2::from_shape_fn(shape, |(i, j)| (3 * i + 2 * j + 1) as f32);
        let x = device.upload(&host).unwrap();
        for stride in [far, -far] {
            let mut layout = x.layout().clone();
            layout.strides[axis] = stride;
            let view = x.with_layout(layout);
            let crossed = cross::on(&device).map(&view).unwrap();
            assert_eq!(crossed.to_array().unwrap(), cross::map(&host).unwrap());
            let within = above::on(&device).map(&view).unwrap();
            assert_eq!(within.to_array().unwrap(), above::map(&host).unwrap());
        }
    }
    // Bands of a single row of a larger array.
    let settings = Settings::new().max_binding_bytes(512);
    let device = Device::open_with(Select::env().allow_software(true), &settings).unwrap();
    let host = Array2::from_shape_fn((5, 64), |(i, j)| (i * 64 + j * j % 17) as f32);
    let within = above::on(&device).map(&device.upload(&host).unwrap()).unwrap();
    assert_eq!(within.to_array().unwrap(), above::map(&host).unwrap());
}

/// What a device says, for places around axes of any length that a stencil takes.
#[test]
fn places_outside_are_found_where_the_processor_finds_them() {
    let name = "places_outside_are_found_where_the_processor_finds_them";
    let Some(device) = testing::device(name) else { return };
    let lens = [1, 2, 5, (1 << 30) + 1, (1 << 30) + 2, i32::MAX - 3];
    let places = lens.map(|len| [-7, -1, 0, len / 2, len - 1, len, len + 3]).concat();
    let of_places = lens.map(|len| [len; 7]).concat();
    let on_places = device.upload(&Array1::from(places.clone())).unwrap();
    let on_lens = device.upload(&Array1::from(of_places.clone())).unwrap();
    for border in [Border::<Value>::Wrap, Border::Nearest, Border::Reflect] {
        let text = format!(
            "{}@group(0) @binding(0) var<storage> at: array<i32>;\n\
             @group(0) @binding(1) var<storage> len: array<i32>;\n\
             @group(0) @binding(2) var<storage, read_write> found: array<i32>;\n\
             @compute @workgroup_size(1) fn f(@builtin(workgroup_id) i: vec3<u32>) {{\n\
             found[i.x] = tenfold_fold(at[i.x], len[i.x]);\n}}",
            folds(border)
        );
        let kernel = device.raw_kernel(&text, "f").unwrap();
        let mut found = device.zeros::<i32, _>(places.len()).unwrap();
        let groups = u32::try_from(places.len()).unwrap();
        kernel.run([groups, 1, 1], (&on_places, &on_lens, &mut found)).unwrap();
        for ((found, &at), &len) in found.to_array().unwrap().iter().zip(&places).zip(&of_places) {
            let expected = fold(&border, at as isize, usize::try_from(len).unwrap());
            assert_eq!(usize::try_from(*found), Ok(expected), "{border:?} {at} {len}");
        }
    }
}
