//! The commands that reproduce a failure and shrink it.

use crate::kernel::Schedule;
use crate::model::quoted;
use crate::session::{Cause, Faults, Identity, RunOutcome, Verdict};

/// A command that reproduces the failure of a run, quoted for a shell.
pub(super) fn next_command(run: &RunOutcome) -> String {
    let command = run.subject.command;
    let which = which(run);
    if run.verdict() == Verdict::Unrepeatable {
        return format!("{command} run {which} --twice");
    }
    let around = run.violations.first().map(|violated| format!(" --around {}", violated.step));
    format!("{command} replay {which}{}", around.unwrap_or_default())
}

/// A command that leaves out of the run whatever its failure does not need; `None` if the run cannot be made again
/// to its end.
pub(super) fn shrink_command(run: &RunOutcome) -> Option<String> {
    Identity::of(run)?;
    let ends = |cause: &Cause| match cause {
        Cause::Panicked(_) => true,
        Cause::Hung { .. } | Cause::OutOfMemory { .. } | Cause::Interrupted => false,
    };
    let can = run.broken.as_ref().is_none_or(|broken| ends(&broken.cause));
    let can = can && run.verdict() != Verdict::Unrepeatable;
    can.then(|| format!("{} shrink {}", run.subject.command, which(run)))
}

/// The file of a run, and the options that choose the run.
fn which(run: &RunOutcome) -> String {
    let (file, seed) = (quoted(&run.subject.file), run.request.seed);
    let schedule = run.request.schedule;
    // A capsule fixes everything that these options would.
    if schedule == Schedule::Benign {
        return file;
    }
    let fuzz = match run.request.faults {
        Faults::Scripted => "",
        Faults::Fuzzed => " --fuzz",
    };
    let policy = match schedule == run.request.faults.usual_schedule() {
        true => String::new(),
        false => format!(" --policy {schedule}"),
    };
    let injected = run.subject.injected.iter().map(|fault| format!(" --inject {}", quoted(fault)));
    let planted = run.subject.planted.iter().map(|defect| format!(" --defect {defect}"));
    let broker = run.subject.broker.iter().map(|kind| format!(" --broker {}", quoted(kind)));
    let added: String = injected.chain(broker).chain(planted).collect();
    format!("{file} --seed {seed}{fuzz}{policy}{added}")
}
