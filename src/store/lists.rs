//! Reads that ask about many values at once.

use jiff::Timestamp;

use super::{Row, StoreError, Tx, Value};

/// How many values one list takes.
pub(super) const LIST_LENGTH: usize = 50;

/// The second to the fifty-first argument: of a list that is shorter the last one is repeated.
macro_rules! fifty {
    () => {
        "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
         $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43,
         $44, $45, $46, $47, $48, $49, $50, $51"
    };
}
pub(super) use fifty;

/// Texts as a list takes them.
pub(super) fn texts<'a>(values: &[&'a str]) -> Vec<Value<'a>> {
    values.iter().map(|value| Value::from(*value)).collect()
}

/// Numbers as a list takes them.
pub(super) fn numbers(values: &[i64]) -> Vec<Value<'static>> {
    values.iter().map(|value| Value::from(*value)).collect()
}

/// Reads what holds for a list of values, as many of them at once as a statement takes. The desk is the first argument,
/// the moment, where the statement asks for one, the last.
pub(super) async fn list_of(
    tx: &mut Tx,
    sql: &'static str,
    desk: &str,
    values: &[Value<'_>],
    moment: Option<Timestamp>,
) -> Result<Vec<Row>, StoreError> {
    let mut rows = Vec::new();
    for part in values.chunks(LIST_LENGTH) {
        let padding = part.last().into_iter().cycle();
        let list = part.iter().chain(padding).take(LIST_LENGTH).copied();
        let args: Vec<Value<'_>> =
            std::iter::once(Value::from(desk)).chain(list).chain(moment.map(Value::from)).collect();
        rows.extend(tx.fetch(sql, &args).await?);
    }
    Ok(rows)
}
