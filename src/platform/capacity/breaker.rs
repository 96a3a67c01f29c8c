//! Circuit breakers: a node stops calling a service that fails, and tries it again after a while.
//!
//! ```text
//! closed ── so many failures in a row ──▶ open ── after a while ──▶ half open ── the probe is answered ──▶ closed
//!                                          ▲                           │
//!                                          └──── the probe fails ──────┘
//! ```
//!
//! Their state is volatile: after a restart all are closed.

use crate::collections::SortedMap;
use crate::kernel::{Entity, Fault, Instant, Span};
use crate::model::{BreakerState, Domain, Fact, ServiceId};
use crate::platform::cx::Cx;
use crate::platform::message::Health;

/// The breakers of one node that calls services.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breakers {
    /// Those that are not closed, or that have seen a failure.
    of: SortedMap<ServiceId, Breaker>,
}

#[derive(Clone, Copy, Debug)]
enum Breaker {
    /// After so many failures in a row.
    Closed(u32),
    Open {
        until: Instant,
    },
    /// The probe is given up at this time: what became of it is not known, and another one may be sent.
    HalfOpen {
        until: Instant,
    },
}

impl Breakers {
    /// Whether a service may be called now. `stuck` is the fault with which an open breaker stays open, and what
    /// the call is about.
    pub(crate) fn allow<D: Domain>(
        &mut self,
        service: ServiceId,
        stuck: Option<(&'static Fault, Entity)>,
        cx: &mut Cx<'_, '_, D>,
    ) -> bool {
        let Some(settings) = &cx.settings().breaker else { return true };
        let now = cx.uptime();
        let Some(breaker) = self.of.get_mut(&service) else { return true };
        let over = match *breaker {
            Breaker::Closed(_) => return true,
            Breaker::Open { until } | Breaker::HalfOpen { until } => until <= now,
        };
        if !over {
            return false;
        }
        if let Some((stuck, about)) = stuck {
            let longer = cx.fault(stuck, about);
            if longer > 0 {
                *breaker = Breaker::Open { until: now + Span::from_micros(longer) };
                cx.fault_seen(stuck);
                return false;
            }
        }
        *breaker = Breaker::HalfOpen { until: now + settings.open };
        cx.fact(Fact::Breaker { service, state: BreakerState::HalfOpen });
        true
    }

    /// A call was answered; or was not, which counts as a failure.
    pub(crate) fn called<D: Domain>(
        &mut self,
        service: ServiceId,
        health: Health,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(settings) = &cx.settings().breaker else { return };
        let before = self.of.get(&service).copied().unwrap_or(Breaker::Closed(0));
        let state = match (before, health) {
            // An answer to a call of the time before it opened is not the probe's, but as good.
            (Breaker::Closed(_), Health::Good) => {
                self.of.remove(&service);
                return;
            }
            (_, Health::Good) => {
                self.of.remove(&service);
                BreakerState::Closed
            }
            (Breaker::Closed(failures), Health::Failed) if failures + 1 < settings.failures => {
                self.of.insert(service, Breaker::Closed(failures + 1));
                return;
            }
            (Breaker::Open { .. }, Health::Failed) => return,
            (Breaker::Closed(_) | Breaker::HalfOpen { .. }, Health::Failed) => {
                let until = cx.uptime() + settings.open;
                self.of.insert(service, Breaker::Open { until });
                BreakerState::Open
            }
        };
        cx.fact(Fact::Breaker { service, state });
    }
}
