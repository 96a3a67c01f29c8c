//! Subscriptions of customers, as their clients keep them.
//!
//! A client subscribes and is sent rows and heartbeats. If it hears nothing for a while, or learns from a heartbeat
//! that a row was lost, it subscribes again at the next instance, with what it has shown so far. What still comes on
//! an earlier connection is not shown, and the instance is told that the connection is closed, as TCP would tell it.
//! The subscription ends when the customer has seen enough, or when its time is over.

use super::Customers;
use super::person::alike;
use crate::collections::SortedMap;
use crate::kernel::{Instant, NodeId, Span};
use crate::model::{Answer, Domain, Fact, Owed, RequestId, Token};
use crate::platform::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::defects::{PUSH_WITHOUT_VERSION, SUBSCRIPTION_LOST_IN_CRASH};
use crate::platform::message::{Connection, Message, Watch};

/// How many messages after each other it may take until a row is shown, besides the waits.
const MESSAGES: u64 = 20;

/// All open subscriptions.
#[derive(Clone, Debug)]
pub(super) struct Watches<D: Domain> {
    open: SortedMap<RequestId, Watched<D>>,
    pub(super) deadlines: Deadlines<RequestId>,
}

/// A subscription.
#[derive(Clone, Debug)]
struct Watched<D: Domain> {
    query: D::Query,
    /// What it had to show when it was last asked for.
    owed: Owed,
    /// When its time is over, by the uptime of the client.
    until: Instant,
    /// The number of the connection, and the instance at its other end.
    connection: u32,
    instance: NodeId,
    /// What the instance has opened, once it has been heard: rows are counted from there.
    opening: Option<u64>,
    /// The newest of the rows that were pushed on this connection.
    shown: u32,
}

impl<D: Domain> Default for Watches<D> {
    fn default() -> Self {
        Self { open: SortedMap::new(), deadlines: Deadlines::default() }
    }
}

impl<D: Domain> Watches<D> {
    /// The number of open subscriptions.
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether a request is an open subscription.
    pub(super) fn has(&self, request: RequestId) -> bool {
        self.open.contains_key(&request)
    }

    /// The open subscription on this connection, if it is not closed.
    fn on(&mut self, connection: Connection, from: NodeId) -> Option<&mut Watched<D>> {
        let watched = self.open.get_mut(&connection.request)?;
        let is_open = (watched.connection, watched.instance) == (connection.nth, from)
            && *watched.opening.get_or_insert(connection.opening) == connection.opening;
        is_open.then_some(watched)
    }
}

impl<D: Domain> Customers<D> {
    /// A customer subscribes to a query for so long.
    pub(super) fn watch(
        &mut self,
        request: RequestId,
        (query, lasts): (D::Query, Span),
        cx: &mut Cx<'_, '_, D>,
    ) {
        let (owed, until) = (Owed::Nothing, cx.uptime() + lasts);
        let instance = cx.map().query_api(0);
        let watched =
            Watched { query, owed, until, connection: 0, instance, opening: None, shown: 0 };
        self.watches.open.insert(request, watched);
        self.subscribe(request, cx);
    }

    /// Opens a connection, and another one if it was opened before.
    fn subscribe(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(watched) = self.watches.open.get_mut(&request) else { return };
        let person = self.people.get(request.customer, cx.plan());
        let again = watched.connection > 0;
        watched.connection += 1;
        (watched.opening, watched.shown) = (None, 0);
        // A subscription outlives the time for which a session is pinned to the write side.
        watched.owed = match person.owed(cx.now()) {
            Owed::Pinned(token) => Owed::Written(token),
            owed @ (Owed::Nothing | Owed::Written(_)) => owed,
        };
        let seen = person.seen_by(&watched.query, alike(cx.plan(), request.customer)).to_vec();
        // The connections of one customer rotate over the instances.
        let nth = request.customer.0.wrapping_add(request.nth).wrapping_add(watched.connection);
        watched.instance = cx.map().query_api((nth & 0xFFFF) as u16);
        let patience = cx.settings().clients.patience;
        let (query, owed, within) = (watched.query.clone(), watched.owed, within(cx));
        cx.fact(Fact::Watched { request, query: query.clone(), owed, again, within });
        let connection = Connection { request, nth: watched.connection, opening: 0 };
        let watch = Box::new(Watch { query, owed, seen, patience });
        cx.send(watched.instance, Message::Watch { connection, watch });
        self.hear_until(request, patience, cx);
    }

    /// Waits for so long for the next message on a connection, but not beyond the end of the subscription.
    pub(super) fn hear_until(&mut self, request: RequestId, wait: Span, cx: &mut Cx<'_, '_, D>) {
        let Some(watched) = self.watches.open.get(&request) else { return };
        let left = watched.until.since(cx.uptime());
        self.watches.deadlines.set(request, wait.min(left), cx);
    }

    /// A row is pushed on a connection.
    pub(super) fn pushed(
        &mut self,
        (from, connection, nth): (NodeId, Connection, u32),
        (answer, shows): (Answer<D>, Vec<Token>),
        cx: &mut Cx<'_, '_, D>,
    ) {
        let request = connection.request;
        let Some(watched) = self.watches.on(connection, from) else {
            return cx.send(from, Message::Unwatch { connection });
        };
        let (owed, is_older) = (watched.owed, nth <= watched.shown);
        watched.shown = nth.max(watched.shown);
        self.hear_until(request, cx.settings().clients.resubscribe_after, cx);
        let trusts = cx.has(&PUSH_WITHOUT_VERSION);
        if is_older && !trusts {
            return; // a copy, or a row that a newer one has overtaken
        }
        let person = self.people.get(request.customer, cx.plan());
        let like = alike(cx.plan(), request.customer);
        let answer = if trusts { answer } else { person.look(answer, shows, like) };
        // A query that was answered meanwhile may have shown more.
        if let Answer::Shown(..) = answer {
            self.told(request, owed, answer, cx);
        }
        self.watch_on(request, cx);
    }

    /// The connection is open, and so many rows were pushed on it.
    pub(super) fn heartbeat(
        &mut self,
        (from, connection): (NodeId, Connection),
        pushed: u32,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let request = connection.request;
        let Some(watched) = self.watches.on(connection, from) else {
            return cx.send(from, Message::Unwatch { connection });
        };
        if watched.shown < pushed {
            return self.subscribe(request, cx);
        }
        self.hear_until(request, cx.settings().clients.resubscribe_after, cx);
        self.watch_on(request, cx);
    }

    /// Ends a subscription whose customer has seen enough.
    fn watch_on(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(watched) = self.watches.open.get(&request) else { return };
        let client = &self.people.get(request.customer, cx.plan()).state;
        if !cx.domain().watches(request.customer, client, &watched.query) {
            self.unwatch(request, cx);
            self.over(request.customer, cx);
        }
    }

    /// Closes a subscription; its query.
    fn unwatch(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) -> Option<D::Query> {
        self.watches.deadlines.clear(request);
        let watched = self.watches.open.remove(&request)?;
        cx.fact(Fact::Unwatched { request });
        let connection = Connection { request, nth: watched.connection, opening: 0 };
        cx.send(watched.instance, Message::Unwatch { connection });
        Some(watched.query)
    }

    /// Nothing was heard for too long, or the time of the subscription is over.
    pub(super) fn unheard(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(watched) = self.watches.open.get(&request) else { return };
        let left = watched.until.since(cx.uptime());
        if left == Span::ZERO {
            let owed = watched.owed;
            let query = self.unwatch(request, cx);
            self.tell(request, owed, Answer::TryLater(query), cx);
        } else if cx.has(&SUBSCRIPTION_LOST_IN_CRASH) {
            self.hear_until(request, left, cx);
        } else {
            self.subscribe(request, cx);
        }
    }
}

/// Within what time a new version of a row is shown in a platform without faults, also after faults of any kind: the
/// client hears that a connection is lost, the instance was not notified of the change, and the row is read.
fn within<D: Domain>(cx: &Cx<'_, '_, D>) -> Span {
    let (settings, slowest) = (cx.settings(), cx.plan().slowest());
    let patience = settings.clients.patience.times(3);
    let heartbeats = settings.heartbeat.times(3);
    settings.clients.resubscribe_after + heartbeats + patience + slowest.times(MESSAGES)
}
