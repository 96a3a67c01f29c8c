//! The runs from which others depart, one after the other. Of those that were passed nothing is kept.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::parent::{Cut, Parent};
use super::plan::Plan;
use super::{Deviation, Host};
use crate::session::Fork;

/// How many runs are made ready at once to be departed from.
const AT_ONCE: usize = 16;

/// All runs that held with so many deviations, in order of their places.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    plan: &'a Plan<'a>,
    /// The deviations that are not combined with others.
    pointless: &'a BTreeSet<Deviation>,
    /// The number of deviations.
    depth: usize,
    /// The runs with fewer deviations on the way to the next one, each with the number of its next fork.
    way: Vec<(Parent, usize)>,
}

impl<'a> Walk<'a> {
    /// The runs with `depth` deviations from `root`, from the one at `place` on.
    pub(super) fn new(
        plan: &'a Plan<'a>,
        pointless: &'a BTreeSet<Deviation>,
        (depth, place): (usize, &[u32]),
        root: Parent,
    ) -> Result<Self, Cut> {
        let mut walk = Self { plan, pointless, depth, way: vec![(root, 0)] };
        for (nth, &fork) in place.iter().enumerate() {
            let (parent, next) = walk.way.last_mut().expect("the default run is on the way");
            *next = fork as usize;
            if nth + 1 < depth {
                let child = parent.child(plan, *next)?;
                *next += 1;
                walk.way.extend(child.map(|child| (child, 0)));
            }
        }
        Ok(walk)
    }

    /// The next several runs; none at the end.
    pub(super) fn next(&mut self, host: &dyn Host) -> Result<Vec<Parent>, Cut> {
        loop {
            if host.stop() {
                return Err(Cut::Interrupted);
            }
            if self.way.len() > self.depth {
                // The default run itself.
                return Ok(self.way.pop().into_iter().map(|(root, _)| root).collect());
            }
            let most = if self.way.len() == self.depth { AT_ONCE } else { 1 };
            let forks = self.forks(most);
            let Some((parent, _)) = self.way.last() else { return Ok(Vec::new()) };
            if forks.is_empty() {
                self.way.pop();
                continue;
            }
            let children = forks.par_iter().map(|fork| parent.child(self.plan, *fork));
            let children: Result<Vec<Option<Parent>>, Cut> = children.collect();
            let children: Vec<Parent> = children?.into_iter().flatten().collect();
            if most == 1 {
                self.way.extend(children.into_iter().map(|child| (child, 0)));
            } else if !children.is_empty() {
                return Ok(children);
            }
        }
    }

    /// The numbers of the next forks of the last run on the way, at most so many.
    fn forks(&mut self, most: usize) -> Vec<usize> {
        let Some((parent, next)) = self.way.last_mut() else { return Vec::new() };
        let is_made = |nth: &usize| !self.pointless.contains(&Deviation::of(&parent.forks[*nth]));
        let found: Vec<usize> = (*next..parent.forks.len()).filter(is_made).take(most).collect();
        *next = found.last().map_or(parent.forks.len(), |last| last + 1);
        found
    }

    /// The forks of a run that are made.
    pub(super) fn made(&self, parent: &Parent) -> Vec<(u32, Fork)> {
        let numbered = (0..).zip(parent.forks.iter().copied());
        numbered.filter(|(_, fork)| !self.pointless.contains(&Deviation::of(fork))).collect()
    }
}
