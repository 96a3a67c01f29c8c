//! Personal data on its way into events, and erasure.
//!
//! The personal data that accompanies a command is sealed by the key store before the command is looked
//! up, and put into its events when they are decided. A request for erasure is passed on to the key store
//! until the key store has answered.

use super::CommandApi;
use crate::model::{CommandId, Domain, Personal, Plain, RequestId};
use crate::platform::cx::Cx;
use crate::platform::message::Message;

/// The personal data that accompanies a command.
#[derive(Clone, Debug)]
pub(super) enum Said {
    Nothing,
    /// Must be sealed before the command is loaded.
    Plain(RequestId, Plain),
    /// Can be put into events.
    Kept(Personal),
}

impl<D: Domain> CommandApi<D> {
    /// Sends the personal data of a command to the key store.
    pub(super) fn seal(&mut self, request: RequestId, plain: Plain, cx: &mut Cx<'_, '_, D>) {
        self.volatile.deadlines.set(CommandId::Request(request), cx.settings().reply_timeout, cx);
        cx.send(cx.map().key_store(), Message::Seal { request, plain });
    }

    pub(super) fn sealed(
        &mut self,
        request: RequestId,
        personal: Personal,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let command = CommandId::Request(request);
        let Some(pending) = self.volatile.pending.get_mut(&command) else { return };
        if let Said::Plain(..) = pending.said {
            pending.said = Said::Kept(personal);
            self.load(command, cx);
        }
    }

    /// Asks the key store to destroy a customer's key.
    pub(super) fn erase(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        self.volatile.deadlines.set(CommandId::Request(request), cx.settings().reply_timeout, cx);
        cx.send(cx.map().key_store(), Message::Destroy { request });
    }

    pub(super) fn erased(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        if let Some(customers) = self.volatile.erasures.remove(&request) {
            self.volatile.deadlines.clear(CommandId::Request(request));
            cx.send(customers, Message::EraseReply { request });
        }
    }
}
