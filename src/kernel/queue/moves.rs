//! Payloads that become due later than they were pushed for. They keep their place in the order of creation.

use super::ladder::Ladder;
use super::{FEW, Queue};
use crate::kernel::Instant;

impl<T> Queue<T> {
    /// Gives the next payload another due time, and returns it to be changed.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub(in crate::kernel) fn postpone(&mut self, at: Instant) -> &mut T {
        let key = self.take_first().expect("only what is pending can be postponed");
        self.push(key.moved(at));
        self.slab.get_mut(key.slot())
    }

    /// Visits all payloads, in no order, and gives each the due time that `due` returns.
    pub(in crate::kernel) fn each_due(&mut self, mut due: impl FnMut(Instant, &mut T) -> Instant) {
        let mut keys: Vec<_> = self.heap.drain().chain(self.run.drain(..)).collect();
        self.ladder.each(|key| keys.push(key));
        (self.ladder, self.heap_max) = (Ladder::new(), FEW);
        for key in keys {
            let at = due(Instant::from_nanos(key.at()), self.slab.get_mut(key.slot()));
            self.push(key.moved(at));
        }
    }
}
