//! What is removed when it is old: keys in the order in which they began to age.
//!
//! A cleaner that runs by itself would find the same ones a moment later than one that is run by each request.

use std::collections::VecDeque;

use crate::kernel::{Instant, Span};

/// Keys, each with the moment at which it began to age, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Ages<K>(VecDeque<(Instant, K)>);

impl<K> Default for Ages<K> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<K: Copy> Ages<K> {
    /// A key begins to age.
    pub(crate) fn add(&mut self, now: Instant, key: K) {
        self.0.push_back((now, key));
    }

    /// Takes the oldest key if it is as old as this.
    pub(crate) fn take_due(&mut self, keep: Span, now: Instant) -> Option<(Instant, K)> {
        self.take_if(|at| at + keep <= now)
    }

    /// Takes the oldest key if the moment at which it began to age is such.
    pub(crate) fn take_if(&mut self, is_due: impl FnOnce(Instant) -> bool) -> Option<(Instant, K)> {
        let (at, _) = self.0.front()?;
        if is_due(*at) { self.0.pop_front() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_due_in_the_order_in_which_they_began_to_age() {
        let second = |nth| Instant::ZERO + Span::from_secs(nth);
        let mut ages = Ages::default();
        ages.add(second(1), "a");
        ages.add(second(3), "b");
        let keep = Span::from_secs(10);
        assert_eq!(ages.take_due(keep, second(10)), None);
        assert_eq!(ages.take_due(keep, second(11)), Some((second(1), "a")));
        assert_eq!(ages.take_due(keep, second(11)), None);
        assert_eq!(ages.take_due(keep, second(60)), Some((second(3), "b")));
        assert_eq!(ages.take_due(keep, second(60)), None);
    }
}
