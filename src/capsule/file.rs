//! A capsule as data: the format of its file. `docs/capsules.md` describes each field.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::scenario::FaultName;
use crate::session::Identity;

/// A capsule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "Capsule", deny_unknown_fields)]
pub struct File {
    /// The version that recorded it.
    pub jetlag: String,
    /// The scenario.
    pub scenario: Source,
    /// The seed of the run that was recorded. It decides nothing any more.
    #[serde(default)]
    pub seed: u64,
    /// How the run ends.
    pub expect: Expected,
    /// The lines of the script that take place; all if it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<Vec<Line>>,
    /// The arrivals of the workload that take place, counted from 1; all if it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrivals: Option<Vec<u64>>,
    /// The faults that fire.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FaultChoice>,
    /// The deliveries that wait for others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<HoldChoice>,
    /// The messages that take longer than the least latency.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delays: Vec<Delays>,
    /// All other choices that are not benign.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub draws: Vec<Draws>,
    /// The digest of the run.
    pub digest: Hex,
    /// The number of its occurrences.
    pub occurrences: u64,
    /// The digest after some of its occurrences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub course: Vec<(u64, Hex)>,
}

/// The scenario of a capsule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// A file, by its path and the hash of its text.
    File(String, String),
    /// The text itself.
    Inline(String),
}

/// How the run of a capsule ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expected {
    /// Every property holds.
    Holds,
    /// It fails.
    Fails {
        /// The property, or how else it fails.
        property: String,
        /// What it says, with roles in the place of names.
        roles: String,
        /// What it says.
        #[serde(default)]
        says: String,
    },
}

/// A line of the script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its number in order of time, from 1.
    pub line: u64,
    /// The customer.
    #[serde(default)]
    pub who: String,
}

/// A fault that fires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Fault", deny_unknown_fields)]
pub struct FaultChoice {
    /// Which fault.
    pub fault: FaultName,
    /// The node at which it happens, or the receiver of the message.
    pub at: String,
    /// The sender of the message that is affected or handled; absent if it is the node itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The message that is sent or handled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// How many such opportunities came before.
    #[serde(default)]
    pub nth: u32,
    /// Its size; absent for faults without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// The sizes that could have been drawn instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
}

/// The name of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename = "Delivery", deny_unknown_fields)]
pub struct Occurrence {
    /// The message or timer.
    pub message: String,
    /// The sender; absent for a timer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The receiver.
    pub to: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// How many of the same were sent before, or how often the timer has fired before.
    #[serde(default)]
    pub nth: u32,
}

/// A delivery that waits for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Hold", deny_unknown_fields)]
pub struct HoldChoice {
    /// What waits.
    pub hold: Occurrence,
    /// What it waits for.
    pub until: Occurrence,
}

/// How much later than the least latency messages of one kind arrive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delays {
    /// The message.
    pub message: String,
    /// The sender.
    pub from: String,
    /// The receiver.
    pub to: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The most that the link allows, in microseconds.
    pub of: u64,
    /// Which of them, from 0, and by how many microseconds.
    pub by: Vec<(u32, u64)>,
}

/// Choices of one node at one place of the code about one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draws {
    /// The place.
    pub draw: String,
    /// The node.
    pub at: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The largest value that could have been drawn.
    pub of: u64,
    /// Which of them, from 0, and its value.
    pub values: Vec<(u32, u64)>,
}

/// A hash, written as a text of hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hex(pub u64);

impl Expected {
    /// The identity of the failure, if there is to be one.
    pub fn identity(&self) -> Option<Identity> {
        match self {
            Self::Holds => None,
            Self::Fails { property, roles, says: _ } => {
                Some(Identity { property: property.clone(), roles: roles.clone() })
            }
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds => f.write_str("every property holds"),
            Self::Fails { property, roles, says } => {
                let says = if says.is_empty() { roles } else { says };
                if says.is_empty() {
                    f.write_str(property)
                } else {
                    write!(f, "{property}: {says}")
                }
            }
        }
    }
}

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = u64::from_str_radix(&text, 16).map_err(|_| {
            de::Error::custom(format!("`{text}` is not a hash; write up to 16 hexadecimal digits"))
        })?;
        Ok(Self(digits))
    }
}
