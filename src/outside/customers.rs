//! The customers with their clients: those of the script, and those of the workload.
//!
//! A client numbers its requests. It sends a request again under the same number when no answer comes, or
//! when the outcome of a command is unknown; the number makes a resend safe. A query also goes to a second
//! instance when half of the client's patience has passed, and the first answer is taken. After an accepted command it
//! keeps the token and sends it with every query, so that its customer sees their own write; for a while it
//! can ask to be pinned to the write side for that. With each query it also sends what the same query has
//! shown before. It never shows its customer an older state: an answer that was overtaken by a newer one
//! becomes "not yet".

use super::crowd::{Arrival, CUSTOMER_GAP, CUSTOMER_WHO, Crowd, Drawn};
use crate::collections::SortedMap;
use crate::kernel::{Cause, Entity, Instant, NodeId, Site, Space, Span};
use crate::model::{
    self, Answer, Ask, CommandId, CommandOutcome, CustomerId, Domain, Fact, Owed, Principal,
    Privacy, RequestId, ServiceId, Token, counted,
};
use crate::platform::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::message::{CallId, Message, Provenance};

/// Whether a line of the script is left out; about its number, from 1.
pub(crate) const CUSTOMER_LINE: Site = Site::new(25, "customer.line");
/// Whether an arrival of the workload is left out; about its number, from 1.
pub(crate) const CUSTOMER_ARRIVAL: Site = Site::new(26, "customer.arrival");
/// Which action of the workload a customer takes.
pub(crate) const CUSTOMER_MIX: Site = Site::new(33, "customer.mix");
/// The random number of an action.
pub(crate) const CUSTOMER_RANDOM: Site = Site::new(34, "customer.random");

/// The most intervals between two arrivals.
const GAP_MAX: u64 = 64;

/// All customers as one node.
#[derive(Clone, Debug)]
pub(crate) struct Customers<D: Domain> {
    people: Vec<Person<D>>,
    next_cue: usize,
    arrivals: u64,
    more_arrivals: bool,
    /// How the workload is varied in this run, if it is.
    crowd: Option<Crowd>,
    thinking: u64,
    /// The number of all requests so far.
    requests: u64,
    pending: SortedMap<RequestId, Pending<D>>,
    deadlines: Deadlines<RequestId>,
}

/// One customer.
#[derive(Clone, Debug)]
struct Person<D: Domain> {
    state: D::ClientState,
    requests: u32,
    token: Option<Token>,
    /// The end of the time in which its queries are pinned to the write side.
    pinned_until: Instant,
    /// How much of each stream each query has shown.
    seen: Vec<(D::Query, Vec<Token>)>,
}

/// A request that is not answered yet.
#[derive(Clone, Debug)]
struct Pending<D: Domain> {
    what: Request<D>,
    resends: u32,
    /// The instances that were asked since the client's patience began.
    asked: Vec<NodeId>,
    /// Whether one of them has answered: that the outcome is unknown, or that an erasure is not done yet.
    heard: bool,
}

#[derive(Clone, Debug)]
enum Request<D: Domain> {
    Command(Box<D::Command>),
    Query { query: Box<D::Query>, owed: Owed, seen: Vec<Token> },
    Erase,
    Outside(ServiceId, Box<model::Request<D>>),
}

impl<D: Domain> Customers<D> {
    pub(crate) fn new() -> Self {
        Self {
            people: Vec::new(),
            next_cue: 0,
            arrivals: 0,
            more_arrivals: false,
            crowd: None,
            thinking: 0,
            requests: 0,
            pending: SortedMap::new(),
            deadlines: Deadlines::default(),
        }
    }

    pub(crate) fn start(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.await_cue(cx);
        if let Some(workload) = &cx.plan().workload {
            self.more_arrivals = workload.from < workload.until;
            if self.more_arrivals {
                cx.timer(workload.from.since(cx.now()), Message::Arrive);
            }
            if cx.plan().varies.workload {
                self.crowd = Crowd::draw(workload, cx);
            }
        }
    }

    /// The number of customers and of their requests.
    pub(crate) fn kept(&self) -> u64 {
        self.people.len() as u64 + self.requests
    }

    /// The pending work, if any.
    pub(crate) fn busy(&self, script: usize) -> Option<String> {
        let arriving = if self.more_arrivals { ", more to arrive" } else { "" };
        (!self.is_idle(script)).then(|| {
            let cues = counted((script - self.next_cue) as u64, "cue");
            let (waiting, thinking) = (self.pending.len(), self.thinking);
            format!("{cues} to come, {waiting} waiting, {thinking} thinking{arriving}")
        })
    }

    /// Whether no work is pending, with a script of this length.
    pub(crate) fn is_idle(&self, script: usize) -> bool {
        let all_cued = self.next_cue == script && !self.more_arrivals;
        all_cued && self.pending.is_empty() && self.thinking == 0
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Cue => {
                let cue = &cx.plan().script[self.next_cue];
                self.next_cue += 1;
                // Drawn in any case, so that the next action of this customer has the same number.
                let random = Self::random(cue.who, None, cx);
                if !is_left_out(CUSTOMER_LINE, self.next_cue as u64, cx) {
                    self.act_with(cue.who, &cue.action, random, cx);
                }
                self.await_cue(cx);
            }
            Message::Arrive => self.arrive(cx),
            Message::Act(id, action) => {
                self.thinking -= 1;
                self.act(id.customer, &action, cx);
            }
            Message::CommandReply { id: CommandId::Request(request), verdict } => {
                self.commanded(request, verdict, cx);
            }
            // The opened texts are for the customer; the client does not keep them.
            Message::QueryReply { request, answer, shows, opened: _ } => {
                if let Some(Request::Query { owed, .. }) = self.settle(request) {
                    let answer = self.person(request.customer).look(*answer, shows);
                    self.tell(request, owed, answer, cx);
                }
            }
            Message::EraseReply { request, erased } => self.erased(request, erased, cx),
            Message::CallReply(CallId::Outside(request), _) => {
                self.settle(request);
            }
            Message::Tick => {
                for (request, cause) in self.deadlines.take_due(cx) {
                    cx.because(cause, |cx| self.overdue(request, cx));
                }
            }
            other => unreachable!("customers do not take {other:?} from {from:?}"),
        }
    }

    /// Sets a timer for the next line of the script. The line before is not its cause.
    fn await_cue(&self, cx: &mut Cx<'_, '_, D>) {
        if let Some(cue) = cx.plan().script.get(self.next_cue) {
            let delay = cue.at.since(cx.now());
            cx.because(Cause::START, |cx| cx.timer(delay, Message::Cue));
        }
    }

    /// The next customer of the workload acts, and a timer is set for the one after.
    fn arrive(&mut self, cx: &mut Cx<'_, '_, D>) {
        let Some(workload) = &cx.plan().workload else { return };
        let (customers, nth) = (u64::from(workload.customers), self.arrivals);
        self.arrivals += 1;
        let scripted = cx.plan().names.customers.len() as u32;
        let numbered = |nth: u64| CustomerId(scripted + (nth % customers) as u32);
        let in_turn = numbered(nth);
        let suggested = match &self.crowd {
            Some(crowd) => crowd.suggest(nth, workload, cx),
            None => Default::default(),
        };
        let space = Space::up_to(Arrival::most(customers));
        let arrival = cx.draw_or(CUSTOMER_WHO, in_turn, space, Some(suggested.who));
        let arrival = Arrival::decode(arrival);
        let who = arrival.who.map_or(in_turn, numbered);
        let space = Space::up_to(workload.weight() - 1);
        let place = cx.draw_or(CUSTOMER_MIX, who, space, suggested.place);
        let (_, action) = workload.chosen(place);
        let reversed = if arrival.reversed { cx.domain().reversed(action) } else { None };
        let random = Self::random(who, suggested.random, cx);
        if !is_left_out(CUSTOMER_ARRIVAL, self.arrivals, cx) {
            self.act_with(who, reversed.as_ref().unwrap_or(action), random, cx);
        }
        if let Some(crowd) = &mut self.crowd {
            crowd.note(Drawn { place, random });
        }
        let space = Space::up_to(GAP_MAX);
        let gap = match cx.draw_or(CUSTOMER_GAP, in_turn, space, Some(suggested.gap)) {
            0 => workload.every,
            times => workload.every.times(times - 1),
        };
        self.more_arrivals = cx.now() + gap < workload.until;
        if self.more_arrivals {
            cx.because(Cause::START, |cx| cx.timer(gap, Message::Arrive));
        }
    }

    fn person(&mut self, who: CustomerId) -> &mut Person<D> {
        let index = who.0 as usize;
        if self.people.len() <= index {
            self.people.resize_with(index + 1, Person::new);
        }
        &mut self.people[index]
    }

    fn act(&mut self, who: CustomerId, action: &D::Action, cx: &mut Cx<'_, '_, D>) {
        let random = Self::random(who, None, cx);
        self.act_with(who, action, random, cx);
    }

    /// The random number of a customer's next action, unless one is suggested.
    fn random(who: CustomerId, suggested: Option<u64>, cx: &mut Cx<'_, '_, D>) -> u64 {
        cx.draw_or(CUSTOMER_RANDOM, who, Space::up_to(u64::from(u32::MAX)), suggested)
    }

    fn act_with(
        &mut self,
        who: CustomerId,
        action: &D::Action,
        random: u64,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let asks = cx.domain().act(who, &mut self.person(who).state, action, random);
        self.carry_out(who, asks, cx);
    }

    fn carry_out(&mut self, who: CustomerId, asks: Vec<Ask<D>>, cx: &mut Cx<'_, '_, D>) {
        for ask in asks {
            self.requests += 1;
            let person = self.person(who);
            person.requests += 1;
            let id = RequestId { customer: who, nth: person.requests };
            let what = match ask {
                Ask::Command(command) => Request::Command(Box::new(command)),
                Ask::Query(query) => {
                    let (owed, seen) = (person.owed(cx.now()), person.seen_by(&query).to_vec());
                    Request::Query { query: Box::new(query), owed, seen }
                }
                Ask::Erase => Request::Erase,
                Ask::Outside(service, request) => Request::Outside(service, Box::new(request)),
                Ask::Later(span, action) => {
                    self.thinking += 1;
                    cx.timer(span, Message::Act(id, Box::new(action)));
                    continue;
                }
            };
            let pending = Pending { what, resends: 0, asked: Vec::new(), heard: false };
            self.send(id, pending, cx);
        }
    }

    /// Sends a request, or sends it again, and waits.
    fn send(&mut self, id: RequestId, mut pending: Pending<D>, cx: &mut Cx<'_, '_, D>) {
        let second = !pending.asked.is_empty();
        let resend = pending.resends > 0 || second;
        // Requests of one customer rotate over the instances, and a resend goes to the next one.
        let instance = id.customer.0.wrapping_add(id.nth - 1).wrapping_add(pending.resends);
        let instance = instance.wrapping_add(u32::from(second));
        let mut patience = cx.settings().clients.patience;
        let to = match &pending.what {
            Request::Command(command) => {
                cx.fact(Fact::Commanded { request: id, command: (**command).clone(), resend });
                let (to, body) = (cx.map().command_api(instance), command.clone());
                if let Some(plain) = D::Privacy::personal(cx.domain(), id.customer, command) {
                    cx.send(to, Message::PersonalCommand { request: id, body, plain });
                } else {
                    let (id, actor) = (CommandId::Request(id), Principal::Customer(id.customer));
                    let provenance = Provenance { correlation: id, causation: None, actor };
                    cx.send(to, Message::Command { id, provenance, body });
                }
                to
            }
            Request::Query { query, owed, seen } => {
                let (owed, seen, body) = (*owed, seen.clone(), (**query).clone());
                cx.fact(Fact::Queried { request: id, query: body, owed, resend });
                let to = cx.map().query_api((instance & 0xFFFF) as u16);
                let half = Span::from_nanos(patience.as_nanos() / 2);
                let left = if second { half } else { patience };
                let query = query.clone();
                cx.send(to, Message::Query { request: id, owed, seen, query, patience: left });
                if has_second(cx) {
                    patience = half;
                }
                to
            }
            Request::Erase => {
                cx.fact(Fact::EraseAsked { request: id, resend });
                let to = cx.map().command_api(instance);
                cx.send(to, Message::Erase { request: id });
                to
            }
            Request::Outside(service, request) => {
                let to = cx.map().service(*service);
                cx.send(to, Message::Call(CallId::Outside(id), request.clone()));
                to
            }
        };
        pending.asked.push(to);
        self.pending.insert(id, pending);
        self.deadlines.set(id, patience, cx);
    }

    fn overdue(&mut self, id: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(mut pending) = self.pending.remove(&id) else { return };
        if let Request::Query { .. } = pending.what
            && pending.asked.len() == 1
            && has_second(cx)
        {
            return self.send(id, pending, cx);
        }
        let asked = std::mem::take(&mut pending.asked);
        if !std::mem::take(&mut pending.heard) && !matches!(pending.what, Request::Outside(..)) {
            let (patience, slowest) = (cx.settings().clients.patience, cx.plan().network.slowest());
            cx.fact(Fact::OutOfPatience { request: id, asked, patience, slowest });
        }
        if pending.resends < cx.settings().clients.resends {
            pending.resends += 1;
            return self.send(id, pending, cx);
        }
        match pending.what {
            Request::Command(_) | Request::Erase => {
                self.tell(id, Owed::Nothing, Answer::Silence, cx);
            }
            Request::Query { owed, .. } => self.tell(id, owed, Answer::Silence, cx),
            Request::Outside(..) => {}
        }
    }

    fn settle(&mut self, id: RequestId) -> Option<Request<D>> {
        self.deadlines.clear(id);
        self.pending.remove(&id).map(|pending| pending.what)
    }

    /// Notes an answer that leaves a request open. Whether it is sent again at its deadline, under the same
    /// number; otherwise that answer is the last.
    fn hears_more(&mut self, id: RequestId, cx: &Cx<'_, '_, D>) -> bool {
        let Some(pending) = self.pending.get_mut(&id) else { return false };
        pending.heard = true;
        pending.resends < cx.settings().clients.resends
    }

    fn erased(&mut self, id: RequestId, erased: bool, cx: &mut Cx<'_, '_, D>) {
        if !erased && self.hears_more(id, cx) {
            return;
        }
        if let Some(Request::Erase) = self.settle(id) {
            let answer = if erased { Answer::Erased } else { Answer::TryLater(None) };
            self.tell(id, Owed::Nothing, answer, cx);
        }
    }

    fn commanded(&mut self, id: RequestId, verdict: CommandOutcome<D>, cx: &mut Cx<'_, '_, D>) {
        if verdict == CommandOutcome::Unknown && self.hears_more(id, cx) {
            return;
        }
        let Some(Request::Command(command)) = self.settle(id) else { return };
        if let CommandOutcome::Accepted(token) = &verdict {
            let (now, pin) = (cx.now(), cx.settings().clients.pin);
            let person = self.person(id.customer);
            person.token = Some(*token);
            person.pinned_until = pin.map_or(Instant::ZERO, |pin| now + pin);
        }
        self.tell(id, Owed::Nothing, Answer::Command(*command, verdict), cx);
    }

    fn tell(&mut self, id: RequestId, owed: Owed, answer: Answer<D>, cx: &mut Cx<'_, '_, D>) {
        let who = id.customer;
        let asks = cx.domain().on_answer(who, &mut self.person(who).state, &answer);
        cx.fact(Fact::Told { request: id, owed, answer });
        self.carry_out(who, asks, cx);
    }
}

/// Whether a line or an arrival is left out. No seed draws that; a capsule can force it.
fn is_left_out<D: Domain>(site: Site, number: u64, cx: &mut Cx<'_, '_, D>) -> bool {
    cx.draw(site, Entity(number), Space::forced(1)) > 0
}

/// Whether a query can be sent to a second instance.
fn has_second<D: Domain>(cx: &Cx<'_, '_, D>) -> bool {
    cx.settings().query_apis > 1
}

impl<D: Domain> Person<D> {
    fn new() -> Self {
        Self {
            state: D::ClientState::default(),
            requests: 0,
            token: None,
            pinned_until: Instant::ZERO,
            seen: Vec::new(),
        }
    }

    /// What the answer to a query must show now.
    fn owed(&self, now: Instant) -> Owed {
        match self.token {
            None => Owed::Nothing,
            Some(token) if now < self.pinned_until => Owed::Pinned(token),
            Some(token) => Owed::Written(token),
        }
    }

    /// What a query has shown last.
    fn seen_by(&self, query: &D::Query) -> &[Token] {
        let seen = self.seen.iter().find(|(asked, _)| asked == query);
        seen.map_or(&[], |(_, shown)| shown)
    }

    /// Reads an answer. The later of two pending queries may be answered first; the answer to the earlier
    /// one is then older than what was shown and is dropped.
    fn look(&mut self, answer: Answer<D>, shows: Vec<Token>) -> Answer<D> {
        let Answer::Shown(query, _) = &answer else { return answer };
        let newer = |seen: &Token| {
            let shown = shows.iter().find(|token| token.stream == seen.stream);
            shown.is_some_and(|token| token.version >= seen.version)
        };
        if !self.seen_by(query).iter().all(newer) {
            return Answer::NotYet(query.clone());
        }
        match self.seen.iter_mut().find(|(asked, _)| asked == query) {
            Some((_, seen)) => *seen = shows,
            None if shows.is_empty() => {}
            None => self.seen.push((query.clone(), shows)),
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::Version;
    use crate::testing::{Add, Bench, Counting, Query, Row, counter};

    const TOTAL: Query = Query::Total(0);

    fn shown(version: u32) -> (Answer<Counting>, Vec<Token>) {
        let row = Row { total: 1, version: Version(version) };
        let shows = vec![Token { stream: counter(0), version: row.version }];
        (Answer::Shown(TOTAL, Some(row)), shows)
    }

    fn look(person: &mut Person<Counting>, version: u32) -> bool {
        let (answer, shows) = shown(version);
        matches!(person.look(answer, shows), Answer::Shown(..))
    }

    #[test]
    fn an_answer_that_was_overtaken_by_a_newer_one_is_dropped() {
        let person = &mut Person::new();
        assert!(look(person, 2));
        assert!(!look(person, 1));
        assert_eq!(person.seen_by(&TOTAL), shown(2).1);
        assert!(look(person, 3));
        assert_eq!(person.seen_by(&TOTAL), shown(3).1);
    }

    #[test]
    fn each_query_is_remembered_separately() {
        let person = &mut Person::new();
        assert!(look(person, 2));
        assert_eq!(person.seen_by(&Query::Total(1)), []);
        let nothing = person.look(Answer::Shown(TOTAL, None), Vec::new());
        assert_eq!(nothing, Answer::NotYet(TOTAL), "the row existed before");
    }

    #[test]
    fn a_session_is_pinned_for_the_time_in_the_settings_or_never() {
        let written = Token { stream: counter(0), version: Version(1) };
        let owed = |pin: Option<Span>, after: u64| {
            let mut bench = Bench::new();
            Arc::make_mut(&mut bench.plan).settings.clients.pin = pin;
            let (mut customers, ana, node) =
                (Customers::new(), CustomerId(0), bench.map.customers());
            let ask = Ask::Command(Add { counter: 0, amount: 1 });
            bench.tell(node, |cx| customers.carry_out(ana, vec![ask], cx));
            let id = RequestId { customer: ana, nth: 1 };
            bench.tell(node, |cx| customers.commanded(id, CommandOutcome::Accepted(written), cx));
            let then = bench.now() + Span::from_millis(after);
            customers.person(ana).owed(then)
        };
        let pin = Some(Span::from_millis(500));
        assert_eq!(owed(pin, 499), Owed::Pinned(written));
        assert_eq!(owed(pin, 500), Owed::Written(written));
        assert_eq!(owed(None, 0), Owed::Written(written));
        assert_eq!(Person::<Counting>::new().owed(Instant::ZERO), Owed::Nothing);
    }
}
