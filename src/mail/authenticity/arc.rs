//! The authenticated received chain (RFC 8617): what each server on the way says it found, each sealing what came
//! before. Shown, but nothing is built on it: a seal says who sealed, not whether they are to be believed.

use jiff::Timestamp;

use super::canon::{Canon, RawField, RawMail, without_signature, write_field};
use super::key::Algorithm;
use super::signature::{Found, MessageSignature, Verified, find_key, place};
use super::tags::Tags;
use crate::mail::dns::Dns;

/// The most sets of a chain (RFC 8617 section 5.1.1.1).
const MAX_SETS: usize = 50;
/// The most bytes of all fields of a chain together.
const MAX_BYTES: usize = 512 * 1024;

const RESULTS: &str = "arc-authentication-results";
const SIGNATURE: &str = "arc-message-signature";
const SEAL: &str = "arc-seal";

/// What the chain of a mail is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chain {
    /// There is none.
    None,
    /// It is whole, with so many sets.
    Pass(usize),
    /// It is broken.
    Fail(String),
    /// A key can't be had at the moment.
    Later(String),
    /// Nobody was asked for the keys.
    NotAsked,
}

impl Chain {
    /// Its word (RFC 8617 section 4.4, and RFC 8601 section 2.7.1 for what waits).
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pass(_) => "pass",
            Self::Fail(_) => "fail",
            Self::Later(_) => "temperror",
            Self::NotAsked => "not-looked-up",
        }
    }
}

/// The three fields of one server.
#[derive(Debug, Clone, Copy)]
struct Set<'a> {
    results: RawField<'a>,
    signature: RawField<'a>,
    seal: RawField<'a>,
}

/// Validates the chain of a mail (RFC 8617 section 5.2).
pub async fn validate(mail: &RawMail<'_>, dns: &Dns, at: Timestamp) -> Chain {
    let sets = match sets(mail) {
        Ok(sets) => sets,
        Err(why) => return Chain::Fail(why),
    };
    let Some(last) = sets.last() else { return Chain::None };
    match check_sets(&sets, last, mail, dns, at).await {
        Ok(()) => Chain::Pass(sets.len()),
        Err(broken) => broken,
    }
}

async fn check_sets(
    sets: &[Set<'_>],
    last: &Set<'_>,
    mail: &RawMail<'_>,
    dns: &Dns,
    at: Timestamp,
) -> Result<(), Chain> {
    let fail = |what: &str, why: String| Chain::Fail(format!("{what}: {why}"));
    let seals: Vec<Seal> = sets
        .iter()
        .enumerate()
        .map(|(index, set)| Seal::read(set.seal, index).map_err(|why| fail(&format!("seal {}", index + 1), why)))
        .collect::<Result<_, _>>()?;
    let what = format!("message signature {}", sets.len());
    let signature = read_signature(last.signature).map_err(|why| fail(&what, why))?;
    match signature.verify(mail, last.signature, dns, at).await {
        Verified::Good { .. } => {}
        Verified::Bad(why) | Verified::NoKey(why) => return Err(fail(&what, why)),
        Verified::Later(why) => return Err(Chain::Later(why)),
        Verified::NotAsked => return Err(Chain::NotAsked),
    }
    // Each seal is over all sets up to its own, always relaxed (RFC 8617 section 5.1.1).
    let mut sealed = Vec::new();
    for (index, (set, seal)) in sets.iter().zip(&seals).enumerate() {
        write_field(Canon::Relaxed, set.results.bytes, &mut sealed);
        write_field(Canon::Relaxed, set.signature.bytes, &mut sealed);
        let before = sealed.len();
        write_field(Canon::Relaxed, &without_signature(set.seal.bytes), &mut sealed);
        let what = format!("seal {}", index + 1);
        match find_key(dns, &seal.domain, &seal.selector).await {
            Found::Key(key) => {
                let signed = &sealed[..sealed.len() - 2];
                key.verify(seal.algorithm, signed, &seal.signature).map_err(|why| fail(&what, why))?;
            }
            Found::None(why) => return Err(fail(&what, why)),
            Found::Later(why) => return Err(Chain::Later(why)),
            Found::NotAsked => return Err(Chain::NotAsked),
        }
        sealed.truncate(before);
        write_field(Canon::Relaxed, set.seal.bytes, &mut sealed);
    }
    Ok(())
}

/// The sets in their order: one field of each kind for each number from 1 on (RFC 8617 section 5.2 step 3).
fn sets<'a>(mail: &RawMail<'a>) -> Result<Vec<Set<'a>>, String> {
    let results = numbered(mail, RESULTS, &results_instance)?;
    let signatures = numbered(mail, SIGNATURE, &tag_instance)?;
    let seals = numbered(mail, SEAL, &tag_instance)?;
    if results.len() != signatures.len() || signatures.len() != seals.len() {
        return Err("a set lacks one of its three fields".to_owned());
    }
    let bytes: usize = [&results, &signatures, &seals].iter().flat_map(|list| list.iter()).map(|f| f.bytes.len()).sum();
    if bytes > MAX_BYTES {
        return Err("the chain is too long to be read".to_owned());
    }
    let triples = results.into_iter().zip(signatures).zip(seals);
    Ok(triples.map(|((results, signature), seal)| Set { results, signature, seal }).collect())
}

/// The fields of one kind by their numbers, which must be 1 to n, each once.
fn numbered<'a>(
    mail: &RawMail<'a>,
    name: &str,
    instance: &dyn Fn(&str) -> Option<usize>,
) -> Result<Vec<RawField<'a>>, String> {
    let fields: Vec<RawField<'a>> = mail.all(name).take(MAX_SETS + 1).collect();
    if fields.len() > MAX_SETS {
        return Err(format!("more than {MAX_SETS} sets"));
    }
    let mut places: Vec<Option<RawField<'a>>> = vec![None; fields.len()];
    for field in fields {
        let number = std::str::from_utf8(field.value()).ok().and_then(instance);
        let number = number.ok_or_else(|| format!("{name} without a number (i=)"))?;
        match number.checked_sub(1).and_then(|at| places.get_mut(at)) {
            Some(place @ None) => *place = Some(field),
            Some(Some(_)) => return Err(format!("{name} stands twice for number {number}")),
            None => return Err(format!("{name}: the numbers of the sets have a gap at {number}")),
        }
    }
    Ok(places.into_iter().flatten().collect())
}

/// The number of a set in the tags of a signature or seal.
fn tag_instance(value: &str) -> Option<usize> {
    instance(Tags::read(value).ok()?.get("i")?)
}

/// The number of a set before its results: `i=1;` (RFC 8617 section 4.1.1), where comments may stand between.
fn results_instance(value: &str) -> Option<usize> {
    let rest = skip_comments(value).strip_prefix('i')?;
    let rest = skip_comments(skip_comments(rest).strip_prefix('=')?);
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let (digits, rest) = rest.split_at(end);
    skip_comments(rest).starts_with(';').then(|| instance(digits)).flatten()
}

/// One or two digits that make 1 to 50 (RFC 8617 section 4.2.1).
fn instance(digits: &str) -> Option<usize> {
    let is_number = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|number| is_number && (1..=MAX_SETS).contains(number))
}

/// The text behind blanks and comments (RFC 5322 section 3.2.2).
fn skip_comments(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if std::mem::take(&mut is_escaped) => {}
            '\\' if depth > 0 => is_escaped = true,
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            _ if depth > 0 || matches!(c, ' ' | '\t' | '\r' | '\n') => {}
            _ => return &text[at..],
        }
    }
    ""
}

fn read_signature(field: RawField<'_>) -> Result<MessageSignature, String> {
    let value = std::str::from_utf8(field.value()).map_err(|_| "it is no text")?;
    let signature = MessageSignature::read(&Tags::read(value)?)?;
    // RFC 8617 section 4.1.2: a seal comes after it and can't be in it.
    if signature.names.iter().any(|name| name == SEAL) {
        return Err("it signs a seal".to_owned());
    }
    Ok(signature)
}

/// What an `ARC-Seal` says (RFC 8617 section 4.1.3).
#[derive(Debug)]
struct Seal {
    domain: String,
    selector: String,
    algorithm: Algorithm,
    signature: Vec<u8>,
}

impl Seal {
    /// Reads the seal of the set at that place, counted from 0.
    fn read(field: RawField<'_>, index: usize) -> Result<Self, String> {
        let value = std::str::from_utf8(field.value()).map_err(|_| "it is no text")?;
        let tags = Tags::read(value)?;
        // "the DKIM h tag is NOT allowed and, if found, MUST result in a cv status of fail"
        if tags.get("h").is_some() {
            return Err("it has an h= tag".to_owned());
        }
        let expected = if index == 0 { "none" } else { "pass" };
        let found = tags.required("cv")?;
        if found != expected {
            return Err(format!("cv={found} instead of {expected}"));
        }
        tags.number("t")?;
        let (domain, selector) = place(&tags)?;
        let algorithm = Algorithm::read(tags.required("a")?)?;
        Ok(Self { domain, selector, algorithm, signature: tags.base64("b")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_results() {
        let check = |value: &str, expected: Option<usize>| assert_eq!(results_instance(value), expected, "{value:?}");
        check(" i=1; mx.nl; none", Some(1));
        check("i = 12 ; mx.nl", Some(12));
        check(" (one) i (two (2)) = (\\)) 3 (x);", Some(3));
        check("i=50;", Some(50));
        check("i=51;", None);
        check("i=0;", None);
        check("i=001;", None);
        check("I=1;", None);
        check("i=1 mx.nl; none", None);
        check("i=1", None);
        check("mx.nl; i=1;", None);
        check("(i=1;", None);
        check("", None);
    }

    fn check(header: &str, expected: Result<usize, &str>) {
        let raw = format!("{header}\r\n\r\nbody");
        let found = sets(&RawMail::read(raw.as_bytes())).map(|sets| sets.len());
        match (&found, expected) {
            (Ok(one), Ok(other)) => assert_eq!(*one, other, "{header}"),
            (Err(why), Err(part)) => assert!(why.contains(part), "{header}: {why}"),
            _ => panic!("{header}: {found:?}"),
        }
    }

    fn set(number: &str) -> String {
        format!(
            "ARC-Seal: i={number}; a=x\r\nARC-Message-Signature: a=x; i={number}\r\n\
             ARC-Authentication-Results: i={number}; mx"
        )
    }

    #[test]
    fn sets_are_whole_and_without_gap() {
        check("A: 1", Ok(0));
        check(&set("1"), Ok(1));
        check(&format!("{}\r\n{}", set("2"), set("1")), Ok(2));
        check(&format!("{}\r\n{}", set("3"), set("1")), Err("gap"));
        check(&set("2"), Err("gap"));
        check(&format!("{}\r\n{}", set("1"), set("1")), Err("twice"));
        check(&set("0"), Err("without a number"));
        check(&set(""), Err("without a number"));
        check("ARC-Seal: i=1; cv=none", Err("lacks"));
        check("ARC-Authentication-Results: i=1; mx", Err("lacks"));
        check(&set("1").replace("a=x; i=1", "a=x;; i=1"), Err("without a number"));
        check(&(1..=51).map(|n| set(&n.to_string())).collect::<Vec<_>>().join("\r\n"), Err("more than"));
    }

    #[test]
    fn seals_that_can_be_used() {
        let check = |change: (&str, &str), index: usize, expected: Result<(), &str>| {
            let whole = "ARC-Seal: i=1; a=rsa-sha256; b=aGk=; cv=none; d=a.nl; s=s; t=1";
            assert!(whole.contains(change.0), "{change:?}");
            let text = whole.replacen(change.0, change.1, 1);
            let mail = RawMail::read(text.as_bytes());
            let found = Seal::read(mail.fields[0], index).map(|_| ());
            match (&found, expected) {
                (Ok(()), Ok(())) => {}
                (Err(why), Err(part)) => assert!(why.contains(part), "{text}: {why}"),
                _ => panic!("{text}: {found:?}"),
            }
        };
        check(("t=1", "t=1"), 0, Ok(()));
        check(("t=1", "unknown=1"), 0, Ok(()));
        check(("cv=none", "cv=pass"), 1, Ok(()));
        check(("cv=none", "cv=none"), 1, Err("instead of pass"));
        check(("cv=none", "cv=pass"), 0, Err("instead of none"));
        check(("cv=none", "cv=fail"), 1, Err("cv=fail"));
        check(("cv=none; ", ""), 0, Err("cv="));
        check(("t=1", "h=from"), 0, Err("h= tag"));
        check(("t=1", "t=soon"), 0, Err("t="));
        check(("a=rsa-sha256", "a="), 0, Err("a="));
        check(("b=aGk=", "b="), 0, Err("b="));
        check(("d=a.nl; ", ""), 0, Err("d="));
        check(("s=s", "s="), 0, Err("s="));
    }
}
