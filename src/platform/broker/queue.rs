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

use crate::collections::SortedMap;
use crate::kernel::Cause;
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
}

/// A message in a queue.
#[derive(Clone, Debug)]
pub(super) struct Parcel<D: Domain> {
    /// Its number in order of arrival.
    pub(super) arrival: u64,
    pub(super) deliveries: u32,
    /// How often it was returned to rest.
    pub(super) refusals: u32,
    /// Whether its acknowledgement was lost.
    pub(super) acknowledged: bool,
    pub(super) letter: Letter<D>,
}

impl<D: Domain> Parcel<D> {
    pub(super) fn new(arrival: u64, letter: Letter<D>) -> Self {
        Self { arrival, deliveries: 0, refusals: 0, acknowledged: false, letter }
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

    /// The next message to deliver, if its consumer holds fewer messages than `prefetch`.
    pub(super) fn next(&mut self, prefetch: u32) -> Option<Parcel<D>> {
        if self.unacked.len() < prefetch as usize { self.ready.pop_front() } else { None }
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

    /// Takes all messages back from the consumer, in order of delivery.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = Parcel<D>> + use<D> {
        std::mem::take(&mut self.unacked).into_iter().map(|(_, parcel)| parcel)
    }

    /// Lets a message rest.
    pub(super) fn set_aside(&mut self, parcel: Parcel<D>, overtakers: Option<u64>) {
        self.aside.insert(parcel.arrival, (parcel, overtakers));
    }

    /// Ends the rest of a message, if it still rests.
    pub(super) fn take_back(&mut self, arrival: u64) -> Option<Parcel<D>> {
        self.aside.remove(&arrival).map(|(parcel, _)| parcel)
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
