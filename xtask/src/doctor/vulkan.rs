//! Vulkan: the drivers that are announced, and the devices that the loader really finds.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::cc;
use super::finding::Answer;
use super::path::variable;
use super::scratch::Scratch;

const ENUMERATE: &str = include_str!("vulkan.c");

/// A sleeping device can take seconds to wake.
const WAKE: Duration = Duration::from_secs(30);

/// What `vulkan.c` exits with when there is no loader.
const NO_LOADER: i32 = 2;

pub(super) fn probe(scratch: &Scratch) -> Result<Answer> {
    let drivers = drivers();
    let program = scratch.compile(cc::command()?, "enumerate", ENUMERATE)?;
    let reply = scratch.run(&mut Command::new(program), WAKE)?;
    if reply.status.code() == Some(NO_LOADER) {
        return Ok(no_loader(&reply.complaint(), &drivers));
    }
    let devices = parse_devices(&reply.stdout);
    if !reply.status.success() || devices.is_empty() {
        return Ok(no_device(&reply.complaint(), &drivers));
    }
    Ok(judge(devices))
}

fn no_loader(complaint: &str, drivers: &[String]) -> Answer {
    if drivers.is_empty() {
        Answer::missing("no libvulkan.so.1 and no driver")
    } else {
        Answer::broken(format!("{complaint}, which is to load {}", drivers.join(", ")))
    }
}

fn no_device(complaint: &str, drivers: &[String]) -> Answer {
    if drivers.is_empty() {
        Answer::missing("no driver: the folders vulkan/icd.d are empty")
    } else {
        Answer::broken(format!("no device from {} ({complaint})", drivers.join(", ")))
    }
}

/// Hardware first: that is what measurements run on.
fn judge(mut devices: Vec<Device>) -> Answer {
    devices.sort_by_key(Device::is_software);
    let software = devices.iter().all(Device::is_software);
    let all: Vec<_> = devices.iter().map(Device::describe).collect();
    let detail = all.join("; ");
    if software { Answer::software(detail) } else { Answer::found(detail) }
}

#[derive(Debug, PartialEq, Eq)]
struct Device {
    /// `VkPhysicalDeviceType`.
    kind: u32,
    api: String,
    name: String,
}

impl Device {
    /// llvmpipe (which Mesa's lavapipe driver shows as) and SwiftShader say that they are CPUs.
    fn is_software(&self) -> bool {
        self.kind == 4
    }

    fn describe(&self) -> String {
        let kind = match self.kind {
            1 => "integrated GPU",
            2 => "discrete GPU",
            3 => "virtual GPU",
            4 => "software, for tests only",
            _ => "of unknown kind",
        };
        format!("{}, {kind}, Vulkan {}", self.name, self.api)
    }
}

/// The lines of `vulkan.c`.
fn parse_devices(text: &str) -> Vec<Device> {
    text.lines()
        .filter_map(|line| {
            let mut fields = line.splitn(3, '\t');
            let kind = fields.next()?.parse().ok()?;
            let api = fields.next()?.to_owned();
            Some(Device { kind, api, name: fields.next()?.to_owned() })
        })
        .collect()
}

/// What announces a driver: `FILE.json -> LIBRARY`, for messages only.
fn drivers() -> Vec<String> {
    manifests().iter().map(|path| announce(path)).collect()
}

/// The files that the loader reads. Either variable replaces the folders.
fn manifests() -> Vec<PathBuf> {
    let chosen = variable("VK_DRIVER_FILES").or_else(|| variable("VK_ICD_FILENAMES"));
    if let Some(list) = chosen {
        return std::env::split_paths(&list).collect();
    }
    let home = variable("HOME").map(|home| format!("{home}/.local/share/vulkan/icd.d"));
    let system = ["/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/usr/share/vulkan/icd.d"];
    let folders = home.into_iter().chain(system.map(str::to_owned));
    folders.flat_map(|folder| json_files(Path::new(&folder))).collect()
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| is_json(path)).collect();
    files.sort();
    files
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

fn announce(manifest: &Path) -> String {
    let name = manifest.file_name().unwrap_or_default().to_string_lossy();
    match std::fs::read_to_string(manifest) {
        Ok(text) => match parse_manifest(&text) {
            Some(library) => format!("{name} -> {library}"),
            None => format!("{name} (names no library)"),
        },
        Err(error) => format!("{} ({error})", manifest.display()),
    }
}

/// The library that a driver's manifest names.
fn parse_manifest(text: &str) -> Option<String> {
    let manifest: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(manifest.get("ICD")?.get("library_path")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    const LAVAPIPE: &str = "4\t1.3\tllvmpipe (LLVM 15.0.6, 256 bits)\n";

    #[test]
    fn software_is_told_from_hardware() {
        let answer = judge(parse_devices(LAVAPIPE));
        assert!(answer.software);
        let detail = "llvmpipe (LLVM 15.0.6, 256 bits), software, for tests only, Vulkan 1.3";
        assert_eq!(answer.detail, detail);
        let both = judge(parse_devices(&format!("{LAVAPIPE}2\t1.4\tNVIDIA H200\n")));
        assert!(!both.software);
        assert!(both.detail.starts_with("NVIDIA H200, discrete GPU, Vulkan 1.4; llvmpipe"));
    }

    #[test]
    fn noise_is_no_device() {
        assert_eq!(parse_devices("WARNING: no XDG_RUNTIME_DIR\n\n"), []);
    }

    #[test]
    fn a_driver_without_device_is_broken_and_no_driver_is_missing() {
        let drivers = [String::from("nvidia_icd.json -> libGLX_nvidia.so.0")];
        let answer = no_device("error -9", &drivers);
        assert_eq!(answer.status, Status::Broken);
        assert!(answer.detail.contains("libGLX_nvidia.so.0"), "{}", answer.detail);
        assert_eq!(no_device("error -9", &[]).status, Status::Missing);
        assert_eq!(no_loader("no library", &[]).status, Status::Missing);
        assert_eq!(no_loader("no library", &drivers).status, Status::Broken);
    }

    #[test]
    fn manifests_are_listed_and_read() {
        let text = r#"{"file_format_version": "1.0.1",
            "ICD": {"library_path": "libvulkan_lvp.so", "api_version": "1.3.230"}}"#;
        let scratch = Scratch::new("test-icd").unwrap();
        let manifest = scratch.write("lvp_icd.json", text).unwrap();
        scratch.write("README", "").unwrap();
        assert_eq!(json_files(manifest.parent().unwrap()), std::slice::from_ref(&manifest));
        assert_eq!(announce(&manifest), "lvp_icd.json -> libvulkan_lvp.so");
        assert_eq!(parse_manifest("{}"), None);
        assert_eq!(parse_manifest("not json"), None);
        assert!(announce(Path::new("/no/such.json")).contains("/no/such.json ("));
    }
}
