//! Which adapter to open.

use std::env;
use std::fmt;

use crate::adapter::{Adapter, AdapterKind, devices, noop};
use crate::error::{Error, ErrorKind, Result};

const VARIABLE: &str = "TENFOLD_GPU";

/// Which adapter to open: the best one, or one that is named.
///
/// An adapter that computes on the processor is taken only if it is named or
/// [allowed](Self::allow_software), since it is not faster than the processor. The same machine gives
/// the same adapter each time.
///
/// ```
/// use tenfold_gpu::{Device, Select};
///
/// let error = Device::open(Select::name("abacus")).unwrap_err();
/// assert_eq!(error.kind(), tenfold_gpu::ErrorKind::NoAdapter);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    which: Which,
    software: bool,
    /// Whether [`VARIABLE`] said so, for messages.
    from_env: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Which {
    Best,
    Cpu,
    None,
    Index(usize),
    /// A place if there are as many, or else a part of a name.
    Number(usize, String),
    Id(u32, u32),
    Name(String),
    Noop(Option<Box<wgpu::Limits>>),
}

impl Select {
    fn new(which: Which) -> Self {
        Self { which, software: false, from_env: false }
    }

    /// What the environment variable `TENFOLD_GPU` says, and without it the best.
    ///
    /// It may be `cpu`, `none`, a place in the list of [`devices`](crate::devices), two hexadecimal
    /// numbers `vendor:device`, or a part of a name: a number such as `4090` that is no place in the list is
    /// one, too.
    #[must_use]
    pub fn env() -> Self {
        match env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
            Some(value) => Self { from_env: true, ..Self::parse(&value.to_string_lossy()) },
            None => Self::best(),
        }
    }

    /// The first in the list of [`devices`](crate::devices) that does not compute on the processor.
    #[must_use]
    pub fn best() -> Self {
        Self::new(Which::Best)
    }

    /// The first that computes on the processor: for tests, not for speed.
    #[must_use]
    pub fn cpu() -> Self {
        Self::new(Which::Cpu)
    }

    /// A place in the list of [`devices`](crate::devices), from 0.
    #[must_use]
    pub fn index(index: usize) -> Self {
        Self::new(Which::Index(index))
    }

    /// The first whose name has this part, in capitals or not.
    #[must_use]
    pub fn name(part: &str) -> Self {
        Self::new(Which::Name(part.to_owned()))
    }

    /// The first with these numbers of the PCI registry.
    #[must_use]
    pub fn id(vendor: u32, device: u32) -> Self {
        Self::new(Which::Id(vendor, device))
    }

    /// Whether [`best`](Self::best) may be an adapter that computes on the processor, where there is no
    /// other.
    #[must_use]
    pub fn allow_software(self, allow: bool) -> Self {
        Self { software: allow, ..self }
    }

    /// A device that takes everything and computes nothing, so that tests need no driver. What is
    /// read from it is 0.
    #[doc(hidden)]
    #[must_use]
    pub fn noop() -> Self {
        Self::new(Which::Noop(None))
    }

    fn parse(text: &str) -> Self {
        let hex = |part: &str| u32::from_str_radix(part.trim_start_matches("0x"), 16).ok();
        let id = || {
            let (vendor, device) = text.split_once(':')?;
            Some(Which::Id(hex(vendor)?, hex(device)?))
        };
        let which = match text.trim() {
            "cpu" => Which::Cpu,
            "none" => Which::None,
            text => match text.parse() {
                Ok(index) => Which::Number(index, text.to_owned()),
                Err(_) => id().unwrap_or_else(|| Which::Name(text.to_owned())),
            },
        };
        Self::new(which)
    }

    /// The adapter.
    pub(crate) fn adapter(&self) -> Result<Adapter> {
        match &self.which {
            Which::Noop(limits) => {
                let found = noop(limits.as_deref().cloned());
                found.ok_or_else(|| Error::new(ErrorKind::NoAdapter, "no adapter does nothing"))
            }
            Which::None => Err(self.missing(&[])),
            _ => {
                let mut adapters = devices()?;
                match adapters.iter().position(self.takes(adapters.len())) {
                    Some(at) => Ok(adapters.swap_remove(at)),
                    None => Err(self.missing(&adapters)),
                }
            }
        }
    }

    /// Whether an adapter is the one, the first time that it says so.
    fn takes(&self, len: usize) -> impl FnMut(&Adapter) -> bool {
        let mut left = 0..len;
        move |adapter| {
            let at = left.next();
            match &self.which {
                Which::Best => self.software || adapter.kind() != AdapterKind::Cpu,
                Which::Cpu => adapter.kind() == AdapterKind::Cpu,
                Which::Index(index) => at == Some(*index),
                Which::Number(index, _) if *index < len => at == Some(*index),
                Which::Id(vendor, device) => adapter.id() == (*vendor, *device),
                Which::Name(part) | Which::Number(_, part) => {
                    let (name, part) = (adapter.name().to_lowercase(), part.to_lowercase());
                    !part.is_empty() && name.contains(&part)
                }
                Which::None | Which::Noop(_) => false,
            }
        }
    }

    fn missing(&self, adapters: &[Adapter]) -> Error {
        if self.which == Which::None {
            return Error::new(ErrorKind::NoAdapter, format!("no adapter is wanted: {self}"));
        }
        let list =
            adapters.iter().enumerate().map(|(index, adapter)| format!("{index}: {adapter}"));
        let list = list.collect::<Vec<_>>().join(", ");
        let why = match (&self.which, adapters.len()) {
            (_, 0) => "no Vulkan driver has one".to_owned(),
            (Which::Best, _) => {
                format!("there is only software, which {VARIABLE}=cpu takes: {list}")
            }
            (Which::Number(..), len) => {
                format!("it is neither a place below {len} nor a part of a name of {list}")
            }
            _ => format!("there are {list}"),
        };
        Error::new(ErrorKind::NoAdapter, format!("no adapter for {self}: {why}"))
    }
}

impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from_env {
            write!(f, "{VARIABLE}=")?;
        }
        match &self.which {
            Which::Best => f.write_str("the best one"),
            Which::Cpu => f.write_str("cpu"),
            Which::None => f.write_str("none"),
            Which::Index(index) => write!(f, "index {index}"),
            Which::Number(_, text) => f.write_str(text),
            Which::Id(vendor, device) => write!(f, "{vendor:04x}:{device:04x}"),
            Which::Name(part) => write!(f, "the name `{part}`"),
            Which::Noop(_) => f.write_str("noop"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Select, Which, noop};

    #[test]
    fn the_variable_says_one_of_five_things() {
        for (text, which) in [
            ("cpu", Which::Cpu),
            ("none", Which::None),
            (" 12 ", Which::Number(12, "12".to_owned())),
            ("4090", Which::Number(4090, "4090".to_owned())),
            ("10de:2331", Which::Id(0x10de, 0x2331)),
            ("0x10DE:0x2331", Which::Id(0x10de, 0x2331)),
            ("H100", Which::Name("H100".to_owned())),
            ("a: b", Which::Name("a: b".to_owned())),
            ("-1", Which::Name("-1".to_owned())),
        ] {
            assert_eq!(Select::parse(text).which, which, "{text}");
        }
    }

    /// An adapter that computes nothing, of which there are two in a list.
    #[test]
    fn a_number_is_a_place_or_a_part_of_a_name() {
        let adapter = noop(None).unwrap();
        let name = adapter.name().to_owned();
        let taken = |text: &str, len: usize| {
            let which = Which::Number(text.parse().unwrap_or(usize::MAX), text.to_owned());
            let select = Select::new(which);
            let mut takes = select.takes(len);
            (0..len).position(|_| takes(&adapter))
        };
        assert_eq!(taken("0", 2), Some(0));
        assert_eq!(taken("1", 2), Some(1));
        assert_eq!(taken("2", 2), None);
        // What is no place is looked for in the name.
        assert_eq!(taken(&name, 2), Some(0));
        let error =
            Select { from_env: true, ..Select::parse("4090") }.missing(&[adapter.clone(), adapter]);
        let message = error.to_string();
        let says = "no adapter for TENFOLD_GPU=4090: it is neither a place below 2 nor a part of a name of 0: ";
        assert!(message.starts_with(says) && message.contains(", 1: "), "{message}");
    }

    #[test]
    fn none_is_an_error_that_says_so() {
        let error = Select { from_env: true, ..Select::parse("none") }.adapter().unwrap_err();
        assert_eq!(error.to_string(), "no adapter is wanted: TENFOLD_GPU=none");
    }
}
