//! What of a new text stands in the letter that it answers, without any mark that says so.
//!
//! Some programs leave the whole answered letter below the answer with neither `>` nor a header before it, and people
//! paste it. What a person wrote anew is never cut: only whole lines go that repeat a long run of the letter's words,
//! however these are wrapped. Words that the reader knows already (their own) stay between new lines, as what an answer
//! is about.

use std::collections::HashMap;

use crate::domain::identity::scrub_tokens;

/// So many words in a row are no coincidence.
const RUN_WORDS: usize = 12;
/// Fewer are enough where they fill so many lines.
const RUN_LINES: usize = 3;
/// The words by which the beginning of a run is found.
const SEED: usize = 4;
/// The most places of the letter at which one run is tried.
const MOST_PLACES: usize = 8;
/// A line of so many words of the desk's own is no coincidence either.
const INTERNAL_WORDS: usize = 5;
/// Nor are so many of them in a row beside others.
const INTERNAL_RUN: usize = 8;

/// Whose words stand in the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// The desk's: facts of the case, notes, what the tags do.
    Internal,
    /// Said between client and desk before.
    Said,
    /// The writer's own, which wait for a mend.
    Own,
    /// The name and address below every letter.
    Foot,
}

/// The letter that is answered, word by word.
#[derive(Debug, Clone, Default)]
pub struct AnsweredText {
    words: Vec<(String, Owner)>,
    /// Of each line its first word and how many there are.
    lines: HashMap<String, Owner>,
    seeds: HashMap<String, Vec<usize>>,
    is_internal: bool,
}

impl AnsweredText {
    /// The text of a letter. `said` is what went between client and desk, `own` a text of the writer that the letter
    /// shows for a mend. `is_internal` tells whether the rest is for the desk alone.
    #[must_use]
    pub fn new<'t>(letter: &str, said: impl IntoIterator<Item = &'t str>, own: &str, is_internal: bool) -> Self {
        let body = letter.lines().position(|line| line.trim_end() == "--").unwrap_or(usize::MAX);
        let mut words = Vec::new();
        let mut rows = Vec::new();
        for (index, line) in letter.lines().enumerate() {
            let owner = if index >= body && !line.starts_with('>') { Owner::Foot } else { Owner::Internal };
            let first = words.len();
            words.extend(words_of(line).map(|word| (word, owner)));
            rows.push(first..words.len());
        }
        let mut seeds: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, window) in words.windows(SEED).enumerate() {
            let places = seeds.entry(joined(window.iter().map(|(word, _)| word))).or_default();
            if places.len() < MOST_PLACES {
                places.push(at);
            }
        }
        let mut text = Self { words, lines: HashMap::new(), seeds, is_internal };
        for said in said {
            text.give(said, Owner::Said);
        }
        text.give(own, Owner::Own);
        for row in rows.into_iter().filter(|row| !row.is_empty()) {
            let own = &text.words[row];
            // A line is internal when all of it is.
            let is_internal = own.iter().all(|(_, owner)| *owner == Owner::Internal);
            let owner = own.iter().map(|(_, owner)| *owner).find(|owner| is_internal || *owner != Owner::Internal);
            text.lines.insert(joined(own.iter().map(|(word, _)| word)), owner.unwrap_or(Owner::Internal));
        }
        text
    }

    /// The text without the lines that only repeat the letter.
    #[must_use]
    pub fn cut_from(&self, fresh: &str) -> String {
        let lines: Vec<&str> = fresh.lines().collect();
        let mut owners = self.owners_of(&lines);
        if owners.iter().all(Option::is_none) {
            return fresh.to_owned();
        }
        self.join_neighbours(&lines, &mut owners);
        let is_cut = chosen(&lines, &owners);
        let kept: Vec<&str> =
            lines.iter().zip(&is_cut).filter(|(_, is_cut)| !**is_cut).map(|(line, _)| *line).collect();
        super::without_outer_blanks(&kept)
    }

    /// The first line of a text that is the desk's alone and stands in the letter; nothing where the letter holds none.
    #[must_use]
    pub fn internal_line_in<'t>(&self, text: &'t str) -> Option<&'t str> {
        if !self.is_internal {
            return None;
        }
        let mut before = 0;
        for line in text.lines() {
            let words: Vec<String> = words_of(line).collect();
            if words.is_empty() {
                continue;
            }
            let is_own_line = self.lines.get(&joined(&words)) == Some(&Owner::Internal);
            let in_row = if is_own_line { before + words.len() } else { 0 };
            if in_row >= INTERNAL_WORDS || self.longest_internal_run(&words) >= INTERNAL_RUN {
                return Some(line.trim());
            }
            before = in_row;
        }
        None
    }

    /// The words belong to this owner wherever a run of them stands in the letter.
    fn give(&mut self, text: &str, owner: Owner) {
        let words: Vec<String> = text.lines().flat_map(words_of).collect();
        // Short words that are all of what was said are found, too.
        let mut at = 0;
        while at < words.len() {
            let places: Vec<usize> = match words.get(at..at + SEED) {
                Some(seed) => self.seeds.get(&joined(seed)).cloned().unwrap_or_default(),
                None if at == 0 => self.places_of(&words),
                None => break,
            };
            let mut longest = 1;
            for place in places {
                let length = self.run(&words[at..], place);
                longest = longest.max(length);
                self.words[place..place + length].iter_mut().for_each(|(_, own)| *own = owner);
            }
            at += longest;
        }
    }

    fn places_of(&self, words: &[String]) -> Vec<usize> {
        let is_here = |at: &usize| self.run(words, *at) == words.len();
        (0..self.words.len()).filter(is_here).take(MOST_PLACES).collect()
    }

    /// How many of the words stand in the letter from that place on.
    fn run(&self, words: &[String], place: usize) -> usize {
        words.iter().zip(&self.words[place..]).take_while(|(word, (own, _))| *word == own).count()
    }

    fn longest_internal_run(&self, words: &[String]) -> usize {
        let internal = |place: usize| self.words[place..].iter().take_while(|(_, own)| *own == Owner::Internal).count();
        let runs = words.windows(SEED).enumerate().filter_map(|(at, seed)| {
            let places = self.seeds.get(&joined(seed))?.iter();
            places.map(|place| self.run(&words[at..], *place).min(internal(*place))).max()
        });
        runs.max().unwrap_or(0)
    }

    /// Of each line that repeats the letter whose words it repeats.
    fn owners_of(&self, lines: &[&str]) -> Vec<Option<Owner>> {
        let mut words: Vec<String> = Vec::new();
        let mut line_of: Vec<usize> = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            words.extend(words_of(line));
            line_of.resize(words.len(), index);
        }
        let mut found: Vec<Option<Owner>> = vec![None; words.len()];
        let mut at = 0;
        while at + SEED <= words.len() {
            let places = self.seeds.get(&joined(&words[at..at + SEED]));
            let runs = places.into_iter().flatten().map(|place| (self.run(&words[at..], *place), *place));
            let Some((length, place)) = runs.max_by_key(|(length, _)| *length) else {
                at += 1;
                continue;
            };
            let is_filled = |line: usize| (at..at + length).any(|word| line_of[word] == line);
            let filled = (line_of[at]..=line_of[at + length - 1]).filter(|line| is_filled(*line)).count();
            if length < RUN_WORDS && filled < RUN_LINES {
                at += 1;
                continue;
            }
            for (own, (_, owner)) in found[at..at + length].iter_mut().zip(&self.words[place..]) {
                *own = Some(*owner);
            }
            at += length;
        }
        let mut owners: Vec<Option<Owner>> = vec![None; lines.len()];
        let mut from = 0;
        for (index, owner) in owners.iter_mut().enumerate() {
            let end = from + line_of[from..].iter().take_while(|line| **line == index).count();
            let own = &found[from..end];
            if own.iter().all(Option::is_some) {
                let is_internal = own.iter().flatten().any(|owner| *owner == Owner::Internal);
                *owner = if is_internal { Some(Owner::Internal) } else { own.iter().flatten().next().copied() };
            }
            from = end;
        }
        owners
    }

    /// A short line beside a repeated one is repeated, too, when it is a line of the letter.
    fn join_neighbours(&self, lines: &[&str], owners: &mut [Option<Owner>]) {
        let mut order: Vec<usize> = (0..lines.len()).collect();
        for _ in 0..2 {
            let mut is_beside = false;
            for &at in &order {
                let words = joined(words_of(lines[at]));
                if words.is_empty() || is_tag(lines[at]) {
                    is_beside &= words.is_empty();
                    continue;
                }
                if owners[at].is_none() && is_beside {
                    owners[at] = self.lines.get(&words).copied();
                }
                is_beside = owners[at].is_some();
            }
            order.reverse();
        }
    }
}

/// Which lines go: of each block of repeated lines those that nobody needs to see again.
fn chosen(lines: &[&str], owners: &[Option<Owner>]) -> Vec<bool> {
    let is_wordless = |at: &usize| words_of(lines[*at]).next().is_none();
    let is_new = |at: &usize| owners[*at].is_none() && !is_wordless(at) && !is_tag(lines[*at]);
    let mut is_cut = vec![false; lines.len()];
    let mut at = 0;
    while at < lines.len() {
        if owners[at].is_none() {
            at += 1;
            continue;
        }
        let end = (at..lines.len()).find(|next| owners[*next].is_none() && !is_wordless(next)).unwrap_or(lines.len());
        let has = |owner: Owner| owners[at..end].contains(&Some(owner));
        let is_last = !(end..lines.len()).any(|next| is_new(&next));
        let mut from = at;
        let mut stop = end;
        if has(Owner::Internal) {
            // What the next words may be about stays with them.
            while !is_last && stop > from && !matches!(owners[stop - 1], Some(Owner::Internal | Owner::Foot)) {
                stop -= 1;
            }
            // The writer's own words, mended, above the letter that shows them.
            while matches!(owners[from], Some(Owner::Own)) || is_wordless(&from) {
                from += 1;
            }
            // "… wrote:" above it, in a form that nobody knows.
            let above = (0..from).rev().find(|above| !is_wordless(above));
            from = above.filter(|above| scrub_tokens(lines[*above]) != lines[*above]).unwrap_or(from);
            // A rule above it.
            from = (0..from).rev().take_while(|above| is_wordless(above)).last().unwrap_or(from);
        } else if !(is_last && has(Owner::Said) && !has(Owner::Own) && (0..at).any(|before| is_new(&before))) {
            stop = from;
        }
        is_cut[from..stop].fill(true);
        at = end;
    }
    is_cut
}

fn is_tag(line: &str) -> bool {
    line.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '#').starts_with('#')
}

/// The words of a line by their letters and digits: programs wrap, indent and decorate.
fn words_of(line: &str) -> impl Iterator<Item = String> + '_ {
    let bare = |word: &str| word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    line.split_whitespace().map(bare).filter(|word: &String| !word.is_empty())
}

fn joined<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> String {
    words.into_iter().fold(String::new(), |mut all, word| {
        all.push_str(word.as_ref());
        all.push(' ');
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = "Nieuwe zaak van Amersfoorts Museum.\n\nZaak:          AMR-2026-0001\n\
        Onderwerp:     Contactformulier\nKlant:         Amersfoorts Museum (contract Basic)\nPrioriteit:    normaal\n\
        Strippenkaart: nog 20 strippen (5 uur)\n\nAnne Bakker (coördinator, anne@museum.example) schreef om 10:00:\n\n\
        Goedemorgen,\n\nHet formulier op de contactpagina doet niets meer sinds gisteren, en klanten bellen ons er al over.\n\
        Kunnen jullie er vandaag naar kijken?\n\nGroet, Anne\n\n________________________________________\n\n\
        Beantwoord deze mail: uw tekst gaat zonder tags naar de klant. Wat nu past, elk aan het begin van een regel:\n\n    \
        #tijd 40m   boekt uw tijd\n    #notitie    blijft binnen de desk\n\n--\nLindeboom Support\nsupport@lindeboom.example\n";
    const SAID: &str = "Goedemorgen,\n\nHet formulier op de contactpagina doet niets meer sinds gisteren, en klanten bellen ons er al over.\nKunnen jullie er vandaag naar kijken?\n\nGroet, Anne";

    fn letter() -> AnsweredText {
        AnsweredText::new(LETTER, [SAID], "", true)
    }

    fn check(fresh: &str, expected: &str) {
        assert_eq!(letter().cut_from(fresh), expected, "{fresh}");
    }

    fn leaks(text: &str, expected: Option<&str>) {
        assert_eq!(letter().internal_line_in(text), expected, "{text}");
    }

    #[test]
    fn the_whole_letter_goes_however_it_is_wrapped() {
        check(&format!("Klaar.\n\nJoost\n\n{LETTER}"), "Klaar.\n\nJoost");
        let wrapped = LETTER.split_whitespace().collect::<Vec<_>>().chunks(5).map(|c| c.join(" ")).collect::<Vec<_>>();
        check(&format!("Klaar.\n\n{}", wrapped.join("\n")), "Klaar.");
        let trimmed: Vec<&str> = LETTER.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        check(&format!("Klaar.\n#tijd 40m\n{}", trimmed.join("\n")), "Klaar.\n#tijd 40m");
        check(&format!("{LETTER}\n\nKlaar.\n"), "Klaar.");
        let above = "Lindeboom zei via support+amr-2026-0001.abcdefgh234567ab@lindeboom.example";
        check(&format!("Klaar.\n{above}\n\n{LETTER}"), "Klaar.");
    }

    #[test]
    fn the_end_of_the_letter_and_a_part_of_it_go() {
        let (_, table) = LETTER.split_once("\n\n").unwrap();
        check(&format!("Klaar.\n\n{table}"), "Klaar.");
        let (table, _) = table.split_once("\n\n").unwrap();
        check(&format!("Klaar.\n\n{table}\n\nGroet"), "Klaar.\n\nGroet");
        check(&format!("Klaar.\n\n{SAID}"), "Klaar.");
    }

    #[test]
    fn what_was_written_anew_stays() {
        check("Klaar.\n\nGroet, Joost", "Klaar.\n\nGroet, Joost");
        check("Goedemorgen,\n\nKlaar.\n\nGroet, Anne", "Goedemorgen,\n\nKlaar.\n\nGroet, Anne");
        check("Kunnen jullie er vandaag naar kijken?\nJa.", "Kunnen jullie er vandaag naar kijken?\nJa.");
        let quoted = "U schreef:\nHet formulier op de contactpagina doet niets meer sinds gisteren, en klanten bellen ons er al over.\nDat klopt.";
        check(quoted, quoted);
        check(SAID, SAID);
        let signed = "Klaar.\n\nLindeboom Support\nsupport@lindeboom.example";
        check(signed, signed);
        check("Klaar.\n\n#tijd 40m", "Klaar.\n\n#tijd 40m");
    }

    #[test]
    fn answers_between_the_lines_keep_what_they_are_about() {
        let (head, rest) = LETTER.split_once("Kunnen jullie").unwrap();
        check(
            &format!("{head}Dat is verholpen.\n\nKunnen jullie{rest}"),
            "Goedemorgen,\n\nHet formulier op de contactpagina doet niets meer sinds gisteren, en klanten bellen ons er al over.\nDat is verholpen.",
        );
    }

    #[test]
    fn the_writer_s_own_text_in_a_transcript_is_not_the_letter_s() {
        let own = "Dag Anne,\n\nHet formulier op de contactpagina werkt weer zoals het hoort, ook op de telefoon.\n\nDe logs heb ik nagekeken.";
        let transcript = format!(
            "Uw mail \"Re: Contactformulier\" op AMR-2026-0001 staat geparkeerd: er is niets verstuurd of geboekt.\n\n    #tjid 40m\n      Dit lijkt op #tijd 40m.\n\nGeparkeerde tekst:\n\n{own}\n\n--\nLindeboom"
        );
        let letter = AnsweredText::new(&transcript, [], own, true);
        assert_eq!(letter.cut_from(own), own);
        assert_eq!(letter.cut_from(&format!("{own}\n\n{transcript}")), own);
    }

    #[test]
    fn internal_lines_are_found_in_what_is_left() {
        leaks("Klaar.\nStrippenkaart: nog 20 strippen (5 uur)", Some("Strippenkaart: nog 20 strippen (5 uur)"));
        leaks("#tijd 40m boekt uw tijd", Some("#tijd 40m boekt uw tijd"));
        leaks("Onderwerp: Contactformulier\nPrioriteit: normaal\nZaak: AMR-2026-0001", Some("Zaak: AMR-2026-0001"));
        leaks(
            "Zoals u weet: uw tekst gaat zonder tags naar de klant. Wat nu past",
            Some("Zoals u weet: uw tekst gaat zonder tags naar de klant. Wat nu past"),
        );
        leaks("Prioriteit: normaal", None);
        leaks(SAID, None);
        leaks("Lindeboom Support\nsupport@lindeboom.example", None);
        assert_eq!(AnsweredText::new(LETTER, [SAID], "", false).internal_line_in(LETTER), None);
    }

    #[test]
    fn without_a_letter_nothing_goes() {
        assert_eq!(AnsweredText::default().cut_from("Klaar.\n"), "Klaar.\n");
        assert_eq!(AnsweredText::new("", [], "", true).cut_from(""), "");
    }
}
