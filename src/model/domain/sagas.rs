//! Sagas: long-running processes, each of which follows one stream.

use crate::kernel::{Instant, Span};
use crate::model::{Category, CommandOutcome, Domain, Reply, Request, ServiceId, StreamId};

/// The sagas of a domain. A domain without sagas says [`NoSagas`].
///
/// A saga has a stream of its own. A [`Stimulus`] wakes it, it records events, and each recorded event calls
/// for [`Effect`]s. Every effect follows from a recorded event.
pub trait Sagas<D: Domain> {
    /// The categories that are followed, each with the category of its sagas. A saga has the number of the
    /// stream that it follows.
    const FOLLOWS: &'static [(Category, Category)];

    /// The names of the events that sagas record, among those in [`EVENTS`](Domain::EVENTS), so that campaigns
    /// can tell in which states sagas were.
    const STATES: &'static [&'static str] = &[];

    /// The events that a saga records next, given its own state, the state of its subject, and the stimulus.
    /// Must be level-triggered: waking it twice, late or needlessly leads to the same result.
    fn react(
        domain: &D,
        saga: &D::State,
        subject: &D::State,
        stimulus: &Stimulus<'_, D>,
        now: Instant,
    ) -> Vec<D::Event>;
    /// The effects of a recorded saga event; `saga` is the state after it.
    fn effects(domain: &D, saga: &D::State, event: &D::Event) -> Vec<Effect<D>>;
    /// Whether a saga has ended.
    fn is_over(domain: &D, saga: &D::State) -> bool;
    /// Whether a saga still waits for the result of one of its recorded commands or timers. After a restart,
    /// when it is unknown what was sent, these are sent again under the same id. A call is never sent again:
    /// its outcome is unknown, and the saga learns that from [`Stimulus::Resumed`].
    fn still_wants(domain: &D, saga: &D::State, effect: &Effect<D>) -> bool;
    /// Why a saga is on the operator's work list, in words; `None` if it is not.
    fn handed_over(_domain: &D, _saga: &D::State) -> Option<String> {
        None
    }
    /// Whether a saga is on the work list with something that only a person can do, such as a payment for
    /// which there is no service.
    fn is_done_by_hand(_domain: &D, _saga: &D::State) -> bool {
        false
    }

    /// The saga that follows a stream, if there is one.
    fn saga_of(stream: StreamId) -> Option<StreamId> {
        let (_, saga) = Self::FOLLOWS.iter().find(|(subject, _)| *subject == stream.category)?;
        Some(StreamId { category: *saga, ..stream })
    }
    /// The stream that a saga follows; `None` if `saga` is not the stream of a saga.
    fn subject_of(saga: StreamId) -> Option<StreamId> {
        let (subject, _) = Self::FOLLOWS.iter().find(|(_, sagas)| *sagas == saga.category)?;
        Some(StreamId { category: *subject, ..saga })
    }
}

/// The reason why a saga is woken.
#[derive(Clone, Debug, PartialEq)]
pub enum Stimulus<'a, D: Domain> {
    /// The stream that it follows may have changed.
    Subject,
    /// A service replied.
    Replied(ServiceId, &'a Reply<D>),
    /// A service did not reply in time: whether the request took effect is unknown.
    Silent(ServiceId, &'a Request<D>),
    /// One of its commands was answered.
    Answered(&'a D::Command, &'a CommandOutcome<D>),
    /// One of its timers is due.
    Due(u8),
    /// The orchestrator was restarted and knows only the recorded events.
    Resumed,
    /// The event store has lost commits, and services report what they have for the saga. It may have asked for any of
    /// it in events that are lost; it may even be that all its events are lost, and those of its subject.
    Reported(&'a [(ServiceId, Reply<D>)]),
}

/// An effect of an event in the stream of a saga.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect<D: Domain> {
    /// A command to an aggregate.
    Command(D::Command),
    /// A request to a service; its outcome is unknown after `patience`.
    Call {
        /// The service.
        service: ServiceId,
        /// The request.
        request: Request<D>,
        /// How long to wait for the reply.
        patience: Span,
    },
    /// Sets a durable timer, by its number within the saga. Setting it again moves it.
    SetTimer(u8, Instant),
    /// Cancels a durable timer.
    CancelTimer(u8),
}

/// The sagas of a domain that has none.
#[derive(Clone, Copy, Debug)]
pub enum NoSagas {}

impl<D: Domain> Sagas<D> for NoSagas {
    const FOLLOWS: &'static [(Category, Category)] = &[];

    fn react(_: &D, _: &D::State, _: &D::State, _: &Stimulus<'_, D>, _: Instant) -> Vec<D::Event> {
        Vec::new()
    }

    fn effects(_: &D, _: &D::State, _: &D::Event) -> Vec<Effect<D>> {
        Vec::new()
    }

    fn is_over(_: &D, _: &D::State) -> bool {
        false
    }

    fn still_wants(_: &D, _: &D::State, _: &Effect<D>) -> bool {
        false
    }
}
