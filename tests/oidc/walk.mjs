// Signs in at a real provider, and tries everything that must be refused.
//
// WENZHENG_URL and WENZHENG_ACCOUNTS name the platform, whose variable `oidc_issuer` is ISSUER.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { SignJWT, UnsecuredJWT, decodeJwt, generateKeyPair } from "jose";
import { Browser } from "./browser.mjs";
import { SECRET, start } from "./provider.mjs";

const url = process.env.WENZHENG_URL;
const issuer = process.env.ISSUER;
const redirect = `${url}/desk/sign-in/return`;
const { accounts } = JSON.parse(await readFile(process.env.WENZHENG_ACCOUNTS, "utf8"));
const account = (role) => accounts.find((one) => one.role === role);

/** A call of the interface. */
async function api(method, path, token, body) {
  const headers = { "accept-language": "en" };
  if (token) headers.authorization = `Bearer ${token}`;
  if (body) headers["content-type"] = "application/json";
  const response = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, body: text && JSON.parse(text) };
}

async function token(role) {
  const { id, password } = account(role);
  const session = await api("POST", "/api/session", null, { account: id, password });
  assert.equal(session.status, 200);
  return session.body.token;
}

/** From the page `path` to the provider, where `person` signs in; the address to which the provider sends back. */
async function leave(browser, person, path = "/desk/sign-in/provider?back=%2Fdesk%2Fhelp") {
  const begun = await browser.request(url + path);
  assert.equal(begun.status, 303, begun.text);
  assert.match(browser.cookie(url, "__Host-sign-in").attributes, /HttpOnly; SameSite=Lax/);
  let page = await browser.follow(begun, issuer);
  for (let steps = 0; !page.location; steps += 1) {
    assert.ok(steps < 4, page.text);
    const action = page.text.match(/action="([^"]+)"/)?.[1];
    const prompt = page.text.match(/name="prompt" value="([^"]+)"/)?.[1];
    const form = prompt === "login" ? { prompt, login: person, password: "x" } : { prompt };
    page = await browser.follow(await browser.request(new URL(action, issuer).href, { form }), issuer);
  }
  assert.ok(page.location.startsWith(`${redirect}?`), page.location);
  return page.location;
}

const back = (browser, address) => browser.request(address, { from: issuer });
const session = (browser) => browser.cookie(url, "__Host-staff");

async function isRefused(browser, address, status, words) {
  const page = await back(browser, address);
  assert.equal(page.status, status, page.text);
  assert.match(page.text, words);
  assert.match(page.text, /name="password"/, "the way with a password stays open");
  assert.equal(session(browser), undefined);
}

let count = 0;
async function step(name, run) {
  await run();
  count += 1;
  console.log(`   ${name}`);
}

let provider = await start(issuer, redirect, "RS256");
const admin = await token("admin");
const operator = account("operator").id;
const link = (id, subject) => api("PATCH", `/api/accounts/${id}`, admin, { subject });

await step("the sign-in page offers the provider", async () => {
  const page = await new Browser().request(`${url}/desk/sign-in?back=/desk/help`);
  assert.match(page.text, /href="\/desk\/sign-in\/provider\?back=%2Fdesk%2Fhelp"[^>]*>用测试身份平台登录</);
});

await step("a person without an account is told what to do", async () => {
  const browser = new Browser();
  await isRefused(browser, await leave(browser, "staff-17"), 403, /管理员关联到您的账号[\s\S]*staff-17/);
});

await step("a linked person signs in, with the rights of the account and no others", async () => {
  const linked = await link(operator, "staff-17");
  assert.equal(linked.status, 200);
  assert.deepEqual(linked.body.account.link, { issuer, subject: "staff-17" });
  const browser = new Browser();
  const page = await back(browser, await leave(browser, "staff-17"));
  assert.equal(page.status, 200, page.text);
  assert.match(page.text, /http-equiv="refresh" content="0;url=\/desk\/help"/);
  assert.match(session(browser).attributes, /Secure; HttpOnly; SameSite=Strict/);
  assert.equal(browser.cookie(url, "__Host-sign-in"), undefined);
  const desk = await browser.request(`${url}/desk/help`);
  assert.equal(desk.status, 200);
  const who = await api("GET", "/api/session", session(browser).value);
  assert.equal(who.body.account.id, operator);
  assert.equal(who.body.account.role, "operator");
  assert.equal((await api("GET", "/api/accounts", session(browser).value)).status, 403);

  const out = await browser.request(`${url}/desk/sign-out`, { form: {} });
  assert.equal(out.status, 303);
  assert.equal(session(browser), undefined);
  assert.equal((await browser.request(`${url}/desk/help`)).status, 303);
});

await step("one person has one account", async () => {
  const second = await link(account("reviewer").id, "staff-17");
  assert.equal(second.status, 422);
  assert.equal(second.body.errors[0].field, "subject");
  for (const subject of ["", "a\nb", "x".repeat(256)]) assert.equal((await link(operator, subject)).status, 422);
});

await step("who cancels is told so", async () => {
  const browser = new Browser();
  const begun = await browser.request(`${url}/desk/sign-in/provider`);
  const page = await browser.follow(begun, issuer);
  const abort = page.text.match(/href="([^"]+\/abort)"/)[1];
  const ended = await browser.follow(await browser.request(new URL(abort, issuer).href), issuer);
  assert.match(ended.location, /error=access_denied/);
  await isRefused(browser, ended.location, 403, /没有在统一身份认证完成登录/);
});

await step("another state, another browser and a second time are refused", async () => {
  const browser = new Browser();
  const address = await leave(browser, "staff-17");
  const before = browser.copy();
  const stranger = new Browser();
  await isRefused(stranger, address, 409, /这次登录已经失效/);
  await isRefused(browser.copy(), address.replace(/state=[^&]+/, "state=forged"), 409, /这次登录已经失效/);
  const asked = provider.tokens;
  assert.equal((await back(browser, address)).status, 200);
  await isRefused(before, address, 409, /这次登录已经失效/);
  assert.equal(provider.tokens, asked + 1, "a used flow does not reach the provider");
});

await step("an answer of another provider is refused", async () => {
  for (const iss of ["&iss=https%3A%2F%2Fevil.example", ""]) {
    const browser = new Browser();
    const address = await leave(browser, "staff-17");
    await isRefused(browser, address.replace(/&iss=[^&]+/, iss), 403, /不能确认您的身份/);
  }
});

await step("a code that the provider did not give is refused", async () => {
  const browser = new Browser();
  const address = await leave(browser, "staff-17");
  await isRefused(browser, address.replace(/code=[^&]+/, "code=guessed"), 403, /不能确认您的身份/);
});

const stranger = await generateKeyPair("RS256");
const resigned = (claims, alg, key) =>
  new SignJWT(claims).setProtectedHeader({ alg, kid: provider.kid }).sign(key);
const spoils = {
  "signed by a stranger": (claims) => resigned(claims, "RS256", stranger.privateKey),
  "signed with the shared secret": (claims) => resigned(claims, "HS256", new TextEncoder().encode(SECRET)),
  "not signed": async (claims) => new UnsecuredJWT(claims).encode(),
  "with another subject put in": async (claims, token) => {
    const [header, , signature] = token.split(".");
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: "boss" })).toString("base64url");
    return `${header}.${forged}.${signature}`;
  },
  missing: async () => undefined,
};
for (const [name, spoil] of Object.entries(spoils)) {
  await step(`a token ${name} is refused`, async () => {
    provider.spoil = async (answer) => ({
      ...answer,
      id_token: await spoil(decodeJwt(answer.id_token), answer.id_token),
    });
    const browser = new Browser();
    await isRefused(browser, await leave(browser, "staff-17"), 403, /不能确认您的身份/);
    provider.spoil = null;
  });
}

await step("a silent provider is a page within ten seconds", async () => {
  provider.silent = true;
  const browser = new Browser();
  const address = await leave(browser, "staff-17");
  const begin = Date.now();
  await isRefused(browser, address, 503, /统一身份认证暂时不可用/);
  assert.ok(Date.now() - begin < 10_000, `${Date.now() - begin} ms`);
  provider.silent = false;
});

await step("a provider that is away is a page", async () => {
  const browser = new Browser();
  const address = await leave(browser, "staff-17");
  await provider.stop();
  await isRefused(browser, address, 503, /统一身份认证暂时不可用/);
});

for (const algorithm of ["ES256", "EdDSA"]) {
  await step(`new keys for ${algorithm} are found`, async () => {
    provider = await start(issuer, redirect, algorithm);
    const browser = new Browser();
    assert.equal((await back(browser, await leave(browser, "staff-17"))).status, 200);
    assert.ok(session(browser));
    await provider.stop();
  });
}

await step("an open session is proved again by its owner, and by nobody else", async () => {
  provider = await start(issuer, redirect, "RS256");
  const reviewer = account("reviewer").id;
  assert.equal((await link(reviewer, "staff-18")).status, 200);
  const browser = new Browser();
  assert.equal((await back(browser, await leave(browser, "staff-17"))).status, 200);
  const kept = session(browser).value;
  const until = async () => (await api("GET", "/api/session", kept)).body.proof_ends_at;
  const before = await until();
  const prove = "/desk/sign-in/provider?prove=yes&back=%2Fdesk%2Fhelp";
  await new Promise((later) => setTimeout(later, 1500));

  // Somebody else at the same desk, whom the provider does not know from before.
  browser.jars.delete(issuer);
  const others = await back(browser, await leave(browser, "staff-18", prove));
  assert.equal(others.status, 403, others.text);
  assert.equal(await until(), before);
  browser.jars.delete(issuer);
  const owner = await back(browser, await leave(browser, "staff-17", prove));
  assert.equal(owner.status, 200, owner.text);
  assert.equal(session(browser).value, kept, "the session stays the same");
  assert.ok((await until()) > before);
  assert.equal((await link(reviewer, null)).status, 200);
  await provider.stop();
});

await step("who is no longer linked is out at once", async () => {
  provider = await start(issuer, redirect, "RS256");
  const browser = new Browser();
  assert.equal((await back(browser, await leave(browser, "staff-17"))).status, 200);
  const token = session(browser).value;
  assert.equal((await link(operator, null)).status, 200);
  assert.equal((await api("GET", "/api/session", token)).status, 401);
  const again = new Browser();
  await isRefused(again, await leave(again, "staff-17"), 403, /staff-17/);
});

await step("what is no flow is a problem with a text", async () => {
  for (const flow of ["", "x", "a".repeat(5000)]) {
    const answer = await api("POST", "/api/session/provider/return", null, { flow, state: "s", code: "c" });
    assert.equal(answer.status, 409);
    assert.equal(answer.body.type, "urn:wenzheng:problem:sign-in-expired");
  }
  assert.equal((await api("POST", "/api/session/provider/return", null, { flow: 1 })).status, 422);
});

await provider.stop();
console.log(`   ${count} walks at the provider`);
