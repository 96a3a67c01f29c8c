//! Jetlag.

pub mod kernel;
