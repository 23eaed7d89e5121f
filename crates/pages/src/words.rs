//! Texts of pages, Chinese and English side by side.
//!
//! A text that is missing in a language does not compile. What other functions
//! say (states, problems, names) comes from them in the reader's language.

/// Makes a structure with one field for each text, `CHINESE`, `ENGLISH` and,
/// in tests, `ALL` with name, Chinese and English of each.
#[macro_export]
macro_rules! words {
    ($type:ident { $($name:ident: $chinese:literal, $english:literal;)* }) => {
        /// All texts in one language.
        #[allow(missing_docs, reason = "each text says itself what it is")]
        pub struct $type {
            $(pub $name: &'static str,)*
        }

        const CHINESE: $type = $type { $($name: $chinese,)* };
        const ENGLISH: $type = $type { $($name: $english,)* };

        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $chinese, $english),)*];

        impl $type {
            /// The texts in `language`.
            pub fn of(language: ::web::language::Language) -> &'static $type {
                match language {
                    ::web::language::Language::Chinese => &CHINESE,
                    ::web::language::Language::English => &ENGLISH,
                }
            }
        }
    };
}

/// `text` with `value` where it has `{}`.
pub fn fill(text: &str, value: impl std::fmt::Display) -> String {
    text.replace("{}", &value.to_string())
}

/// Names of the texts of a table that are empty in a language, or have not the
/// same places to fill in both; for the tests of tables.
pub fn faults<'a>(all: &[(&'a str, &str, &str)]) -> Vec<&'a str> {
    let places = |text: &str| text.matches("{}").count();
    all.iter()
        .filter(|(_, chinese, english)| {
            chinese.trim().is_empty()
                || english.trim().is_empty()
                || places(chinese) != places(english)
        })
        .map(|(name, ..)| *name)
        .collect()
}

#[rustfmt::skip]
words! { Frame {
    site: "问政", "Wenzheng";
    site_long: "网络问政平台", "Public Inquiries";
    skip: "跳到正文", "Skip to the content";
    navigation: "主要栏目", "Main sections";
    view_settings: "显示设置", "Display";
    to_other_language: "English", "中文";
    edition_elder: "长者版", "Large type";
    edition_standard: "标准版", "Standard type";
    theme_label: "明暗", "Colours";
    theme_auto: "跟随系统", "As the device";
    theme_light: "浅色", "Light";
    theme_dark: "深色", "Dark";
    untitled: "（无标题）", "(no title)";
    error_foreign: "请从本站的页面提交", "Please send it from this site";
    error_foreign_detail: "为了您的安全，来自其他网站的提交不予接受。请打开本站的页面再试一次。", "For your safety, forms sent by other sites are not taken. Open the page here and try again.";
    error_form: "没有读到表单内容", "The form could not be read";
    error_form_detail: "请返回上一页，再提交一次。", "Go back and send it again.";
    error_retry: "请在 {} 秒后再试。", "Try again in {} seconds.";
    error_request: "请求编号", "Request id";
    duty_dispatch: "转交责任单位", "To be passed to a department by";
    duty_accept: "承办单位接收", "To be accepted by the department by";
    duty_answer: "答复", "To be answered by";
    lamp_green: "期限内", "In time";
    lamp_yellow: "即将到期", "Due soon";
    lamp_red: "已超期", "Overdue";
    error_page_missing: "没有这个页面", "There is no such page";
    error_page_missing_detail: "地址可能写错了，或者页面已经移走。", "The address may be wrong, or the page has moved.";
} }

#[cfg(test)]
mod tests {
    use super::{ALL, faults, fill};

    #[test]
    fn places_for_values_are_the_same_in_both_languages() {
        assert!(faults(ALL).is_empty(), "{:?}", faults(ALL));
        let wrong = [("one", " ", "a"), ("two", "{}", "b"), ("three", "丙", "c")];
        assert_eq!(faults(&wrong), ["one", "two"]);
        assert_eq!(fill("至多 {} 字", 5), "至多 5 字");
    }
}
