//! Which mails belong together: threads by Message-ID, In-Reply-To and References (RFC 5256 section 3, REFERENCES).
//!
//! This answers the question for a heap of mails that nobody has seen before, in whatever order they lie. A desk that
//! receives them one by one asks its store instead, with the same evidence.
//!
//! One step of the standard is left out on purpose: mails are never grouped because their subjects agree alone. Two
//! clients who both write "Printer" have two cases. Only an answer (`Re:`) to a mail that is not there joins the thread
//! that begins with its base subject, since some servers replace Message-IDs on the way.

use std::collections::{HashMap, HashSet};

use super::message::MessageId;
use super::subject;

/// What threading looks at in one mail.
#[derive(Debug, Clone, Default)]
pub struct Threadable {
    /// Its own id.
    pub message_id: Option<MessageId>,
    /// The ids that it answers: References, oldest first; where there are none, the first of In-Reply-To.
    pub references: Vec<MessageId>,
    /// The decoded subject.
    pub subject: String,
}

/// Groups the mails: each group lists places in `mails`, rising; groups stand in the order of their first mail.
#[must_use]
pub fn threads(mails: &[Threadable]) -> Vec<Vec<usize>> {
    let mut forest = Forest::default();
    let nodes: Vec<usize> = mails.iter().map(|mail| forest.add(mail)).collect();
    let roots: Vec<usize> = nodes.iter().map(|node| forest.root(*node)).collect();
    let joined = join_answers(mails, &nodes, &roots);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut group_of: HashMap<usize, usize> = HashMap::new();
    for (place, root) in roots.iter().enumerate() {
        let root = joined.get(root).copied().unwrap_or(*root);
        let group = *group_of.entry(root).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(place);
    }
    groups
}

/// Mails and ids that were only referred to, each below what it answers.
#[derive(Default)]
struct Forest {
    parents: Vec<Option<usize>>,
    is_mail: Vec<bool>,
    by_id: HashMap<MessageId, usize>,
}

impl Forest {
    fn node(&mut self, id: &MessageId) -> usize {
        let next = self.parents.len();
        let node = *self.by_id.entry(id.clone()).or_insert(next);
        if node == next {
            self.parents.push(None);
            self.is_mail.push(false);
        }
        node
    }

    /// Steps 1.A and 1.B of the standard. A second mail with the same id stands for itself.
    fn add(&mut self, mail: &Threadable) -> usize {
        let mut above = None;
        for id in &mail.references {
            let node = self.node(id);
            if let Some(above) = above
                && self.parents[node].is_none()
            {
                self.put_below(node, above);
            }
            above = Some(node);
        }
        let own = mail.message_id.as_ref().map(|id| self.node(id)).filter(|node| !self.is_mail[*node]);
        let own = own.unwrap_or_else(|| {
            self.parents.push(None);
            self.is_mail.push(false);
            self.parents.len() - 1
        });
        self.is_mail[own] = true;
        // What the mail says of itself counts more than what others said of it.
        self.parents[own] = None;
        if let Some(above) = above {
            self.put_below(own, above);
        }
        own
    }

    fn put_below(&mut self, node: usize, above: usize) {
        if self.root(above) != node {
            self.parents[node] = Some(above);
        }
    }

    fn root(&self, mut node: usize) -> usize {
        while let Some(above) = self.parents[node] {
            node = above;
        }
        node
    }
}

/// Which roots of answers belong to which other root, by base subject (step 5, for answers alone).
fn join_answers(mails: &[Threadable], nodes: &[usize], roots: &[usize]) -> HashMap<usize, usize> {
    let is_first = |place: &usize| nodes[*place] == roots[*place] && !subject::is_answer(&mails[*place].subject);
    let mut first_of: HashMap<String, usize> = HashMap::new();
    for place in (0..mails.len()).filter(is_first) {
        let base = subject::base_subject(&mails[place].subject);
        if !base.is_empty() {
            first_of.entry(base.to_lowercase()).or_insert(roots[place]);
        }
    }
    let mut joined = HashMap::new();
    let mut seen = HashSet::new();
    for (place, mail) in mails.iter().enumerate() {
        // The first mail of a thread speaks for it.
        if seen.insert(roots[place]) && subject::is_answer(&mail.subject) {
            let base = subject::base_subject(&mail.subject).to_lowercase();
            if let Some(first) = first_of.get(&base).filter(|first| **first != roots[place]) {
                joined.insert(roots[place], *first);
            }
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mails: &[(&str, &str, &str)], expected: &[&[usize]]) {
        let ids = |text: &str| text.split_whitespace().map(MessageId::new).collect::<Vec<_>>();
        let mails: Vec<Threadable> = mails
            .iter()
            .map(|(id, references, subject)| Threadable {
                message_id: ids(id).pop(),
                references: ids(references),
                subject: (*subject).to_owned(),
            })
            .collect();
        assert_eq!(threads(&mails), expected, "{mails:?}");
    }

    #[test]
    fn answers_stand_with_what_they_answer_in_any_order() {
        check(&[("a", "", "x"), ("b", "a", "Re: x"), ("c", "a b", "Re: x")], &[&[0, 1, 2]]);
        check(&[("c", "a b", "Re: x"), ("b", "a", "Re: x"), ("a", "", "x")], &[&[0, 1, 2]]);
        check(&[("b", "z", "Re: x"), ("c", "z", "Re: y")], &[&[0, 1]]);
    }

    #[test]
    fn subjects_alone_join_nothing() {
        check(&[("a", "", "Printer"), ("b", "", "Printer")], &[&[0], &[1]]);
        check(&[("a", "", ""), ("b", "q", "Re:")], &[&[0], &[1]]);
    }

    #[test]
    fn an_answer_to_an_id_that_was_replaced_joins_by_its_subject() {
        check(&[("a", "", "Printer"), ("b", "q", "AW: printer")], &[&[0, 1]]);
        check(&[("a", "", "Printer"), ("b", "", "Re: Printer")], &[&[0, 1]]);
    }

    #[test]
    fn circles_and_doubles_end() {
        check(&[("a", "b", "x"), ("b", "a", "x")], &[&[0, 1]]);
        check(&[("a", "a", "x"), ("a", "", "x")], &[&[0], &[1]]);
        check(&[("", "a", "x"), ("", "a", "y"), ("", "", "z")], &[&[0, 1], &[2]]);
    }

    /// What mail programs and servers really write, each with who does so. A mail is (own id, what it refers to, subject).
    #[test]
    fn threads_as_programs_write_them() {
        // Gmail, Apple Mail, Thunderbird: References of the mail answered, and its id behind them.
        check(&[("a", "", "Printer"), ("b", "a", "Re: Printer"), ("c", "a b", "Re: Printer")], &[&[0, 1, 2]]);
        // Outlook for Windows with POP or IMAP: In-Reply-To alone.
        check(&[("a", "", "Printer"), ("b", "a", "RE: Printer"), ("c", "b", "RE: Printer")], &[&[0, 1, 2]]);
        // The same, and the mail in the middle was never sent to the desk.
        check(&[("a", "", "Printer"), ("c", "a b", "RE: Printer"), ("d", "c", "RE: Printer")], &[&[0, 1, 2]]);
        // Exchange: two answers to one mail, neither knows the other.
        check(&[("a", "", "Printer"), ("b", "a", "RE: Printer"), ("c", "a", "RE: Printer")], &[&[0, 1, 2]]);
        // Outlook on the web, German: the answer word is AW.
        check(&[("a", "", "Drucker"), ("b", "", "AW: Drucker")], &[&[0, 1]]);
        // Outlook 2003 and older over MAPI: neither In-Reply-To nor References, only Thread-Index.
        check(&[("a", "", "Printer"), ("b", "", "RE: Printer")], &[&[0, 1]]);
        // Phones of 2008 (Nokia, BlackBerry Internet Service): the subject alone.
        check(&[("a", "", "Printer stuk"), ("b", "", "Re: printer  stuk")], &[&[0, 1]]);
        // Amazon SES, Mailjet and others put their own Message-ID on what is sent: the answer names that one.
        check(&[("a", "", "[DESK A-1] Printer"), ("b", "0102@eu-west-1", "Re: [DESK A-1] Printer")], &[&[0, 1]]);
        // Exchange Online keeps ours in References, behind its own.
        check(
            &[("a", "", "Printer"), ("b", "own@prod a", "RE: Printer"), ("c", "own@prod a b", "RE: Printer")],
            &[&[0, 1, 2]],
        );
        // Apple Mail on an edited subject: the references still say what is answered.
        check(&[("a", "", "Printer"), ("b", "a", "Heel iets anders")], &[&[0, 1]]);
        // Gmail would part these for the new subject; the header says that it is an answer, so it is one.
        check(&[("a", "", "Printer"), ("b", "a", "Re: Scanner"), ("c", "a b", "Re: Scanner")], &[&[0, 1, 2]]);
        // Thunderbird "edit as new" copies nothing: a new matter.
        check(&[("a", "", "Printer"), ("b", "", "Printer")], &[&[0], &[1]]);
        // Everybody who reuses an old mail with the same subject each week.
        check(&[("a", "", "Weekrapport"), ("b", "", "Weekrapport"), ("c", "b", "Re: Weekrapport")], &[&[0], &[1, 2]]);
        // The client answers their own first mail before anybody else did (Gmail, "any news?").
        check(&[("a", "", "Printer"), ("b", "a", "Re: Printer"), ("c", "a b", "Re: Printer")], &[&[0, 1, 2]]);
        // IMAP gives newest first.
        check(&[("d", "a b c", "Re: x"), ("c", "a b", "Re: x"), ("b", "a", "Re: x"), ("a", "", "x")], &[&[0, 1, 2, 3]]);
        // Two desks fetch the two halves; only the references tie them.
        check(&[("c", "a b", "Re: x"), ("e", "a d", "Re: y")], &[&[0, 1]]);
        // A list (Mailman, Google Groups) adds its mark on the way; the ids stay.
        check(&[("a", "", "Printer"), ("b", "a", "[kantoor] Re: Printer")], &[&[0, 1]]);
        // A list, and a phone that lost the ids.
        check(&[("a", "", "[kantoor] Printer"), ("b", "", "Re: [kantoor] Printer")], &[&[0, 1]]);
        // A forward by Gmail and Apple Mail has References to the original: it stands with it here; a desk opens a case.
        check(&[("a", "", "Printer"), ("b", "a", "Fwd: Printer")], &[&[0, 1]]);
        // A forward by Outlook has none: it is a mail of its own, as its subject is no answer.
        check(&[("a", "", "Printer"), ("b", "", "FW: Printer")], &[&[0], &[1]]);
        // An answer to that forward.
        check(&[("b", "", "FW: Printer"), ("c", "b", "RE: Printer")], &[&[0, 1]]);
        // One mail through a list and directly: the same id twice. Neither may swallow the other.
        check(&[("a", "", "Printer"), ("a", "", "Printer"), ("b", "a", "Re: Printer")], &[&[0, 2], &[1]]);
        // Old scripts give every mail the same id.
        check(
            &[("cron@host", "", "backup"), ("cron@host", "", "disk"), ("cron@host", "", "load")],
            &[&[0], &[1], &[2]],
        );
        // No id at all (fax and scan gateways).
        check(&[("", "", "Scan"), ("", "", "Scan"), ("", "", "Re: Scan")], &[&[0, 2], &[1]]);
        // Lotus Notes: References holds the mail itself.
        check(&[("a", "a", "Printer"), ("b", "a b", "Re: Printer")], &[&[0, 1]]);
        // A gateway that turns the order of References around.
        check(&[("a", "", "x"), ("b", "a", "Re: x"), ("c", "b a", "Re: x"), ("d", "c b a", "Re: x")], &[&[0, 1, 2, 3]]);
        // Trimmed References (RFC 5537 section 3.4.4 lets news gateways drop the middle): the first and the last stay.
        check(&[("a", "", "x"), ("b", "a", "Re: x"), ("z", "a y", "Re: x")], &[&[0, 1, 2]]);
        // Ticket systems (OTRS, Jira) refer to an id that names the ticket and that nobody ever sent.
        check(
            &[
                ("m1", "ticket.7@jira", "(T-7) x"),
                ("m2", "ticket.7@jira", "(T-7) x"),
                ("m3", "ticket.8@jira", "(T-8) x"),
            ],
            &[&[0, 1], &[2]],
        );
        // An out-of-office of Exchange: answers by id with a subject of its own.
        check(&[("a", "", "Printer"), ("b", "a", "Automatisch antwoord: Printer")], &[&[0, 1]]);
        // A read receipt (RFC 8098) refers to the mail that was read.
        check(&[("a", "", "Printer"), ("b", "a", "Gelezen: Printer")], &[&[0, 1]]);
        // An invitation of Google Calendar and the answer to it.
        check(
            &[
                ("calendar-1@google.com", "", "Uitnodiging: overleg"),
                ("b", "calendar-1@google.com", "Geaccepteerd: overleg"),
            ],
            &[&[0, 1]],
        );
        // Two clients, two printers, two answers from phones without ids: the answers go with the first of that subject, which
        // is why a desk joins by subject only within one client.
        check(&[("a", "", "Printer"), ("b", "", "Printer"), ("c", "", "Re: Printer")], &[&[0, 2], &[1]]);
        // Answers and nothing else: the mail that they answer never came.
        check(&[("b", "", "Re: Printer"), ("c", "", "Re: Printer")], &[&[0], &[1]]);
        // Case of ids differs: another id (RFC 5322 section 3.6.4), so the subject decides.
        check(&[("A@x", "", "Printer"), ("b", "a@x", "Re: Printer"), ("c", "a@x", "Vraag")], &[&[0, 1, 2]]);
        // Chinese and Scandinavian answer words.
        check(&[("a", "", "打印机"), ("b", "", "回复：打印机")], &[&[0, 1]]);
        check(&[("a", "", "Skrivare"), ("b", "", "SV: Skrivare"), ("c", "", "VS: Skrivare")], &[&[0, 1, 2]]);
    }

    #[test]
    fn long_threads_and_wide_ones_take_little_time() {
        let id = |n: usize| MessageId::new(&format!("{n}@x"));
        let chain: Vec<Threadable> = (0..3_000)
            .map(|n: usize| Threadable {
                message_id: Some(id(n)),
                references: (n.saturating_sub(100)..n).map(id).collect(),
                subject: "Re: x".to_owned(),
            })
            .collect();
        assert_eq!(threads(&chain).len(), 1);
        let reversed: Vec<Threadable> = chain.into_iter().rev().collect();
        assert_eq!(threads(&reversed).len(), 1);
    }
}
