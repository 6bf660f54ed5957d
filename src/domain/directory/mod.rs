//! Who there is: the declared world of a desk, held in memory as one value.
//!
//! A desk's directory is declared in TOML files ([`parse_directory`]), compared with what the store
//! keeps ([`diff`]), kept there as one row per declared thing ([`Item`]), and read back whole
//! ([`Directory::from_items`]). [`export`] writes it out again as a file that declares the same.

mod check;
mod contract;
mod declarations;
mod difference;
mod export;
mod item;
mod lookup;
mod nouns;
mod values;

pub use contract::{
    Charge, ChargeRules, Contract, IncidentsFrom, Pause, Plan, Proof, QuietWeeks, Rounding, Target, Targets,
};
pub use declarations::{
    Declarations, DirectoryFault, DirectoryFile, holidays_files, parse_directory, parse_directory_beside,
};
pub use difference::{Change, Difference, FieldChange, diff};
pub use export::export;
pub use item::{BadItem, COMMAND_SOURCE, Item, ItemKind, StoredItem};
pub use lookup::{AddressOwner, Directory, Holding, Human};
pub use nouns::{Card, Client, ClosedPeriod, Expert, Monitor, Person, Position, PositionRole, Supplier};
pub use values::{BadValue, MailDomain, Reader, ServiceSpan, Zone};

#[cfg(test)]
mod tests;
