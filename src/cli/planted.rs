//! The options that change the platform of a scenario: its broker, and mistakes.

use crate::harness::{AnyScenario, Harness, Trouble};
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

    /// Whether the defects can be put into a scenario: one of another domain is left out of what runs in a folder.
    pub(super) fn fit(&self, harness: &Harness, scenario: &dyn AnyScenario) -> bool {
        self.elsewhere(harness, scenario).is_none()
    }

    /// The first that only other domains have, and these.
    fn elsewhere(
        &self,
        harness: &Harness,
        scenario: &dyn AnyScenario,
    ) -> Option<(&str, Vec<&'static str>)> {
        self.defects.iter().find_map(|id| {
            let domains = harness.domains_with(id);
            let is_elsewhere = !domains.is_empty() && !domains.contains(&scenario.domain());
            is_elsewhere.then_some((id.as_str(), domains))
        })
    }

    /// The error that no file has a domain that has them.
    pub(super) fn nowhere(&self, harness: &Harness) -> Trouble {
        let of = |id: &String| {
            let domains = harness.domains_with(id);
            (!domains.is_empty()).then(|| format!("`{id}` is a defect of {}", domains.join(", ")))
        };
        Trouble::new("no file has a domain with the defect")
            .hints(self.defects.iter().filter_map(of))
    }

    /// Puts the defects into the platform of a scenario.
    ///
    /// # Errors
    ///
    /// If there is no such defect, or the scenario is a capsule.
    pub(super) fn plant(
        &self,
        harness: &Harness,
        scenario: &mut dyn AnyScenario,
    ) -> Result<(), Trouble> {
        if let Some((id, domains)) = self.elsewhere(harness, scenario) {
            let (path, domain, domains) = (scenario.path(), scenario.domain(), domains.join(", "));
            return Err(Trouble::new(format!(
                "{path} has the domain {domain}, which has no defect `{id}`"
            ))
            .hint(format!("`{id}` is a defect of {domains}")));
        }
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
