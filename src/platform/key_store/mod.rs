//! The key store: one key for each customer, created on first use and destroyed on a request for erasure.
//!
//! Keys never leave the node: other nodes send texts here to have them sealed or opened. To erase a
//! customer, it is enough to destroy the key here: data sealed with it can no longer be read in events,
//! snapshots, rows, caches, queues, dead letters or backups. A destroyed key leaves a tombstone. Without
//! one, the next command of the customer would create a new key, and their data would be stored readably
//! again without their consent.
//!
//! A request can say something about several people. Each text is sealed under the key of the person that it is about,
//! so that the erasure of one leaves the others readable.
//!
//! Sealing is ChaCha20-Poly1305 (RFC 8439). The nonce is a keyed hash of the request and the text: a
//! request that is sent again is sealed to the same bytes, and two texts never share a nonce. The number of
//! the customer is authenticated too, so the text of one customer cannot be opened as that of another.
//!
//! What is absent: a master key from which a destroyed key could be derived again.

#[cfg(test)]
mod tests;

use std::fmt;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};

use crate::collections::SortedMap;
use crate::kernel::{Instant, NodeId, Site, Space};
use crate::model::{CustomerId, Domain, Fact, Personal, Plain, RequestId, Sealed, Vocabulary};
use crate::platform::cx::Cx;
use crate::platform::defects::{KEY_FOR_EACH_REQUEST, KEY_REVIVED, SEALED_FOR_THE_SENDER};
use crate::platform::message::Message;

/// The random number from which a key is derived.
pub(crate) const KEY_STORE_KEY: Site = Site::new(24, "key-store.key");

/// The key store as a node. All its state is durable: a handler makes one durable step and answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyStore {
    durable: SortedMap<CustomerId, Entry>,
}

#[derive(Clone, Debug)]
enum Entry {
    Key(Key),
    /// The key was destroyed; no other key may be created.
    Destroyed(Instant),
}

#[derive(Clone)]
struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl KeyStore {
    /// The customers that have or had a key.
    pub(crate) fn describe<D: Domain>(&self, vocabulary: Vocabulary<'_, D>) -> Vec<String> {
        let line = |(&customer, entry): (&CustomerId, &Entry)| {
            let customer = vocabulary.customer(customer);
            match entry {
                Entry::Key(_) => format!("{customer}: has a key"),
                Entry::Destroyed(at) => format!("{customer}: erased at {at}"),
            }
        };
        self.durable.iter().map(line).collect()
    }

    /// What the keys that are left can open, without a fact: for the search at rest.
    pub(crate) fn opens(&self, sealed: &Sealed) -> Option<Plain> {
        match self.durable.get(&sealed.whose())? {
            Entry::Key(key) => key.open(sealed),
            Entry::Destroyed(_) => None,
        }
    }

    pub(crate) fn handle<D: Domain>(
        &mut self,
        from: NodeId,
        message: Message<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        match message {
            Message::Seal { request, said } => {
                let sealed = |(whose, plain): &_| (*whose, self.seal(request, *whose, plain, cx));
                let personal = said.iter().map(sealed).collect();
                cx.send(from, Message::Sealed { request, personal });
            }
            Message::Unseal { request, sealed } => {
                let opened = self.open(request, &sealed, cx);
                cx.send(from, Message::Unsealed { request, sealed, opened });
            }
            Message::Destroy { request } => {
                self.destroy(request.customer, cx);
                cx.send(from, Message::Destroyed { request });
            }
            other => unreachable!("the key store does not take {other:?}"),
        }
    }

    /// Seals a text about a person, or drops it if the key of that person was destroyed.
    fn seal<D: Domain>(
        &mut self,
        request: RequestId,
        whose: CustomerId,
        plain: &Plain,
        cx: &mut Cx<'_, '_, D>,
    ) -> Personal {
        let customer = if cx.has(&SEALED_FOR_THE_SENDER) { request.customer } else { whose };
        let done = |dropped| match whose == request.customer {
            true => Fact::Sealed { request, dropped },
            false => Fact::SealedFor { request, whose, dropped },
        };
        if cx.has(&KEY_REVIVED) && matches!(self.durable.get(&customer), Some(Entry::Destroyed(_)))
        {
            self.durable.remove(&customer);
        }
        if cx.has(&KEY_FOR_EACH_REQUEST) {
            self.durable.insert(customer, Entry::make(customer, cx));
        }
        let key = match self.durable.entry(customer).or_insert_with(|| Entry::make(customer, cx)) {
            Entry::Key(key) => key,
            Entry::Destroyed(_) => {
                cx.fact(done(true));
                return Personal::Forgotten;
            }
        };
        cx.fact(done(false));
        Personal::Sealed(key.seal(request, customer, plain))
    }

    /// Opens each text whose key still exists, in the order of the request.
    fn open<D: Domain>(
        &self,
        request: RequestId,
        sealed: &[Sealed],
        cx: &mut Cx<'_, '_, D>,
    ) -> Box<[Option<Plain>]> {
        let mut opened = Vec::with_capacity(sealed.len());
        for of_one in sealed.chunk_by(|a, b| a.whose() == b.whose()) {
            let customer = of_one[0].whose();
            let key = match self.durable.get(&customer) {
                Some(Entry::Key(key)) => Some(key),
                Some(Entry::Destroyed(_)) | None => None,
            };
            let before = opened.len();
            opened.extend(of_one.iter().map(|sealed| key?.open(sealed)));
            let forgotten = opened[before..].iter().any(Option::is_none);
            let count = of_one.len() as u32;
            cx.fact(Fact::Unsealed { request, customer, count, forgotten });
        }
        opened.into_boxed_slice()
    }

    /// Destroys a customer's key for good. A customer without a key gets a tombstone, too.
    fn destroy<D: Domain>(&mut self, customer: CustomerId, cx: &mut Cx<'_, '_, D>) {
        if let Some(Entry::Destroyed(_)) = self.durable.get(&customer) {
            return;
        }
        self.durable.insert(customer, Entry::Destroyed(cx.now()));
        cx.fact(Fact::Erased { customer });
    }
}

impl Entry {
    fn make<D: Domain>(customer: CustomerId, cx: &mut Cx<'_, '_, D>) -> Self {
        let drawn = cx.draw(KEY_STORE_KEY, customer, Space::up_to(u64::MAX));
        cx.fact(Fact::KeyMade { customer });
        Self::Key(Key::drawn(customer, drawn))
    }
}

impl Key {
    /// Derives a key from a drawn number: the only randomness in a run comes from its seed.
    fn drawn(customer: CustomerId, drawn: u64) -> Self {
        let mut material = [0; 12];
        material[..8].copy_from_slice(&drawn.to_le_bytes());
        material[8..].copy_from_slice(&customer.0.to_le_bytes());
        Self(blake3::derive_key("jetlag: the key of one customer", &material))
    }

    fn seal(&self, request: RequestId, whose: CustomerId, plain: &Plain) -> Sealed {
        let text = plain.text().as_bytes();
        let nonce = self.nonce(request, whose, text);
        let payload = Payload { msg: text, aad: &whose.0.to_le_bytes() };
        let bytes = self.cipher().encrypt(&nonce.into(), payload);
        Sealed::new(whose, nonce, bytes.expect("a text in memory is short enough to be sealed"))
    }

    /// The text, unless it was sealed under another key or changed afterwards.
    fn open(&self, sealed: &Sealed) -> Option<Plain> {
        let payload = Payload { msg: sealed.bytes(), aad: &sealed.whose().0.to_le_bytes() };
        let bytes = self.cipher().decrypt(&sealed.nonce().into(), payload).ok()?;
        String::from_utf8(bytes).ok().map(Plain::new)
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&self.0.into())
    }

    fn nonce(&self, request: RequestId, whose: CustomerId, text: &[u8]) -> [u8; 12] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&request.nth.to_le_bytes()).update(text);
        if whose != request.customer {
            // Requests of two customers can have the same number.
            hasher.update(&request.customer.0.to_le_bytes());
        }
        let whole = hasher.finalize();
        let mut nonce = [0; 12];
        nonce.copy_from_slice(&whole.as_bytes()[..12]);
        nonce
    }
}
