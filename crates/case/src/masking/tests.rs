use proptest::prelude::*;

use super::*;

const DIVISIONS: [&str; 3] = ["中河街道", "姜山镇", "五乡镇"];

/// Every mask.
fn all(input: &str) -> [(&'static str, String); 7] {
    [
        ("phone", phone(input)),
        ("identity number", identity_number(input)),
        ("name", name(input)),
        ("email", email(input)),
        ("address", address(input, DIVISIONS)),
        ("bank card", bank_card(input)),
        ("plate", plate(input)),
    ]
}

fn check(mask: impl Fn(&str) -> String, table: &[(&str, &str)]) {
    for (input, expected) in table {
        assert_eq!(mask(input), *expected, "of {input:?}");
    }
}

#[test]
#[rustfmt::skip]
fn phones() {
    check(
        phone,
        &[
            ("13800001234", "138****1234"),
            ("138 0000 1234", "138****1234"),
            ("+86 138-0000-1234", "138****1234"),
            ("008613800001234", "138****1234"),
            ("１３８００００１２３４", "138****1234"),
            ("057487654378", "0574-****78"),
            ("0574-87654378", "0574-****78"),
            ("010-87654378", "010-****78"),
            ("87654378", "****78"),
            ("12345", "***"),
            ("13800001234/13900005678", "***"),
            ("没有电话", "***"),
        ],
    );
}

#[test]
#[rustfmt::skip]
fn identity_numbers() {
    check(
        identity_number,
        &[
            ("350102199001011123", "35*************123"),
            ("35010219900101112X", "35*************12X"),
            ("350102 19900101 112x", "35*************12x"),
            ("350102900101112", "35**********112"),
            ("E12345678", "E******78"),
            ("3501021990010111", "3*************11"),
            ("350102", "***"),
            ("350102199001011123350102199001011123", "***"),
        ],
    );
}

#[test]
#[rustfmt::skip]
fn names() {
    check(
        name,
        &[
            ("张三", "张**"),
            ("张三丰", "张**"),
            (" 李四 ", "李**"),
            ("欧阳修远", "欧阳**"),
            ("欧阳", "欧**"),
            ("阿卜杜拉·买买提", "阿**"),
            ("John Smith", "J**"),
            ("张", "**"),
            ("13800001234", "**"),
            ("👨‍👩‍👧", "**"),
            ("张**", "***"),
        ],
    );
}

#[test]
#[rustfmt::skip]
fn emails() {
    check(
        email,
        &[
            ("zhangsan@example.com", "z***@example.com"),
            ("z@example.com", "***@example.com"),
            ("13800001234@example.cn", "***@example.cn"),
            ("a@b@example.com", "a***@example.com"),
            ("zhangsan@13800001234", "***"),
            ("zhangsan@localhost", "***"),
            ("zhangsan@.com", "***"),
            ("no address", "***"),
        ],
    );
}

#[test]
#[rustfmt::skip]
fn addresses() {
    check(
        |input| address(input, DIVISIONS),
        &[
            ("浙江省宁波市鄞州区中河街道天童南路123号", "浙江省宁波市鄞州区中河街道***"),
            ("浙江省 宁波市 鄞州区 中河街道 某某小区5幢201", "浙江省宁波市鄞州区中河街道***"),
            ("鄞州区五乡镇明伦村1号", "鄞州区五乡镇***"),
            ("中河街道某某小区", "中河街道***"),
            ("某某小区5幢，姜山镇", "姜山镇***"),
            ("宁波市镇海区招宝山街道1号", "宁波市镇海区招宝山街道***"),
            ("江西省景德镇市珠山区1号", "江西省景德镇市珠山区***"),
            ("安徽省阜阳市颍上县半岗镇某某村9号", "安徽省阜阳市颍上县半岗镇***"),
            ("新疆维吾尔自治区乌鲁木齐市天山区某某路1号", "新疆维吾尔自治区乌鲁木齐市天山区***"),
            ("上海市浦东新区张江镇某某路1号", "上海市浦东新区张江镇***"),
            ("慈溪市浒山街道1号", "慈溪市浒山街道***"),
            ("天童南路123号", "***"),
            ("东湖小区5幢", "***"),
            ("东湖花园东区5幢", "***"),
            ("云龙镇东区5幢", "云龙镇***"),
            ("解放街镇明路5号", "***"),
            ("5 Tiantong Road", "***"),
            ("中河街道", "中河街道***"),
            ("中河街道***", "***"),
        ],
    );
    assert_eq!(address("某某镇", [""; 0]), "某某镇***");
}

#[test]
#[rustfmt::skip]
fn bank_cards() {
    check(
        bank_card,
        &[("6222 0000 0000 1234", "****1234"), ("6222000000000001234", "****1234"), ("62220000123", "***"), ("62220000000000012345", "***")],
    );
}

#[test]
#[rustfmt::skip]
fn plates() {
    check(
        plate,
        &[
            ("浙B12345", "浙B***45"),
            ("浙B·12345", "浙B***45"),
            ("浙 b 12345", "浙b***45"),
            ("浙BD12345", "浙B****45"),
            ("浙B1234警", "浙B***4警"),
            ("B12345", "***"),
            ("浙B123456789", "***"),
            ("红色小轿车一辆啊", "***"),
        ],
    );
}

#[test]
fn empty_stays_empty_and_a_mask_of_a_mask_differs() {
    for (mask, masked) in all("") {
        assert_eq!(masked, "", "{mask}");
    }
    for input in [
        "*",
        "**",
        "***",
        "****",
        " ",
        "\u{200b}",
        "**** ",
        "\u{1f600}",
    ] {
        for (mask, masked) in all(input) {
            assert_ne!(masked, input, "{mask}");
        }
    }
}

proptest! {
    #[test]
    fn no_input_comes_back_as_it_was(input in any::<String>()) {
        for (mask, masked) in all(&input) {
            prop_assert!(input.is_empty() == masked.is_empty(), "{mask}");
            prop_assert!(input.is_empty() || masked != input, "{mask}");
            prop_assert!(input.is_empty() || masked.contains('*'), "{mask}");
        }
    }

    #[test]
    fn masked_text_comes_back_as_something_else(input in "[张欧阳0-9a-z@.*镇区市 浙B]{0,24}") {
        for (mask, masked) in all(&input) {
            for (again, twice) in all(&masked) {
                prop_assert!(masked.is_empty() || twice != masked, "{mask}, {again}");
            }
        }
    }

    #[test]
    fn the_middle_of_a_number_is_never_shown(number in "1[3-9][0-9]{9}", glue in "[ -]?") {
        let masked = phone(&format!("{}{glue}{}", &number[..3], &number[3..]));
        prop_assert_eq!(masked, format!("{}****{}", &number[..3], &number[7..]));
    }

    #[test]
    fn what_stands_below_the_town_is_never_shown(below in "[路号幢室园a-z0-9]{1,20}") {
        prop_assert_eq!(
            address(&format!("浙江省宁波市鄞州区姜山镇{below}"), DIVISIONS),
            "浙江省宁波市鄞州区姜山镇***"
        );
    }
}
