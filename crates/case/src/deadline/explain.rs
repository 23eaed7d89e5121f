//! The arithmetic of a deadline as data, and in words.

use std::fmt::Write;

use serde::Serialize;

use super::Duty;
use crate::calendar::Knowledge;
use crate::district::{TimeLimit, TimeUnit};
use crate::time::{Date, Local};

/// One step of the arithmetic. [`Step::zh`] and [`Step::en`] say it in words;
/// whoever wants other words has all the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Step {
    /// The clock started, and this rule applies.
    Started {
        /// When.
        at: Local,
        /// What has to be done.
        duty: Duty,
        /// The limit that the rule sets.
        limit: TimeLimit,
        /// Identifier of the rule.
        rule: String,
        /// Name of the rule in Chinese.
        name: String,
        /// Name of the rule in English.
        name_en: String,
        /// Where the rule comes from.
        basis: String,
        /// Version of the rules.
        rules: String,
        /// Version of the calendar.
        calendar: String,
    },
    /// Days were counted.
    Counted {
        /// How many of what.
        limit: TimeLimit,
        /// It is an extension.
        extension: bool,
        /// The first day that was looked at.
        from: Date,
        /// The last day that counted.
        to: Date,
        /// The days on the way that did not count, in order.
        skipped: Vec<Skipped>,
        /// The Saturdays and Sundays on the way that counted.
        make_up: Vec<Date>,
    },
    /// Minutes or hours ran.
    Ran {
        /// How many of what.
        limit: TimeLimit,
        /// It is an extension.
        extension: bool,
        /// From.
        from: Local,
        /// To.
        to: Local,
        /// The stretches on the way in which the clock stood.
        stood: Vec<(Local, Local)>,
    },
    /// The last day was one without work and gave way to the next working day.
    Moved {
        /// The day without work.
        from: Date,
        /// The next working day.
        to: Date,
        /// The days between them.
        skipped: Vec<Skipped>,
    },
    /// The calendar is not sure of a year on the way.
    UncertainYear {
        /// The year.
        year: i32,
        /// What it knows.
        knowledge: Knowledge,
    },
    /// The clock stands; the due time will move on.
    Stands {
        /// Since when.
        since: Local,
    },
    /// The result.
    Due {
        /// When it is due.
        at: Local,
    },
}

/// Days that did not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The first.
    pub from: Date,
    /// The last.
    pub to: Date,
    /// Why.
    #[serde(flatten)]
    pub why: WhySkipped,
}

/// Why days did not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum WhySkipped {
    /// Saturday and Sunday.
    Weekend,
    /// A public holiday.
    Holiday {
        /// Its name in Chinese.
        name: String,
        /// Its name in English.
        name_en: String,
    },
    /// The clock stood at the end of the day.
    ClockStood,
}

impl Step {
    /// The step in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Step::Started {
                at,
                duty,
                limit,
                rule,
                name,
                basis,
                rules,
                calendar,
                ..
            } => {
                let duty = match duty {
                    Duty::Dispatch => "派单",
                    Duty::Accept => "签收",
                    Duty::Answer => "答复",
                };
                let first_day = if in_days(*limit) {
                    "，开始的当日不计入"
                } else {
                    ""
                };
                format!(
                    "{}开始计时，适用“{name}”（{rule}，规则版本{rules}，日历版本{calendar}）：{duty}期限{}{first_day}。依据：{basis}",
                    at.plain(),
                    limit.zh()
                )
            }
            Step::Counted {
                limit,
                extension,
                from,
                to,
                skipped,
                make_up,
            } => {
                let what = if *extension { "延期" } else { "计" };
                let mut text = format!("自{from}起{what}{}，至{to}", limit.zh());
                push_list(
                    &mut text,
                    "；不计入：",
                    "、",
                    skipped.iter().map(Skipped::zh),
                );
                push_list(
                    &mut text,
                    "；调休上班日计入：",
                    "、",
                    make_up.iter().map(Date::to_string),
                );
                text
            }
            Step::Ran {
                limit,
                extension,
                from,
                to,
                stood,
            } => {
                let what = if *extension { "延期" } else { "计" };
                let mut text =
                    format!("自{}起{what}{}，至{}", from.plain(), limit.zh(), to.plain());
                let stood = stood
                    .iter()
                    .map(|(from, to)| format!("{}至{}", from.plain(), to.plain()));
                push_list(&mut text, "；暂停计时：", "、", stood);
                text
            }
            Step::Moved { from, to, skipped } => {
                let mut text = format!("最后一日{from}不是工作日，顺延至{to}");
                push_list(
                    &mut text,
                    "；不计入：",
                    "、",
                    skipped.iter().map(Skipped::zh),
                );
                text
            }
            Step::UncertainYear {
                year,
                knowledge: Knowledge::Provisional,
            } => {
                format!("{year}年放假安排尚未公布，暂按规定推算")
            }
            Step::UncertainYear { year, .. } => format!("日历中没有{year}年的放假安排，只扣除周末"),
            Step::Stands { since } => format!("自{}起暂停计时，恢复后期限顺延", since.plain()),
            Step::Due { at } => format!("截止时间：{}", at.plain()),
        }
    }

    /// The step in English.
    pub fn en(&self) -> String {
        match self {
            Step::Started {
                at,
                duty,
                limit,
                rule,
                name_en,
                basis,
                rules,
                calendar,
                ..
            } => {
                let duty = match duty {
                    Duty::Dispatch => "dispatch",
                    Duty::Accept => "acceptance",
                    Duty::Answer => "answer",
                };
                let first_day = if in_days(*limit) {
                    "; the day of the start does not count"
                } else {
                    ""
                };
                format!(
                    "Started {} under “{name_en}” ({rule}, rules {rules}, calendar {calendar}): {duty} within {}{first_day}. Basis: {basis}",
                    at.plain(),
                    limit.en()
                )
            }
            Step::Counted {
                limit,
                extension,
                from,
                to,
                skipped,
                make_up,
            } => {
                let what = if *extension { "extended by " } else { "" };
                let mut text = format!("From {from} {what}{}, to {to}", limit.en());
                push_list(
                    &mut text,
                    "; not counted: ",
                    ", ",
                    skipped.iter().map(Skipped::en),
                );
                push_list(
                    &mut text,
                    "; make-up working days counted: ",
                    ", ",
                    make_up.iter().map(Date::to_string),
                );
                text
            }
            Step::Ran {
                limit,
                extension,
                from,
                to,
                stood,
            } => {
                let what = if *extension { "extended by " } else { "" };
                let mut text = format!(
                    "From {} {what}{}, to {}",
                    from.plain(),
                    limit.en(),
                    to.plain()
                );
                let stood = stood
                    .iter()
                    .map(|(from, to)| format!("{} to {}", from.plain(), to.plain()));
                push_list(&mut text, "; the clock stood: ", ", ", stood);
                text
            }
            Step::Moved { from, to, skipped } => {
                let mut text = format!("The last day {from} is not a working day; moved to {to}");
                push_list(
                    &mut text,
                    "; not counted: ",
                    ", ",
                    skipped.iter().map(Skipped::en),
                );
                text
            }
            Step::UncertainYear {
                year,
                knowledge: Knowledge::Provisional,
            } => {
                format!(
                    "The holidays of {year} have not been announced; they are estimated by the rule"
                )
            }
            Step::UncertainYear { year, .. } => {
                format!(
                    "The calendar does not know the holidays of {year}; only weekends are left out"
                )
            }
            Step::Stands { since } => {
                format!(
                    "The clock stands since {}; the due time moves on when it runs again",
                    since.plain()
                )
            }
            Step::Due { at } => format!("Due: {}", at.plain()),
        }
    }
}

impl Skipped {
    /// The days and the reason in Chinese.
    pub fn zh(&self) -> String {
        let why = match &self.why {
            WhySkipped::Weekend => "周末",
            WhySkipped::Holiday { name, .. } => name,
            WhySkipped::ClockStood => "暂停计时",
        };
        if self.from == self.to {
            format!("{}（{why}）", self.from)
        } else {
            format!("{}至{}（{why}）", self.from, self.to)
        }
    }

    /// The days and the reason in English.
    pub fn en(&self) -> String {
        let why = match &self.why {
            WhySkipped::Weekend => "weekend",
            WhySkipped::Holiday { name_en, .. } => name_en,
            WhySkipped::ClockStood => "clock stood",
        };
        if self.from == self.to {
            format!("{} ({why})", self.from)
        } else {
            format!("{} to {} ({why})", self.from, self.to)
        }
    }
}

impl TimeLimit {
    /// The length of time in Chinese: `5个工作日`.
    pub fn zh(self) -> String {
        let unit = match self.unit {
            TimeUnit::Minute => "分钟",
            TimeUnit::Hour => "小时",
            TimeUnit::WorkingDay => "个工作日",
            TimeUnit::CalendarDay => "个自然日",
        };
        format!("{}{unit}", self.amount)
    }

    /// The length of time in English: `5 working days`.
    pub fn en(self) -> String {
        let unit = match self.unit {
            TimeUnit::Minute => "minute",
            TimeUnit::Hour => "hour",
            TimeUnit::WorkingDay => "working day",
            TimeUnit::CalendarDay => "calendar day",
        };
        format!(
            "{} {unit}{}",
            self.amount,
            if self.amount == 1 { "" } else { "s" }
        )
    }
}

fn in_days(limit: TimeLimit) -> bool {
    matches!(limit.unit, TimeUnit::WorkingDay | TimeUnit::CalendarDay)
}

/// Adds `head` and the items, if there are any.
fn push_list(text: &mut String, head: &str, separator: &str, items: impl Iterator<Item = String>) {
    for (index, item) in items.enumerate() {
        let before = if index == 0 { head } else { separator };
        // Writing to a string cannot fail.
        let _ = write!(text, "{before}{item}");
    }
}
