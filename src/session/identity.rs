//! What makes two failures the same: the property, and what it says with roles in the place of names.

use std::fmt;

use super::{Cause, Lexicon, RunOutcome, Verdict};

/// A failure as a class of runs: two runs with the same one failed in the same way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The property, or how else the run failed: `panic`, `hung`, `memory`, or the kind of its unrest.
    pub property: String,
    /// What it says, with the role of each thing in the place of its name: `customer saw booking twice`.
    pub roles: String,
}

impl Identity {
    /// The identity of a failed run; `None` if it held or was interrupted.
    pub fn of(outcome: &RunOutcome, names: &dyn Lexicon) -> Option<Self> {
        let of =
            |property: &str, roles: String| Some(Self { property: property.to_owned(), roles });
        if let Some(violated) = outcome.violations.first() {
            return of(violated.property, roles(&violated.says, names));
        }
        if let Some(broken) = &outcome.broken {
            return match &broken.cause {
                Cause::Panicked(panic) => of("panic", roles(&panic.message, names)),
                Cause::Hung { .. } => of("hung", String::new()),
                Cause::OutOfMemory { .. } => of("memory", String::new()),
                Cause::Interrupted => None,
            };
        }
        match outcome.verdict() {
            Verdict::Held | Verdict::Interrupted => None,
            Verdict::Unrepeatable => of("unrepeatable", String::new()),
            Verdict::Failed | Verdict::Open | Verdict::Invalid | Verdict::Bug => {
                let unrest = outcome.unrest.as_ref();
                let kind = unrest.map_or("missed", |unrest| unrest.kind.name());
                of(kind, unrest.map_or_else(String::new, |unrest| roles(&unrest.says, names)))
            }
        }
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

/// A sentence with the role of each thing in the place of its name, and `#` for every other word with a digit.
pub fn roles(says: &str, names: &dyn Lexicon) -> String {
    let words = says.split(' ').map(|word| {
        let is_part = |c: char| c.is_alphanumeric();
        let Some(begin) = word.find(is_part) else { return word.to_owned() };
        let end = word
            .rfind(is_part)
            .map_or(word.len(), |at| at + word[at..].chars().next().map_or(0, char::len_utf8));
        let (before, name, after) = (&word[..begin], &word[begin..end], &word[end..]);
        let role = match names.role_of(name) {
            Some(role) => role,
            None if name.contains(|c: char| c.is_ascii_digit()) => "#",
            None => name,
        };
        format!("{before}{role}{after}")
    });
    words.collect::<Vec<_>>().join(" ")
}
