//! A place in the source that is measured.

/// What a site is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `#[profile]` on a function.
    Function,
    /// `scope!("name")`.
    Scope,
}

/// A function or scope in the source. Expansions hold one in a `static`.
#[derive(Debug)]
pub struct Site {
    pub(crate) kind: Kind,
    label: &'static str,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    path: fn() -> &'static str,
    /// One call in so many is timed.
    pub(crate) sample: u32,
}

impl Site {
    /// `path` gives the path of an item inside the function, whose own name is
    /// `__tenfold_profile_here`.
    ///
    /// # Panics
    /// In the compiler, when `sample` is 0.
    #[must_use]
    pub const fn new(
        kind: Kind,
        label: &'static str,
        file: &'static str,
        line: u32,
        path: fn() -> &'static str,
        sample: u32,
    ) -> Self {
        assert!(sample > 0, "`sample` is 0, and has to be at least 1");
        Self { kind, label, file, line, path, sample }
    }

    /// The function's path without its crate's closures, or the label of the scope.
    pub(crate) fn name(&self) -> String {
        match self.kind {
            Kind::Scope => self.label.to_owned(),
            Kind::Function => {
                let path = (self.path)();
                let path = path.strip_suffix("::__tenfold_profile_here").unwrap_or(path);
                path.strip_suffix("::__TENFOLD_PROFILE_BODY").unwrap_or(path).to_owned()
            }
        }
    }
}

/// Sites are one when they are the same place, wherever the compiler keeps them.
impl PartialEq for Site {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Site {}
