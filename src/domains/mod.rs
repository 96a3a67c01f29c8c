//! The systems that the platform is put to work for.

pub mod flights;
