//! Reads any type from the tree of a text.
//!
//! The way to the value that is being read is kept beside the tree. When a value does not fit, it is the
//! way to that value.

use std::cell::RefCell;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::misfit::{Misfit, Problem};
use super::tree::{Item, Node, Shape, word};

type Result<T> = std::result::Result<T, Misfit>;

/// Reads a tree of `text`.
pub(in crate::scenario) fn read<T: DeserializeOwned>(text: &str, tree: &Node) -> Result<T> {
    let way = RefCell::default();
    T::deserialize(Value::new(text, tree, &way)).map_err(|misfit| misfit.at(way.take()))
}

/// A value of a text, to be read.
#[derive(Clone, Copy)]
struct Value<'de> {
    text: &'de str,
    node: &'de Node,
    /// The way to the value that was entered last: which item of which item.
    way: &'de RefCell<Vec<usize>>,
    /// The length of the way to this value.
    depth: usize,
    /// Whether `node` is a variant, and this value what stands in its parentheses.
    is_of_variant: bool,
}

/// The values within a value, in order.
struct Items<'de> {
    of: Value<'de>,
    next: usize,
}

impl<'de> Value<'de> {
    const fn new(text: &'de str, node: &'de Node, way: &'de RefCell<Vec<usize>>) -> Self {
        Self { text, node, way, depth: 0, is_of_variant: false }
    }

    fn written(self) -> &'de str {
        &self.text[self.node.span.clone()]
    }

    fn name(self) -> Option<&'de str> {
        self.node.name.as_ref().map(|name| word(self.text, name))
    }

    fn items(self) -> Items<'de> {
        Items { of: self, next: 0 }
    }

    /// Notes that what follows is about this value and not about one within it.
    fn leave_items(self) {
        self.way.borrow_mut().truncate(self.depth);
    }

    /// The value or the key of an item.
    fn enter(self, at: usize, node: &'de Node) -> Self {
        self.leave_items();
        self.way.borrow_mut().push(at);
        Self { node, depth: self.depth + 1, is_of_variant: false, ..self }
    }

    /// The one value in parentheses.
    fn only(self) -> Result<Self> {
        match self.node.items.as_slice() {
            [Item { key: None, value }] => Ok(self.enter(0, value)),
            _ => misfit(Problem::NeedsValue),
        }
    }

    /// The value itself, where the parentheses of a variant are not its own.
    fn whole(self) -> Result<Self> {
        if self.is_of_variant { self.only() } else { Ok(self) }
    }

    fn is_word(self, wanted: &str) -> bool {
        self.node.shape == Shape::Word && self.written() == wanted
    }

    fn must_be(self, shape: Shape, wanted: &'static str) -> Result<Self> {
        if self.node.shape == shape { Ok(self) } else { misfit(Problem::Shape(wanted)) }
    }

    /// Parentheses without a name, with that of the type, or those of the variant around.
    fn parens_of(self, type_name: &str) -> Result<Self> {
        match self.name() {
            Some(name) if name != type_name && !self.is_of_variant => misfit(Problem::WrongName),
            Some(_) | None => self.must_be(Shape::Parens, "parentheses here, like `(...)`"),
        }
    }

    /// The fields in parentheses.
    fn fields_of(self, type_name: &str) -> Result<Items<'de>> {
        let parens = self.parens_of(type_name)?;
        let has_names = parens.node.items.iter().all(|item| item.key.is_some());
        if has_names { Ok(parens.items()) } else { misfit(Problem::Nameless) }
    }

    fn variant_fields(self) -> Result<Items<'de>> {
        if self.node.shape == Shape::Word {
            return misfit(Problem::NeedsFields);
        }
        Self { is_of_variant: true, ..self }.fields_of("")
    }

    fn entries(self) -> Result<Items<'de>> {
        let wanted = "entries in braces, like `{ key: value }`";
        Ok(self.whole()?.must_be(Shape::Map, wanted)?.items())
    }

    fn list(self) -> Result<Items<'de>> {
        Ok(self.whole()?.must_be(Shape::List, "a list in brackets, like `[...]`")?.items())
    }

    fn boolean(self) -> Result<bool> {
        let word = self.whole()?;
        match (word.is_word("true"), word.is_word("false")) {
            (false, false) => misfit(Problem::Shape("`true` or `false`")),
            (is_true, _) => Ok(is_true),
        }
    }

    fn integer(self, (least, most): (i128, u128)) -> Result<i128> {
        let number = self.whole()?;
        let number = number.must_be(Shape::Number, "a whole number without quotes, like `7`")?;
        ron::from_str(number.written()).or_else(|error| match error.code {
            ron::Error::IntegerOutOfBounds => misfit(Problem::OutOfRange { least, most }),
            _ => {
                let written = number.written();
                misfit(Problem::Message(format!(
                    "`{written}` is not a whole number; write one like `7`"
                )))
            }
        })
    }

    fn float(self) -> Result<f64> {
        let number = self.whole()?.must_be(Shape::Number, "a number, like `0.5`")?;
        ron::from_str(number.written()).map_err(Misfit::custom)
    }

    fn said(self) -> Result<String> {
        let text = self.whole()?;
        let wanted = match text.node.shape {
            Shape::Text => return ron::from_str(text.written()).or_else(not_a_text),
            Shape::Number => "it in quotes, and with its unit if it has one, like `\"5s\"`",
            Shape::Character | Shape::Word | Shape::Parens | Shape::List | Shape::Map => {
                "a text in quotes, like `\"...\"`"
            }
        };
        misfit(Problem::Shape(wanted))
    }

    fn character(self) -> Result<char> {
        let wanted = "one character in quotes, like `'x'`";
        let character = self.whole()?.must_be(Shape::Character, wanted)?;
        ron::from_str(character.written()).or_else(not_a_text)
    }

    /// A word, or the one before parentheses.
    fn variant(self) -> Result<&'de str> {
        match (self.node.shape, self.name()) {
            (Shape::Word, _) => Ok(word(self.text, &self.node.span)),
            (Shape::Parens, Some(name)) => Ok(name),
            (Shape::Text, _) => misfit(Problem::Shape("the word without quotes")),
            (Shape::Number | Shape::Character | Shape::Parens | Shape::List | Shape::Map, _) => {
                misfit(Problem::Shape("a word without quotes"))
            }
        }
    }
}

fn misfit<T>(problem: Problem) -> Result<T> {
    Err(Misfit::new(problem))
}

fn not_a_text<T>(_: ron::error::SpannedError) -> Result<T> {
    let message = "an escape in this text is not known; write a backslash as `\\\\`";
    misfit(Problem::Message(message.to_owned()))
}

impl<'de> Items<'de> {
    fn item(&self) -> Option<&'de Item> {
        self.of.node.items.get(self.next)
    }

    fn enter_key(&mut self) -> Option<Value<'de>> {
        let Some(key) = self.item().and_then(|item| item.key.as_ref()) else {
            self.of.leave_items();
            return None;
        };
        Some(self.of.enter(self.next, key))
    }

    fn enter_value(&mut self) -> Option<Value<'de>> {
        let Some(item) = self.item() else {
            self.of.leave_items();
            return None;
        };
        self.next += 1;
        Some(self.of.enter(self.next - 1, &item.value))
    }

    /// Reads all of them. The type knows how many there are.
    fn tuple<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value> {
        if self.of.node.items.iter().any(|item| item.key.is_some()) {
            return Err(Misfit::custom("the values here have no names; write `(value, value)`"));
        }
        let value = visitor.visit_seq(&mut self)?;
        self.of.leave_items();
        if self.item().is_some() {
            let message = "there are too many values in these parentheses; remove some";
            return Err(Misfit::custom(message));
        }
        Ok(value)
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'de> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        let Some(value) = self.enter_value() else { return Ok(None) };
        Ok(Some(seed.deserialize(value)?))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.of.node.items.len() - self.next)
    }
}

impl<'de> MapAccess<'de> for &mut Items<'de> {
    type Error = Misfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        let Some(key) = self.enter_key() else { return Ok(None) };
        Ok(Some(seed.deserialize(key)?))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        seed.deserialize(self.enter_value().expect("a key has a value"))
    }
}

impl<'de> EnumAccess<'de> for Value<'de> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self)> {
        let name = BorrowedStrDeserializer::new(self.variant()?);
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Value<'de> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<()> {
        if self.node.shape == Shape::Word { Ok(()) } else { misfit(Problem::NoFields) }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value> {
        if self.node.shape == Shape::Word {
            return misfit(Problem::NeedsValue);
        }
        seed.deserialize(Self { is_of_variant: true, ..self })
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        if self.node.shape == Shape::Word {
            return misfit(Problem::NeedsValue);
        }
        self.items().tuple(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_map(&mut self.variant_fields()?)
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            let range = (<$type>::MIN as i128, <$type>::MAX as u128);
            match <$type>::try_from(self.integer(range)?) {
                Ok(number) => visitor.$visit(number),
                Err(_) => misfit(Problem::OutOfRange { least: range.0, most: range.1 }),
            }
        }
    )*};
}

macro_rules! scalars {
    ($($method:ident $visit:ident $read:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            visitor.$visit(self.$read()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Misfit;

    integers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_u128 visit_u128 u128;
    }

    scalars! {
        deserialize_bool visit_bool boolean;
        deserialize_f32 visit_f64 float;
        deserialize_f64 visit_f64 float;
        deserialize_char visit_char character;
        deserialize_str visit_string said;
        deserialize_string visit_string said;
        deserialize_identifier visit_borrowed_str variant;
    }

    forward_to_deserialize_any! { bytes byte_buf }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.node.shape {
            Shape::Text => visitor.visit_string(self.said()?),
            Shape::Character => visitor.visit_char(self.character()?),
            Shape::Number => match self.integer((i64::MIN.into(), u64::MAX.into())) {
                Ok(0..) => self.deserialize_u64(visitor),
                Ok(_) => self.deserialize_i64(visitor),
                Err(_) => visitor.visit_f64(self.float()?),
            },
            Shape::Word => match self.written() {
                "true" => visitor.visit_bool(true),
                "false" => visitor.visit_bool(false),
                "None" => visitor.visit_none(),
                word => visitor.visit_borrowed_str(word),
            },
            Shape::Map => visitor.visit_map(&mut self.items()),
            Shape::List => visitor.visit_seq(&mut self.items()),
            Shape::Parens => match self.parens_of("")?.fields_of("") {
                Ok(mut fields) => visitor.visit_map(&mut fields),
                Err(_) => self.items().tuple(visitor),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let option = self.whole()?;
        if option.is_word("None") {
            return visitor.visit_none();
        }
        let is_some = option.node.shape == Shape::Parens && option.name() == Some("Some");
        visitor.visit_some(if is_some { option.only()? } else { option })
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match (self.node.shape, self.node.span.len()) {
            (Shape::Parens, 2) => visitor.visit_unit(),
            _ => misfit(Problem::Shape("empty parentheses, `()`")),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        if self.is_word(name) { visitor.visit_unit() } else { self.deserialize_unit(visitor) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self.parens_of(name)?.only()?)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(&mut self.list()?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.parens_of("")?.items().tuple(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.parens_of(name)?.items().tuple(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_map(&mut self.entries()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_map(&mut self.fields_of(name)?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let value = self.whole()?;
        match value.node.shape {
            // An enum that lists no variants can be any name, and may be in quotes.
            Shape::Text if variants.is_empty() => visitor.visit_string(value.said()?),
            _ => visitor.visit_enum(value),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }
}
