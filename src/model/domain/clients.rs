//! Clients: the answers to customers, and their requests.

use crate::kernel::Span;
use crate::model::{CommandOutcome, Domain, Request, ServiceId};

/// An answer to a customer.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Answer<D: Domain> {
    /// To a command.
    Command(D::Command, CommandOutcome<D>),
    /// To a query or a subscription: the row, if there is one.
    Shown(D::Query, Option<D::Row>),
    /// To a request for erasure: the customer is erased.
    Erased,
    /// To a query with a token: no readable row has reached the version of the token.
    NotYet(D::Query),
    /// To a query, or to a request for erasure if there is none: a node that it needs does not answer. To a
    /// subscription: its time is over.
    TryLater(Option<D::Query>),
    /// No answer came in time, after all resends.
    Silence,
}

/// A request or a pause of a customer.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask<D: Domain> {
    /// Sends a command.
    Command(D::Command),
    /// Sends a query, with the token of the last accepted command if there is one.
    Query(D::Query),
    /// Subscribes to a query for at most this long: its row is shown, and then each newer version of it, until
    /// [`Domain::watches`] says that the customer has seen enough.
    Watch(D::Query, Span),
    /// Asks for the erasure of their personal data.
    Erase,
    /// Sends a request to a service directly, without the platform.
    Outside(ServiceId, Request<D>),
    /// Acts again after a pause.
    Later(Span, D::Action),
}
