//! Personal data, in plain text and sealed.
//!
//! [`Plain`] is readable. It exists in a command on its way, where it is sealed or opened, and in the answer
//! to its owner. It cannot be hashed, so no event, state, row or fact can hold it: all of these are
//! [`Data`](super::Data) and are folded into the digest of the run.
//!
//! [`Personal`] is what is kept: sealed under the customer's own key, or forgotten. Events, states, snapshots
//! and rows hold it and are never rewritten; the key is destroyed instead. Keys never leave the key store.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::hex::Hex;
use crate::model::CustomerId;

/// What a person says about themselves, one item per line: a name, an address, the number of a passport.
///
/// It prints as `Plain(..)`. Only `{:+?}` prints the text: the [search](crate::model::Searched) for leaked
/// personal data uses this format and must see it.
///
/// ```
/// use jetlag::model::Plain;
/// let plain = Plain::new("Ana Example\nana@example.org");
/// assert_eq!(format!("{plain:?} {plain:#?}"), "Plain(..) Plain(..)");
/// assert_eq!(plain.lines().collect::<Vec<_>>(), ["Ana Example", "ana@example.org"]);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Plain(Arc<str>);

impl Plain {
    /// Personal data in plain text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Each item, by which the person can be recognised.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.lines()
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.sign_plus() {
            return f.debug_tuple("Plain").field(&self.0).finish();
        }
        f.write_str("Plain(..)")
    }
}

/// Personal data as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Personal {
    /// Unreadable without the key of its owner.
    Sealed(Sealed),
    /// Nothing: it was never given, or its owner was erased.
    Forgotten,
}

/// A text sealed under the key of its owner. Copies share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sealed(Arc<Envelope>);

/// What is in a [`Sealed`].
#[derive(Clone, PartialEq, Eq, Hash)]
struct Envelope {
    whose: CustomerId,
    nonce: [u8; 12],
    /// The ciphertext, followed by its tag of 16 bytes.
    bytes: Box<[u8]>,
}

impl Personal {
    /// Its owner, unless it is forgotten.
    pub fn whose(&self) -> Option<CustomerId> {
        match self {
            Self::Sealed(sealed) => Some(sealed.whose()),
            Self::Forgotten => None,
        }
    }
}

impl Sealed {
    /// A sealed text.
    pub(crate) fn new(whose: CustomerId, nonce: [u8; 12], bytes: Vec<u8>) -> Self {
        Self(Arc::new(Envelope { whose, nonce, bytes: bytes.into_boxed_slice() }))
    }

    /// Its owner, whose key opens it.
    pub fn whose(&self) -> CustomerId {
        self.0.whose
    }

    /// The nonce.
    pub(crate) fn nonce(&self) -> [u8; 12] {
        self.0.nonce
    }

    /// The ciphertext with its tag.
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }
}

impl fmt::Debug for Envelope {
    /// All bytes, so that the search finds a text that was never encrypted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "of {} {:?}", self.whose.0, Hex(&self.bytes))
    }
}

/// Personal data of several people in one event or row: of each, what is said about them, sealed under their own key.
/// To erase one of them makes their part unreadable and no other.
///
/// An event that has none adds nothing to a hash: an event without people is the same as one of a time before they were
/// recorded, and has the same chain and digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::box_collection, reason = "most events have nobody, and pay for one pointer")]
pub struct People(Option<Box<Vec<(CustomerId, Personal)>>>);

impl People {
    /// Nobody.
    pub const NONE: Self = Self(None);

    /// What is kept about each of these people.
    pub fn of(people: &[(CustomerId, Personal)]) -> Self {
        Self((!people.is_empty()).then(|| Box::new(people.to_vec())))
    }

    /// Each of them, with what is kept about them.
    pub fn iter(&self) -> impl Iterator<Item = &(CustomerId, Personal)> {
        self.0.iter().flat_map(|people| people.iter())
    }

    /// What is kept about each of them.
    pub fn persons(&mut self) -> impl Iterator<Item = &mut Personal> {
        self.0.iter_mut().flat_map(|people| people.iter_mut()).map(|(_, personal)| personal)
    }

    /// Whether there is nobody.
    pub const fn are_none(&self) -> bool {
        self.0.is_none()
    }
}

impl Hash for People {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if let Some(people) = &self.0 {
            people.hash(state);
        }
    }
}

/// Another customer whom a command names, if any. One that names none adds nothing to a hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named(pub Option<CustomerId>);

impl Named {
    /// Nobody.
    pub const NONE: Self = Self(None);
}

impl Hash for Named {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if let Some(customer) = self.0 {
            customer.hash(state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Digest;

    #[test]
    fn nobody_adds_nothing_to_a_hash() {
        let hashed = |value: &dyn Fn(&mut Digest)| {
            let mut digest = Digest::default();
            value(&mut digest);
            digest
        };
        let one = |people: People, named: Named| {
            hashed(&|digest| digest.fold(&(1_u8, people.clone(), named)))
        };
        let ben = CustomerId(1);
        assert_eq!(one(People::NONE, Named::NONE), hashed(&|digest| digest.fold(&(1_u8,))));
        assert_eq!(People::of(&[]), People::NONE);
        assert_ne!(
            one(People::of(&[(ben, Personal::Forgotten)]), Named::NONE),
            one(People::NONE, Named::NONE)
        );
        assert_ne!(one(People::NONE, Named(Some(ben))), one(People::NONE, Named::NONE));
    }

    #[test]
    fn sealed_data_is_no_larger_than_a_pointer() {
        assert_eq!(size_of::<Personal>(), size_of::<usize>());
    }

    #[test]
    fn only_the_format_of_the_search_shows_the_text_at_any_depth() {
        let nested = Some(vec![("a", Arc::new(Plain::new("Ana Example")))]);
        assert!(!format!("{nested:?} {nested:#?} {nested:x?}").contains("Ana"));
        assert!(format!("{nested:+?}").contains("Ana Example"));
    }
}
