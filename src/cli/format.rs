//! Output formats.

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::report::{Palette, Report, json, junit, text};

/// The format in which results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Text for people
    Human,
    /// A versioned JSON document
    Json,
    /// JUnit XML, with a suite for each scenario and a case for each property
    Junit,
}

impl Format {
    /// Renders a report in this format.
    pub(super) fn render(self, report: &Report, palette: &Palette) -> String {
        match self {
            Self::Human => text(report, palette),
            Self::Json => json(report),
            Self::Junit => junit(report),
        }
    }

    /// Parses a format of campaigns.
    pub(super) fn of_campaigns() -> impl TypedValueParser<Value = Self> {
        let values = [Self::Human, Self::Json].iter().filter_map(Self::to_possible_value);
        PossibleValuesParser::new(values).try_map(|word| Self::from_str(&word, false))
    }
}
