//! Answers to reads that were asked for many values at once, ahead of the time at which each is wanted.
//!
//! A read wakes the database's thread and is waited for, which takes longer than most reads. So a set of mails asks
//! together, and each answer is kept until it is wanted, or until something is written that it is about.

use std::collections::{HashMap, HashSet};

use super::later::{Owned, Topic, owned_row};
use super::lists::list_of;
use super::{Row, StoreError, Tx, Value};

/// What a transaction knows already.
#[derive(Default)]
pub(super) struct Answers {
    known: HashMap<(&'static str, Vec<Owned>), Answer>,
    /// What was written since, by its digest.
    touched: HashSet<u64>,
}

struct Answer {
    topics: Vec<u64>,
    rows: Vec<Row>,
}

impl Answers {
    /// Keeps what a read would give just now.
    pub fn keep(&mut self, topics: &[Topic<'_>], sql: &'static str, args: &[Value<'_>], rows: Vec<Row>) {
        if !self.touched.is_empty() {
            let touched = std::mem::take(&mut self.touched);
            self.known.retain(|_, answer| answer.topics.iter().all(|topic| !touched.contains(topic)));
        }
        let topics = topics.iter().map(Topic::digest).collect();
        self.known.insert((sql, owned_row(args)), Answer { topics, rows });
    }

    /// Something is written about these topics; about whatever, where they are not told.
    pub fn touch(&mut self, topics: Option<&[Topic<'_>]>) {
        match topics {
            _ if self.known.is_empty() => {}
            Some(topics) => self.touched.extend(topics.iter().map(Topic::digest)),
            None => self.known.clear(),
        }
    }

    /// The answer to a read, once, if it still holds.
    pub fn take(&mut self, sql: &'static str, args: &[Value<'_>]) -> Option<Vec<Row>> {
        if self.known.is_empty() {
            return None;
        }
        let answer = self.known.remove(&(sql, owned_row(args)))?;
        answer.topics.iter().all(|topic| !self.touched.contains(topic)).then_some(answer.rows)
    }
}

/// A read of one value, and the read that answers it for many.
pub(super) struct Together {
    /// Asks for one value behind the desk.
    pub one: &'static str,
    /// Asks for a list of them; the same columns in front.
    pub many: &'static str,
    /// The column that tells to which value a row of `many` belongs.
    pub column: usize,
    /// The columns of numbers by which the rows of one value are sorted, where `many` does not.
    pub order: &'static [usize],
    /// So many rows are given at most, so that memory stays bounded; then nothing is kept.
    pub most: usize,
    /// Whether `many` leaves out what is too large to be kept: then it does not tell of what there is none.
    pub leaves_out: bool,
}

impl Together {
    /// Asks, and keeps each answer. Gives what stands in the column `further`, a number, of each row.
    ///
    /// # Errors
    /// What the database said.
    pub async fn ask<'a>(
        &self,
        tx: &mut Tx,
        desk: &str,
        values: &[Value<'a>],
        topic: impl Fn(&Value<'a>) -> Option<Topic<'a>>,
        further: usize,
    ) -> Result<Vec<i64>, StoreError> {
        let mut found = Vec::new();
        for part in values.chunks(super::lists::LIST_LENGTH) {
            let rows = list_of(tx, self.many, desk, part, None).await?;
            if rows.len() >= self.most {
                continue;
            }
            let mut by_value: HashMap<Owned, Vec<Row>> = HashMap::new();
            for row in rows {
                found.push(row.int(further)?);
                let value = match part.first() {
                    Some(Value::Int(_)) => Owned::Int(Some(row.int(self.column)?)),
                    _ => Owned::Text(Some(row.text(self.column)?)),
                };
                by_value.entry(value).or_default().push(row);
            }
            for value in part {
                let key = owned_row(std::slice::from_ref(value)).remove(0);
                let Some(mut rows) = by_value.remove(&key).or_else(|| (!self.leaves_out).then(Vec::new)) else {
                    continue;
                };
                sort(&mut rows, self.order)?;
                let topic = topic(value);
                tx.keep_answer(topic.as_slice(), self.one, &[Value::from(desk), *value], rows);
            }
        }
        Ok(found)
    }
}

/// What is known of a case.
pub(super) fn about_case<'a>(value: &Value<'a>) -> Option<Topic<'a>> {
    if let Value::Int(Some(case_no)) = value { Some(Topic::Case(*case_no)) } else { None }
}

/// What is known of a Message-ID.
pub(super) fn about_id<'a>(value: &Value<'a>) -> Option<Topic<'a>> {
    if let Value::Text(Some(id)) = value { Some(Topic::Id(id)) } else { None }
}

/// Which case has a number.
pub(super) fn about_number<'a>(value: &Value<'a>) -> Option<Topic<'a>> {
    if let Value::Text(Some(number)) = value { Some(Topic::Number(number)) } else { None }
}

fn sort(rows: &mut Vec<Row>, order: &[usize]) -> Result<(), StoreError> {
    if order.is_empty() || rows.len() < 2 {
        return Ok(());
    }
    let mut keyed = Vec::with_capacity(rows.len());
    for row in rows.drain(..) {
        let key = order.iter().map(|column| row.int(*column)).collect::<Result<Vec<_>, _>>()?;
        keyed.push((key, row));
    }
    keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
    rows.extend(keyed.into_iter().map(|(_, row)| row));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: &str = "SELECT 1 FROM t WHERE desk = $1 AND a = $2";

    fn is_known(answers: &mut Answers, value: i64) -> bool {
        answers.take(READ, &[Value::from("D"), Value::from(value)]).is_some()
    }

    fn keep(answers: &mut Answers, value: i64) {
        answers.keep(&[Topic::Case(value)], READ, &[Value::from("D"), Value::from(value)], Vec::new());
    }

    #[test]
    fn an_answer_holds_until_something_is_written_about_it() {
        let mut answers = Answers::default();
        (1..=4).for_each(|value| keep(&mut answers, value));
        assert!(is_known(&mut answers, 1));
        assert!(!is_known(&mut answers, 1), "it is given once");
        answers.touch(Some(&[Topic::Case(2), Topic::Id("a")]));
        assert!(!is_known(&mut answers, 2));
        assert!(is_known(&mut answers, 3));
        answers.touch(None);
        assert!(!is_known(&mut answers, 4), "nobody told what was written");
    }

    #[test]
    fn what_is_asked_after_a_write_holds() {
        let mut answers = Answers::default();
        (1..=2).for_each(|value| keep(&mut answers, value));
        answers.touch(Some(&[Topic::Case(1), Topic::Case(2)]));
        keep(&mut answers, 1);
        assert!(is_known(&mut answers, 1));
        assert!(!is_known(&mut answers, 2), "it was asked before");
    }
}
