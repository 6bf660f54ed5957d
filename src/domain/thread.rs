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
}
