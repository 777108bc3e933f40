//! When something happened, as cheaply as it can be asked.
//!
//! Asking the system costs 24 ns, the counter of the processor 8 in a virtual machine and less on bare metal. It is
//! taken where the processor promises that it runs at one rate (`invariant`) and the system keeps its own time by it: it
//! stops to do so where the counters of cores are apart. Its rate is never asked for: both clocks are compared when a
//! run begins and when it ends.

#![expect(unsafe_code, reason = "the counter is read by an instruction")]

use std::sync::OnceLock;
use std::time::Instant;

/// The time since a run began, in ticks: of the counter, or nanoseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    instant: Instant,
    ticks: u64,
    is_counter: bool,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self::of(is_trusted())
    }

    /// Both clocks at one time: of several readings that which took the shortest, since a thread that has to wait
    /// between the two would set them apart.
    fn of(is_counter: bool) -> Self {
        let reading = || {
            let before = counter();
            let instant = Instant::now();
            (counter().wrapping_sub(before), before, instant)
        };
        let readings = [reading(), reading(), reading(), reading(), reading()];
        let (took, before, instant) = readings
            .into_iter()
            .fold(reading(), |best, next| if next.0 < best.0 { next } else { best });
        // In the middle of the reading of the clock.
        Self { instant, ticks: before.wrapping_add(took / 2), is_counter }
    }

    /// Ticks since the start.
    #[inline]
    pub(crate) fn now(self) -> u64 {
        // Counters of cores are apart by less than what a thread takes to change from one to the other, but not by 0.
        if self.is_counter {
            counter().saturating_sub(self.ticks)
        } else {
            let elapsed = self.instant.elapsed();
            // It is full in 584 years.
            elapsed
                .as_secs()
                .wrapping_mul(1_000_000_000)
                .wrapping_add(elapsed.subsec_nanos().into())
        }
    }

    /// How many nanoseconds a tick takes, measured from the start until now.
    #[expect(clippy::cast_precision_loss, reason = "a ratio: 53 bits are plenty")]
    pub(crate) fn nanoseconds(self) -> f64 {
        let end = Self::of(self.is_counter);
        let ticks = end.ticks.saturating_sub(self.ticks);
        let elapsed = end.instant.saturating_duration_since(self.instant).as_nanos();
        if self.is_counter && ticks > 0 { elapsed as f64 / ticks as f64 } else { 1.0 }
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn counter() -> u64 {
    // SAFETY: reading the counter has no effect, and every x86-64 has it.
    unsafe { std::arch::x86_64::_rdtsc() }
}

#[cfg(not(target_arch = "x86_64"))]
fn counter() -> u64 {
    0
}

/// Whether the counter counts time.
fn is_trusted() -> bool {
    static TRUSTED: OnceLock<bool> = OnceLock::new();
    *TRUSTED.get_or_init(|| is_invariant() && is_clock_source())
}

/// Whether it runs at one rate in all power states, as the processor says.
#[cfg(target_arch = "x86_64")]
fn is_invariant() -> bool {
    use std::arch::x86_64::__cpuid;
    const ADVANCED_POWER: u32 = 0x8000_0007;
    __cpuid(0x8000_0000).eax >= ADVANCED_POWER && __cpuid(ADVANCED_POWER).edx & (1 << 8) != 0
}

#[cfg(not(target_arch = "x86_64"))]
fn is_invariant() -> bool {
    false
}

/// Whether the system keeps its own time by it, where it tells.
fn is_clock_source() -> bool {
    const SOURCE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    let source =
        if cfg!(target_os = "linux") { std::fs::read_to_string(SOURCE).ok() } else { None };
    source.is_none_or(|source| source.trim() == "tsc")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn both_clocks_measure_the_same() {
        let ratio = |is_counter| {
            let (clock, instant) = (Clock::of(is_counter), Instant::now());
            std::thread::sleep(Duration::from_millis(20));
            let ticks = clock.now() as f64;
            let elapsed = instant.elapsed().as_nanos() as f64;
            ticks * clock.nanoseconds() / elapsed
        };
        for is_counter in [is_trusted(), false] {
            // A thread may have to wait between two lines of this; a wrong rate is wrong each time.
            let ratios: Vec<f64> = (0..5).map(|_| ratio(is_counter)).collect();
            assert!(ratios.iter().any(|ratio| (ratio - 1.0).abs() < 1e-2), "{ratios:?}");
        }
    }
}
