//! The carriers' pages that show where a parcel is.

/// The placeholder for the tracking number in a URL.
const NUMBER: &str = "{tracking_no}";

/// The URLs of carriers' tracking pages, by the carrier's name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrackingUrls(Vec<(String, String)>);

impl TrackingUrls {
    /// Parses `carrier=url` pairs, separated by semicolons: each URL begins with `https://` and contains `{tracking_no}`.
    pub fn parse(text: &str) -> Option<Self> {
        let entries = text.split(';').map(str::trim).filter(|entry| !entry.is_empty());
        let parse = |entry: &str| {
            let (carrier, url) = entry.split_once('=')?;
            let (carrier, url) = (carrier.trim(), url.trim());
            let is_url = url.starts_with("https://") && url.contains(NUMBER) && !url.contains(char::is_whitespace);
            (is_url && !carrier.is_empty()).then(|| (carrier.to_owned(), url.to_owned()))
        };
        entries.map(parse).collect::<Option<_>>().map(Self)
    }

    /// The tracking page of a parcel, if the carrier's URL is known.
    pub fn of(&self, carrier: &str, tracking_no: &str) -> Option<String> {
        let is_it = |known: &str| known.to_lowercase() == carrier.trim().to_lowercase();
        let (_, url) = self.0.iter().find(|(known, _)| is_it(known))?;
        let number: String = form_urlencoded::byte_serialize(tracking_no.as_bytes()).collect();
        Some(url.replace(NUMBER, &number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parcels_page_is_its_carriers_with_its_number() {
        let urls = TrackingUrls::parse(
            "Black Cat=https://cat.example/?no={tracking_no}; 郵局=https://p.example/{tracking_no}/x;",
        );
        let urls = urls.unwrap();
        assert_eq!(urls.of("black cat ", "9 05&x=1").as_deref(), Some("https://cat.example/?no=9+05%26x%3D1"));
        assert_eq!(urls.of("郵局", "1").as_deref(), Some("https://p.example/1/x"));
        assert_eq!(urls.of("HCT", "1"), None);
        assert_eq!(TrackingUrls::parse(""), Some(TrackingUrls::default()));
        for bad in [
            "x",
            "a=b",
            "=https://a/{tracking_no}",
            "a=http://a/{tracking_no}",
            "a=https://a/",
            "a=https://a /{tracking_no}",
        ] {
            assert_eq!(TrackingUrls::parse(bad), None, "{bad}");
        }
    }
}
