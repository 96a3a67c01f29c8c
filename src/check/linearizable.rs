//! `linearizable`: what clients were told of a contended object can be explained by one order of their operations.
//!
//! Clients are customers and sagas. A command is an operation from the moment at which it is first sent until its
//! sender hears how it ended; if that stays unknown, it may take effect at any moment after it was sent. A query is
//! one only if it promises the state of a moment between question and answer. Nothing that happens inside of the
//! platform is looked at. What objects there are, and what is done to them, is said by the domain
//! ([`Domain::contended`]).

use arrayvec::ArrayVec;

use super::streams::Streams;
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::collections::{SortedMap, SortedSet};
use crate::kernel::{Instant, Step};
use crate::linearizability::models::Said;
use crate::linearizability::{Contradiction, Handle, History, Judgement, Limits, Object};
use crate::model::{
    Acts, Answer, CommandId, CommandOutcome, Domain, EffectId, Fact, Record, RequestId, Rest,
    STREAMS_MAX, StreamId, Term, Vocabulary, counted,
};

pub(super) const LINEARIZABLE: Property = Property {
    id: "linearizable",
    when: When::AlwaysAndAtRest,
    says: "one order of the operations of customers and sagas on a contended object explains all their answers, \
           each operation at a moment between its start and its answer; one whose outcome stays unknown takes \
           effect at any later moment, or never",
};

/// The histories of the objects that clients have used.
#[derive(Clone, Debug)]
pub(super) struct Linearizable<D: Domain> {
    objects: Streams<Option<Box<Answers<D>>>>,
    /// The operations that have not returned, by their senders.
    open: SortedMap<CommandId, Operations>,
    /// What sagas have sent and heard the outcome of, or that it is unknown.
    ended: SortedSet<EffectId>,
    /// Whether queries of streams are answered by replicas that lag.
    at_replicas: bool,
    /// The number of the last moment.
    moment: u64,
}

/// The history of an object.
type Answers<D> = History<Object, Sent<D>>;

/// The operations of one command or query, each with its object.
type Operations = ArrayVec<(StreamId, Handle), STREAMS_MAX>;

/// What a client sent and was told.
#[derive(Clone, Debug)]
struct Sent<D: Domain> {
    sender: CommandId,
    what: What<D>,
    called: Moment,
    returned: Moment,
    refused: Option<D::Rejection>,
}

#[derive(Clone, Debug)]
enum What<D: Domain> {
    Command(D::Command),
    Query(D::Query),
}

/// A moment of a run.
#[derive(Clone, Copy, Debug)]
struct Moment {
    at: Instant,
    step: Step,
}

/// How an operation ended.
#[expect(clippy::large_enum_variant, reason = "it is made and taken apart at once")]
enum Ended<'a, D: Domain> {
    /// It was answered; the acts are those that the answer claims.
    Answered(Acts, Option<&'a D::Rejection>),
    /// No more will be heard of it.
    Unknown,
}

impl<D: Domain> Default for Linearizable<D> {
    fn default() -> Self {
        Self {
            objects: Streams::default(),
            open: SortedMap::new(),
            ended: SortedSet::new(),
            at_replicas: false,
            moment: 0,
        }
    }
}

impl<D: Domain> Checker<D> for Linearizable<D> {
    const PROPERTIES: &'static [Property] = &[LINEARIZABLE];
    const FACTS: FactKinds = kinds!(Commanded Queried Told SagaCommanded SagaTold ReplicaReads);

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other facts are not asked for")]
    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        let domain = checks.words.domain;
        let now = Moment { at: record.at, step: record.step };
        match &record.fact {
            // A copy of a command that was answered before is not a second operation.
            Fact::Commanded { resend: true, .. } => {}
            Fact::Commanded { request, command, .. } => {
                self.sends(domain, CommandId::Request(*request), command, now);
            }
            // A restarted orchestrator sends again what may have been answered, and may be the first to send it.
            Fact::SagaCommanded { effect, command, .. } if !self.ended.contains(effect) => {
                self.sends(domain, CommandId::Effect(*effect), command, now);
            }
            // What a replica answers may be older than what it was asked for.
            Fact::ReplicaReads { .. } => self.at_replicas = true,
            Fact::Queried { .. } if self.at_replicas => {}
            Fact::Queried { request, query, .. } => self.asks(domain, *request, query, now),
            Fact::Told { request, answer, .. } => {
                let sender = CommandId::Request(*request);
                if !self.open.is_empty() && self.open.contains_key(&sender) {
                    self.ends(sender, told(domain, answer), now, checks);
                }
            }
            Fact::SagaTold { effect, command, verdict } => {
                let sender = CommandId::Effect(*effect);
                if self.open.contains_key(&sender) {
                    self.ends(sender, outcome(domain, command, verdict), now, checks);
                }
            }
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        let now = Moment { at: rest.at, step: rest.step };
        let open: Vec<CommandId> = self.open.keys().copied().collect();
        for sender in open {
            self.ends(sender, Ended::Unknown, now, checks);
        }
    }
}

impl<D: Domain> Linearizable<D> {
    fn sends(&mut self, domain: &D, sender: CommandId, command: &D::Command, now: Moment) {
        let acts = domain.acts(command, None);
        if !acts.is_empty() && !self.open.contains_key(&sender) {
            self.begins(domain, sender, acts, || What::Command(command.clone()), now);
        }
    }

    fn asks(&mut self, domain: &D, request: RequestId, query: &D::Query, now: Moment) {
        let sender = CommandId::Request(request);
        if let Some(act) = domain.attests(query, None)
            && !self.open.contains_key(&sender)
        {
            let acts = Acts::from_iter([act]);
            self.begins(domain, sender, acts, || What::Query(query.clone()), now);
        }
    }

    fn begins(
        &mut self,
        domain: &D,
        sender: CommandId,
        acts: Acts,
        what: impl Fn() -> What<D>,
        now: Moment,
    ) {
        self.moment += 1;
        let moment = self.moment;
        let mut operations = Operations::new();
        for (stream, act) in acts {
            let Some(history) = self.history(domain, stream) else { continue };
            let (called, returned) = (now, now);
            let sent = Sent { sender, what: what(), called, returned, refused: None };
            operations.push((stream, history.call(moment, act, sent)));
        }
        if !operations.is_empty() {
            self.open.insert(sender, operations);
        }
    }

    /// The history of an object, if it is contended.
    fn history(&mut self, domain: &D, stream: StreamId) -> Option<&mut History<Object, Sent<D>>> {
        let entry = self.objects.entry(stream);
        if entry.is_none() {
            let object = domain.contended(stream)?;
            *entry = Some(Box::new(History::new(object, Limits::default())));
        }
        entry.as_deref_mut()
    }

    fn ends(
        &mut self,
        sender: CommandId,
        ended: Ended<'_, D>,
        now: Moment,
        checks: &mut Checks<'_, D>,
    ) {
        let Some(operations) = self.open.remove(&sender) else { return };
        if let CommandId::Effect(effect) = sender {
            self.ended.insert(effect);
        }
        self.moment += 1;
        for (stream, handle) in operations {
            let Some(history) = self.objects.entry(stream).as_deref_mut() else { continue };
            match &ended {
                Ended::Unknown => history.abandon(handle),
                Ended::Answered(acts, refused) => {
                    if let Some(sent) = history.label_mut(handle) {
                        (sent.returned, sent.refused) = (now, refused.cloned());
                    }
                    let act = acts.iter().find(|(of, _)| *of == stream).map(|(_, act)| *act);
                    match (act, refused, history.input(handle)) {
                        (None, ..) | (_, _, None) => history.has_no_effect(handle),
                        (Some(act), None, _) if act.is_uncertain() => history.abandon(handle),
                        (Some(act), None, Some(input)) if act == input => {
                            history.returns(handle, self.moment, Said::Done);
                        }
                        (Some(act), ..) => {
                            history.returns(handle, self.moment, Said::Refused(act));
                        }
                    }
                }
            }
            let judgement = history.settle();
            judge(stream, judgement, checks);
        }
    }
}

/// What an answer to a customer says.
fn told<'a, D: Domain>(domain: &D, answer: &'a Answer<D>) -> Ended<'a, D> {
    match answer {
        Answer::Command(command, verdict) => outcome(domain, command, verdict),
        Answer::Shown(query, row) => {
            Ended::Answered(domain.attests(query, row.as_ref()).into_iter().collect(), None)
        }
        Answer::NotYet(_) | Answer::TryLater(Some(_)) => Ended::Answered(Acts::new(), None),
        Answer::Silence | Answer::Erased | Answer::TryLater(None) => Ended::Unknown,
    }
}

/// What the outcome of a command says.
fn outcome<'a, D: Domain>(
    domain: &D,
    command: &D::Command,
    verdict: &'a CommandOutcome<D>,
) -> Ended<'a, D> {
    match verdict {
        CommandOutcome::Accepted(_) => Ended::Answered(domain.acts(command, None), None),
        CommandOutcome::Refused(rejection) => {
            Ended::Answered(domain.acts(command, Some(rejection)), Some(rejection))
        }
        CommandOutcome::Unknown => Ended::Unknown,
    }
}

fn judge<D: Domain>(stream: StreamId, judgement: Judgement<Sent<D>>, checks: &mut Checks<'_, D>) {
    match judgement {
        Judgement::Pending => {}
        Judgement::Explained => checks.that(&LINEARIZABLE, true, [], |_| String::new()),
        Judgement::Undecided => checks.undecided(&LINEARIZABLE),
        Judgement::Contradicted(found) => {
            let sent = found.operations.iter().map(|one| &one.label);
            let because: Vec<Step> =
                sent.flat_map(|sent| [sent.called.step, sent.returned.step]).collect();
            checks.that(&LINEARIZABLE, false, because, |words| explained(stream, &found, words));
        }
    }
}

/// A contradiction in words.
fn explained<D: Domain>(
    stream: StreamId,
    found: &Contradiction<Sent<D>>,
    words: Vocabulary<'_, D>,
) -> String {
    let operations = found.operations.iter().map(|one| operation(&one.label, words));
    let operations: Vec<String> = operations.collect();
    let or = match found.others {
        0 => String::new(),
        others => format!(" (or in {})", counted(others as u64, "other state")),
    };
    format!(
        "no order of operations on {} explains the answers to {}; before these, {}{or}",
        words.stream(stream),
        operations.join(", "),
        found.before
    )
}

/// `request 1 of ana, "HoldSeat b-1 IB6251", from 1.000s to 1.040s: accepted`.
fn operation<D: Domain>(sent: &Sent<D>, words: Vocabulary<'_, D>) -> String {
    let Sent { sender, what, called, returned, refused } = sent;
    let what = match what {
        What::Command(command) => words.term(Term::Command(command)),
        What::Query(query) => words.term(Term::Query(query)),
    };
    let answer = match (refused, &sent.what) {
        (Some(rejection), _) => format!("\"{}\"", words.term(Term::Rejection(rejection))),
        (None, What::Command(_)) => "accepted".to_owned(),
        (None, What::Query(_)) => "shown".to_owned(),
    };
    let sender = words.command(*sender);
    format!("{sender}, \"{what}\", from {} to {}: {answer}", called.at, returned.at)
}

#[cfg(test)]
mod tests;
