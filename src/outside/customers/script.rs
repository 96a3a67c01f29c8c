//! The lines of the script, of which some runs leave a few out.
//!
//! What a script leads up to happens only once what else could happen has been ruled out: a customer who pays never
//! sees the hold end. In a quarter of the runs whose workload may vary, lines are therefore left out.

use super::{CUSTOMER_LINE, takes_place};
use crate::kernel::{Cause, Entity, Ratio, Space};
use crate::model::Domain;
use crate::platform::Cx;
use crate::platform::message::Message;

/// Whether any line is left out.
const ANY: Ratio = Ratio { times: 1, of: 4 };
/// One line in this many is left out, in the runs in which any is.
const RATES: &[u64] = &[2, 4, 8];

/// How far the script is.
#[derive(Clone, Debug, Default)]
pub(super) struct Script {
    /// The number of the next line, from 0.
    pub(super) next: usize,
    /// One line in this many is left out; 0 if none is.
    rate: u64,
}

impl Script {
    pub(super) fn start<D: Domain>(&mut self, cx: &mut Cx<'_, '_, D>) {
        if cx.plan().varies.workload {
            self.rate = cx.steer(CUSTOMER_LINE, Entity(0), Space::sized(ANY, RATES));
        }
        self.await_cue(cx);
    }

    /// Sets a timer for the next line. The line before is not its cause.
    pub(super) fn await_cue<D: Domain>(&self, cx: &mut Cx<'_, '_, D>) {
        if let Some(cue) = cx.plan().script.get(self.next) {
            let delay = cue.at.since(cx.now());
            cx.because(Cause::START, |cx| cx.timer(delay, Message::Cue));
        }
    }

    /// Whether the line before the next one takes place.
    pub(super) fn takes_place<D: Domain>(&self, cx: &mut Cx<'_, '_, D>) -> bool {
        let number = self.next as u64;
        let left_out = match self.rate as u32 {
            0 => 0,
            of => {
                let one = Space::sized(Ratio { times: 1, of }, &[1]);
                cx.steer(CUSTOMER_LINE, Entity(number), one)
            }
        };
        takes_place(CUSTOMER_LINE, number, Some(left_out), cx)
    }
}
