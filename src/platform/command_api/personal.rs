//! Personal data on its way into events, and erasure.
//!
//! The personal data that accompanies a command, of one person or several, is sealed by the key store before the
//! command is looked up, and put into its events when they are decided. A request for erasure is passed on to the key store
//! until the key store has answered; a customer who would have to wait too long is told so.

use super::CommandApi;
use crate::kernel::{Instant, NodeId};
use crate::model::{CommandId, CustomerId, Domain, Personal, Plain, RequestId};
use crate::platform::cx::Cx;
use crate::platform::deadlines;
use crate::platform::defects::ERASED_BEFORE_IT_IS;
use crate::platform::message::Message;

/// The personal data that accompanies a command.
#[derive(Clone, Debug)]
pub(super) enum Said {
    Nothing,
    /// Must be sealed before the command is loaded.
    Plain(RequestId, Box<[(CustomerId, Plain)]>),
    /// Can be put into events.
    Kept(Box<[(CustomerId, Personal)]>),
}

/// A pending request for erasure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Erasure {
    customers: NodeId,
    /// When the customer must have an answer, by this node's uptime; `None` once they have one.
    until: Option<Instant>,
}

impl<D: Domain> CommandApi<D> {
    /// Sends the personal data of a command to the key store.
    pub(super) fn seal(
        &mut self,
        request: RequestId,
        said: Box<[(CustomerId, Plain)]>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        self.await_answer(CommandId::Request(request), cx);
        cx.send(cx.map().key_store(), Message::Seal { request, said });
    }

    pub(super) fn sealed(
        &mut self,
        request: RequestId,
        personal: Box<[(CustomerId, Personal)]>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let command = CommandId::Request(request);
        let Some(pending) = self.volatile.pending.get_mut(&command) else { return };
        if let Said::Plain(..) = pending.said {
            pending.said = Said::Kept(personal);
            self.load(command, cx);
        }
    }

    pub(super) fn begin_erasure(
        &mut self,
        request: RequestId,
        customers: NodeId,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let within = deadlines::within(cx.settings().clients.patience);
        let mut until = Some(cx.uptime() + within);
        if cx.has(&ERASED_BEFORE_IT_IS) {
            until = None;
            cx.send(customers, Message::EraseReply { request, erased: true });
        }
        self.volatile.erasures.insert(request, Erasure { customers, until });
        self.erase(request, cx);
    }

    /// The key store did not answer. It is asked again for as long as it takes.
    pub(super) fn erasure_overdue(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(erasure) = self.volatile.erasures.get_mut(&request) else { return };
        if erasure.until.take_if(|until| *until <= cx.uptime()).is_some() {
            cx.send(erasure.customers, Message::EraseReply { request, erased: false });
        }
        self.erase(request, cx);
    }

    /// Asks the key store to destroy a customer's key.
    fn erase(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let wait = cx.settings().reply_timeout;
        let until = self.volatile.erasures.get(&request).and_then(|erasure| erasure.until);
        let wait = until.map_or(wait, |until| wait.min(until.since(cx.uptime())));
        self.volatile.deadlines.set(CommandId::Request(request), wait, cx);
        cx.send(cx.map().key_store(), Message::Destroy { request });
    }

    pub(super) fn erased(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        if let Some(Erasure { customers, .. }) = self.volatile.erasures.remove(&request) {
            self.volatile.deadlines.clear(CommandId::Request(request));
            cx.send(customers, Message::EraseReply { request, erased: true });
        }
    }
}
