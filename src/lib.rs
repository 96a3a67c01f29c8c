//! Jetlag.

pub mod check;
pub mod kernel;
pub mod platform;
pub mod scenario;
pub mod trace;
