// As much of a browser as signing in needs: cookies by site, and redirections one by one.
import assert from "node:assert/strict";

export class Browser {
  constructor() {
    this.jars = new Map();
  }

  /** One request, with the cookies of its site; those that it sets are kept. `from` is the site that led here. */
  async request(url, { form, cookies, from } = {}) {
    const origin = new URL(url).origin;
    const jar = this.jars.get(origin) ?? new Map();
    this.jars.set(origin, jar);
    const foreign = from !== undefined && from !== origin;
    const sent = [...(cookies ?? jar)].filter(([, cookie]) => !(foreign && /samesite=strict/i.test(cookie.attributes)));
    const headers = { "accept-language": "zh-CN" };
    if (sent.length) headers.cookie = sent.map(([name, cookie]) => `${name}=${cookie.value}`).join("; ");
    if (form) {
      headers["content-type"] = "application/x-www-form-urlencoded";
      headers.origin = origin;
    }
    const body = form ? new URLSearchParams(form).toString() : undefined;
    const response = await fetch(url, { method: form ? "POST" : "GET", headers, body, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(";");
      const at = pair.indexOf("=");
      const name = pair.slice(0, at).trim();
      const cookie = { value: pair.slice(at + 1), attributes: attributes.join(";") };
      if (/max-age=0\b|expires=thu, 01 jan 1970/i.test(cookie.attributes)) jar.delete(name);
      else jar.set(name, cookie);
    }
    const location = response.headers.get("location");
    return {
      status: response.status,
      text: await response.text(),
      location: location && new URL(location, url).href,
      origin,
    };
  }

  /** Follows redirections as long as they stay at `origin`. */
  async follow(answer, origin) {
    for (let hops = 0; answer.location?.startsWith(`${origin}/`); hops += 1) {
      assert.ok(hops < 20, "redirections go in circles");
      answer = await this.request(answer.location, { from: answer.origin });
    }
    return answer;
  }

  cookie(origin, name) {
    return this.jars.get(origin)?.get(name);
  }

  /** The same cookies in a browser of their own. */
  copy() {
    const other = new Browser();
    for (const [origin, jar] of this.jars) other.jars.set(origin, new Map(jar));
    return other;
  }
}
