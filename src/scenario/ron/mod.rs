//! The notation of scenario files: the part of [RON](https://docs.rs/ron) that they need.
//!
//! ```text
//! text ──parser──▶ Node, a tree that knows its bytes ──reader──▶ any `Deserialize`
//! any `Serialize` ──printer──▶ text
//! ```
//!
//! The reader and the printer are not generic over what they read from or write to, so that the compiler
//! generates them once and not for each type of each domain.
//!
//! Absent: bytes, suffixes of numbers, and the extensions of RON except `implicit_some`, which is on.

mod literal;
mod misfit;
mod parser;
mod printer;
mod reader;
mod tree;

pub(super) use misfit::Misfit;
pub(super) use parser::{Malformed, parse};
pub(crate) use printer::bare_word;
pub(super) use printer::print;
pub(super) use reader::Value;
pub(super) use tree::{Item, Node, Shape};
