//! Bounds of the settings of the platform.

use crate::kernel::Span;
use crate::model::STREAMS_MAX;
use crate::platform::{CapacitySettings, RelaySettings, Settings, StoreReads, TimerKind};
use crate::scenario::file::{Limits, Network};
use crate::scenario::place::{Complaints, Place};

/// How many instances of one kind of node are simulated at most: every pair of nodes has a link.
const INSTANCES_MAX: u16 = 256;
/// The messages from the grant of a lease to the mark: the batch, its publication, the confirm, the mark.
const MESSAGES_PER_BATCH: u64 = 4;
const DEFAULT: &str = "remove it to use the default";

/// Settings with their places, by name.
macro_rules! settings {
    ($settings:ident, $place:ident: $($($field:ident).+),+ $(,)?) => {
        [$(($place$(.field(stringify!($field)))+, $settings.$($field).+.clone())),+]
    };
}

pub(super) fn check(settings: &Settings, place: &Place, complaints: &mut Complaints) {
    let instances = settings!(settings, place:
        command_apis, query_apis, relay.instances, projectors.instances, saga.instances,
    );
    for (place, instances) in instances {
        complaints.not_zero(place.clone(), &instances, DEFAULT);
        if instances > INSTANCES_MAX {
            let hint = format!("at most {INSTANCES_MAX}");
            complaints.add(place, format!("`{instances}` is too large"), hint);
        }
    }
    if settings.folds_kept < STREAMS_MAX as u32 {
        let hint = format!("at least {STREAMS_MAX}: a command may concern as many streams");
        complaints.add(
            place.field("folds_kept"),
            format!("`{}` is too small", settings.folds_kept),
            hint,
        );
    }
    let counts = settings!(settings, place:
        snapshot_every, relay.batch, broker.delivery_limit, projectors.prefetch, projectors.buffer,
        projectors.page, saga.prefetch,
    );
    for (place, count) in counts {
        complaints.not_zero(place, &count, DEFAULT);
    }
    let spans = settings!(settings, place:
        reply_timeout, heartbeat, relay.poll, relay.poll_max, relay.confirm_timeout, relay.lease,
        broker.retry, broker.retry_max, broker.redrive, search_index.refresh, search_index.retry,
        cache.ttl, cache.lease, saga.lease, saga.command_timeout, saga.backoff_max, clients.patience,
        clients.resubscribe_after,
    );
    if settings.clients.resubscribe_after <= settings.heartbeat {
        complaints.add(
            place.field("clients").field("resubscribe_after"),
            format!(
                "no heartbeat comes within this time: the next one is due after {}",
                settings.heartbeat.written()
            ),
            "write more than `heartbeat`, or a shorter `heartbeat`",
        );
    }
    check_capacity(&settings.capacity, &place.field("capacity"), complaints);
    let limits = settings!(settings, place: services.concurrency, services.per_second);
    for (place, limit) in limits {
        if limit == Some(0) {
            complaints.not_zero(place, &0, "remove it to accept any number");
        }
    }
    if let Some(rows) = settings.row_cache.rows {
        let place = place.field("row_cache").field("rows");
        complaints.not_zero(place, &rows, "remove it to keep any number of rows");
    }
    if settings.store.catch_up == (StoreReads::Replica { lag: Span::ZERO }) {
        let place = place.field("store").field("catch_up").field("lag");
        complaints.not_zero(place, &Span::ZERO, "write `catch_up: Primary`, which is never behind");
    }
    let timers = place.field("timers");
    match settings.timers {
        TimerKind::Scheduler => {}
        TimerKind::Polled { every, batch } => {
            complaints.not_zero(timers.field("every"), &every, "poll once a second or less often");
            complaints.not_zero(timers.field("batch"), &batch, "take one row at least");
        }
        TimerKind::Delayed { longest, in_order: _ } => {
            complaints.not_zero(timers.field("longest"), &longest, "SQS delays up to 15m");
        }
    }
    if let Some(breaker) = &settings.breaker {
        let place = place.field("breaker");
        complaints.not_zero(place.field("failures"), &breaker.failures, DEFAULT);
        complaints.not_zero(place.field("open"), &breaker.open, DEFAULT);
    }
    let pin = settings.clients.pin.map(|pin| (place.field("clients").field("pin"), pin));
    let expired = settings.cache.expired;
    let expired = expired.map(|expired| (place.field("cache").field("expired"), expired));
    let kept = settings!(settings, place:
        store.retention.commands, store.retention.outbox, store.retention.snapshots,
    );
    let ids = place.field("projectors").field("idempotency").field("kept");
    let kept = kept.into_iter().chain([(ids, settings.projectors.idempotency.kept())]);
    let keep = kept.filter_map(|(place, keep)| Some((place, keep?)));
    for (place, span) in spans.into_iter().chain(pin).chain(expired).chain(keep) {
        complaints.not_zero(place, &span, DEFAULT);
    }
}

/// A node without workers handles nothing.
fn check_capacity(capacity: &CapacitySettings, place: &Place, complaints: &mut Complaints) {
    let servers = settings!(capacity, place: command_apis, query_apis);
    let nodes =
        settings!(capacity, place: store, broker, projectors, read_store, cache, saga, key_store);
    let servers =
        servers.into_iter().filter_map(|(place, set)| Some((place, set.as_ref()?.workers)));
    let nodes = nodes.into_iter().filter_map(|(place, set)| Some((place, set.as_ref()?.workers)));
    for (place, workers) in servers.chain(nodes) {
        complaints.not_zero(place.field("workers"), &workers, DEFAULT);
    }
}

/// A limit of zero stops every run before it begins.
pub(super) fn check_budget(limits: &Limits, place: &Place, complaints: &mut Complaints) {
    complaints.not_zero(place.field("occurrences"), &limits.occurrences, DEFAULT);
    if let Some(until) = &limits.until {
        complaints.not_zero(place.field("until"), until, DEFAULT);
    }
    complaints.not_zero(place.field("pending"), &limits.pending, DEFAULT);
    complaints.not_zero(place.field("records"), &limits.records, DEFAULT);
    complaints.not_zero(place.field("kept"), &limits.kept, DEFAULT);
}

/// Reports a lease that ends before its relay can have marked what it fetched under it. With several relays,
/// another one takes it over each time, and none ever marks anything.
pub(super) fn check_lease(
    settings: &RelaySettings,
    network: &Network,
    place: &Place,
    complaints: &mut Complaints,
) {
    let least = network.base.times(MESSAGES_PER_BATCH);
    if settings.instances > 1 && settings.lease <= least && least > Span::ZERO {
        complaints.add(
            place.field("relay").field("lease"),
            format!(
                "this lease ends before a relay can mark its batch, which takes {MESSAGES_PER_BATCH} \
                 messages of at least {}",
                network.base.written()
            ),
            format!("write more than \"{}\", or have one relay", least.written()),
        );
    }
}
