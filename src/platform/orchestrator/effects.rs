//! Effects: what recorded events call for.

use std::sync::Arc;

use super::outstanding::{Outstanding, Unanswered};
use super::wake::Wake;
use super::{Orchestrator, Patience};
use crate::model::{
    CommandOutcome, Domain, Effect, EffectId, Fact, Principal, Sagas, Stored, StreamId,
};
use crate::platform::cx::Cx;
use crate::platform::fold::Fold;
use crate::platform::message::{Message, Provenance};

impl<D: Domain> Orchestrator<D> {
    /// Folds recorded events in and does what each calls for.
    pub(super) fn perform_recorded(
        &mut self,
        saga: StreamId,
        events: &[Arc<Stored<D::Event>>],
        cx: &mut Cx<'_, '_, D>,
    ) {
        for event in events {
            let active = self.volatile.awake.get_mut(&saga).expect("an awake saga");
            for (id, effect) in called_for(&mut active.own, event, cx.domain()) {
                self.perform(id, effect, provenance(event), false, cx);
            }
        }
    }

    /// Sends an effect on its way, unless it is already.
    pub(super) fn perform(
        &mut self,
        id: EffectId,
        effect: Effect<D>,
        provenance: Provenance,
        again: bool,
        cx: &mut Cx<'_, '_, D>,
    ) {
        if self.volatile.outstanding.contains_key(&id) {
            return;
        }
        let (what, patience) = match effect {
            Effect::Command(command) => (
                Outstanding::Command(Box::new(command), provenance),
                cx.settings().saga.command_timeout,
            ),
            Effect::Call { service, request, patience } => {
                (Outstanding::Call(service, Box::new(request)), patience)
            }
            Effect::SetTimer(timer, due) => {
                (Outstanding::Timer(timer, due), cx.settings().reply_timeout)
            }
            Effect::CancelTimer(timer) => {
                // Not answered: a timer that fires after all finds a saga that has moved on.
                cx.send(cx.map().timers(), Message::TimerCancel { effect: id, timer });
                return;
            }
        };
        what.send(id, again, cx);
        self.volatile.outstanding.insert(id, Unanswered { what, resends: 0 });
        self.volatile.deadlines.set(Patience::Effect(id), patience, cx);
    }

    /// An effect was answered.
    pub(super) fn settle(&mut self, effect: EffectId) -> Option<Outstanding<D>> {
        self.volatile.deadlines.clear(Patience::Effect(effect));
        self.volatile.outstanding.remove(&effect).map(|unanswered| unanswered.what)
    }

    pub(super) fn answered(
        &mut self,
        effect: EffectId,
        verdict: CommandOutcome<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let unanswered = self.volatile.outstanding.get(&effect);
        let Some(Unanswered { what: Outstanding::Command(..), .. }) = unanswered else { return };
        if verdict == CommandOutcome::Unknown {
            return; // sent again under the same name when its patience ends
        }
        self.tell(effect, verdict, cx);
    }

    /// Tells a saga how its command went.
    fn tell(&mut self, effect: EffectId, verdict: CommandOutcome<D>, cx: &mut Cx<'_, '_, D>) {
        if let Some(Outstanding::Command(command, _)) = self.settle(effect) {
            let body = (*command).clone();
            cx.fact(Fact::SagaTold { effect, command: body, verdict: verdict.clone() });
            self.wake(effect.saga, Wake::Answered { command, verdict }, cx);
        }
    }

    /// An effect was not answered in time. A service may have done what it was asked, so a call is given up
    /// as unknown. Commands and timers are sent again, which is recognised: a command until its resends are
    /// used up, then the saga is told that its outcome is unknown; a timer until it is set, because the
    /// saga waits for it.
    pub(super) fn effect_silent(&mut self, effect: EffectId, cx: &mut Cx<'_, '_, D>) {
        let Some(unanswered) = self.volatile.outstanding.get_mut(&effect) else { return };
        let settings = &cx.settings().saga;
        match unanswered.what {
            Outstanding::Call(..) => {
                let Some(Outstanding::Call(service, request)) = self.settle(effect) else { return };
                cx.fact(Fact::GaveUp { effect, service, request: (*request).clone() });
                self.wake(effect.saga, Wake::Silent { service, request }, cx);
            }
            Outstanding::Command(..) if unanswered.resends >= settings.resends => {
                self.tell(effect, CommandOutcome::Unknown, cx);
            }
            Outstanding::Command(..) | Outstanding::Timer(..) => {
                unanswered.resends = unanswered.resends.saturating_add(1);
                unanswered.what.send(effect, true, cx);
                let (timeout, resends) = (settings.command_timeout, unanswered.resends);
                let patience = Self::backoff(timeout, resends, effect.saga, cx);
                self.volatile.deadlines.set(Patience::Effect(effect), patience, cx);
            }
        }
    }
}

/// Folds the next event of a saga in; what it calls for, each effect under its own name.
pub(super) fn called_for<D: Domain>(
    saga: &mut Fold<D>,
    event: &Stored<D::Event>,
    domain: &D,
) -> Vec<(EffectId, Effect<D>)> {
    let mut effects = Vec::new();
    saga.add_each(event, domain, |state, part| {
        effects.extend(D::Sagas::effects(domain, state, part));
    });
    let name = |nth| EffectId { saga: event.stream, version: event.version, nth };
    effects.into_iter().zip(0..).map(|(effect, nth)| (name(nth), effect)).collect()
}

/// Where the commands that an event calls for come from.
pub(super) fn provenance<E>(event: &Stored<E>) -> Provenance {
    Provenance {
        correlation: event.metadata.correlation,
        causation: Some(event.metadata.id),
        actor: Principal::Saga,
    }
}
