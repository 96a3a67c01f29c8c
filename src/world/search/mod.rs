//! The search for personal data: looks for the plain text of what customers have said about themselves in
//! all state and all facts of a platform.
//!
//! State is printed with `{:+?}`, which hides nothing (see [`Plain`]). Facts are hashed: a hash reads all that a
//! fact holds, and takes a tenth of the time that printing takes. Both go into a sink that keeps only the bytes
//! in which a match can begin. No field has to be registered: a new one is searched as soon as it exists. A
//! text is recognised as it is, and as the decimal or hexadecimal digits of its bytes, which is how a text
//! that is kept as bytes prints. Sentences are searched in runs of which a story is kept.
//!
//! The cost grows with the bytes searched, not with the number of customers. Only worlds in which a customer
//! may ask for erasure have a search.

mod content;
mod needles;
mod sink;

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::hash::Hash;

use crate::kernel::Step;
use crate::model::{CustomerId, Domain, Found, Plain, Record, Searched};
use crate::trace::Narrator;
use needles::Needles;
use sink::Sink;

/// The texts to look for, and the matches.
#[derive(Clone, Debug)]
pub(super) struct Search {
    needles: Needles,
    places: u64,
    /// The first step at which a customer was found in a place.
    found: BTreeMap<(CustomerId, String), Step>,
    /// What is searched next. Kept to reuse its allocation.
    buffer: Vec<u8>,
}

impl Search {
    pub(super) fn new() -> Self {
        let (needles, found, buffer) = (Needles::new(), BTreeMap::new(), Vec::new());
        Self { needles, places: 0, found, buffer }
    }

    /// Adds a text to look for.
    pub(super) fn look_for(&mut self, whose: CustomerId, plain: &Plain) {
        self.needles.look_for(whose, plain);
    }

    /// Searches printed text, and notes which customers are found in a place.
    pub(super) fn through(&mut self, place: &str, step: Step, printed: fmt::Arguments<'_>) {
        self.visit(format_args!("{place}"), step, |sink| {
            sink.write_fmt(printed).expect("a sink accepts everything");
        });
    }

    /// Searches a record.
    pub(super) fn record<D: Domain>(&mut self, record: &Record<D>) {
        let kind = record.fact.kind();
        self.visit(format_args!("records of {kind:?}"), record.step, |sink| {
            record.fact.hash(sink);
            if let Some(stored) = content::stored(&record.fact) {
                content::hash(stored, sink);
            }
        });
    }

    /// Searches the sentence of a record in a story.
    pub(super) fn sentence<D: Domain>(&mut self, record: &Record<D>, narrator: Narrator<'_, D>) {
        let kind = record.fact.kind();
        self.visit(format_args!("story of {kind:?}"), record.step, |sink| {
            sink.write_str(&narrator.sentence(record)).expect("a sink accepts everything");
        });
    }

    /// Searches what `write` writes.
    fn visit(&mut self, place: fmt::Arguments<'_>, step: Step, write: impl FnOnce(&mut Sink<'_>)) {
        let mut sink = Sink::new(&self.needles, &mut self.buffer);
        write(&mut sink);
        self.places += 1;
        for whose in sink.finish() {
            self.found.entry((whose, place.to_string())).or_insert(step);
        }
    }

    /// All matches.
    pub(super) fn finish(self) -> Searched {
        let found = |((whose, place), step)| Found { whose, place, step };
        let (people, places) = (self.needles.people() as u64, self.places);
        Searched { people, places, found: self.found.into_iter().map(found).collect() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::sink::CHUNK;
    use super::*;
    use crate::model::{Fact, Sealed, Stored};
    use crate::testing::{Counting, added};

    const ANA: CustomerId = CustomerId(3);

    fn search() -> Search {
        let mut search = Search::new();
        search.look_for(ANA, &Plain::new("Ana Grünewald\nana@example.org\nshort"));
        search.look_for(CustomerId(4), &Plain::new("Ben Example"));
        search.look_for(CustomerId(5), &Plain::new("Jo Smith"));
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
        let unsealed = Sealed::new(ANA, [0; 12], bytes);
        assert_eq!(found(format_args!("{unsealed:+?}")), [ANA]);
    }

    fn hashed(value: &impl Hash) -> Vec<CustomerId> {
        let mut search = search();
        search.visit(format_args!("here"), Step(7), |sink| value.hash(sink));
        search.finish().found.into_iter().map(|found| found.whose).collect()
    }

    #[test]
    fn a_text_is_found_in_a_hash() {
        let name = "Ana Grünewald";
        assert_eq!(hashed(&(1, Some(vec![name.to_owned()]))), [ANA]);
        assert_eq!(hashed(&[name.as_bytes(), b""]), [ANA]);
        assert_eq!(hashed(&VecDeque::from(name.as_bytes().to_vec())), [ANA]);
        assert_eq!(hashed(&format!("to ana@example.org.{}", 1)), [ANA]);
        let bytes = "ana@example.org".as_bytes().to_vec();
        assert_eq!(hashed(&Some(Sealed::new(ANA, [0; 12], bytes))), [ANA]);
        let both = ["Ana Grünewald", "Ben Example"];
        assert_eq!(hashed(&both), [ANA, CustomerId(4)]);
        assert_eq!(hashed(&["Ana Grün", "ewald"]), [], "two texts");
    }

    #[test]
    fn the_content_of_a_stored_event_is_searched_although_its_hash_leaves_it_out() {
        let Stored { stream, version, position, metadata, chain, signature, .. } = *added(0, 1, 1);
        let event = "Ben Example".to_owned();
        let leak = Stored { stream, version, position, metadata, event, chain, signature };
        assert_eq!(hashed(&leak), []);
        let mut search = search();
        search.visit(format_args!("here"), Step(7), |sink| content::hash(&leak, sink));
        assert_eq!(search.finish().found.len(), 1);
        let (queue, event, redelivered) = (0, added(0, 1, 1), false);
        let fact: Fact<Counting> = Fact::Delivered { queue, event, redelivered };
        assert!(content::stored(&fact).is_some());
    }

    #[test]
    fn the_shortest_text_is_found_wherever_it_begins() {
        for before in 0..12 {
            let text = " ".repeat(before) + "Jo Smith";
            assert_eq!(found(format_args!("{text}")), [CustomerId(5)], "{text}");
            assert_eq!(found(format_args!("{text} and more")), [CustomerId(5)], "{text}");
        }
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
