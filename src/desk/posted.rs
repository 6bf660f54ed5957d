//! What a transaction knows of the letters it wrote itself, so that it need not ask the database for them.

use std::collections::{HashMap, HashSet};

use crate::store::letters::Gate;

/// The desk's lock is held, so what was asked once changes only by what is noted here.
#[derive(Debug, Default)]
pub struct Posted {
    /// Cases that this transaction opened: nobody has a letter on them but by it.
    opened: HashSet<i64>,
    /// Cases of which all newest letters are known.
    asked: HashSet<i64>,
    /// The newest letter on such cases, by recipient.
    newest: HashMap<(i64, String), String>,
    /// How many automatic letters an address got within the window, and whether it gets none.
    to_address: HashMap<String, (i64, bool)>,
    /// How many of them on one case.
    on_case: HashMap<(i64, String), i64>,
}

impl Posted {
    /// Notes that this transaction opened a case.
    pub fn note_opened(&mut self, case_no: i64) {
        self.opened.insert(case_no);
    }

    /// What may keep an automatic letter from going, where it is known.
    #[must_use]
    pub fn gate(&self, address: &str, case_no: Option<i64>) -> Option<Gate> {
        let &(to_address, is_hushed) = self.to_address.get(address)?;
        let on_case = match case_no {
            None => 0,
            Some(case_no) => match self.on_case.get(&(case_no, address.to_owned())) {
                Some(count) => *count,
                None => self.opened.contains(&case_no).then_some(0)?,
            },
        };
        Some(Gate { to_address, on_case, is_hushed })
    }

    /// Keeps what the database said.
    pub fn note_gate(&mut self, address: &str, case_no: Option<i64>, gate: Gate) {
        self.to_address.insert(address.to_owned(), (gate.to_address, gate.is_hushed));
        if let Some(case_no) = case_no {
            self.on_case.insert((case_no, address.to_owned()), gate.on_case);
        }
    }

    /// Keeps what was asked about addresses before the first letter was written: how many automatic letters each got
    /// within the window, and whether it gets none.
    pub fn note_addresses(&mut self, known: impl IntoIterator<Item = (String, (i64, bool))>) {
        self.to_address.extend(known);
    }

    /// Keeps what was asked about cases before the first letter was written: the newest letter on each to each address.
    pub fn note_newest(&mut self, cases: &[i64], newest: Vec<(i64, String, String)>) {
        self.asked.extend(cases);
        self.newest.extend(newest.into_iter().map(|(case_no, address, id)| ((case_no, address), id)));
    }

    /// The address bounced, or stopped to: the database is asked anew.
    pub fn forget_address(&mut self, address: &str) {
        self.to_address.remove(address);
    }

    /// The newest letter to an address on a case; nothing where the database must be asked.
    #[must_use]
    pub fn newest(&self, case_no: i64, address: &str) -> Option<Option<String>> {
        let is_known = self.opened.contains(&case_no) || self.asked.contains(&case_no);
        is_known.then(|| self.newest.get(&(case_no, address.to_owned())).cloned())
    }

    /// Notes a letter that was put into the outbox.
    pub fn note_letter(&mut self, address: &str, case_no: Option<i64>, message_id: &str, is_automatic: bool) {
        if let Some(case_no) = case_no.filter(|no| self.opened.contains(no) || self.asked.contains(no)) {
            self.newest.insert((case_no, address.to_owned()), message_id.to_owned());
        }
        if !is_automatic {
            return;
        }
        if let Some((count, _)) = self.to_address.get_mut(address) {
            *count += 1;
        }
        if let Some(case_no) = case_no {
            let key = (case_no, address.to_owned());
            if let Some(count) = self.on_case.get_mut(&key) {
                *count += 1;
            } else if self.opened.contains(&case_no) {
                self.on_case.insert(key, 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(to_address: i64, on_case: i64) -> Gate {
        Gate { to_address, on_case, is_hushed: false }
    }

    #[test]
    fn what_was_asked_is_counted_on() {
        let mut posted = Posted::default();
        assert_eq!(posted.gate("a@x.nl", Some(1)), None);
        posted.note_gate("a@x.nl", Some(1), gate(3, 2));
        posted.note_letter("a@x.nl", Some(1), "m1", true);
        posted.note_letter("a@x.nl", Some(1), "m2", false);
        assert_eq!(posted.gate("a@x.nl", Some(1)), Some(gate(4, 3)));
        assert_eq!(posted.gate("a@x.nl", None), Some(gate(4, 0)));
        assert_eq!(posted.gate("a@x.nl", Some(2)), None, "nobody asked for that case");
        posted.forget_address("a@x.nl");
        assert_eq!(posted.gate("a@x.nl", Some(1)), None);
    }

    #[test]
    fn of_addresses_that_were_asked_together_only_an_older_case_is_unknown() {
        let mut posted = Posted::default();
        posted.note_addresses([("a@x.nl".to_owned(), (2, false)), ("b@x.nl".to_owned(), (0, true))]);
        posted.note_opened(7);
        assert_eq!(posted.gate("a@x.nl", Some(7)), Some(gate(2, 0)));
        assert_eq!(posted.gate("b@x.nl", None), Some(Gate { is_hushed: true, ..gate(0, 0) }));
        assert_eq!(posted.gate("a@x.nl", Some(6)), None, "nobody asked for that case");
    }

    #[test]
    fn of_cases_that_were_asked_together_the_newest_letters_are_known() {
        let mut posted = Posted::default();
        posted.note_newest(&[7, 8], vec![(7, "a@x.nl".to_owned(), "m1".to_owned())]);
        assert_eq!(posted.newest(7, "a@x.nl"), Some(Some("m1".to_owned())));
        assert_eq!(posted.newest(8, "a@x.nl"), Some(None));
        assert_eq!(posted.newest(9, "a@x.nl"), None, "nobody asked for that case");
        posted.note_letter("b@x.nl", Some(8), "m2", true);
        assert_eq!(posted.newest(8, "b@x.nl"), Some(Some("m2".to_owned())));
        assert_eq!(posted.gate("b@x.nl", Some(8)), None, "nobody asked what keeps letters from going");
    }

    #[test]
    fn a_case_of_this_transaction_has_no_letters_but_its_own() {
        let mut posted = Posted::default();
        assert_eq!(posted.newest(7, "a@x.nl"), None);
        posted.note_opened(7);
        assert_eq!(posted.newest(7, "a@x.nl"), Some(None));
        posted.note_gate("a@x.nl", None, gate(1, 0));
        assert_eq!(posted.gate("a@x.nl", Some(7)), Some(gate(1, 0)));
        posted.note_letter("a@x.nl", Some(7), "m1", true);
        assert_eq!(posted.newest(7, "a@x.nl"), Some(Some("m1".to_owned())));
        assert_eq!(posted.gate("a@x.nl", Some(7)), Some(gate(2, 1)));
    }
}
