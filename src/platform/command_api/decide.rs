//! The decision of a command on what is folded, and the transaction that it leads to.

use std::sync::Arc;

use arrayvec::ArrayVec;

use super::personal::Said;
use super::{CommandApi, Doing};
use crate::model::{
    CommandId, CommandOutcome, Condition, DecisionModel, Domain, Expected, Fact, Folded, Privacy,
    STREAMS_MAX, Stored, StreamId, Tags, Token, Version,
};
use crate::platform::cx::Cx;
use crate::platform::defects::{REJECTION_NOT_RECORDED, REPLICA_TRUSTED};
use crate::platform::message::{Append, Conclude, Message};
use crate::platform::schema;

impl<D: Domain> CommandApi<D> {
    /// Whether the streams of a command are known, and refuse it as far as they are.
    pub(super) fn refuses_from_memory(&self, command: CommandId, cx: &Cx<'_, '_, D>) -> bool {
        let (domain, folds) = (cx.domain(), &self.volatile.folds);
        let body = &self.volatile.pending[&command].body;
        let streams = domain.streams(body).into_iter().map(|stream| folds.get(stream, domain));
        let streams: ArrayVec<_, STREAMS_MAX> = streams.collect();
        let is_any_known = streams.iter().any(|(_, version, _)| *version > Version(0));
        let folded = Folded { streams: &streams, models: &[] };
        is_any_known
            && domain.models(body).is_empty()
            && domain.decide(&folded, body, cx.now()).is_err()
    }

    /// Leaves in memory what the events of an append would have led to that has failed, by a defect.
    pub(super) fn keep_uncommitted(&mut self, command: CommandId, cx: &Cx<'_, '_, D>) {
        let (domain, folds) = (cx.domain(), &mut self.volatile.folds);
        let Some(body) = self.volatile.pending.get(&command).map(|pending| &pending.body) else {
            return;
        };
        let streams = domain.streams(body).into_iter().map(|stream| folds.get(stream, domain));
        let streams: ArrayVec<_, STREAMS_MAX> = streams.collect();
        let folded = Folded { streams: &streams, models: &[] };
        if domain.models(body).is_empty()
            && let Ok(events) = domain.decide(&folded, body, cx.now())
        {
            events.iter().for_each(|(stream, event)| folds.evolve(*stream, event, domain));
        }
    }

    /// Decides a command on what is folded, and has the outcome stored.
    pub(super) fn decide(
        &mut self,
        command: CommandId,
        matches: &[Vec<Arc<Stored<D::Event>>>],
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(pending) = self.volatile.pending.get_mut(&command) else { return };
        pending.attempt += 1;
        self.volatile.transactions += 1;
        pending.transaction = self.volatile.transactions;
        let (attempt, number) = (pending.attempt, pending.transaction);
        let streams = cx.domain().streams(&pending.body).into_iter();
        let streams = streams.map(|stream| self.volatile.folds.get(stream, cx.domain()));
        let streams: ArrayVec<_, STREAMS_MAX> = streams.collect();
        let body = (*pending.body).clone();
        let now = cx.now();
        let (models, conditions) = models(&body, matches, cx.domain());
        let folded = Folded { streams: &streams, models: &models };
        // An append that follows from an old state is a conflict. An outcome without events is checked by nothing.
        if !pending.fresh && !cx.has(&REPLICA_TRUSTED) {
            let decision = cx.domain().decide(&folded, &body, now);
            if decision.is_err() || decision.is_ok_and(|events| events.is_empty()) {
                pending.fresh = true;
                pending.attempt -= 1;
                return self.load(command, cx);
            }
        }
        let message = match cx.domain().decide(&folded, &body, now) {
            Err(rejection) => {
                let verdict = CommandOutcome::Refused(rejection.clone());
                cx.fact(Fact::Refused { command, body, attempt, rejection });
                if cx.has(&REJECTION_NOT_RECORDED) {
                    return self.reply(command, verdict, cx);
                }
                Message::Conclude(Box::new(Conclude { command, number, verdict }))
            }
            Ok(events) if events.is_empty() => {
                cx.fact(Fact::Decided { command, body, attempt, events });
                let (stream, version, _) = streams[0];
                let verdict = CommandOutcome::Accepted(Token { stream, version });
                Message::Conclude(Box::new(Conclude { command, number, verdict }))
            }
            Ok(mut events) => {
                if let Said::Kept(personal) = &pending.said {
                    for (_, event) in &mut events {
                        D::Privacy::keep(cx.domain(), event, personal);
                    }
                }
                let schema = schema::written(cx);
                let append = Append {
                    command,
                    number,
                    provenance: pending.provenance,
                    decided_at: now,
                    schema,
                    conditions,
                    expected: expected(&streams, &*pending.body, cx.domain()),
                    events: schema::downcast(cx.domain(), schema, events.clone()),
                    progress: None,
                };
                cx.fact(Fact::Decided { command, body, attempt, events });
                Message::Append(Box::new(append))
            }
        };
        pending.doing = Doing::Appending;
        self.await_answer(command, cx);
        cx.send(cx.map().store(), message);
    }
}

/// The decision models of a command, folded, and the conditions under which the decision on them holds.
fn models<D: Domain>(
    command: &D::Command,
    matches: &[Vec<Arc<Stored<D::Event>>>],
    domain: &D,
) -> (Vec<(Tags, D::State)>, Vec<Condition>) {
    let models = domain.models(command).into_iter().zip(matches);
    let folded = models.map(|(DecisionModel { query, blank: mut state }, events)| {
        for event in events {
            event.native(domain).iter().for_each(|part| domain.evolve(&mut state, part));
        }
        let matches = events.len() as u32;
        ((query, state), Condition { query, matches })
    });
    folded.unzip()
}

/// What is expected of each stream that was read.
fn expected<D: Domain>(
    streams: &[(StreamId, Version, D::State)],
    command: &D::Command,
    domain: &D,
) -> ArrayVec<(StreamId, Expected), STREAMS_MAX> {
    let expects = |&(stream, folded, _): &_| (stream, domain.expects(command, stream, folded));
    streams.iter().map(expects).collect()
}
