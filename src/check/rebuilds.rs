//! `rebuild-equals-live`: a view can be dropped and rebuilt without any effect outside the read side.

use crate::collections::SortedSet;
use std::sync::Arc;

use super::convergence::fold;
use super::positions::Positions;
use super::streams::Streams;
use super::words::{because, view as name};
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::Step;
use crate::model::{
    Domain, Fact, FactKind, Names, Position, Record, Rest, RowKey, Term, Version, ViewId,
    Vocabulary,
};

pub(super) const REBUILD_EQUALS_LIVE: Property = Property {
    id: "rebuild-equals-live",
    when: When::AlwaysAndAtRest,
    says: "a view that is rebuilt from position 0 has every event of the one it replaces and shows \
           the same rows, and a rebuild causes no effect outside the read side",
};

/// Follows what the live table of each view has applied, and the one that is being built.
#[derive(Clone, Debug)]
pub(super) struct Rebuilds {
    names: Arc<Names>,
    tally: Tally,
    views: Vec<Tables>,
    /// The occurrences that did nothing but rebuild.
    replaying: SortedSet<Step>,
    applied_in: Step,
}

#[derive(Clone, Debug, Default)]
struct Tables {
    live: Positions,
    shadow: Option<Shadow>,
}

#[derive(Clone, Debug)]
struct Shadow {
    since: Step,
    applied: Positions,
    versions: Streams<Version>,
}

impl<D: Domain> Checker<D> for Rebuilds {
    const PROPERTIES: &'static [Property] = &[REBUILD_EQUALS_LIVE];
    const FACTS: FactKinds = FactKinds::of(&[
        FactKind::Applied,
        FactKind::RebuildStarted,
        FactKind::Replayed,
        FactKind::Rebuilt,
        FactKind::Published,
        FactKind::Served,
        FactKind::Entered,
        FactKind::SagaCommanded,
        FactKind::Called,
        FactKind::TimerSet,
        FactKind::TimerCancelled,
    ]);

    fn new(_: &D, names: &Arc<Names>) -> Self {
        Self {
            names: Arc::clone(names),
            tally: Tally::new(&REBUILD_EQUALS_LIVE),
            views: vec![Tables::default(); D::VIEWS.len()],
            replaying: SortedSet::new(),
            applied_in: Step(0),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "no other fact is an effect outside")]
    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations) {
        let step = record.step;
        match &record.fact {
            Fact::Applied { view, event, .. } => {
                self.views[usize::from(view.0)].live.insert(event.position);
                self.applied_in = step;
            }
            Fact::RebuildStarted { view } => {
                let (applied, versions) = (Positions::default(), Streams::default());
                let shadow = Some(Shadow { since: step, applied, versions });
                self.views[usize::from(view.0)].shadow = shadow;
                self.replaying.insert(step);
            }
            Fact::Replayed { view, event } => {
                if self.applied_in != step {
                    self.replaying.insert(step);
                }
                let Some(shadow) = &mut self.views[usize::from(view.0)].shadow else { return };
                let version = shadow.versions.entry(event.stream);
                let (before, next) = (*version, event.version == version.next());
                *version = event.version;
                shadow.applied.insert(event.position);
                self.tally.check(next, record.at, step, violations, || {
                    let stream = Vocabulary { domain, names: &self.names }.stream(event.stream);
                    let (view, version) = (name::<D>(*view), event.version);
                    let says = format!(
                        "the table that is to replace {view} has {stream} {version} after {before}"
                    );
                    (says, because([step]))
                });
            }
            Fact::Rebuilt { view, events } => {
                self.swapped::<D>(record, (*view, *events), violations)
            }
            Fact::Published { .. }
            | Fact::SagaCommanded { .. }
            | Fact::Called { .. }
            | Fact::TimerSet { .. }
            | Fact::TimerCancelled { .. }
            | Fact::Served { .. }
            | Fact::Entered { .. } => self.effect(record, violations),
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, violations: &mut Violations) {
        let nothing = Vec::new();
        for ((view, id), tables) in D::VIEWS.iter().zip((0..).map(ViewId)).zip(&self.views) {
            let since = tables.shadow.as_ref().map(|shadow| shadow.since);
            self.tally.check(since.is_none(), rest.at, rest.step, violations, || {
                let says = format!("a rebuild of {} was begun and never finished", view.name);
                (says, because([since.unwrap_or_default()]))
            });
            if !view.is_kept() {
                continue; // there is nothing but what is built from the log
            }
            let live = rest.rows.get(usize::from(id.0)).unwrap_or(&nothing);
            let rebuilt = fold(rest, view, id);
            let differs = (0..live.len().max(rebuilt.len())).find(|&row| {
                let live = live.get(row).and_then(|row| row.as_deref());
                live != rebuilt.get(row).and_then(Option::as_ref)
            });
            self.tally.check(differs.is_none(), rest.at, rest.step, violations, || {
                let narrator = Vocabulary { domain: rest.domain, names: rest.names };
                let what = narrator.term(Term::RowOf(id, RowKey(differs.unwrap_or(0) as u32)));
                let view = view.name;
                (format!("{view} of {what} would change if it were rebuilt"), Vec::new())
            });
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

impl Rebuilds {
    /// The new table takes the place of the live one.
    fn swapped<D: Domain>(
        &mut self,
        record: &Record<D>,
        (view, events): (ViewId, u64),
        violations: &mut Violations,
    ) {
        self.replaying.insert(record.step);
        let tables = &mut self.views[usize::from(view.0)];
        let Some(shadow) = tables.shadow.take() else { return };
        let lacks = tables.live.covered(Position(0), Position(u64::MAX), &shadow.applied).err();
        let honest = shadow.applied.len() == events;
        self.tally.check(lacks.is_none() && honest, record.at, record.step, violations, || {
            let name = name::<D>(view);
            let says = match lacks {
                Some(lost) => format!(
                    "{name} was swapped for a table without the event at {lost}, which it had applied"
                ),
                None => format!(
                    "the table that replaces {name} is said to have {events} events, but {} were \
                     replayed",
                    shadow.applied.len()
                ),
            };
            (says, because([shadow.since, record.step]))
        });
        tables.live = shadow.applied;
    }

    /// Something that is seen outside of the read side.
    #[inline]
    fn effect<D: Domain>(&mut self, record: &Record<D>, violations: &mut Violations) {
        if self.replaying.is_empty() {
            return;
        }
        let replayed =
            [record.step, record.cause].into_iter().find(|at| self.replaying.contains(at));
        self.tally.check(replayed.is_none(), record.at, record.step, violations, || {
            let says =
                format!("a rebuild led to an effect outside of it: {:?}", record.fact.kind());
            (says, because([replayed.unwrap_or_default(), record.step]))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, History, TOTALS, counter};

    /// Two counters, all of it applied.
    fn settled() -> History {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1)), (counter(1), Counted::Added(2))]);
        history.append(2, &[(counter(0), Counted::Added(3))]);
        history.settle();
        history
    }

    fn replay(history: &mut History, indices: &[usize]) {
        history.fact(Fact::RebuildStarted { view: TOTALS });
        for index in indices {
            let event = Arc::clone(&history.log[*index]);
            history.fact(Fact::Replayed { view: TOTALS, event });
        }
        history.fact(Fact::Rebuilt { view: TOTALS, events: indices.len() as u64 });
    }

    const PROPERTY: &str = "rebuild-equals-live";

    #[test]
    fn a_table_with_every_event_takes_the_place_of_the_live_one() {
        let mut history = settled();
        replay(&mut history, &[0, 1, 2]);
        replay(&mut history, &[1, 0, 2]);
        assert!(history.accepted_by::<Rebuilds>() > 6);
    }

    #[test]
    fn a_table_that_lacks_what_came_meanwhile_is_rejected() {
        let mut history = settled();
        replay(&mut history, &[0, 1]);
        history.rejected_by::<Rebuilds>(PROPERTY, "without the event at @3, which it had applied");
    }

    #[test]
    fn a_replay_out_of_order_is_rejected() {
        let mut history = settled();
        replay(&mut history, &[2, 0, 1]);
        history.rejected_by::<Rebuilds>(PROPERTY, "has k-0 v2 after v0");
    }

    #[test]
    fn a_rebuild_that_never_ends_is_rejected() {
        let mut history = settled();
        history.fact(Fact::RebuildStarted { view: TOTALS });
        history.rejected_by::<Rebuilds>(PROPERTY, "was begun and never finished");
    }

    #[test]
    fn rows_that_the_log_does_not_give_again_are_rejected() {
        let mut history = settled();
        history.rows[usize::from(TOTALS.0)].pop();
        history.rejected_by::<Rebuilds>(PROPERTY, "Totals of row 1 would change");
    }

    #[test]
    fn an_effect_of_a_rebuild_is_rejected() {
        let mut history = settled();
        replay(&mut history, &[0, 1, 2]);
        let mut late = history.clone();
        let published = || Fact::Published { event: Arc::clone(&settled().log[0]), again: false };
        late.fact(Fact::Marked { upto: Position(0) });
        late.fact(published());
        late.accepted_by::<Rebuilds>();
        history.fact(published());
        history.rejected_by::<Rebuilds>(PROPERTY, "led to an effect outside of it: Published");
    }
}
