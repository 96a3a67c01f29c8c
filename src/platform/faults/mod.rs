//! The faults that can happen in a platform, their nodes and their sizes.
//!
//! Faults of links and nodes are declared in the kernel, those of stores, brokers, caches and
//! services in `table`, and those of a domain's own services in the domain ([`Services::FAULTS`]).

mod table;

use crate::kernel::{
    self, DROP, DUPLICATE, Fault, LINK_FAULTS, NODE_FAULTS, REORDER, Scope, Span, Unit,
};
use crate::model::{Domain, ServiceFault, ServiceId, Services};
use crate::platform::map::Role;
pub(crate) use table::*;

/// The faults of every platform, in the order of their sites.
pub(crate) fn common_faults() -> impl Iterator<Item = &'static Fault> {
    LINK_FAULTS.iter().chain(NODE_FAULTS).chain(PLATFORM_FAULTS).copied()
}

/// The faults that can happen in a platform of this domain, in the order of their sites.
pub fn faults_of<D: Domain>() -> impl Iterator<Item = &'static Fault> {
    const {
        let (link, node) = (kernel::sites(LINK_FAULTS), kernel::sites(NODE_FAULTS));
        let taken = link | node | kernel::sites(PLATFORM_FAULTS);
        assert!(sites_of(D::Services::FAULTS) & taken == 0, "a domain's faults have own sites");
    };
    let all = common_faults().chain(D::Services::FAULTS.iter().map(|own| own.fault));
    all.filter(|fault| D::Services::PRESENT || fault.scope != Scope::Service)
}

/// The sites of the faults of a domain's services.
const fn sites_of<D: Domain>(faults: &[ServiceFault<D>]) -> u128 {
    let (mut sites, mut nth) = (0, 0);
    while nth < faults.len() {
        sites |= 1 << faults[nth].fault.site.index();
        nth += 1;
    }
    sites
}

/// Whether a fault of one node can happen at a node with this role.
pub(crate) fn happens_at(fault: &Fault, role: Role) -> bool {
    match fault.scope {
        Scope::Link | Scope::Pair => false,
        Scope::AnyNode => role.is_ours(),
        Scope::Node(kind) => kind == role.kind(),
        Scope::Service => matches!(role, Role::Service(_)),
    }
}

/// Whether a fault can fire at a node with this role; one between two nodes fires at the sender.
pub(crate) fn fires_at(fault: &Fault, role: Role) -> bool {
    match fault.scope {
        Scope::Link | Scope::Pair => !(is_of_one_message(fault) && role.has_only_connections()),
        Scope::AnyNode | Scope::Node(_) | Scope::Service => happens_at(fault, role),
    }
}

/// Whether a fault affects one message alone, which is impossible on a shared connection.
pub(crate) fn is_of_one_message(fault: &Fault) -> bool {
    [DROP, REORDER, DUPLICATE].contains(fault)
}

/// The kinds of node at which a fault of one node can happen, as [`Role::kind`] names them.
pub(crate) fn node_kinds(fault: &Fault) -> impl Iterator<Item = &'static str> {
    Role::ONE_OF_EACH.into_iter().filter(|role| happens_at(fault, *role)).map(Role::kind)
}

/// The place of a fault, in words.
pub fn place(fault: &Fault) -> &'static str {
    match fault.scope {
        Scope::Link => "a message",
        Scope::Pair => "two nodes",
        Scope::AnyNode => "any platform node",
        Scope::Node(kind) => kind,
        Scope::Service => Role::Service(ServiceId(0)).kind(),
    }
}

/// The sizes of a fault, the default first; empty if it has none.
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
    use crate::kernel::{DROP, PAUSE};
    use crate::testing::Counting;

    #[test]
    fn sites_are_in_order_and_names_are_unique() {
        assert!(common_faults().map(|fault| fault.site.index()).is_sorted_by(|one, two| one < two));
        let all = || common_faults().flat_map(|fault| [fault.name, fault.site.name()]);
        let unique: std::collections::BTreeSet<_> = all().collect();
        assert_eq!(unique.len(), all().count());
    }

    #[test]
    fn a_family_is_not_a_fault_and_every_fault_has_a_size() {
        for fault in common_faults() {
            assert!(common_faults().all(|other| other.name != fault.family), "{}", fault.family);
            assert!(!fault.sizes.is_empty() && !fault.sizes.contains(&0), "{}", fault.name);
        }
    }

    #[test]
    fn faults_happen_at_the_nodes_of_their_scope() {
        let kinds = |fault| node_kinds(fault).collect::<Vec<_>>();
        assert_eq!(kinds(&COMMIT_REPLY_LOST), ["store"]);
        assert_eq!(kinds(&SERVICE_SLOW), ["service"]);
        assert_eq!(kinds(&DROP), [""; 0]);
        assert_eq!(kinds(&PAUSE).len(), 11);
        for fault in common_faults() {
            let between = matches!(fault.scope, Scope::Link | Scope::Pair);
            assert_eq!(kinds(fault).is_empty(), between, "{}", fault.name);
        }
    }

    #[test]
    fn the_usual_size_of_a_fault_comes_first() {
        assert_eq!(sizes(&SERVICE_SLOW), "5s, 1s, 30s");
        assert_eq!(sizes(&OVERTAKEN), "1, 2, 3");
        assert_eq!(sizes(&EVICTION), "");
    }

    #[test]
    fn with_services_every_fault_can_happen() {
        assert!(faults_of::<Counting>().eq(common_faults()));
    }
}
