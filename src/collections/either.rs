//! An iterator over a vector or over a tree.

/// One of two iterators with the same items.
#[derive(Clone, Debug)]
pub enum Either<V, T> {
    /// The iterator over a vector.
    Vector(V),
    /// The iterator over a tree.
    Tree(T),
}

impl<I, V: Iterator<Item = I>, T: Iterator<Item = I>> Iterator for Either<V, T> {
    type Item = I;

    fn next(&mut self) -> Option<I> {
        match self {
            Self::Vector(items) => items.next(),
            Self::Tree(items) => items.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Vector(items) => items.size_hint(),
            Self::Tree(items) => items.size_hint(),
        }
    }

    fn fold<B, F: FnMut(B, I) -> B>(self, init: B, f: F) -> B {
        match self {
            Self::Vector(items) => items.fold(init, f),
            Self::Tree(items) => items.fold(init, f),
        }
    }
}

impl<I, V, T> DoubleEndedIterator for Either<V, T>
where
    V: DoubleEndedIterator<Item = I>,
    T: DoubleEndedIterator<Item = I>,
{
    fn next_back(&mut self) -> Option<I> {
        match self {
            Self::Vector(items) => items.next_back(),
            Self::Tree(items) => items.next_back(),
        }
    }
}

impl<I, V, T> ExactSizeIterator for Either<V, T>
where
    V: ExactSizeIterator<Item = I>,
    T: ExactSizeIterator<Item = I>,
{
}
