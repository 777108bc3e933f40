//! The table of all cells.

use crate::cell::CELLS;
use crate::sitting::{Lowest, Sitting};

/// A cell passes up to this.
const CELL: f64 = 1.15;

/// Prints every cell with the medians of its sittings, the worst of them, and what they come to.
pub(crate) fn print(all: &[Sitting], lowest: &Lowest) {
    let mut sizes: Vec<usize> = all.iter().map(|sitting| sitting.bytes).collect();
    sizes.sort_unstable();
    sizes.dedup();
    println!("Time over gcc's (-O3 -march=native -ffast-math, libmvec); under 1 is faster.");
    println!("Each figure is the median of one sitting; \"worst\" is the largest of them.");
    for bytes in sizes {
        let of = |name: &str| {
            all.iter().filter(|s| s.cell.name == name && s.bytes == bytes).collect::<Vec<_>>()
        };
        println!("\n{} an array", size(bytes));
        println!(
            "{:18}{:>12}{:>8}{:>16}{:>12}  sittings",
            "cell", "gcc ns/elem", "worst", "its quartiles", "over native"
        );
        let (mut logs, mut over) = (0.0, vec![]);
        for cell in CELLS {
            let sittings = of(cell.name);
            let by = |a: &&&Sitting, b: &&&Sitting| a.ratio[1].total_cmp(&b.ratio[1]);
            let Some(worst) = sittings.iter().max_by(by) else { continue };
            let [low, median, high] = worst.ratio;
            let native = sittings.iter().map(|s| s.over_native).fold(0.0, f64::max);
            let medians: Vec<String> =
                sittings.iter().map(|s| format!("{:.3}", s.ratio[1])).collect();
            let elements = (bytes / cell.size) as f64;
            println!(
                "{:18}{:12.4}{median:8.3}{:>16}{native:12.3}  {}",
                cell.name,
                worst.gcc_ns / elements,
                format!("{low:.3}-{high:.3}"),
                medians.join(" ")
            );
            logs += median.ln();
            if median > CELL {
                over.push(cell.name);
            }
        }
        println!("geometric mean of the worst: {:.3}", (logs / CELLS.len() as f64).exp());
        if !over.is_empty() {
            println!("over {CELL}: {}", over.join(", "));
        }
        limits(bytes, &of("dot_f64"), &of("triad_f64"), lowest);
    }
}

/// Ours in relation to what the machine can.
fn limits(bytes: usize, dot: &[&Sitting], triad: &[&Sitting], lowest: &Lowest) {
    let least = |all: &[(usize, f64)]| {
        let own = all.iter().filter(|(of, _)| *of == bytes).map(|(_, ns)| *ns);
        own.fold(f64::INFINITY, f64::min)
    };
    let shares = |all: &[&Sitting]| {
        let share = |s: &&Sitting| s.of_limit.map(|share| format!("{:.1} %", 100.0 * share));
        all.iter().filter_map(share).collect::<Vec<_>>().join(", ")
    };
    let rate = |ns: f64, traffic: usize| traffic as f64 / ns;
    let load = least(&lowest.load);
    println!("loads: {:.1} GB/s at best; dot_f64 at {} of it", rate(load, 2 * bytes), shares(dot));
    let best = least(&lowest.triad);
    let ours = triad.iter().map(|s| 100.0 * best / (s.ratio[1] * s.gcc_ns));
    let ours: Vec<String> = ours.map(|share| format!("{share:.1} %")).collect();
    let traffic = triad.first().map_or(0, |s| s.cell.traffic(bytes));
    println!(
        "triad: {:.1} GB/s at best; triad_f64 at {} of it",
        rate(best, traffic),
        ours.join(", ")
    );
}

fn size(bytes: usize) -> String {
    match bytes {
        bytes if bytes >= 1 << 20 => format!("{} MiB", bytes >> 20),
        bytes => format!("{} KiB", bytes >> 10),
    }
}
