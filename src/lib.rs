//! Jetlag.

pub mod check;
pub mod kernel;
pub mod platform;
pub mod report;
pub mod trace;
