//! Templates with the partials that they call put in their places.
//!
//! The library hands a partial a copy of all the data, the whole mail among it, each time it is called: that took a
//! third of the time in which letters are written. Where a partial only arranges what its caller has, it can as well
//! stand in the caller. Where that might say something else, the call stays as it is.

use super::helpers;
use handlebars::Handlebars;
use handlebars::template::{DecoratorTemplate, HelperTemplate, Parameter, Template, TemplateElement};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

/// Partials within partials are put in so deep: one that calls itself by way of others must not grow without end.
const MOST_DEEP: usize = 3;

/// Puts every template of `whole` into `quick`, with its partials in their places.
pub(super) fn register(whole: &Handlebars<'static>, quick: &mut Handlebars<'static>) {
    let inlining = Inlining { registry: whole, known: RefCell::default() };
    for (name, template) in whole.get_templates() {
        quick.register_template(name, inlining.template(template, 0));
    }
}

struct Inlining<'a> {
    registry: &'a Handlebars<'static>,
    /// Names that were looked up, and whether a helper has them.
    known: RefCell<BTreeMap<String, bool>>,
}

impl Inlining<'_> {
    fn template(&self, template: &Template, depth: usize) -> Template {
        let mut whole = template.clone();
        (whole.elements, whole.mapping) = (Vec::new(), Vec::new());
        let places = template.mapping.iter().map(Some).chain(std::iter::repeat(None));
        for (element, place) in template.elements.iter().zip(places) {
            let elements = match element {
                TemplateElement::PartialExpression(call) | TemplateElement::PartialBlock(call) => {
                    self.partial(call, depth).unwrap_or_else(|| vec![element.clone()])
                }
                TemplateElement::HelperBlock(block) => {
                    let mut block = block.clone();
                    block.template = block.template.map(|inner| self.template(&inner, depth));
                    block.inverse = block.inverse.map(|inner| self.template(&inner, depth));
                    vec![TemplateElement::HelperBlock(block)]
                }
                other => vec![other.clone()],
            };
            for element in elements {
                if let (Some(TemplateElement::RawString(before)), TemplateElement::RawString(text)) =
                    (whole.elements.last_mut(), &element)
                {
                    before.push_str(text);
                    continue;
                }
                whole.mapping.extend(place.cloned());
                whole.elements.push(element);
            }
        }
        whole
    }

    /// What stands in the place of a call; None where the call must stay.
    fn partial(&self, call: &DecoratorTemplate, depth: usize) -> Option<Vec<TemplateElement>> {
        let found = self.registry.get_template(call.name.as_name()?)?;
        if depth >= MOST_DEEP || call.indent.is_some() || call.params.len() > 1 {
            return None;
        }
        let block = call.template.as_ref().map(|block| self.template(block, depth));
        let filling = Filling {
            inlining: self,
            escape: self.registry.get_escape_fn(),
            hash: &call.hash,
            is_elsewhere: !call.params.is_empty(),
            block: block.as_ref(),
        };
        filling.fill(&self.template(found, depth + 1).elements)
    }

    /// Whether a name that stands alone calls a helper. Of a way through the data only its first step could.
    fn is_helper(&self, name: &str) -> bool {
        if name.contains(['.', '/']) {
            return false;
        }
        let mut known = self.known.borrow_mut();
        *known.entry(name.to_owned()).or_insert_with(|| helpers::is_known(self.registry, name))
    }
}

/// A partial is filled with what its caller hands it.
struct Filling<'a> {
    inlining: &'a Inlining<'a>,
    escape: &'a dyn Fn(&str) -> String,
    /// By these names.
    hash: &'a HashMap<String, Parameter>,
    /// Whether it is called for another place of the data than where the caller stands.
    is_elsewhere: bool,
    /// What the caller puts around it.
    block: Option<&'a Template>,
}

impl Filling<'_> {
    fn fill(&self, elements: &[TemplateElement]) -> Option<Vec<TemplateElement>> {
        let mut filled = Vec::with_capacity(elements.len());
        for element in elements {
            match element {
                TemplateElement::RawString(_) | TemplateElement::Comment(_) => filled.push(element.clone()),
                TemplateElement::Expression(named) if is_bare(named) => filled.push(self.named(named, false)?),
                TemplateElement::HtmlExpression(named) if is_bare(named) => filled.push(self.named(named, true)?),
                TemplateElement::PartialExpression(call) if call.name.as_name() == Some("@partial-block") => {
                    let block = self.block.filter(|block| self.is_apart(&block.elements))?;
                    filled.extend(block.elements.iter().cloned());
                }
                other if !self.is_elsewhere && self.is_apart(std::slice::from_ref(other)) => {
                    filled.push(other.clone());
                }
                _ => return None,
            }
        }
        Some(filled)
    }

    /// A variable of the partial: what its caller handed it, or what the caller has by this name.
    fn named(&self, named: &HelperTemplate, is_raw: bool) -> Option<TemplateElement> {
        let handed = match self.hash.get(named.name.as_name()?) {
            None if self.is_elsewhere || !self.is_free(&named.name) => return None,
            None => &named.name,
            Some(Parameter::Literal(Value::String(text))) => {
                let text = if is_raw { text.clone() } else { (self.escape)(text) };
                return Some(TemplateElement::RawString(text));
            }
            Some(path @ Parameter::Path(_)) if !self.inlining.is_helper(path.as_name()?) => path,
            Some(_) => return None,
        };
        let mut own = named.clone();
        own.name = handed.clone();
        Some(match is_raw {
            true => TemplateElement::HtmlExpression(Box::new(own)),
            false => TemplateElement::Expression(Box::new(own)),
        })
    }

    /// Whether these elements mean in the caller what they mean in the partial: they name nothing that is handed over,
    /// and nothing by the way of where they stand.
    fn is_apart(&self, elements: &[TemplateElement]) -> bool {
        elements.iter().all(|element| match element {
            TemplateElement::RawString(_) | TemplateElement::Comment(_) => true,
            TemplateElement::Expression(helper) | TemplateElement::HtmlExpression(helper) => self.is_call_apart(helper),
            TemplateElement::HelperBlock(helper) => {
                let inner = helper.template.iter().chain(&helper.inverse);
                self.is_call_apart(helper) && inner.into_iter().all(|inner| self.is_apart(&inner.elements))
            }
            _ => false,
        })
    }

    fn is_call_apart(&self, helper: &HelperTemplate) -> bool {
        let parameters = std::iter::once(&helper.name).chain(&helper.params).chain(helper.hash.values());
        parameters.into_iter().all(|parameter| self.is_free(parameter))
    }

    fn is_free(&self, parameter: &Parameter) -> bool {
        match parameter {
            Parameter::Literal(_) => true,
            Parameter::Subexpression(_) => false,
            named => named.as_name().is_some_and(|path| {
                let mut steps = path.split(['.', '/']).map(|step| step.trim_matches(['[', ']']));
                steps.all(|step| !step.is_empty() && step != "this" && !self.hash.contains_key(step))
            }),
        }
    }
}

/// Whether it only prints a variable.
fn is_bare(helper: &HelperTemplate) -> bool {
    !helper.block && helper.params.is_empty() && helper.hash.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PARTIALS: [(&str, &str); 9] = [
        ("top", "<h1>{{desk.name}}</h1>\n"),
        ("fact", "<b>{{label}}</b>{{value}}\n"),
        ("raw", "{{{label}}}{{{value}}}\n"),
        ("row", "<td>{{label}}</td><td>{{> @partial-block}}</td>\n"),
        ("deep", "{{> top}}{{#if client}}{{> fact label=\"<in>\" value=client}}{{/if}}"),
        ("asks", "{{#if label}}{{label}}{{else}}none{{/if}}"),
        ("here", "{{name}}"),
        ("above", "{{../number}}"),
        ("list", "{{#each cards}}{{number}}{{@index}}{{/each}}"),
    ];

    /// What is written is the same with and without its partials in their places; `is_inlined` tells whether all are.
    fn check(source: &str, is_inlined: bool) {
        let mut whole = Handlebars::new();
        whole.set_strict_mode(true);
        helpers::register(&mut whole);
        let mut quick = whole.clone();
        for (name, text) in PARTIALS {
            whole.register_template_string(name, text).unwrap();
        }
        whole.register_template_string("x", source).unwrap();
        register(&whole, &mut quick);
        let data = json!({
            "client": "A & B", "desk": { "name": "<D>" }, "cards": [{ "number": 1, "name": "é" }, { "number": 2, "name": "" }],
            "case": { "number": "N<1>", "subject": "s\n t" }, "nothing": null,
        });
        let written = whole.render("x", &data).unwrap();
        assert_eq!(quick.render("x", &data).unwrap(), written, "{source}");
        let calls = format!("{:?}", quick.get_template("x").unwrap().elements);
        assert_eq!(!calls.contains("Partial"), is_inlined, "{source}: {calls}");
    }

    #[test]
    fn a_partial_stands_in_its_place_and_says_the_same() {
        check("a\n{{> top}}\nb{{> top}}c\n", true);
        check("{{> fact label=\"Case & more\" value=case.number}}\n{{> fact desk label=\"x\" value=client}}", true);
        check("{{> raw label=\"<i>\" value=case.number}}{{> fact label=case.subject value=nothing}}", true);
        check("{{#> row label=\"Client\"}}{{client}} {{#if nothing}}x{{else}}{{case.number}}{{/if}}{{/row}}\n", true);
        check("{{#if client}}\n{{> deep}}\n{{else}}\n{{> top}}\n{{/if}}\n", true);
        check("{{#each cards}}{{> here}}{{#> row label=\"n\"}}{{name}}{{/row}}{{/each}}", true);
        check("{{> list}}{{lines case.subject}}", true);
    }

    #[test]
    fn a_call_that_might_say_something_else_stays() {
        check("{{> asks label=\"x\"}}", false);
        check("{{> here desk}}", false);
        check("{{#with case}}{{> above}}{{/with}}", false);
        check("a\n  {{> top}}\n", false);
        check("{{> fact label=\"x\" value=7}}", false);
        check("{{#> row label=\"x\"}}{{label}}{{/row}}", false);
    }
}
