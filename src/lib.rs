//! Jetlag.

pub mod check;
pub mod kernel;
mod outside;
pub mod platform;
pub mod scenario;
pub mod trace;
