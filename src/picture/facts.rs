//! Facts as fields under fixed names. `docs/report-data.md` lists them.

use super::details::{aborted, append_outcome, entered, fault, looks_up, told};
use super::draft::Draft;
use crate::model::{
    AsOf, BreakerState, CacheAnswer, CacheKey, CommandId, Domain, Expired, Fact, Loss, Services,
    Term,
};

const fn loss(why: Loss) -> &'static str {
    match why {
        Loss::Lapsed => "lapsed",
        Loss::Expired => "expired",
        Loss::Evicted => "evicted",
        Loss::FailedOver => "failed_over",
        Loss::Restarted => "restarted",
    }
}

/// Drafts the fields of a fact, and returns its kind. All facts of a kind have the same fields.
// It is a table: a fact in one line or two can be compared with the next.
#[rustfmt::skip]
pub(super) fn fields<D: Domain>(fact: &Fact<D>, to: &mut Draft<'_, D>) -> &'static str {
    match fact {
        Fact::Fault(fired) => { fault(fired, to); "fault" }
        Fact::Restarted => "restarted",
        Fact::Disconnected { peer } => { to.node("peer", *peer); "disconnected" }

        Fact::Commanded { request, command, resend } => {
            let stream = to.vocabulary.domain.streams(command).first().copied();
            to.request(*request).term("body", Term::Command(command)).text("name", D::command_name(command))
                .stream_or_none("stream", stream)
                .flag("resend", *resend);
            "commanded"
        }
        Fact::Queried { request, query, owed, resend } => {
            to.request(*request).term("body", Term::Query(query));
            looks_up(*request, query, *owed, to);
            to.token(owed.token()).flag("resend", *resend);
            "queried"
        }
        Fact::Told { request, owed: _, answer } => { to.request(*request); told(answer, to); "told" }
        Fact::EraseAsked { request, resend } => { to.request(*request).flag("resend", *resend); "erase_asked" }

        Fact::Decided { command, body, attempt, events } => {
            let domain = to.vocabulary.domain;
            let names: Vec<_> = events.iter().map(|(_, event)| domain.event_name(event)).collect();
            to.command("command", *command).term("body", Term::Command(body)).number("attempt", *attempt)
                .text("events", names.join(", "));
            "decided"
        }
        Fact::Refused { command, body, attempt, rejection } => {
            to.command("command", *command).term("body", Term::Command(body)).number("attempt", *attempt)
                .term("rejection", Term::Rejection(rejection));
            "refused"
        }
        Fact::Acknowledged { command, outcome } => {
            to.command("command", *command).text("outcome", append_outcome(*outcome));
            "acknowledged"
        }
        Fact::Restored { stream, snapshot, version, state: _ } => {
            to.stream("stream", *stream).number_or_none("snapshot", snapshot.map(|version| version.0))
                .number("version", version.0);
            "restored"
        }
        Fact::Deployed { schema } => { to.number("schema", *schema); "deployed" }
        Fact::Recognised { command, body } => {
            to.command("command", *command).term("body", Term::Command(body));
            "recognised"
        }
        Fact::Answered { command, verdict } => { to.command("command", *command).outcome(verdict); "answered" }

        Fact::Allocated { command, first, count } => {
            to.command("command", *command).number("first", first.0).number("count", *count);
            "allocated"
        }
        Fact::Inserted { command } => { to.command("command", *command); "inserted" }
        Fact::Blocked { command, stream, behind } => {
            to.command("command", *command).stream_or_none("stream", *stream).command("behind", *behind);
            "blocked"
        }
        Fact::Committed { command, first } => {
            to.command("command", *command).number("first", first.0);
            "committed"
        }
        Fact::Stored(event) => { to.whole_event(event).state_after(event); "stored" }
        Fact::Aborted { command, first, why } => {
            to.command("command", *command).number_or_none("first", first.map(|first| first.0));
            aborted(*why, to);
            "aborted"
        }
        Fact::Concluded { command, verdict } => { to.command("command", *command).outcome(verdict); "concluded" }
        Fact::Snapshotted { stream, version, schema, state: _ } => {
            to.stream("stream", *stream).number("version", version.0).number("schema", *schema);
            "snapshotted"
        }

        Fact::Leased { fence, until } => { to.number("fence", *fence).time("until", *until); "leased" }
        Fact::Published { event, again } => { to.event(event).flag("again", *again); "published" }
        Fact::Routed { position, queues } => {
            to.number("position", position.0).number("queues", *queues);
            "routed"
        }
        Fact::Marked { upto } => { to.number("upto", upto.0); "marked" }
        Fact::Rewound { timeline, to: moment, last: _, lost, events } => {
            to.number("timeline", *timeline).time("to", *moment);
            to.number("transactions", lost.len() as u64).number("events", events.len() as u64);
            "rewound"
        }
        Fact::Cleaned { records } => { to.number("records", *records); "cleaned" }
        Fact::Expired { what, count } => {
            match what {
                Expired::OutboxRows => { to.number("count", *count); "outbox_cleaned" }
                Expired::Snapshot(stream, version) => {
                    to.stream("stream", *stream).number("version", version.0);
                    "snapshot_cleaned"
                }
                Expired::MessageIds(view) => {
                    to.view(*view).number("count", *count);
                    "inbox_cleaned"
                }
            }
        }
        Fact::StreamEnded { stream, version } => {
            to.stream("stream", *stream).number("version", version.0);
            "stream_ended"
        }
        Fact::ReplicaReads { lag } => { to.span("lag", *lag); "replica_reads" }
        Fact::SentAgain { since, rows } => {
            to.time("since", *since).number("rows", *rows);
            "sent_again"
        }
        Fact::Fenced { relay, fence } => { to.node("relay", *relay).number("fence", *fence); "fenced" }
        Fact::Subscribed { queue, prefetch } => { to.queue(*queue).number("prefetch", *prefetch); "subscribed" }
        Fact::Delivered { queue, event, redelivered } => {
            to.queue(*queue).event(event).flag("redelivered", *redelivered);
            "delivered"
        }
        Fact::Acked { queue, position } => { to.queue(*queue).number("position", position.0); "acked" }
        Fact::Requeued { queue, position } => { to.queue(*queue).number("position", position.0); "requeued" }
        Fact::Returned { queue, position } => { to.queue(*queue).number("position", position.0); "returned" }
        Fact::ConnectionClosed { queue } => { to.queue(*queue); "connection_closed" }
        Fact::DeadLettered { queue, position } => {
            to.queue(*queue).number("position", position.0);
            "dead_lettered"
        }
        Fact::Parked { queue, position } => { to.queue(*queue).number("position", position.0); "parked" }
        Fact::Redriven { queue, stream, messages } => {
            to.queue(*queue).stream("stream", *stream).number("messages", *messages);
            "redriven"
        }
        Fact::Deduplicated { queue, position } => {
            to.queue(*queue).number("position", position.0);
            "deduplicated"
        }
        Fact::ConsumerCancelled { queue } => { to.queue(*queue); "consumer_cancelled" }
        Fact::Rebalanced { queue } => { to.queue(*queue); "rebalanced" }
        Fact::SwitchedBack { view, events } => {
            to.view(*view).number("events", *events);
            "switched_back"
        }
        Fact::LeaderChosen { by } => { to.node("by", *by); "leader_chosen" }
        Fact::SteppedDown => "stepped_down",
        Fact::TakenOver { queue, by } => { to.queue(*queue).node("by", *by); "taken_over" }
        Fact::Assigned { queue, segments, to: holder } => {
            to.queue(*queue).number("segments", *segments).node("holder", *holder);
            "assigned"
        }
        Fact::RetentionOver { queue, position } => {
            to.queue(*queue).number("position", position.0);
            "retention_over"
        }

        Fact::Buffered { view, stream, version } => {
            to.view(*view).stream("stream", *stream).number("version", version.0);
            "buffered"
        }
        Fact::Skipped { view, stream, version } => {
            to.view(*view).stream("stream", *stream).number("version", version.0);
            "skipped"
        }
        Fact::Failed { view, event } => { to.view(*view).event(event); "failed" }
        Fact::Applied { view, event, checkpoint, upto } => {
            to.view(*view).event(event).number("checkpoint", checkpoint.0).number("upto", upto.0);
            "applied"
        }
        Fact::AppliedInline { view, event } => { to.view(*view).event(event); "applied_inline" }
        Fact::CaughtUp { view, after, upto, queries } => {
            to.view(*view).number("after", after.0).number("checkpoint", upto.0).number("queries", *queries);
            "caught_up"
        }
        Fact::RebuildStarted { view } => { to.view(*view); "rebuild_started" }
        Fact::Replayed { view, event } => { to.view(*view).event(event); "replayed" }
        Fact::Refreshed { view, rows } => {
            to.view(*view).number("rows", *rows);
            "refreshed"
        }
        Fact::Rebuilt { view, events } => { to.view(*view).number("events", *events); "rebuilt" }

        Fact::CacheGet { key, request, answer } => {
            to.key(*key).request(*request);
            let (word, revision, lease, until) = match *answer {
                CacheAnswer::Hit { revision } => ("hit", Some(revision), None, None),
                CacheAnswer::Lease { lease, until } => ("lease", None, Some(lease), Some(until)),
                CacheAnswer::Wait => ("wait", None, None, None),
            };
            to.text("answer", word).number_or_none("revision", revision).number_or_none("lease", lease)
                .time_or_none("until", until);
            "cache_get"
        }
        Fact::CacheFilled { key, lease, revision, expires, waiters } => {
            to.key(*key).number("lease", *lease).number("revision", *revision).time("expires", *expires)
                .number("waiters", *waiters);
            "cache_filled"
        }
        Fact::CacheRefused { key, lease } => { to.key(*key).number("lease", *lease); "cache_refused" }
        Fact::CacheRefreshed { key, revision } => { to.key(*key).number("revision", *revision); "cache_refreshed" }
        Fact::CachePinned { key, token } => { to.key(*key).token(Some(*token)); "cache_pinned" }
        Fact::CacheLost { key, why } => {
            to.key_or_none(*key).text("why", loss(*why));
            "cache_lost"
        }
        Fact::RowLost { view, row, why } => {
            to.view(*view).key_or_none(row.map(|row| CacheKey::Row(*view, row))).text("why", loss(*why));
            "row_lost"
        }
        Fact::RowRead { request, view, row, upto, known } => {
            to.request(*request).view(*view).key(CacheKey::Row(*view, *row)).number("upto", upto.0)
                .flag("known", *known);
            "row_read"
        }
        Fact::RowRestored { request, view, row, revision } => {
            to.request(*request).view(*view).key(CacheKey::Row(*view, *row)).number("revision", *revision);
            "row_restored"
        }
        Fact::Loading { key, lease } => { to.key(*key).number("lease", *lease); "loading" }
        Fact::Recalled { request, stream, as_of, version } => {
            to.request(*request).stream("stream", *stream).number("version", version.0);
            match *as_of {
                AsOf::Now => to.text("as_of", "now"),
                AsOf::Version(version) => to.text("as_of", version),
                AsOf::Instant(at) => to.text("as_of", at),
            };
            "recalled"
        }
        Fact::Bypassed { request, node } => { to.request(*request).node("peer", *node); "bypassed" }
        Fact::ServedStale { request, key, revision, age } => {
            to.request(*request).key(*key).number("revision", *revision).span("age", *age);
            "served_stale"
        }
        Fact::OutOfPatience { request, asked, patience, slowest: _ } => {
            to.request(*request).number("asked", asked.len() as u64).span("patience", *patience);
            "out_of_patience"
        }
        Fact::Left { customer } => { to.customer(*customer); "left" }
        Fact::Watched { request, query, owed, again, within: _ } => {
            to.request(*request).term("body", Term::Query(query));
            looks_up(*request, query, *owed, to);
            to.token(owed.token()).flag("again", *again);
            "watched"
        }
        Fact::Pushed { request, nth } => { to.request(*request).number("nth", *nth); "pushed" }
        Fact::Unwatched { request } => { to.request(*request); "unwatched" }

        Fact::Queued { behind } => { to.number("behind", *behind); "queued" }
        Fact::Dequeued { waited } => { to.span("waited", *waited); "dequeued" }
        Fact::Shed { request, retry_after } => {
            to.request(*request).span("retry_after", *retry_after);
            "shed"
        }
        Fact::Throttled { service, request } => {
            to.service(*service).term("call", Term::Request(*service, request));
            "throttled"
        }
        Fact::NotCalled { effect, service, request } => {
            to.effect(*effect).service(*service).term("call", Term::Request(*service, request));
            "not_called"
        }
        Fact::Breaker { service, state } => {
            to.service(*service).text("state", match state {
                BreakerState::Closed => "closed",
                BreakerState::Open => "open",
                BreakerState::HalfOpen => "half_open",
            });
            "breaker"
        }

        Fact::SagaCommanded { effect, command, again } => {
            to.effect(*effect)
                .term("body", Term::Command(command)).text("name", D::command_name(command)).flag("again", *again);
            "saga_commanded"
        }
        Fact::SagaTold { effect, command, verdict } => {
            to.effect(*effect)
                .term("body", Term::Command(command)).outcome(verdict);
            "saga_told"
        }
        Fact::Called { effect, service, request, again } => {
            to.effect(*effect).service(*service)
                .term("call", Term::Request(*service, request)).flag("again", *again);
            "called"
        }
        Fact::GaveUp { effect, service, request } => {
            to.effect(*effect).service(*service)
                .term("call", Term::Request(*service, request));
            "gave_up"
        }
        Fact::Replied { saga, service, reply, webhook } => {
            to.stream("saga", *saga).service(*service).term("reply", Term::Reply(*service, reply))
                .flag("webhook", *webhook);
            "replied"
        }
        Fact::TimerSet { saga, timer, due } => {
            to.stream("saga", *saga).number("timer", *timer).term("purpose", Term::Timer(*timer)).time("due", *due);
            "timer_set"
        }
        Fact::TimerCancelled { saga, timer } => {
            to.stream("saga", *saga).number("timer", *timer).term("purpose", Term::Timer(*timer));
            "timer_cancelled"
        }
        Fact::TimerFired { saga, timer, due } => {
            to.stream("saga", *saga).number("timer", *timer).term("purpose", Term::Timer(*timer)).time("due", *due);
            "timer_fired"
        }

        Fact::KeyMade { customer } => { to.customer(*customer); "key_made" }
        Fact::Sealed { request, dropped } => { to.request(*request).flag("dropped", *dropped); "sealed" }
        Fact::SealedFor { request, whose, dropped } => {
            let whose = to.vocabulary.customer(*whose).to_string();
            to.request(*request).text("whose", whose).flag("dropped", *dropped);
            "sealed_for"
        }
        Fact::Unsealed { request, customer, count, forgotten } => {
            to.command("request", CommandId::Request(*request))
                .customer(*customer).number("count", *count)
                .flag("forgotten", *forgotten);
            "unsealed"
        }
        Fact::Erased { customer } => { to.customer(*customer); "erased" }

        Fact::Opened { service } => { to.service(*service); "opened" }
        Fact::Served { service, request, reply } => {
            to.service(*service).term("call", Term::Request(*service, request))
                .term("reply", Term::Reply(*service, reply)).stream_or_none("stream", D::Services::about(request));
            "served"
        }
        Fact::Entered { service, entry } => { entered(*service, entry, to); "entered" }
    }
}
