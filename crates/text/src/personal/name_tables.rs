//! Surnames, characters of given names, words that announce names and words
//! that look like them.

/// How a word announces a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cue {
    /// What follows is a name, whatever it looks like.
    Strong,
    /// A name may follow; behind a colon it does.
    Weak,
    /// A title that follows a name; the polite ones are those with which an
    /// authority addresses a citizen.
    Title { polite: bool },
    /// English: at least and at most so many capitalised words follow.
    English { least: usize, most: usize },
}

/// The words that announce names, sorted as [`crate::Phrases`] wants it.
pub(super) const CUES: &[(&str, Cue)] = &[
    ("contact person:", Cue::English { least: 1, most: 3 }),
    ("dr", Cue::English { least: 1, most: 3 }),
    ("faithfully", Cue::English { least: 1, most: 3 }),
    ("i am", Cue::English { least: 2, most: 3 }),
    ("i'm", Cue::English { least: 2, most: 3 }),
    ("miss", Cue::English { least: 1, most: 3 }),
    ("mr", Cue::English { least: 1, most: 3 }),
    ("mrs", Cue::English { least: 1, most: 3 }),
    ("ms", Cue::English { least: 1, most: 3 }),
    ("my name is", Cue::English { least: 1, most: 3 }),
    ("my name's", Cue::English { least: 1, most: 3 }),
    ("name:", Cue::English { least: 1, most: 4 }),
    ("regards", Cue::English { least: 1, most: 3 }),
    ("sincerely", Cue::English { least: 1, most: 3 }),
    ("丈夫", Cue::Weak),
    ("业主", Cue::Weak),
    ("举报人", Cue::Weak),
    ("代表人", Cue::Weak),
    ("伤者", Cue::Weak),
    ("儿子", Cue::Weak),
    ("先生", Cue::Title { polite: true }),
    ("全名", Cue::Strong),
    ("医生", Cue::Title { polite: false }),
    ("反应人", Cue::Weak),
    ("反映人", Cue::Weak),
    ("司机", Cue::Weak),
    ("同事", Cue::Weak),
    ("同学", Cue::Title { polite: false }),
    ("同志", Cue::Title { polite: false }),
    ("名叫", Cue::Strong),
    ("名字", Cue::Weak),
    ("名字叫", Cue::Strong),
    ("名字是", Cue::Strong),
    ("员工", Cue::Weak),
    ("哥哥", Cue::Weak),
    ("外公", Cue::Weak),
    ("外婆", Cue::Weak),
    ("大伯", Cue::Title { polite: false }),
    ("大叔", Cue::Title { polite: false }),
    ("大妈", Cue::Title { polite: false }),
    ("大爷", Cue::Title { polite: false }),
    ("太太", Cue::Title { polite: false }),
    ("女儿", Cue::Weak),
    ("女士", Cue::Title { polite: true }),
    ("奶奶", Cue::Title { polite: false }),
    ("奶奶", Cue::Weak),
    ("妹妹", Cue::Weak),
    ("妻子", Cue::Weak),
    ("姐姐", Cue::Weak),
    ("姓名", Cue::Weak),
    ("姓名是", Cue::Strong),
    ("学生", Cue::Weak),
    ("孩子", Cue::Weak),
    ("家长", Cue::Weak),
    ("小姐", Cue::Title { polite: true }),
    ("居民", Cue::Weak),
    ("师傅", Cue::Title { polite: false }),
    ("弟弟", Cue::Weak),
    ("当事人", Cue::Weak),
    ("患者", Cue::Weak),
    ("我叫", Cue::Strong),
    ("我是", Cue::Weak),
    ("户主", Cue::Weak),
    ("户名", Cue::Weak),
    ("房东", Cue::Weak),
    ("房主", Cue::Weak),
    ("投诉人", Cue::Weak),
    ("护士", Cue::Title { polite: false }),
    ("收件人", Cue::Weak),
    ("收款人", Cue::Weak),
    ("朋友", Cue::Weak),
    ("本人", Cue::Weak),
    ("本人叫", Cue::Strong),
    ("村民", Cue::Weak),
    ("来信人", Cue::Weak),
    ("死者", Cue::Weak),
    ("母亲", Cue::Weak),
    ("法人", Cue::Weak),
    ("爱人", Cue::Weak),
    ("父亲", Cue::Weak),
    ("爷爷", Cue::Title { polite: false }),
    ("爷爷", Cue::Weak),
    ("申请人", Cue::Weak),
    ("病人", Cue::Weak),
    ("租客", Cue::Weak),
    ("签名", Cue::Weak),
    ("经办人", Cue::Weak),
    ("经理", Cue::Title { polite: false }),
    ("署名", Cue::Weak),
    ("老伴", Cue::Weak),
    ("老公", Cue::Weak),
    ("老婆", Cue::Weak),
    ("老师", Cue::Title { polite: false }),
    ("老板", Cue::Title { polite: false }),
    ("职工", Cue::Weak),
    ("联系人", Cue::Weak),
    ("负责人", Cue::Weak),
    ("车主", Cue::Weak),
    ("邻居", Cue::Weak),
    ("阿姨", Cue::Title { polite: false }),
    ("驾驶员", Cue::Weak),
];

/// Surnames of one character that no other word is made of in the places
/// where a name is looked for; by frequency in the census of 2020.
pub(super) const SURNAMES: &str = "\
王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任\
沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔\
向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌\
毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连\
芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖\
巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权\
强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘\
亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉\
植衡富尧闭由";

/// Surnames that are everyday words as well: a title behind them alone does
/// not make a name (`和老师`, `由于同学`).
pub(super) const AMBIGUOUS: &str = "\
于向常成时司古车项连党费应全师和官位区海强平计相初门云来都公利居但由任程单方管文安高史关南国原乐满\
容信富元干支巴修来那母银玉权封景游解季章路华阳房农米冷边商查封谈惠班储练井祖宣普况印危呼展智衡闭\
植束由母强敬";

/// Surnames of two characters.
pub(super) const COMPOUND: &[&str] = &[
    "欧阳", "上官", "司马", "诸葛", "司徒", "东方", "独孤", "南宫", "夏侯", "皇甫", "尉迟", "公孙",
    "慕容", "令狐", "长孙", "宇文", "轩辕", "端木", "闻人", "澹台", "淳于", "单于", "申屠", "呼延",
];

/// Characters that given names are made of and other words seldom are, at
/// least behind a surname.
pub(super) const GIVEN: &str = "\
伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅文建国庆辉燕鹏飞玲波斌宇浩凯健俊帆帅旭宁龙林\
海峰雪琳丹萍鑫莉颖倩婷洁欣怡佳慧雯雅楠璐瑶琪琴晶晨晓阳光亮东南西北春夏秋冬生成忠义仁礼智信德才良友\
善福禄寿喜财富贵荣昌盛兴旺发达根木火土金银珠宝玺琼瑜瑾璇琦瑞祥泰康安乐和顺利民权爱香花莲菊芬芝芸芹茹\
荷菲萌薇蓉蕾蓝萱梦思念恩惠慈孝淑贤贞娴婉娥娇妍妮姗婧媛嫣嘉宏宗宜容宽宾寅密子孟季学孙宪志忆怀恒恺悦慕\
振捷政敬方旗昊昆易星昭晋晖景曼朋朔望本松柏栋树格桐梁楷榕欢歌正武毅永江沁沛治泉泽洪洲济淼清渊温源溪滔\
滨漫潇澄澜灿炎炜炳烁烨焕煜熙爽牧玮珂珍珊珏琛瑛璞甜畅百皓益盈盼真碧祖祺禹科立竹笑素纯纲纶经维绍统绪\
继绮罗美羽翔翠翰耀聪联胜胤能腾舒芃芊芮苏若茂莎莹菁萧蒙蓓蔚虎虹行衍言论诗诚语诺谦豪贝越跃轩轶辰运进远迪\
逸邦郁重钊钢钧铁铭锋锐锦镇长闻阔雁雄雨震霄霖露青非韬韵风馨驰骏魁鸣鸿鹤麒麟黎齐勤勋博卉卓卫双吉君启\
品哲唯园坚坤培基堂增士大天夫奇奕女如妤妙始姝娅婵媚尔尚山岚岩川工巧帼广庭延弘彤彦彩影律心必怀恬情振\
捷斐斯日昱有枫柯桃楚槐水汉沐沙河泓泳浦涵淇湘炫然燃琨甫田皎盛矿祎福秦童端简素纬艺芙芷苗茵莺菱葵蕊蝶\
识诣赞起轲辛达迎适遥郡野钰银铃雷霁霆静鲁鹰一二三小少仲伯佑依俞倪允元兆冉冠冰凌凡凤凝初劲劼升又司同\
嫦巍川彬桦灵珑汝湛淏滢妹娣姣囡仙伦佩侠侃倬儒川铮锡阿雍";

/// Words that begin like a name and are none.
pub(super) const WORDS: &[&str] = &[
    "安全", "安静", "安心", "安康", "安徽", "安宁", "白天", "包子", "常年", "车子", "成立", "成年",
    "方便", "方言", "房子", "费用", "高兴", "高中", "高新", "高铁", "高温", "高升", "公平", "公园",
    "关于", "国庆", "国家", "和平", "华东", "华南", "黄金", "江东", "江北", "江南", "江苏", "江西",
    "金华", "金山", "来源", "连续", "路灯", "路面", "罗马", "马上", "马路", "满意", "明天", "明明",
    "明亮", "南方", "农民", "平安", "平日", "平时", "钱财", "强烈", "全国", "全天", "全民", "单元",
    "任意", "任何", "容易", "沙石", "商业", "时间", "时有", "石头", "水平", "水源", "司法", "宋体",
    "田地", "童年", "文明", "文化", "西门", "相同", "向东", "向南", "向西", "向北", "信任", "雪天",
    "夏天", "阳台", "应当", "游泳", "游客", "元旦", "云南", "章程", "支持", "智能", "重阳", "周三",
    "周一", "周二", "周五", "周日", "周末", "周年", "祖国", "左右", "高一", "高二", "高三", "初一",
    "初二", "初三", "大一", "和谐", "边上", "海东", "平方", "万元", "万一", "钟情", "钟点", "严重",
    "严格", "毛利", "景区", "湖东", "温泉", "由于", "位于", "党建", "安石", "时而", "时起", "尚有",
    "尚能", "向上", "都有", "都能", "都是", "那有", "何时", "何必", "但有", "但能", "于是", "原有",
    "原始", "东方", "计生", "利民", "居民", "公立", "公民", "农田", "农夫", "农业", "区民", "初始",
    "富贵", "富有", "花园", "花子", "池子", "广东", "权利", "乐园", "来自", "修建", "修路", "修正",
    "平价", "曾经", "权益", "公司", "信心", "区建", "成长", "成绩", "华东", "干净", "管子", "解放",
    "展示", "储能", "储水", "符合", "余生", "余地", "余有", "封路", "封山", "连同", "查阅", "管道",
    "门卫", "门诊", "门店", "母子", "母女", "练习", "强行", "强迫",
];

/// Words whose last character is a surname and that stand before a title:
/// `班主任老师`, `语文老师`, `保安师傅`.
pub(super) const BEFORE_TITLE: &[&str] = &[
    "主任", "责任", "任何", "工程", "课程", "教程", "过程", "地方", "对方", "双方", "校方", "警方",
    "院方", "资方", "官方", "甲方", "乙方", "语文", "英文", "中文", "作文", "历史", "保安", "公安",
    "环卫", "安检", "年轻", "最高", "提高", "初高", "美容", "美发", "学校", "一位", "各位", "两位",
    "三位", "这位", "那位", "某位", "位于", "关于", "由于", "对于", "小时", "及时", "当时", "有时",
    "同时", "按时", "临时", "托管", "宿管", "网管", "城管", "家长", "门卫", "车管", "交警",
];
