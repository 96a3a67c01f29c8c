//! What makes two failures the same: the property, and what it says with roles in the place of names.

use std::fmt;

use super::{Cause, RunOutcome, Verdict};

/// A failure as a class of runs: two runs with the same one failed in the same way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The property, or what stands for one: `panic`, `hang`, `out-of-memory`, `no-verdict`.
    pub property: String,
    /// What it says, with the role of each thing in the place of its name; the message of a panic; the kind of
    /// unrest of a run without a verdict.
    pub roles: String,
}

impl Identity {
    /// The identity of a failed run; `None` if it held or was interrupted.
    pub fn of(outcome: &RunOutcome) -> Option<Self> {
        let of = |property: &str, roles: &str| {
            Some(Self { property: property.to_owned(), roles: roles.to_owned() })
        };
        if let Some(broken) = &outcome.broken {
            return match &broken.cause {
                Cause::Panicked(panic) => of("panic", &panic.message),
                Cause::Hung { .. } => of("hang", ""),
                Cause::OutOfMemory { .. } => of("out-of-memory", ""),
                Cause::Interrupted => None,
            };
        }
        if let Some(violated) = outcome.violations.first() {
            return of(violated.property, &violated.roles);
        }
        let kind = outcome.unrest.as_ref().map_or("", |unrest| unrest.kind.name());
        if outcome.verdict() == Verdict::Open { of("no-verdict", kind) } else { None }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.roles.is_empty() {
            return f.write_str(&self.property);
        }
        write!(f, "{}: {}", self.property, self.roles)
    }
}
