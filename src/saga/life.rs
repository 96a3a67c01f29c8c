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
    /// An operator must look at it.
    HandedToHuman(T),
}

/// The state of a saga's life cycle. `T` says why it is handed over to an operator. `U` is the domain's
/// own data about turning back, or `()`.
///
/// ```text
///   ┌───────────── Resumed ────────────┐
///   ▼                                  │
/// open ─▶ handed over ─────────▶ look scheduled
///  │ ▲         └─▶ over: the operator settles it
///  │ └─ RetryDue ◀─ RetryScheduled
///  └─▶ completed, compensated: over
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Life<T, U = ()> {
    /// The end of the current pause.
    pub resting: Option<Instant>,
    /// A time that has passed: the end of an earlier pause.
    pub passed: Instant,
    /// The domain's own data about turning back.
    pub turned_back: U,
    /// How the saga ended.
    pub end: Option<End<T>>,
    /// When an operator will have looked at the saga after it was handed over.
    pub look_at: Option<Instant>,
    /// How many such looks were scheduled.
    pub looks: u8,
}

impl<T: Copy, U> Life<T, U> {
    /// The state before the saga has started.
    pub const fn new(turned_back: U) -> Self {
        Self {
            resting: None,
            passed: Instant::ZERO,
            turned_back,
            end: None,
            look_at: None,
            looks: 0,
        }
    }

    /// Whether it has not ended.
    pub const fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// Whether it has ended and no look of an operator is scheduled.
    pub const fn is_over(&self) -> bool {
        self.end.is_some() && self.look_at.is_none()
    }

    /// Why it was handed over to an operator, if it was.
    pub const fn handed_over(&self) -> Option<T> {
        match self.end {
            Some(End::HandedToHuman(trouble)) => Some(trouble),
            None | Some(End::Completed | End::Compensated) => None,
        }
    }

    /// Applies an event. A step of the domain changes nothing.
    pub fn evolve<R: Record<Trouble = T>>(&mut self, record: &R) {
        match record.milestone() {
            Some(Milestone::RetryScheduled { at }) => self.resting = Some(at),
            Some(Milestone::RetryDue) => {
                self.passed = self.resting.take().map_or(self.passed, |at| at.max(self.passed));
            }
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

    /// Whether the life cycle of a started saga allows an event. It allows all steps of the domain,
    /// which the domain checks itself.
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

    /// Undoes the end and the pause: the saga has something to do at once.
    pub const fn go_on(&mut self) {
        self.end = None;
        self.resting = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A milestone, or `None` for a step of the domain.
    struct Event(Option<Milestone<char>>);

    impl Record for Event {
        type Trouble = char;

        fn milestone(&self) -> Option<Milestone<char>> {
            self.0
        }

        fn retry_scheduled(at: Instant) -> Self {
            Self(Some(Milestone::RetryScheduled { at }))
        }

        fn retry_due() -> Self {
            Self(Some(Milestone::RetryDue))
        }

        fn resumed() -> Self {
            Self(Some(Milestone::Resumed))
        }

        fn look_scheduled(at: Instant) -> Self {
            Self(Some(Milestone::LookScheduled { at }))
        }
    }

    fn at(nanos: u64) -> Instant {
        Instant::from_nanos(nanos)
    }

    fn ended(end: End<char>) -> Event {
        Event(Some(Milestone::Ended(end)))
    }

    fn after(events: &[Event]) -> Life<char> {
        let mut life = Life::new(());
        events.iter().for_each(|event| life.evolve(event));
        life
    }

    #[test]
    fn each_state_allows_its_events_only() {
        let handed = || ended(End::HandedToHuman('x'));
        let states = [
            ("open", after(&[])),
            ("resting", after(&[Event::retry_scheduled(at(5))])),
            ("handed over", after(&[handed()])),
            ("look scheduled", after(&[handed(), Event::look_scheduled(at(9))])),
            ("completed", after(&[ended(End::Completed)])),
        ];
        let allowed = states.map(|(name, life)| {
            let events = [
                Event::retry_scheduled(at(5)),
                Event::retry_due(),
                Event::resumed(),
                ended(End::Compensated),
                Event::look_scheduled(at(9)),
                Event(None),
            ];
            (name, events.map(|event| life.allows(&event)))
        });
        // Pause, end of the pause, restart or look, end, look scheduled, step of the domain.
        assert_eq!(
            allowed,
            [
                ("open", [true, false, true, true, false, true]),
                ("resting", [false, true, true, true, false, true]),
                ("handed over", [false, false, false, false, true, true]),
                ("look scheduled", [false, false, true, false, false, true]),
                ("completed", [false, false, false, false, false, true]),
            ]
        );
    }

    #[test]
    fn a_saga_that_was_handed_over_goes_on_and_one_that_is_completed_does_not() {
        let handed = || ended(End::HandedToHuman('x'));
        let looked = after(&[handed(), Event::look_scheduled(at(9)), Event::resumed()]);
        assert_eq!((looked.is_open(), looked.look_at, looked.looks), (true, None, 1));
        let completed = after(&[ended(End::Completed), Event::resumed()]);
        assert_eq!(completed.end, Some(End::Completed));
        // A restart does not end a pause.
        let resting = after(&[Event::retry_scheduled(at(5)), Event::resumed()]);
        assert_eq!(resting.resting, Some(at(5)));
    }

    #[test]
    fn the_latest_pause_that_is_over_counts() {
        let life = after(&[
            Event::retry_scheduled(at(9)),
            Event::retry_due(),
            Event::retry_scheduled(at(5)),
            Event::retry_due(),
        ]);
        assert_eq!((life.resting, life.passed), (None, at(9)));
    }
}
