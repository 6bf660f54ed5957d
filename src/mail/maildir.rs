//! A Maildir on this machine as an inlet.
//!
//! Without a filing folder a message counts as filed when it stands in `cur/`: then only `new/` is
//! read. With one, both are read, and a filed message is moved to `.FOLDER/cur/`. Nothing is ever
//! deleted, and a rename is on the disk before the call returns.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::inbox::{
    Fetched, FetchedSet, Filing, FolderState, InboxError, InboxReport, Listed, Raw, Result, SizeLimit, Uid,
    is_base_name,
};

/// How often the folder is looked at while waiting for news.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A Maildir and the subfolder of it that is read.
#[derive(Debug, Clone)]
pub struct MaildirInbox {
    root: PathBuf,
    folder: PathBuf,
    is_filing: bool,
    limit: SizeLimit,
}

impl MaildirInbox {
    /// A Maildir by its folder. `is_filing` tells whether handled messages are filed in a folder of
    /// their own, so that what stands in `cur/` is still to be read.
    #[must_use]
    pub fn new(root: PathBuf, is_filing: bool, limit: SizeLimit) -> Self {
        Self { folder: root.clone(), root, is_filing, limit }
    }

    pub(super) async fn open(&mut self) -> Result<()> {
        self.blocking(|this| this.state().map(|_| ())).await
    }

    pub(super) async fn select(&mut self, folder: &str) -> Result<FolderState> {
        self.folder = self.path_of(folder)?;
        self.blocking(|this| this.state()).await
    }

    pub(super) async fn list_new(&mut self, since: Option<Timestamp>) -> Result<Vec<Listed>> {
        self.blocking(move |this| this.list(since)).await
    }

    pub(super) async fn fetch(&mut self, uids: &[Uid]) -> Result<FetchedSet> {
        let uids = uids.to_vec();
        self.blocking(move |this| this.read_all(&uids)).await
    }

    /// Files the messages into the subfolder, or as read in `cur/` if there is none.
    pub(super) async fn file_away(&mut self, uids: &[Uid], into: Option<&str>) -> Result<()> {
        let target = match into.filter(|_| self.is_filing) {
            Some(folder) => self.path_of(folder)?,
            None => self.folder.clone(),
        };
        let uids = uids.to_vec();
        self.blocking(move |this| this.move_all(&uids, &target)).await
    }

    pub(super) async fn wait_for_news(&mut self, at_most: Duration) -> Result<()> {
        let before = self.blocking(|this| this.names()).await?;
        let end = tokio::time::Instant::now() + at_most;
        while tokio::time::Instant::now() < end {
            tokio::time::sleep_until(end.min(tokio::time::Instant::now() + LOOK_EVERY)).await;
            if self.blocking(|this| this.names()).await? != before {
                break;
            }
        }
        Ok(())
    }

    pub(super) async fn check(&mut self, folder: &str) -> Result<InboxReport> {
        let folder_state = self.select(folder).await?;
        let folders = self.blocking(|this| this.subfolders()).await?;
        Ok(InboxReport { capabilities: BTreeSet::new(), folders, folder: folder_state, tells_news: false, moves: true })
    }

    pub(super) async fn find_filing(&self, into: &str) -> Result<Filing> {
        let folder = match self.path_of(into) {
            Ok(folder) => folder,
            Err(error) => return Ok(Filing::Impossible { why: error.to_string() }),
        };
        let is_there = self.blocking(move |_| Ok(folder.join("cur").is_dir())).await?;
        Ok(if is_there { Filing::There(into.to_owned()) } else { Filing::Absent })
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&MaildirInbox) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || work(&this))
            .await
            .map_err(|stop| InboxError::Connection(stop.to_string()))?
    }

    fn path_of(&self, folder: &str) -> Result<PathBuf> {
        if folder.eq_ignore_ascii_case("INBOX") || folder.is_empty() {
            return Ok(self.root.clone());
        }
        let name = folder.strip_prefix("INBOX/").unwrap_or(folder).replace('/', ".");
        if name.starts_with('.') || name.ends_with('.') || name.contains("..") || name.contains('\0') {
            return Err(InboxError::Configuration(format!("\"{folder}\" cannot be the name of a Maildir folder")));
        }
        Ok(self.root.join(format!(".{name}")))
    }

    fn state(&self) -> Result<FolderState> {
        let count = u32::try_from(self.names()?.len()).unwrap_or(u32::MAX);
        Ok(FolderState { uid_validity: 0, uid_next: None, count })
    }

    /// The messages to read: base name to file. A message that is renamed from `new/` to `cur/`
    /// while we look is seen, for `new/` is read first.
    fn names(&self) -> Result<HashMap<String, PathBuf>> {
        let mut names = HashMap::new();
        let sides: &[&str] = if self.is_filing { &["new", "cur"] } else { &["new"] };
        for side in sides {
            names.extend(files_in(&self.folder.join(side))?);
        }
        Ok(names)
    }

    fn list(&self, since: Option<Timestamp>) -> Result<Vec<Listed>> {
        let mut listed = Vec::new();
        for (name, path) in self.names()? {
            let Some(about) = present(std::fs::metadata(&path), &path)? else { continue };
            if !about.is_file() {
                continue;
            }
            let arrived_at = arrival(&about, &path)?;
            if since.is_none_or(|since| arrived_at >= since) {
                listed.push(Listed { uid: Uid::Maildir(name), arrived_at, size: about.len() });
            }
        }
        listed.sort_by(|a, b| (a.arrived_at, &a.uid).cmp(&(b.arrived_at, &b.uid)));
        Ok(listed)
    }

    fn read_all(&self, uids: &[Uid]) -> Result<FetchedSet> {
        let names = self.names()?;
        let mut set = FetchedSet::default();
        for uid in uids {
            let found = match name_of(uid).and_then(|name| names.get(name)) {
                Some(path) => self.read(uid, path)?,
                None => None,
            };
            match found {
                Some(mail) => set.mails.push(mail),
                None => set.gone.push(uid.clone()),
            }
        }
        Ok(set)
    }

    fn read(&self, uid: &Uid, path: &Path) -> Result<Option<Fetched>> {
        let Some(file) = present(std::fs::File::open(path), path)? else { return Ok(None) };
        let about = file.metadata().map_err(|source| at(path, source))?;
        let arrived_at = arrival(&about, path)?;
        let size = about.len();
        let is_whole = size <= self.limit.whole;
        let most = if is_whole { self.limit.whole } else { u64::from(self.limit.head) };
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes).map_err(|source| at(path, source))?;
        let raw = if is_whole { Raw::Whole(bytes) } else { Raw::TooLarge { head: bytes } };
        Ok(Some(Fetched { uid: uid.clone(), arrived_at, size, raw }))
    }

    fn move_all(&self, uids: &[Uid], target: &Path) -> Result<()> {
        create_folder(target, &self.root)?;
        let mut names = files_in(&self.folder.join("cur"))?;
        names.extend(files_in(&self.folder.join("new"))?);
        let cur = target.join("cur");
        for name in uids.iter().filter_map(name_of) {
            let Some(from) = names.get(name) else { continue };
            let to = cur.join(format!("{name}:2,S"));
            if *from != to {
                present(std::fs::rename(from, &to), from)?;
            }
        }
        // First the place where they are now: after a crash they stand in both, never in none.
        for folder in [cur, self.folder.join("new"), self.folder.join("cur")] {
            sync(&folder)?;
        }
        Ok(())
    }

    fn subfolders(&self) -> Result<Vec<String>> {
        let mut folders = vec!["INBOX".to_owned()];
        for entry in std::fs::read_dir(&self.root).map_err(|source| at(&self.root, source))? {
            let entry = entry.map_err(|source| at(&self.root, source))?;
            if let Some(name) = entry.file_name().to_str().and_then(|name| name.strip_prefix('.'))
                && entry.path().join("cur").is_dir()
            {
                folders.push(name.replace('.', "/"));
            }
        }
        folders.sort();
        Ok(folders)
    }
}

fn name_of(uid: &Uid) -> Option<&str> {
    match uid {
        Uid::Maildir(name) if is_base_name(name) => Some(name),
        _ => None,
    }
}

fn files_in(folder: &Path) -> Result<HashMap<String, PathBuf>> {
    let mut names = HashMap::new();
    for entry in std::fs::read_dir(folder).map_err(|source| at(folder, source))? {
        let path = entry.map_err(|source| at(folder, source))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        let base = name.split(':').next().unwrap_or("");
        if is_base_name(base) {
            names.insert(base.to_owned(), path);
        }
    }
    Ok(names)
}

/// Makes the folder as a Maildir subfolder, and its name durable.
fn create_folder(folder: &Path, root: &Path) -> Result<()> {
    if folder.join("new").is_dir() && folder.join("cur").is_dir() && folder.join("tmp").is_dir() {
        return Ok(());
    }
    for side in ["tmp", "new", "cur"] {
        let path = folder.join(side);
        std::fs::create_dir_all(&path).map_err(|source| at(&path, source))?;
    }
    let mark = folder.join("maildirfolder");
    if folder != root && !mark.exists() {
        std::fs::write(&mark, b"").map_err(|source| at(&mark, source))?;
    }
    sync(folder)?;
    sync(root)
}

fn sync(folder: &Path) -> Result<()> {
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|source| at(folder, source))
}

fn arrival(about: &std::fs::Metadata, path: &Path) -> Result<Timestamp> {
    let modified = about.modified().map_err(|source| at(path, source))?;
    Timestamp::try_from(modified).map_err(|error| at(path, io::Error::other(error)))
}

/// A file that has gone in the meantime is no error.
fn present<T>(result: io::Result<T>, path: &Path) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(path, error)),
    }
}

fn at(path: &Path, source: io::Error) -> InboxError {
    InboxError::File { path: path.display().to_string(), source }
}
