//! Values of PostgreSQL, as rich as `spin:postgres@4.2.0` has them.

use store::Value;

/// A parameter, or a value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum PostgresValue {
    /// `NULL` of any type.
    Null,
    /// `BOOL`.
    Boolean(bool),
    /// `"char"`.
    Int8(i8),
    /// `INT2`.
    Int16(i16),
    /// `INT4`.
    Int32(i32),
    /// `INT8`.
    Int64(i64),
    /// `FLOAT4`.
    Floating32(f32),
    /// `FLOAT8`.
    Floating64(f64),
    /// `TEXT` and what is text on the wire: `VARCHAR`, `BPCHAR`, `NAME`, enumerations.
    Text(String),
    /// `BYTEA`.
    Binary(Vec<u8>),
    /// `DATE`: year (astronomical), month, day.
    Date(i32, u8, u8),
    /// `TIME`: hour, minute, second, nanosecond.
    Time(u8, u8, u8, u32),
    /// `TIMESTAMP` and `TIMESTAMPTZ` in UTC: year, month, day, hour, minute, second, nanosecond.
    DateTime(i32, u8, u8, u8, u8, u8, u32),
    /// `TIMESTAMPTZ` in seconds since 1970 UTC; only as a parameter.
    Timestamp(i64),
    /// `UUID`, in the usual form.
    Uuid(String),
    /// `JSONB` and `JSON`, as text.
    Jsonb(Vec<u8>),
    /// `NUMERIC` in decimal digits; rows may also have `NaN`, `Infinity`, `-Infinity`.
    Decimal(String),
    /// `INT4RANGE`.
    RangeInt32(Range<i32>),
    /// `INT8RANGE`.
    RangeInt64(Range<i64>),
    /// `NUMRANGE`.
    RangeDecimal(Range<String>),
    /// `INT4[]`, one-dimensional.
    ArrayInt32(Vec<Option<i32>>),
    /// `INT8[]`, one-dimensional.
    ArrayInt64(Vec<Option<i64>>),
    /// `NUMERIC[]`, one-dimensional.
    ArrayDecimal(Vec<Option<String>>),
    /// `TEXT[]` or `VARCHAR[]`, one-dimensional.
    ArrayText(Vec<Option<String>>),
    /// `INTERVAL`.
    Interval(Interval),
    /// A value of another type, as it is on the wire; only in rows.
    Unsupported(Vec<u8>),
}

/// `INTERVAL`: three parts that do not convert into each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Microseconds.
    pub micros: i64,
    /// Days.
    pub days: i32,
    /// Months.
    pub months: i32,
}

/// Whether the end of a range belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeBound {
    /// It does.
    Inclusive,
    /// It does not.
    Exclusive,
}

/// A range; an end that is absent is open. An empty range has no ends either, as on Spin.
#[derive(Clone, Debug, PartialEq)]
pub struct Range<T> {
    /// The lower end.
    pub lower: Option<(T, RangeBound)>,
    /// The upper end.
    pub upper: Option<(T, RangeBound)>,
}

/// The type of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostgresType {
    /// `BOOL`.
    Boolean,
    /// `"char"`.
    Int8,
    /// `INT2`.
    Int16,
    /// `INT4`.
    Int32,
    /// `INT8`.
    Int64,
    /// `FLOAT4`.
    Floating32,
    /// `FLOAT8`.
    Floating64,
    /// `TEXT`, `VARCHAR`, `BPCHAR`, `NAME`.
    Text,
    /// `BYTEA`.
    Binary,
    /// `DATE`.
    Date,
    /// `TIME`.
    Time,
    /// `TIMESTAMP`, `TIMESTAMPTZ`.
    DateTime,
    /// `UUID`.
    Uuid,
    /// `JSONB`, `JSON`.
    Jsonb,
    /// `NUMERIC`.
    Decimal,
    /// `INT4RANGE`.
    RangeInt32,
    /// `INT8RANGE`.
    RangeInt64,
    /// `NUMRANGE`.
    RangeDecimal,
    /// `INT4[]`.
    ArrayInt32,
    /// `INT8[]`.
    ArrayInt64,
    /// `NUMERIC[]`.
    ArrayDecimal,
    /// `TEXT[]`, `VARCHAR[]`, `BPCHAR[]`.
    ArrayText,
    /// `INTERVAL`.
    Interval,
    /// Any other, by the server's name.
    Other(String),
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: PostgresType,
}

/// What a statement returned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PostgresResult {
    /// The columns, known even without rows.
    pub columns: Vec<PostgresColumn>,
    /// The rows, each as wide as `columns`.
    pub rows: Vec<Vec<PostgresValue>>,
    /// Rows inserted, changed, deleted or selected.
    pub affected: u64,
}

impl From<Value> for PostgresValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => PostgresValue::Null,
            Value::Integer(value) => PostgresValue::Int64(value),
            Value::Real(value) => PostgresValue::Floating64(value),
            Value::Text(value) => PostgresValue::Text(value),
            Value::Blob(value) => PostgresValue::Binary(value),
        }
    }
}

impl PostgresValue {
    /// The value in the terms of the platform's schema.
    pub(crate) fn into_stored(self) -> Result<Value, store::Error> {
        Ok(match self {
            PostgresValue::Null => Value::Null,
            PostgresValue::Boolean(value) => Value::Integer(value.into()),
            PostgresValue::Int8(value) => Value::Integer(value.into()),
            PostgresValue::Int16(value) => Value::Integer(value.into()),
            PostgresValue::Int32(value) => Value::Integer(value.into()),
            PostgresValue::Int64(value) => Value::Integer(value),
            PostgresValue::Floating32(value) => Value::Real(value.into()),
            PostgresValue::Floating64(value) => Value::Real(value),
            PostgresValue::Text(value)
            | PostgresValue::Uuid(value)
            | PostgresValue::Decimal(value) => Value::Text(value),
            PostgresValue::Binary(value) => Value::Blob(value),
            PostgresValue::Jsonb(value) => Value::Text(
                String::from_utf8(value)
                    .map_err(|_| store::Error::Decode("JSON that is not UTF-8".to_owned()))?,
            ),
            other => {
                return Err(store::Error::Decode(format!(
                    "no platform type for {}",
                    other.name()
                )));
            }
        })
    }

    /// The name of the value's type, for messages.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            PostgresValue::Null => "null",
            PostgresValue::Boolean(_) => "boolean",
            PostgresValue::Int8(_) => "int8",
            PostgresValue::Int16(_) => "int16",
            PostgresValue::Int32(_) => "int32",
            PostgresValue::Int64(_) => "int64",
            PostgresValue::Floating32(_) => "floating32",
            PostgresValue::Floating64(_) => "floating64",
            PostgresValue::Text(_) => "text",
            PostgresValue::Binary(_) => "binary",
            PostgresValue::Date(..) => "date",
            PostgresValue::Time(..) => "time",
            PostgresValue::DateTime(..) => "date-time",
            PostgresValue::Timestamp(_) => "timestamp",
            PostgresValue::Uuid(_) => "uuid",
            PostgresValue::Jsonb(_) => "jsonb",
            PostgresValue::Decimal(_) => "decimal",
            PostgresValue::RangeInt32(_) => "range of int32",
            PostgresValue::RangeInt64(_) => "range of int64",
            PostgresValue::RangeDecimal(_) => "range of decimal",
            PostgresValue::ArrayInt32(_) => "array of int32",
            PostgresValue::ArrayInt64(_) => "array of int64",
            PostgresValue::ArrayDecimal(_) => "array of decimal",
            PostgresValue::ArrayText(_) => "array of text",
            PostgresValue::Interval(_) => "interval",
            PostgresValue::Unsupported(_) => "a value of an unsupported type",
        }
    }
}
