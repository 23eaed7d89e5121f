//! The texts of the pages, Chinese and English side by side.
//!
//! A text that is missing in a language does not compile. What other functions
//! say (states, problems, names) comes from them in the reader's language.

use pages::words;

#[rustfmt::skip]
words! { Words {
    // The frame of every page
    nav_home: "首页", "Home";
    nav_ask: "我要提问", "Ask";
    nav_follow: "查询进度", "Follow";
    nav_cases: "阳光E政", "Open cases";
    nav_departments: "单位", "Departments";
    nav_knowledge: "知识库", "Knowledge";
    nav_statistics: "数据", "Figures";
    footer_phone: "也可以拨打电话，二十四小时有人接听：", "You can also call, day and night:";
    footer_urgent: "遇到危险请直接拨打 110、119 或 120。", "In danger, call 110, 119 or 120 at once.";
    footer_feed: "订阅公开办件（Atom）", "Feed of published cases (Atom)";
    footer_api: "接口说明", "API description";

    // Home
    home_title: "有事情，问得到，有回音", "Ask, and be answered";
    home_lead: "咨询、求助、投诉、建议，都可以在这里提出。每一步由谁办理、什么时候办结，您随时看得到。", "Questions, requests for help, complaints and suggestions. You can see at any time who holds your case and by when it must be answered.";
    home_ask: "我要提问", "Ask a question";
    home_ask_note: "大约两分钟，可以不留姓名", "About two minutes; no name needed";
    home_follow: "查询我的办件", "Follow my case";
    home_search: "先找找看有没有现成的答案", "Perhaps it has been answered already";
    home_latest: "最新公开的答复", "Latest published answers";
    home_all: "查看全部", "See all";
    home_none: "还没有公开的答复。", "Nothing has been published yet.";
    home_figures: "近三十天", "The last thirty days";
    figure_received: "收到", "Received";
    figure_published: "答复", "Answered";
    figure_rated: "评价", "Rated";
    figure_reopened: "重新办理", "Reopened";
    figure_self_answered: "直接答复率", "Answered at once";
    figure_satisfaction: "满意率", "Satisfied";
    figure_response_rate: "参评率", "Share rated";
    figure_solved: "解决率", "Solved";
    home_more_figures: "全部数据", "All figures";
    home_how: "怎样办理", "How it works";
    home_how_1: "您提出问题，当场得到编号和查询码。", "You ask, and get a number and a query code at once.";
    home_how_2: "系统分类、转给责任单位；拿不准的由工作人员判断。", "The question is classified and passed to the department in charge; people decide where it is unclear.";
    home_how_3: "单位在期限内答复，由另一人审核。", "The department answers in time, and a second person reviews the answer.";
    home_how_4: "您评价；没有解决，可以要求重新办理。", "You rate it; if nothing is solved, you can have it reopened.";

    // Search and list
    search: "搜索", "Search";
    search_words: "关键词", "Words";
    list_title: "公开的办件", "Published cases";
    list_lead: "经本人同意、隐去个人信息后公开的问题和答复。", "Questions and answers, published with the citizen's consent and without personal data.";
    filter: "筛选", "Narrow down";
    filter_department: "单位", "Department";
    filter_category: "类别", "Category";
    filter_kind: "类型", "Kind";
    filter_division: "镇、街道", "Town or sub-district";
    filter_from: "公开日期从", "Published from";
    filter_to: "到", "to";
    filter_any: "不限", "Any";
    filter_apply: "应用", "Apply";
    filter_clear: "清除条件", "Clear";
    list_none: "没有找到符合条件的办件。可以换个说法，或者减少条件。", "Nothing was found. Try other words or fewer conditions.";
    list_none_ask: "没有找到？直接提问", "Not found? Ask";
    list_next: "下一页", "Next page";
    answer_label: "答", "Answer";
    answered_by: "答复单位", "Answered by";

    // Case
    case_number: "编号", "Number";
    case_question: "问题", "Question";
    case_answer: "答复", "Answer";
    case_answer_none: "还没有答复。", "There is no answer yet.";
    case_basis: "依据", "Basis";
    case_answer_contact: "联系方式", "Contact";
    case_self_answered: "由中心依据知识库直接答复", "Answered by the centre out of its knowledge base";
    case_division: "镇、街道", "Town or sub-district";
    case_address: "地点", "Place";
    case_received: "收到时间", "Received";
    case_published: "答复时间", "Answered";
    case_holder: "现在由谁办理", "Who holds it now";
    case_state: "目前状态", "State";
    case_deadline: "期限", "Deadline";
    deadline_standing: "等待您补充情况期间，期限暂停计算，自", "The clock stands still while facts from you are awaited, since";
    deadline_why: "期限是怎样算出来的", "How the deadline was worked out";
    case_supplements: "补充的情况", "Facts added";
    case_attachments: "附件", "Files";
    case_contact: "您的联系方式（已隐去部分）", "How to reach you (partly hidden)";
    case_contact_none: "没有留联系方式", "None given";
    case_timeline: "办理过程", "What happened";
    case_openings: "工作人员查看记录", "Who of the staff opened it";
    case_openings_none: "还没有工作人员打开过。", "Nobody of the staff has opened it yet.";
    case_openings_count: "{} 次", "{} time(s)";
    case_openings_last: "最近", "last";
    case_details: "办件信息", "About this case";
    case_rating: "市民评价", "The citizen's rating";
    rating_solved: "已解决", "solved";
    rating_unsolved: "未解决", "not solved";
    case_explained: "答复说明", "Explanation";
    case_merged: "此件已并入：", "This case goes on in:";
    case_private: "只有您能看到这一页。", "Only you can see this page.";
    case_consented: "您同意公开；公开的是隐去个人信息的副本。", "You agreed to publication; what is published is a copy without personal data.";
    case_not_consented: "您没有同意公开，别人看不到这件事和答复。", "You did not agree to publication: nobody else sees the case or its answer.";
    case_is_public: "公开的副本已经发布。", "The public copy has been published.";
    case_leave: "退出此件", "Leave this case";
    case_leave_note: "在公用设备上，看完后请退出。", "On a shared device, leave when you are done.";
    case_print: "需要留存？可以用浏览器的打印功能打印或存为 PDF。", "To keep it, print this page or save it as a PDF with your browser.";
    case_hidden_title: "这一件没有公开", "This case is not public";
    case_hidden: "没有这个编号，或者这一件没有公开。如果是您自己的办件，请输入查询码。", "There is no such number, or the case is not public. If it is yours, enter its query code.";
    actions_title: "您可以", "What you can do";
    supplement_title: "补充情况", "Add facts";
    supplement_label: "还有什么要告诉承办单位？", "What else should the department know?";
    supplement_send: "提交补充", "Send";
    reply_title: "回复承办单位的问题", "Answer the department's question";
    reply_label: "您的回复", "Your reply";
    reply_send: "提交回复", "Send the reply";
    withdraw_title: "撤回", "Withdraw";
    withdraw_note: "撤回后不再办理，也不能恢复；以后可以重新提出。", "A withdrawn case is not handled any more, and this cannot be undone. You can ask again later.";
    withdraw_send: "确认撤回", "Withdraw it";
    rate_title: "评价答复", "Rate the answer";
    rate_grade: "您对答复满意吗？", "How satisfied are you with the answer?";
    rate_solved: "事情解决了吗？", "Is the matter solved?";
    rate_yes: "解决了", "Yes";
    rate_no: "没有解决", "No";
    rate_comment: "想说的话（可不填，不公开）", "Anything to say (optional, not published)";
    rate_send: "提交评价", "Send the rating";
    reopen_title: "要求重新办理", "Have it reopened";
    reopen_label: "还有什么没有解决？", "What is not solved yet?";
    reopen_send: "要求重新办理", "Reopen";
    done_supplement: "补充的情况已收到。", "Your facts have been received.";
    done_reply: "您的回复已收到，办理继续。", "Your reply has been received; handling goes on.";
    done_withdrawal: "已撤回。", "The case has been withdrawn.";
    done_rating: "谢谢您的评价。", "Thank you for rating.";
    done_reopening: "已要求重新办理。", "The case has been reopened.";

    // Ask
    ask_title: "我要提问", "Ask a question";
    ask_lead: "写清楚时间、地点和经过，答复会更快。带“可不填”的都可以空着。", "Say when, where and what: that makes the answer faster. What is marked optional may stay empty.";
    ask_section_what: "什么事", "What is it about?";
    ask_subject: "一句话说明", "In one line";
    ask_subject_hint: "例如：泰康中路的路灯不亮", "For example: street lights on Taikang Middle Road are out";
    ask_body: "具体情况", "What happened";
    ask_body_hint: "最多 {} 个字。不要写身份证号等与事情无关的个人信息。", "At most {} characters. Leave out identity numbers and other personal data that do not matter.";
    ask_kind: "类型（可不填）", "Kind (optional)";
    ask_kind_auto: "由平台判断", "Let the platform decide";
    ask_section_where: "在哪里", "Where is it?";
    ask_division: "镇、街道（可不填）", "Town or sub-district (optional)";
    ask_division_none: "不确定或不涉及", "Not sure, or none";
    ask_address: "详细地点（可不填）", "Exact place (optional)";
    ask_address_hint: "路名、门牌号、小区或路口", "Street, number, estate or crossing";
    ask_photos: "照片或文件（可不填）", "Photos or files (optional)";
    ask_photos_hint: "最多 {} 个，JPEG、PNG、WebP 图片或 PDF；照片中的拍摄地点等信息会自动去除。", "At most {}: JPEG, PNG or WebP images, or PDF. Places and other data hidden in photos are removed.";
    ask_photos_size: "每个最大 {} MB。", "At most {} MB each.";
    ask_photos_total: "合计最大 {} MB。", "At most {} MB together.";
    ask_photos_many: "最多选 {} 个文件，请去掉几个。", "At most {} files: leave some out.";
    ask_photos_large: "每个文件最大 {} MB，请换小一些的：", "Each file may have at most {} MB. Choose a smaller one instead of";
    ask_photos_together: "文件合计最大 {} MB，请去掉几个或换小一些的。", "Together, files may have at most {} MB: leave some out or choose smaller ones.";
    ask_photos_again: "请重新选择照片或文件。", "Please choose the photos or files again.";
    ask_section_who: "怎样联系您", "How to reach you";
    ask_who_hint: "都可以不填，只有经办人员看得到。不留联系方式也能凭查询码查看答复。", "All of it is optional and only seen by those who handle the case. Without it you can still read the answer with the query code.";
    ask_name: "姓名（可不填）", "Name (optional)";
    ask_phone: "电话（可不填）", "Telephone (optional)";
    ask_email: "电子邮箱（可不填）", "E-mail (optional)";
    ask_section_consent: "是否公开", "May it be published?";
    ask_send: "提交", "Send";
    preview_show: "看看公开后的样子", "See how it would look in public";
    preview_hint: "看公开后的样子不会提交，也不会保存。", "Looking at it sends nothing and keeps nothing.";
    preview_title: "公开后的样子", "How it would look in public";
    preview_cuts: "隐去了 {} 处个人信息。", "{} pieces of personal data were cut out.";
    preview_no_cuts: "没有发现需要隐去的个人信息。", "No personal data was found that would be cut out.";
    preview_empty: "还没有写内容。", "Nothing has been written yet.";
    preview_note: "这只是预览，没有保存。姓名、联系方式和附件不公开；公开前工作人员还会检查，可能再隐去一些。", "This is a preview only; nothing was kept. Your name, contact and files are not published. Before publication, staff look at it and may cut more.";
    ask_error_prefix: "有误：", "Error: ";
    ask_similar: "也许已经有答案", "Perhaps it has been answered";
    ask_draft_kept: "草稿只保存在这台设备上，不含联系方式。", "The draft is kept on this device only, without your contact.";
    ask_draft_clear: "删除草稿", "Delete the draft";

    // After sending
    sent_title: "已收到", "Received";
    sent_lead: "请记下编号和查询码，查看答复、补充情况和评价都要用到。查询码只显示这一次。", "Note down the number and the query code: you need both to read the answer, add facts and rate. The code is shown only once.";
    case_emergency: "这一件按紧急事项办理，在值班室排在普通来件之前。网络求助不能代替紧急电话。", "This is handled as an emergency and stands before all ordinary messages at the duty desk. It does not replace a call to the emergency line.";
    sent_number: "编号", "Number";
    sent_code: "查询码", "Query code";
    sent_due: "下一步的期限", "Next step due";
    sent_view: "查看办理进度", "See the case";
    sent_print: "可以截屏，或打印本页。", "Take a screenshot or print this page.";
    sent_advice: "请先看这里", "Please read this first";
    sent_personal: "您的文字里有 {} 处像是个人信息，公开前会隐去。", "Your text has {} places that look like personal data; they will be cut out before anything is published.";

    // Follow
    follow_title: "查询我的办件", "Follow my case";
    follow_lead: "输入提交时得到的编号和查询码。", "Enter the number and the query code that you got when you sent your message.";
    follow_number: "编号", "Number";
    follow_number_hint: "例如 YZ20260213-48201937", "For example YZ20260213-48201937";
    follow_code: "查询码", "Query code";
    follow_code_hint: "例如 7K2M-Q9XD-04TR，不分大小写", "For example 7K2M-Q9XD-04TR; small letters are fine";
    follow_send: "查看", "Show";
    follow_wrong: "编号或查询码不正确，请核对后重试。", "The number or the query code is wrong. Check both and try again.";
    follow_lost: "忘了查询码？请拨打 {}，核对身份后由工作人员告知进度。", "Code lost? Call {}: after checking who you are, staff tell you how the case stands.";

    // Departments, knowledge, statistics
    departments_title: "答复单位", "Departments that answer";
    departments_lead: "点开可以看该单位公开的答复。", "Each leads to the answers that it has published.";
    department_phone: "电话", "Telephone";
    department_latest: "最近公开的答复", "Latest published answers";
    department_all: "全部答复", "All its answers";
    department_none: "这个单位还没有公开的答复。", "It has not published an answer yet.";
    department_figures: "最近 30 天", "Last 30 days";
    kind_department: "区级部门", "District departments";
    kind_agency: "事业单位和机构", "Agencies";
    kind_town: "镇", "Towns";
    kind_subdistrict: "街道", "Sub-districts";
    kind_utility: "公用事业单位", "Utilities";
    kind_centre: "受理中心", "The centre";
    knowledge_title: "知识库", "Knowledge base";
    knowledge_lead: "常见问题的标准答案，由各单位维护，到期复核。", "Standard answers to common questions, kept and reviewed by the departments.";
    knowledge_all: "全部分类", "All classes";
    knowledge_none: "没有找到相关条目。", "No article was found.";
    knowledge_help: "日常求助", "Everyday help";
    knowledge_policy: "政策解答", "Policy";
    knowledge_updated: "更新于", "Updated";
    knowledge_kept_by: "维护单位", "Kept by";
    knowledge_stale: "这一条已过复核日期，内容可能有变化，请以有关单位的答复为准。", "The review of this article is overdue: details may have changed. Ask to be sure.";
    knowledge_only_chinese: "此条目前只有中文。", "This article is available in Chinese only.";
    knowledge_ask: "没有解决您的问题？", "Does this not answer your question?";
    statistics_title: "数据公开", "Figures";
    statistics_period: "{}（含首尾两日）", "{} (both days included)";
    statistics_district: "全区", "The district";
    statistics_figure: "指标", "Figure";
    statistics_value: "数值", "Value";
    statistics_departments: "各单位", "Departments";
    statistics_rank: "排名", "Rank";
    statistics_department: "单位", "Department";
    statistics_dispatched: "转办", "Passed on";
    statistics_answers: "答复数", "Answers";
    statistics_chart: "答复最多的单位", "Departments with the most answers";
    statistics_from: "从", "From";
    statistics_to: "到", "To";
    statistics_show: "显示", "Show";
    statistics_none: "这段时间没有数据。", "There are no figures for these days.";
    statistics_shares: "答复质量", "How good the answers are";
    statistics_meaning: "指标说明", "What the figures mean";
    statistics_few: "答复少于 {} 件的单位不排名。", "Departments with fewer than {} answers are not ranked.";

    // Errors
    error_what_now: "接下来可以", "What you can do";
    error_home: "回到首页", "Go to the home page";
    error_large: "照片或文件太大，没有提交", "The files are too large; nothing was sent";
    error_large_detail: "请用浏览器的“后退”回到表单，写好的文字还在；去掉几个文件，或换小一些的，再提交。", "Go back with your browser: what you wrote is still in the form. Leave some files out or choose smaller ones, and send it again.";
    field_choose: "请选择一项", "Choose one";
    field_code: "请填写查询码", "Enter the query code";
    field_number: "请填写编号", "Enter the number";
} }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_and_has_the_same_places_to_fill() {
        let faults = pages::words::faults(ALL);
        assert!(faults.is_empty(), "{faults:?}");
    }
}
