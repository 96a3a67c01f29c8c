//! Defects that are switched on after a scenario was read, as on a command line.

use std::sync::Arc;

use super::Scenario;
use super::diagnostic::Diagnostic;
use super::domain::ScenarioDomain;
use super::nearest;
use crate::platform::Plan;

/// What diagnostics name instead of a file.
const OPTION: &str = "--defect";

/// That there is no such defect, and a hint.
pub(super) fn no_defect<D: ScenarioDomain>(id: &str) -> (String, String) {
    let known: Vec<&str> = Plan::<D>::all_defects().map(|defect| defect.id).collect();
    let hint = nearest::hint(id, &known).unwrap_or_default();
    (format!("there is no defect `{id}`"), hint)
}

impl<D: ScenarioDomain> Scenario<D> {
    /// Puts a mistake into the platform or the domain, in addition to those that the file names.
    ///
    /// # Errors
    ///
    /// If there is no such defect; the scenario is then unchanged.
    ///
    /// ```
    /// use jetlag::domains::Flights;
    /// use jetlag::scenario::Scenario;
    ///
    /// let text = r#"( name: "nothing", domain: Flights(vendors: []) )"#;
    /// let mut scenario = Scenario::<Flights>::load("a.ron", text.as_bytes()).unwrap();
    /// scenario.plant("ack-before-apply").unwrap();
    /// let wrong = scenario.plant("ack-before-aply").unwrap_err();
    /// assert_eq!(wrong[0].message, "there is no defect `ack-before-aply`");
    /// ```
    pub fn plant(&mut self, id: &str) -> Result<(), Vec<Diagnostic>> {
        let Some(defect) = Plan::<D>::defect_named(id) else {
            let (message, hint) = no_defect::<D>(id);
            return Err(vec![Diagnostic::of_file(OPTION, message, hint)]);
        };
        let with = |plan: &Arc<Plan<D>>| {
            let mut plan = Plan::clone(plan);
            plan.plant(defect);
            Arc::new(plan)
        };
        (self.plan, self.fuzzed) = (with(&self.plan), with(&self.fuzzed));
        self.planted.push(id.to_owned());
        self.file.defects.push(id.to_owned());
        Ok(())
    }
}
