//! How a device is opened.

use std::env;
use std::path::PathBuf;

use crate::adapter::{Adapter, AdapterKind, Feature};
use crate::error::{Error, ErrorKind, Result};

const MEMORY: &str = "TENFOLD_GPU_MEMORY";
const CACHE: &str = "TENFOLD_GPU_CACHE";

/// How a device is opened: what its arrays may hold, and how much a kernel may see at a time.
///
/// ```
/// use tenfold_gpu::Settings;
///
/// let settings = Settings::new().memory_bytes(1 << 30);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    memory_bytes: Option<u64>,
    max_binding_bytes: Option<u64>,
    cache_folder: Option<PathBuf>,
    is_by_f64: bool,
}

impl Settings {
    /// What the environment says, and the device's own limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes that arrays and what is kept for the next ones may hold together, as they are taken from the driver.
    /// Sizes are rounded up where there is room for it. Memory for uploads and reads is not in it. The numbers of a
    /// run are, where they take more than 128 bytes or a raw kernel has them in a `var<uniform>`. Without it the
    /// environment variable `TENFOLD_GPU_MEMORY` says so, as `512MiB` or `2GiB`; without that there is no bound
    /// but the driver's.
    #[must_use]
    pub fn memory_bytes(self, bytes: u64) -> Self {
        Self { memory_bytes: Some(bytes), ..self }
    }

    /// Bytes that a kernel may see of an array at a time, at most the device's limit and at least 512.
    /// Larger arrays are run in parts. For tests: a smaller number makes nothing faster.
    #[must_use]
    pub fn max_binding_bytes(self, bytes: u64) -> Self {
        Self { max_binding_bytes: Some(bytes), ..self }
    }

    /// A folder where compiled kernels are kept from one run to the next, in a file for each driver.
    /// Without it the environment variable `TENFOLD_GPU_CACHE` names one; without that none is kept.
    /// Only you may be able to write there: a driver believes what it finds. Nothing is ever taken out of a file,
    /// which grows with every kernel that its driver compiles; one that is deleted begins anew.
    #[must_use]
    pub fn cache_folder(self, folder: impl Into<PathBuf>) -> Self {
        Self { cache_folder: Some(folder.into()), ..self }
    }

    /// In precise mode quotients and roots of f32 are taken by way of f64 on processors, too, which round
    /// their own rightly.
    #[cfg(test)]
    pub(crate) fn quotients_by_f64(self) -> Self {
        Self { is_by_f64: true, ..self }
    }

    /// Whether quotients and roots of f32 are taken by way of f64 in precise mode.
    pub(crate) fn is_by_f64(&self, adapter: &Adapter) -> bool {
        adapter.has(Feature::F64) && (self.is_by_f64 || adapter.kind() != AdapterKind::Cpu)
    }

    /// Where compiled kernels are kept.
    pub(crate) fn cache(&self) -> Option<PathBuf> {
        let variable = || env::var_os(CACHE).filter(|text| !text.is_empty()).map(PathBuf::from);
        self.cache_folder.clone().or_else(variable)
    }

    /// The budget of the pool.
    pub(crate) fn budget(&self) -> Result<u64> {
        match (self.memory_bytes, env::var_os(MEMORY)) {
            (Some(bytes), _) => Ok(bytes),
            (None, Some(text)) if !text.is_empty() => {
                let text = text.to_string_lossy();
                bytes(&text).ok_or_else(|| {
                    let message = format!(
                        "{MEMORY} is `{text}` and must be a number of bytes, KiB, MiB, GiB or TiB"
                    );
                    Error::new(ErrorKind::Argument, message)
                })
            }
            _ => Ok(u64::MAX),
        }
    }

    /// The bound of a binding, under that of the device.
    pub(crate) fn binding(&self, limit: u64) -> u64 {
        // Of whole elements, and more than a step of offsets, which is 256 bytes at most.
        self.max_binding_bytes.unwrap_or(limit).min(limit).max(512) / 256 * 256
    }
}

/// `512MiB` and the like in bytes.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let shift = match text[digits..].trim() {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        "TiB" => 40,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::{Settings, bytes};

    #[test]
    fn sizes_have_binary_units() {
        for (text, size) in [("0", 0), ("17", 17), ("512MiB", 512 << 20), (" 2 GiB ", 2 << 30)] {
            assert_eq!(bytes(text), Some(size), "{text}");
        }
        for text in ["", "MiB", "1.5GiB", "-1", "1GB", "99999999TiB", "1 2"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }

    #[test]
    fn bindings_stay_under_the_device_and_above_a_step() {
        assert_eq!(Settings::new().binding(1000), 768);
        assert_eq!(Settings::new().max_binding_bytes(5000).binding(1000), 768);
        assert_eq!(Settings::new().max_binding_bytes(0).binding(1000), 512);
    }
}
