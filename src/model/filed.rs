//! Events as bytes.

use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::events::PAGE;
use super::{
    CommandId, CustomerId, EventId, Metadata, Position, Principal, RequestId, Stored, StreamId,
    Version,
};

use crate::collections::{Reader, Table, Writer};
use crate::kernel::Instant;

const WORD: usize = u64::BITS as usize;

/// A page of events: what the domain says as it is, hashes as they are, and all else as numbers that are small where
/// events usually agree with each other.
#[derive(Debug)]
pub(super) struct Filed<E> {
    /// Which entries have an event.
    filled: [u64; PAGE / WORD],
    /// The position of the first entry, and when its event was recorded.
    near: Near,
    /// Of each event: where it begins.
    begins: Box<[u16]>,
    bytes: Box<[u8]>,
    /// What the domain says, once each: many events say the same, such as that a step was done.
    events: Box<[E]>,
    /// Of each event: which of these it is.
    said: Box<[u8]>,
    seals: Box<[Seal]>,
}

#[derive(Clone, Copy, Debug)]
struct Near {
    position: u64,
    recorded_at: u64,
}

#[derive(Debug)]
struct Seal {
    chain: [u8; 32],
    signature: [u8; 16],
}

/// What a byte says of an event that is often so: it is a saga's record of its own progress; an event caused it;
/// a saga made it; the customer who made it is the one whose request led to it.
const OWN_PROGRESS: u8 = 1;
const CAUSED: u8 = 2;
const BY_SAGA: u8 = 4;
const BY_REQUESTER: u8 = 8;

impl<E: Clone + PartialEq + Hash> Filed<E> {
    pub(super) fn of(entries: &[Option<Arc<Stored<E>>>]) -> Self {
        let all =
            || entries.iter().enumerate().filter_map(|(at, entry)| Some((at, entry.as_ref()?)));
        let near = all().next().map_or(Near { position: 0, recorded_at: 0 }, |(at, first)| Near {
            position: first.position.0.wrapping_sub(at as u64),
            recorded_at: first.metadata.recorded_at.as_nanos(),
        });
        let (mut filled, mut begins, mut to) = ([0; PAGE / WORD], Vec::new(), Writer::default());
        for (at, event) in all() {
            filled[at / WORD] |= 1 << (at % WORD);
            begins.push(u16::try_from(to.len()).expect("events are short"));
            write(event, near.at(at), &mut to);
        }
        let (events, said) = once_each(all().map(|(_, event)| &event.event));
        let seal = |event: &Stored<E>| Seal { chain: event.chain, signature: event.signature };
        Self {
            filled,
            near,
            begins: begins.into(),
            bytes: to.finish(),
            events,
            said,
            seals: all().map(|(_, event)| seal(event)).collect(),
        }
    }
}

impl<E: Clone> Filed<E> {
    /// Calls a function with each event whose stream is wanted, in order.
    pub(super) fn each(&self, wanted: impl Fn(StreamId) -> bool, mut see: impl FnMut(&Stored<E>)) {
        for (nth, at) in (0..PAGE).filter(|at| self.has(*at)).enumerate() {
            if wanted(self.stream_of(nth)) {
                see(&self.nth_event(nth, at));
            }
        }
    }

    /// The event of an entry that has one.
    pub(super) fn event(&self, at: usize) -> Stored<E> {
        self.nth_event(self.nth(at), at)
    }

    fn nth_event(&self, nth: usize, at: usize) -> Stored<E> {
        let from = &mut Reader::new(&self.bytes[usize::from(self.begins[nth])..]);
        let (stream, version, position, metadata) = read(from, self.near.at(at));
        let Seal { chain, signature } = self.seals[nth];
        Stored {
            stream,
            version,
            position,
            metadata,
            event: self.said(nth).clone(),
            chain,
            signature,
        }
    }

    /// The id of the event of an entry that has one, its schema, and what the domain says.
    pub(super) fn written(&self, at: usize) -> (EventId, u16, &E) {
        let nth = self.nth(at);
        let from = &mut Reader::new(&self.bytes[usize::from(self.begins[nth])..]);
        let (_, _, _, _, id, schema) = read_head(from, self.near.at(at));
        (id, schema, self.said(nth))
    }

    fn said(&self, nth: usize) -> &E {
        &self.events[usize::from(self.said[nth])]
    }

    /// All entries.
    pub(super) fn all(&self) -> Vec<Option<Arc<Stored<E>>>> {
        (0..PAGE).map(|at| self.has(at).then(|| Arc::new(self.event(at)))).collect()
    }
}

impl<E> Filed<E> {
    pub(super) const fn has(&self, at: usize) -> bool {
        self.filled[at / WORD] & 1 << (at % WORD) != 0
    }

    /// The stream of the event, if there is one.
    pub(super) fn stream(&self, at: usize) -> Option<StreamId> {
        self.has(at).then(|| self.stream_of(self.nth(at)))
    }

    fn stream_of(&self, nth: usize) -> StreamId {
        StreamId::unpack(&mut Reader::new(&self.bytes[usize::from(self.begins[nth])..]))
    }

    /// The number of events before an entry.
    fn nth(&self, at: usize) -> usize {
        let words = self.filled[..at / WORD].iter().map(|word| word.count_ones()).sum::<u32>();
        let within = self.filled[at / WORD] & ((1 << (at % WORD)) - 1);
        (words + within.count_ones()) as usize
    }
}

/// What events say, once each; and of each event, which of these it says.
fn once_each<'a, E: Clone + PartialEq + Hash + 'a>(
    all: impl Iterator<Item = &'a E>,
) -> (Box<[E]>, Box<[u8]>) {
    let (mut events, mut said) = (Vec::<E>::new(), Vec::new());
    let mut places = Table::<u64, usize>::default();
    for event in all {
        let new = events.len();
        let place = *places.get_or_insert_with(FxBuildHasher.hash_one(event), || new);
        let is_it = events.get(place).is_some_and(|known| known == event);
        if !is_it {
            events.push(event.clone());
        }
        let place = if is_it { place } else { new };
        said.push(u8::try_from(place).expect("a page has no more events"));
    }
    (events.into(), said.into())
}

impl Near {
    const fn at(self, entry: usize) -> Self {
        Self { position: self.position.wrapping_add(entry as u64), ..self }
    }
}

/// All but the hashes and what the domain says. The stream is first.
fn write<E>(event: &Stored<E>, near: Near, to: &mut Writer) {
    let Stored { stream, version, position, metadata, event: _, chain: _, signature: _ } = event;
    let Metadata { id, schema, correlation, causation, actor, occurred_at, recorded_at } = metadata;
    let own_progress = matches!(id.command, CommandId::Progress { saga, .. } if saga == *stream);
    let (by_saga, by_requester) = match (actor, correlation) {
        (Principal::Saga, _) => (true, false),
        (Principal::Customer(actor), CommandId::Request(request)) => {
            (false, *actor == request.customer)
        }
        (Principal::Customer(_), _) => (false, false),
    };
    stream.pack(to);
    let flags = [
        (own_progress, OWN_PROGRESS),
        (causation.is_some(), CAUSED),
        (by_saga, BY_SAGA),
        (by_requester, BY_REQUESTER),
    ];
    to.byte(flags.into_iter().filter(|(is_so, _)| *is_so).map(|(_, flag)| flag).sum());
    to.number(version.0.into());
    to.difference(position.0, near.position);
    match id.command {
        CommandId::Progress { saga: _, after } if own_progress => {
            to.difference(after.0.into(), version.0.into());
        }
        command => command.pack(to),
    }
    to.byte(id.nth);
    to.number((*schema).into());
    correlation.pack(to);
    if let Some(causation) = causation {
        causation.pack(to);
    }
    if let Principal::Customer(actor) = actor
        && !by_requester
    {
        to.number(actor.0.into());
    }
    to.difference(recorded_at.as_nanos(), near.recorded_at);
    to.difference(occurred_at.as_nanos(), recorded_at.as_nanos());
}

/// The stream, what is so, the version, the position, the id and the schema.
fn read_head(from: &mut Reader<'_>, near: Near) -> (StreamId, u8, Version, Position, EventId, u16) {
    let stream = StreamId::unpack(from);
    let flags = from.byte();
    let version = Version(from.number() as u32);
    let position = Position(from.difference(near.position));
    let command = if flags & OWN_PROGRESS != 0 {
        let after = Version(from.difference(version.0.into()) as u32);
        CommandId::Progress { saga: stream, after }
    } else {
        CommandId::unpack(from)
    };
    let id = EventId { command, nth: from.byte() };
    (stream, flags, version, position, id, from.number() as u16)
}

fn read(from: &mut Reader<'_>, near: Near) -> (StreamId, Version, Position, Metadata) {
    let (stream, flags, version, position, id, schema) = read_head(from, near);
    let is = |flag| flags & flag != 0;
    let correlation = CommandId::unpack(from);
    let causation = is(CAUSED).then(|| EventId::unpack(from));
    let actor = match correlation {
        _ if is(BY_SAGA) => Principal::Saga,
        CommandId::Request(RequestId { customer, .. }) if is(BY_REQUESTER) => {
            Principal::Customer(customer)
        }
        _ => Principal::Customer(CustomerId(from.number() as u32)),
    };
    let recorded_at = from.difference(near.recorded_at);
    let occurred_at = Instant::from_nanos(from.difference(recorded_at));
    let recorded_at = Instant::from_nanos(recorded_at);
    let metadata = Metadata { id, schema, correlation, causation, actor, occurred_at, recorded_at };
    (stream, version, position, metadata)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Category, EffectId};

    const SAGA: StreamId = StreamId { category: Category(255), number: u32::MAX };

    /// Events that have as little in common as events can.
    fn odd() -> Vec<Option<Arc<Stored<u8>>>> {
        let request = |customer| {
            CommandId::Request(RequestId { customer: CustomerId(customer), nth: u32::MAX })
        };
        let effect = CommandId::Effect(EffectId { saga: SAGA, version: Version(9), nth: 3 });
        let progress = |after| CommandId::Progress { saga: SAGA, after: Version(after) };
        let commands = [request(0), request(u32::MAX), effect, progress(0), progress(u32::MAX)];
        let actors = [
            Principal::Saga,
            Principal::Customer(CustomerId(0)),
            Principal::Customer(CustomerId(7)),
        ];
        let streams = [SAGA, StreamId { category: Category(0), number: 0 }];
        let mut entries = vec![None; 3];
        for (nth, command) in (0..).zip(commands) {
            for (actor, stream) in actors.into_iter().zip(streams.into_iter().cycle()) {
                for causation in [None, Some(EventId { command, nth: 255 })] {
                    let index = entries.len() as u64;
                    let metadata = Metadata {
                        id: EventId { command, nth: index as u8 },
                        schema: [0, u16::MAX][nth % 2],
                        correlation: commands[(nth + 1) % commands.len()],
                        causation,
                        actor,
                        occurred_at: Instant::from_nanos(index.wrapping_mul(u64::MAX / 3)),
                        recorded_at: Instant::from_nanos(index.wrapping_mul(u64::MAX / 7)),
                    };
                    entries.push(Some(Arc::new(Stored {
                        stream,
                        version: Version((index as u32).wrapping_mul(u32::MAX / 2)),
                        position: Position(index.wrapping_mul(u64::MAX / 5)),
                        metadata,
                        event: index as u8,
                        chain: std::array::from_fn(|at| at as u8 ^ index as u8),
                        signature: [index as u8; 16],
                    })));
                }
            }
            entries.push(None);
        }
        entries
    }

    #[test]
    fn events_are_read_as_they_were_written() {
        let mut entries = odd();
        let filed = Filed::of(&entries);
        entries.resize(PAGE, None);
        assert_eq!(filed.all(), entries);
        for (at, entry) in entries.iter().enumerate() {
            assert_eq!(filed.has(at), entry.is_some());
            if let Some(event) = entry {
                let Metadata { id, schema, .. } = event.metadata;
                assert_eq!(filed.written(at), (id, schema, &event.event));
            }
            assert_eq!(filed.stream(at), entry.as_ref().map(|event| event.stream));
        }
    }

    #[test]
    fn what_several_events_say_is_kept_once() {
        let all = [7, 3, 7, 7, 9, 3];
        let (events, said) = once_each(all.iter());
        assert_eq!((&*events, &*said), (&[7, 3, 9][..], &[0, 1, 0, 0, 2, 1][..]));
        let all: Vec<_> = (0..PAGE as u32).collect();
        let (events, said) = once_each(all.iter());
        assert_eq!(*events, *all);
        assert!(said.iter().copied().eq(0..=255));
    }

    #[test]
    fn a_page_may_be_empty() {
        let filed = Filed::<u8>::of(&vec![None; PAGE]);
        assert!((0..PAGE).all(|at| !filed.has(at)));
    }
}
