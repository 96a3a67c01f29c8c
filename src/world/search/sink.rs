//! What is searched, as bytes: printed text, and what a value gives to its hash.

use std::fmt;
use std::hash::Hasher;

use super::needles::Needles;
use crate::model::CustomerId;

/// How many bytes are buffered before they are searched.
pub(super) const CHUNK: usize = 1 << 16;

/// Searches what is written to it, and drops it.
#[derive(Debug)]
pub(super) struct Sink<'a> {
    needles: &'a Needles,
    buffer: &'a mut Vec<u8>,
    hits: Vec<CustomerId>,
}

impl<'a> Sink<'a> {
    /// A sink with an empty buffer.
    pub(super) fn new(needles: &'a Needles, buffer: &'a mut Vec<u8>) -> Self {
        buffer.clear();
        Self { needles, buffer, hits: Vec::new() }
    }

    /// Whose texts were found.
    pub(super) fn finish(mut self) -> Vec<CustomerId> {
        self.needles.find(self.buffer, &mut self.hits);
        self.hits
    }

    fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.look();
        }
    }

    /// Searches the buffer, and keeps its end, in which a match may begin.
    #[cold]
    fn look(&mut self) {
        self.needles.find(self.buffer, &mut self.hits);
        let kept = self.buffer.len().min(self.needles.longest() - 1);
        self.buffer.drain(..self.buffer.len() - kept);
    }
}

impl fmt::Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

/// Leaves out integers of several bytes.
macro_rules! leave_out {
    ($($write:ident: $integer:ty),+ $(,)?) => {
        $(#[inline]
        fn $write(&mut self, _: $integer) {})+
    };
}

/// A text reaches a hash as bytes, together or one by one; other integers are no part of a text. The length of
/// a slice comes before its bytes, and a byte that no text contains comes after those of a string.
impl Hasher for Sink<'_> {
    fn finish(&self) -> u64 {
        0
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.push(bytes);
    }

    #[inline]
    fn write_u8(&mut self, byte: u8) {
        self.push(&[byte]);
    }

    leave_out! {
        write_u16: u16, write_u32: u32, write_u64: u64, write_u128: u128, write_usize: usize,
        write_i8: i8, write_i16: i16, write_i32: i32, write_i64: i64, write_i128: i128,
        write_isize: isize,
    }
}
