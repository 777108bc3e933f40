//! Arrays that go to the device and come back.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use tenfold_gpu::ndarray::{Array, Array1, Array3, Axis, IxDyn, array, s};
use tenfold_gpu::{Device, Element, ErrorKind, Feature, Settings};

use crate::device::{device, narrow, select};

fn numbers(shape: (usize, usize, usize)) -> Array3<f32> {
    let mut next = 0.0;
    Array::from_shape_simple_fn(shape, || {
        next += 1.0;
        next
    })
}

fn round_trip<T: Element>(device: &Device, values: &[T]) {
    let array = Array1::from(values.to_vec());
    assert_eq!(device.upload(&array).unwrap().to_array().unwrap(), array);
}

#[test]
fn each_type_comes_back_as_it_went() {
    let Some(device) = device("each_type_comes_back_as_it_went") else { return };
    round_trip(&device, &[1.5_f32, f32::INFINITY, -0.0, f32::MIN_POSITIVE / 8.0]);
    round_trip(&device, &[i32::MIN, -1, 0, i32::MAX]);
    round_trip(&device, &[u32::MAX, 0]);
    round_trip::<f32>(&device, &[]);
    if device.has(Feature::F64) {
        round_trip(&device, &[1.5_f64, f64::NEG_INFINITY, f64::MIN_POSITIVE / 8.0]);
    }
    if device.has(Feature::I64) {
        round_trip(&device, &[i64::MIN, 1 << 40]);
        round_trip(&device, &[u64::MAX, 7]);
    }
}

#[test]
fn views_are_those_of_ndarray() {
    for device in [device("views_are_those_of_ndarray"), narrow("views_are_those_of_ndarray")] {
        let Some(device) = device else { return };
        let host = numbers((7, 11, 13));
        let array = device.upload(&host).unwrap();
        assert_eq!(array.to_array().unwrap(), host);
        assert_eq!(array.t().to_array().unwrap(), host.t());
        let view = array.slice(s![1..;2, -3, ..;-1]).unwrap();
        assert_eq!(view.to_array().unwrap(), host.slice(s![1..;2, -3, ..;-1]));
        let view = view.slice(s![..-1, 2..9;3]).unwrap();
        let of_host = host.slice(s![1..;2, -3, ..;-1]);
        assert_eq!(view.to_array().unwrap(), of_host.slice(s![..-1, 2..9;3]));
        let axes = array.permuted_axes((1, 2, 0)).unwrap();
        assert_eq!(axes.to_array().unwrap(), host.view().permuted_axes([1, 2, 0]));
        let plane = array.index_axis(Axis(1), 4).unwrap();
        assert_eq!(plane.to_array().unwrap(), host.index_axis(Axis(1), 4));
        let wide = plane.broadcast((3, 7, 13)).unwrap();
        let of_host = host.index_axis(Axis(1), 4);
        assert_eq!(wide.to_array().unwrap(), of_host.broadcast((3, 7, 13)).unwrap());
        let flat = array.t().reshape((13, 77)).unwrap();
        let of_host = host.t().to_owned().as_standard_layout().into_owned();
        assert_eq!(flat.to_array().unwrap(), of_host.into_shape_with_order((13, 77)).unwrap());
        let longer = plane.insert_axis(Axis(2)).unwrap();
        assert_eq!(longer.shape(), [7, 13, 1]);
        let empty = array.slice(s![.., 4..4, ..]).unwrap();
        assert_eq!(empty.to_array().unwrap().shape(), [7, 0, 13]);
        let dynamic = array.to_dyn();
        assert_eq!(dynamic.to_array().unwrap(), host.clone().into_dyn());
        assert_eq!(dynamic.to_dimensionality::<IxDyn>().unwrap().ndim(), 3);
    }
}

#[test]
fn any_layout_is_uploaded() {
    let Some(device) = device("any_layout_is_uploaded") else { return };
    let host = numbers((4, 5, 6));
    let view = host.slice(s![..;-1, 1..4, ..;2]);
    assert_eq!(device.upload(&view).unwrap().to_array().unwrap(), view);
    assert_eq!(device.upload(&host.t()).unwrap().to_array().unwrap(), host.t());
    assert_eq!(
        device.zeros::<i32, _>((2, 3)).unwrap().to_array().unwrap(),
        Array::<i32, _>::zeros((2, 3))
    );
}

#[test]
fn wrong_arguments_are_errors_and_the_device_goes_on() {
    let Some(device) = device("wrong_arguments_are_errors_and_the_device_goes_on") else { return };
    let array = device.upload(&array![[1, 2, 3], [4, 5, 6]]).unwrap();
    let errors = [
        (array.slice(s![.., 3]).unwrap_err(), "index 3 is outside of axis 1, which has length 3"),
        (
            array.slice(s![-3.., ..]).unwrap_err(),
            "index -3 is outside of axis 0, which has length 2",
        ),
        (array.index_axis(Axis(2), 0).unwrap_err(), "axis 2 was named of an array of 2 axes"),
        (array.permuted_axes((1, 1)).unwrap_err(), "axes [1, 1] do not name each of 2 once"),
        (array.reshape((4, 2)).unwrap_err(), "an array of shape [2, 3] cannot have shape [4, 2]"),
        (
            array.broadcast((3, 2)).unwrap_err(),
            "an array of shape [2, 3] cannot be broadcast to shape [3, 2]",
        ),
    ];
    for (error, says) in errors {
        assert_eq!(error.to_string(), says);
    }
    let error = array.slice(s![0, 0]).unwrap().broadcast((usize::MAX, 2)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let error = device.zeros::<i32, _>((0, usize::MAX, usize::MAX)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let empty = device.zeros::<i32, _>((0, 1 << 40)).unwrap();
    assert_eq!(empty.t().len(), 0);
    assert_eq!(array.t().to_array().unwrap(), array![[1, 4], [2, 5], [3, 6]]);
}

#[test]
fn a_budget_is_kept() {
    if device("a_budget_is_kept").is_none() {
        return;
    }
    let settings = Settings::new().memory_bytes(1 << 20);
    let device = Device::open_with(select(), &settings).unwrap();
    let half = device.zeros::<u32, _>(1 << 17).unwrap();
    let error = device.zeros::<u32, _>((1 << 17) + 1).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::OutOfMemory { in_use_bytes: 524_288, .. }),
        "{error}"
    );
    drop(half);
    let whole = device.zeros::<u32, _>(1 << 18).unwrap();
    assert_eq!(device.memory().in_use_bytes, 1 << 20);
    assert_eq!(device.memory().kept_bytes, 0);
    drop(whole);
    assert_eq!(device.trim(), 1 << 20);
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[test]
fn what_is_read_can_be_awaited_waited_for_or_given_up() {
    let Some(device) = device("what_is_read_can_be_awaited_waited_for_or_given_up") else { return };
    let host = numbers((10, 10, 10));
    let array = device.upload(&host).unwrap();
    drop(array.read().unwrap());
    let mut back = array.read().unwrap();
    assert_eq!(back.wait(Duration::from_secs(60)).unwrap(), host);
    assert_eq!(back.wait(Duration::ZERO).unwrap_err().kind(), ErrorKind::Argument);
    let mut future = pin!(array.read().unwrap());
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let read = loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(read) => break read.unwrap(),
            Poll::Pending => thread::park(),
        }
    };
    assert_eq!(read, host);
}

/// Works with the device wherever it is woken.
struct Works {
    device: Device,
    by: mpsc::Sender<Option<String>>,
}

impl Wake for Works {
    fn wake(self: Arc<Self>) {
        drop(self.device.zeros::<f32, _>(4).unwrap());
        self.device.wait(Duration::from_secs(60)).unwrap();
        self.by.send(thread::current().name().map(str::to_owned)).unwrap();
    }
}

/// A thread that hands work over is told of what was done before, and holds locks meanwhile.
#[test]
fn who_is_woken_may_work_with_the_device() {
    let Some(device) = device("who_is_woken_may_work_with_the_device") else { return };
    let mut array = device.upload(&Array1::from_elem(1 << 20, 2.0_f32)).unwrap();
    for _ in 0..20 {
        array = array.lazy().sqrt().eval().unwrap();
    }
    let mut future = pin!(array.read().unwrap());
    let (by, woken) = mpsc::channel();
    let waker = Waker::from(Arc::new(Works { device: device.clone(), by }));
    if future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
        device.wait(Duration::from_secs(60)).unwrap();
        let thread = woken.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(thread.as_deref(), Some("tenfold-gpu"));
        let again = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(again, Poll::Ready(Ok(read)) if read.len() == 1 << 20));
    }
}

#[test]
fn steps_and_shapes_beyond_all_numbers_are_no_panic() {
    let Some(device) = device("steps_and_shapes_beyond_all_numbers_are_no_panic") else { return };
    let x = device.upload(&numbers((2, 3, 4))).unwrap();
    let one = x.slice(s![..;isize::MAX, .., ..]).unwrap();
    assert_eq!(one.shape(), [1, 3, 4]);
    assert_eq!(one.to_array().unwrap(), numbers((2, 3, 4)).slice(s![..1, .., ..]));
    let error = device.zeros::<f32, _>((1_usize << 40, 0, 1_usize << 40)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let empty = device.zeros::<f32, _>((1_usize << 30, 0, 3)).unwrap();
    assert_eq!(empty.to_array().unwrap().shape(), [1 << 30, 0, 3]);
    assert!(empty.sum_axis(Axis(0)).unwrap().is_empty());
}
