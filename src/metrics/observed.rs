//! Counts, lags and waits of a run.

use super::interval::Intervals;
use super::reads::Visible;
use super::{
    Asked, Curve, FirstEvents, Histogram, Interval, OutcomeLabel, Seen, ViewReads, WaitLabel,
};
use crate::collections::SortedMap;
use crate::kernel::Instant;
use crate::model::{Answer, CustomerId, Domain, Fact, FactKind, Owed, Record, RequestId, Services};

/// How far a view is behind the store, in events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// The maximum so far.
    pub peak: u64,
    /// The current value.
    pub now: u64,
    /// Over time.
    pub curve: Curve,
}

/// The metrics of a run. `O` names answers, `W` names waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed<O, W> {
    /// Stored events, by their number in [`EVENTS`](crate::model::Domain::EVENTS).
    pub events: Vec<u64>,
    /// The first events of each type, by the same number.
    pub first_events: Vec<FirstEvents>,
    /// Facts, by [`FactKind::index`].
    pub facts: Vec<u64>,
    /// Answers to each customer of the script.
    replies_to: SortedMap<(CustomerId, O), Seen>,
    /// Answers to all customers.
    replies: SortedMap<O, Seen>,
    /// Requests that services have handled, by service.
    pub served: Vec<u64>,
    /// Lags, by view; always zero for views without a projector.
    pub lags: Vec<Lag>,
    /// How views were read, by view.
    pub reads: Vec<ViewReads>,
    /// The times from request to answer.
    pub waits: SortedMap<W, Histogram>,
    /// The counts that expectations ask for, in the order in which they were given.
    pub asked: Vec<i64>,
    /// The times between events that expectations ask for, in the order in which they were given.
    pub intervals: Vec<Histogram>,
}

impl<O: Copy + Ord, W> Observed<O, W> {
    /// The number of these answers to a customer of the script; to all customers if `None`.
    pub fn replies(&self, to: Option<CustomerId>, outcome: O) -> u64 {
        let count = match to {
            None => self.replies.get(&outcome),
            Some(customer) => self.replies_to.get(&(customer, outcome)),
        };
        count.map_or(0, |seen| seen.count)
    }

    /// All answers to a customer of the script, or to all customers, by the time of the first of each name.
    pub fn told(&self, to: Option<CustomerId>) -> Vec<(O, Seen)> {
        let mut told: Vec<(O, Seen)> = match to {
            None => self.replies.iter().map(|(outcome, seen)| (*outcome, *seen)).collect(),
            Some(customer) => {
                let own = self.replies_to.iter().filter(|((to, _), _)| *to == customer);
                own.map(|((_, outcome), seen)| (*outcome, *seen)).collect()
            }
        };
        told.sort_by_key(|(_, seen)| seen.first);
        told
    }
}

/// Measures a run.
#[derive(Clone, Debug)]
pub struct Metrics<O, W> {
    observed: Observed<O, W>,
    asked: Vec<Asked<O>>,
    intervals: Vec<Intervals>,
    /// The number of customers of the script, whose answers are counted separately.
    named: u32,
    /// The number of visible events of each category.
    stored: Vec<u64>,
    /// When each unanswered request was first sent.
    waiting: SortedMap<RequestId, Instant>,
    visible: Visible,
}

impl<O, W> Metrics<O, W> {
    /// Metrics that are all zero. The first `named` customers are those of the script; `asked` is counted
    /// and `intervals` are timed besides.
    pub fn new<D: Domain>(
        domain: &D,
        named: usize,
        asked: Vec<Asked<O>>,
        intervals: Vec<Interval>,
    ) -> Self {
        let observed = Observed {
            events: vec![0; D::EVENTS.len()],
            first_events: vec![FirstEvents::default(); D::EVENTS.len()],
            facts: vec![0; FactKind::COUNT],
            replies_to: SortedMap::new(),
            replies: SortedMap::new(),
            served: vec![0; D::Services::services(domain).len()],
            lags: vec![Lag::default(); D::VIEWS.len()],
            reads: vec![ViewReads::default(); D::VIEWS.len()],
            waits: SortedMap::new(),
            asked: vec![0; asked.len()],
            intervals: vec![Histogram::default(); intervals.len()],
        };
        Self {
            observed,
            asked,
            intervals: intervals.into_iter().map(Intervals::new).collect(),
            named: u32::try_from(named).unwrap_or(u32::MAX),
            stored: vec![0; D::CATEGORIES.len()],
            waiting: SortedMap::new(),
            visible: Visible::new(D::VIEWS.len()),
        }
    }

    /// The metrics so far.
    pub const fn observed(&self) -> &Observed<O, W> {
        &self.observed
    }

    /// Drops what only helps to measure what comes later, because the run has ended.
    pub fn rest(&mut self) {
        (self.visible, self.waiting) = (Visible::new(0), SortedMap::new());
    }

    /// Counts one record and measures nothing.
    pub fn count<D: Domain>(&mut self, record: &Record<D>) {
        self.observed.facts[record.fact.kind().index()] += 1;
    }

    /// Counts one record.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all facts are counted; only some are examined"
    )]
    pub fn observe<D: Domain>(&mut self, domain: &D, record: &Record<D>)
    where
        O: OutcomeLabel<D>,
        W: WaitLabel<D>,
    {
        self.count(record);
        for (count, asked) in self.observed.asked.iter_mut().zip(&self.asked) {
            *count = count.saturating_add(asked.records(domain, record));
        }
        match &record.fact {
            Fact::Commanded { request, resend: false, .. }
            | Fact::Queried { request, resend: false, .. }
            | Fact::EraseAsked { request, resend: false } => {
                self.waiting.insert(*request, record.at);
            }
            Fact::Told { request, owed, answer } => {
                self.answered(domain, record.at, *request, (*owed, answer));
            }
            Fact::Stored(stored) => {
                let name = domain.event_name(&stored.event);
                let known = D::EVENTS.iter().position(|event| *event == name);
                let known = known.expect("a domain lists all its event types");
                self.observed.events[known] += 1;
                self.observed.first_events[known].add(stored.stream, record.at);
                let times = self.observed.intervals.iter_mut();
                for (times, intervals) in times.zip(&mut self.intervals) {
                    intervals.stored(known, stored.stream, record.at, times);
                }
                self.visible.stored(domain, record.at, stored);
                let category = stored.stream.category;
                self.stored[usize::from(category.0)] += 1;
                for (lag, view) in self.observed.lags.iter_mut().zip(D::VIEWS) {
                    if view.category == category && view.has_projector() {
                        lag.now += 1;
                        lag.peak = lag.peak.max(lag.now);
                        lag.curve.add(record.at, lag.now);
                    }
                }
            }
            Fact::Applied { view, checkpoint, .. } => {
                let category = D::VIEWS[usize::from(view.0)].category;
                let lag = &mut self.observed.lags[usize::from(view.0)];
                lag.now = self.stored[usize::from(category.0)].saturating_sub(checkpoint.0);
                lag.curve.add(record.at, lag.now);
            }
            Fact::Rewound { events, .. } => {
                for event in events {
                    self.stored[usize::from(event.stream.category.0)] -= 1;
                    self.visible.lost(event.stream, event.version);
                }
                // Every view with a projector begins again.
                for (lag, view) in self.observed.lags.iter_mut().zip(D::VIEWS) {
                    if view.has_projector() {
                        lag.now = self.stored[usize::from(view.category.0)];
                        lag.peak = lag.peak.max(lag.now);
                        lag.curve.add(record.at, lag.now);
                    }
                }
            }
            Fact::Served { service, .. } => self.observed.served[usize::from(service.0)] += 1,
            _ => {}
        }
    }

    fn answered<D: Domain>(
        &mut self,
        domain: &D,
        at: Instant,
        request: RequestId,
        (owed, answer): (Owed, &Answer<D>),
    ) where
        O: OutcomeLabel<D>,
        W: WaitLabel<D>,
    {
        let outcome = O::of(answer);
        let replies = &mut self.observed.replies;
        replies.insert(outcome, Seen::again(replies.get(&outcome).copied(), at));
        if request.customer.0 < self.named {
            let (replies, to) = (&mut self.observed.replies_to, (request.customer, outcome));
            replies.insert(to, Seen::again(replies.get(&to).copied(), at));
        }
        let Some(sent) = self.waiting.remove(&request) else { return };
        for (count, asked) in self.observed.asked.iter_mut().zip(&self.asked) {
            *count += asked.replies(request.customer, outcome, at, at.since(sent));
        }
        let reads = &mut self.observed.reads;
        self.visible.answered(domain, request.customer, (sent, at), (owed, answer), reads);
        if let Some(wait) = W::of(answer) {
            self.observed.waits.entry(wait).or_default().add(at.since(sent));
        }
    }
}
