//! Faults in outcomes: how often each was requested, fired and seen.

use crate::kernel::{Fault, ScriptedRecord};

/// A scripted fault and how often it fired, with its nodes by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptedEntry {
    /// The fault, its place in the file, and how often it fired and was seen.
    pub record: ScriptedRecord,
    /// The node, or the sender, if the script names one.
    pub node: Option<String>,
    /// The receiver, if the script names one.
    pub to: Option<String>,
}

/// A fault that fired at a node, or for messages from a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiredEntry {
    /// The fault.
    pub fault: &'static Fault,
    /// The node.
    pub node: String,
    /// The node's kind, such as `relay`.
    pub kind: &'static str,
    /// How often the scripted faults that fired here may fire: `u64::MAX` at every opportunity, 0 if the
    /// seed drew all of them.
    pub asked: u64,
    /// How often it fired.
    pub fired: u64,
    /// How often a handler was affected by it.
    pub seen: u64,
}
