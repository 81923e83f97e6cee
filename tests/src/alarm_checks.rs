//! A model of CloudWatch: reads the metrics in log lines, accepts the metrics of AWS services, and evaluates the alarms of
//! the templates minute by minute.
//!
//! The alarms of the local AWS support neither dimensions nor missing data, and evaluate all periods as one. This model
//! follows the AWS documentation ("Using Amazon CloudWatch alarms: how alarm state is evaluated when data is missing").

use crate::template::{self, resources};
use domain::Moment;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// The shop's name, which is the prefix of all function and queue names.
pub const SHOP_NAME: &str = "tests";
pub const API_ID: &str = "api";

const MINUTE_SECONDS: i64 = 60;

/// Namespace, metric name and dimensions.
pub type Series = (String, String, BTreeMap<String, String>);

/// The state of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    InsufficientData,
    Ok,
    Alarm,
}

/// The treatment of a period without data (`TreatMissingData`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Breaching,
    NotBreaching,
    /// The alarm keeps its state.
    Ignore,
}

/// The aggregation of a period's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    Sum,
    Maximum,
}

/// An alarm as its template defines it.
#[derive(Debug, Clone)]
pub struct Alarm {
    /// The logical id in the template.
    pub name: String,
    /// The metric.
    pub series: Series,
    pub statistic: Statistic,
    pub period_seconds: i64,
    /// The number of evaluated periods.
    pub periods: i64,
    /// The number of these periods that must breach the threshold.
    pub crossings: usize,
    pub threshold: i64,
    /// Whether a value equal to the threshold breaches it.
    pub or_equal: bool,
    /// The treatment of a period without data (`TreatMissingData`).
    pub missing: Missing,
}

impl Alarm {
    pub fn all() -> &'static [Self] {
        static ALARMS: OnceLock<Vec<Alarm>> = OnceLock::new();
        ALARMS.get_or_init(|| {
            let alarms = template::all().iter().flat_map(|(_, template)| resources(template, "AWS::CloudWatch::Alarm"));
            alarms.map(|(name, properties)| Self::read(name, properties)).collect()
        })
    }

    /// The alarm with this logical id.
    pub fn find(name: &str) -> &'static Self {
        Self::all().iter().find(|alarm| alarm.name == name).unwrap_or_else(|| panic!("no alarm {name}"))
    }

    fn read(name: &str, properties: &Value) -> Self {
        let text = |field: &str| properties[field].as_str().unwrap_or_else(|| panic!("{name}: {field}")).to_owned();
        let number = |field: &str| properties[field].as_i64().unwrap_or_else(|| panic!("{name}: {field}"));
        let dimensions = properties["Dimensions"].as_array().into_iter().flatten();
        let dimensions = dimensions.map(|one| (one["Name"].as_str().unwrap().to_owned(), resolved(&one["Value"])));
        let periods = number("EvaluationPeriods");
        Self {
            name: name.to_owned(),
            series: (resolved(&properties["Namespace"]), text("MetricName"), dimensions.collect()),
            statistic: match text("Statistic").as_str() {
                "Sum" => Statistic::Sum,
                "Maximum" => Statistic::Maximum,
                other => panic!("{name}: Statistic {other}"),
            },
            period_seconds: number("Period"),
            periods,
            crossings: usize::try_from(properties["DatapointsToAlarm"].as_i64().unwrap_or(periods)).unwrap(),
            threshold: number("Threshold"),
            or_equal: match text("ComparisonOperator").as_str() {
                "GreaterThanThreshold" => false,
                "GreaterThanOrEqualToThreshold" => true,
                other => panic!("{name}: ComparisonOperator {other}"),
            },
            missing: match text("TreatMissingData").as_str() {
                "breaching" => Missing::Breaching,
                "notBreaching" => Missing::NotBreaching,
                "ignore" => Missing::Ignore,
                other => panic!("{name}: TreatMissingData {other}"),
            },
        }
    }

    fn is_crossed_by(&self, value: i64) -> bool {
        value > self.threshold || (self.or_equal && value == self.threshold)
    }

    /// The state that follows `before` after these periods, oldest first.
    fn next(&self, before: State, periods: &[Option<i64>]) -> State {
        if periods.iter().all(Option::is_none) && self.missing == Missing::Ignore {
            return before;
        }
        let crossed = periods.iter().filter(|value| match value {
            Some(value) => self.is_crossed_by(*value),
            None => self.missing == Missing::Breaching,
        });
        if crossed.count() >= self.crossings { State::Alarm } else { State::Ok }
    }
}

/// Resolves `!Sub "${ShopName}-…"` and the other parameters of the alarm templates.
fn resolved(value: &Value) -> String {
    let reference = value["!Ref"].as_str().map(|name| format!("${{{name}}}"));
    let text = reference.as_deref().or(value["!Sub"].as_str()).or(value.as_str()).unwrap_or_default();
    text.replace("${ShopName}", SHOP_NAME)
        .replace("${MetricsNamespace}", &format!("Millrun/{SHOP_NAME}"))
        .replace("${ApiId}", API_ID)
}

#[derive(Debug, Default)]
struct Figures {
    /// Sum and maximum per metric and minute.
    minutes: BTreeMap<Series, BTreeMap<i64, (i64, i64)>>,
    began: Option<i64>,
}

/// The metrics of a shop, as CloudWatch stores them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Arc<Mutex<Figures>>);

impl Metrics {
    /// Reads the metrics of a log line in the embedded metric format.
    pub fn read(&self, line: &Value) {
        let Some(embedded) = line.get("_aws") else { return };
        let at = Moment::from_millisecond(embedded["Timestamp"].as_i64().unwrap()).unwrap();
        for directive in embedded["CloudWatchMetrics"].as_array().unwrap() {
            let namespace = directive["Namespace"].as_str().unwrap();
            for dimensions in directive["Dimensions"].as_array().unwrap() {
                let names = dimensions.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                let dimensions: Vec<_> = names.map(|name| (name, line[name].as_str().unwrap())).collect();
                for metric in directive["Metrics"].as_array().unwrap() {
                    let name = metric["Name"].as_str().unwrap();
                    self.put((namespace, name, &dimensions), line[name].as_i64().unwrap(), at);
                }
            }
        }
    }

    /// Adds a value of a metric that AWS itself reports.
    pub fn put(&self, (namespace, name, dimensions): (&str, &str, &[(&str, &str)]), value: i64, at: Moment) {
        let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let series = (namespace.to_owned(), name.to_owned(), dimensions.collect());
        let minute = at.as_second().div_euclid(MINUTE_SECONDS);
        let mut figures = self.figures();
        figures.began = Some(figures.began.map_or(minute, |began| began.min(minute)));
        let (sum, max) = figures.minutes.entry(series).or_default().entry(minute).or_insert((0, i64::MIN));
        *sum += value;
        *max = value.max(*max);
    }

    /// The state of an alarm at `now`. Evaluates every minute since the first value, as CloudWatch did.
    pub fn state(&self, alarm: &Alarm, now: Moment) -> State {
        let figures = self.figures();
        let (Some(began), length) = (figures.began, alarm.period_seconds / MINUTE_SECONDS) else {
            return State::InsufficientData;
        };
        let empty = BTreeMap::new();
        let minutes = figures.minutes.get(&alarm.series).unwrap_or(&empty);
        let period_ending = |end: i64| {
            let values: Vec<_> = minutes.range(end - length..end).map(|(_, value)| *value).collect();
            match alarm.statistic {
                Statistic::Sum => values.iter().map(|(sum, _)| *sum).reduce(|one, other| one + other),
                Statistic::Maximum => values.iter().map(|(_, max)| *max).max(),
            }
        };
        let mut state = State::InsufficientData;
        // CloudWatch evaluates an alarm only after its first full evaluation range.
        for end in began + length * alarm.periods..=now.as_second().div_euclid(MINUTE_SECONDS) {
            let periods: Vec<_> = (0..alarm.periods).rev().map(|back| period_ending(end - back * length)).collect();
            state = alarm.next(state, &periods);
        }
        state
    }

    /// Every metric that has a value.
    pub fn series(&self) -> BTreeSet<Series> {
        self.figures().minutes.keys().cloned().collect()
    }

    fn figures(&self) -> MutexGuard<'_, Figures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm(periods: i64, crossings: usize, missing: Missing) -> Alarm {
        let series = ("N".to_owned(), "M".to_owned(), BTreeMap::new());
        let (period_seconds, threshold) = (60, 10);
        let name = String::new();
        let statistic = Statistic::Maximum;
        Alarm { name, series, statistic, period_seconds, periods, crossings, threshold, or_equal: false, missing }
    }

    fn after(alarm: &Alarm, values: &[Option<i64>]) -> State {
        let metrics = Metrics::default();
        metrics.put(("other", "", &[]), 0, Moment::UNIX_EPOCH);
        for (minute, value) in values.iter().enumerate() {
            let at = Moment::from_second(i64::try_from(minute).unwrap() * 60 + 59).unwrap();
            value.iter().for_each(|value| metrics.put(("N", "M", &[]), *value, at));
        }
        metrics.state(alarm, Moment::from_second(i64::try_from(values.len()).unwrap() * 60).unwrap())
    }

    #[test]
    fn an_alarm_fires_when_m_of_n_periods_breach_the_threshold() {
        let alarm = alarm(5, 3, Missing::NotBreaching);
        let (low, high) = (Some(10), Some(11));
        assert_eq!(after(&alarm, &[low, high, high, low, low]), State::Ok);
        assert_eq!(after(&alarm, &[low, high, high, low, high]), State::Alarm);
        assert_eq!(
            after(&alarm, &[high, high, high, low, low, low]),
            State::Ok,
            "the first breach is outside the evaluation range"
        );
        assert_eq!(after(&alarm, &[high; 4]), State::InsufficientData, "too early to tell");
    }

    #[test]
    fn missing_data_is_treated_as_the_alarm_declares() {
        let values = [Some(11), None, None];
        assert_eq!(after(&alarm(1, 1, Missing::NotBreaching), &values), State::Ok);
        assert_eq!(
            after(&alarm(1, 1, Missing::Ignore), &values),
            State::Alarm,
            "the state is kept until there is data"
        );
        assert_eq!(after(&alarm(1, 1, Missing::Ignore), &[Some(11), None, Some(0)]), State::Ok);
        assert_eq!(after(&alarm(3, 3, Missing::Breaching), &values), State::Alarm);
        assert_eq!(after(&alarm(3, 3, Missing::Breaching), &[Some(11), Some(0), None]), State::Ok);
    }

    #[test]
    fn a_period_sums_the_values_of_its_minutes() {
        let five_minutes = Alarm { statistic: Statistic::Sum, period_seconds: 300, ..alarm(1, 1, Missing::Ignore) };
        assert_eq!(after(&five_minutes, &[Some(4), Some(4), None, Some(2), None]), State::Ok);
        assert_eq!(after(&five_minutes, &[Some(4), Some(4), None, Some(2), Some(1)]), State::Alarm);
    }
}
