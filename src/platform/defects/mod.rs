//! The defects of the platform: mistakes that can be put into its components.

mod broker;
mod commands;
mod event_store;
mod queries;
mod read_models;
mod sagas;

pub(crate) use broker::*;
pub(crate) use commands::*;
pub(crate) use event_store::*;
pub(crate) use queries::*;
pub(crate) use read_models::*;
pub(crate) use sagas::*;

use crate::model::{Defect, join};

/// All defects of the platform.
pub const PLATFORM_DEFECTS: &[&Defect] = &join::<_, { sagas::END as usize }>(&[
    commands::LIST,
    event_store::LIST,
    broker::LIST,
    read_models::LIST,
    queries::LIST,
    sagas::LIST,
]);
