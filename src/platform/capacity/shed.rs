//! Requests that are not handled, because there are too many.

use crate::kernel::{Fault, NodeId, Span};
use crate::model::{Domain, Fact, RequestId};
use crate::platform::cx::Cx;
use crate::platform::message::Message;

/// After how long a client is told to come back by what stands before the instances, such as a load balancer.
const RETRY_AFTER: Span = Span::from_secs(1);

/// Sheds a request: it was not handled, and its client is told when to send it again.
pub(super) fn shed<D: Domain>(
    request: RequestId,
    client: NodeId,
    retry_after: Span,
    cx: &mut Cx<'_, '_, D>,
) {
    cx.fact(Fact::Shed { request, retry_after });
    cx.send(client, Message::Overloaded { request, retry_after });
}

/// Whether a fault sheds a request, although there is room for it.
pub(crate) fn is_overloaded<D: Domain>(
    fault: &'static Fault,
    request: RequestId,
    client: NodeId,
    cx: &mut Cx<'_, '_, D>,
) -> bool {
    if cx.fault(fault, request.customer) == 0 {
        return false;
    }
    let retry_after = RETRY_AFTER;
    cx.fact(Fact::Shed { request, retry_after });
    cx.send_faulty(fault, client, Message::Overloaded { request, retry_after });
    true
}
