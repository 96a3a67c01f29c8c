//! The customers of a workload: who arrives, what they do, and when the next one arrives.

use super::crowd::{Arrival, CUSTOMER_WHO, Crowd, Drawn};
use super::gap::{CUSTOMER_GAP, Gap};
use super::{CUSTOMER_MIX, random};
use crate::kernel::{Cause, Space};
use crate::model::{CustomerId, Domain};
use crate::platform::message::Message;
use crate::platform::{Cx, Workload};

/// The arrivals of a workload.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrivals {
    /// How many there were.
    pub(super) made: u64,
    /// Whether there are more.
    pub(super) more: bool,
    /// How the workload is varied in this run, if it is.
    crowd: Option<Crowd>,
}

/// A customer who arrives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived {
    pub(super) who: CustomerId,
    pub(super) drawn: Drawn,
    /// Whether they act the other way round, where the action has a direction.
    pub(super) reversed: bool,
    /// Whose turn it was.
    in_turn: CustomerId,
}

impl Arrivals {
    pub(super) fn start<D: Domain>(&mut self, workload: &Workload<D>, cx: &mut Cx<'_, '_, D>) {
        self.more = workload.from < workload.until;
        if self.more {
            cx.timer(workload.from.since(cx.now()), Message::Arrive);
        }
        if cx.plan().varies.workload {
            self.crowd = Crowd::draw(workload, cx);
        }
    }

    /// The next customer arrives.
    pub(super) fn next<D: Domain>(
        &mut self,
        workload: &Workload<D>,
        cx: &mut Cx<'_, '_, D>,
    ) -> Arrived {
        let (customers, nth) = (u64::from(workload.customers), self.made);
        self.made += 1;
        let scripted = cx.plan().names.customers.len() as u32;
        let numbered = |nth: u64| CustomerId(scripted + (nth % customers) as u32);
        let in_turn = numbered(nth);
        let suggested = match &self.crowd {
            Some(crowd) => crowd.suggest(nth, workload, cx),
            None => Default::default(),
        };
        let space = Space::up_to(Arrival::most(customers));
        let arrival = cx.draw_or(CUSTOMER_WHO, in_turn, space, Some(suggested.who));
        let Arrival { who, reversed } = Arrival::decode(arrival);
        let who = who.map_or(in_turn, numbered);
        let space = Space::up_to(workload.weight() - 1);
        let place = cx.draw_or(CUSTOMER_MIX, who, space, suggested.place);
        let drawn = Drawn { place, random: random(who, suggested.random, cx) };
        Arrived { who, drawn, reversed, in_turn }
    }

    /// Sets a timer for the customer after this one.
    pub(super) fn await_next<D: Domain>(
        &mut self,
        workload: &Workload<D>,
        arrived: Arrived,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let mut suggested = Gap::default();
        if let Some(crowd) = &mut self.crowd {
            suggested = crowd.gap(self.made - 1);
            crowd.note(arrived.drawn);
        }
        let space = Space::up_to(Gap::MOST);
        let gap = cx.draw_or(CUSTOMER_GAP, arrived.in_turn, space, Some(suggested.encode()));
        let gap = Gap::decode(gap).of(workload.every);
        self.more = cx.now() + gap < workload.until;
        if self.more {
            cx.because(Cause::START, |cx| cx.timer(gap, Message::Arrive));
        }
    }
}
