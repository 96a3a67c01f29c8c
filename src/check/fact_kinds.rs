//! Sets of kinds of facts.

use crate::model::FactKind;

/// The kinds of facts that a checker wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactKinds(u128);

/// The set of the kinds with these names.
macro_rules! kinds {
    ($($kind:ident)+) => {
        $crate::check::FactKinds::of(&[$($crate::model::FactKind::$kind),+])
    };
}
pub(crate) use kinds;

impl FactKinds {
    /// No kind.
    pub const NONE: Self = Self(0);
    /// Every kind.
    pub const ALL: Self = Self(u128::MAX);

    /// These kinds.
    pub const fn of(kinds: &[FactKind]) -> Self {
        let (mut set, mut rest) = (0, kinds);
        while let [kind, others @ ..] = rest {
            set |= bit(*kind);
            rest = others;
        }
        Self(set)
    }

    /// The kinds of either set.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a kind is in the set.
    #[inline]
    pub const fn contains(self, kind: FactKind) -> bool {
        self.0 & bit(kind) != 0
    }
}

const fn bit(kind: FactKind) -> u128 {
    const { assert!(FactKind::COUNT <= u128::BITS as usize, "a set has a bit for each kind") };
    1 << kind.index()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_contains_the_kinds_it_was_made_of_and_no_other() {
        let set =
            FactKinds::of(&[FactKind::Commanded]).or(FactKinds::of(&[FactKind::Disconnected]));
        assert!(set.contains(FactKind::Commanded) && set.contains(FactKind::Disconnected));
        assert!(!set.contains(FactKind::Stored) && !FactKinds::NONE.contains(FactKind::Stored));
        assert!(FactKinds::ALL.contains(FactKind::Disconnected));
    }
}
