//! Makes the table of the families of departments out of the district's
//! `families.toml`, and checks the model that is compiled in, so that the
//! handler's digest names everything that it decides by.

use std::path::PathBuf;
use std::{env, fs};

use model::Model;
use toml::{Table, Value};

/// The trained model, from the folder of this package.
const MODEL: &str = "../../../models/route.bin";

fn main() {
    let district = env::var("WENZHENG_DISTRICT").unwrap_or("../../../districts/yinzhou".into());
    let file = PathBuf::from(district).join("families.toml");
    println!("cargo:rerun-if-env-changed=WENZHENG_DISTRICT");
    println!("cargo:rerun-if-changed={}", file.display());
    println!("cargo:rerun-if-changed={MODEL}");
    println!("cargo:rerun-if-changed=build.rs");
    if let Err(error) = make(&file) {
        println!("cargo::error={}: {error}", file.display());
    }
}

fn make(file: &PathBuf) -> Result<(), String> {
    // A district without families routes by category, duties and place alone.
    let families = match fs::read_to_string(file) {
        Ok(source) => source.parse::<Table>().map_err(|error| error.to_string())?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Table::new(),
        Err(error) => return Err(error.to_string()),
    };
    let bytes = fs::read(MODEL).map_err(|error| format!("{MODEL}: {error}"))?;
    let wrong = |error: model::FileError| format!("{MODEL}: {error}");
    let model = Model::new(&bytes).map_err(wrong)?;
    model.check().map_err(wrong)?;
    let table = table(&families, model.classes())?;
    let folder = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    fs::write(PathBuf::from(folder).join("tables.rs"), table).map_err(|error| error.to_string())
}

/// The departments whose family the model knows, in order: its class, and
/// whether it is the first of its family.
fn table(families: &Table, classes: &[&str]) -> Result<String, String> {
    let mut rows: Vec<(&str, usize, bool)> = Vec::new();
    let list = families.get("family").and_then(Value::as_array);
    for family in list.into_iter().flatten() {
        let id = family.get("id").and_then(Value::as_str);
        let id = id.ok_or("a family without id")?;
        let Some(class) = classes.iter().position(|class| *class == id) else {
            continue;
        };
        let departments = family.get("departments").and_then(Value::as_array);
        for (at, department) in departments.into_iter().flatten().enumerate() {
            let department = department.as_str().ok_or("a department that is no text")?;
            rows.push((department, class, at == 0));
        }
    }
    rows.sort_unstable();
    Ok(format!(
        "pub(crate) static FAMILIES: &[(&str, usize, bool)] = &{rows:?};\n"
    ))
}
