//! A service: a system outside of the platform, with a ledger that the platform cannot read.
//!
//! A request takes effect when the service executes it. The caller gets the reply later, or not at all. A
//! service sends a webhook until it is acknowledged. Entries of its ledger may lapse, and it may inject
//! faults of its own. All faults here are on the side of the service; links decide what happens to messages
//! in transit.

use super::throttle::Throttle;
use crate::collections::{SortedMap, SortedSet};
use crate::kernel::{Cause, Entity, Fault, Instant, NodeId, Site, Span};
use crate::model::{
    Domain, Entry, Fact, Ledger, Reply, Request, ServiceFault, ServiceId, Services, StreamId,
    counted,
};
use crate::platform::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::faults::{
    ERROR_AFTER, ERROR_BEFORE, KEYS_PRUNED, LOOKUP_LAGS, REPLY_LATE, REPLY_TWICE, SERVICE_SLOW,
    THROTTLED, TIMEOUT_AFTER, TIMEOUT_BEFORE, WEBHOOK_LATE, WEBHOOK_TWICE,
};
use crate::platform::message::{CallId, Health, Message};
use crate::platform::stream_table::StreamTable;

/// How much longer than its latency a service takes, in microseconds; at most twice as long.
pub(crate) const SERVICE_WORK: Site = Site::new(32, "service.work");

/// How soon an unacknowledged webhook is sent again.
const WEBHOOK_RETRY: Span = Span::from_secs(10);

/// A service as a node. It does not crash: it is not part of the platform.
#[derive(Clone, Debug)]
pub(crate) struct ServiceNode<D: Domain> {
    id: ServiceId,
    ledger: Ledger<D>,
    /// Calls that are not executed yet, with the number of copies.
    working: SortedMap<(CallId, NodeId), u32>,
    throttle: Throttle,
    /// Those of them whose callers were stopped: they are executed, and not answered.
    abandoned: SortedSet<(CallId, NodeId)>,
    /// Requested reports: they are sent when all abandoned calls are executed.
    asked: SortedSet<(NodeId, Instant)>,
    /// Calls that a fault delays.
    slow: SortedSet<(CallId, NodeId)>,
    /// Webhooks that are not acknowledged.
    webhooks: SortedMap<u64, Webhook<D>>,
    webhooks_sent: u64,
    retries: Deadlines<u64>,
    /// Delayed messages, by the time at which they are sent.
    later: SortedMap<(Instant, u64), Later<D>>,
    put_off: u64,
    /// Faults of its own that no reply has shown yet.
    unnoticed: Vec<&'static ServiceFault<D>>,
    /// When it next looks for lapsed entries, if a timer is set.
    lapse_at: Option<Instant>,
    /// The last step in which it entered something about a stream: that is why an entry lapses, although one
    /// timer serves all of them.
    entered: StreamTable<Cause>,
}

/// A webhook that is not acknowledged, and how often it was sent.
#[derive(Clone, Debug)]
struct Webhook<D: Domain> {
    saga: StreamId,
    reply: Box<Reply<D>>,
    sent: u32,
}

/// A delayed message, and the fault that delays it.
#[derive(Clone, Debug)]
struct Later<D: Domain> {
    to: NodeId,
    message: Message<D>,
    because: &'static Fault,
    cause: Cause,
}

impl<D: Domain> ServiceNode<D> {
    pub(crate) fn new(id: ServiceId, ledger: Ledger<D>) -> Self {
        Self {
            id,
            ledger,
            working: SortedMap::new(),
            throttle: Throttle::default(),
            abandoned: SortedSet::new(),
            asked: SortedSet::new(),
            slow: SortedSet::new(),
            webhooks: SortedMap::new(),
            webhooks_sent: 0,
            retries: Deadlines::default(),
            later: SortedMap::new(),
            put_off: 0,
            unnoticed: Vec::new(),
            lapse_at: None,
            entered: StreamTable::default(),
        }
    }

    pub(crate) fn start(&mut self, cx: &mut Cx<'_, '_, D>) {
        cx.fact(Fact::Opened { service: self.id });
        self.lapse(cx);
    }

    /// The ledger of the service.
    pub(crate) fn ledger(&self) -> &Ledger<D> {
        &self.ledger
    }

    /// The pending work, if any.
    pub(crate) fn busy(&self) -> Option<String> {
        (!self.is_idle()).then(|| {
            let (calls, webhooks) = (self.working.len() as u64, self.webhooks.len() as u64);
            let late = self.later.len();
            let delayed = if late > 0 { format!(", {late} delayed") } else { String::new() };
            format!("{}, {} pending{delayed}", counted(calls, "call"), counted(webhooks, "webhook"))
        })
    }

    /// Whether no work is pending.
    pub(crate) fn is_idle(&self) -> bool {
        self.working.is_empty() && self.webhooks.is_empty() && self.later.is_empty()
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Call(call, request) => {
                if self.turns_away(from, call, &request, cx) {
                    return;
                }
                let latency = D::Services::services(cx.domain())[usize::from(self.id.0)].latency;
                let work = cx.drawn_span(SERVICE_WORK, call.entity(), latency, latency);
                let slow = cx.fault(&SERVICE_SLOW, call.entity());
                if slow > 0 {
                    self.slow.insert((call, from));
                }
                *self.working.entry((call, from)).or_insert(0) += 1;
                cx.timer(work + Span::from_micros(slow), Message::Serve(call, from, request));
            }
            Message::Serve(call, caller, request) => {
                self.serve(call, caller, &request, cx);
                self.report_changes(cx);
            }
            Message::Report { since } => {
                self.asked.insert((from, since));
                self.report_changes(cx);
            }
            Message::Lapse => {
                self.lapse_at = None;
                self.lapse(cx);
            }
            Message::WebhookDone { number, .. } => {
                self.webhooks.remove(&number);
                self.retries.clear(number);
            }
            Message::Tick => {
                for (_, late) in self.later.remove_range(..=(cx.uptime(), u64::MAX)) {
                    let Later { to, message, because, cause } = late;
                    cx.because(cause, |cx| cx.send_faulty(because, to, message));
                }
                for (number, cause) in self.retries.take_due(cx) {
                    cx.because(cause, |cx| self.report(number, cx));
                }
            }
            other => unreachable!("a service does not take {other:?}"),
        }
    }

    /// The platform is stopped. Replies to its calls are not sent, also those that a fault delays; what is to be
    /// executed is executed.
    pub(crate) fn hang_up(&mut self, is_stopped: impl Fn(NodeId) -> bool) {
        let calls = self.working.keys().filter(|(_, caller)| is_stopped(*caller));
        self.abandoned = calls.copied().collect();
        let is_reply = |later: &Later<D>| {
            matches!(later.message, Message::CallReply(..)) && is_stopped(later.to)
        };
        let later = std::mem::take(&mut self.later).into_iter();
        self.later = later.filter(|(_, later)| !is_reply(later)).collect();
    }

    /// Sends the reports that are asked for, unless something is still to be executed that they must contain.
    fn report_changes(&mut self, cx: &mut Cx<'_, '_, D>) {
        if !self.abandoned.is_empty() {
            return;
        }
        let asked = std::mem::take(&mut self.asked);
        for &(to, since) in asked.iter() {
            let replies = D::Services::report(cx.domain(), self.id, &self.ledger, since);
            cx.send(to, Message::Reported { since, replies });
        }
    }

    /// Turns a request away if it is one too many, or if a fault says so.
    fn turns_away(
        &mut self,
        caller: NodeId,
        call: CallId,
        request: &Request<D>,
        cx: &mut Cx<'_, '_, D>,
    ) -> bool {
        let faulty = cx.fault(&THROTTLED, call.entity()) > 0;
        if !faulty && self.throttle.accept(&cx.settings().services, cx.now()) {
            return false;
        }
        let reply = D::Services::turn_away(cx.domain(), self.id, &self.ledger, request, cx.now());
        cx.fact(Fact::Throttled { service: self.id, request: request.clone() });
        let reply = Message::CallReply(call, Box::new(reply), Health::Failed);
        match faulty {
            true => cx.send_faulty(&THROTTLED, caller, reply),
            false => cx.send(caller, reply),
        }
        true
    }

    fn serve(
        &mut self,
        call: CallId,
        caller: NodeId,
        request: &Request<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        self.throttle.done();
        let is_abandoned = self.abandoned.contains(&(call, caller));
        if let Some(count) = self.working.get_mut(&(call, caller)) {
            *count -= 1;
            if *count == 0 {
                self.working.remove(&(call, caller));
                self.abandoned.remove(&(call, caller));
            }
        }
        let mut because = self.slow.remove(&(call, caller)).then_some(&SERVICE_SLOW);
        self.inject(call, cx);
        self.prune(call, cx);
        let about = call.entity();
        if cx.fault(&TIMEOUT_BEFORE, about) > 0 {
            cx.fault_shows_late(&TIMEOUT_BEFORE, caller);
            return;
        }
        let now = cx.now();
        if cx.fault(&ERROR_BEFORE, about) > 0 {
            let reply =
                D::Services::fail(cx.domain(), self.id, &mut self.ledger, request, false, now);
            self.served(request, &reply, cx);
            let reply = Message::CallReply(call, Box::new(reply), Health::Failed);
            if !is_abandoned {
                cx.send_faulty(&ERROR_BEFORE, caller, reply);
            }
            return;
        }
        let mut entries = Vec::new();
        let mut reply =
            D::Services::serve(cx.domain(), self.id, &mut self.ledger, request, now, &mut entries);
        // A request without effect cannot fail after its effect.
        let happened = !entries.is_empty();
        let mut health = Health::Good;
        if happened && cx.fault(&ERROR_AFTER, about) > 0 {
            reply = D::Services::fail(cx.domain(), self.id, &mut self.ledger, request, true, now);
            because = Some(&ERROR_AFTER);
            health = Health::Failed;
        }
        if let Some(older) = self.lagging(call, request, &reply, cx) {
            reply = older;
            because = Some(&LOOKUP_LAGS);
        }
        self.served(request, &reply, cx);
        entries.into_iter().for_each(|entry| self.enter(entry, cx));
        if happened && cx.fault(&TIMEOUT_AFTER, about) > 0 {
            cx.fault_shows_late(&TIMEOUT_AFTER, caller);
        } else if !is_abandoned {
            let because = because.or_else(|| self.shown_by(&reply));
            let message = Message::CallReply(call, Box::new(reply), health);
            self.send(caller, message, about, [&REPLY_TWICE, &REPLY_LATE], because, cx);
        }
        self.lapse(cx);
    }

    /// The answer to a lookup if a fault lets it lag: what was true some time ago, unless that is the
    /// truth still. What the service does to undo or to close a reference does not depend on lookups.
    fn lagging(
        &self,
        call: CallId,
        request: &Request<D>,
        truth: &Reply<D>,
        cx: &mut Cx<'_, '_, D>,
    ) -> Option<Reply<D>> {
        let (domain, now) = (cx.domain(), cx.now());
        let stated = D::Services::services(domain)[usize::from(self.id.0)].lookup_lag;
        let answer = |lag: Span| {
            let as_of = Instant::ZERO + now.since(Instant::ZERO + lag);
            let older = D::Services::look_up(domain, self.id, &self.ledger, request, as_of);
            older.filter(|older| older != truth)
        };
        // Only what has changed within the stated lag can be missed.
        answer(stated)?;
        let lag = cx.fault(&LOOKUP_LAGS, call.entity());
        answer(Span::from_micros(lag).min(stated))
    }

    fn served(&self, request: &Request<D>, reply: &Reply<D>, cx: &mut Cx<'_, '_, D>) {
        let (request, reply) = (request.clone(), reply.clone());
        cx.fact(Fact::Served { service: self.id, request, reply });
    }

    /// Sends a message, unless a fault delays it; another fault sends it twice. Returns the delay in
    /// microseconds.
    fn send(
        &mut self,
        to: NodeId,
        message: Message<D>,
        about: Entity,
        [twice, late]: [&'static Fault; 2],
        because: Option<&'static Fault>,
        cx: &mut Cx<'_, '_, D>,
    ) -> u64 {
        let again = cx.fault(twice, about);
        if again > 0 {
            self.put_off(again, to, message.clone(), twice, cx);
        }
        let delay = cx.fault(late, about);
        match because {
            _ if delay > 0 => self.put_off(delay, to, message, late, cx),
            Some(fault) => cx.send_faulty(fault, to, message),
            None => cx.send(to, message),
        }
        delay
    }

    /// Injects the service's own faults that are drawn, before it executes a request. Nothing that was sent
    /// to the service led to them.
    fn inject(&mut self, call: CallId, cx: &mut Cx<'_, '_, D>) {
        for own in D::Services::FAULTS {
            if !cx.may_fire(own.fault) || !(own.is_applicable)(&self.ledger) {
                continue;
            }
            cx.because(Cause::START, |cx| {
                let size = cx.fault(own.fault, call.entity());
                if size == 0 {
                    return;
                }
                let mut entries = Vec::new();
                let now = cx.now();
                (own.inject)(&mut self.ledger, size, now, &mut entries);
                self.unnoticed.push(own);
                entries.into_iter().for_each(|entry| self.enter(entry, cx));
            });
        }
    }

    /// The fault of its own that a reply is the first to show, if any.
    fn shown_by(&mut self, reply: &Reply<D>) -> Option<&'static Fault> {
        let place = self.unnoticed.iter().position(|own| (own.is_observable)(reply))?;
        Some(self.unnoticed.swap_remove(place).fault)
    }

    /// Removes requests that are older than the service promises to remember.
    fn prune(&mut self, call: CallId, cx: &mut Cx<'_, '_, D>) {
        let Some(pruning) = &D::Services::PRUNING else { return };
        let now = cx.now();
        if cx.may_fire(&KEYS_PRUNED)
            && (pruning.is_due)(cx.domain(), &self.ledger, now)
            && cx.fault(&KEYS_PRUNED, call.entity()) > 0
        {
            (pruning.prune)(cx.domain(), &mut self.ledger, now);
            cx.fault_seen(&KEYS_PRUNED);
        }
    }

    fn put_off(
        &mut self,
        micros: u64,
        to: NodeId,
        message: Message<D>,
        because: &'static Fault,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let delay = Span::from_micros(micros);
        self.put_off += 1;
        let later = Later { to, message, because, cause: cx.here() };
        self.later.insert((cx.uptime() + delay, self.put_off), later);
        cx.timer(delay, Message::Tick);
    }

    /// Lets entries lapse whose time has passed, and sets a timer for the next.
    fn lapse(&mut self, cx: &mut Cx<'_, '_, D>) {
        let mut entries = Vec::new();
        let now = cx.now();
        let next = D::Services::lapse(cx.domain(), self.id, &mut self.ledger, now, &mut entries);
        for entry in entries {
            let entered = D::Services::entry_about(&entry).and_then(|of| self.entered.get(of));
            cx.because(entered.copied().unwrap_or_default(), |cx| self.enter(entry, cx));
        }
        let Some(next) = next else { return };
        if self.lapse_at.is_none_or(|set| next < set) {
            self.lapse_at = Some(next);
            cx.timer(next.since(now), Message::Lapse);
        }
    }

    fn enter(&mut self, entry: Entry<D>, cx: &mut Cx<'_, '_, D>) {
        if let Some((saga, reply)) = D::Services::webhook(cx.domain(), self.id, &entry) {
            self.webhooks_sent += 1;
            let webhook = Webhook { saga, reply: Box::new(reply), sent: 0 };
            self.webhooks.insert(self.webhooks_sent, webhook);
            self.report(self.webhooks_sent, cx);
        }
        if let Some(stream) = D::Services::entry_about(&entry) {
            *self.entered.entry(stream) = cx.here();
        }
        cx.fact(Fact::Entered { service: self.id, entry });
    }

    /// Sends a webhook, for the first time or again.
    fn report(&mut self, number: u64, cx: &mut Cx<'_, '_, D>) {
        let Some(webhook) = self.webhooks.get_mut(&number) else { return };
        // Each time at the next instance of the orchestrator: only one that leads acknowledges it.
        let to = cx.map().orchestrator_instance(webhook.sent);
        webhook.sent = webhook.sent.wrapping_add(1);
        let (saga, reply) = (webhook.saga, webhook.reply.clone());
        let because = self.shown_by(&reply);
        let message = Message::Webhook { number, saga, reply };
        let faults = [&WEBHOOK_TWICE, &WEBHOOK_LATE];
        let late = self.send(to, message, saga.into(), faults, because, cx);
        self.retries.set(number, WEBHOOK_RETRY + Span::from_micros(late), cx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EffectId, Version};
    use crate::testing::{Bench, Counting, Please};

    #[test]
    fn what_is_in_hand_when_the_platform_stops_is_executed_and_reported_and_not_answered() {
        let mut bench = Bench::new();
        let (node, caller) = (bench.map.service(ServiceId(0)), bench.map.orchestrator());
        let mut service = ServiceNode::<Counting>::new(ServiceId(0), 0);
        let saga = StreamId { category: crate::model::Category(1), number: 0 };
        let call = CallId::Effect(EffectId { saga, version: Version(1), nth: 0 });
        let asks = || Message::Call(call, Box::new(Please));
        bench.tell(node, |cx| service.handle(caller, asks(), cx));
        service.hang_up(|node| node == caller);
        let since = Instant::ZERO;
        bench.tell(node, |cx| service.handle(caller, Message::Report { since }, cx));
        let mut sent = Vec::new();
        while let Some((to, message)) = bench.next() {
            if to == node {
                bench.tell(node, |cx| service.handle(node, message, cx));
            } else {
                assert_eq!(*service.ledger(), 1, "it reports what it has executed");
                sent.push(message);
            }
        }
        assert!(matches!(sent[..], [Message::Reported { .. }]), "{sent:?}");
        bench.tell(node, |cx| service.handle(caller, asks(), cx));
        while let Some((to, message)) = bench.next() {
            if to == node {
                bench.tell(node, |cx| service.handle(node, message, cx));
            } else {
                assert!(matches!(message, Message::CallReply(..)), "a later call is answered");
            }
        }
        assert!(service.is_idle());
    }
}
