//! Names of variants, checked by the compiler: a variant without a name does not compile.

/// Names the variants of an enum: generates `name()` and `NAMES`.
///
/// A variant has its own name. If the name depends on the fields of the variant, give a pattern and the name.
///
/// ```
/// use jetlag::names;
///
/// enum Command { Reserve(u32), Pay { by_card: bool }, Leave }
///
/// names! { Command { Reserve, Pay { by_card: true } => PayByCard, Pay, Leave } }
///
/// assert_eq!(Command::Reserve(7).name(), "Reserve");
/// assert_eq!(Command::Pay { by_card: true }.name(), "PayByCard");
/// assert_eq!([Command::Pay { by_card: false }.name(), Command::Leave.name()], ["Pay", "Leave"]);
/// assert_eq!(Command::NAMES, ["Reserve", "PayByCard", "Pay", "Leave"]);
/// ```
#[macro_export]
macro_rules! names {
    ($type:ident { $($variant:ident $({ $($inside:tt)* })? $(=> $name:ident)?),+ $(,)? }) => {
        #[allow(unreachable_pub, dead_code, reason = "the enum may be private, its names unused")]
        impl $type {
            /// The names of all variants.
            pub const NAMES: &'static [&'static str] =
                &[$($crate::names!(@name $variant $($name)?)),+];

            /// The name of the variant.
            pub const fn name(&self) -> &'static str {
                match self {
                    $($crate::names!(@pattern $variant $({ $($inside)* })?) => {
                        $crate::names!(@name $variant $($name)?)
                    })+
                }
            }
        }
    };
    (@pattern $variant:ident) => { Self::$variant { .. } };
    (@pattern $variant:ident { $($inside:tt)* }) => { Self::$variant { $($inside)* } };
    (@name $variant:ident) => { stringify!($variant) };
    (@name $variant:ident $name:ident) => { stringify!($name) };
}

/// Names the variants of an enum of events: generates `name()` and `NAMES`. In an implementation of
/// [`Domain`](crate::model::Domain), `event_names!(Event);` makes them the names of its events.
///
/// An enum with one variant for each enum of events lists these instead, which also generates a `From` for
/// each; the variant after `old` holds events whose names are among those of the others.
///
/// ```
/// use jetlag::event_names;
///
/// enum TableEvent { Reserved, Left }
/// enum BillEvent { Paid { cents: u32 } }
/// enum Event { Table(TableEvent), Bill(BillEvent) }
///
/// event_names! { TableEvent { Reserved, Left } }
/// event_names! { BillEvent { Paid } }
/// event_names! { Event of Table(TableEvent), Bill(BillEvent) }
///
/// assert_eq!(Event::NAMES, ["Reserved", "Left", "Paid"]);
/// assert_eq!(Event::from(BillEvent::Paid { cents: 7 }).name(), "Paid");
/// ```
#[macro_export]
macro_rules! event_names {
    ($type:ty) => {
        const EVENTS: &'static [&'static str] = <$type>::NAMES;

        fn event_name(&self, event: &$type) -> &'static str {
            event.name()
        }
    };
    ($type:ident { $($variant:ident $({ $($inside:tt)* })? $(=> $name:ident)?),+ $(,)? }) => {
        $crate::names! { $type { $($variant $({ $($inside)* })? $(=> $name)?),+ } }
    };
    ($type:ident of $($variant:ident($events:ident)),+ $(; old $old:ident)?) => {
        impl $type {
            /// The names of all event types.
            pub const NAMES: &'static [&'static str] = &$crate::model::join::<
                _,
                { 0 $(+ $events::NAMES.len())+ },
            >(&[$($events::NAMES),+]);

            /// The name of the event type.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(event) => event.name(),)+
                    $(Self::$old(event) => event.name(),)?
                }
            }
        }

        $(impl From<$events> for $type {
            fn from(event: $events) -> Self {
                Self::$variant(event)
            }
        })+
    };
}

/// The number in a name such as `b-1`, counted from 0; `prefix` is `b-`. For
/// [`stream_named`](crate::model::Domain::stream_named).
///
/// ```
/// use jetlag::model::number_in;
///
/// assert_eq!(["b-1", "b-01", "b-0", "s-1"].map(|name| number_in(name, "b-")), [Some(0), None, None, None]);
/// ```
pub fn number_in(name: &str, prefix: &str) -> Option<u32> {
    let digits = name.strip_prefix(prefix)?;
    let number = digits.parse::<u32>().ok()?.checked_sub(1)?;
    digits.starts_with(|digit: char| ('1'..='9').contains(&digit)).then_some(number)
}

/// Concatenates lists, of names or of other things, the first of which is not empty; `N` is the total length.
#[doc(hidden)]
pub const fn join<T: Copy, const N: usize>(lists: &[&[T]]) -> [T; N] {
    let mut all = [lists[0][0]; N];
    let (mut list, mut at, mut next) = (0, 0, 0);
    while list < lists.len() {
        while at < lists[list].len() {
            all[next] = lists[list][at];
            (at, next) = (at + 1, next + 1);
        }
        (list, at) = (list + 1, 0);
    }
    all
}
