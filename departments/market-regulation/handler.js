// The handler of the market-regulation department: prepaid cards, food, business licences.
//
// It asks for the facts without which nobody can look into a complaint, drafts answers out of the table in table.js,
// and looks for promises of a result that nobody can promise. It has no clock, no network and no files: what it says
// depends on the inquiry alone. A result is returned; an error is thrown, and what is undefined is left to the platform.

import { matters } from "./table.js";

const version = "0.1.0";
// A phrase of the table is rare enough to be sure of what is asked, in ten-thousandths.
const sure = 8500;

/** All that the citizen wrote. */
const textOf = ({ subject, body, address, supplements }) =>
  [subject, body, address ?? "", ...supplements].join("\n");

/** What the inquiry is about: the matter of which the most signs are named; of several, the first in the table. */
function matterOf(inquiry) {
  const text = textOf(inquiry);
  const score = ({ signs }) => signs.filter((sign) => text.includes(sign)).length;
  const best = matters.reduce((best, matter) => (score(matter) > score(best) ? matter : best));
  return score(best) > 0 ? best : undefined;
}

/** The place of a phrase in a text, in characters as the contract counts them; a string's own index counts otherwise. */
function spanOf(body, phrase) {
  const at = body.indexOf(phrase);
  const start = [...body.slice(0, at)].length;
  return { field: "answer", start, end: start + [...phrase].length };
}

export const department = {
  describe() {
    return {
      about: { name: "market-regulation-consumer", version },
      department: "market-regulation",
      categories: ["commerce"],
    };
  },

  triageInquiry(inquiry) {
    const matter = matterOf(inquiry);
    if (!matter) return undefined;
    const text = textOf(inquiry);
    const missing = matter.facts
      .filter(({ signs }) => !signs.some((sign) => text.includes(sign)))
      .map(({ question }) => question);
    return missing.length > 0
      ? { tag: "ask", val: missing }
      : { tag: "accept", val: matter.section };
  },

  draftAnswer(inquiry, _articles) {
    const matter = matterOf(inquiry);
    if (!matter) return undefined;
    const { id, title, updated, answer, basis } = matter;
    return {
      body: `您好！关于“${title}”，答复如下：\n\n${answer}\n\n依据：${basis}。\n\n如有疑问，请拨打 12315。`,
      sources: [{ article: id, title, updated, stale: false }],
      confidence: sure,
    };
  },

  check(_inquiry, answer) {
    // The office mediates: what comes of it is not its to promise.
    return ["保证退款", "一定退款", "保证赔偿"]
      .filter((phrase) => answer.body.includes(phrase))
      .map((phrase) => ({
        code: "promised-result",
        severity: "warning",
        span: spanOf(answer.body, phrase),
      }));
  },

  planFollowUp(inquiry, _answer) {
    return matterOf(inquiry)?.followUp;
  },
};
