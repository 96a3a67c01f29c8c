//! A value with its past.

use crate::kernel::Instant;

/// A value, and what it was before: services answer lookups from it that lag behind the truth.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dated<T> {
    /// Each value with the time of its change, in order.
    changes: Vec<(Instant, T)>,
}

impl<T> Default for Dated<T> {
    fn default() -> Self {
        Self { changes: Vec::new() }
    }
}

impl<T> Dated<T> {
    /// The value now; `None` before the first change.
    pub fn now(&self) -> Option<&T> {
        self.changes.last().map(|(_, value)| value)
    }

    /// The value at a time; `None` if that is before the first change.
    pub fn as_of(&self, at: Instant) -> Option<&T> {
        let known = self.changes.partition_point(|(changed, _)| *changed <= at);
        known.checked_sub(1).map(|last| &self.changes[last].1)
    }

    /// When it has changed last; `None` before the first change.
    pub fn changed_at(&self) -> Option<Instant> {
        self.changes.last().map(|(changed, _)| *changed)
    }

    /// Changes the value. Of two changes at one time, the second counts.
    pub fn change(&mut self, at: Instant, value: T)
    where
        T: PartialEq,
    {
        match self.changes.last_mut() {
            Some(last) if last.1 == value => {}
            Some(last) if last.0 == at => last.1 = value,
            _ => self.changes.push((at, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Span;

    #[test]
    fn a_value_is_what_it_was_at_each_time() {
        let at = |seconds| Instant::ZERO + Span::from_secs(seconds);
        let mut value = Dated::default();
        assert_eq!((value.now(), value.as_of(at(9))), (None, None));
        value.change(at(2), "held");
        value.change(at(5), "about to change");
        value.change(at(5), "ticketed");
        assert_eq!(value.as_of(at(1)), None, "before the first change");
        assert_eq!(value.as_of(at(2)), Some(&"held"));
        assert_eq!(value.as_of(at(4)), Some(&"held"));
        assert_eq!(value.as_of(at(5)), Some(&"ticketed"));
        assert_eq!(value.now(), Some(&"ticketed"));
    }
}
