// The department's table: what it is asked for, what it must know, what it says. Keep it up to date here and publish.

/**
 * @typedef {object} Fact Known when one of the signs is named, else asked for.
 * @property {string[]} signs
 * @property {string} question
 *
 * @typedef {object} Matter A matter that the department deals with.
 * @property {string} id Named as the source of drafts.
 * @property {string} title
 * @property {string} section The section that takes it.
 * @property {string[]} signs Words by which citizens ask for it.
 * @property {Fact[]} facts What must be known before anything can be done.
 * @property {string} answer
 * @property {string} basis
 * @property {string} updated When this entry was last revised.
 * @property {{ afterDays: number, task: string }} [followUp]
 */

/** @type {Fact} */
const shop = {
  signs: ["店", "公司", "超市", "餐厅", "商场", "医院", "平台"],
  question: "请问是哪一家商家？请写明店名或公司全称。",
};

/** @type {Fact} */
const place = {
  signs: ["路", "街", "号", "镇", "网上", "网购", "直播间"],
  question: "请问商家在哪里（路名和门牌）？网购的请写明平台名称。",
};

/** @type {Matter[]} */
export const matters = [
  {
    id: "prepaid-card",
    title: "预付卡退费",
    section: "消费者权益保护科",
    signs: ["预付卡", "会员卡退", "退卡", "充值卡", "办卡不退", "跑路"],
    facts: [shop, place],
    answer:
      "我局会联系经营者组织调解。经营者没有按约定提供服务的，应当按照您的要求履行约定或者退回预付款，并承担预付款的利息和您必须支付的合理费用。请保留合同、付款记录和聊天记录；也可以在全国 12315 平台提交投诉，我局在七个工作日内决定是否受理。",
    basis: "《中华人民共和国消费者权益保护法》第五十三条、《市场监督管理投诉举报处理暂行办法》第十四条",
    updated: "2026-11-20",
    followUp: { afterDays: 60, task: "回访：预付款是否已经退回" },
  },
  {
    id: "expired-food",
    title: "购买到过期食品",
    section: "食品安全监督科",
    signs: ["过期食品", "过保质期", "食品过期", "超过保质期"],
    facts: [shop],
    answer:
      "请保留食品、包装和购物小票，我局会到现场检查。经营者明知仍销售的，您除要求赔偿损失外，还可以要求价款十倍或者损失三倍的赔偿金，不足一千元的为一千元。",
    basis: "《中华人民共和国食品安全法》第三十四条、第一百四十八条",
    updated: "2026-11-20",
  },
  {
    id: "business-licence",
    title: "办理营业执照",
    section: "注册登记科",
    signs: ["营业执照怎么办", "办营业执照", "注册公司", "个体户登记", "开店需要什么证"],
    facts: [],
    answer:
      "可以在“浙里办”或者“浙江政务服务网”搜索“企业开办”全程网办，不收费，材料齐全的一个工作日内办结；也可以到区行政服务中心窗口办理。",
    basis: "《中华人民共和国市场主体登记管理条例》第十九条",
    updated: "2026-11-20",
  },
];
