//! Compiled kernels, kept in a file for each driver.

#![expect(unsafe_code, reason = "the driver believes what it is given")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process;

use crate::adapter::{Adapter, Feature};
use crate::error::{Error, ErrorKind, Result};

/// What a file begins with; a hash of the rest follows.
const MAGIC: &[u8; 8] = b"tenfold1";

/// What the driver has compiled, and where it is kept.
#[derive(Debug)]
pub(crate) struct PipelineCache {
    raw: wgpu::PipelineCache,
    file: PathBuf,
}

impl PipelineCache {
    /// Of what the folder has for an adapter, or empty; none where the device keeps nothing.
    pub(crate) fn open(device: &wgpu::Device, adapter: &Adapter, folder: &Path) -> Option<Self> {
        if !adapter.has(Feature::PipelineCache) {
            return None;
        }
        let file = folder.join(wgpu::util::pipeline_cache_key(adapter.info())?);
        let data = fs::read(&file).ok();
        let description = wgpu::PipelineCacheDescriptor {
            label: None,
            data: data.as_deref().and_then(unwrapped),
            fallback: true,
        };
        // SAFETY: the data are what `get_data` gave for the adapter with this key: the hash says that they
        // are whole, and that nobody else may write to the folder is what `Settings::cache_folder` asks.
        let raw = unsafe { device.create_pipeline_cache(&description) };
        Some(Self { raw, file })
    }

    pub(crate) fn raw(&self) -> &wgpu::PipelineCache {
        &self.raw
    }

    /// Writes the file anew, whole or not at all.
    pub(crate) fn save(&self) -> Result<()> {
        let Some(data) = self.raw.get_data() else { return Ok(()) };
        let failed = |source: std::io::Error| {
            let message = format!("compiled kernels cannot be kept in `{}`", self.file.display());
            Error::new(ErrorKind::Driver, message).with_source(source)
        };
        let folder = self.file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(failed)?;
        let written = self.file.with_extension(process::id().to_string());
        let write = || {
            let mut file = fs::File::create(&written)?;
            file.write_all(MAGIC)?;
            file.write_all(&hash(&data).to_le_bytes())?;
            file.write_all(&data)?;
            fs::rename(&written, &self.file)
        };
        write().map_err(|error| {
            drop(fs::remove_file(&written));
            failed(error)
        })
    }
}

impl Drop for PipelineCache {
    fn drop(&mut self) {
        // Without the file the next run compiles again.
        drop(self.save());
    }
}

/// What a file holds, if it is whole.
fn unwrapped(file: &[u8]) -> Option<&[u8]> {
    let (sum, data) = file.strip_prefix(MAGIC)?.split_first_chunk::<8>()?;
    (u64::from_le_bytes(*sum) == hash(data)).then_some(data)
}

/// FNV-1a of 64 bits, against files that are cut off or damaged.
fn hash(data: &[u8]) -> u64 {
    data.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::{MAGIC, hash, unwrapped};

    #[test]
    fn damaged_files_are_none() {
        let data = b"compiled";
        let mut file = [&MAGIC[..], &hash(data).to_le_bytes(), data].concat();
        assert_eq!(unwrapped(&file), Some(&data[..]));
        assert_eq!(unwrapped(&file[..file.len() - 1]), None);
        assert_eq!(unwrapped(&file[..10]), None);
        file[20] ^= 1;
        assert_eq!(unwrapped(&file), None);
        assert_eq!(unwrapped(b""), None);
    }
}
