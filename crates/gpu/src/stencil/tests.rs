use ndarray::Array1;
use tenfold_kernel::__private::Value;
use tenfold_kernel::Border;

use super::fold;
use super::text::folds;
use crate::testing;

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
