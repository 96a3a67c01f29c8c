//! `in-order-apply`: a projector applies the events of each stream in order.

use super::streams::{Streams, entry};
use super::words::view as name;
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::Step;
use crate::model::{Domain, Fact, Record, Version};

pub(super) const IN_ORDER_APPLY: Property = Property {
    id: "in-order-apply",
    when: When::Always,
    says: "a projector applies the versions of each stream in order, each once, and none of another \
           category",
};

/// The last version of each stream that each view applied, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Applies {
    views: Vec<Streams<(Version, Step)>>,
}

impl<D: Domain> Checker<D> for Applies {
    const PROPERTIES: &'static [Property] = &[IN_ORDER_APPLY];
    const FACTS: FactKinds = kinds!(Applied);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        let Fact::Applied { view, event, .. } = &record.fact else { return };
        let index = usize::from(view.0);
        let last = entry(&mut self.views, index).entry(event.stream);
        let (before, since) = std::mem::replace(last, (event.version, record.step));
        let subscribed = event.stream.category == D::VIEWS[index].category;
        let holds = subscribed && event.version == before.next();
        checks.that(&IN_ORDER_APPLY, holds, [since, record.step], |words| {
            let why = match (subscribed, before) {
                (false, _) => "to which it does not subscribe".to_owned(),
                (true, Version(0)) => "but no earlier version of it".to_owned(),
                (true, last) => format!("but the last version before was {last}"),
            };
            let (view, stream) = (name::<D>(*view), words.stream(event.stream));
            format!("{view} applied {stream} {}, {why}", event.version)
        });
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
            "Totals applied k-0 v3, but the last version before was v1",
        );
    }

    #[test]
    fn a_version_that_is_applied_twice_is_rejected() {
        let mut history = history();
        [0, 1, 1].into_iter().for_each(|index| history.apply(TOTALS, index));
        history.rejected_by::<Applies>(
            "in-order-apply",
            "applied k-0 v2, but the last version before",
        );
    }

    #[test]
    fn an_event_of_another_category_is_rejected() {
        let mut history = history();
        history.apply(STEPS, 0);
        history.rejected_by::<Applies>(
            "in-order-apply",
            "Steps applied k-0 v1, to which it does not subscribe",
        );
    }
}
