//! What experts write: fifteen bodies, each in Dutch and in English.

/// A piece of a body, one below the other.
#[derive(Debug, Clone)]
pub enum Block {
    /// A line; `**x**` is bold, `[x](https://y)` a link.
    Line(String),
    /// An empty line.
    Gap,
    /// A list with bullets.
    List(Vec<String>),
    /// A picture that was pasted into the text.
    Picture,
    /// A table of two columns.
    Table(Vec<[String; 2]>),
}

/// A body, and what must come of it.
#[derive(Debug, Clone)]
pub struct Body {
    /// What it is about.
    pub name: &'static str,
    /// Its pieces.
    pub blocks: Vec<Block>,
    /// Whether the program puts the writer's signature below.
    pub is_signed: bool,
    /// Whether a tag stands below a signature that `-- ` does not begin.
    pub has_tag_below: bool,
    /// The outcome: `joined` or `parked`.
    pub outcome: &'static str,
    /// The real minutes that it books, one an entry.
    pub booked: Vec<i64>,
    /// What the client reads; nothing where nothing goes to the client.
    pub says: Vec<String>,
    /// What else must have come of it: `high`, `resolved`, `open`.
    pub state: Option<&'static str>,
}

/// All of them in a language.
pub fn bodies(language: &str) -> Vec<Body> {
    let is_dutch = language == "nl";
    let word = |nl: &str, en: &str| if is_dutch { nl.to_owned() } else { en.to_owned() };
    let line = |nl: &str, en: &str| Block::Line(word(nl, en));
    let hello = || line("Dag Anne,", "Hi Grace,");
    let done = || line("Het formulier werkt weer.", "The form works again.");
    let says = || vec![word("Het formulier werkt weer.", "The form works again.")];
    let time = |rest: &str| format!("{} {rest}", word("#tijd", "#time"));
    let high = word("#prio hoog", "#prio high");
    let body = |name, blocks, booked: &[i64]| Body {
        name,
        blocks,
        is_signed: false,
        has_tag_below: false,
        outcome: "joined",
        booked: booked.to_vec(),
        says: says(),
        state: None,
    };
    let tag = |text: String| Block::Line(text);
    use Block::{Gap, List, Picture, Table};
    let long = "Wij hebben de hele keten van **formulier tot postbus** doorgelopen, de instellingen van de server vergeleken met die van vorige maand en het oude certificaat vervangen.";
    let long_en = "We went through the whole chain from **form to mailbox**, compared the settings of the server with those of last month and replaced the old certificate.";
    let items = vec![
        word("Stap een: **pagina** openen", "Step one: open the **page**"),
        word("Stap twee: knop indrukken", "Step two: press the button"),
    ];
    vec![
        body("a tag first", vec![tag(time("40m")), Gap, hello(), Gap, done()], &[40]),
        body("a tag last", vec![hello(), Gap, done(), Gap, tag(time("40m"))], &[40]),
        body("a tag between", vec![hello(), tag(time("40m")), done(), line("Groet, Joost", "Regards, Mira")], &[40]),
        Body {
            state: Some("high"),
            ..body("bullets", vec![hello(), Gap, done(), List(vec![time("40m"), high.clone()])], &[40])
        },
        Body {
            state: Some("high"),
            ..body(
                "several tags",
                vec![hello(), done(), Gap, tag(time("20m")), tag(time("1:05")), tag(high)],
                &[20, 65],
            )
        },
        body(
            "a tag with text",
            vec![
                hello(),
                Gap,
                done(),
                Gap,
                tag(time(&word(
                    "1u30 certificaat vernieuwd en de hele keten van formulier tot postbus nog eens goed doorgelopen",
                    "1h30 certificate renewed and the whole chain from form to mailbox gone through once more",
                ))),
            ],
            &[90],
        ),
        Body {
            says: vec![word(
                "Het “formulier” – zie ‘contact’ – werkt weer…",
                "The “form” – see ‘contact’ – works again…",
            )],
            ..body(
                "smart quotes",
                vec![
                    line("Het “formulier” – zie ‘contact’ – werkt weer…", "The “form” – see ‘contact’ – works again…"),
                    Gap,
                    tag(time(&word("40m – ‘certificaat’ vernieuwd…", "40m – ‘certificate’ renewed…"))),
                ],
                &[40],
            )
        },
        body(
            "blanks that don't break",
            vec![hello(), done(), tag(format!("\u{a0}{}", time("1\u{a0}h\u{a0}30").replace(' ', "\u{a0}")))],
            &[90],
        ),
        Body {
            says: vec![],
            ..body(
                "a note",
                vec![
                    line("#notitie", "#note"),
                    line("Dit is de derde keer dit jaar.", "This is the third time this year."),
                    tag(time("10m")),
                ],
                &[10],
            )
        },
        Body {
            says: vec![
                word("formulier tot postbus", "form to mailbox"),
                word("Stap twee: knop indrukken", "Step two: press the button"),
                word("de handleiding", "the manual"),
                word("Schijf", "Disk"),
            ],
            ..body(
                "a long text with list and bold",
                vec![
                    hello(),
                    Gap,
                    line(long, long_en),
                    Gap,
                    List(items),
                    Gap,
                    line(
                        "Meer in [de handleiding](https://handleiding.example/a?b=1&c=2).",
                        "More in [the manual](https://handleiding.example/a?b=1&c=2).",
                    ),
                    Table(vec![[word("Schijf", "Disk"), "80%".into()], [word("Geheugen", "Memory"), "40%".into()]]),
                    Gap,
                    tag(time("2h")),
                ],
                &[120],
            )
        },
        body("a picture within", vec![hello(), Gap, done(), Picture, Gap, tag(time("40m"))], &[40]),
        body("a tag in the quote alone", vec![hello(), Gap, done()], &[]),
        Body {
            outcome: "parked",
            says: vec![],
            ..body("a mistyped tag", vec![hello(), Gap, done(), Gap, tag(word("#tjid 40m", "#tiem 40m"))], &[])
        },
        Body { is_signed: true, ..body("a signature below", vec![hello(), Gap, done(), Gap, tag(time("40m"))], &[40]) },
        Body {
            state: Some("resolved"),
            ..body("resolved", vec![hello(), Gap, done(), Gap, tag(time("40m")), line("#opgelost", "#resolved")], &[40])
        },
    ]
}
