// The handler of the department {{department}}.

const version = "0.1.0";

/** Whether the citizen wrote `word` anywhere. */
const mentions = ({ subject, body, supplements }, word) =>
  [subject, body, ...supplements].some((text) => text.includes(word));

export const department = {
  describe() {
    return {
      about: { name: "{{department}}-handler", version },
      department: "{{department}}",
      categories: [],
    };
  },

  // Asks for the place where one is needed; what else there is to decide, the platform decides.
  triageInquiry(inquiry) {
    if (mentions(inquiry, "路灯") && inquiry.address === undefined) {
      return { tag: "ask", val: ["是哪条路、哪个路口附近的路灯？"] };
    }
    return undefined;
  },

  // Drafts out of the department's own words where it has some.
  draftAnswer(inquiry, _articles) {
    if (!mentions(inquiry, "路灯")) return undefined;
    return {
      body: "您好！路灯故障我们会安排人员检查，处理结果另行告知。",
      sources: [{ article: "street-lamp", title: "路灯故障", updated: "2026-11-20", stale: false }],
      confidence: 7000,
    };
  },

  check(_inquiry, _answer) {
    return [];
  },

  planFollowUp(_inquiry, _answer) {
    return undefined;
  },
};
