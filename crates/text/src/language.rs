//! Which language a text is written in: by script, and by common words where
//! the script is Latin.

use crate::search::terms;

/// A language that the platform tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Chinese,
    /// English.
    English,
    /// Japanese.
    Japanese,
    /// Korean.
    Korean,
    /// Russian.
    Russian,
    /// None of them, or no words at all.
    Undetermined,
}

impl Language {
    /// Its BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
            Language::Japanese => "ja",
            Language::Korean => "ko",
            Language::Russian => "ru",
            Language::Undetermined => "und",
        }
    }
}

/// Words that hardly an English sentence goes without and few sentences of
/// other languages have.
const ENGLISH: &[&str] = &[
    "and", "are", "can", "do", "for", "from", "has", "have", "hello", "help", "how", "i", "in",
    "is", "it", "my", "near", "need", "not", "of", "on", "our", "please", "street", "that", "the",
    "there", "this", "to", "was", "we", "what", "when", "where", "which", "who", "with", "you",
    "your",
];

/// The language of `text`; of several, the one that most of it is in.
pub fn language(text: &str) -> Language {
    let (
        mut han,
        mut kana,
        mut hangul,
        mut russian,
        mut cyrillic,
        mut latin,
        mut accents,
        mut other,
    ) = (0u32, 0u32, 0u32, 0u32, 0u32, 0u32, 0u32, 0u32);
    for c in text.chars() {
        match c {
            '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{ff66}'..='\u{ff9d}' => {
                kana += 1
            }
            '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{ac00}'..='\u{d7a3}' => {
                hangul += 1
            }
            '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => {
                han += 1
            }
            'а'..='я' | 'А'..='Я' | 'ё' | 'Ё' => russian += 1,
            '\u{400}'..='\u{52f}' => cyrillic += 1,
            'a'..='z' | 'A'..='Z' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' => latin += 1,
            '\u{c0}'..='\u{24f}' => accents += 1,
            _ if c.is_alphabetic() => other += 1,
            _ => {}
        }
    }
    // A Han character says about as much as three Latin letters.
    let east = 3 * (han + kana) + 2 * hangul;
    let most = east.max(russian + cyrillic).max(latin + accents).max(other);
    if most == 0 || most == other {
        Language::Undetermined
    } else if most == east {
        match () {
            _ if 2 * hangul > han + kana => Language::Korean,
            // Chinese texts borrow の; Japanese ones are full of kana.
            _ if 6 * kana >= han + kana => Language::Japanese,
            _ => Language::Chinese,
        }
    } else if most == russian + cyrillic {
        // Letters that Russian does not have mark its neighbours.
        if 20 * cyrillic > russian {
            Language::Undetermined
        } else {
            Language::Russian
        }
    } else {
        let (mut words, mut known) = (0u32, 0u32);
        terms(text, |term| {
            let word: String = term.iter().collect();
            words += u32::from(word.chars().all(|c| c.is_ascii_alphabetic()));
            known += u32::from(ENGLISH.binary_search(&word.as_str()).is_ok());
        });
        if 20 * accents < latin && 10 * known >= words && known > 0 {
            Language::English
        } else {
            Language::Undetermined
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_languages_apart() {
        let cases = [
            ("小区门口的路灯坏了三天", Language::Chinese),
            ("小區門口の路燈壞了", Language::Chinese),
            ("我的 iPhone 15 Pro Max 丢在公交车上", Language::Chinese),
            (
                "How can I renew my residence permit in Yinzhou (鄞州)?",
                Language::English,
            ),
            ("The street lamp near our gate is broken", Language::English),
            ("街灯が壊れています。修理をお願いします", Language::Japanese),
            ("가로등이 고장났어요", Language::Korean),
            ("Не работает уличный фонарь", Language::Russian),
            (
                "Не працює вуличний ліхтар біля під'їзду",
                Language::Undetermined,
            ),
            (
                "Le réverbère devant notre résidence est cassé",
                Language::Undetermined,
            ),
            (
                "Die Strassenlaterne vor unserem Haus ist kaputt",
                Language::Undetermined,
            ),
            ("مصباح الشارع معطل", Language::Undetermined),
            ("12345 !!! 😀", Language::Undetermined),
            ("", Language::Undetermined),
            ("\u{301}\u{301}", Language::Undetermined),
        ];
        for (text, expected) in cases {
            assert_eq!(language(text), expected, "{text}");
        }
    }

    #[test]
    fn the_word_list_is_sorted() {
        assert!(ENGLISH.is_sorted());
    }
}
