//! A kit for sagas: the life cycle that all of them share.
//!
//! A domain provides the steps of its saga, their compensations, and what a late answer means. The kit
//! provides the rest:
//!
//! | what | where |
//! |---|---|
//! | pauses, the end, and the hand-over to an operator, with their timers | [`Life`] |
//! | the events of the life cycle among those of the domain | [`saga_events!`](crate::saga_events), [`Record`] |
//! | the events that a stimulus leads to | [`Draft`] |
//! | commands to the stream that the saga follows | [`Telling`] |
//! | the progress of a request to a service | [`Progress`], [`Course`] |
//! | when "nothing found" proves that a request did not take effect | [`Absence`] |
//!
//! A saga is level-triggered: it stores what it learns, and its next event depends only on its state
//! and the state of the stream that it follows. The kit stores nothing outside of the saga and sends
//! nothing.
//!
//! ```
//! use jetlag::kernel::{Backoff, Instant, Span};
//! use jetlag::saga::{Draft, Life, Record, Saga};
//!
//! /// Why an operator must look at the saga.
//! #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
//! pub enum Trouble { Unanswered }
//!
//! jetlag::saga_events! {
//!     /// What happens to the saga of a reminder.
//!     #[derive(Clone, Debug, PartialEq, Eq, Hash)]
//!     pub enum SagaEvent for Trouble {
//!         /// The saga calls the guest.
//!         Called,
//!     }
//! }
//!
//! #[derive(Clone, Debug)]
//! struct Reminder { calls: u32, life: Life<Trouble> }
//!
//! impl Saga for Reminder {
//!     type Record = SagaEvent;
//!     type Turned = ();
//!     fn life(&self) -> &Life<Trouble> { &self.life }
//!     fn evolve(&mut self, event: &SagaEvent) {
//!         if *event == SagaEvent::Called { self.calls += 1; }
//!         self.life.evolve(event);
//!     }
//! }
//!
//! // The guest did not answer: the saga pauses. After two calls an operator takes over.
//! let silence = |reminder: &Reminder, now| {
//!     let mut draft = Draft::new(reminder, now);
//!     draft.pause(Backoff::doubling(Span::from_secs(60), 3), reminder.calls);
//!     draft.settle(|draft| match draft.saga.calls {
//!         _ if draft.saga.life.end.is_some() => None,
//!         0 | 1 => draft.saga.life.resting.is_none().then_some(SagaEvent::Called),
//!         _ => Some(SagaEvent::HandedToHuman { trouble: Trouble::Unanswered }),
//!     })
//! };
//! let mut reminder = Reminder { calls: 2, life: Life::new(()) };
//! let records = silence(&reminder, Instant::ZERO);
//! records.iter().for_each(|record| reminder.evolve(record));
//! assert!(matches!(records[0], SagaEvent::RetryScheduled { at } if at.as_nanos() == 240_000_000_000));
//! assert_eq!(reminder.life.handed_over(), Some(Trouble::Unanswered));
//! assert!(!reminder.life.is_over(), "an operator looks at it in ten minutes");
//! ```

mod absence;
mod draft;
mod life;
mod progress;
mod record;
mod telling;

pub use absence::Absence;
pub use draft::Draft;
pub use life::{End, Life};
pub use progress::{Course, Progress};
pub use record::{Milestone, Record};
pub use telling::Telling;

use crate::model::{Domain, Effect};

/// The state of one saga.
pub trait Saga: Clone {
    /// Its events.
    type Record: Record;
    /// [`Life::turned_back`].
    type Turned;

    /// The number of timers of the domain, which are numbered from 0. The two of the kit follow.
    const OWN_TIMERS: u8 = 0;
    /// The timer of the pause between two attempts.
    const TIMER_RETRY: u8 = Self::OWN_TIMERS;
    /// The timer after which an operator has looked at a saga that was handed over.
    const TIMER_LOOK: u8 = Self::OWN_TIMERS + 1;

    /// Its life cycle.
    fn life(&self) -> &Life<TroubleOf<Self>, Self::Turned>;

    /// Applies an event, also to the [`Life`].
    fn evolve(&mut self, record: &Self::Record);

    /// Whether the operator lets the saga try again. If not, the operator settles the case, and the
    /// saga is over.
    fn is_tried_again(_trouble: TroubleOf<Self>) -> bool {
        true
    }

    /// The effects of an event of the life cycle; `self` is the state after it.
    fn life_effects<D: Domain>(&self, record: &Self::Record) -> Vec<Effect<D>> {
        match record.milestone() {
            Some(Milestone::RetryScheduled { at }) => vec![Effect::SetTimer(Self::TIMER_RETRY, at)],
            Some(Milestone::LookScheduled { at }) => vec![Effect::SetTimer(Self::TIMER_LOOK, at)],
            Some(Milestone::Ended(_)) => {
                let resting = self.life().resting.is_some();
                resting.then_some(Effect::CancelTimer(Self::TIMER_RETRY)).into_iter().collect()
            }
            Some(Milestone::RetryDue | Milestone::Resumed) | None => Vec::new(),
        }
    }

    /// Whether the saga still waits for a timer of its life cycle.
    fn awaits_timer<D: Domain>(&self, effect: &Effect<D>) -> bool {
        let life = self.life();
        match *effect {
            Effect::SetTimer(timer, due) if timer == Self::TIMER_RETRY => {
                life.is_open() && life.resting == Some(due)
            }
            Effect::SetTimer(timer, due) if timer == Self::TIMER_LOOK => life.look_at == Some(due),
            Effect::SetTimer(..)
            | Effect::CancelTimer(_)
            | Effect::Command(_)
            | Effect::Call { .. } => false,
        }
    }
}

type TroubleOf<S> = <<S as Saga>::Record as Record>::Trouble;
