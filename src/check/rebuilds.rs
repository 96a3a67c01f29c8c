//! `rebuild-equals-live`: a view can be dropped and rebuilt without any effect outside the read side.

use crate::collections::SortedSet;

use super::folds::{rows, views};
use super::positions::Positions;
use super::streams::{Streams, entry};
use super::words::view as name;
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::Step;
use crate::model::{Domain, Fact, Position, Record, Rest, RowKey, Term, Version, ViewId};

pub(super) const REBUILD_EQUALS_LIVE: Property = Property {
    id: "rebuild-equals-live",
    when: When::AlwaysAndAtRest,
    says: "a view that is rebuilt from position 0 has every event of the one it replaces and shows \
           the same rows, and the rebuild has no external effects",
};

/// Follows what the live table of each view has applied, and the table that is being built.
#[derive(Clone, Debug, Default)]
pub(super) struct Rebuilds {
    views: Vec<Tables>,
    /// The occurrences that only rebuilt.
    replaying: SortedSet<Step>,
    applied_in: Step,
}

#[derive(Clone, Debug, Default)]
struct Tables {
    live: Positions,
    shadow: Option<Shadow>,
}

#[derive(Clone, Debug, Default)]
struct Shadow {
    since: Step,
    applied: Positions,
    versions: Streams<Version>,
}

impl<D: Domain> Checker<D> for Rebuilds {
    const PROPERTIES: &'static [Property] = &[REBUILD_EQUALS_LIVE];
    const FACTS: FactKinds = kinds!(
        Applied RebuildStarted Replayed Rebuilt Published Served Entered SagaCommanded Called
        TimerSet TimerCancelled SwitchedBack
    );

    #[expect(clippy::wildcard_enum_match_arm, reason = "no other fact is an external effect")]
    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        let step = record.step;
        match &record.fact {
            Fact::Applied { view, event, .. } => {
                self.tables(*view).live.insert(event.position);
                self.applied_in = step;
            }
            Fact::RebuildStarted { view } => {
                self.tables(*view).shadow = Some(Shadow { since: step, ..Shadow::default() });
                self.replaying.insert(step);
            }
            Fact::Replayed { view, event } => {
                if self.applied_in != step {
                    self.replaying.insert(step);
                }
                let Some(shadow) = &mut self.tables(*view).shadow else { return };
                let version = event.version;
                let before = std::mem::replace(shadow.versions.entry(event.stream), version);
                shadow.applied.insert(event.position);
                checks.that(&REBUILD_EQUALS_LIVE, version == before.next(), [step], |words| {
                    let (view, stream) = (name::<D>(*view), words.stream(event.stream));
                    format!(
                        "the table that is to replace {view} has {stream} {version} after {before}"
                    )
                });
            }
            Fact::Rebuilt { view, events } => self.swapped((*view, *events), checks),
            Fact::SwitchedBack { view, events } => {
                self.replaying.insert(step);
                let applied = self.tables(*view).live.len();
                checks.that(&REBUILD_EQUALS_LIVE, *events == applied, [step], |_| {
                    let view = name::<D>(*view);
                    format!(
                        "readers of {view} are switched back to a table with {events} events, and {applied} were \
                         applied"
                    )
                });
            }
            Fact::Published { .. }
            | Fact::SagaCommanded { .. }
            | Fact::Called { .. }
            | Fact::TimerSet { .. }
            | Fact::TimerCancelled { .. }
            | Fact::Served { .. }
            | Fact::Entered { .. } => self.effect(record, checks),
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        for (id, view) in views::<D>() {
            let since = self.tables(id).shadow.as_ref().map(|shadow| shadow.since);
            checks.that(&REBUILD_EQUALS_LIVE, since.is_none(), since, |_| {
                format!("a rebuild of {} was started and never finished", view.name)
            });
            if !view.is_kept() {
                continue; // its rows are always built from the log
            }
            let live = rest.rows.get(usize::from(id.0)).map_or(&[][..], Vec::as_slice);
            let rebuilt = rows(rest, id, usize::MAX);
            let differs = (0..live.len().max(rebuilt.len())).find(|&row| {
                if !rest.is_known(id, RowKey(row as u32)) {
                    return false;
                }
                let live = live.get(row).and_then(Option::as_deref);
                live != rebuilt.get(row).and_then(Option::as_ref)
            });
            checks.that(&REBUILD_EQUALS_LIVE, differs.is_none(), [], |words| {
                let what = words.term(Term::RowOf(id, RowKey(differs.unwrap_or(0) as u32)));
                format!("{} of {what} would change if it were rebuilt", view.name)
            });
        }
    }
}

impl Rebuilds {
    fn tables(&mut self, view: ViewId) -> &mut Tables {
        entry(&mut self.views, view.0.into())
    }

    /// The new table takes the place of the live one.
    fn swapped<D: Domain>(&mut self, (view, events): (ViewId, u64), checks: &mut Checks<'_, D>) {
        let step = checks.step();
        self.replaying.insert(step);
        let tables = self.tables(view);
        let Some(shadow) = tables.shadow.take() else { return };
        let lost = tables.live.covered(Position(0), Position(u64::MAX), &shadow.applied).err();
        let replayed = shadow.applied.len();
        let holds = lost.is_none() && replayed == events;
        checks.that(&REBUILD_EQUALS_LIVE, holds, [shadow.since, step], |_| {
            let name = name::<D>(view);
            match lost {
                Some(lost) => format!(
                    "{name} was swapped for a table without the event at {lost}, which it had applied"
                ),
                None => format!(
                    "the table that replaces {name} is said to have {events} events, but {replayed} were \
                     replayed"
                ),
            }
        });
        tables.live = shadow.applied;
    }

    /// An effect outside of the read side.
    #[inline]
    fn effect<D: Domain>(&self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if self.replaying.is_empty() {
            return;
        }
        let replayed =
            [record.step, record.cause].into_iter().find(|at| self.replaying.contains(at));
        let because = [replayed.unwrap_or_default(), record.step];
        checks.that(&REBUILD_EQUALS_LIVE, replayed.is_none(), because, |_| {
            format!("a rebuild had an external effect: {:?}", record.fact.kind())
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

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
    fn readers_can_be_switched_back_to_a_table_with_the_same_events_only() {
        let mut history = settled();
        replay(&mut history, &[0, 1, 2]);
        let mut stale = history.clone();
        history.fact(Fact::SwitchedBack { view: TOTALS, events: 3 });
        history.accepted_by::<Rebuilds>();
        stale.fact(Fact::SwitchedBack { view: TOTALS, events: 2 });
        stale.rejected_by::<Rebuilds>(
            PROPERTY,
            "switched back to a table with 2 events, and 3 were applied",
        );
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
        history.rejected_by::<Rebuilds>(PROPERTY, "was started and never finished");
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
        history.rejected_by::<Rebuilds>(PROPERTY, "had an external effect: Published");
    }
}
