//! Several checkers as one.

/// Makes one [`Checker`](crate::check::Checker) of several, from the list of their properties.
///
/// Each line is a property and the checker that checks it. The first line of a checker also gives its
/// type; further properties of the same checker name it again. Reports list the properties in the order
/// of the lines. A fact is given to the checkers that need it, also in this order. The first violation
/// ends a run: put the checker that finds a cause before one that finds its consequences.
///
/// A list that leaves out a property of one of its checkers does not compile.
///
/// ```
/// use jetlag::check::{Checker, Property};
/// use jetlag::domains::flights::Flights;
/// # use jetlag::check::{Checks, When};
/// # use jetlag::model::{Domain, Record};
/// # const FED: Property = Property { id: "fed", when: When::Always, says: "all passengers eat" };
/// # const PAID: Property = Property { id: "paid", when: When::Always, says: "and pays" };
/// # const SEATED: Property = Property { id: "seated", when: When::Always, says: "on a chair" };
/// # macro_rules! checker { ($Name:ident, $($PROPERTY:ident)*) => {
/// #     #[derive(Clone, Debug, Default)]
/// #     struct $Name;
/// #     impl<D: Domain> Checker<D> for $Name {
/// #         const PROPERTIES: &'static [Property] = &[$($PROPERTY),*];
/// #         fn observe(&mut self, _: &Record<D>, _: &mut Checks<'_, D>) {}
/// #     }
/// # } }
/// # checker!(Tables, SEATED);
/// # checker!(Meals, FED PAID);
///
/// jetlag::checkers! {
///     /// What must hold of a meal on board.
///     struct OnBoard for Flights {
///         FED => meals: Meals,
///         SEATED => tables: Tables,
///         PAID => meals,
///     }
/// }
///
/// let ids = OnBoard::PROPERTIES.iter().map(|property| property.id);
/// assert_eq!(ids.collect::<Vec<_>>(), ["fed", "seated", "paid"]);
/// ```
#[macro_export]
macro_rules! checkers {
    ($(#[$meta:meta])* $vis:vis struct $Name:ident<$D:ident> { $($list:tt)* }) => {
        $crate::checkers! {
            @ $(#[$meta])* $vis $Name [<$D>] [<$D: $crate::model::Domain>] [$D] { $($list)* }
        }
    };
    ($(#[$meta:meta])* $vis:vis struct $Name:ident for $Domain:ty { $($list:tt)* }) => {
        $crate::checkers! { @ $(#[$meta])* $vis $Name [] [] [$Domain] { $($list)* } }
    };
    (
        @ $(#[$meta:meta])* $vis:vis $Name:ident [$($args:tt)*] [$($bounds:tt)*] [$Domain:ty]
        { $($PROPERTY:expr => $field:ident $(: $Checker:ty)?),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $vis struct $Name $($bounds)* {
            $($($field: $Checker,)?)+
        }

        impl $($bounds)* ::core::default::Default for $Name $($args)* {
            fn default() -> Self {
                Self { $($($field: <$Checker>::default(),)?)+ }
            }
        }

        impl $($bounds)* $Name $($args)* {
            /// Which of the checkers want to see a fact, by its kind.
            const WANTED: [u32; $crate::model::FactKind::COUNT] = $crate::check::FactKinds::wanted(
                &[$($(<$Checker as $crate::check::Checker<$Domain>>::FACTS,)?)+],
            );
        }

        impl $($bounds)* $crate::check::Checker<$Domain> for $Name $($args)* {
            const PROPERTIES: &'static [$crate::check::Property] = {
                const LISTED: &[$crate::check::Property] = &[$($PROPERTY),+];
                let theirs = 0 $($(
                    + <$Checker as $crate::check::Checker<$Domain>>::PROPERTIES.len()
                )?)+;
                assert!(LISTED.len() == theirs, "a property is missing in the list, or listed twice");
                LISTED
            };
            const FACTS: $crate::check::FactKinds = $crate::check::FactKinds::NONE
                $($(.or(<$Checker as $crate::check::Checker<$Domain>>::FACTS))?)+;

            #[inline]
            fn observe(
                &mut self,
                record: &$crate::model::Record<$Domain>,
                checks: &mut $crate::check::Checks<'_, $Domain>,
            ) {
                #[allow(non_camel_case_types)]
                enum Nth {
                    $($(#[doc = stringify!($Checker)] $field,)?)+
                }

                let wanted = Self::WANTED[record.fact.kind().index()];
                if wanted == 0 {
                    return;
                }
                let mut first = 0;
                $($(
                    if wanted & 1 << Nth::$field as u32 != 0 {
                        let mut checks_of = checks.part::<$Checker>(&mut first);
                        $crate::check::Checker::observe(&mut self.$field, record, &mut checks_of);
                    } else {
                        $crate::check::Checks::<$Domain>::pass_over::<$Checker>(&mut first);
                    }
                )?)+
            }

            fn at_rest(
                &mut self,
                rest: &$crate::model::Rest<'_, $Domain>,
                checks: &mut $crate::check::Checks<'_, $Domain>,
            ) {
                let mut first = 0;
                $($(
                    let mut checks_of = checks.part::<$Checker>(&mut first);
                    $crate::check::Checker::at_rest(&mut self.$field, rest, &mut checks_of);
                )?)+
            }
        }
    };
}
