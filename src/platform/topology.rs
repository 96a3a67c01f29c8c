//! The queues and their consumers, as relays, the broker and consumers know them in advance.
//!
//! A relay names the queues that a message is for instead of relying on the bindings of an
//! exchange: RabbitMQ confirms a message that reaches only some of its queues, and returns one only
//! if it reaches no queue. A publisher that must not lose a message therefore addresses each queue
//! by itself, as mandatory, and gets an answer for each.

use std::marker::PhantomData;

use crate::model::{Category, Domain, Sagas, StreamId, ViewId};

/// The most queues of views.
const VIEWS_MAX: usize = 63;
/// The queue of a view that has none.
const NO_QUEUE: u8 = u8::MAX;

/// The queues of a domain, counted at compile time: they are asked for in most occurrences.
struct Layout<D>(PhantomData<D>);

impl<D: Domain> Layout<D> {
    /// The queue of each view, and the number of queues of views.
    const QUEUES: ([u8; VIEWS_MAX], u8) = {
        assert!(D::VIEWS.len() <= VIEWS_MAX, "a domain has fewer than 64 views");
        let (mut queues, mut count, mut view) = ([NO_QUEUE; VIEWS_MAX], 0, 0);
        while view < D::VIEWS.len() {
            if D::VIEWS[view].has_projector() {
                queues[view] = count;
                count += 1;
            }
            view += 1;
        }
        (queues, count)
    };
}

/// The views that have a projector and a queue, in the order of their queues.
pub(crate) fn projected<D: Domain>() -> impl Iterator<Item = ViewId> + Clone {
    let views = D::VIEWS.iter().zip(0..).filter(|(view, _)| view.has_projector());
    views.map(|(_, view)| ViewId(view))
}

/// The queue of a view, which is also the number of its projector, if it has one.
pub(crate) fn queue_of<D: Domain>(view: ViewId) -> Option<u8> {
    let queue = Layout::<D>::QUEUES.0[usize::from(view.0)];
    (queue != NO_QUEUE).then_some(queue)
}

/// The view that a queue feeds; `None` for the queue of the sagas.
pub(crate) fn view_of<D: Domain>(queue: u8) -> Option<ViewId> {
    projected::<D>().nth(usize::from(queue))
}

/// The queue of the saga orchestrator, which follows those of the views.
pub(crate) const fn saga_queue<D: Domain>() -> u8 {
    Layout::<D>::QUEUES.1
}

/// The number of queues.
pub(crate) const fn queues<D: Domain>() -> u8 {
    saga_queue::<D>() + 1
}

/// The segment, or the partition, of a stream, of so many.
pub(crate) fn segment_of(stream: StreamId, of: u32) -> u32 {
    let key = u64::from(stream.category.0) * 31 + u64::from(stream.number);
    (key % u64::from(of)) as u32
}

/// The queues whose consumers subscribe to the streams of a category.
pub(crate) fn wanted_by<D: Domain>(category: Category) -> Queues {
    let wants = |view: &ViewId| D::VIEWS[usize::from(view.0)].category == category;
    let views = projected::<D>().zip(0..).filter(|(view, _)| wants(view));
    let followed = D::Sagas::FOLLOWS.iter().any(|(subject, _)| *subject == category);
    let saga = followed.then(saga_queue::<D>);
    views.map(|(_, queue)| queue).chain(saga).fold(Queues::NONE, Queues::with)
}

/// A set of queues, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Queues(u64);

impl Queues {
    pub(crate) const NONE: Self = Self(0);

    /// The queues of both sets.
    pub(crate) const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// The set with one more queue.
    pub(crate) const fn with(self, queue: u8) -> Self {
        assert!(queue < 64, "a domain has fewer than 64 views");
        Self(self.0 | 1 << queue)
    }

    /// Whether a queue is in the set.
    pub(crate) const fn has(self, queue: u8) -> bool {
        self.0 >> queue & 1 == 1
    }

    /// The set without the queues of another one.
    pub(crate) const fn without(self, those: Self) -> Self {
        Self(self.0 & !those.0)
    }

    /// Whether the set is empty.
    pub(crate) const fn are_none(self) -> bool {
        self.0 == 0
    }

    /// The size of the set.
    pub(crate) const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// The queues, in ascending order.
    pub(crate) fn iter(self) -> impl Iterator<Item = u8> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let queue = rest.trailing_zeros() as u8;
            rest &= rest.checked_sub(1)?;
            Some(queue)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Counting;

    #[test]
    fn a_category_is_wanted_by_its_views_and_by_the_sagas_that_follow_it() {
        let wanted =
            |category| wanted_by::<Counting>(Category(category)).iter().collect::<Vec<_>>();
        assert_eq!((wanted(0), wanted(1)), (vec![0, 1], Vec::new()));
    }

    #[test]
    fn a_removed_queue_is_no_longer_in_the_set() {
        let both = Queues::NONE.with(0).with(3);
        let left = both.without(Queues::NONE.with(3).with(4));
        assert_eq!((both.count(), left, left.are_none()), (2, Queues::NONE.with(0), false));
        assert!(left.without(both).are_none());
    }
}
