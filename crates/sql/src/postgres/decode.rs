//! Values of rows out of PostgreSQL's binary format.

use sqlx::postgres::{PgRow, PgTypeInfo, PgTypeKind, PgValueFormat};
use sqlx::{Row, TypeInfo, ValueRef};

use super::encode::{DAY_MICROS, EPOCH_DAYS};
use super::error::PostgresError;
use super::value::{Interval, PostgresColumn, PostgresType, PostgresValue, Range, RangeBound};

/// The object identifiers of built-in types (`pg_type.dat` of PostgreSQL).
pub(super) mod oid {
    pub(crate) const BOOL: u32 = 16;
    pub(crate) const BYTEA: u32 = 17;
    pub(crate) const CHAR: u32 = 18;
    pub(crate) const NAME: u32 = 19;
    pub(crate) const INT8: u32 = 20;
    pub(crate) const INT2: u32 = 21;
    pub(crate) const INT4: u32 = 23;
    pub(crate) const TEXT: u32 = 25;
    pub(crate) const JSON: u32 = 114;
    pub(crate) const FLOAT4: u32 = 700;
    pub(crate) const FLOAT8: u32 = 701;
    pub(crate) const UNKNOWN: u32 = 705;
    pub(crate) const INT4_ARRAY: u32 = 1007;
    pub(crate) const TEXT_ARRAY: u32 = 1009;
    pub(crate) const BPCHAR_ARRAY: u32 = 1014;
    pub(crate) const VARCHAR_ARRAY: u32 = 1015;
    pub(crate) const INT8_ARRAY: u32 = 1016;
    pub(crate) const BPCHAR: u32 = 1042;
    pub(crate) const VARCHAR: u32 = 1043;
    pub(crate) const DATE: u32 = 1082;
    pub(crate) const TIME: u32 = 1083;
    pub(crate) const TIMESTAMP: u32 = 1114;
    pub(crate) const TIMESTAMPTZ: u32 = 1184;
    pub(crate) const INTERVAL: u32 = 1186;
    pub(crate) const NUMERIC_ARRAY: u32 = 1231;
    pub(crate) const NUMERIC: u32 = 1700;
    pub(crate) const UUID: u32 = 2950;
    pub(crate) const JSONB: u32 = 3802;
    pub(crate) const INT4_RANGE: u32 = 3904;
    pub(crate) const NUM_RANGE: u32 = 3906;
    pub(crate) const INT8_RANGE: u32 = 3926;
}

/// The type of a column.
pub(super) fn kind(info: &PgTypeInfo) -> PostgresType {
    if let PgTypeKind::Domain(base) = info.kind() {
        return kind(base);
    }
    match info.oid().map_or(0, |oid| oid.0) {
        oid::BOOL => PostgresType::Boolean,
        oid::CHAR => PostgresType::Int8,
        oid::INT2 => PostgresType::Int16,
        oid::INT4 => PostgresType::Int32,
        oid::INT8 => PostgresType::Int64,
        oid::FLOAT4 => PostgresType::Floating32,
        oid::FLOAT8 => PostgresType::Floating64,
        oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::UNKNOWN => PostgresType::Text,
        oid::BYTEA => PostgresType::Binary,
        oid::DATE => PostgresType::Date,
        oid::TIME => PostgresType::Time,
        oid::TIMESTAMP | oid::TIMESTAMPTZ => PostgresType::DateTime,
        oid::UUID => PostgresType::Uuid,
        oid::JSON | oid::JSONB => PostgresType::Jsonb,
        oid::NUMERIC => PostgresType::Decimal,
        oid::INT4_RANGE => PostgresType::RangeInt32,
        oid::INT8_RANGE => PostgresType::RangeInt64,
        oid::NUM_RANGE => PostgresType::RangeDecimal,
        oid::INT4_ARRAY => PostgresType::ArrayInt32,
        oid::INT8_ARRAY => PostgresType::ArrayInt64,
        oid::NUMERIC_ARRAY => PostgresType::ArrayDecimal,
        oid::TEXT_ARRAY | oid::VARCHAR_ARRAY | oid::BPCHAR_ARRAY => PostgresType::ArrayText,
        oid::INTERVAL => PostgresType::Interval,
        _ => PostgresType::Other(info.name().to_lowercase()),
    }
}

/// The values of a row and how many bytes they came in.
pub(super) fn row(
    row: &PgRow,
    columns: &[PostgresColumn],
) -> Result<(Vec<PostgresValue>, usize), PostgresError> {
    let mut size = 0;
    let mut values = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        let raw = row.try_get_raw(index)?;
        size += size_of::<PostgresValue>();
        if raw.is_null() {
            values.push(PostgresValue::Null);
            continue;
        }
        let wrong =
            || PostgresError::Decode(format!("column {index}: a value that cannot be read"));
        if raw.format() != PgValueFormat::Binary {
            return Err(wrong());
        }
        let is_jsonb = raw
            .type_info()
            .oid()
            .is_some_and(|found| found.0 == oid::JSONB);
        let bytes = raw.as_bytes().map_err(|_| wrong())?;
        size += bytes.len();
        values.push(value(&column.kind, bytes, is_jsonb).ok_or_else(wrong)?);
    }
    Ok((values, size))
}

fn value(kind: &PostgresType, bytes: &[u8], is_jsonb: bool) -> Option<PostgresValue> {
    Some(match kind {
        PostgresType::Boolean => PostgresValue::Boolean(bytes.first()? != &0),
        PostgresType::Int8 => PostgresValue::Int8(i8::from_be_bytes(bytes.try_into().ok()?)),
        PostgresType::Int16 => PostgresValue::Int16(i16::from_be_bytes(bytes.try_into().ok()?)),
        PostgresType::Int32 => PostgresValue::Int32(i32::from_be_bytes(bytes.try_into().ok()?)),
        PostgresType::Int64 => PostgresValue::Int64(i64::from_be_bytes(bytes.try_into().ok()?)),
        PostgresType::Floating32 => {
            PostgresValue::Floating32(f32::from_be_bytes(bytes.try_into().ok()?))
        }
        PostgresType::Floating64 => {
            PostgresValue::Floating64(f64::from_be_bytes(bytes.try_into().ok()?))
        }
        PostgresType::Text => PostgresValue::Text(text(bytes)?),
        PostgresType::Binary => PostgresValue::Binary(bytes.to_vec()),
        PostgresType::Date => {
            let days = i32::from_be_bytes(bytes.try_into().ok()?);
            if matches!(days, i32::MAX | i32::MIN) {
                return None; // infinity
            }
            let (year, month, day) = date(i64::from(days) + EPOCH_DAYS)?;
            PostgresValue::Date(year, month, day)
        }
        PostgresType::Time => {
            let (hour, minute, second, nano) = time(i64::from_be_bytes(bytes.try_into().ok()?))?;
            PostgresValue::Time(hour, minute, second, nano)
        }
        PostgresType::DateTime => {
            let micros = i64::from_be_bytes(bytes.try_into().ok()?);
            if matches!(micros, i64::MAX | i64::MIN) {
                return None; // infinity
            }
            let (year, month, day) = date(micros.div_euclid(DAY_MICROS) + EPOCH_DAYS)?;
            let (hour, minute, second, nano) = time(micros.rem_euclid(DAY_MICROS))?;
            PostgresValue::DateTime(year, month, day, hour, minute, second, nano)
        }
        PostgresType::Uuid => PostgresValue::Uuid(uuid(bytes)?),
        // JSONB has a version, 1, in front of the text.
        PostgresType::Jsonb if is_jsonb => PostgresValue::Jsonb(bytes.strip_prefix(&[1])?.to_vec()),
        PostgresType::Jsonb => PostgresValue::Jsonb(bytes.to_vec()),
        PostgresType::Decimal => PostgresValue::Decimal(decimal(bytes)?),
        PostgresType::RangeInt32 => PostgresValue::RangeInt32(range(bytes, int4)?),
        PostgresType::RangeInt64 => PostgresValue::RangeInt64(range(bytes, int8)?),
        PostgresType::RangeDecimal => PostgresValue::RangeDecimal(range(bytes, decimal)?),
        PostgresType::ArrayInt32 => PostgresValue::ArrayInt32(array(bytes, int4)?),
        PostgresType::ArrayInt64 => PostgresValue::ArrayInt64(array(bytes, int8)?),
        PostgresType::ArrayDecimal => PostgresValue::ArrayDecimal(array(bytes, decimal)?),
        PostgresType::ArrayText => PostgresValue::ArrayText(array(bytes, text)?),
        PostgresType::Interval => {
            let mut reader = Reader(bytes);
            let (micros, days, months) = (
                int8(reader.take(8)?)?,
                int4(reader.take(4)?)?,
                int4(reader.take(4)?)?,
            );
            PostgresValue::Interval(Interval {
                micros,
                days,
                months,
            })
        }
        PostgresType::Other(_) => PostgresValue::Unsupported(bytes.to_vec()),
    })
}

fn int4(bytes: &[u8]) -> Option<i32> {
    Some(i32::from_be_bytes(bytes.try_into().ok()?))
}

fn int8(bytes: &[u8]) -> Option<i64> {
    Some(i64::from_be_bytes(bytes.try_into().ok()?))
}

fn text(bytes: &[u8]) -> Option<String> {
    Some(std::str::from_utf8(bytes).ok()?.to_owned())
}

/// Year, month and day of a number of days since 1970-01-01.
fn date(days: i64) -> Option<(i32, u8, u8)> {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Some((
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
    ))
}

fn time(micros: i64) -> Option<(u8, u8, u8, u32)> {
    let seconds = micros / 1_000_000;
    Some((
        (seconds / 3600).try_into().ok()?,
        (seconds / 60 % 60).try_into().ok()?,
        (seconds % 60).try_into().ok()?,
        (micros % 1_000_000 * 1000).try_into().ok()?,
    ))
}

fn uuid(bytes: &[u8]) -> Option<String> {
    if bytes.len() != 16 {
        return None;
    }
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    Some(text)
}

fn decimal(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader(bytes);
    let count = usize::try_from(reader.int2()?).ok()?;
    let weight = i32::from(reader.int2()?);
    let sign = reader.int2()? as u16;
    let scale = usize::try_from(reader.int2()?).ok()?;
    match sign {
        0xC000 => return Some("NaN".to_owned()),
        0xD000 => return Some("Infinity".to_owned()),
        0xF000 => return Some("-Infinity".to_owned()),
        _ => {}
    }
    let groups: Vec<i16> = (0..count).map(|_| reader.int2()).collect::<Option<_>>()?;
    let group = |position: i32| {
        usize::try_from(weight - position)
            .ok()
            .and_then(|index| groups.get(index))
            .copied()
            .unwrap_or(0)
    };
    let mut text = String::new();
    if sign == 0x4000 {
        text.push('-');
    }
    let mut whole = String::new();
    (0..=weight.max(0))
        .rev()
        .for_each(|position| whole.push_str(&format!("{:04}", group(position))));
    let trimmed = whole.trim_start_matches('0');
    text.push_str(if trimmed.is_empty() { "0" } else { trimmed });
    if scale > 0 {
        let mut fraction = String::new();
        let mut position = -1;
        while fraction.len() < scale {
            fraction.push_str(&format!("{:04}", group(position)));
            position -= 1;
        }
        text.push('.');
        text.push_str(&fraction[..scale]);
    }
    Some(text)
}

fn range<T>(bytes: &[u8], element: impl Fn(&[u8]) -> Option<T>) -> Option<Range<T>> {
    let mut reader = Reader(bytes);
    let flags = *reader.take(1)?.first()?;
    let mut range = Range {
        lower: None,
        upper: None,
    };
    if flags & 0x01 != 0 {
        return Some(range); // empty
    }
    let mut end = |inclusive: u8, infinite: u8| {
        if flags & infinite != 0 {
            return Some(None);
        }
        let bound = if flags & inclusive != 0 {
            RangeBound::Inclusive
        } else {
            RangeBound::Exclusive
        };
        Some(Some((element(reader.sized()??)?, bound)))
    };
    range.lower = end(0x02, 0x08)?;
    range.upper = end(0x04, 0x10)?;
    Some(range)
}

fn array<T>(bytes: &[u8], element: impl Fn(&[u8]) -> Option<T>) -> Option<Vec<Option<T>>> {
    let mut reader = Reader(bytes);
    let dimensions = int4(reader.take(4)?)?;
    reader.take(8)?; // has nulls, type of the elements
    if dimensions == 0 {
        return Some(Vec::new());
    }
    if dimensions != 1 {
        return None;
    }
    let length = int4(reader.take(4)?)?;
    reader.take(4)?; // first index
    (0..length)
        .map(|_| match reader.sized()? {
            None => Some(None),
            Some(bytes) => element(bytes).map(Some),
        })
        .collect()
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn int2(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    /// A part with its length in front; `Some(None)` is null.
    fn sized(&mut self) -> Option<Option<&'a [u8]>> {
        match int4(self.take(4)?)? {
            -1 => Some(None),
            length => self.take(usize::try_from(length).ok()?).map(Some),
        }
    }
}
