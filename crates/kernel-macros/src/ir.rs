//! A kernel after it was read: names resolved, the subset checked, every expression typed.
//!
//! Three printers read it: `scalar` (the ordinary function), `lanes` (many elements at once, under
//! masks) and `wgsl` (the portable source).

use proc_macro2::Span;
use syn::{Ident, Path, Visibility};

use crate::directives::Directives;

/// A function under `#[kernel]`.
#[derive(Debug)]
pub(crate) struct Kernel {
    pub(crate) attrs: Vec<syn::Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) name: Ident,
    /// The head as the user wrote it: printing these paths keeps the user's imports in use.
    pub(crate) sig: syn::Signature,
    /// How the user wrote `Complex`, if the kernel names it.
    pub(crate) complex: Option<Path>,
    /// `T: Real` with `for = [f32, f64]`.
    pub(crate) generic: Option<Generic>,
    pub(crate) params: Vec<Param>,
    /// No type: returns nothing (loop and generalised kernels that write their `&mut` arguments).
    /// Several: a tuple, one output array each.
    pub(crate) returns: Vec<Ty>,
    pub(crate) returns_tuple: bool,
    pub(crate) vars: Vec<Var>,
    pub(crate) body: Block,
    pub(crate) directives: Directives,
}

/// The one type parameter of a kernel for several element types.
#[derive(Debug, Clone)]
pub(crate) struct Generic {
    pub(crate) name: Ident,
    pub(crate) bound: Bound,
    pub(crate) types: Vec<Prim>,
}

/// What a type parameter may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// `Real`: f32, f64.
    Real,
    /// `Int`: i8 to u64.
    Int,
    /// `Num`: both.
    Num,
}

/// A parameter; `var` is its entry in `Kernel::vars` if it is a value.
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) name: Ident,
    pub(crate) kind: ParamKind,
}

#[derive(Debug)]
pub(crate) enum ParamKind {
    /// A number, a bool or a complex number.
    Value { ty: Ty, var: VarId },
    /// `Nbr1<T>`, `Nbr2<T>`, `Nbr3<T>` of a stencil. `reach[axis]` is the smallest and largest
    /// relative index that the body reads,
    /// and 0 lies between.
    Neighbours { ty: Ty, dims: usize, reach: Vec<(i64, i64)> },
    /// `&[T]` or `&mut [T]` of a loop or generalised kernel, or a matrix `View2<T>`.
    Slice { ty: Ty, is_mut: bool, dims: usize },
}

/// The type of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Prim {
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    /// Indices and lengths: loop and generalised kernels, counters of `for`.
    Usize,
    Isize,
    Bool,
}

/// The type of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Ty {
    Prim(Prim),
    /// The type parameter of the kernel.
    Param,
    /// `Complex<f32>`, `Complex<f64>`; `Complex<T>` is `Complex(None)`.
    Complex(Option<Prim>),
    /// What only the compiler knows: the result of another kernel, a constant of the user. Printers
    /// leave such literals unsuffixed and such variables unannotated.
    Unknown,
    /// Nothing: a statement.
    Unit,
}

pub(crate) type VarId = usize;

/// A parameter or local variable. Shadowing makes a new one.
#[derive(Debug)]
pub(crate) struct Var {
    pub(crate) name: Ident,
    pub(crate) ty: Ty,
    /// Assigned after its first value.
    pub(crate) is_mut: bool,
    /// The same in every lane that is active: computed from constants and counters of uniform loops
    /// alone. (Parameters vary, except those of a loop kernel.) Only immutable variables with a
    /// value at their `let` are uniform, to keep it simple; these live under the mask that they
    /// were born under, so it does not matter whether control flow was uniform there.
    pub(crate) uniform: bool,
    pub(crate) annotated: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) stmts: Vec<Stmt>,
    pub(crate) tail: Option<Box<Expr>>,
}

#[derive(Debug)]
pub(crate) struct Stmt {
    pub(crate) kind: StmtKind,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum StmtKind {
    /// `let x: T = ..;`, or without a value if every path assigns it once (`init` is `None`).
    Let {
        var: VarId,
        init: Option<Expr>,
    },
    /// `let (a, b) = call(..);` of a kernel with several outputs, or of a tuple.
    LetTuple {
        vars: Vec<VarId>,
        init: Expr,
    },
    /// `x = ..;`, and `x += ..;` with `op`.
    Assign {
        target: Place,
        op: Option<BinOp>,
        value: Expr,
    },
    If {
        cond: Expr,
        then: Block,
        other: Option<Block>,
    },
    While {
        label: Option<LoopId>,
        cond: Expr,
        body: Block,
    },
    Loop {
        label: Option<LoopId>,
        body: Block,
    },
    /// `for i in a..b` or `a..=b`, also `.rev()` and `.step_by(n)`.
    For {
        label: Option<LoopId>,
        var: VarId,
        range: Box<Range>,
        body: Block,
    },
    /// Of the loop with this number, counted from the outermost of the kernel in order of text.
    Break(LoopId),
    Continue(LoopId),
    Return(Option<Expr>),
    /// A block of its own, or an expression whose value nobody wants.
    Block(Block),
    Expr(Expr),
}

/// Number of a loop, in order of text. All loops have theirs in `label`, also those that the user
/// gave no label.
pub(crate) type LoopId = usize;

#[derive(Debug)]
pub(crate) struct Range {
    pub(crate) start: Expr,
    pub(crate) end: Expr,
    pub(crate) inclusive: bool,
    pub(crate) reversed: bool,
    pub(crate) step: Option<Expr>,
}

/// What can be assigned to.
#[derive(Debug)]
pub(crate) enum Place {
    Var(VarId),
    /// `out[i]` of a loop or generalised kernel: parameter and indices.
    Element {
        param: usize,
        index: Vec<Expr>,
    },
}

pub(crate) type ExprId = usize;

#[derive(Debug)]
pub(crate) struct Expr {
    /// Its number in the kernel, for tables beside the tree.
    pub(crate) id: ExprId,
    pub(crate) kind: ExprKind,
    pub(crate) ty: Ty,
    /// See `Var::uniform`.
    pub(crate) uniform: bool,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum ExprKind {
    /// The digits as written, without suffix and underscores; the type is that of the expression.
    Int(String),
    Float(String),
    Bool(bool),
    Var(VarId),
    /// A constant by its path: `f64::consts::PI`, `u32::MAX`, `LIMIT`. `T::EPSILON` of the type
    /// parameter too.
    Const(Path),
    Unary(UnOp, Box<Expr>),
    Binary(BinOp, Box<Expr>, Box<Expr>),
    /// `&&`, `||`: the right side only where the left does not decide.
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    /// `x as f32`: to `Expr::ty`.
    Cast(Box<Expr>),
    /// A method of a number, or `T::from(..)`: the receiver first.
    Method(Fun, Vec<Expr>),
    /// Another kernel.
    Call(Path, Vec<Expr>),
    /// `Complex::new(re, im)`.
    Complex(Box<Expr>, Box<Expr>),
    /// `z.re`, `z.im`.
    Part(Box<Expr>, Part),
    /// `if` with a value. `match` on integers becomes this.
    If {
        cond: Box<Expr>,
        then: Block,
        other: Block,
    },
    Block(Block),
    Tuple(Vec<Expr>),
    /// `u[[-1, 0]]`, `u[1]`: parameter and relative index.
    Neighbour {
        param: usize,
        offset: Vec<i64>,
    },
    /// `x[i]`, `a[[i, j]]`: parameter and indices.
    Element {
        param: usize,
        index: Vec<Expr>,
    },
    /// `x.len()`; for matrices `a.nrows()`, `a.ncols()`: parameter and axis.
    Len {
        param: usize,
        axis: usize,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Re,
    Im,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnOp {
    Neg,
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BinOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    BitAnd,
    BitOr,
    BitXor,
    Shl,
    Shr,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A method of numbers that kernels know. `Fun::TABLE` has the names, types and arity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fun {
    // of floats
    Sqrt,
    Rsqrt,
    Cbrt,
    Exp,
    Exp2,
    ExpM1,
    Ln,
    Ln1p,
    Log2,
    Log10,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Atan2,
    Sinh,
    Cosh,
    Tanh,
    Powf,
    Hypot,
    Erf,
    Floor,
    Ceil,
    Round,
    RoundTiesEven,
    Trunc,
    Fract,
    Recip,
    MulAdd,
    Copysign,
    IsNan,
    IsFinite,
    IsInfinite,
    IsSignNegative,
    IsSignPositive,
    ToDegrees,
    ToRadians,
    ToBits,
    // of floats and integers
    Powi,
    Abs,
    Signum,
    Min,
    Max,
    Clamp,
    // of integers (`+` and the like wrap, so `wrapping_add` is `+`; kept for readers who want to
    // say it)
    Pow,
    WrappingAdd,
    WrappingSub,
    WrappingMul,
    WrappingNeg,
    WrappingShl,
    WrappingShr,
    RotateLeft,
    RotateRight,
    CountOnes,
    LeadingZeros,
    TrailingZeros,
    AbsDiff,
    RemEuclid,
    DivEuclid,
    // of complex numbers
    Norm,
    NormSqr,
    Arg,
    Conj,
    Inv,
    Powc,
    /// `Complex::from_polar(r, angle)`.
    FromPolar,
    /// `Complex::cis(angle)`.
    Cis,
    /// `f64::from(x)`, `u64::from(x)`, `T::from_f64(x)`: lossless conversions, and to the type
    /// parameter.
    From,
    /// `f64::from_bits(x)`.
    FromBits,
}

impl Ty {
    pub(crate) fn is_complex(self) -> bool {
        matches!(self, Self::Complex(_))
    }
}

impl ParamKind {
    /// The type of a number or of the elements.
    pub(crate) fn ty(&self) -> Ty {
        match self {
            Self::Value { ty, .. } | Self::Neighbours { ty, .. } | Self::Slice { ty, .. } => *ty,
        }
    }

    /// The axes of an array, none of a number.
    pub(crate) fn dims(&self) -> usize {
        match self {
            Self::Value { .. } => 0,
            Self::Neighbours { dims, .. } | Self::Slice { dims, .. } => *dims,
        }
    }
}
