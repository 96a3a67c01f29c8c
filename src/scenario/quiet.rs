//! The quiet phase: how long it must be, from what the file sets.
//!
//! A run that needs longer has no verdict, and a longer quiet phase costs nothing in a run that comes to rest
//! before its end. The default is therefore generous: everything that a node may wait for, one after the
//! other, and an hour for all else.

use super::domain::{LongWait, ScenarioDomain};
use super::file::File;
use super::place::{Complaints, Place};
use crate::kernel::{CRASH_AFTER, CRASH_BEFORE, CRASH_BETWEEN, Fault, Fuzz, Span, Unit};
use crate::platform::{BrokerKind, BrokerSettings, POISON, Plan, ServerSettings, Settings};

/// The quiet phase of a file in which nothing waits for long.
const LEAST: Span = Span::from_secs(2 * 3600);
/// The time for everything that is not listed.
const SLACK: Span = Span::from_secs(3600);
/// How many events of one stream a fault without a limit is assumed to hit.
pub(super) const OFTEN: u64 = 16;
/// The longest duration of a fault: a year.
const FAULT_MAX: Span = Span::from_secs(365 * 24 * 3600);

/// The length of the quiet phase; reports one that is too short for what the file sets.
pub(super) fn quiet<D: ScenarioDomain>(
    file: &File<D>,
    plan: &Plan<D>,
    fuzz: &Fuzz,
    complaints: &mut Complaints,
) -> Span {
    check_sizes(file, complaints);
    let waits = waits(plan, &plan.settings, fuzz);
    let Some(quiet) = file.phases.quiet else { return all_of(plan, &waits) };
    let longest = waits.iter().max_by_key(|wait| wait.span);
    if let Some(LongWait { field, span, .. }) = longest.filter(|wait| wait.span > quiet) {
        complaints.add(
            Place::top().field("phases").field("quiet"),
            format!(
                "the platform cannot come to rest within {}: `{field}` takes {}",
                quiet.written(),
                span.written()
            ),
            format!(
                "write `quiet: \"{}\"` or more, or remove it: the default is long enough",
                (*span + SLACK).in_hours().written()
            ),
        );
    }
    quiet
}

/// The length of the quiet phase if settings may be small.
pub(super) fn varied<D: ScenarioDomain>(plan: &Plan<D>, fuzz: &Fuzz) -> Span {
    plan.quiet.max(all_of(plan, &waits(plan, &plan.settings.smallest(), fuzz)))
}

/// The time for all waits, one after the other.
fn all_of<D: ScenarioDomain>(plan: &Plan<D>, waits: &[LongWait]) -> Span {
    let all = waits.iter().map(|wait| wait.span.times(wait.times));
    let pauses = plan.actions().map(|action| plan.domain.pauses(action)).max();
    let all = all.chain(pauses).fold(SLACK, |sum, span| sum + span);
    LEAST.max(all.in_hours())
}

/// Everything that a node may wait for.
fn waits<D: ScenarioDomain>(plan: &Plan<D>, settings: &Settings, fuzz: &Fuzz) -> Vec<LongWait> {
    let mut waits = plan.domain.waits();
    if plan.faults.scripted.is_empty() && fuzz.faults.is_empty() {
        return waits;
    }
    waits.extend(of_platform(settings));
    waits.extend(of_broker(&settings.broker));
    waits.extend(of_faults(plan, settings, fuzz));
    waits
}

/// What the faults of a file leave behind when the quiet phase begins.
pub(super) fn of_faults<D: ScenarioDomain>(
    plan: &Plan<D>,
    settings: &Settings,
    fuzz: &Fuzz,
) -> Vec<LongWait> {
    let scripted = plan.faults.scripted.iter().map(|scripted| {
        let size = scripted.size.unwrap_or(scripted.fault.sizes[0]);
        (scripted.fault, size, scripted.times.min(OFTEN))
    });
    let drawn = fuzz.faults.iter().map(|fault| {
        let size = fault.sizes.iter().copied().max().unwrap_or(0);
        (*fault, size, u64::from(fuzz.budget).min(OFTEN))
    });
    let waits = scripted.chain(drawn);
    waits.filter_map(|(fault, size, times)| of_fault(fault, size, times, settings)).collect()
}

/// What a fault leaves behind when the quiet phase begins.
fn of_fault(fault: &Fault, size: u64, times: u64, settings: &Settings) -> Option<LongWait> {
    if *fault == POISON {
        // The operator retries an event until it has failed so often.
        let limit = u64::from(settings.broker.delivery_limit).max(1);
        let span = settings.broker.redrive.times(size.div_ceil(limit));
        return Some(LongWait { field: "platform.broker.redrive", span, times });
    }
    let restarts = [&CRASH_BEFORE, &CRASH_BETWEEN, &CRASH_AFTER].contains(&fault);
    match fault.unit {
        Unit::Span if !restarts => {
            Some(LongWait { field: "faults.by", span: Span::from_micros(size), times })
        }
        // These end when the quiet phase begins, or have no duration.
        Unit::Span | Unit::Lasting | Unit::Once | Unit::Times => None,
    }
}

/// What nodes of the platform wait for after a fault.
pub(super) fn of_platform(settings: &Settings) -> [LongWait; 15] {
    let Settings { relay, broker, saga, clients, cache, capacity, breaker, .. } = settings;
    let retry_after = |server: &Option<ServerSettings>| {
        server.as_ref().map_or(Span::ZERO, |server| server.retry_after)
    };
    let again = |attempts: u32| u64::from(attempts) + 1;
    let wait = |field, span, times| LongWait { field, span, times };
    [
        wait("platform.relay.lease", relay.lease, 2),
        wait("platform.relay.poll_max", relay.poll_max, 2),
        wait("platform.saga.lease", if saga.instances > 1 { saga.lease } else { Span::ZERO }, 4),
        wait("platform.relay.confirm_timeout", relay.confirm_timeout, 2),
        wait(
            "platform.broker.retry_max",
            broker.retry_max,
            u64::from(broker.delivery_limit).min(OFTEN),
        ),
        wait("platform.saga.command_timeout", saga.command_timeout, 4),
        wait("platform.saga.backoff_max", saga.backoff_max, again(saga.resends).min(OFTEN)),
        wait("platform.clients.patience", clients.patience, again(clients.resends)),
        wait("platform.reply_timeout", settings.reply_timeout, 3 * again(settings.retries)),
        wait("platform.cache.lease", cache.lease, 2),
        wait("platform.search_index.refresh", settings.search_index.refresh, 2),
        wait(
            "platform.capacity.command_apis.retry_after",
            retry_after(&capacity.command_apis),
            2 * again(clients.resends),
        ),
        wait(
            "platform.capacity.query_apis.retry_after",
            retry_after(&capacity.query_apis),
            2 * again(clients.resends),
        ),
        // A rebuild waits for the replica that it reads.
        wait("platform.store.catch_up.lag", settings.store.catch_up.lag(), 2),
        wait("platform.breaker.open", breaker.as_ref().map_or(Span::ZERO, |set| set.open), 4),
    ]
}

/// What a broker of one kind waits for after a fault.
pub(super) fn of_broker(broker: &BrokerSettings) -> Option<LongWait> {
    match &broker.kind {
        BrokerKind::Generic | BrokerKind::RabbitMq(_) => None,
        // A message that its consumer holds back is received until it is a dead letter.
        BrokerKind::Sqs(sqs) => Some(LongWait {
            field: "platform.broker.kind.visibility",
            span: sqs.visibility,
            times: u64::from(broker.delivery_limit).clamp(1, OFTEN) + OFTEN,
        }),
        BrokerKind::Kafka(kafka) => Some(LongWait {
            field: "platform.broker.kind.session",
            span: kafka.session,
            times: OFTEN,
        }),
    }
}

/// Reports faults that last longer than any run.
fn check_sizes<D: ScenarioDomain>(file: &File<D>, complaints: &mut Complaints) {
    for (index, entry) in file.faults.iter().enumerate() {
        if entry.by.is_some_and(|by| by > FAULT_MAX) {
            complaints.add(
                Place::top().field("faults").item(index).field("by"),
                format!("a fault lasts at most {}, a year", FAULT_MAX.written()),
                "a run cannot come to rest before it is over; to lose a message, inject `Drop` or \
                 `Partition`",
            );
        }
    }
}
