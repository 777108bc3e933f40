//! The report.

use std::path::Path;

use super::document::Document;

pub(super) fn render(_document: &Document, _earlier: &[Document], _folder: &Path) -> String {
    String::new()
}
