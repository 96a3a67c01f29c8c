//! What the tests of the page share: a browser, the command, and the data of a page.

pub mod browser;
pub mod command;
pub mod data;
