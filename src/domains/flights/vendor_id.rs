//! The short names of vendors.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::names;
use crate::scenario::bare_word;

/// A vendor's short name: a word without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum VendorId {
    V1,
    V2,
    V3,
    V4,
    V5,
    V6,
    V7,
    V8,
    V9,
}

names! { VendorId { V1, V2, V3, V4, V5, V6, V7, V8, V9 } }

pub(super) fn write_id<S: Serializer>(id: &str, serializer: S) -> Result<S::Ok, S::Error> {
    bare_word(id, serializer)
}

pub(super) fn read_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    VendorId::deserialize(deserializer).map(|id| id.name().to_owned())
}
