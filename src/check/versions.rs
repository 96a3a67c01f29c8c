//! `dense-versions`: the log keeps what an event store promises.

use super::positions::Positions;
use super::streams::Streams;
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::{Digest, Step};
use crate::model::{
    Domain, EventRef, Fact, Position, Record, Rest, Stored, StreamId, Version, Vocabulary,
};
use crate::platform::seal;

pub(super) const DENSE_VERSIONS: Property = Property {
    id: "dense-versions",
    when: When::AlwaysAndAtRest,
    says: "the versions of a stream become visible one after the other from 1, every global \
           position belongs to one event, no visible event is changed or removed, and hash chain \
           and signatures are valid",
};

/// Follows the head of every stream and recomputes its chain.
#[derive(Clone, Debug, Default)]
pub(super) struct Versions {
    heads: Streams<Head>,
    allocated: Positions,
    stored: Positions,
    /// The number of events that became visible and the sum of their digests. The log at rest must have
    /// the same.
    count: u64,
    content: u64,
}

#[derive(Clone, Debug)]
struct Head {
    chain: [u8; 32],
    version: Version,
    step: Step,
}

impl Default for Head {
    fn default() -> Self {
        Self { chain: seal::ORIGIN, version: Version(0), step: Step(0) }
    }
}

impl<D: Domain> Checker<D> for Versions {
    const PROPERTIES: &'static [Property] = &[DENSE_VERSIONS];
    const FACTS: FactKinds = kinds!(Stored Allocated);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if let Fact::Stored(event) = &record.fact {
            self.stored(event, checks);
        } else if let Fact::Allocated { command, first, count } = record.fact {
            let mut fresh = true;
            for nth in 0..u64::from(count) {
                fresh &= self.allocated.insert(Position(first.0 + nth));
            }
            checks.that(&DENSE_VERSIONS, fresh, [record.step], |words| {
                let command = words.command(command);
                format!(
                    "{command} was allocated {count} positions from {first} on, but some of them were \
                     allocated before"
                )
            });
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        let count = rest.events.len() as u64;
        let mut content = 0_u64;
        rest.events.each(|event| content = content.wrapping_add(digest(event)));
        let same = (count, content) == (self.count, self.content);
        let (says, because) =
            if same { Default::default() } else { self.difference(rest, checks.words) };
        checks.that(&DENSE_VERSIONS, same, because, |_| says);
    }
}

impl Versions {
    fn stored<D: Domain>(&mut self, event: &Stored<D::Event>, checks: &mut Checks<'_, D>) {
        let (stream, version, position) = (event.stream, event.version, event.position);
        let head = self.heads.entry(stream);
        let (step, last) = (checks.step(), head.version);
        let because = [head.step, step];
        checks.that(&DENSE_VERSIONS, version == last.next(), because, |words| {
            let stream = words.stream(stream);
            format!("{stream} {version} became visible, but the last before it was {last}")
        });

        let allocated = self.allocated.contains(position);
        let unique = allocated && self.stored.insert(position);
        checks.that(&DENSE_VERSIONS, unique, because, |words| {
            let why = match allocated {
                true => "another event has that position",
                false => "that position was not allocated",
            };
            let stream = words.stream(stream);
            format!("{stream} {version} became visible at {position}, but {why}")
        });

        let chain = seal::chain(&head.chain, event);
        let sealed = event.chain == chain && event.signature == seal::sign(&chain);
        checks.that(&DENSE_VERSIONS, sealed, because, |words| {
            let what = if event.chain == chain { "signature" } else { "hash" };
            let stream = words.stream(stream);
            format!(
                "{stream} {version} became visible at {position}, but its {what} does not follow from \
                 its content and the event before it"
            )
        });

        *head = Head { chain: event.chain, version, step };
        self.count += 1;
        self.content = self.content.wrapping_add(digest(event));
    }

    /// Where the log at rest differs from what became visible.
    fn difference<D: Domain>(
        &self,
        rest: &Rest<'_, D>,
        words: Vocabulary<'_, D>,
    ) -> (String, Option<Step>) {
        let mut left: Streams<Vec<EventRef<'_, D::Event>>> = Streams::default();
        rest.events.iter().for_each(|event| left.entry(event.stream).push(event));
        for (stream, head) in self.heads.iter() {
            let events = left.get(stream).map_or(&[][..], Vec::as_slice);
            if let Some(says) = changed(words, stream, head, events) {
                return (says, Some(head.step));
            }
        }
        let (count, left) = (self.count, rest.events.len());
        (format!("{count} events became visible, but the log holds {left}, and not the same"), None)
    }
}

/// How a stream in the log differs from what became visible, if it does.
fn changed<D: Domain>(
    words: Vocabulary<'_, D>,
    stream: StreamId,
    head: &Head,
    events: &[EventRef<'_, D::Event>],
) -> Option<String> {
    let (name, count) = (words.stream(stream), head.version);
    let (mut chain, mut last) = (seal::ORIGIN, Version(0));
    for event in events {
        let version = &event.version;
        chain = seal::chain(&chain, event);
        if chain != event.chain {
            return Some(format!(
                "{name} became visible up to {count} with its chain intact, but {version} in the log \
                 does not follow from its content and the event before it"
            ));
        }
        last = *version;
    }
    let says =
        || format!("{name} became visible up to {count}, but in the log it ends with {last}");
    (chain != head.chain).then(says)
}

fn digest<E: std::hash::Hash>(event: &Stored<E>) -> u64 {
    let Stored { stream, version, position, metadata, event, chain, signature } = event;
    let mut digest = Digest::default();
    digest.fold(&(stream, version, position, metadata, event, chain, signature));
    digest.value()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::check::testing::{Counted, History, counter};

    #[test]
    fn a_log_that_grows_version_by_version_is_accepted() {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1)), (counter(1), Counted::Added(1))]);
        history.append(2, &[(counter(0), Counted::Added(2))]);
        history.accepted_by::<Versions>();
    }

    #[test]
    fn transactions_that_become_visible_out_of_order_are_accepted() {
        let mut history = History::default();
        let slow = history.begin(1, &[(counter(0), Counted::Added(1))]);
        let fast = history.begin(2, &[(counter(1), Counted::Added(1))]);
        history.finish(fast);
        history.finish(slow);
        history.accepted_by::<Versions>();
    }

    #[test]
    fn a_gap_in_a_stream_is_rejected() {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1))]);
        history.skip_version(counter(0));
        history.append(2, &[(counter(0), Counted::Added(2))]);
        history.rejected_by::<Versions>(
            "dense-versions",
            "k-0 v3 became visible, but the last before",
        );
    }

    #[test]
    fn a_position_that_two_events_have_is_rejected() {
        let mut history = History::default();
        let first = history.begin(1, &[(counter(0), Counted::Added(1))]);
        let mut second = history.begin(2, &[(counter(1), Counted::Added(1))]);
        second.first = first.first;
        history.finish(first);
        history.finish(second);
        history.rejected_by::<Versions>("dense-versions", "another event has that position");
    }

    #[test]
    fn a_position_that_was_not_allocated_is_rejected() {
        let mut history = History::default();
        let mut append = history.begin(1, &[(counter(0), Counted::Added(1))]);
        append.first.0 += 7;
        history.finish(append);
        history.rejected_by::<Versions>("dense-versions", "that position was not allocated");
    }

    #[test]
    fn positions_that_are_allocated_twice_are_rejected() {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1))]);
        history.rewind_positions();
        history.begin(2, &[(counter(1), Counted::Added(1))]);
        history.rejected_by::<Versions>("dense-versions", "were allocated before");
    }

    #[test]
    fn an_event_whose_content_was_changed_after_it_was_sealed_is_rejected() {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1))]);
        history.change_stored(|event| event.event = Counted::Added(100));
        history.rejected_by::<Versions>("dense-versions", "its hash does not follow");
    }

    #[test]
    fn a_signature_with_another_key_is_rejected() {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1))]);
        history.change_stored(|event| event.signature[0] ^= 1);
        history.rejected_by::<Versions>("dense-versions", "its signature does not follow");
    }

    #[test]
    fn an_event_that_is_changed_or_removed_later_is_rejected() {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1)), (counter(0), Counted::Added(2))]);
        let mut removed = history.clone();
        removed.log.pop();
        removed
            .rejected_by::<Versions>("dense-versions", "up to v2, but in the log it ends with v1");
        Arc::make_mut(&mut history.log[0]).event = Counted::Added(100);
        history.rejected_by::<Versions>("dense-versions", "but v1 in the log does not follow");
    }
}
