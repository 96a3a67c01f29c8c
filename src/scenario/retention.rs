//! How late a copy can come, from what the file sets, and whether what recognises it is kept for so long.

use super::domain::{LongWait, ScenarioDomain};
use super::place::{Complaints, Place};
use super::quiet::{OFTEN, of_broker, of_faults, of_platform};
use crate::kernel::{CRASH_AFTER, CRASH_BEFORE, CRASH_BETWEEN, Fault, Fuzz, Instant, Span, Unit};
use crate::platform::{Operate, Operation, Plan};

/// The waits after which a node sends a command again.
const BEFORE_A_COMMAND: [&str; 6] = [
    "platform.saga.command_timeout",
    "platform.saga.backoff_max",
    "platform.clients.patience",
    "platform.reply_timeout",
    "platform.capacity.command_apis.retry_after",
    "faults.by",
];

/// The waits after which a relay publishes a message again, or a broker or a projector delivers it again.
const BEFORE_A_MESSAGE: [&str; 9] = [
    "platform.relay.lease",
    "platform.relay.poll_max",
    "platform.relay.confirm_timeout",
    "platform.broker.retry_max",
    "platform.broker.redrive",
    "platform.broker.kind.visibility",
    "platform.broker.kind.session",
    "platform.reply_timeout",
    "faults.by",
];

/// Reports what is removed while a copy that it recognises can still come.
pub(super) fn check<D: ScenarioDomain>(plan: &Plan<D>, fuzz: &Fuzz, complaints: &mut Complaints) {
    let latest = latest_command(plan, fuzz);
    if let Some(keep) = plan.settings.store.retention.commands.filter(|keep| *keep < latest) {
        let place = ["platform", "store", "retention", "commands"];
        complaints.add(
            place.iter().fold(Place::top(), |place, field| place.field(field)),
            format!(
                "records are kept for {}, and a copy of a command can come {} after it: it would be executed again",
                keep.written(),
                latest.written()
            ),
            format!(
                "write \"{}\" or more; shorter waits of clients and sagas, shorter faults or a shorter \
                 `phases.chaos` make it less",
                latest.in_hours().written()
            ),
        );
    }
    check_inbox(plan, fuzz, complaints);
}

/// Reports ids of messages that are removed while a copy of a message can still come.
fn check_inbox<D: ScenarioDomain>(plan: &Plan<D>, fuzz: &Fuzz, complaints: &mut Complaints) {
    let Some(keep) = plan.settings.projectors.idempotency.kept() else { return };
    let place = ["platform", "projectors", "idempotency", "kept"];
    let place = place.iter().fold(Place::top(), |place, field| place.field(field));
    let capacity = &plan.settings.capacity;
    let ways = [&capacity.store, &capacity.broker, &capacity.projectors, &capacity.read_store];
    if ways.iter().any(|workers| workers.is_some()) {
        return complaints.add(
            place,
            "how late a copy of a message can come is not known: it can wait for a worker for any time",
            "remove it, to keep ids for good, or remove the capacity of the store, the broker, the projectors and \
             the read store",
        );
    }
    let latest = latest_message(plan, fuzz);
    if keep < latest {
        complaints.add(
            place,
            format!(
                "ids are kept for {}, and a message can come again {} after it was applied: it would be applied twice",
                keep.written(),
                latest.written()
            ),
            format!(
                "write \"{}\" or more; shorter waits of relays and of the broker, shorter faults, a shorter \
                 `phases.chaos` or a later `send_again_from` make it less",
                latest.in_hours().written()
            ),
        );
    }
}

/// How long after a command was first sent a copy of it can still come: all waits before a copy, one after the other,
/// and, if nodes can be down or cut off, the time in which they can.
fn latest_command<D: ScenarioDomain>(plan: &Plan<D>, fuzz: &Fuzz) -> Span {
    let down =
        down(plan, fuzz).map_or(Span::ZERO, |_| plan.faults.recovery_from.since(Instant::ZERO));
    let waits =
        of_platform(&plan.settings).into_iter().chain(of_faults(plan, &plan.settings, fuzz));
    sum(waits, &BEFORE_A_COMMAND, down)
}

/// How long after a message was applied a copy of it can still come: all waits before a copy, one after the other; the
/// longest of them once more for each fault that can lose one, or, if nodes can be down or cut off, the time in which
/// they can; and how far back the operator has the outbox sent again.
fn latest_message<D: ScenarioDomain>(plan: &Plan<D>, fuzz: &Fuzz) -> Span {
    let settings = &plan.settings;
    let ago = |operation: &Operation| match operation.what {
        Operate::SendAgain { since } => Some(operation.at.since(since)),
        Operate::Rebuild { .. } | Operate::SwitchBack(_) | Operate::RestoreStore { .. } => None,
    };
    let again = plan.operations.iter().filter_map(ago).max().unwrap_or(Span::ZERO);
    let mut waits: Vec<LongWait> = of_platform(settings).into_iter().collect();
    if faults(plan, fuzz).next().is_none() {
        return sum(waits, &BEFORE_A_MESSAGE, again);
    }
    waits.extend(of_broker(&settings.broker));
    let is_one = |wait: &&LongWait| BEFORE_A_MESSAGE.contains(&wait.field);
    let longest = waits.iter().filter(is_one).map(|wait| wait.span).max().unwrap_or(Span::ZERO);
    // A message that a broker gave up after too many deliveries comes when the operator retries it.
    let times = plan.faults.scripted.iter().map(|scripted| scripted.times.min(OFTEN));
    let times = times.sum::<u64>() + u64::from(fuzz.budget).min(OFTEN);
    // With a small `delivery_limit`, that takes two faults.
    let redrive = LongWait {
        field: "platform.broker.redrive",
        span: settings.broker.redrive,
        times: 1 + times / 2,
    };
    waits.push(redrive);
    waits.extend(of_faults(plan, settings, fuzz));
    let lost = match down(plan, fuzz) {
        Some(first) => plan.faults.recovery_from.since(first),
        None => longest.times(times),
    };
    sum(waits, &BEFORE_A_MESSAGE, lost + again)
}

/// When nodes can first be down or cut off, if they can.
fn down<D: ScenarioDomain>(plan: &Plan<D>, fuzz: &Fuzz) -> Option<Instant> {
    let is_down = |fault: &Fault| {
        fault.unit == Unit::Lasting
            || [&CRASH_BEFORE, &CRASH_BETWEEN, &CRASH_AFTER].contains(&fault)
    };
    let scripted = plan.faults.scripted.iter().filter(|scripted| is_down(scripted.fault));
    let drawn = fuzz.faults.iter().find(|fault| is_down(fault)).map(|_| Instant::ZERO);
    scripted.map(|scripted| scripted.from).chain(drawn).min()
}

/// All faults that can fire.
fn faults<D: ScenarioDomain>(plan: &Plan<D>, fuzz: &Fuzz) -> impl Iterator<Item = &'static Fault> {
    plan.faults.scripted.iter().map(|it| it.fault).chain(fuzz.faults.iter().copied())
}

/// Some of these waits, one after the other, and something else.
fn sum(waits: impl IntoIterator<Item = LongWait>, which: &[&str], other: Span) -> Span {
    let waits = waits.into_iter().filter(|wait| which.contains(&wait.field));
    waits.fold(other, |sum, wait| sum + wait.span.times(wait.times))
}
