//! DKIM signatures (RFC 6376, RFC 8463) as the mail server of a sender makes them: written apart from the code that
//! verifies them, in the `simple` form, where every byte counts.

use data_encoding::BASE64;
use ring::digest::{SHA256, digest};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// What the sender's server signs, and with whose key.
#[derive(Debug, Clone)]
pub struct Signature {
    pub domain: String,
    pub names: String,
    pub tags: String,
}

/// The name of the key of a domain.
pub fn key_name(domain: &str) -> String {
    format!("s1._domainkey.{domain}")
}

/// The record with the key of every domain of these tests.
pub fn key_record() -> String {
    format!("v=DKIM1; k=ed25519; p={}", BASE64.encode(pair().public_key().as_ref()))
}

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[42; 32]).unwrap()
}

impl Signature {
    /// The field that signs a mail of these lines, each with CRLF, and this body. Of each named field the undermost is
    /// signed; a name without field signs that there is none.
    pub fn field(&self, header: &str, body: &str) -> String {
        let mut body = body.trim_end_matches("\r\n").to_owned() + "\r\n";
        if let Some(length) = self.tags.split("l=").nth(1).and_then(|rest| rest.split(';').next()) {
            body.truncate(length.parse().unwrap());
        }
        let hash = BASE64.encode(digest(&SHA256, body.as_bytes()).as_ref());
        let Self { domain, names, tags } = self;
        let own = format!(
            "DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; d={domain}; s=s1;\r\n\t{tags}h={names};\r\n\t\
             bh={hash};\r\n\tb="
        );
        let unfolded = header.replace("\r\n ", "\0 ").replace("\r\n\t", "\0\t");
        let mut left: Vec<&str> = unfolded.lines().collect();
        let mut signed = String::new();
        for name in names.split(':') {
            let is_it = |line: &&str| line.split(':').next().unwrap().eq_ignore_ascii_case(name);
            if let Some(place) = left.iter().rposition(is_it) {
                signed += &format!("{}\r\n", left.remove(place).replace('\0', "\r\n"));
            }
        }
        signed += &own;
        let signature = pair().sign(digest(&SHA256, signed.as_bytes()).as_ref());
        format!("{own}{}", BASE64.encode(signature.as_ref()))
    }
}
