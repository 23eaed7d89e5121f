//! Makes the tables of categories and keywords out of the district's
//! `categories.toml`, and checks the model that is compiled in, so that the
//! handler's digest names everything that it decides by.

use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

use model::Model;
use toml::{Table, Value};

/// The trained model, from the folder of this package.
const MODEL: &str = "../../../models/classify.bin";

fn main() {
    let district = env::var("WENZHENG_DISTRICT").unwrap_or("../../../districts/yinzhou".into());
    let file = PathBuf::from(district).join("categories.toml");
    println!("cargo:rerun-if-env-changed=WENZHENG_DISTRICT");
    println!("cargo:rerun-if-changed={}", file.display());
    println!("cargo:rerun-if-changed=build.rs");
    let made = fs::read_to_string(&file)
        .map_err(|error| error.to_string())
        .and_then(|source| source.parse::<Table>().map_err(|error| error.to_string()))
        .and_then(|categories| Ok(tables(&categories)? + &labels(&categories)?))
        .and_then(|tables| {
            let folder = env::var("OUT_DIR").map_err(|error| error.to_string())?;
            fs::write(PathBuf::from(folder).join("tables.rs"), tables)
                .map_err(|error| error.to_string())
        });
    if let Err(error) = made {
        println!("cargo::error={}: {error}", file.display());
    }
}

/// The category of each class of the model: the one that has it as its label,
/// or that it is named after, if it was learned in use and has no label.
fn labels(categories: &Table) -> Result<String, String> {
    println!("cargo:rerun-if-changed={MODEL}");
    let bytes = fs::read(MODEL).map_err(|error| format!("{MODEL}: {error}"))?;
    let wrong = |error: model::FileError| format!("{MODEL}: {error}");
    let model = Model::new(&bytes).map_err(wrong)?;
    model.check().map_err(wrong)?;
    let list = categories.get("category").and_then(Value::as_array);
    let of = |class: &str| {
        list.into_iter().flatten().position(|category| {
            let name = category.get("label").or(category.get("id"));
            category.get("parent").is_none() && name.and_then(Value::as_str) == Some(class)
        })
    };
    let classes: Vec<Option<usize>> = model.classes().iter().map(|class| of(class)).collect();
    Ok(format!(
        "pub(crate) static LABELLED: &[Option<u16>] = &{classes:?};\n"
    ))
}

fn tables(categories: &Table) -> Result<String, String> {
    let list = categories
        .get("category")
        .and_then(Value::as_array)
        .ok_or("no [[category]]")?;
    let ids: Vec<&str> = list
        .iter()
        .map(|category| {
            category
                .get("id")
                .and_then(Value::as_str)
                .ok_or("a category without id")
        })
        .collect::<Result<_, _>>()?;
    let mut out = String::from("pub(crate) static CATEGORIES: &[(&str, Option<u16>)] = &[\n");
    for (id, category) in ids.iter().zip(list) {
        let parent = match category.get("parent").and_then(Value::as_str) {
            None => None,
            Some(parent) => {
                let index = ids.iter().position(|id| *id == parent);
                Some(index.ok_or(format!("{id}: no category {parent:?}"))?)
            }
        };
        writeln!(out, "({id:?}, {parent:?}),").map_err(|e| e.to_string())?;
    }
    out.push_str("];\n");

    let mut keywords: Vec<(String, usize, i64)> = Vec::new();
    for (index, category) in list.iter().enumerate() {
        let none = Vec::new();
        for keyword in category
            .get("keywords")
            .and_then(Value::as_array)
            .unwrap_or(&none)
        {
            let word = keyword
                .get("word")
                .and_then(Value::as_str)
                .ok_or("a keyword without word")?;
            let weight = keyword
                .get("weight")
                .and_then(|weight| {
                    weight
                        .as_float()
                        .or(weight.as_integer().map(|whole| whole as f64))
                })
                .filter(|weight| (0.0..=100.0).contains(weight))
                .ok_or(format!("{word:?}: a weight from 0 to 100 is needed"))?;
            let folded = text::fold_phrase(word);
            if !folded.is_empty() {
                keywords.push((folded, index, (weight * 100.0).round() as i64));
            }
        }
    }
    keywords.sort();
    keywords.dedup_by(|a, b| (&a.0, a.1) == (&b.0, b.1));
    out.push_str("pub(crate) static KEYWORDS: &[(&str, (u16, u16))] = &[\n");
    for (word, category, weight) in keywords {
        writeln!(out, "({word:?}, ({category}, {weight})),").map_err(|e| e.to_string())?;
    }
    out.push_str("];\n");
    Ok(out)
}
