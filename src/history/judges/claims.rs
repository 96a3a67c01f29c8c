//! `no-double-sale`, `no-early-release` and `no-late-release`: what is held and sold of things that are limited.

use std::collections::BTreeMap;

use crate::collections::Table;
use crate::history::board::{Board, Place};
use crate::history::clauses::Clause;
use crate::history::fact::{Claim, Claimed};
use crate::history::moment::Moment;
use crate::history::names::Names;
use crate::history::value::Id;

/// All items, and who has how much of them.
#[derive(Debug, Default)]
pub(in crate::history) struct Claims {
    items: Names,
    stocks: Vec<Stock>,
    holders: Names,
    units: Names,
    open: BTreeMap<Key, Open>,
    /// The holder of each unit that is held or sold.
    owners: Table<(u32, u32), (u32, Place)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Stock {
    capacity: Option<u64>,
    line: Place,
    used: u64,
}

/// A claim: an item, a holder, and a unit; 0 is no unit.
type Key = (u32, u32, u32);

#[derive(Clone, Copy, Debug)]
struct Open {
    quantity: u64,
    is_sold: bool,
    until: Option<Moment>,
    line: Place,
}

impl Claims {
    fn item(&mut self, item: &Id<'_>) -> u32 {
        let number = self.items.number(item);
        if self.stocks.len() <= number as usize {
            self.stocks.resize_with(number as usize + 1, Stock::default);
        }
        number
    }

    pub(in crate::history) fn stock(
        &mut self,
        item: &Id<'_>,
        capacity: u64,
        line: Place,
        board: &mut Board,
    ) {
        let number = self.item(item);
        let stock = &mut self.stocks[number as usize];
        (stock.capacity, stock.line) = (Some(capacity), line);
        self.within(number, item, line, board);
    }

    pub(in crate::history) fn claim(
        &mut self,
        what: Claimed,
        claim: &Claim<'_>,
        line: Place,
        board: &mut Board,
    ) {
        let item = self.item(&claim.item);
        let unit = claim.unit.as_ref().map_or(0, |unit| self.units.number(unit) + 1);
        let key = (item, self.holders.number(&claim.holder), unit);
        match what {
            Claimed::Held | Claimed::Sold => {
                self.take(key, what == Claimed::Sold, claim, line, board)
            }
            Claimed::Released => self.release(key, claim, line, board),
        }
    }

    fn take(&mut self, key: Key, is_sold: bool, claim: &Claim<'_>, line: Place, board: &mut Board) {
        let (item, holder, unit) = key;
        let (quantity, until) = (claim.quantity.unwrap_or(1), claim.until);
        if let Some(open) = self.open.get_mut(&key) {
            // A hold becomes a sale once, or is extended.
            let is_later = !open.is_sold && (is_sold || until > open.until);
            board.that(Clause::HeldOnce, is_later, [open.line, line], || {
                let verb = if is_sold { "sold to" } else { "held for" };
                format!("{} is {verb} {} twice", thing(claim), claim.holder)
            });
            let stock = &mut self.stocks[item as usize];
            // Less can be sold than was held. If the same is taken twice, both count.
            let kept = if is_later { 0 } else { open.quantity };
            stock.used = stock.used.saturating_sub(open.quantity).saturating_add(kept + quantity);
            *open = Open { quantity: kept + quantity, is_sold, until: until.or(open.until), line };
        } else {
            board.that(Clause::HeldOnce, true, [line], String::new);
            if unit > 0 {
                let owner = self.owners.get(&(item, unit)).copied();
                let (other, since) = owner.unwrap_or_default();
                board.that(Clause::OneHolder, owner.is_none(), [since, line], || {
                    let other = self.holders.name(other);
                    format!("{} is given to {}, but {other} has it", thing(claim), claim.holder)
                });
                self.owners.insert((item, unit), (holder, line));
            }
            self.open.insert(key, Open { quantity, is_sold, until, line });
            let stock = &mut self.stocks[item as usize];
            stock.used = stock.used.saturating_add(quantity);
        }
        self.within(item, &claim.item, line, board);
    }

    fn release(&mut self, key: Key, claim: &Claim<'_>, line: Place, board: &mut Board) {
        let (item, holder, unit) = key;
        let open = self.open.get(&key).copied();
        board.that(Clause::ReleasedHeld, open.is_some(), [line], || {
            format!("{} is released by {}, who does not have it", thing(claim), claim.holder)
        });
        let Some(open) = open else { return };
        let quantity = claim.quantity.unwrap_or(open.quantity).min(open.quantity);
        let stock = &mut self.stocks[item as usize];
        stock.used = stock.used.saturating_sub(quantity);
        if quantity == open.quantity {
            self.open.remove(&key);
        } else {
            self.open.insert(key, Open { quantity: open.quantity - quantity, ..open });
        }
        if self.owners.get(&(item, unit)).is_some_and(|owner| owner.0 == holder) {
            self.owners.remove(&(item, unit));
        }
        if open.until.is_some() {
            board.all_hold(Clause::HoldsEnd, 1);
        }
    }

    fn within(&self, number: u32, item: &Id<'_>, line: Place, board: &mut Board) {
        let Stock { capacity: Some(capacity), line: stocked, used } = self.stocks[number as usize]
        else {
            return;
        };
        board.that(Clause::WithinCapacity, used <= capacity, [stocked, line], || {
            format!("{used} of {item} are held and sold, but there are {capacity}")
        });
    }

    /// `now` is the latest time of the history.
    pub(in crate::history) fn end(&self, now: Option<Moment>, board: &mut Board) {
        let Some(now) = now else { return };
        for ((item, holder, _), open) in &self.open {
            let Some(until) = open.until.filter(|_| !open.is_sold) else { continue };
            board.that(Clause::HoldsEnd, until > now, [open.line], || {
                let (item, holder) = (self.items.name(*item), self.holders.name(*holder));
                format!("the hold of {item} for {holder} has run out and is not released")
            });
        }
    }
}

fn thing(claim: &Claim<'_>) -> String {
    match &claim.unit {
        None => claim.item.to_string(),
        Some(unit) => format!("{unit} of {}", claim.item),
    }
}
