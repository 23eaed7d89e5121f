// What makes the desk faster; everything works without it.
"use strict";

const $ = (selector) => document.querySelector(selector);
const $$ = (selector) => [...document.querySelectorAll(selector)];
const storage = (() => { try { return window.localStorage; } catch { return null; } })();
const recall = (name) => { try { return JSON.parse(storage.getItem(name)); } catch { return null; } };
const keep = (name, value) => { try { storage.setItem(name, JSON.stringify(value)); } catch { /* Full, or not allowed. */ } };
const typing = (at) => at.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
const visible = (node) => node.getClientRects().length > 0;

// Drafts stay on this device, without whom they are about, until the form is accepted or the browser signs out.
const UNKEPT = ["sequence", "key", "phone", "name"];
for (const form of storage ? $$("[data-draft]") : []) {
  const name = "desk-" + form.dataset.draft;
  const fields = [...form.elements].filter((field) => field.name && typing(field) && field.type !== "hidden" && !UNKEPT.includes(field.name));
  const first = fields.map((field) => field.value);
  const draft = document.getElementById("errors") || "inserted" in form.dataset ? null : recall(name);
  const differs = draft && fields.some((field) => typeof draft[field.name] === "string" && draft[field.name] !== field.value);
  if (differs) {
    for (const field of fields) if (typeof draft[field.name] === "string" && field.type !== "select-multiple") field.value = draft[field.name];
    const details = form.closest("details");
    if (details) details.open = true;
    const note = document.createElement("p");
    const clear = document.createElement("button");
    note.className = "small kept-note";
    note.textContent = document.body.dataset.restored + " ";
    clear.type = "button";
    clear.className = "quiet small-button";
    clear.textContent = document.body.dataset.clear;
    clear.addEventListener("click", () => {
      storage.removeItem(name);
      fields.forEach((field, at) => { field.value = first[at]; });
      note.remove();
    });
    note.append(clear);
    form.prepend(note);
  }
  form.addEventListener("input", () => keep(name, Object.fromEntries(fields.map((field) => [field.name, field.value]))));
}
const forget = (test) => { for (const name of storage ? Object.keys(storage) : []) if (name.startsWith("desk-") && test(name)) storage.removeItem(name); };
for (const sent of $$("[data-sent]")) forget((name) => name.startsWith("desk-" + sent.dataset.sent));
for (const form of $$("form[action='/desk/sign-out']")) form.addEventListener("submit", () => forget(() => true));

// Knowledge beside the answer.
for (const form of $$("[data-into]")) {
  const place = document.getElementById(form.dataset.into);
  form.addEventListener("submit", async (event) => {
    const words = form.elements.q.value.trim();
    if (!words || !place) return;
    event.preventDefault();
    try {
      const response = await fetch("/desk/knowledge?q=" + encodeURIComponent(words.slice(0, 60)));
      const list = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-found]");
      place.replaceChildren(...(list ? [list] : []));
    } catch { form.submit(); }
  });
}

// Selected text of the case goes to what is cut from the public copy.
const cut = () => {
  const field = document.getElementById("approve-cuts");
  const selection = getSelection();
  const from = selection.anchorNode && selection.anchorNode.parentElement;
  if (!field || selection.isCollapsed || !from || !from.closest("[data-cut], h1")) return false;
  const lines = selection.toString().split("\n").map((line) => line.trim()).filter((line) => line.length > 1);
  const known = field.value.split("\n").map((line) => line.trim()).filter(Boolean);
  field.value = [...known, ...lines.filter((line) => !known.includes(line))].join("\n");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
};

// Rows of a list.
const rows = $$("[data-rows] tbody tr");
const at = () => rows.findIndex((row) => row.contains(document.activeElement));
const move = (step) => {
  const row = rows[Math.max(0, Math.min(rows.length - 1, at() < 0 ? 0 : at() + step))];
  if (row) row.querySelector("th a").focus();
};

// The help sheet.
const help = async () => {
  const open = $("dialog[open]");
  if (open) { open.close(); return; }
  try {
    const page = new DOMParser().parseFromString(await (await fetch("/desk/help")).text(), "text/html");
    const dialog = document.createElement("dialog");
    dialog.append(page.querySelector("h1"), page.querySelector("#keys"));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  } catch { location.href = "/desk/help"; }
};

document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.form && target.form.method === "post") {
    event.preventDefault();
    target.form.requestSubmit(target.form.querySelector("button:not([type=button])"));
    return;
  }
  if (event.key === "Escape" && typing(target)) { target.blur(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(target)) return;
  const act = {
    "?": help,
    j: () => move(1),
    k: () => move(-1),
    x: () => { const box = rows[at()] && rows[at()].querySelector("[type=checkbox]"); if (box) box.checked = !box.checked; },
    c: cut,
    "/": () => { const field = $(".filters select") || $("[type=search]"); if (field) field.focus(); },
  }[event.key];
  if (act) { event.preventDefault(); act(); return; }
  if (/^[1-9]$/.test(event.key)) {
    const found = $$("[data-action]").find((node) => node.dataset.action === event.key);
    if (!found) return;
    event.preventDefault();
    const details = found.closest("details");
    if (details) { details.open = true; const field = details.querySelector("select, textarea, input:not([type=hidden])"); (field || found).focus(); }
    else found.focus();
    return;
  }
  const found = $$("[data-key]").find((node) => node.dataset.key === event.key && visible(node));
  if (found) { event.preventDefault(); found.click(); }
});

// Which number opens which form.
for (const node of $$("[data-action]")) {
  if (Number(node.dataset.action) > 9) continue;
  const hint = document.createElement("kbd");
  hint.className = "key-hint";
  hint.setAttribute("aria-hidden", "true");
  hint.textContent = node.dataset.action;
  node.append(hint);
  node.setAttribute("aria-keyshortcuts", node.dataset.action);
}

// What has to be corrected comes first.
const errors = document.getElementById("errors");
if (errors) errors.focus();
