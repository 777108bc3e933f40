//! What is written beside an array.

use serde_json::Value;
use zarrs::array::ArrayMetadata;

use super::described::Described;

/// The attribute by which xarray names the axes of version 2.
pub(super) const AXES: &str = "_ARRAY_DIMENSIONS";

/// The names of all axes.
pub(super) fn dimension_names(array: &Described) -> Vec<Option<String>> {
    let none = vec![None; array.shape().len()];
    let named = match array.array.metadata() {
        ArrayMetadata::V3(v3) => v3.dimension_names.clone(),
        ArrayMetadata::V2(_) => {
            let names = array.attributes().get(AXES).and_then(Value::as_array);
            names.map(|names| names.iter().map(|name| name.as_str().map(str::to_owned)).collect())
        }
    };
    named.filter(|names| names.len() == none.len()).unwrap_or(none)
}
