//! Why a saga has to look, and who is to be told when it has.

use crate::kernel::{Instant, NodeId};
use crate::model::{CommandOutcome, Domain, Reply, Request, ServiceId, Stimulus, Version};

/// Why a saga has to look, and who is to be told when it has.
#[derive(Clone, Debug)]
pub(super) enum Wake<D: Domain> {
    /// Its subject has changed; the broker waits under this tag to hear that it was told, unless it
    /// has taken the message back.
    Subject {
        version: Version,
        tag: Option<u64>,
    },
    Replied {
        service: ServiceId,
        reply: Box<Reply<D>>,
        webhook: Option<(NodeId, u64)>,
    },
    Silent {
        service: ServiceId,
        request: Box<Request<D>>,
    },
    Answered {
        command: Box<D::Command>,
        verdict: CommandOutcome<D>,
    },
    Due {
        timer: u8,
        due: Instant,
    },
    /// A predecessor recorded something and may not have acted on it.
    Resumed,
}

impl<D: Domain> Wake<D> {
    /// The same, as the domain is told of it.
    pub(super) fn stimulus(&self) -> Stimulus<'_, D> {
        match self {
            Self::Subject { .. } => Stimulus::Subject,
            Self::Replied { service, reply, .. } => Stimulus::Replied(*service, &**reply),
            Self::Silent { service, request } => Stimulus::Silent(*service, &**request),
            Self::Answered { command, verdict } => Stimulus::Answered(&**command, verdict),
            Self::Due { timer, .. } => Stimulus::Due(*timer),
            Self::Resumed => Stimulus::Resumed,
        }
    }

    /// The broker waits for nothing any more.
    pub(super) const fn forget_delivery(&mut self) {
        if let Self::Subject { tag, .. } = self {
            *tag = None;
        }
    }
}
