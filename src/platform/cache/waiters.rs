//! Who waits for a value that another reader loads.

use super::Reader;
use crate::collections::SortedMap;
use crate::kernel::{Cause, NodeId};

/// The readers that wait for one key, in order of arrival, each once. A popular key may have thousands.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiters {
    /// Each with the step in which it began to wait, by number.
    order: SortedMap<u64, (Reader, Cause)>,
    /// The number of each.
    numbers: SortedMap<Reader, u64>,
    /// The number of the last that came.
    last: u64,
}

impl Waiters {
    /// A reader begins to wait, unless it waits already.
    pub(super) fn add(&mut self, reader: Reader, cause: Cause) {
        if !self.numbers.contains_key(&reader) {
            self.last += 1;
            self.order.insert(self.last, (reader, cause));
            self.numbers.insert(reader, self.last);
        }
    }

    /// A reader no longer waits.
    pub(super) fn remove(&mut self, reader: Reader) {
        if let Some(number) = self.numbers.remove(&reader) {
            self.order.remove(&number);
        }
    }

    /// The readers of a node no longer wait.
    pub(super) fn remove_node(&mut self, node: NodeId) {
        self.numbers.extract_if(|(at, _), _| *at == node).for_each(drop);
        self.order.extract_if(|_, ((at, _), _)| *at == node).for_each(drop);
    }

    /// Takes out the reader that has waited longest.
    pub(super) fn take_first(&mut self) -> Option<(Reader, Cause)> {
        let (_, first) = self.order.remove_first(1.min(self.len())).next()?;
        self.numbers.remove(&first.0);
        Some(first)
    }

    /// Takes out all, in order of arrival.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = (Reader, Cause)> + use<> {
        std::mem::take(self).order.into_iter().map(|(_, waiter)| waiter)
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Step;
    use crate::model::{CustomerId, RequestId};

    fn reader(node: u16, nth: u32) -> Reader {
        (NodeId(node), RequestId { customer: CustomerId(0), nth })
    }

    /// Three readers at two nodes; the one that came first asks twice.
    fn three() -> Waiters {
        let mut waiters = Waiters::default();
        for (step, who) in
            [(1, reader(2, 9)), (2, reader(1, 1)), (3, reader(2, 9)), (4, reader(2, 3))]
        {
            waiters.add(who, Cause::from(Step(step)));
        }
        waiters
    }

    #[test]
    fn readers_wait_in_order_of_arrival_and_each_once() {
        let at = |step| Cause::from(Step(step));
        let mut waiters = three();
        assert_eq!(waiters.len(), 3);
        assert_eq!(waiters.take_first(), Some((reader(2, 9), at(1))));
        waiters.add(reader(2, 9), at(5));
        waiters.remove(reader(1, 1));
        let rest: Vec<_> = waiters.take_all().collect();
        assert_eq!(rest, [(reader(2, 3), at(4)), (reader(2, 9), at(5))]);
        assert_eq!(waiters.take_first(), None);
    }

    #[test]
    fn the_readers_of_a_node_that_is_gone_may_come_again() {
        let mut waiters = three();
        waiters.remove_node(NodeId(2));
        waiters.add(reader(2, 9), Cause::START);
        let left: Vec<_> = waiters.take_all().map(|(reader, _)| reader).collect();
        assert_eq!(left, [reader(1, 1), reader(2, 9)]);
    }
}
