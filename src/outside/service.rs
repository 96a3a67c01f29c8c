//! A service: a system outside of the platform, with a ledger that the platform cannot read.
//!
//! A request takes effect when the service gets to it and is answered then; the caller learns of it later,
//! or not at all. What the service reports by itself it sends until it is acknowledged. Some things lapse
//! in its ledger by themselves, and some are faults of its own. Whatever goes wrong with a service goes
//! wrong on its side: how messages fare on their way is decided by their links.

use crate::collections::{SortedMap, SortedSet};

use crate::kernel::{Fault, Instant, NodeId, Site, Span};
use crate::model::{
    Domain, Entry, Fact, Ledger, Reply, Request, ServiceFault, ServiceId, Services, StreamId,
};
use crate::platform::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::faults::{
    ERROR_AFTER, ERROR_BEFORE, KEYS_PRUNED, REPLY_LATE, REPLY_TWICE, SERVICE_SLOW, TIMEOUT_AFTER,
    TIMEOUT_BEFORE, WEBHOOK_LATE, WEBHOOK_TWICE,
};
use crate::platform::message::{CallId, Message};

/// How much longer than its latency a service takes, in microseconds; at most as long again.
pub(crate) const SERVICE_WORK: Site = Site::new(32, "service.work");

/// How soon an unacknowledged webhook is sent again.
const WEBHOOK_RETRY: Span = Span::from_secs(10);

/// A service as a node. It does not crash: it is not part of the platform.
#[derive(Clone, Debug)]
pub(crate) struct ServiceNode<D: Domain> {
    id: ServiceId,
    ledger: Ledger<D>,
    /// Calls that it has not got to yet, by number.
    working: SortedMap<(CallId, NodeId), u32>,
    /// Those of them that take longer than usual.
    slow: SortedSet<(CallId, NodeId)>,
    /// Reports that nobody has acknowledged.
    webhooks: SortedMap<u64, (StreamId, Box<Reply<D>>)>,
    webhooks_sent: u64,
    retries: Deadlines<u64>,
    /// What is to be sent later, by when.
    later: SortedMap<(Instant, u64), Later<D>>,
    put_off: u64,
    /// Faults of its own that no reply has shown yet.
    unnoticed: Vec<&'static ServiceFault<D>>,
    /// When it next looks after what lapses, if a timer is set.
    lapse_at: Option<Instant>,
}

/// A message that does not come when it should, and the fault because of which it does not.
#[derive(Clone, Debug)]
struct Later<D: Domain> {
    to: NodeId,
    message: Message<D>,
    because: &'static Fault,
}

impl<D: Domain> ServiceNode<D> {
    pub(crate) fn new(id: ServiceId, ledger: Ledger<D>) -> Self {
        Self {
            id,
            ledger,
            working: SortedMap::new(),
            slow: SortedSet::new(),
            webhooks: SortedMap::new(),
            webhooks_sent: 0,
            retries: Deadlines::default(),
            later: SortedMap::new(),
            put_off: 0,
            unnoticed: Vec::new(),
            lapse_at: None,
        }
    }

    pub(crate) fn start(&mut self, cx: &mut Cx<'_, '_, D>) {
        cx.fact(Fact::Opened { service: self.id });
        self.lapse(cx);
    }

    /// The service's own truth.
    pub(crate) fn ledger(&self) -> &Ledger<D> {
        &self.ledger
    }

    /// What is left to do, if anything.
    pub(crate) fn busy(&self) -> Option<String> {
        let (calls, webhooks) = (self.working.len(), self.webhooks.len());
        let late = self.later.len();
        let delayed = if late > 0 { format!(", {late} late") } else { String::new() };
        (calls + webhooks + late > 0)
            .then(|| format!("{calls} calls, {webhooks} webhooks under way{delayed}"))
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Call(call, request) => {
                let latency = D::Services::services(cx.domain())[usize::from(self.id.0)].latency;
                let work = cx.drawn_span(SERVICE_WORK, call.entity(), latency, latency);
                let slow = cx.fault(&SERVICE_SLOW, call.entity());
                if slow > 0 {
                    self.slow.insert((call, from));
                }
                *self.working.entry((call, from)).or_insert(0) += 1;
                cx.timer(work + Span::from_micros(slow), Message::Serve(call, from, request));
            }
            Message::Serve(call, caller, request) => self.serve(call, caller, &request, cx),
            Message::Lapse => {
                self.lapse_at = None;
                self.lapse(cx);
            }
            Message::WebhookDone { number, .. } => {
                self.webhooks.remove(&number);
                self.retries.clear(number);
            }
            Message::Tick => {
                self.send_late(cx);
                for number in self.retries.take_due(cx) {
                    self.report(number, cx);
                }
            }
            other => unreachable!("a service does not take {other:?}"),
        }
    }

    fn serve(
        &mut self,
        call: CallId,
        caller: NodeId,
        request: &Request<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        if let Some(count) = self.working.get_mut(&(call, caller)) {
            *count -= 1;
            if *count == 0 {
                self.working.remove(&(call, caller));
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
            cx.send_faulty(&ERROR_BEFORE, caller, Message::CallReply(call, Box::new(reply)));
            return;
        }
        let mut entries = Vec::new();
        let mut reply =
            D::Services::serve(cx.domain(), self.id, &mut self.ledger, request, now, &mut entries);
        // What had no effect cannot be done and be denied.
        let happened = !entries.is_empty();
        if happened && cx.fault(&ERROR_AFTER, about) > 0 {
            reply = D::Services::fail(cx.domain(), self.id, &mut self.ledger, request, true, now);
            because = Some(&ERROR_AFTER);
        }
        self.served(request, &reply, cx);
        self.enter(entries, cx);
        if happened && cx.fault(&TIMEOUT_AFTER, about) > 0 {
            cx.fault_shows_late(&TIMEOUT_AFTER, caller);
        } else {
            self.answer(call, caller, reply, because, cx);
        }
        self.lapse(cx);
    }

    fn served(&self, request: &Request<D>, reply: &Reply<D>, cx: &mut Cx<'_, '_, D>) {
        let (request, reply) = (request.clone(), reply.clone());
        cx.fact(Fact::Served { service: self.id, request, reply });
    }

    /// Answers a call, now or late, once or twice.
    fn answer(
        &mut self,
        call: CallId,
        caller: NodeId,
        reply: Reply<D>,
        because: Option<&'static Fault>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let because = because.or_else(|| self.shown_by(&reply));
        let message = Message::CallReply(call, Box::new(reply));
        let twice = cx.fault(&REPLY_TWICE, call.entity());
        if twice > 0 {
            self.put_off(twice, caller, message.clone(), &REPLY_TWICE, cx);
        }
        let late = cx.fault(&REPLY_LATE, call.entity());
        if late > 0 {
            self.put_off(late, caller, message, &REPLY_LATE, cx);
        } else {
            send(caller, message, because, cx);
        }
    }

    /// Injects the faults of its own that are drawn, before it does what it is asked.
    fn inject(&mut self, call: CallId, cx: &mut Cx<'_, '_, D>) {
        for own in D::Services::FAULTS {
            if !(own.is_applicable)(&self.ledger) {
                continue;
            }
            let size = cx.fault(own.fault, call.entity());
            if size == 0 {
                continue;
            }
            let mut entries = Vec::new();
            (own.inject)(&mut self.ledger, size, &mut entries);
            self.unnoticed.push(own);
            self.enter(entries, cx);
        }
    }

    /// The fault of its own that a reply is the first to show, if it shows one.
    fn shown_by(&mut self, reply: &Reply<D>) -> Option<&'static Fault> {
        let place = self.unnoticed.iter().position(|own| (own.is_observable)(reply))?;
        Some(self.unnoticed.swap_remove(place).fault)
    }

    /// Forgets what it need not remember any more, without notice.
    fn prune(&mut self, call: CallId, cx: &mut Cx<'_, '_, D>) {
        let Some(pruning) = &D::Services::PRUNING else { return };
        let now = cx.now();
        if (pruning.is_due)(cx.domain(), &self.ledger, now)
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
        self.later.insert((cx.uptime() + delay, self.put_off), Later { to, message, because });
        cx.timer(delay, Message::Tick);
    }

    fn send_late(&mut self, cx: &mut Cx<'_, '_, D>) {
        let due = self.later.remove_range(..=(cx.uptime(), u64::MAX));
        for (_, Later { to, message, because }) in due {
            cx.send_faulty(because, to, message);
        }
    }

    /// Lets lapse what lapses by now, and comes back for what lapses next.
    fn lapse(&mut self, cx: &mut Cx<'_, '_, D>) {
        let mut entries = Vec::new();
        let now = cx.now();
        let next = D::Services::lapse(cx.domain(), self.id, &mut self.ledger, now, &mut entries);
        self.enter(entries, cx);
        let Some(next) = next else { return };
        if self.lapse_at.is_none_or(|set| next < set) {
            self.lapse_at = Some(next);
            cx.timer(next.since(now), Message::Lapse);
        }
    }

    fn enter(&mut self, entries: Vec<Entry<D>>, cx: &mut Cx<'_, '_, D>) {
        for entry in entries {
            if let Some((saga, reply)) = D::Services::webhook(cx.domain(), self.id, &entry) {
                self.webhooks_sent += 1;
                self.webhooks.insert(self.webhooks_sent, (saga, Box::new(reply)));
                self.report(self.webhooks_sent, cx);
            }
            cx.fact(Fact::Entered { service: self.id, entry });
        }
    }

    /// Reports something, for the first time or once more, now or late, once or twice.
    fn report(&mut self, number: u64, cx: &mut Cx<'_, '_, D>) {
        let Some((saga, reply)) = self.webhooks.get(&number).cloned() else { return };
        let because = self.shown_by(&reply);
        let message = Message::Webhook { number, saga, reply };
        let to = cx.map().orchestrator();
        let twice = cx.fault(&WEBHOOK_TWICE, saga);
        if twice > 0 {
            self.put_off(twice, to, message.clone(), &WEBHOOK_TWICE, cx);
        }
        let late = cx.fault(&WEBHOOK_LATE, saga);
        if late > 0 {
            self.put_off(late, to, message, &WEBHOOK_LATE, cx);
        } else {
            send(to, message, because, cx);
        }
        self.retries.set(number, WEBHOOK_RETRY + Span::from_micros(late), cx);
    }
}

/// Sends a message in which its receiver meets with a fault, if there is one.
fn send<D: Domain>(
    to: NodeId,
    message: Message<D>,
    because: Option<&'static Fault>,
    cx: &mut Cx<'_, '_, D>,
) {
    match because {
        Some(fault) => cx.send_faulty(fault, to, message),
        None => cx.send(to, message),
    }
}
