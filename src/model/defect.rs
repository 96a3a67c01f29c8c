//! Mistakes that can be put into the platform or a domain, to show that the properties find them.
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
    /// The setting, or the operation, without which it does nothing, by its path in a scenario; one of several is enough.
    /// Empty if it matters with the defaults.
    pub needs: &'static [&'static str],
    /// Where it was seen: the issue of a project, or a text that warns of it. Empty if nowhere that we know of.
    pub seen_in: &'static str,
    /// Its place in a set of the defects of its list.
    bit: u8,
}

/// A set of defects of one list. Empty by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Defects(u128);

impl Defect {
    pub(crate) const fn new(
        bit: u8,
        id: &'static str,
        [mistake, trigger, seen_in]: [&'static str; 3],
        (caught_by, needs): (&'static [&'static str], &'static [&'static str]),
    ) -> Self {
        assert!(bit < 128, "a list has no more than 128 defects");
        Self { id, mistake, trigger, caught_by, needs, seen_in, bit }
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

impl FromIterator<&'static Defect> for Defects {
    fn from_iter<I: IntoIterator<Item = &'static Defect>>(defects: I) -> Self {
        defects.into_iter().fold(Self::default(), Self::with)
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// Declares defects as constants, together with the list of all of them, so that none can be missing from the list. One
/// of several lists that are joined is `after` so many others.
macro_rules! declare_defects {
    (
        $(#[$about:meta])* $list_vis:vis const $list:ident $(, after $before:expr)?;
        $($vis:vis const $name:ident = $id:literal(
            $mistake:literal, when $trigger:literal, caught by $($property:literal),+
            $(; needs $($need:literal) or +)? $(; seen in $seen:literal)? $(,)?
        );)*
    ) => {
        #[expect(non_camel_case_types, reason = "the names of the constants")]
        enum Place { $($name),* }
        const BEFORE: u8 = 0 $(+ $before)?;
        $(
            #[doc = concat!("Defect: ", $mistake, ".")]
            $vis const $name: $crate::model::Defect = $crate::model::Defect::new(
                Place::$name as u8 + BEFORE, $id, [$mistake, $trigger, concat!($($seen)?)],
                (&[$($property),+], &[$($($need),+)?]),
            );
        )+
        $(#[$about])* $list_vis const $list: &[&$crate::model::Defect] = &[$(&$name),*];
    };
}
pub(crate) use declare_defects;
