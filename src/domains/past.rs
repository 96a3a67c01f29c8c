//! What actions about the past share: the moment that a script names, and a customer who reads all past states of a
//! stream, one query after another.

use crate::kernel::{Instant, Span};
use crate::model::{AsOf, Version};
use crate::scenario::{Complaints, Place};

/// The moment that the fields `version` and `at` name; now, if neither is there.
pub(super) fn moment(
    version: Option<u32>,
    at: Option<Span>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<AsOf> {
    match (version, at) {
        (Some(_), Some(_)) => {
            let says = "`version` and `at` cannot be combined";
            complaints.add(place.field("at"), says, "remove one of them");
            None
        }
        (Some(version), None) => Some(AsOf::Version(Version(version))),
        (None, Some(at)) => Some(AsOf::Instant(Instant::ZERO + at)),
        (None, None) => Some(AsOf::Now),
    }
}

/// The query of a history that is not answered yet: of what, and its state after how many events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Browsing<K>(Option<(K, Version)>);

// Not derived, because a key need not have a default.
impl<K> Default for Browsing<K> {
    fn default() -> Self {
        Self(None)
    }
}

impl<K: Copy + PartialEq> Browsing<K> {
    /// Asks for the state at a version; what was asked before is not waited for.
    pub(super) fn ask(&mut self, of: K, version: Version) -> AsOf {
        self.0 = Some((of, version));
        AsOf::Version(version)
    }

    /// An answer, with the version that it shows. Returns the version to be asked for next: an older version than
    /// the one asked for is the end of the history.
    pub(super) fn answered(
        &mut self,
        of: K,
        as_of: AsOf,
        shown: Option<Version>,
    ) -> Option<Version> {
        let AsOf::Version(version) = as_of else { return None };
        self.0.take_if(|asked| *asked == (of, version))?;
        (shown == Some(version)).then(|| version.next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_read_up_to_the_last_version() {
        let mut browsing = Browsing::default();
        let first = browsing.ask('a', Version(1));
        assert_eq!(first, AsOf::Version(Version(1)));
        assert_eq!(browsing.answered('b', first, Some(Version(1))), None, "of something else");
        assert_eq!(browsing.answered('a', first, Some(Version(1))), Some(Version(2)));
        assert_eq!(browsing.answered('a', first, Some(Version(1))), None, "a second answer");
        let second = browsing.ask('a', Version(2));
        assert_eq!(browsing.answered('a', second, Some(Version(1))), None, "the end");
        assert_eq!(browsing.answered('a', AsOf::Now, Some(Version(2))), None);
    }
}
