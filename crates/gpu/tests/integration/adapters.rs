//! What there is to be opened, and how it is chosen.

use tenfold_gpu::{AdapterKind, Device, ErrorKind, Feature, Select, Settings, devices};

use crate::device::device;

#[test]
fn the_list_is_the_same_each_time_and_best_first() {
    let names = || devices().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(), names());
    let kinds: Vec<_> = devices().unwrap().iter().map(|adapter| adapter.kind()).collect();
    assert!(kinds.is_sorted(), "{kinds:?}");
}

#[test]
fn an_adapter_is_opened_by_each_of_its_names() {
    let Some(device) = device("an_adapter_is_opened_by_each_of_its_names") else { return };
    let adapters = devices().unwrap();
    let (index, adapter) = adapters
        .iter()
        .enumerate()
        .find(|(_, adapter)| adapter.to_string() == device.adapter().to_string())
        .unwrap();
    let (vendor, number) = adapter.id();
    for select in [
        Select::index(index),
        Select::name(&adapter.name().to_uppercase()),
        Select::id(vendor, number),
    ] {
        let opened = Device::open(select).unwrap();
        assert_eq!(opened.adapter().to_string(), adapter.to_string());
        assert!(opened.limits().max_binding_bytes > 1 << 20);
    }
    assert_eq!(device.adapter().features().contains(&Feature::F64), device.has(Feature::F64));
}

#[test]
fn software_is_taken_only_if_it_is_named() {
    if devices().unwrap().iter().all(|adapter| adapter.kind() == AdapterKind::Cpu) {
        let error = Device::open(Select::best()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoAdapter);
    }
    if let Ok(device) = Device::open(Select::cpu()) {
        assert_eq!(device.adapter().kind(), AdapterKind::Cpu);
    }
}

#[test]
fn what_is_not_there_is_an_error_that_says_what_was_asked_for() {
    for (select, says) in [
        (Select::index(99), "no adapter for index 99"),
        (Select::name("abacus"), "no adapter for the name `abacus`"),
        (Select::name(""), "no adapter for the name ``"),
        (Select::id(0xABCD, 0x12), "no adapter for abcd:0012"),
    ] {
        let error = Device::open(select).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoAdapter);
        assert!(error.to_string().starts_with(says), "{error}");
    }
}

#[test]
fn a_device_that_does_nothing_needs_no_driver() {
    let device = Device::open_with(Select::noop(), &Settings::new().memory_bytes(4096)).unwrap();
    let array = device.zeros::<f32, _>((3, 5)).unwrap();
    assert_eq!(array.to_array().unwrap().shape(), [3, 5]);
    let error = device.zeros::<f32, _>(2000).unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::OutOfMemory { requested_bytes: 8000, in_use_bytes: 256, budget_bytes: 4096 }
    );
    assert_eq!(
        error.to_string(),
        "out of memory: 8000 bytes asked for, 256 in use of a budget of 4096"
    );
    let error = device.zeros::<f64, _>((usize::MAX, 2)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}
