//! Subscriptions: an instance shows a row, and pushes each newer version of it to the client.
//!
//! This stands for server-sent events. A subscription is a connection that the client has opened, and is kept in the
//! memory of one instance. The instance listens to the keeper of the row (the read store, or the event store for what
//! is computed from the log), reads the row again when it is notified, and pushes it if it is newer than what it
//! pushed before. It does not read from the cache, which may be as old as its time to live.
//!
//! A notification can get lost. At each heartbeat the instance therefore reads the row again and says again what it
//! listens to. A push can get lost too: on the network of the simulation each message travels by itself, so a
//! heartbeat says how many rows were pushed, where TCP would break the connection. A subscription that is lost in a
//! crash is the client's to renew.
//!
//! Reading is a query like any other, under the number of the subscription, with the same promises: the row shows
//! at least what the customer has written and what was shown before. As long as no such row can be read, nothing is
//! pushed.

use crate::collections::{SortedMap, SortedSet};
use crate::kernel::NodeId;
use crate::model::{Answer, AsOf, Domain, Fact, Lookup, Plain, RequestId, Strategy, Token};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::defects::PUSHES_ON_NOTICE_ONLY;
use crate::platform::faults::SUBSCRIPTION_DROPPED;
use crate::platform::message::{Channel, Connection, Message, Watch};

use super::QueryApi;
use super::pending::Pending;

/// The subscriptions of an instance.
#[derive(Clone, Debug)]
pub(super) struct Subscriptions<D: Domain> {
    open: SortedMap<RequestId, Subscription<D>>,
    /// The subscriptions to each channel that the instance listens to.
    channels: SortedMap<Channel, SortedSet<RequestId>>,
    heartbeats: Deadlines<RequestId>,
}

/// A subscription.
#[derive(Clone, Debug)]
struct Subscription<D: Domain> {
    customers: NodeId,
    connection: Connection,
    /// What is watched. `seen` is what was pushed last.
    watch: Watch<D>,
    lookup: Lookup<D>,
    /// The answer that was pushed last.
    last: Option<Answer<D>>,
    pushed: u32,
    /// Whether it was notified of a change since the row began to be read.
    has_changed: bool,
}

impl<D: Domain> Default for Subscriptions<D> {
    fn default() -> Self {
        let (open, channels) = (SortedMap::new(), SortedMap::new());
        Self { open, channels, heartbeats: Deadlines::default() }
    }
}

impl<D: Domain> Subscription<D> {
    /// What it listens to: nothing for what does not change, and for the replies of services.
    const fn channel(&self) -> Option<Channel> {
        match &self.lookup {
            Lookup::Row(view, key) => Some(Channel::Row(*view, *key)),
            Lookup::Stream(from, AsOf::Now) => Some(Channel::Stream(from.stream)),
            Lookup::Stream(_, AsOf::Version(_) | AsOf::Instant(_)) | Lookup::Gather(_) => None,
        }
    }

    /// Whether an answer is one that the client has not been shown.
    fn is_news(&self, answer: &Answer<D>, shows: &[Token]) -> bool {
        match &self.last {
            Some(last) => last != answer,
            // On the first connection the present row is shown, whatever the customer has seen of it before.
            None => self.connection.nth == 1 || shows.is_empty() || shows != self.watch.seen,
        }
    }
}

impl<D: Domain> QueryApi<D> {
    /// A client subscribes.
    pub(super) fn watch(
        &mut self,
        customers: NodeId,
        connection: Connection,
        watch: Watch<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let request = connection.request;
        if let Some(known) = self.volatile.subscriptions.open.get(&request) {
            if known.connection.nth >= connection.nth {
                return; // a copy, or an older connection that was opened late
            }
            self.close(request, cx);
        }
        self.openings += 1;
        let connection = Connection { opening: self.openings, ..connection };
        let lookup = watch.owed.lookup(cx.domain(), request.customer, &watch.query);
        let (last, pushed, has_changed) = (None, 0, false);
        let subscription =
            Subscription { customers, connection, watch, lookup, last, pushed, has_changed };
        let subscriptions = &mut self.volatile.subscriptions;
        if let Some(channel) = subscription.channel() {
            subscriptions.channels.entry(channel).or_default().insert(request);
        }
        subscriptions.open.insert(request, subscription);
        self.heartbeat(request, cx);
        self.look(request, cx);
    }

    /// The client has closed a connection.
    pub(super) fn unwatch(&mut self, connection: Connection, cx: &mut Cx<'_, '_, D>) {
        let known = self.volatile.subscriptions.open.get(&connection.request);
        if known.is_some_and(|known| known.connection.nth == connection.nth) {
            self.close(connection.request, cx);
        }
    }

    /// Tells subscribers that their connections are open, and looks for changes of which it was not notified.
    pub(super) fn heartbeats_due(&mut self, cx: &mut Cx<'_, '_, D>) {
        for (request, cause) in self.volatile.subscriptions.heartbeats.take_due(cx) {
            cx.because(cause, |cx| {
                self.heartbeat(request, cx);
                if !cx.has(&PUSHES_ON_NOTICE_ONLY) {
                    self.look(request, cx);
                }
            });
        }
    }

    /// Something has changed that this instance listens to, or did before it crashed.
    pub(super) fn changed(&mut self, from: NodeId, channel: Channel, cx: &mut Cx<'_, '_, D>) {
        let Some(requests) = self.volatile.subscriptions.channels.get(&channel) else {
            return cx.send(from, Message::Listen { channel, on: false });
        };
        let requests: Vec<RequestId> = requests.iter().copied().collect();
        for request in requests {
            cx.apart(|cx| self.look(request, cx));
        }
    }

    fn heartbeat(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        if self.drops(request, cx) {
            return;
        }
        let subscriptions = &mut self.volatile.subscriptions;
        let Some(subscription) = subscriptions.open.get(&request) else { return };
        let (connection, pushed) = (subscription.connection, subscription.pushed);
        cx.send(subscription.customers, Message::Heartbeat { connection, pushed });
        if let Some(channel) = subscription.channel() {
            cx.send(keeper(channel, cx), Message::Listen { channel, on: true });
        }
        subscriptions.heartbeats.set(request, cx.settings().heartbeat, cx);
    }

    /// Reads the row of a subscription; once more if it is being read.
    fn look(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(subscription) = self.volatile.subscriptions.open.get_mut(&request) else { return };
        if self.volatile.pending.contains_key(&request) {
            subscription.has_changed = true;
            return;
        }
        let Subscription { customers, watch, lookup, .. } = &*subscription;
        let Watch { query, owed, seen, patience } = watch.clone();
        let mut pending = Pending::new(
            (*customers, patience),
            (owed.token(), seen),
            (Box::new(query), lookup.clone()),
            cx,
        );
        // It was told of a change that a replica may not have yet.
        pending.fresh = true;
        let is_cached = matches!(
            lookup, Lookup::Row(view, _) if D::VIEWS[usize::from(view.0)].strategy == Strategy::Outbox
        );
        self.volatile.pending.insert(request, pending);
        if is_cached {
            self.read_row(request, None, cx);
        } else {
            self.begin(request, cx);
        }
    }

    /// Whether a request is a subscription.
    pub(super) fn is_subscribed(&self, request: RequestId) -> bool {
        self.volatile.subscriptions.open.contains_key(&request)
    }

    /// The row of a subscription was read, or could not be read. It is pushed if it is news.
    pub(super) fn looked(
        &mut self,
        request: RequestId,
        answer: Answer<D>,
        shows: Vec<Token>,
        opened: Box<[Option<Plain>]>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(subscription) = self.volatile.subscriptions.open.get_mut(&request) else { return };
        let is_again = std::mem::take(&mut subscription.has_changed);
        let is_news = subscription.is_news(&answer, &shows);
        if matches!(answer, Answer::Shown(..)) && is_news && !self.drops(request, cx) {
            self.push(request, answer, shows, opened, cx);
        }
        if is_again {
            self.look(request, cx);
        }
    }

    fn push(
        &mut self,
        request: RequestId,
        answer: Answer<D>,
        shows: Vec<Token>,
        opened: Box<[Option<Plain>]>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(subscription) = self.volatile.subscriptions.open.get_mut(&request) else { return };
        subscription.pushed += 1;
        subscription.watch.seen.clone_from(&shows);
        subscription.last = Some(answer.clone());
        let (connection, nth) = (subscription.connection, subscription.pushed);
        cx.fact(Fact::Pushed { request, nth });
        let answer = Box::new(answer);
        let push = Message::Push { connection, nth, answer, shows, opened };
        cx.send(subscription.customers, push);
    }

    /// Whether a fault lets the instance forget the subscription.
    fn drops(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) -> bool {
        if cx.fault(&SUBSCRIPTION_DROPPED, request.customer) == 0 {
            return false;
        }
        cx.fault_shows_late(&SUBSCRIPTION_DROPPED, cx.map().customers());
        self.close(request, cx);
        true
    }

    /// Forgets a subscription, and what is being read for it.
    fn close(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let subscriptions = &mut self.volatile.subscriptions;
        let Some(subscription) = subscriptions.open.remove(&request) else { return };
        subscriptions.heartbeats.clear(request);
        self.volatile.pending.remove(&request);
        self.volatile.deadlines.clear(request);
        let Some(channel) = subscription.channel() else { return };
        let Some(others) = subscriptions.channels.get_mut(&channel) else { return };
        others.remove(&request);
        if others.is_empty() {
            subscriptions.channels.remove(&channel);
            cx.send(keeper(channel, cx), Message::Listen { channel, on: false });
        }
    }
}

/// The node that knows when something changes.
fn keeper<D: Domain>(channel: Channel, cx: &Cx<'_, '_, D>) -> NodeId {
    match channel {
        Channel::Row(view, _) if D::VIEWS[usize::from(view.0)].has_projector() => {
            cx.map().read_store()
        }
        Channel::Row(..) | Channel::Stream(_) => cx.map().store(),
    }
}
