//! The turns of the customers of workloads: who acts, what they do, and when the next turn is.
//!
//! Each choice is about a customer and the number of their turn, so that a turn more or less, or another
//! workload, changes no other turn.

use super::crowd::{Arrival, CUSTOMER_WHO, Crowd, Drawn};
use super::gap::{CUSTOMER_GAP, Gap};
use super::{CUSTOMER_MIX, CUSTOMER_RANDOM};
use crate::kernel::fixed::{ONE, exponential};
use crate::kernel::{Cause, Site, Space, Span};
use crate::model::{CustomerId, Domain};
use crate::platform::message::Message;
use crate::platform::{Cx, Loop, Spacing, Turn, Workload};

/// How long a customer waits who follows no regular interval: the place of the wait in its distribution.
pub(crate) const CUSTOMER_WAIT: Site = Site::new(27, "customer.wait");

/// The turns of all workloads.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrivals {
    /// How each workload is varied in this run, if it is.
    crowds: Vec<Option<Crowd>>,
    /// The number of turns for which timers are pending.
    pub(super) awaited: u64,
}

/// A customer who acts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived {
    pub(super) who: CustomerId,
    pub(super) drawn: Drawn,
    /// Whether they act the other way round, where the action has a direction.
    pub(super) reversed: bool,
}

impl Arrivals {
    pub(super) fn start<D: Domain>(&mut self, cx: &mut Cx<'_, '_, D>) {
        for (workload, number) in cx.plan().workloads.iter().zip(0..) {
            if workload.from < workload.until {
                self.expect(turn(workload, number, 0), workload.from.since(cx.now()), cx);
            }
            let varies = cx.plan().varies.workload;
            self.crowds.push(if varies { Crowd::draw(workload, number, cx) } else { None });
        }
    }

    /// Sets a timer for a turn. The turn before is not its cause.
    fn expect<D: Domain>(&mut self, turn: Turn, after: Span, cx: &mut Cx<'_, '_, D>) {
        self.awaited += 1;
        cx.because(Cause::START, |cx| cx.timer(after, Message::Arrive(turn)));
    }

    /// The turn takes place: who acts, and how.
    pub(super) fn next<D: Domain>(
        &mut self,
        workload: &Workload<D>,
        turn: Turn,
        cx: &mut Cx<'_, '_, D>,
    ) -> Arrived {
        self.awaited -= 1;
        let (in_turn, round) = (workload.in_turn(turn.nth), workload.round(turn.nth));
        let crowd = &mut self.crowds[usize::from(turn.workload)];
        let suggested = match crowd {
            Some(crowd) => crowd.suggest(turn.nth, workload, cx),
            None => Default::default(),
        };
        let others = if workload.is_interchangeable() { workload.customers.into() } else { 0 };
        let space = Space::up_to(Arrival::most(others));
        let arrival = cx.draw_nth_or(CUSTOMER_WHO, (in_turn, round), space, Some(suggested.who));
        let Arrival { who, reversed } = Arrival::decode(arrival);
        let who = who.map_or(in_turn, |nth| workload.in_turn(nth));
        let (mix, numbers) = (Space::up_to(workload.weight() - 1), Space::up_to(u32::MAX.into()));
        let mut draw = |site, space, suggested| match workload.is_passing() {
            // The only turn of this customer.
            true => cx.draw_nth_or(site, (who, 0), space, suggested),
            false => cx.draw_or(site, who, space, suggested),
        };
        let place = draw(CUSTOMER_MIX, mix, suggested.place);
        let random = draw(CUSTOMER_RANDOM, numbers, suggested.random);
        let drawn = Drawn { place, random };
        if let Some(crowd) = crowd {
            crowd.note(drawn);
        }
        Arrived { who, drawn, reversed }
    }

    /// Sets a timer for the turn that follows from the start of this one. In a closed workload only the first turns
    /// of customers do: they are spread over one pause.
    pub(super) fn await_next<D: Domain>(
        &mut self,
        workload: &Workload<D>,
        this: Turn,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let next = turn(workload, this.workload, this.nth + 1);
        let is_another = next.nth < u64::from(workload.customers);
        let gap = match workload.turns {
            Loop::Closed { think } if is_another => {
                let share = u128::from(think.as_nanos()) * u128::from(next.nth);
                let start = (share / u128::from(workload.customers)) as u64;
                Some((workload.from + Span::from_nanos(start)).since(cx.now()))
            }
            Loop::Open { intensity, spacing, returning } if returning || is_another => {
                let number = match spacing {
                    Spacing::Groups(size) if next.nth.is_multiple_of(size.into()) => {
                        ONE * u64::from(size)
                    }
                    Spacing::Groups(_) => 0,
                    Spacing::Independent => self.wait(workload, this, cx),
                };
                let usual = intensity.until(number, cx.now().since(workload.from));
                usual.map(|usual| self.varied(workload, this, usual, cx))
            }
            Loop::Closed { .. } | Loop::Open { .. } => None,
        };
        let gap = gap.filter(|gap| cx.now() + *gap < workload.until);
        if let Some(gap) = gap {
            self.expect(next, gap, cx);
        }
    }

    /// Sets a timer for the next turn of the same customer of a closed workload. All that belongs to this turn is
    /// over.
    pub(super) fn think<D: Domain>(&mut self, this: Turn, cx: &mut Cx<'_, '_, D>) {
        let workload = &cx.plan().workloads[usize::from(this.workload)];
        let Loop::Closed { think } = workload.turns else { return };
        let number = self.wait(workload, this, cx);
        let nanos = u128::from(think.as_nanos()) * u128::from(number) / u128::from(ONE);
        let usual = Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        let pause = self.varied(workload, this, usual, cx);
        if cx.now() + pause < workload.until {
            let nth = this.nth + u64::from(workload.customers);
            self.expect(turn(workload, this.workload, nth), pause, cx);
        }
    }

    /// An exponentially distributed number with mean [`ONE`].
    fn wait<D: Domain>(&self, workload: &Workload<D>, this: Turn, cx: &mut Cx<'_, '_, D>) -> u64 {
        let key = (workload.in_turn(this.nth), workload.round(this.nth));
        let place = cx.draw_nth_or(CUSTOMER_WAIT, key, Space::up_to(u32::MAX.into()), None);
        exponential(u32::try_from(place).unwrap_or(u32::MAX))
    }

    /// The time after a turn, of which `usual` is usual.
    fn varied<D: Domain>(
        &self,
        workload: &Workload<D>,
        this: Turn,
        usual: Span,
        cx: &mut Cx<'_, '_, D>,
    ) -> Span {
        let crowd = &self.crowds[usize::from(this.workload)];
        let suggested = crowd.as_ref().map(|crowd| crowd.gap(this.nth)).unwrap_or_default();
        let key = (workload.in_turn(this.nth), workload.round(this.nth));
        let space = Space::up_to(Gap::MOST);
        let gap = cx.draw_nth_or(CUSTOMER_GAP, key, space, Some(suggested.encode()));
        Gap::decode(gap).of(usual)
    }
}

/// A turn of a workload.
fn turn<D: Domain>(workload: &Workload<D>, number: u8, nth: u64) -> Turn {
    let is_closed = matches!(workload.turns, Loop::Closed { .. });
    Turn { workload: number, nth, who: is_closed.then(|| workload.in_turn(nth)) }
}
