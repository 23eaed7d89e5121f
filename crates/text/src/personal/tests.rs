use super::*;
use crate::language::Language;
use proptest::prelude::*;

/// The stretches found, as `kind:text`.
fn stretches(text: &str, setting: Setting, known: &[Known<'_>]) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    find(text, setting, known)
        .iter()
        .map(|found| {
            let stretch: String = chars[found.start as usize..found.end as usize]
                .iter()
                .collect();
            format!("{:?}:{stretch}", found.kind)
        })
        .collect()
}

fn citizen(text: &str) -> Vec<String> {
    stretches(text, Setting::Citizen, &[])
}

#[track_caller]
fn finds(text: &str, expected: &[&str]) {
    assert_eq!(citizen(text), expected, "{text}");
}

#[test]
fn phones() {
    finds("请回电13800001234谢谢", &["Phone:13800001234"]);
    finds("电话：138 0000 1234。", &["Phone:138 0000 1234"]);
    finds(
        "１３８－００００－１２３４",
        &["Phone:１３８－００００－１２３４"],
    );
    finds("+86 138-0000-1234", &["Phone:+86 138-0000-1234"]);
    finds("(+86)13800001234", &["Phone:+86)13800001234"]);
    finds("打008613800001234", &["Phone:008613800001234"]);
    finds("1 3 8 0 0 0 0 1 2 3 4", &["Phone:1 3 8 0 0 0 0 1 2 3 4"]);
    finds("①③⑧00001234", &["Phone:①③⑧00001234"]);
    finds("一三八零零零零一二三四", &["Phone:一三八零零零零一二三四"]);
    finds("我家0574-87650000转803", &["Phone:0574-87650000转803"]);
    finds("(0574)87650000", &["Phone:0574)87650000"]);
    finds("010-62001111", &["Phone:010-62001111"]);
    finds("家里电话87650000", &["Phone:87650000"]);
    finds("call me: +1 415 555 0100", &["Phone:+1 415 555 0100"]);
}

#[test]
fn numbers_that_are_no_phones() {
    for text in [
        "打了12345没人接",
        "拨打81812345热线",
        "电话110",
        "2026-09-01 12:30",
        "1998-05-12 123",
        "费用13800元",
        "订单20260901123",
        "政府投资87650000元",
        "400-820-8820",
        "编号138000012345678901234",
    ] {
        finds(text, &[]);
    }
}

#[test]
fn identity_numbers() {
    finds(
        "身份证330203199003071234",
        &["IdentityNumber:330203199003071234"],
    );
    finds(
        "33020319900307123X，",
        &["IdentityNumber:33020319900307123X"],
    );
    finds(
        "330203 19900307 123x",
        &["IdentityNumber:330203 19900307 123x"],
    );
    finds("330203900307123", &["IdentityNumber:330203900307123"]);
    finds("护照E12345678已过期", &["IdentityNumber:E12345678"]);
    finds("passport no. EA1234567", &["IdentityNumber:EA1234567"]);
    finds("台胞证 01234567", &["IdentityNumber:01234567"]);
    finds("按GB/T 39735的要求，G15高速", &[]);
    finds("案号YZ202600001234", &[]);
}

#[test]
fn other_numbers() {
    finds(
        "卡号6222 0212 3456 7890 128",
        &["BankAccount:6222 0212 3456 7890 128"],
    );
    finds("4111111111111111", &["BankAccount:4111111111111111"]);
    finds("对方账号：3901123456789", &["BankAccount:3901123456789"]);
    finds(
        "邮箱 li.hua_88@example.com。",
        &["Email:li.hua_88@example.com"],
    );
    finds("ｌｉ＠example．cn", &["Email:ｌｉ＠example．cn"]);
    finds("车牌浙B·12345乱停", &["Vehicle:浙B·12345"]);
    finds(
        "浙bd12345和沪A1234学",
        &["Vehicle:浙bd12345", "Vehicle:沪A1234学"],
    );
    finds("微信号：li_hua-88", &["Account:li_hua-88"]);
    finds(
        "加我wx20880001或QQ 10001234",
        &["Account:20880001", "Account:10001234"],
    );
    finds("微博@鄞州小张，", &["Account:鄞州小张"]);
    finds("微信公众号里的wechat group，QQ群", &[]);
}

#[test]
fn names() {
    finds("我叫张建国，想咨询", &["Name:张建国"]);
    finds("我叫王伟住在附近", &["Name:王伟"]);
    finds("本人李秀英，退休", &["Name:李秀英"]);
    finds("姓名：欧阳文静 年龄", &["Name:欧阳文静"]);
    finds("姓名：阿依古丽，", &["Name:阿依古丽"]);
    finds("联系人：陈某，", &["Name:陈某"]);
    finds("业主周建明的车位", &["Name:周建明"]);
    finds("刘先生和张老师来了", &["Name:刘", "Name:张"]);
    finds("找王建国师傅修", &["Name:王建国"]);
    finds("赵晓燕，13800001234", &["Name:赵晓燕", "Phone:13800001234"]);
    finds("请尽快处理\n孙志强\n2026年9月1日", &["Name:孙志强"]);
    finds("My name is John O'Neil and", &["Name:John O'Neil"]);
    finds(
        "Dear Mr. Smith, thanks\nBest regards,\nLi Hua",
        &["Name:Smith", "Name:Li Hua"],
    );
}

#[test]
fn the_tables_of_names_are_sorted() {
    assert!(name_tables::CUES.is_sorted_by_key(|(word, _)| *word));
    assert!(
        name_tables::CUES
            .iter()
            .all(|(word, _)| crate::fold_phrase(word) == *word)
    );
}

#[test]
fn words_that_are_no_names() {
    for text in [
        "我是高中生，班主任老师和语文老师都说",
        "业主安全，学生安全无小事",
        "家长和老师沟通",
        "本人于去年买房",
        "由于同学较多",
        "业主委员会成立了",
        "联系人不在",
        "我是一名外来务工人员",
        "患者家属",
        "孩子马上上学",
        "保安师傅和环卫师傅",
        "任何医生",
        "I am very angry",
        "He is at school, dr driving",
        "任课老师要求家长",
        "业主向物业反映",
        "学生和家长",
        "我是安徽人",
        "居民文明出行",
    ] {
        finds(text, &[]);
    }
}

#[test]
fn addresses() {
    finds("嵩江中路88号3幢501室漏水", &["Address:88号3幢501室"]);
    finds("东湖花园小区5栋2单元301，", &["Address:5栋2单元301"]);
    finds("姜山镇某某村12号门前", &[]);
    finds("姜山镇新汶村12号旁边", &["Address:12号"]);
    finds("百丈公寓３－２－５０１", &["Address:３－２－５０１"]);
    finds("我家住在中兴路十二弄三号", &["Address:十二弄三号"]);
    finds(
        "live in Room 501, Building 3, Songjiang Road",
        &["Address:Room 501, Building 3"],
    );
    for text in [
        "鄞县大道1888号的饭店",
        "小区3号门",
        "地铁5号线",
        "5月3号501路公交",
        "三室两厅",
        "我家3室1厅",
        "2026-09-01",
        "小区5户人家",
        "12号楼顶",
        "3楼",
        "8-10点",
    ] {
        finds(text, &[]);
    }
    assert_eq!(
        stretches("天童南路100号", Setting::Place, &[]),
        ["Address:100号"]
    );
}

#[test]
fn authorities_may_give_their_own_numbers() {
    let answer = "张先生：请到惠风东路568号302室，电话0574-87650000，联系人李老师，手机13800001234，邮箱a@nbyz.gov.cn";
    assert_eq!(
        stretches(answer, Setting::Official, &[]),
        ["Name:张", "Phone:13800001234"]
    );
}

#[test]
fn known_values_however_spelt() {
    let cases = [
        (
            Kind::Phone,
            "+86 13800001234",
            "138/0000/1234",
            "138/0000/1234",
        ),
        (Kind::Phone, "0574-87650000", "八点 8765 0000", "8765 0000"),
        (Kind::Name, "沈诺", "我和沈 诺都", "沈 诺"),
        (Kind::Name, "José Núñez", "señor NUNEZ, mines", "NUNEZ"),
        (Kind::Name, "Li", "police, Li!", "Li"),
        (
            Kind::Email,
            "Li.Hua@example.com",
            "li hua (at) x LI.HUA@EXAMPLE.COM",
            "LI.HUA@EXAMPLE.COM",
        ),
        (
            Kind::Address,
            "中河街道嵩江中路88号3幢501室",
            "在嵩江中路88号 3幢 501",
            "88号 3幢 501",
        ),
        (Kind::Other, "甲-乙_丙", "甲乙丙", "甲乙丙"),
    ];
    for (kind, value, text, expected) in cases {
        let found = stretches(text, Setting::Citizen, &[Known { kind, text: value }]);
        assert_eq!(found, [format!("{kind:?}:{expected}")], "{value} in {text}");
    }
    assert!(
        stretches(
            "王",
            Setting::Citizen,
            &[Known {
                kind: Kind::Name,
                text: "王"
            }]
        )
        .is_empty()
    );
}

#[test]
fn labels_take_the_place_of_what_was_cut() {
    let text = "我叫张建国，13800001234";
    let redacted = redact(text, find(text, Setting::Citizen, &[]), Language::Chinese);
    assert_eq!(redacted.text, "我叫[姓名]，[电话]");
    let beyond = Found {
        kind: Kind::Other,
        start: 3,
        end: 99,
    };
    assert_eq!(
        redact("abcdef", vec![beyond], Language::English).text,
        "abc[withheld]"
    );
}

#[test]
fn long_and_strange_texts_take_linear_time() {
    // Each of these would be quadratic if a scanner went back without bound.
    for unit in [
        "1",
        "1 ",
        "a@",
        "微信",
        "号",
        "1号",
        "张",
        "我叫",
        "\u{301}",
        "浙b",
        "mr ",
        "业主张建国",
        "0574-",
    ] {
        let text = unit.repeat(100_000 / unit.chars().count());
        let known = [Known {
            kind: Kind::Other,
            text: &text[..unit.len() * 100],
        }];
        let started = std::time::Instant::now();
        find(&text, Setting::Citizen, &known);
        assert!(
            started.elapsed().as_secs() < 2,
            "{unit}: {:?}",
            started.elapsed()
        );
    }
}

proptest! {
    #[test]
    fn found_is_ordered_and_inside(text in any::<String>(), value in "[0-9a-z张建国]{2,8}") {
        let known = [Known { kind: Kind::Name, text: &value }];
        for setting in [Setting::Citizen, Setting::Place, Setting::Official] {
            let found = find(&text, setting, &known);
            prop_assert!(found.iter().all(|found| found.start < found.end));
            prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert!(found.last().is_none_or(|last| last.end as usize <= text.chars().count()));
        }
    }

    #[test]
    fn a_known_number_never_survives(
        value in "[0-9]{5,18}",
        before in "[一-龥a-z0-9 ,。-]{0,20}",
        after in "[一-龥a-z0-9 ,。-]{0,20}",
        gaps in proptest::collection::vec("[ .-]{0,2}", 18),
    ) {
        let spaced: String = value.chars().zip(&gaps).map(|(c, gap)| format!("{c}{gap}")).collect();
        let text = format!("{before}{spaced}{after}");
        let known = [Known { kind: Kind::Phone, text: &value }];
        let redacted = redact(&text, find(&text, Setting::Official, &known), Language::Chinese);
        let left: String = redacted.text.chars().filter(|c| c.is_alphanumeric()).collect();
        prop_assert!(!left.contains(&value), "{left}");
    }
}
