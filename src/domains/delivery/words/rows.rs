//! Rows of the read models in words.

use std::fmt;

use super::{Narrator, say_hour};
use crate::domains::delivery::order::Status;
use crate::domains::delivery::views::{AuditEntry, AuditTrail, Board, Hour, OrderRow, UserHistory};
use crate::domains::money::Money;
use crate::model::Principal;

impl Narrator<'_> {
    pub(super) fn order_row(&self, row: &OrderRow, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = &row.standing;
        let status = order.status.map_or("not created", Status::word);
        let paid = if order.paid { ", paid" } else { "" };
        write!(f, "{} {} {status}, {}{paid}", row.order, row.version, order.total)?;
        if let Some(courier) = order.courier {
            write!(f, ", {courier}")?;
        }
        if let Some(place) = order.place {
            write!(f, " at {} m east, {} m north", place.east, place.north)?;
        }
        match order.cancelled {
            Some((_, refund)) => write!(f, ", refund {refund}"),
            None => Ok(()),
        }
    }

    pub(super) fn board(&self, board: &Board, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |status: Status| format!("{} {}", board.count(status), status.word());
        let counts = Status::ALL.into_iter().filter(|status| board.count(*status) > 0).map(count);
        f.write_str(&counts.collect::<Vec<_>>().join(", "))?;
        for line in board.open() {
            let courier = line.courier.map(|courier| format!(", {courier}")).unwrap_or_default();
            let (order, status, portions) = (line.order, line.status.word(), line.portions);
            let plural = if portions == 1 { "" } else { "s" };
            write!(f, "; {order} {status}, {portions} portion{plural}{courier}")?;
        }
        Ok(())
    }

    pub(super) fn user(&self, history: &UserHistory, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = history.lines().map(|line| {
            let cost = line.cost.map_or_else(|| "not paid".to_owned(), |cost| cost.to_string());
            let from = self.restaurant(line.restaurant);
            format!("{} from {from} {}, {cost}", line.order, line.status.word())
        });
        f.write_str(&lines.collect::<Vec<_>>().join("; "))
    }

    pub(super) fn hour(&self, hour: &Hour, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Hour { created, confirmed, delivered, cancelled, .. } = *hour;
        let money = |minor| Money::new(minor, hour.currency);
        let (from, paid, refunded) = (say_hour(hour.hour), money(hour.paid), money(hour.refunded));
        write!(
            f,
            "from {from}: {created} created, {confirmed} confirmed, {delivered} delivered, "
        )?;
        write!(f, "{cancelled} cancelled, {paid} paid, {refunded} given back, ")?;
        write!(f, "revenue {}", hour.revenue())
    }

    pub(super) fn trail(&self, trail: &AuditTrail, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = trail.entries().iter().map(|entry| self.entry_of_trail(entry));
        write!(f, "{}: {}", trail.order, entries.collect::<Vec<_>>().join("; "))
    }

    fn entry_of_trail(&self, entry: &AuditEntry) -> String {
        let AuditEntry { version, what, who, request, at } = entry;
        let behalf = request.map_or_else(
            || "nobody".to_owned(),
            |it| format!("{}, request {}", self.names.customer(it.customer), it.nth),
        );
        let who = match who {
            Principal::Customer(customer) => self.names.customer(*customer).to_string(),
            Principal::Saga => "the service".to_owned(),
        };
        format!("{version} {what} by {who} for {behalf} at {at}")
    }
}
