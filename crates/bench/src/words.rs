//! Messages for measuring: made of word lists written for this project, about
//! 200 characters long as real ones are, each about a matter that the
//! classifier and the router know.

/// A matter that citizens write about.
pub struct Topic {
    /// The category that it belongs to.
    pub category: &'static str,
    /// What the citizen wants.
    pub kind: &'static str,
    subjects: [&'static str; 2],
    facts: [&'static str; 4],
    wishes: [&'static str; 2],
}

/// The matters, each as likely as the others.
pub const TOPICS: [Topic; 10] = [
    Topic {
        category: "public-security.household",
        kind: "consultation",
        subjects: ["户口迁移需要哪些材料", "夫妻户口迁入的先后"],
        facts: [
            "我们夫妻都是外省户口，去年在这里买了房，想把户口迁移过来",
            "派出所户籍窗口说落户要带户口本和居住证，可是没有说要不要原件",
            "孩子明年上学，户口迁入的时间对我们很要紧",
            "网上查到的落户条件和窗口说的不太一样，不知道以哪个为准",
        ],
        wishes: [
            "请告诉我户口迁移的条件、材料和办理时间",
            "希望能说明落户先后对孩子户口有没有影响",
        ],
    },
    Topic {
        category: "urban.property-management",
        kind: "complaint",
        subjects: ["物业服务质量下降", "小区公共收益没有公布"],
        facts: [
            "小区物业公司去年涨了物业费，服务却越来越差",
            "业主委员会多次要求公布公共收益，物业一直没有回复",
            "门禁坏了两个月没有人修，地下车库的灯也不亮",
            "维修资金用在什么地方，业主没有一个人知道",
        ],
        wishes: [
            "请督促物业公司整改，并公布公共收益的明细",
            "希望主管部门指导业主委员会召开业主大会",
        ],
    },
    Topic {
        category: "urban.sanitation",
        kind: "help",
        subjects: ["垃圾清运不及时", "垃圾分类点脏乱差"],
        facts: [
            "路口的垃圾桶几天没有清运，厨余垃圾的气味很大",
            "垃圾分类投放点没有人管理，建筑垃圾也堆在旁边",
            "环卫车来的时间不固定，垃圾站门口常常堆满",
            "公厕也很久没有保洁，来买菜的人都绕着走",
        ],
        wishes: [
            "请环卫部门增加清运次数，保持垃圾桶周围干净",
            "希望把垃圾中转站管好，再安排人清扫",
        ],
    },
    Topic {
        category: "urban.city-management",
        kind: "complaint",
        subjects: ["夜宵摊占道经营", "流动摊贩影响通行"],
        facts: [
            "每天傍晚开始有流动摊贩在人行道上占道经营",
            "夜宵摊一直摆到很晚，走路只能走到机动车道上",
            "城管来的时候他们就走，走了以后又回来摆摊",
            "小广告贴得到处都是，共享单车也没有地方停",
        ],
        wishes: [
            "请城管加强管理，给摊贩安排合适的地方",
            "希望城管定时巡查，不要再有店外经营",
        ],
    },
    Topic {
        category: "urban.greening",
        kind: "suggestion",
        subjects: ["行道树需要修剪", "公园绿化带建议补种"],
        facts: [
            "行道树的树枝长到了二楼窗口，晴天屋里也见不到光",
            "绿化带里的草坪枯了一大片，花坛里只剩下泥土",
            "公园边的绿地被人踩出了一条路，树木也少了",
            "去年修剪过一次以后再没有人来看过",
        ],
        wishes: [
            "建议安排园林工人修剪行道树，把绿化带补种好",
            "建议在公园里多种一些开花的树木",
        ],
    },
    Topic {
        category: "urban.housing-fund",
        kind: "consultation",
        subjects: ["公积金提取条件咨询", "异地公积金贷款怎么办"],
        facts: [
            "我在外地缴存公积金五年，今年换到本地工作",
            "单位说住房公积金可以转过来，但要本人去公积金中心",
            "我想用公积金贷款买第一套房，不知道能贷多少",
            "提取公积金要不要先停缴，同事说的都不一样",
        ],
        wishes: [
            "请说明住房公积金转移和公积金贷款的条件",
            "希望知道提取公积金要带哪些证件",
        ],
    },
    Topic {
        category: "environment.noise",
        kind: "complaint",
        subjects: ["夜间施工噪音扰民", "噪声太大无法入睡"],
        facts: [
            "厂里夜间施工到很晚，噪声污染大得睡不着",
            "我用手机测过，窗口的噪声有七十多分贝",
            "厂房的风机从早响到晚，噪声扰民已经半年",
            "白天也吵，老人和孩子都休息不好",
        ],
        wishes: [
            "请环保部门管一管夜间施工，把噪声降下来",
            "希望环保局来测一测噪声，按规定处理",
        ],
    },
    Topic {
        category: "labour.wages",
        kind: "help",
        subjects: ["公司拖欠工资", "要求发放拖欠的工资"],
        facts: [
            "公司已经三个月没有发工资，老板说资金紧张",
            "一起做工的十几个人都被拖欠工资，有的已经回老家",
            "去年的加班费也没有结清，只给了一张欠条",
            "我们去要工资，公司说等工程款到了再发",
        ],
        wishes: [
            "请帮助我们要回拖欠的工资",
            "希望劳动监察部门查一查，让公司早日发工资",
        ],
    },
    Topic {
        category: "education.admission",
        kind: "consultation",
        subjects: ["小学入学报名咨询", "转学需要什么条件"],
        facts: [
            "孩子今年九月要上小学，学区和去年不一样了",
            "我们的学籍还在老家，想办转学，不知道从哪里开始",
            "幼升小报名要看房产还是户籍，学校说等通知",
            "入学报名的网站一直没有开放，家长都很着急",
        ],
        wishes: [
            "请说明小学入学报名的时间和学区划分",
            "希望知道转学要办哪些学籍手续",
        ],
    },
    Topic {
        category: "labour.medical-insurance",
        kind: "consultation",
        subjects: ["异地就医备案怎么办理", "医保报销比例咨询"],
        facts: [
            "父亲在老家参加居民医保，现在和我们一起住",
            "上次门诊用医保卡结算，窗口说没有异地就医备案不能报销",
            "慢性病每个月都要开药，医疗费是不小的一笔",
            "医保局的电话一直占线，网上的说明没有看懂",
        ],
        wishes: [
            "请说明异地就医备案要哪些材料",
            "希望知道医保报销的起付线和比例",
        ],
    },
];

const OPENINGS: [&str; 6] = [
    "您好",
    "你们好，打扰了",
    "各位工作人员好",
    "早上好",
    "您好，想反映一件事",
    "您好，请帮忙看看",
];
const TIMES: [&str; 6] = [
    "上个月以来",
    "从今年春天开始",
    "这两个星期",
    "最近一段时间",
    "去年年底到现在",
    "半年多了",
];
const PLACES: [&str; 8] = [
    "菜场旁边这条路",
    "我们小区东门",
    "地铁口附近",
    "学校对面",
    "老街中段",
    "河边新村",
    "工业区北侧",
    "体育馆后面",
];
const CLOSINGS: [&str; 5] = [
    "盼望能早一点得到答复，谢谢",
    "麻烦你们了，等候回音",
    "有需要我补充的请告诉我，谢谢",
    "谢谢你们为大家办事",
    "辛苦了，祝工作顺利",
];
const SURNAMES: [&str; 8] = ["陈", "王", "李", "张", "周", "徐", "林", "黄"];
const GIVEN: [&str; 8] = [
    "志明", "春华", "建国", "晓燕", "海波", "玉兰", "文军", "雪梅",
];

/// What a department answers.
pub const ANSWER: &str = "您好！您反映的情况我们已经收到，并在当天安排工作人员到现场核实。经与有关单位核对，\
您所说的情况属实，我们已要求责任单位在5个工作日内办理完毕，并会在办理后电话回访。办理时请携带本人身份证件到\
便民服务中心窗口，工作日上午8时30分至下午5时均可受理。如有疑问，请拨打81812345咨询。感谢您对我们工作的支持。";

/// What the search is asked for.
pub const SEARCHES: [&str; 10] = [
    "户口迁移",
    "公共收益",
    "垃圾分类",
    "流动摊贩",
    "行道树",
    "公积金贷款",
    "夜间施工",
    "拖欠工资",
    "小学 入学",
    "异地就医 医保卡",
];

/// A message.
pub struct Message {
    /// The matter.
    pub topic: &'static Topic,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// Who writes.
    pub name: String,
    /// Their telephone number.
    pub phone: String,
}

/// The `index`-th message; the same one whenever it is asked for, and no two alike.
pub fn message(index: u64) -> Message {
    let mut dice = Dice(index);
    let topic = dice.pick(&TOPICS);
    let first = dice.below(4);
    let facts = [0, 1, 2].map(|next| topic.facts[(first + next) % 4]);
    let body = format!(
        "{}。{}，{}，{}。{}。{}。{}。{}。（第{index}号）",
        dice.pick(&OPENINGS),
        dice.pick(&TIMES),
        dice.pick(&PLACES),
        facts[0],
        facts[1],
        facts[2],
        dice.pick(&topic.wishes),
        dice.pick(&CLOSINGS),
    );
    Message {
        topic,
        subject: (*dice.pick(&topic.subjects)).to_owned(),
        body,
        name: format!("{}{}", dice.pick(&SURNAMES), dice.pick(&GIVEN)),
        // One number for each message: the limits for one contact are not what is measured.
        phone: format!("13{:09}", index % 1_000_000_000),
    }
}

/// A random sequence that is the same each time (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.roll() % end.max(1) as u64) as usize
    }

    /// One of `items`.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}
