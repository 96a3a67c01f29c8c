//! What the settings of the platform must be.

use crate::platform::Settings;
use crate::scenario::place::{Complaints, Place};

/// More instances of one kind of node than this are not simulated: every pair of nodes has a link.
const INSTANCES_MAX: u16 = 256;
const DEFAULT: &str = "remove it to use the default";

pub(super) fn check(settings: &Settings, place: &Place, complaints: &mut Complaints) {
    let (relay, projectors) = (place.field("relay"), place.field("projectors"));
    let saga = place.field("saga");
    let instances = [
        (place.field("command_apis"), settings.command_apis),
        (place.field("query_apis"), settings.query_apis),
        (relay.field("instances"), settings.relay.instances),
    ];
    for (place, instances) in instances {
        complaints.not_zero(place.clone(), &instances, DEFAULT);
        if instances > INSTANCES_MAX {
            let hint = format!("at most {INSTANCES_MAX}");
            complaints.add(place, format!("`{instances}` is too large"), hint);
        }
    }
    let counts = [
        (place.field("snapshot_every"), settings.snapshot_every),
        (relay.field("batch"), settings.relay.batch),
        (place.field("broker").field("delivery_limit"), settings.broker.delivery_limit),
        (projectors.field("prefetch"), settings.projectors.prefetch),
        (projectors.field("buffer"), settings.projectors.buffer),
        (projectors.field("page"), settings.projectors.page),
        (saga.field("prefetch"), settings.saga.prefetch),
    ];
    for (place, count) in counts {
        complaints.not_zero(place, &count, DEFAULT);
    }
    let (cache, broker) = (place.field("cache"), place.field("broker"));
    let spans = [
        (place.field("reply_timeout"), settings.reply_timeout),
        (relay.field("poll"), settings.relay.poll),
        (relay.field("poll_max"), settings.relay.poll_max),
        (relay.field("confirm_timeout"), settings.relay.confirm_timeout),
        (relay.field("lease"), settings.relay.lease),
        (broker.field("retry"), settings.broker.retry),
        (broker.field("retry_max"), settings.broker.retry_max),
        (broker.field("redrive"), settings.broker.redrive),
        (cache.field("ttl"), settings.cache.ttl),
        (cache.field("lease"), settings.cache.lease),
        (saga.field("command_timeout"), settings.saga.command_timeout),
        (saga.field("backoff_max"), settings.saga.backoff_max),
        (place.field("clients").field("patience"), settings.clients.patience),
    ];
    let pin = settings.clients.pin.map(|pin| (place.field("clients").field("pin"), pin));
    for (place, span) in spans.into_iter().chain(pin) {
        complaints.not_zero(place, &span, DEFAULT);
    }
}
