//! The texts that identify customers, and the search for them in bytes.

use std::collections::BTreeMap;

use crate::model::{CustomerId, Plain};

/// The length of the shortest text that is looked for. A shorter one identifies no person.
const SHORTEST: usize = 8;

/// The number of bytes by which texts are looked up.
const GRAM: usize = 4;

/// The distance between two positions that are looked at. Each text has a gram at one of as many positions
/// in a row.
const STRIDE: usize = SHORTEST - GRAM + 1;

/// The size in bits of the filter that rules out most positions, as a power of two.
const FILTER_BITS: u32 = 16;

/// The texts to look for.
#[derive(Clone, Debug)]
pub(super) struct Needles {
    people: BTreeMap<CustomerId, Vec<Plain>>,
    needles: Vec<Needle>,
    /// The needles that have a gram at an offset below [`STRIDE`].
    by_gram: BTreeMap<u32, Vec<(usize, usize)>>,
    filter: Vec<u64>,
    longest: usize,
}

#[derive(Clone, Debug)]
struct Needle {
    whose: CustomerId,
    bytes: Vec<u8>,
}

impl Needles {
    pub(super) fn new() -> Self {
        Self {
            people: BTreeMap::new(),
            needles: Vec::new(),
            by_gram: BTreeMap::new(),
            filter: vec![0; (1 << FILTER_BITS) / 64],
            longest: SHORTEST,
        }
    }

    /// Adds each line of a text, in each form in which it can appear.
    pub(super) fn look_for(&mut self, whose: CustomerId, plain: &Plain) {
        let known = self.people.entry(whose).or_default();
        if known.contains(plain) {
            return;
        }
        known.push(plain.clone());
        for line in plain.lines().filter(|line| line.len() >= SHORTEST) {
            let hex = line.bytes().map(|byte| format!("{byte:02x}")).collect();
            let numbers: Vec<String> = line.bytes().map(|byte| format!("{byte:+?}")).collect();
            for form in [line.to_owned(), hex, numbers.join(", ")] {
                self.add(Needle { whose, bytes: form.into_bytes() });
            }
        }
    }

    fn add(&mut self, needle: Needle) {
        for offset in 0..STRIDE {
            let gram = gram(&needle.bytes[offset..]);
            let bit = filter_bit(gram);
            self.filter[bit / 64] |= 1 << (bit % 64);
            self.by_gram.entry(gram).or_default().push((offset, self.needles.len()));
        }
        self.longest = self.longest.max(needle.bytes.len());
        self.needles.push(needle);
    }

    /// The number of people whose texts are looked for.
    pub(super) fn people(&self) -> usize {
        self.people.len()
    }

    /// The length of the longest text.
    pub(super) const fn longest(&self) -> usize {
        self.longest
    }

    /// Whose texts are in `bytes`. Adds them to `hits`.
    pub(super) fn find(&self, bytes: &[u8], hits: &mut Vec<CustomerId>) {
        let mut at = 0;
        while at + GRAM <= bytes.len() {
            let gram = gram(&bytes[at..]);
            let bit = filter_bit(gram);
            if self.filter[bit / 64] & (1 << (bit % 64)) != 0 {
                self.compare(bytes, at, gram, hits);
            }
            at += STRIDE;
        }
    }

    /// Compares the bytes around a position with the texts that have the gram that is there.
    #[cold]
    fn compare(&self, bytes: &[u8], at: usize, gram: u32, hits: &mut Vec<CustomerId>) {
        for &(offset, needle) in self.by_gram.get(&gram).into_iter().flatten() {
            let Needle { whose, bytes: needle } = &self.needles[needle];
            let begins = at.checked_sub(offset);
            if begins.is_some_and(|begins| bytes[begins..].starts_with(needle))
                && !hits.contains(whose)
            {
                hits.push(*whose);
            }
        }
    }
}

fn gram(bytes: &[u8]) -> u32 {
    let mut first = [0; GRAM];
    first.copy_from_slice(&bytes[..GRAM]);
    u32::from_le_bytes(first)
}

fn filter_bit(gram: u32) -> usize {
    (gram.wrapping_mul(0x9E37_79B1) >> (32 - FILTER_BITS)) as usize
}
