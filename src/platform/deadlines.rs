//! What a node waits for, and until when: many deadlines over one timer at a time. They go by the
//! node's uptime, so that a wrong clock neither shortens nor lengthens them.

use crate::collections::{SortedMap, SortedSet};

use crate::kernel::{Instant, Span};
use crate::model::Domain;
use crate::platform::cx::Cx;
use crate::platform::message::Message;

/// Deadlines by key. A key has at most one.
#[derive(Clone, Debug)]
pub(crate) struct Deadlines<K: Ord> {
    due: SortedMap<K, Instant>,
    order: SortedSet<(Instant, K)>,
    /// The earliest instant for which a timer is on its way.
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

    /// Forgets the deadline of `key`; whether it had one.
    pub(crate) fn clear(&mut self, key: K) -> bool {
        match self.due.remove(&key) {
            Some(at) => self.order.remove(&(at, key)),
            None => false,
        }
    }

    /// On a tick: the keys whose time has come, earliest first. They have no deadline any more.
    pub(crate) fn take_due<D: Domain>(&mut self, cx: &mut Cx<'_, '_, D>) -> Vec<K> {
        let now = cx.uptime();
        if self.armed.is_some_and(|at| at <= now) {
            self.armed = None;
        }
        let mut keys = Vec::new();
        while let Some(&(at, key)) = self.order.first() {
            if at > now {
                break;
            }
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
