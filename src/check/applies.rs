//! `in-order-apply`: a projector brings its view up to date in order.

use std::sync::Arc;

use super::streams::Streams;
use super::words::{because, view as name};
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::Step;
use crate::model::{Domain, Fact, FactKind, Names, Record, Version, Vocabulary};

pub(super) const IN_ORDER_APPLY: Property = Property {
    id: "in-order-apply",
    when: When::Always,
    says: "a projector applies the versions of each stream in order, each once, and none of another \
           category",
};

/// Follows, for each view, the last version of each stream that it applied.
#[derive(Clone, Debug)]
pub(super) struct Applies {
    names: Arc<Names>,
    tally: Tally,
    views: Vec<Streams<Last>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Last {
    version: Version,
    step: Step,
}

impl<D: Domain> Checker<D> for Applies {
    const PROPERTIES: &'static [Property] = &[IN_ORDER_APPLY];
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Applied]);

    fn new(_: &D, names: &Arc<Names>) -> Self {
        let views = D::VIEWS.iter().map(|_| Streams::default()).collect();
        Self { names: Arc::clone(names), tally: Tally::new(&IN_ORDER_APPLY), views }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations) {
        let Fact::Applied { view, event, .. } = &record.fact else { return };
        let index = usize::from(view.0);
        let last = self.views[index].entry(event.stream);
        let before = *last;
        let wanted = event.stream.category == D::VIEWS[index].category;
        let next = event.version == before.version.next();
        self.tally.check(wanted && next, record.at, record.step, violations, || {
            let stream = Vocabulary { domain, names: &self.names }.stream(event.stream);
            let (view, version) = (name::<D>(*view), event.version);
            let why = match (wanted, before.version) {
                (false, _) => "which it does not want".to_owned(),
                (true, Version(0)) => "but nothing of it before".to_owned(),
                (true, last) => format!("but the last of it before was {last}"),
            };
            let says = format!("{view} applied {stream} {version}, {why}");
            (says, because([before.step, record.step]))
        });
        *last = Last { version: event.version, step: record.step };
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, History, STEPS, TOTALS, counter};

    /// Three events of one counter and one of another.
    fn history() -> History {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1)), (counter(0), Counted::Added(2))]);
        history.append(2, &[(counter(1), Counted::Added(3)), (counter(0), Counted::Added(4))]);
        history
    }

    #[test]
    fn streams_may_overtake_each_other() {
        let mut history = history();
        [2, 0, 1, 3].into_iter().for_each(|index| history.apply(TOTALS, index));
        history.accepted_by::<Applies>();
    }

    #[test]
    fn the_third_version_before_the_second_is_rejected() {
        let mut history = history();
        [0, 3].into_iter().for_each(|index| history.apply(TOTALS, index));
        history.rejected_by::<Applies>(
            "in-order-apply",
            "Totals applied k-0 v3, but the last of it before was v1",
        );
    }

    #[test]
    fn a_version_that_is_applied_twice_is_rejected() {
        let mut history = history();
        [0, 1, 1].into_iter().for_each(|index| history.apply(TOTALS, index));
        history
            .rejected_by::<Applies>("in-order-apply", "applied k-0 v2, but the last of it before");
    }

    #[test]
    fn an_event_of_another_category_is_rejected() {
        let mut history = history();
        history.apply(STEPS, 0);
        history.rejected_by::<Applies>(
            "in-order-apply",
            "Steps applied k-0 v1, which it does not want",
        );
    }
}
