//! The outbox relay: publishes the rows of the outbox in order, and marks a batch as sent when the
//! broker has confirmed every message of it.
//!
//! A relay is notified of new rows and also polls, because a notification can be lost. It works
//! under a lease, so that another relay takes over when it dies. The fencing token keeps a late
//! request of the first relay from marking rows that are no longer its own. What the first relay
//! publishes late are copies, which consumers recognise.
//!
//! Each message goes to each of its queues separately and as mandatory. A row counts as sent when
//! all of them have it. If a confirm is missing, or a queue returns the message because it is not
//! bound, the message is published again to that queue only, with a longer wait each time.

use crate::kernel::{Backoff, Span};
use crate::model::{Domain, Fact, Position, counted};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::defects::{MARKED_BEFORE_CONFIRM, NOTIFY_ONLY, UNROUTABLE_CONFIRMED};
use crate::platform::message::{Letter, Message};
use crate::platform::topology::{Queues, wanted_by};

/// An outbox relay. A crash loses all of it: the event store keeps what is sent.
#[derive(Clone, Debug)]
pub(crate) struct Relay<D: Domain> {
    fence: u64,
    phase: Phase<D>,
    /// Whether it was notified of new rows while it was busy.
    notified: bool,
    pause: Span,
    deadlines: Deadlines<()>,
}

#[derive(Clone, Debug)]
enum Phase<D: Domain> {
    Idle,
    Fetching,
    /// A batch is published; for each message the queues that have not confirmed it.
    Publishing {
        letters: Vec<Letter<D>>,
        unconfirmed: Vec<(Position, Queues)>,
        timeouts: u32,
    },
    /// Everything is confirmed; `more` if the batch was full.
    Marking {
        upto: Position,
        more: bool,
    },
}

impl<D: Domain> Relay<D> {
    pub(crate) fn new() -> Self {
        let (phase, deadlines) = (Phase::Idle, Deadlines::default());
        Self { fence: 0, phase, notified: false, pause: Span::ZERO, deadlines }
    }

    /// Loses everything.
    pub(crate) fn crash(&mut self) {
        *self = Self::new();
    }

    /// Starts without a fence: a lease that it still holds has to expire first.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.start(cx);
    }

    pub(crate) fn start(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.pause = cx.settings().relay.poll;
        cx.timer_idly(self.pause, Message::RelayPoll);
    }

    /// The work that is left, if any. Polling is not work.
    pub(crate) fn busy(&self) -> Option<String> {
        match &self.phase {
            Phase::Idle | Phase::Fetching => None,
            Phase::Publishing { unconfirmed, .. } => {
                Some(counted(unconfirmed.len() as u64, "unconfirmed message"))
            }
            Phase::Marking { upto, .. } => Some(format!("marking up to {upto}")),
        }
    }

    /// Whether no work is pending.
    pub(crate) const fn is_idle(&self) -> bool {
        matches!(self.phase, Phase::Idle | Phase::Fetching)
    }

    pub(crate) fn handle(&mut self, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Notify => {
                self.pause = cx.settings().relay.poll;
                self.notified = true;
                self.fetch_if_idle(cx);
            }
            Message::RelayPoll => {
                self.fetch_if_idle(cx);
                if cx.has(&NOTIFY_ONLY) {
                    return;
                }
                self.pause = self.pause.times(2).min(cx.settings().relay.poll_max);
                cx.timer_idly(self.pause, Message::RelayPoll);
            }
            Message::Batch { fence, letters } => {
                if matches!(self.phase, Phase::Fetching) {
                    self.fence = fence;
                    self.publish(letters, cx);
                }
            }
            Message::Confirm { stream: _, position, kept, returned } => {
                let kept = if cx.has(&UNROUTABLE_CONFIRMED) { kept.and(returned) } else { kept };
                self.confirmed(position, kept, cx);
            }
            Message::Marked => {
                if let Phase::Marking { more, .. } = self.phase {
                    self.rest(more, cx);
                }
            }
            Message::Tick => {
                for ((), cause) in self.deadlines.take_due(cx) {
                    cx.because(cause, |cx| self.overdue(cx));
                }
            }
            Message::Disconnected(peer) => {
                // Messages to the broker, or their confirms, are lost.
                if peer == cx.map().broker()
                    && let Phase::Publishing { letters, unconfirmed, .. } = &mut self.phase
                {
                    send(letters, unconfirmed, true, cx);
                }
            }
            other => unreachable!("a relay does not take {other:?}"),
        }
    }

    fn fetch_if_idle(&mut self, cx: &mut Cx<'_, '_, D>) {
        if matches!(self.phase, Phase::Idle) {
            self.fetch(cx);
        }
    }

    fn fetch(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.notified = false;
        self.phase = Phase::Fetching;
        self.deadlines.set((), cx.settings().reply_timeout, cx);
        cx.send_idly(cx.map().store(), Message::Fetch { fence: self.fence });
    }

    /// Becomes idle, and fetches again if there may be more rows.
    fn rest(&mut self, more: bool, cx: &mut Cx<'_, '_, D>) {
        self.deadlines.clear(());
        self.phase = Phase::Idle;
        if more || self.notified {
            self.fetch(cx);
        }
    }

    fn publish(&mut self, mut letters: Vec<Letter<D>>, cx: &mut Cx<'_, '_, D>) {
        if letters.is_empty() {
            return self.rest(false, cx);
        }
        let wanted = |letter: &Letter<D>| {
            (letter.event.position, wanted_by::<D>(letter.event.stream.category))
        };
        let unconfirmed: Vec<_> = letters.iter().map(wanted).collect();
        send(&mut letters, &unconfirmed, false, cx);
        self.phase = Phase::Publishing { letters, unconfirmed, timeouts: 0 };
        self.deadlines.set((), cx.settings().relay.confirm_timeout, cx);
    }

    /// Notes the queues that have a message, whichever copy of it they confirm.
    fn confirmed(&mut self, position: Position, kept: Queues, cx: &mut Cx<'_, '_, D>) {
        let Phase::Publishing { letters, unconfirmed, .. } = &mut self.phase else { return };
        let waiting = unconfirmed.iter().position(|(waiting, _)| *waiting == position);
        let Some(place) = waiting else { return };
        let left = unconfirmed[place].1.without(kept);
        if left.are_none() {
            unconfirmed.remove(place);
        } else {
            unconfirmed[place].1 = left;
        }
        if unconfirmed.is_empty() {
            let upto = letters.last().expect("a batch has letters").event.position;
            let more = letters.len() == cx.settings().relay.batch as usize;
            self.phase = Phase::Marking { upto, more };
            self.mark(upto, cx);
        }
    }

    fn mark(&mut self, upto: Position, cx: &mut Cx<'_, '_, D>) {
        self.deadlines.set((), cx.settings().reply_timeout, cx);
        cx.send(cx.map().store(), Message::Mark { fence: self.fence, upto });
    }

    /// Repeats a request that was not answered in time.
    fn overdue(&mut self, cx: &mut Cx<'_, '_, D>) {
        match &mut self.phase {
            Phase::Idle => {}
            Phase::Fetching => self.fetch(cx),
            Phase::Publishing { letters, unconfirmed, timeouts } => {
                *timeouts += 1;
                if cx.has(&MARKED_BEFORE_CONFIRM) && *timeouts > 1 {
                    let upto = letters.last().expect("a batch has letters").event.position;
                    self.phase = Phase::Marking { upto, more: false };
                    return self.mark(upto, cx);
                }
                let settings = &cx.settings().relay;
                let (base, cap) = (settings.confirm_timeout, settings.poll_max);
                let patience = Backoff::capped(base, cap.max(base)).delay(*timeouts);
                send(letters, unconfirmed, true, cx);
                self.deadlines.set((), patience, cx);
            }
            &mut Phase::Marking { upto, .. } => self.mark(upto, cx),
        }
    }
}

/// Publishes unconfirmed messages in order, to the queues that have not confirmed them.
fn send<D: Domain>(
    letters: &mut [Letter<D>],
    unconfirmed: &[(Position, Queues)],
    again: bool,
    cx: &mut Cx<'_, '_, D>,
) {
    let mut waiting = unconfirmed.iter().peekable();
    for letter in letters {
        if let Some(&(_, queues)) = waiting.next_if(|(at, _)| *at == letter.event.position) {
            cx.because(letter.cause, |cx| {
                letter.cause = cx.here();
                cx.fact(Fact::Published { event: letter.event.clone(), again });
                let letter = letter.clone();
                cx.send(cx.map().broker(), Message::Publish { letter, queues });
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Bench, Counting, letter};

    /// A relay that fetched two rows, each for two queues.
    struct Rig {
        bench: Bench,
        relay: Relay<Counting>,
        /// Whether a tick is pending that the relay has not handled.
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

        /// What is published next, and up to where rows are marked.
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
    fn a_row_counts_as_sent_when_each_of_its_queues_has_it() {
        let mut rig = Rig::publishing();
        assert_eq!(rig.sent(false), (vec![(1, BOTH), (2, BOTH)], None));
        rig.confirm(1, BOTH);
        rig.confirm(2, Queues::NONE.with(0));
        assert_eq!(rig.sent(false), (vec![(2, Queues::NONE.with(1))], None), "one returned it");
        rig.confirm(2, Queues::NONE.with(1));
        assert_eq!(rig.sent(false), (Vec::new(), Some(Position(2))));
    }

    #[test]
    fn messages_on_a_broken_connection_are_published_again() {
        let mut rig = Rig::publishing();
        rig.sent(false);
        rig.confirm(1, BOTH);
        assert_eq!(rig.sent(true), (vec![(2, BOTH)], None));
    }

    #[test]
    fn a_confirm_that_arrives_after_a_crash_is_ignored() {
        let mut rig = Rig::publishing();
        rig.sent(false);
        rig.relay.crash();
        rig.confirm(1, BOTH);
        rig.confirm(2, BOTH);
        assert_eq!((rig.sent(false).1, rig.relay.busy()), (None, None));
    }
}
