//! Defects that are switched on after a scenario was read, as on a command line.

use std::sync::Arc;

use super::Scenario;
use super::diagnostic::Diagnostic;
use super::domain::ScenarioDomain;
use super::nearest;
use crate::platform::{PLATFORM_DEFECTS, Plan, defect_named};

/// What diagnostics name instead of a file.
const OPTION: &str = "--defect";

impl<D: ScenarioDomain> Scenario<D> {
    /// Puts a mistake into the platform, in addition to those that the file names.
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
        let Some(defect) = defect_named(id) else {
            let known: Vec<&str> = PLATFORM_DEFECTS.iter().map(|defect| defect.id).collect();
            let hint = nearest::hint(id, &known).unwrap_or_default();
            let message = format!("there is no defect `{id}`");
            return Err(vec![Diagnostic::of_file(OPTION, message, hint)]);
        };
        let with = |plan: &Arc<Plan<D>>| {
            let plan = Plan::clone(plan);
            Arc::new(Plan { defects: plan.defects.with(defect), ..plan })
        };
        (self.plan, self.fuzzed) = (with(&self.plan), with(&self.fuzzed));
        self.planted.push(id.to_owned());
        self.file.defects.push(id.to_owned());
        Ok(())
    }
}
