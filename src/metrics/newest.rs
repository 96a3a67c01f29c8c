//! When the newest events of a stream became visible.

use crate::collections::Writer;
use crate::kernel::Instant;
use crate::model::Version;

/// How many of the newest events count. An answer that lacks more events is at least as old as the oldest of these.
const REMEMBERED: usize = 64;

/// For how many bytes room is made: for those of four or five events.
const ROOM: usize = 32;

/// The newest events of a stream as they became visible, and when each did.
///
/// There is one for each stream of each row, so all but the first are kept as bytes: how far they are from the first.
#[derive(Clone, Debug, Default)]
pub(super) struct Newest {
    first: (Version, Instant),
    /// The greatest version since the last loss.
    last: Version,
    /// The number of events, which may be up to twice as many as count.
    count: u8,
    later: Writer,
}

impl Newest {
    /// An event became visible.
    pub(super) fn add(&mut self, version: Version, at: Instant) {
        if usize::from(self.count) == 2 * REMEMBERED {
            let old = usize::from(self.count) - REMEMBERED;
            let left: Vec<_> = self.events().skip(old).collect();
            *self = Self::of(left);
        }
        if self.count == 0 {
            self.first = (version, at);
        } else {
            self.later.reserve(ROOM);
            self.later.difference(version.0.into(), self.first.0.0.into());
            self.later.difference(at.as_nanos(), self.first.1.as_nanos());
        }
        self.last = self.last.max(version);
        self.count += 1;
    }

    /// The event with this version is lost, and with it all later ones.
    pub(super) fn lost(&mut self, version: Version) {
        let left: Vec<_> = self.newest().filter(|(seen, _)| *seen < version).collect();
        *self = Self::of(left);
    }

    /// When the first event after a version became visible, if there is one.
    pub(super) fn first_after(&self, version: Version) -> Option<Instant> {
        if self.last <= version {
            return None;
        }
        self.newest().find(|(seen, _)| *seen > version).map(|(_, at)| at)
    }

    /// When the last event became visible.
    pub(super) fn end(&self) -> Instant {
        self.events().last().map_or(self.first.1, |(_, at)| at)
    }

    fn of(events: Vec<(Version, Instant)>) -> Self {
        let mut newest = Self::default();
        events.into_iter().for_each(|(version, at)| newest.add(version, at));
        newest
    }

    /// Those that count.
    fn newest(&self) -> impl Iterator<Item = (Version, Instant)> {
        self.events().skip(usize::from(self.count).saturating_sub(REMEMBERED))
    }

    fn events(&self) -> impl Iterator<Item = (Version, Instant)> {
        let (first, mut from) = (self.first, self.later.read());
        let later = (1..self.count).map(move |_| {
            let version = Version(from.difference(first.0.0.into()) as u32);
            (version, Instant::from_nanos(from.difference(first.1.as_nanos())))
        });
        std::iter::once(first).filter(|_| self.count > 0).chain(later)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> Instant {
        Instant::from_nanos(nanos)
    }

    #[test]
    fn the_first_event_after_a_version_is_found() {
        let mut newest = Newest::default();
        assert_eq!(newest.first_after(Version(0)), None);
        for (version, nanos) in [(3, 1_000_000), (4, 1_000_000), (7, u64::MAX / 4)] {
            newest.add(Version(version), at(nanos));
        }
        let found = [0, 2, 3, 4, 6, 7, 8].map(|version| newest.first_after(Version(version)));
        let (first, last) = (Some(at(1_000_000)), Some(at(u64::MAX / 4)));
        assert_eq!(found, [first, first, first, last, last, None, None]);
    }

    #[test]
    fn only_the_newest_events_count() {
        let mut newest = Newest::default();
        for version in 1..=1000 {
            newest.add(Version(version), at(u64::from(version) * 10));
            let oldest = version.saturating_sub(64) + 1;
            assert_eq!(newest.first_after(Version(0)), Some(at(u64::from(oldest) * 10)));
            assert_eq!(newest.first_after(Version(version)), None);
        }
    }

    #[test]
    fn lost_events_and_those_after_them_are_forgotten() {
        let mut newest = Newest::default();
        (1..=100).for_each(|version| newest.add(Version(version), at(u64::from(version))));
        newest.lost(Version(90));
        assert_eq!(newest.first_after(Version(88)), Some(at(89)));
        assert_eq!(newest.first_after(Version(89)), None);
        newest.add(Version(90), at(500));
        assert_eq!(newest.first_after(Version(89)), Some(at(500)));
        assert_eq!(newest.first_after(Version(0)), Some(at(37)), "the lost ones are not replaced");
        newest.lost(Version(0));
        assert_eq!(newest.first_after(Version(0)), None);
    }
}
