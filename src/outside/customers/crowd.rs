//! Varies the customers of a workload: few of them, few actions, bursts, and customers who meet.
//!
//! Customers who arrive at even intervals and act at random hardly ever want the same thing in the same
//! millisecond. In about half of the runs whose workload may vary, the seed draws a crowd in which they do. A
//! crowd only suggests values: who arrives, what they do, and when the next one arrives are choices of each
//! arrival, and these repeat the run.

use super::gap::Gap;
use crate::kernel::{Entity, Ratio, Site, Space};
use crate::model::Domain;
use crate::platform::{Cx, Workload};

/// Who arrives instead of the next customer in turn, and whether they act the other way round; see
/// [`Arrival`]. What a crowd is like is steered at the same site.
pub(crate) const CUSTOMER_WHO: Site = Site::new(35, "customer.who");

const ALWAYS: Ratio = Ratio { times: 1, of: 1 };
const HALF: Ratio = Ratio { times: 1, of: 2 };
/// How many customers act in a small crowd.
const ACTIVE: &[u64] = &[1, 2, 3, 5, 9];
/// How many customers arrive together.
const BURSTS: &[u64] = &[2, 3, 4, 8];
/// How much later the next customer of a burst arrives, in parts of an interval: a message or two, or as long as a
/// write takes until it can be read.
const STAGGERS: &[u64] = &[1, 2, 4, 8, 16, 32];
/// How customers meet who arrive one after the other.
const MEETINGS: &[u64] = &[ALIKE, OPPOSITE, APART];
const ALIKE: u64 = 1;
const OPPOSITE: u64 = 2;
const APART: u64 = 3;

/// The customers of a workload as a seed varies them.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    /// The number of the workload.
    number: u8,
    /// How many customers act, in turn; `None` for all.
    active: Option<u64>,
    /// Which actions of the mix do not exist.
    absent: Vec<bool>,
    /// How many customers arrive together.
    burst: u64,
    /// The time from one customer of a burst to the next.
    stagger: Gap,
    meeting: Option<Meeting>,
    /// What the last customer has drawn.
    last: Option<Drawn>,
}

/// How every second customer meets the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meeting {
    /// The same action with the same random number: both want the same.
    Alike,
    /// The same the other way round, where the action has a direction.
    Opposite,
    /// Another action with the same random number: one reads, perhaps, what the other writes.
    Apart,
}

/// What a customer has drawn: a place in the weighted mix, and a random number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drawn {
    pub(super) place: u64,
    pub(super) random: u64,
}

/// What a crowd suggests for one arrival.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Suggested {
    pub(super) who: u64,
    pub(super) place: Option<u64>,
    pub(super) random: Option<u64>,
}

/// Who acts at an arrival, as [`CUSTOMER_WHO`] encodes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Arrival {
    /// The customer among those of the workload; `None` for the next in turn.
    pub(super) who: Option<u64>,
    /// Whether they act the other way round.
    pub(super) reversed: bool,
}

impl Arrival {
    const fn encode(self) -> u64 {
        match (self.who, self.reversed) {
            (None, reversed) => reversed as u64,
            (Some(who), reversed) => 2 + 2 * who + reversed as u64,
        }
    }

    /// The largest value for this many customers.
    pub(super) const fn most(customers: u64) -> u64 {
        2 * customers + 1
    }

    pub(super) fn decode(value: u64) -> Self {
        Self { who: (value / 2).checked_sub(1), reversed: !value.is_multiple_of(2) }
    }
}

impl Crowd {
    /// Draws a crowd; `None` if the workload is as it is written.
    pub(super) fn draw<D: Domain>(
        workload: &Workload<D>,
        number: u8,
        cx: &mut Cx<'_, '_, D>,
    ) -> Option<Self> {
        let mut draw = |question, space| cx.steer(CUSTOMER_WHO, about(question, number), space);
        if draw(0, Space::up_to(1)) == 0 {
            return None;
        }
        let actions = 0..workload.mix.len() as u64;
        let few = draw(1, Space::up_to(1)) > 0;
        let mut absent: Vec<bool> =
            actions.map(|nth| few && draw(16 + nth, Space::up_to(1)) > 0).collect();
        if absent.iter().all(|absent| *absent) {
            absent.fill(false);
        }
        let meeting = match draw(2, Space::sized(HALF, MEETINGS)) {
            ALIKE => Some(Meeting::Alike),
            OPPOSITE => Some(Meeting::Opposite),
            APART => Some(Meeting::Apart),
            _ => None,
        };
        let active = (draw(3, Space::up_to(1)) > 0).then(|| draw(4, Space::sized(ALWAYS, ACTIVE)));
        let active = active.map(|active| active.min(workload.customers.into()));
        let active = active.filter(|_| workload.is_interchangeable());
        let burst = draw(5, Space::sized(HALF, BURSTS)).max(1 + u64::from(meeting.is_some()));
        let stagger = match draw(7, Space::sized(HALF, STAGGERS)) {
            0 => Gap::Times(0),
            parts => Gap::Parts(parts),
        };
        Some(Self { number, active, absent, burst, stagger, meeting, last: None })
    }

    /// What it suggests for the arrival with this number, from 0.
    pub(super) fn suggest<D: Domain>(
        &self,
        nth: u64,
        workload: &Workload<D>,
        cx: &mut Cx<'_, '_, D>,
    ) -> Suggested {
        let meets = self.meeting.filter(|_| !nth.is_multiple_of(2)).zip(self.last);
        let who = self.active.map(|active| nth % active);
        let reversed = meets.is_some_and(|(meeting, _)| meeting == Meeting::Opposite);
        let place = match meets {
            Some((Meeting::Alike | Meeting::Opposite, last)) => Some(last.place),
            Some((Meeting::Apart, last)) => self.place(workload, Some(last.place), cx),
            None => self.place(workload, None, cx),
        };
        Suggested {
            who: Arrival { who, reversed }.encode(),
            place,
            random: meets.map(|(_, last)| last.random),
        }
    }

    /// Notes what a customer has drawn, for the next one.
    pub(super) fn note(&mut self, drawn: Drawn) {
        self.last = Some(drawn);
    }

    /// The time after an arrival: a burst takes about as long as its customers would one by one.
    pub(super) const fn gap(&self, nth: u64) -> Gap {
        match (self.burst, (nth + 1) % self.burst) {
            (1, _) => Gap::Usual,
            (burst, 0) => Gap::Times(burst),
            _ => self.stagger,
        }
    }

    /// A place in the mix whose action exists, other than that of `but`; `None` if any will do, or none.
    fn place<D: Domain>(
        &self,
        workload: &Workload<D>,
        but: Option<u64>,
        cx: &mut Cx<'_, '_, D>,
    ) -> Option<u64> {
        if but.is_none() && !self.absent.contains(&true) {
            return None;
        }
        let but = but.map(|place| workload.chosen(place).0);
        let mut start = 0;
        let mut starts = Vec::new();
        for (nth, (weight, _)) in workload.mix.iter().enumerate() {
            if !self.absent[nth] && but != Some(nth) {
                starts.push((start, u64::from(*weight)));
            }
            start += u64::from(*weight);
        }
        let total: u64 = starts.iter().map(|(_, weight)| weight).sum();
        let mut drawn =
            cx.steer(CUSTOMER_WHO, about(6, self.number), Space::up_to(total.checked_sub(1)?));
        let chosen = starts.into_iter().find(|(_, weight)| {
            let hit = drawn < *weight;
            drawn = drawn.saturating_sub(*weight);
            hit
        });
        chosen.map(|(start, _)| start)
    }
}

/// A question about the crowd of a workload.
fn about(question: u64, workload: u8) -> Entity {
    Entity(u64::from(workload) << 32 | question)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrival_is_encoded_as_one_value_and_the_usual_one_as_0() {
        assert_eq!(Arrival::default().encode(), 0);
        for who in [None, Some(0), Some(6)] {
            for reversed in [false, true] {
                let arrival = Arrival { who, reversed };
                assert_eq!(Arrival::decode(arrival.encode()), arrival);
                assert!(arrival.encode() <= Arrival::most(7));
            }
        }
    }

    #[test]
    fn a_burst_takes_as_long_as_its_customers_would_one_by_one() {
        let (number, active, meeting, last, stagger) = (0, None, None, None, Gap::Parts(2));
        let crowd =
            |burst| Crowd { number, active, absent: Vec::new(), burst, stagger, meeting, last };
        assert_eq!([0, 1, 2, 3].map(|nth| crowd(1).gap(nth)), [Gap::Usual; 4]);
        let pause = Gap::Times(3);
        assert_eq!([0, 1, 2, 3].map(|nth| crowd(3).gap(nth)), [stagger, stagger, pause, stagger]);
    }
}
