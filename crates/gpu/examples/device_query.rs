//! What devices there are, and what each can do.
//!
//! `cargo run --package tenfold-gpu --example device_query`

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use tenfold_gpu::{Adapter, AdapterKind, Device, Error, Select, devices};

fn main() -> Result<(), Error> {
    let adapters = devices()?;
    println!("{} devices", adapters.len());
    for (index, adapter) in adapters.iter().enumerate() {
        let limits = adapter.limits();
        let features: Vec<String> = adapter.features().iter().map(ToString::to_string).collect();
        let mib = |bytes: u64| bytes >> 20;
        println!("\n{index}: {adapter}");
        println!("  selected by              {}", selections(&adapters, index).join(", "));
        let memory =
            adapter.memory_bytes().map_or("unknown".into(), |bytes| format!("{} MiB", mib(bytes)));
        println!("  memory                   {memory}");
        println!("  largest array            {} MiB", mib(limits.max_buffer_bytes));
        println!("  shown to a kernel        {} MiB", mib(limits.max_binding_bytes));
        println!("  work-group               {} invocations", limits.max_workgroup_invocations);
        println!("    along each axis        {:?}", limits.max_workgroup_size);
        println!("    shares                 {} KiB", limits.max_workgroup_bytes >> 10);
        println!("  work-groups on an axis   {}", limits.max_workgroups);
        println!("  subgroup                 {:?} invocations", limits.subgroup_size);
        println!("  arrays of a kernel       {}", limits.max_bindings);
        println!("  features                 {}", features.join(", "));
    }
    match Device::open(Select::env()) {
        Ok(device) => println!("\nTENFOLD_GPU, or the best: {}", device.adapter()),
        Err(error) => println!("\n{error}"),
    }
    Ok(())
}

/// The values of `TENFOLD_GPU` that select an adapter of the list.
fn selections(adapters: &[Adapter], index: usize) -> Vec<String> {
    let is_first = |is: &dyn Fn(&Adapter) -> bool| adapters.iter().position(is) == Some(index);
    let (vendor, device) = adapters[index].id();
    let mut values = vec![index.to_string()];
    // Of several that are alike the first is taken.
    if is_first(&|adapter| adapter.id() == (vendor, device)) {
        values.push(format!("{vendor:04x}:{device:04x}"));
    }
    if is_first(&|adapter| adapter.kind() == AdapterKind::Cpu) {
        values.push(String::from("cpu"));
    }
    values.iter().map(|value| format!("TENFOLD_GPU={value}")).collect()
}
