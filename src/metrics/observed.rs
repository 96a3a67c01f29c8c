//! Counts, lags and waits of a run.

use crate::collections::SortedMap;

use super::curve::Curve;
use super::histogram::Histogram;
use super::label::{OutcomeLabel, WaitLabel};
use super::reads::{ViewReads, Visible};
use crate::kernel::Instant;
use crate::model::{Answer, CustomerId, Domain, Fact, FactKind, Owed, Record, RequestId, Services};

/// How far a view is behind the store, in events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// At worst, so far.
    pub peak: u64,
    /// At last.
    pub now: u64,
    /// Over time.
    pub curve: Curve,
}

/// What was counted and measured in a run. `O` names answers, `W` names waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed<O, W> {
    /// Stored events, by their number in [`EVENTS`](crate::model::Domain::EVENTS).
    pub events: Vec<u64>,
    /// Facts, by [`FactKind::index`].
    pub facts: Vec<u64>,
    /// What each customer of the script was told how often.
    pub told: SortedMap<(CustomerId, O), u64>,
    /// What all customers were told how often.
    pub told_anybody: SortedMap<O, u64>,
    /// Requests served, by service.
    pub served: Vec<u64>,
    /// Lags, by view; only those with a projector have any.
    pub lags: Vec<Lag>,
    /// How views were read, by view.
    pub reads: Vec<ViewReads>,
    /// How long customers waited, from request to answer.
    pub waits: SortedMap<W, Histogram>,
}

impl<O: Copy + Ord, W> Observed<O, W> {
    /// How often a customer of the script, or anybody, was told something.
    pub fn replies(&self, to: Option<CustomerId>, outcome: O) -> u64 {
        let count = match to {
            None => self.told_anybody.get(&outcome),
            Some(customer) => self.told.get(&(customer, outcome)),
        };
        count.copied().unwrap_or(0)
    }
}

/// Takes the metrics of a run.
#[derive(Clone, Debug)]
pub struct Metrics<O, W> {
    observed: Observed<O, W>,
    /// How many customers have a name of their own; what they are told is counted one by one.
    named: u32,
    /// Visible events of each category.
    stored: Vec<u64>,
    /// When each request was first sent that is not answered yet.
    waiting: SortedMap<RequestId, Instant>,
    visible: Visible,
}

impl<O, W> Metrics<O, W> {
    /// Nothing measured yet. The first `named` customers are those of the script.
    pub fn new<D: Domain>(domain: &D, named: usize) -> Self {
        let observed = Observed {
            events: vec![0; D::EVENTS.len()],
            facts: vec![0; FactKind::COUNT],
            told: SortedMap::new(),
            told_anybody: SortedMap::new(),
            served: vec![0; D::Services::services(domain).len()],
            lags: vec![Lag::default(); D::VIEWS.len()],
            reads: vec![ViewReads::default(); D::VIEWS.len()],
            waits: SortedMap::new(),
        };
        let named = u32::try_from(named).unwrap_or(u32::MAX);
        let stored = vec![0; D::CATEGORIES.len()];
        let visible = Visible::new(D::VIEWS.len());
        Self { observed, named, stored, waiting: SortedMap::new(), visible }
    }

    /// What was measured so far.
    pub const fn observed(&self) -> &Observed<O, W> {
        &self.observed
    }

    /// Takes note of one fact.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all facts are counted; only some are looked into"
    )]
    pub fn observe<D: Domain>(&mut self, domain: &D, record: &Record<D>)
    where
        O: OutcomeLabel<D>,
        W: WaitLabel<D>,
    {
        self.observed.facts[record.fact.kind().index()] += 1;
        match &record.fact {
            Fact::Commanded { request, resend: false, .. }
            | Fact::Queried { request, resend: false, .. }
            | Fact::EraseAsked { request, resend: false } => {
                self.waiting.insert(*request, record.at);
            }
            Fact::Told { request, owed, answer } => {
                self.told(domain, record.at, *request, (*owed, answer));
            }
            Fact::Stored(stored) => {
                let name = domain.event_name(&stored.event);
                let known = D::EVENTS.iter().position(|event| *event == name);
                self.observed.events[known.expect("a domain lists all its event types")] += 1;
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
            Fact::Served { service, .. } => self.observed.served[usize::from(service.0)] += 1,
            _ => {}
        }
    }

    fn told<D: Domain>(
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
        *self.observed.told_anybody.entry(outcome).or_default() += 1;
        if request.customer.0 < self.named {
            *self.observed.told.entry((request.customer, outcome)).or_default() += 1;
        }
        let asked = self.waiting.remove(&request);
        if let Some(asked) = asked {
            let reads = &mut self.observed.reads;
            self.visible.told(domain, request.customer, (asked, at), (owed, answer), reads);
        }
        if let (Some(asked), Some(measure)) = (asked, W::of(answer)) {
            self.observed.waits.entry(measure).or_default().add(at.since(asked));
        }
    }
}
