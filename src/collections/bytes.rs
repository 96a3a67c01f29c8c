//! Numbers as bytes: a small one takes few.

/// Writes numbers one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

/// Reads what a [`Writer`] wrote, in the same order.
#[derive(Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl Writer {
    /// How much has been written.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn finish(self) -> Box<[u8]> {
        self.0.into_boxed_slice()
    }

    /// What has been written so far, from the beginning.
    pub(crate) fn read(&self) -> Reader<'_> {
        Reader::new(&self.0)
    }

    /// Makes room for a few numbers, and not for as many again as there are.
    pub(crate) fn reserve(&mut self, room: usize) {
        if self.0.capacity() - self.0.len() < room {
            self.0.reserve_exact(room);
        }
    }

    /// A byte as it is.
    #[inline]
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// A number in groups of seven bits, the lowest first.
    #[inline]
    pub(crate) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// A number that is probably near another one that the reader knows.
    #[inline]
    pub(crate) fn difference(&mut self, number: u64, from: u64) {
        let difference = number.wrapping_sub(from) as i64;
        self.number(((difference << 1) ^ (difference >> 63)) as u64);
    }

    /// Random bits, such as a hash.
    #[inline]
    pub(crate) fn bits(&mut self, bits: u64) {
        self.0.extend_from_slice(&bits.to_le_bytes());
    }
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().expect("what is read was written");
        self.0 = rest;
        *first
    }

    #[inline]
    pub(crate) fn number(&mut self) -> u64 {
        let first = self.byte();
        if first < 0x80 { first.into() } else { self.rest(first & 0x7F) }
    }

    fn rest(&mut self, first: u8) -> u64 {
        let (mut number, mut shift) = (u64::from(first), 7);
        loop {
            let byte = self.byte();
            number |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return number;
            }
            shift += 7;
        }
    }

    #[inline]
    pub(crate) fn difference(&mut self, from: u64) -> u64 {
        let number = self.number();
        let difference = (number >> 1) as i64 ^ -((number & 1) as i64);
        from.wrapping_add(difference as u64)
    }

    #[inline]
    pub(crate) fn bits(&mut self) -> u64 {
        let (bits, rest) = self.0.split_first_chunk().expect("what is read was written");
        self.0 = rest;
        u64::from_le_bytes(*bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        let edges =
            [0, 1, 127, 128, 300, 1 << 32, i64::MAX as u64, 1 << 63, u64::MAX - 1, u64::MAX];
        let mut to = Writer::default();
        for number in edges {
            to.number(number);
            to.bits(number);
            to.byte(number as u8);
            edges.iter().for_each(|other| to.difference(number, *other));
        }
        let bytes = to.finish();
        let mut from = Reader::new(&bytes);
        for number in edges {
            assert_eq!((from.number(), from.bits(), from.byte()), (number, number, number as u8));
            edges.iter().for_each(|other| assert_eq!(from.difference(*other), number));
        }
        assert!(from.0.is_empty());
    }

    #[test]
    fn a_small_number_or_difference_takes_one_byte() {
        let mut to = Writer::default();
        to.number(127);
        to.difference(1_000_000, 1_000_063);
        assert_eq!(to.len(), 2);
    }
}
