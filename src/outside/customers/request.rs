//! A request of a client that is not answered yet, and to which instance it goes.

use crate::kernel::{NodeId, Span};
use crate::model::{self, CommandId, Domain, Fact, Owed, Principal, Privacy, RequestId};
use crate::model::{ServiceId, Token};
use crate::platform::Cx;
use crate::platform::message::{CallId, Message, Provenance};

/// A request that is not answered yet.
#[derive(Clone, Debug)]
pub(super) struct Pending<D: Domain> {
    pub(super) what: Request<D>,
    pub(super) resends: u32,
    /// The instances that were asked since the client's patience began.
    pub(super) asked: Vec<NodeId>,
    /// Whether one of them has answered: that the outcome is unknown, that an erasure is not done yet, or that
    /// it has no room for the request.
    pub(super) heard: bool,
    /// How often it was sent.
    pub(super) sent: u32,
    /// How often it was shed.
    pub(super) shed: u32,
}

#[derive(Clone, Debug)]
pub(super) enum Request<D: Domain> {
    Command(Box<D::Command>),
    Query { query: Box<D::Query>, owed: Owed, seen: Vec<Token> },
    Erase,
    Outside(ServiceId, Box<model::Request<D>>),
}

impl<D: Domain> Pending<D> {
    pub(super) const fn new(what: Request<D>) -> Self {
        Self { what, resends: 0, asked: Vec::new(), heard: false, sent: 0, shed: 0 }
    }

    /// Whether it is a query that can be sent to a second instance.
    pub(super) fn has_second(&self, cx: &Cx<'_, '_, D>) -> bool {
        let is_query = matches!(self.what, Request::Query { .. });
        is_query && self.asked.len() == 1 && has_second(cx)
    }

    /// Sends it to the next instance; how long the client waits for the answer.
    pub(super) fn send(&mut self, id: RequestId, cx: &mut Cx<'_, '_, D>) -> Span {
        let second = !self.asked.is_empty();
        let resend = self.resends > 0 || second;
        // Requests of one customer rotate over the instances, and a resend goes to the next one.
        let instance = id.customer.0.wrapping_add(id.nth - 1).wrapping_add(self.resends);
        let instance = instance.wrapping_add(u32::from(second));
        let mut patience = cx.settings().clients.patience;
        let to = match &self.what {
            Request::Command(command) => {
                cx.fact(Fact::Commanded { request: id, command: (**command).clone(), resend });
                let (to, body) = (cx.map().command_api(instance), command.clone());
                let said = D::Privacy::personal(cx.domain(), id.customer, command);
                if !said.is_empty() {
                    let said = said.into_boxed_slice();
                    cx.send(to, Message::PersonalCommand { request: id, body, said });
                } else {
                    let (id, actor) = (CommandId::Request(id), Principal::Customer(id.customer));
                    let provenance = Provenance { correlation: id, causation: None, actor };
                    cx.send(to, Message::Command { id, provenance, body });
                }
                to
            }
            Request::Query { query, owed, seen } => {
                let (owed, seen, body) = (*owed, seen.clone(), (**query).clone());
                cx.fact(Fact::Queried { request: id, query: body, owed, resend });
                let to = cx.map().query_api((instance & 0xFFFF) as u16);
                let half = Span::from_nanos(patience.as_nanos() / 2);
                let left = if second { half } else { patience };
                let query = query.clone();
                cx.send(to, Message::Query { request: id, owed, seen, query, patience: left });
                if has_second(cx) {
                    patience = half;
                }
                to
            }
            Request::Erase => {
                cx.fact(Fact::EraseAsked { request: id, resend });
                let to = cx.map().command_api(instance);
                cx.send(to, Message::Erase { request: id });
                to
            }
            Request::Outside(service, request) => {
                let to = cx.map().service(*service);
                cx.send(to, Message::Call(CallId::Outside(id), request.clone()));
                to
            }
        };
        self.asked.push(to);
        self.sent = self.sent.saturating_add(1);
        patience
    }
}

/// Whether there is a second instance for queries.
fn has_second<D: Domain>(cx: &Cx<'_, '_, D>) -> bool {
    cx.settings().query_apis > 1
}
