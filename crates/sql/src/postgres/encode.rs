//! Parameters in PostgreSQL's binary format.
//!
//! The server says which type each parameter has; a value of another type is
//! refused here, because its bytes would be read as something else.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgTypeKind};
use sqlx::{Encode, Postgres, Type, TypeInfo};

use super::decode::oid;
use super::value::{PostgresValue, Range, RangeBound};

/// Days from 1970-01-01, where the usual calendar arithmetic starts, to
/// 2000-01-01, where PostgreSQL's does.
pub(super) const EPOCH_DAYS: i64 = 10_957;

/// Microseconds in a day.
pub(super) const DAY_MICROS: i64 = 86_400_000_000;

/// A value that fits the parameter of the given type.
pub(super) struct Encoded {
    kind: PgTypeInfo,
    /// `None` is null, which is the same for every type.
    bytes: Option<Vec<u8>>,
}

impl Encoded {
    pub(super) fn new(value: &PostgresValue, kind: &PgTypeInfo) -> Result<Encoded, String> {
        Ok(Encoded {
            kind: kind.clone(),
            bytes: encode(value, kind)?,
        })
    }
}

impl Type<Postgres> for Encoded {
    fn type_info() -> PgTypeInfo {
        // Type 0: not said. Every value says its own in `produces`.
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Postgres> for Encoded {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match &self.bytes {
            None => Ok(IsNull::Yes),
            Some(bytes) => {
                buffer.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
        }
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.kind.clone())
    }
}

fn encode(value: &PostgresValue, kind: &PgTypeInfo) -> Result<Option<Vec<u8>>, String> {
    if let PgTypeKind::Domain(base) = kind.kind() {
        return encode(value, base);
    }
    let wanted = kind.oid().map_or(0, |oid| oid.0);
    let misfit = || {
        format!(
            "the statement wants {}, the value is {}",
            kind.name(),
            value.name()
        )
    };
    let bytes = match (value, wanted) {
        (PostgresValue::Null, _) => return Ok(None),
        (PostgresValue::Boolean(value), oid::BOOL) => vec![u8::from(*value)],
        (PostgresValue::Int8(value), oid::CHAR) => value.to_be_bytes().to_vec(),
        (PostgresValue::Int16(value), oid::INT2) => value.to_be_bytes().to_vec(),
        (PostgresValue::Int32(value), oid::INT4) => value.to_be_bytes().to_vec(),
        (PostgresValue::Int64(value), oid::INT8) => value.to_be_bytes().to_vec(),
        (PostgresValue::Floating32(value), oid::FLOAT4) => value.to_be_bytes().to_vec(),
        (PostgresValue::Floating64(value), oid::FLOAT8) => value.to_be_bytes().to_vec(),
        (PostgresValue::Text(value), _) if is_text(kind, wanted) => value.as_bytes().to_vec(),
        (PostgresValue::Binary(value), oid::BYTEA) => value.clone(),
        (PostgresValue::Date(year, month, day), oid::DATE) => {
            let days = days(*year, *month, *day)? - EPOCH_DAYS;
            i32::try_from(days)
                .map_err(|_| "the date is out of range".to_owned())?
                .to_be_bytes()
                .to_vec()
        }
        (PostgresValue::Time(hour, minute, second, nano), oid::TIME) => {
            micros(*hour, *minute, *second, *nano)?
                .to_be_bytes()
                .to_vec()
        }
        (
            PostgresValue::DateTime(year, month, day, hour, minute, second, nano),
            oid::TIMESTAMP | oid::TIMESTAMPTZ,
        ) => {
            let days = days(*year, *month, *day)? - EPOCH_DAYS;
            instant(
                days.checked_mul(DAY_MICROS),
                micros(*hour, *minute, *second, *nano)?,
            )?
        }
        (PostgresValue::Timestamp(seconds), oid::TIMESTAMPTZ) => {
            instant(seconds.checked_mul(1_000_000), -EPOCH_DAYS * DAY_MICROS)?
        }
        (PostgresValue::Uuid(value), oid::UUID) => uuid(value)?,
        (PostgresValue::Jsonb(value), oid::JSONB) => [&[1], value.as_slice()].concat(),
        (PostgresValue::Jsonb(value), oid::JSON) => value.clone(),
        (PostgresValue::Decimal(value), oid::NUMERIC) => decimal(value)?,
        (PostgresValue::RangeInt32(value), oid::INT4_RANGE) => {
            range(value, |value| Ok(value.to_be_bytes().to_vec()))?
        }
        (PostgresValue::RangeInt64(value), oid::INT8_RANGE) => {
            range(value, |value| Ok(value.to_be_bytes().to_vec()))?
        }
        (PostgresValue::RangeDecimal(value), oid::NUM_RANGE) => {
            range(value, |value| decimal(value))?
        }
        (PostgresValue::ArrayInt32(values), oid::INT4_ARRAY) => {
            array(values, oid::INT4, |value| Ok(value.to_be_bytes().to_vec()))?
        }
        (PostgresValue::ArrayInt64(values), oid::INT8_ARRAY) => {
            array(values, oid::INT8, |value| Ok(value.to_be_bytes().to_vec()))?
        }
        (PostgresValue::ArrayDecimal(values), oid::NUMERIC_ARRAY) => {
            array(values, oid::NUMERIC, |value| decimal(value))?
        }
        (PostgresValue::ArrayText(values), oid::TEXT_ARRAY) => text_array(values, oid::TEXT)?,
        (PostgresValue::ArrayText(values), oid::VARCHAR_ARRAY) => text_array(values, oid::VARCHAR)?,
        (PostgresValue::ArrayText(values), oid::BPCHAR_ARRAY) => text_array(values, oid::BPCHAR)?,
        (PostgresValue::Interval(value), oid::INTERVAL) => {
            let mut bytes = value.micros.to_be_bytes().to_vec();
            bytes.extend(value.days.to_be_bytes());
            bytes.extend(value.months.to_be_bytes());
            bytes
        }
        _ => return Err(misfit()),
    };
    Ok(Some(bytes))
}

/// Types whose binary form is their text.
fn is_text(kind: &PgTypeInfo, wanted: u32) -> bool {
    matches!(
        wanted,
        oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::UNKNOWN
    ) || matches!(kind.kind(), PgTypeKind::Enum(_))
        || kind.name().eq_ignore_ascii_case("citext")
}

fn instant(base: Option<i64>, more: i64) -> Result<Vec<u8>, String> {
    let micros = base
        .and_then(|base| base.checked_add(more))
        .ok_or("the time is out of range")?;
    Ok(micros.to_be_bytes().to_vec())
}

/// Days from 1970-01-01 in the Gregorian calendar without beginning.
fn days(year: i32, month: u8, day: u8) -> Result<i64, String> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    if day == 0 || day > length {
        return Err(format!("there is no date {year}-{month}-{day}"));
    }
    // Years begin in March here, so that the leap day is the last of its year.
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Ok(era * 146_097 + day_of_era - 719_468)
}

fn micros(hour: u8, minute: u8, second: u8, nano: u32) -> Result<i64, String> {
    if hour > 23 || minute > 59 || second > 59 || nano > 999_999_999 {
        return Err(format!(
            "there is no time {hour}:{minute}:{second}.{nano:09}"
        ));
    }
    let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
    Ok(seconds * 1_000_000 + i64::from(nano) / 1000)
}

fn uuid(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || "the UUID is malformed".to_owned();
    let digits: Vec<u8> = text.bytes().filter(|&byte| byte != b'-').collect();
    if digits.len() != 32 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(wrong());
    }
    digits
        .chunks(2)
        .map(|pair| {
            std::str::from_utf8(pair)
                .ok()
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                .ok_or_else(wrong)
        })
        .collect()
}

/// `NUMERIC`: number of base-10000 digits, weight of the first, sign, decimal places, digits.
fn decimal(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || "the decimal is malformed".to_owned();
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.eq_ignore_ascii_case("nan") {
        return Ok(numeric(&[], 0, 0xC000, 0));
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return Err(wrong());
    }
    let scale = u16::try_from(fraction.len())
        .ok()
        .filter(|&scale| scale <= 16_383)
        .ok_or_else(wrong)?;
    if whole.len() > 131_072 {
        return Err(wrong());
    }
    // Groups of four digits to both sides of the decimal point.
    let padded = format!(
        "{}{whole}{fraction}{}",
        zeros(whole.len()),
        zeros(fraction.len())
    );
    let mut groups: Vec<i16> = padded
        .as_bytes()
        .chunks(4)
        .map(|group| {
            group
                .iter()
                .fold(0, |value, digit| value * 10 + i16::from(digit - b'0'))
        })
        .collect();
    let mut weight = i16::try_from(whole.len().div_ceil(4)).map_err(|_| wrong())? - 1;
    let leading = groups.iter().take_while(|&&group| group == 0).count();
    groups.drain(..leading);
    weight -= i16::try_from(leading).map_err(|_| wrong())?;
    while groups.last() == Some(&0) {
        groups.pop();
    }
    let sign = if negative && !groups.is_empty() {
        0x4000
    } else {
        0
    };
    Ok(numeric(
        &groups,
        if groups.is_empty() { 0 } else { weight },
        sign,
        scale,
    ))
}

fn zeros(length: usize) -> &'static str {
    &"000"[..(4 - length % 4) % 4]
}

fn numeric(groups: &[i16], weight: i16, sign: u16, scale: u16) -> Vec<u8> {
    let mut bytes = (groups.len() as u16).to_be_bytes().to_vec();
    bytes.extend(weight.to_be_bytes());
    bytes.extend(sign.to_be_bytes());
    bytes.extend(scale.to_be_bytes());
    groups
        .iter()
        .for_each(|group| bytes.extend(group.to_be_bytes()));
    bytes
}

fn sized(bytes: &mut Vec<u8>, part: &[u8]) -> Result<(), String> {
    bytes.extend(
        i32::try_from(part.len())
            .map_err(|_| "the value is too large".to_owned())?
            .to_be_bytes(),
    );
    bytes.extend(part);
    Ok(())
}

fn range<T>(
    range: &Range<T>,
    element: impl Fn(&T) -> Result<Vec<u8>, String>,
) -> Result<Vec<u8>, String> {
    let mut bytes = vec![0];
    for (end, inclusive, infinite) in [(&range.lower, 0x02, 0x08), (&range.upper, 0x04, 0x10)] {
        match end {
            None => bytes[0] |= infinite,
            Some((value, bound)) => {
                if *bound == RangeBound::Inclusive {
                    bytes[0] |= inclusive;
                }
                sized(&mut bytes, &element(value)?)?;
            }
        }
    }
    Ok(bytes)
}

fn array<T>(
    values: &[Option<T>],
    element_type: u32,
    element: impl Fn(&T) -> Result<Vec<u8>, String>,
) -> Result<Vec<u8>, String> {
    let length = i32::try_from(values.len()).map_err(|_| "the array is too long".to_owned())?;
    let mut bytes = Vec::new();
    bytes.extend(i32::from(length > 0).to_be_bytes()); // dimensions
    bytes.extend(i32::from(values.iter().any(Option::is_none)).to_be_bytes()); // has nulls
    bytes.extend(element_type.to_be_bytes());
    if length > 0 {
        bytes.extend(length.to_be_bytes());
        bytes.extend(1i32.to_be_bytes()); // first index
    }
    for value in values {
        match value {
            None => bytes.extend((-1i32).to_be_bytes()),
            Some(value) => sized(&mut bytes, &element(value)?)?,
        }
    }
    Ok(bytes)
}

fn text_array(values: &[Option<String>], element_type: u32) -> Result<Vec<u8>, String> {
    array(values, element_type, |value| Ok(value.as_bytes().to_vec()))
}
