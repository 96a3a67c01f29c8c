//! What the platform may hold of a person, and the form in which a person says it.
//!
//! [`Plain`] is readable. It exists in a command on its way, in the hands of whoever seals or opens it,
//! and in the answer to the one it is shown to. It cannot be hashed, so no event, state, row or fact
//! can hold it: all of those are [`Data`](super::Data) and are folded into the digest of the run.
//!
//! [`Personal`] is what is kept: sealed under the customer's own key, or forgotten. Events, states,
//! snapshots and rows hold this and are never rewritten; the key is destroyed instead.
//!
//! What is absent: keys, which never leave the [vault](super::key_store).

use std::fmt;
use std::sync::Arc;

use crate::model::CustomerId;

/// What a person says of themselves, one thing a line: a name, an address, the number of a passport.
///
/// It prints as `Plain(..)`. Only `{:+?}` tells the whole truth: that is how everything a platform
/// keeps is [searched](crate::model::Searched) for what must not be there, and a guard that hid the
/// text from the search as well would hide the leak.
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
    /// What was said.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Each thing by which the person can be recognised.
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

/// What is kept of a person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Personal {
    /// Unreadable without the key of the one it is about.
    Sealed(Sealed),
    /// Nothing: it was never said, or whom it is about has asked to be forgotten.
    Forgotten,
}

/// A text under the key of the one it is about. Copies share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sealed(Arc<Envelope>);

/// What is in a [`Sealed`].
#[derive(Clone, PartialEq, Eq, Hash)]
struct Envelope {
    whose: CustomerId,
    nonce: [u8; 12],
    /// The ciphertext and, behind it, its tag of 16 bytes.
    bytes: Box<[u8]>,
}

impl Personal {
    /// Under whose key it is, if there is anything.
    pub fn whose(&self) -> Option<CustomerId> {
        match self {
            Self::Sealed(sealed) => Some(sealed.whose()),
            Self::Forgotten => None,
        }
    }
}

impl Sealed {
    /// What a cipher has made of a text.
    pub(crate) fn new(whose: CustomerId, nonce: [u8; 12], bytes: Vec<u8>) -> Self {
        Self(Arc::new(Envelope { whose, nonce, bytes: bytes.into_boxed_slice() }))
    }

    /// Whose key opens it.
    pub fn whose(&self) -> CustomerId {
        self.0.whose
    }

    /// The number that was used once with that key.
    pub(crate) fn nonce(&self) -> [u8; 12] {
        self.0.nonce
    }

    /// The ciphertext with its tag.
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }
}

impl fmt::Debug for Envelope {
    /// Byte for byte, so that a text that was never encrypted would show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "of {} ", self.whose.0)?;
        self.bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_no_larger_than_a_pointer() {
        assert_eq!(size_of::<Personal>(), size_of::<usize>());
    }

    #[test]
    fn only_a_search_sees_the_text_however_deep_it_lies() {
        let nested = Some(vec![("a", Arc::new(Plain::new("Ana Example")))]);
        assert!(!format!("{nested:?} {nested:#?} {nested:x?}").contains("Ana"));
        assert!(format!("{nested:+?}").contains("Ana Example"));
    }
}
