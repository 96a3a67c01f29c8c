//! Recovery: how sagas continue after a restart.
//!
//! A restarted orchestrator lists the sagas that have not ended and wakes each. Events that it reads but
//! has not recorded itself are those of a predecessor, which may have crashed before it performed their
//! effects. Commands and timers that the saga still wants are sent again under their old ids, and the saga
//! is told that it was resumed, so that it queries the results of its calls.
//!
//! An append of the predecessor that is still under way is fenced off: from the first page of the list on, the
//! store takes no append of an orchestrator that was started earlier. Otherwise it could wake a saga that had
//! ended when the list was made, and that nobody would continue.

use std::sync::Arc;

use super::effects::{called_for, provenance};
use super::saga::Wake;
use super::{Orchestrator, Patience, is_one_of_several};
use crate::kernel::{Entity, Instant};
use crate::model::{Domain, Effect, Sagas, Stored, StreamId};
use crate::platform::cx::Cx;
use crate::platform::defects::{
    CALLS_AGAIN_AFTER_RESTART, RANDOM_COMMAND_IDS, ROLL_NOT_CALLED, TAKEOVER_FORGETS_COMMANDS,
    TAKEOVER_FORGETS_TIMERS, TAKEOVER_TELLS_NOBODY,
};
use crate::platform::message::{Message, SagaPage};

/// The position in the list of sagas.
#[derive(Clone, Copy, Debug)]
pub(super) struct Roll {
    /// When the list was first requested; tells answers to a predecessor apart.
    round: Instant,
    /// The last saga that is known.
    after: Option<StreamId>,
    /// How often in a row the store did not answer.
    silences: u32,
}

impl<D: Domain> Orchestrator<D> {
    /// Loses all state.
    pub(crate) fn crash(&mut self) {
        *self = Self::new();
    }

    /// Lists the sagas that have not ended.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_, '_, D>) {
        if is_one_of_several(cx) {
            return self.stand(cx);
        }
        self.subscribe(cx);
        self.begin_round(cx.uptime(), cx);
    }

    /// Continues the sagas that have not ended. What was sent in an earlier round has no effect any more.
    pub(super) fn begin_round(&mut self, round: Instant, cx: &mut Cx<'_, '_, D>) {
        self.volatile.round = round;
        if cx.has(&ROLL_NOT_CALLED) {
            return;
        }
        self.hold(cx);
        self.volatile.roll = Some(Roll { round: self.volatile.round, after: None, silences: 0 });
        self.call_roll(cx);
    }

    /// The connection to the broker broke: it delivers unacknowledged messages again.
    pub(crate) fn disconnected(&mut self, cx: &mut Cx<'_, '_, D>) {
        for (wake, _) in self.volatile.awake.values_mut().flat_map(|saga| &mut saga.inbox) {
            wake.forget_delivery();
        }
        self.subscribe(cx);
    }

    fn call_roll(&mut self, cx: &mut Cx<'_, '_, D>) {
        let Some(Roll { round, after, silences }) = self.volatile.roll else { return };
        let patience = Self::backoff(cx.settings().reply_timeout, silences, Entity::default(), cx);
        self.volatile.deadlines.set(Patience::Roll, patience, cx);
        cx.send(cx.map().store(), Message::ListSagas { round, after });
    }

    pub(super) fn roll_silent(&mut self, cx: &mut Cx<'_, '_, D>) {
        if let Some(roll) = &mut self.volatile.roll {
            roll.silences = roll.silences.saturating_add(1);
        }
        self.call_roll(cx);
    }

    pub(super) fn listed(
        &mut self,
        round: Instant,
        after: Option<StreamId>,
        SagaPage { sagas, more, loss }: &SagaPage,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let asked = |roll: &Roll| roll.round == round && roll.after == after;
        let Some(roll) = self.volatile.roll.as_mut().filter(|roll| asked(roll)) else { return };
        roll.after = sagas.last().copied();
        roll.silences = 0;
        if *more {
            self.call_roll(cx);
        } else {
            self.volatile.roll = None;
            self.volatile.deadlines.clear(Patience::Roll);
        }
        self.told_of_loss(*loss, cx);
        for &saga in sagas {
            // A saga that is awake has read its streams or is reading them.
            if !self.volatile.awake.contains_key(&saga) {
                self.wake(saga, Wake::Resumed, cx);
            }
        }
    }

    /// Folds the events that a predecessor recorded. If the saga has not ended, effects that it still wants
    /// are sent again, and it is told that it was resumed, before all but what services have reported after a loss.
    pub(super) fn take_over(
        &mut self,
        saga: StreamId,
        events: &[Arc<Stored<D::Event>>],
        cx: &mut Cx<'_, '_, D>,
    ) {
        if events.is_empty() {
            return;
        }
        let domain = cx.domain();
        let active = self.volatile.awake.get_mut(&saga).expect("an awake saga");
        let mut replayed = active.own.clone();
        for event in events {
            active.own.add(event, domain);
        }
        if D::Sagas::is_over(domain, &active.own.state) {
            return;
        }
        let is_reported = matches!(active.inbox.front(), Some((Wake::Reported(_), _)));
        let place = usize::from(is_reported);
        let is_told = matches!(active.inbox.get(place), Some((Wake::Resumed, _)));
        if !is_told && !cx.has(&TAKEOVER_TELLS_NOBODY) {
            active.inbox.insert(place, (Wake::Resumed, cx.here()));
            self.volatile.wakes += 1;
        }
        let state = active.own.state.clone();
        let mut wanted: Vec<(_, Effect<D>, _)> = Vec::new();
        for event in events {
            for (id, effect) in called_for(&mut replayed, event, domain) {
                let left_out = match effect {
                    Effect::Call { .. } => !cx.has(&CALLS_AGAIN_AFTER_RESTART),
                    Effect::SetTimer(..) => cx.has(&TAKEOVER_FORGETS_TIMERS),
                    Effect::Command(_) => cx.has(&TAKEOVER_FORGETS_COMMANDS),
                    Effect::CancelTimer(_) => false,
                };
                let is_call = matches!(effect, Effect::Call { .. });
                if !left_out && (is_call || D::Sagas::still_wants(domain, &state, &effect)) {
                    // Of several equal requests, the saga waits for the last.
                    wanted.retain(|(_, earlier, _)| !replaces(&effect, earlier));
                    wanted.push((id, effect, provenance(event)));
                }
            }
        }
        for (mut id, effect, provenance) in wanted {
            if cx.has(&RANDOM_COMMAND_IDS) {
                id.nth = id.nth.wrapping_add(100);
            }
            self.perform(id, effect, provenance, true, cx);
        }
    }
}

/// Whether an effect replaces an earlier one.
fn replaces<D: Domain>(later: &Effect<D>, earlier: &Effect<D>) -> bool {
    match (later, earlier) {
        (Effect::SetTimer(timer, _), Effect::SetTimer(other, _)) => timer == other,
        (Effect::Command(command), Effect::Command(other)) => command == other,
        _ => false,
    }
}
