//! Names, each once, and the keywords among them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::keyword::{KEYWORDS, Keyword};
use crate::text::clamp;

/// A name's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Symbol(pub(crate) u32);

/// All names that were met. The first are the keywords, so that a number tells one.
#[derive(Debug, Clone)]
pub(crate) struct Symbols {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Symbols {
    pub(crate) fn new() -> Self {
        let names: Vec<Arc<str>> = KEYWORDS.iter().map(|&(name, _)| Arc::from(name)).collect();
        let numbers = names.iter().cloned().zip(0..).collect();
        Self { names, numbers }
    }

    pub(crate) fn intern(&mut self, name: &str) -> Symbol {
        if let Some(&number) = self.numbers.get(name) {
            return Symbol(number);
        }
        let number = clamp(self.names.len());
        let name: Arc<str> = Arc::from(name);
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        Symbol(number)
    }

    pub(crate) fn find(&self, name: &str) -> Option<Symbol> {
        self.numbers.get(name).copied().map(Symbol)
    }

    pub(crate) fn name(&self, symbol: Symbol) -> Arc<str> {
        self.names.get(symbol.0 as usize).cloned().unwrap_or_else(|| Arc::from(""))
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }
}

impl Symbol {
    pub(crate) fn keyword(self) -> Option<Keyword> {
        KEYWORDS.get(self.0 as usize).map(|&(_, keyword)| keyword)
    }
}
