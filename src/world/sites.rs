//! All sites except those of faults and those that only draw which faults can happen.

use crate::kernel::{LINK_JITTER, Site};
use crate::outside::{
    CUSTOMER_ARRIVAL, CUSTOMER_GAP, CUSTOMER_LINE, CUSTOMER_MIX, CUSTOMER_RANDOM, CUSTOMER_RETRY,
    CUSTOMER_WAIT, CUSTOMER_WHO, SERVICE_WORK,
};
use crate::platform::SETTING_SMALL;
use crate::platform::capacity::NODE_WORK;
use crate::platform::command_api::API_BACKOFF;
use crate::platform::event_store::{STORE_REPLICA, STORE_STEP};
use crate::platform::key_store::KEY_STORE_KEY;
use crate::platform::orchestrator::SAGA_BACKOFF;
use crate::platform::read_store::ROW_EVICTS;

/// All sites, in order of their numbers. Each is declared beside the code that draws.
pub(crate) const SITES: &[Site] = &[
    LINK_JITTER,
    STORE_STEP,
    SAGA_BACKOFF,
    API_BACKOFF,
    SETTING_SMALL,
    CUSTOMER_GAP,
    KEY_STORE_KEY,
    CUSTOMER_LINE,
    CUSTOMER_ARRIVAL,
    CUSTOMER_WAIT,
    NODE_WORK,
    CUSTOMER_RETRY,
    SERVICE_WORK,
    CUSTOMER_MIX,
    CUSTOMER_RANDOM,
    CUSTOMER_WHO,
    ROW_EVICTS,
    STORE_REPLICA,
];

#[test]
fn no_two_sites_share_a_number_or_a_name() {
    assert!(SITES.windows(2).all(|pair| pair[0].index() < pair[1].index()));
    let mut names: Vec<_> = SITES.iter().map(|site| site.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), SITES.len());
}
