//! Jetlag.

pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod domains;
pub mod kernel;
mod outside;
pub mod platform;
pub mod report;
pub mod scenario;
pub mod session;
pub mod trace;
