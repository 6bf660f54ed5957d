//! What documents become. Lines are shown as their markup, with `|` between them and `||` above a gap.

use super::*;
use proptest::prelude::*;

fn page(source: &str) -> Page {
    page_of(source, &["shot@x".to_owned()]).unwrap_or_default()
}

fn check(source: &str, expected: &str) {
    let mut shown = String::new();
    for line in page(source).lines {
        if !shown.is_empty() {
            shown.push_str(if line.begins_paragraph { "||" } else { "|" });
        }
        shown.push_str(&line.html);
    }
    assert_eq!(shown, expected, "{source:?}");
}

/// The whole page as it would stand in a letter, and without markup.
fn written(source: &str) -> (String, String) {
    let own = page(source);
    let words: Vec<&str> = own.lines.iter().map(|line| line.words.as_str()).collect();
    let text = words.join("\n");
    let excerpt = own.excerpt(&text, &text).unwrap_or_else(|| panic!("{source:?} has no words"));
    (excerpt.html, excerpt.text)
}

#[test]
fn lines_of_many_programs() {
    check("<p>Hallo <b>Ann</b>,</p><p>Klaar.</p>", "Hallo <strong>Ann</strong>,||Klaar.");
    check("<div>a</div><div><br></div><div>b</div><div>c</div>", "a||b|c");
    check("a<br>b<br><br>c", "a|b||c");
    check("<p class=MsoNormal>a<o:p></o:p></p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>", "a||b");
    check("<p style='margin:0'>a</p><p style='margin:0'>b</p>", "a|b");
    check("<b>a<br>b</b>", "<strong>a</strong>|<strong>b</strong>");
    check("<b>a<i>b</b>c</i>", "<strong>a<em>b</em></strong><em>c</em>");
    check("  a\n  b <span> c</span>", "a b c");
    check("a&nbsp;&lt;b&gt; &amp;amp; \"x\"", "a&nbsp;&lt;b&gt; &amp;amp; &quot;x&quot;");
}

#[test]
fn styles_that_mean_something_stay() {
    check("<span style='font-weight:700'>a</span>", "<strong>a</strong>");
    check("<b style='font-weight:normal'>a</b>", "a");
    check("<span style='font-style: italic; text-decoration: line-through'>a</span>", "<em><s>a</s></em>");
    check("<font color=red style='color:red;background:url(http://x/y)'>a</font>", "a");
    check(
        "x<sub>2</sub> <code>ls</code>",
        "x<sub>2</sub> <code style=\"font-family:Consolas,Menlo,monospace;font-size:14px\">ls</code>",
    );
}

#[test]
fn nothing_of_the_source_is_passed_on_but_words_and_harmless_addresses() {
    let link =
        |address: &str| format!("<a href=\"{address}\" rel=\"noopener noreferrer\" style=\"color:#1a5f96\">x</a>");
    check(
        "<a href='https://x.nl/?a=1&amp;b=\"2' onclick=evil() style='position:fixed'>x</a>",
        &link("https://x.nl/?a=1&amp;b=&quot;2"),
    );
    check("<a href='mailto:a@x.nl'>x</a>", &link("mailto:a@x.nl"));
    check("<a href='tel:+31301234567'>x</a>", &link("tel:+31301234567"));
    for address in [
        "javascript:alert(1)",
        " java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//x.nl",
        "/x",
        "cid:x",
        "https:",
        "mailto:",
    ] {
        check(&format!("<a href=\"{address}\">x</a>"), "x");
    }
    check(
        "<script>alert(1)</script><style>p{}</style><svg><script>x</script></svg>a<iframe src=x></iframe><object data=x></object><form action=x><input value=y><button>z</button></form>",
        "a",
    );
    check(
        "<img src=x onerror=alert(1)><img src='https://t.example/pixel.gif' width=1>a<img src='data:image/png;base64,AA'>",
        "a",
    );
    check("<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "");
    check("a<!-- <b>x</b> --><template><b>y</b></template><noscript><img src=x></noscript>", "a");
}

#[test]
fn a_reply_token_is_in_no_link() {
    let token = "support+AMR-2026-0001.abcdefghijklmnop";
    assert_ne!(crate::domain::identity::scrub_tokens(&format!("{token}@x.nl")), format!("{token}@x.nl"), "no token");
    check(&format!("<a href='mailto:{token}@x.nl'>x</a>"), "x");
    check(&format!("<a href='mailto:{}'>x</a>", format!("{token}@x.nl").replace('+', "%2B").replace('@', "%40")), "x");
    check(&format!("<a href='https://x.nl/?to={}%40x.nl'>x</a>", token.replace('+', "%2b")), "x");
    let (html, text) = written(&format!("<p>Mail {}<wbr>{}@x.nl eens</p>", &token[..30], &token[30..]));
    assert!(!html.contains(&token[..30]) && !text.contains(&token[..30]), "{html}");
}

#[test]
fn pictures_of_the_mail_are_shown_and_no_others() {
    let own = "<img src=\"cid:shot@x\" alt=\"foto &quot;1&quot;\" width=\"300\" style=\"max-width:100%;height:auto;border:0\">";
    check("zie <img src='cid:shot@x' alt='foto \"1\"' width=300>", &format!("zie {own}"));
    check("zie <img src='cid:other@x' alt=x>", "zie");
    assert_eq!(written("<p>zie</p><p><img src='cid:shot@x' alt=foto></p>").1, "zie\n\n[foto]");
}

#[test]
fn lists_tables_and_headings_keep_their_form() {
    let (html, text) = written("<p>a</p><ul><li>b<ul><li>c</li></ul></li><li>d<br>e</li></ul><p>f</p>");
    let list = "<ul style=\"margin:0 0 16px;padding:0 0 0 24px\">";
    let inner = "<ul style=\"margin:4px 0 0;padding:0 0 0 24px\">";
    let item = "<li style=\"margin:0 0 4px\">";
    let gap = "<p style=\"margin:0 0 16px\">";
    assert_eq!(
        html,
        format!("{gap}a</p>\n{list}{item}b{inner}{item}c</li>\n</ul>\n</li>\n{item}d<br>\ne</li>\n</ul>\n{gap}f</p>\n")
    );
    assert_eq!(text, "a\n\n* b\n  * c\n* d\n  e\n\nf");
    let (html, text) = written("<ol start=3><li>a<li>b</ol>");
    assert!(html.starts_with("<ol start=\"3\"") && text == "3. a\n4. b", "{html} {text}");
    let (html, text) = written("<table><tr><th>Naam<th>Aantal</tr><tr><td>Piet<td></tr><tr><td><td>4</tr></table>");
    assert_eq!(text, "Naam | Aantal\nPiet\n4");
    assert_eq!(html.matches("<td").count(), 4, "{html}");
    let (html, _) = written("<table><tr><td><table><tr><td>a<td>b</tr></table></tr></table>");
    assert_eq!(html.matches("<table").count(), 1, "the outer one is layout: {html}");
    let (html, text) = written("<h1>Kop</h1><pre>a  b\n c</pre><p>d</p>");
    assert!(html.starts_with("<h3") && html.contains("a&nbsp;&nbsp;b<br>\n&nbsp;c"), "{html}");
    assert_eq!(text, "Kop\n\na  b\n c\n\nd");
}

/// A second opinion: what a strict cleaner leaves of a page is what one leaves that lets anything through.
fn judge(lets_all_through: bool) -> ammonia::Builder<'static> {
    let tags = [
        "p", "br", "strong", "em", "u", "s", "code", "sub", "sup", "a", "ul", "ol", "li", "table", "tbody", "tr", "td",
        "th", "h3", "div", "img",
    ];
    let attributes = ["href", "src", "alt", "width", "style", "start", "class", "cellpadding", "cellspacing", "border"];
    let mut judge = ammonia::Builder::default();
    judge.tags(tags.into()).generic_attributes(attributes.into()).tag_attributes([].into());
    judge.url_schemes(["http", "https", "mailto", "tel", "cid"].into());
    if lets_all_through {
        judge.rm_clean_content_tags(["script", "style"]);
        judge.add_tags(["script", "style", "iframe", "form", "input", "svg", "math", "object", "template", "select"]);
        judge.add_generic_attributes(["onerror", "onclick", "action", "data"]);
        judge.add_url_schemes(["javascript", "data", "file", "vbscript"]);
    }
    judge
}

#[test]
fn the_lists_of_word_are_lists() {
    let item = |level: u32, bullet: &str, words: &str| {
        format!(
            "<p class=MsoListParagraph style='text-indent:-18pt;mso-list:l0 level{level} lfo1'><![if !supportLists]>\
             <span style='font-family:Symbol'><span style='mso-list:Ignore'>{bullet}<span style='font:7pt'>&nbsp;&nbsp; \
             </span></span></span><![endif]>{words}<o:p></o:p></p>"
        )
    };
    let list =
        "<p class=MsoNormal>x</p>".to_owned() + &item(1, "·", "a") + &item(2, "o", "b") + "<p class=MsoNormal>y</p>";
    let (html, text) = written(&(list + &item(1, "2.", "c") + &item(1, "3.", "d")));
    assert_eq!(text, "x\n\n* a\n* b\n\ny\n\n2. c\n3. d");
    assert_eq!((html.matches("<ul").count(), html.matches("<ol start=\"2\"").count()), (1, 1), "{html}");
    assert!(html.contains("<li style=\"margin:0 0 4px 24px\">b</li>"), "{html}");
}

#[test]
fn wild_documents_are_none() {
    for source in ["<div>".repeat(5_000), "<table><tr><td>".repeat(2_000), "<br>x".repeat(30_000)] {
        assert_eq!(page_of(&source, &[]), None);
    }
    let fonts: String = (0..290).map(|n| format!("<font size={n}>")).collect();
    let started = std::time::Instant::now();
    let _ = page_of(&format!("{fonts}{}", "<p>x".repeat(20_000)), &[]);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn any_document_becomes_harmless(source in "(<(/?(p|b|i|div|table|tr|td|ul|li|a href=javascript:x|img src=x onerror=y|svg|math|style|script|blockquote|pre|br|h2|select|template|form))[ >]|[a-z&;\"'<]| ){0,60}") {
        for line in page(&source).lines {
            let markup = ["strong", "em", "s", "u"].iter().fold(line.html.clone(), |markup, tag| {
                markup.replace(&format!("<{tag}>"), "").replace(&format!("</{tag}>"), "")
            });
            prop_assert!(!markup.contains('<'), "{}", line.html);
        }
        let text: Vec<String> = page(&source).lines.into_iter().map(|line| line.words).collect();
        if let Some(excerpt) = page(&source).excerpt(&text.join("\n"), &text.join("\n")) {
            prop_assert_eq!(judge(false).clean(&excerpt.html).to_string(), judge(true).clean(&excerpt.html).to_string());
        }
    }
}
