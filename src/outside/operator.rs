//! The operator of the platform: requests the operations of the scenario, again and again until they are
//! done.

use crate::kernel::{Instant, Span};
use crate::model::{Domain, counted};
use crate::platform::deadlines::Deadlines;
use crate::platform::message::Message;
use crate::platform::{Cx, Operate};

/// How long the operator waits before an operation is requested again.
const LOOK: Span = Span::from_secs(10);

/// The operator as a node. It does not crash: it stands for a person.
#[derive(Clone, Debug, Default)]
pub(crate) struct Operator {
    /// The operations that are not done yet, by number in the plan.
    open: Vec<u32>,
    deadlines: Deadlines<u32>,
}

impl Operator {
    pub(crate) fn start<D: Domain>(&mut self, cx: &mut Cx<'_, '_, D>) {
        for (operation, nth) in cx.plan().operations.iter().zip(0..) {
            self.open.push(nth);
            self.deadlines.set(nth, operation.at.since(Instant::ZERO), cx);
        }
    }

    /// The pending work, if any.
    pub(crate) fn busy(&self) -> Option<String> {
        (!self.is_idle()).then(|| counted(self.open.len() as u64, "operation") + " pending")
    }

    /// Whether no work is pending.
    pub(crate) fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    pub(crate) fn handle<D: Domain>(&mut self, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Tick => {
                for (nth, cause) in self.deadlines.take_due(cx) {
                    cx.because(cause, |cx| self.operate(nth, cx));
                }
            }
            // Operations are numbered from 1, so that 0 can mean none.
            Message::RebuildDone { nth }
            | Message::StoreRestored { nth }
            | Message::SentAgain { nth } => {
                self.open.retain(|open| *open + 1 != nth);
                self.deadlines.clear(nth - 1);
            }
            other => unreachable!("an operator does not take {other:?}"),
        }
    }

    fn operate<D: Domain>(&mut self, nth: u32, cx: &mut Cx<'_, '_, D>) {
        let Some(operation) = cx.plan().operations.get(nth as usize) else { return };
        match operation.what {
            Operate::Rebuild { view, keeps } => {
                let projector = cx.map().projector(view);
                let projector = projector.expect("only views with a projector are rebuilt");
                cx.send(projector, Message::Rebuild { nth: nth + 1, view, keeps });
            }
            Operate::SwitchBack(view) => {
                cx.send(cx.map().read_store(), Message::SwitchBack { nth: nth + 1, view });
            }
            Operate::RestoreStore { to } => {
                cx.send(cx.map().store(), Message::RestoreStore { nth: nth + 1, to });
            }
            Operate::SendAgain { since } => {
                cx.send(cx.map().store(), Message::SendAgain { nth: nth + 1, since });
            }
        }
        self.deadlines.set(nth, LOOK, cx);
    }
}
