//! The simplest row there is: one stream, as its events made it.

use std::fmt::{self, Debug};

use crate::model::{Domain, Stored, Token};

/// A row that shows one stream: its state, and how much of the stream that is.
///
/// With `type Row = StreamRow<State>` a view needs no code of its own.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct StreamRow<S> {
    /// Which stream, and up to which version.
    pub token: Token,
    /// Its state then.
    pub state: S,
}

impl<S: Debug> Debug for StreamRow<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(&self.state, f)?;
        write!(f, " after {}", self.token.version)
    }
}

impl<S> StreamRow<S> {
    /// Brings the row up to date with an event of its stream, the way commands see it.
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
