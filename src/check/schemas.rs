//! `upcast-equals-native`: events of older schemas are read as if they were written by the current code.

use crate::collections::SortedMap;
use std::borrow::Cow;

use super::folds::{evolve, kept_views};
use super::streams::Streams;
use super::words::row as say;
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::Step;
use crate::model::{
    CommandId, Domain, EventRef, Fact, Position, Record, Rest, RowKey, Schemas as _, Stored,
    StreamId, Term, Version, View, ViewId,
};
use crate::platform::schema;

pub(super) const UPCAST_EQUALS_NATIVE: Property = Property {
    id: "upcast-equals-native",
    when: When::AlwaysAndAtRest,
    says: "events of an older schema are read with the meaning they had when written, and give the \
           same states and rows as current events",
};

/// Remembers the decision behind each event of an older schema. Without such events there is nothing to
/// remember.
#[derive(Clone, Debug)]
pub(super) struct Schemas<D: Domain> {
    /// Whether the run has a deployment. That is stated before anything is written.
    watching: bool,
    /// The decisions of each command, as current events.
    decided: SortedMap<CommandId, Vec<Decision<D::Event>>>,
    /// The current events for each event of an older schema, and when it became visible.
    natives: SortedMap<Position, (Vec<D::Event>, Step)>,
}

/// Events for streams, in order.
type Decision<E> = Vec<(StreamId, E)>;

/// A stream, folded from what is read and from what was decided.
#[derive(Clone, Debug)]
struct Twice<S> {
    read: S,
    native: S,
    /// When its last event of an older schema became visible.
    step: Step,
}

impl<D: Domain> Default for Schemas<D> {
    fn default() -> Self {
        Self { watching: false, decided: SortedMap::new(), natives: SortedMap::new() }
    }
}

impl<D: Domain> Checker<D> for Schemas<D> {
    const PROPERTIES: &'static [Property] = &[UPCAST_EQUALS_NATIVE];
    const FACTS: FactKinds = kinds!(Stored Restored Deployed Decided DecidedAgain);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if let Fact::Deployed { .. } = record.fact {
            self.watching = true;
        } else if !self.watching {
        } else if let Fact::Decided { command, events, .. } = &record.fact {
            self.decided.entry(*command).or_default().push(events.clone());
        } else if let Fact::Stored(event) = &record.fact {
            if event.metadata.schema < D::Schemas::SCHEMA {
                self.written(event, checks);
            }
        } else if let Fact::Restored { stream, snapshot: None, version, state } = &record.fact {
            let (domain, version) = (checks.words.domain, *version);
            let (mut last, mut native, mut since) = (Version(0), domain.blank(*stream), Step(0));
            let events = checks.archive.events(*stream).iter();
            for event in events.take_while(|event| event.version <= version) {
                self.evolve(domain, &mut native, &event);
                last = event.version;
                since = since.max(self.since(&event));
            }
            let same = last == version && native == **state;
            checks.that(&UPCAST_EQUALS_NATIVE, same, [since, record.step], |words| {
                let stream = words.stream(*stream);
                format!(
                    "the state of {stream} {version}, with events of an older schema, differs from the \
                     fold of current events"
                )
            });
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        if !self.natives.is_empty() {
            self.states(rest, checks);
            kept_views::<D>().for_each(|(id, view)| self.rows(rest, (id, view), checks));
        }
    }
}

impl<D: Domain> Schemas<D> {
    /// An event of an older schema became visible. A decision gives this event in that schema, and the event
    /// is read as that decision.
    fn written(&mut self, stored: &Stored<D::Event>, checks: &mut Checks<'_, D>) {
        let (domain, step) = (checks.words.domain, checks.step());
        let (id, schema) = (stored.metadata.id, stored.metadata.schema);
        let read = stored.native(domain);
        let mut decisions = self.decided.get(&id.command).into_iter().flatten();
        let native = match id.command {
            CommandId::Request(_) | CommandId::Effect(_) => {
                decisions.find_map(|decision| behind(domain, decision, stored))
            }
            // A saga alone decides its record, which must at least survive both conversions.
            CommandId::Progress { .. } => {
                let parts = read.iter().map(|part| (stored.stream, part.clone())).collect();
                let written = D::Schemas::downcast(domain, schema, parts);
                let survives = matches!(&written[..], [(_, event)] if *event == stored.event);
                survives.then(|| read.to_vec())
            }
        };
        let same = native.as_deref() == Some(&*read);
        checks.that(&UPCAST_EQUALS_NATIVE, same, [step], |words| {
            let list = |events: &[D::Event]| {
                let say = |event| format!("\"{}\"", words.term(Term::Event(event)));
                match events {
                    [] => "nothing".to_owned(),
                    events => events.iter().map(say).collect::<Vec<_>>().join(" and "),
                }
            };
            let was = native.as_deref().map_or_else(|| "never decided".to_owned(), list);
            let (stream, version, read) =
                (words.stream(stored.stream), stored.version, list(&read));
            format!(
                "{stream} {version}, written in schema {schema}, was {was}, but is read as {read}"
            )
        });
        let native = native.unwrap_or_else(|| read.into_owned());
        self.natives.insert(stored.position, (native, step));
    }

    /// All parts of an event, as current code would write it.
    fn native<'a>(&'a self, domain: &D, stored: &'a Stored<D::Event>) -> Cow<'a, [D::Event]> {
        match self.natives.get(&stored.position) {
            Some((native, _)) => Cow::Borrowed(native),
            None => stored.native(domain),
        }
    }

    fn evolve(&self, domain: &D, state: &mut D::State, stored: &Stored<D::Event>) {
        self.native(domain, stored).iter().for_each(|part| domain.evolve(state, part));
    }

    /// When an event of an older schema became visible; 0 for a current event.
    fn since(&self, stored: &Stored<D::Event>) -> Step {
        self.natives.get(&stored.position).map_or(Step(0), |(_, since)| *since)
    }

    /// Folds every stream with an event of an older schema twice.
    fn states(&self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        let domain = rest.domain;
        let mut folds: Streams<Option<Twice<D::State>>> = Streams::default();
        let old = |event: &EventRef<'_, D::Event>| event.metadata.schema < D::Schemas::SCHEMA;
        rest.events.iter().filter(old).for_each(|event| {
            let (read, native) = (domain.blank(event.stream), domain.blank(event.stream));
            *folds.entry(event.stream) = Some(Twice { read, native, step: self.since(&event) });
        });
        rest.events.each(|event| {
            if folds.known(event.stream).is_some()
                && let Some(Twice { read, native, step: _ }) = folds.entry(event.stream)
            {
                evolve(domain, read, event);
                self.evolve(domain, native, event);
            }
        });
        for (stream, fold) in folds.iter() {
            let Some(Twice { read, native, step }) = fold else { continue };
            checks.that(&UPCAST_EQUALS_NATIVE, read == native, [*step], |words| {
                let stream = words.stream(stream);
                format!("{stream}, upcast, differs from the fold of current events")
            });
        }
    }

    /// Compares the rows that an event of an older schema touched with those of current events.
    fn rows(&self, rest: &Rest<'_, D>, (id, view): (ViewId, &View), checks: &mut Checks<'_, D>) {
        let domain = rest.domain;
        let mut rows: SortedMap<RowKey, (Option<D::Row>, Step)> = SortedMap::new();
        for stored in rest.events.of(view.category) {
            let step = self.since(&stored);
            for part in self.native(domain, &stored).iter() {
                let native = Stored { event: part.clone(), ..(*stored).clone() };
                for key in domain.rows(id, &native) {
                    let (row, touched) = rows.entry(key).or_insert((None, Step(0)));
                    domain.project(id, key, row, &native);
                    *touched = step.max(*touched);
                }
            }
        }
        let live = rest.rows.get(usize::from(id.0)).map_or(&[][..], Vec::as_slice);
        let touched = rows.iter().filter(|(_, (_, step))| *step > Step(0));
        for (key, (row, step)) in touched.filter(|(key, _)| rest.is_known(id, **key)) {
            let (row, shown) = (row.as_ref(), live.get(key.0 as usize).and_then(Option::as_deref));
            checks.that(&UPCAST_EQUALS_NATIVE, shown == row, [*step], |words| {
                let (of, view) = (words.term(Term::RowOf(id, *key)), view.name);
                let (shown, row) = (say(words, shown), say(words, row));
                format!(
                    "{view} of {of}, with events of an older schema, shows {shown}, but current events \
                     give {row}"
                )
            });
        }
    }
}

/// The events of a decision that one event of an older schema stands for; none if the decision gives
/// another event there. The events of one stream stand for the decision's events of that stream, in
/// order, and the last of them for all that remain.
fn behind<D: Domain>(
    domain: &D,
    decision: &[(StreamId, D::Event)],
    stored: &Stored<D::Event>,
) -> Option<Vec<D::Event>> {
    let (schema, nth) = (stored.metadata.schema, usize::from(stored.metadata.id.nth));
    let written = D::Schemas::downcast(domain, schema, decision.to_vec());
    let of_it = |(stream, _): &&(StreamId, D::Event)| *stream == stored.stream;
    written.get(nth).filter(of_it).filter(|(_, event)| *event == stored.event)?;
    let parts = |event: &D::Event| schema::chain(domain, schema, event).len();
    let before = written[..nth].iter().filter(of_it).map(|(_, event)| parts(event)).sum();
    let is_last = !written[nth + 1..].iter().any(|event| of_it(&event));
    let count = if is_last { usize::MAX } else { parts(&stored.event) };
    let events = decision.iter().filter(of_it).map(|(_, event)| event.clone());
    Some(events.skip(before).take(count).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::check::testing::{
        Counted, Counters, History, SCHEMA, State, TOTALS, Total, counter,
    };

    type Checker = Schemas<Counters>;

    /// A counter that was added to before a deploy and after it.
    fn deployed() -> History {
        let mut history = History::default();
        history.schema = 1;
        history.fact(Fact::Deployed { schema: 1 });
        history.append(1, &[(counter(0), Counted::Added(42))]);
        history.schema = SCHEMA;
        history.fact(Fact::Deployed { schema: SCHEMA });
        history.append(2, &[(counter(0), Counted::Added(1))]);
        history
    }

    fn restored(history: &mut History, state: State) {
        let (stream, snapshot, version) = (counter(0), None, Version(2));
        let state = Box::new(state);
        history.fact(Fact::Restored { stream, snapshot, version, state });
    }

    #[test]
    fn old_events_that_read_as_what_was_decided_are_accepted() {
        let mut history = deployed();
        assert!(matches!(history.log[0].event, Counted::Tallied { tens: 4, ones: 2, last: false }));
        restored(&mut history, State::Open);
        history.settle();
        assert_eq!(history.accepted_by::<Checker>(), 5);
    }

    #[test]
    fn without_an_older_schema_nothing_is_checked() {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(42))]);
        history.settle();
        assert_eq!(history.accepted_by::<Checker>(), 0);
    }

    #[test]
    fn an_event_that_reads_as_something_else_is_rejected() {
        let mut history = History::default();
        history.schema = 1;
        history.fact(Fact::Deployed { schema: 1 });
        history.append(1, &[(counter(0), Counted::Added(42))]);
        history.change_stored(|event| {
            event.event = Counted::Tallied { tens: 4, ones: 3, last: false }
        });
        history.rejected_by::<Checker>(
            "upcast-equals-native",
            "k-0 v1, written in schema 1, was never decided, but is read as \"added 43\"",
        );
    }

    /// A counter that was settled in an older schema: one event, where today's code writes two.
    fn settled(schema: u16) -> History {
        let mut history = History::default();
        history.schema = schema;
        history.fact(Fact::Deployed { schema });
        let others = (counter(1), Counted::Added(7));
        let events = [(counter(0), Counted::Added(42)), others, (counter(0), Counted::Closed)];
        history.append(1, &events);
        history
    }

    #[test]
    fn an_old_event_that_reads_as_two_that_were_decided_is_accepted() {
        for schema in [1, 2] {
            let mut history = settled(schema);
            assert_eq!(history.log.len(), 2, "written as one event for each counter");
            let (stream, snapshot, version) = (counter(0), None, Version(1));
            let state = Box::new(State::Closed);
            history.fact(Fact::Restored { stream, snapshot, version, state });
            history.settle();
            assert!(history.accepted_by::<Checker>() >= 6, "schema {schema}");
        }
    }

    #[test]
    fn an_old_event_a_part_of_which_reads_as_something_else_is_rejected() {
        let mut history = History::default();
        history.schema = 1;
        history.fact(Fact::Deployed { schema: 1 });
        // More than schema 1 could count: what was not written cannot be restored.
        history.append(1, &[(counter(0), Counted::Added(1_042)), (counter(0), Counted::Closed)]);
        history.rejected_by::<Checker>(
            "upcast-equals-native",
            "k-0 v1, written in schema 1, was \"added 1042\" and \"Closed\", but is read as \"added 999\" \
             and \"Closed\"",
        );
        let mut history = settled(2);
        history.change_first(|event| event.event = Counted::Settled(43));
        history.rejected_by::<Checker>(
            "upcast-equals-native",
            "k-0 v1, written in schema 2, was never decided",
        );
    }

    #[test]
    fn a_state_or_a_row_that_one_part_of_an_old_event_is_missing_from_is_rejected() {
        let mut history = settled(2);
        let (stream, snapshot, version) = (counter(0), None, Version(1));
        let state = Box::new(State::Open);
        history.fact(Fact::Restored { stream, snapshot, version, state });
        history.rejected_by::<Checker>("upcast-equals-native", "the state of k-0 v1");
        let mut history = settled(2);
        history.settle();
        let row = Total { sum: 0, version: Version(1) };
        history.rows[usize::from(TOTALS.0)][0] = Some(Arc::new(row));
        history.rejected_by::<Checker>("upcast-equals-native", "give \"42 as of v1\"");
    }

    #[test]
    fn a_state_that_an_old_event_is_missing_from_is_rejected() {
        let mut history = deployed();
        restored(&mut history, State::Closed);
        history.rejected_by::<Checker>("upcast-equals-native", "the state of k-0 v2");
    }

    #[test]
    fn a_row_that_an_old_event_is_missing_from_is_rejected() {
        let mut history = deployed();
        history.settle();
        let row = Total { sum: 1, version: Version(2) };
        history.rows[usize::from(TOTALS.0)][0] = Some(Arc::new(row));
        history.rejected_by::<Checker>(
            "upcast-equals-native",
            "Totals of row 0, with events of an older schema, shows \"1 as of v2\", but current events \
             give \"43 as of v2\"",
        );
    }
}
