//! A person is forgotten by command, and what is left of them anywhere.

use casepost::desk::forgetting::{ForgetError, Forgetting, Report};
use casepost::desk::import::By;
use casepost::domain::address::Address;
use casepost::store::StoreError;
use casepost::store::forgetting::{COLUMNS, Fate};

use super::World;

impl World {
    /// `forget ADDRESS`.
    pub async fn forget(&self, address: &str, is_rehearsal: bool) -> Result<Report, ForgetError> {
        let by = By { actor: "command:tester".into(), reason: "Anne Bakker asked for it".into(), at: self.now };
        let (raw, office) = (&self.intake.raw, &*self.intake.office);
        let forgetting = Forgetting { db: &self.db, raw, office, by };
        forgetting.forget(&Address::new(address).unwrap(), is_rehearsal).await
    }

    /// All that was written is on its way no more.
    pub async fn deliver_all(&self) {
        self.change_rows("UPDATE letters SET state = 'sent', sent_at = enqueued_at WHERE state = 'queued'").await;
    }

    /// Changes rows behind everybody's back.
    pub async fn change_rows(&self, sql: &'static str) {
        let mut tx = self.db.begin().await.unwrap();
        tx.execute(sql, &[]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Every text of the database, with the place where it stands.
    pub async fn all_texts(&self) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        for (table, columns) in COLUMNS {
            for (column, fate) in *columns {
                if *column == "packed" {
                    continue;
                }
                let sql: &'static str = format!("SELECT CAST({column} AS TEXT) FROM {table}").leak();
                let place = format!("{table}.{column} ({fate:?})");
                for row in self.db.fetch(sql, &[]).await.unwrap() {
                    texts.extend(row.maybe_text(0).unwrap().map(|text| (place.clone(), text)));
                }
            }
        }
        texts.sort();
        texts
    }

    /// All bytes of mails and letters that are still kept, as one text.
    pub async fn all_bytes(&self) -> String {
        let mut all = String::new();
        for row in self.db.fetch("SELECT digest FROM raw_mails ORDER BY digest", &[]).await.unwrap() {
            match self.intake.raw.find(&self.db, "LIN", &row.text(0).unwrap()).await {
                Ok(bytes) => all.push_str(&String::from_utf8_lossy(&bytes)),
                Err(StoreError::Gone(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        all
    }

    /// The columns of the schema that nobody decided the fate of, and those that are none any more.
    pub async fn undecided_columns(&self) -> Vec<String> {
        let sql = "SELECT m.name || '.' || p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p
            WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name <> '_sqlx_migrations'";
        let rows = self.db.fetch(sql, &[]).await.unwrap();
        let there: Vec<String> = rows.iter().map(|row| row.text(0).unwrap()).collect();
        let decided: Vec<String> = COLUMNS
            .iter()
            .flat_map(|(table, columns)| {
                columns.iter().map(move |(column, _): &(&str, Fate)| format!("{table}.{column}"))
            })
            .collect();
        let mut odd: Vec<String> = there.iter().filter(|column| !decided.contains(column)).cloned().collect();
        odd.extend(decided.iter().filter(|column| !there.contains(column)).cloned());
        odd
    }
}
