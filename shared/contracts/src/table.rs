//! Tables as CSV (RFC 4180) for spreadsheets: UTF-8 with a byte order mark, lines ended by CRLF, and no cell that a
//! spreadsheet would run as a formula.

use crate::Failure;
use crate::orders::{BatchOrderView, ContactView};
use std::borrow::Cow;

/// Tells a spreadsheet that the text is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// Bytes after which a table is cut: an answer of Lambda holds 6 MB, with every quotation mark in it escaped.
pub const TABLE_BYTES_MAX: usize = 3_000_000;

/// Something that is a row of a table.
pub trait Row {
    /// The first line.
    const HEADER: &'static [&'static str];

    /// The cells, as many as the header has.
    fn cells(&self) -> Vec<Cow<'_, str>>;
}

/// A table that grows row by row.
pub struct Table {
    writer: csv::Writer<Vec<u8>>,
    bytes: usize,
}

impl Table {
    /// A table of rows of this kind, with its header.
    ///
    /// # Errors
    /// [`Failure::Broken`] when the row cannot be written.
    pub fn of<R: Row>() -> Result<Self, Failure> {
        let writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let mut table = Self { writer, bytes: BYTE_ORDER_MARK.len() };
        table.writer.write_record(R::HEADER).map_err(Failure::broken)?;
        Ok(table)
    }

    /// One more row.
    ///
    /// # Errors
    /// [`Failure::Broken`] when the row cannot be written.
    pub fn push<R: Row>(&mut self, row: &R) -> Result<(), Failure> {
        let cells: Vec<String> = row.cells().iter().map(|cell| neutralized(cell).into_owned()).collect();
        self.bytes += cells.iter().map(|cell| cell.len() + 3).sum::<usize>();
        self.writer.write_record(&cells).map_err(Failure::broken)
    }

    /// Whether one answer holds no more.
    pub const fn is_full(&self) -> bool {
        self.bytes >= TABLE_BYTES_MAX
    }

    /// The whole text.
    ///
    /// # Errors
    /// [`Failure::Broken`] when it is not UTF-8.
    pub fn finish(self) -> Result<String, Failure> {
        let bytes = self.writer.into_inner().map_err(|error| Failure::broken(error.to_string()))?;
        Ok(format!("{BYTE_ORDER_MARK}{}", String::from_utf8(bytes).map_err(Failure::broken)?))
    }
}

/// A cell that a spreadsheet shows as the text that it is: one that begins as a formula does is led by an apostrophe.
fn neutralized(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

impl Row for BatchOrderView {
    const HEADER: &'static [&'static str] = &[
        "order_id",
        "order_no",
        "customer_id",
        "name",
        "phone",
        "email",
        "shipping_address",
        "quantity",
        "status",
        "paid_at",
    ];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        let paid_at = self.paid_at.map(|at| at.to_string()).unwrap_or_default();
        let of_contact = |text: fn(&ContactView) -> &String| self.contact.as_ref().map_or("", |contact| text(contact));
        vec![
            Cow::from(&self.order_id),
            Cow::from(&self.order_no),
            Cow::from(&self.customer_id),
            Cow::from(of_contact(|contact| &contact.name)),
            Cow::from(of_contact(|contact| &contact.phone)),
            Cow::from(of_contact(|contact| &contact.email)),
            Cow::from(of_contact(|contact| &contact.shipping_address)),
            Cow::from(self.quantity.to_string()),
            Cow::from(&self.status),
            Cow::from(paid_at),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Pair(&'static str, &'static str);

    impl Row for Pair {
        const HEADER: &'static [&'static str] = &["one", "two"];

        fn cells(&self) -> Vec<Cow<'_, str>> {
            vec![self.0.into(), self.1.into()]
        }
    }

    fn written(rows: &[Pair]) -> String {
        let mut table = Table::of::<Pair>().unwrap();
        rows.iter().for_each(|row| table.push(row).unwrap());
        table.finish().unwrap()
    }

    #[test]
    fn a_table_has_a_byte_order_mark_a_header_and_crlf() {
        assert_eq!(written(&[Pair("a", "茶")]), "\u{feff}one,two\r\na,茶\r\n");
    }

    #[test]
    fn commas_quotation_marks_and_line_breaks_stay_inside_their_cell() {
        let text = written(&[Pair("1, Main St", "so \"called\"\nline")]);
        assert!(text.ends_with("\"1, Main St\",\"so \"\"called\"\"\nline\"\r\n"), "{text:?}");
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows, [vec!["1, Main St", "so \"called\"\nline"]]);
    }

    #[test]
    fn a_cell_that_would_be_a_formula_is_a_text() {
        for formula in ["=1+1", "+886912345678", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(neutralized(formula), format!("'{formula}"));
        }
        for harmless in ["", "Ada", "0912345678", "1=1", "a@b.co"] {
            assert_eq!(neutralized(harmless), harmless);
        }
    }
}
