//! What a computation records.

use ndarray::{Ix1, Ix2, NewAxis, s};
use tenfold_array::{
    Activity, Array, Chunks, Dims, Error, ErrorKind, NpyFile, NpyWriter, Settings, Source, Target,
    Trace, TraceRecord, Window, delayed, try_delayed,
};

fn of(trace: &Trace, activity: Activity) -> impl Iterator<Item = &TraceRecord> {
    trace.records.iter().filter(move |record| record.activity == activity)
}

fn bytes(trace: &Trace, activity: Activity) -> i64 {
    of(trace, activity).map(|record| record.bytes).sum()
}

/// What one worker did does not overlap, and lies in the time of its stage.
fn check_times(trace: &Trace) {
    assert!(trace.records.is_sorted_by_key(|record| record.start_ns));
    let mut ends = vec![0; trace.workers];
    for record in &trace.records {
        let end = &mut ends[usize::from(record.worker)];
        assert!(*end <= record.start_ns && record.start_ns <= record.end_ns, "{record:?}");
        *end = record.end_ns;
        if let Some(stage) = trace.stages.get(record.stage as usize) {
            assert!(stage.start_ns <= record.start_ns && record.end_ns <= stage.end_ns);
            assert!(record.number < stage.chunks as u64);
        }
    }
}

#[test]
fn an_array_records_what_is_read_computed_merged_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let [input, output] = ["in.npy", "out.npy"].map(|name| folder.path().join(name));
    let numbers = Array::from_fn([256, 128], 64, |index| index[0] as f64);
    let settings = Settings::new().threads(2);
    let file = NpyWriter::create(&input, &[256, 128]).unwrap();
    settings.store(&numbers, &file).unwrap();
    file.finish().unwrap();

    let x = Array::<f64, Ix2>::from_source(NpyFile::open(&input).unwrap(), 64);
    let anomaly = &x - &x.mean_axis(0);
    let file = NpyWriter::create(&output, &[256, 128]).unwrap();
    let (stored, traces) = settings.traced(|settings| settings.store(&anomaly, &file));
    stored.unwrap();
    let [trace] = &traces[..] else { panic!("{traces:?}") };
    check_times(trace);
    assert_eq!(trace.dropped, 0);
    let names: Vec<&str> = trace.stages.iter().map(|stage| &*stage.name).collect();
    assert_eq!(names, ["mean", "sub"]);
    // All of the file is read by both stages, and written once.
    let all = 256 * 128 * 8;
    assert_eq!(bytes(trace, Activity::Read), 2 * all);
    assert_eq!(bytes(trace, Activity::Compute), 2 * all);
    assert_eq!(bytes(trace, Activity::Write), all);
    assert_eq!(of(trace, Activity::Write).count(), 8);
    assert!(of(trace, Activity::Merge).all(|record| record.stage == 0 && record.bytes > 0));
    assert_eq!(of(trace, Activity::Spill).count(), 0);
    let plan = settings.plan(&x.mean_axis(0)).unwrap();
    assert!(trace.stages[0].peak_bytes <= plan.peak_memory() as u64);
    assert!(trace.samples.len() >= 2 || cfg!(not(target_os = "linux")));
}

#[test]
fn rows_that_are_left_out_are_not_read_and_the_others_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.npy");
    let settings = Settings::new().threads(2);
    let file = NpyWriter::create(&path, &[64, 1024]).unwrap();
    settings.store(&Array::<f64, Ix2>::ones([64, 1024], 32), &file).unwrap();
    file.finish().unwrap();
    let x = Array::<f64, Ix2>::from_source(NpyFile::open(&path).unwrap(), [16, 1024]);
    let (sum, traces) = settings.traced(|settings| settings.compute(&x.slice(s![..;2, ..]).sum()));
    assert_eq!(sum.unwrap().into_scalar(), 32.0 * 1024.0);
    assert_eq!(bytes(&traces[0], Activity::Read), 32 * 1024 * 8);
}

#[test]
fn what_is_put_aside_is_a_spill() {
    let x = Array::from_fn([400, 300], 50, |index| index[1] as f64);
    let kept = x.map_named("half", |x| x / 2.0);
    let wide = kept.slice(s![.., .., NewAxis]).broadcast([400, 300, 3]).sum();
    let settings = Settings::new().threads(2).memory(800_000);
    let plan = settings.plan(&wide).unwrap();
    let (result, traces) = settings.traced(|settings| settings.compute(&wide));
    assert_eq!(result.unwrap().into_scalar(), 400.0 * 299.0 * 300.0 / 2.0 * 1.5);
    check_times(&traces[0]);
    let spilled = bytes(&traces[0], Activity::Spill) as usize;
    assert!(spilled > 0 && spilled == plan.bytes_spilled());
    assert!(bytes(&traces[0], Activity::Read) as usize >= spilled);
    assert_eq!(traces[0].memory, Some(800_000));
    assert!(traces[0].peak_bytes <= 800_000);
}

#[test]
fn a_computation_inside_of_another_keeps_its_own() {
    #[derive(Debug)]
    struct Inner(Array<f64, Ix1>);
    impl Source<f64> for Inner {
        fn shape(&self) -> Dims {
            self.0.shape()
        }
        fn read(&self, window: &Window, out: &mut [f64]) -> Result<(), Error> {
            let all = Settings::new().threads(1).traced(|settings| settings.compute(&self.0)).0?;
            let from = window.start()[0];
            out.copy_from_slice(&all.as_slice().unwrap()[from..from + out.len()]);
            Ok(())
        }
    }
    let inner = Array::from_fn([100], 10, |index| index[0] as f64);
    let outer = Array::<f64, Ix1>::from_source(Inner(inner), 50);
    let settings = Settings::new().threads(2);
    let (sum, traces) = settings.traced(|settings| settings.compute(&outer.sum()));
    assert_eq!(sum.unwrap().into_scalar(), 4950.0);
    assert_eq!(traces.len(), 1);
    check_times(&traces[0]);
    assert_eq!(bytes(&traces[0], Activity::Read), 800);
}

#[test]
fn what_has_failed_is_marked() {
    let x = Array::from_fn([100], 10, |index| {
        assert!(index[0] != 77, "no 77");
        index[0] as u64
    });
    let (result, traces) = Settings::new().threads(1).traced(|settings| settings.compute(&x));
    assert!(result.is_err());
    let failed: Vec<_> = traces[0].records.iter().filter(|record| record.failed).collect();
    let [failed] = failed[..] else { panic!("{failed:?}") };
    assert_eq!((failed.number, failed.stage), (7, 0));
    assert!(traces[0].to_html().contains("chunk 7 of from_fn failed"));
    assert!(traces[0].to_perfetto().contains("\"failed\":\"yes\""));

    let task = try_delayed(|| Err::<u8, _>("no")).named("wrong");
    let (_, traces) = Settings::new().traced(|settings| settings.compute(&task));
    assert!(traces[0].records[0].failed && traces[0].to_html().contains("wrong failed"));
}

/// What was computed for it has not failed.
#[test]
fn a_target_that_fails_is_marked_as_what_it_is() {
    #[derive(Debug)]
    struct Full(Option<Chunks>);

    impl Target<u64> for Full {
        fn shape(&self) -> Dims {
            [100].as_slice().into()
        }
        fn chunks(&self) -> Option<Chunks> {
            self.0.clone()
        }
        fn write(&self, _: &Window, _: &[u64]) -> tenfold_array::Result<()> {
            Err(Error::new(ErrorKind::Io, "the disk is full"))
        }
    }

    let x = Array::from_fn([100], 10, |index| index[0] as u64);
    for chunks in [None, Some(Chunks::even(&[100], &[10]).unwrap())] {
        let settings = Settings::new().threads(1);
        let (result, traces) = settings.traced(|settings| settings.store(&x, &Full(chunks)));
        assert_eq!(result.unwrap_err().to_string(), "the disk is full");
        let activities = traces[0].records.iter().map(|record| (record.activity, record.failed));
        let expected = [(Activity::Compute, false), (Activity::Write, true)];
        assert_eq!(activities.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_stage_that_has_no_place_for_its_array_is_marked() {
    let x = Array::from_fn([400, 300], 50, |index| index[1] as f64).map_named("half", |x| x / 2.0);
    let wide = x.slice(s![.., .., NewAxis]).broadcast([400, 300, 3]).sum();
    let settings = Settings::new().memory(800_000).scratch_folder("/nowhere/at/all");
    let (result, traces) = settings.traced(|settings| settings.compute(&wide));
    assert!(result.is_err());
    check_times(&traces[0]);
    let failed: Vec<_> = traces[0].records.iter().filter(|record| record.failed).collect();
    assert!(matches!(failed[..], [record] if record.stage == 0), "{failed:?}");
}

#[test]
fn exports_are_what_they_say() {
    let x = Array::from_fn([300, 300], 50, |index| index[0] as f64);
    let task = delayed(|| vec![0_u8; 1000]).named("<make>").bytes(1000);
    let (result, traces) =
        Settings::new().threads(2).traced(|settings| settings.compute_many((&x.sum(), &task)));
    result.unwrap();
    let [array, tasks] = &traces[..] else { panic!("{traces:?}") };
    for trace in [array, tasks] {
        check_times(trace);
        let json: serde_json::Value = serde_json::from_str(&trace.to_perfetto()).unwrap();
        let events = json["traceEvents"].as_array().unwrap();
        let complete = events.iter().filter(|event| event["ph"] == "X").count();
        assert_eq!(complete, trace.records.len() + trace.stages.len());
        let page = trace.to_html();
        assert!(page.contains("worker 0") && !page.contains("<make>") && !page.contains("<script"));
    }
    assert!(array.to_string().contains("compute"), "{array}");
    assert_eq!(tasks.peak_bytes, 1000);
    let folder = tempfile::tempdir().unwrap();
    array.write_html(folder.path().join("a.html")).unwrap();
    array.write_perfetto(folder.path().join("a.json")).unwrap();
    let error = array.write_html(folder.path().join("none/a.html")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
}
