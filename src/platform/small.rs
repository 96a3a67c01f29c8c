//! Small settings: buffers of one, pages of two, limits of two.
//!
//! With the defaults a scenario of a few customers never fills a buffer or a page, and hardly ever reaches a limit.
//! In about half of the runs whose settings may vary, the seed makes some of them small. A setting that a file has
//! changed keeps its value.

use std::sync::Arc;

use super::broker::BrokerKind;
use super::plan::Plan;
use super::settings::Settings;
use crate::kernel::{Actor, Choices, Entity, NodeId, Ratio, Site, Space};
use crate::model::{Domain, STREAMS_MAX};

/// Whether a setting is small in this run; about each setting.
pub(crate) const SETTING_SMALL: Site = Site::new(22, "setting.small");

/// One setting in this many is small, in the runs in which any is.
const RATES: &[u64] = &[2, 4, 8];
/// Whether any setting is small.
const ANY: Ratio = Ratio { times: 1, of: 2 };

/// A setting that a run can make small.
struct Small {
    /// It in the settings, if the platform has it.
    of: fn(&mut Settings) -> Option<&mut u32>,
    /// Its value when it is small.
    value: u32,
}

/// The settings that a run can make small. Their places are part of capsules: a new one goes to the end.
const SMALL: [Small; 12] = [
    Small { of: |settings| Some(&mut settings.snapshot_every), value: 2 },
    Small { of: |settings| Some(&mut settings.relay.batch), value: 1 },
    Small { of: |settings| Some(&mut settings.broker.delivery_limit), value: 2 },
    Small { of: |settings| Some(&mut settings.projectors.prefetch), value: 1 },
    Small { of: |settings| Some(&mut settings.projectors.buffer), value: 1 },
    Small { of: |settings| Some(&mut settings.projectors.page), value: 2 },
    Small { of: |settings| Some(&mut settings.saga.prefetch), value: 1 },
    Small { of: |settings| Some(&mut settings.saga.resends), value: 0 },
    Small { of: |settings| Some(&mut settings.clients.resends), value: 0 },
    Small { of: |settings| Some(&mut settings.retries), value: 1 },
    Small { of: |settings| Some(&mut settings.folds_kept), value: STREAMS_MAX as u32 },
    Small { of: partitions, value: 1 },
];

/// The partitions of Kafka's topics.
const fn partitions(settings: &mut Settings) -> Option<&mut u32> {
    match &mut settings.broker.kind {
        BrokerKind::Kafka(kafka) => Some(&mut kafka.partitions),
        BrokerKind::Generic | BrokerKind::RabbitMq(_) | BrokerKind::Sqs(_) => None,
    }
}

impl Small {
    /// Makes it small if it has its default.
    fn apply(&self, settings: &mut Settings) {
        let mut default = Settings::default();
        default.broker.kind = settings.broker.kind.with_defaults();
        let default = (self.of)(&mut default).copied();
        if let Some(setting) = (self.of)(settings)
            && Some(*setting) == default
        {
            *setting = self.value;
        }
    }
}

impl Settings {
    /// With everything small that a run can make small.
    pub(crate) fn smallest(&self) -> Self {
        let mut settings = self.clone();
        SMALL.iter().for_each(|small| small.apply(&mut settings));
        settings
    }
}

impl<D: Domain> Plan<D> {
    /// The plan with the settings of one run.
    pub(crate) fn with_settings(self: &Arc<Self>, choices: &mut Choices) -> Arc<Self> {
        if !self.varies.settings {
            return Arc::clone(self);
        }
        let actor = Actor::node(NodeId(0));
        let mut settings = self.settings.clone();
        let any = choices.steer(SETTING_SMALL, actor, Entity(0), Space::sized(ANY, RATES));
        for (small, entity) in SMALL.iter().zip((1..).map(Entity)) {
            if (small.of)(&mut settings).is_none() {
                continue;
            }
            let is_small = any > 0 && {
                let one = Space::sized(Ratio { times: 1, of: any as u32 }, &[1]);
                choices.steer(SETTING_SMALL, actor, entity, one) > 0
            };
            let is_small = Some(u64::from(is_small));
            if choices.draw_or(SETTING_SMALL, actor, entity, Space::up_to(1), is_small) > 0 {
                small.apply(&mut settings);
            }
        }
        if settings == self.settings {
            return Arc::clone(self);
        }
        Arc::new(Self { settings, ..Self::clone(self) })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::kernel::{Overrides, Policy};
    use crate::platform::Varies;
    use crate::testing::plan;

    fn drawn(varies: bool, policy: Policy) -> Settings {
        let mut plan = plan();
        let changed = Arc::make_mut(&mut plan);
        changed.varies = Varies { settings: varies, workload: false };
        changed.settings.projectors.page = 7;
        let mut choices = Choices::new(policy, Overrides::default());
        plan.with_settings(&mut choices).settings.clone()
    }

    #[test]
    fn a_seed_makes_settings_small_that_have_their_default() {
        let all: Vec<_> = (0..200).map(|seed| drawn(true, Policy::seeded(seed))).collect();
        let as_written = all.iter().filter(|one| **one == drawn(false, Policy::Benign)).count();
        assert!((90..140).contains(&as_written), "{as_written} of 200");
        let values = |of: fn(&Settings) -> u32| all.iter().map(of).collect::<BTreeSet<_>>();
        assert_eq!(values(|settings| settings.projectors.buffer), [1, 1000].into());
        assert_eq!(values(|settings| settings.saga.resends), [0, 8].into());
        assert_eq!(values(|settings| settings.projectors.page), [7].into(), "it is changed");
    }

    #[test]
    fn nothing_is_small_by_default_or_where_it_may_not_vary() {
        assert_eq!(drawn(true, Policy::Benign), drawn(false, Policy::seeded(1)));
    }
}
