//! The text of a kernel, under construction.

use std::fmt::Write as _;

use crate::error::{Error, ErrorKind, Result};
use crate::program::{Binding, Param, Params, Plan, size_of_type};

/// The text of a kernel, under construction: the heads of arrays and parameters are written here, and
/// what an author adds are functions and the body of one invocation.
///
/// In the body there are the arrays by their names, `params.NAME` for each parameter, `group` (which
/// work-group this is, from 0; there are `params.groups`), `local` (which invocation of it), the
/// constant `SIZE` (how many those are), and `index`, which is `group * SIZE + local`. Work-groups
/// beyond the last do not get to the body; invocations beyond the last element do. What a work-group
/// shares begins with anything in it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    name: String,
    bindings: Vec<Binding>,
    params: Vec<Param>,
    size: u32,
    is_precise: bool,
    is_guarded: bool,
    items: String,
    body: String,
}

impl Source {
    /// A kernel of 256 invocations a work-group, without anything.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            bindings: vec![],
            params: vec![Param { name: "groups".to_owned(), ty: "u32".to_owned() }],
            size: 256,
            is_precise: false,
            is_guarded: false,
            items: String::new(),
            body: String::new(),
        }
    }

    fn bind(mut self, name: &str, ty: &str, is_written: bool) -> Self {
        self.bindings.push(Binding {
            name: name.to_owned(),
            ty: ty.to_owned(),
            lanes: 1,
            is_written,
        });
        self
    }

    /// An array that is read.
    pub(crate) fn read(self, name: &str, ty: &str) -> Self {
        self.bind(name, ty, false)
    }

    /// An array that is written, and may be read. No other array of the kernel may be in the same
    /// memory.
    pub(crate) fn write(self, name: &str, ty: &str) -> Self {
        self.bind(name, ty, true)
    }

    /// A number: `params.NAME`. They are given in the order of these calls.
    pub(crate) fn param(mut self, name: &str, ty: &str) -> Self {
        self.params.push(Param { name: name.to_owned(), ty: ty.to_owned() });
        self
    }

    /// Invocations of a work-group.
    pub(crate) fn size(self, size: u32) -> Self {
        Self { size, ..self }
    }

    /// Each operation rounded by itself, NaN and infinities as IEEE 754 has them.
    pub(crate) fn precise(self, is_precise: bool) -> Self {
        Self { is_precise, ..self }
    }

    /// Work-groups beyond the last get to the body, too, which does nothing in them. A check less.
    pub(crate) fn guarded(self) -> Self {
        Self { is_guarded: true, ..self }
    }

    /// What stands outside of the body: functions, constants, `var<workgroup>`.
    pub(crate) fn items(mut self, text: &str) -> Self {
        self.items.push_str(text);
        self.items.push('\n');
        self
    }

    /// What one invocation does.
    pub(crate) fn body(mut self, text: &str) -> Self {
        self.body.push_str(text);
        self.body.push('\n');
        self
    }

    /// The whole module, if parameters travel with the dispatch or are bound behind the arrays.
    pub(crate) fn text(&self, is_immediate: bool) -> String {
        let mut text = String::from("struct Params {\n");
        let mut line = |args: std::fmt::Arguments<'_>| {
            let written = text.write_fmt(args);
            debug_assert!(written.is_ok(), "text takes everything");
        };
        for Param { name, ty } in &self.params {
            line(format_args!("    {name}: {ty},\n"));
        }
        match is_immediate {
            true => line(format_args!("}}\nvar<immediate> params: Params;\n")),
            false => line(format_args!(
                "}}\n@group(0) @binding({}) var<uniform> params: Params;\n",
                self.bindings.len()
            )),
        }
        for (at, Binding { name, ty, is_written, .. }) in self.bindings.iter().enumerate() {
            let access = if *is_written { "read_write" } else { "read" };
            line(format_args!(
                "@group(0) @binding({at}) var<storage, {access}> {name}: array<{ty}>;\n"
            ));
        }
        let size = self.size;
        let guard = if self.is_guarded { "" } else { "if (group >= params.groups) { return; }\n" };
        line(format_args!(
            "const SIZE: u32 = {size}u;\n{}\n@compute @workgroup_size({size})\nfn main(\
             @builtin(workgroup_id) group_at: vec3<u32>, \
             @builtin(num_workgroups) group_counts: vec3<u32>, \
             @builtin(local_invocation_index) local: u32) {{\n\
             let group = group_at.y * group_counts.x + group_at.x;\n\
             {guard}let index = group * SIZE + local;\n{}}}\n",
            self.items, self.body
        ));
        text
    }

    /// An error if there are no invocations.
    pub(crate) fn check(&self) -> Result<()> {
        if self.size > 0 {
            return Ok(());
        }
        let message = format!("kernel `{}` has work-groups of 0 invocations", self.name);
        Err(Error::new(ErrorKind::Argument, message))
    }

    /// What is to be compiled, of the text that [`text`](Self::text) gave.
    pub(crate) fn plan<'a>(&'a self, text: &'a str, is_immediate: bool) -> Plan<'a> {
        Plan {
            name: &self.name,
            text,
            entry: "main",
            bindings: &self.bindings,
            params: &self.params,
            params_at: match is_immediate {
                true => Params::Immediate,
                false => Params::Bound(self.bindings.len()),
            },
            params_bytes: self.params_bytes(),
            is_precise: self.is_precise,
            is_zeroed: false,
            counts_groups: true,
        }
    }

    /// Bytes of the parameters, as they lie.
    pub(crate) fn params_bytes(&self) -> u32 {
        let mut end = 0_u32;
        for Param { ty, .. } in &self.params {
            let size = size_of_type(ty);
            end = end.next_multiple_of(size) + size;
        }
        end.next_multiple_of(8)
    }
}
