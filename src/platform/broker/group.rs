//! Several instances of a projector at the queue of their view.
//!
//! With *single active consumer* one instance gets all messages. The others are standbys, in the order in which they
//! subscribed, and the first of them takes over when the broker loses the active one. An instance that comes back is
//! the last standby.
//!
//! *By stream*, the streams are divided into segments, each of which one member of the group holds. A member that
//! comes takes segments from those that hold most, and those of a member that is lost go to those that hold least.
//! With Kafka segments are partitions, and those of a lost member wait until its session ends.
//!
//! Either way, what was delivered and is not acknowledged goes back to the queue before another instance gets it. The
//! one that had it may not know that yet, and goes on with the work that it has in hand: what it acknowledges has no
//! effect, and what it writes is compared with the idempotency log, which does not depend on who writes.

use super::kind::BrokerKind;
use super::{Broker, Consumer, Due, Parcel, kafka};
use crate::kernel::{NodeId, Span};
use crate::model::{Domain, Fact, StreamId};
use crate::platform::cx::Cx;
use crate::platform::defects::EARLIER_DELIVERIES_KEPT;
use crate::platform::faults::{CLAIM_LAPSED, STANDBY_EARLY};
use crate::platform::message::Message;
use crate::platform::topology::{saga_queue, segment_of};

/// The instances at one queue besides the active one. Empty if there is only one.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// The standbys, or the members who share the queue by stream, in the order in which they subscribed.
    members: Vec<Consumer>,
    /// Who holds each segment. Empty unless the queue is shared by stream.
    holders: Vec<Option<NodeId>>,
    /// Those who were replaced and have not heard of it.
    unaware: Vec<Unaware>,
}

/// An instance that was replaced and has not heard of it.
#[derive(Clone, Copy, Debug)]
struct Unaware {
    node: NodeId,
    segment: u32,
    /// The last tag before it was replaced.
    upto: u64,
}

impl Group {
    /// The number of segments that a node holds.
    fn share(&self, node: NodeId) -> usize {
        self.holders.iter().filter(|holder| **holder == Some(node)).count()
    }

    /// The first member, besides one, of those that hold least.
    fn poorest(&self, besides: Option<NodeId>) -> Option<NodeId> {
        let others = self.members.iter().map(|member| member.node);
        others.filter(|node| Some(*node) != besides).min_by_key(|node| self.share(*node))
    }

    /// The segments of a node, or those that nobody holds.
    fn segments_of(&self, holder: Option<NodeId>) -> Vec<u32> {
        let held = (0..).zip(&self.holders).filter(|(_, by)| **by == holder);
        held.map(|(segment, _)| segment).collect()
    }

    /// Takes segments from those that hold most, until a new member holds as many; returns them with their holders.
    fn fill(&mut self, node: NodeId) -> Vec<(u32, NodeId)> {
        let mut taken = Vec::new();
        loop {
            let richest = self.members.iter().rev().map(|member| member.node);
            let Some(richest) = richest.max_by_key(|node| self.share(*node)) else { break };
            if self.share(richest) < self.share(node) + 2 {
                break;
            }
            let segment = self.segments_of(Some(richest))[0];
            self.holders[segment as usize] = Some(node);
            taken.push((segment, richest));
        }
        taken
    }
}

/// Whether several instances wait to take over a queue.
fn has_standbys<D: Domain>(queue: u8, cx: &Cx<'_, '_, D>) -> bool {
    match queue == saga_queue::<D>() {
        true => cx.settings().saga.instances > 1,
        false => cx.settings().have_standbys(),
    }
}

/// The number of segments of a queue that several instances share by stream.
fn segments<D: Domain>(queue: u8, cx: &Cx<'_, '_, D>) -> Option<u32> {
    cx.settings().segments().filter(|_| queue != saga_queue::<D>())
}

impl<D: Domain> Broker<D> {
    fn group(&mut self, queue: u8) -> &mut Group {
        &mut self.volatile.groups[usize::from(queue)]
    }

    /// Adds an instance that does not become the only consumer of its queue: a standby, or a member of a group.
    /// Returns `false` if it is to become that.
    pub(super) fn joins(
        &mut self,
        node: NodeId,
        queue: u8,
        prefetch: u32,
        cx: &mut Cx<'_, '_, D>,
    ) -> bool {
        self.forget_unaware(queue, node);
        self.revoke_earlier(node, queue, cx);
        if let Some(segments) = segments(queue, cx) {
            self.join(node, queue, prefetch, segments, cx);
            return true;
        }
        if !has_standbys(queue, cx) {
            return false;
        }
        let active = self.volatile.consumers[usize::from(queue)];
        // On a connection that is half-open an instance stays active although it has connected again.
        let is_half_open = self.volatile.half_open.has(queue);
        if active.is_none_or(|active| active.node == node && !is_half_open) {
            return false;
        }
        let standbys = &mut self.group(queue).members;
        standbys.retain(|standby| standby.node != node);
        standbys.push(Consumer { node, prefetch, since: 0 });
        self.greet(queue, prefetch, cx);
        true
    }

    /// Lets the next standby take over, if there is one.
    pub(super) fn take_over(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        if !has_standbys(queue, cx) || self.group(queue).members.is_empty() {
            return;
        }
        let (next, since) = (self.group(queue).members.remove(0), self.durable.tags);
        self.volatile.consumers[usize::from(queue)] = Some(Consumer { since, ..next });
        cx.fact(Fact::TakenOver { queue, by: next.node });
        self.deliver(queue, cx);
    }

    /// Whether a node waits to take over a queue.
    pub(super) fn stands_by(&mut self, node: NodeId, queue: u8) -> bool {
        self.group(queue).members.iter().any(|member| member.node == node)
    }

    /// Removes a standby or a member whose connection is lost. Returns `false` if the node was neither.
    pub(super) fn leaves(&mut self, node: NodeId, queue: u8, cx: &mut Cx<'_, '_, D>) -> bool {
        if !self.stands_by(node, queue) {
            return false;
        }
        self.forget_unaware(queue, node);
        let group = self.group(queue);
        group.members.retain(|member| member.node != node);
        let held = group.segments_of(Some(node));
        for segment in held {
            group.holders[segment as usize] = None;
        }
        if group.holders.is_empty() {
            return true;
        }
        if let Some(kafka) = kafka::settings(cx) {
            self.member_lost(queue, kafka.session, cx);
        } else {
            self.assign_vacant(queue, cx);
        }
        true
    }

    fn join(
        &mut self,
        node: NodeId,
        queue: u8,
        prefetch: u32,
        segments: u32,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let since = self.durable.tags;
        let group = self.group(queue);
        group.holders.resize(segments as usize, None);
        let member = group.members.iter_mut().find(|member| member.node == node);
        if let Some(member) = member {
            // It has forgotten what it was given.
            *member = Consumer { node, prefetch, since };
            let same = group.segments_of(Some(node));
            self.greet(queue, prefetch, cx);
            self.give(queue, same.into_iter().map(|segment| (segment, node)).collect(), cx);
            return self.deliver(queue, cx);
        }
        group.members.push(Consumer { node, prefetch, since });
        self.greet(queue, prefetch, cx);
        // The partitions of a lost member are kept until its session ends.
        if !self.volatile.joining.has(queue) {
            self.assign_vacant(queue, cx);
        }
        let taken = self.group(queue).fill(node);
        for &(segment, from) in &taken {
            self.revoke(from, queue, segment, cx);
        }
        self.give(queue, taken.into_iter().map(|(segment, _)| (segment, node)).collect(), cx);
        self.deliver(queue, cx);
    }

    /// Gives the segments that nobody holds to those that hold least.
    pub(super) fn assign_vacant(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        let group = self.group(queue);
        let vacant = group.segments_of(None);
        let mut given = Vec::new();
        for segment in vacant {
            if let Some(to) = group.poorest(None) {
                group.holders[segment as usize] = Some(to);
                given.push((segment, to));
            } else {
                // What its last holder had goes back, for whoever comes.
                self.return_segments(queue, &[segment], cx);
                return;
            }
        }
        self.give(queue, given, cx);
        self.deliver(queue, cx);
    }

    /// Gives segments to their new holders, and what was delivered of them back to the queue.
    fn give(&mut self, queue: u8, given: Vec<(u32, NodeId)>, cx: &mut Cx<'_, '_, D>) {
        let moved: Vec<u32> = given.iter().map(|(segment, _)| *segment).collect();
        self.return_segments(queue, &moved, cx);
        let mut counts: Vec<(NodeId, u32)> = Vec::new();
        for (segment, to) in given {
            // It held the segment before, and has not heard that it lost it.
            if self.group(queue).unaware.iter().any(|it| (it.node, it.segment) == (to, segment)) {
                self.tell_unaware(queue, to, segment, cx);
            }
            match counts.iter_mut().find(|(node, _)| *node == to) {
                Some((_, count)) => *count += 1,
                None => counts.push((to, 1)),
            }
        }
        for (to, segments) in counts {
            cx.fact(Fact::Assigned { queue, segments, to });
        }
    }

    /// Puts what was delivered of segments, and is not acknowledged, back into the queue.
    fn return_segments(&mut self, queue: u8, moved: &[u32], cx: &mut Cx<'_, '_, D>) {
        let of = self.group(queue).holders.len() as u32;
        let is_moved = |parcel: &Parcel<D>| moved.contains(&segment_of(parcel.stream(), of));
        let back = self.queue(queue).take_handed_out(is_moved);
        for parcel in back {
            cx.because(parcel.letter.cause, |cx| match &cx.settings().broker.kind {
                // The next member does not know how often the record has failed.
                BrokerKind::Kafka(_) => {
                    self.requeue(queue, Parcel { deliveries: 0, refusals: 0, ..parcel }, cx);
                }
                BrokerKind::Generic | BrokerKind::RabbitMq(_) | BrokerKind::Sqs(_) => {
                    self.give_back(queue, parcel, false, cx);
                }
            });
        }
    }

    /// Tells a member that a segment is another one's.
    fn revoke(&self, from: NodeId, queue: u8, segment: u32, cx: &mut Cx<'_, '_, D>) {
        let (segment, upto) = (Some(segment), self.durable.tags);
        cx.send(from, Message::Revoked { queue, segment, upto });
    }

    /// Tells a projector that subscribes that what it was delivered before may be delivered to another instance: a
    /// message can be under way for longer than its receiver takes to restart.
    fn revoke_earlier(&self, node: NodeId, queue: u8, cx: &mut Cx<'_, '_, D>) {
        let upto = self.durable.tags;
        let is_shared = segments(queue, cx).is_some() || has_standbys(queue, cx);
        if upto > 0 && is_shared && queue != saga_queue::<D>() && !cx.has(&EARLIER_DELIVERIES_KEPT)
        {
            cx.send(node, Message::Revoked { queue, segment: None, upto });
        }
    }

    /// Delivers the messages of a queue that is shared by stream, each to the holder of its segment. Returns `false`
    /// if the queue is not shared.
    pub(super) fn deliver_shared(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) -> bool {
        let Some(of) = segments(queue, cx) else { return false };
        loop {
            if let Some(kafka) = kafka::settings(cx) {
                self.expire(queue, kafka.retention, cx);
            }
            let group = &self.volatile.groups[usize::from(queue)];
            if group.members.is_empty() {
                return true;
            }
            let holder =
                |parcel: &Parcel<D>| group.holders[segment_of(parcel.stream(), of) as usize];
            let held = &mut self.durable.queues[usize::from(queue)];
            let has_room = |member: &Consumer| {
                let its = held.handed_out().filter(|parcel| holder(parcel) == Some(member.node));
                its.count() < member.prefetch as usize
            };
            let with_room: Vec<NodeId> =
                group.members.iter().filter(|member| has_room(member)).map(|it| it.node).collect();
            let next = held.next_that(|held, parcel| {
                holder(parcel).is_some_and(|node| with_room.contains(&node))
                    && kafka::settings(cx)
                        .is_none_or(|kafka| kafka::is_next_of_partition(held, parcel, kafka))
            });
            let Some(parcel) = next else { return true };
            let Some(to) = holder(&parcel) else { return true };
            cx.because(parcel.letter.cause, |cx| self.deliver_to(to, queue, parcel, cx));
        }
    }

    /// Raises the prefetch of a member.
    pub(super) fn widen_member(&mut self, node: NodeId, queue: u8, prefetch: u32) {
        let member = self.group(queue).members.iter_mut().find(|member| member.node == node);
        if let Some(member) = member {
            member.prefetch = prefetch;
        }
    }

    // ---- faults

    /// Draws whether a standby takes over although the active instance is alive.
    pub(super) fn standby_early(&mut self, queue: u8, stream: StreamId, cx: &mut Cx<'_, '_, D>) {
        let Some(active) = self.volatile.consumers[usize::from(queue)] else { return };
        if self.group(queue).members.is_empty() || self.volatile.half_open.has(queue) {
            return;
        }
        let lasts = cx.fault(&STANDBY_EARLY, stream);
        if lasts == 0 {
            return;
        }
        self.keep_unaware(queue, active.node, 0, lasts, cx);
        self.volatile.consumers[usize::from(queue)] = None;
        self.take_back(queue, u64::MAX, cx);
        self.take_over(queue, cx);
    }

    /// Draws whether the claim of the holder of a stream's segment lapses.
    pub(super) fn claim_lapsed(&mut self, queue: u8, stream: StreamId, cx: &mut Cx<'_, '_, D>) {
        let Some(of) = segments(queue, cx) else { return };
        let segment = segment_of(stream, of);
        let group = self.group(queue);
        let Some(holder) = group.holders[segment as usize] else { return };
        let Some(to) = group.poorest(Some(holder)) else { return };
        let lasts = cx.fault(&CLAIM_LAPSED, stream);
        if lasts == 0 {
            return;
        }
        self.keep_unaware(queue, holder, segment, lasts, cx);
        self.group(queue).holders[segment as usize] = Some(to);
        self.give(queue, vec![(segment, to)], cx);
        self.deliver(queue, cx);
    }

    fn keep_unaware(
        &mut self,
        queue: u8,
        node: NodeId,
        segment: u32,
        lasts: u64,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let upto = self.durable.tags;
        let unaware = &mut self.group(queue).unaware;
        unaware.retain(|it| (it.node, it.segment) != (node, segment));
        unaware.push(Unaware { node, segment, upto });
        let due = Due::Unaware(queue, node, segment);
        self.volatile.deadlines.set(due, Span::from_micros(lasts), cx);
    }

    fn forget_unaware(&mut self, queue: u8, node: NodeId) {
        let its: Vec<_> = self.group(queue).unaware.extract_if(.., |it| it.node == node).collect();
        for Unaware { segment, .. } in its {
            self.volatile.deadlines.clear(Due::Unaware(queue, node, segment));
        }
    }

    /// Tells an instance that it was replaced.
    pub(super) fn tell_unaware(
        &mut self,
        queue: u8,
        node: NodeId,
        segment: u32,
        cx: &mut Cx<'_, '_, D>,
    ) {
        self.volatile.deadlines.clear(Due::Unaware(queue, node, segment));
        let unaware = &mut self.group(queue).unaware;
        let Some(place) = unaware.iter().position(|it| (it.node, it.segment) == (node, segment))
        else {
            return;
        };
        let Unaware { upto, .. } = unaware.remove(place);
        if segments(queue, cx).is_some() {
            let segment = Some(segment);
            cx.send_faulty(&CLAIM_LAPSED, node, Message::Revoked { queue, segment, upto });
        } else {
            cx.fault_seen(&STANDBY_EARLY);
            cx.fact(Fact::ConnectionClosed { queue });
            self.volatile.closed = self.volatile.closed.with(queue);
            cx.disconnect(node);
        }
    }
}
