//! How a saga reads its streams and records its events.
//!
//! An orchestrator recognises its own append by the command id and the time of the decision: a predecessor
//! that crashed with an append pending has used the same id.

use std::sync::Arc;

use super::saga::{Phase, subject_of};
use super::{Orchestrator, Patience};
use crate::model::{
    AppendOutcome, CommandId, Domain, Expected, Fact, Principal, Sagas, Schemas, Stored, StreamId,
};
use crate::platform::cx::Cx;
use crate::platform::defects::CORRELATION_LOST;
use crate::platform::message::{
    Append, AppendReply, Course, Load, Loaded, Message, Progress, Provenance,
};
use crate::platform::schema;

impl<D: Domain> Orchestrator<D> {
    /// Lets the saga react to the first wake of its inbox. Returns whether it records anything.
    pub(super) fn react(&mut self, saga: StreamId, cx: &mut Cx<'_, '_, D>) -> bool {
        let active = self.volatile.awake.get_mut(&saga).expect("an awake saga");
        let (wake, _) = active.inbox.front().expect("a wake");
        let stimulus = wake.stimulus();
        let now = cx.now();
        let (own, subject) = (&active.own.state, &active.subject.state);
        let events = D::Sagas::react(cx.domain(), own, subject, &stimulus, now);
        if events.is_empty() {
            return false;
        }
        let command = CommandId::Progress { saga, after: active.own.version };
        let provenance = Provenance {
            correlation: match active.origin {
                Some((correlation, _)) if !cx.has(&CORRELATION_LOST) => correlation,
                Some(_) | None => command,
            },
            causation: active.origin.map(|(_, event)| event),
            actor: Principal::Saga,
        };
        let mut after = active.own.state.clone();
        events.iter().for_each(|event| cx.domain().evolve(&mut after, event));
        let is_over = D::Sagas::is_over(cx.domain(), &after);
        let course = if is_over { Course::Over } else { Course::Open };
        let schema = schema::written(cx);
        let events = events.into_iter().map(|event| (saga, event)).collect();
        let append = Append {
            command,
            number: 1,
            provenance,
            decided_at: now,
            schema,
            conditions: Vec::new(),
            expected: [(saga, Expected::Exact(active.own.version))].into_iter().collect(),
            events: schema::downcast(cx.domain(), schema, events),
            progress: Some(Progress { course, round: self.volatile.round }),
        };
        self.append(saga, Box::new(append), cx);
        true
    }

    // ---- reading

    pub(super) fn load(
        &mut self,
        saga: StreamId,
        refused: Option<Box<Append<D>>>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let active = self.volatile.awake.get_mut(&saga).expect("an awake saga");
        active.phase = Phase::Loading(refused);
        let subject = subject_of::<D>(saga);
        let streams =
            [(saga, active.own.version), (subject, active.subject.version)].into_iter().collect();
        let command = CommandId::Progress { saga, after: active.own.version };
        self.await_store(saga, cx);
        let load =
            Load { command, schema: D::Schemas::SCHEMA, streams, queries: Vec::new(), fresh: true };
        cx.send(cx.map().store(), Message::Load(Box::new(load)));
    }

    fn await_store(&mut self, saga: StreamId, cx: &mut Cx<'_, '_, D>) {
        let Some(active) = self.volatile.awake.get(&saga) else { return };
        let patience = Self::backoff(cx.settings().reply_timeout, active.silences, saga, cx);
        self.volatile.deadlines.set(Patience::Store(saga), patience, cx);
    }

    pub(super) fn loaded(&mut self, loaded: Loaded<D>, cx: &mut Cx<'_, '_, D>) {
        let CommandId::Progress { saga, after } = loaded.command else { return };
        let Some(active) = self.volatile.awake.get_mut(&saga) else { return };
        // An answer to an earlier request lacks what has been recorded since.
        if after != active.own.version {
            return;
        }
        let Phase::Loading(refused) = &mut active.phase else { return };
        // A slice that does not continue the subject answers a predecessor that has crashed.
        let mut subjects = loaded.slices.iter().filter(|slice| slice.stream != saga);
        if !subjects.all(|slice| active.subject.reaches(slice)) {
            return;
        }
        let refused = refused.take();
        active.read = true;
        active.rest();
        // The streams were read for the first wake, which goes on here.
        if let Some((_, cause)) = active.inbox.front_mut() {
            *cause = cx.here();
        }
        self.volatile.deadlines.clear(Patience::Store(saga));
        let (mut news, mut restoring) = (Vec::new(), None);
        for slice in loaded.slices {
            let from = slice.restoring();
            if slice.stream == saga {
                (news, restoring) = (slice.tail, from);
                continue;
            }
            active.origin = slice.origin.or(active.origin);
            active.subject.take_in(slice, cx.domain());
            if let Some(fact) = from.and_then(|from| active.subject.restored(&from)) {
                cx.fact(fact);
            }
        }
        match refused {
            // Nothing conflicts with it any more.
            Some(append) if news.is_empty() => return self.append(saga, append, cx),
            // The append is stored, but its answer was lost: its effects are still to be performed.
            Some(append) if is_own(&append, &news) => {
                let others = news.split_off(append.events.len().min(news.len()));
                self.perform_recorded(saga, &news, cx);
                self.done(saga, cx);
                self.take_over(saga, &others, cx);
            }
            Some(_) | None => self.take_over(saga, &news, cx),
        }
        let active = &self.volatile.awake[&saga];
        if let Some(fact) = restoring.and_then(|from| active.own.restored(&from)) {
            cx.fact(fact);
        }
        self.advance(saga, cx);
    }

    // ---- recording

    /// Sends an append to the store, for the first time or again.
    fn append(&mut self, saga: StreamId, append: Box<Append<D>>, cx: &mut Cx<'_, '_, D>) {
        let active = self.volatile.awake.get_mut(&saga).expect("an awake saga");
        active.phase = Phase::Appending(append.clone());
        self.await_store(saga, cx);
        cx.send(cx.map().store(), Message::Append(append));
    }

    pub(super) fn appended(
        &mut self,
        command: CommandId,
        reply: AppendReply<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let CommandId::Progress { saga, after } = command else { return };
        let Some(active) = self.volatile.awake.get_mut(&saga) else { return };
        let (Phase::Appending(append) | Phase::Pausing(append)) = &active.phase else { return };
        if active.own.version != after {
            return;
        }
        match reply {
            AppendReply::Appended(_, events) => {
                if !is_own(append, &events) {
                    return; // the append of a predecessor; the own one will conflict with it
                }
                cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::Appended });
                self.volatile.deadlines.clear(Patience::Store(saga));
                active.rest();
                self.perform_recorded(saga, &events, cx);
                self.done(saga, cx);
                self.advance(saga, cx);
            }
            AppendReply::Conflict | AppendReply::AlreadyDone(_) | AppendReply::Concluded(_) => {
                cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::Conflict });
                let refused = append.clone();
                self.load(saga, Some(refused), cx);
            }
            AppendReply::CommitRefused => {
                cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::CommitRefused });
                active.refusals = active.refusals.saturating_add(1);
                active.phase = Phase::Pausing(append.clone());
                let pause = Self::backoff(cx.settings().backoff, active.refusals, saga, cx);
                self.volatile.deadlines.set(Patience::Store(saga), pause, cx);
            }
            AppendReply::NotSerializable => {
                cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::NotSerializable });
                let append = append.clone();
                self.append(saga, append, cx);
            }
        }
    }

    /// The store did not answer, or a back-off has ended.
    pub(super) fn store_silent(&mut self, saga: StreamId, cx: &mut Cx<'_, '_, D>) {
        let Some(active) = self.volatile.awake.get_mut(&saga) else { return };
        match &mut active.phase {
            Phase::Resting => {}
            Phase::Loading(refused) => {
                let refused = refused.take();
                active.silences = active.silences.saturating_add(1);
                self.load(saga, refused, cx);
            }
            Phase::Pausing(append) => {
                let append = append.clone();
                self.append(saga, append, cx);
            }
            Phase::Appending(append) => {
                let (append, command) = (append.clone(), append.command);
                active.silences = active.silences.saturating_add(1);
                cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::Unknown });
                self.append(saga, append, cx);
            }
        }
    }
}

/// Whether events begin with those of this append.
fn is_own<D: Domain>(append: &Append<D>, events: &[Arc<Stored<D::Event>>]) -> bool {
    let own = |event: &Arc<Stored<D::Event>>| {
        event.metadata.id.command == append.command
            && event.metadata.occurred_at == append.decided_at
    };
    events.first().is_some_and(own)
}
