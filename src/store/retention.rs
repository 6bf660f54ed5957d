//! Raw mail that is kept no longer: the bytes go, the rows that tell of them stay.

use jiff::Timestamp;

use super::{Db, StoreError, Tx, args, statements};

/// Whether the bytes of the mail `m` are needed no more: it waits for nobody.
macro_rules! is_done_mail {
    () => {
        "m.outcome NOT IN ('challenged', 'quarantined')
         AND NOT EXISTS (SELECT 1 FROM parked p WHERE p.desk = m.desk AND p.fingerprint = m.fingerprint
            AND p.ended_at IS NULL)
         AND NOT EXISTS (SELECT 1 FROM requests q WHERE q.desk = m.desk AND q.fingerprint = m.fingerprint
            AND q.state = 'held')"
    };
}

/// Whether the bytes of the letter `l` are needed no more: it left, or never will.
macro_rules! is_done_letter {
    () => {
        "l.state IN ('sent', 'given-up', 'dropped')"
    };
}

/// Whether the bytes that the mail or letter names are still there.
macro_rules! has_bytes {
    ($table:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM raw_mails r WHERE r.desk = ",
            $table,
            ".desk AND r.digest = ",
            $table,
            ".raw_digest AND r.deleted_at IS NULL)"
        )
    };
}

/// The mails that belong to no case and to no request of a client.
macro_rules! mails_of_desk {
    () => {
        concat!(
            "FROM messages m WHERE m.desk = $1 AND m.case_no IS NULL AND m.request_no IS NULL AND m.claimed_at <= $2
            AND ",
            is_done_mail!(),
            " AND ",
            has_bytes!("m")
        )
    };
}

macro_rules! mails_of_client {
    () => {
        concat!(
            "FROM messages m JOIN requests c ON c.desk = m.desk AND c.request_no = m.request_no AND c.client = $3
            WHERE m.desk = $1 AND m.case_no IS NULL AND m.claimed_at <= $2 AND ",
            is_done_mail!(),
            " AND ",
            has_bytes!("m")
        )
    };
}

macro_rules! letters_of_desk {
    () => {
        concat!(
            "FROM letters l WHERE l.desk = $1 AND l.case_no IS NULL AND l.client IS NULL AND l.enqueued_at <= $2 AND ",
            is_done_letter!(),
            " AND ",
            has_bytes!("l")
        )
    };
}

macro_rules! letters_of_client {
    () => {
        concat!(
            "FROM letters l WHERE l.desk = $1 AND l.case_no IS NULL AND l.client = $3 AND l.enqueued_at <= $2 AND ",
            is_done_letter!(),
            " AND ",
            has_bytes!("l")
        )
    };
}

/// Deletes the bytes of some digests, the present moment being the argument of that name.
macro_rules! delete {
    ($now:literal, $digests:expr) => {
        concat!(
            "UPDATE raw_mails SET packed = NULL, deleted_at = ",
            $now,
            ", deleted_for = 'retention' WHERE desk = $1
            AND deleted_at IS NULL AND digest IN (",
            $digests,
            ")"
        )
    };
}

statements! {
    LIST_CASES = concat!("SELECT c.case_no FROM cases c WHERE c.desk = $1 AND c.client = $2 AND c.status = 'closed'
        AND c.closed_at <= $3 AND (EXISTS (SELECT 1 FROM messages m WHERE m.desk = c.desk AND m.case_no = c.case_no AND ",
        is_done_mail!(), " AND ", has_bytes!("m"), ") OR EXISTS (SELECT 1 FROM letters l WHERE l.desk = c.desk
        AND l.case_no = c.case_no AND ", is_done_letter!(), " AND ", has_bytes!("l"), "))
        ORDER BY c.closed_at, c.case_no LIMIT 10");
    LIST_MERGED = "SELECT case_no FROM cases WHERE desk = $1 AND merged_into = $2 ORDER BY case_no + 0";
    FIND_MAIL_OF_DESK = concat!("SELECT 1 ", mails_of_desk!(), " LIMIT 1");
    FIND_MAIL_OF_CLIENT = concat!("SELECT 1 ", mails_of_client!(), " LIMIT 1");
    FIND_LETTER_OF_DESK = concat!("SELECT 1 ", letters_of_desk!(), " LIMIT 1");
    FIND_LETTER_OF_CLIENT = concat!("SELECT 1 ", letters_of_client!(), " LIMIT 1");
    END_MAILS_OF_CASE = delete!("$3", concat!("SELECT m.raw_digest FROM messages m WHERE m.desk = $1 AND m.case_no = $2
        AND ", is_done_mail!()));
    END_LETTERS_OF_CASE = delete!("$3", concat!("SELECT l.raw_digest FROM letters l WHERE l.desk = $1 AND l.case_no = $2
        AND ", is_done_letter!()));
    END_MAILS_OF_DESK = delete!("$3", concat!("SELECT m.raw_digest ", mails_of_desk!(), " LIMIT 100"));
    END_MAILS_OF_CLIENT = delete!("$4", concat!("SELECT m.raw_digest ", mails_of_client!(), " LIMIT 100"));
    END_LETTERS_OF_DESK = delete!("$3", concat!("SELECT l.raw_digest ", letters_of_desk!(), " LIMIT 100"));
    END_LETTERS_OF_CLIENT = delete!("$4", concat!("SELECT l.raw_digest ", letters_of_client!(), " LIMIT 100"));
}

/// Whose raw mail is looked at: what ended up to a moment.
#[derive(Debug, Clone, Copy)]
pub struct Ended<'a> {
    /// The desk.
    pub desk: &'a str,
    /// The client, with all its cases; nothing for mails and letters that belong to no client.
    pub client: Option<&'a str>,
    /// What ended later is kept.
    pub before: Timestamp,
}

/// How many bytes went: mails and letters.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// Cases of which something went.
    pub cases: u64,
    /// Mails.
    pub mails: u64,
    /// Letters.
    pub letters: u64,
}

impl Deleted {
    /// Counts more.
    pub fn add(&mut self, more: Deleted) {
        self.cases += more.cases;
        self.mails += more.mails;
        self.letters += more.letters;
    }
}

/// Some closed cases whose bytes are kept no longer, those first that closed first; ten at most.
///
/// # Errors
/// What the database said.
pub async fn list_cases(db: &Db, ended: Ended<'_>) -> Result<Vec<i64>, StoreError> {
    let Some(client) = ended.client else { return Ok(Vec::new()) };
    db.fetch(LIST_CASES, args![ended.desk, client, ended.before]).await?.iter().map(|row| row.int(0)).collect()
}

/// Whether bytes of mails or letters of no case are kept no longer.
///
/// # Errors
/// What the database said.
pub async fn find_loose(db: &Db, ended: Ended<'_>) -> Result<bool, StoreError> {
    let found = match ended.client {
        Some(client) => {
            let args = args![ended.desk, ended.before, client];
            db.fetch(FIND_MAIL_OF_CLIENT, args).await?.len() + db.fetch(FIND_LETTER_OF_CLIENT, args).await?.len()
        }
        None => {
            let args = args![ended.desk, ended.before];
            db.fetch(FIND_MAIL_OF_DESK, args).await?.len() + db.fetch(FIND_LETTER_OF_DESK, args).await?.len()
        }
    };
    Ok(found > 0)
}

/// Deletes the bytes of a closed case and of those that ended in it; what waits for somebody is kept.
///
/// # Errors
/// What the database said.
pub async fn end_case(tx: &mut Tx, desk: &str, case_no: i64, now: Timestamp) -> Result<Deleted, StoreError> {
    let mut deleted = Deleted::default();
    let mut open = vec![case_no];
    while let Some(case_no) = open.pop() {
        for row in tx.fetch(LIST_MERGED, args![desk, case_no]).await? {
            open.push(row.int(0)?);
        }
        deleted.mails += tx.execute(END_MAILS_OF_CASE, args![desk, case_no, now]).await?;
        deleted.letters += tx.execute(END_LETTERS_OF_CASE, args![desk, case_no, now]).await?;
    }
    deleted.cases = u64::from(deleted.mails + deleted.letters > 0);
    Ok(deleted)
}

/// Deletes the bytes of some mails and letters of no case, a hundred of each at most.
///
/// # Errors
/// What the database said.
pub async fn end_loose(tx: &mut Tx, ended: Ended<'_>, now: Timestamp) -> Result<Deleted, StoreError> {
    let Ended { desk, client, before } = ended;
    let (mails, letters) = match client {
        Some(client) => {
            let args = args![desk, before, client, now];
            (tx.execute(END_MAILS_OF_CLIENT, args).await?, tx.execute(END_LETTERS_OF_CLIENT, args).await?)
        }
        None => {
            let args = args![desk, before, now];
            (tx.execute(END_MAILS_OF_DESK, args).await?, tx.execute(END_LETTERS_OF_DESK, args).await?)
        }
    };
    Ok(Deleted { cases: 0, mails, letters })
}
