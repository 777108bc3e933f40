//! The device that tests run on.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::{Mutex, OnceLock};

use tenfold_gpu::ndarray::array;
use tenfold_gpu::{Device, Select, Settings};

/// Software, if there is no other.
pub(crate) fn select() -> Select {
    Select::env().allow_software(true)
}

/// One device for all tests; none where there is no adapter, which is told as the workspace has it. With
/// `TENFOLD_REQUIRE_GPU=1` that is a failure.
pub(crate) fn device(test: &str) -> Option<Device> {
    static DEVICE: OnceLock<Result<Device, String>> = OnceLock::new();
    some(test, DEVICE.get_or_init(|| Device::open(select()).map_err(|e| e.to_string())))
}

/// One that shows 512 bytes of an array at a time, so that all larger ones are run in parts.
pub(crate) fn narrow(test: &str) -> Option<Device> {
    static DEVICE: OnceLock<Result<Device, String>> = OnceLock::new();
    let settings = Settings::new().max_binding_bytes(512);
    let open = || Device::open_with(select(), &settings).map_err(|e| e.to_string());
    some(test, DEVICE.get_or_init(open))
}

fn some(test: &str, device: &Result<Device, String>) -> Option<Device> {
    match device {
        Ok(device) => Some(device.clone()),
        Err(reason) => {
            assert!(!std::env::var("TENFOLD_REQUIRE_GPU").is_ok_and(|v| v == "1"), "{reason}");
            static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
            if TOLD.lock().unwrap().insert(test.to_owned()) {
                let line = format!("skipped: {test}: {reason}\n");
                std::io::stdout().write_all(line.as_bytes()).unwrap();
            }
            None
        }
    }
}

/// Whether comparisons and functions of f32 see subnormal numbers. Those of GPUs need not, where sums,
/// products and quotients do.
pub(crate) fn sees_subnormal(device: &Device) -> bool {
    let small = device.upload(&array![-f32::MIN_POSITIVE / 2.0]).unwrap();
    let is_less = small.lazy().lt(0.0).eval().unwrap().to_array().unwrap() == array![1];
    is_less && small.lazy().floor().eval().unwrap().to_array().unwrap() == array![-1.0]
}
