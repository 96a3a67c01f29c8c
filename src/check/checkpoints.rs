//! `checkpoint-behind` and `no-lost-event`: no event is lost between the log and its readers.
//!
//! Positions are allocated before commit and become visible out of order: a reader that has seen
//! position 9 may still have 8 before it. A checkpoint that says "all up to 9" too early loses 8.

use super::folds::kept_views;
use super::positions::Positions;
use super::streams::{Streams, entry};
use super::words::view as name;
use super::{Checker, Checks, FactKinds, Lost, Property, When, kinds};
use crate::kernel::Step;
use crate::model::{
    self, Domain, Fact, Ordinal, Position, Record, Rest, Sagas as _, Stored, ViewId,
};
use crate::platform::topology::{queue_of, saga_queue};

pub(super) const CHECKPOINT_BEHIND: Property = Property {
    id: "checkpoint-behind",
    when: When::Always,
    says: "a checkpoint never passes an event that is not applied or not yet visible",
};

pub(super) const NO_LOST_EVENT: Property = Property {
    id: "no-lost-event",
    when: When::AtRest,
    says: "every stored event is applied once by every view that subscribes to it, and reaches the sagas \
           that follow it; outbox, queues, reorder buffers and dead letters are empty",
};

/// Follows what is visible, what each view has applied, and the checkpoint of each view.
#[derive(Clone, Debug, Default)]
pub(super) struct Checkpoints {
    categories: Vec<Category>,
    views: Vec<Progress>,
    /// What the saga orchestrator has acknowledged.
    handled: Positions,
}

#[derive(Clone, Debug, Default)]
struct Category {
    visible: Positions,
    /// The furthest checkpoint of this category, its view, and since when.
    furthest: Option<(Position, ViewId, Step)>,
}

#[derive(Clone, Debug, Default)]
struct Progress {
    applied: Positions,
    applications: u64,
    upto: Position,
    /// Visible events of the category up to there: all of them applied.
    count: u64,
    step: Step,
}

impl<D: Domain> Checker<D> for Checkpoints {
    const PROPERTIES: &'static [Property] = &[CHECKPOINT_BEHIND, NO_LOST_EVENT];
    const FACTS: FactKinds = kinds!(Stored Applied AppliedInline Acked);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if let Fact::Applied { view, event, checkpoint, upto } = &record.fact {
            self.applied((*view, event), (*checkpoint, *upto), checks);
        } else if let Fact::AppliedInline { view, event } = &record.fact {
            entry(&mut self.views, view.0.into()).add(event.position);
        } else if let Fact::Acked { queue, position } = record.fact {
            if queue == saga_queue::<D>() {
                self.handled.insert(position);
            }
        } else if let Fact::Stored(event) = &record.fact {
            self.stored(event, checks);
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        self.views.resize_with(D::VIEWS.len(), Progress::default);
        for (id, view) in kept_views::<D>() {
            let progress = &self.views[usize::from(id.0)];
            let queue = queue_of::<D>(id);
            self.arrived(rest, (view.category, queue), &progress.applied, checks, |event| {
                format!("{event}, but {} never applied it", view.name)
            });
            let (often, once) = (progress.applications, progress.applied.len());
            checks.that(&NO_LOST_EVENT, often == once, [], |_| {
                format!("{} applied {once} events in {often} transactions", view.name)
            });
        }
        for (category, _) in D::Sagas::FOLLOWS {
            let to = (*category, Some(saga_queue::<D>()));
            self.arrived(rest, to, &self.handled, checks, |event| {
                format!("{event}, but the saga orchestrator never acknowledged it")
            });
        }
        let mut empty = |left: u64, place: &dyn Fn() -> String| {
            checks.that(&NO_LOST_EVENT, left == 0, [], |_| {
                format!("events left {}: {left}", place())
            });
        };
        empty(rest.unsent, &|| "unsent in the outbox".to_owned());
        for (queue, &left) in rest.queued.iter().enumerate() {
            empty(left, &|| format!("in queue {queue}"));
        }
        let projected = D::VIEWS.iter().filter(|view| view.has_projector());
        for (&left, view) in rest.buffered.iter().zip(projected) {
            empty(left, &|| format!("in the reorder buffer of {}", view.name));
        }
        let first = rest.dead_letters.first().map(|letter| letter.position).unwrap_or_default();
        let holds = rest.dead_letters.is_empty();
        checks.that(&NO_LOST_EVENT, holds, [checks.archive.step(first)], |_| {
            format!("unhandled dead letters: {}, {first} first", rest.dead_letters.len())
        });
    }
}

impl Checkpoints {
    /// Checks that a consumer has every event of its category. The first event of a stream that it lacks
    /// is the one that was lost; the later ones wait for it.
    fn arrived<D: Domain>(
        &self,
        rest: &Rest<'_, D>,
        (category, queue): (model::Category, Option<u8>),
        has: &Positions,
        checks: &mut Checks<'_, D>,
        says: impl Fn(String) -> String,
    ) {
        let mut first: Streams<Option<Position>> = Streams::default();
        rest.events.each_of(category, |event| {
            let position = event.position;
            let holds = has.contains(position);
            let lost = match holds {
                true => position,
                false => *first.entry(event.stream).get_or_insert(position),
            };
            let lost = Lost { position: lost, queue };
            let seen = checks.archive.step(position);
            checks.arrives(&NO_LOST_EVENT, holds, lost, [seen], |words| {
                let (stream, version) = (words.stream(event.stream), event.version);
                says(format!("{stream} {version} is stored at {position}"))
            });
        });
    }
}

impl Progress {
    fn add(&mut self, position: Position) {
        self.applications += 1;
        self.applied.insert(position);
    }
}

impl Checkpoints {
    fn stored<D: Domain>(&mut self, event: &Stored<D::Event>, checks: &mut Checks<'_, D>) {
        let (position, now) = (event.position, checks.step());
        let category = entry(&mut self.categories, event.stream.category.0.into());
        category.visible.insert(position);
        let passed = category.furthest.filter(|(upto, ..)| *upto >= position);
        let (upto, view, since) = passed.unwrap_or((position, ViewId(0), Step(0)));
        checks.that(&CHECKPOINT_BEHIND, passed.is_none(), [since, now], |words| {
            let (view, stream) = (name::<D>(view), words.stream(event.stream));
            format!(
                "{stream} {} becomes visible at {position}, but the checkpoint of {view} is already at \
                 {upto}",
                event.version
            )
        });
    }

    fn applied<D: Domain>(
        &mut self,
        (view, event): (ViewId, &Stored<D::Event>),
        (checkpoint, upto): (Ordinal, Position),
        checks: &mut Checks<'_, D>,
    ) {
        let category = D::VIEWS[usize::from(view.0)].category;
        let category = entry(&mut self.categories, category.0.into());
        let progress = entry(&mut self.views, view.0.into());
        let (before, now, position) = (progress.step, checks.step(), event.position);
        progress.add(position);

        let visible = category.visible.contains(position);
        checks.that(&CHECKPOINT_BEHIND, visible, [now], |words| {
            let (view, stream) = (name::<D>(view), words.stream(event.stream));
            format!(
                "{view} applied {stream} {} at {position}, which is not visible among its events",
                event.version
            )
        });

        if upto < progress.upto {
            // What lies before an earlier place was checked when the checkpoint was there.
            let (count, checkpoint) = (progress.count, checkpoint.0);
            checks.that(&CHECKPOINT_BEHIND, checkpoint <= count, [before, now], |_| {
                let view = name::<D>(view);
                format!(
                    "the checkpoint of {view} went back to {upto} but counts {checkpoint} events, more \
                     than the {count} it had counted"
                )
            });
            return;
        }

        let covered = category.visible.covered(progress.upto, upto, &progress.applied);
        let count = progress.count + covered.unwrap_or(0);
        let missing = covered.err().unwrap_or_default();
        let seen = checks.archive.step(missing);
        checks.that(&CHECKPOINT_BEHIND, covered.is_ok(), [seen, before, now], |_| {
            let view = name::<D>(view);
            format!(
                "the checkpoint of {view} is at {upto}, but it has not applied the event at {missing}"
            )
        });
        let holds = covered.is_err() || checkpoint.0 == count;
        checks.that(&CHECKPOINT_BEHIND, holds, [before, now], |_| {
            let (view, checkpoint) = (name::<D>(view), checkpoint.0);
            format!(
                "the checkpoint of {view} at {upto} counts {checkpoint} events, but {count} of its \
                 category lie before it"
            )
        });
        progress.upto = upto;
        progress.count = count;
        progress.step = now;
        if category.furthest.is_none_or(|(furthest, ..)| furthest < upto) {
            category.furthest = Some((upto, view, now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, History, TOTALS, counter};
    use crate::model::DeadLetter;
    use crate::testing::Begun;

    /// The events at 1 and 3 are visible, the one at 2 is not yet; 4 is another's.
    fn gap() -> (History, Begun<Counted>) {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1))]);
        let slow = history.begin(2, &[(counter(1), Counted::Added(1))]);
        history.append(3, &[(counter(2), Counted::Added(1))]);
        (history, slow)
    }

    #[test]
    fn a_checkpoint_that_waits_for_the_gap_is_accepted() {
        let (mut history, slow) = gap();
        history.apply_with(TOTALS, 0, 1, 1);
        history.apply_with(TOTALS, 1, 1, 1);
        history.finish(slow);
        history.apply_with(TOTALS, 1, 3, 3);
        history.reach_sagas();
        history.accepted_by::<Checkpoints>();
    }

    #[test]
    fn burned_positions_hold_no_checkpoint_up() {
        let (mut history, _) = gap();
        history.apply_with(TOTALS, 0, 1, 2);
        history.apply_with(TOTALS, 1, 2, 9);
        history.reach_sagas();
        history.accepted_by::<Checkpoints>();
    }

    #[test]
    fn a_checkpoint_past_an_event_that_becomes_visible_later_is_rejected() {
        let (mut history, slow) = gap();
        history.apply_with(TOTALS, 0, 1, 1);
        history.apply_with(TOTALS, 1, 2, 3);
        history.finish(slow);
        history.rejected_by::<Checkpoints>(
            "checkpoint-behind",
            "k-1 v1 becomes visible at @2, but the checkpoint of Totals is already at @3",
        );
    }

    #[test]
    fn a_checkpoint_past_an_unapplied_event_is_rejected() {
        let (mut history, _) = gap();
        history.apply_with(TOTALS, 1, 2, 3);
        history.rejected_by::<Checkpoints>("checkpoint-behind", "not applied the event at @1");
    }

    #[test]
    fn a_checkpoint_that_counts_wrongly_is_rejected() {
        let (mut history, _) = gap();
        history.apply_with(TOTALS, 0, 2, 1);
        history.rejected_by::<Checkpoints>("checkpoint-behind", "counts 2 events, but 1 of its");
    }

    #[test]
    fn a_checkpoint_that_goes_back_must_not_count_more() {
        let (mut history, _) = gap();
        history.apply_with(TOTALS, 0, 1, 1);
        let mut honest = history.clone();
        honest.apply_with(TOTALS, 1, 0, 0);
        honest.reach_sagas();
        honest.accepted_by::<Checkpoints>();
        history.apply_with(TOTALS, 1, 2, 0);
        history.rejected_by::<Checkpoints>("checkpoint-behind", "went back to @0 but counts 2");
    }

    #[test]
    fn an_event_that_is_applied_before_it_is_visible_is_rejected() {
        let (mut history, slow) = gap();
        history.apply_with(TOTALS, 0, 1, 1);
        let before = history.facts.len();
        history.finish(slow);
        history.apply_with(TOTALS, 1, 1, 1);
        let applied = history.facts.pop().expect("it was applied");
        history.facts.insert(before, applied);
        history.rejected_by::<Checkpoints>("checkpoint-behind", "which is not visible among");
    }

    fn settled() -> History {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1)), (counter(1), Counted::Added(2))]);
        history.settle();
        history
    }

    #[test]
    fn a_run_that_applied_everything_is_accepted() {
        settled().accepted_by::<Checkpoints>();
    }

    #[test]
    fn an_event_that_a_view_never_applied_is_rejected() {
        let mut history = settled();
        history.facts.pop();
        history.rejected_by::<Checkpoints>(
            "no-lost-event",
            "k-1 v1 is stored at @2, but Totals never applied it",
        );
    }

    #[test]
    fn an_event_that_never_reached_the_sagas_is_rejected() {
        let mut history = settled();
        history.facts.retain(|(_, fact)| !matches!(fact, Fact::Acked { .. }));
        history.rejected_by::<Checkpoints>(
            "no-lost-event",
            "k-0 v1 is stored at @1, but the saga orchestrator never acknowledged it",
        );
    }

    #[test]
    fn an_event_that_a_view_applied_twice_is_rejected() {
        let mut history = settled();
        history.facts.push(history.facts.last().expect("there are facts").clone());
        history.rejected_by::<Checkpoints>("no-lost-event", "applied 2 events in 3 transactions");
    }

    #[test]
    fn events_that_are_left_at_rest_are_rejected() {
        let left = |leave: fn(&mut History), says: &str| {
            let mut history = settled();
            leave(&mut history);
            history.rejected_by::<Checkpoints>("no-lost-event", says);
        };
        left(|history| history.unsent = 2, "events left unsent in the outbox: 2");
        left(|history| history.queued[1] = 1, "events left in queue 1: 1");
        left(|history| history.buffered[0] = 1, "events left in the reorder buffer of Totals: 1");
        left(
            |history| {
                let letter = DeadLetter { queue: 0, position: Position(2) };
                history.dead_letters.push(letter);
            },
            "unhandled dead letters: 1, @2 first",
        );
    }

    #[test]
    fn an_event_that_a_synchronous_view_never_showed_is_rejected() {
        let mut history = settled();
        history.facts.retain(|(_, fact)| !matches!(fact, Fact::AppliedInline { .. }));
        history.rejected_by::<Checkpoints>(
            "no-lost-event",
            "k-0 v1 is stored at @1, but Heads never applied it",
        );
    }
}
