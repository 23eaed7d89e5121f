//! Mistakes in the lists of bodies, categories and channels.

use super::*;

#[test]
fn identity_and_divisions() {
    one(
        "district.toml",
        "id = \"sound\"",
        "id = \"other\"",
        &["district.toml:2: the id `other` is not the name of the folder"],
    );
    one(
        "district.toml",
        "name_en = \"Sample District\"",
        "name_en = \"样例\"",
        &["district.toml:4: the English text is missing"],
    );
    one(
        "district.toml",
        "\"SA\"",
        "\"sa\"",
        &["district.toml:5: the prefix must be one to six capital letters A-Z"],
    );
    one(
        "district.toml",
        "480",
        "4800",
        &["district.toml:7: there is no such time zone: -720 to 840 minutes"],
    );
    one(
        "district.toml",
        "centre = \"centre\"",
        "centre = \"middle\"",
        &[
            "departments.toml:6: the centre is `middle`, as district.toml says",
            "district.toml:8: there is no department `middle`",
        ],
    );
    one(
        "district.toml",
        "department = \"east\"",
        "department = \"west\"",
        &[
            "departments.toml:22: the office of `east` is `west`, as district.toml says",
            "district.toml:15: there is no department `west`",
        ],
    );
    one(
        "district.toml",
        "kind = \"subdistrict\"",
        "kind = \"town\"",
        &["departments.toml:21: `east` is of another kind in district.toml"],
    );
}

#[test]
fn departments() {
    one(
        "departments.toml",
        "\"热线\", \"派单\"",
        "\"热线\", \"热线\"",
        &["departments.toml:7: `热线` stands twice"],
    );
    one(
        "departments.toml",
        "[\"热线\", \"派单\", \"督办\", \"回访\"]",
        "[\"热线\"]",
        &["departments.toml:7: 1 duties are too few: 4 at least"],
    );
    one(
        "departments.toml",
        "id = \"east-01\"",
        "id = \"centre-01\"",
        &["departments.toml:26: the id `centre-01` stands already in line 10"],
    );
    one(
        "departments.toml",
        "categories = [\"papers.household\"]",
        "categories = [\"papers.car\"]",
        &[
            "categories.toml:7: no department leads in `papers.household`",
            "categories.toml:12: the entry `centre-01` does not cover this category",
            "departments.toml:13: there is no category `papers.car`",
        ],
    );
    one(
        "departments.toml",
        "kind = \"centre\"",
        "kind = \"agency\"",
        &["departments.toml:1: no department has the kind `centre`"],
    );
    one(
        "departments.toml",
        "division = \"east\"\n",
        "",
        &["departments.toml:21: the office of a town or sub-district must name its `division`"],
    );
    one(
        "departments.toml",
        "division = \"east\"",
        "division = \"west\"",
        &["departments.toml:22: there is no division `west`"],
    );
    one(
        "departments.toml",
        "kind = \"centre\"",
        "kind = \"centre\"\ndivision = \"east\"",
        &["departments.toml:7: only the office of a town or sub-district has a `division`"],
    );
    one(
        "departments.toml",
        "basis = \"国办发〔2020〕53号\"",
        "basis = \" \"",
        &["departments.toml:12: the text is empty"],
    );
    one(
        "departments.toml",
        "role = \"co\"",
        "role = \"boss\"",
        &["departments.toml:30: unknown variant `boss`, expected `lead` or `co`"],
    );
}

#[test]
fn categories() {
    let found = broken(&[(
        "categories.toml",
        "parent = \"papers\"",
        "parent = \"cars\"",
    )]);
    assert_eq!(
        found,
        ["categories.toml:10: there is no category of level 1 `cars`"]
    );
    one(
        "categories.toml",
        "parent = \"papers\"\n",
        "",
        &["categories.toml:7: `papers.household` needs `parent = \"papers\"`"],
    );
    one(
        "categories.toml",
        "deadline = \"general\"",
        "deadline = \"soon\"",
        &["categories.toml:11: there is no deadline rule `soon`"],
    );
    one(
        "categories.toml",
        "article = \"centre-01\"",
        "article = \"centre-09\"",
        &["categories.toml:12: there is no entry `centre-09` in the responsibility list"],
    );
    one(
        "categories.toml",
        "article = \"centre-01\"",
        "article = \"east-01\"",
        &["categories.toml:12: in the entry `east-01` the department does not lead"],
    );
    one(
        "categories.toml",
        "word = \"落户\"",
        "word = \"户口\"",
        &["categories.toml:15: `户口` stands twice"],
    );
    one(
        "categories.toml",
        "weight = 3.0",
        "weight = 0.1",
        &["categories.toml:14: the weight 0.1 of `户口` is not 0.5 to 5"],
    );
    one(
        "categories.toml",
        "name_en = \"Papers\"",
        "name_en = \"\"",
        &["categories.toml:4: the English text is missing"],
    );
}

#[test]
fn channels() {
    one(
        "channels.toml",
        "kind = \"own\"\nfeedback = \"web\"",
        "kind = \"own\"\nfeedback = \"none\"",
        &["channels.toml:6: an entry of the centre's own needs a way back"],
    );
    one(
        "channels.toml",
        "number = \"12345\"",
        "number = \"call us\"",
        &["channels.toml:13: the telephone number may have digits and - only"],
    );
    one(
        "channels.toml",
        "id = \"hotline-12345\"",
        "id = \"web\"",
        &["channels.toml:9: the id `web` stands already in line 2"],
    );
}
