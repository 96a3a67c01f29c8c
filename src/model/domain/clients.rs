//! Clients: what customers are told, and what they ask for.

use crate::kernel::Span;
use crate::model::{CommandOutcome, Domain, Request, ServiceId};

/// What a customer is told.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Answer<D: Domain> {
    /// To a command.
    Command(D::Command, CommandOutcome<D>),
    /// To a query: the row, if there is one.
    Shown(D::Query, Option<D::Row>),
    /// To a request for erasure: it is done.
    Erased,
    /// To a query with a token that nothing readable has caught up with.
    NotYet(D::Query),
    /// Nothing came back within the customer's patience, however often it was sent.
    Silence,
}

/// What a customer does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask<D: Domain> {
    /// Sends a command.
    Command(D::Command),
    /// Asks something, with the token of their last accepted command if they have one.
    Query(D::Query),
    /// Asks for the erasure of their personal data.
    Erase,
    /// Sends a request to a service directly, beside the platform.
    Outside(ServiceId, Request<D>),
    /// Thinks for a while, then acts again.
    Later(Span, D::Action),
}
