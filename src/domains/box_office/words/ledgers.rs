//! Requests, answers and ledgers of services in words.

use std::fmt;

use super::{Narrator, say_card};
use crate::domains::box_office::outside::lock::{LockEntry, LockReply, LockRequest};
use crate::domains::box_office::outside::provider::{
    Charge, ChargeEntry, ChargeReply, ChargeRequest,
};
use crate::domains::box_office::outside::{Entry, Ledger, Reply, Request};

impl Narrator<'_> {
    pub(super) fn request(&self, request: &Request, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match request {
            Request::Charge(request) => self.charge_request(request, f),
            Request::Lock(request) => self.lock_request(request, f),
        }
    }

    fn charge_request(&self, request: &ChargeRequest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match request {
            ChargeRequest::Charge { ticket, card, amount, .. } => {
                write!(f, "charge {amount} for {ticket}{}", say_card(*card))
            }
            ChargeRequest::Reverse { ticket, .. } => write!(f, "reverse the charge of {ticket}"),
        }
    }

    fn lock_request(&self, request: &LockRequest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match request {
            LockRequest::Acquire { show, ticket } => {
                write!(f, "lock {} for {ticket}", self.show(*show))
            }
            LockRequest::Release { show, ticket } => {
                write!(f, "release {} for {ticket}", self.show(*show))
            }
        }
    }

    pub(super) fn reply(&self, reply: &Reply, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match reply {
            Reply::Charge(ChargeReply::Charged { ticket }) => write!(f, "{ticket}: charged"),
            Reply::Charge(ChargeReply::Declined { ticket }) => write!(f, "{ticket}: declined"),
            Reply::Charge(ChargeReply::Reversed { ticket }) => write!(f, "{ticket}: reversed"),
            Reply::Charge(ChargeReply::Unavailable(request)) => {
                f.write_str("503 to ")?;
                self.charge_request(request, f)
            }
            Reply::Lock(LockReply::Granted { ticket, fence }) => {
                write!(f, "{ticket}: granted, {fence}")
            }
            Reply::Lock(LockReply::Busy { ticket }) => write!(f, "{ticket}: busy"),
            Reply::Lock(LockReply::Released { ticket }) => write!(f, "{ticket}: released"),
            Reply::Lock(LockReply::Unavailable(request)) => {
                f.write_str("503 to ")?;
                self.lock_request(request, f)
            }
            Reply::Misdirected => f.write_str("misdirected request"),
        }
    }

    pub(super) fn entry(&self, entry: &Entry, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match entry {
            Entry::Charge(ChargeEntry { ticket, amount }) if amount.minor > 0 => {
                write!(f, "take {amount} for {ticket}")
            }
            Entry::Charge(ChargeEntry { ticket, amount }) => {
                write!(f, "give back {} for {ticket}", self.money(-amount.minor))
            }
            Entry::Lock(LockEntry::Granted { show, ticket, fence }) => {
                write!(f, "lock {} for {ticket}, {fence}", self.show(*show))
            }
            Entry::Lock(LockEntry::Released { show, ticket }) => {
                write!(f, "release {} for {ticket}", self.show(*show))
            }
        }
    }

    pub(super) fn ledger(&self, ledger: &Ledger, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ledger {
            Ledger::Provider(ledger) => ledger.charges().try_for_each(|charge| {
                let Charge { ticket, taken, refunded, closed } = *charge;
                let closed = if closed { ", closed" } else { "" };
                let (taken, refunded) = (self.money(taken), self.money(refunded));
                writeln!(f, "{ticket}: taken {taken}, refunded {refunded}{closed}")
            }),
            Ledger::Locks(ledger) => ledger.held().try_for_each(|(show, held)| {
                let (ticket, fence, until) = (held.ticket, held.fence, held.until);
                writeln!(f, "{}: {ticket}, {fence}, until {until}", self.show(show))
            }),
        }
    }
}
