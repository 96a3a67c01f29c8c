//! The saga of a waiting room: it watches the deadline that comes first and has overdue places ended.
//!
//! It is level-triggered: its next event depends on its own state and the room. One timer is set at a time. When
//! it fires, the first deadline may have become a later one, because a purchase has begun or a customer has given
//! up; that is then watched instead. The saga is over while no place is taken, and goes on with the next one.

use super::Room;
use crate::domains::box_office::command::Command;
use crate::domains::box_office::ids::ShowId;
use crate::domains::box_office::setup::BoxOffice;
use crate::event_names;
use crate::kernel::{Instant, Span};
use crate::model::{Effect, Stimulus};

/// The pause before places are ended again after a command that failed.
const RETRY: Span = Span::from_secs(1);

/// The first number of a timer. Those before it are timers of the sagas of tickets.
pub(in crate::domains::box_office) const FIRST_TIMER: u8 = 16;

/// An event of the saga of a waiting room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WatchEvent {
    /// A timer is set for the deadline that comes first.
    DeadlineWatched { at: Instant },
    /// The deadline has passed: places that are overdue by then must end.
    PlacesOverdue { by: Instant },
    /// No place is taken.
    NothingWatched,
}

event_names! { WatchEvent { DeadlineWatched, PlacesOverdue, NothingWatched } }

/// The state of one such saga.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Watch {
    show: ShowId,
    started: bool,
    /// When the timer is due, if one is set.
    until: Option<Instant>,
    /// The number of that timer. Each is another one, because an earlier one may fire twice.
    timer: u8,
    /// Up to which deadline the room was told to end places.
    told: Option<Instant>,
}

impl Watch {
    pub const fn blank(show: ShowId) -> Self {
        Self { show, started: false, until: None, timer: u8::MAX, told: None }
    }

    pub const fn evolve(&mut self, event: &WatchEvent) {
        self.started = true;
        match *event {
            WatchEvent::DeadlineWatched { at } => {
                (self.until, self.told) = (Some(at), None);
                self.timer = match self.timer {
                    u8::MAX => FIRST_TIMER,
                    timer => timer + 1,
                };
            }
            WatchEvent::PlacesOverdue { by } => (self.until, self.told) = (None, Some(by)),
            WatchEvent::NothingWatched => (self.until, self.told) = (None, None),
        }
    }

    /// Whether the life cycle allows an event: no timer is set while another one runs.
    pub fn is_legal_transition(&self, event: &WatchEvent) -> bool {
        match *event {
            WatchEvent::DeadlineWatched { at } => self.until.is_none_or(|until| until < at),
            WatchEvent::PlacesOverdue { by } => self.until == Some(by),
            WatchEvent::NothingWatched => true,
        }
    }

    pub(in crate::domains::box_office) const fn is_over(&self) -> bool {
        self.started && self.until.is_none() && self.told.is_none()
    }

    /// What the saga records next, if anything.
    pub(in crate::domains::box_office) fn next(
        &self,
        room: &Room,
        stimulus: &Stimulus<'_, BoxOffice>,
        now: Instant,
    ) -> Option<WatchEvent> {
        let first = room.first_deadline();
        let go_on =
            first.map_or(WatchEvent::NothingWatched, |at| WatchEvent::DeadlineWatched { at });
        let is_taken = |by: Instant| first.is_some_and(|at| at <= by);
        match (self.until, self.told) {
            // The clock of the saga may be behind that of the timer.
            (Some(at), _) if now < at && !self.fired(stimulus) => None,
            (Some(by), _) if is_taken(by) => Some(WatchEvent::PlacesOverdue { by }),
            (Some(_), _) => Some(go_on),
            (None, Some(by)) if is_taken(by) => {
                let at = now + RETRY;
                self.was_answered(stimulus).then_some(WatchEvent::DeadlineWatched { at })
            }
            (None, Some(_)) => Some(go_on),
            (None, None) => (first.is_some() || !self.started).then_some(go_on),
        }
    }

    fn fired(&self, stimulus: &Stimulus<'_, BoxOffice>) -> bool {
        matches!(stimulus, Stimulus::Due(timer) if *timer == self.timer)
    }

    /// Whether the command to the room was answered. A place that is still taken is then one that the command did
    /// not end: it failed, or the place was given to the next purchase by a clock that is behind.
    fn was_answered(&self, stimulus: &Stimulus<'_, BoxOffice>) -> bool {
        match stimulus {
            Stimulus::Answered(Command::EndVisits { by, .. }, _) => self.told == Some(*by),
            _ => false,
        }
    }

    pub(in crate::domains::box_office) fn effects(
        &self,
        event: WatchEvent,
    ) -> Vec<Effect<BoxOffice>> {
        match event {
            WatchEvent::DeadlineWatched { at } => vec![Effect::SetTimer(self.timer, at)],
            WatchEvent::PlacesOverdue { by } => {
                vec![Effect::Command(Command::EndVisits { show: self.show, by })]
            }
            WatchEvent::NothingWatched => Vec::new(),
        }
    }

    pub(in crate::domains::box_office) fn still_wants(&self, effect: &Effect<BoxOffice>) -> bool {
        match effect {
            Effect::SetTimer(timer, at) => *timer == self.timer && self.until == Some(*at),
            Effect::Command(Command::EndVisits { by, .. }) => self.told == Some(*by),
            Effect::Command(_) | Effect::CancelTimer(_) | Effect::Call { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::box_office::event::{RoomEvent, Way};
    use crate::domains::box_office::ids::TicketId;
    use crate::model::{CommandOutcome, Token, Version};

    struct Story {
        watch: Watch,
        room: Room,
    }

    fn secs(secs: u64) -> Instant {
        Instant::ZERO + Span::from_secs(secs)
    }

    impl Story {
        fn new() -> Self {
            Self { watch: Watch::blank(ShowId(0)), room: Room::default() }
        }

        fn admitted(&mut self, ticket: u32, until: u64) {
            let ticket = TicketId(ticket);
            self.room.evolve(&RoomEvent::Admitted { ticket, until: secs(until) });
        }

        fn left(&mut self, ticket: u32) {
            self.room.evolve(&RoomEvent::Left { ticket: TicketId(ticket), way: Way::Overdue });
        }

        /// Wakes the saga until it records nothing more. Only the first time it is that stimulus.
        fn wake(&mut self, stimulus: &Stimulus<'_, BoxOffice>, now: u64) -> Vec<WatchEvent> {
            let mut events = Vec::new();
            while let Some(event) = {
                let cause = if events.is_empty() { stimulus } else { &Stimulus::Subject };
                self.watch.next(&self.room, cause, secs(now))
            } {
                assert!(self.watch.is_legal_transition(&event), "{event:?}");
                self.watch.evolve(&event);
                events.push(event);
            }
            events
        }

        fn subject(&mut self, now: u64) -> Vec<WatchEvent> {
            self.wake(&Stimulus::Subject, now)
        }
    }

    fn watched(at: u64) -> WatchEvent {
        WatchEvent::DeadlineWatched { at: secs(at) }
    }

    fn overdue(by: u64) -> WatchEvent {
        WatchEvent::PlacesOverdue { by: secs(by) }
    }

    #[test]
    fn the_first_deadline_is_watched_and_its_place_ended() {
        let mut story = Story::new();
        story.admitted(0, 60);
        story.admitted(1, 70);
        assert_eq!(story.subject(1), [watched(60)]);
        assert_eq!(story.subject(59), []);
        let timer = story.watch.timer;
        assert_eq!(story.wake(&Stimulus::Due(timer), 59), [overdue(60)], "its clock is behind");
        assert_eq!(story.subject(60), [], "the room has not answered");
        story.left(0);
        assert_eq!(story.subject(61), [watched(70)]);
        assert_eq!(story.wake(&Stimulus::Due(timer), 61), [], "an earlier timer fires again");
        story.left(1);
        assert_eq!(story.subject(62), [], "the timer is set");
        assert_eq!(story.wake(&Stimulus::Due(story.watch.timer), 70), [WatchEvent::NothingWatched]);
        assert!(story.watch.is_over());
        story.admitted(2, 150);
        assert_eq!(story.subject(90), [watched(150)], "it goes on");
    }

    #[test]
    fn a_place_that_is_left_after_the_answer_is_ended_after_a_pause() {
        let mut story = Story::new();
        story.admitted(0, 60);
        story.subject(1);
        assert_eq!(story.subject(60), [overdue(60)]);
        let end = Command::EndVisits { show: ShowId(0), by: secs(60) };
        let unknown = CommandOutcome::Unknown;
        assert_eq!(story.wake(&Stimulus::Answered(&end, &unknown), 61), [watched(62)]);
        assert_eq!(story.subject(62), [overdue(62)]);
        story.left(0);
        story.admitted(1, 62);
        let end = Command::EndVisits { show: ShowId(0), by: secs(62) };
        let token = Token { stream: ShowId(0).room(), version: Version(3) };
        let accepted = CommandOutcome::Accepted(token);
        assert_eq!(story.wake(&Stimulus::Answered(&end, &accepted), 62), [watched(63)]);
    }

    #[test]
    fn a_room_that_was_left_before_the_saga_woke_is_not_watched() {
        let mut story = Story::new();
        assert_eq!(story.subject(1), [WatchEvent::NothingWatched]);
        assert!(story.watch.is_over());
        assert_eq!(story.subject(2), []);
    }
}
