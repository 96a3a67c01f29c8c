//! A kit for sagas: the life cycle that all of them share.
//!
//! A saga of a domain has steps, compensations and rules for what a late answer means; those are the
//! domain's. What is the same in each is here:
//!
//! | what | where |
//! |---|---|
//! | pause, end, hand-over to a person who has it try again, with their timers | [`Life`] |
//! | the records of those, among the saga's own | [`saga_events!`](crate::saga_events), [`Record`] |
//! | the records that follow from a stimulus | [`Draft`] |
//! | what the saga tells the stream that it follows | [`Telling`] |
//! | how far something is that was asked of a service | [`Progress`], [`Course`] |
//! | a saga and its subject in a test | [`Bench`] |
//!
//! A saga is level-triggered: what it learns goes into its state, and its next record follows from that
//! state and its subject's alone. The kit holds no state besides the saga's and sends nothing.
//!
//! ```
//! use jetlag::kernel::{Backoff, Instant, Span};
//! use jetlag::saga::{Draft, Life, Record, Saga};
//!
//! /// Why a person has to look at it.
//! #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
//! pub enum Trouble { Unanswered }
//!
//! jetlag::saga_events! {
//!     /// What happens to the saga of a reminder.
//!     #[derive(Clone, Debug, PartialEq, Eq, Hash)]
//!     pub enum SagaEvent for Trouble {
//!         /// The guest is called.
//!         Called,
//!     }
//! }
//!
//! #[derive(Clone, Debug, Default)]
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
//! // The guest did not answer: the saga pauses, and after two calls a person takes over.
//! let silence = |reminder: &Reminder, now| {
//!     let mut draft = Draft::new(reminder, now);
//!     draft.pause(Backoff::doubling(Span::from_secs(60), 3), reminder.calls);
//!     draft.settle(|draft| match draft.saga.calls {
//!         _ if draft.saga.life.end.is_some() => None,
//!         0 | 1 => draft.saga.life.resting.is_none().then_some(SagaEvent::Called),
//!         _ => Some(SagaEvent::HandedToHuman { trouble: Trouble::Unanswered }),
//!     })
//! };
//! let mut reminder = Reminder { calls: 2, ..Reminder::default() };
//! let records = silence(&reminder, Instant::ZERO);
//! records.iter().for_each(|record| reminder.evolve(record));
//! assert!(matches!(records[0], SagaEvent::RetryScheduled { at } if at.as_nanos() == 240_000_000_000));
//! assert_eq!(reminder.life.handed_over(), Some(Trouble::Unanswered));
//! assert!(!reminder.life.is_over(), "a person is to look at it in ten minutes");
//! ```

mod bench;
mod draft;
mod life;
mod progress;
mod record;
mod telling;

pub use bench::Bench;
pub use draft::Draft;
pub use life::{End, Life};
pub use progress::{Course, Progress};
pub use record::{Milestone, Record};
pub use telling::Telling;

use crate::model::{Domain, Effect};

/// The state of one saga.
pub trait Saga: Clone {
    /// What happens to it.
    type Record: Record;
    /// What the domain keeps in the [`Life`] about turning back.
    type Turned;

    /// How many timers of its own the saga has, numbered from 0. The two of the kit follow.
    const OWN_TIMERS: u8 = 0;
    /// The timer of the pause between two attempts.
    const TIMER_RETRY: u8 = Self::OWN_TIMERS;
    /// The timer of the person who works through the list of handed-over sagas.
    const TIMER_LOOK: u8 = Self::OWN_TIMERS + 1;

    /// Its life cycle.
    fn life(&self) -> &Life<TroubleOf<Self>, Self::Turned>;

    /// Folds a record in, also into the [`Life`].
    fn evolve(&mut self, record: &Self::Record);

    /// Whether a person has the saga try again when they have looked at it. If not, they settle it
    /// themselves, and the saga is over.
    fn is_tried_again(_trouble: TroubleOf<Self>) -> bool {
        true
    }

    /// The effects of a record of the life cycle; `self` is the state after it.
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
