//! The option that switches defects on.

use crate::harness::{AnyScenario, Trouble};

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

    /// Puts them into the platform of a scenario.
    ///
    /// # Errors
    ///
    /// If there is no such defect, or the scenario is a capsule.
    pub(super) fn plant(&self, scenario: &mut dyn AnyScenario) -> Result<(), Trouble> {
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
