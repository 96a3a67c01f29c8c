//! The search for personal data: looks for the plain text of what customers have said about themselves in
//! all state and all facts of a platform.
//!
//! Everything is printed with `{:+?}`, which hides nothing (see [`Plain`]), into a sink that keeps only the
//! bytes in which a match can begin. No field has to be registered: a new one is searched as soon as it
//! exists. A text is recognised as it is, and as the decimal or hexadecimal digits of its bytes, which is
//! how a text that is kept as bytes prints.
//!
//! The cost grows with the bytes printed, not with the number of customers. Only worlds in which a customer
//! may ask for erasure have a search.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use crate::kernel::Step;
use crate::model::{CustomerId, Domain, Found, Plain, Record, Searched};
use crate::trace::Narrator;

/// How many bytes are buffered before they are searched.
const CHUNK: usize = 1 << 16;

/// The number of first bytes by which texts are looked up. A shorter text identifies no person.
const PREFIX: usize = 8;

/// The size in bits of the filter that rules out most positions, as a power of two.
const FILTER_BITS: u32 = 16;

/// The texts to look for, and the matches.
#[derive(Clone, Debug)]
pub(super) struct Search {
    people: BTreeMap<CustomerId, Vec<Plain>>,
    /// The texts that identify a customer, by their first bytes.
    needles: BTreeMap<u64, Vec<Needle>>,
    filter: Vec<u64>,
    longest: usize,
    places: u64,
    /// The first step at which a customer was found in a place.
    found: BTreeMap<(CustomerId, String), Step>,
}

#[derive(Clone, Debug)]
struct Needle {
    whose: CustomerId,
    bytes: Vec<u8>,
}

/// Searches printed text and drops it.
struct Sink<'a> {
    search: &'a Search,
    buffer: Vec<u8>,
    hits: BTreeSet<CustomerId>,
}

impl Search {
    pub(super) fn new() -> Self {
        Self {
            people: BTreeMap::new(),
            needles: BTreeMap::new(),
            filter: vec![0; (1 << FILTER_BITS) / 64],
            longest: PREFIX,
            places: 0,
            found: BTreeMap::new(),
        }
    }

    /// Adds a text to look for.
    pub(super) fn look_for(&mut self, whose: CustomerId, plain: &Plain) {
        let known = self.people.entry(whose).or_default();
        if known.contains(plain) {
            return;
        }
        known.push(plain.clone());
        for line in plain.lines().filter(|line| line.len() >= PREFIX) {
            let hex = line.bytes().map(|byte| format!("{byte:02x}")).collect();
            let numbers: Vec<String> = line.bytes().map(|byte| format!("{byte:+?}")).collect();
            for form in [line.to_owned(), hex, numbers.join(", ")] {
                self.add(Needle { whose, bytes: form.into_bytes() });
            }
        }
    }

    fn add(&mut self, needle: Needle) {
        let prefix = prefix(&needle.bytes);
        let bit = filter_bit(prefix);
        self.filter[bit / 64] |= 1 << (bit % 64);
        self.longest = self.longest.max(needle.bytes.len());
        self.needles.entry(prefix).or_default().push(needle);
    }

    /// Searches printed text, and notes which customers are found in a place.
    pub(super) fn through(&mut self, place: &str, step: Step, printed: fmt::Arguments<'_>) {
        let mut sink = Sink { search: self, buffer: Vec::new(), hits: BTreeSet::new() };
        sink.write_fmt(printed).expect("a sink accepts everything");
        sink.look();
        let hits = sink.hits;
        self.places += 1;
        for whose in hits {
            self.found.entry((whose, place.to_owned())).or_insert(step);
        }
    }

    /// Searches a record and its sentence in a story.
    pub(super) fn record<D: Domain>(&mut self, record: &Record<D>, narrator: Narrator<'_, D>) {
        let kind = record.fact.kind();
        let (records, sentences) = (format!("records of {kind:?}"), format!("story of {kind:?}"));
        self.through(&records, record.step, format_args!("{:+?}", record.fact));
        self.through(&sentences, record.step, format_args!("{}", narrator.sentence(record)));
    }

    /// All matches.
    pub(super) fn finish(self) -> Searched {
        let found = |((whose, place), step)| Found { whose, place, step };
        let (people, places) = (self.people.len() as u64, self.places);
        Searched { people, places, found: self.found.into_iter().map(found).collect() }
    }
}

impl Sink<'_> {
    /// Searches the buffer, and keeps its end, in which a match may begin.
    fn look(&mut self) {
        for at in 0..(self.buffer.len() + 1).saturating_sub(PREFIX) {
            let rest = &self.buffer[at..];
            let prefix = prefix(rest);
            let bit = filter_bit(prefix);
            if self.search.filter[bit / 64] & (1 << (bit % 64)) == 0 {
                continue;
            }
            let needles = self.search.needles.get(&prefix).into_iter().flatten();
            let met = needles.filter(|needle| rest.starts_with(&needle.bytes));
            self.hits.extend(met.map(|needle| needle.whose));
        }
        let kept = self.buffer.len().min(self.search.longest - 1);
        self.buffer.drain(..self.buffer.len() - kept);
    }
}

impl Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.buffer.extend_from_slice(text.as_bytes());
        if self.buffer.len() >= CHUNK {
            self.look();
        }
        Ok(())
    }
}

fn prefix(bytes: &[u8]) -> u64 {
    let mut first = [0; PREFIX];
    first.copy_from_slice(&bytes[..PREFIX]);
    u64::from_le_bytes(first)
}

fn filter_bit(prefix: u64) -> usize {
    (prefix.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - FILTER_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: CustomerId = CustomerId(3);

    fn search() -> Search {
        let mut search = Search::new();
        search.look_for(ANA, &Plain::new("Ana Grünewald\nana@example.org\nshort"));
        search.look_for(CustomerId(4), &Plain::new("Ben Example"));
        search
    }

    fn found(printed: fmt::Arguments<'_>) -> Vec<CustomerId> {
        let mut search = search();
        search.through("here", Step(7), printed);
        let found = search.finish().found;
        assert!(found.iter().all(|found| found.place == "here" && found.step == Step(7)));
        found.into_iter().map(|found| found.whose).collect()
    }

    #[test]
    fn a_text_is_found_in_every_form() {
        let name = "Ana Grünewald";
        assert_eq!(found(format_args!("{:+?}", Some(vec![name.to_owned()]))), [ANA]);
        assert_eq!(found(format_args!("{:+?}", name.as_bytes())), [ANA]);
        assert_eq!(found(format_args!("{:+?}", Plain::new("x\nana@example.org"))), [ANA]);
        let bytes = "ana@example.org".as_bytes().to_vec();
        let unsealed = crate::model::Sealed::new(ANA, [0; 12], bytes);
        assert_eq!(found(format_args!("{unsealed:+?}")), [ANA]);
    }

    #[test]
    fn other_text_is_not_found() {
        assert_eq!(found(format_args!("ana, Ana Grün, example.org, short, Ben Exampl")), []);
        assert_eq!(found(format_args!("")), []);
    }

    #[test]
    fn a_text_that_spans_two_chunks_is_found() {
        for before in CHUNK - 20..CHUNK + 2 {
            let (first, second) = (" ".repeat(before), "Ben Exam");
            assert_eq!(found(format_args!("{first}{second}ple and more")), [CustomerId(4)]);
        }
    }
}
