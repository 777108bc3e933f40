//! Compiled kernels, kept in a file for each driver.
//!
//! A file is read only if it is whole, by a hash: one that is cut off, damaged or of another format is as if it
//! was not there. wgpu then compares what it begins with with the adapter and its driver, and begins anew if
//! they are others. Nothing tells of somebody who means ill: the folder has to be the user's own.

#![expect(unsafe_code, reason = "the driver believes what it is given")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::adapter::{Adapter, Feature};
use crate::error::{Error, ErrorKind, Result};

/// What a file begins with; a hash of the rest follows.
const MAGIC: &[u8; 8] = b"tenfold1";

/// What the driver has compiled, and where it is kept.
#[derive(Debug)]
pub(crate) struct PipelineCache {
    raw: wgpu::PipelineCache,
    file: PathBuf,
    /// The hash of what the file has, as far as this one knows.
    kept: Mutex<Option<u64>>,
}

impl PipelineCache {
    /// Of what the folder has for an adapter, or empty; none where the device keeps nothing.
    pub(crate) fn open(device: &wgpu::Device, adapter: &Adapter, folder: &Path) -> Option<Self> {
        if !adapter.has(Feature::PipelineCache) {
            return None;
        }
        let file = folder.join(wgpu::util::pipeline_cache_key(adapter.info())?);
        let read = fs::read(&file).ok();
        let data = read.as_deref().and_then(unwrapped);
        let description = wgpu::PipelineCacheDescriptor { label: None, data, fallback: true };
        // SAFETY: the data are what `get_data` gave for the adapter with this key: the hash says that they
        // are whole, and that nobody else may write to the folder is what `Settings::cache_folder` asks.
        let raw = unsafe { device.create_pipeline_cache(&description) };
        Some(Self { raw, file, kept: Mutex::new(data.map(hash)) })
    }

    pub(crate) fn raw(&self) -> &wgpu::PipelineCache {
        &self.raw
    }

    /// Writes the file anew, whole or not at all, if there is anything that it has not.
    pub(crate) fn save(&self) -> Result<()> {
        let Some(data) = self.raw.get_data() else { return Ok(()) };
        let sum = hash(&data);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if *kept == Some(sum) && self.file.exists() {
            return Ok(());
        }
        let failed = |source: std::io::Error| {
            let message = format!("compiled kernels cannot be kept in `{}`", self.file.display());
            Error::new(ErrorKind::Driver, message).with_source(source)
        };
        let folder = self.file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(failed)?;
        let written = temporary(&self.file);
        let write = || {
            let mut file = fs::File::create(&written)?;
            file.write_all(MAGIC)?;
            file.write_all(&sum.to_le_bytes())?;
            file.write_all(&data)?;
            fs::rename(&written, &self.file)
        };
        write().map_err(|error| {
            drop(fs::remove_file(&written));
            failed(error)
        })?;
        *kept = Some(sum);
        Ok(())
    }
}

impl Drop for PipelineCache {
    fn drop(&mut self) {
        // Without the file the next run compiles again.
        drop(self.save());
    }
}

/// A name beside a file that nobody else writes to: no other process, and no other device of this one.
fn temporary(file: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    file.with_extension(format!("{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed)))
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
    use std::fs;
    use std::path::Path;

    use ndarray::array;

    use super::{MAGIC, hash, temporary, unwrapped};
    use crate::adapter::Feature;
    use crate::{Device, Select, Settings, testing};

    #[test]
    fn two_devices_do_not_write_to_one_file() {
        let file = Path::new("folder/driver");
        let [a, b] = [temporary(file), temporary(file)];
        assert_ne!(a, b);
        assert_eq!(a.parent(), file.parent());
    }

    #[test]
    fn a_file_is_written_only_if_there_is_anything_new() {
        let Some(device) = testing::device("a_file_is_written_only_if_there_is_anything_new")
        else {
            return;
        };
        if !device.has(Feature::PipelineCache) {
            return;
        }
        let folder = std::env::temp_dir().join(temporary(Path::new("tenfold-gpu-cache")));
        let settings = Settings::new().cache_folder(&folder);
        let open = || Device::open_with(Select::env().allow_software(true), &settings).unwrap();
        let first = open();
        // A copy of what does not lie dense is a kernel.
        drop(first.upload(&array![[1, 2], [3, 4]]).unwrap().t().to_array().unwrap());
        first.save_cache().unwrap();
        let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        let (same, new) = (open(), open());
        // Another process has written meanwhile.
        fs::write(&file, "another's").unwrap();
        first.save_cache().unwrap();
        drop((first, same));
        assert_eq!(fs::read(&file).unwrap(), b"another's");
        let before = new.cache().unwrap().get_data();
        let x = new.upload(&array![[1.0_f32, 2.0], [3.0, 4.0]]).unwrap();
        drop(x.t().to_array().unwrap());
        new.save_cache().unwrap();
        // Some drivers keep nothing of a kernel here.
        let is_new = new.cache().unwrap().get_data() != before;
        assert_eq!(unwrapped(&fs::read(&file).unwrap()).is_some(), is_new);
        fs::remove_file(&file).unwrap();
        new.save_cache().unwrap();
        assert!(file.exists());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        drop((x, new));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let test = "what_cannot_be_written_leaves_nothing_behind";
        let Some(device) = testing::device_with(test, &[Feature::PipelineCache]) else { return };
        let folder = std::env::temp_dir().join(temporary(Path::new("tenfold-gpu-cache")));
        let key = wgpu::util::pipeline_cache_key(device.adapter().info()).unwrap();
        // A folder where the file should be.
        fs::create_dir_all(folder.join(&key)).unwrap();
        let settings = Settings::new().cache_folder(&folder);
        let device = Device::open_with(Select::env().allow_software(true), &settings).unwrap();
        drop(device.upload(&array![[1, 2], [3, 4]]).unwrap().t().to_array().unwrap());
        let error = device.save_cache().unwrap_err();
        assert!(error.to_string().starts_with("compiled kernels cannot be kept in"), "{error}");
        drop(device);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }

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
