//! `checkpoint-behind` and `no-lost-event`: nothing falls between the log and its readers.
//!
//! Positions are allocated before commit and become visible out of order, so a reader that has seen
//! position 9 may still have 8 before it. A checkpoint that says "all up to 9" too early loses 8.

use std::sync::Arc;

use super::positions::Positions;
use super::streams::entry;
use super::words::{because, view as name};
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::Step;
use crate::model::{
    Domain, Fact, FactKind, Names, Ordinal, Position, Record, Rest, Stored, ViewId, Vocabulary,
};

pub(super) const CHECKPOINT_BEHIND: Property = Property {
    id: "checkpoint-behind",
    when: When::Always,
    says: "a checkpoint counts the events before it, and never passes an event that is not applied \
           or not yet visible",
};

pub(super) const NO_LOST_EVENT: Property = Property {
    id: "no-lost-event",
    when: When::AtRest,
    says: "every stored event was applied once by every view that wants it; outbox, queues, reorder \
           buffers and dead letters are empty",
};

/// Follows what is visible, what each view has applied, and how far it says it is.
#[derive(Clone, Debug)]
pub(super) struct Checkpoints {
    names: Arc<Names>,
    behind: Tally,
    lost: Tally,
    /// By position: the occurrence in which its event became visible.
    seen: Vec<Step>,
    categories: Vec<Category>,
    views: Vec<Progress>,
}

#[derive(Clone, Debug, Default)]
struct Category {
    visible: Positions,
    /// The checkpoint of this category that is furthest, whose it is and since when.
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
    const FACTS: FactKinds =
        FactKinds::of(&[FactKind::Stored, FactKind::Applied, FactKind::AppliedInline]);

    fn new(_: &D, names: &Arc<Names>) -> Self {
        Self {
            names: Arc::clone(names),
            behind: Tally::new(&CHECKPOINT_BEHIND),
            lost: Tally::new(&NO_LOST_EVENT),
            seen: Vec::new(),
            categories: vec![Category::default(); D::CATEGORIES.len()],
            views: vec![Progress::default(); D::VIEWS.len()],
        }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations) {
        if let Fact::Applied { view, event, checkpoint, upto } = &record.fact {
            self.applied(domain, record, (*view, event), (*checkpoint, *upto), violations);
        } else if let Fact::AppliedInline { view, event } = &record.fact {
            let progress = &mut self.views[usize::from(view.0)];
            progress.applications += 1;
            progress.applied.insert(event.position);
        } else if let Fact::Stored(event) = &record.fact {
            self.stored(domain, record, event, violations);
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, violations: &mut Violations) {
        let narrator = Vocabulary { domain: rest.domain, names: rest.names };
        // A view that is made when it is asked for applies nothing before.
        let views = D::VIEWS.iter().zip(&self.views).filter(|(view, _)| view.is_kept());
        for (view, progress) in views {
            for event in rest.events.iter().filter(|event| event.stream.category == view.category) {
                let applied = progress.applied.contains(event.position);
                self.lost.check(applied, rest.at, rest.step, violations, || {
                    let (stream, version) = (narrator.stream(event.stream), event.version);
                    let (view, position) = (view.name, event.position);
                    let says = format!(
                        "{stream} {version} is stored at {position}, but {view} never applied it"
                    );
                    let seen = self.seen.get(position.0 as usize).copied();
                    (says, because([seen.unwrap_or_default()]))
                });
            }
            let (often, once) = (progress.applications, progress.applied.len());
            self.lost.check(often == once, rest.at, rest.step, violations, || {
                let view = view.name;
                (format!("{view} applied {once} events in {often} transactions"), Vec::new())
            });
        }
        let projected = D::VIEWS.iter().filter(|view| view.has_projector());
        let buffers = rest.buffered.iter().zip(projected).map(|(&left, view)| (left, view.name));
        let buffers = buffers.map(|(left, view)| (left, format!("held back by {view}")));
        let queues = rest.queued.iter().zip(0..);
        let queues = queues.map(|(&left, queue): (_, u8)| (left, format!("in queue {queue}")));
        let outbox = [(rest.unsent, "unsent in the outbox".to_owned())];
        for (left, place) in outbox.into_iter().chain(queues).chain(buffers) {
            self.lost.check(left == 0, rest.at, rest.step, violations, || {
                (
                    format!("events left {place}: {left}, and nothing will happen any more"),
                    Vec::new(),
                )
            });
        }
        self.lost.check(rest.dead_letters.is_empty(), rest.at, rest.step, violations, || {
            let letters = &rest.dead_letters;
            let first = letters.first().map(|letter| letter.position).unwrap_or_default();
            let says = format!("unhandled dead letters: {}, {first} first", letters.len());
            let seen = self.seen.get(first.0 as usize).copied();
            (says, because([seen.unwrap_or_default()]))
        });
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.behind, &self.lost]
    }
}

impl Checkpoints {
    fn stored<D: Domain>(
        &mut self,
        domain: &D,
        record: &Record<D>,
        event: &Stored<D::Event>,
        violations: &mut Violations,
    ) {
        let position = event.position;
        let category = &mut self.categories[usize::from(event.stream.category.0)];
        category.visible.insert(position);
        *entry(&mut self.seen, position.0 as usize) = record.step;
        let passed = category.furthest.filter(|(upto, ..)| *upto >= position);
        self.behind.check(passed.is_none(), record.at, record.step, violations, || {
            let stream = Vocabulary { domain, names: &self.names }.stream(event.stream);
            let (upto, view, step) = passed.unwrap_or((position, ViewId(0), Step(0)));
            let (view, version) = (name::<D>(view), event.version);
            let says = format!(
                "{stream} {version} becomes visible at {position}, but the checkpoint of {view} is at \
                 {upto} already"
            );
            (says, because([step, record.step]))
        });
    }

    fn applied<D: Domain>(
        &mut self,
        domain: &D,
        record: &Record<D>,
        (view, event): (ViewId, &Stored<D::Event>),
        (checkpoint, upto): (Ordinal, Position),
        violations: &mut Violations,
    ) {
        let (at, step) = (record.at, record.step);
        let wanted = D::VIEWS[usize::from(view.0)].category;
        let category = &mut self.categories[usize::from(wanted.0)];
        let progress = &mut self.views[usize::from(view.0)];
        let before = progress.step;
        progress.applications += 1;
        progress.applied.insert(event.position);

        let visible = category.visible.contains(event.position);
        self.behind.check(visible, at, step, violations, || {
            let stream = Vocabulary { domain, names: &self.names }.stream(event.stream);
            let (view, version, position) = (name::<D>(view), event.version, event.position);
            let says = format!(
                "{view} applied {stream} {version} at {position}, which is not visible among its events"
            );
            (says, because([step]))
        });

        if upto < progress.upto {
            // What lies before an earlier place was checked when the checkpoint was there.
            let holds = checkpoint.0 <= progress.count;
            self.behind.check(holds, at, step, violations, || {
                let (view, count, checkpoint) = (name::<D>(view), progress.count, checkpoint.0);
                let says = format!(
                    "the checkpoint of {view} went back to {upto} but counts {checkpoint} events, more \
                     than the {count} it had counted"
                );
                (says, because([before, step]))
            });
            return;
        }

        let covered = category.visible.covered(progress.upto, upto, &progress.applied);
        let count = progress.count + covered.unwrap_or(0);
        self.behind.check(covered.is_ok(), at, step, violations, || {
            let missing = covered.err().unwrap_or_default();
            let seen = self.seen.get(missing.0 as usize).copied().unwrap_or_default();
            let view = name::<D>(view);
            let says = format!(
                "the checkpoint of {view} is at {upto}, but it has not applied the event at {missing}"
            );
            (says, because([seen, before, step]))
        });
        self.behind.check(covered.is_err() || checkpoint.0 == count, at, step, violations, || {
            let (view, checkpoint) = (name::<D>(view), checkpoint.0);
            let says = format!(
                "the checkpoint of {view} at {upto} counts {checkpoint} events, but {count} of its \
                 category lie before it"
            );
            (says, because([before, step]))
        });
        progress.upto = upto;
        progress.count = count;
        progress.step = step;
        if category.furthest.is_none_or(|(furthest, ..)| furthest < upto) {
            category.furthest = Some((upto, view, step));
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
        history.accepted_by::<Checkpoints>();
    }

    #[test]
    fn burned_positions_hold_no_checkpoint_up() {
        let (mut history, _) = gap();
        history.apply_with(TOTALS, 0, 1, 2);
        history.apply_with(TOTALS, 1, 2, 9);
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
            "k-1 v1 becomes visible at @2, but the checkpoint of Totals is at @3 already",
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
    fn an_event_that_a_view_applied_twice_is_rejected() {
        let mut history = settled();
        history.facts.push(history.facts.last().expect("there are facts").clone());
        history.rejected_by::<Checkpoints>("no-lost-event", "applied 2 events in 3 transactions");
    }

    #[test]
    fn whatever_is_left_on_the_way_is_rejected() {
        let left = |leave: fn(&mut History), says: &str| {
            let mut history = settled();
            leave(&mut history);
            history.rejected_by::<Checkpoints>("no-lost-event", says);
        };
        left(|history| history.unsent = 2, "events left unsent in the outbox: 2");
        left(|history| history.queued[1] = 1, "events left in queue 1: 1");
        left(|history| history.buffered[0] = 1, "events left held back by Totals: 1");
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
