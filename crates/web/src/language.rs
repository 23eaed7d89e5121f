//! The two languages of texts for users: Chinese first.

/// A language that the catalogue has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// zh-CN
    Chinese,
    /// en
    English,
}

impl Language {
    /// The language that an `Accept-Language` header prefers; Chinese where
    /// it says nothing of the two.
    pub fn of_header(header: Option<&str>) -> Language {
        let mut best = (Language::Chinese, -1.0);
        for item in header.unwrap_or_default().split(',') {
            let mut parts = item.split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let quality = parts
                .find_map(|part| part.trim().strip_prefix("q=")?.parse::<f32>().ok())
                .unwrap_or(1.0);
            let language = match tag.split('-').next() {
                Some("zh") => Language::Chinese,
                Some("en") => Language::English,
                _ => continue,
            };
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }

    /// Its BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    /// The one of two texts that is in this language.
    pub fn pick<'a>(self, chinese: &'a str, english: &'a str) -> &'a str {
        match self {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn the_header_decides_and_chinese_is_first() {
        for (header, expected) in [
            (None, Language::Chinese),
            (Some(""), Language::Chinese),
            (Some("en"), Language::English),
            (Some("EN-us,zh;q=0.5"), Language::English),
            (Some("en;q=0.5, zh-CN"), Language::Chinese),
            (Some("fr, de;q=0.9"), Language::Chinese),
            (Some("*;q=;;,=,en;q=x"), Language::English),
        ] {
            assert_eq!(Language::of_header(header), expected, "{header:?}");
        }
    }
}
