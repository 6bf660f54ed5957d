//! Reads a template without filling it: each variable that it names must be one that its notice has, also in the
//! branches that no sample takes.

use super::{Fault, helpers};
use crate::domain::near::nearest;
use handlebars::Handlebars;
use handlebars::template::{BlockParam, DecoratorTemplate, HelperTemplate, Parameter, Template, TemplateElement};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What stands at some place of a template's data.
#[derive(Clone)]
enum Shape {
    /// This; `null` for what no sample fills.
    Known(Value),
    /// Nobody can tell before it is filled.
    Open,
}

/// A reader of one letter's templates.
pub(super) struct Lint<'a> {
    /// Where partials are looked up.
    pub registry: &'a Handlebars<'static>,
    /// How a template's name becomes a file's: `.txt.hbs` or `.html.hbs`.
    pub ending: &'a str,
    /// What was found, each place once, by the templates' names.
    pub faults: BTreeSet<Fault>,
}

/// All keys of several samples of one thing; a list has one item, with all that its items have.
pub(super) fn union<'a>(samples: impl IntoIterator<Item = &'a Value>) -> Value {
    samples.into_iter().fold(Value::Null, merge)
}

fn merge(sum: Value, sample: &Value) -> Value {
    match (sum, sample) {
        (Value::Null, Value::Object(_)) => merge(Value::Object(Map::new()), sample),
        (Value::Object(mut sum), Value::Object(sample)) => {
            for (key, value) in sample {
                let before = sum.remove(key).unwrap_or(Value::Null);
                sum.insert(key.clone(), merge(before, value));
            }
            Value::Object(sum)
        }
        (Value::Null, Value::Array(items)) => listed(items),
        (Value::Array(sum), Value::Array(items)) => listed(sum.iter().chain(items)),
        (Value::Null, sample) => sample.clone(),
        (sum, _) => sum,
    }
}

fn listed<'a>(items: impl IntoIterator<Item = &'a Value>) -> Value {
    match union(items) {
        Value::Null => Value::Array(Vec::new()),
        item => Value::Array(vec![item]),
    }
}

impl Lint<'_> {
    /// Reads a registered template with the data that it gets.
    pub fn read(&mut self, name: &str, data: &Value) {
        self.template(name, &[Shape::Known(data.clone())], 0);
    }

    fn template(&mut self, name: &str, stack: &[Shape], depth: usize) {
        let registry = self.registry;
        if let Some(template) = registry.get_template(name)
            && depth < 20
        {
            self.elements(name, template, stack, depth);
        }
    }

    fn elements(&mut self, name: &str, template: &Template, stack: &[Shape], depth: usize) {
        for (element, at) in template.elements.iter().zip(&template.mapping) {
            let place = (name, at.0, at.1);
            match element {
                TemplateElement::Expression(helper) | TemplateElement::HtmlExpression(helper) => {
                    self.expression(place, helper, stack);
                }
                TemplateElement::HelperBlock(helper) => self.block(place, helper, stack, depth),
                TemplateElement::PartialExpression(partial) | TemplateElement::PartialBlock(partial) => {
                    self.partial(place, partial, stack, depth);
                }
                // Raw text and comments name nothing; what a template defines for itself is tried by filling it.
                _ => {}
            }
        }
    }

    fn expression(&mut self, place: (&str, usize, usize), helper: &HelperTemplate, stack: &[Shape]) {
        if helper.params.is_empty() && helper.hash.is_empty() {
            self.parameter(place, &helper.name, stack);
        } else {
            self.call(place, helper, stack);
        }
    }

    /// The name of a helper, and what it is called with.
    fn call(&mut self, place: (&str, usize, usize), helper: &HelperTemplate, stack: &[Shape]) {
        let name = helper.name.as_name().unwrap_or_default();
        if !helpers::is_known(self.registry, name) {
            self.fault(place, format!("there is no helper \"{name}\""));
        }
        for parameter in helper.params.iter().chain(helper.hash.values()) {
            self.parameter(place, parameter, stack);
        }
    }

    fn block(&mut self, place: (&str, usize, usize), helper: &HelperTemplate, stack: &[Shape], depth: usize) {
        self.call(place, helper, stack);
        let first = helper.params.first().map_or(Shape::Open, |first| self.shape(first, stack));
        let mut inner = stack.to_vec();
        match (helper.name.as_name(), first) {
            // A named item leaves the place where it is; its name can't be told from a field.
            (Some("each" | "with"), _) if helper.block_param.is_some() => inner.push(named(helper, stack)),
            (Some("each"), Shape::Known(Value::Array(items))) => {
                inner.push(items.into_iter().next().map_or(Shape::Open, Shape::Known));
            }
            (Some("each"), _) => inner.push(Shape::Open),
            (Some("with"), first) => inner.push(first),
            _ => {}
        }
        if let Some(template) = &helper.template {
            self.elements(place.0, template, &inner, depth);
        }
        if let Some(template) = &helper.inverse {
            self.elements(place.0, template, stack, depth);
        }
    }

    /// A template within a template reads where it is called, and what it is handed.
    fn partial(&mut self, place: (&str, usize, usize), partial: &DecoratorTemplate, stack: &[Shape], depth: usize) {
        for parameter in partial.params.iter().chain(partial.hash.values()) {
            self.parameter(place, parameter, stack);
        }
        if let Some(template) = &partial.template {
            self.elements(place.0, template, stack, depth);
        }
        let Some(name) = partial.name.as_name().filter(|name| !name.starts_with('@')) else { return };
        if !self.registry.has_template(name) {
            return self.fault(place, format!("there is no template \"{name}{}\" to put here", self.ending));
        }
        let mut inner = stack.to_vec();
        if let Some(first) = partial.params.first() {
            inner.push(self.shape(first, stack));
        }
        if let Some(Shape::Known(Value::Object(fields))) = inner.last_mut() {
            for (key, value) in &partial.hash {
                let value = match self.shape(value, stack) {
                    Shape::Known(value) => value,
                    Shape::Open => Value::Null,
                };
                fields.insert(key.clone(), value);
            }
        }
        self.template(name, &inner, depth + 1);
    }

    fn parameter(&mut self, place: (&str, usize, usize), parameter: &Parameter, stack: &[Shape]) {
        match parameter {
            Parameter::Subexpression(inner) => {
                if let TemplateElement::Expression(helper) = inner.as_element() {
                    self.call(place, helper, stack);
                }
            }
            Parameter::Literal(_) => {}
            named => {
                let path = named.as_name().unwrap_or_default();
                if let Err((name, near)) = look_up(path, stack) {
                    let near = near.map(|near| format!(": did you mean {near}?")).unwrap_or_default();
                    self.fault(place, format!("there is no variable \"{name}\"{near}"));
                }
            }
        }
    }

    fn shape(&self, parameter: &Parameter, stack: &[Shape]) -> Shape {
        match parameter {
            Parameter::Literal(value) => Shape::Known(value.clone()),
            Parameter::Subexpression(_) => Shape::Open,
            named => look_up(named.as_name().unwrap_or_default(), stack).unwrap_or(Shape::Open),
        }
    }

    fn fault(&mut self, (name, line, column): (&str, usize, usize), why: String) {
        self.faults.insert(Fault { file: format!("{name}{}", self.ending), line, column, why });
    }
}

/// The place within `{{#each list as |item|}}`: where the block stands, and any name beside.
fn named(helper: &HelperTemplate, stack: &[Shape]) -> Shape {
    let Some(Shape::Known(Value::Object(mut fields))) = stack.last().cloned() else { return Shape::Open };
    let names = match &helper.block_param {
        Some(BlockParam::Single(name)) => vec![name],
        Some(BlockParam::Pair((value, key))) => vec![value, key],
        _ => Vec::new(),
    };
    fields.extend(names.into_iter().filter_map(Parameter::as_name).map(|name| (name.to_owned(), Value::Null)));
    Shape::Known(Value::Object(fields))
}

/// What a path leads to; else the path, and the name that may have been meant.
fn look_up(path: &str, stack: &[Shape]) -> Result<Shape, (String, Option<String>)> {
    let mut rest = path;
    let mut level = stack.len();
    while let Some(above) = rest.strip_prefix("../") {
        (rest, level) = (above, level.saturating_sub(1));
    }
    let from = match rest.strip_prefix("@root") {
        Some(below) => {
            rest = below;
            stack.first()
        }
        None if rest.starts_with('@') => return Ok(Shape::Open),
        None => stack.get(level.wrapping_sub(1)),
    };
    let mut here = from.cloned().unwrap_or(Shape::Open);
    let steps = rest.split(['.', '/']).filter(|step| !step.is_empty() && *step != "this");
    for step in steps {
        let step = step.trim_start_matches('[').trim_end_matches(']');
        here = match here {
            Shape::Open | Shape::Known(Value::Null) => return Ok(Shape::Open),
            Shape::Known(Value::Object(mut fields)) => match fields.remove(step) {
                Some(value) => Shape::Known(value),
                None => {
                    let near = nearest(step, fields.keys().map(String::as_str)).map(str::to_owned);
                    return Err((path.to_owned(), near));
                }
            },
            Shape::Known(Value::Array(items)) if step.parse::<usize>().is_ok() => {
                items.into_iter().next().map_or(Shape::Open, Shape::Known)
            }
            Shape::Known(_) => return Err((path.to_owned(), None)),
        };
    }
    Ok(here)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(source: &str, expected: &[&str]) {
        let mut registry = Handlebars::new();
        helpers::register(&mut registry);
        registry.register_template_string("nl/x", source).unwrap();
        registry.register_template_string("row", "{{label}}{{value}}{{#if client}}{{/if}}").unwrap();
        let data = union([
            &json!({ "client": "A", "cards": [{ "number": "7" }, { "left": "1" }], "balance": null, "case": { "number": "N" } }),
            &json!({ "client": "A", "cards": [], "balance": { "left": "2" }, "case": { "number": "N" } }),
        ]);
        let mut lint = Lint { registry: &registry, ending: ".txt.hbs", faults: BTreeSet::new() };
        lint.read("nl/x", &data);
        let told: Vec<String> = lint.faults.iter().map(ToString::to_string).collect();
        let expected: Vec<String> = expected.iter().map(|fault| format!("nl/x.txt.hbs, {fault}")).collect();
        assert_eq!(told, expected, "{source}");
    }

    #[test]
    fn variables_are_looked_up_where_they_stand() {
        check("{{client}} {{case.number}} {{case/number}} {{this.client}} {{@root.client}}", &[]);
        check("{{#each cards}}{{number}}{{left}}{{../client}}{{@index}}{{/each}}", &[]);
        check("{{#each cards as |card|}}{{card.number}}{{client}}{{/each}}", &[]);
        check("{{#if balance}}{{balance.left}}{{else}}{{client}}{{/if}}", &[]);
        check("{{#with case}}{{number}}{{/with}}{{lines client}}{{#if (eq client \"A\")}}{{/if}}", &[]);
        check("{{> row label=\"x\" value=case.number}}{{> @partial-block}}", &[]);
    }

    #[test]
    fn an_unknown_name_is_told_with_its_place_also_in_a_branch_that_no_sample_takes() {
        check("a\n  {{klient}}\n", &["line 2, column 3: there is no variable \"klient\": did you mean client?"]);
        check("{{#if nothing}}{{/if}}", &["line 1, column 1: there is no variable \"nothing\""]);
        check(
            "{{#unless client}}\n{{case.nummer}}{{/unless}}",
            &["line 2, column 1: there is no variable \"case.nummer\": did you mean number?"],
        );
        check("{{#each cards}}{{client}}{{/each}}", &["line 1, column 16: there is no variable \"client\""]);
        check("{{client.name}}", &["line 1, column 1: there is no variable \"client.name\""]);
        check("{{line client}}", &["line 1, column 1: there is no helper \"line\""]);
        check("{{> rov}}", &["line 1, column 1: there is no template \"rov.txt.hbs\" to put here"]);
    }
}
