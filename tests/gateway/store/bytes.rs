//! The bytes of mails and letters: they come back as they were, their files go with the last row that names them, and they
//! are on the disk when it is said.

use std::time::Duration;

use casepost::store::raw::{self, Owner, RawMails};
use casepost::store::{Db, Tx, Value};

use super::Place;

on_both!(the_bytes_of_a_mail_come_back_as_they_were_small_and_large, |place| {
    let raw = RawMails::new(place.folder.path().join("raw"));
    let noise: Vec<u8> = (0..3_000_000_u64).map(|n| (n.wrapping_mul(6_364_136_223_846_793_005) >> 33) as u8).collect();
    let mails: [&[u8]; 5] = [b"", b"\0", b"From: a\r\n\r\n\xff\xfe", &[b'a'; 100_000], &noise];
    for (bytes, number) in mails.into_iter().zip(1..) {
        let of = [Owner::Mail(number), Owner::Mail(number), Owner::Letter(number)];
        let mut tx = place.db.begin_for("LIN").await.unwrap();
        let mut digests = Vec::new();
        for owner in of {
            digests.push(raw.record(&mut tx, "LIN", owner, RawMails::pack(bytes)).await.unwrap());
        }
        assert_eq!(digests[0], digests[1], "the same bytes again are the same mail");
        assert_ne!(digests[0], digests[2], "a letter's bytes go with the letter");
        assert!(raw.find_in(&mut tx, "LIN", &digests[0]).await.unwrap() == bytes);
        tx.commit().await.unwrap();
        for digest in digests {
            assert!(raw.find(&place.db, "LIN", &digest).await.unwrap() == bytes);
        }
    }
    assert!(raw.find(&place.db, "LIN", "no such digest").await.is_err());
});

#[tokio::test]
async fn only_what_a_mailbox_can_repeat_is_committed_without_waiting_for_the_disk() {
    let place = Place::sqlite().await;
    let level = async |mut tx: Tx| {
        let level = tx.fetch("PRAGMA synchronous", &[]).await.unwrap()[0].int(0).unwrap();
        tx.commit().await.unwrap();
        level
    };
    let (normal, full) = (1, 2);
    let db = &place.db;
    assert_eq!(level(db.begin().await.unwrap()).await, full);
    assert_eq!(level(db.begin_repeatable_for("LIN").await.unwrap()).await, normal);
    assert_eq!(level(db.begin_for("LIN").await.unwrap()).await, full);
    // The log that is synced is the database's own, and a fault of the disk is told.
    db.make_durable().await.unwrap();
    let [log, away] = ["casepost.db-wal", "away"].map(|name| place.folder.path().join(name));
    std::fs::rename(&log, &away).unwrap();
    let error = db.make_durable().await.unwrap_err();
    assert!(error.is_transient() && error.to_string().contains("casepost.db-wal"), "{error}");
    // What the disk refused once is not believed the next time: it goes to the database itself.
    std::os::unix::fs::symlink("/dev/null", &log).unwrap();
    db.make_durable().await.unwrap_err();
    std::fs::remove_file(&log).unwrap();
    std::fs::rename(&away, &log).unwrap();
    let database = || std::fs::read(place.folder.path().join("casepost.db")).unwrap();
    let before = database();
    db.make_durable().await.unwrap();
    assert!(database() != before, "the log was carried over");
    // A link to the database leads to the same log.
    db.close().await;
    let link = place.folder.path().join("link.db");
    std::os::unix::fs::symlink(place.folder.path().join("casepost.db"), &link).unwrap();
    let linked = Db::open(&format!("sqlite:{}", link.display())).await.unwrap();
    assert_eq!(level(linked.begin_repeatable_for("LIN").await.unwrap()).await, normal);
    linked.make_durable().await.unwrap();
}

on_both!(bytes_that_an_older_casepost_knew_by_their_sha256_alone_are_found, |place| {
    let (folder, bytes) = (place.folder.path().join("raw"), b"From: a\r\n\r\nlong ago");
    let (raw, digest, packed) =
        (RawMails::new(folder.clone()), raw::sha256(bytes), lz4_flex::compress_prepend_size(bytes));
    let file = format!("{}/{digest}.lz4", &digest[..2]);
    std::fs::create_dir_all(folder.join(&digest[..2])).unwrap();
    std::fs::write(folder.join(&file), packed).unwrap();
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    let sql = "INSERT INTO raw_mails (desk, digest, size, packed, file) VALUES ('LIN', $1, 24, NULL, $2)";
    tx.execute(sql, &[Value::from(digest.as_str()), Value::from(file.as_str())]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(raw.find(&place.db, "LIN", &digest).await.unwrap(), bytes);
    assert_eq!(raw.sweep(&place.db, Duration::ZERO).await.unwrap(), 0, "a row names it");
});

on_both!(a_file_that_no_row_names_is_swept_and_no_other, |place| {
    let folder = place.folder.path().join("raw");
    let raw = RawMails::new(folder.clone());
    let noise = noise();
    let mut digests = Vec::new();
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    for number in [1, 1_001] {
        digests.push(raw.record(&mut tx, "LIN", Owner::Mail(number), RawMails::pack(&noise)).await.unwrap());
    }
    tx.commit().await.unwrap();
    // What a crash before the commit leaves: a whole file, and the half of one.
    let shelf = folder.join("m0000001");
    for orphan in [digests[1].replace("m0000001001", "m0000001002") + ".lz4", digests[1].clone() + ".1-1.half"] {
        std::fs::write(shelf.join(orphan), b"x").unwrap();
    }
    assert_eq!(std::fs::read_dir(&shelf).unwrap().count(), 3, "a thousand numbers share a shelf");
    assert_eq!(raw.sweep(&place.db, Duration::from_secs(3600)).await.unwrap(), 0, "they are young");
    assert_eq!(raw.sweep(&place.db, Duration::ZERO).await.unwrap(), 2);
    for digest in &digests {
        assert!(raw.find(&place.db, "LIN", digest).await.unwrap() == noise);
    }
});

on_both!(a_file_that_two_desks_keep_goes_with_the_last_of_them, |place| {
    let raw = RawMails::new(place.folder.path().join("raw"));
    let noise = noise();
    let mut digest = String::new();
    for desk in ["LIN", "NWK"] {
        let mut tx = place.db.begin_for(desk).await.unwrap();
        digest = raw.record(&mut tx, desk, Owner::Mail(1), RawMails::pack(&noise)).await.unwrap();
        tx.commit().await.unwrap();
    }
    for (desk, removed) in [("LIN", 0), ("NWK", 1)] {
        assert!(raw.find(&place.db, desk, &digest).await.unwrap() == noise);
        let mut tx = place.db.begin().await.unwrap();
        let sql = "UPDATE raw_mails SET packed = NULL, deleted_at = 1, deleted_for = 'retention' WHERE desk = $1";
        tx.execute(sql, &[Value::from(desk)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(raw.end_files(&place.db).await.unwrap(), removed, "{desk}");
        assert_eq!(raw.sweep(&place.db, Duration::ZERO).await.unwrap(), 0, "{desk}");
    }
});

/// Bytes that nothing packs, large enough for a file (Knuth's generator).
fn noise() -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(&mut next).take(300_000).collect()
}
