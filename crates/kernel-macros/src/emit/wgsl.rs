//! WGSL of a kernel: one function, which a launcher calls for each element.
//!
//! What the printer leaves to whoever puts a module together:
//!
//! * a [`Piece::Const`] is the value of a constant of the user, as a literal of its type;
//! * a [`Piece::Call`] is the name of another kernel's function, which stands in the module too;
//! * [`Source::needs`] are functions `tenfold_exp_f64` that WGSL lacks, or has less exact;
//! * of a stencil, the first parameter is the place, `tenfold_at: vec2<i32>` (`i32` with one axis,
//!   `vec3<i32>` with three), and the launcher writes `NAME_nbr_u(at, offset)` for each neighbourhood
//!   `u`, both arguments of that type: it reads the array and knows the border.
//!
//! Complex numbers are `vec2<f32>` and `vec2<f64>`. `f64`, `i64` and `u64` are extensions that the
//! device has to have.

mod complex;
mod expressions;
mod loops;
mod math;

use std::collections::BTreeMap;

use syn::Path;

use crate::directives::{Division, Form};
use crate::ir::{
    BinOp, Block, Expr, ExprKind, Fun, Kernel, LoopId, ParamKind, Place, Prim, Stmt, StmtKind, Ty,
    VarId,
};

/// What there is for other devices.
#[derive(Debug)]
pub(crate) enum Portable {
    Source(Source),
    Unsupported { reason: String },
}

#[derive(Debug)]
pub(crate) struct Source {
    /// `saxpy`, and `saxpy_f64` of a kernel for several types.
    pub(crate) name: String,
    /// Names and types of the parameters that are numbers.
    pub(crate) params: Vec<(String, &'static str)>,
    /// Names, types of elements and numbers of axes of the neighbourhoods.
    pub(crate) neighbours: Vec<(String, &'static str, usize)>,
    /// The types of the results; several are the fields `o0`, `o1` of the struct `NAME_out`.
    pub(crate) returns: Vec<&'static str>,
    pub(crate) pieces: Vec<Piece>,
    /// The kernels that it calls.
    pub(crate) deps: Vec<Path>,
    /// Functions that the module has to have besides: `tenfold_exp_f64`.
    pub(crate) needs: Vec<(Fun, Prim)>,
}

/// A part of the source.
#[derive(Debug)]
pub(crate) enum Piece {
    Text(String),
    /// A constant whose value only the compiler knows.
    Const(Path, Prim),
    /// The name of another kernel's function.
    Call(Path),
}

/// Why there is no source.
type Unsupported = String;
type Printed<T> = Result<T, Unsupported>;

pub(crate) fn print(kernel: &Kernel, dtype: Option<Prim>) -> Portable {
    match Printer::new(kernel, dtype).kernel() {
        Ok(source) => Portable::Source(source),
        Err(reason) => Portable::Unsupported { reason },
    }
}

/// Marks in the text where a piece belongs; no source has them.
const CONST: char = '\u{1}';
const CALL: char = '\u{2}';
const END: char = '\u{3}';

struct Printer<'a> {
    kernel: &'a Kernel,
    dtype: Option<Prim>,
    name: String,
    /// The statements so far of the block that is being printed.
    out: String,
    /// Functions that the kernel's own calls, by name.
    helpers: BTreeMap<String, String>,
    consts: Vec<(Path, Prim)>,
    deps: Vec<Path>,
    needs: Vec<(Fun, Prim)>,
    loops: Vec<LoopId>,
    temporaries: usize,
}

impl<'a> Printer<'a> {
    fn new(kernel: &'a Kernel, dtype: Option<Prim>) -> Self {
        Self {
            kernel,
            dtype,
            name: function(kernel, dtype),
            out: String::new(),
            helpers: BTreeMap::new(),
            consts: vec![],
            deps: vec![],
            needs: vec![],
            loops: vec![],
            temporaries: 0,
        }
    }

    fn kernel(mut self) -> Printed<Source> {
        let kernel = self.kernel;
        match kernel.directives.form {
            Form::Loop | Form::Gufunc(_) => return Err("it works on slices".to_owned()),
            _ if kernel.directives.division == Division::Error => {
                return Err("`division = error` has no way back from a device".to_owned());
            }
            _ => {}
        }
        let (params, neighbours) = self.parameters()?;
        let returns: Vec<&'static str> =
            kernel.returns.iter().map(|ty| self.ty(*ty)).collect::<Printed<_>>()?;
        let result = match &returns[..] {
            [one] => (*one).to_owned(),
            _ => format!("{}_out", self.name),
        };
        let leaves = matches!(kernel.body.stmts.last(), Some(stmt) if ends(stmt));
        self.statements(&kernel.body.stmts)?;
        match &kernel.body.tail {
            Some(tail) => self.give_back(tail)?,
            // All paths have returned, which WGSL wants to see.
            None if !leaves => self.line(&format!("return {result}();")),
            None => {}
        }
        let text = self.module(&params, &neighbours, &returns, &result);
        Ok(Source {
            pieces: self.pieces(&text),
            name: self.name,
            params,
            neighbours,
            returns,
            deps: self.deps,
            needs: self.needs,
        })
    }

    fn parameters(&mut self) -> Printed<(Parameters, Neighbours)> {
        let (mut params, mut neighbours) = (vec![], vec![]);
        for param in &self.kernel.params {
            match &param.kind {
                ParamKind::Value { ty, var } => {
                    let (ty, name) = (self.ty(*ty)?, self.var(*var));
                    if self.kernel.vars[*var].is_mut {
                        // Parameters do not change in WGSL.
                        self.line(&format!("var {name}: {ty} = {name}_in;"));
                        params.push((format!("{name}_in"), ty));
                    } else {
                        params.push((name, ty));
                    }
                }
                ParamKind::Neighbours { ty, dims, .. } => {
                    neighbours.push((plain(&param.name.to_string()), self.ty(*ty)?, *dims));
                }
                ParamKind::Slice { .. } => return Err("it works on slices".to_owned()),
            }
        }
        Ok((params, neighbours))
    }

    /// The struct of several results, the helpers and the function.
    fn module(
        &self,
        params: &[(String, &'static str)],
        neighbours: &[(String, &'static str, usize)],
        returns: &[&'static str],
        result: &str,
    ) -> String {
        let mut text = String::new();
        if returns.len() != 1 {
            let fields: Vec<String> =
                returns.iter().enumerate().map(|(i, ty)| format!("o{i}: {ty}")).collect();
            text += &format!("struct {result} {{ {} }}\n", fields.join(", "));
        }
        for helper in self.helpers.values() {
            text += helper;
        }
        let place = neighbours.first().map(|(_, _, dims)| format!("tenfold_at: {}", place(*dims)));
        let numbers = params.iter().map(|(name, ty)| format!("{name}: {ty}"));
        let list: Vec<String> = place.into_iter().chain(numbers).collect();
        let (name, list, body) = (&self.name, list.join(", "), &self.out);
        text + &format!("fn {name}({list}) -> {result} {{\n{body}}}\n")
    }

    /// The text, cut where a mark is.
    fn pieces(&self, text: &str) -> Vec<Piece> {
        let mut pieces = vec![];
        let mut rest = text;
        while let Some(at) = rest.find([CONST, CALL]) {
            let (before, marked) = rest.split_at(at);
            let (mark, after) = marked.split_once(END).unwrap_or((marked, ""));
            pieces.push(Piece::Text(before.to_owned()));
            let index: usize = mark[1..].parse().unwrap_or_default();
            pieces.extend(match mark.starts_with(CONST) {
                true => self.consts.get(index).map(|(path, ty)| Piece::Const(path.clone(), *ty)),
                false => self.deps.get(index).map(|path| Piece::Call(path.clone())),
            });
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        pieces
    }

    fn line(&mut self, line: &str) {
        self.out += line;
        self.out += "\n";
    }

    fn temporary(&mut self) -> String {
        self.temporaries += 1;
        format!("tenfold_t{}", self.temporaries)
    }

    /// A variable by a name that no other has: WGSL has words of its own, and other scopes.
    fn var(&self, var: VarId) -> String {
        format!("{}_{var}", plain(&self.kernel.vars[var].name.to_string()))
    }

    fn prim(&self, ty: Ty) -> Printed<Prim> {
        match ty {
            Ty::Prim(Prim::Usize) => Ok(Prim::U32),
            Ty::Prim(Prim::Isize) => Ok(Prim::I32),
            Ty::Prim(prim @ (Prim::I8 | Prim::I16 | Prim::U8 | Prim::U16)) => {
                Err(format!("WGSL has no `{}`", prim.name()))
            }
            Ty::Prim(prim) => Ok(prim),
            Ty::Param => match self.dtype {
                Some(dtype) => self.prim(Ty::Prim(dtype)),
                None => Err("its type parameter is open".to_owned()),
            },
            Ty::Complex(_) => Err("a complex number stands where one number should".to_owned()),
            Ty::Unknown => Err("a type is known to the compiler alone; annotate it".to_owned()),
            Ty::Unit => Err("a value is missing".to_owned()),
        }
    }

    fn ty(&self, ty: Ty) -> Printed<&'static str> {
        match self.part(ty) {
            Some(part) => Ok(complex::name(part)),
            None => Ok(self.prim(ty)?.name()),
        }
    }

    /// `: f32`, or nothing for a type that WGSL infers.
    fn annotation(&self, ty: Ty) -> Printed<String> {
        match ty {
            Ty::Unknown => Ok(String::new()),
            ty => Ok(format!(": {}", self.ty(ty)?)),
        }
    }

    /// A block in braces.
    fn block(&mut self, block: &Block) -> Printed<()> {
        self.line("{");
        self.statements(&block.stmts)?;
        if let Some(tail) = &block.tail {
            let value = self.expr(tail)?;
            self.line(&format!("_ = {value};"));
        }
        self.line("}");
        Ok(())
    }

    /// A block in braces whose value goes into variables.
    fn block_into(&mut self, block: &Block, names: &[String], types: &[Ty]) -> Printed<()> {
        self.line("{");
        self.statements(&block.stmts)?;
        if let Some(tail) = &block.tail {
            let values = self.values(tail, types)?;
            for (name, value) in names.iter().zip(values) {
                self.line(&format!("{name} = {value};"));
            }
        }
        self.line("}");
        Ok(())
    }

    fn statements(&mut self, stmts: &[Stmt]) -> Printed<()> {
        for stmt in stmts {
            self.stmt(stmt)?;
            if ends(stmt) {
                break; // WGSL refuses what is never reached.
            }
        }
        Ok(())
    }

    fn stmt(&mut self, stmt: &Stmt) -> Printed<()> {
        match &stmt.kind {
            StmtKind::Let { var, init } => {
                let variable = &self.kernel.vars[*var];
                let (name, of) = (self.var(*var), self.annotation(variable.ty)?);
                let word = if variable.is_mut || init.is_none() { "var" } else { "let" };
                let init = match init {
                    Some(init) => format!(" = {}", self.expr(init)?),
                    None => String::new(),
                };
                self.line(&format!("{word} {name}{of}{init};"));
            }
            StmtKind::LetTuple { vars, init } => {
                let types: Vec<Ty> = vars.iter().map(|var| self.kernel.vars[*var].ty).collect();
                let values = self.values(init, &types)?;
                for (var, value) in vars.iter().zip(values) {
                    let of = self.annotation(self.kernel.vars[*var].ty)?;
                    let word = if self.kernel.vars[*var].is_mut { "var" } else { "let" };
                    let name = self.var(*var);
                    self.line(&format!("{word} {name}{of} = {value};"));
                }
            }
            StmtKind::Assign { target, op, value } => self.assign(target, *op, value)?,
            StmtKind::If { cond, then, other } => {
                let cond = self.expr(cond)?;
                self.line(&format!("if {cond}"));
                self.block(then)?;
                if let Some(other) = other {
                    self.line("else");
                    self.block(other)?;
                }
            }
            StmtKind::While { .. } | StmtKind::Loop { .. } | StmtKind::For { .. } => {
                self.any_loop(&stmt.kind)?;
            }
            StmtKind::Break(id) => self.leave("break", *id)?,
            StmtKind::Continue(id) => self.leave("continue", *id)?,
            StmtKind::Return(Some(value)) => self.give_back(value)?,
            StmtKind::Return(None) => self.line("return;"),
            StmtKind::Block(block) => self.block(block)?,
            StmtKind::Expr(value) => {
                let value = self.expr(value)?;
                self.line(&format!("_ = {value};"));
            }
        }
        Ok(())
    }

    fn assign(&mut self, target: &Place, op: Option<BinOp>, value: &Expr) -> Printed<()> {
        let Place::Var(var) = target else { return Err("it works on slices".to_owned()) };
        let (name, ty) = (self.var(*var), self.kernel.vars[*var].ty);
        let right = self.expr(value)?;
        let value = match op {
            None => right,
            Some(op) => self.operation(op, (&name, ty), (&right, value))?,
        };
        self.line(&format!("{name} = {value};"));
        Ok(())
    }

    fn give_back(&mut self, value: &Expr) -> Printed<()> {
        let types = self.kernel.returns.clone();
        let values = self.values(value, &types)?;
        match &values[..] {
            [one] if types.len() == 1 => self.line(&format!("return {one};")),
            many => {
                let (name, list) = (&self.name, many.join(", "));
                self.line(&format!("return {name}_out({list});"));
            }
        }
        Ok(())
    }

    /// The parts of a tuple, or the one value.
    fn values(&mut self, expr: &Expr, types: &[Ty]) -> Printed<Vec<String>> {
        match &expr.kind {
            ExprKind::Tuple(parts) => self.operands(&parts.iter().collect::<Vec<_>>()),
            _ if types.len() == 1 => Ok(vec![self.expr(expr)?]),
            ExprKind::If { .. } | ExprKind::Block(_) => {
                let mut names = vec![];
                for ty in types {
                    let (name, ty) = (self.temporary(), self.ty(*ty)?);
                    self.line(&format!("var {name}: {ty};"));
                    names.push(name);
                }
                match &expr.kind {
                    ExprKind::If { cond, then, other } => {
                        let cond = self.expr(cond)?;
                        self.line(&format!("if {cond}"));
                        self.block_into(then, &names, types)?;
                        self.line("else");
                        self.block_into(other, &names, types)?;
                    }
                    ExprKind::Block(block) => self.block_into(block, &names, types)?,
                    _ => {}
                }
                Ok(names)
            }
            _ => {
                let (whole, value) = (self.temporary(), self.expr(expr)?);
                self.line(&format!("let {whole} = {value};"));
                Ok((0..types.len()).map(|index| format!("{whole}.o{index}")).collect())
            }
        }
    }
}

type Parameters = Vec<(String, &'static str)>;
type Neighbours = Vec<(String, &'static str, usize)>;

/// The type of places and distances.
fn place(dims: usize) -> &'static str {
    match dims {
        1 => "i32",
        2 => "vec2<i32>",
        _ => "vec3<i32>",
    }
}

/// The name of the function: with the type behind it, it is none of WGSL's own.
fn function(kernel: &Kernel, dtype: Option<Prim>) -> String {
    let first = kernel.returns.first().and_then(|ty| match ty {
        Ty::Prim(prim) => Some(*prim),
        _ => dtype,
    });
    let of = dtype.filter(|_| kernel.generic.is_some()).or(first).map_or("", |prim| prim.name());
    format!("{}_{of}", plain(&kernel.name.to_string()))
}

/// A name without what WGSL does not allow in one.
fn plain(name: &str) -> String {
    let name = name.trim_start_matches("r#");
    if name.starts_with("__") { format!("v{name}") } else { name.to_owned() }
}

/// Whether nothing in the same block comes after this statement.
fn ends(stmt: &Stmt) -> bool {
    matches!(stmt.kind, StmtKind::Break(_) | StmtKind::Continue(_) | StmtKind::Return(_))
}
