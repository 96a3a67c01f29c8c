//! The things that a domain puts into words.

use std::fmt;

use super::{Domain, Entry, Ledger, Reply, Request};
use crate::model::{CustomerId, RowKey, ServiceId, StreamId, ViewId};

/// A thing of the domain that is put into words.
#[derive(Debug)]
pub enum Term<'a, D: Domain> {
    /// `b-1`, `IB6251`, `s-1`.
    Stream(StreamId),
    /// `SeatHeld IB6251 1A for ana, 420.00 EUR until 15m00s`.
    Event(&'a D::Event),
    /// `HoldSeat b-1 IB6251`.
    Command(&'a D::Command),
    /// `SoldOut: IB6251 has no seat left`.
    Rejection(&'a D::Rejection),
    /// `my bookings`.
    Query(&'a D::Query),
    /// What a row shows, in one line.
    Row(&'a D::Row),
    /// `OrderCreate b-1/1 IB6251`, in the dialect of the service.
    Request(ServiceId, &'a Request<D>),
    /// `OrderViewRS 7Q2KXM HK`, in the dialect of the service.
    Reply(ServiceId, &'a Reply<D>),
    /// An entry in the ledger of a service.
    Entry(ServiceId, &'a Entry<D>),
    /// The whole ledger of a service, one item per line.
    Ledger(ServiceId, &'a Ledger<D>),
    /// The purpose of a timer of a saga, by its number.
    Timer(u8),
    /// The question of a gathered cache entry.
    Gathered(u32),
    /// A row of a view: `bookings of ana`, `IB6251`.
    RowOf(ViewId, RowKey),
}

impl<D: Domain> Clone for Term<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Domain> Copy for Term<'_, D> {}

impl<D: Domain> Term<'_, D> {
    /// Writes it with `Debug`, a stream as `table-1` and a row with the name of its view. For everything for
    /// which a domain has no better words.
    ///
    /// # Errors
    ///
    /// Only those of the formatter.
    pub fn plainly(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream(StreamId { category, number }) => {
                let category = D::CATEGORIES.get(usize::from(category.0)).unwrap_or(&"stream");
                write!(f, "{category}-{number}")
            }
            Self::Event(event) => write!(f, "{event:?}"),
            Self::Command(command) => write!(f, "{command:?}"),
            Self::Rejection(rejection) => write!(f, "{rejection:?}"),
            Self::Query(query) => write!(f, "{query:?}"),
            Self::Row(row) => write!(f, "{row:?}"),
            Self::Request(_, request) => write!(f, "{request:?}"),
            Self::Reply(_, reply) => write!(f, "{reply:?}"),
            Self::Entry(_, entry) => write!(f, "{entry:?}"),
            Self::Ledger(_, ledger) => writeln!(f, "{ledger:?}"),
            Self::Timer(timer) => write!(f, "timer {timer}"),
            Self::Gathered(question) => write!(f, "question {question}"),
            Self::RowOf(view, RowKey(key)) => {
                let view = D::VIEWS.get(usize::from(view.0)).map_or("view", |view| view.name);
                write!(f, "{view} {key}")
            }
        }
    }
}

/// The names of customers. Customers of the workload have numbers instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Names of the first customers, in order of their numbers.
    pub customers: Vec<String>,
}

impl Names {
    /// A customer's name.
    pub fn customer(&self, customer: CustomerId) -> String {
        let name = self.customers.get(customer.0 as usize).cloned();
        name.unwrap_or_else(|| format!("c-{}", customer.0 + 1))
    }
}
