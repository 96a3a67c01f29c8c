//! Which versions of a stream were seen.

/// A set of versions, as ranges: versions that come in order take no more room than one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The last range; empty if its end is 0. Versions that begin with 0 are stored as 1 more.
    last: (u32, u32),
    /// The ranges before it, in order, none next to another.
    earlier: Vec<(u32, u32)>,
}

/// How a version relates to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// It is higher than all before; the one before it is the highest of these, if there are any.
    After(Option<u32>),
    /// It is new and lower than the highest, which is this.
    Before(u32),
    /// It was seen.
    Again,
}

impl Seen {
    /// Adds a version.
    pub(super) fn add(&mut self, version: u32) -> Order {
        let key = version.saturating_add(1);
        let (start, end) = self.last;
        if key > end {
            if end == 0 {
                self.last = (key, key);
                return Order::After(None);
            }
            if key == end + 1 {
                self.last.1 = key;
            } else {
                self.earlier.push(self.last);
                self.last = (key, key);
            }
            return Order::After(Some(end - 1));
        }
        if key >= start {
            return Order::Again;
        }
        let at = self.earlier.partition_point(|range| range.1 < key);
        if self.earlier.get(at).is_some_and(|range| range.0 <= key) {
            return Order::Again;
        }
        self.earlier.insert(at, (key, key));
        self.join(at);
        Order::Before(end - 1)
    }

    /// Joins a range with its neighbours.
    fn join(&mut self, at: usize) {
        if self.earlier.get(at + 1).is_some_and(|next| next.0 == self.earlier[at].1 + 1) {
            self.earlier[at].1 = self.earlier[at + 1].1;
            self.earlier.remove(at + 1);
        }
        if at > 0 && self.earlier[at - 1].1 + 1 == self.earlier[at].0 {
            self.earlier[at - 1].1 = self.earlier[at].1;
            self.earlier.remove(at);
        }
        if self.earlier.last().is_some_and(|range| range.1 + 1 == self.last.0) {
            self.last.0 = self.earlier.pop().map_or(0, |range| range.0);
        }
    }

    /// Whether a version is in it.
    pub(super) fn has(&self, version: u32) -> bool {
        let key = version.saturating_add(1);
        let is_in = |range: &(u32, u32)| (range.0..=range.1).contains(&key);
        is_in(&self.last) || {
            let at = self.earlier.partition_point(|range| range.1 < key);
            self.earlier.get(at).is_some_and(is_in)
        }
    }

    /// The first version from one to another that is not in it, and how many are not.
    pub(super) fn missing(&self, from: u32, to: u32) -> Option<(u32, u32)> {
        let (mut next, mut first, mut count) = (from.saturating_add(1), None, 0);
        let end = to.saturating_add(1);
        let ranges = self.earlier.iter().chain((self.last.1 > 0).then_some(&self.last));
        for &(start, stop) in ranges {
            if start > next && next <= end {
                first = first.or(Some(next - 1));
                count += start.min(end + 1) - next;
            }
            next = next.max(stop + 1);
        }
        if next <= end {
            first = first.or(Some(next - 1));
            count += end + 1 - next;
        }
        first.map(|first| (first, count))
    }

    /// The versions that are in it and not in another set: the first, and how many.
    pub(super) fn without(&self, other: &Self) -> Option<(u32, u32)> {
        let mut found: Option<(u32, u32)> = None;
        for &(start, stop) in self.earlier.iter().chain((self.last.1 > 0).then_some(&self.last)) {
            if let Some((first, count)) = other.missing(start - 1, stop - 1) {
                let (earliest, sum) = found.unwrap_or((first, 0));
                found = Some((earliest, sum + count));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set(versions in prop::collection::vec(0..24_u32, 0..40), to in 0..24_u32) {
            let (mut seen, mut set) = (Seen::default(), BTreeSet::new());
            for version in versions {
                let highest = set.last().copied();
                let order = match highest {
                    _ if set.contains(&version) => Order::Again,
                    Some(highest) if version < highest => Order::Before(highest),
                    before => Order::After(before),
                };
                prop_assert_eq!(seen.add(version), order);
                set.insert(version);
            }
            for version in 0..30 {
                prop_assert_eq!(seen.has(version), set.contains(&version));
            }
            let missing: Vec<u32> = (1..=to).filter(|version| !set.contains(version)).collect();
            let first = missing.first().map(|first| (*first, missing.len() as u32));
            prop_assert_eq!(seen.missing(1, to), first);
            let mut some = Seen::default();
            (0..to).filter(|version| version % 3 == 0).for_each(|version| _ = some.add(version));
            let extra: Vec<u32> = set.into_iter().filter(|version| !some.has(*version)).collect();
            let first = extra.first().map(|first| (*first, extra.len() as u32));
            prop_assert_eq!(seen.without(&some), first);
        }
    }
}
