//! What each fault can befall, and how large it can be, in words.
//!
//! Where a fault is drawn is the first word of its site's name: `store.slow-commit` happens at the
//! store, `node.pause` at any node of ours, `link.drop` between any two. What a domain lists happens at
//! its services.

use crate::kernel::{Fault, Scope, Span, Unit};
use crate::model::{Domain, Services};
use crate::platform::faults::FAULTS;

/// The kinds of node that are the platform's own.
const OURS: &[&str] = &[
    "api",
    "store",
    "relay",
    "broker",
    "projector",
    "read-store",
    "cache",
    "query",
    "saga",
    "timers",
    "vault",
];

/// All faults that can befall a platform of this domain, in order of their sites. Where nobody can be
/// asked for anything, nothing befalls a service.
pub fn faults_of<D: Domain>() -> impl Iterator<Item = &'static Fault> {
    let own = D::Services::FAULTS.iter().map(|own| own.fault);
    let all = FAULTS.iter().copied().chain(own);
    all.filter(|fault| D::Services::PRESENT || befalls(fault) != Some(SERVICES))
}

/// The kind of node that is not ours.
const SERVICES: &[&str] = &["service"];

/// The kinds of node, as [`Role::kind`](super::Role::kind) names them, at which a fault can happen;
/// `None` if it happens between two nodes, whichever they are.
pub(crate) fn befalls(fault: &Fault) -> Option<&'static [&'static str]> {
    if fault.scope != Scope::Node {
        return None;
    }
    let (place, _) = fault.site.name().split_once('.').unwrap_or_default();
    Some(match place {
        "node" => OURS,
        "store" => &["store"],
        "broker" => &["broker"],
        "projector" => &["projector"],
        "cache" => &["cache"],
        "query" => &["query"],
        _ => SERVICES,
    })
}

/// Where a fault happens, in words.
pub fn place(fault: &Fault) -> &'static str {
    match (fault.scope, befalls(fault)) {
        (Scope::Link, _) => "a message",
        (Scope::Pair, _) => "two nodes",
        (Scope::Node, Some(&[kind])) => kind,
        (Scope::Node, Some(_) | None) => "any node of ours",
    }
}

/// The sizes in which a fault is drawn, the usual one first; empty if it has none.
pub fn sizes(fault: &Fault) -> String {
    let size = |size: &u64| match fault.unit {
        Unit::Once => String::new(),
        Unit::Times => size.to_string(),
        Unit::Span | Unit::Lasting => Span::from_micros(*size).written(),
    };
    fault.sizes.iter().map(size).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::DROP;
    use crate::platform::faults;
    use crate::testing::Counting;

    #[test]
    fn faults_happen_where_their_sites_say() {
        assert_eq!(befalls(&faults::COMMIT_REPLY_LOST), Some(&["store"][..]));
        assert_eq!(befalls(&DROP), None);
    }

    #[test]
    fn the_usual_size_of_a_fault_comes_first() {
        assert_eq!(sizes(&faults::SERVICE_SLOW), "5s, 1s, 30s");
        assert_eq!(sizes(&faults::OVERTAKEN), "1, 2, 3");
        assert_eq!(sizes(&faults::EVICTION), "");
    }

    #[test]
    fn where_there_are_services_everything_can_happen() {
        assert!(faults_of::<Counting>().eq(FAULTS.iter().copied()));
    }

    #[test]
    fn every_fault_of_any_platform_says_where_it_happens() {
        for fault in FAULTS {
            let (place, _) = fault.site.name().split_once('.').unwrap_or_default();
            let known =
                ["link", "node", "store", "broker", "projector", "cache", "query", "service"];
            assert!(known.contains(&place), "{}", fault.site.name());
            assert_eq!(befalls(fault).is_none(), place == "link", "{}", fault.name);
        }
    }
}
