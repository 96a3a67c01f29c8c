//! A set of positions of any size.

use crate::collections::Table;

/// One bit for each position. Positions next to each other share a word, so ten million of them take a few
/// megabytes, and ten million that are far apart a few hundred.
#[derive(Debug, Default)]
pub(super) struct Positions {
    words: Table<u64, u64>,
    /// The word that was changed last, which is mostly the next one, too.
    last: (u64, u64),
}

impl Positions {
    /// Inserts a position and returns whether it is new.
    pub(super) fn insert(&mut self, position: u64) -> bool {
        let (index, bit) = (position / 64, 1 << (position % 64));
        if self.last.0 != index {
            let (last, word) = self.last;
            self.words.insert(last, word);
            self.last = (index, self.words.get(&index).copied().unwrap_or_default());
        }
        let is_new = self.last.1 & bit == 0;
        self.last.1 |= bit;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_new_once() {
        let mut positions = Positions::default();
        for position in [0, 63, 64, u64::MAX, 1 << 60, 1] {
            assert!(positions.insert(position), "{position}");
        }
        for position in [0, 63, 64, u64::MAX, 1 << 60, 1] {
            assert!(!positions.insert(position), "{position}");
        }
    }
}
