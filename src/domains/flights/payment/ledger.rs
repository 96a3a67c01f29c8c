//! The provider's ledger: charges, the answers to keys, and what is due later.

use std::hash::{Hash, Hasher};

use super::{ChargeEntry, ChargeReply, ChargeRequest, Dispute, Key, Notice, Standing, Turn};
use crate::collections::{SortedMap, SortedSet};
use crate::domains::flights::event::ChargeStep;
use crate::domains::flights::ids::BookingId;
use crate::domains::flights::money::Money;
use crate::domains::flights::services::Entry;
use crate::domains::flights::setup::{PaymentSetup, Setup};
use crate::kernel::{Instant, Span};
use crate::model::Dated;

/// The provider's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderLedger {
    pub(super) terms: PaymentSetup,
    /// How long it takes until a dispute is decided.
    dispute_lasts: Span,
    pub(super) charges: SortedMap<BookingId, Dated<Standing>>,
    pub(super) answered: SortedMap<Key, Saved>,
    /// Keys in order of their first use.
    pub(super) ages: SortedSet<(Instant, Key)>,
    pub(super) later: Later,
}

/// The answer to a key, and the amount that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Saved {
    pub(super) amount: Money,
    pub(super) reply: ChargeReply,
}

/// What is due later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Later {
    agenda: SortedSet<(Instant, Due)>,
    /// Reservations that wait for the customer's confirmation.
    pending: SortedMap<Key, ChargeRequest>,
    /// How long the next customer takes to confirm, if a fault says so.
    pub(super) confirmation: Option<Span>,
}

/// What happens at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Due {
    /// The customer confirms.
    Confirms(Key),
    /// The provider gives up waiting for that.
    GivesUp(Key),
    /// The reservation lapses that follows so many lapsed ones.
    Lapses(BookingId, u8),
    /// The cardholder's bank decides a dispute.
    Decides(BookingId),
}

impl Hash for ProviderLedger {
    /// The terms follow from the set-up, and add nothing.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { terms: _, dispute_lasts: _, charges, answered, ages, later } = self;
        (charges, answered, ages).hash(state);
        let Later { agenda, pending, confirmation } = later;
        if *later != Later::default() {
            (agenda, pending, confirmation).hash(state);
        }
    }
}

impl ProviderLedger {
    /// An empty ledger of a provider.
    pub(in crate::domains::flights) fn open(setup: &Setup) -> Self {
        let (terms, hold) = (setup.payment.clone(), setup.hold);
        let dispute_lasts = terms.dispute_lasts.unwrap_or(hold);
        Self { terms, dispute_lasts, ..Self::default() }
    }

    /// The state of a booking's charge; `None` if there was no movement.
    pub fn standing(&self, booking: BookingId) -> Option<Standing> {
        self.charges.get(&booking)?.now().copied()
    }

    /// Every charge.
    pub fn charges(&self) -> impl Iterator<Item = (BookingId, Standing)> + '_ {
        self.charges.iter().filter_map(|(&booking, charge)| Some((booking, *charge.now()?)))
    }

    pub(super) fn save(&mut self, request: &ChargeRequest, reply: ChargeReply, now: Instant) {
        let ChargeRequest { key, amount, .. } = *request;
        if self.answered.insert(key, Saved { amount, reply }).is_none() {
            self.ages.insert((now, key));
        }
    }

    /// Whether there is a key that is older than `life`.
    pub(in crate::domains::flights) fn may_forget(&self, life: Span, now: Instant) -> bool {
        self.ages.first().is_some_and(|&(used, _)| now.since(used) > life)
    }

    /// Forgets the keys that are older than `life`: a resend under one of them is executed again.
    pub(in crate::domains::flights) fn forget(&mut self, life: Span, now: Instant) {
        let old = self.ages.iter().take_while(|(used, _)| now.since(*used) > life).count();
        for (_, key) in self.ages.remove_first(old) {
            self.answered.remove(&key);
        }
    }

    /// Does what is due, and returns when something is due next.
    pub(in crate::domains::flights) fn catch_up(
        &mut self,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) -> Option<Instant> {
        while let Some(&(at, due)) = self.later.agenda.first() {
            if at > now {
                return Some(at);
            }
            self.later.agenda.remove(&(at, due));
            match due {
                Due::Confirms(key) => self.confirm(key, at, entries),
                Due::GivesUp(key) => self.give_up(key, at, entries),
                Due::Lapses(booking, nth) => {
                    if self.standing(booking).is_some_and(|standing| standing.lapses == nth) {
                        self.lapse(booking, at, entries);
                    }
                }
                Due::Decides(booking) => self.decide(booking, at, entries),
            }
        }
        None
    }

    /// Enters a movement that was asked for.
    pub(super) fn moved(
        &mut self,
        request: &ChargeRequest,
        standing: Standing,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) {
        let ChargeRequest { key: Key { booking, step, .. }, amount, .. } = *request;
        self.charges.entry(booking).or_default().change(now, standing);
        entries.push(Entry::Charge(ChargeEntry { booking, step, amount, standing }));
        if let (ChargeStep::Authorise, Some(life)) = (step, self.terms.authorisation_life) {
            self.later.agenda.insert((now + life, Due::Lapses(booking, standing.lapses)));
        }
    }

    /// Makes a reservation wait for the customer, who takes so long to confirm it.
    pub(super) fn wait(
        &mut self,
        request: &ChargeRequest,
        takes: Span,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) {
        let (key, limit) = (request.key, self.terms.confirmation_limit);
        let due = if takes <= limit { Due::Confirms(key) } else { Due::GivesUp(key) };
        self.later.agenda.insert((now + takes.min(limit), due));
        self.later.pending.insert(key, *request);
        let blank = Standing::blank(request.amount);
        let standing = self.standing(key.booking).unwrap_or(blank);
        let standing = Standing { pending: true, ..standing };
        self.note(key, Turn::Pending, request.amount, standing, now, entries);
    }

    /// Nothing of a booking waits for the customer any more: the charge is closed.
    pub(super) fn stop_waiting(&mut self, booking: BookingId, now: Instant) {
        let of_booking = |(key, _): &(&Key, &ChargeRequest)| key.booking == booking;
        let waiting: Vec<ChargeRequest> =
            self.later.pending.iter().filter(of_booking).map(|(_, request)| *request).collect();
        for request in waiting {
            self.later.pending.remove(&request.key);
            self.save(&request, ChargeReply::Declined { key: request.key }, now);
        }
    }

    fn confirm(&mut self, key: Key, now: Instant, entries: &mut Vec<Entry>) {
        let Some(request) = self.later.pending.remove(&key) else { return };
        let Some(standing) = self.standing(key.booking) else { return };
        let waiting = Standing { pending: false, ..standing };
        let amount = request.amount;
        let Some(reserved) = waiting.after(ChargeStep::Authorise, amount, None) else {
            return;
        };
        self.moved(&request, reserved, now, entries);
        self.save(&request, ChargeReply::Done { key, amount }, now);
        self.note(key, Turn::Confirmed, amount, reserved, now, entries);
    }

    fn give_up(&mut self, key: Key, now: Instant, entries: &mut Vec<Entry>) {
        let Some(request) = self.later.pending.remove(&key) else { return };
        let Some(standing) = self.standing(key.booking) else { return };
        self.save(&request, ChargeReply::Declined { key }, now);
        let standing = Standing { pending: false, ..standing };
        self.note(key, Turn::Unconfirmed, request.amount, standing, now, entries);
    }

    /// The reservation of a booking lapses, if there is one.
    pub(super) fn lapse(&mut self, booking: BookingId, now: Instant, entries: &mut Vec<Entry>) {
        let Some(standing) = self.standing(booking).filter(Standing::is_reserved) else { return };
        let key = Key { booking, step: ChargeStep::Authorise, again: 0 };
        let amount = standing.authorised;
        self.note(key, Turn::Lapsed, amount, standing.lapsed(), now, entries);
    }

    /// The cardholder disputes the charge of a booking; `None` if it cannot be disputed.
    pub(super) fn dispute(
        &mut self,
        booking: BookingId,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) -> Option<Money> {
        let before = self.standing(booking)?;
        let standing = before.after(ChargeStep::Dispute, before.captured, None)?;
        let key = Key { booking, step: ChargeStep::Dispute, again: 0 };
        self.note(key, Turn::Disputed, standing.captured, standing, now, entries);
        self.later.agenda.insert((now + self.dispute_lasts, Due::Decides(booking)));
        Some(standing.captured)
    }

    fn decide(&mut self, booking: BookingId, now: Instant, entries: &mut Vec<Entry>) {
        let open = |standing: &Standing| standing.dispute == Dispute::Open;
        let Some(standing) = self.standing(booking).filter(open) else { return };
        let decided = standing.decided(self.terms.disputes_won);
        let key = Key { booking, step: ChargeStep::Dispute, again: 0 };
        let turn = match decided.dispute {
            Dispute::Won => Turn::DisputeWon,
            Dispute::None | Dispute::Open | Dispute::Lost => Turn::DisputeLost,
        };
        self.note(key, turn, decided.captured, decided, now, entries);
    }

    fn note(
        &mut self,
        key: Key,
        what: Turn,
        amount: Money,
        standing: Standing,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) {
        self.charges.entry(key.booking).or_default().change(now, standing);
        entries.push(Entry::Notice(Notice { key, what, amount, standing }));
    }
}
