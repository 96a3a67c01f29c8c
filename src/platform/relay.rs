//! The outbox relay: publishes what the outbox holds, in order, and marks it only when the broker has
//! confirmed every message of a batch.
//!
//! It is told of new rows and looks for itself besides, because being told is not guaranteed. It works
//! under a lease, so that another relay takes over when it dies; the fence keeps what it sent late
//! from marking rows that are no longer its own. What a relay that was believed dead publishes late is a
//! copy of what its successor publishes: consumers know how to tell.
//!
//! Each message goes to the queues that it is for, one by one and as mandatory. A row counts as sent when
//! all of them have it. A confirm that does not come, and a queue that returns the message because it is
//! not bound, both mean publishing again, for that queue only and more patiently each time.

use crate::kernel::{Backoff, NodeId, Span};
use crate::model::{Domain, Fact, Position};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::message::{Letter, Message};
use crate::platform::topology::{Queues, wanted_by};

/// An outbox relay.
#[derive(Clone, Debug)]
pub(crate) struct Relay<D: Domain> {
    volatile: Volatile<D>,
}

/// What a crash takes: everything. Its position is the store's to keep.
#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    fence: u64,
    phase: Phase<D>,
    /// Whether it was told of new rows while it was at work.
    told: bool,
    pause: Span,
    deadlines: Deadlines<()>,
}

#[derive(Clone, Debug)]
enum Phase<D: Domain> {
    Idle,
    Fetching,
    /// Publishing a batch; which queues of what have not confirmed yet, and how often that was waited
    /// for in vain.
    Publishing {
        letters: Vec<Letter<D>>,
        unconfirmed: Vec<(Position, Queues)>,
        waits: u32,
    },
    /// Everything is confirmed; `more` if the batch was full.
    Marking {
        upto: Position,
        more: bool,
    },
}

impl<D: Domain> Volatile<D> {
    fn new() -> Self {
        Self {
            fence: 0,
            phase: Phase::Idle,
            told: false,
            pause: Span::ZERO,
            deadlines: Deadlines::default(),
        }
    }
}

impl<D: Domain> Relay<D> {
    pub(crate) fn new() -> Self {
        Self { volatile: Volatile::new() }
    }

    /// The process dies.
    pub(crate) fn crash(&mut self) {
        self.volatile = Volatile::new();
    }

    /// It knows no fence any more: if the lease was its own, it waits for it to lapse like anybody else.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.start(cx);
    }

    pub(crate) fn start(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.volatile.pause = cx.settings().relay.poll;
        cx.timer_idly(self.volatile.pause, Message::RelayPoll);
    }

    /// What is left to do, if anything. Looking for rows is no work.
    pub(crate) fn busy(&self) -> Option<String> {
        match &self.volatile.phase {
            Phase::Idle | Phase::Fetching => None,
            Phase::Publishing { unconfirmed, .. } => {
                Some(format!("{} messages unconfirmed", unconfirmed.len()))
            }
            Phase::Marking { upto, .. } => Some(format!("marking up to {upto}")),
        }
    }

    pub(crate) fn handle(&mut self, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Notify => {
                self.volatile.pause = cx.settings().relay.poll;
                self.volatile.told = true;
                if matches!(self.volatile.phase, Phase::Idle) {
                    self.fetch(cx);
                }
            }
            Message::RelayPoll => {
                if matches!(self.volatile.phase, Phase::Idle) {
                    self.fetch(cx);
                }
                self.volatile.pause =
                    self.volatile.pause.times(2).min(cx.settings().relay.poll_max);
                cx.timer_idly(self.volatile.pause, Message::RelayPoll);
            }
            Message::Batch { fence, letters } => {
                if matches!(self.volatile.phase, Phase::Fetching) {
                    self.volatile.fence = fence;
                    self.publish(letters, cx);
                }
            }
            Message::Confirm { stream: _, position, kept, returned: _ } => {
                self.confirmed(position, kept, cx);
            }
            Message::Marked => {
                if let Phase::Marking { more, .. } = self.volatile.phase {
                    self.rest(more, cx);
                }
            }
            Message::Tick => {
                if !self.volatile.deadlines.take_due(cx).is_empty() {
                    self.overdue(cx);
                }
            }
            Message::Disconnected(peer) => self.disconnected(peer, cx),
            other => unreachable!("a relay does not take {other:?}"),
        }
    }

    fn fetch(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.volatile.told = false;
        self.volatile.phase = Phase::Fetching;
        self.volatile.deadlines.set((), cx.settings().reply_timeout, cx);
        cx.send_idly(cx.map().store(), Message::Fetch { fence: self.volatile.fence });
    }

    /// Nothing is under way any more: looks again if there may be more.
    fn rest(&mut self, more: bool, cx: &mut Cx<'_, '_, D>) {
        self.volatile.deadlines.clear(());
        self.volatile.phase = Phase::Idle;
        if more || self.volatile.told {
            self.fetch(cx);
        }
    }

    fn publish(&mut self, letters: Vec<Letter<D>>, cx: &mut Cx<'_, '_, D>) {
        if letters.is_empty() {
            self.rest(false, cx);
            return;
        }
        let mut unconfirmed = Vec::with_capacity(letters.len());
        for letter in &letters {
            let queues = wanted_by::<D>(letter.event.stream.category);
            unconfirmed.push((letter.event.position, queues));
            send(letter, queues, false, cx);
        }
        self.volatile.phase = Phase::Publishing { letters, unconfirmed, waits: 0 };
        self.volatile.deadlines.set((), cx.settings().relay.confirm_timeout, cx);
    }

    /// These queues have the message, whichever time it was published.
    fn confirmed(&mut self, position: Position, kept: Queues, cx: &mut Cx<'_, '_, D>) {
        let Phase::Publishing { letters, unconfirmed, .. } = &mut self.volatile.phase else {
            return;
        };
        let Some(place) = unconfirmed.iter().position(|(waiting, _)| *waiting == position) else {
            return;
        };
        let left = unconfirmed[place].1.without(kept);
        if left.are_none() {
            unconfirmed.remove(place);
        } else {
            unconfirmed[place].1 = left;
        }
        if unconfirmed.is_empty() {
            let upto = letters.last().expect("a batch has letters").event.position;
            let more = letters.len() == cx.settings().relay.batch as usize;
            self.volatile.phase = Phase::Marking { upto, more };
            self.mark(upto, cx);
        }
    }

    fn mark(&mut self, upto: Position, cx: &mut Cx<'_, '_, D>) {
        self.volatile.deadlines.set((), cx.settings().reply_timeout, cx);
        cx.send(cx.map().store(), Message::Mark { fence: self.volatile.fence, upto });
    }

    /// What was on its way to the broker is lost, or its confirm is.
    fn disconnected(&mut self, peer: NodeId, cx: &mut Cx<'_, '_, D>) {
        if peer == cx.map().broker()
            && let Phase::Publishing { letters, unconfirmed, .. } = &self.volatile.phase
        {
            publish_again(letters, unconfirmed, cx);
        }
    }

    /// Somebody is silent: whatever was asked is asked again.
    fn overdue(&mut self, cx: &mut Cx<'_, '_, D>) {
        match &mut self.volatile.phase {
            Phase::Idle => {}
            Phase::Fetching => self.fetch(cx),
            Phase::Publishing { letters, unconfirmed, waits } => {
                *waits += 1;
                let settings = &cx.settings().relay;
                let (base, cap) = (settings.confirm_timeout, settings.poll_max);
                let patience = Backoff::capped(base, cap.max(base)).delay(*waits);
                publish_again(letters, unconfirmed, cx);
                self.volatile.deadlines.set((), patience, cx);
            }
            &mut Phase::Marking { upto, .. } => self.mark(upto, cx),
        }
    }
}

/// Publishes what is not confirmed, in order, for the queues that have not.
fn publish_again<D: Domain>(
    letters: &[Letter<D>],
    unconfirmed: &[(Position, Queues)],
    cx: &mut Cx<'_, '_, D>,
) {
    let mut waiting = unconfirmed.iter().peekable();
    for letter in letters {
        if let Some((_, queues)) = waiting.next_if(|(at, _)| *at == letter.event.position) {
            send(letter, *queues, true, cx);
        }
    }
}

fn send<D: Domain>(letter: &Letter<D>, queues: Queues, again: bool, cx: &mut Cx<'_, '_, D>) {
    cx.fact(Fact::Published { event: letter.event.clone(), again });
    let letter = letter.clone();
    cx.send(cx.map().broker(), Message::Publish { letter, queues });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Bench, Counting, letter};

    /// A relay that was handed two rows, each of which two queues want.
    struct Rig {
        bench: Bench,
        relay: Relay<Counting>,
        /// Whether a deadline came that the relay has not been told of.
        overdue: bool,
    }

    const BOTH: Queues = Queues::NONE.with(0).with(1);

    impl Rig {
        fn publishing() -> Self {
            let (bench, relay) = (Bench::new(), Relay::new());
            let mut rig = Self { bench, relay, overdue: false };
            rig.tell(Message::Notify);
            let letters = vec![letter(0, 1, 1), letter(0, 2, 2)];
            rig.tell(Message::Batch { fence: 1, letters });
            rig
        }

        fn tell(&mut self, message: Message<Counting>) {
            let node = self.bench.map.relays().next().expect("a relay");
            let relay = &mut self.relay;
            self.bench.tell(node, |cx| relay.handle(message, cx));
        }

        fn confirm(&mut self, position: u64, kept: Queues) {
            let stream = letter(0, 1, position).event.stream;
            let (position, returned) = (Position(position), BOTH.without(kept));
            self.tell(Message::Confirm { stream, position, kept, returned });
        }

        /// What is published next, and up to where is marked.
        fn sent(&mut self, broken: bool) -> (Vec<(u64, Queues)>, Option<Position>) {
            let (mut published, mut marked) = (Vec::new(), None);
            if broken {
                self.tell(Message::Disconnected(self.bench.map.broker()));
            } else if std::mem::take(&mut self.overdue) {
                self.tell(Message::Tick);
            }
            for _ in 0..20 {
                match self.bench.next() {
                    Some((_, Message::Publish { letter, queues })) => {
                        published.push((letter.event.position.0, queues));
                    }
                    Some((_, Message::Mark { upto, .. })) => marked = Some(upto),
                    Some((_, Message::Tick)) if published.is_empty() && marked.is_none() => {
                        self.tell(Message::Tick);
                    }
                    Some((_, Message::Tick)) => {
                        self.overdue = true;
                        break;
                    }
                    None => break,
                    Some(_) => {}
                }
            }
            (published, marked)
        }
    }

    #[test]
    fn a_row_counts_as_sent_when_every_queue_that_wants_it_has_it() {
        let mut rig = Rig::publishing();
        assert_eq!(rig.sent(false), (vec![(1, BOTH), (2, BOTH)], None));
        rig.confirm(1, BOTH);
        rig.confirm(2, Queues::NONE.with(0));
        assert_eq!(rig.sent(false), (vec![(2, Queues::NONE.with(1))], None), "one returned it");
        rig.confirm(2, Queues::NONE.with(1));
        assert_eq!(rig.sent(false), (Vec::new(), Some(Position(2))));
    }

    #[test]
    fn what_was_on_its_way_over_a_broken_connection_is_published_again() {
        let mut rig = Rig::publishing();
        rig.sent(false);
        rig.confirm(1, BOTH);
        assert_eq!(rig.sent(true), (vec![(2, BOTH)], None));
    }

    #[test]
    fn a_confirm_for_a_relay_that_has_died_since_means_nothing() {
        let mut rig = Rig::publishing();
        rig.sent(false);
        rig.relay.crash();
        rig.confirm(1, BOTH);
        rig.confirm(2, BOTH);
        assert_eq!((rig.sent(false).1, rig.relay.busy()), (None, None));
    }
}
