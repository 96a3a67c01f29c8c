//! Another broker for a scenario that was read, as on a command line.

use std::collections::BTreeSet;

use super::diagnostic::{Diagnostic, Position};
use super::domain::ScenarioDomain;
use super::file::File;
use super::notation;
use super::parse::malformed;
use super::place::Complaint;
use super::recovery::Recovery;
use super::resolve::{self, Resolved};
use super::{Scenario, plans};
use crate::platform::BrokerKind;

/// What diagnostics name instead of a file.
pub(crate) const BROKER: &str = "--broker";

impl<D: ScenarioDomain> Scenario<D> {
    /// Runs it with another kind of broker, written as in a file: `Sqs(queues: Fifo)`.
    ///
    /// # Errors
    ///
    /// If there is no such kind, or the scenario asks for what it cannot do, such as a fault of another kind. The
    /// scenario is then unchanged.
    ///
    /// ```
    /// use jetlag::domains::Flights;
    /// use jetlag::scenario::Scenario;
    ///
    /// let text = r#"( name: "nothing", domain: Flights(vendors: []) )"#;
    /// let mut scenario = Scenario::<Flights>::load("a.ron", text.as_bytes()).unwrap();
    /// scenario.with_broker("Kafka(partitions: 1)").unwrap();
    /// let wrong = scenario.with_broker("Kafka(partitions: 0)").unwrap_err();
    /// assert_eq!(wrong[0].message, "`partitions` must be greater than zero");
    /// ```
    pub fn with_broker(&mut self, kind: &str) -> Result<(), Vec<Diagnostic>> {
        let tree = notation::parse(kind).map_err(|wrong| {
            let wrong = wrong.into_iter().map(|wrong| malformed(BROKER, kind, wrong));
            wrong.collect::<Vec<_>>()
        })?;
        let start = tree.span.start;
        let mut recovery = Recovery::new(kind, tree);
        let broker: Option<BrokerKind> = recovery.read();
        let Some(broker) = broker.filter(|_| recovery.found.is_empty()) else {
            return Err(recovery.diagnostics(BROKER));
        };
        notation::check(kind, start).map_err(|wrong| vec![malformed(BROKER, kind, wrong)])?;
        let mut file: File<D> = self.file.clone();
        file.platform.broker.kind = broker;
        let resolved = resolve::resolve(&file, &BTreeSet::new(), &|_| Position::default());
        let Resolved { mut plan, fuzz, .. } = resolved
            .map_err(|complaints| complaints.into_iter().map(of_whole).collect::<Vec<_>>())?;
        for (fault, before) in plan.faults.scripted.iter_mut().zip(&self.plan.faults.scripted) {
            fault.origin = before.origin;
        }
        (self.plan, self.fuzzed) = plans(plan, fuzz);
        self.file = file;
        self.broker = Some(kind.to_owned());
        Ok(())
    }
}

fn of_whole(Complaint { message, hint, .. }: Complaint) -> Diagnostic {
    Diagnostic::of_file(BROKER, message, hint.unwrap_or_default())
}
