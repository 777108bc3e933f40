//! What a header declares: `cc -E zlib.h | cargo run --package tenfold-cdecl --example header -- -`, or
//! with the names of preprocessed files. Without either it shows a few lines of its own.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use tenfold_cdecl::{Declaration, Unit};

const SAMPLE: &str = "
typedef struct { char name[8]; double x, y; unsigned visible : 1; } point;
enum colour { RED, GREEN = 1 << 2, BLUE };
double distance(const point *from, const point *to);
int (*callback)(void *, ...);
";

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let mut text = String::new();
    for file in &files {
        let read = match file.as_str() {
            "-" => std::io::stdin().read_to_string(&mut text).map(|_| String::new()),
            file => std::fs::read_to_string(file),
        };
        match read {
            Ok(read) => text += &read,
            Err(error) => return refuse(&format!("cannot read {file}: {error}")),
        }
    }
    let text = if files.is_empty() { SAMPLE } else { text.as_str() };
    match tenfold_cdecl::parse(text) {
        Ok(unit) => {
            let _ = std::io::stdout().write_all(listed(&unit).as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => refuse(&format!("{error:#}")),
    }
}

fn refuse(message: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{message}");
    ExitCode::FAILURE
}

fn listed(unit: &Unit) -> String {
    unit.declarations().map(|declaration| line(unit, declaration) + "\n").collect()
}

fn line(unit: &Unit, declaration: Declaration<'_>) -> String {
    match declaration {
        Declaration::Function(function) => unit.declare(function.ty, &function.name),
        Declaration::Variable(variable) => unit.declare(variable.ty, &variable.name),
        Declaration::Typedef(typedef) => {
            format!("typedef {}", unit.declare(typedef.ty, &typedef.name))
        }
        Declaration::Record(record) => match unit.record_layout(record.id()) {
            Ok(layout) => {
                let name = unit.spell(record.ty());
                format!("{name}: {} bytes, aligned to {}", layout.size(), layout.alignment())
            }
            Err(error) => error.to_string(),
        },
        Declaration::Enum(enumeration) => unit.spell(enumeration.ty()),
        Declaration::Constant(constant) => match constant.value() {
            Some(value) => format!("{} = {value}", constant.name()),
            None => format!("{} = ...", constant.name()),
        },
        _ => String::new(),
    }
}
