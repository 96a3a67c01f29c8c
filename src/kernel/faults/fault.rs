//! A fault as a type, and how faults are declared.

use crate::kernel::{Actor, NodeId, Site};

/// A way in which a run can go wrong.
#[derive(Clone, Copy, Debug, Eq)]
pub struct Fault {
    /// The site at which it is drawn; no other fault has the same.
    pub site: Site,
    /// Its name in scenario files.
    pub name: &'static str,
    /// The group it belongs to: `Link`, `Node`, `Store`.
    pub family: &'static str,
    /// What it affects.
    pub scope: Scope,
    /// The meaning of its size.
    pub unit: Unit,
    /// The sizes that are drawn. The first is the size of a scripted fault that names none.
    pub sizes: &'static [u64],
    /// What happens.
    pub says: &'static str,
    /// Examples of its causes in real systems.
    pub stands_for: &'static str,
}

/// What a fault affects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A message from one node to another.
    Link,
    /// Two nodes, in both directions.
    Pair,
    /// Any node that the model runs itself.
    AnyNode,
    /// A node of one kind, by the name that the model gives to the kind.
    Node(&'static str),
    /// An external service, which the model does not run.
    Service,
}

/// The meaning of a fault's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// None: the fault happens or it does not.
    Once,
    /// A count.
    Times,
    /// A duration in microseconds.
    Span,
    /// A duration in microseconds. A scripted fault without a size lasts until its `until`.
    Lasting,
}

impl Fault {
    pub(crate) const fn new(
        (family, scope): (&'static str, Scope),
        (site, name): (Site, &'static str),
        (unit, sizes): (Unit, &'static [u64]),
        says: &'static str,
        stands_for: &'static str,
    ) -> Self {
        Self { site, name, family, scope, unit, sizes, says, stands_for }
    }

    /// The nodes that it affects; for a link or a pair, both ends.
    pub(super) const fn nodes(&self, actor: Actor) -> [NodeId; 2] {
        match self.scope {
            Scope::Link | Scope::Pair => [actor.from, actor.to],
            Scope::AnyNode | Scope::Node(_) | Scope::Service => [actor.to; 2],
        }
    }

    /// The node at which the fault happens; for a link or a pair, the sender.
    pub(super) const fn node(&self, actor: Actor) -> NodeId {
        match self.scope {
            Scope::Link | Scope::Pair => actor.from,
            Scope::AnyNode | Scope::Node(_) | Scope::Service => actor.to,
        }
    }
}

/// Two faults with the same site are the same fault; [`sites`] rejects lists in which two share one.
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
/// When the faults are not in the order of their sites or two of them share one; at compile time, if used
/// in a constant.
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

/// Declares faults as constants, together with the list of all of them, so that none can be missing from
/// the list. The order of the list is checked at compile time.
macro_rules! declare_faults {
    (
        $(#[$about:meta])* $list_vis:vis const $list:ident;
        $($vis:vis const $name:ident = $family:ident(
            $index:literal, $site:literal, $fault:literal, $sizes:expr, $says:literal, $causes:literal,
        );)+
    ) => {
        declare_faults! {
            $(#[$about])* $list_vis const $list;
            $(#[doc = concat!("Fault: ", $says, ".")] $vis const $name = $crate::kernel::Fault::new(
                $family, ($crate::kernel::Site::new($index, $site), $fault), $sizes, $says, $causes,
            );)+
        }
    };
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
