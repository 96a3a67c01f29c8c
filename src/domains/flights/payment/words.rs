//! The provider's words.

use std::fmt::{self, Formatter};

use super::{ChargeEntry, ChargeReply, ChargeRequest, Dispute, Notice, Standing, Turn};
use crate::domains::flights::event::ChargeStep;
use crate::domains::flights::ids::Attempt;

/// A request in the provider's words.
pub(in crate::domains::flights) fn say_request(
    request: &ChargeRequest,
    f: &mut Formatter<'_>,
) -> fmt::Result {
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
pub(in crate::domains::flights) fn say_reply(
    reply: &ChargeReply,
    f: &mut Formatter<'_>,
) -> fmt::Result {
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
        ChargeReply::Pending { key } => {
            write!(f, "pending: the customer must confirm {}", key.booking)
        }
        ChargeReply::Lapsed { key } => {
            let (step, booking) = (imperative(key.step), key.booking);
            write!(f, "declined to {step} for {booking}: the reservation has lapsed")
        }
        ChargeReply::Reported { booking, standing, .. } => {
            write!(f, "report: {booking} ")?;
            say_standing(standing, f)
        }
        ChargeReply::Disputed { key, dispute } => {
            write!(f, "dispute of {} {}", key.booking, dispute_word(*dispute))
        }
    }
}

/// A ledger line in the provider's words.
pub(in crate::domains::flights) fn say_entry(
    entry: &ChargeEntry,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    write!(f, "{} {} for {}", participle(entry.step), entry.amount, entry.booking)
}

/// A line about what we did not ask for.
pub(in crate::domains::flights) fn say_notice(
    notice: &Notice,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let Notice { key, what, amount, .. } = notice;
    match what {
        Turn::Pending => write!(f, "pending {amount} for {}", key.booking),
        Turn::Confirmed => write!(f, "confirmed {amount} for {}", key.booking),
        Turn::Unconfirmed => write!(f, "not confirmed {amount} for {}", key.booking),
        Turn::Lapsed => write!(f, "lapsed {amount} for {}", key.booking),
        Turn::Disputed => write!(f, "disputed {amount} for {}", key.booking),
        Turn::DisputeWon => write!(f, "dispute won, {amount} for {}", key.booking),
        Turn::DisputeLost => write!(f, "dispute lost, {amount} for {}", key.booking),
    }
}

/// The state of a dispute.
pub(in crate::domains::flights) const fn dispute_word(dispute: Dispute) -> &'static str {
    match dispute {
        Dispute::None => "not opened",
        Dispute::Open => "opened",
        Dispute::Won => "won",
        Dispute::Lost => "lost",
    }
}

fn say_standing(standing: &Standing, f: &mut Formatter<'_>) -> fmt::Result {
    let Standing { authorised, captured, refunded, voided, pending, dispute, .. } = standing;
    if *pending {
        f.write_str("pending, ")?;
    }
    if *dispute != Dispute::None {
        write!(f, "dispute {}, ", dispute_word(*dispute))?;
    }
    match (*voided, captured.is_zero()) {
        (true, _) => f.write_str("voided"),
        (false, true) if authorised.is_zero() => f.write_str("nothing"),
        (false, true) => write!(f, "authorised {authorised}"),
        (false, false) if refunded.is_zero() => write!(f, "captured {captured}"),
        (false, false) => write!(f, "captured {captured}, refunded {refunded}"),
    }
}

/// A step as a verb.
pub(in crate::domains::flights) const fn imperative(step: ChargeStep) -> &'static str {
    match step {
        ChargeStep::Authorise => "authorise",
        ChargeStep::Capture => "capture",
        ChargeStep::Void => "void",
        ChargeStep::Refund => "refund",
        ChargeStep::Query => "query",
        ChargeStep::Dispute => "dispute",
        ChargeStep::Contest => "contest",
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
        ChargeStep::Dispute => "disputed",
        ChargeStep::Contest => "contested the dispute of",
    }
}
