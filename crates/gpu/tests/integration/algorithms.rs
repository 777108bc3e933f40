//! Reductions, scans, sorts, products and what else is more than a kernel.

use tenfold_gpu::ndarray::{Array1, Array2, Axis, array};
use tenfold_gpu::{ErrorKind, Philox};

use crate::device::device;

fn numbers(len: usize) -> Array1<i32> {
    Philox::new(9).uniform(-50..50).unwrap().array(len).unwrap()
}

#[test]
fn algorithms_are_recorded() {
    let Some(device) = device("algorithms_are_recorded") else { return };
    let host = numbers(5000);
    let x = device.upload(&host).unwrap();
    let matrix = x.reshape((50, 100)).unwrap();
    let graph = device
        .record(|_| {
            let product = matrix.matmul(&matrix.t())?;
            Ok((x.cumsum(Axis(0))?, x.sort(Axis(0))?, matrix.sum_axis(Axis(0))?, product))
        })
        .unwrap();
    // What is made meanwhile must not lie where the graph writes.
    let other = x.sort_descending(Axis(0)).unwrap();
    graph.run(2).unwrap();
    let (sums, sorted, columns, product) = graph.output();
    let mut up = host.to_vec();
    up.sort_unstable();
    assert_eq!(sorted.to_array().unwrap().to_vec(), up);
    up.reverse();
    assert_eq!(other.to_array().unwrap().to_vec(), up);
    let mut sum = 0;
    let running = host.map(|x| {
        sum += x;
        sum
    });
    assert_eq!(sums.to_array().unwrap(), running);
    let host = host.into_shape_with_order((50, 100)).unwrap();
    assert_eq!(columns.to_array().unwrap(), host.sum_axis(Axis(0)));
    assert_eq!(product.to_array().unwrap(), host.dot(&host.t()));
    // What waits for the device cannot be recorded.
    let places = device.upload(&array![0_u32]).unwrap();
    for error in [
        device.record(|_| x.sum()).unwrap_err(),
        device.record(|_| x.take(Axis(0), &places)).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Argument);
    }
    assert_eq!(x.sum().unwrap(), sum);
}

#[test]
fn views_longer_than_memory_are_errors() {
    let Some(device) = device("views_longer_than_memory_are_errors") else { return };
    let one = device.upload(&array![1.0_f32]).unwrap();
    let long = one.broadcast(1_usize << 50).unwrap();
    let kinds = [
        long.sum().unwrap_err().kind(),
        long.sum_axis(Axis(0)).unwrap_err().kind(),
        long.argmin().unwrap_err().kind(),
        long.cumsum(Axis(0)).unwrap_err().kind(),
        long.sort(Axis(0)).unwrap_err().kind(),
        long.argsort(Axis(0)).unwrap_err().kind(),
        device.random::<f32, _>(Philox::new(1), 1_usize << 50).unwrap_err().kind(),
    ];
    assert_eq!(kinds, [ErrorKind::TooLarge; 7]);
    let wide = one.broadcast((2, 1_usize << 40)).unwrap();
    assert_eq!(wide.matmul(&wide.t()).unwrap_err().kind(), ErrorKind::TooLarge);
    let tall = one.broadcast((1_usize << 40, 1)).unwrap();
    assert_eq!(tall.matmul(&tall.t()).unwrap_err().kind(), ErrorKind::TooLarge);
    let places = device.upload(&array![7_u32]).unwrap();
    assert_eq!(tall.take(Axis(0), &places).unwrap_err().kind(), ErrorKind::TooLarge);
}

#[test]
fn random_numbers_are_drawn_and_reduced_where_they_are() {
    let Some(device) = device("random_numbers_are_drawn_and_reduced") else { return };
    let x = device.standard_normal::<f32, _>(Philox::new(3), (100, 1000)).unwrap();
    let host: Array2<f32> = x.to_array().unwrap();
    assert!((x.mean().unwrap() - host.mean().unwrap()).abs() < 1e-5);
    assert!(x.mean().unwrap().abs() < 0.02);
    let most = host.fold_axis(Axis(1), f32::NEG_INFINITY, |&a, &b| a.max(b));
    assert_eq!(x.max_axis(Axis(1)).unwrap().to_array().unwrap(), most);
    assert_eq!(x.t().max_axis(Axis(0)).unwrap().to_array().unwrap(), most);
}
