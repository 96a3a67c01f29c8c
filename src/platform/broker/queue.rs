//! One queue: what is ready, what is in its consumer's hands, what rests, and what is parked.
//!
//! ```text
//!            deliver                 ack
//!  ready ──────────────▶ unacked ──────────▶ gone
//!    ▲  ▲                   │ │
//!    │  └──── requeued ─────┘ │ refused: rests for a while first
//!    │                        │ refused too often
//!    └────── redriven ──── parked ◀── whatever comes later in the same stream
//! ```

use crate::collections::SortedMap;
use std::collections::VecDeque;

use crate::model::{Domain, Position, StreamId};
use crate::platform::message::Letter;

/// A queue with everything that nobody has acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Queue<D: Domain> {
    /// Whether the exchange knows that it is there.
    pub(super) bound: bool,
    /// In order of arrival.
    ready: VecDeque<Parcel<D>>,
    /// By tag, which is the order of delivery.
    unacked: VecDeque<(u64, Parcel<D>)>,
    /// What rests before it is delivered again, by arrival.
    aside: SortedMap<u64, Aside<D>>,
    /// Dead letters, each stream with what came behind its own.
    parked: SortedMap<StreamId, Vec<Parcel<D>>>,
}

/// A message in a queue.
#[derive(Clone, Debug)]
pub(super) struct Parcel<D: Domain> {
    /// Numbers messages in order of arrival.
    pub(super) arrival: u64,
    /// How often it was delivered.
    pub(super) deliveries: u32,
    /// How often it was given back.
    pub(super) refusals: u32,
    /// Whether its consumer acknowledged it in vain.
    pub(super) acknowledged: bool,
    pub(super) letter: Letter<D>,
}

#[derive(Clone, Debug)]
struct Aside<D: Domain> {
    parcel: Parcel<D>,
    /// After how many later messages of its stream its rest is over, if it is not over before.
    overtakers: Option<u64>,
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

    /// What nobody has acknowledged and is not parked.
    pub(super) fn len(&self) -> u64 {
        (self.ready.len() + self.unacked.len() + self.aside.len()) as u64
    }

    /// How much its consumer has in hand.
    pub(super) fn in_hand(&self) -> usize {
        self.unacked.len()
    }

    /// Puts a message where it belongs by its arrival; `false` if its stream is parked, and it with it.
    pub(super) fn put(&mut self, parcel: Parcel<D>) -> bool {
        if !self.parked.is_empty()
            && let Some(stream) = self.parked.get_mut(&parcel.stream())
        {
            let place = stream.partition_point(|other| other.arrival < parcel.arrival);
            stream.insert(place, parcel);
            return false;
        }
        if self.ready.back().is_none_or(|last| last.arrival < parcel.arrival) {
            self.ready.push_back(parcel);
        } else {
            let place = self.ready.partition_point(|other| other.arrival < parcel.arrival);
            self.ready.insert(place, parcel);
        }
        true
    }

    /// The next message to deliver.
    pub(super) fn next(&mut self) -> Option<Parcel<D>> {
        self.ready.pop_front()
    }

    /// Its consumer has a message in hand, under a tag.
    pub(super) fn hand_over(&mut self, tag: u64, parcel: Parcel<D>) {
        self.unacked.push_back((tag, parcel));
    }

    /// Takes a message out of the consumer's hands.
    pub(super) fn take(&mut self, tag: u64) -> Option<Parcel<D>> {
        let place = self.unacked.iter().position(|(held, _)| *held == tag)?;
        self.unacked.remove(place).map(|(_, parcel)| parcel)
    }

    /// Takes everything out of the consumer's hands, in order of delivery.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = Parcel<D>> + use<D> {
        std::mem::take(&mut self.unacked).into_iter().map(|(_, parcel)| parcel)
    }

    /// Lets a message rest.
    pub(super) fn set_aside(&mut self, parcel: Parcel<D>, overtakers: Option<u64>) {
        self.aside.insert(parcel.arrival, Aside { parcel, overtakers });
    }

    /// Ends the rest of a message, if it still rests.
    pub(super) fn take_back(&mut self, arrival: u64) -> Option<Parcel<D>> {
        self.aside.remove(&arrival).map(|aside| aside.parcel)
    }

    /// A message is about to be delivered: if it overtakes one of its stream that lost its place, those
    /// of them that were overtaken often enough by now.
    pub(super) fn overtakes(&mut self, parcel: &Parcel<D>) -> Option<Vec<u64>> {
        let mut over = None;
        for (&arrival, aside) in self.aside.range_mut(..parcel.arrival) {
            if aside.parcel.stream() == parcel.stream()
                && let Some(left) = &mut aside.overtakers
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

    /// Everything that rests, by arrival.
    pub(super) fn resting(&self) -> Vec<u64> {
        self.aside.keys().copied().collect()
    }

    /// Parks a dead letter, and behind it what is here of its stream; those.
    pub(super) fn park(&mut self, letter: Parcel<D>) -> Vec<Position> {
        let stream = letter.stream();
        let parked = self.parked.entry(stream).or_default();
        parked.push(letter);
        let mut behind = Vec::new();
        let resting = self.aside.extract_if(|_, aside| aside.parcel.stream() == stream);
        behind.extend(resting.map(|(_, aside)| aside.parcel));
        let (same, others) =
            std::mem::take(&mut self.ready).into_iter().partition(|other| other.stream() == stream);
        self.ready = others;
        let same: VecDeque<Parcel<D>> = same;
        behind.extend(same);
        behind.sort_by_key(|parcel| parcel.arrival);
        let positions = behind.iter().map(Parcel::position).collect();
        parked.extend(behind);
        parked.sort_by_key(|parcel| parcel.arrival);
        positions
    }

    /// Everything that is parked, by stream and in order.
    pub(super) fn parked(&self) -> impl Iterator<Item = &Parcel<D>> {
        self.parked.values().flatten()
    }

    /// Puts everything that is parked back to where it was, as if it had never been delivered; which
    /// streams, and how many messages of each.
    pub(super) fn redrive(&mut self) -> Vec<(StreamId, u32)> {
        let mut streams = Vec::new();
        for (stream, parcels) in std::mem::take(&mut self.parked) {
            streams.push((stream, parcels.len() as u32));
            for parcel in parcels {
                self.put(Parcel { deliveries: 0, refusals: 0, ..parcel });
            }
        }
        streams
    }
}
