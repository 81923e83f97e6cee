//! Moments as stored: whole milliseconds since the Unix epoch, which sort and compare as numbers.

use domain::Moment;
use serde::{Deserialize, Deserializer, Serializer};

pub(crate) fn serialize<S: Serializer>(moment: &Moment, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(moment.as_millisecond())
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Moment, D::Error> {
    Moment::from_millisecond(i64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// As the parent module, for an optional moment.
pub(crate) mod option {
    use super::{Deserialize, Deserializer, Moment, Serializer};

    pub(crate) fn serialize<S: Serializer>(moment: &Option<Moment>, serializer: S) -> Result<S::Ok, S::Error> {
        match moment {
            Some(moment) => serializer.serialize_i64(moment.as_millisecond()),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Moment>, D::Error> {
        Option::<i64>::deserialize(deserializer)?
            .map(|millis| Moment::from_millisecond(millis).map_err(serde::de::Error::custom))
            .transpose()
    }
}
