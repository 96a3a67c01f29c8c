//! The loss of what was recorded last, as when a store goes back to what a replica has.

use super::{BOOKING, Occurrence, World};
use crate::domains::flights::booking::Given;
use crate::domains::flights::setup::Flights;
use crate::kernel::Instant;
use crate::model::{ServiceId, Services, Stimulus};

/// What was on record at a moment.
#[derive(Clone)]
pub(super) struct Past {
    at: Instant,
    given: Given,
    records: usize,
    called_for: usize,
    accepted: usize,
}

impl World {
    /// Keeps what is on record now.
    pub(super) fn keep(&mut self) {
        let Some(pasts) = &mut self.pasts else { return };
        let (at, given) = (self.now, self.given.clone());
        let (records, called_for) = (self.records.len(), self.called_for.len());
        pasts.push(Past { at, given, records, called_for, accepted: self.accepted.len() });
    }

    /// Forgets what was recorded after a moment. Requests that are under way are executed, and not answered; nothing
    /// else that the platform has sent arrives.
    pub(super) fn forget(&mut self, to: Instant) {
        for ((at, nth), occurrence) in std::mem::take(&mut self.queue) {
            let kept = match occurrence {
                Occurrence::Request { call, service, request, fails, .. } if call != u64::MAX => {
                    self.step(Occurrence::Request { call, service, request, fails, reply: None });
                    continue;
                }
                Occurrence::Request { .. }
                | Occurrence::Reply { call: u64::MAX, .. }
                | Occurrence::Customer(_)
                | Occurrence::Fault { .. }
                | Occurrence::Loss { .. }
                | Occurrence::Lapse => occurrence,
                Occurrence::Command { .. }
                | Occurrence::Answer { .. }
                | Occurrence::Reply { .. }
                | Occurrence::Patience { .. }
                | Occurrence::Timer { .. }
                | Occurrence::Restart => continue,
            };
            self.queue.insert((at, nth), kept);
        }
        let pasts = self.pasts.get_or_insert_default();
        pasts.retain(|past| past.at <= to);
        let world = self.given.world.clone();
        let past = pasts.last().cloned().unwrap_or_else(|| Past {
            at: Instant::ZERO,
            given: Given::in_world(world),
            records: 0,
            called_for: 0,
            accepted: 0,
        });
        self.given = past.given;
        self.records.truncate(past.records);
        self.called_for.truncate(past.called_for);
        self.accepted.truncate(past.accepted);
        self.timers.clear();
        (self.epoch, self.down) = (self.epoch + 1, false);
    }

    /// The services report what they have done since a moment.
    pub(super) fn report(&mut self, since: Instant) {
        let mut replies = Vec::new();
        for (service, ledger) in (0..).map(ServiceId).zip(&self.ledgers) {
            let reports = Flights::report(&self.given.world, service, ledger, since);
            replies.extend(reports.into_iter().map(|(saga, reply)| {
                assert_eq!(saga, BOOKING.saga());
                (service, reply)
            }));
        }
        if !replies.is_empty() {
            self.wake(&Stimulus::Reported(&replies));
        }
    }
}
