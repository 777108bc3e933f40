//! The functions of long double, which has 64 bits, from a library that the C compiler makes.

use std::ffi::{CString, c_char, c_int, c_long, c_void};
use std::process::Command;

/// `(x, y, got, fast, n, worst, at)`: raises the largest errors `worst` of both forms, and the index
/// of each.
type Check = unsafe extern "C" fn(
    *const f64,
    *const f64,
    *const f64,
    *const f64,
    c_long,
    *mut f64,
    *mut c_long,
);

unsafe extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// The library; it stays loaded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reference(*mut c_void);

// SAFETY: a handle of dlopen may be used by any thread.
unsafe impl Sync for Reference {}
// SAFETY: the same.
unsafe impl Send for Reference {}

impl Reference {
    /// Compiles and loads it, or says why not.
    pub(super) fn load() -> Result<Self, String> {
        let name = format!("ulp-{}-{:?}", std::process::id(), std::thread::current().id());
        let library = std::env::temp_dir().join(name.replace(['(', ')'], "") + ".so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/integration/math/ulp.c");
        let built = Command::new("cc")
            .args(["-O2", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .args([source, "-lm"])
            .output();
        let built = built.map_err(|error| format!("cc: {error}"))?;
        if !built.status.success() {
            return Err(String::from_utf8_lossy(&built.stderr).into_owned());
        }
        let path = CString::new(library.to_str().unwrap()).unwrap();
        // SAFETY: the path ends in 0, and the library runs nothing when it is loaded. 2: RTLD_NOW.
        let handle = unsafe { dlopen(path.as_ptr(), 2) };
        std::fs::remove_file(&library).unwrap();
        if handle.is_null() {
            Err("the library does not load".to_owned())
        } else {
            Ok(Self(handle))
        }
    }

    /// Raises the errors of both forms in `worst`, and the arguments of each in `at`.
    pub(super) fn raise(
        self,
        function: &str,
        [x, y, got, fast]: [&[f64]; 4],
        worst: &mut [f64; 2],
        at: &mut [(f64, f64); 2],
    ) {
        let name = CString::new(format!("check_{function}")).unwrap();
        // SAFETY: the handle is open, and the name ends in 0.
        let symbol = unsafe { dlsym(self.0, name.as_ptr()) };
        assert!(!symbol.is_null(), "ulp.c has no check_{function}");
        // SAFETY: all functions of ulp.c have this type.
        let check = unsafe { std::mem::transmute::<*mut c_void, Check>(symbol) };
        let n = x.len();
        assert!(y.len() == n && got.len() == n && fast.len() == n);
        let mut index = [-1; 2];
        let count = c_long::try_from(n).unwrap();
        let ([x_at, y_at], [got, fast]) = ([x.as_ptr(), y.as_ptr()], [got.as_ptr(), fast.as_ptr()]);
        // SAFETY: it reads n elements of four arrays, and writes two of two.
        unsafe { check(x_at, y_at, got, fast, count, worst.as_mut_ptr(), index.as_mut_ptr()) };
        for (at, index) in at.iter_mut().zip(index) {
            if let Ok(index) = usize::try_from(index) {
                *at = (x[index], y[index]);
            }
        }
    }
}
