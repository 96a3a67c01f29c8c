//! The scenarios of a session: one, or several that a person walks through.

/// A scenario that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its name in the list.
    pub name: String,
    /// What happens in it, in a sentence.
    pub says: String,
    /// The path, for diagnostics.
    pub path: String,
    /// Its text.
    pub text: String,
}
