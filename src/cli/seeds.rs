//! Seeds and steps on the command line.

use super::load::{fixes_its_run, no_fuzz};
use super::planted::Planted;
pub(super) use crate::harness::seed;
use crate::harness::{AnyScenario, Harness, Trouble};
use crate::kernel::Schedule;
use crate::session::{Faults, RunRequest};

/// The seed of a run, and whether it draws faults.
#[derive(Debug, clap::Args)]
pub(super) struct Chance {
    /// Use this seed instead of the scenario's own
    ///
    /// The seed determines every nondeterministic choice. Decimal, or hexadecimal after 0x.
    #[arg(long, value_name = "N", value_parser = seed)]
    seed: Option<u64>,
    /// Also inject faults that the seed draws from those that the file's `fuzz` allows
    ///
    /// As `jetlag fuzz` does. Expectations are not judged then, nor is whether scripted faults fired.
    #[arg(long)]
    pub(super) fuzz: bool,
    /// How the order of deliveries is drawn
    ///
    /// latency, random-walk, pos, pct-1 to pct-5, or mixture, which draws one of the others. All of them
    /// stay within the latencies of the file. Without this option latency, with --fuzz mixture.
    #[arg(long, value_name = "NAME")]
    policy: Option<Schedule>,
    /// Add a fault to those of the file
    ///
    /// Written like one in a file: 'Drop, to: "PSP", times: 1'. Can be given several times.
    #[arg(long, value_name = "FAULT")]
    inject: Vec<String>,
    #[command(flatten)]
    planted: Planted,
}

/// The options of [`Chance`].
const VARIATIONS: &str = "--seed, --fuzz, --policy, --inject and --defect";

impl Chance {
    /// Whether another run is asked for than the one that a file describes.
    pub(super) fn varies(&self) -> bool {
        let adds = !self.inject.is_empty() || !self.planted.is_empty();
        self.seed.is_some() || self.fuzz || self.policy.is_some() || adds
    }

    /// The defects that are put in.
    pub(super) const fn planted(&self) -> &Planted {
        &self.planted
    }

    /// The run of a scenario that is requested. The scenario gets the faults that are added.
    ///
    /// # Errors
    ///
    /// When another run of a capsule is asked for, an added fault is not valid, or faults are to be drawn and the
    /// scenario allows none.
    pub(super) fn request(
        &self,
        harness: &Harness,
        scenario: &mut dyn AnyScenario,
    ) -> Result<RunRequest, Trouble> {
        if scenario.recorded().is_some() {
            if self.varies() {
                return Err(fixes_its_run(scenario, VARIATIONS));
            }
            return Ok(scenario.request());
        }
        self.planted.change_broker(scenario)?;
        for fault in &self.inject {
            scenario.inject(fault).map_err(|wrong| {
                let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
                Trouble::new(wrong.join("\n\n"))
            })?;
        }
        self.planted.plant(harness, scenario)?;
        if self.fuzz && !scenario.allows_faults() {
            return Err(no_fuzz(harness, format!("{} has no `fuzz` section", scenario.path())));
        }
        let request = scenario.request();
        let seed = self.seed.unwrap_or(request.seed);
        let faults = if self.fuzz { Faults::Fuzzed } else { Faults::Scripted };
        let schedule = self.policy.unwrap_or(faults.usual_schedule());
        Ok(RunRequest { seed, schedule, faults, ..request })
    }
}

/// Seeds from `from` up to, but not including, `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seeds {
    pub(super) from: u64,
    pub(super) until: u64,
}

/// Parses the number of a step, as printed at the start of a line.
pub(super) fn step(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "a step is a whole number, as printed before each line".to_owned())
}

/// Parses a range of seeds: `0..100`.
pub(super) fn seeds(text: &str) -> Result<Seeds, String> {
    let (from, until) = text.split_once("..").ok_or("write two seeds, like 0..100")?;
    let seeds = Seeds { from: seed(from)?, until: seed(until)? };
    if seeds.from >= seeds.until {
        return Err(format!("{text} contains no seed: the end is not included"));
    }
    Ok(seeds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_read_in_both_notations() {
        assert_eq!(seed("0x5b3"), Ok(0x5b3));
        assert_eq!(seed("7"), Ok(7));
        assert!(seed("-1").is_err());
        assert_eq!(seeds("0..0x10"), Ok(Seeds { from: 0, until: 16 }));
        assert!(seeds("3..3").is_err());
        assert!(seeds("3").is_err());
        assert_eq!(step("12"), Ok(12));
        assert!(step("3s").is_err());
    }
}
