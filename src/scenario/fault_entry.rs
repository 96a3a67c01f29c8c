//! The faults in a scenario file.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::name;
use super::notation::bare_word;
use crate::kernel::Span;

/// The name of a fault or of a family, written without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultName(pub String);

/// One scripted fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Fault", deny_unknown_fields)]
pub struct FaultEntry {
    /// When it can fire from. `0s` by default.
    #[serde(default)]
    pub from: Span,
    /// When it stops; the end of the chaos phase by default.
    #[serde(default)]
    pub until: Option<Span>,
    /// Which fault. Required.
    pub inject: FaultName,
    /// At which node, or from which node a message is sent. Any by default.
    #[serde(default, deserialize_with = "name::optional")]
    pub node: Option<String>,
    /// The node that receives, for faults between two nodes. Any by default.
    #[serde(default, deserialize_with = "name::optional")]
    pub to: Option<String>,
    /// Only for messages of this kind. All by default.
    #[serde(default, deserialize_with = "name::optional")]
    pub message: Option<String>,
    /// Only what is about this stream or its saga, such as a booking, or about this customer of the script.
    /// Anything by default.
    #[serde(default)]
    pub about: Option<String>,
    /// Only while this operation is requested: a command, or an operation of a service. Any by default.
    #[serde(default)]
    pub operation: Option<String>,
    /// Only for this part of what the operation is about, such as a leg of a booking, counted from 1. Any by
    /// default.
    #[serde(default)]
    pub part: Option<u8>,
    /// How many opportunities are skipped first. 0 by default.
    #[serde(default)]
    pub skip: u64,
    /// How often it fires at most. By default, faults of nodes (crash, pause, clock) fire once and all
    /// others at every opportunity.
    #[serde(default)]
    pub times: Option<u64>,
    /// Its size, for faults with a duration.
    #[serde(default)]
    pub by: Option<Span>,
    /// Its size, for faults with a count.
    #[serde(default)]
    pub size: Option<u64>,
}

/// What a campaign may draw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Fuzz", default, deny_unknown_fields)]
pub struct Fuzzed {
    /// Which faults or families of faults; `All` stands for all faults. None by default.
    pub faults: Vec<FaultName>,
    /// How many faults fire in one run at most. 0 by default.
    pub budget: u32,
    /// Whether settings that have their default may be made small. `Varied` by default.
    pub settings: Variation,
    /// Whether the customers of the workload may be varied. `Varied` by default.
    pub workload: Variation,
}

/// Whether a campaign may vary a part of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Variation {
    /// As the seed of each run draws it.
    #[default]
    Varied,
    /// Every run has it as the file says.
    AsWritten,
}

/// The two phases of a run: faults can fire in the chaos phase, and not in the quiet phase.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Phases {
    /// When the chaos phase ends. One minute after the last scripted action or fault by default.
    pub chaos: Option<Span>,
    /// How long the platform may take to come to rest after it and after the last scripted action. Two
    /// hours by default, or longer if the file sets something that takes longer.
    pub quiet: Option<Span>,
}

impl Serialize for FaultName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        bare_word(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for FaultName {
    fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
        name::word(deserializer).map(Self)
    }
}
