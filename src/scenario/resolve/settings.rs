//! Bounds of the settings of the platform.

use crate::platform::Settings;
use crate::scenario::file::Limits;
use crate::scenario::place::{Complaints, Place};

/// How many instances of one kind of node are simulated at most: every pair of nodes has a link.
const INSTANCES_MAX: u16 = 256;
const DEFAULT: &str = "remove it to use the default";

/// Settings with their places, by name.
macro_rules! settings {
    ($settings:ident, $place:ident: $($($field:ident).+),+ $(,)?) => {
        [$(($place$(.field(stringify!($field)))+, $settings.$($field).+)),+]
    };
}

pub(super) fn check(settings: &Settings, place: &Place, complaints: &mut Complaints) {
    for (place, instances) in settings!(settings, place: command_apis, query_apis, relay.instances)
    {
        complaints.not_zero(place.clone(), &instances, DEFAULT);
        if instances > INSTANCES_MAX {
            let hint = format!("at most {INSTANCES_MAX}");
            complaints.add(place, format!("`{instances}` is too large"), hint);
        }
    }
    let counts = settings!(settings, place:
        snapshot_every, relay.batch, broker.delivery_limit, projectors.prefetch, projectors.buffer,
        projectors.page, saga.prefetch,
    );
    for (place, count) in counts {
        complaints.not_zero(place, &count, DEFAULT);
    }
    let spans = settings!(settings, place:
        reply_timeout, relay.poll, relay.poll_max, relay.confirm_timeout, relay.lease, broker.retry,
        broker.retry_max, broker.redrive, cache.ttl, cache.lease, saga.command_timeout,
        saga.backoff_max, clients.patience,
    );
    let pin = settings.clients.pin.map(|pin| (place.field("clients").field("pin"), pin));
    for (place, span) in spans.into_iter().chain(pin) {
        complaints.not_zero(place, &span, DEFAULT);
    }
}

/// A limit of zero stops every run before it begins.
pub(super) fn check_budget(limits: &Limits, place: &Place, complaints: &mut Complaints) {
    complaints.not_zero(place.field("occurrences"), &limits.occurrences, DEFAULT);
    complaints.not_zero(place.field("until"), &limits.until, DEFAULT);
    complaints.not_zero(place.field("pending"), &limits.pending, DEFAULT);
    complaints.not_zero(place.field("records"), &limits.records, DEFAULT);
}
