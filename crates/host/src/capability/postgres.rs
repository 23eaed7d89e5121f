//! `spin:postgres`: PostgreSQL databases at the addresses that the manifest allows.

use super::Host;
use super::bindings::spin::postgres::postgres::{
    self, Column, DbDataType, DbError, DbValue, Error, Interval, ParameterValue, QueryError,
    RangeBoundKind, Row, RowSet,
};
use crate::state::{Definition, State};
use sql::{
    PostgresConnection, PostgresDatabase, PostgresError, PostgresOptions, PostgresResult,
    PostgresType, PostgresValue, Range, RangeBound, dsn_hosts,
};
use std::sync::{Arc, PoisonError};
use std::time::Instant;
use tokio::sync::Mutex;
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

/// How many addresses have their connections kept.
const POOLS: usize = 16;

/// The connections of an application, by address; the one that was opened last is last.
#[derive(Default)]
pub(crate) struct Pools(std::sync::Mutex<Vec<(String, PostgresDatabase)>>);

/// What stands behind a guest's `connection`. Statements on one connection run one after the other.
#[derive(Clone)]
pub struct Connection {
    connection: Arc<Mutex<PostgresConnection>>,
}

/// What stands behind a guest's `connection-builder`: the address.
pub struct Builder {
    address: String,
}

type Rows = (
    Vec<Column>,
    StreamReader<Row>,
    FutureReader<Result<(), Error>>,
);

impl Pools {
    /// The connections to `address`.
    fn at(&self, address: &str) -> Result<PostgresDatabase, PostgresError> {
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, database)) = pools.iter().find(|(other, _)| other == address) {
            return Ok(database.clone());
        }
        let database = PostgresDatabase::open(address, PostgresOptions::default())?;
        if pools.len() == POOLS {
            pools.remove(0);
        }
        pools.push((address.to_owned(), database.clone()));
        Ok(database)
    }
}

/// Opens a connection to `address`, if the component may.
async fn open(definition: &Definition, address: &str) -> Result<Connection, Error> {
    let hosts = dsn_hosts(address).map_err(to_error)?;
    if !hosts
        .iter()
        .all(|(host, port)| definition.allowed_hosts.allows("postgres", host, *port))
    {
        tracing::warn!(component = %definition.id, "call of a database that is not allowed");
        return Err(Error::ConnectionFailed(
            "the address is not among allowed_outbound_hosts".into(),
        ));
    }
    let database = definition.postgres.at(address).map_err(to_error)?;
    let connection = database.connection().await.map_err(to_error)?;
    Ok(Connection {
        connection: Arc::new(Mutex::new(connection)),
    })
}

async fn query(
    connection: &Connection,
    definition: &Definition,
    statement: &str,
    parameters: Vec<ParameterValue>,
) -> Result<PostgresResult, Error> {
    let begin = Instant::now();
    let parameters: Vec<_> = parameters.into_iter().map(to_sql).collect();
    let result = connection
        .connection
        .lock()
        .await
        .query(statement, &parameters)
        .await;
    definition.metrics.statements.inc();
    definition
        .metrics
        .statement_seconds
        .observe(begin.elapsed().as_secs_f64());
    result.map_err(to_error)
}

impl State {
    fn postgres_connection(
        &self,
        connection: &Resource<Connection>,
    ) -> wasmtime::Result<(Connection, Arc<Definition>)> {
        Ok((self.table.get(connection)?.clone(), self.definition.clone()))
    }

    async fn open_postgres(
        &mut self,
        address: &str,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        Ok(match open(&self.definition.clone(), address).await {
            Ok(connection) => Ok(self.table.push(connection)?),
            Err(error) => Err(error),
        })
    }
}

async fn open_beside<T: Send + 'static>(
    accessor: &Accessor<T, Host>,
    address: &str,
) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
    let definition = accessor.with(|mut access| access.get().definition.clone());
    Ok(match open(&definition, address).await {
        Ok(connection) => Ok(accessor.with(|mut access| access.get().table.push(connection))?),
        Err(error) => Err(error),
    })
}

impl<T: Send + 'static> postgres::HostConnectionWithStore<T> for Host {
    async fn open_async(
        accessor: &Accessor<T, Self>,
        address: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        open_beside(accessor, &address).await
    }

    async fn query_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<Rows, Error>> {
        let (connection, definition) =
            accessor.with(|mut access| access.get().postgres_connection(&connection))?;
        let result = match query(&connection, &definition, &statement, parameters).await {
            Ok(result) => to_row_set(result),
            Err(error) => return Ok(Err(error)),
        };
        accessor.with(|mut access| {
            let stream = StreamReader::new(&mut access, result.rows)?;
            let end =
                FutureReader::new(&mut access, std::future::ready(wasmtime::error::Ok(Ok(()))))?;
            Ok(Ok((result.columns, stream, end)))
        })
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<u64, Error>> {
        let (connection, definition) =
            accessor.with(|mut access| access.get().postgres_connection(&connection))?;
        Ok(query(&connection, &definition, &statement, parameters)
            .await
            .map(|result| result.affected))
    }
}

impl postgres::HostConnection for State {
    async fn open(
        &mut self,
        address: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        self.open_postgres(&address).await
    }

    async fn query(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<RowSet, Error>> {
        let (connection, definition) = self.postgres_connection(&connection)?;
        Ok(query(&connection, &definition, &statement, parameters)
            .await
            .map(to_row_set))
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<u64, Error>> {
        let (connection, definition) = self.postgres_connection(&connection)?;
        Ok(query(&connection, &definition, &statement, parameters)
            .await
            .map(|result| result.affected))
    }

    /// An open transaction is rolled back with the connection.
    fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

impl<T: Send + 'static> postgres::HostConnectionBuilderWithStore<T> for Host {
    async fn build_async(
        accessor: &Accessor<T, Self>,
        builder: Resource<Builder>,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let address = accessor.with(|mut access| {
            access
                .get()
                .table
                .get(&builder)
                .map(|builder| builder.address.clone())
        })?;
        open_beside(accessor, &address).await
    }
}

impl postgres::HostConnectionBuilder for State {
    fn new(&mut self, address: String) -> wasmtime::Result<Resource<Builder>> {
        Ok(self.table.push(Builder { address })?)
    }

    fn set_ca_root(
        &mut self,
        _: Resource<Builder>,
        _: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        Ok(Err(Error::Other(
            "this host trusts the public certificate authorities only".into(),
        )))
    }

    async fn build(
        &mut self,
        builder: Resource<Builder>,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let address = self.table.get(&builder)?.address.clone();
        self.open_postgres(&address).await
    }

    fn drop(&mut self, builder: Resource<Builder>) -> wasmtime::Result<()> {
        self.table.delete(builder)?;
        Ok(())
    }
}

impl postgres::Host for State {}

fn to_sql(value: ParameterValue) -> PostgresValue {
    use ParameterValue as From;
    use PostgresValue as To;
    match value {
        From::Boolean(value) => To::Boolean(value),
        From::Int8(value) => To::Int8(value),
        From::Int16(value) => To::Int16(value),
        From::Int32(value) => To::Int32(value),
        From::Int64(value) => To::Int64(value),
        From::Floating32(value) => To::Floating32(value),
        From::Floating64(value) => To::Floating64(value),
        From::Str(value) => To::Text(value),
        From::Binary(value) => To::Binary(value),
        From::Date((year, month, day)) => To::Date(year, month, day),
        From::Time((hour, minute, second, nano)) => To::Time(hour, minute, second, nano),
        From::Datetime((year, month, day, hour, minute, second, nano)) => {
            To::DateTime(year, month, day, hour, minute, second, nano)
        }
        From::Timestamp(value) => To::Timestamp(value),
        From::Uuid(value) => To::Uuid(value),
        From::Jsonb(value) => To::Jsonb(value),
        From::Decimal(value) => To::Decimal(value),
        From::RangeInt32(value) => To::RangeInt32(range_in(value)),
        From::RangeInt64(value) => To::RangeInt64(range_in(value)),
        From::RangeDecimal(value) => To::RangeDecimal(range_in(value)),
        From::ArrayInt32(value) => To::ArrayInt32(value),
        From::ArrayInt64(value) => To::ArrayInt64(value),
        From::ArrayDecimal(value) => To::ArrayDecimal(value),
        From::ArrayStr(value) => To::ArrayText(value),
        From::Interval(Interval {
            micros,
            days,
            months,
        }) => To::Interval(sql::Interval {
            micros,
            days,
            months,
        }),
        From::DbNull => To::Null,
    }
}

fn to_value(value: PostgresValue) -> DbValue {
    use DbValue as To;
    use PostgresValue as From;
    match value {
        From::Null => To::DbNull,
        From::Boolean(value) => To::Boolean(value),
        From::Int8(value) => To::Int8(value),
        From::Int16(value) => To::Int16(value),
        From::Int32(value) => To::Int32(value),
        From::Int64(value) => To::Int64(value),
        From::Floating32(value) => To::Floating32(value),
        From::Floating64(value) => To::Floating64(value),
        From::Text(value) => To::Str(value),
        From::Binary(value) => To::Binary(value),
        From::Date(year, month, day) => To::Date((year, month, day)),
        From::Time(hour, minute, second, nano) => To::Time((hour, minute, second, nano)),
        From::DateTime(year, month, day, hour, minute, second, nano) => {
            To::Datetime((year, month, day, hour, minute, second, nano))
        }
        From::Timestamp(value) => To::Timestamp(value),
        From::Uuid(value) => To::Uuid(value),
        From::Jsonb(value) => To::Jsonb(value),
        From::Decimal(value) => To::Decimal(value),
        From::RangeInt32(value) => To::RangeInt32(range_out(value)),
        From::RangeInt64(value) => To::RangeInt64(range_out(value)),
        From::RangeDecimal(value) => To::RangeDecimal(range_out(value)),
        From::ArrayInt32(value) => To::ArrayInt32(value),
        From::ArrayInt64(value) => To::ArrayInt64(value),
        From::ArrayDecimal(value) => To::ArrayDecimal(value),
        From::ArrayText(value) => To::ArrayStr(value),
        From::Interval(sql::Interval {
            micros,
            days,
            months,
        }) => To::Interval(Interval {
            micros,
            days,
            months,
        }),
        From::Unsupported(value) => To::Unsupported(value),
    }
}

type Ends<T> = (Option<(T, RangeBoundKind)>, Option<(T, RangeBoundKind)>);

fn range_in<T>((lower, upper): Ends<T>) -> Range<T> {
    let end = |(value, kind)| match kind {
        RangeBoundKind::Inclusive => (value, RangeBound::Inclusive),
        RangeBoundKind::Exclusive => (value, RangeBound::Exclusive),
    };
    Range {
        lower: lower.map(end),
        upper: upper.map(end),
    }
}

fn range_out<T>(range: Range<T>) -> Ends<T> {
    let end = |(value, bound)| match bound {
        RangeBound::Inclusive => (value, RangeBoundKind::Inclusive),
        RangeBound::Exclusive => (value, RangeBoundKind::Exclusive),
    };
    (range.lower.map(end), range.upper.map(end))
}

fn to_row_set(result: PostgresResult) -> RowSet {
    let columns = result.columns.into_iter().map(|column| Column {
        name: column.name,
        data_type: to_type(column.kind),
    });
    let rows = result
        .rows
        .into_iter()
        .map(|row| row.into_iter().map(to_value).collect());
    RowSet {
        columns: columns.collect(),
        rows: rows.collect(),
    }
}

fn to_type(kind: PostgresType) -> DbDataType {
    match kind {
        PostgresType::Boolean => DbDataType::Boolean,
        PostgresType::Int8 => DbDataType::Int8,
        PostgresType::Int16 => DbDataType::Int16,
        PostgresType::Int32 => DbDataType::Int32,
        PostgresType::Int64 => DbDataType::Int64,
        PostgresType::Floating32 => DbDataType::Floating32,
        PostgresType::Floating64 => DbDataType::Floating64,
        PostgresType::Text => DbDataType::Str,
        PostgresType::Binary => DbDataType::Binary,
        PostgresType::Date => DbDataType::Date,
        PostgresType::Time => DbDataType::Time,
        PostgresType::DateTime => DbDataType::Datetime,
        PostgresType::Uuid => DbDataType::Uuid,
        PostgresType::Jsonb => DbDataType::Jsonb,
        PostgresType::Decimal => DbDataType::Decimal,
        PostgresType::RangeInt32 => DbDataType::RangeInt32,
        PostgresType::RangeInt64 => DbDataType::RangeInt64,
        PostgresType::RangeDecimal => DbDataType::RangeDecimal,
        PostgresType::ArrayInt32 => DbDataType::ArrayInt32,
        PostgresType::ArrayInt64 => DbDataType::ArrayInt64,
        PostgresType::ArrayDecimal => DbDataType::ArrayDecimal,
        PostgresType::ArrayText => DbDataType::ArrayStr,
        PostgresType::Interval => DbDataType::Interval,
        PostgresType::Other(name) => DbDataType::Other(name),
    }
}

fn to_error(error: PostgresError) -> Error {
    let text = error.to_string();
    match error {
        PostgresError::BadAddress(_) | PostgresError::Unavailable(_) => {
            Error::ConnectionFailed(text)
        }
        PostgresError::BadParameter(text) => Error::BadParameter(text),
        PostgresError::Decode(text) => Error::ValueConversionFailed(text),
        PostgresError::Database(error) => {
            let extras = [
                ("hint", error.hint),
                ("schema", error.schema),
                ("table", error.table),
                ("column", error.column),
                ("datatype", error.data_type),
                ("constraint", error.constraint),
            ];
            Error::QueryFailed(QueryError::DbError(DbError {
                as_text: text,
                severity: error.severity,
                code: error.code,
                message: error.message,
                detail: error.detail,
                extras: extras
                    .into_iter()
                    .filter_map(|(name, text)| Some((name.to_owned(), text?)))
                    .collect(),
            }))
        }
        PostgresError::TooLarge | PostgresError::Closed | PostgresError::Other(_) => {
            Error::Other(text)
        }
    }
}
