//! Why a scripted fault never fired.

use std::fmt::Write;

use super::fault_plan::written;
use crate::kernel::{Instant, NodeId, Scope, ScriptedRecord};
use crate::platform::message_name;

/// Why a scripted fault did not fire in a run that ended at `ended_at`. `nodes` has the names of the
/// nodes, by number.
pub(crate) fn why_it_never_fired(
    record: &ScriptedRecord,
    ended_at: Instant,
    nodes: &[String],
) -> String {
    let ScriptedRecord { asked, opportunities, .. } = record;
    if ended_at < asked.from {
        return format!("the run ended at {}, before this fault begins", written(ended_at));
    }
    if *opportunities > asked.skip {
        return format!("another fault fired at each opportunity ({opportunities} in all)");
    }
    if *opportunities > 0 {
        return format!("`skip: {}` skips every opportunity ({opportunities} in all)", asked.skip);
    }
    let name = |node: Option<NodeId>| node.map(|node| nodes[node.index()].as_str());
    let message = asked.kind.map(message_name);
    let mut hint = match (asked.fault.scope, name(asked.node), message) {
        (Scope::Link | Scope::Pair, node, message) => {
            let mut hint = format!("no {} was sent", message.unwrap_or("eligible message"));
            if let Some(node) = node {
                let _ = write!(hint, " from {node}");
            }
            if let Some(to) = name(asked.to) {
                let _ = write!(hint, " to {to}");
            }
            hint
        }
        (_, Some(node), Some(message)) => format!("{node} handled no {message}"),
        (_, None, Some(message)) => format!("no eligible node handled a {message}"),
        (_, Some(node), None) => format!("it had no opportunity at {node}"),
        (_, None, None) => "it had no opportunity".to_owned(),
    };
    if let Some(operation) = asked.aim.operation {
        let _ = write!(hint, " during {operation}");
    }
    if asked.aim.about[0].is_some() {
        hint.push_str(" for what it is about");
    }
    let _ = write!(hint, " from {}", written(asked.from));
    let _ = match asked.until {
        Instant::MAX => write!(hint, " on"),
        until => write!(hint, " until {}", written(until)),
    };
    hint
}
