//! The annotation for tools.

use std::path::Path;

use serde::{Serialize, Serializer};

use crate::Annotation;

/// The version of the fields: it changes when one of them goes or means something else.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    #[serde(flatten)]
    annotation: &'a Annotation,
}

/// The document in one line.
pub(crate) fn render(annotation: &Annotation) -> String {
    let document = Document { version: VERSION, annotation };
    // Numbers, words and paths that are made valid before: what is left to fail is nothing that
    // this crate knows of, and it is said rather than lost.
    let text = serde_json::to_string(&document).unwrap_or_else(|error| {
        serde_json::json!({ "version": VERSION, "error": error.to_string() }).to_string()
    });
    text + "\n"
}

/// A path that is no UTF-8 would make the whole fail.
pub(crate) fn path<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::fixture::{annotation, cell, empty, line};
    use crate::{Annotation, Isa};

    fn read(annotation: &Annotation) -> Value {
        serde_json::from_str(&annotation.to_json()).expect("JSON")
    }

    #[test]
    fn fields_have_the_names_that_the_readme_says() {
        let value = read(&annotation());
        assert_eq!(value["version"], 1);
        assert_eq!(value["binary"], "target/release/heat");
        assert_eq!(value["functions"][3]["name"], "heat::energy");
        let line = &value["files"][0]["lines"]["24"];
        let cell = &line["cells"]["baseline"];
        assert_eq!(cell["weight"], 1.0);
        assert_eq!(cell["counts"]["scalar"], 1);
        assert_eq!(cell["findings"][0]["kind"], "call");
        assert_eq!(cell["findings"][0]["callee"], "exp");
        assert_eq!(cell["assembly"][4]["kind"], "scalar");
        assert!(line["hints"][0].as_str().expect("a hint").contains("`exp`"));
        assert!(value["files"][0].get("text").is_none());
    }

    #[test]
    fn odd_values_are_no_failure() {
        let mut odd = empty();
        assert_eq!(
            odd.to_json(),
            r#"{"version":1,"binary":"","files":[],"functions":[]}"#.to_owned() + "\n"
        );
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStringExt as _;
            odd.binary = std::ffi::OsString::from_vec(vec![b'a', 0xff]).into();
            assert_eq!(read(&odd)["binary"], "a\u{fffd}");
        }
        let mut nan = annotation();
        nan.files[0].lines.insert(1, line([(Isa::V4, cell(0, f64::NAN, &[]))]));
        assert_eq!(read(&nan)["files"][0]["lines"]["1"]["cells"]["v4"]["weight"], Value::Null);
    }
}
