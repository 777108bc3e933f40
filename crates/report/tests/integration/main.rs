//! What holds for every page, whatever goes in.

mod escaping;
mod extremes;
mod json;
mod markup;
mod structure;
mod trace;
