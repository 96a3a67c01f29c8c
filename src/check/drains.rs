//! `drains`: after load and faults have ended, the platform finishes all work.

use super::{Checker, Checks, FactKinds, Property, When};
use crate::model::{Domain, Record, Rest};

pub(super) const DRAINS: Property = Property {
    id: "drains",
    when: When::AtRest,
    says: "after load and faults end every lag returns to 0: no node has work left, every \
           checkpoint is at the end of the log, and the outbox and every queue are empty",
};

#[derive(Clone, Debug, Default)]
pub(super) struct Drains;

impl<D: Domain> Checker<D> for Drains {
    const PROPERTIES: &'static [Property] = &[DRAINS];
    const FACTS: FactKinds = FactKinds::NONE;

    fn observe(&mut self, _: &Record<D>, _: &mut Checks<'_, D>) {}

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        let mut check = |holds: bool, says: &dyn Fn() -> String| {
            checks.that(&DRAINS, holds, [], |_| says());
        };
        check(rest.busy.is_empty(), &|| {
            format!("there is work left at {}: {}", rest.at, rest.busy.join("; "))
        });
        let mut stored = vec![0_u64; D::CATEGORIES.len()];
        rest.events.streams().for_each(|(stream, _)| stored[usize::from(stream.category.0)] += 1);
        // Synchronous views are never behind, and views on demand have no checkpoint.
        let projected = D::VIEWS.iter().enumerate().filter(|(_, view)| view.has_projector());
        for (index, view) in projected {
            let applied = rest.checkpoints.get(index).copied().unwrap_or(0);
            let category = usize::from(view.category.0);
            let stored = stored[category];
            check(applied == stored, &|| {
                let (view, category) = (view.name, D::CATEGORIES[category]);
                format!(
                    "the checkpoint of {view} is at {applied}, but the log holds {stored} events of \
                     category {category}"
                )
            });
        }
        check(rest.unsent == 0, &|| format!("events unsent in the outbox: {}", rest.unsent));
        for (queue, &left) in rest.queued.iter().enumerate() {
            check(left == 0, &|| format!("messages left in queue {queue}: {left}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, History, counter};

    fn settled() -> History {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1)), (counter(1), Counted::Added(2))]);
        history.progress(0, Counted::Began);
        history.settle();
        history
    }

    #[test]
    fn a_platform_with_nothing_left_to_do_is_accepted() {
        settled().accepted_by::<Drains>();
    }

    #[test]
    fn work_that_is_left_at_rest_is_rejected() {
        let left = |leave: fn(&mut History), says: &str| {
            let mut history = settled();
            leave(&mut history);
            history.rejected_by::<Drains>("drains", says);
        };
        left(|history| history.busy.push("relay holds 3 rows".into()), "relay holds 3 rows");
        left(|history| history.checkpoints[0] = 1, "Totals is at 1, but the log holds 2 events");
        left(|history| history.checkpoints[1] = 0, "Steps is at 0, but the log holds 1 events");
        left(|history| history.unsent = 1, "unsent in the outbox: 1");
        left(|history| history.queued[1] = 4, "left in queue 1: 4");
    }
}
