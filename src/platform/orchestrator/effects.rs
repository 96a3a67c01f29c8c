//! The effects of recorded events, and their requests until they are answered.

use std::sync::Arc;

use super::saga::Wake;
use super::{Orchestrator, Patience};
use crate::kernel::{Instant, Span};
use crate::model::{
    CommandId, CommandOutcome, Domain, Effect, EffectId, Fact, Principal, Request, Sagas,
    ServiceId, Stored, StreamId, Term, Vocabulary,
};
use crate::platform::cx::Cx;
use crate::platform::defects::{COMMAND_NOT_RESENT, SILENCE_NOT_TOLD};
use crate::platform::faults::BREAKER_STUCK_OPEN;
use crate::platform::fold::Fold;
use crate::platform::message::{CallId, Health, Message, Provenance};

/// An effect that is not answered yet, and how often it was sent again.
#[derive(Clone, Debug)]
pub(super) struct Unanswered<D: Domain> {
    pub(super) what: Outstanding<D>,
    pub(super) resends: u32,
    /// Whether it was sent: a call that a circuit breaker has stopped was not.
    sent: bool,
}

/// The request of an unanswered effect.
#[derive(Clone, Debug)]
pub(super) enum Outstanding<D: Domain> {
    Command(Box<D::Command>, Provenance),
    Call(ServiceId, Box<Request<D>>),
    Timer(u8, Instant),
}

impl<D: Domain> Outstanding<D> {
    /// Sends the request under the id of the effect.
    pub(super) fn send(&self, effect: EffectId, again: bool, cx: &mut Cx<'_, '_, D>) {
        match self {
            Self::Command(command, provenance) => {
                cx.fact(Fact::SagaCommanded { effect, command: (**command).clone(), again });
                let (id, body) = (CommandId::Effect(effect), command.clone());
                let api = cx.map().command_api(effect.saga.number);
                cx.send(api, Message::Command { id, provenance: *provenance, body });
            }
            Self::Call(service, request) => {
                let (service, body) = (*service, (**request).clone());
                cx.fact(Fact::Called { effect, service, request: body, again });
                let node = cx.map().service(service);
                cx.send(node, Message::Call(CallId::Effect(effect), request.clone()));
            }
            Self::Timer(timer, due) => {
                let (timer, due) = (*timer, *due);
                cx.send(cx.map().timers(), Message::TimerSet { effect, timer, due });
            }
        }
    }

    /// The request in words.
    pub(super) fn describe(&self, vocabulary: Vocabulary<'_, D>) -> String {
        match self {
            Self::Command(command, _) => vocabulary.term(Term::Command(&**command)).to_string(),
            Self::Call(service, request) => {
                let request = vocabulary.term(Term::Request(*service, &**request));
                format!("{request} of {}", vocabulary.service(*service))
            }
            Self::Timer(timer, due) => {
                format!("timer for {} at {due}", vocabulary.term(Term::Timer(*timer)))
            }
        }
    }
}

impl<D: Domain> Orchestrator<D> {
    /// Folds recorded events and performs their effects.
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

    /// Performs an effect, unless it is outstanding already.
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
        let settings = cx.settings();
        let (what, patience) = match effect {
            Effect::Command(command) => {
                let command = Outstanding::Command(Box::new(command), provenance);
                (command, settings.saga.command_timeout)
            }
            Effect::Call { service, request, patience } => {
                (Outstanding::Call(service, Box::new(request)), patience)
            }
            Effect::SetTimer(timer, due) => {
                (Outstanding::Timer(timer, due), settings.reply_timeout)
            }
            Effect::CancelTimer(timer) => {
                // Not acknowledged: a timer that fires anyway finds a saga that has moved on.
                let cancel = Message::TimerCancel { effect: id, timer };
                return cx.apart(|cx| cx.send(cx.map().timers(), cancel));
            }
        };
        let sent = match what {
            Outstanding::Call(service, _) => {
                let stuck = (&BREAKER_STUCK_OPEN, id.saga.into());
                self.volatile.breakers.allow(service, Some(stuck), cx)
            }
            Outstanding::Command(..) | Outstanding::Timer(..) => true,
        };
        cx.apart(|cx| {
            if sent {
                what.send(id, again, cx);
            }
            // The saga is told at once of a call that was not sent. It treats it as one without an answer.
            let patience = if sent { patience } else { Span::ZERO };
            self.volatile.deadlines.set(Patience::Effect(id), patience, cx);
        });
        self.volatile.outstanding.insert(id, Unanswered { what, resends: 0, sent });
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
        // An unknown outcome is left to the deadline, when the command is sent again under the same id.
        if verdict != CommandOutcome::Unknown {
            self.tell(effect, verdict, cx);
        }
    }

    /// Tells a saga the outcome of its command.
    fn tell(&mut self, effect: EffectId, verdict: CommandOutcome<D>, cx: &mut Cx<'_, '_, D>) {
        if let Some(Outstanding::Command(command, _)) = self.settle(effect) {
            let body = (*command).clone();
            cx.fact(Fact::SagaTold { effect, command: body, verdict: verdict.clone() });
            self.wake(effect.saga, Wake::Answered { command, verdict }, cx);
        }
    }

    /// An effect was not answered in time. A call may have been executed, so its outcome is unknown. Commands
    /// and timers are sent again, which their receivers recognise: a command until its resends are used up,
    /// and then its outcome is unknown; a timer until it is set, because the saga waits for it.
    pub(super) fn effect_silent(&mut self, effect: EffectId, cx: &mut Cx<'_, '_, D>) {
        let Some(unanswered) = self.volatile.outstanding.get_mut(&effect) else { return };
        let settings = &cx.settings().saga;
        match unanswered.what {
            Outstanding::Call(service, _) => {
                let sent = unanswered.sent;
                if sent {
                    self.volatile.breakers.called(service, Health::Failed, cx);
                }
                let Some(Outstanding::Call(service, request)) = self.settle(effect) else { return };
                let body = (*request).clone();
                cx.fact(match sent {
                    true => Fact::GaveUp { effect, service, request: body },
                    false => Fact::NotCalled { effect, service, request: body },
                });
                if cx.has(&SILENCE_NOT_TOLD) {
                    return;
                }
                self.wake(effect.saga, Wake::Silent { service, request }, cx);
            }
            Outstanding::Command(..) if cx.has(&COMMAND_NOT_RESENT) => {
                self.settle(effect);
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

/// Folds the next event of a saga; returns its effects with their ids.
pub(super) fn called_for<D: Domain>(
    saga: &mut Fold<D>,
    event: &Stored<D::Event>,
    domain: &D,
) -> Vec<(EffectId, Effect<D>)> {
    let mut effects = Vec::new();
    saga.add_each(event, domain, |state, part| {
        effects.extend(D::Sagas::effects(domain, state, part));
    });
    let id = |nth| EffectId { saga: event.stream, version: event.version, nth };
    (0..).map(id).zip(effects).collect()
}

/// The provenance of the commands that an event calls for.
pub(super) fn provenance<E>(event: &Stored<E>) -> Provenance {
    Provenance {
        correlation: event.metadata.correlation,
        causation: Some(event.metadata.id),
        actor: Principal::Saga,
    }
}
