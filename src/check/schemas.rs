//! `upcast-equals-native`: what was written long ago is read as if it had been written today.

use crate::collections::SortedMap;
use std::borrow::Cow;
use std::sync::Arc;

use super::streams::Streams;
use super::words::{self, because};
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::Step;
use crate::model::{
    CommandId, Domain, Fact, FactKind, Names, Position, Record, Rest, RowKey, Schemas as _, Stored,
    StreamId, Term, Version, View, ViewId, Vocabulary,
};
use crate::platform::schema;

pub(super) const UPCAST_EQUALS_NATIVE: Property = Property {
    id: "upcast-equals-native",
    when: When::AlwaysAndAtRest,
    says: "events of an older schema are read as what was decided when they were written, and the \
           states and rows made of them equal those that today's events give",
};

/// Remembers what was decided behind each event of an older schema. Without such events
/// there is nothing to remember.
#[derive(Clone, Debug)]
pub(super) struct Schemas<D: Domain> {
    names: Arc<Names>,
    tally: Tally,
    /// Whether there is a deploy at all; it is stated before anything is written.
    watching: bool,
    /// The decisions of each command, in today's words.
    decided: SortedMap<CommandId, Vec<Decision<D::Event>>>,
    /// What stands behind each event of an older schema, and when it became visible.
    natives: SortedMap<Position, (Vec<D::Event>, Step)>,
    streams: Streams<Vec<Arc<Stored<D::Event>>>>,
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

impl<D: Domain> Checker<D> for Schemas<D> {
    const PROPERTIES: &'static [Property] = &[UPCAST_EQUALS_NATIVE];
    const FACTS: FactKinds = FactKinds::of(&[
        FactKind::Stored,
        FactKind::Restored,
        FactKind::Deployed,
        FactKind::Decided,
        FactKind::DecidedAgain,
    ]);

    fn new(_: &D, names: &Arc<Names>) -> Self {
        Self {
            names: Arc::clone(names),
            tally: Tally::new(&UPCAST_EQUALS_NATIVE),
            watching: false,
            decided: SortedMap::new(),
            natives: SortedMap::new(),
            streams: Streams::default(),
        }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations) {
        if let Fact::Deployed { .. } = record.fact {
            self.watching = true;
        } else if !self.watching {
        } else if let Fact::Decided { command, events, .. } = &record.fact {
            self.decided.entry(*command).or_default().push(events.clone());
        } else if let Fact::Stored(event) = &record.fact {
            if event.metadata.schema < D::Schemas::SCHEMA {
                self.written(domain, record, event, violations);
            }
            self.streams.entry(event.stream).push(Arc::clone(event));
        } else if let Fact::Restored { stream, snapshot: None, version, state } = &record.fact {
            let mut native = (Version(0), domain.blank(*stream));
            let mut since = Step(0);
            let events = self.streams.get(*stream).into_iter().flatten();
            for event in events.take_while(|event| event.version <= *version) {
                for part in self.native(domain, event).iter() {
                    domain.evolve(&mut native.1, part);
                }
                native.0 = event.version;
                since = since.max(self.natives.get(&event.position).map_or(Step(0), |old| old.1));
            }
            let same = native.0 == *version && native.1 == **state;
            self.tally.check(same, record.at, record.step, violations, || {
                let stream = Vocabulary { domain, names: &self.names }.stream(*stream);
                let says = format!(
                    "what was made of {stream} {version}, with events of an older schema, is not what \
                     today's events give"
                );
                (says, because([since, record.step]))
            });
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, violations: &mut Violations) {
        if !self.natives.is_empty() {
            self.states(rest, violations);
            let kept = D::VIEWS.iter().zip((0..).map(ViewId)).filter(|(view, _)| view.is_kept());
            for (view, id) in kept {
                self.rows(rest, view, id, violations);
            }
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

impl<D: Domain> Schemas<D> {
    /// An event of an older schema became visible: some decision reads like it in that schema, and it
    /// reads today like that decision.
    fn written(
        &mut self,
        domain: &D,
        record: &Record<D>,
        stored: &Stored<D::Event>,
        violations: &mut Violations,
    ) {
        let (id, schema) = (stored.metadata.id, stored.metadata.schema);
        let read = stored.native(domain);
        let decisions = self.decided.get(&id.command).into_iter().flatten();
        let native = match id.command {
            CommandId::Request(_) | CommandId::Effect(_) => {
                let mut behind = decisions.filter_map(|decision| behind(domain, decision, stored));
                behind.next()
            }
            // Only the saga itself decides what it records; it must at least survive both conversions.
            CommandId::Progress { .. } => {
                let parts = read.iter().map(|part| (stored.stream, part.clone())).collect();
                let written = D::Schemas::downcast(domain, schema, parts);
                let survives = matches!(&written[..], [(_, event)] if *event == stored.event);
                survives.then(|| read.to_vec())
            }
        };
        let same = native.as_deref() == Some(&*read);
        self.tally.check(same, record.at, record.step, violations, || {
            let narrator = Vocabulary { domain, names: &self.names };
            let (stream, version) = (narrator.stream(stored.stream), stored.version);
            let list = |events: &[D::Event]| {
                let say = |event| format!("\"{}\"", narrator.term(Term::Event(event)));
                match events {
                    [] => "nothing".to_owned(),
                    events => events.iter().map(say).collect::<Vec<_>>().join(" and "),
                }
            };
            let was = match &native {
                None => "nothing that was ever decided".to_owned(),
                Some(native) => list(native),
            };
            let says = format!(
                "{stream} {version}, written in schema {schema}, was {was}, but is read as {}",
                list(&read)
            );
            (says, because([record.step]))
        });
        let native = native.unwrap_or_else(|| read.into_owned());
        self.natives.insert(stored.position, (native, record.step));
    }

    /// An event as it would be if it had been written today: all its parts.
    fn native<'a>(&'a self, domain: &D, stored: &'a Stored<D::Event>) -> Cow<'a, [D::Event]> {
        match self.natives.get(&stored.position) {
            Some((native, _)) => Cow::Borrowed(native),
            None => stored.native(domain),
        }
    }

    /// Folds every stream with an event of an older schema twice.
    fn states(&mut self, rest: &Rest<'_, D>, violations: &mut Violations) {
        let domain = rest.domain;
        let mut folds: Streams<Option<Twice<D::State>>> = Streams::default();
        let old = |event: &&Arc<Stored<D::Event>>| event.metadata.schema < D::Schemas::SCHEMA;
        for event in rest.events.iter().filter(old) {
            let blank = domain.blank(event.stream);
            let step = self.natives.get(&event.position).map_or(Step(0), |old| old.1);
            let (read, native) = (blank.clone(), blank);
            *folds.entry(event.stream) = Some(Twice { read, native, step });
        }
        for event in &rest.events {
            if folds.get(event.stream).is_some_and(Option::is_some)
                && let Some(Twice { read, native, step: _ }) = folds.entry(event.stream)
            {
                event.native(domain).iter().for_each(|part| domain.evolve(read, part));
                self.native(domain, event).iter().for_each(|part| domain.evolve(native, part));
            }
        }
        for (stream, fold) in folds.iter() {
            let Some(Twice { read, native, step }) = fold else { continue };
            self.tally.check(read == native, rest.at, rest.step, violations, || {
                let stream = Vocabulary { domain, names: &self.names }.stream(stream);
                let says = format!(
                    "{stream}, brought up to date, does not fold to what today's events give"
                );
                (says, because([*step]))
            });
        }
    }

    /// Compares the rows that an event of an older schema touched with those of today's events.
    fn rows(&mut self, rest: &Rest<'_, D>, view: &View, id: ViewId, violations: &mut Violations) {
        let domain = rest.domain;
        let mut rows: SortedMap<RowKey, (Option<D::Row>, Step)> = SortedMap::new();
        for stored in rest.events.iter().filter(|event| event.stream.category == view.category) {
            let step = self.natives.get(&stored.position).map_or(Step(0), |old| old.1);
            for part in self.native(domain, stored).iter() {
                let native = Stored { event: part.clone(), ..(**stored).clone() };
                for key in domain.rows(id, &native) {
                    let (row, touched) = rows.entry(key).or_insert((None, Step(0)));
                    domain.project(id, key, row, &native);
                    *touched = step.max(*touched);
                }
            }
        }
        let live = rest.rows.get(usize::from(id.0));
        for (key, (row, step)) in rows.iter().filter(|(_, (_, step))| *step > Step(0)) {
            let shown = live.and_then(|rows| rows.get(key.0 as usize)).and_then(Option::as_deref);
            self.tally.check(shown == row.as_ref(), rest.at, rest.step, violations, || {
                let narrator = Vocabulary { domain, names: &self.names };
                let says = format!(
                    "{} of {}, with events of an older schema, shows {}, but today's events give {}",
                    view.name,
                    narrator.term(Term::RowOf(id, *key)),
                    words::row(&narrator, shown),
                    words::row(&narrator, rows[key].0.as_ref())
                );
                (says, because([*step]))
            });
        }
    }
}

/// Those events of a decision that stand behind one that was written of it in an older schema; none if
/// it would have been written differently. What was written of a stream stands for the decision's events
/// of that stream, in order, and the last of it for all that are left.
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
            "k-0 v1, written in schema 1, was nothing that was ever decided, but is read as \"added 43\"",
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
            "k-0 v1, written in schema 2, was nothing that was ever decided",
        );
    }

    #[test]
    fn a_state_or_a_row_that_one_part_of_an_old_event_is_missing_from_is_rejected() {
        let mut history = settled(2);
        let (stream, snapshot, version) = (counter(0), None, Version(1));
        let state = Box::new(State::Open);
        history.fact(Fact::Restored { stream, snapshot, version, state });
        history.rejected_by::<Checker>("upcast-equals-native", "what was made of k-0 v1");
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
        history.rejected_by::<Checker>("upcast-equals-native", "what was made of k-0 v2");
    }

    #[test]
    fn a_row_that_an_old_event_is_missing_from_is_rejected() {
        let mut history = deployed();
        history.settle();
        let row = Total { sum: 1, version: Version(2) };
        history.rows[usize::from(TOTALS.0)][0] = Some(Arc::new(row));
        history.rejected_by::<Checker>(
            "upcast-equals-native",
            "Totals of row 0, with events of an older schema, shows \"1 as of v2\", but today's events \
             give \"43 as of v2\"",
        );
    }
}
