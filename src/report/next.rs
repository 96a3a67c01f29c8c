//! The command that reproduces a failure.

use crate::kernel::Schedule;
use crate::model::quoted;
use crate::session::{Faults, RunOutcome, Verdict};

/// A command that reproduces the failure of a run, quoted for a shell.
pub(super) fn next_command(run: &RunOutcome) -> String {
    let (file, command, seed) = (quoted(&run.subject.file), run.subject.command, run.request.seed);
    let fuzz = match run.request.faults {
        Faults::Scripted => "",
        Faults::Fuzzed => " --fuzz",
    };
    let schedule = run.request.schedule;
    let policy = match schedule == run.request.faults.usual_schedule() {
        true => String::new(),
        false => format!(" --policy {schedule}"),
    };
    let injected = run.subject.injected.iter().map(|fault| format!(" --inject {}", quoted(fault)));
    // A capsule fixes everything that these options would.
    if schedule == Schedule::Benign {
        let around = run.violations.first().map(|violated| format!(" --around {}", violated.step));
        return format!("{command} replay {file}{}", around.unwrap_or_default());
    }
    let options = format!("--seed {seed}{fuzz}{policy}{}", injected.collect::<String>());
    if run.verdict() == Verdict::Unrepeatable {
        return format!("{command} run {file} {options} --twice");
    }
    match run.violations.first() {
        Some(violated) => {
            format!("{command} replay {file} {options} --around {}", violated.step)
        }
        None => format!("{command} replay {file} {options}"),
    }
}
