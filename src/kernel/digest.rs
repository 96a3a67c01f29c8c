//! A 64-bit rolling hash over everything that happens in a run.
//!
//! It reads whole integers and never memory, so it depends neither on byte order nor on the width of a
//! pointer. Any type that derives [`Hash`] can be folded in, except slices of wide integers: the standard
//! library hashes their memory.

use std::hash::{Hash, Hasher};

const SEED: u64 = 0x9E37_79B9_7F4A_7C15;
const MULTIPLIER: u64 = 0xD6E8_FEB8_6659_FD93;

/// Both halves of a 128-bit product: every input bit reaches every output bit.
pub(super) const fn folded_multiply(a: u64, b: u64) -> u64 {
    let product = (a as u128) * (b as u128);
    (product as u64) ^ ((product >> 64) as u64)
}

/// The digest of a run so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(SEED)
    }
}

impl Digest {
    /// Folds one word in; the order of words matters.
    #[inline]
    pub fn word(&mut self, word: u64) {
        self.0 = folded_multiply(self.0.rotate_left(23) ^ word, MULTIPLIER).wrapping_add(SEED);
    }

    /// Folds a value in through its `Hash`.
    #[inline]
    pub fn fold<T: Hash + ?Sized>(&mut self, value: &T) {
        let mut hasher = FoldHasher(*self);
        value.hash(&mut hasher);
        *self = hasher.0;
    }

    /// The 64 bits.
    pub const fn value(self) -> u64 {
        self.0
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Feeds a [`Digest`] from a `Hash` implementation.
struct FoldHasher(Digest);

/// Folds each integer in as one word, sign-extended if it is signed.
macro_rules! write_words {
    ($($write:ident: $integer:ty),+ $(,)?) => {
        $(#[inline]
        fn $write(&mut self, value: $integer) {
            self.0.word(value as u64);
        })+
    };
}

impl Hasher for FoldHasher {
    fn finish(&self) -> u64 {
        self.0.0
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        words.iter().for_each(|word| self.0.word(u64::from_le_bytes(*word)));
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.0.word(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn write_u128(&mut self, value: u128) {
        self.0.word(value as u64);
        self.0.word((value >> 64) as u64);
    }

    write_words! {
        write_u8: u8, write_u16: u16, write_u32: u32, write_u64: u64, write_usize: usize,
        write_i8: i8, write_i16: i16, write_i32: i32, write_i64: i64, write_isize: isize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_value_of_every_word_matter() {
        let of = |words: &[u64]| {
            let mut digest = Digest::default();
            words.iter().for_each(|&word| digest.word(word));
            digest.value()
        };
        assert_ne!(of(&[1, 2]), of(&[2, 1]));
        assert_ne!(of(&[0]), of(&[0, 0]));
        assert_eq!(of(&[7, 8]), of(&[7, 8]));
    }

    #[test]
    fn the_value_is_the_same_on_every_platform() {
        let mut digest = Digest::default();
        digest.fold(&(1_u8, -2_i64, 3_usize, "four", Some(5_u32)));
        assert_eq!(digest.to_string(), "e052f730de597255");
    }
}
