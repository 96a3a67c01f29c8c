//! The life cycle of a saga as a state machine, apart from its plan.

use super::Saga;
use crate::domains::delivery::saga_event::{Act, Deadline, Detail, Party, SagaEvent};
use crate::saga::Progress;

impl Saga {
    /// Whether the life cycle allows an event: none before the start or after the end, and no answer to
    /// a request that was not sent.
    pub fn is_legal_transition(&self, event: &SagaEvent) -> bool {
        let open = self.started && self.life.is_open();
        match event {
            SagaEvent::SagaStarted { .. } => !self.started && !self.life.is_over(),
            SagaEvent::DeadlineSet { deadline, .. } => {
                let mut earlier = Deadline::ALL.into_iter().filter(|earlier| earlier < deadline);
                let follows = earlier.all(|earlier| self.term(earlier).at.is_some());
                open && self.term(*deadline).at.is_none() && follows
            }
            SagaEvent::DeadlinePassed { deadline } => {
                let term = self.term(*deadline);
                open && term.at.is_some() && !term.passed
            }
            SagaEvent::Asked { act, keep } => {
                let keeps = *keep == 0 || *act == Act::Refund && *keep <= self.total.minor;
                open && self.act(*act).may_be_asked() && *keep >= 0 && keeps
            }
            SagaEvent::Done { act, detail } => {
                let says_enough = match act {
                    Act::Offer => matches!(detail, Some(Detail::Estimated(_))),
                    Act::Assign => matches!(detail, Some(Detail::Courier(_))),
                    Act::Charge | Act::Refund | Act::Withdraw | Act::Collect | Act::Release => {
                        detail.is_none()
                    }
                };
                let asked = !matches!(self.act(*act), Progress::None | Progress::Done);
                open && asked && says_enough
            }
            SagaEvent::CouriersBusy => open && self.act(Act::Assign).is_open(),
            SagaEvent::CourierQuit => open && self.act(Act::Assign) != Progress::None,
            SagaEvent::Declined { act } => open && self.act(*act).is_open(),
            SagaEvent::Unknown { act } => open && self.act(*act) == Progress::Asked,
            SagaEvent::Queried { party } => open && !self.talk(*party).querying,
            SagaEvent::QueryUnanswered { party } | SagaEvent::Missing { party, .. } => {
                open && self.talk(*party).querying
            }
            SagaEvent::ChargeRetrieved { .. } => open && self.talk(Party::Provider).querying,
            SagaEvent::TicketRetrieved { .. } => open && self.talk(Party::Restaurant).querying,
            SagaEvent::TripRetrieved { .. } => open && self.talk(Party::Couriers).querying,
            SagaEvent::KitchenMoved { stage } => open && self.stage < Some(*stage),
            SagaEvent::KitchenGaveUp => open && !self.given_up,
            SagaEvent::TripMoved { leg } => open && self.leg < *leg,
            SagaEvent::TellFailed { tell, .. } => open && self.telling.told == Some(*tell),
            SagaEvent::OrderTold { .. } => open,
            SagaEvent::RetryScheduled { .. }
            | SagaEvent::RetryDue
            | SagaEvent::SagaResumed
            | SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated
            | SagaEvent::HandedToHuman { .. }
            | SagaEvent::LookScheduled { .. } => self.started && self.life.allows(event),
        }
    }
}
