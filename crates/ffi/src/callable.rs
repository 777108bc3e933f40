//! A function that is ready to be called.

use std::fmt;
use std::mem::MaybeUninit;
use std::sync::Arc;

use tenfold_cdecl::{Function, Type, TypeKind};

use crate::arg::{Arg, Misfit};
use crate::data::Data;
use crate::declarations::Declarations;
use crate::engine::{self, Engine, Frame, Target};
use crate::errno::Errno;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Bank, INTEGERS, Kind, Parameter, Plan, Returned, STACK};
use crate::value::{Pointer, Value};

/// Calls with as many words of arguments, the 14 of the registers among them, need no allocation.
const INLINE: usize = 32;

/// A function whose call is worked out: where each argument goes is known, and checked per call are its
/// number, types and ranges. [`Library::prepare`](crate::Library::prepare) makes it. Copies share what was
/// worked out.
///
/// # Examples
///
/// ```
/// use tenfold_ffi::{Library, args};
///
/// // SAFETY: libm has no initialisers that could do harm.
/// let mut m = unsafe { Library::open("m")? };
/// m.cdef("double pow(double, double);")?;
/// let pow = m.prepare("pow")?;
/// // SAFETY: that is its prototype in `math.h`, and it takes any numbers.
/// let value = unsafe { pow.call(&args![2.0, 10.0])? };
/// assert_eq!(f64::try_from(value)?, 1024.0);
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
#[derive(Clone)]
pub struct Callable(Arc<Prepared>);

struct Prepared {
    target: Target,
    plan: Plan,
    engine: Engine,
    name: Arc<str>,
    ty: Type,
    declarations: Declarations,
}

/// What is done right before and right after a call.
trait Watch {
    fn before(&mut self);
    fn after(&mut self);
}

/// Nothing, which costs nothing.
struct NoErrno;

impl Watch for NoErrno {
    #[inline(always)]
    fn before(&mut self) {}

    #[inline(always)]
    fn after(&mut self) {}
}

impl Watch for &mut Errno {
    fn before(&mut self) {
        Errno::clear();
    }

    fn after(&mut self) {
        **self = Errno::take();
    }
}

impl fmt::Debug for Callable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Callable({})", self.declaration())
    }
}

impl Callable {
    /// # Safety
    ///
    /// The function is there for as long as the callable or a copy of it is.
    pub(crate) unsafe fn new(
        declarations: &Declarations,
        function: &Function,
        target: Target,
        engine: engine::Choice,
    ) -> Result<Self> {
        let (unit, name, ty) = (declarations.unit(), &function.name, function.ty);
        let TypeKind::Function(function_type) = unit.resolved_kind(ty) else {
            let message = format!("`{name}` is no function");
            return Err(Error::new(ErrorKind::NotDeclared, message));
        };
        let in_context = |error: Error| error.within(format_args!("`{}`", unit.declare(ty, name)));
        let plan = Plan::new(unit, function_type, &function.nonnull, engine.is_flat());
        let plan = plan.map_err(in_context)?;
        let engine = Engine::new(unit, function_type, engine).map_err(in_context)?;
        let (name, declarations) = (Arc::clone(name), declarations.clone());
        Ok(Self(Arc::new(Prepared { target, plan, engine, name, ty, declarations })))
    }

    /// Its declaration.
    #[must_use]
    pub fn declaration(&self) -> String {
        self.0.declarations.unit().declare(self.0.ty, &self.0.name)
    }

    /// What it was declared in: the types of its values are of there.
    #[must_use]
    pub fn declarations(&self) -> &Declarations {
        &self.0.declarations
    }

    /// Calls it. Arguments for `...` are promoted as C has it: `float` to `double`, small integers to larger
    /// ones; a record [`Data`] is passed by value, other data by its address.
    ///
    /// # Errors
    ///
    /// The function was not called: [`Arity`](ErrorKind::Arity) if the number of arguments is wrong,
    /// [`ArgType`](ErrorKind::ArgType) if one is of another type than the parameter,
    /// [`OutOfRange`](ErrorKind::OutOfRange) if the parameter does not hold it exactly,
    /// [`ReadOnly`](ErrorKind::ReadOnly) if C might write to what may only be read,
    /// [`Null`](ErrorKind::Null) for a null pointer in place of a record or where `nonnull` is declared,
    /// [`Exhausted`](ErrorKind::Exhausted) if there is no memory for a record that it returns, and
    /// [`Unsupported`](ErrorKind::Unsupported) if libffi cannot pass an argument for `...`.
    ///
    /// # Safety
    ///
    /// The declaration is the function's true one, and the function does nothing that is undefined with these
    /// arguments: pointers point to as much as it reads and writes, for as long as it keeps them, and it may
    /// be called from this thread. For `...`, the types are those that it expects.
    pub unsafe fn call(&self, args: &[Arg<'_>]) -> Result<Value> {
        // SAFETY: as the caller says.
        unsafe { self.run(args, NoErrno) }
    }

    /// Calls it with `errno` cleared, and tells what it has set `errno` to.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    ///
    /// # Safety
    ///
    /// As [`call`](Self::call).
    pub unsafe fn call_errno(&self, args: &[Arg<'_>]) -> Result<(Value, Errno)> {
        let mut errno = Errno::default();
        // SAFETY: as the caller says.
        let value = unsafe { self.run(args, &mut errno) }?;
        Ok((value, errno))
    }

    /// The plain cases: numbers and pointers in registers and on little of the stack.
    #[inline(always)]
    unsafe fn run(&self, args: &[Arg<'_>], mut errno: impl Watch) -> Result<Value> {
        let Prepared { target, plan, engine, .. } = &*self.0;
        if args.len() != plan.parameters.len() || plan.words > INLINE || !engine.is_stub() {
            // SAFETY: as for us.
            return unsafe { self.run_any(args, errno) };
        }
        let mut words = [const { MaybeUninit::<u64>::uninit() }; INLINE];
        // A register that is not taken is loaded too. Left as it is, its word may have been written in parts
        // just now, and the load would wait for them.
        let (integers, floats) = words[..STACK].split_at_mut(INTEGERS);
        integers.fill(MaybeUninit::new(0));
        if plan.allocator.floats() > 0 {
            floats.fill(MaybeUninit::new(0));
        }
        let words = words.as_mut_ptr().cast::<u64>();
        for (parameter, arg) in plan.parameters.iter().zip(args) {
            let Some(word) = parameter.word(arg) else {
                // SAFETY: as for us.
                return unsafe { self.run_any(args, errno) };
            };
            // SAFETY: the slots of the plan are below what it needs, and that is there.
            let slot = unsafe { words.add(parameter.slots[0]) };
            // SAFETY: as above.
            unsafe { slot.write(word) };
        }
        match plan.returned {
            Returned::Integer(scalar) => {
                errno.before();
                // SAFETY: every argument is what was declared, and the rest is as the caller says.
                let [word, _] = unsafe { engine::call(*target, plan.frame(words), Bank::Integers) };
                errno.after();
                Ok(Value::from_word(scalar, word))
            }
            Returned::Double => {
                errno.before();
                // SAFETY: as above.
                let [word, _] = unsafe { engine::call(*target, plan.frame(words), Bank::Floats) };
                errno.after();
                Ok(Value::F64(f64::from_bits(word)))
            }
            // SAFETY: as above.
            _ => unsafe { self.enter(plan.frame(words), &[], errno) },
        }
    }

    /// All that is rarer, and what is wrong.
    #[inline(never)]
    unsafe fn run_any(&self, args: &[Arg<'_>], errno: impl Watch) -> Result<Value> {
        let Plan { parameters, is_variadic, allocator, .. } = &self.0.plan;
        let (given, needed) = (args.len(), parameters.len());
        if given < needed || (given > needed && !is_variadic) {
            let least = if *is_variadic { "at least " } else { "" };
            let message = format!(
                "`{}` takes {least}{needed} arguments, and {given} were given",
                self.declaration()
            );
            return Err(Error::new(ErrorKind::Arity { given, needed }, message));
        }
        let mut allocator = allocator.clone();
        let mut extra = Vec::with_capacity(given - needed);
        for (index, arg) in args.iter().enumerate().skip(needed) {
            let parameter = Parameter::promoted(arg, &mut allocator);
            extra.push(parameter.map_err(|misfit| self.misfit(index, arg, misfit))?);
        }
        let mut words = vec![0_u64; STACK + allocator.stack()];
        let words = words.as_mut_ptr();
        let unit = self.0.declarations.unit();
        for (index, (parameter, arg)) in parameters.iter().chain(&extra).zip(args).enumerate() {
            // SAFETY: the slots are below what the allocator has given out, and that is there.
            let placed = unsafe { parameter.place(arg, unit, words) };
            placed.map_err(|misfit| self.misfit(index, arg, misfit))?;
        }
        let frame =
            Frame { words, stack: allocator.stack(), floats: allocator.floats(), is_direct: false };
        // SAFETY: every argument is what was declared, and the rest is as the caller says.
        unsafe { self.enter(frame, &extra, errno) }
    }

    /// Calls, and makes a value of what comes back.
    ///
    /// # Safety
    ///
    /// The words of the frame are arguments of the types that are declared, and those of `extra`; the rest is
    /// as for [`call`](Self::call).
    #[inline(never)]
    unsafe fn enter(
        &self,
        frame: Frame,
        extra: &[Parameter],
        mut errno: impl Watch,
    ) -> Result<Value> {
        let Prepared { engine, target, plan, declarations, .. } = &*self.0;
        let parameters = [&*plan.parameters, extra];
        let call = engine::Call { engine, target: *target, frame, parameters };
        let data = |ty| Data::zeroed(declarations, ty).map(Box::new);
        match plan.returned {
            Returned::Nothing => {
                errno.before();
                // SAFETY: as the caller says, and so below.
                unsafe { call.words(Bank::Integers) }?;
                errno.after();
                Ok(Value::Void)
            }
            Returned::Pointer(pointee) => {
                errno.before();
                // SAFETY: as above.
                let [address, _] = unsafe { call.words(Bank::Integers) }?;
                errno.after();
                #[expect(clippy::cast_possible_truncation, reason = "it is an address")]
                let address = std::ptr::with_exposed_provenance_mut(address as usize);
                Ok(Value::Pointer(Pointer { address, pointee }))
            }
            Returned::Scalar(scalar, bank) => {
                errno.before();
                // SAFETY: as above.
                let words = unsafe { call.words(bank) }?;
                errno.after();
                Ok(Value::from_words(scalar, words))
            }
            Returned::Integer(scalar) => {
                errno.before();
                // SAFETY: as above.
                let [word, _] = unsafe { call.words(Bank::Integers) }?;
                errno.after();
                Ok(Value::from_word(scalar, word))
            }
            Returned::Double => {
                errno.before();
                // SAFETY: as above.
                let [word, _] = unsafe { call.words(Bank::Floats) }?;
                errno.after();
                Ok(Value::F64(f64::from_bits(word)))
            }
            Returned::Object(ty, bank) => {
                let mut data = data(ty)?;
                errno.before();
                // SAFETY: as above.
                let words = unsafe { call.words(bank) }?;
                errno.after();
                let (from, bytes) = (words.as_ptr().cast::<u8>(), data.size());
                // SAFETY: an object in registers has at most the 16 bytes of two words.
                unsafe { std::ptr::copy_nonoverlapping(from, data.address_mut(), bytes) };
                Ok(Value::Data(data))
            }
            Returned::X87(ty, numbers) => {
                let mut data = data(ty)?;
                errno.before();
                // SAFETY: as above; the object has 16 bytes for each number.
                unsafe { call.x87(numbers, data.address_mut()) }?;
                errno.after();
                Ok(Value::Data(data))
            }
            Returned::Memory(ty) => {
                let mut data = data(ty)?;
                errno.before();
                // SAFETY: as above; the object has the bytes of the result.
                unsafe { call.memory(data.address_mut()) }?;
                errno.after();
                Ok(Value::Data(data))
            }
        }
    }

    /// What is wrong with an argument.
    #[cold]
    fn misfit(&self, index: usize, arg: &Arg<'_>, misfit: Misfit) -> Error {
        let unit = self.0.declarations.unit();
        let declared = match unit.resolved_kind(self.0.ty) {
            TypeKind::Function(function) => function.parameters.get(index),
            _ => None,
        };
        let declared = declared.map_or_else(
            || String::from("..."),
            |parameter| unit.declare(parameter.ty, parameter.name.as_deref().unwrap_or_default()),
        );
        let place = format!("argument {} of `{}`", index + 1, self.0.name);
        let (kind, message) = match misfit {
            Misfit::Type => {
                let given = arg.type_name();
                (ErrorKind::ArgType { index }, format!("{place} is {given}, not `{declared}`"))
            }
            Misfit::Range => {
                let message =
                    format!("{place} is {arg:?}, which `{declared}` does not hold exactly");
                (ErrorKind::OutOfRange, message)
            }
            Misfit::ReadOnly => {
                let given = arg.type_name();
                let message = format!("{place} is {given}, and C may write to `{declared}`");
                (ErrorKind::ReadOnly, message)
            }
            Misfit::Null => {
                let parameter = self.0.plan.parameters.get(index);
                let why = match parameter.map(|parameter| parameter.kind) {
                    Some(Kind::Pointer) => "is declared `nonnull`",
                    _ => "is passed by value",
                };
                (ErrorKind::Null, format!("{place} is null, and `{declared}` {why}"))
            }
        };
        Error::new(kind, message)
    }
}
