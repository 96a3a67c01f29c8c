//! Several checkers as one.

/// Makes one [`Checker`](crate::check::Checker) of several, from the list of their properties.
///
/// Each line is a property and the checker that checks it. The first line of a checker also gives its
/// type; further properties of the same checker name it again. Reports list the properties in the order
/// of the lines. A fact is given to the checkers that want it, also in this order: put the checker that
/// finds a cause before one that finds its consequences, because the first violation ends a run.
///
/// A list that leaves out a property of one of its checkers does not compile.
///
/// ```
/// use jetlag::check::{Checker, Property};
/// use jetlag::domains::flights::Flights;
/// # use std::sync::Arc;
/// # use jetlag::check::{Tally, Violations, When};
/// # use jetlag::model::{Domain, Names, Record};
/// # const FED: Property = Property { id: "fed", when: When::Always, says: "everybody eats" };
/// # const PAID: Property = Property { id: "paid", when: When::Always, says: "and pays" };
/// # const SEATED: Property = Property { id: "seated", when: When::Always, says: "on a chair" };
/// # macro_rules! checker { ($Name:ident, $($PROPERTY:ident)*) => {
/// #     #[derive(Clone, Debug)]
/// #     struct $Name(Vec<Tally>);
/// #     impl<D: Domain> Checker<D> for $Name {
/// #         const PROPERTIES: &'static [Property] = &[$($PROPERTY),*];
/// #         fn new(_: &D, _: &Arc<Names>) -> Self { Self(vec![$(Tally::new(&$PROPERTY)),*]) }
/// #         fn observe(&mut self, _: &D, _: &Record<D>, _: &mut Violations) {}
/// #         fn tallies(&self) -> Vec<&Tally> { self.0.iter().collect() }
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
        { $($PROPERTY:path => $field:ident $(: $Checker:ty)?),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $vis struct $Name $($bounds)* {
            $($($field: $Checker,)?)+
        }

        impl $($bounds)* $crate::check::Checker<$Domain> for $Name $($args)* {
            const PROPERTIES: &'static [$crate::check::Property] = &[$($PROPERTY),+];
            const FACTS: $crate::check::FactKinds = $crate::check::FactKinds::NONE
                $($(.or(<$Checker as $crate::check::Checker<$Domain>>::FACTS))?)+;

            fn new(
                domain: &$Domain,
                names: &::std::sync::Arc<$crate::model::Names>,
            ) -> Self {
                const {
                    let theirs = 0 $($(
                        + <$Checker as $crate::check::Checker<$Domain>>::PROPERTIES.len()
                    )?)+;
                    let listed = <Self as $crate::check::Checker<$Domain>>::PROPERTIES.len();
                    assert!(listed == theirs, "a property is missing in the list, or listed twice");
                }
                Self {
                    $($($field: <$Checker as $crate::check::Checker<$Domain>>::new(domain, names),)?)+
                }
            }

            #[inline]
            fn observe(
                &mut self,
                domain: &$Domain,
                record: &$crate::model::Record<$Domain>,
                violations: &mut $crate::check::Violations,
            ) {
                let kind = record.fact.kind();
                $($(if <$Checker as $crate::check::Checker<$Domain>>::FACTS.contains(kind) {
                    <$Checker as $crate::check::Checker<$Domain>>::observe(
                        &mut self.$field, domain, record, violations,
                    );
                })?)+
            }

            fn at_rest(
                &mut self,
                rest: &$crate::model::Rest<'_, $Domain>,
                violations: &mut $crate::check::Violations,
            ) {
                $($(<$Checker as $crate::check::Checker<$Domain>>::at_rest(
                    &mut self.$field, rest, violations,
                );)?)+
            }

            fn tallies(&self) -> Vec<&$crate::check::Tally> {
                let mut tallies = [$($(
                    <$Checker as $crate::check::Checker<$Domain>>::tallies(&self.$field),
                )?)+].concat();
                let listed = <Self as $crate::check::Checker<$Domain>>::PROPERTIES;
                tallies.sort_by_key(|tally| {
                    listed.iter().position(|property| property.id == tally.property().id)
                });
                tallies
            }
        }
    };
}
