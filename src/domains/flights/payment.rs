//! The payment provider: idempotency keys, and a ledger of all movements of money.
//!
//! Like the simpler real providers it knows only keys and charges: a second capture under a fresh key
//! takes the money a second time, so its clients must choose keys with care. A resend under a key gets
//! the first answer again, also if that was a failure (5xx), until the key is forgotten.

use crate::collections::{SortedMap, SortedSet};
use std::fmt::{self, Formatter};

use super::event::ChargeStep;
use super::ids::{Attempt, BookingId};
use super::money::Money;
use super::services::Entry;
use crate::kernel::{Instant, Span};
use crate::model::Dated;

/// An idempotency key: a request with the same key is a resend, which is answered and not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub booking: BookingId,
    pub step: ChargeStep,
    /// Counts the attempts that are not resends, from 0. For queries: counts all of them, because the
    /// answer to an older query may be out of date.
    pub again: u8,
}

/// What the provider is asked: the key contains the step and the booking. Each attempt of the customer
/// is made with a card of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChargeRequest {
    pub key: Key,
    pub amount: Money,
    pub attempt: Attempt,
}

/// The state of a booking's charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Standing {
    /// The sum of all reservations.
    pub authorised: Money,
    pub captured: Money,
    pub refunded: Money,
    /// The number of captures.
    pub captures: u8,
    /// The reservation was voided: nothing is authorised or captured any more.
    pub voided: bool,
}

/// What the provider answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChargeReply {
    /// It is done.
    Done { key: Key, amount: Money },
    /// It is not done, and will not be done under this key.
    Declined { key: Key },
    /// The answer to a query.
    Standing { key: Key, standing: Standing },
    /// The key was used before with other parameters.
    KeyReused { key: Key },
    /// The provider failed (5xx); the request may have taken effect.
    Unavailable(ChargeRequest),
}

/// One line of the provider's ledger: a movement, and the state of the charge after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChargeEntry {
    pub booking: BookingId,
    pub step: ChargeStep,
    pub amount: Money,
    pub standing: Standing,
}

/// The provider's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct ProviderLedger {
    charges: SortedMap<BookingId, Dated<Standing>>,
    answered: SortedMap<Key, Saved>,
    /// Keys in order of their first use.
    ages: SortedSet<(Instant, Key)>,
}

/// The answer to a key, and the amount that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Saved {
    amount: Money,
    reply: ChargeReply,
}

impl ProviderLedger {
    /// The state of a booking's charge; `None` if there was no movement.
    pub fn standing(&self, booking: BookingId) -> Option<Standing> {
        self.charges.get(&booking)?.now().copied()
    }

    /// Every charge.
    pub fn charges(&self) -> impl Iterator<Item = (BookingId, Standing)> + '_ {
        self.charges.iter().filter_map(|(&booking, charge)| Some((booking, *charge.now()?)))
    }

    fn save(&mut self, request: &ChargeRequest, reply: ChargeReply, now: Instant) {
        let ChargeRequest { key, amount, .. } = *request;
        if self.answered.insert(key, Saved { amount, reply }).is_none() {
            self.ages.insert((now, key));
        }
    }

    /// Whether there is a key that is older than `life`.
    pub(super) fn may_forget(&self, life: Span, now: Instant) -> bool {
        self.ages.first().is_some_and(|&(used, _)| now.since(used) > life)
    }

    /// Forgets the keys that are older than `life`: a resend under one of them is executed again.
    pub(super) fn forget(&mut self, life: Span, now: Instant) {
        let old = self.ages.iter().take_while(|(used, _)| now.since(*used) > life).count();
        for (_, key) in self.ages.remove_first(old) {
            self.answered.remove(&key);
        }
    }
}

impl Standing {
    /// A charge without movements.
    pub const fn blank(amount: Money) -> Self {
        let zero = Money::zero(amount.currency);
        Self { authorised: zero, captured: zero, refunded: zero, captures: 0, voided: false }
    }

    /// What the customer has paid after refunds; `None` on overflow.
    pub fn net(&self) -> Option<Money> {
        self.captured.minus(self.refunded)
    }

    /// The charge after one more movement; `None` if the provider declines it.
    fn after(self, step: ChargeStep, amount: Money, limit: Option<i64>) -> Option<Self> {
        let open = !self.voided && !self.authorised.is_zero();
        match step {
            ChargeStep::Authorise => {
                let within = limit.is_none_or(|limit| amount.minor <= limit);
                let authorised = self.authorised.plus(amount)?;
                (within && !self.voided).then_some(Self { authorised, ..self })
            }
            ChargeStep::Capture => {
                let captured = self.captured.plus(amount)?;
                let captures = self.captures.checked_add(1)?;
                open.then_some(Self { captured, captures, ..self })
            }
            // A void closes the charge even if nothing is reserved: a late authorisation is declined.
            ChargeStep::Void => (self.captures == 0).then_some(Self { voided: true, ..self }),
            ChargeStep::Refund => {
                let refunded = self.refunded.plus(amount)?;
                let left = self.captured.minus(refunded)?;
                (left.minor >= 0).then_some(Self { refunded, ..self })
            }
            ChargeStep::Query => Some(self),
        }
    }
}

/// Answers a query with what was true at `as_of`; `None` if the request is not one.
pub(super) fn look_up(
    ledger: &ProviderLedger,
    request: &ChargeRequest,
    as_of: Instant,
) -> Option<ChargeReply> {
    let ChargeRequest { key, amount, .. } = *request;
    let charge = ledger.charges.get(&key.booking).and_then(|charge| charge.as_of(as_of));
    let standing = charge.copied().unwrap_or(Standing::blank(amount));
    (key.step == ChargeStep::Query).then_some(ChargeReply::Standing { key, standing })
}

/// Answers a request. `limit` is the most that is authorised on a customer's first card, in minor units.
pub(super) fn serve(
    limit: Option<i64>,
    ledger: &mut ProviderLedger,
    request: &ChargeRequest,
    now: Instant,
    entries: &mut Vec<Entry>,
) -> ChargeReply {
    let ChargeRequest { key, amount, attempt } = *request;
    let Key { booking, step, .. } = key;
    let limit = limit.filter(|_| attempt == Attempt::FIRST);
    if let Some(reply) = look_up(ledger, request, now) {
        return reply;
    }
    let standing = ledger.standing(booking).unwrap_or(Standing::blank(amount));
    if let Some(saved) = ledger.answered.get(&key) {
        return if saved.amount == amount { saved.reply } else { ChargeReply::KeyReused { key } };
    }
    let reply = match standing.after(step, amount, limit) {
        Some(standing) => {
            ledger.charges.entry(booking).or_default().change(now, standing);
            entries.push(Entry::Charge(ChargeEntry { booking, step, amount, standing }));
            ChargeReply::Done { key, amount }
        }
        None => ChargeReply::Declined { key },
    };
    ledger.save(request, reply, now);
    reply
}

/// Answers that the provider failed, and saves that answer for the request's key unless it has one
/// already. `happened`: the request took effect just now.
pub(super) fn fail(
    ledger: &mut ProviderLedger,
    request: &ChargeRequest,
    happened: bool,
    now: Instant,
) -> ChargeReply {
    let reply = ChargeReply::Unavailable(*request);
    let fresh = happened || !ledger.answered.contains_key(&request.key);
    if fresh && request.key.step != ChargeStep::Query {
        ledger.save(request, reply, now);
    }
    reply
}

/// The webhook about a line of the ledger, if it is a capture or a refund.
pub(super) fn webhook(entry: &ChargeEntry) -> Option<ChargeReply> {
    let ChargeEntry { booking, step, amount, .. } = *entry;
    let key = Key { booking, step, again: 0 };
    let reported = matches!(step, ChargeStep::Capture | ChargeStep::Refund);
    reported.then_some(ChargeReply::Done { key, amount })
}

/// A request in the provider's words.
pub(super) fn say_request(request: &ChargeRequest, f: &mut Formatter<'_>) -> fmt::Result {
    let ChargeRequest { key, amount, attempt } = request;
    if key.step == ChargeStep::Query {
        return write!(f, "query charge {}", key.booking);
    }
    write!(f, "{} {amount} key {key}", imperative(key.step))?;
    match key.step {
        ChargeStep::Authorise if *attempt != Attempt::FIRST => write!(f, " with {attempt}"),
        _ => Ok(()),
    }
}

/// A reply in the provider's words.
pub(super) fn say_reply(reply: &ChargeReply, f: &mut Formatter<'_>) -> fmt::Result {
    match reply {
        ChargeReply::Done { key, amount } => {
            write!(f, "{} {amount} for {}", participle(key.step), key.booking)
        }
        ChargeReply::Declined { key } => {
            write!(f, "declined to {} for {}", imperative(key.step), key.booking)
        }
        ChargeReply::Standing { key, standing } => {
            write!(f, "{}: ", key.booking)?;
            say_standing(standing, f)
        }
        ChargeReply::KeyReused { key } => write!(f, "key {key} was used for another amount"),
        ChargeReply::Unavailable(request) => {
            f.write_str("503 to ")?;
            say_request(request, f)
        }
    }
}

/// A ledger line in the provider's words.
pub(super) fn say_entry(entry: &ChargeEntry, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{} {} for {}", participle(entry.step), entry.amount, entry.booking)
}

fn say_standing(standing: &Standing, f: &mut Formatter<'_>) -> fmt::Result {
    let Standing { authorised, captured, refunded, voided, .. } = standing;
    match (*voided, captured.is_zero()) {
        (true, _) => f.write_str("voided"),
        (false, true) if authorised.is_zero() => f.write_str("nothing"),
        (false, true) => write!(f, "authorised {authorised}"),
        (false, false) if refunded.is_zero() => write!(f, "captured {captured}"),
        (false, false) => write!(f, "captured {captured}, refunded {refunded}"),
    }
}

/// A step as a verb.
pub(super) const fn imperative(step: ChargeStep) -> &'static str {
    match step {
        ChargeStep::Authorise => "authorise",
        ChargeStep::Capture => "capture",
        ChargeStep::Void => "void",
        ChargeStep::Refund => "refund",
        ChargeStep::Query => "query",
    }
}

/// A finished step as a participle.
const fn participle(step: ChargeStep) -> &'static str {
    match step {
        ChargeStep::Authorise => "authorised",
        ChargeStep::Capture => "captured",
        ChargeStep::Void => "voided",
        ChargeStep::Refund => "refunded",
        ChargeStep::Query => "queried",
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.booking, imperative(self.step))?;
        if self.again == 0 { Ok(()) } else { write!(f, "-{}", self.again) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::flights::money::Currency;
    use proptest::prelude::*;

    fn request(step: ChargeStep, again: u8, minor: i64) -> ChargeRequest {
        let key = Key { booking: BookingId(0), step, again };
        let attempt = Attempt::FIRST;
        ChargeRequest { key, amount: Money::new(minor, Currency::Eur), attempt }
    }

    fn ask(ledger: &mut ProviderLedger, request: ChargeRequest) -> (ChargeReply, usize) {
        let mut entries = Vec::new();
        let reply = serve(Some(1_000), ledger, &request, Instant::ZERO, &mut entries);
        (reply, entries.len())
    }

    #[test]
    fn the_same_key_replays_the_reply_and_moves_nothing() {
        let mut ledger = ProviderLedger::default();
        ask(&mut ledger, request(ChargeStep::Authorise, 0, 500));
        let first = ask(&mut ledger, request(ChargeStep::Capture, 0, 500));
        let again = ask(&mut ledger, request(ChargeStep::Capture, 0, 500));
        assert_eq!((first.1, again.1), (1, 0));
        assert_eq!(first.0, again.0);
        let (reply, moved) = ask(&mut ledger, request(ChargeStep::Capture, 0, 499));
        assert!(matches!(reply, ChargeReply::KeyReused { .. }) && moved == 0);
    }

    #[test]
    fn a_fresh_key_takes_the_money_a_second_time() {
        let mut ledger = ProviderLedger::default();
        ask(&mut ledger, request(ChargeStep::Authorise, 0, 500));
        ask(&mut ledger, request(ChargeStep::Capture, 0, 500));
        ask(&mut ledger, request(ChargeStep::Capture, 1, 500));
        assert_eq!(
            ledger.standing(BookingId(0)).map(|s| (s.captures, s.captured.minor)),
            Some((2, 1_000))
        );
    }

    #[test]
    fn a_failure_is_replayed_under_its_key_and_not_under_another() {
        let mut ledger = ProviderLedger::default();
        ask(&mut ledger, request(ChargeStep::Authorise, 0, 500));
        let capture = request(ChargeStep::Capture, 0, 500);
        let failed = fail(&mut ledger, &capture, false, Instant::ZERO);
        assert_eq!(ask(&mut ledger, capture), (failed, 0), "every resend under this key fails");
        let (fresh, moved) = ask(&mut ledger, request(ChargeStep::Capture, 1, 500));
        assert!(matches!(fresh, ChargeReply::Done { .. }) && moved == 1);
        // A failure does not replace an earlier answer.
        fail(&mut ledger, &request(ChargeStep::Capture, 1, 500), false, Instant::ZERO);
        assert_eq!(ask(&mut ledger, request(ChargeStep::Capture, 1, 500)), (fresh, 0));
    }

    #[test]
    fn a_failure_after_the_effect_hides_it_from_a_resend_but_not_from_a_query() {
        let mut ledger = ProviderLedger::default();
        let authorise = request(ChargeStep::Authorise, 0, 500);
        ask(&mut ledger, authorise);
        let failed = fail(&mut ledger, &authorise, true, Instant::ZERO);
        assert_eq!(ask(&mut ledger, authorise), (failed, 0));
        let (reply, _) = ask(&mut ledger, request(ChargeStep::Query, 1, 500));
        assert!(matches!(reply, ChargeReply::Standing { standing, .. }
            if standing.authorised.minor == 500));
    }

    #[test]
    fn a_key_is_forgotten_after_its_life_and_not_before() {
        let day = Span::from_secs(24 * 60 * 60);
        let mut ledger = ProviderLedger::default();
        ask(&mut ledger, request(ChargeStep::Authorise, 0, 500));
        let end = Instant::ZERO + day;
        assert!(!ledger.may_forget(day, end));
        ledger.forget(day, end);
        assert_eq!(ask(&mut ledger, request(ChargeStep::Authorise, 0, 500)).1, 0);
        let later = end + Span::from_secs(1);
        assert!(ledger.may_forget(day, later));
        ledger.forget(day, later);
        assert!(!ledger.may_forget(day, later));
        assert_eq!(ask(&mut ledger, request(ChargeStep::Authorise, 0, 500)).1, 1);
    }

    #[test]
    fn a_voided_charge_accepts_no_late_authorisation() {
        let mut ledger = ProviderLedger::default();
        assert!(matches!(
            ask(&mut ledger, request(ChargeStep::Void, 0, 500)).0,
            ChargeReply::Done { .. }
        ));
        assert!(matches!(
            ask(&mut ledger, request(ChargeStep::Authorise, 0, 500)).0,
            ChargeReply::Declined { .. }
        ));
    }

    #[test]
    fn a_query_shows_what_was_true_at_its_time() {
        let mut ledger = ProviderLedger::default();
        let at = |secs| Instant::ZERO + Span::from_secs(secs);
        for (secs, step) in [(10, ChargeStep::Authorise), (20, ChargeStep::Capture)] {
            serve(None, &mut ledger, &request(step, 0, 500), at(secs), &mut Vec::new());
        }
        let query = request(ChargeStep::Query, 1, 500);
        let shown = |secs| match look_up(&ledger, &query, at(secs)) {
            Some(ChargeReply::Standing { standing, .. }) => {
                (standing.authorised.minor, standing.captured.minor)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!([9, 10, 19, 20].map(shown), [(0, 0), (500, 0), (500, 0), (500, 500)]);
        let capture = request(ChargeStep::Capture, 0, 500);
        assert_eq!(look_up(&ledger, &capture, at(20)), None, "not a query");
    }

    #[test]
    fn more_than_the_limit_is_declined_on_the_first_card_only() {
        let mut ledger = ProviderLedger::default();
        for fresh_key in [0, 1] {
            let (reply, moved) = ask(&mut ledger, request(ChargeStep::Authorise, fresh_key, 1_001));
            assert!(matches!(reply, ChargeReply::Declined { .. }) && moved == 0);
        }
        let attempt = Attempt::FIRST.next();
        let second = ChargeRequest { attempt, ..request(ChargeStep::Authorise, 2, 1_001) };
        let (reply, moved) = ask(&mut ledger, second);
        assert!(matches!(reply, ChargeReply::Done { .. }) && moved == 1);
        // A late copy of the first request gets its own answer again.
        let (reply, moved) = ask(&mut ledger, request(ChargeStep::Authorise, 0, 1_001));
        assert!(matches!(reply, ChargeReply::Declined { .. }) && moved == 0);
    }

    proptest! {
        #[test]
        fn refunds_never_exceed_captures(
            asked in prop::collection::vec((0..5_usize, 0..3_u8, 1..1_500_i64), 1..40)
        ) {
            let steps = [
                ChargeStep::Authorise, ChargeStep::Capture, ChargeStep::Void,
                ChargeStep::Refund, ChargeStep::Query,
            ];
            let mut ledger = ProviderLedger::default();
            for (step, again, minor) in asked {
                let request = request(steps[step], again, minor);
                let before = ledger.clone();
                let (reply, moved) = ask(&mut ledger, request);
                let repeated = ask(&mut ledger, request);
                prop_assert_eq!((reply, 0), repeated);
                let declined = !matches!(reply, ChargeReply::Done { .. });
                if declined || moved == 0 {
                    prop_assert_eq!(before.standing(BookingId(0)), ledger.standing(BookingId(0)));
                }
                for (_, standing) in ledger.charges() {
                    prop_assert!(standing.refunded.minor <= standing.captured.minor);
                }
            }
        }
    }
}
