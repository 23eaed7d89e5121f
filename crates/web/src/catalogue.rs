//! The texts of the API for users, Chinese and English, in one place.

use crate::language::Language;

/// Code, title and advice of a problem: Chinese, then English.
#[rustfmt::skip]
const PROBLEMS: &[(&str, [&str; 2], [&str; 2])] = &[
    ("bad-path", ["地址有误", "地址中有不能识别的字符，请检查后重试。"], ["The address is malformed", "The address has characters that cannot be read. Check it and try again."]),
    ("bad-json", ["内容不是有效的 JSON", "请以 UTF-8 编码的 JSON 对象提交。"], ["The body is not valid JSON", "Send one JSON object, encoded in UTF-8."]),
    ("incomplete", ["内容没有完整到达", "连接中断或等待过久，请重新提交。"], ["The body did not arrive whole", "The connection broke or was too slow. Send it again."]),
    ("bad-query", ["查询参数有误", "请检查地址中问号后的参数。"], ["A query parameter is malformed", "Check what follows the question mark of the address."]),
    ("media-type", ["内容类型不支持", "请以 application/json 提交。"], ["The media type is not supported", "Send application/json."]),
    ("too-large", ["内容过大", "请缩短文字或减少附件后重试。"], ["The body is too large", "Shorten the text or attach fewer files."]),
    ("invalid", ["有内容需要修改", "请按下面逐项的说明修改后重新提交。"], ["Something needs to be corrected", "Correct what is listed and send it again."]),
    ("unauthorized", ["需要登录", "请先登录；如已登录，登录可能已过期。"], ["Sign in first", "Sign in. If you were signed in, the session may have ended."]),
    ("wrong-login", ["账号或密码不正确", "请检查后重试；忘记密码请联系管理员。"], ["Wrong account or password", "Check both and try again. An administrator can set a new password."]),
    ("provider-away", ["统一身份认证暂时不可用", "请稍后再试，或使用本系统的账号和密码登录。"], ["The identity provider cannot be reached", "Try again in a moment, or sign in with your account and password here."]),
    ("provider-denied", ["没有在统一身份认证完成登录", "您取消了登录，或者对方没有同意。请重新登录，或使用本系统的账号和密码。"], ["The sign-in was not completed at the identity provider", "You cancelled it, or the provider did not agree. Sign in again, or use your account and password here."]),
    ("identity-refused", ["不能确认您的身份", "统一身份认证返回的信息没有通过核对。请重新登录；如果再次出现，请联系管理员。"], ["Your identity could not be confirmed", "What the identity provider sent did not pass the checks. Sign in again; if it happens again, tell an administrator."]),
    ("unknown-subject", ["您的身份还没有关联账号", "请把下面的标识告诉管理员，由管理员关联到您的账号；或使用本系统的账号和密码登录。"], ["No account is linked with your identity", "Give the identifier below to an administrator, who links it with your account; or sign in with your account and password here."]),
    ("sign-in-expired", ["这次登录已经失效", "登录只能使用一次，并须在十分钟内、在同一个浏览器中完成。请重新登录。"], ["This sign-in is no longer valid", "A sign-in works once, within ten minutes and in one browser. Begin again."]),
    ("too-many-filters", ["保存的筛选太多", "最多保存 20 个，请先删除不用的。"], ["Too many kept filters", "At most 20 are kept. Forget one that you no longer use."]),
    ("too-many-templates", ["模板太多", "每个单位最多 100 个，请先删除不用的。"], ["Too many templates", "A department keeps at most 100. Delete one that is no longer used."]),
    ("prove-again", ["请再次确认身份", "查看完整联系方式、修改账号和密钥前，需要重新输入密码（POST /api/session/proof）或在统一身份认证再登录一次。"], ["Prove again who you are", "Contacts in the clear, accounts and keys take a fresh proof: your password (POST /api/session/proof), or another sign-in at the identity provider."]),
    ("password-change", ["需要先修改密码", "请先将一次性密码改为自己的密码。"], ["Change the password first", "Replace the one-time password by one of your own."]),
    ("forbidden", ["没有权限", "您的身份不能进行这项操作。"], ["Not allowed", "Your role may not do this."]),
    ("other-department", ["不属于本单位", "该件由其他单位办理。"], ["With another department", "The case is with another department."]),
    ("not-found", ["没有找到", "没有这一内容，或者编号、查询码不正确。"], ["Not found", "There is no such thing, or the number or query code is wrong."]),
    ("method", ["不支持这种请求方法", "请按接口文档使用。"], ["The method is not allowed", "See the documentation of the API."]),
    ("state", ["目前的状态不能进行这项操作", "该件可能已由他人处理，请刷新后查看。"], ["Not possible in the present state", "Somebody else may have acted on the case. Load it again."]),
    ("stale", ["内容已被他人修改", "在您提交之前该件已有变化，请刷新后再决定。"], ["The case has changed meanwhile", "It changed before your request came. Load it again and decide anew."]),
    ("stale-account", ["账号已被他人修改", "在您提交之前该账号已有变化，请看过现在的内容后再决定。"], ["The account has changed meanwhile", "It changed before your request came. Look at it as it is now and decide anew."]),
    ("duplicate", ["请勿重复提交", "同样的内容刚刚已经收到，请用收到的编号和查询码查询。"], ["Already received", "The same message was received a moment ago. Use the number and query code that you got."]),
    ("in-progress", ["正在处理", "同一请求正在处理，请稍后再试。"], ["In progress", "The same request is being handled. Try again in a moment."]),
    ("key-reused", ["幂等键已用于其他内容", "请为不同的内容使用新的 Idempotency-Key。"], ["The idempotency key was used before", "Use a new Idempotency-Key for a different message."]),
    ("two-persons", ["答复人不能审核自己的答复", "请由另一位审核员审核。"], ["The author may not review the answer", "Another reviewer has to decide."]),
    ("returned-before", ["不能再次退单", "每个单位只能退单一次，裁定后不能再退。"], ["Cannot be returned again", "A department may return a case once, and none after adjudication."]),
    ("must-be-adjudicated", ["退单需要裁定", "该件已被退回，请作出裁定。"], ["Must be adjudicated", "A department returned the case: adjudicate it."]),
    ("not-disputed", ["没有需要裁定的退单", "该件没有被退回。"], ["Nothing to adjudicate", "The case was not returned."]),
    ("no-extension-pending", ["没有待批的延期申请", "该件没有延期申请。"], ["No extension was requested", "There is no request for more time."]),
    ("extension-pending", ["延期申请待批", "已有延期申请正在等待批准。"], ["An extension request is pending", "There is a request for more time already."]),
    ("extension-late", ["已过申请延期的时间", "延期须在期限届满前提出。"], ["Too late for an extension", "More time must be asked for before the deadline."]),
    ("not-extendable", ["期限不能延长", "适用的时限规定不允许延期。"], ["Cannot be extended", "The rule that applies to the case allows no extension."]),
    ("not-held", ["该件没有被搁置", "无需放行。"], ["The case is not held", "There is nothing to let through."]),
    ("already-emergency", ["该件已列为紧急", "无需再次列为紧急。"], ["The case is an emergency already", "There is no need to declare it one again."]),
    ("not-emergency", ["该件不是紧急件", "没有可以解除的紧急。"], ["The case is no emergency", "There is no emergency to end."]),
    ("no-follow-up", ["没有待办的后续事项", "该件没有答复后要办的事项，或者已经办完。"], ["No follow-up is planned", "Nothing is left to be done after the answer."]),
    ("not-public", ["该件没有公开", "没有公开的内容可以撤下。"], ["The case is not public", "There is no public copy to take off."]),
    ("last-admin", ["至少要有一位管理员", "这是最后一位可用的管理员，不能停用或更换角色。"], ["An administrator must remain", "This is the last administrator who can sign in."]),
    ("too-many-logins", ["登录失败次数过多", "请稍后再试，或联系管理员。"], ["Too many failed sign-ins", "Try again later, or ask an administrator."]),
    ("too-many", ["提交过于频繁", "请稍后再试；急事请拨打电话。"], ["Too many requests", "Try again later. Call if it is urgent."]),
    ("window-closed", ["已过办理时限", "评价或重新办理的时间已过，可以提交新的诉求。"], ["The time for this is over", "Too late to rate or reopen; you may send a new message."]),
    ("unsigned", ["需要签名", "请用本部门发布人的密钥签名：wenzheng handler … --platform。"], ["Not signed", "Sign it with the key of a publisher of the department, as wenzheng handler … --platform does."]),
    ("wrong-signature", ["签名不符", "签名与所示密钥、与目前状况下的这一指令不符：内容可能被改动，或者签的是别的指令。"], ["The signature is wrong", "It is not one of this key for this order as things stand: something was changed on the way, or another order was signed."]),
    ("clock", ["签名时间不符", "签名时间与平台时间相差超过五分钟，请校准时钟后重新签名。"], ["The signature is too old or too new", "It was signed more than five minutes from the platform's time. Set the clock and sign again."]),
    ("not-publisher", ["该密钥不能为本部门发布", "请由平台运维人员登记公钥：wenzheng handler key add。"], ["This key may not publish for the department", "The platform's operator can register it: wenzheng handler key add."]),
    ("revoked-key", ["密钥已吊销", "请使用仍然有效的密钥。"], ["The key was revoked", "Use one that is in force."]),
    ("unknown-department", ["没有这个单位", "请核对单位代码，GET /api/district 列出全部单位。"], ["There is no such department", "Check its identifier; GET /api/district lists all departments."]),
    ("stale-order", ["指令已过时", "签名之后该部门的处理程序已有变动，请读取最新状况后重新签名。"], ["The order is out of date", "Something else was ordered for the department since it was signed. Read how things stand and sign anew."]),
    ("delivered-before", ["该指令已经收到", "同一签名只能使用一次，请查看它的审查结论。"], ["This order was received before", "A signature counts once. See what became of it."]),
    ("not-application-wasm", ["内容类型不支持", "请以 application/wasm 提交组件。"], ["The media type is not supported", "Send the component as application/wasm."]),
    ("not-component", ["内容不是 WebAssembly 组件", "请提交 wenzheng handler build 生成的组件。"], ["This is no WebAssembly component", "Send what wenzheng handler build makes."]),
    ("nothing-on-trial", ["没有试运行的版本", "请先以部分份额发布。"], ["Nothing is on trial", "Publish a release for a share of the cases first."]),
    ("nothing-to-confirm", ["没有待确认的内容", "也没有正在使用的版本。"], ["Nothing waits to be confirmed", "Nor does any release decide anything."]),
    ("nothing-earlier", ["没有可以退回的版本", "可以停用，由平台默认程序处理。"], ["There is no earlier release", "Disabling lets the platform's default decide."]),
    ("never-published", ["该版本没有发布过", "请从历史中选择发布过的版本。"], ["That release was never published", "Choose one from the history."]),
    ("nothing-decides", ["没有正在使用的处理程序", "该部门目前由平台默认程序处理。"], ["No handler decides anything", "The platform's default decides for the department already."]),
    ("second-publisher", ["需要第二位发布人", "提出的人不能自己确认，请由另一位持有自己密钥的发布人确认。"], ["A second publisher is needed", "Who proposed it cannot confirm it: another publisher with a key of their own has to."]),
    ("version-taken", ["版本号已被使用", "该版本号已发布过其他内容，请使用新的版本号。"], ["The version was published before", "It has other content. Give the new one a version of its own."]),
    ("unavailable", ["服务暂时不可用", "请稍后再试，已提交的内容不会丢失。"], ["Temporarily unavailable", "Try again in a moment. Nothing that was accepted is lost."]),
    ("internal", ["系统出错", "问题已经记录，请稍后再试；如仍不行，请电话联系并告知请求编号。"], ["Something went wrong", "It has been recorded. Try again later, or call and quote the request id."]),
];

/// Code of what is wrong with a field: Chinese, then English. `{}` stands
/// for the limit.
#[rustfmt::skip]
const FIELDS: &[(&str, &str, &str)] = &[
    ("required", "此项必填", "is required"),
    ("empty", "此项不能为空", "must not be empty"),
    ("too-long", "最多 {} 个字", "may have at most {} characters"),
    ("too-short", "至少 {} 个字", "must have at least {} characters"),
    ("too-many-items", "最多 {} 项", "may have at most {} items"),
    ("unknown-field", "没有这一项", "is not known"),
    ("wrong-type", "类型或格式不正确", "has the wrong type or form"),
    ("unknown-value", "没有这个选项", "is not one of the known values"),
    ("control-character", "含有不可显示的控制字符", "contains control characters"),
    ("encoding", "编码有误，须为百分号编码的 UTF-8", "is not percent-encoded UTF-8"),
    ("phone", "电话号码不正确", "is not a telephone number"),
    ("email", "电子邮箱不正确", "is not an e-mail address"),
    ("base64", "附件编码不正确", "is not base64"),
    ("file-type", "只支持 JPEG、PNG、WebP 图片和 PDF", "must be a JPEG, PNG or WebP image or a PDF"),
    ("file-broken", "文件已损坏", "is damaged"),
    ("file-pixels", "图片最多 {} 像素", "may have at most {} pixels"),
    ("file-encrypted", "文件已加密，请去除密码后重新上传", "is encrypted: remove the password and send it again"),
    ("file-size", "文件最大 {} MB", "may have at most {} MB"),
    ("cursor", "翻页标记不正确", "is not a cursor of this list"),
    ("date", "日期应为 YYYY-MM-DD", "must be a date as YYYY-MM-DD"),
    ("range", "数值超出范围", "is out of range"),
    ("self", "不能是该件自身", "must be another case"),
    ("weak-password", "密码至少 {} 个字符，且不能是常见密码", "needs at least {} characters and must not be a common one"),
    ("wrong-password", "当前密码不正确", "is not the present password"),
    ("unchanged", "须与当前的不同", "must differ from the present one"),
    ("not-for-role", "该角色不能填写此项", "is not for this role"),
    ("account-id", "只能用小写字母、数字和连字符，最多 40 个字符", "may have small letters, digits and hyphens only, at most 40"),
    ("not-open", "该件已办结或已并入其他件", "is closed or merged itself"),
    ("idempotency-key", "须为 1 至 255 个可见的 ASCII 字符", "must be 1 to 255 visible ASCII characters"),
    ("exists", "已经存在", "exists already"),
    ("subject", "不是统一身份认证的标识", "is no identifier of the identity provider"),
    ("no-provider", "没有配置统一身份认证", "no identity provider is configured"),
    ("department", "没有这个单位", "is not a department"),
    ("category", "没有这个类别", "is not a category"),
    ("public-key", "须为 base64 编码的 Ed25519 公钥", "must be an Ed25519 public key in base64"),
    ("signature", "须为 base64 编码的 64 字节签名", "must be a signature of 64 bytes in base64"),
    ("time", "须为 RFC 3339 时间", "must be a time as RFC 3339 has it"),
    ("content-digest", "须为 RFC 9530 的 sha-256=:…:", "must be sha-256=:…: as RFC 9530 has it"),
    ("other-digest", "与收到的内容不符", "is not the digest of what arrived"),
    ("endpoint", "须为 http://主机:端口 形式的地址", "must be an address like http://host:port, without a path"),
    ("not-for-order", "不属于这种指令", "does not belong to this order"),
];

/// What became of a handler that was handed in: Chinese, then English.
#[rustfmt::skip]
const VERDICTS: &[(&str, &str, &str)] = &[
    ("waiting", "等待平台的加载程序审查", "waiting for the platform's loader"),
    ("published", "已通过审查并生效", "it passed the gate and is in force as ordered"),
    ("proposed", "已通过审查，等待第二位发布人确认", "it passed the gate and waits for a second publisher"),
    ("refused", "没有通过审查", "it did not pass the gate"),
    ("overtaken", "审查期间另有指令，请重新提交", "something else was ordered meanwhile; hand it in again"),
    ("replaced", "已被后来提交的取代", "something newer was handed in"),
];

/// Kind of an event as the timeline shows it: Chinese, then English.
#[rustfmt::skip]
const TIMELINE: &[(&str, &str, &str)] = &[
    ("received", "已收到", "Received"),
    ("admitted", "已受理", "Admitted"),
    ("declined", "不予受理", "Not taken on"),
    ("explained", "已告知", "Explained"),
    ("withdrawn", "已撤回", "Withdrawn"),
    ("merged", "已并入其他件", "Merged into another case"),
    ("unmerged", "已恢复单独办理", "Handled on its own again"),
    ("classified", "已分类", "Classified"),
    ("assigned", "已转办", "Passed on to the department"),
    ("transferred", "已改派", "Transferred to another department"),
    ("returned", "承办单位退回", "Returned by the department"),
    ("adjudicated", "已裁定承办单位", "Department decided"),
    ("co-handling-added", "增加协办单位", "Another department takes part"),
    ("drafted", "已查询知识库", "Knowledge base consulted"),
    ("accepted", "承办单位已接收", "Accepted by the department"),
    ("asked", "请补充情况", "Asked for more facts"),
    ("replied", "已补充情况", "Facts received"),
    ("supplemented", "补充了情况", "Facts added"),
    ("resumed", "继续办理", "Handling goes on"),
    ("answered", "已答复，待审核", "Answered, to be reviewed"),
    ("extension-requested", "申请延期", "More time requested"),
    ("extension-granted", "已批准延期", "More time granted"),
    ("extension-refused", "未批准延期", "More time refused"),
    ("examined", "正在审核", "Under review"),
    ("approved", "审核通过", "Approved"),
    ("sent-back", "退回修改", "Sent back for revision"),
    ("published", "已发布", "Published"),
    ("rated", "已评价", "Rated"),
    ("closed-solved", "已办结：解决", "Closed: solved"),
    ("closed-unsolved", "已办结：未解决", "Closed: not solved"),
    ("reopened", "重新办理", "Reopened"),
    ("reconsidered", "重新受理", "Taken on after all"),
    // For staff only.
    ("classification-abstained", "自动分类不确定，待人工分类", "Left to a person to classify"),
    ("routing-abstained", "自动转办不确定，待人工转办", "Left to a person to pass on"),
    ("draft-refused", "知识库没有合适的答复", "The knowledge base has no answer"),
    ("emergency-declared", "列为紧急", "Declared an emergency"),
    ("emergency-ended", "解除紧急", "The emergency is over"),
    ("supervised", "督办", "Pressed for"),
    ("follow-up-planned", "安排答复后的事项", "Follow-up planned"),
    ("followed-up", "答复后的事项已办", "Followed up"),
    ("retracted", "已撤下公开内容", "Public copy taken off"),
];

/// Name of a state: Chinese, then English.
#[rustfmt::skip]
const STATES: &[(&str, &str, &str)] = &[
    ("received", "已收到", "Received"),
    ("classified", "已分类", "Classified"),
    ("assigned", "已转办", "With the department"),
    ("handling", "办理中", "Being handled"),
    ("waiting-citizen", "待补充情况", "Waiting for you"),
    ("answered", "待审核", "Answer under review"),
    ("reviewed", "待发布", "About to be published"),
    ("published", "已答复", "Answered"),
    ("rated", "待回访", "To be called back"),
    ("closed-solved", "已办结：解决", "Closed: solved"),
    ("declined", "不予受理", "Not taken on"),
    ("withdrawn", "已撤回", "Withdrawn"),
    ("merged", "已并入其他件", "Merged into another case"),
    ("closed-unsolved", "已办结：未解决", "Closed: not solved"),
    ("explained", "已告知", "Explained"),
];

/// What an action does, for those who may take it: Chinese, then English.
#[rustfmt::skip]
const ACTIONS: &[(&str, &str, &str)] = &[
    ("admit", "受理", "Let it through"),
    ("decline", "不予受理", "Do not take it on"),
    ("explain", "告知", "Explain"),
    ("withdraw", "撤回", "Withdraw"),
    ("merge", "并入其他件", "Merge into another case"),
    ("unmerge", "恢复单独办理", "Handle on its own again"),
    ("declare-emergency", "列为紧急", "Declare an emergency"),
    ("end-emergency", "解除紧急", "End the emergency"),
    ("classify", "分类", "Classify"),
    ("assign", "转办", "Pass on to a department"),
    ("transfer", "改派", "Transfer to another department"),
    ("return", "退单", "Return to the centre"),
    ("adjudicate", "裁定承办单位", "Decide on the department"),
    ("co-handle", "增加协办单位", "Let another department take part"),
    ("accept", "接收", "Accept"),
    ("ask", "请求补充情况", "Ask for more facts"),
    ("reply", "回复补充情况", "Give the facts asked for"),
    ("supplement", "补充情况", "Add facts"),
    ("resume", "继续办理", "Go on"),
    ("answer", "答复", "Answer"),
    ("request-extension", "申请延期", "Ask for more time"),
    ("grant-extension", "批准延期", "Grant more time"),
    ("refuse-extension", "不批准延期", "Refuse more time"),
    ("supervise", "督办", "Press for it"),
    ("approve", "审核通过", "Approve"),
    ("send-back", "退回修改", "Send back for revision"),
    ("follow-up", "答复后的事项已办", "Followed up"),
    ("publish", "发布", "Publish"),
    ("retract", "撤下公开内容", "Take off the public copy"),
    ("rate", "评价", "Rate"),
    ("close-solved", "办结：解决", "Close as solved"),
    ("close-unsolved", "办结：未解决", "Close as not solved"),
    ("reopen", "要求重新办理", "Reopen"),
    ("reconsider", "重新受理", "Take it on after all"),
];

/// Other names that forms and pages show: Chinese, then English.
#[rustfmt::skip]
const NAMES: &[(&str, &str, &str)] = &[
    ("open", "办理中", "Open"),
    ("solved", "已答复", "Answered"),
    ("not-solved", "未解决", "Not solved"),
    ("complaint", "政务投诉", "Complaint about an authority"),
    ("consultation", "政策咨询", "Question about policy"),
    ("help", "民生求助", "Request for help"),
    ("report", "投诉举报", "Report against a third party"),
    ("suggestion", "建议", "Suggestion"),
    ("very-dissatisfied", "非常不满意", "Very dissatisfied"),
    ("dissatisfied", "不满意", "Dissatisfied"),
    ("fairly-satisfied", "基本满意", "Fairly satisfied"),
    ("satisfied", "满意", "Satisfied"),
    ("very-satisfied", "非常满意", "Very satisfied"),
];

/// Name of a role: Chinese, then English.
#[rustfmt::skip]
const ROLES: &[(&str, &str, &str)] = &[
    ("operator", "值机员", "Operator"),
    ("officer", "承办人", "Officer"),
    ("reviewer", "审核员", "Reviewer"),
    ("supervisor", "督办员", "Supervisor"),
    ("leader", "领导", "Leader"),
    ("duty", "值班室", "Duty desk"),
    ("reporter", "新闻", "Press"),
    ("admin", "管理员", "Administrator"),
];

/// What the citizen agrees to with `consent.publish`: Chinese, then English.
pub const CONSENT_TO_PUBLISH: [&str; 2] = [
    "同意公开：经隐去姓名、电话、证件号码、住址等个人信息后，诉求和答复内容可以在网站公开。不同意的，只有您本人凭查询码可以查看答复。",
    "I agree to publication: the message and its answer may be shown on the site after names, telephone numbers, identity numbers, addresses and other personal data have been cut out. Otherwise nobody but you can read the answer, with the query code.",
];

/// Title and advice of the problem `code`.
pub fn problem(code: &str, language: Language) -> (&'static str, &'static str) {
    let (_, chinese, english) = PROBLEMS
        .iter()
        .find(|(name, ..)| *name == code)
        .unwrap_or(&PROBLEMS[PROBLEMS.len() - 1]);
    match language {
        Language::Chinese => (chinese[0], chinese[1]),
        Language::English => (english[0], english[1]),
    }
}

/// What is wrong with a field.
pub fn field(code: &str, limit: Option<u64>, language: Language) -> String {
    let text = FIELDS
        .iter()
        .find(|(name, ..)| *name == code)
        .map_or(code, |(_, chinese, english)| {
            language.pick(chinese, english)
        });
    match limit {
        Some(limit) if code == "file-size" => text.replace("{}", &megabytes(limit)),
        Some(limit) => text.replace("{}", &limit.to_string()),
        None => text.to_owned(),
    }
}

/// A number of bytes in units of 1,048,576, with a decimal where it needs one,
/// rounded down: what is said to fit fits.
pub fn megabytes(bytes: u64) -> String {
    let tenths = bytes * 10 / (1024 * 1024);
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        tenth => format!("{}.{tenth}", tenths / 10),
    }
}

/// The line of the timeline for an event of `kind`.
pub fn timeline(kind: &str, language: Language) -> &str {
    TIMELINE
        .iter()
        .find(|(name, ..)| *name == kind)
        .map_or(kind, |(_, chinese, english)| {
            language.pick(chinese, english)
        })
}

/// The name of a state.
pub fn state(name: &str, language: Language) -> &str {
    pick(STATES, name, language)
}

/// What an action does.
pub fn action(name: &str, language: Language) -> &str {
    pick(ACTIONS, name, language)
}

/// The name of a family of states, a kind of case or a grade.
pub fn name(name: &str, language: Language) -> &str {
    pick(NAMES, name, language)
}

/// What a verdict on a handler that was handed in means.
pub fn verdict(name: &str, language: Language) -> &str {
    pick(VERDICTS, name, language)
}

/// The name of a role.
pub fn role(name: &str, language: Language) -> &str {
    pick(ROLES, name, language)
}

fn pick<'a>(
    table: &[(&str, &'static str, &'static str)],
    name: &'a str,
    language: Language,
) -> &'a str {
    table
        .iter()
        .find(|(other, ..)| *other == name)
        .map_or(name, |(_, chinese, english)| {
            language.pick(chinese, english)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use case::State;
    use case::lifecycle::TABLE;

    #[test]
    fn limits_of_files_are_said_in_megabytes() {
        assert_eq!(
            field("file-size", Some(5_242_880), Language::English),
            "may have at most 5 MB"
        );
        assert_eq!(
            (megabytes(1_600_000), megabytes(0)),
            ("1.5".to_owned(), "0".to_owned())
        );
    }

    #[test]
    fn every_state_and_action_has_a_name() {
        for role in case::Role::ALL {
            assert_ne!(super::role(role.name(), Language::Chinese), role.name());
        }
        for state in State::ALL {
            assert!(
                STATES.iter().any(|(name, ..)| *name == state.name()),
                "{}",
                state.name()
            );
        }
        for row in TABLE {
            assert!(
                ACTIONS.iter().any(|(name, ..)| *name == row.name),
                "{}",
                row.name
            );
        }
    }
}
