//! `synchronous` and `on-demand`: what is promised of views that no projector keeps.
//!
//! Both promise that an answer lacks nothing that could be read when the question was asked. A view that
//! is kept in the transaction promises it of every event that is visible; one that is made from the log
//! on demand, of what lies before the oldest open transaction, because no reader goes further than that.

use crate::collections::SortedMap;
use std::sync::Arc;

use super::streams::entry;
use super::words::{because, view as name};
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::{NodeId, Step};
use crate::model::{
    Answer, CustomerId, Domain, Fact, FactKind, Lookup, Names, Owed, Position, Record, RequestId,
    RowKey, Shows, Stored, Strategy, StreamId, Term, Version, ViewId, Vocabulary,
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
    says: "a view on demand shows every event before the oldest transaction that was open when it was \
           asked for, or says \"not yet\"",
};

/// Follows what each row should show, and what each question may expect.
#[derive(Clone, Debug)]
pub(super) struct UpToDate {
    names: Arc<Names>,
    synchronous: Tally,
    on_demand: Tally,
    /// By view and row: the streams that it shows something of. Empty for views with a projector.
    views: Vec<Vec<Vec<Line>>>,
    /// Whether every view has a projector: then there is nothing to violations.
    idle: bool,
    /// Events that became visible in this step and that synchronous views have yet to show.
    fresh: Vec<(Step, ViewId, Position)>,
    /// The first position of every open transaction.
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

/// A question that is not answered yet.
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
    const FACTS: FactKinds = FactKinds::of(&[
        FactKind::Stored,
        FactKind::AppliedInline,
        FactKind::Allocated,
        FactKind::Aborted,
        FactKind::Restarted,
        FactKind::Queried,
        FactKind::Told,
    ]);

    fn new(_: &D, names: &Arc<Names>) -> Self {
        Self {
            names: Arc::clone(names),
            synchronous: Tally::new(&SYNCHRONOUS),
            on_demand: Tally::new(&ON_DEMAND),
            views: D::VIEWS.iter().map(|_| Vec::new()).collect(),
            idle: D::VIEWS.iter().all(|view| view.has_projector()),
            fresh: Vec::new(),
            open: SortedMap::new(),
            store: None,
            asked: SortedMap::new(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing else bears on what can be read")]
    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations) {
        if self.idle {
            return;
        }
        if self.fresh.first().is_some_and(|(step, ..)| *step < record.step) {
            self.forgotten(domain, record, violations);
        }
        match &record.fact {
            Fact::Allocated { first, count, .. } => {
                self.store = Some(record.node);
                self.open.insert(*first, Position(first.0 + u64::from(*count)));
            }
            Fact::Aborted { first: Some(first), .. } => drop(self.open.remove(first)),
            // Its open transactions are rolled back, and it says so of none.
            Fact::Restarted if self.store == Some(record.node) => self.open.clear(),
            Fact::Stored(event) => self.stored(domain, record.step, event),
            Fact::AppliedInline { view, event } => {
                let known = (record.step, *view, event.position);
                let due = self.fresh.iter().position(|due| *due == known);
                if let Some(due) = due {
                    self.fresh.remove(due);
                }
                self.synchronous.check(due.is_some(), record.at, record.step, violations, || {
                    let stream = Vocabulary { domain, names: &self.names }.stream(event.stream);
                    let (view, version) = (name::<D>(*view), event.version);
                    let says = format!(
                        "{view} shows {stream} {version}, which does not become visible with it"
                    );
                    (says, because([record.step]))
                });
            }
            Fact::Queried { request, query, owed, resend: false } => {
                self.queried(domain, record.step, *request, (*owed, query));
            }
            Fact::Told { request, answer, .. } => {
                if let Some(asked) = self.asked.remove(request) {
                    self.told(domain, record, request.customer, &asked, answer, violations);
                }
            }
            _ => {}
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.synchronous, &self.on_demand]
    }
}

impl UpToDate {
    /// Everything before this is visible, or burned for good.
    fn horizon(&self) -> Position {
        self.open.keys().next().copied().unwrap_or(Position(u64::MAX))
    }

    /// Something became visible, and a synchronous view does not show it.
    fn forgotten<D: Domain>(
        &mut self,
        domain: &D,
        record: &Record<D>,
        violations: &mut Violations,
    ) {
        for (step, view, position) in std::mem::take(&mut self.fresh) {
            self.synchronous.check(false, record.at, record.step, violations, || {
                let lines = self.views[usize::from(view.0)].iter().flatten();
                let of = |line: &&Line| line.visible.iter().any(|seen| seen.position == position);
                let stream = lines.clone().find(of).map(|line| line.stream);
                let stream =
                    stream.map(|stream| Vocabulary { domain, names: &self.names }.stream(stream));
                let stream = stream.map_or_else(|| "an event".to_owned(), |said| said.to_string());
                let view = name::<D>(view);
                let says =
                    format!("{stream} became visible at {position}, but {view} does not show it");
                (says, because([step]))
            });
        }
    }

    fn stored<D: Domain>(&mut self, domain: &D, step: Step, event: &Stored<D::Event>) {
        let (version, position) = (event.version, event.position);
        if let Some((&first, &end)) = self.open.range(..=position).next_back()
            && position < end
        {
            self.open.remove(&first);
        }
        let horizon = self.horizon();
        for (view, id) in D::VIEWS.iter().zip((0..).map(ViewId)) {
            if view.has_projector() || view.category != event.stream.category {
                continue;
            }
            if view.strategy == Strategy::Synchronous {
                self.fresh.push((step, id, position));
            }
            for key in schema::rows(domain, id, event) {
                let line = line(&mut self.views[usize::from(id.0)], key, event.stream);
                line.visible.push(Visible { version, position, step });
                // Of those that everybody can read only the newest matters.
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
        domain: &D,
        step: Step,
        request: RequestId,
        (owed, query): (Owed, &D::Query),
    ) {
        let Lookup::Row(view, key) = owed.lookup(domain, request.customer, query) else { return };
        let before = match D::VIEWS[usize::from(view.0)].strategy {
            Strategy::Outbox => return,
            Strategy::Synchronous => Position(u64::MAX),
            Strategy::OnDemand => self.horizon(),
        };
        let lines = self.views[usize::from(view.0)].get(key.0 as usize).into_iter().flatten();
        let owed = lines.filter_map(|Line { stream, visible }| {
            let newest = visible.iter().rev().find(|seen| seen.position < before)?;
            Some((*stream, *newest))
        });
        let asked = Asked { step, view, key, owed: owed.collect() };
        self.asked.insert(request, asked);
    }

    fn told<D: Domain>(
        &mut self,
        domain: &D,
        record: &Record<D>,
        customer: CustomerId,
        asked: &Asked,
        answer: &Answer<D>,
        violations: &mut Violations,
    ) {
        // "Not yet" can be the word of the customer's own client, which was shown more by an answer that
        // overtook this one.
        let Answer::Shown(query, row) = answer else { return };
        let tally = match D::VIEWS[usize::from(asked.view.0)].strategy {
            Strategy::Synchronous => &mut self.synchronous,
            Strategy::Outbox | Strategy::OnDemand => &mut self.on_demand,
        };
        let shows = Shows::of(domain, asked.view, asked.key, row.as_ref());
        for (stream, newest) in &asked.owed {
            let shown = shows.version(*stream);
            tally.check(shown >= newest.version, record.at, record.step, violations, || {
                let narrator = Vocabulary { domain, names: &self.names };
                let (who, stream) = (self.names.customer(customer), narrator.stream(*stream));
                let query = narrator.term(Term::Query(query));
                let says = format!(
                    "{stream} {} could be read when {who} asked for {query}, but they were shown \
                     {shown} of it",
                    newest.version
                );
                (says, because([newest.step, asked.step, record.step]))
            });
        }
    }
}

/// The line of a stream in a row.
fn line(rows: &mut Vec<Vec<Line>>, key: RowKey, stream: StreamId) -> &mut Line {
    let lines = entry(rows, key.0 as usize);
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
    use crate::model::Answer;

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
            nothing.rejected_by::<UpToDate>(property, "but they were shown v0 of it");
        }
    }

    #[test]
    fn what_lies_behind_an_open_transaction_is_owed_by_the_synchronous_view_alone() {
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

    #[test]
    fn not_yet_shows_nothing_and_so_nothing_old() {
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
