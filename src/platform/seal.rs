//! How the event store makes its log evident: every event is chained to the one before it in its
//! stream, and the store signs the chain.
//!
//! `chain = blake3(previous chain ‖ canonical bytes)`, 32 zero bytes before the first event, and
//! `signature = blake3 keyed with the store's key (chain)`, cut to 128 bits. The canonical bytes are
//! what [`Hash`] says of stream, version, position, metadata and event, every number in fixed width
//! and little endian, so that they depend neither on the platform nor on the width of a pointer.
//! Slices of wide integers are the exception: the standard library hands their memory over as it lies.
//!
//! There is no key management here: the key is the store's for as long as a run lasts.

use std::hash::{Hash, Hasher};

use arrayvec::ArrayVec;

use crate::model::{Metadata, Position, Stored, StreamId, Version};

/// What the first event of a stream is chained to.
pub(crate) const ORIGIN: [u8; 32] = [0; 32];

/// The key under which the store signs.
const STORE_KEY: &[u8; 32] = b"jetlag: the key of the one store";

/// The chain after an event, given the chain before it.
pub(crate) fn chain<E: Hash>(
    previous: &[u8; 32],
    stream: StreamId,
    version: Version,
    position: Position,
    metadata: &Metadata,
    event: &E,
) -> [u8; 32] {
    let mut canonical = Canonical::default();
    canonical.write(previous);
    stream.hash(&mut canonical);
    version.hash(&mut canonical);
    position.hash(&mut canonical);
    metadata.hash(&mut canonical);
    event.hash(&mut canonical);
    canonical.digest()
}

/// The store's signature over a chain.
pub(crate) fn sign(chain: &[u8; 32]) -> [u8; 16] {
    let whole = blake3::keyed_hash(STORE_KEY, chain);
    let mut half = [0; 16];
    half.copy_from_slice(&whole.as_bytes()[..16]);
    half
}

/// An event as the store keeps it, chained to `previous` and signed.
pub(crate) fn seal<E: Hash>(
    previous: &[u8; 32],
    stream: StreamId,
    version: Version,
    position: Position,
    metadata: Metadata,
    event: E,
) -> Stored<E> {
    let chain = chain(previous, stream, version, position, &metadata, &event);
    let signature = sign(&chain);
    Stored { stream, version, position, metadata, event, chain, signature }
}

/// The largest input that blake3 takes in one piece.
const CHUNK: usize = 1024;

/// Collects canonical bytes on the stack. What does not fit goes through an incremental hasher, which
/// gives the same digest more slowly.
#[derive(Default)]
struct Canonical {
    bytes: ArrayVec<u8, CHUNK>,
    spilled: Option<Box<blake3::Hasher>>,
}

impl Canonical {
    fn digest(mut self) -> [u8; 32] {
        match self.spilled.take() {
            None => *blake3::hash(&self.bytes).as_bytes(),
            Some(mut hasher) => *hasher.update(&self.bytes).finalize().as_bytes(),
        }
    }

    #[cold]
    fn spill(&mut self, bytes: &[u8]) {
        let hasher = self.spilled.get_or_insert_with(|| Box::new(blake3::Hasher::new()));
        hasher.update(&self.bytes).update(bytes);
        self.bytes.clear();
    }
}

impl Hasher for Canonical {
    /// Nobody asks for 64 bits of it; they are the first of the digest's.
    fn finish(&self) -> u64 {
        let whole = match &self.spilled {
            None => blake3::hash(&self.bytes),
            Some(hasher) => hasher.as_ref().clone().update(&self.bytes).finalize(),
        };
        let mut first = [0; 8];
        first.copy_from_slice(&whole.as_bytes()[..8]);
        u64::from_le_bytes(first)
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        if self.bytes.try_extend_from_slice(bytes).is_err() {
            self.spill(bytes);
        }
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.write(&[value]);
    }

    #[inline]
    fn write_u16(&mut self, value: u16) {
        self.write(&value.to_le_bytes());
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.write(&value.to_le_bytes());
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.write(&value.to_le_bytes());
    }

    #[inline]
    fn write_u128(&mut self, value: u128) {
        self.write(&value.to_le_bytes());
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    #[inline]
    fn write_i8(&mut self, value: i8) {
        self.write(&value.to_le_bytes());
    }

    #[inline]
    fn write_i16(&mut self, value: i16) {
        self.write(&value.to_le_bytes());
    }

    #[inline]
    fn write_i32(&mut self, value: i32) {
        self.write(&value.to_le_bytes());
    }

    #[inline]
    fn write_i64(&mut self, value: i64) {
        self.write(&value.to_le_bytes());
    }

    #[inline]
    fn write_i128(&mut self, value: i128) {
        self.write(&value.to_le_bytes());
    }

    #[inline]
    fn write_isize(&mut self, value: isize) {
        self.write_i64(value as i64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Instant;
    use crate::model::{Category, CommandId, CustomerId, EventId, Principal, RequestId};

    fn metadata() -> Metadata {
        let command = CommandId::Request(RequestId { customer: CustomerId(0), nth: 1 });
        Metadata {
            id: EventId { command, nth: 0 },
            schema: 1,
            correlation: command,
            causation: None,
            actor: Principal::Customer(CustomerId(0)),
            occurred_at: Instant::from_nanos(5),
            recorded_at: Instant::from_nanos(7),
        }
    }

    fn sealed(previous: &[u8; 32], version: u32, event: &str) -> Stored<String> {
        let stream = StreamId { category: Category(0), number: 3 };
        seal(previous, stream, Version(version), Position(9), metadata(), event.to_owned())
    }

    #[test]
    fn everything_about_an_event_changes_its_chain() {
        let one = sealed(&ORIGIN, 1, "held");
        assert_eq!(one, sealed(&ORIGIN, 1, "held"));
        assert_ne!(one.chain, sealed(&ORIGIN, 2, "held").chain);
        assert_ne!(one.chain, sealed(&ORIGIN, 1, "sold").chain);
        assert_ne!(one.chain, sealed(&one.chain, 1, "held").chain);
        let later = Metadata { recorded_at: Instant::from_nanos(8), ..metadata() };
        let same_but_later =
            seal(&ORIGIN, one.stream, one.version, one.position, later, one.event.clone());
        assert_ne!(one.chain, same_but_later.chain);
        assert_ne!(one.signature, same_but_later.signature);
    }

    #[test]
    fn the_bytes_are_little_endian_and_of_fixed_width() {
        let mut canonical = Canonical::default();
        (1_u8, 2_u16, -3_i32, 4_usize, Some(5_u64)).hash(&mut canonical);
        let expected = [1, 2, 0, 0xFD, 0xFF, 0xFF, 0xFF, 4, 0, 0, 0, 0, 0, 0, 0]
            .into_iter()
            .chain([1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(canonical.bytes.to_vec(), expected.collect::<Vec<u8>>());
    }

    #[test]
    fn an_event_larger_than_the_buffer_gives_the_digest_of_all_its_bytes() {
        let pieces = [[1_u8; 700], [2; 700], [3; 700]];
        let mut canonical = Canonical::default();
        pieces.iter().for_each(|piece| canonical.write(piece));
        assert_eq!(canonical.digest(), *blake3::hash(&pieces.concat()).as_bytes());
    }
}
