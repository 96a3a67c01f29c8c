//! What the provider does with a request.

use super::{ChargeEntry, ChargeReply, ChargeRequest, Dispute, Key, Notice, ProviderLedger};
use super::{Standing, Turn};
use crate::domains::flights::event::ChargeStep;
use crate::domains::flights::ids::{Attempt, BookingId};
use crate::domains::flights::services::Entry;
use crate::kernel::Instant;
use crate::model::Dated;

/// The movements of money, in the order in which a saga keeps them.
const MOVEMENTS: [ChargeStep; 4] =
    [ChargeStep::Authorise, ChargeStep::Capture, ChargeStep::Void, ChargeStep::Refund];

/// Answers a query with what was true at `as_of`; `None` if the request is not one.
pub(in crate::domains::flights) fn look_up(
    ledger: &ProviderLedger,
    request: &ChargeRequest,
    as_of: Instant,
) -> Option<ChargeReply> {
    let ChargeRequest { key, amount, .. } = *request;
    let charge = ledger.charges.get(&key.booking).and_then(|charge| charge.as_of(as_of));
    let standing = charge.copied().unwrap_or(Standing::blank(amount));
    (key.step == ChargeStep::Query).then_some(ChargeReply::Standing { key, standing })
}

/// Answers a request.
pub(in crate::domains::flights) fn serve(
    ledger: &mut ProviderLedger,
    request: &ChargeRequest,
    now: Instant,
    entries: &mut Vec<Entry>,
) -> ChargeReply {
    let ChargeRequest { key, amount, attempt } = *request;
    let Key { booking, step, .. } = key;
    if let Some(reply) = look_up(ledger, request, now) {
        return reply;
    }
    if step == ChargeStep::Dispute {
        let disputed = ledger.dispute(booking, now, entries);
        return match disputed {
            Some(amount) => ChargeReply::Done { key, amount },
            None => ChargeReply::Declined { key },
        };
    }
    let standing = ledger.standing(booking).unwrap_or(Standing::blank(amount));
    if let Some(saved) = ledger.answered.get(&key) {
        return if saved.amount == amount { saved.reply } else { ChargeReply::KeyReused { key } };
    }
    let limit = ledger.terms.limit.map(|limit| limit.minor);
    let limit = limit.filter(|_| attempt == Attempt::FIRST);
    let reply = match standing.after(step, amount, limit) {
        None if step == ChargeStep::Capture && standing.has_lapsed() => ChargeReply::Lapsed { key },
        None => ChargeReply::Declined { key },
        Some(after) => match confirmation(ledger, step) {
            Some(takes) => {
                ledger.wait(request, takes, now, entries);
                ChargeReply::Pending { key }
            }
            None => {
                if step == ChargeStep::Void {
                    ledger.stop_waiting(booking, now);
                }
                // To contest a second time changes nothing.
                if after != standing || step != ChargeStep::Contest {
                    ledger.moved(request, after, now, entries);
                }
                ChargeReply::Done { key, amount }
            }
        },
    };
    ledger.save(request, reply, now);
    reply
}

/// How long the customer takes to confirm a reservation with their bank, if they must.
fn confirmation(ledger: &mut ProviderLedger, step: ChargeStep) -> Option<crate::kernel::Span> {
    match step {
        ChargeStep::Authorise => ledger.later.confirmation.take().or(ledger.terms.confirmation),
        any_of!(ChargeStep: Capture | Void | Refund | Query | Dispute | Contest) => None,
    }
}

/// Answers that the provider failed, and saves that answer for the request's key unless it has one
/// already. `happened`: the request took effect just now.
pub(in crate::domains::flights) fn fail(
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

/// The report about every charge that has changed after a moment.
pub(in crate::domains::flights) fn changed(
    ledger: &ProviderLedger,
    since: Instant,
) -> Vec<ChargeReply> {
    let changed = ledger.charges.iter().filter(|(_, charge)| charge.changed_at() > Some(since));
    let report = |(&booking, charge): (&BookingId, &Dated<Standing>)| {
        let standing = *charge.now()?;
        let keys = MOVEMENTS.map(|step| {
            let key = |again| Key { booking, step, again };
            let used = ledger.answered.range(key(0)..=key(u8::MAX)).next_back();
            used.map_or(0, |(key, _)| key.again.saturating_add(1))
        });
        Some(ChargeReply::Reported { booking, standing, keys })
    };
    changed.filter_map(report).collect()
}

/// The webhook about a movement, if it is a capture or a refund.
pub(in crate::domains::flights) fn webhook(entry: &ChargeEntry) -> Option<ChargeReply> {
    let ChargeEntry { booking, step, amount, .. } = *entry;
    let key = Key { booking, step, again: 0 };
    let reported = matches!(step, ChargeStep::Capture | ChargeStep::Refund);
    reported.then_some(ChargeReply::Done { key, amount })
}

/// The webhook about what we did not ask for, if it is more than a step on the way. Nobody tells us of a
/// reservation that lapses.
pub(in crate::domains::flights) fn report(notice: &Notice) -> Option<ChargeReply> {
    let Notice { key, what, amount, .. } = *notice;
    match what {
        Turn::Confirmed => Some(ChargeReply::Done { key, amount }),
        Turn::Unconfirmed => Some(ChargeReply::Declined { key }),
        Turn::Disputed => Some(ChargeReply::Disputed { key, dispute: Dispute::Open }),
        Turn::DisputeWon => Some(ChargeReply::Disputed { key, dispute: Dispute::Won }),
        Turn::DisputeLost => Some(ChargeReply::Disputed { key, dispute: Dispute::Lost }),
        Turn::Pending | Turn::Lapsed => None,
    }
}
