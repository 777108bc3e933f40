//! Pictures and summaries.

use tenfold_array::{Array, ErrorKind, ndarray::s};

fn anomaly() -> Array<f64, ndarray::Ix2> {
    let x = Array::<f64, _>::ones([1000, 800], 100);
    (&x - &x.mean_axis(0)).map_named("<odd & \"name\">", |x| x)
}

#[test]
fn a_picture_has_a_node_for_each_operation() {
    let picture = anomaly().to_svg();
    assert_eq!(picture.matches("<rect ").count(), 5);
    assert!(picture.contains("mean over [0]") && picture.contains("pictures.rs:"));
    assert!(
        picture.contains("&lt;odd &amp; &quot;name&quot;&gt;")
            || picture.contains("&lt;odd &amp; \"name\"&gt;")
    );
    let dot = anomaly().to_dot();
    assert_eq!(dot.matches("->").count(), 5);
    assert!(dot.contains(r#"<odd & \"name\">"#));
}

#[test]
fn pictures_go_to_files() {
    let folder = tempfile::tempdir().unwrap();
    anomaly().visualize(folder.path().join("x.svg")).unwrap();
    assert!(std::fs::read_to_string(folder.path().join("x.svg")).unwrap().ends_with("</svg>\n"));
    let error = anomaly().visualize(folder.path().join("x.png")).unwrap_err();
    assert!(error.to_string().ends_with("x.png`, but must end in .svg or .dot"), "{error}");
    let error = anomaly().visualize(folder.path().join("no/x.dot")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
}

/// Whoever reads the file that was there goes on reading it, whole, while another takes its name.
#[test]
#[cfg(unix)]
fn a_picture_and_a_trace_have_their_names_when_they_are_whole() {
    use std::io::Read;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.svg");
    let (_, traces) =
        tenfold_array::Settings::new().traced(|settings| settings.compute(&anomaly()));
    let writes: [&dyn Fn() -> tenfold_array::Result<()>; 3] =
        [&|| anomaly().visualize(&path), &|| traces[0].write_html(&path), &|| {
            traces[0].write_perfetto(&path)
        }];
    for write in writes {
        std::fs::write(&path, "what was there").unwrap();
        let mut before = std::fs::File::open(&path).unwrap();
        write().unwrap();
        let mut text = String::new();
        before.read_to_string(&mut text).unwrap();
        assert_eq!(text, "what was there");
        assert!(std::fs::read_to_string(&path).unwrap().len() > 100);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn summaries_tell_what_there_is() {
    let x = anomaly();
    let expected = "Array(<odd & \"name\">, shape=[1000, 800], dtype=float64, chunks=[100, 100])";
    assert_eq!(format!("{x:?}"), expected);
    let expected = "       array         chunk
bytes  6.1 MiB       78.1 KiB
shape  [1000, 800]   [100, 100]
count  5 operations  80 chunks
type   float64       <odd & \"name\">
";
    assert_eq!(x.to_string(), expected);
    let wrong = x.slice(s![..2000, ..]);
    assert!(wrong.to_string().starts_with("slice ..2000 of argument `slice` goes beyond axis 0"));
    assert!(format!("{wrong:?}").starts_with("Array(Index: slice ..2000"));
}
