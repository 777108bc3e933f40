//! The device that the rungs `gpu` compute on: one for the process, opened before anything is timed.
//!
//! A rung's time is what a user pays: its input goes up, the device computes, and the answer comes down. How much of
//! it the transfers take is told by [`note`], from runs that are not timed: they wait before and after each transfer,
//! which a rung that is timed does not.

use std::cell::Cell;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tenfold_gpu::ndarray::{ArrayRef, Dimension};
use tenfold_gpu::{
    AdapterKind, Device, DeviceArray, Element, Error, Feature, Result, Select, devices,
};

use crate::Note;

/// As long as a device may work on a problem.
const WORK: Duration = Duration::from_secs(600);

/// Runs that tell how long transfers take, unless those before took [`NOTED`] already.
const RUNS: usize = 5;
const NOTED: Duration = Duration::from_millis(500);

static DEVICE: LazyLock<Result<Device>> =
    LazyLock::new(|| Device::open(Select::env().allow_software(true)));

thread_local! {
    /// How long this thread's transfers took together, while that is noted.
    static TRANSFERS: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// Why there is no device here that computes with `f64` as the processor does, if there is none.
pub(super) fn missing<I>(_: &I) -> Option<String> {
    lacks(&[Feature::F64, Feature::Precise])
}

/// The same of a device that computes with `u64` too.
pub(super) fn missing_u64<I>(_: &I) -> Option<String> {
    lacks(&[Feature::F64, Feature::Precise, Feature::I64])
}

fn lacks(wanted: &[Feature]) -> Option<String> {
    match &*DEVICE {
        Ok(device) => {
            let lacks = wanted.iter().find(|&&feature| !device.has(feature))?;
            Some(format!("{} has no {lacks}", name(device)))
        }
        Err(error) if devices().is_ok_and(|all| all.is_empty()) => {
            Some(format!("{}; cargo xtask setup gpu", words(error)))
        }
        Err(error) => Some(words(error)),
    }
}

/// Runs on the device.
///
/// # Panics
/// If that cannot be: the harness takes it for a wrong answer, and shows the reason.
pub(super) fn on<R>(run: impl FnOnce(&Device) -> Result<R>) -> R {
    let device = DEVICE.as_ref().unwrap_or_else(|error| panic!("{}", words(error)));
    run(device).unwrap_or_else(|error| panic!("{}", words(&error)))
}

/// The array on the device.
pub(super) fn up<T: Element, D: Dimension>(
    device: &Device,
    array: &ArrayRef<T, D>,
) -> Result<DeviceArray<T, D>> {
    transfer(device, || device.upload(array))
}

/// The elements of an array of the device, row by row.
pub(super) fn down<T: Element, D: Dimension>(array: &DeviceArray<T, D>) -> Result<Vec<T>> {
    // What is read lies row by row, whatever the array's layout.
    transfer(array.device(), || Ok(array.to_array()?.into_raw_vec_and_offset().0))
}

fn transfer<R>(device: &Device, go: impl FnOnce() -> Result<R>) -> Result<R> {
    let Some(before) = TRANSFERS.get() else { return go() };
    device.wait(WORK)?;
    let start = Instant::now();
    let result = go()?;
    device.wait(WORK)?;
    TRANSFERS.set(Some(before + start.elapsed()));
    Ok(result)
}

/// On which device a rung runs, and how long its transfers take: the least of a few runs.
pub(super) fn note(run: &dyn Fn()) -> Note {
    let (start, mut least) = (Instant::now(), Duration::MAX);
    for _ in 0..RUNS {
        TRANSFERS.set(Some(Duration::ZERO));
        run();
        least = TRANSFERS.take().map_or(least, |took| took.min(least));
        if start.elapsed() > NOTED {
            break;
        }
    }
    Note { device: on(|device| Ok(name(device))), transfer: least }
}

/// Its name, and whether it is the processor under another name.
fn name(device: &Device) -> String {
    let adapter = device.adapter();
    match adapter.kind() {
        AdapterKind::Cpu => format!("{}, software", adapter.name()),
        _ => adapter.name().to_owned(),
    }
}

/// An error with its causes.
fn words(error: &Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words += &format!(": {error}");
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use tenfold_gpu::ndarray::{Array1, Axis, array};

    use super::*;

    /// Whether there is a device, or else, unless there must be one, why not.
    fn is_there(test: &str) -> bool {
        let Some(reason) = missing(&()) else { return true };
        assert!(!std::env::var("TENFOLD_REQUIRE_GPU").is_ok_and(|v| v == "1"), "{reason}");
        let line = format!("skipped: {test}: {reason}\n");
        std::io::stdout().write_all(line.as_bytes()).unwrap();
        false
    }

    #[test]
    fn a_note_tells_of_transfers_and_of_nothing_else() {
        if !is_there("a_note_tells_of_transfers_and_of_nothing_else") {
            return;
        }
        let (numbers, runs) = (Array1::from_elem(1 << 16, 1.5), Cell::new(0));
        let both = || {
            runs.set(runs.get() + 1);
            let up = on(|device| up(device, &numbers));
            std::thread::sleep(Duration::from_millis(300));
            assert_eq!(on(|_| down(&up)), numbers.to_vec());
        };
        let start = Instant::now();
        let note = note(&both);
        let slept = Duration::from_millis(300) * runs.get();
        assert!((1..=RUNS as u32).contains(&runs.get()));
        assert!(note.transfer > Duration::ZERO && note.transfer <= start.elapsed() - slept);
        assert!(!note.device.is_empty());
        // What comes after is not noted.
        both();
        assert_eq!(TRANSFERS.get(), None);
    }

    #[test]
    fn what_lies_in_another_order_comes_row_by_row() {
        if !is_there("what_lies_in_another_order_comes_row_by_row") {
            return;
        }
        let rows = on(|device| down(&up(device, &array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])?.t()));
        assert_eq!(rows, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        let turned = array![[1.0, 2.0], [3.0, 4.0]].reversed_axes();
        assert_eq!(on(|device| down(&up(device, &turned)?)), [1.0, 3.0, 2.0, 4.0]);
    }

    #[test]
    fn an_error_of_the_device_is_what_a_rung_says_before_it_ends() {
        if !is_there("an_error_of_the_device_is_what_a_rung_says_before_it_ends") {
            return;
        }
        let row = Array1::from_elem(3, 1.0).insert_axis(Axis(0));
        let square = || {
            on(|device| {
                let row = up(device, &row)?;
                row.matmul(&row).map(drop)
            });
        };
        let said = std::panic::catch_unwind(square).unwrap_err();
        let said = said.downcast_ref::<String>().unwrap();
        assert!(said.contains("[1, 3] and [1, 3] have no product"), "{said}");
    }
}
