//! Deviations that are not combined with others, if that was requested.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::parent::{Cut, End, Parent};
use super::plan::Plan;
use super::scope::Tried;
use super::{Deviation, Host};
use crate::session::Fork;

/// How many runs are made before it is asked whether to stop.
const AT_ONCE: usize = 1024;

/// The deviations from the default run that by themselves change nothing but times, or no more than another size of
/// the same fault does.
pub(super) fn pointless(
    plan: &Plan<'_>,
    root: &Parent,
    host: &dyn Host,
) -> Result<BTreeSet<Deviation>, Cut> {
    let run = |forks: &[Fork]| {
        if host.stop() { Err(Cut::Interrupted) } else { root.fork(plan, forks, &()) }
    };
    let ends: Result<Vec<Vec<End>>, Cut> = root.forks.par_chunks(AT_ONCE).map(run).collect();
    let default = root.end();
    let mut seen: Vec<(Deviation, End)> = Vec::with_capacity(root.forks.len());
    let mut found = BTreeSet::new();
    for (fork, end) in root.forks.iter().zip(ends?.into_iter().flatten()) {
        let deviation = Deviation::of(fork);
        let is_order = plan.scope.tried(&deviation.key) == Some(Tried::Order);
        let siblings = seen.iter().rev().take_while(|(other, _)| other.key == deviation.key);
        let mut siblings = siblings.map(|(_, other)| other);
        if is_order && end.is_same(&default) || siblings.any(|other| end.is_same(other)) {
            found.insert(deviation);
        }
        seen.push((deviation, end));
    }
    Ok(found)
}
