//! The clock of scopes: the time-stamp counter where it counts time, the monotonic clock elsewhere.
//!
//! A read of the counter costs 10 ns in a virtual machine and less on bare metal, a read of the
//! monotonic clock 25 ns, and a scope is two reads and little else. The counter is taken where the
//! processor promises that it runs at one rate in all power states (`invariant`), and the system
//! keeps its own time by it: it stops to do so where it found counters of cores apart. Its rate is never
//! asked for: a session compares both clocks at its ends, which is exact for long sessions, and the
//! first comparison of the process is the other end for short ones.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Whether `now` reads the counter. Set before the first session starts, constant from then on.
static COUNTER: AtomicBool = AtomicBool::new(false);

/// The moment, in ticks of a unit that [`Rate`] knows.
#[inline]
pub(crate) fn now() -> u64 {
    #[cfg(target_arch = "x86_64")]
    if COUNTER.load(Relaxed) {
        // SAFETY: reading the time-stamp counter has no effect, and every x86-64 has it.
        return unsafe { std::arch::x86_64::_rdtsc() };
    }
    nanoseconds()
}

/// [`now`], for those who know that it reads the counter, or say that it does not.
#[inline(always)]
pub(crate) fn quick_or(slow: bool) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if !slow {
        // SAFETY: as in `now`.
        return unsafe { std::arch::x86_64::_rdtsc() };
    }
    let _ = slow;
    now()
}

/// [`quick_or`], when everything before it has come to its end. A processor reads its counter as soon
/// as it can, and what takes long seems to be done by what comes later: of a function with a line
/// that takes 97 % of its time that line had 22 %. It costs as much again as the reading.
#[inline(always)]
pub(crate) fn settled_or(slow: bool) -> u64 {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the fence has no effect on memory, and every x86-64 has it.
    unsafe {
        std::arch::x86_64::_mm_lfence();
    }
    quick_or(slow)
}

/// Whether scopes read the counter.
pub(crate) fn is_counter() -> bool {
    let _ = anchor();
    COUNTER.load(Relaxed)
}

/// Nanoseconds since the process first asked.
fn nanoseconds() -> u64 {
    let since = anchor().instant.elapsed();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    instant: Instant,
    pub(crate) ticks: u64,
}

impl Moment {
    /// The tightest of a few readings: an interrupt between the two clocks shows as a wide one.
    pub(crate) fn read() -> Self {
        let _ = anchor();
        Self::tightest(now)
    }

    fn tightest(now: impl Fn() -> u64) -> Self {
        let reading = || {
            let before = now();
            let instant = Instant::now();
            let width = now().wrapping_sub(before);
            (width, Self { instant, ticks: before.wrapping_add(width / 2) })
        };
        let readings = std::iter::repeat_with(reading).take(16);
        readings.min_by_key(|(width, _)| *width).map_or_else(|| reading().1, |(_, moment)| moment)
    }

    /// Wall time from an earlier moment.
    pub(crate) fn since(&self, earlier: &Self) -> Duration {
        self.instant.saturating_duration_since(earlier.instant)
    }
}

/// The first moment of the process, which also chooses the clock.
fn anchor() -> &'static Moment {
    static ANCHOR: OnceLock<Moment> = OnceLock::new();
    ANCHOR.get_or_init(|| {
        COUNTER.store(is_invariant() && is_trusted(), Relaxed);
        // Without the counter the clock counts from here.
        if COUNTER.load(Relaxed) {
            Moment::tightest(now)
        } else {
            Moment { instant: Instant::now(), ticks: 0 }
        }
    })
}

/// Whether the system keeps its own time by the counter, where it tells.
fn is_trusted() -> bool {
    const SOURCE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    let source =
        if cfg!(target_os = "linux") { std::fs::read_to_string(SOURCE).ok() } else { None };
    is_counter_named(source.as_deref())
}

fn is_counter_named(source: Option<&str>) -> bool {
    source.is_none_or(|source| source.trim() == "tsc")
}

/// Whether the counter runs at one rate in all power states, as the processor says.
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

/// How long a tick is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    ns_per_tick: f64,
}

impl Rate {
    /// From the first moment of the process to this one.
    #[expect(clippy::cast_precision_loss, reason = "a ratio: 53 bits are plenty")]
    pub(crate) fn until(end: &Moment) -> Self {
        let first = anchor();
        let ticks = end.ticks.wrapping_sub(first.ticks);
        let ns = end.since(first).as_nanos() as f64;
        let is_counter = COUNTER.load(Relaxed) && ticks > 0 && ns > 0.0;
        Self { ns_per_tick: if is_counter { ns / ticks as f64 } else { 1.0 } }
    }

    /// Ticks as nanoseconds.
    #[expect(clippy::cast_precision_loss, reason = "2^53 ticks are a month")]
    pub(crate) fn ns(self, ticks: u64) -> f64 {
        ticks as f64 * self.ns_per_tick
    }
}

/// Which clock scopes read, as reports name it.
pub(crate) fn name() -> &'static str {
    if is_counter() { "time-stamp counter" } else { "monotonic clock" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_is_trusted_as_the_system_trusts_it() {
        let sources = [None, Some("tsc\n"), Some("hpet\n"), Some("acpi_pm"), Some("kvm-clock\n")];
        assert_eq!(sources.map(is_counter_named), [true, true, false, false, false]);
        assert!(is_trusted() || !is_counter());
    }

    #[test]
    fn the_counter_and_the_clock_agree() {
        let start = Moment::read();
        std::thread::sleep(Duration::from_millis(20));
        let end = Moment::read();
        let ticks = Rate::until(&end).ns(end.ticks - start.ticks);
        let ratio = ticks / end.since(&start).as_nanos() as f64;
        assert!((ratio - 1.0).abs() < 1e-3, "{ratio}");
    }
}
