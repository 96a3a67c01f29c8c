//! The verdict on a run that did not come to rest: why, what is pending, and what to change.

use crate::kernel::{Instant, Span, Stop};
use crate::model::grouped;
use crate::platform::Plan;
use crate::scenario::{Scenario, ScenarioDomain};
use crate::world::Pending;

const HOUR: Span = Span::from_secs(3600);

/// Why a run has no verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrest {
    /// What keeps the run going.
    pub kind: UnrestKind,
    /// Which limit it reached, in words.
    pub says: String,
    /// When it was stopped; the last occurrence may have been long before.
    pub at: Instant,
    /// What is pending.
    pub pending: Pending,
    /// What to change in the scenario, one proposal each.
    pub change: Vec<String>,
}

/// What keeps a run from coming to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnrestKind {
    /// Nothing happens until a timer is due, and that is later than the run may last.
    WaitsForTimer,
    /// Transactions wait for each other.
    Deadlock,
    /// The same occurrences repeat and store nothing, although no customer does anything.
    Livelock,
    /// A node has work left, and nothing is pending that could continue it.
    Stuck,
    /// More is pending, kept or traced than the budget allows.
    Growth,
    /// None of these: the run was not finished.
    Unfinished,
}

impl UnrestKind {
    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WaitsForTimer => "waits_for_timer",
            Self::Deadlock => "deadlock",
            Self::Livelock => "livelock",
            Self::Stuck => "stuck",
            Self::Growth => "growth",
            Self::Unfinished => "unfinished",
        }
    }

    /// What it is, in words.
    pub const fn says(self) -> &'static str {
        match self {
            Self::WaitsForTimer => "it waits for a timer",
            Self::Deadlock => "a deadlock: transactions of the store wait for each other",
            Self::Livelock => "a livelock: the same occurrences repeat, and no event is stored",
            Self::Stuck => "a node has work left, and nothing is pending that could continue it",
            Self::Growth => "the load is too large for the budget",
            Self::Unfinished => "it was still at work",
        }
    }
}

/// Describes a run that stopped for a reason other than rest or a violation; `now` is when it was stopped.
pub(super) fn unrest<D: ScenarioDomain>(
    scenario: &Scenario<D>,
    plan: &Plan<D>,
    stop: Stop,
    now: Instant,
    pending: impl FnOnce() -> Pending,
) -> Option<Unrest> {
    let says = limit(plan, stop)?;
    let pending = pending();
    let kind = kind(stop, &pending, now > plan.ends_at());
    let change = change(scenario, plan, stop, kind, &pending);
    Some(Unrest { kind, says, at: now, pending, change })
}

/// The limit that was reached, in words.
fn limit<D: ScenarioDomain>(plan: &Plan<D>, stop: Stop) -> Option<String> {
    let budget = &plan.budget;
    Some(match stop {
        Stop::AtRest | Stop::Halted => return None,
        Stop::Restless => {
            let quiet = plan.quiet.written();
            format!("the run did not come to rest within {quiet} of quiet")
        }
        Stop::OutOfTime => {
            let until = budget.until.since(Instant::ZERO).written();
            format!("the run did not come to rest within its {until} of virtual time")
        }
        Stop::OutOfOccurrences => {
            let most = grouped(budget.occurrences);
            format!("the run did not come to rest within its {most} occurrences")
        }
        Stop::Stuck => "the run is stuck".to_owned(),
        Stop::TooManyPending => {
            format!("more than {} messages and timers are pending", grouped(budget.pending))
        }
        Stop::TooManyRecords => {
            format!("the trace has more than {} records", grouped(budget.records))
        }
        Stop::TooMuchKept => {
            let most = grouped(budget.kept);
            format!("more than {most} events, transactions, customers and requests are kept")
        }
    })
}

fn kind(stop: Stop, pending: &Pending, load_has_ended: bool) -> UnrestKind {
    let is_deadlock = pending.locks.iter().any(|lock| lock.is_deadlock);
    match stop {
        _ if is_deadlock => UnrestKind::Deadlock,
        Stop::Stuck => UnrestKind::Stuck,
        Stop::TooManyPending | Stop::TooManyRecords | Stop::TooMuchKept => UnrestKind::Growth,
        _ if pending.waits_for_timer => UnrestKind::WaitsForTimer,
        _ if load_has_ended && pending.stores_nothing => UnrestKind::Livelock,
        _ => UnrestKind::Unfinished,
    }
}

/// What to change, so that the run can be judged.
fn change<D: ScenarioDomain>(
    scenario: &Scenario<D>,
    plan: &Plan<D>,
    stop: Stop,
    kind: UnrestKind,
    pending: &Pending,
) -> Vec<String> {
    let budget = &plan.budget;
    let raised = |field: &str, value: u64| {
        format!("a larger budget: `budget: ({field}: {})`", value.saturating_mul(10))
    };
    let mut change = Vec::new();
    match kind {
        UnrestKind::Deadlock => {
            change.push("transactions that take their locks in one order".to_owned());
        }
        UnrestKind::Stuck => change.push(
            "the domain or the platform, not the scenario: no retry and no timer is set".to_owned(),
        ),
        UnrestKind::Livelock => change.push(
            "a setting that is shorter than what it waits for, such as a timeout or a lease that is \
             shorter than a round trip"
                .to_owned(),
        ),
        UnrestKind::Growth if !plan.workloads.is_empty() => {
            change.push("a lower `rate`, or a shorter `workload`".to_owned());
        }
        UnrestKind::WaitsForTimer | UnrestKind::Growth | UnrestKind::Unfinished => {}
    }
    match stop {
        Stop::Restless if kind == UnrestKind::WaitsForTimer => {
            change.extend(longer_quiet(plan, pending));
            let longest = plan.domain.waits().into_iter().max_by_key(|wait| wait.span);
            let long = longest.filter(|wait| wait.span >= plan.quiet);
            change.extend(long.map(|wait| format!("a shorter `{}`", wait.field)));
            if change.is_empty() {
                change.push("a shorter time until the timer is due".to_owned());
            }
        }
        Stop::Restless => {
            let longer = plan.quiet.times(10).written();
            change.push(format!("a longer quiet phase: `phases: (quiet: \"{longer}\")`"));
        }
        Stop::OutOfTime => change.push(match scenario.file.budget.until {
            Some(_) => "a later `budget: (until: …)`, or none".to_owned(),
            None => "less to wait for".to_owned(),
        }),
        Stop::OutOfOccurrences => change.push(raised("occurrences", budget.occurrences)),
        Stop::TooManyPending => change.push(raised("pending", budget.pending)),
        Stop::TooManyRecords => change.push(raised("records", budget.records)),
        Stop::TooMuchKept => change.push(raised("kept", budget.kept)),
        Stop::AtRest | Stop::Stuck | Stop::Halted => {}
    }
    change
}

/// A quiet phase that is long enough for every listed timer, with an hour for what it sets off; `None` if
/// virtual time ends before.
fn longer_quiet<D: ScenarioDomain>(plan: &Plan<D>, pending: &Pending) -> Option<String> {
    let last = pending.timers.iter().map(|timer| timer.due).max()?;
    let wait = last.since(plan.quiet_from()).in_hours() + HOUR;
    let ends = plan.quiet_from() + wait;
    (ends < Instant::MAX).then(|| format!("`phases: (quiet: \"{}\")`", wait.written()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::AwaitedLock;

    fn lock(is_deadlock: bool) -> AwaitedLock {
        let word = String::new;
        AwaitedLock { lock: word(), holder: word(), waiting: word(), is_deadlock }
    }

    #[test]
    fn a_deadlock_is_named_whatever_limit_the_run_reached() {
        let locked = Pending { locks: vec![lock(false), lock(true)], ..Pending::default() };
        for stop in [Stop::Stuck, Stop::Restless, Stop::OutOfTime, Stop::OutOfOccurrences] {
            assert_eq!(kind(stop, &locked, true), UnrestKind::Deadlock, "{stop}");
        }
        let queued = Pending { locks: vec![lock(false)], ..Pending::default() };
        assert_eq!(kind(Stop::Stuck, &queued, true), UnrestKind::Stuck);
    }

    #[test]
    fn a_run_is_a_livelock_only_after_its_load_and_while_it_stores_nothing() {
        let repeats = Pending { stores_nothing: true, ..Pending::default() };
        assert_eq!(kind(Stop::Restless, &repeats, true), UnrestKind::Livelock);
        assert_eq!(kind(Stop::OutOfTime, &repeats, true), UnrestKind::Livelock, "one situation");
        assert_eq!(kind(Stop::Restless, &repeats, false), UnrestKind::Unfinished);
        assert_eq!(kind(Stop::Restless, &Pending::default(), true), UnrestKind::Unfinished);
        let waits = Pending { waits_for_timer: true, ..repeats };
        assert_eq!(kind(Stop::Restless, &waits, true), UnrestKind::WaitsForTimer);
    }
}
