//! Home addresses below the level of a street, estate or village.
//!
//! What is cut begins at the house number: that a lamp is broken in a street
//! may be said, that somebody lives in it at number 88, room 501, may not. A
//! house number alone is the address of a shop as often as of a home, so it
//! counts only where the text says that somebody lives there.

use super::{Kind, Raw, Scan, Setting};
use crate::view::View;

/// Last characters of the names of roads, estates and villages.
const PLACES: &str = "路街巷弄道坊区园寓村苑城府庭湾居邸墅轩阁厦里舍社墩桥";
/// Units below them; the longer before those that they begin with.
const UNITS: &[&str] = &[
    "号楼", "号院", "单元", "号", "弄", "幢", "栋", "座", "楼", "层", "室", "房", "户", "组", "#",
];
const HOME: &[&str] = &[
    "家住",
    "住在",
    "住址",
    "居住",
    "住所",
    "家庭地址",
    "户籍",
    "我家",
    "租住",
    "自住",
    "家里",
    "住于",
    "live at",
    "live in",
    "home",
    "residing",
];

pub(super) fn scan(scan: &Scan, out: &mut Vec<Raw>) {
    for (start, end) in find(scan) {
        out.push(Raw {
            kind: Kind::Address,
            start,
            end,
        });
    }
}

/// The stretches of `text`'s view that [`scan`] would cut out of it.
pub(super) fn tails(text: &str, setting: Setting) -> Vec<(usize, usize)> {
    find(&Scan {
        view: View::new(text),
        original: Vec::new(),
        setting,
    })
}

fn find(scan: &Scan) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < scan.chars().len() {
        let chain = Chain::read(scan, index).or_else(|| Chain::read_english(scan, index));
        match chain {
            Some(chain) => {
                if chain.personal(scan) {
                    found.push((chain.start, chain.end));
                }
                index = chain.end;
            }
            None => index += 1,
        }
    }
    found
}

/// Numbers with their units in a row: `88号3幢501室`.
struct Chain {
    start: usize,
    end: usize,
    parts: usize,
    room: bool,
    building: bool,
}

impl Chain {
    fn read(scan: &Scan, start: usize) -> Option<Self> {
        if !numeral(scan.at(start)) || latin_word(scan.before(start)) || scan.before(start) == '-' {
            return None;
        }
        let mut chain = Self {
            start,
            end: start,
            parts: 0,
            room: false,
            building: false,
        };
        let mut index = start;
        loop {
            let length = number(scan, index);
            let after = index + length;
            let digits = scan.chars()[index..after]
                .iter()
                .filter(|c| numeral(**c))
                .count();
            let dashes = scan.chars()[index..after]
                .iter()
                .filter(|c| **c == '-')
                .count();
            let gap = usize::from(scan.at(after) == ' ');
            // `301楼下` is below room 301, not on a floor of that number.
            let unit = UNITS.iter().find(|unit| {
                let next = scan.at(after + gap + unit.chars().count());
                scan.stands(after + gap, unit) && !(**unit == "楼" && "上下道顶梯".contains(next))
            });
            if length == 0 || digits == 0 {
                break;
            }
            match unit {
                Some(unit) => {
                    let end = after + gap + unit.chars().count();
                    // Gates, lines and windows have numbers too, and flats have rooms and halls.
                    let other = *unit == "号" && "门线口台机柜窗桌".contains(scan.at(end));
                    let layout = (*unit == "室" && (scan.at(end + 1) == '厅' || digits < 2))
                        || (*unit == "户" && scan.at(end) == '型');
                    if other || layout {
                        break;
                    }
                    chain.parts += 1;
                    chain.room |= *unit == "室"
                        || (matches!(*unit, "房" | "户") && chain.parts > 1 && digits >= 2)
                        || dashes > 1;
                    chain.building |= !matches!(*unit, "楼" | "层" | "组" | "户" | "房");
                    chain.end = end;
                    index = end;
                    while matches!(scan.at(index), ' ' | '-') && index < end + 1 {
                        index += 1;
                    }
                }
                // `5幢301` and `3-2-501` end without a unit.
                None => {
                    let last = (0..length)
                        .take_while(|back| scan.at(after - 1 - back) != '-')
                        .count();
                    let head = &scan.chars()[index..after - last];
                    let short = head.split(|c| *c == '-').all(|part| part.len() <= 2);
                    let room = matches!(last, 3 | 4)
                        && short
                        && (chain.building || matches!(dashes, 1 | 2));
                    let measure = "年月日时分秒点元块万千百个人名次米平方吨斤公度%岁路:./"
                        .contains(scan.at(after));
                    if room && !measure && !date(scan, index) {
                        // `5-301` alone is as often a price as a home.
                        chain.parts += if dashes == 1 { 1 } else { 1 + dashes };
                        chain.room = true;
                        chain.end = after;
                    }
                    break;
                }
            }
        }
        (chain.parts > 0).then_some(chain)
    }

    /// `Room 501, Building 3`.
    fn read_english(scan: &Scan, start: usize) -> Option<Self> {
        const ROOMS: &[&str] = &["room", "rm", "unit", "apartment", "apt", "flat", "suite"];
        const HOUSES: &[&str] = &[
            "building", "bldg", "block", "house", "floor", "no", "number",
        ];
        let mut chain = Self {
            start,
            end: start,
            parts: 0,
            room: false,
            building: false,
        };
        let mut index = start;
        loop {
            let is = |word: &&&str| {
                scan.stands(index, word)
                    && !latin_word(scan.before(index))
                    && !latin_word(scan.at(index + word.len()))
            };
            let room = ROOMS.iter().find(is);
            let Some(word) = room.or_else(|| HOUSES.iter().find(is)) else {
                break;
            };
            let mut number = index + word.len();
            while matches!(scan.at(number), ' ' | '.' | '#' | ':')
                && number < index + word.len() + 3
            {
                number += 1;
            }
            let length = (0..8)
                .take_while(|ahead| latin_word(scan.at(number + ahead)))
                .count();
            if !(0..length).any(|ahead| scan.at(number + ahead).is_ascii_digit()) {
                break;
            }
            chain.end = number + length;
            chain.parts += 1;
            chain.room |= room.is_some();
            chain.building |= room.is_none();
            index = chain.end;
            while matches!(scan.at(index), ' ' | ',') && index < chain.end + 2 {
                index += 1;
            }
        }
        (chain.parts > 0).then_some(chain)
    }

    fn personal(&self, scan: &Scan) -> bool {
        let mut before = self.start;
        while matches!(scan.before(before), ' ' | '第' | ',') {
            before -= 1;
        }
        let place = PLACES.contains(scan.before(before)) && before > 0;
        let village = scan.before(before) == '村' && self.building;
        let home = scan.cued(self.start, 24, HOME);
        let room = self.room && (self.parts >= 2 || place);
        match scan.setting {
            Setting::Official => room && home,
            Setting::Citizen => {
                room || village || (place && self.building && (home || self.parts >= 2))
            }
            Setting::Place => room || village || self.building || self.parts >= 2,
        }
    }
}

/// A house number such as `12`, `A3`, `十二` or `3-2-501`: its length.
fn number(scan: &Scan, start: usize) -> usize {
    (0..12)
        .take_while(|ahead| {
            let c = scan.at(start + ahead);
            let next = scan.at(start + ahead + 1);
            numeral(c)
                || (c.is_ascii_lowercase() && !scan.at(start + ahead + 1).is_ascii_lowercase())
                || (c == '-' && *ahead > 0 && next.is_ascii_digit())
        })
        .count()
}

/// `2026-09-01` and the like are no rooms.
fn date(scan: &Scan, start: usize) -> bool {
    (0..4).all(|ahead| scan.at(start + ahead).is_ascii_digit()) && scan.at(start + 4) == '-'
}

fn numeral(c: char) -> bool {
    c.is_ascii_digit() || "〇零一二三四五六七八九十百".contains(c)
}

fn latin_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
}
