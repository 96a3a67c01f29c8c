//! Mistakes that can be put into the platform, to show that the properties find them.
//!
//! Each is a switch at the place where a developer would have made the mistake. All are off unless a scenario or
//! the command line names them.

use std::fmt;

/// A mistake that can be switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Its name: `ack-before-apply`.
    pub id: &'static str,
    /// What is done wrong.
    pub mistake: &'static str,
    /// What has to happen for it to matter.
    pub trigger: &'static str,
    /// The properties that find it, the most telling one first.
    pub caught_by: &'static [&'static str],
    /// Its place in a set.
    bit: u8,
}

/// A set of defects. Empty by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Defects(u128);

impl Defect {
    pub(crate) const fn new(
        bit: u8,
        id: &'static str,
        [mistake, trigger]: [&'static str; 2],
        caught_by: &'static [&'static str],
    ) -> Self {
        Self { id, mistake, trigger, caught_by, bit }
    }
}

impl Defects {
    /// Whether one is switched on.
    #[inline]
    pub const fn has(self, defect: &Defect) -> bool {
        self.0 >> defect.bit & 1 == 1
    }

    /// These and one more.
    #[must_use]
    pub const fn with(self, defect: &Defect) -> Self {
        Self(self.0 | 1 << defect.bit)
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// Declares defects as constants, together with the list of all of them, so that none can be missing from the list.
macro_rules! declare_defects {
    (
        $(#[$about:meta])* $list_vis:vis const $list:ident;
        $($vis:vis const $name:ident = $id:literal(
            $mistake:literal, when $trigger:literal, caught by $($property:literal),+ $(,)?
        );)+
    ) => {
        #[expect(non_camel_case_types, reason = "the names of the constants")]
        enum Place { $($name),+ }
        $(
            #[doc = concat!("Defect: ", $mistake, ".")]
            $vis const $name: $crate::model::Defect = $crate::model::Defect::new(
                Place::$name as u8, $id, [$mistake, $trigger], &[$($property),+],
            );
        )+
        $(#[$about])* $list_vis const $list: &[&$crate::model::Defect] = &[$(&$name),+];
    };
}
pub(crate) use declare_defects;
