//! The words of a history: kinds of lines, their fields, and what a field may say.
//!
//! `docs/history.md` has the same tables; a test compares them.

/// The version of the vocabulary. It is raised when a field changes its meaning or is removed.
pub const VERSION: u32 = 1;

/// What the value of a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A text or a whole number that names something.
    Id,
    /// A version of a stream.
    Version,
    /// A whole number from 0.
    Number,
    /// An amount of money.
    Amount,
    /// A moment.
    Time,
    /// Yes or no.
    Flag,
    /// One of the words of the kind, or any text.
    Text,
    /// A list of texts.
    List,
    /// One text or several.
    Texts,
    /// Versions by stream.
    Versions,
    /// Anything; it is not looked at.
    Any,
}

impl Type {
    /// What it is, as diagnostics and the documentation say it.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Id => "a text or a whole number",
            Self::Version => "a whole number up to 4294967295",
            Self::Number => "a whole number",
            Self::Amount => "a whole number, or a decimal number as text",
            Self::Time => "a time",
            Self::Flag => "true or false, or a time for true and null for false",
            Self::Text => "a text",
            Self::List => "a list of texts",
            Self::Texts => "a text, or a list of texts",
            Self::Versions => "an object of versions by stream",
            Self::Any => "anything",
        }
    }
}

macro_rules! fields {
    ($($variant:ident $word:literal $type:ident $about:literal;)+) => {
        /// A field of a line.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Field {
            $(#[doc = $about] $variant,)+
        }

        impl Field {
            /// All fields.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// The names of all fields.
            pub const WORDS: &'static [&'static str] = &[$($word,)+];

            /// The field with this name.
            pub fn of(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// Its name.
            pub const fn word(self) -> &'static str {
                Self::WORDS[self as usize]
            }

            /// What its value is.
            pub const fn of_type(self) -> Type {
                match self {
                    $(Self::$variant => Type::$type,)+
                }
            }

            /// What it means.
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => $about,)+
                }
            }
        }
    };
}

fields! {
    Stream "stream" Id "The stream of an event, such as `order-7`.";
    Version "version" Version "The number of an event in its stream; in `history` the version of the vocabulary, in `answer` that of the stream after the command.";
    Position "position" Number "The number of an event in the whole store, or up to which number a consumer is done.";
    Id "id" Id "The id of an event or of a command.";
    Type "type" Text "The type of an event.";
    At "at" Time "When it happened.";
    Command "command" Id "The id of the command that wrote an event, or that is answered.";
    Cause "cause" Id "The id of the event that led to this one.";
    Correlation "correlation" Id "The conversation that an event belongs to.";
    Actor "actor" Id "The user or process that acts or reads.";
    Transaction "transaction" Id "The transaction that wrote an event.";
    Category "category" Text "The category of a stream; by default its name up to the first `-`.";
    Data "data" Any "The contents of an event.";
    Meta "meta" Any "Other facts about an event.";
    Name "name" Text "The name of a command, such as `PlaceOrder`.";
    Outcome "outcome" Text "How a command or an operation ended: `accepted`, `rejected` or `unknown`.";
    Reason "reason" Text "Why it was rejected.";
    Relay "relay" Id "What publishes the events of the outbox; `outbox` by default.";
    Event "event" Id "The id of an event, instead of its stream and version.";
    Consumer "consumer" Id "What applies events: a projector, a saga, another service.";
    Sent "sent" Flag "Whether a row of the outbox was sent.";
    Categories "categories" List "The categories that a consumer must see; all if absent.";
    Types "types" List "The types of events that it must see; all if absent.";
    InOrder "in_order" Flag "Whether it must apply the events of a stream in order; true if absent.";
    View "view" Id "The view that is read.";
    Row "row" Id "The row of the view.";
    Shows "shows" Versions "The version of each stream that the row shows.";
    After "after" Versions "The version of each stream that the reader asked for at least.";
    Saga "saga" Id "A saga or process manager.";
    State "state" Text "The state of a saga: `running`, `reopened` (it had ended, and something new is asked of it), `ended`, `completed`, `compensated` or `handed_over`.";
    Payment "payment" Id "What money is taken for, such as an order or a payment intent.";
    Did "did" Text "What happened to a payment or a timer, or what was asked of an object.";
    Amount "amount" Amount "How much.";
    Currency "currency" Text "The currency of the amount.";
    Item "item" Id "A limited thing, such as a show or a product.";
    Capacity "capacity" Number "How many of an item exist from now on.";
    Holder "holder" Id "What holds it, such as an order, a ticket or a cart.";
    Unit "unit" Id "Which one, such as a numbered place.";
    Quantity "quantity" Number "How many; 1 if absent.";
    Until "until" Time "When the hold runs out.";
    Effect "effect" Id "The id of a call to a service. It is the same when the call is repeated.";
    Service "service" Id "The service that is called.";
    Body "body" Text "What is asked for.";
    Timer "timer" Id "A timer of a saga.";
    Due "due" Time "When the timer is due.";
    AtRest "at_rest" Flag "Whether nothing was under way when the history was exported; true if absent.";
    Lines "lines" Number "The number of lines between the first one and this one.";
    Object "object" Id "What clients contend for: an account, a show, a document. Its operations are judged together.";
    From "from" Time "When the client sent the operation, by the client's clock.";
    To "to" Time "When its answer came. Without it, none did: the operation may take effect at any time after `from`, or never.";
    Value "value" Text "What an object is set to, or what it was seen to be.";
    Expected "expected" Texts "What an object must be so that it is set to `value`.";
}

#[cfg(feature = "cli")]
impl Field {
    /// Its place in a set of fields.
    pub(super) const fn bit(self) -> u64 {
        1 << self as u8
    }
}

macro_rules! kinds {
    ($($variant:ident $word:literal $about:literal
        [$($required:ident)*] [$($optional:ident)*];)+) => {
        /// The kind of a line.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = $about] $variant,)+
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// The names of all kinds.
            pub const WORDS: &'static [&'static str] = &[$($word,)+];

            /// The kind with this name.
            pub fn of(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// Its name.
            pub const fn word(self) -> &'static str {
                Self::WORDS[self as usize]
            }

            /// What a line of this kind says.
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => $about,)+
                }
            }

            /// The fields that it must have.
            pub const fn required(self) -> &'static [Field] {
                match self {
                    $(Self::$variant => &[$(Field::$required,)*],)+
                }
            }

            /// The fields that it may have.
            pub const fn optional(self) -> &'static [Field] {
                match self {
                    $(Self::$variant => &[$(Field::$optional,)*],)+
                }
            }
        }
    };
}

kinds! {
    History "history" "The first line of a file, if it is there: which version of the vocabulary it is written in."
        [Version] [AtRest];
    End "end" "The last line of a file that begins with `history`."
        [Lines] [];
    Subscription "subscription" "What a consumer or a relay must see. It stands before the first event."
        [Consumer] [Categories Types InOrder];
    Event "event" "An event was stored."
        [Stream Version]
        [Position Id Type At Command Cause Correlation Actor Transaction Category Data Meta];
    Command "command" "A command was sent. A second line with the same id is the same command, sent again."
        [Id] [Actor Stream Name At];
    Answer "answer" "A command was answered."
        [Command Outcome] [Actor Stream Version Reason At];
    Outbox "outbox" "A row of the outbox, as it is at the end."
        [Sent] [Event Stream Version];
    Publish "publish" "The relay published an event. It may do so again."
        [] [Event Stream Version Relay At];
    Deliver "deliver" "An event was handed to a consumer, which must apply it. It may be handed over again."
        [Consumer] [Event Stream Version At];
    Apply "apply" "A consumer applied an event: a row of its inbox, or of its table of handled messages."
        [Consumer] [Event Stream Version At];
    Checkpoint "checkpoint" "A consumer is done with all events up to a position."
        [Consumer Position] [At];
    Read "read" "A reader was shown a row."
        [Actor] [View Row Shows Stream Version After At];
    Leave "leave" "A reader is gone; what it was shown is forgotten."
        [Actor] [At];
    Saga "saga" "A saga came into a state."
        [Saga State] [At];
    Timer "timer" "A timer was `set`, did `fire`, or was cancelled (`cancel`)."
        [Saga Timer Did] [Due At];
    Call "call" "A service was called."
        [Effect] [Service Body At];
    Payment "payment" "The ledger of a payment provider: `authorise`, `capture`, `charge` (both at once), `void`, `refund`, `chargeback` or `dispute_won`."
        [Payment Did] [Amount Currency At];
    Stock "stock" "How many of an item exist."
        [Item Capacity] [At];
    Hold "hold" "An item is held. The same again with a later `until` extends the hold."
        [Item Holder] [Unit Quantity Until At];
    Sell "sell" "An item is sold, with or without a hold before."
        [Item Holder] [Unit Quantity At];
    Release "release" "A held or sold item is free again: given back, cancelled or run out."
        [Item Holder] [Unit Quantity At];
    Operation "operation" "A client asked something of an [object](#operations), and what it was told."
        [Object Did] [From To Outcome Actor Amount Holder Value Expected];
}

impl Kind {
    /// Whether a line of this kind may have a field.
    pub fn has(self, field: Field) -> bool {
        self.required().contains(&field) || self.optional().contains(&field)
    }

    /// The names of its fields.
    pub fn words(self) -> Vec<&'static str> {
        self.required().iter().chain(self.optional()).map(|field| field.word()).collect()
    }
}
