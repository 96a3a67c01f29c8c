//! Jetlag.

pub mod check;
pub mod domains;
pub mod kernel;
pub mod platform;
pub mod trace;
