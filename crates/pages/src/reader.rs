//! Who reads a page, as far as it matters to the page: language, edition and
//! colours; and what every page has around its content.

use std::borrow::Cow;
use std::rc::Rc;

use http::StatusCode;
use http::header;
use web::language::Language;
use web::{Context, Reply};

use crate::api::{Api, Failure};
use crate::assets;
use crate::data::{District, Named};
use crate::words::Frame;

/// What pages may load and where their forms may go: nothing but this site.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What pages may use of the device.
const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";

/// Days for which the choice of language and edition is remembered.
const REMEMBERED: u32 = 365;

/// Which colours a reader wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Those of the device.
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// As it stands in the cookie.
    pub fn name(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Theme> {
        [Theme::Auto, Theme::Light, Theme::Dark]
            .into_iter()
            .find(|theme| theme.name() == name)
    }
}

/// The reader of a page.
pub struct Reader {
    /// Language of the page.
    pub language: Language,
    /// The texts of the frame.
    pub frame: &'static Frame,
    /// Whether type and targets are large and choices few.
    pub elder: bool,
    /// The colours.
    pub theme: Theme,
    /// Path and query of this page, to come back to.
    pub here: String,
    /// The district, where it is known.
    pub district: Option<Rc<District>>,
}

/// Characters of a text that stand in place of a title.
const TITLE_CHARS: usize = 60;

/// The first words of `text` on one line.
fn beginning(text: &str) -> String {
    let mut words = text.split_whitespace();
    let mut line = words.next().unwrap_or_default().to_owned();
    for word in words {
        if line.chars().count() > TITLE_CHARS {
            break;
        }
        line.push(' ');
        line.push_str(word);
    }
    match line.char_indices().nth(TITLE_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

impl Reader {
    /// The reader that the cookies and `Accept-Language` tell of.
    pub fn of(context: &Context) -> Reader {
        let language = match cookie(context, "language").as_deref() {
            Some("zh-CN") => Language::Chinese,
            Some("en") => Language::English,
            _ => context.language,
        };
        Reader {
            language,
            frame: Frame::of(language),
            elder: cookie(context, "edition").as_deref() == Some("elder"),
            theme: cookie(context, "theme")
                .and_then(|name| Theme::named(&name))
                .unwrap_or(Theme::Auto),
            here: here(context),
            district: None,
        }
    }

    /// The same with the district's name and telephone number in the frame. A
    /// page does not fail because they cannot be had.
    pub async fn with_district(mut self, api: &Api<'_>) -> Reader {
        self.district = api.district().await.ok();
        self
    }

    /// The district's telephone number; empty where it is not known.
    pub fn phone(&self) -> &str {
        self.district
            .as_ref()
            .map_or("", |district| &district.phone)
    }

    /// The district's name; empty where it is not known.
    pub fn place(&self) -> &str {
        self.district
            .as_ref()
            .map_or("", |district| district.name(self.language))
    }

    /// The name of a department, a category and the like.
    pub fn name<'n>(&self, named: &'n Named) -> &'n str {
        named.name(self.language)
    }

    /// What a case is called: its subject, or the beginning of its text where it has none.
    pub fn titled<'n>(&self, subject: Option<&'n str>, text: Option<&'n str>) -> Cow<'n, str> {
        let written = |text: Option<&'n str>| text.filter(|text| !text.trim().is_empty());
        match (written(subject), written(text)) {
            (Some(subject), _) => subject.into(),
            (None, Some(text)) => beginning(text).into(),
            (None, None) => self.frame.untitled.into(),
        }
    }

    /// Tag of the other language.
    pub fn other_language(&self) -> &'static str {
        match self.language {
            Language::Chinese => Language::English.tag(),
            Language::English => Language::Chinese.tag(),
        }
    }

    /// What a deadline is for.
    pub fn duty(&self, duty: &str) -> &'static str {
        match duty {
            "dispatch" => self.frame.duty_dispatch,
            "accept" => self.frame.duty_accept,
            _ => self.frame.duty_answer,
        }
    }

    /// The lamp of a deadline in words.
    pub fn lamp(&self, lamp: &str) -> &'static str {
        match lamp {
            "red" => self.frame.lamp_red,
            "yellow" => self.frame.lamp_yellow,
            _ => self.frame.lamp_green,
        }
    }

    /// Where the style sheet of all pages is.
    pub fn style(&self) -> String {
        assets::SHARED.address("site.css")
    }

    /// Where the mark is.
    pub fn mark(&self) -> String {
        assets::SHARED.address("mark.svg")
    }

    /// A local time such as `2026-02-13T08:44:57+08:00` to the minute.
    pub fn time(&self, text: &str) -> String {
        when(text, self.language, true)
    }

    /// The date of a local time, or a date alone.
    pub fn date(&self, text: &str) -> String {
        when(text, self.language, false)
    }

    /// A page of HTML that nobody but the reader may keep.
    pub fn page(&self, status: StatusCode, page: &impl askama::Template) -> Reply {
        match page.render() {
            Ok(html) => framed(Reply::bytes(status, "text/html; charset=utf-8", html))
                .header(header::CACHE_CONTROL, "private, no-store")
                .header(header::CONTENT_LANGUAGE, self.language.tag())
                .header(header::VARY, "Accept-Language, Cookie"),
            Err(_) => Reply::empty(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// The page for what went wrong, with its status and headers.
    pub fn refusal(&self, failure: &Failure, page: &impl askama::Template) -> Reply {
        let status =
            StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reply = self.page(status, page);
        let reply = match failure.retry_after {
            Some(seconds) => reply.header(header::RETRY_AFTER, seconds.to_string()),
            None => reply,
        };
        match failure.allowed {
            Some(methods) => reply.header(header::ALLOW, methods),
            None => reply,
        }
    }

    /// 404 for an address that leads nowhere.
    pub fn page_missing(&self, context: &Context) -> Failure {
        Failure {
            title: self.frame.error_page_missing.to_owned(),
            detail: self.frame.error_page_missing_detail.to_owned(),
            ..Failure::of(&web::Problem::not_found(), self.language, &context.request)
        }
    }

    /// 405 that names the methods allowed.
    pub fn wrong_method(&self, context: &Context, allowed: &'static str) -> Failure {
        Failure {
            allowed: Some(allowed),
            ..Failure::of(
                &context.method_not_allowed(allowed),
                self.language,
                &context.request,
            )
        }
    }
}

/// Adds the headers that every answer for a browser has. The referrer policy
/// keeps addresses on this site; `no-referrer` would make browsers send forms
/// with the origin `null`, which cannot be told from a foreign one.
fn framed(reply: Reply) -> Reply {
    reply
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::REFERRER_POLICY, "same-origin")
        .header(
            header::HeaderName::from_static("permissions-policy"),
            PERMISSIONS,
        )
        .header(
            header::HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        )
        .header(
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        )
}

/// 303 to a page of this site.
pub fn redirect(to: &str) -> Reply {
    framed(Reply::empty(StatusCode::SEE_OTHER))
        .header(header::LOCATION, to)
        .header(header::CACHE_CONTROL, "no-store")
}

/// The value of cookie `name`.
pub fn cookie(context: &Context, name: &str) -> Option<String> {
    context
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(other, _)| *other == name)
        .map(|(_, value)| value.to_owned())
}

/// A cookie that remembers a choice; nothing in it is secret.
pub fn remember(name: &str, value: &str) -> String {
    let seconds = REMEMBERED * 86_400;
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax")
}

/// Path and query of the request.
fn here(context: &Context) -> String {
    let mut here = form_urlencoded::Serializer::new(String::new());
    let path: String = context
        .path
        .iter()
        .map(|segment| format!("/{}", escaped(segment)))
        .collect();
    if context.query.is_empty() {
        return path;
    }
    here.extend_pairs(&context.query);
    format!("{path}?{}", here.finish())
}

/// `text` as a segment of a path or a value of a query.
pub fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// An address on this site to go back to, or the home page.
pub fn local(address: &str) -> &str {
    let plain = address.starts_with('/')
        && !address.starts_with("//")
        && address
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if plain { address } else { "/" }
}

/// A local time in the reader's way of writing; what is no time stays as it is.
fn when(text: &str, language: Language, minutes: bool) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let part =
        |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let (Some(year), Some(month @ 1..=12), Some(day)) = (part(0, 4), part(5, 7), part(8, 10))
    else {
        return text.to_owned();
    };
    let date = match language {
        Language::Chinese => format!("{year}年{month}月{day}日"),
        Language::English => format!("{day} {} {year}", MONTHS[month as usize - 1]),
    };
    match text.get(11..16) {
        Some(clock) if minutes => format!("{date} {clock}"),
        _ => date,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_reader_does() {
        let text = "2026-02-03T08:44:57+08:00";
        assert_eq!(when(text, Language::Chinese, true), "2026年2月3日 08:44");
        assert_eq!(when(text, Language::English, false), "3 Feb 2026");
        assert_eq!(when("2026-02-03", Language::English, true), "3 Feb 2026");
        for strange in ["", "soon", "2026-13-01", "年月日年月日"] {
            assert_eq!(when(strange, Language::Chinese, true), strange);
        }
    }

    #[test]
    fn only_addresses_of_this_site_are_gone_back_to() {
        assert_eq!(local("/cases?q=a"), "/cases?q=a");
        for foreign in [
            "",
            "//example.com",
            "https://example.com",
            "/\\example.com",
            "/a\r\nb",
        ] {
            assert_eq!(local(foreign), "/", "{foreign:?}");
        }
    }

    #[test]
    fn segments_are_escaped() {
        assert_eq!(escaped("a b/鄞"), "a%20b%2F%E9%84%9E");
    }
}
