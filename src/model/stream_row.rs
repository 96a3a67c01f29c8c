//! The simplest row: the state of one stream.

use std::fmt::{self, Debug};

use crate::model::{Domain, Stored, Token};

/// A row that shows the state of one stream at a version.
///
/// With `type Row = StreamRow<State>` a view needs no further code.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct StreamRow<S> {
    /// The stream and the version.
    pub token: Token,
    /// The state at that version.
    pub state: S,
}

impl<S: Debug> Debug for StreamRow<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(&self.state, f)?;
        write!(f, " after {}", self.token.version)
    }
}

impl<S> StreamRow<S> {
    /// Applies an event of the stream, with the same fold as commands.
    pub fn project<D: Domain<State = S>>(
        domain: &D,
        row: &mut Option<Self>,
        stored: &Stored<D::Event>,
    ) {
        let token = Token { stream: stored.stream, version: stored.version };
        let row = row.get_or_insert_with(|| Self { token, state: domain.blank(stored.stream) });
        row.token = token;
        domain.evolve(&mut row.state, &stored.event);
    }
}
