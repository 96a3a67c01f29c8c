//! The outbox relay: publishes what the outbox holds, in order, and marks it only when the broker has
//! confirmed every message of a batch.
//!
//! It is told of new rows and looks for itself besides, because being told is not guaranteed. It works
//! under a lease, so that another relay takes over when it dies; the fence keeps what it sent late
//! from marking rows that are no longer its own. A confirm that does not come means publishing again:
//! consumers know how to tell.

use super::cx::Cx;
use super::deadlines::Deadlines;
use super::domain::Domain;
use super::fact::Fact;
use super::ids::Position;
use super::message::{Letter, Message};
use crate::kernel::Span;

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
    /// Publishing a batch; what is not confirmed yet.
    Publishing {
        letters: Vec<Letter<D>>,
        unconfirmed: Vec<Position>,
    },
    /// Everything is confirmed; `more` if the batch was full.
    Marking {
        upto: Position,
        more: bool,
    },
}

impl<D: Domain> Relay<D> {
    pub(crate) fn new() -> Self {
        let volatile = Volatile {
            fence: 0,
            phase: Phase::Idle,
            told: false,
            pause: Span::ZERO,
            deadlines: Deadlines::default(),
        };
        Self { volatile }
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

    /// Takes what a crash takes.
    pub(crate) fn crash(&mut self) {
        *self = Self::new();
    }

    /// Picks up work again after a crash.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.start(cx);
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
            Message::Confirm { position, .. } => self.confirmed(position, cx),
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
            Message::Disconnected(_) => {} // a confirm that does not come is waited for in vain
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
        let unconfirmed = letters.iter().map(|letter| letter.event.position).collect();
        for letter in &letters {
            send(letter, false, cx);
        }
        self.volatile.phase = Phase::Publishing { letters, unconfirmed };
        self.volatile.deadlines.set((), cx.settings().relay.confirm_timeout, cx);
    }

    fn confirmed(&mut self, position: Position, cx: &mut Cx<'_, '_, D>) {
        let Phase::Publishing { letters, unconfirmed } = &mut self.volatile.phase else { return };
        unconfirmed.retain(|waiting| *waiting != position);
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

    /// Somebody is silent: whatever was asked is asked again.
    fn overdue(&mut self, cx: &mut Cx<'_, '_, D>) {
        match &self.volatile.phase {
            Phase::Idle => {}
            Phase::Fetching => self.fetch(cx),
            Phase::Publishing { letters, unconfirmed } => {
                let again = |letter: &&Letter<D>| unconfirmed.contains(&letter.event.position);
                for letter in letters.iter().filter(again) {
                    send(letter, true, cx);
                }
                self.volatile.deadlines.set((), cx.settings().relay.confirm_timeout, cx);
            }
            Phase::Marking { upto, .. } => self.mark(*upto, cx),
        }
    }
}

fn send<D: Domain>(letter: &Letter<D>, again: bool, cx: &mut Cx<'_, '_, D>) {
    cx.fact(Fact::Published { event: letter.event.clone(), again });
    cx.send(cx.map().broker(), Message::Publish(letter.clone()));
}
