//! The deadlines of a node, over one pending timer at a time. They follow the node's uptime, so
//! that a wrong clock neither shortens nor lengthens them.

use crate::collections::{SortedMap, SortedSet};
use crate::kernel::{Instant, Span};
use crate::model::Domain;
use crate::platform::cx::Cx;
use crate::platform::message::Message;

/// How long a node may take that has to answer a client within its patience. The rest is for the way. A client
/// with less than a second sends its request again before; to give up as soon as it does would settle nothing.
pub(crate) fn within(patience: Span) -> Span {
    Span::from_nanos(patience.max(Span::from_secs(1)).as_nanos() / 5 * 4)
}

/// Deadlines by key, at most one for each.
#[derive(Clone, Debug)]
pub(crate) struct Deadlines<K: Ord> {
    due: SortedMap<K, Instant>,
    order: SortedSet<(Instant, K)>,
    /// The earliest instant for which a timer is pending.
    armed: Option<Instant>,
}

impl<K: Ord> Default for Deadlines<K> {
    fn default() -> Self {
        Self { due: SortedMap::new(), order: SortedSet::new(), armed: None }
    }
}

impl<K: Ord + Copy> Deadlines<K> {
    /// Sets or moves the deadline of `key`.
    pub(crate) fn set<D: Domain>(&mut self, key: K, after: Span, cx: &mut Cx<'_, '_, D>) {
        self.clear(key);
        let at = cx.uptime() + after;
        self.due.insert(key, at);
        self.order.insert((at, key));
        self.arm(cx);
    }

    /// Removes the deadline of `key`, if it has one.
    pub(crate) fn clear(&mut self, key: K) {
        if let Some(at) = self.due.remove(&key) {
            self.order.remove(&(at, key));
        }
    }

    /// On a tick: removes and returns the keys whose deadlines have passed, earliest first.
    pub(crate) fn take_due<D: Domain>(&mut self, cx: &mut Cx<'_, '_, D>) -> Vec<K> {
        let now = cx.uptime();
        self.armed.take_if(|at| *at <= now);
        let mut keys = Vec::new();
        while let Some(&(_, key)) = self.order.first().filter(|(at, _)| *at <= now) {
            self.clear(key);
            keys.push(key);
        }
        if !keys.is_empty() {
            cx.waited();
        }
        self.arm(cx);
        keys
    }

    fn arm<D: Domain>(&mut self, cx: &mut Cx<'_, '_, D>) {
        let Some(&(first, _)) = self.order.first() else { return };
        if self.armed.is_none_or(|armed| first < armed) {
            self.armed = Some(first);
            cx.timer(first.since(cx.uptime()), Message::Tick);
        }
    }
}
