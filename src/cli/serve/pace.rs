//! How fast the simulation goes on: so many steps a second, as long as it runs.

#![expect(clippy::disallowed_types, reason = "a person watches the simulation by this clock")]

use std::time::{Duration, Instant};

/// The slowest and the fastest speed, in steps a second.
const SPEEDS: std::ops::RangeInclusive<u32> = 1..=10_000;

/// The speed, and when the next step is due.
#[derive(Debug)]
pub(super) struct Pace {
    pub(super) is_running: bool,
    pub(super) speed: u32,
    /// Up to when the simulation has gone on.
    since: Instant,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { is_running: false, speed: 8, since: Instant::now() }
    }

    pub(super) fn run(&mut self) {
        (self.is_running, self.since) = (true, Instant::now());
    }

    pub(super) const fn pause(&mut self) {
        self.is_running = false;
    }

    pub(super) fn set_speed(&mut self, speed: u32) {
        self.speed = speed.clamp(*SPEEDS.start(), *SPEEDS.end());
    }

    /// The number of steps that are due.
    pub(super) fn due(&mut self) -> usize {
        if !self.is_running {
            return 0;
        }
        let each = Duration::from_secs(1) / self.speed;
        let passed = Instant::now().saturating_duration_since(self.since);
        let steps = u32::try_from(passed.as_nanos() / each.as_nanos()).unwrap_or(u32::MAX);
        // After a suspension of the machine the simulation does not catch up.
        let steps = steps.min(self.speed);
        self.since = if steps == self.speed { Instant::now() } else { self.since + each * steps };
        steps as usize
    }
}
