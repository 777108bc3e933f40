//! How a call is made: which words of its arguments go where, worked out once.

use std::ffi::c_void;
use std::ptr;

use tenfold_cdecl::{FunctionType, Type, TypeKind, Unit};

use crate::arg::{Access, Arg, Given, Misfit, Tag};
use crate::class::{Class, Passing, classify, unsupported};
use crate::ctype::{Shape, ShapeKind};
use crate::data::Data;
use crate::engine::Frame;
use crate::error::{Error, ErrorKind, Result};
use crate::extended;
use crate::matching::is_const;
use crate::scalar::Scalar;

/// Registers for integers and pointers: `rdi`, `rsi`, `rdx`, `rcx`, `r8`, `r9`.
pub(crate) const INTEGERS: usize = 6;

/// Registers for floating numbers: `xmm0` to `xmm7`.
const FLOATS: usize = 8;

/// Where the words of the stack begin, in what a stub takes: the registers stand before.
pub(crate) const STACK: usize = INTEGERS + FLOATS;

/// All arguments on the stack have at most so many words, 64 KiB: more would pass the guard below it.
const MAX_STACK: usize = 8192;

/// No word: padding, which is not passed.
const NOWHERE: usize = usize::MAX;

/// What the next parameter may take.
#[derive(Debug, Clone)]
pub(crate) struct Allocator {
    integers: usize,
    floats: usize,
    stack: usize,
    /// Everything on the stack, and each argument on its own 16 bytes: what libffi gets.
    is_flat: bool,
}

impl Allocator {
    pub(crate) fn new(is_flat: bool) -> Self {
        Self { integers: 0, floats: 0, stack: 0, is_flat }
    }

    /// Registers for floating numbers that are taken.
    pub(crate) fn floats(&self) -> usize {
        self.floats
    }

    /// Words of the stack that are taken.
    pub(crate) fn stack(&self) -> usize {
        self.stack
    }

    fn take(&mut self, passing: Passing, bytes: u64, alignment: u64) -> Option<[usize; 2]> {
        match passing {
            Passing::Nothing => Some([NOWHERE; 2]),
            Passing::Registers(classes) if !self.is_flat => {
                self.take_registers(classes).or_else(|| self.take_stack(bytes, alignment))
            }
            _ => self.take_stack(bytes, alignment),
        }
    }

    /// All of a value is in registers, or none of it.
    fn take_registers(&mut self, classes: [Class; 2]) -> Option<[usize; 2]> {
        let count = |class| classes.iter().filter(|&&one| one == class).count();
        let (integers, floats) = (count(Class::Integer), count(Class::Sse));
        if self.integers + integers > INTEGERS || self.floats + floats > FLOATS {
            return None;
        }
        Some(classes.map(|class| match class {
            Class::Integer => {
                self.integers += 1;
                self.integers - 1
            }
            Class::Sse => {
                self.floats += 1;
                INTEGERS + self.floats - 1
            }
            _ => NOWHERE,
        }))
    }

    fn take_stack(&mut self, bytes: u64, alignment: u64) -> Option<[usize; 2]> {
        if alignment > 8 || self.is_flat {
            self.stack = self.stack.next_multiple_of(2);
        }
        let words = usize::try_from(bytes.div_ceil(8)).ok()?;
        let at = STACK + self.stack;
        self.stack = self.stack.checked_add(words).filter(|&all| all <= MAX_STACK)?;
        Some([at, at + 1])
    }
}

/// How an argument becomes words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An integer of at most 64 bits.
    Integer,
    F64,
    F32,
    Pointer,
    /// Another number, which is told elsewhere.
    Scalar,
    /// x86-64's `long double`.
    Extended,
    /// Anything else that has bytes: it is copied.
    Object,
}

impl Kind {
    /// The variant of an argument that is usual for it.
    fn tag(self) -> Tag {
        match self {
            Self::Integer => Tag::INT,
            Self::F64 => Tag::F64,
            Self::F32 => Tag::F32,
            Self::Pointer => Tag::MEMORY,
            Self::Scalar | Self::Extended | Self::Object => Tag::NONE,
        }
    }
}

/// A parameter, and where its words go.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) kind: Kind,
    /// The usual argument, of which the word is all that is asked for.
    tag: Tag,
    /// The number that it is, or that a pointer points to.
    pub(crate) scalar: Option<Scalar>,
    /// Of a pointer: whether it takes any.
    is_any: bool,
    /// Of a pointer: whether C may only read what is there.
    is_const: bool,
    /// Of a pointer: whether it is declared `nonnull`.
    is_nonnull: bool,
    /// Where the first words go; those of an object on the stack stand one behind the other.
    pub(crate) slots: [usize; 2],
    /// Of an integer: its bounds, as far as `i64` has them, and the upper one as `u64` has it.
    least: i64,
    greatest: i64,
    greatest_unsigned: u64,
    /// Of an object.
    pub(crate) bytes: usize,
    /// The type; of a pointer what is there; none for `...`.
    ty: Option<Type>,
}

impl Parameter {
    pub(crate) fn new(unit: &Unit, ty: Type, allocator: &mut Allocator) -> Result<Self> {
        let scalar = Scalar::of(unit, ty);
        let (kind, pointee) = match (scalar, unit.resolved_kind(ty)) {
            (_, &TypeKind::Pointer(pointee)) => (Kind::Pointer, Some(pointee)),
            (Some(Scalar::F64), _) => (Kind::F64, None),
            (Some(Scalar::F32), _) => (Kind::F32, None),
            (Some(scalar), _) if scalar.bounds().is_some() => (Kind::Integer, None),
            (Some(_), _) => (Kind::Scalar, None),
            (None, TypeKind::VaList) => return Err(unsupported(unit, ty, "is only C's to make")),
            (None, TypeKind::Record(id)) if unit.record_by_id(*id).is_transparent => {
                return Err(unsupported(unit, ty, "is a transparent union"));
            }
            (None, _) if extended::is_extended(unit, ty) => (Kind::Extended, None),
            (None, _) => (Kind::Object, None),
        };
        let layout = unit.layout(unit.resolve(ty))?;
        let passing = classify(unit, ty)?;
        let slots = allocator.take(passing, layout.size(), layout.alignment());
        let slots = slots.ok_or_else(|| unsupported(unit, ty, "finds no room on the stack"))?;
        let (least, greatest_unsigned) =
            scalar.and_then(Scalar::bounds).unwrap_or((i64::MIN, i64::MAX.cast_unsigned()));
        let is_any = pointee.is_some_and(|ty| matches!(unit.resolved_kind(ty), TypeKind::Void));
        Ok(Self {
            kind,
            tag: kind.tag(),
            scalar: pointee.map_or(scalar, |pointee| Scalar::of(unit, pointee)),
            is_any,
            is_const: pointee.is_some_and(|pointee| is_const(unit, pointee)),
            is_nonnull: false,
            slots,
            least,
            greatest: i64::try_from(greatest_unsigned).unwrap_or(i64::MAX),
            greatest_unsigned,
            bytes: usize::try_from(layout.size()).unwrap_or(usize::MAX),
            ty: Some(pointee.unwrap_or(ty)),
        })
    }

    /// The same pointer, which must not be null: there is more to look at than its word.
    fn nonnull(self) -> Self {
        Self { tag: Tag::NONE, is_nonnull: true, ..self }
    }

    /// A parameter of `...` for an argument, after C's promotions.
    pub(crate) fn promoted(arg: &Arg<'_>, allocator: &mut Allocator) -> Result<Self, Misfit> {
        let (kind, scalar, passing) = match arg.0 {
            Given::Void => return Err(Misfit::Type),
            Given::F32(_) | Given::F64(_) => (Kind::F64, Scalar::F64, [Class::Sse, Class::None]),
            Given::Complex32(_) => (Kind::Scalar, Scalar::Complex32, [Class::Sse, Class::None]),
            Given::Complex64(_) => (Kind::Scalar, Scalar::Complex64, [Class::Sse; 2]),
            Given::Wide(_) => (Kind::Scalar, Scalar::I128, [Class::Integer; 2]),
            Given::UnsignedWide(_) => (Kind::Scalar, Scalar::U128, [Class::Integer; 2]),
            Given::Unsigned(_) => (Kind::Scalar, Scalar::U64, [Class::Integer, Class::None]),
            // C reads as many of the 64 bits as it needs.
            Given::Int(_) | Given::Bool(_) => {
                (Kind::Integer, Scalar::I64, [Class::Integer, Class::None])
            }
            Given::Data { data, .. } if is_by_value(data) => {
                let unit = data.declarations().unit();
                return Self::new(unit, data.ty(), allocator).map_err(|_| Misfit::Type);
            }
            _ => (Kind::Pointer, Scalar::U64, [Class::Integer, Class::None]),
        };
        let bytes = scalar.size();
        // An integer of 128 bits is aligned to them.
        let alignment =
            if matches!(arg.0, Given::Wide(_) | Given::UnsignedWide(_)) { 16 } else { 8 };
        let slots = allocator.take(Passing::Registers(passing), bytes as u64, alignment);
        Ok(Self {
            kind,
            tag: kind.tag(),
            scalar: Some(scalar),
            is_any: true,
            is_const: true,
            is_nonnull: false,
            slots: slots.ok_or(Misfit::Type)?,
            least: i64::MIN,
            greatest: i64::MAX,
            greatest_unsigned: i64::MAX.cast_unsigned(),
            bytes,
            ty: None,
        })
    }
}

/// Whether a function with `...` gets an object itself: a record, or a `long double`. Of others it gets
/// the address.
fn is_by_value(data: &Data) -> bool {
    let unit = data.declarations().unit();
    let kind = unit.resolved_kind(data.ty());
    matches!(kind, TypeKind::Record(_)) || extended::is_extended(unit, data.ty())
}

impl Parameter {
    /// The word of an argument that is a plain case of what was declared; none of one that is rarer, or wrong.
    #[inline(always)]
    pub(crate) fn word(&self, arg: &Arg<'_>) -> Option<u64> {
        let Some(word) = arg.word(self.tag) else { return self.rarer_word(arg) };
        if self.kind != Kind::Pointer {
            // All floating numbers are between the bounds.
            let value = word.cast_signed();
            return (value >= self.least && value <= self.greatest).then_some(word);
        }
        match arg.0 {
            Given::Memory { to, access, .. } if self.takes(to, access) => Some(word),
            _ => None,
        }
    }

    #[inline(always)]
    fn rarer_word(&self, arg: &Arg<'_>) -> Option<u64> {
        match arg.0 {
            Given::Unsigned(value)
                if self.kind == Kind::Integer && value <= self.greatest_unsigned =>
            {
                Some(value)
            }
            // In line too: as a call of its own it cost the others a nanosecond.
            Given::Memory { address, to, access }
                if self.is_nonnull && !address.is_null() && self.takes(to, access) =>
            {
                Some(address.expose_provenance() as u64)
            }
            _ => None,
        }
    }

    /// As far as it is seen at once.
    #[inline]
    fn takes(&self, to: &Shape, access: Access) -> bool {
        (self.is_const || !access.is_const()) && self.points_to(to)
    }

    #[inline]
    fn points_to(&self, shape: &Shape) -> bool {
        match shape.0 {
            ShapeKind::Scalar(scalar) => self.is_any || self.scalar == Some(scalar),
            ShapeKind::Any => true,
            _ => self.is_any,
        }
    }

    /// Writes the words of an argument, if it is what was declared.
    ///
    /// # Safety
    ///
    /// `words` has room for the slots of the parameter, which is one of `unit`.
    pub(crate) unsafe fn place(
        &self,
        arg: &Arg<'_>,
        unit: &Unit,
        words: *mut u64,
    ) -> Result<(), Misfit> {
        let found = match self.kind {
            Kind::F64 => arg.convert(Scalar::F64)?,
            Kind::F32 => arg.convert(Scalar::F32)?,
            Kind::Scalar | Kind::Integer => arg.convert(self.scalar.ok_or(Misfit::Type)?)?,
            Kind::Pointer => [self.pointer(arg, unit)?.expose_provenance() as u64, 0],
            Kind::Extended => match arg.extended() {
                // SAFETY: as for us.
                Err(Misfit::Type) => return unsafe { self.place_object(arg, unit, words) },
                words => words?,
            },
            // SAFETY: as for us.
            Kind::Object => return unsafe { self.place_object(arg, unit, words) },
        };
        let count = if self.bytes > 8 { 2 } else { 1 };
        for (slot, word) in self.slots.into_iter().zip(found).take(count) {
            // SAFETY: there is room for the slots, as the caller says.
            let slot = unsafe { words.add(slot) };
            // SAFETY: as above.
            unsafe { slot.write(word) };
        }
        Ok(())
    }

    fn pointer(&self, arg: &Arg<'_>, unit: &Unit) -> Result<*const c_void, Misfit> {
        let address = match self.ty {
            Some(pointee) => arg.pointer(unit, pointee)?,
            None => arg.any_pointer()?,
        };
        match self.is_nonnull && address.is_null() {
            true => Err(Misfit::Null),
            false => Ok(address),
        }
    }

    /// Copies the bytes of an object, to registers or to the stack.
    ///
    /// # Safety
    ///
    /// As [`place`](Self::place).
    unsafe fn place_object(
        &self,
        arg: &Arg<'_>,
        unit: &Unit,
        words: *mut u64,
    ) -> Result<(), Misfit> {
        let ty = self.ty.ok_or(Misfit::Type)?;
        let mut object = arg.object(unit, ty)?;
        let mut bytes = self.bytes;
        if self.slots[0] >= STACK && self.slots[0] != NOWHERE {
            // SAFETY: there is room for the slots, as the caller says.
            let slot = unsafe { words.add(self.slots[0]) };
            // SAFETY: the object has so many bytes, and there is room for them.
            unsafe { ptr::copy_nonoverlapping(object, slot.cast(), bytes) };
            return Ok(());
        }
        for slot in self.slots {
            let size = bytes.min(8);
            if slot != NOWHERE && size > 0 {
                let mut word = 0_u64;
                // SAFETY: the object has so many bytes left, and a word has 8.
                unsafe { ptr::copy_nonoverlapping(object, ptr::from_mut(&mut word).cast(), size) };
                // SAFETY: there is room for the slots, as the caller says.
                let slot = unsafe { words.add(slot) };
                // SAFETY: as above.
                unsafe { slot.write(word) };
            }
            bytes -= size;
            // SAFETY: so many bytes were left.
            object = unsafe { object.add(size) };
        }
        Ok(())
    }
}

/// Where a result comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Returned {
    Nothing,
    /// An integer of at most 8 bytes.
    Integer(Scalar),
    /// A `double`.
    Double,
    /// Another number in registers.
    Scalar(Scalar, Bank),
    Pointer(Type),
    /// In registers, and then in the bytes of an object.
    Object(Type, Bank),
    /// On the stack of the x87.
    X87(Type, usize),
    /// Where the caller says.
    Memory(Type),
}

/// Which registers hold the one or two words of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bank {
    /// `rax` and `rdx`.
    Integers,
    /// `xmm0` and `xmm1`.
    Floats,
    /// `rax` and `xmm0`.
    IntegerFloat,
    /// `xmm0` and `rax`.
    FloatInteger,
}

impl Returned {
    fn new(unit: &Unit, ty: Type) -> Result<Self> {
        let ty = unit.resolve(ty).unqualified();
        match *unit.kind(ty) {
            TypeKind::Void => return Ok(Self::Nothing),
            TypeKind::Pointer(pointee) => return Ok(Self::Pointer(pointee)),
            _ => {}
        }
        Ok(match (classify(unit, ty)?, Scalar::of(unit, ty)) {
            (Passing::Memory, _) => Self::Memory(ty),
            (Passing::Nothing, _) => Self::Object(ty, Bank::Integers),
            (Passing::X87(registers), _) => Self::X87(ty, registers),
            (Passing::Registers(_), Some(Scalar::F64)) => Self::Double,
            (Passing::Registers(_), Some(scalar)) if scalar.bounds().is_some() => {
                Self::Integer(scalar)
            }
            (Passing::Registers(classes), Some(scalar)) => Self::Scalar(scalar, Bank::of(classes)),
            (Passing::Registers(classes), None) => Self::Object(ty, Bank::of(classes)),
        })
    }
}

impl Bank {
    fn of(classes: [Class; 2]) -> Self {
        match classes {
            [Class::Sse, Class::Sse | Class::None] => Self::Floats,
            [Class::Sse, _] => Self::FloatInteger,
            [_, Class::Sse] => Self::IntegerFloat,
            _ => Self::Integers,
        }
    }
}

/// A function's parameters and result, and what a stub is told of them.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) parameters: Box<[Parameter]>,
    pub(crate) returned: Returned,
    pub(crate) is_variadic: bool,
    /// What is taken behind the parameters.
    pub(crate) allocator: Allocator,
    /// The words of all arguments, the registers included.
    pub(crate) words: usize,
    /// Whether registers hold all arguments, and `al` need not tell how many.
    is_direct: bool,
}

impl Plan {
    /// `nonnull` are the indices of the pointers that must not be null, in order.
    pub(crate) fn new(
        unit: &Unit,
        function: &FunctionType,
        nonnull: &[usize],
        is_flat: bool,
    ) -> Result<Self> {
        if !function.is_prototype {
            let message = "a function whose parameters are not declared cannot be called";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        if !function.convention.is_platform() {
            let message = format!("the calling convention {:?} is not known", function.convention);
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let returned = Returned::new(unit, function.result)?;
        let mut allocator = Allocator::new(is_flat);
        if matches!(returned, Returned::Memory(_)) && !is_flat {
            // The address of the result is the first argument.
            allocator.integers = 1;
        }
        let parameters: Result<Box<[Parameter]>> = function
            .parameters
            .iter()
            .enumerate()
            .map(|(index, parameter)| {
                let parameter = Parameter::new(unit, parameter.ty, &mut allocator)?;
                let is_nonnull = nonnull.binary_search(&index).is_ok();
                Ok(if is_nonnull { parameter.nonnull() } else { parameter })
            })
            .collect();
        let words = STACK + allocator.stack();
        let is_variadic = function.is_variadic;
        let is_direct = allocator.stack == 0 && !is_variadic;
        Ok(Self { parameters: parameters?, returned, is_variadic, allocator, words, is_direct })
    }
}

impl Plan {
    /// What a call takes whose words are there.
    #[inline(always)]
    pub(crate) fn frame(&self, words: *mut u64) -> Frame {
        let (stack, floats) = (self.allocator.stack, self.allocator.floats);
        Frame { words, stack, floats, is_direct: self.is_direct }
    }
}

impl Arg<'_> {
    /// The address of any argument that is one.
    pub(crate) fn any_pointer(&self) -> Result<*const c_void, Misfit> {
        match self.0 {
            Given::Null => Ok(ptr::null()),
            Given::Memory { address, .. } | Given::Function { address, .. } => Ok(address),
            Given::Typed(pointer) => Ok(pointer.address.cast_const()),
            Given::Data { address, .. } => Ok(address.cast()),
            _ => Err(Misfit::Type),
        }
    }
}
