//! Sagas: long-running processes, each of which follows one stream.

use crate::kernel::{Instant, Span};
use crate::model::{Category, CommandOutcome, Domain, Reply, Request, ServiceId, StreamId};

/// The sagas of a domain. A domain without sagas says [`NoSagas`].
///
/// A saga has a stream of its own. It is woken by a [`Stimulus`], records events, and each recorded event
/// calls for [`Effect`]s. Nothing is done that is not recorded first.
pub trait Sagas<D: Domain> {
    /// The categories of streams that are followed, each with the category of its sagas. A saga has the
    /// number of the stream that it follows.
    const FOLLOWS: &'static [(Category, Category)];

    /// What a saga records next, given its own state, the state of its subject, and what woke it. Must be
    /// level-triggered: waking it twice, late or without need leads to the same end.
    fn react(
        domain: &D,
        saga: &D::State,
        subject: &D::State,
        stimulus: &Stimulus<'_, D>,
        now: Instant,
    ) -> Vec<D::Event>;
    /// What a recorded saga event calls for; `saga` is the state after it.
    fn effects(domain: &D, saga: &D::State, event: &D::Event) -> Vec<Effect<D>>;
    /// Whether a saga has come to its end.
    fn is_over(domain: &D, saga: &D::State) -> bool;
    /// Whether a saga still waits for the result of one of its recorded commands or timers. Asked after
    /// a restart, when it is not known what was sent: what is still wanted is sent again, under the same
    /// name. A call is never sent again: its result is unknown, and the saga learns that from
    /// [`Stimulus::Resumed`].
    fn still_wants(domain: &D, saga: &D::State, effect: &Effect<D>) -> bool;
    /// Why a saga is on a person's work list, if it is: in words for that person.
    fn handed_over(_domain: &D, _saga: &D::State) -> Option<String> {
        None
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

/// What woke a saga.
#[derive(Clone, Debug, PartialEq)]
pub enum Stimulus<'a, D: Domain> {
    /// The stream that it follows has changed, or may have.
    Subject,
    /// A service answered.
    Replied(ServiceId, &'a Reply<D>),
    /// A service did not answer in time: whether the request took effect is unknown.
    Silent(ServiceId, &'a Request<D>),
    /// A command of its own was answered.
    Answered(&'a D::Command, &'a CommandOutcome<D>),
    /// One of its timers is due.
    Due(u8),
    /// The orchestrator was restarted and knows only what is recorded.
    Resumed,
}

/// What a saga wants done because of an event in its stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect<D: Domain> {
    /// A command to an aggregate.
    Command(D::Command),
    /// A request to a service, given up as unknown after `patience`.
    Call {
        /// Which service.
        service: ServiceId,
        /// The request.
        request: Request<D>,
        /// How long to wait.
        patience: Span,
    },
    /// A durable timer, by its number within the saga. Setting one again moves it.
    SetTimer(u8, Instant),
    /// The timer is no longer wanted.
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
