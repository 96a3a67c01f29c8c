//! Prints any value as a text that reads back to the same value.

use std::fmt::{self, Write};

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// The name by which a text asks to be printed without quotes.
const BARE_WORD: &str = "$word";

/// The text of a value: a line for each field and each item of a list, one line for a tuple. Other readers
/// of RON have to enable the extension.
pub(in crate::scenario) fn print(value: &impl Serialize) -> String {
    let mut printer =
        Printer { text: "#![enable(implicit_some)]\n".to_owned(), ..Printer::default() };
    value.serialize(&mut printer).expect("a scenario is plain data");
    printer.text + "\n"
}

/// Writes a text as a word without quotes.
pub(crate) fn bare_word<S: Serializer>(word: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_newtype_struct(BARE_WORD, word)
}

#[derive(Default)]
struct Printer {
    text: String,
    /// How many groups are open that have a line for each member.
    depth: usize,
    /// Whether the next text is a word, to be printed without quotes.
    is_word: bool,
    /// Whether the next value is that of a variant. If it has fields, they stand in the parentheses of the
    /// variant.
    is_of_variant: bool,
}

/// A list, a map or fields, being printed.
struct Group<'a> {
    printer: &'a mut Printer,
    close: &'static str,
    /// Whether each member has a line of its own.
    has_lines: bool,
    is_empty: bool,
}

impl Printer {
    /// A group whose members have a line each.
    fn open(&mut self, name: &str, open: &str, close: &'static str) -> Group<'_> {
        self.text.push_str(name);
        self.text.push_str(open);
        self.depth += 1;
        self.is_of_variant = false;
        Group { printer: self, close, has_lines: true, is_empty: true }
    }

    /// A group whose members share a line.
    fn tuple(&mut self, name: &str) -> Group<'_> {
        self.text.push_str(name);
        self.text.push('(');
        self.is_of_variant = false;
        Group { printer: self, close: ")", has_lines: false, is_empty: true }
    }

    fn indent(&mut self) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n("    ", self.depth));
    }

    fn show(&mut self, value: &dyn fmt::Display) -> fmt::Result {
        write!(self.text, "{value}")
    }
}

impl Group<'_> {
    /// What stands before a member.
    fn begin(&mut self) {
        if !self.is_empty {
            self.printer.text.push_str(if self.has_lines { "," } else { ", " });
        }
        self.is_empty = false;
        if self.has_lines {
            self.printer.indent();
        }
    }

    fn begin_field(&mut self, key: &str) {
        self.begin();
        self.printer.text.push_str(key);
        self.printer.text.push_str(": ");
    }

    fn close(self) {
        if self.has_lines {
            self.printer.depth -= 1;
            if !self.is_empty {
                self.printer.text.push(',');
                self.printer.indent();
            }
        }
        self.printer.text.push_str(self.close);
    }
}

macro_rules! shown {
    ($($method:ident $type:ty;)*) => {$(
        fn $method(self, value: $type) -> fmt::Result {
            self.show(&value)
        }
    )*};
}

impl<'a> Serializer for &'a mut Printer {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Group<'a>;
    type SerializeTuple = Group<'a>;
    type SerializeTupleStruct = Group<'a>;
    type SerializeTupleVariant = Group<'a>;
    type SerializeMap = Group<'a>;
    type SerializeStruct = Group<'a>;
    type SerializeStructVariant = Group<'a>;

    shown! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_u128 u128;
    }

    fn serialize_f32(self, value: f32) -> fmt::Result {
        write!(self.text, "{value:?}")
    }

    fn serialize_f64(self, value: f64) -> fmt::Result {
        write!(self.text, "{value:?}")
    }

    fn serialize_char(self, value: char) -> fmt::Result {
        write!(self.text, "'{}'", value.escape_default())
    }

    fn serialize_str(self, value: &str) -> fmt::Result {
        if std::mem::take(&mut self.is_word) {
            return self.show(&value);
        }
        // Each character alone: in a row, one that extends another is not escaped.
        self.text.push('"');
        self.text.extend(value.chars().flat_map(char::escape_debug));
        self.text.push('"');
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> fmt::Result {
        value.serialize(self)
    }

    fn serialize_none(self) -> fmt::Result {
        self.show(&"None")
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> fmt::Result {
        value.serialize(self)
    }

    fn serialize_unit(self) -> fmt::Result {
        self.show(&"()")
    }

    fn serialize_unit_struct(self, _: &'static str) -> fmt::Result {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> fmt::Result {
        self.show(&variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        name: &'static str,
        value: &T,
    ) -> fmt::Result {
        if name == BARE_WORD {
            self.is_word = true;
            return value.serialize(self);
        }
        self.serialize_newtype_variant(name, 0, "", value)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> fmt::Result {
        self.text.push_str(variant);
        self.text.push('(');
        self.is_of_variant = true;
        value.serialize(&mut *self)?;
        self.is_of_variant = false;
        self.text.push(')');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Group<'a>, fmt::Error> {
        Ok(self.open("", "[", "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Group<'a>, fmt::Error> {
        Ok(self.tuple(""))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Group<'a>, fmt::Error> {
        Ok(self.tuple(""))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Group<'a>, fmt::Error> {
        Ok(self.tuple(variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Group<'a>, fmt::Error> {
        Ok(self.open("", "{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Group<'a>, fmt::Error> {
        let (open, close) = if self.is_of_variant { ("", "") } else { ("(", ")") };
        Ok(self.open("", open, close))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Group<'a>, fmt::Error> {
        Ok(self.open(variant, "(", ")"))
    }
}

macro_rules! groups {
    ($($trait:ident $method:ident $(($key:ident))?;)*) => {$(
        impl $trait for Group<'_> {
            type Ok = ();
            type Error = fmt::Error;

            fn $method<T: ?Sized + Serialize>(
                &mut self,
                $($key: &'static str,)?
                value: &T,
            ) -> fmt::Result {
                groups!(@begin self $($key)?);
                value.serialize(&mut *self.printer)
            }

            fn end(self) -> fmt::Result {
                self.close();
                Ok(())
            }
        }
    )*};
    (@begin $group:ident) => { $group.begin() };
    (@begin $group:ident $key:ident) => { $group.begin_field($key) };
}

groups! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
    SerializeStruct serialize_field (key);
    SerializeStructVariant serialize_field (key);
}

impl SerializeMap for Group<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> fmt::Result {
        self.begin();
        key.serialize(&mut *self.printer)
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> fmt::Result {
        self.printer.text.push_str(": ");
        value.serialize(&mut *self.printer)
    }

    fn end(self) -> fmt::Result {
        self.close();
        Ok(())
    }
}
