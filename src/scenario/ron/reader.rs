//! Reads any type from the tree of a text.
//!
//! A problem is found at the value that does not fit; on its way out it learns the way to that value.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::literal;
use super::misfit::{Misfit, Problem};
use super::tree::{Item, Node, Shape, word};

type Result<T> = std::result::Result<T, Misfit>;

/// A value of a text, to be read.
#[derive(Clone, Copy)]
pub(in crate::scenario) struct Value<'de> {
    text: &'de str,
    node: &'de Node,
    /// Whether the parentheses are those of a variant or type around, and the fields in them those of its
    /// only value.
    is_of_variant: bool,
}

/// The values within a value, in order.
struct Items<'de> {
    text: &'de str,
    items: &'de [Item],
    next: usize,
}

impl<'de> Value<'de> {
    pub(in crate::scenario) const fn new(text: &'de str, node: &'de Node) -> Self {
        Self { text, node, is_of_variant: false }
    }

    fn written(self) -> &'de str {
        &self.text[self.node.span.clone()]
    }

    fn name(self) -> Option<&'de str> {
        self.node.name.as_ref().map(|name| word(self.text, name))
    }

    fn items(self) -> Items<'de> {
        Items { text: self.text, items: &self.node.items, next: 0 }
    }

    fn is_word(self, wanted: &str) -> bool {
        self.node.shape == Shape::Word && self.written() == wanted
    }

    fn must_be(self, shape: Shape, wanted: &'static str) -> Result<Self> {
        if self.node.shape == shape { Ok(self) } else { Err(misfit(Problem::Shape(wanted))) }
    }

    /// Parentheses without a name, or with that of the type.
    fn parens_of(self, type_name: &str) -> Result<Self> {
        match self.name() {
            Some(name) if name != type_name && !self.is_of_variant => {
                Err(misfit(Problem::WrongName))
            }
            Some(_) | None => self.must_be(Shape::Parens, "parentheses here, like `(...)`"),
        }
    }

    /// The fields in parentheses.
    fn fields(self) -> Result<Items<'de>> {
        match self.node.items.iter().find(|item| item.key.is_none()) {
            Some(_) => Err(misfit(Problem::Nameless)),
            None => Ok(self.items()),
        }
    }

    /// The one value in parentheses.
    fn only(self) -> Result<Items<'de>> {
        match self.node.items.as_slice() {
            [Item { key: None, .. }] => Ok(self.items()),
            _ => Err(misfit(Problem::NeedsValue)),
        }
    }

    fn integer(self) -> Result<i128> {
        if self.node.shape != Shape::Number {
            return Err(misfit(Problem::Shape("a whole number without quotes, like `7`")));
        }
        literal::integer(self.written()).map_err(|is_out_of_range| {
            let wanted = Problem::Shape("a whole number, like `7`");
            misfit(if is_out_of_range { Problem::OutOfRange } else { wanted })
        })
    }

    fn float(self) -> Result<f64> {
        let written = self.written().replace('_', "");
        written.parse().map_err(|_| misfit(Problem::Shape("a number, like `0.5`")))
    }

    fn said(self) -> Result<String> {
        let wanted = match self.node.shape {
            Shape::Text => return literal::text(self.written()).map_err(Misfit::custom),
            Shape::Number => "it in quotes, and with its unit if it has one, like `\"5s\"`",
            Shape::Character | Shape::Word | Shape::Parens | Shape::List | Shape::Map => {
                "a text in quotes, like `\"...\"`"
            }
        };
        Err(misfit(Problem::Shape(wanted)))
    }

    fn character(self) -> Result<char> {
        let said = self.must_be(Shape::Character, "a character in quotes, like `'x'`")?;
        let said = literal::text(said.written()).map_err(Misfit::custom)?;
        let mut chars = said.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Ok(c),
            _ => Err(misfit(Problem::Shape("one character in quotes, like `'x'`"))),
        }
    }

    /// The word of a variant.
    fn variant(self) -> Result<&'de str> {
        match (self.node.shape, self.name()) {
            (Shape::Word, _) => Ok(word(self.text, &self.node.span)),
            (Shape::Parens, Some(name)) => Ok(name),
            (Shape::Text, _) => Err(misfit(Problem::Shape("the word without quotes"))),
            (Shape::Number | Shape::Character | Shape::Parens | Shape::List | Shape::Map, _) => {
                Err(misfit(Problem::Shape("a word without quotes")))
            }
        }
    }

    /// Whether all that stands in the parentheses has names.
    fn has_fields(self) -> bool {
        !self.is_bare() && self.node.items.iter().all(|item| item.key.is_some())
    }

    fn is_bare(self) -> bool {
        self.node.shape == Shape::Word
    }
}

fn misfit(problem: Problem) -> Misfit {
    Misfit::new(problem)
}

impl<'de> Items<'de> {
    fn item(&self) -> Option<&'de Item> {
        self.items.get(self.next)
    }

    fn read<S: DeserializeSeed<'de>>(&mut self, seed: S, node: &'de Node) -> Result<S::Value> {
        let at = self.next;
        seed.deserialize(Value::new(self.text, node)).map_err(|misfit| misfit.within(at))
    }

    /// Reads all of them, of which a type knows how many there are.
    fn tuple<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value> {
        let value = visitor.visit_seq(&mut self)?;
        if self.item().is_some() { Err(misfit(Problem::TooMany)) } else { Ok(value) }
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'de> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        let Some(item) = self.item() else { return Ok(None) };
        let value = self.read(seed, &item.value)?;
        self.next += 1;
        Ok(Some(value))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.next)
    }
}

impl<'de> MapAccess<'de> for &mut Items<'de> {
    type Error = Misfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        let key = self.item().and_then(|item| item.key.as_ref());
        key.map(|key| self.read(seed, key)).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        let Some(item) = self.item() else { return Err(Misfit::custom("a key without a value")) };
        let value = self.read(seed, &item.value)?;
        self.next += 1;
        Ok(value)
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
        if self.is_bare() { Ok(()) } else { Err(misfit(Problem::NoFields)) }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value> {
        if self.has_fields() {
            return seed.deserialize(Self { is_of_variant: true, ..self });
        }
        self.only()?.read(seed, &self.node.items[0].value)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        if self.is_bare() { Err(misfit(Problem::NeedsValue)) } else { self.items().tuple(visitor) }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if self.is_bare() {
            return Err(misfit(Problem::NeedsFields));
        }
        visitor.visit_map(&mut self.fields()?)
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            let number = <$type>::try_from(self.integer()?);
            visitor.$visit(number.map_err(|_| misfit(Problem::OutOfRange))?)
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

    forward_to_deserialize_any! { f32 f64 char bytes byte_buf }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.node.shape {
            Shape::Text => visitor.visit_string(self.said()?),
            Shape::Character => visitor.visit_char(self.character()?),
            Shape::Number => match self.integer() {
                Ok(number) => match u64::try_from(number) {
                    Ok(number) => visitor.visit_u64(number),
                    Err(_) => self.deserialize_i64(visitor),
                },
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
            Shape::Parens => match self.fields() {
                Ok(mut fields) => visitor.visit_map(&mut fields),
                Err(_) => self.items().tuple(visitor),
            },
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.is_word("true") || self.is_word("false") {
            return visitor.visit_bool(self.is_word("true"));
        }
        Err(misfit(Problem::Shape("`true` or `false`")))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_string(self.said()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_string(self.said()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.is_word("None") {
            return visitor.visit_none();
        }
        if self.node.shape != Shape::Parens || self.name() != Some("Some") {
            return visitor.visit_some(self);
        }
        self.only()?;
        let inner = Self::new(self.text, &self.node.items[0].value);
        visitor.visit_some(inner).map_err(|misfit| misfit.within(0))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match (self.node.shape, self.node.items.len()) {
            (Shape::Parens, 0) => visitor.visit_unit(),
            _ => Err(misfit(Problem::Shape("empty parentheses, `()`"))),
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
        let parens = self.parens_of(name)?;
        if parens.has_fields() {
            return visitor.visit_newtype_struct(Self { is_of_variant: true, ..parens });
        }
        parens.items().tuple(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let list = self.must_be(Shape::List, "a list in brackets, like `[...]`")?;
        visitor.visit_seq(&mut list.items())
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
        if self.node.shape != Shape::Parens {
            let map = self.must_be(Shape::Map, "entries in braces, like `{ key: value }`")?;
            return visitor.visit_map(&mut map.items());
        }
        visitor.visit_map(&mut self.fields()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_map(&mut self.parens_of(name)?.fields()?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_enum(self)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.node.shape {
            Shape::Word => visitor.visit_borrowed_str(word(self.text, &self.node.span)),
            _ => visitor.visit_string(self.said()?),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }
}
