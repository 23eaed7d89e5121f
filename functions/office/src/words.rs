//! The texts of the desk, Chinese and English side by side.

use pages::words;

#[rustfmt::skip]
words! { Words {
    // The frame
    desk: "工作台", "Desk";
    nav_queues: "待办", "Queues";
    nav_new: "电话录入", "Phone entry";
    nav_hot: "热点", "Hot issues";
    nav_follow_ups: "答复后的事项", "Follow-ups";
    nav_letters: "运行", "Machinery";
    nav_templates: "模板", "Templates";
    nav_accounts: "账号", "Accounts";
    nav_help: "快捷键", "Keys";
    nav_password: "修改密码", "Password";
    footer: "工作台仅供工作人员使用，打开含个人信息的办件会留下记录。", "For staff only. Opening a case with personal data is recorded.";
    footer_statistics: "公开数据", "Public figures";
    footer_site: "市民网站", "The citizens' site";
    to_queues: "返回待办", "Back to the queues";
    public_cases: "公开的办件", "Published cases";
    no_cases: "您的角色不办理具体办件。", "Your role has no part in cases.";

    // Emergencies, announced on open pages
    alarm_new: "新的紧急件：{number}。待办的紧急件共 {count} 件。", "New emergency: {number}. Emergencies that wait: {count}.";
    alarm_title: "【紧急】", "EMERGENCY ·";
    alarm_seen: "知道了", "Seen";
    alarm_sound: "紧急件提示音", "Sound for emergencies";
    alarm_lost: "收不到紧急件提醒，正在重新连接；请留意待办列表。", "Emergencies cannot be announced at the moment; trying again. Watch the queues.";
    alarm_over: "登录已结束，不再提醒紧急件。请重新登录。", "You are no longer signed in: emergencies are not announced. Sign in again.";

    // The session
    sign_in_title: "工作人员登录", "Staff sign-in";
    sign_in_lead: "使用管理员发给您的账号登录。", "Sign in with the account that your administrator gave you.";
    sign_in: "登录", "Sign in";
    sign_in_provider: "用{}登录", "Sign in with {}";
    sign_in_provider_name: "统一身份认证", "the identity provider";
    sign_in_or: "或者使用本系统的账号：", "Or with your account here:";
    signed_in_title: "已经登录", "You are signed in";
    signed_in_on: "继续", "Go on";
    sign_in_citizens: "市民提问、查询不需要登录：", "Citizens need no account:";
    sign_out: "退出", "Sign out";
    account: "账号", "Account";
    password: "密码", "Password";
    password_title: "修改密码", "Change the password";
    password_must: "您使用的是一次性密码，请先改为自己的密码。", "You signed in with a one-time password. Choose one of your own first.";
    password_current: "当前密码", "Present password";
    password_new: "新密码", "New password";
    password_hint: "至少 12 个字符，不要使用容易猜到的密码。", "At least 12 characters, not easily guessed.";
    password_send: "修改密码", "Change it";
    done_password: "密码已修改，其他设备上的登录已退出。", "The password is changed; other devices are signed out.";
    done: "已办理。", "Done.";

    // The queues
    queues_label: "待办队列", "Queues";
    queue_all: "全部待办", "All that waits";
    queue_intake: "待受理", "Held at intake";
    queue_classification: "待分类", "To classify";
    queue_routing: "待转办", "To pass on";
    queue_adjudication: "待裁定", "To adjudicate";
    queue_answer: "待答复", "To answer";
    queue_extension: "待批延期", "More time asked";
    queue_citizen: "待市民补充", "Citizen's turn";
    queue_review: "待审核", "To review";
    queue_call_back: "待回访", "To call back";
    queue_empty: "这里没有等待办理的件。", "Nothing waits here.";
    filter_queue: "队列", "Queue";
    filter_state: "状态", "State";
    filter_department: "单位", "Department";
    filter_any: "不限", "Any";
    filter_apply: "筛选", "Apply";
    column_due: "期限", "Due";
    column_subject: "事项", "Matter";
    column_state: "状态", "State";
    column_category: "类别", "Category";
    column_department: "单位", "Department";
    column_received: "收到", "Received";
    urgency_emergency: "紧急", "Emergency";
    urgency_urgent: "加急", "Urgent";
    tell_supervisor: "需督办员知悉", "For the supervisor";
    next_case: "下一件：", "Next:";
    next_page: "下一页", "Next page";

    // A case
    received: "收到", "received";
    original: "原件", "Original";
    public_copy: "公开副本", "Public copy";
    public_page: "公开页面", "Public page";
    copy_later: "答复审核通过后生成公开副本；原件中标出的个人信息届时隐去。", "The public copy is made once the answer is approved; what is marked as personal in the original is then cut.";
    copy_never: "来件人没有同意公开，不生成公开副本。", "The citizen did not agree to publication: there will be no public copy.";
    mark_personal: "个人信息", "Personal data";
    mark_evidence: "分类依据", "What the category rests on";
    place: "地点", "Place";
    supplement: "补充", "Added";
    answer: "答复", "Answer";
    self_answered: "依据知识库直接答复", "out of the knowledge base";
    basis: "依据", "Basis";
    ask_at: "咨询联系", "Whom to ask";
    rating: "市民评价", "The citizen's rating";
    solved: "已解决", "solved";
    unsolved: "未解决", "not solved";
    held: "暂存：", "Held: ";
    supervised: "已督办", "Pressed for";
    reopened: "第 {} 次重新办理", "Reopened {} time(s)";
    binding: "已裁定", "Adjudicated";
    no_consent: "不公开", "Not for publication";
    actions: "办理", "What you can do";
    adopt: "按草稿原样答复", "Answer with the draft as it is";
    deadline: "期限", "Deadline";
    standing: "等待市民补充，期限暂停，自", "Waiting for the citizen; the clock stands still since";
    deadline_why: "期限是怎样算出来的", "How it was worked out";
    suggested: "机器建议", "What the machine suggests";
    category: "类别", "Category";
    department: "单位", "Department";
    draft: "答复草稿", "Draft of an answer";
    draft_text: "草稿", "Draft";
    draft_sure: "可直接答复", "good enough to answer with";
    stale: "已过复核期", "review overdue";
    proposal: "承办单位程序的建议", "What the department's handler proposes";
    proposal_accept: "接收，转科室：", "Accept, for section:";
    proposal_ask: "请市民补充：", "Ask the citizen:";
    proposal_return: "退单：", "Return it:";
    left_to_you: "未自动分类：", "Left to a person: ";
    left_below_threshold: "把握不足", "not sure enough";
    left_no_text: "没有可判断的文字", "no text to judge by";
    left_unknown_language: "语言不能识别", "unknown language";
    left_no_evidence: "没有依据", "no evidence";
    left_unusual_text: "文字不寻常", "unusual text";
    left_nothing_fits: "知识库没有合适的条目", "no article fits";
    left_needs_facts: "需要先了解具体情况", "facts are needed first";
    left_handler_error: "程序出错", "the handler failed";
    reason_category: "类别", "category:";
    reason_duty: "职责", "duty:";
    reason_place: "地点", "place:";
    reason_name: "点名", "named:";
    reason_family: "以往同类来件由这类单位办理", "messages like it went to such bodies";
    chosen: "已采用", "taken";
    take: "采用", "Take it";
    none: "没有", "None";
    contact: "联系方式", "Contact";
    contact_name: "姓名", "Name";
    contact_phone: "电话", "Telephone";
    contact_email: "邮箱", "E-mail";
    templates: "答复模板", "Templates of answers";
    templates_lead: "写一次，答复时选用，再按来件修改。", "Written once, put into an answer with one click, and changed there.";
    templates_all: "全区通用", "For all";
    template_new: "新模板", "A new template";
    template_title: "名称", "Title";
    template_body: "内容", "Text";
    template_hint: "{编号}、{标题}、{单位}、{日期} 在选用时自动填写。", "{number}, {subject}, {department} and {date} are filled in when it is used.";
    template_keep: "保存", "Keep it";
    template_delete: "删除", "Delete it";
    template_choose: "选择模板", "Template";
    template_insert: "插入模板", "Insert it";
    contact_show: "显示", "Show";
    contact_purpose: "查看用途", "What for";
    contact_recorded: "查看完整联系方式会连同用途留下记录。", "Showing it in full is recorded with its purpose.";
    contact_shown: "已显示完整联系方式，并留下记录。", "Shown in full, and recorded.";
    purpose_call: "联系市民办理", "To call about the case";
    purpose_verify: "核实身份", "To check who it is";
    purpose_follow_up: "回访", "To ask how it went";
    purpose_urgent: "紧急情况", "An emergency";
    prove_title: "请再次确认身份", "Prove again who you are";
    prove_lead: "距离上次输入密码已有一段时间，请再输入一次，然后继续。", "It is a while since you last typed your password. Type it once more to go on.";
    prove_send: "继续", "Go on";
    prove_back: "不查看，返回这一件", "Back to the case without it";
    prove_or: "没有密码的，可以先在统一身份认证再登录一次，回来后重做这一步：", "Without a password, sign in at the identity provider once more, and take this step again when you are back:";
    contact_masked: "按您的角色只显示部分。", "Partly hidden for your role.";
    contact_none: "没有留下，或按您的角色不显示。", "None was left, or your role does not see it.";
    merge_into: "并入那一件", "Merge into it";
    similar: "相似的件", "Similar cases";
    hot_waiting: "现在等待办理的件", "What waits now";
    alike: "相似问题的公开答复", "Published answers to similar questions";
    role_behind: "（{}）", " ({})";
    timeline: "办理记录", "History";
    actor_citizen: "市民", "the citizen";
    actor_channel: "渠道", "the channel";
    actor_system: "系统", "the system";
    severity_blocking: "不能发出", "Must not go out:";
    severity_warning: "应当修改", "Should be mended:";
    severity_note: "请留意", "Note:";
    finding_personal_data: "含有个人信息", "it holds personal data";
    finding_not_answered: "没有回答所提的问题", "it does not answer the question";
    finding_no_basis: "没有写明依据", "it names no basis";
    finding_no_contact: "没有写明联系方式", "it names no contact";
    finding_no_date: "没有写明时间", "it names no date";
    finding_empty_phrase: "套话", "an empty phrase";
    finding_promise: "承诺没有期限", "a promise without a date";
    finding_tone: "语气不妥", "the tone";
    finding_too_short: "过于简短", "it is too short";
    finding_not_checked: "程序没有检查", "no handler has looked at it";
    conflict_news: "在您填写期间：", "While you were writing:";
    conflict_kept: "您填写的内容保留在下面，请看过变化后再决定。", "What you wrote is kept below. Look at what changed and decide again.";
    conflict_typed: "您填写的内容", "What you wrote";

    opened_by: "于 {} 打开过此件，可能正在办理", "opened this case at {} and may be at work on it";
    preview: "预览公开副本", "Preview of the public copy";
    preview_note: "尚未公开，审核通过后这样发布：", "Not public yet. Once approved it is published like this:";
    preview_cuts: "共隐去 {} 处", "{} place(s) are cut";
    changes: "与草稿的差别", "What was changed in the draft";
    same_as_draft: "与草稿相同", "The same as the draft";
    knowledge: "查知识库", "Knowledge base";
    search: "查找", "Search";
    cancel: "取消", "Cancel";
    batch_label: "对选中的件", "With the chosen cases";
    batch_go: "继续", "Go on";
    batch_choose: "选中", "Choose";
    batch_lead: "将对选中的 {} 件办理，每件单独生效。", "This is done with {} chosen case(s), each by itself.";
    batch_done: "办成 {} 件。", "Done with {} case(s).";
    batch_ok: "已办理", "done";
    export: "导出表格", "Table (CSV)";
    filter_save: "保存筛选", "Keep these filters";
    filter_saved: "我的筛选", "Kept filters";
    filter_name: "筛选名称", "Name of these filters";
    filter_forget: "删除", "Forget";
    draft_restored: "已恢复这台设备上保存的草稿。", "What you had typed on this device is back.";
    draft_clear: "清除草稿", "Clear it";

    // Phone entry
    new_title: "电话录入", "Phone entry";
    new_body: "来电内容", "What the caller says";
    new_subject: "一句话说明", "In one line";
    new_division: "镇、街道", "Town or sub-district";
    new_kind: "类型", "Kind";
    new_kind_auto: "由平台判断", "Let the platform decide";
    new_caller: "来电人", "The caller";
    new_look: "查以往来件", "Earlier cases";
    new_earlier: "以往来件", "Earlier cases";
    new_channel: "渠道", "Channel";
    new_consent: "来电人同意公开：隐去个人信息后，诉求和答复可以在网站公开。", "The caller agrees to publication, without personal data.";
    new_send: "受理", "Take it in";
    unknown: "不确定或不涉及", "Not sure, or none";
    taken_title: "已受理，请告知来电人", "Taken in: tell the caller";
    taken_lead: "请念出编号和查询码，来电人凭这两项查询进度。", "Read out number and query code: the caller follows the case with both.";
    taken_number: "编号", "Number";
    taken_code: "查询码", "Query code";
    taken_emergency: "识别为紧急事项，请立即按应急程序处理。", "This looks like an emergency: act at once.";
    taken_tell: "请告知：", "Tell the caller:";
    taken_missing: "最好再问清：", "It would help to know:";
    missing_details: "发生了什么", "what happened";
    missing_place: "在哪里", "where";
    missing_time: "什么时候", "when";
    taken_next: "录入下一件", "Next call";
    taken_open: "打开此件", "Open the case";

    // The whole
    hot_title: "热点问题", "Hot issues";
    hot_lead: "近 {} 天内多人反映的同类问题。是否合并由工作人员决定。", "Matters that several people wrote about in the last {} days. Merging them is for a person to decide.";
    hot_none: "没有达到 {} 件的同类问题。", "No matter has {} cases.";
    hot_cases: "件数", "Cases";
    hot_open: "办理中", "Open";
    hot_since: "时间", "From – to";
    hot_numbers: "编号", "Numbers";
    hot_figures: "全区数据", "The district";
    figure_received: "收到", "Received";
    figure_published: "答复", "Answered";
    figure_rated: "评价", "Rated";
    figure_reopened: "重新办理", "Reopened";
    figure_satisfaction: "满意率", "Satisfied";
    figure_solved: "解决率", "Solved";
    letters_title: "没有办成的自动步骤", "Steps that the machinery could not take";
    letters_lead: "多次尝试仍未成功的自动步骤。排除原因后可以再试一次。", "What failed again and again. Once the cause is gone, try it once more.";
    letters_none: "没有。", "There are none.";
    letters_case: "办件", "Case";
    letters_stage: "环节", "Stage";
    letters_attempts: "尝试", "Attempts";
    letters_since: "自", "Since";
    letters_error: "原因", "Cause";
    letters_again: "再试一次", "Try again";
    letters_done: "将在下一轮再试。", "It is tried again at the next sweep.";

    follow_ups_title: "答复后要办的事项", "Follow-ups due";
    follow_ups_lead: "本单位的程序在答复审核通过时安排的事项，按时间先后。办完后在该件上写明结果。", "What the department's handler planned when answers were approved, by when it is due. Once done, write on the case what came of it.";
    follow_ups_none: "没有要办的事项。", "Nothing is to be done.";
    follow_up: "答复后要办", "After the answer";
    follow_up_task: "事项", "What";
    follow_up_overdue: "已过时间", "Overdue";
    follow_up_later: "答复发布 {} 天后", "{} day(s) after publication";

    // Accounts
    accounts_lead: "工作人员的账号。新账号和重置密码都会得到一次性密码，本人首次登录时须改为自己的密码。", "The accounts of the staff. New accounts and reset passwords come with a one-time password, which has to be replaced at the first sign-in.";
    accounts_none: "没有符合条件的账号。", "No account is like that.";
    accounts_back: "返回账号列表", "Back to the accounts";
    accounts_back_undone: "不继续，返回账号", "Back to the accounts without it";
    account_new: "新账号", "A new account";
    account_id_hint: "小写字母、数字和连字符，最多 40 个字符；建立后不能更改。", "Small letters, digits and hyphens, at most 40. It cannot be changed later.";
    account_name: "姓名", "Name";
    account_role: "角色", "Role";
    account_department_hint: "只有承办人属于某个单位。", "For officers, who belong to one; for nobody else.";
    account_make: "建立账号", "Make the account";
    account_made: "账号已建立", "The account is made";
    account_tell: "请当面或打电话告诉本人。一次性密码只显示这一次，首次登录时须改为自己的密码。", "Tell the person face to face or by telephone. The one-time password is shown this once, and has to be replaced at the first sign-in.";
    account_one_time: "一次性密码", "One-time password";
    account_one_time_kept: "一次性密码尚未更换", "The one-time password is not replaced yet";
    account_open: "打开这个账号", "Open the account";
    account_active: "可以登录", "Can sign in";
    account_disabled: "已停用", "Disabled";
    account_own: "这是您自己的账号：更换角色、重置密码或停用，会结束您自己的登录。", "This is your own account: another role, a reset password or disabling it ends your own sessions.";
    account_data: "资料", "Who it is";
    account_keep: "保存", "Save";
    account_kept: "已保存。", "Saved.";
    account_signed_out: "更换角色、单位，会结束该账号现有的登录。", "Another role or department ends the sessions of the account.";
    account_now: "现在是：{}", "It is now: {}";
    account_no_department: "无", "none";
    account_reset: "重置密码", "Reset the password";
    account_reset_lead: "原密码立即失效，现有的登录全部结束，登录失败的锁定也随之解除；新的一次性密码只显示一次。", "The old password and all sessions end at once, a lock after failed sign-ins too. The new one-time password is shown once.";
    account_was_reset: "密码已重置", "The password is reset";
    account_disable: "停用账号", "Disable the account";
    account_disable_lead: "停用后不能登录，现有的登录立即结束。办理记录不变，以后可以再启用。", "It can no longer sign in, and its sessions end at once. Its history stays, and it can be enabled again.";
    account_was_disabled: "账号已停用，现有的登录已结束。", "The account is disabled, and its sessions have ended.";
    account_enable: "启用账号", "Enable the account";
    account_enable_lead: "启用后可以凭原来的密码登录。", "It can sign in again with its old password.";
    account_was_enabled: "账号已启用。", "The account is enabled.";
    account_link: "统一身份认证", "Identity provider";
    account_linked: "已关联统一身份认证", "Linked with the identity provider";
    account_subject: "该人员在统一身份认证的标识", "The identity provider's identifier of the person";
    account_subject_hint: "尚未关联的人在统一身份认证登录后，登录页会显示这个标识。", "The sign-in page shows it to whoever signs in there and is not linked yet.";
    account_link_keep: "关联", "Link them";
    account_unlink: "解除关联", "End the link";

    // Forms
    optional: "（可不填）", "(optional)";
    choose: "请选择", "Choose";
    yes: "是", "Yes";
    no: "否", "No";
    field_outcome: "告知的情形", "Outcome";
    field_outcome_of_follow_up: "办理结果", "What came of it";
    field_order: "督办要求", "What is to be done";
    field_return_basis: "依据（责任清单条目或规定）", "Basis: the rule by which it is not yours";
    field_reason: "理由", "Reason";
    field_into: "并入的件的编号", "Number of the case in which it goes on";
    field_category: "类别", "Category";
    field_co_department: "协办单位", "Department that takes part";
    field_department: "承办单位", "Department that leads";
    field_co_handling: "协办单位，可多选", "Departments that take part";
    field_suggested: "建议的承办单位", "Whose it is";
    field_question: "请市民补充什么", "What the citizen is asked";
    field_answer: "答复内容", "Answer";
    field_facts: "市民补充的情况", "What the citizen adds";
    field_basis: "依据，每行一条", "Basis, one on each line";
    field_cuts: "还要从公开副本隐去的字句，每行一条（可在左侧选中文字后按 c）", "What else to cut from the public copy, one phrase on each line (select text and press c)";
    field_contact: "咨询联系人和电话", "Whom the citizen can ask";
    field_days_granted: "批准的工作日", "Working days granted";
    field_days: "申请的工作日", "Working days";
    field_grade: "满意程度", "Grade";
    field_solved: "事情解决了吗", "Is the matter solved?";
    field_comment: "市民的话", "In the citizen's words";
    outcome_emergency_line: "紧急情况，请拨打 110、119、120", "An emergency: call 110, 119 or 120";
    outcome_legal_route: "应通过诉讼、仲裁、复议等途径解决", "For the courts, arbitration or review";
    outcome_no_new_facts: "已办结，没有新的事实", "Settled, no new facts";
    outcome_secret: "涉及国家秘密、商业秘密或个人隐私", "State or trade secrets, or somebody's privacy";
    outcome_out_of_scope: "不属于受理范围", "Out of scope";
    outcome_unlawful: "违反法律或公序良俗", "Unlawful";
    outcome_spam: "疑似广告或无意义内容", "It looks like advertising or noise";

    // Keys
    help_title: "快捷键", "Keys";
    help_lead: "所有操作都可以只用键盘完成；在输入框内单键不起作用。", "Everything can be done by keyboard alone. Single keys do nothing while you type.";
    help_key: "按键", "Key";
    help_does: "作用", "What it does";
    key_help: "显示这一页", "Show this sheet";
    key_rows: "下一件、上一件", "Next and previous case of the list";
    key_choose: "选中或取消选中", "Choose the case, or not";
    key_open: "打开", "Open it";
    key_next: "办完后到队列里的下一件", "After a case, the next one of the queue";
    key_back: "办完后回到队列", "After a case, back to the queue";
    key_queues: "到待办", "To the queues";
    key_new: "电话录入", "Phone entry";
    key_search: "到筛选", "To the filters";
    key_actions: "打开第几项办理表单", "Open the form of that place";
    key_accept: "采用机器的第一建议", "Take the machine's first suggestion";
    key_cut: "把选中的文字加入要隐去的字句", "Cut the selected text from the public copy";
    key_send: "提交正在填写的表单", "Send the form that you are in";
    key_leave: "离开输入框", "Leave the field";
} }

impl Words {
    /// What a contact may be shown for: names of the interface with their texts.
    pub fn purposes(&self) -> [(&'static str, &'static str); 4] {
        [
            ("call", self.purpose_call),
            ("verify", self.purpose_verify),
            ("follow-up", self.purpose_follow_up),
            ("urgent", self.purpose_urgent),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn every_text_is_there_and_has_the_same_places_to_fill() {
        let faults = pages::words::faults(ALL);
        assert!(faults.is_empty(), "{faults:?}");
    }
}
