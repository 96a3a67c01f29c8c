//! One way in which something can go wrong, and how such ways are declared.

use crate::kernel::choice::Site;
use crate::kernel::name::{Actor, NodeId};

/// A way in which something can go wrong.
#[derive(Clone, Copy, Debug, Eq)]
pub struct Fault {
    /// Where it is drawn; no other fault has the same site.
    pub site: Site,
    /// Its name in scenario files.
    pub name: &'static str,
    /// The group it belongs to: `Link`, `Node`, `Store`.
    pub family: &'static str,
    /// What it happens to.
    pub scope: Scope,
    /// What its size means.
    pub unit: Unit,
    /// The sizes that are drawn. The first is the size of a scripted fault that names none.
    pub sizes: &'static [u64],
    /// What happens.
    pub says: &'static str,
    /// A cause of it in real systems.
    pub stands_for: &'static str,
}

/// What a fault happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A message on its way from one node to another.
    Link,
    /// Two nodes, in both directions.
    Pair,
    /// Any node that the model runs itself.
    AnyNode,
    /// A node of one kind, by the name that the model gives to the kind.
    Node(&'static str),
    /// A service outside, which the model does not run.
    Service,
}

/// What the size of a fault means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Nothing: the fault happens or it does not.
    Once,
    /// A count.
    Times,
    /// A duration in microseconds.
    Span,
    /// A duration in microseconds. A scripted fault without a size lasts until its `until`.
    Lasting,
}

impl Fault {
    /// The node at which the fault happens; for what happens between two nodes, the sender.
    pub(super) const fn node(&self, actor: Actor) -> NodeId {
        match self.scope {
            Scope::Link | Scope::Pair => actor.from,
            Scope::AnyNode | Scope::Node(_) | Scope::Service => actor.to,
        }
    }
}

/// Two faults with the same site are the same fault; [`sites`] refuses lists in which they are not.
impl PartialEq for Fault {
    fn eq(&self, other: &Self) -> bool {
        self.site.index() == other.site.index()
    }
}

impl std::hash::Hash for Fault {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.site.index().hash(state);
    }
}

/// The sites of a list of faults, as a set of bits.
///
/// # Panics
///
/// At compile time, if used in a constant, when the faults are not in the order of their sites or two of
/// them share one.
pub const fn sites(faults: &[&Fault]) -> u128 {
    let (mut sites, mut nth) = (0, 0);
    while nth < faults.len() {
        let site = 1_u128 << faults[nth].site.index();
        assert!(sites < site, "faults are listed in the order of their sites, each with its own");
        sites |= site;
        nth += 1;
    }
    sites
}

/// Declares faults as constants together with the list of all of them: what is declared here cannot be
/// missing in the list. The order of the list is checked at compile time.
macro_rules! declare_faults {
    (
        $(#[$about:meta])* $list_vis:vis const $list:ident;
        $($(#[$doc:meta])* $vis:vis const $name:ident = $fault:expr;)+
    ) => {
        $($(#[$doc])* $vis const $name: $crate::kernel::Fault = $fault;)+
        $(#[$about])* $list_vis const $list: &[&$crate::kernel::Fault] = &[$(&$name),+];
        const _: u128 = $crate::kernel::sites($list);
    };
}
pub(crate) use declare_faults;
