//! What a history covers.

/// What a history covers, and how its inputs relate to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    /// The version of the first event of a stream.
    pub(super) first_version: u32,
    /// Whether it contains every stream from its first event on.
    pub(super) is_whole: bool,
    /// Whether lines of different kinds are in the order in which things happened. That is not known of
    /// several files.
    pub(super) is_ordered: bool,
    /// Whether nothing was under way when it was exported.
    pub(super) is_at_rest: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self { first_version: 1, is_whole: true, is_ordered: true, is_at_rest: true }
    }
}
