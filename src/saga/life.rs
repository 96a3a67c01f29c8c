//! The life cycle of a saga, apart from its steps.

use super::record::{Milestone, Record};
use crate::kernel::Instant;

/// How a saga ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End<T> {
    /// It has reached its goal.
    Completed,
    /// Everything is undone.
    Compensated,
    /// A person has to look at it.
    HandedToHuman(T),
}

/// How far the life of a saga has come. `T` is the trouble with which it is handed over. `U` is what the
/// domain notes about turning back, `()` if it notes nothing.
///
/// ```text
///            ┌───── Resumed ─────┐
///            ▼                   │
/// open ─▶ handed over ─▶ look scheduled
///  │ ▲         │
///  │ │         └─▶ over: it stays on the list
///  │ └─ RetryDue ◀─ RetryScheduled
///  └─▶ completed, compensated: over
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Life<T, U = ()> {
    /// Until when the saga pauses, if it does.
    pub resting: Option<Instant>,
    /// What the domain notes about turning back.
    pub turned_back: U,
    /// How it ended, if it did.
    pub end: Option<End<T>>,
    /// When a person has it try again, if it was handed over.
    pub look_at: Option<Instant>,
    /// How often a person was asked to look at it.
    pub looks: u8,
}

impl<T: Copy, U> Life<T, U> {
    /// The life of a saga that has not begun.
    pub const fn new(turned_back: U) -> Self {
        Self { resting: None, turned_back, end: None, look_at: None, looks: 0 }
    }

    /// Whether it has not ended.
    pub const fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// Whether it is over. While a person is still to look at it, it is not.
    pub const fn is_over(&self) -> bool {
        self.end.is_some() && self.look_at.is_none()
    }

    /// Why it is on a person's work list, if it is there.
    pub const fn handed_over(&self) -> Option<T> {
        match self.end {
            Some(End::HandedToHuman(trouble)) => Some(trouble),
            None | Some(End::Completed | End::Compensated) => None,
        }
    }

    /// Folds a record in; a step of the domain's own changes nothing.
    pub fn evolve<R: Record<Trouble = T>>(&mut self, record: &R) {
        match record.milestone() {
            Some(Milestone::RetryScheduled { at }) => self.resting = Some(at),
            Some(Milestone::RetryDue) => self.resting = None,
            Some(Milestone::Resumed) if self.handed_over().is_some() => {
                self.look_at = None;
                self.go_on();
            }
            Some(Milestone::Ended(end)) => self.end = Some(end),
            Some(Milestone::LookScheduled { at }) => {
                self.look_at = Some(at);
                self.looks = self.looks.saturating_add(1);
            }
            Some(Milestone::Resumed) | None => {}
        }
    }

    /// Whether the life cycle of a started saga allows a record. It allows each of the domain's own
    /// steps; whether they are right is for the domain to say.
    pub fn allows<R: Record>(&self, record: &R) -> bool {
        match record.milestone() {
            Some(Milestone::RetryScheduled { .. }) => self.is_open() && self.resting.is_none(),
            Some(Milestone::RetryDue) => self.is_open() && self.resting.is_some(),
            Some(Milestone::Resumed) => !self.is_over(),
            Some(Milestone::Ended(_)) => self.is_open(),
            Some(Milestone::LookScheduled { .. }) => {
                self.handed_over().is_some() && self.look_at.is_none()
            }
            None => true,
        }
    }

    /// Takes the end and the pause back: there is something to do again, at once.
    pub const fn go_on(&mut self) {
        self.end = None;
        self.resting = None;
    }
}
