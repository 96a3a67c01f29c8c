//! `pushed-up-to-date`: who is subscribed is shown the newest version.
//!
//! A subscription can be lost in many ways, and the customer notices none of them. The property therefore gives the
//! platform a time, which the client states, in which everything that may have been lost is made up for. It begins
//! when the version can be read, when the customer subscribes, or when the last fault is over, whichever is latest.
//! That an older version is never shown after a newer one is checked by `monotonic-reads`, for rows that are pushed as
//! for others.

use crate::collections::SortedMap;

use super::folds::views;
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::{Fired, Instant, SLOW_PAIR, Span, Step, Unit};
use crate::model::{
    Answer, CustomerId, Domain, Fact, Lookup, OwnWrites, Record, RequestId, Rest, RowKey, Shows,
    Stored, Strategy, StreamId, Token, Version, ViewId,
};
use crate::platform::{CONFIRM_LOST, POISON, schema};

pub(super) const PUSHED_UP_TO_DATE: Property = Property {
    id: "pushed-up-to-date",
    when: When::AlwaysAndAtRest,
    says: "a customer who is subscribed is shown the newest version of the row, in every view that shows all writes, \
           within the time that the client states, unless a fault or a wait for a worker was in between",
};

/// Follows the open subscriptions.
#[derive(Clone, Debug, Default)]
pub(super) struct PushedUpToDate {
    open: SortedMap<RequestId, Open>,
    watching: SortedMap<(ViewId, RowKey), Vec<RequestId>>,
    /// Until when something is wrong.
    wrong_until: Instant,
}

/// An open subscription.
#[derive(Clone, Debug)]
struct Open {
    /// The row, if what it shows says how new it is.
    row: Option<(ViewId, RowKey)>,
    within: Span,
    /// When it began, until something is shown.
    began: Option<Since>,
    /// What the row must show: nothing is shown before it can be read.
    awaited: Option<Token>,
    /// The versions of each stream in the row that are not shown yet, and since when they can be read.
    owed: SortedMap<(StreamId, Version), Since>,
}

#[derive(Clone, Copy, Debug)]
struct Since {
    at: Instant,
    step: Step,
}

impl<D: Domain> Checker<D> for PushedUpToDate {
    const PROPERTIES: &'static [Property] = &[PUSHED_UP_TO_DATE];
    const FACTS: FactKinds = kinds!(
        Watched Told Unwatched Left Applied AppliedInline Stored Fault DeadLettered Restarted Disconnected Queued Dequeued Shed
    );

    #[expect(clippy::wildcard_enum_match_arm, reason = "no other fact concerns subscriptions")]
    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        match &record.fact {
            Fact::Watched { request, query, owed, again: false, within } => {
                let lookup = owed.lookup(checks.words.domain, request.customer, query);
                self.watched((*request, row_of(&lookup)), owed.token(), *within, since(record));
            }
            Fact::Told { request, answer, .. } => {
                if let Answer::Shown(_, row) = answer {
                    self.shown(*request, row.as_ref(), record.at, checks);
                }
            }
            Fact::Unwatched { request } => self.ended(*request, record.at, checks),
            Fact::Left { customer } => self.left(*customer, record.at, checks),
            _ if self.watching.is_empty() => self.note_trouble(record),
            Fact::Applied { view, event, .. } => {
                self.changed(*view, event, since(record), checks.words.domain);
            }
            Fact::AppliedInline { view, event } => {
                self.changed(*view, event, since(record), checks.words.domain);
            }
            Fact::Stored(event) => {
                for (id, view) in views::<D>() {
                    let is_fed = view.category == event.stream.category;
                    if view.strategy == Strategy::OnDemand && is_fed {
                        self.changed(id, event, since(record), checks.words.domain);
                    }
                }
            }
            _ => self.note_trouble(record),
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        let open: Vec<RequestId> = self.open.keys().copied().collect();
        for request in open {
            self.ended(request, rest.at, checks);
        }
    }
}

impl PushedUpToDate {
    fn watched(
        &mut self,
        (request, row): (RequestId, Option<(ViewId, RowKey)>),
        awaited: Option<Token>,
        within: Span,
        now: Since,
    ) {
        if let Some(row) = row {
            self.watching.entry(row).or_default().push(request);
        }
        let (began, owed) = (Some(now), SortedMap::new());
        self.open.insert(request, Open { row, within, began, awaited, owed });
    }

    /// A row of a view has changed: a version can be read from now on.
    fn changed<D: Domain>(
        &mut self,
        view: ViewId,
        event: &Stored<D::Event>,
        now: Since,
        domain: &D,
    ) {
        for key in schema::rows(domain, view, event) {
            for request in self.watching.get(&(view, key)).into_iter().flatten() {
                if let Some(open) = self.open.get_mut(request) {
                    // The customer's own write can be read from now on, and so something can be shown.
                    if open.awaited.is_some_and(|own| {
                        (own.stream, own.version) == (event.stream, event.version)
                    }) && open.began.is_some()
                    {
                        open.began = Some(now);
                    }
                    open.owed.entry((event.stream, event.version)).or_insert(now);
                }
            }
        }
    }

    fn shown<D: Domain>(
        &mut self,
        request: RequestId,
        row: Option<&D::Row>,
        now: Instant,
        checks: &mut Checks<'_, D>,
    ) {
        let wrong_until = self.wrong_until;
        let Some(open) = self.open.get_mut(&request) else { return };
        let within = open.within;
        if let Some(began) = open.began.take() {
            check(request, (began, None), (now, wrong_until, within), checks);
        }
        let Some((view, key)) = open.row else { return };
        let shows = Shows::of(checks.words.domain, view, key, row);
        let shown =
            open.owed.iter().filter(|((stream, version), _)| shows.version(*stream) >= *version);
        let shown: Vec<_> = shown.map(|(what, since)| (*what, *since)).collect();
        for (what, since) in shown {
            open.owed.remove(&what);
            check(request, (since, Some(what)), (now, wrong_until, within), checks);
        }
    }

    /// A subscription ends. What it has not shown must not be late.
    fn ended<D: Domain>(&mut self, request: RequestId, now: Instant, checks: &mut Checks<'_, D>) {
        let Some(open) = self.open.remove(&request) else { return };
        if let Some(row) = open.row
            && let Some(watching) = self.watching.get_mut(&row)
        {
            watching.retain(|other| *other != request);
            if watching.is_empty() {
                self.watching.remove(&row);
            }
        }
        let times = (now, self.wrong_until, open.within);
        if let Some(began) = open.began {
            check(request, (began, None), times, checks);
        }
        for (what, since) in open.owed.iter() {
            check(request, (*since, Some(*what)), times, checks);
        }
    }

    /// A customer who comes once has gone.
    fn left<D: Domain>(&mut self, customer: CustomerId, now: Instant, checks: &mut Checks<'_, D>) {
        let (first, last) = (RequestId { customer, nth: 0 }, RequestId { customer, nth: u32::MAX });
        let theirs: Vec<_> = self.open.range(first..=last).map(|(request, _)| *request).collect();
        theirs.into_iter().for_each(|request| self.ended(request, now, checks));
    }

    /// Something goes wrong, or a message waits for a worker.
    #[expect(clippy::wildcard_enum_match_arm, reason = "no other fact is trouble")]
    fn note_trouble<D: Domain>(&mut self, record: &Record<D>) {
        let until = match &record.fact {
            Fact::Fault(fired) => record.at + lasts(fired),
            // It rests until an operator retries it, which is not known here.
            Fact::DeadLettered { .. } => Instant::MAX,
            Fact::Restarted
            | Fact::Disconnected { .. }
            | Fact::Queued { .. }
            | Fact::Dequeued { .. }
            | Fact::Shed { .. } => record.at,
            _ => return,
        };
        self.wrong_until = until.max(self.wrong_until);
    }
}

const fn since<D: Domain>(record: &Record<D>) -> Since {
    Since { at: record.at, step: record.step }
}

/// The row that is watched, if it shows the version of every event.
fn row_of<D: Domain>(lookup: &Lookup<D>) -> Option<(ViewId, RowKey)> {
    let Lookup::Row(view, key) = lookup else { return None };
    let of = &D::VIEWS[usize::from(view.0)];
    let shows_all = of.own_writes != OwnWrites::Unpromised || !of.has_projector();
    shows_all.then_some((*view, *key))
}

/// How long a relay may take to publish again what was not confirmed: it waits for the confirm, and polls once a minute.
const PUBLISHED_AGAIN: Span = Span::from_secs(120);

/// How long a fault lasts. The size of a slow way says how slow it is, and not for how long.
fn lasts(fired: &Fired) -> Span {
    match fired.fault.unit {
        // An event that a projector fails on may rest until an operator retries it, which is not known here.
        _ if fired.fault == &SLOW_PAIR || fired.fault == &POISON => {
            Instant::MAX.since(Instant::ZERO)
        }
        _ if fired.fault == &CONFIRM_LOST => PUBLISHED_AGAIN,
        Unit::Span | Unit::Lasting => Span::from_micros(fired.size),
        Unit::Once | Unit::Times => Span::ZERO,
    }
}

/// Checks that something is shown in time, or can still be.
fn check<D: Domain>(
    request: RequestId,
    (since, what): (Since, Option<(StreamId, Version)>),
    (now, wrong_until, within): (Instant, Instant, Span),
    checks: &mut Checks<'_, D>,
) {
    let waited = now.since(since.at.max(wrong_until));
    let because = [since.step, checks.step()];
    checks.that(&PUSHED_UP_TO_DATE, waited <= within, because, |words| {
        let name = words.customer(request.customer);
        let what = what.map_or_else(
            || "shown nothing".to_owned(),
            |(stream, version)| format!("not shown {} {version}", words.stream(stream)),
        );
        format!("{name} is subscribed, and for {waited}, in which nothing was wrong, was {what}")
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Asked, Counted, History, Total, asked, counter};
    use crate::kernel::{Actor, CRASH_BEFORE, Entity, Kind, NodeId};
    use crate::model::{Owed, Position};

    /// A customer watches a counter on demand, to which is added after a second.
    fn watching() -> History {
        let mut history = History::default();
        let (query, within) = (Asked::Recalled(0), Span::from_secs(60));
        let (request, owed, again) = (asked(1), Owed::Nothing, false);
        history.fact(Fact::Watched { request, query, owed, again, within });
        shown(&mut history, None);
        history.wait(1_000);
        history.append(2, &[(counter(0), Counted::Added(1))]);
        history
    }

    fn shown(history: &mut History, version: Option<u32>) {
        let row = version.map(|version| Total { sum: version, version: Version(version) });
        let answer = Answer::Shown(Asked::Recalled(0), row);
        history.fact(Fact::Told { request: asked(1), owed: Owed::Nothing, answer });
    }

    fn crash(history: &mut History) {
        let node = NodeId(7);
        let actor = Actor { from: node, to: node, kind: Kind(1) };
        let (fault, entity, size) = (&CRASH_BEFORE, Entity(0), 5_000_000);
        let fired = Fired { fault, actor, entity, size, until: None };
        history.fact_of(node, Fact::Fault(fired));
    }

    #[test]
    fn a_version_that_is_shown_in_time_is_accepted() {
        let mut history = watching();
        history.wait(60_000);
        shown(&mut history, Some(1));
        history.append(3, &[(counter(0), Counted::Added(1))]);
        history.wait(10_000);
        history.fact(Fact::Unwatched { request: asked(1) });
        history.wait(90_000);
        assert_eq!(history.accepted_by::<PushedUpToDate>(), 3, "the last one could still be shown");
    }

    #[test]
    fn a_version_that_is_shown_late_is_rejected() {
        let mut history = watching();
        history.wait(60_001);
        shown(&mut history, Some(1));
        history.rejected_by::<PushedUpToDate>(
            "pushed-up-to-date",
            "ana is subscribed, and for 1m00.001s, in which nothing was wrong, was not shown k-0 v1",
        );
    }

    #[test]
    fn a_version_that_is_never_shown_is_rejected_at_the_end_of_the_subscription_or_of_the_run() {
        let mut history = watching();
        history.wait(61_000);
        history.clone().rejected_by::<PushedUpToDate>("pushed-up-to-date", "not shown k-0 v1");
        history.fact(Fact::Unwatched { request: asked(1) });
        assert_eq!(history.violated::<PushedUpToDate>(), ["pushed-up-to-date"]);
    }

    #[test]
    fn a_fault_begins_the_time_anew() {
        let mut history = watching();
        history.wait(50_000);
        crash(&mut history);
        history.wait(65_000);
        shown(&mut history, Some(1));
        assert_eq!(history.accepted_by::<PushedUpToDate>(), 2);
    }

    #[test]
    fn a_subscription_that_shows_nothing_is_rejected() {
        let mut history = History::default();
        let (query, within) = (Asked::Total(0), Span::from_secs(60));
        let (request, owed, again) = (asked(1), Owed::Nothing, false);
        history.fact(Fact::Watched { request, query, owed, again, within });
        history.wait(61_000);
        history.rejected_by::<PushedUpToDate>("pushed-up-to-date", "was shown nothing");
    }

    /// A customer subscribes who has just written the first version of a counter, which can be read a minute later.
    fn writing() -> History {
        let mut history = History::default();
        let (query, within) = (Asked::Recalled(0), Span::from_secs(30));
        let owed = Owed::Written(Token { stream: counter(0), version: Version(1) });
        history.fact(Fact::Watched { request: asked(1), query, owed, again: false, within });
        history.wait(60_000);
        history
    }

    #[test]
    fn nothing_is_shown_before_the_own_write_can_be_read() {
        let mut history = writing();
        history.append(2, &[(counter(0), Counted::Added(1))]);
        history.wait(29_000);
        shown(&mut history, Some(1));
        assert_eq!(history.accepted_by::<PushedUpToDate>(), 2);
        let mut history = writing();
        history.append(2, &[(counter(0), Counted::Added(1))]);
        history.wait(31_000);
        history.rejected_by::<PushedUpToDate>("pushed-up-to-date", "was shown nothing");
    }

    #[test]
    fn a_dead_letter_rests_for_as_long_as_an_operator_wants() {
        let mut history = writing();
        history.fact(Fact::DeadLettered { queue: 0, position: Position(1) });
        history.wait(600_000);
        history.accepted_by::<PushedUpToDate>();
    }
}
