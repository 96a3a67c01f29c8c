//! Makes the log tamper-evident: each event is chained to the one before it in its stream, and the
//! store signs the chain.
//!
//! `chain = blake3(previous chain ‖ canonical bytes)`, with 32 zero bytes before the first event,
//! and `signature = blake3 keyed with the store's key (chain)`, cut to 128 bits. The canonical
//! bytes are what [`Hash`] writes for stream, version, position, metadata and event, every number
//! in fixed width and little endian, so that they depend neither on the platform nor on the width
//! of a pointer. Slices of wide integers are the exception: the standard library writes their
//! memory as it is.
//!
//! There is no key management: the store has one key for the whole run.

use std::hash::{Hash, Hasher};

use arrayvec::ArrayVec;

use crate::model::Stored;

/// The chain before the first event of a stream.
pub(crate) const ORIGIN: [u8; 32] = [0; 32];

/// The key with which the store signs.
const STORE_KEY: &[u8; 32] = b"jetlag: the key of the one store";

/// The chain after an event, given the chain before it. The event's own chain is not read.
pub(crate) fn chain<E: Hash>(previous: &[u8; 32], event: &Stored<E>) -> [u8; 32] {
    let mut canonical = Canonical::default();
    canonical.write(previous);
    let Stored { stream, version, position, metadata, event, chain: _, signature: _ } = event;
    (stream, version, position, metadata, event).hash(&mut canonical);
    canonical.digest()
}

/// The store's signature over a chain.
pub(crate) fn sign(chain: &[u8; 32]) -> [u8; 16] {
    *blake3::keyed_hash(STORE_KEY, chain).as_bytes().first_chunk().expect("16 of 32 bytes")
}

/// Chains an event to `previous` and signs it.
pub(crate) fn seal<E: Hash>(previous: &[u8; 32], mut event: Stored<E>) -> Stored<E> {
    event.chain = chain(previous, &event);
    event.signature = sign(&event.chain);
    event
}

/// The largest input that blake3 hashes in one piece.
const CHUNK: usize = 1024;

/// Collects canonical bytes on the stack. Larger input goes through an incremental hasher, which
/// gives the same digest more slowly.
#[derive(Default)]
struct Canonical {
    bytes: ArrayVec<u8, CHUNK>,
    spilled: Option<Box<blake3::Hasher>>,
}

impl Canonical {
    fn digest(&self) -> [u8; 32] {
        match &self.spilled {
            None => *blake3::hash(&self.bytes).as_bytes(),
            Some(hasher) => *hasher.clone().update(&self.bytes).finalize().as_bytes(),
        }
    }

    #[cold]
    fn spill(&mut self, bytes: &[u8]) {
        let hasher = self.spilled.get_or_insert_default();
        hasher.update(&self.bytes).update(bytes);
        self.bytes.clear();
    }
}

macro_rules! write_little_endian {
    ($($write:ident($integer:ty)),*) => {$(
        #[inline]
        fn $write(&mut self, value: $integer) {
            self.write(&value.to_le_bytes());
        }
    )*};
}

impl Hasher for Canonical {
    /// Part of the trait and not used; the first 64 bits of the digest.
    fn finish(&self) -> u64 {
        u64::from_le_bytes(*self.digest().first_chunk().expect("8 of 32 bytes"))
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        if self.bytes.try_extend_from_slice(bytes).is_err() {
            self.spill(bytes);
        }
    }

    write_little_endian! {
        write_u8(u8), write_u16(u16), write_u32(u32), write_u64(u64), write_u128(u128),
        write_i8(i8), write_i16(i16), write_i32(i32), write_i64(i64), write_i128(i128)
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
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
    use crate::model::{
        Category, CommandId, CustomerId, EventId, Metadata, Position, Principal, RequestId,
        StreamId, Version,
    };

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
        sealed_with(previous, version, event, metadata())
    }

    fn sealed_with(
        previous: &[u8; 32],
        version: u32,
        event: &str,
        metadata: Metadata,
    ) -> Stored<String> {
        let stream = StreamId { category: Category(0), number: 3 };
        let (version, position, event) = (Version(version), Position(9), event.to_owned());
        let (chain, signature) = (ORIGIN, [0; 16]);
        let draft = Stored { stream, version, position, metadata, event, chain, signature };
        seal(previous, draft)
    }

    #[test]
    fn everything_about_an_event_changes_its_chain() {
        let one = sealed(&ORIGIN, 1, "held");
        assert_eq!(one, sealed(&ORIGIN, 1, "held"));
        assert_ne!(one.chain, sealed(&ORIGIN, 2, "held").chain);
        assert_ne!(one.chain, sealed(&ORIGIN, 1, "sold").chain);
        assert_ne!(one.chain, sealed(&one.chain, 1, "held").chain);
        let later = Metadata { recorded_at: Instant::from_nanos(8), ..metadata() };
        let same_but_later = sealed_with(&ORIGIN, 1, "held", later);
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
