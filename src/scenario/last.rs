//! What the final state of a run shows: rows of views and lines of ledgers.

use super::domain::ScenarioDomain;
use crate::model::{CacheKey, Rest, RowKey, ServiceId, Term, ViewId, Vocabulary};

/// The most lines that a missed expectation prints.
const PRINTED_MAX: usize = 3;

/// Which lines of the final state an expectation counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Final {
    /// Where they are.
    pub place: Place,
    /// A part of the line.
    pub shows: String,
}

/// A place in the final state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The rows of a view, or the row with this name.
    View(ViewId, Option<String>),
    /// The ledger of a service.
    Ledger(ServiceId),
}

/// The lines of the final state for one expectation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastLines {
    /// How many show the text.
    pub shown: u64,
    /// How many do not.
    others: u64,
    /// The first of these.
    printed: Vec<String>,
}

impl Final {
    /// Reads the final state of a run.
    pub(super) fn look<D: ScenarioDomain>(&self, rest: &Rest<'_, D>) -> LastLines {
        let words = Vocabulary { domain: rest.domain, names: rest.names };
        let mut last = LastLines::default();
        match &self.place {
            Place::View(view, of) => {
                for (row, key) in rest.rows[usize::from(view.0)].iter().zip(0..) {
                    let Some(row) = row else { continue };
                    let name = words.key(CacheKey::Row(*view, RowKey(key))).to_string();
                    if of.as_ref().is_none_or(|of| *of == name) {
                        let shown = words.term(Term::Row(&**row)).to_string();
                        last.add(shown.contains(&self.shows), || format!("{name}: {shown}"));
                    }
                }
            }
            Place::Ledger(service) => {
                let ledger = rest.ledgers[usize::from(service.0)];
                for line in words.term(Term::Ledger(*service, ledger)).to_string().lines() {
                    last.add(line.contains(&self.shows), || line.to_owned());
                }
            }
        }
        last
    }

    /// What is counted, a `row` or a `line`, and which of them.
    pub(super) fn say<D: ScenarioDomain>(
        &self,
        words: Vocabulary<'_, D>,
    ) -> (&'static str, String) {
        let shows = &self.shows;
        match &self.place {
            Place::View(view, None) => ("row", format!(" of {} with `{shows}`", words.view(*view))),
            Place::View(view, Some(of)) => {
                ("row", format!(" of {} for {of} with `{shows}`", words.view(*view)))
            }
            Place::Ledger(service) => {
                ("line", format!(" with `{shows}` in the ledger of {}", words.service(*service)))
            }
        }
    }
}

impl LastLines {
    fn add(&mut self, shows: bool, line: impl FnOnce() -> String) {
        if shows {
            self.shown += 1;
        } else {
            self.others += 1;
            if self.printed.len() < PRINTED_MAX {
                self.printed.push(line());
            }
        }
    }

    /// The lines without the text: ` (others: `b-1 held`, 7 more)`.
    pub(super) fn others(&self) -> String {
        if self.printed.is_empty() {
            return String::new();
        }
        let mut lines: Vec<String> = self.printed.iter().map(|line| format!("`{line}`")).collect();
        let more = self.others - lines.len() as u64;
        if more > 0 {
            lines.push(format!("{more} more"));
        }
        format!(" (others: {})", lines.join(", "))
    }
}
