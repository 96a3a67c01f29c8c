//! One queue: messages that are ready, unacknowledged, resting or parked.
//!
//! ```text
//!            deliver                 ack
//!  ready ──────────────▶ unacked ──────────▶ gone
//!    ▲  ▲                   │ │
//!    │  └──── requeued ─────┘ │ rejected: rests first
//!    │                        │ rejected too often
//!    └────── redriven ──── parked ◀── later messages of the same stream
//! ```

use std::collections::VecDeque;

use super::sqs::Known;
use crate::collections::SortedMap;
use crate::kernel::{Cause, Fault, Instant};
use crate::model::{Domain, Position, StreamId};
use crate::platform::message::Letter;

/// A queue with all its messages.
#[derive(Clone, Debug)]
pub(super) struct Queue<D: Domain> {
    /// Whether messages are routed to it.
    pub(super) bound: bool,
    /// In order of arrival.
    ready: VecDeque<Parcel<D>>,
    /// By tag, which is the order of delivery.
    unacked: VecDeque<(u64, Parcel<D>)>,
    /// Messages that rest, by arrival; some only until they are overtaken this many times.
    aside: SortedMap<u64, (Parcel<D>, Option<u64>)>,
    /// Dead letters, each stream with the messages behind its own.
    parked: SortedMap<StreamId, Vec<Parcel<D>>>,
    /// Records that are processed, by arrival, until their offsets are committed. Empty but for Kafka.
    pub(super) uncommitted: SortedMap<u64, Parcel<D>>,
    /// What was published lately. Empty but for FIFO queues.
    pub(super) known: Known<D>,
}

/// A message in a queue.
#[derive(Clone, Debug)]
pub(super) struct Parcel<D: Domain> {
    /// Its number in order of arrival.
    pub(super) arrival: u64,
    pub(super) deliveries: u32,
    /// How often it was returned to rest.
    pub(super) refusals: u32,
    /// When it arrived.
    pub(super) since: Instant,
    /// The fault because of which it is delivered again.
    pub(super) shows: Option<&'static Fault>,
    pub(super) letter: Letter<D>,
}

impl<D: Domain> Parcel<D> {
    pub(super) fn new(arrival: u64, letter: Letter<D>, since: Instant) -> Self {
        Self { arrival, deliveries: 0, refusals: 0, since, shows: None, letter }
    }

    pub(super) fn stream(&self) -> StreamId {
        self.letter.event.stream
    }

    pub(super) fn position(&self) -> Position {
        self.letter.event.position
    }
}

impl<D: Domain> Queue<D> {
    pub(super) fn new() -> Self {
        Self {
            bound: true,
            ready: VecDeque::new(),
            unacked: VecDeque::new(),
            aside: SortedMap::new(),
            parked: SortedMap::new(),
            uncommitted: SortedMap::new(),
            known: SortedMap::new(),
        }
    }

    /// The number of messages that are neither acknowledged nor parked.
    pub(super) fn len(&self) -> u64 {
        (self.ready.len() + self.unacked.len() + self.aside.len()) as u64
    }

    /// Puts a message at its place by arrival. Returns `false` if it is parked with its stream.
    pub(super) fn put(&mut self, parcel: Parcel<D>) -> bool {
        let earlier = |other: &Parcel<D>| other.arrival < parcel.arrival;
        if !self.parked.is_empty()
            && let Some(stream) = self.parked.get_mut(&parcel.stream())
        {
            stream.insert(stream.partition_point(earlier), parcel);
            return false;
        }
        if self.ready.back().is_none_or(earlier) {
            self.ready.push_back(parcel);
        } else {
            self.ready.insert(self.ready.partition_point(earlier), parcel);
        }
        true
    }

    /// The number of messages that a consumer holds which has got all tags after this one.
    pub(super) fn held_since(&self, tag: u64) -> usize {
        self.unacked.len() - self.unacked.partition_point(|(held, _)| *held <= tag)
    }

    /// The next message to deliver.
    pub(super) fn next(&mut self) -> Option<Parcel<D>> {
        self.ready.pop_front()
    }

    /// The next message to deliver that may be delivered.
    pub(super) fn next_that(
        &mut self,
        may: impl Fn(&Self, &Parcel<D>) -> bool,
    ) -> Option<Parcel<D>> {
        let place = self.ready.iter().position(|parcel| may(self, parcel))?;
        self.ready.remove(place)
    }

    /// The messages that are handed out.
    pub(super) fn handed_out(&self) -> impl Iterator<Item = &Parcel<D>> {
        self.unacked.iter().map(|(_, parcel)| parcel)
    }

    /// The messages that are handed out or rest.
    pub(super) fn in_work(&self) -> impl Iterator<Item = &Parcel<D>> {
        self.handed_out().chain(self.resting_parcels())
    }

    /// The messages that are not processed.
    pub(super) fn open(&self) -> impl Iterator<Item = &Parcel<D>> {
        self.ready.iter().chain(self.in_work())
    }

    /// The messages that rest.
    pub(super) fn resting_parcels(&self) -> impl Iterator<Item = &Parcel<D>> {
        self.aside.values().map(|(parcel, _)| parcel)
    }

    /// The tags of the messages that are handed out.
    pub(super) fn tags(&self) -> Vec<u64> {
        self.unacked.iter().map(|(tag, _)| *tag).collect()
    }

    /// A message that is handed out.
    pub(super) fn held_mut(&mut self, tag: u64) -> Option<&mut Parcel<D>> {
        self.unacked.iter_mut().find(|(held, _)| *held == tag).map(|(_, parcel)| parcel)
    }

    /// Notes that the message that was handed out last is delivered again because of a fault.
    pub(super) fn show(&mut self, fault: &'static Fault) {
        if let Some((_, parcel)) = self.unacked.back_mut() {
            parcel.shows = Some(fault);
        }
    }

    /// Records that its consumer holds a message, under a tag.
    pub(super) fn hand_over(&mut self, tag: u64, parcel: Parcel<D>) {
        self.unacked.push_back((tag, parcel));
    }

    /// Takes a message back from the consumer.
    pub(super) fn take(&mut self, tag: u64) -> Option<Parcel<D>> {
        let place = self.unacked.iter().position(|(held, _)| *held == tag)?;
        self.unacked.remove(place).map(|(_, parcel)| parcel)
    }

    /// Takes back the messages with tags up to this one, in order of delivery.
    pub(super) fn take_upto(&mut self, tag: u64) -> impl Iterator<Item = Parcel<D>> + use<D> {
        let later = self.unacked.partition_point(|(held, _)| *held <= tag);
        let later = self.unacked.split_off(later);
        std::mem::replace(&mut self.unacked, later).into_iter().map(|(_, parcel)| parcel)
    }

    /// Takes back messages that were handed out and are not committed, in order of arrival.
    pub(super) fn take_handed_out(&mut self, which: impl Fn(&Parcel<D>) -> bool) -> Vec<Parcel<D>> {
        let (taken, left) = std::mem::take(&mut self.unacked)
            .into_iter()
            .partition::<VecDeque<_>, _>(|(_, parcel)| which(parcel));
        self.unacked = left;
        let done = self.uncommitted.extract_if(|_, parcel| which(parcel));
        let mut all: Vec<_> = done.map(|(_, parcel)| parcel).collect();
        all.extend(taken.into_iter().map(|(_, parcel)| parcel));
        all.sort_by_key(|parcel| parcel.arrival);
        all
    }

    /// Takes messages from the front that were never delivered.
    pub(super) fn take_ready(&mut self, while_: impl Fn(&Parcel<D>) -> bool) -> Vec<Parcel<D>> {
        let end = self.ready.iter().position(|parcel| !while_(parcel));
        self.ready.drain(..end.unwrap_or(self.ready.len())).collect()
    }

    /// Lets a message rest.
    pub(super) fn set_aside(&mut self, parcel: Parcel<D>, overtakers: Option<u64>) {
        self.aside.insert(parcel.arrival, (parcel, overtakers));
    }

    /// Ends the rest of a message, if it still rests.
    pub(super) fn take_back(&mut self, arrival: u64) -> Option<(Parcel<D>, Option<u64>)> {
        self.aside.remove(&arrival)
    }

    /// Counts a delivery that overtakes resting messages of its stream, and returns those that have
    /// been overtaken often enough; `None` if it overtakes none.
    pub(super) fn overtakes(&mut self, parcel: &Parcel<D>) -> Option<Vec<u64>> {
        let mut over = None;
        for (&arrival, (overtaken, overtakers)) in self.aside.range_mut(..parcel.arrival) {
            if overtaken.stream() == parcel.stream()
                && let Some(left) = overtakers
            {
                let over = over.get_or_insert_with(Vec::new);
                *left = left.saturating_sub(1);
                if *left == 0 {
                    over.push(arrival);
                }
            }
        }
        over
    }

    /// The arrivals of the messages that rest.
    pub(super) fn resting(&self) -> Vec<u64> {
        self.aside.keys().copied().collect()
    }

    /// Parks a dead letter and the other messages of its stream; returns the positions of those, each with
    /// what last happened to it.
    pub(super) fn park(&mut self, letter: Parcel<D>) -> Vec<(Position, Cause)> {
        let stream = letter.stream();
        let resting = self.aside.extract_if(|_, (parcel, _)| parcel.stream() == stream);
        let mut behind: Vec<_> = resting.map(|(_, (parcel, _))| parcel).collect();
        let ready = std::mem::take(&mut self.ready).into_iter();
        let (same, others): (VecDeque<_>, _) = ready.partition(|other| other.stream() == stream);
        self.ready = others;
        behind.extend(same);
        behind.sort_by_key(|parcel| parcel.arrival);
        let of_letter = |parcel: &Parcel<D>| (parcel.position(), parcel.letter.cause);
        let positions = behind.iter().map(of_letter).collect();
        let parked = self.parked.entry(stream).or_default();
        parked.push(letter);
        parked.extend(behind);
        parked.sort_by_key(|parcel| parcel.arrival);
        positions
    }

    /// Everything that is parked, by stream and in order.
    pub(super) fn parked(&self) -> impl Iterator<Item = &Parcel<D>> {
        self.parked.values().flatten()
    }

    /// Takes out everything that is parked, by stream.
    pub(super) fn unpark(&mut self) -> SortedMap<StreamId, Vec<Parcel<D>>> {
        std::mem::take(&mut self.parked)
    }

    /// Puts the messages of a parked stream back to their places, as if they had never been delivered.
    pub(super) fn redrive(&mut self, parcels: Vec<Parcel<D>>, cause: Cause) {
        for parcel in parcels {
            let letter = Letter { cause, ..parcel.letter };
            self.put(Parcel { deliveries: 0, refusals: 0, letter, ..parcel });
        }
    }
}
