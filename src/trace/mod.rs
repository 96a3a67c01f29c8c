//! What a run leaves behind: records, and how a person reads them.

mod record;

pub use record::Record;
