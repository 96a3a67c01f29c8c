//! Dead letters: messages that were delivered too often, each with the later messages of its stream.

use super::{Broker, Due, Parcel};
use crate::model::{DeadLetter, Domain, Fact};
use crate::platform::cx::Cx;
use crate::platform::defects::LIMIT_WITHOUT_DLX;
use crate::platform::topology::queues;

impl<D: Domain> Broker<D> {
    /// Dead letters and the messages parked behind them, by queue and stream.
    pub(crate) fn dead_letters(&self) -> Vec<DeadLetter> {
        let letter = |queue, parcel: &Parcel<D>| DeadLetter { queue, position: parcel.position() };
        let queues = self.durable.queues.iter().zip(0..);
        queues.flat_map(|(held, queue)| held.parked().map(move |it| letter(queue, it))).collect()
    }

    /// Makes a message a dead letter, and parks its stream behind it: a consumer that cannot handle
    /// v2 must not get v3.
    pub(super) fn dead_letter(&mut self, queue: u8, parcel: Parcel<D>, cx: &mut Cx<'_, '_, D>) {
        if self.dead_letters().is_empty() {
            self.volatile.deadlines.set(Due::Redrive, cx.settings().broker.redrive, cx);
        }
        cx.fact(Fact::DeadLettered { queue, position: parcel.position() });
        if cx.has(&LIMIT_WITHOUT_DLX) {
            return;
        }
        for (position, cause) in self.queue(queue).park(parcel) {
            cx.because(cause, |cx| cx.fact(Fact::Parked { queue, position }));
        }
    }

    /// The operator retries everything that is parked.
    pub(super) fn redrive(&mut self, cx: &mut Cx<'_, '_, D>) {
        for queue in 0..queues::<D>() {
            for (stream, parcels) in self.queue(queue).unpark() {
                let (messages, dead) = (parcels.len() as u32, parcels[0].letter.cause);
                cx.because(dead, |cx| {
                    cx.fact(Fact::Redriven { queue, stream, messages });
                    self.queue(queue).redrive(parcels, cx.here());
                });
            }
            self.deliver(queue, cx);
        }
    }
}
