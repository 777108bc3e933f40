//! The device that tests run on.

use std::io::Write as _;
use std::sync::OnceLock;

use ndarray::array;

use crate::{Device, Feature, Select};

/// One device for all tests, software if there is no other; none where there is no adapter, which is told
/// as the workspace has it. With `TENFOLD_REQUIRE_GPU=1` that is a failure.
pub(crate) fn device(test: &str) -> Option<Device> {
    device_with(test, &[])
}

/// The same, if it has all of these.
pub(crate) fn device_with(test: &str, features: &[Feature]) -> Option<Device> {
    static DEVICE: OnceLock<Result<Device, String>> = OnceLock::new();
    let open = || Device::open(Select::env().allow_software(true)).map_err(|e| e.to_string());
    let device = DEVICE.get_or_init(open);
    let has_all = |device: Device| {
        let lacks = features.iter().find_map(|&feature| device.require(feature).err());
        lacks.map_or(Ok(device), |error| Err(error.to_string()))
    };
    match device.clone().and_then(has_all) {
        Ok(device) => Some(device),
        Err(reason) => {
            assert!(!std::env::var("TENFOLD_REQUIRE_GPU").is_ok_and(|v| v == "1"), "{reason}");
            let _ = std::io::stdout().write_all(format!("skipped: {test}: {reason}\n").as_bytes());
            None
        }
    }
}

/// Whether comparisons and functions of f32 see subnormal numbers. Those of GPUs need not.
pub(crate) fn sees_subnormal(device: &Device) -> bool {
    let small = device.upload(&array![-f32::MIN_POSITIVE / 2.0]).unwrap();
    let is_less = small.lazy().lt(0.0).eval().unwrap().to_array().unwrap() == array![1];
    is_less && small.lazy().floor().eval().unwrap().to_array().unwrap() == array![-1.0]
}
