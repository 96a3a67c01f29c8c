//! `synchronous` and `on-demand`: what views without a projector promise.
//!
//! Both promise that an answer lacks nothing that was visible when the question was asked. A synchronous
//! view promises it of every visible event. A view on demand promises it of the events before the oldest
//! open transaction, because no reader goes further; if replicas answer its reads, as of the time by which these
//! may be behind.

use crate::collections::SortedMap;

use super::folds::views;
use super::streams::entry;
use super::words::view as name;
use super::{Archive, Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::{Instant, NodeId, Step};
use crate::model::{
    Answer, CustomerId, Domain, Fact, Lookup, Position, Record, RequestId, RowKey, Shows, Stored,
    Strategy, StreamId, Term, Version, ViewId,
};
use crate::platform::schema;

pub(super) const SYNCHRONOUS: Property = Property {
    id: "synchronous",
    when: When::Always,
    says: "a synchronous view shows an event as soon as the event can be read",
};

pub(super) const ON_DEMAND: Property = Property {
    id: "on-demand",
    when: When::Always,
    says: "a view on demand shows every event before the oldest transaction that was open at the time \
           of the query, or before it by as long as a replica may be behind, or says \"not yet\"",
};

/// Follows what each row should show, and what each answer has to show.
#[derive(Clone, Debug, Default)]
pub(super) struct UpToDate {
    /// By view and row: the streams that the row shows. Empty for views with a projector.
    views: Vec<Vec<Vec<Line>>>,
    /// Events that became visible in this step and that synchronous views have yet to show.
    fresh: Vec<(Step, ViewId, Position)>,
    /// The first position of every open transaction, and the one after its last.
    open: SortedMap<Position, Position>,
    store: Option<NodeId>,
    asked: SortedMap<RequestId, Asked>,
}

/// The events of one stream that touch a row, as far as they can still matter.
#[derive(Clone, Debug)]
struct Line {
    stream: StreamId,
    visible: Vec<Visible>,
}

#[derive(Clone, Copy, Debug)]
struct Visible {
    version: Version,
    position: Position,
    step: Step,
}

/// An open question.
#[derive(Clone, Debug)]
struct Asked {
    step: Step,
    view: ViewId,
    key: RowKey,
    /// What its answer has to show.
    owed: Vec<(StreamId, Visible)>,
}

impl<D: Domain> Checker<D> for UpToDate {
    const PROPERTIES: &'static [Property] = &[SYNCHRONOUS, ON_DEMAND];
    const FACTS: FactKinds = kinds!(Stored AppliedInline Allocated Aborted Restarted Queried Told);

    #[expect(clippy::wildcard_enum_match_arm, reason = "no other fact affects what can be read")]
    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if D::VIEWS.iter().all(|view| view.has_projector()) {
            return;
        }
        let (domain, step) = (checks.words.domain, record.step);
        if self.fresh.first().is_some_and(|(fresh, ..)| *fresh < step) {
            self.forgotten(checks);
        }
        match &record.fact {
            Fact::Allocated { first, count, .. } => {
                self.store = Some(record.node);
                self.open.insert(*first, Position(first.0 + u64::from(*count)));
            }
            Fact::Aborted { first: Some(first), .. } => drop(self.open.remove(first)),
            // Its open transactions are rolled back, without a fact for each.
            Fact::Restarted if self.store == Some(record.node) => self.open.clear(),
            Fact::Stored(event) => {
                let horizon = self.horizon_with(event, checks.archive, record.at);
                self.stored(domain, (step, horizon), event);
            }
            Fact::AppliedInline { view, event } => {
                let applied = (step, *view, event.position);
                let due = self.fresh.iter().position(|due| *due == applied);
                if let Some(due) = due {
                    self.fresh.remove(due);
                }
                checks.that(&SYNCHRONOUS, due.is_some(), [step], |words| {
                    let (view, stream) = (name::<D>(*view), words.stream(event.stream));
                    let version = event.version;
                    format!(
                        "{view} shows {stream} {version}, which does not become visible with it"
                    )
                });
            }
            Fact::Queried { request, query, owed, resend: false } => {
                let horizon = self.horizon(checks.archive, record.at);
                let lookup = owed.lookup(domain, request.customer, query);
                self.queried((step, horizon), *request, &lookup);
            }
            Fact::Told { request, answer, .. } => {
                if let Some(asked) = self.asked.remove(request) {
                    Self::told(request.customer, &asked, answer, checks);
                }
            }
            _ => {}
        }
    }
}

impl UpToDate {
    /// Every event before this is visible wherever it is read, or never will be.
    fn horizon<D: Domain>(&self, archive: &Archive<D>, now: Instant) -> Position {
        let open = self.open.keys().next().copied().unwrap_or(Position(u64::MAX));
        archive.lagging.first(now).map_or(open, |lagging| lagging.min(open))
    }

    /// Events became visible, and a synchronous view does not show them.
    fn forgotten<D: Domain>(&mut self, checks: &mut Checks<'_, D>) {
        for (step, view, position) in std::mem::take(&mut self.fresh) {
            checks.that(&SYNCHRONOUS, false, [step], |words| {
                let mut lines = self.views.get(usize::from(view.0)).into_iter().flatten().flatten();
                let line =
                    lines.find(|line| line.visible.iter().any(|seen| seen.position == position));
                let stream = line.map(|line| words.stream(line.stream).to_string());
                let stream = stream.unwrap_or_else(|| "an event".to_owned());
                let view = name::<D>(view);
                format!("{stream} became visible at {position}, but {view} does not show it")
            });
        }
    }

    /// The same when an event has become visible.
    fn horizon_with<D: Domain>(
        &mut self,
        event: &Stored<D::Event>,
        archive: &Archive<D>,
        now: Instant,
    ) -> Position {
        if let Some((&first, &end)) = self.open.range(..=event.position).next_back()
            && event.position < end
        {
            self.open.remove(&first);
        }
        self.horizon(archive, now)
    }

    fn stored<D: Domain>(
        &mut self,
        domain: &D,
        (step, horizon): (Step, Position),
        event: &Stored<D::Event>,
    ) {
        let (version, position) = (event.version, event.position);
        for (id, view) in views::<D>() {
            if view.has_projector() || view.category != event.stream.category {
                continue;
            }
            if view.strategy == Strategy::Synchronous {
                self.fresh.push((step, id, position));
            }
            for key in schema::rows(domain, id, event) {
                let lines = entry(entry(&mut self.views, id.0.into()), key.0 as usize);
                let line = line(lines, event.stream);
                line.visible.push(Visible { version, position, step });
                // Of those that every reader can read, only the newest matters.
                let readable = match view.strategy {
                    Strategy::Synchronous => line.visible.len(),
                    Strategy::Outbox | Strategy::OnDemand => {
                        line.visible.partition_point(|seen| seen.position < horizon)
                    }
                };
                line.visible.drain(..readable.saturating_sub(1));
            }
        }
    }

    fn queried<D: Domain>(
        &mut self,
        (step, horizon): (Step, Position),
        request: RequestId,
        lookup: &Lookup<D>,
    ) {
        let Lookup::Row(view, key) = *lookup else { return };
        let before = match D::VIEWS[usize::from(view.0)].strategy {
            Strategy::Outbox => return,
            Strategy::Synchronous => Position(u64::MAX),
            Strategy::OnDemand => horizon,
        };
        let rows = self.views.get(usize::from(view.0));
        let lines = rows.and_then(|rows| rows.get(key.0 as usize)).into_iter().flatten();
        let owed = lines.filter_map(|Line { stream, visible }| {
            let newest = visible.iter().rev().find(|seen| seen.position < before)?;
            Some((*stream, *newest))
        });
        let asked = Asked { step, view, key, owed: owed.collect() };
        self.asked.insert(request, asked);
    }

    fn told<D: Domain>(
        customer: CustomerId,
        asked: &Asked,
        answer: &Answer<D>,
        checks: &mut Checks<'_, D>,
    ) {
        // "Not yet" can come from the customer's own client, if another answer that overtook this one
        // showed more.
        let Answer::Shown(query, row) = answer else { return };
        let property = match D::VIEWS[usize::from(asked.view.0)].strategy {
            Strategy::Synchronous => &SYNCHRONOUS,
            Strategy::Outbox | Strategy::OnDemand => &ON_DEMAND,
        };
        let shows = Shows::of(checks.words.domain, asked.view, asked.key, row.as_ref());
        for (stream, newest) in &asked.owed {
            let (shown, version) = (shows.version(*stream), newest.version);
            let because = [newest.step, asked.step, checks.step()];
            checks.that(property, shown >= version, because, |words| {
                let (name, stream) = (words.customer(customer), words.stream(*stream));
                let query = words.term(Term::Query(query));
                format!(
                    "{stream} {version} could be read when {name} asked for {query}, but the answer \
                     shows {shown} of it"
                )
            });
        }
    }
}

/// The line of a stream in a row.
fn line(lines: &mut Vec<Line>, stream: StreamId) -> &mut Line {
    let known = lines.iter().position(|line| line.stream == stream);
    let place = known.unwrap_or_else(|| {
        lines.push(Line { stream, visible: Vec::new() });
        lines.len() - 1
    });
    &mut lines[place]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Asked as Query, Counted, History, Total, asked, counter};
    use crate::kernel::Span;
    use crate::model::{Answer, Owed};

    fn added(history: &mut History, nth: u32) {
        history.append(nth, &[(counter(0), Counted::Added(1))]);
    }

    fn asks(history: &mut History, nth: u32, query: Query) {
        let request = asked(nth);
        history.fact(Fact::Queried { request, query, owed: Owed::Nothing, resend: false });
    }

    fn shown(history: &mut History, nth: u32, query: Query, version: Option<u32>) {
        let row = version.map(|version| Total { sum: version, version: Version(version) });
        let answer = Answer::Shown(query, row);
        history.fact(Fact::Told { request: asked(nth), owed: Owed::Nothing, answer });
    }

    #[test]
    fn an_answer_with_all_that_was_visible_when_it_was_asked_for_is_accepted() {
        for query in [Query::Head(0), Query::Recalled(0)] {
            let mut history = History::default();
            asks(&mut history, 1, query.clone());
            shown(&mut history, 1, query.clone(), None);
            added(&mut history, 1);
            asks(&mut history, 2, query.clone());
            added(&mut history, 2);
            shown(&mut history, 2, query.clone(), Some(1));
            asks(&mut history, 3, query.clone());
            shown(&mut history, 3, query, Some(2));
            assert!(history.accepted_by::<UpToDate>() >= 2);
        }
    }

    #[test]
    fn an_answer_from_before_its_question_is_rejected() {
        let says = "k-0 v2 could be read when ana asked for";
        for (query, property) in
            [(Query::Head(0), "synchronous"), (Query::Recalled(0), "on-demand")]
        {
            let mut history = History::default();
            (1..=2).for_each(|nth| added(&mut history, nth));
            asks(&mut history, 1, query.clone());
            let mut nothing = history.clone();
            shown(&mut history, 1, query.clone(), Some(1));
            history.rejected_by::<UpToDate>(property, says);
            shown(&mut nothing, 1, query, None);
            nothing.rejected_by::<UpToDate>(property, "but the answer shows v0 of it");
        }
    }

    #[test]
    fn events_behind_an_open_transaction_are_owed_by_the_synchronous_view_alone() {
        let behind = |query: Query| {
            let mut history = History::default();
            added(&mut history, 1);
            let slow = history.begin(2, &[(counter(1), Counted::Added(1))]);
            added(&mut history, 3);
            asks(&mut history, 1, query.clone());
            history.finish(slow);
            shown(&mut history, 1, query, Some(1));
            history
        };
        behind(Query::Recalled(0)).accepted_by::<UpToDate>();
        behind(Query::Head(0)).rejected_by::<UpToDate>("synchronous", "k-0 v2 could be read");
    }

    #[test]
    fn when_the_transaction_is_over_what_lay_behind_it_is_owed() {
        let mut history = History::default();
        let slow = history.begin(2, &[(counter(1), Counted::Added(1))]);
        added(&mut history, 3);
        history.finish(slow);
        asks(&mut history, 1, Query::Recalled(0));
        shown(&mut history, 1, Query::Recalled(0), None);
        history.rejected_by::<UpToDate>("on-demand", "k-0 v1 could be read");
    }

    /// Replicas are two seconds behind. Two events come two seconds and one second before the question.
    fn behind(query: Query, version: Option<u32>) -> History {
        let mut history = History::default();
        history.fact(Fact::ReplicaReads { lag: Span::from_secs(2) });
        added(&mut history, 1);
        history.wait(1_000);
        added(&mut history, 2);
        history.wait(1_000);
        asks(&mut history, 1, query.clone());
        history.wait(500);
        shown(&mut history, 1, query, version);
        history
    }

    #[test]
    fn what_replicas_may_lack_when_the_question_is_asked_is_not_owed() {
        behind(Query::Recalled(0), Some(1)).accepted_by::<UpToDate>();
        behind(Query::Recalled(0), Some(2)).accepted_by::<UpToDate>();
        behind(Query::Recalled(0), None)
            .rejected_by::<UpToDate>("on-demand", "k-0 v1 could be read");
        behind(Query::Head(0), Some(1))
            .rejected_by::<UpToDate>("synchronous", "k-0 v2 could be read");
    }

    #[test]
    fn what_lies_behind_a_gap_that_a_replica_may_have_is_not_owed() {
        let asked_after = |wait| {
            let mut history = History::default();
            history.fact(Fact::ReplicaReads { lag: Span::from_secs(2) });
            let slow = history.begin(2, &[(counter(1), Counted::Added(1))]);
            added(&mut history, 3);
            history.wait(5_000);
            history.finish(slow);
            history.wait(wait);
            asks(&mut history, 1, Query::Recalled(0));
            shown(&mut history, 1, Query::Recalled(0), None);
            history
        };
        asked_after(1_999).accepted_by::<UpToDate>();
        asked_after(2_000).rejected_by::<UpToDate>("on-demand", "k-0 v1 could be read");
    }

    #[test]
    fn the_answer_not_yet_shows_nothing_old() {
        for query in [Query::Head(0), Query::Recalled(0)] {
            let mut history = History::default();
            added(&mut history, 1);
            asks(&mut history, 1, query.clone());
            let answer = Answer::NotYet(query);
            history.fact(Fact::Told { request: asked(1), owed: Owed::Nothing, answer });
            history.accepted_by::<UpToDate>();
        }
    }

    #[test]
    fn an_event_that_becomes_visible_before_the_view_shows_it_is_rejected() {
        let mut history = History::default();
        added(&mut history, 1);
        let (_, late) = history.facts.remove(
            history
                .facts
                .iter()
                .position(|(_, fact)| matches!(fact, Fact::AppliedInline { .. }))
                .expect("the view follows"),
        );
        asks(&mut history, 1, Query::Opinions);
        history.fact(late);
        history.rejected_by::<UpToDate>(
            "synchronous",
            "k-0 became visible at @1, but Heads does not show it",
        );
    }

    #[test]
    fn a_view_that_shows_an_event_twice_is_rejected() {
        let mut history = History::default();
        added(&mut history, 1);
        let again =
            history.facts.iter().find(|(_, fact)| matches!(fact, Fact::AppliedInline { .. }));
        let (_, again) = again.expect("the view follows").clone();
        history.fact(again);
        history.rejected_by::<UpToDate>("synchronous", "which does not become visible with it");
    }
}
