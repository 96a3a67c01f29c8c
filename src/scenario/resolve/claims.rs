//! From the claims that a file writes to what its runs are to reach.

use super::find;
use crate::kernel::{Fault, Fuzz};
use crate::metrics::{Feature, FeatureKind, states, stimuli};
use crate::model::Domain;
use crate::platform::{Map, Plan, Role, fires_at};
use crate::scenario::claim::{Claim, Goal, Reach};
use crate::scenario::diagnostic::Position;
use crate::scenario::domain::ScenarioDomain;
use crate::scenario::fault_entry::FaultName;
use crate::scenario::fault_plan::LISTED;
use crate::scenario::file::File;
use crate::scenario::place::{Complaints, Place};

/// The claims of a file. `possible` are the faults that can happen in its domain, `fuzz` has those that a seed may
/// draw.
pub(super) fn resolve<D: ScenarioDomain>(
    file: &File<D>,
    (plan, map): (&Plan<D>, &Map),
    (possible, fuzz): (&[&'static Fault], &Fuzz),
    position: &dyn Fn(&Place) -> Position,
    complaints: &mut Complaints,
) -> Vec<Claim> {
    let scripted = plan.faults.scripted.iter().map(|scripted| scripted.fault);
    let allowed = &*scripted.chain(fuzz.faults.iter().copied()).collect::<Vec<_>>();
    let mut claims = Vec::new();
    for (index, claim) in file.reaches.iter().enumerate() {
        let place = Place::top().field("reaches").item(index);
        let (position, roles) = (position(&place), map.roles());
        let mut lookup = Lookup { plan, roles, possible, allowed, place, complaints };
        claims.extend(lookup.goal(claim).map(|goal| Claim { position, goal }));
    }
    claims
}

/// Looks up the names in one claim.
struct Lookup<'a, D: Domain> {
    plan: &'a Plan<D>,
    /// The roles of all nodes.
    roles: &'a [Role],
    /// The faults that can happen in this domain.
    possible: &'a [&'static Fault],
    /// Those of them that the file scripts or allows.
    allowed: &'a [&'static Fault],
    place: Place,
    complaints: &'a mut Complaints,
}

impl<D: Domain> Lookup<'_, D> {
    /// What is claimed; `None` if it cannot be, which is reported.
    fn goal(&mut self, claim: &Reach) -> Option<Goal> {
        let (kind, what, with) = match claim {
            Reach::Happens { fact } => return Some(Goal::Fact(*fact)),
            Reach::Stores { event } => {
                (FeatureKind::Event, self.find("event", "event", event, D::EVENTS)?, "")
            }
            Reach::Rejects { rejection } => {
                let what = self.find("rejection", "rejection", rejection, D::REJECTIONS)?;
                (FeatureKind::Rejection, what, "")
            }
            Reach::Receives { state, stimulus } => {
                let known = stimuli(&self.plan.domain);
                let (what, with) =
                    (self.state(state), self.find("stimulus", "stimulus", stimulus, &known));
                (FeatureKind::Stimulus, what?, with?)
            }
            Reach::Fires { fault, state, node } => {
                let fault = self.fault(fault);
                let (kind, with) = match (state, node) {
                    (Some(state), None) => (FeatureKind::FaultDuring, self.state(state)),
                    (None, Some(node)) => (FeatureKind::FaultFired, self.node(fault, node)),
                    (Some(_), Some(_)) => {
                        let hint = "make two claims of it, one with `state` and one with `node`";
                        self.complain("node", "`node` cannot be combined with `state`", hint);
                        return None;
                    }
                    (None, None) => {
                        let hint = "write `node: \"store\"`, or the `state` of a saga";
                        self.complain("fault", "this claim does not say where", hint);
                        return None;
                    }
                };
                (kind, fault?.name, with?)
            }
        };
        Some(Goal::Feature(Feature { kind, what, with }))
    }

    fn find(
        &mut self,
        field: &str,
        what: &str,
        name: &str,
        known: &[&'static str],
    ) -> Option<&'static str> {
        find(name, known, what, &self.place.field(field), self.complaints).map(|nth| known[nth])
    }

    fn state(&mut self, name: &str) -> Option<&'static str> {
        let (known, place) = (states::<D>(), self.place.field("state"));
        let found = known.iter().find(|state| **state == name).copied();
        if found.is_none() {
            let listed =
                "a saga is in a state from the event of that name on; `list events` lists all";
            self.complaints.unknown_of_many(place, "state of a saga", name, &known, listed);
        }
        found
    }

    fn fault(&mut self, FaultName(name): &FaultName) -> Option<&'static Fault> {
        let is_named = |fault: &&&Fault| fault.name == name;
        if let Some(fault) = self.allowed.iter().find(is_named) {
            return Some(fault);
        }
        if self.possible.iter().any(|fault| fault.name == name) {
            let message = format!("{name} cannot fire: it is neither scripted nor in `fuzz`");
            self.complain("fault", message, "allow it in `fuzz`, or remove the claim");
        } else {
            let names: Vec<_> = self.possible.iter().map(|fault| fault.name).collect();
            let place = self.place.field("fault");
            self.complaints.unknown_of_many(place, "fault", name, &names, LISTED);
        }
        None
    }

    /// A kind of node at which the fault can fire.
    fn node(&mut self, fault: Option<&Fault>, name: &str) -> Option<&'static str> {
        let mut kinds: Vec<_> = self.roles.iter().map(|role| role.kind()).collect();
        kinds.dedup();
        let kind = self.find("node", "kind of node", name, &kinds)?;
        let fault = fault?;
        let fires = |role: &&Role| role.kind() == kind && fires_at(fault, **role);
        if !self.roles.iter().any(|role| fires(&role)) {
            let message = format!("{} cannot happen at {kind}", fault.name);
            self.complain("node", message, LISTED);
            return None;
        }
        Some(kind)
    }

    fn complain(&mut self, field: &str, message: impl Into<String>, hint: &str) {
        self.complaints.add(self.place.field(field), message, hint);
    }
}
