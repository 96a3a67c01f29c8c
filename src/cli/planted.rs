//! The option that switches defects on.

use crate::harness::{AnyScenario, Harness, Trouble};

/// The defects that are switched on.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Planted {
    /// Put a mistake into the platform, to see what finds it
    ///
    /// `jetlag defects` lists them. Several are separated by commas.
    #[arg(long = "defect", value_name = "ID", value_delimiter = ',')]
    defects: Vec<String>,
}

impl Planted {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.defects.is_empty()
    }

    /// Whether they can be put into a scenario: one of another domain is left out of what runs in a folder.
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

    /// Puts them into the platform of a scenario.
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
        for id in &self.defects {
            scenario.plant(id).map_err(|wrong| {
                let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
                Trouble::new(wrong.join("\n\n"))
            })?;
        }
        Ok(())
    }

    /// The option as it is typed; nothing without defects.
    pub(super) fn typed(&self) -> Option<String> {
        (!self.is_empty()).then(|| format!("--defect {}", self.defects.join(",")))
    }
}
