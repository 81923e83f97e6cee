//! Slack's text: `&`, `<` and `>` have a meaning and are escaped.

use std::fmt::{Result, Write};

/// Escapes `&`, `<` and `>`.
#[derive(Clone, Copy)]
pub(crate) struct Escaper;

impl askama::filters::Escaper for Escaper {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> Result {
        text.chars().try_for_each(|letter| self.write_escaped_char(&mut dest, letter))
    }

    fn write_escaped_char<W: Write>(&self, mut dest: W, letter: char) -> Result {
        match letter {
            '&' => dest.write_str("&amp;"),
            '<' => dest.write_str("&lt;"),
            '>' => dest.write_str("&gt;"),
            other => dest.write_char(other),
        }
    }
}
