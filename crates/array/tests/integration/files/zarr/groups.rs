//! Groups, and what is said of them.

use std::fs;

use serde_json::{Map, json};
use tenfold_array::{ErrorKind, ZarrGroup, ZarrOptions, ZarrVersion, ZarrWriter};

use super::write;

#[test]
fn groups_have_arrays_groups_and_attributes() {
    for version in [ZarrVersion::V2, ZarrVersion::V3] {
        let folder = tempfile::tempdir().unwrap();
        let attributes: Map<_, _> =
            [("of".to_owned(), json!({ "a": [1, null] }))].into_iter().collect();
        let group = ZarrGroup::create(folder.path().join("g"), version, &attributes).unwrap();
        let inner = ZarrGroup::create(group.path().join("inner"), version, &Map::new()).unwrap();
        let options = ZarrOptions::<i32>::new().version(version);
        for path in [group.path().join("b"), group.path().join("a"), inner.path().join("c")] {
            ZarrWriter::create_with(path, &[2], &[1], &options).unwrap().finish_filled().unwrap();
        }
        // What is not finished is not there.
        let _unfinished =
            ZarrWriter::create_with(group.path().join("d"), &[2], &[1], &options).unwrap();
        fs::create_dir(group.path().join("other")).unwrap();
        fs::write(group.path().join("a note"), "").unwrap();

        let group = ZarrGroup::open(folder.path().join("g")).unwrap();
        assert_eq!((group.version(), group.attributes()), (version, &attributes));
        assert_eq!(group.arrays().unwrap(), ["a", "b"]);
        assert_eq!(group.groups().unwrap(), ["inner"]);
        assert_eq!(group.group("inner").unwrap().arrays().unwrap(), ["c"]);
        assert_eq!(group.array::<i32>("inner/c").unwrap().version(), version);
        for name in ["", "..", "a/../b", "/a", "a//b"] {
            assert_eq!(group.array::<i32>(name).unwrap_err().kind(), ErrorKind::Value, "{name}");
        }
        let error = group.array::<i32>("inner").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data, "{error}");
        assert_eq!(ZarrGroup::open(group.path().join("a")).unwrap_err().kind(), ErrorKind::Data);
        assert_eq!(ZarrGroup::open(group.path().join("none")).unwrap_err().kind(), ErrorKind::Io);
        assert_eq!(
            ZarrGroup::create(group.path(), version, &attributes).unwrap_err().kind(),
            ErrorKind::Io
        );
    }
}

/// Names come of the one file that has all metadata, where there is one.
#[test]
fn consolidated_metadata_are_believed() {
    let folder = tempfile::tempdir().unwrap();
    let about = json!({
        "zarr_format": 3, "node_type": "group", "attributes": {},
        "consolidated_metadata": { "kind": "inline", "must_understand": false, "metadata": {
            "x": { "node_type": "array" }, "g": { "node_type": "group" }, "g/y": { "node_type": "array" },
        }},
    });
    fs::write(folder.path().join("zarr.json"), about.to_string()).unwrap();
    let group = ZarrGroup::open(folder.path()).unwrap();
    assert_eq!(
        (group.arrays().unwrap(), group.groups().unwrap()),
        (vec!["x".to_owned()], vec!["g".to_owned()])
    );

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".zgroup"), r#"{"zarr_format": 2}"#).unwrap();
    let all = json!({ "zarr_consolidated_format": 1, "metadata": {
        ".zgroup": {}, ".zattrs": {}, "x/.zarray": {}, "x/.zattrs": {}, "g/.zgroup": {}, "g/y/.zarray": {},
    }});
    fs::write(folder.path().join(".zmetadata"), all.to_string()).unwrap();
    let group = ZarrGroup::open(folder.path()).unwrap();
    assert_eq!(
        (group.arrays().unwrap(), group.groups().unwrap()),
        (vec!["x".to_owned()], vec!["g".to_owned()])
    );
}

/// What is still being written, or was when its process was killed, is in no group.
#[test]
fn unfinished_members_are_not_listed() {
    for version in [ZarrVersion::V2, ZarrVersion::V3] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("g");
        let group = ZarrGroup::create(&path, version, &Map::new()).unwrap();
        let options = ZarrOptions::new().version(version);
        write::<f32>(&path.join("x"), &[3], &[3], &options).unwrap();
        ZarrGroup::create(path.join("inner"), version, &Map::new()).unwrap();
        for (name, unfinished) in [("x", ".x.a1b2c3.part"), ("inner", ".inner.a1b2c3.part")] {
            let names: Vec<_> = fs::read_dir(path.join(name)).unwrap().collect();
            fs::create_dir(path.join(unfinished)).unwrap();
            for entry in
                names.into_iter().map(Result::unwrap).filter(|entry| entry.path().is_file())
            {
                fs::copy(entry.path(), path.join(unfinished).join(entry.file_name())).unwrap();
            }
        }
        assert_eq!(group.arrays().unwrap(), ["x"], "{version:?}");
        assert_eq!(group.groups().unwrap(), ["inner"], "{version:?}");
    }
}
