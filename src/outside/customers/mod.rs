//! The customers with their clients: those of the script, and those of the workload.
//!
//! A client numbers its requests. It sends a request again under the same number when no answer comes, or
//! when the outcome of a command is unknown; the number makes a resend safe. A query also goes to a second
//! instance when half of the client's patience has passed, and the first answer is taken. After an accepted
//! command it keeps the token and sends it with every query, so that its customer sees their own write; for a
//! while it can ask to be pinned to the write side for that. With each query it also sends what the same query
//! has shown before. It never shows its customer an older state: an answer that was overtaken by a newer one
//! becomes "not yet".
//!
//! A customer who waits for a change can subscribe to a query instead of asking again and again (`watches`).

mod arrivals;
mod crowd;
mod gap;
mod people;
mod person;
mod request;
mod script;
#[cfg(test)]
mod tests;
mod watches;

use crate::collections::SortedMap;
use crate::kernel::{Entity, NodeId, Site, Space, Span};
use crate::model::{
    Answer, Ask, CommandId, CommandOutcome, CustomerId, Domain, Fact, Owed, RequestId, counted,
};
use crate::platform::deadlines::Deadlines;
use crate::platform::message::{CallId, Message};
use crate::platform::{Cx, Turn};
use arrivals::Arrivals;
pub(crate) use arrivals::CUSTOMER_WAIT;
pub(crate) use crowd::CUSTOMER_WHO;
pub(crate) use gap::CUSTOMER_GAP;
use people::{People, Settled};
use person::alike;
use request::{Pending, Request};
use script::Script;
use watches::Watches;

/// Whether a line of the script is left out; about its number, from 1.
pub(crate) const CUSTOMER_LINE: Site = Site::new(25, "customer.line");
/// Whether an arrival of the workload is left out; about its number, from 1.
pub(crate) const CUSTOMER_ARRIVAL: Site = Site::new(26, "customer.arrival");
/// How much longer a client waits whose request was shed, in microseconds.
pub(crate) const CUSTOMER_RETRY: Site = Site::new(29, "customer.retry");
/// Which action of the workload a customer takes.
pub(crate) const CUSTOMER_MIX: Site = Site::new(33, "customer.mix");
/// The random number of an action.
pub(crate) const CUSTOMER_RANDOM: Site = Site::new(34, "customer.random");

/// All customers as one node.
#[derive(Clone, Debug)]
pub(crate) struct Customers<D: Domain> {
    people: People<D>,
    script: Script,
    arrivals: Arrivals,
    thinking: u64,
    pending: SortedMap<RequestId, Pending<D>>,
    deadlines: Deadlines<RequestId>,
    watches: Watches<D>,
}

impl<D: Domain> Customers<D> {
    pub(crate) fn new() -> Self {
        Self {
            people: People::new(),
            script: Script::default(),
            arrivals: Arrivals::default(),
            thinking: 0,
            pending: SortedMap::new(),
            deadlines: Deadlines::default(),
            watches: Watches::default(),
        }
    }

    pub(crate) fn start(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.script.start(cx);
        self.arrivals.start(cx);
    }

    /// The number of customers who have not left, and of their requests.
    pub(crate) fn kept(&self) -> u64 {
        self.people.kept
    }

    /// The event store begins a timeline. What tokens of another one name may be lost, so clients drop them; what is
    /// pending is sent again when its deadline passes, and owes nothing.
    pub(crate) fn begin_timeline(&mut self, timeline: u32) {
        self.people.timeline = timeline;
        for pending in self.pending.values_mut() {
            if let Request::Query { owed, seen, .. } = &mut pending.what {
                (*owed, *seen) = (Owed::Nothing, Vec::new());
            }
        }
    }

    /// The pending work, if any.
    pub(crate) fn busy(&self, script: usize) -> Option<String> {
        let arriving = if self.arrivals.awaited > 0 { ", more to arrive" } else { "" };
        (!self.is_idle(script)).then(|| {
            let cues = counted((script - self.script.next) as u64, "cue");
            let (waiting, thinking) = (self.pending.len(), self.thinking);
            let watching = match self.watches.len() {
                0 => String::new(),
                watching => format!(", {watching} watching"),
            };
            format!("{cues} to come, {waiting} waiting, {thinking} thinking{watching}{arriving}")
        })
    }

    /// Whether no work is pending, with a script of this length.
    pub(crate) fn is_idle(&self, script: usize) -> bool {
        let all_cued = self.script.next == script && self.arrivals.awaited == 0;
        let is_answered = self.pending.is_empty() && self.watches.len() == 0;
        all_cued && is_answered && self.thinking == 0
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Cue => {
                let cue = &cx.plan().script[self.script.next];
                self.script.next += 1;
                // Drawn in any case, so that the next action of this customer has the same number.
                let random = random(cue.who, None, cx);
                if self.script.takes_place(cx) {
                    self.begin(cue.who, &cue.action, random, cx);
                }
                self.script.await_cue(cx);
            }
            Message::Arrive(turn) => self.arrive(turn, cx),
            Message::Act(id, action) => {
                self.thinking -= 1;
                self.act_again(id.customer, &action, cx);
                self.over(id.customer, cx);
            }
            Message::CommandReply { id: CommandId::Request(request), verdict } => {
                self.commanded(request, verdict, cx);
            }
            // The opened texts are for the customer; the client does not keep them.
            Message::QueryReply { request, answer, shows, opened: _ } => {
                if let Some(Request::Query { owed, .. }) = self.settle(request) {
                    let person = self.people.get(request.customer, cx.plan());
                    let like = alike(cx.plan(), request.customer);
                    let answer = person.look(*answer, shows, like);
                    self.tell(request, owed, answer, cx);
                }
            }
            Message::EraseReply { request, erased } => self.erased(request, erased, cx),
            Message::CallReply(CallId::Outside(request), ..) => {
                if self.settle(request).is_some() {
                    self.over(request.customer, cx);
                }
            }
            // As in a reply, the opened texts are for the customer.
            Message::Push { connection, nth, answer, shows, opened: _ } => {
                self.pushed((from, connection, nth), (*answer, shows), cx);
            }
            Message::Heartbeat { connection, pushed } => {
                self.heartbeat((from, connection), pushed, cx);
            }
            Message::Overloaded { request, retry_after } => {
                self.put_off(request, retry_after, cx);
            }
            Message::Tick => {
                for (request, cause) in self.deadlines.take_due(cx) {
                    cx.because(cause, |cx| self.overdue(request, cx));
                }
                for (request, cause) in self.watches.deadlines.take_due(cx) {
                    cx.because(cause, |cx| self.unheard(request, cx));
                }
            }
            other => unreachable!("customers do not take {other:?} from {from:?}"),
        }
    }

    /// A customer of a workload has a turn, and a timer is set for the one after.
    fn arrive(&mut self, turn: Turn, cx: &mut Cx<'_, '_, D>) {
        let plan = cx.plan();
        let workload = &plan.workloads[usize::from(turn.workload)];
        let arrived = self.arrivals.next(workload, turn, cx);
        let (_, action) = workload.chosen(arrived.drawn.place);
        let reversed = if arrived.reversed { cx.domain().reversed(action) } else { None };
        let takes_place =
            takes_place(CUSTOMER_ARRIVAL, turn.number(plan.workloads.len()), None, cx);
        if takes_place {
            if workload.is_passing() {
                cx.begin(workload.first.into(), arrived.who.into());
            }
            let action = reversed.as_ref().unwrap_or(action);
            self.people.get(arrived.who, plan).turn = Some(turn).filter(|turn| turn.who.is_some());
            self.begin(arrived.who, action, arrived.drawn.random, cx);
        }
        self.arrivals.await_next(workload, turn, cx);
        if !takes_place {
            self.arrivals.think(turn, cx);
        }
    }

    /// A customer begins something, as the script or a workload says.
    fn begin(&mut self, who: CustomerId, action: &D::Action, random: u64, cx: &mut Cx<'_, '_, D>) {
        self.people.get(who, cx.plan()).open += 1;
        self.act(who, action, random, cx);
        self.over(who, cx);
    }

    /// A part of what a customer began is over.
    fn over(&mut self, who: CustomerId, cx: &mut Cx<'_, '_, D>) {
        match self.people.settle(who, cx.plan()) {
            Settled::Open => {}
            Settled::Turn(turn) => self.arrivals.think(turn, cx),
            Settled::Left => {
                cx.fact(Fact::Left { customer: who });
                cx.end(who.into());
            }
        }
    }

    /// A customer acts after a pause.
    fn act_again(&mut self, who: CustomerId, action: &D::Action, cx: &mut Cx<'_, '_, D>) {
        let random = match self.people.another_act(who, cx.plan()) {
            Some(nth) => {
                let space = Space::up_to(u32::MAX.into());
                cx.draw_nth_or(CUSTOMER_RANDOM, (who, nth), space, None)
            }
            None => random(who, None, cx),
        };
        self.act(who, action, random, cx);
    }

    fn act(&mut self, who: CustomerId, action: &D::Action, random: u64, cx: &mut Cx<'_, '_, D>) {
        let client = &mut self.people.get(who, cx.plan()).state;
        let asks = cx.domain().act(who, client, action, random);
        self.carry_out(who, asks, cx);
    }

    fn carry_out(&mut self, who: CustomerId, asks: Vec<Ask<D>>, cx: &mut Cx<'_, '_, D>) {
        for ask in asks {
            let person = self.people.get(who, cx.plan());
            person.open += 1;
            person.requests += 1;
            let id = RequestId { customer: who, nth: person.requests };
            let what = match ask {
                Ask::Command(command) => Request::Command(Box::new(command)),
                Ask::Query(query) => {
                    let (owed, seen) = (
                        person.owed(cx.now()),
                        person.seen_by(&query, alike(cx.plan(), who)).to_vec(),
                    );
                    Request::Query { query: Box::new(query), owed, seen }
                }
                Ask::Watch(query, lasts) => {
                    self.people.kept += 1;
                    self.watch(id, (query, lasts), cx);
                    continue;
                }
                Ask::Erase => Request::Erase,
                Ask::Outside(service, request) => Request::Outside(service, Box::new(request)),
                Ask::Later(span, action) => {
                    self.thinking += 1;
                    self.people.kept += 1;
                    cx.timer(span, Message::Act(id, Box::new(action)));
                    continue;
                }
            };
            self.people.kept += 1;
            self.send(id, Pending::new(what), cx);
        }
    }

    /// Sends a request, or sends it again, and waits.
    fn send(&mut self, id: RequestId, mut pending: Pending<D>, cx: &mut Cx<'_, '_, D>) {
        let patience = pending.send(id, cx);
        self.pending.insert(id, pending);
        self.deadlines.set(id, patience, cx);
    }

    fn overdue(&mut self, id: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(mut pending) = self.pending.remove(&id) else { return };
        if pending.has_second(cx) {
            return self.send(id, pending, cx);
        }
        let asked = std::mem::take(&mut pending.asked);
        if !std::mem::take(&mut pending.heard) && !matches!(pending.what, Request::Outside(..)) {
            let (patience, slowest) = (cx.settings().clients.patience, cx.plan().slowest());
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
            Request::Query { owed, query, .. } => {
                let answer = match pending.shed == pending.sent {
                    true => Answer::TryLater(Some(*query)),
                    false => Answer::Silence,
                };
                self.tell(id, owed, answer, cx);
            }
            Request::Outside(..) => self.over(id.customer, cx),
        }
    }

    /// An instance has shed a request. The client sends it again when its deadline passes, which is now later, or
    /// at once.
    fn put_off(&mut self, id: RequestId, retry_after: Span, cx: &mut Cx<'_, '_, D>) {
        let is_watch = self.watches.has(id);
        if let Some(pending) = self.pending.get_mut(&id) {
            (pending.heard, pending.shed) = (true, pending.shed + 1);
        } else if !is_watch {
            return;
        }
        let pause = match cx.settings().clients.obey_retry_after {
            // Jitter keeps clients that were shed together from coming back together.
            true => cx.drawn_span(CUSTOMER_RETRY, id.customer, retry_after, retry_after),
            false => Span::ZERO,
        };
        if is_watch {
            self.hear_until(id, pause, cx);
        } else {
            self.deadlines.set(id, pause, cx);
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
            self.people.get(id.customer, cx.plan()).wrote(*token, now, pin);
        }
        self.tell(id, Owed::Nothing, Answer::Command(*command, verdict), cx);
    }

    /// Tells a customer the last answer to a request.
    fn tell(&mut self, id: RequestId, owed: Owed, answer: Answer<D>, cx: &mut Cx<'_, '_, D>) {
        self.told(id, owed, answer, cx);
        self.over(id.customer, cx);
    }

    /// A customer is told an answer, and does what follows from it.
    fn told(&mut self, id: RequestId, owed: Owed, answer: Answer<D>, cx: &mut Cx<'_, '_, D>) {
        let who = id.customer;
        let client = &mut self.people.get(who, cx.plan()).state;
        let asks = cx.domain().on_answer(who, client, &answer);
        cx.fact(Fact::Told { request: id, owed, answer });
        self.carry_out(who, asks, cx);
    }
}

/// Whether a line or an arrival takes place. It does unless it is left out because a capsule forces that, or
/// because 1 is suggested.
fn takes_place<D: Domain>(
    site: Site,
    number: u64,
    suggested: Option<u64>,
    cx: &mut Cx<'_, '_, D>,
) -> bool {
    cx.draw_nth_or(site, (Entity(number), 0), Space::forced(1), suggested) == 0
}

/// The random number of a customer's next action, unless one is suggested.
fn random<D: Domain>(who: CustomerId, suggested: Option<u64>, cx: &mut Cx<'_, '_, D>) -> u64 {
    cx.draw_or(CUSTOMER_RANDOM, who, Space::up_to(u64::from(u32::MAX)), suggested)
}
