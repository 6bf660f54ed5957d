//! The Maildir inlet on a real file system.

use std::path::Path;
use std::time::{Duration, Instant};

use casepost::mail::inbox::{Inbox, Raw, SizeLimit, Uid};

fn maildir(root: &Path, is_filing: bool) -> Inbox {
    for side in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(root.join(side)).unwrap();
    }
    let limit = SizeLimit { whole: 100, head: 10 };
    Inbox::maildir(root.to_owned(), is_filing, limit)
}

fn put(root: &Path, name: &str, text: &str) {
    std::fs::write(root.join(name), text).unwrap();
}

async fn names(inbox: &mut Inbox) -> Vec<String> {
    inbox.list_new(None, None).await.unwrap().into_iter().map(|mail| mail.uid.to_string()).collect()
}

#[tokio::test]
async fn a_maildir_is_read_and_filed_into_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut inbox = maildir(root, true);
    put(root, "new/1.a.host", "Subject: one\n\n");
    put(root, "cur/2.b.host:2,S", "Subject: two, read by a human\n\n");
    put(root, "new/3.c.host", &"x".repeat(101));
    put(root, "new/.hidden", "");
    put(root, "tmp/4.d.host", "unfinished");
    assert_eq!(inbox.select("INBOX").await.unwrap().count, 3);
    assert_eq!(names(&mut inbox).await, ["maildir:1.a.host", "maildir:2.b.host", "maildir:3.c.host"]);

    let [one, large, none] = ["1.a.host", "3.c.host", "9.z.host"].map(|name| Uid::Maildir(name.into()));
    // A mail program moves it while we work: its flags change, its name does not.
    std::fs::rename(root.join("new/1.a.host"), root.join("cur/1.a.host:2,RS")).unwrap();
    let fetched = inbox.fetch(&[one.clone(), large.clone(), none.clone()]).await.unwrap();
    assert_eq!(fetched.mails[0].raw, Raw::Whole("Subject: one\n\n".into()));
    assert_eq!(fetched.mails[1].raw, Raw::TooLarge { head: b"xxxxxxxxxx".to_vec() });
    assert_eq!(fetched.mails[1].size, 101);
    assert_eq!(fetched.gone, std::slice::from_ref(&none));

    for _ in 0..2 {
        inbox.file_away(&[one.clone(), large.clone(), none.clone()], "Done/2026").await.unwrap();
    }
    assert!(root.join(".Done.2026/cur/1.a.host:2,S").exists());
    assert!(root.join(".Done.2026/cur/3.c.host:2,S").exists());
    assert_eq!(names(&mut inbox).await, ["maildir:2.b.host"]);
    assert_eq!(inbox.check("INBOX").await.unwrap().folders, ["Done/2026", "INBOX"]);
}

#[tokio::test]
async fn without_a_filing_folder_a_mail_in_cur_counts_as_filed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut inbox = maildir(root, false);
    put(root, "new/1.a.host", "Subject: one\n\n");
    put(root, "cur/2.b.host:2,", "Subject: two\n\n");
    assert_eq!(names(&mut inbox).await, ["maildir:1.a.host"]);
    inbox.file_away(&[Uid::Maildir("1.a.host".into())], "ignored").await.unwrap();
    assert!(root.join("cur/1.a.host:2,S").exists());
    assert!(names(&mut inbox).await.is_empty());
}

#[tokio::test]
async fn no_name_leads_out_of_the_maildir() {
    let folder = tempfile::tempdir().unwrap();
    let mut inbox = maildir(&folder.path().join("mail"), true);
    put(folder.path(), "secret", "secret");
    let fetched = inbox.fetch(&[Uid::Maildir("../../secret".into())]).await.unwrap();
    assert_eq!((fetched.mails.len(), fetched.gone.len()), (0, 1));
    assert!(inbox.file_away(&[], "../x").await.is_err());
    assert!(inbox.select(".x").await.is_err());
}

#[tokio::test]
async fn a_missing_maildir_is_an_error_and_not_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut inbox = Inbox::maildir(folder.path().join("none"), false, SizeLimit::default());
    assert!(inbox.open().await.is_err());
    assert!(inbox.list_new(None, None).await.is_err());
    assert!(inbox.fetch(&[Uid::Maildir("1".into())]).await.is_err());
}

#[tokio::test]
async fn a_new_file_ends_the_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let mut inbox = maildir(folder.path(), false);
    let begun = Instant::now();
    let put_later = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        put(folder.path(), "new/1", "");
    };
    let (waited, ()) = tokio::join!(inbox.wait_for_news(Duration::from_secs(20)), put_later);
    waited.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5));
}
