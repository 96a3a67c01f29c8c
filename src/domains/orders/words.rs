//! The domain in words: one short text for each term.

use std::fmt;

use super::carrier::{ParcelEntry, ParcelReply, ParcelRequest};
use super::command::Command;
use super::event::{Bringer, Event, Item, Items, Method, OrderEvent, Parcel, Reason};
use super::ids::{ORDER, OrderId};
use super::order::Status;
use super::provider::{Charge, ChargeEntry, ChargeReply, ChargeRequest};
use super::saga::{Saga, TIMER_UNPAID};
use super::saga_event::{Act, Party, SagaEvent, Tell, Trouble};
use super::setup::Orders;
use super::views::{CUSTOMER_ORDERS, ORDER_BY_ID, ORDERS_BY_STATUS, OrderLine, PastOrder, Row};
use super::{Entry, Ledger, Query, Reply, Request};
use crate::domains::money::Money;
use crate::model::{CustomerId, Names, RowKey, Term, ViewId};
use crate::saga::Saga as _;

pub(super) fn say(
    orders: &Orders,
    term: Term<'_, Orders>,
    names: &Names,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let narrator = Narrator { orders, names };
    match term {
        Term::Stream(stream) => match stream.category {
            ORDER => write!(f, "{}", OrderId(stream.number)),
            _ => write!(f, "s-{}", u64::from(stream.number) + 1),
        },
        Term::Event(event) => narrator.event(event, f),
        Term::Command(command) => narrator.command(command, f),
        Term::Rejection(rejection) => write!(f, "{}: {rejection}", rejection.name()),
        Term::Query(Query::MyOrders) => f.write_str("my orders"),
        Term::Query(Query::Order(order)) => write!(f, "order {order}"),
        Term::Query(Query::InStatus(status)) => write!(f, "{} orders", status.word()),
        Term::Query(Query::AsOf(order, at)) => write!(f, "order {order} as of {at}"),
        Term::Row(row) => narrator.row(row, f),
        Term::Request(_, Request::Charge(request)) => write!(f, "{request}"),
        Term::Request(_, Request::Parcel(request)) => write!(f, "{request}"),
        Term::Reply(_, reply) => narrator.reply(reply, f),
        Term::Entry(_, entry) => narrator.entry(entry, f),
        Term::Ledger(_, ledger) => narrator.ledger(ledger, f),
        Term::Timer(TIMER_UNPAID) => f.write_str("payment deadline"),
        Term::Timer(Saga::TIMER_RETRY) => f.write_str("next attempt"),
        Term::Timer(Saga::TIMER_LOOK) => f.write_str("an operator's look"),
        Term::Timer(other) => write!(f, "timer {other}"),
        Term::Gathered(number) => write!(f, "question {number}"),
        Term::RowOf(view, key) => narrator.row_of(view, key, f),
    }
}

struct Narrator<'a> {
    orders: &'a Orders,
    names: &'a Names,
}

impl Narrator<'_> {
    fn items(&self, items: &Items) -> String {
        let item = |item: &Item| {
            let product = self.orders.products().get(item.product.index());
            format!("{} {}", item.quantity, product.map_or("?", |product| product.name.as_str()))
        };
        match items.list.is_empty() {
            true => "nothing".to_owned(),
            false => items.list.iter().map(item).collect::<Vec<_>>().join(" + "),
        }
    }

    fn parcel(&self, parcel: &Parcel) -> String {
        let by = match parcel.by {
            Bringer::Carrier => self.orders.tables.setup.carrier.id.as_str(),
            Bringer::Van => "own van",
        };
        format!("{} with {by}, delivery on {}", parcel.tracking, parcel.delivery)
    }

    fn consignment(&self, parcel: Option<&Parcel>, recalled: bool) -> String {
        match parcel {
            _ if recalled => "recalled".to_owned(),
            Some(parcel) => self.parcel(parcel),
            None => "nothing".to_owned(),
        }
    }

    fn event(&self, event: &Event, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(event.name())?;
        match event {
            Event::Order(event) => self.order_event(event, f),
            Event::Saga(event) => self.saga_event(event, f),
        }
    }

    fn order_event(&self, event: &OrderEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match event {
            OrderEvent::OrderPlaced { customer, items, total, charge, .. } => {
                let (who, items) = (self.names.customer(*customer), self.items(items));
                let charge = if *charge { ", by card" } else { "" };
                write!(f, " {items} for {who}, {total}{charge}")
            }
            OrderEvent::PaymentRequested { amount } => write!(f, " {amount}"),
            OrderEvent::PaymentReceived { payment, amount, method } => {
                write!(f, " {payment} {amount} by {}", say_method(*method))
            }
            OrderEvent::SurplusReceived { payment, amount, status } => {
                write!(f, " {payment} {amount} for an order that is {}", status.word())
            }
            OrderEvent::OrderShipped { parcel } => write!(f, " {}", self.parcel(parcel)),
            OrderEvent::OrderCancelled { reason, refund } if refund.is_zero() => {
                write!(f, ", {}", say_reason(*reason))
            }
            OrderEvent::OrderCancelled { reason, refund } => {
                write!(f, ", {}, refund {refund}", say_reason(*reason))
            }
        }
    }

    fn saga_event(&self, event: &SagaEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match event {
            SagaEvent::SagaStarted { total, .. } => write!(f, " {total}"),
            SagaEvent::SurplusNoticed { sum } => write!(f, " {sum}"),
            SagaEvent::Done { parcel: Some(parcel), .. } => {
                write!(f, " {}", self.parcel(parcel))
            }
            SagaEvent::Declined { act } | SagaEvent::Unknown { act } => {
                write!(f, " {}", act.verb())
            }
            SagaEvent::Missing { until, .. } => write!(f, ", no proof before {until}"),
            SagaEvent::QueryUnanswered { party } => write!(f, " {}", say_party(*party)),
            SagaEvent::ChargeRetrieved { authorised, captured, reversed } => {
                f.write_str(match (reversed, captured, authorised) {
                    (true, _, _) => " reversed",
                    (false, true, _) => " captured",
                    (false, false, true) => " authorised",
                    (false, false, false) => " nothing",
                })
            }
            SagaEvent::ParcelRetrieved { parcel, recalled } => {
                write!(f, " {}", self.consignment(parcel.as_ref(), *recalled))
            }
            SagaEvent::OrderTold { tell } => write!(f, " {}", say_tell(*tell)),
            SagaEvent::TellFailed { tell, refused } => {
                let why = if *refused { "refused" } else { "unknown" };
                write!(f, " {}, {why}", say_tell(*tell))
            }
            SagaEvent::RetryScheduled { at } | SagaEvent::LookScheduled { at } => {
                write!(f, " {at}")
            }
            SagaEvent::HandedToHuman { trouble } => write!(f, ", {trouble}"),
            SagaEvent::Asked { .. }
            | SagaEvent::Done { parcel: None, .. }
            | SagaEvent::Queried { .. }
            | SagaEvent::PaymentOverdue
            | SagaEvent::RetryDue
            | SagaEvent::SagaResumed
            | SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated => Ok(()),
        }
    }

    fn command(&self, command: &Command, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", command.name(), command.order())?;
        match command {
            Command::PlaceOrder { items, .. } => write!(f, " {}", self.items(items)),
            Command::RequestPayment { .. } => Ok(()),
            Command::ReceivePayment { amount, method, .. } => {
                write!(f, " {amount} by {}", say_method(*method))
            }
            Command::ShipOrder { parcel, .. } => write!(f, " {}", self.parcel(parcel)),
            Command::CancelOrder { reason, .. } => write!(f, ", {}", say_reason(*reason)),
        }
    }

    fn line(&self, line: &OrderLine) -> String {
        let total = line.total.map_or_else(|| "?".to_owned(), |total| total.to_string());
        let parcel = line.parcel.as_ref().map(|parcel| format!(", {}", self.parcel(parcel)));
        let parcel = parcel.unwrap_or_default();
        let OrderLine { order, status, items, .. } = line;
        let plural = if *items == 1 { "" } else { "s" };
        format!("{order} {}, {total}, {items} item{plural}{parcel}", status.word())
    }

    fn past(&self, past: &PastOrder) -> String {
        let PastOrder { order, version, state } = past;
        let status = state.status.map_or("not placed", Status::word);
        let paid =
            state.paid.map(|(amount, method)| format!(", {amount} by {}", say_method(method)));
        let parcel = state.parcel.as_ref().map(|parcel| format!(", {}", self.parcel(parcel)));
        let (paid, parcel) = (paid.unwrap_or_default(), parcel.unwrap_or_default());
        let items = self.items(&state.items);
        format!("{order} {version} {status}, {}: {items}{paid}{parcel}", state.total)
    }

    fn row(&self, row: &Row, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match row {
            Row::Order(line) => {
                let who = self.names.customer(line.customer);
                write!(f, "{} for {who}", self.line(line))
            }
            Row::Past(past) => f.write_str(&self.past(past)),
            Row::Orders(list) => {
                let lines: Vec<String> = list.orders().map(|line| self.line(line)).collect();
                f.write_str(if lines.is_empty() { "no orders" } else { "" })?;
                f.write_str(&lines.join("; "))
            }
        }
    }

    fn reply(&self, reply: &Reply, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match reply {
            Reply::Charge(ChargeReply::Done { order, act }) => {
                write!(f, "{order}: {} done", act.verb())
            }
            Reply::Charge(ChargeReply::Declined { order, act }) => {
                write!(f, "{order}: {} declined", act.verb())
            }
            Reply::Charge(ChargeReply::Standing { order, charge, .. }) => {
                write!(f, "{order}: {}", self.charge(charge))
            }
            Reply::Charge(ChargeReply::Unavailable(request)) => write!(f, "503 to {request}"),
            Reply::Parcel(ParcelReply::Booked { order, parcel }) => {
                write!(f, "{order}: {}", self.parcel(parcel))
            }
            Reply::Parcel(ParcelReply::Refused { order }) => write!(f, "{order}: refused"),
            Reply::Parcel(ParcelReply::Recalled { order }) => write!(f, "{order}: recalled"),
            Reply::Parcel(ParcelReply::Tracked { order, parcel, recalled, .. }) => {
                write!(f, "{order}: {}", self.consignment(parcel.as_ref(), *recalled))
            }
            Reply::Parcel(ParcelReply::Unavailable(request)) => write!(f, "503 to {request}"),
            Reply::Misdirected => f.write_str("misdirected request"),
        }
    }

    fn charge(&self, charge: &Charge) -> String {
        let money = |minor| Money::new(minor, self.orders.currency());
        let closed = if charge.closed { ", closed" } else { "" };
        let (authorised, captured) = (money(charge.authorised), money(charge.captured));
        let refunded = money(charge.refunded);
        format!("authorised {authorised}, captured {captured}, refunded {refunded}{closed}")
    }

    fn entry(&self, entry: &Entry, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match entry {
            Entry::Charge(ChargeEntry { order, act, amount, .. }) => {
                write!(f, "{} {amount} for {order}", act.verb())
            }
            Entry::Parcel(ParcelEntry::Booked { order, parcel }) => {
                write!(f, "book {} for {order}", self.parcel(parcel))
            }
            Entry::Parcel(ParcelEntry::Recalled { order }) => write!(f, "recall {order}"),
        }
    }

    fn ledger(&self, ledger: &Ledger, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ledger {
            Ledger::Provider(ledger) => ledger
                .charges()
                .try_for_each(|(order, charge)| writeln!(f, "{order}: {}", self.charge(&charge))),
            Ledger::Carrier(ledger) => ledger.consignments().try_for_each(|(order, known)| {
                let parcel = known.parcel.map(|parcel| self.parcel(&parcel));
                let parcel = parcel.unwrap_or_else(|| "no parcel".to_owned());
                let recalled = if known.recalled { ", recalled" } else { "" };
                writeln!(f, "{order}: {parcel}{recalled}")
            }),
        }
    }

    fn row_of(&self, view: ViewId, key: RowKey, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match view {
            ORDER_BY_ID => write!(f, "{}", OrderId(key.0)),
            CUSTOMER_ORDERS => write!(f, "orders of {}", self.names.customer(CustomerId(key.0))),
            ORDERS_BY_STATUS => match Status::ALL.get(key.0 as usize) {
                Some(status) => write!(f, "{} orders", status.word()),
                None => write!(f, "orders in status {}", key.0),
            },
            other => write!(f, "row {} of view {}", key.0, other.0),
        }
    }
}

impl fmt::Display for ChargeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Move { order, act: Act::Reverse, .. } => write!(f, "reverse {order}"),
            Self::Move { order, act, amount } => write!(f, "{} {amount} for {order}", act.verb()),
            Self::Query { order, .. } => write!(f, "query charge {order}"),
        }
    }
}

impl fmt::Display for ParcelRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Book { order, pieces: 1 } => write!(f, "book {order}, 1 piece"),
            Self::Book { order, pieces } => write!(f, "book {order}, {pieces} pieces"),
            Self::Recall { order } => write!(f, "recall {order}"),
            Self::Track { order, .. } => write!(f, "track {order}"),
        }
    }
}

const fn say_method(method: Method) -> &'static str {
    match method {
        Method::CreditCard => "credit card",
        Method::BankTransfer => "bank transfer",
    }
}

const fn say_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::ByCustomer => "cancelled by the customer",
        Reason::Unpaid => "not paid in time",
        Reason::PaymentDeclined => "payment declined",
        Reason::NotShippable => "the carrier refused the parcel",
    }
}

const fn say_party(party: Party) -> &'static str {
    match party {
        Party::Provider => "the payment provider",
        Party::Carrier => "the carrier",
    }
}

fn say_tell(tell: Tell) -> String {
    match tell {
        Tell::Paid => "that it is paid".to_owned(),
        Tell::Shipped => "that it is shipped".to_owned(),
        Tell::Cancel(reason) => format!("that it is cancelled: {}", say_reason(reason)),
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(party) => write!(f, "{} is unreachable", say_party(*party)),
            Self::UndoDeclined(act) => write!(f, "declined to {}", act.verb()),
            Self::OrderUnreachable(tell) => {
                write!(f, "the order cannot be told {}", say_tell(*tell))
            }
            Self::TransferToReturn => f.write_str("a bank transfer must be refunded by hand"),
        }
    }
}
