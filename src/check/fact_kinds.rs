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

    /// For each kind, which of several sets contain it: bit n stands for the n-th.
    ///
    /// # Panics
    ///
    /// If there are more than 32 sets; at compile time, if used in a constant.
    pub const fn wanted(sets: &[Self]) -> [u32; FactKind::COUNT] {
        assert!(sets.len() <= u32::BITS as usize, "a word has a bit for each set");
        let mut wanted = [0; FactKind::COUNT];
        let mut kind = 0;
        while kind < FactKind::COUNT {
            let mut nth = 0;
            while nth < sets.len() {
                wanted[kind] |= ((sets[nth].0 >> kind & 1) as u32) << nth;
                nth += 1;
            }
            kind += 1;
        }
        wanted
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
    fn a_word_tells_which_sets_contain_a_kind() {
        let sets = [kinds!(Stored Disconnected), FactKinds::NONE, kinds!(Stored), FactKinds::ALL];
        let wanted = FactKinds::wanted(&sets);
        let of = |kind: FactKind| wanted[kind.index()];
        assert_eq!(of(FactKind::Stored), 0b1101);
        assert_eq!(of(FactKind::Disconnected), 0b1001);
        assert_eq!(of(FactKind::Commanded), 0b1000);
    }

    #[test]
    fn a_set_contains_the_kinds_it_was_made_of_and_no_other() {
        let set =
            FactKinds::of(&[FactKind::Commanded]).or(FactKinds::of(&[FactKind::Disconnected]));
        assert!(set.contains(FactKind::Commanded) && set.contains(FactKind::Disconnected));
        assert!(!set.contains(FactKind::Stored) && !FactKinds::NONE.contains(FactKind::Stored));
        assert!(FactKinds::ALL.contains(FactKind::Disconnected));
    }
}
