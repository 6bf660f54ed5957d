//! The four things that a template can do with a text beside printing it.

use handlebars::{
    Context, Handlebars, Helper, HelperResult, JsonRender as _, Output, RenderContext, RenderErrorReason, html_escape,
};

/// `{{lines x}}`: line by line, escaped, with `<br>`; `{{indent x}}`: each line four blanks in, where no tag
/// is read; `{{quote x}}`: each line behind `> `; `{{column x}}`: a number or word at the right edge of a column of text.
pub fn register(registry: &mut Handlebars<'_>) {
    registry.register_helper("lines", Box::new(lines));
    registry.register_helper("indent", Box::new(indent));
    registry.register_helper("quote", Box::new(quote));
    registry.register_helper("column", Box::new(column));
}

/// Whether a template can call something by this name: it is tried, for the library tells no list.
pub fn is_known(registry: &Handlebars<'_>, name: &str) -> bool {
    let tried = registry.render_template(&format!("{{{{{name} \"\"}}}}"), &());
    !tried.is_err_and(|error| matches!(error.reason(), RenderErrorReason::HelperNotFound(_)))
}

/// Writes the text line by line, with what stands between, at once: the library looks at each piece that
/// it is given.
fn each_line(
    helper: &Helper<'_>,
    out: &mut dyn Output,
    between: &str,
    push: impl Fn(&mut String, &str),
) -> HelperResult {
    let text = helper.param(0).and_then(|param| param.value().as_str()).unwrap_or_default();
    let mut written = String::with_capacity(text.len() + text.len() / 8);
    for (number, line) in text.trim_end().lines().enumerate() {
        if number > 0 {
            written.push_str(between);
        }
        push(&mut written, line);
    }
    Ok(out.write(&written)?)
}

fn lines(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    each_line(helper, out, "<br>\n", |written, line| {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        (0..blanks).for_each(|_| written.push_str("&nbsp;"));
        push_escaped(written, &line[blanks..]);
    })
}

/// As the library escapes, many letters at a time.
fn push_escaped(written: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| matches!(b, b'<' | b'>' | b'"' | b'&' | b'\'' | b'`' | b'=')) {
        let (plain, marked) = rest.split_at(at);
        written.push_str(plain);
        written.push_str(&html_escape(&marked[..1]));
        rest = &marked[1..];
    }
    written.push_str(rest);
}

fn indent(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    each_line(helper, out, "\n", |written, line| {
        written.push_str("    ");
        written.push_str(line);
    })
}

fn quote(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    each_line(helper, out, "\n", |written, line| {
        written.push_str("> ");
        written.push_str(line);
    })
}

/// Columns of tables in text are so many letters wide.
const COLUMN_WIDTH: usize = 4;

fn column(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let value = helper.param(0).map(|param| param.value().render()).unwrap_or_default();
    out.write(&format!("{value:>COLUMN_WIDTH$}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_escaped_as_the_library_does_it() {
        for text in ["", "a<b>c \"d\" & 'e' `f` =g", "é<é", "&&", "plain", "<", "=="] {
            let mut written = String::new();
            push_escaped(&mut written, text);
            assert_eq!(written, html_escape(text));
        }
    }
}
