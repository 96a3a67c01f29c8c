//! Why a saga is woken, and which node waits for its acknowledgement.

use crate::kernel::{Instant, NodeId};
use crate::model::{CommandOutcome, Domain, Reply, Request, ServiceId, Stimulus, Version};

/// Why a saga is woken.
#[derive(Clone, Debug)]
pub(super) enum Wake<D: Domain> {
    /// Its subject has changed. The broker waits for an acknowledgement of this tag, unless it has taken
    /// the message back.
    Subject { version: Version, tag: Option<u64> },
    /// A service has replied. A webhook is acknowledged to its sender.
    Replied { service: ServiceId, reply: Box<Reply<D>>, webhook: Option<(NodeId, u64)> },
    /// A service has not replied in time.
    Silent { service: ServiceId, request: Box<Request<D>> },
    /// A command was answered.
    Answered { command: Box<D::Command>, verdict: CommandOutcome<D> },
    /// A timer is due.
    Due { timer: u8, due: Instant },
    /// A predecessor recorded events and may not have performed their effects.
    Resumed,
}

impl<D: Domain> Wake<D> {
    /// The form in which the domain sees it.
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

    /// The broker has taken the message back.
    pub(super) const fn forget_delivery(&mut self) {
        if let Self::Subject { tag, .. } = self {
            *tag = None;
        }
    }
}
