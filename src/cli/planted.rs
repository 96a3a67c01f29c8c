//! The options that change the platform of a scenario: its broker, and mistakes.

use crate::harness::{AnyScenario, Trouble};
use crate::model::quoted;
use crate::scenario::Diagnostic;

/// The broker, and the defects that are switched on.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Planted {
    /// Put a mistake into the platform, to see what finds it
    ///
    /// `jetlag defects` lists them. Several are separated by commas.
    #[arg(long = "defect", value_name = "ID", value_delimiter = ',')]
    defects: Vec<String>,
    /// Run with another kind of broker
    ///
    /// Written as in `platform.broker.kind`: Generic, 'RabbitMq(version: 3)', 'Sqs(queues: Fifo)', 'Kafka()'.
    #[arg(long, value_name = "KIND")]
    broker: Option<String>,
}

impl Planted {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.defects.is_empty() && self.broker.is_none()
    }

    /// Puts the defects into the platform of a scenario.
    ///
    /// # Errors
    ///
    /// If there is no such defect, or the scenario is a capsule.
    pub(super) fn plant(&self, scenario: &mut dyn AnyScenario) -> Result<(), Trouble> {
        self.defects.iter().try_for_each(|id| scenario.plant(id).map_err(trouble))
    }

    /// Changes the broker of a scenario, before anything else is added to it.
    ///
    /// # Errors
    ///
    /// If there is no such broker, or the scenario asks for what it cannot do, or is a capsule.
    pub(super) fn change_broker(&self, scenario: &mut dyn AnyScenario) -> Result<(), Trouble> {
        self.broker.iter().try_for_each(|kind| scenario.with_broker(kind).map_err(trouble))
    }

    /// The options as they are typed; nothing without them.
    pub(super) fn typed(&self) -> Option<String> {
        let broker = self.broker.iter().map(|kind| format!("--broker {}", quoted(kind)));
        let defects = self.defects.join(",");
        let defects = (!defects.is_empty()).then(|| format!("--defect {defects}"));
        let typed: Vec<String> = broker.chain(defects).collect();
        (!typed.is_empty()).then(|| typed.join(" "))
    }
}

fn trouble(wrong: Vec<Diagnostic>) -> Trouble {
    let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    Trouble::new(wrong.join("\n\n"))
}
