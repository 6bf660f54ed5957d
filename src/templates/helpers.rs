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

fn each_line(
    helper: &Helper<'_>,
    out: &mut dyn Output,
    write: impl Fn(&str, bool, &mut dyn Output) -> std::io::Result<()>,
) -> HelperResult {
    let text = helper.param(0).and_then(|param| param.value().as_str()).unwrap_or_default();
    for (number, line) in text.trim_end().lines().enumerate() {
        write(line, number == 0, out)?;
    }
    Ok(())
}

fn lines(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    each_line(helper, out, |line, is_first, out| {
        out.write(if is_first { "" } else { "<br>\n" })?;
        let blanks = line.len() - line.trim_start_matches(' ').len();
        out.write(&"&nbsp;".repeat(blanks))?;
        out.write(&html_escape(&line[blanks..]))
    })
}

fn indent(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    each_line(helper, out, |line, is_first, out| {
        out.write(if is_first { "    " } else { "\n    " })?;
        out.write(line)
    })
}

fn quote(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    each_line(helper, out, |line, is_first, out| {
        out.write(if is_first { "> " } else { "\n> " })?;
        out.write(line)
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
