//! The fields of facts that say one of several things.

use super::draft::Draft;
use crate::kernel::{Fired, Span, Unit};
use crate::model::{
    Abort, Answer, AppendOutcome, CacheKey, Domain, Entry, Lookup, Owed, RequestId, ServiceId,
    Services, Term,
};
use crate::platform::{faults_of, message_name};

/// A fault, by its place in the list of all faults.
pub(super) fn fault<D: Domain>(fired: &Fired, to: &mut Draft<'_, D>) {
    let Fired { fault, actor, entity: _, size, until } = *fired;
    let place = faults_of::<D>().position(|known| known == fault);
    let lasts = match fault.unit {
        Unit::Once | Unit::Times => None,
        Unit::Span | Unit::Lasting => Some(Span::from_micros(size)),
    };
    to.number_or_none("fault", place.map(|place| place as u64))
        .text("name", fault.name)
        .node("from", actor.from)
        .node("to", actor.to)
        .text("message", message_name(actor.kind))
        .number("size", size)
        .time_or_none("until", until)
        .number_or_none("lasts", lasts.map(Span::as_nanos));
}

/// Where the answer to a query is looked for: a row of a view, a stream, or what services answer.
pub(super) fn looks_up<D: Domain>(
    request: RequestId,
    query: &D::Query,
    owed: Owed,
    to: &mut Draft<'_, D>,
) {
    let lookup = owed.lookup(to.vocabulary.domain, request.customer, query);
    let (key, from) = match lookup {
        Lookup::Row(view, key) => (Some(CacheKey::Row(view, key)), None),
        Lookup::Gather(gather) => (Some(CacheKey::Gathered(gather.question)), None),
        Lookup::Stream(from, _) => (None, Some(from.stream)),
    };
    to.key_or_none(key).stream_or_none("from", from);
}

/// What a customer is told.
pub(super) fn told<D: Domain>(answer: &Answer<D>, to: &mut Draft<'_, D>) {
    match answer {
        Answer::Command(command, outcome) => {
            to.outcome(outcome).term("body", Term::Command(command)).text("shows", "")
        }
        Answer::Shown(query, row) => {
            to.no_outcome("shown").term("body", Term::Query(query));
            match row {
                Some(row) => to.term("shows", Term::Row(row)),
                None => to.text("shows", ""),
            }
        }
        Answer::Erased => to.no_outcome("erased").text("body", "").text("shows", ""),
        Answer::NotYet(query) => {
            to.no_outcome("not_yet").term("body", Term::Query(query)).text("shows", "")
        }
        Answer::TryLater(Some(query)) => {
            to.no_outcome("try_later").term("body", Term::Query(query)).text("shows", "")
        }
        Answer::TryLater(None) => to.no_outcome("try_later").text("body", "").text("shows", ""),
        Answer::Silence => to.no_outcome("silence").text("body", "").text("shows", ""),
    };
}

pub(super) const fn append_outcome(outcome: AppendOutcome) -> &'static str {
    match outcome {
        AppendOutcome::Appended => "appended",
        AppendOutcome::Conflict => "conflict",
        AppendOutcome::AlreadyDone => "already_done",
        AppendOutcome::CommitRefused => "commit_refused",
        AppendOutcome::NotSerializable => "not_serializable",
        AppendOutcome::Unknown => "unknown",
    }
}

/// Why a transaction ended without effect; of a conflict, the stream with the version that was expected, if one was,
/// and the version that it has.
pub(super) fn aborted<D: Domain>(why: Abort, to: &mut Draft<'_, D>) {
    let (word, expected, actual) = match why {
        Abort::Conflict { stream, expected, actual } => {
            ("conflict", Some((stream, expected.version())), Some(actual.0))
        }
        Abort::AlreadyDone => ("already_done", None, None),
        Abort::ConnectionCut => ("connection_cut", None, None),
        Abort::CommitRefused => ("commit_refused", None, None),
        Abort::NotSerializable => ("not_serializable", None, None),
        Abort::Superseded => ("superseded", None, None),
        Abort::Matched { .. } => ("matched", None, None),
    };
    to.text("why", word)
        .stream_or_none("stream", expected.map(|(stream, _)| stream))
        .number_or_none("expected", expected.and_then(|(_, version)| Some(version?.0)))
        .number_or_none("actual", actual);
}

/// An entry of a ledger: the stream that it is about, and the money that changed hands.
pub(super) fn entered<D: Domain>(service: ServiceId, entry: &Entry<D>, to: &mut Draft<'_, D>) {
    let (payer, minor) = D::Services::paid(entry);
    let about = D::Services::entry_about(entry).or(payer);
    let money =
        if minor == 0 { String::new() } else { D::Services::money(to.vocabulary.domain, minor) };
    to.service(service)
        .term("entry", Term::Entry(service, entry))
        .stream_or_none("stream", about)
        .text("money", money);
}
