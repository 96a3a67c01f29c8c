//! A service: somebody else's system, with a ledger of its own that the platform cannot read.
//!
//! A request takes effect when the service gets to it and is answered then; whoever asked learns of it
//! later, or not at all. What the service reports unasked it reports until somebody says that they
//! heard. Some things lapse in its ledger by themselves, whatever the platform thinks.

use std::collections::BTreeMap;

use crate::kernel::{Instant, NodeId, Site, Span};
use crate::platform::deadlines::Deadlines;
use crate::platform::message::{CallId, Message};
use crate::platform::{Cx, Domain, Fact, ServiceId, StreamId};

/// How much longer than its latency a service takes, in microseconds; at most as long again.
pub(crate) const SERVICE_WORK: Site = Site::new(32, "service.work");

/// How soon an unacknowledged webhook is sent again.
const WEBHOOK_RETRY: Span = Span::from_secs(10);

/// A service as a node. It does not crash: it is somebody else's.
#[derive(Clone, Debug)]
pub(crate) struct ServiceNode<D: Domain> {
    id: ServiceId,
    ledger: D::Ledger,
    /// Calls that it has not got to yet, by number.
    working: BTreeMap<(CallId, NodeId), u32>,
    /// Reports that nobody has acknowledged.
    webhooks: BTreeMap<u64, (StreamId, Box<D::Reply>)>,
    webhooks_sent: u64,
    retries: Deadlines<u64>,
    /// When it next looks after what lapses, if a timer is set.
    lapse_at: Option<Instant>,
}

impl<D: Domain> ServiceNode<D> {
    pub(crate) fn new(id: ServiceId, domain: &D) -> Self {
        Self {
            id,
            ledger: domain.open(id),
            working: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            webhooks_sent: 0,
            retries: Deadlines::default(),
            lapse_at: None,
        }
    }

    pub(crate) fn start(&mut self, cx: &mut Cx<'_, '_, D>) {
        cx.fact(Fact::Opened { service: self.id });
        self.lapse(cx);
    }

    /// The service's own truth.
    pub(crate) fn ledger(&self) -> &D::Ledger {
        &self.ledger
    }

    /// What is left to do, if anything.
    pub(crate) fn busy(&self) -> Option<String> {
        let (calls, webhooks) = (self.working.len(), self.webhooks.len());
        (calls + webhooks > 0).then(|| format!("{calls} calls, {webhooks} webhooks under way"))
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Call(call, request) => {
                let latency = cx.domain().services()[usize::from(self.id.0)].latency;
                let work = cx.drawn_span(SERVICE_WORK, call.entity(), latency, latency);
                *self.working.entry((call, from)).or_insert(0) += 1;
                cx.timer(work, Message::Serve(call, from, request));
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
        request: &D::Request,
        cx: &mut Cx<'_, '_, D>,
    ) {
        if let Some(count) = self.working.get_mut(&(call, caller)) {
            *count -= 1;
            if *count == 0 {
                self.working.remove(&(call, caller));
            }
        }
        let mut entries = Vec::new();
        let now = cx.now();
        let reply = cx.domain().serve(self.id, &mut self.ledger, request, now, &mut entries);
        cx.fact(Fact::Served { service: self.id, request: request.clone(), reply: reply.clone() });
        self.enter(entries, cx);
        cx.send(caller, Message::CallReply(call, Box::new(reply)));
        self.lapse(cx);
    }

    /// Lets lapse what lapses by now, and comes back for what lapses next.
    fn lapse(&mut self, cx: &mut Cx<'_, '_, D>) {
        let mut entries = Vec::new();
        let now = cx.now();
        let next = cx.domain().lapse(self.id, &mut self.ledger, now, &mut entries);
        self.enter(entries, cx);
        let Some(next) = next else { return };
        if self.lapse_at.is_none_or(|set| next < set) {
            self.lapse_at = Some(next);
            cx.timer(next.since(now), Message::Lapse);
        }
    }

    fn enter(&mut self, entries: Vec<D::Entry>, cx: &mut Cx<'_, '_, D>) {
        for entry in entries {
            if let Some((saga, reply)) = cx.domain().webhook(self.id, &entry) {
                self.webhooks_sent += 1;
                self.webhooks.insert(self.webhooks_sent, (saga, Box::new(reply)));
                self.report(self.webhooks_sent, cx);
            }
            cx.fact(Fact::Entered { service: self.id, entry });
        }
    }

    fn report(&mut self, number: u64, cx: &mut Cx<'_, '_, D>) {
        let Some((saga, reply)) = self.webhooks.get(&number) else { return };
        let message = Message::Webhook { number, saga: *saga, reply: reply.clone() };
        cx.send(cx.map().orchestrator(), message);
        self.retries.set(number, WEBHOOK_RETRY, cx);
    }
}
