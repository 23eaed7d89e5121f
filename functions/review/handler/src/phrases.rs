//! Phrases that a reviewer looks for; the tables are folded and sorted.

/// What a phrase in an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It says nothing.
    Empty,
    /// It offends, or turns the citizen away.
    Rude,
    /// It promises something.
    Promise,
    /// It names a day or a period.
    When,
    /// It says whom to ask.
    Contact,
}

use Sign::{Contact, Empty, Promise, Rude, When};

/// Every phrase with its meaning.
pub(crate) const TABLE: &[(&str, Sign)] = &[
    ("as soon as possible", Promise),
    ("attach great importance", Empty),
    ("call", Contact),
    ("contact", Contact),
    ("days", When),
    ("great importance to", Empty),
    ("in due course", Promise),
    ("none of our business", Rude),
    ("not our problem", Rude),
    ("phone", Contact),
    ("relevant departments", Empty),
    ("today", When),
    ("tomorrow", When),
    ("weeks", When),
    ("一定程度上", Empty),
    ("不予理睬", Rude),
    ("不关我们的事", Rude),
    ("不归我们管", Rude),
    ("不要再来", Rude),
    ("不要再问", Rude),
    ("与我们无关", Rude),
    ("与我单位无关", Rude),
    ("个工作日", When),
    ("个月内", When),
    ("争取", Promise),
    ("今天", When),
    ("今日", When),
    ("你自己", Rude),
    ("依法依规处理", Empty),
    ("切实加强", Empty),
    ("前完成", When),
    ("加大力度", Empty),
    ("加快推进", Promise),
    ("协调有关部门", Empty),
    ("即日起", When),
    ("原则上", Empty),
    ("及时处理", Promise),
    ("及时跟进", Promise),
    ("咨询电话", Contact),
    ("在研究中", Empty),
    ("天内", When),
    ("小时内", When),
    ("尽快", Promise),
    ("尽早", Promise),
    ("年底", When),
    ("引起高度重视", Empty),
    ("当日", When),
    ("拨打", Contact),
    ("择期", Promise),
    ("择机", Promise),
    ("持续关注", Empty),
    ("按有关规定", Empty),
    ("按照有关规定", Empty),
    ("按照相关规定", Empty),
    ("按相关规定", Empty),
    ("敬请谅解", Empty),
    ("无可奉告", Rude),
    ("无理取闹", Rude),
    ("无理要求", Rude),
    ("日内", When),
    ("日前", When),
    ("明天", When),
    ("月底", When),
    ("有关部门", Empty),
    ("本周", When),
    ("来电", Contact),
    ("正在协调", Promise),
    ("正在研究", Empty),
    ("相关部门", Empty),
    ("窗口", Contact),
    ("管不了", Rude),
    ("联系人", Contact),
    ("联系方式", Contact),
    ("联系电话", Contact),
    ("胡搅蛮缠", Rude),
    ("自己想办法", Rude),
    ("致电", Contact),
    ("视情处理", Empty),
    ("近期", Promise),
    ("进一步加强", Empty),
    ("适时", Promise),
    ("逐步", Promise),
    ("酌情", Empty),
    ("非我单位职责", Rude),
    ("高度重视", Empty),
];

/// What a plain answer to a citizen's message begins with, and the words that
/// say nothing about its matter: they are not looked for in the answer.
pub(crate) const COMMON: &[&str] = &[
    "投诉", "举报", "咨询", "建议", "请问", "关于", "问题", "希望", "领导", "政府", "部门", "你好", "您好", "我们",
    "反映", "解决", "处理", "求助", "如何", "怎么", "什么", "为什", "能否", "是否", "可以", "尊敬", "敬的", "谢谢",
];
