//! What a domain is asked to put into words.

use std::fmt::{self, Debug};

use super::{Domain, Entry, Ledger, Reply, Request};
use crate::model::{CustomerId, RowKey, ServiceId, StreamId, ViewId};

/// Something of the domain that is to be put into words.
#[derive(Debug)]
pub enum Term<'a, D: Domain> {
    /// `b-1`, `IB6251`, `s-1`.
    Stream(StreamId),
    /// `SeatHeld IB6251 1A for ana, 420.00 EUR until 900.000s`.
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
    /// What a service wrote into its own ledger.
    Entry(ServiceId, &'a Entry<D>),
    /// All of a service's own ledger, a line a thing.
    Ledger(ServiceId, &'a Ledger<D>),
    /// What a saga's timer with this number is for.
    Timer(u8),
    /// The question behind a gathered cache entry.
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
    /// Puts it into the words that `Debug` has for it, streams as `table-1` and rows by their view:
    /// what a domain says that has no better words, and of all for which it has none.
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

/// What customers are called: the scripted ones by name, the drawn ones by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Names of the first customers, in order of their numbers.
    pub customers: Vec<String>,
}

impl Names {
    /// A customer's name.
    pub fn customer(&self, customer: CustomerId) -> String {
        self.customers
            .get(customer.0 as usize)
            .cloned()
            .unwrap_or_else(|| format!("c-{}", customer.0 + 1))
    }
}

/// The first word of what `Debug` says; the rest is not even written.
pub(super) struct FirstWord(pub(super) String);

impl FirstWord {
    pub(super) fn of(thing: &impl Debug) -> Self {
        let mut word = Self(String::new());
        // It stops at the end of the word, which is no error.
        let _ = fmt::Write::write_fmt(&mut word, format_args!("{thing:?}"));
        word
    }

    /// The one of `names` that it is.
    ///
    /// # Panics
    ///
    /// When it is none of them: the list of names lacks a variant, which is a bug of the domain.
    pub(super) fn among(&self, names: &'static [&'static str]) -> &'static str {
        let name = names.iter().find(|name| **name == self.0.as_str());
        name.unwrap_or_else(|| panic!("`{}` is not among the event names {names:?}", self.0))
    }
}

impl fmt::Write for FirstWord {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
        self.0.push_str(&text[..end.unwrap_or(text.len())]);
        if end.is_some() { Err(fmt::Error) } else { Ok(()) }
    }
}
