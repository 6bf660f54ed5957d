//! The tags and their names in Dutch and English.

/// A tag that can stand in a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tag {
    /// Books time.
    Time,
    /// Keeps the mail inside the desk.
    Note,
    /// The case is settled.
    Resolved,
    /// The case waits.
    Wait,
    /// Sets the priority.
    Priority,
    /// Sets the kind.
    Kind,
    /// Estimates the work.
    Estimate,
    /// Hands the case over.
    Assign,
    /// Opens a case for a client.
    Client,
    /// Ends this case in another.
    Merge,
    /// Takes back `#resolved`.
    Reopen,
    /// Takes back the last tag that changed a state.
    Undo,
    /// Asks for the state of the case.
    Status,
    /// Asks for the list of tags.
    Help,
    /// A coordinator approves a held request.
    Approve,
    /// A coordinator rejects a held request.
    Reject,
    /// A coordinator adds a held request to a case.
    Bundle,
    /// A coordinator asks what is left.
    Balance,
    /// A coordinator asks for the ledger.
    Statement,
    /// Sends the mail to the supplier; not available yet.
    Supplier,
}

/// Each tag with its English and its Dutch name.
const NAMES: [(Tag, &str, &str); 20] = [
    (Tag::Time, "time", "tijd"),
    (Tag::Note, "note", "notitie"),
    (Tag::Resolved, "resolved", "opgelost"),
    (Tag::Wait, "wait", "wacht"),
    (Tag::Priority, "prio", "prio"),
    (Tag::Kind, "kind", "soort"),
    (Tag::Estimate, "estimate", "schatting"),
    (Tag::Assign, "assign", "toewijzen"),
    (Tag::Client, "client", "klant"),
    (Tag::Merge, "merge", "samenvoegen"),
    (Tag::Reopen, "reopen", "heropen"),
    (Tag::Undo, "undo", "ongedaan"),
    (Tag::Status, "status", "status"),
    (Tag::Help, "help", "help"),
    (Tag::Approve, "approve", "akkoord"),
    (Tag::Reject, "reject", "afwijzen"),
    (Tag::Bundle, "bundle", "bundelen"),
    (Tag::Balance, "balance", "saldo"),
    (Tag::Statement, "statement", "overzicht"),
    (Tag::Supplier, "supplier", "leverancier"),
];

impl Tag {
    /// The tag of that name, in any letter case, without `#`.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        NAMES.iter().find(|(_, english, dutch)| word == *english || word == *dutch).map(|(tag, ..)| *tag)
    }

    /// Its English name, without `#`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(tag, ..)| *tag == self).map_or("", |(_, english, _)| english)
    }

    /// The name (English or Dutch) that a mistyped word probably meant: one slip away, or two from six letters on.
    #[must_use]
    pub fn nearest_name(word: &str) -> Option<&'static str> {
        let word = word.to_lowercase();
        let names = NAMES.iter().flat_map(|(_, english, dutch)| [*english, *dutch]);
        let slips_of = |name: &'static str| (slips(&word, name), name);
        let is_near = |(slips, name): &(usize, &'static str)| *slips == 1 || (*slips == 2 && name.len() >= 6);
        names.map(slips_of).filter(is_near).min_by_key(|(slips, _)| *slips).map(|(_, name)| name)
    }
}

/// How many letters were left out, added, changed, or swapped with their neighbour (optimal string alignment).
fn slips(word: &str, name: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (word.chars().collect(), name.chars().collect());
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: Option<&str>) {
        assert_eq!(Tag::nearest_name(word), expected, "{word}");
    }

    #[test]
    fn slips_of_the_finger() {
        check("tiem", Some("time"));
        check("tjid", Some("tijd"));
        check("tme", Some("time"));
        check("tyd", None);
        check("resolvde", Some("resolved"));
        check("reslvd", Some("resolved"));
        check("opgelst", Some("opgelost"));
        check("holiday", None);
        check("", None);
    }
}
