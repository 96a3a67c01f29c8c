//! What a scenario file can say about faults.

use std::fmt;

use serde::de::{self, EnumAccess, VariantAccess};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ron::bare_word;
use crate::kernel::Span;

/// The name of a fault, or of a family of faults, as it stands in a file without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultName(pub String);

/// One scripted fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Fault", deny_unknown_fields)]
pub struct FaultEntry {
    /// From when on. `0s` by default.
    #[serde(default)]
    pub from: Span,
    /// Until when; until the chaos ends by default.
    #[serde(default)]
    pub until: Option<Span>,
    /// Which fault. Required.
    pub inject: FaultName,
    /// At which node, or from which. Any by default.
    #[serde(default)]
    pub node: Option<String>,
    /// To which node, for what happens between two. Any by default.
    #[serde(default)]
    pub to: Option<String>,
    /// Only at messages of this kind. All by default.
    #[serde(default)]
    pub message: Option<String>,
    /// So many opportunities pass first. 0 by default.
    #[serde(default)]
    pub skip: u64,
    /// How often at most. By default a node crashes, pauses or loses its clock once, and everything
    /// else happens at every opportunity.
    #[serde(default)]
    pub times: Option<u64>,
    /// How long, for what has a duration.
    #[serde(default)]
    pub by: Option<Span>,
    /// How much, for what is counted.
    #[serde(default)]
    pub size: Option<u64>,
}

/// What a campaign may draw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Fuzz", default, deny_unknown_fields)]
pub struct Fuzzed {
    /// Which faults, or families of faults; `All` is all of them. None by default.
    pub faults: Vec<FaultName>,
    /// How many in one run at most. 0 by default.
    pub budget: u32,
}

/// The two phases of a run: first everything may go wrong, then nothing does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Phases {
    /// When the chaos ends. A minute after the last thing that is scripted by default.
    pub chaos: Option<Span>,
    /// How long the platform may take to come to rest after that. `2h` by default.
    pub quiet: Span,
}

impl Default for Phases {
    fn default() -> Self {
        Self { chaos: None, quiet: Span::from_secs(2 * 3600) }
    }
}

impl Serialize for FaultName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        bare_word(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for FaultName {
    fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
        struct Word(String);
        impl<'de> Deserialize<'de> for Word {
            fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
                struct Letters;
                impl de::Visitor<'_> for Letters {
                    type Value = Word;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("the name of a fault")
                    }
                    fn visit_str<E: de::Error>(self, word: &str) -> Result<Word, E> {
                        Ok(Word(word.to_owned()))
                    }
                }
                deserializer.deserialize_identifier(Letters)
            }
        }
        struct Bare;
        impl<'de> de::Visitor<'de> for Bare {
            type Value = FaultName;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a fault, like Drop")
            }
            fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<FaultName, A::Error> {
                let (word, rest) = data.variant::<Word>()?;
                rest.unit_variant()?;
                Ok(FaultName(word.0))
            }
        }
        deserializer.deserialize_enum("Fault", &[], Bare)
    }
}
