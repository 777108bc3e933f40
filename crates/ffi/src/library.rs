//! A library of C, and what was declared of it.

use std::collections::HashMap;
use std::ffi::c_void;
use std::fmt;
use std::sync::Arc;

use foldhash::fast::RandomState;
use tenfold_cdecl::{Declaration, Function, Length, Origin, Type, TypeKind, Unit, Variable};

use crate::arg::{Arg, Misfit};
use crate::callable::Callable;
use crate::ctype::CType;
use crate::declarations::Declarations;
use crate::engine::{Choice, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::loader::Handle;
use crate::matching::{Matching, is_const};
use crate::signature::Signature;
use crate::value::Value;

/// A library that is loaded while the program runs, and the declarations of what is used of it: CFFI's ABI
/// mode.
///
/// It is never unloaded by itself: functions, variables and pointers into it were given out, and nothing says
/// when the last of them is gone. [`close`](Self::close) unloads it.
///
/// # Examples
///
/// ```
/// use tenfold_ffi::{Library, args};
///
/// // SAFETY: libm has no initialisers that could do harm.
/// let mut m = unsafe { Library::open("m")? };
/// m.cdef("double pow(double x, double y);")?;
///
/// // Typed: checked once, then a plain pointer.
/// let pow = m.function::<unsafe extern "C" fn(f64, f64) -> f64>("pow")?;
/// // SAFETY: the declaration is that of `math.h`, and any numbers will do.
/// assert_eq!(unsafe { pow(2.0, 10.0) }, 1024.0);
///
/// // Dynamic: checked each time.
/// // SAFETY: as above.
/// let value = unsafe { m.call("pow", &args![2.0, 10.0])? };
/// assert_eq!(f64::try_from(value)?, 1024.0);
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
pub struct Library {
    handle: Handle,
    declarations: Declarations,
    /// The addresses of functions and variables, by the names that C has for them.
    symbols: HashMap<Arc<str>, Address>,
    /// Functions whose types can be called dynamically.
    callables: HashMap<Arc<str>, Callable, RandomState>,
}

/// The address of a function or a variable.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Address(pub(crate) *mut c_void);

// SAFETY: it is a number; whoever uses it says why that is sound.
unsafe impl Send for Address {}
// SAFETY: as above.
unsafe impl Sync for Address {}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Library({}, {} symbols)", self.handle.name(), self.symbols.len())
    }
}

impl Library {
    /// Loads a library, with all that it needs, and its symbols for nobody else.
    ///
    /// `name` is a path, a file name such as `libm.so.6`, or `m`: then are tried `libm.so`, which may be
    /// missing or a text for the linker, and the versioned files of `LD_LIBRARY_PATH`, of the loader's cache
    /// and of the usual folders, the newest first; on macOS `libm.dylib`, on Windows `m.dll` and `libm.dll`.
    ///
    /// # Errors
    ///
    /// [`LibraryNotFound`](ErrorKind::LibraryNotFound) with all files that were tried, and the loader's words
    /// for each; [`InteriorNul`](ErrorKind::InteriorNul).
    ///
    /// # Safety
    ///
    /// Loading runs the initialisers of the library and of what it needs, which may do anything.
    pub unsafe fn open(name: &str) -> Result<Self> {
        // SAFETY: as the caller says.
        Ok(Self::new(unsafe { Handle::open(name)? }))
    }

    /// The program itself, with all libraries that were loaded with it: where `libc` is one, its functions
    /// too.
    ///
    /// # Errors
    ///
    /// [`LibraryNotFound`](ErrorKind::LibraryNotFound) if the platform cannot say.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenfold_ffi::{Library, args};
    ///
    /// let mut this = Library::this()?;
    /// this.cdef("unsigned long strlen(const char *text);")?;
    /// // SAFETY: the text ends with a 0.
    /// let length = unsafe { this.call("strlen", &args![c"four"])? };
    /// assert_eq!(u64::try_from(length)?, 4);
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn this() -> Result<Self> {
        Ok(Self::new(Handle::this()?))
    }

    fn new(handle: Handle) -> Self {
        Self {
            handle,
            declarations: Declarations::empty(),
            symbols: HashMap::new(),
            callables: HashMap::default(),
        }
    }

    /// Unloads it, unless it was opened elsewhere too.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) with the loader's words if it does not want to.
    ///
    /// # Safety
    ///
    /// Nothing that came from it is used any more: no function, no [`Callable`], no variable, no pointer to
    /// its memory; none of its functions runs, in no thread, and none is registered to run when a thread or
    /// the program ends.
    pub unsafe fn close(self) -> Result<()> {
        let Self { handle, .. } = self;
        // SAFETY: as the caller says.
        unsafe { handle.close() }
    }

    /// Declares functions, variables, types and constants, and looks up every function and variable at once.
    /// What was declared before may be used. `__asm__("name")` gives the name to look for; functions that are
    /// `static` or have a body are not looked up.
    ///
    /// # Errors
    ///
    /// After an error nothing has changed. [`Declaration`](ErrorKind::Declaration) with the first thing that
    /// is wrong, [`SymbolNotFound`](ErrorKind::SymbolNotFound) with the first name that the library does not
    /// have, and those that it has and that differ in a letter.
    pub fn cdef(&mut self, text: &str) -> Result<()> {
        let mut declarations = self.declarations.clone();
        declarations.extend(text)?;
        let symbols = self.resolve(declarations.unit())?;
        let callables = symbols.iter().filter_map(|(name, address)| {
            let function = declarations.unit().function(name)?;
            let callable = prepare(&declarations, function, *address, Choice::default());
            Some((Arc::clone(name), callable.ok()?))
        });
        self.callables = callables.collect();
        self.symbols = symbols;
        self.declarations = declarations;
        Ok(())
    }

    fn resolve(&self, unit: &Unit) -> Result<HashMap<Arc<str>, Address>> {
        let mut symbols = HashMap::new();
        for declaration in unit.declarations() {
            let (name, symbol) = match declaration {
                Declaration::Function(function)
                    if !function.is_static
                        && !function.has_body
                        && function.origin == Origin::C =>
                {
                    (&function.name, &function.symbol)
                }
                Declaration::Variable(variable) if !variable.is_static => {
                    (&variable.name, &variable.symbol)
                }
                _ => continue,
            };
            let address = match self.symbols.get(name) {
                Some(address) => *address,
                None => Address(self.handle.find(name, symbol.as_ref().unwrap_or(name))?),
            };
            symbols.insert(Arc::clone(name), address);
        }
        Ok(symbols)
    }

    /// What was declared.
    #[must_use]
    pub fn declarations(&self) -> &Declarations {
        &self.declarations
    }

    /// A function as a pointer of Rust, whose type is compared with the declaration. A call of it costs what
    /// a direct one costs.
    ///
    /// # Errors
    ///
    /// [`NotDeclared`](ErrorKind::NotDeclared), or [`SignatureMismatch`](ErrorKind::SignatureMismatch) with
    /// both types and what differs first.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::ffi::c_double;
    /// use tenfold_ffi::{ErrorKind, Library};
    ///
    /// // SAFETY: libm has no initialisers that could do harm.
    /// let mut m = unsafe { Library::open("m")? };
    /// m.cdef("double floor(double x);")?;
    /// let floor = m.function::<unsafe extern "C" fn(c_double) -> c_double>("floor")?;
    /// // SAFETY: the declaration is that of `math.h`.
    /// assert_eq!(unsafe { floor(2.5) }, 2.0);
    ///
    /// let wrong = m.function::<unsafe extern "C" fn(i64) -> i64>("floor").unwrap_err();
    /// assert_eq!(wrong.kind(), ErrorKind::SignatureMismatch);
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn function<F: Signature>(&self, name: &str) -> Result<F> {
        let (declared, address) = self.declared_function(name)?;
        let (unit, ty) = (self.declarations.unit(), declared.ty);
        let TypeKind::Function(function) = unit.resolved_kind(ty) else {
            return Err(self.not_declared(name, "function"));
        };
        Matching::new(unit).function(&F::SHAPE, function).map_err(|difference| {
            let declared = unit.declare(ty, name);
            let message = format!("`{declared}` was asked for as `{}`: {difference}", F::SHAPE);
            Error::new(ErrorKind::SignatureMismatch, message)
        })?;
        // SAFETY: all signatures are pointers to functions, and the address is that of one.
        Ok(unsafe { std::mem::transmute_copy::<*mut c_void, F>(&address.0) })
    }

    fn declared_function(&self, name: &str) -> Result<(&Function, Address)> {
        let function = self.declarations.unit().function(name);
        let found = function.zip(self.symbols.get(name).copied());
        found.ok_or_else(|| self.not_declared(name, "function"))
    }

    fn not_declared(&self, name: &str, what: &str) -> Error {
        let unit = self.declarations.unit();
        let near = match unit.nearest(name).first() {
            Some(near) => format!("; is it `{near}`?"),
            None => String::new(),
        };
        let message = format!("no {what} `{name}` of a library was declared{near}");
        Error::new(ErrorKind::NotDeclared, message)
    }

    /// A function that is ready for dynamic calls.
    ///
    /// # Errors
    ///
    /// [`NotDeclared`](ErrorKind::NotDeclared), or [`Unsupported`](ErrorKind::Unsupported) for types that
    /// cannot be passed: vectors, `_Float128`, `va_list`, records that ask for more than 16 bytes of
    /// alignment, other calling conventions; and where there is neither a stub for the machine nor the
    /// feature `libffi`. [`Partial`](ErrorKind::Partial) for records that only a compiler knows, and
    /// [`Declaration`](ErrorKind::Declaration) for those whose fields are not declared.
    pub fn prepare(&self, name: &str) -> Result<Callable> {
        if let Some(callable) = self.callables.get(name) {
            return Ok(callable.clone());
        }
        self.prepare_by(name, Choice::default())
    }

    /// A function whose calls are made by libffi, whatever the machine: slower, for comparison.
    ///
    /// # Errors
    ///
    /// As [`prepare`](Self::prepare), and for what libffi cannot pass: unions, bit-fields, packed records
    /// and integers of 128 bits.
    #[cfg(feature = "libffi")]
    pub fn prepare_libffi(&self, name: &str) -> Result<Callable> {
        self.prepare_by(name, Choice::Libffi)
    }

    fn prepare_by(&self, name: &str, choice: Choice) -> Result<Callable> {
        let (function, address) = self.declared_function(name)?;
        prepare(&self.declarations, function, address, choice)
    }

    /// Calls a function by its name.
    ///
    /// # Errors
    ///
    /// As [`prepare`](Self::prepare) and [`Callable::call`].
    ///
    /// # Safety
    ///
    /// As [`Callable::call`].
    pub unsafe fn call(&self, name: &str, args: &[Arg<'_>]) -> Result<Value> {
        match self.callables.get(name) {
            // SAFETY: as the caller says.
            Some(callable) => unsafe { callable.call(args) },
            // SAFETY: as the caller says.
            None => unsafe { self.prepare(name)?.call(args) },
        }
    }

    /// An integer constant: of an enumeration, a `#define` or a `static const`.
    ///
    /// # Errors
    ///
    /// [`NotDeclared`](ErrorKind::NotDeclared), or [`Partial`](ErrorKind::Partial) if it was declared with
    /// `...`.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut this = tenfold_ffi::Library::this()?;
    /// this.cdef("#define EOF (-1)\nenum { SEEK_SET, SEEK_CUR, SEEK_END };")?;
    /// assert_eq!((this.constant("EOF")?, this.constant("SEEK_END")?), (-1, 2));
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn constant(&self, name: &str) -> Result<i128> {
        let constant = self.declarations.unit().constant(name);
        let constant = constant.ok_or_else(|| self.not_declared(name, "constant"))?;
        constant.value().ok_or_else(|| {
            let message = format!("only a C compiler knows the value of `{name}`");
            Error::new(ErrorKind::Partial, message)
        })
    }

    /// The address of a variable, whose type is compared with the declaration. That of an array without a
    /// length is the address of its first element. Writing to one that is `const` is undefined.
    ///
    /// # Errors
    ///
    /// [`NotDeclared`](ErrorKind::NotDeclared), [`SignatureMismatch`](ErrorKind::SignatureMismatch), or
    /// [`Unsupported`](ErrorKind::Unsupported) if each thread has a variable of its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::ffi::c_char;
    ///
    /// let mut this = tenfold_ffi::Library::this()?;
    /// this.cdef("extern char **environ;")?;
    /// let environ = this.variable::<*mut *mut c_char>("environ")?;
    /// // SAFETY: it is a variable of libc, and nobody changes it now.
    /// assert!(!unsafe { *environ }.is_null());
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn variable<T: CType>(&self, name: &str) -> Result<*mut T> {
        let (variable, address) = self.declared_variable(name)?;
        let unit = self.declarations.unit();
        Matching::new(unit).value(T::SHAPE, self.pointee(variable)).map_err(|difference| {
            let declared = unit.declare(variable.ty, name);
            let message = format!("`{declared}` was asked for as `{}`: {difference}", T::SHAPE);
            Error::new(ErrorKind::SignatureMismatch, message)
        })?;
        Ok(address.0.cast())
    }

    /// What is at the address of a variable: of an array without a length, an element.
    pub(crate) fn pointee(&self, variable: &Variable) -> Type {
        match *self.declarations.unit().resolved_kind(variable.ty) {
            TypeKind::Array { element, length: Length::Open } => element,
            _ => variable.ty,
        }
    }

    pub(crate) fn declared_variable(&self, name: &str) -> Result<(&Variable, Address)> {
        let variable = self.declarations.unit().variable(name);
        let found = variable.zip(self.symbols.get(name));
        let (variable, address) = found.ok_or_else(|| self.not_declared(name, "variable"))?;
        if variable.is_thread_local {
            let message =
                format!("each thread has its own `{name}`, and this would be one of them");
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        Ok((variable, *address))
    }

    /// Reads a variable; an array and a record are copied.
    ///
    /// # Errors
    ///
    /// [`NotDeclared`](ErrorKind::NotDeclared), [`Unsupported`](ErrorKind::Unsupported) if each thread has a
    /// variable of its own, and [`Partial`](ErrorKind::Partial) if the size of its type is not known.
    ///
    /// # Safety
    ///
    /// The declaration is the variable's true one, and nobody writes to it now.
    pub unsafe fn value(&self, name: &str) -> Result<Value> {
        let (variable, address) = self.declared_variable(name)?;
        // SAFETY: as the caller says.
        unsafe { Value::read(&self.declarations, variable.ty, address.0.cast()) }
    }

    /// Writes a variable, with the conversions of [`Arg`].
    ///
    /// # Errors
    ///
    /// [`NotDeclared`](ErrorKind::NotDeclared) and [`Unsupported`](ErrorKind::Unsupported) as
    /// [`value`](Self::value); [`ReadOnly`](ErrorKind::ReadOnly) if it is `const`,
    /// [`ValueType`](ErrorKind::ValueType) if the value is of another type, [`Null`](ErrorKind::Null) for a
    /// null pointer in place of a record, and [`OutOfRange`](ErrorKind::OutOfRange) if the variable does not
    /// hold it exactly.
    ///
    /// # Safety
    ///
    /// The declaration is the variable's true one, nobody reads or writes it now, and the library bears that
    /// value.
    #[expect(single_use_lifetimes, reason = "an anonymous one is not stable here")]
    pub unsafe fn set_value<'a>(&self, name: &str, value: impl Into<Arg<'a>>) -> Result<()> {
        let (variable, address) = self.declared_variable(name)?;
        let (unit, value) = (self.declarations.unit(), value.into());
        let declared = || unit.declare(variable.ty, name);
        if is_const(unit, variable.ty) {
            let message = format!("`{}` cannot be written", declared());
            return Err(Error::new(ErrorKind::ReadOnly, message));
        }
        // SAFETY: as the caller says.
        let stored = unsafe { value.store(unit, variable.ty, address.0.cast()) };
        stored.map_err(|misfit| {
            let (kind, what) = match misfit {
                Misfit::Range => (ErrorKind::OutOfRange, format!("{value:?}")),
                Misfit::Null => (ErrorKind::Null, value.type_name()),
                Misfit::ReadOnly => (ErrorKind::ReadOnly, value.type_name()),
                Misfit::Type => (ErrorKind::ValueType, value.type_name()),
            };
            Error::new(kind, format!("`{}` does not hold {what}", declared()))
        })
    }
}

/// Works out the call of a function.
fn prepare(
    declarations: &Declarations,
    function: &Function,
    address: Address,
    choice: Choice,
) -> Result<Callable> {
    // SAFETY: the loader gave the address for a function, and no address is null.
    let target = unsafe { std::mem::transmute::<*mut c_void, Target>(address.0) };
    // SAFETY: libraries are not unloaded, but by a caller who promises not to use this any more.
    unsafe { Callable::new(declarations, function, target, choice) }
}
