//! Faults that are added to a scenario after it was read, as on a command line.

use std::collections::BTreeSet;

use super::diagnostic::{Diagnostic, Position};
use super::domain::ScenarioDomain;
use super::fault_entry::FaultEntry;
use super::file::File;
use super::notation;
use super::parse::malformed;
use super::place::Complaint;
use super::recovery::Recovery;
use super::resolve::{self, Resolved};
use super::{Scenario, plans};
use crate::kernel::Origin;

/// What diagnostics name instead of a file.
pub(crate) const INJECTED: &str = "--inject";

impl<D: ScenarioDomain> Scenario<D> {
    /// Adds a scripted fault, written like one in a file. The parentheses and the name of the first field can
    /// be left out: `Drop, to: "PSP"`.
    ///
    /// # Errors
    ///
    /// All errors in it; the scenario is then unchanged.
    ///
    /// ```
    /// use jetlag::domains::Flights;
    /// use jetlag::scenario::Scenario;
    ///
    /// let text = r#"( name: "nothing", domain: Flights(vendors: []) )"#;
    /// let mut scenario = Scenario::<Flights>::load("a.ron", text.as_bytes()).unwrap();
    /// scenario.inject(r#"Pause, node: "store", by: "2s""#).unwrap();
    /// assert_eq!(scenario.file.faults.len(), 1);
    /// let wrong = scenario.inject("Puase").unwrap_err();
    /// assert_eq!(wrong[0].message, "there is no fault `Puase`");
    /// ```
    pub fn inject(&mut self, fault: &str) -> Result<(), Vec<Diagnostic>> {
        let text = if fault.trim_start().starts_with('(') {
            fault.to_owned()
        } else {
            format!("(inject: {fault})")
        };
        let tree = notation::parse(&text).map_err(|wrong| {
            let wrong = wrong.into_iter().map(|wrong| malformed(INJECTED, &text, wrong));
            wrong.collect::<Vec<_>>()
        })?;
        let start = tree.span.start;
        let mut recovery = Recovery::new(&text, tree);
        let entry: Option<FaultEntry> = recovery.read();
        let Some(entry) = entry.filter(|_| recovery.found.is_empty()) else {
            return Err(recovery.diagnostics(INJECTED));
        };
        notation::check(&text, start).map_err(|wrong| vec![malformed(INJECTED, &text, wrong)])?;
        let own = self.file.faults.len();
        let mut file: File<D> = self.file.clone();
        file.faults.push(entry);
        // Only the fault is new, so only it and what depends on it can be wrong.
        let resolved = resolve::resolve(&file, &BTreeSet::new(), &|_| Position::default());
        let Resolved { mut plan, fuzz, .. } = resolved.map_err(|complaints| {
            let (about_it, others): (Vec<_>, Vec<_>) = complaints
                .into_iter()
                .map(|complaint| complaint.inside_fault(own))
                .partition(Result::is_ok);
            recovery.add(about_it.into_iter().flatten().collect());
            let others = others.into_iter().filter_map(Result::err).map(of_whole);
            recovery.diagnostics(INJECTED).into_iter().chain(others).collect::<Vec<_>>()
        })?;
        for (fault, before) in plan.faults.scripted.iter_mut().zip(&self.plan.faults.scripted) {
            fault.origin = before.origin;
        }
        self.injected.push(fault.to_owned());
        if let Some(added) = plan.faults.scripted.last_mut() {
            added.origin = Origin { line: 0, column: self.injected.len() };
        }
        (self.plan, self.fuzzed) = plans(plan, fuzz);
        self.file = file;
        Ok(())
    }
}

fn of_whole(Complaint { message, hint, .. }: Complaint) -> Diagnostic {
    Diagnostic::of_file(INJECTED, message, hint.unwrap_or_default())
}
