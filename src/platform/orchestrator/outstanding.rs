//! Effects that are not answered yet.

use crate::kernel::Instant;
use crate::model::{CommandId, Domain, EffectId, Fact, Request, ServiceId, Term, Vocabulary};
use crate::platform::cx::Cx;
use crate::platform::message::{CallId, Message, Provenance};

/// An effect that is not answered yet, and how often it was sent again.
#[derive(Clone, Debug)]
pub(super) struct Unanswered<D: Domain> {
    pub(super) what: Outstanding<D>,
    pub(super) resends: u32,
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
