// What makes the site more comfortable; everything works without it.
"use strict";

// Similar answers while the subject is typed.
for (const field of document.querySelectorAll("[data-similar]")) {
  const place = document.querySelector(".similar");
  let timer, asked = "";
  const look = async () => {
    const words = field.value.trim();
    if (words === asked || !place) return;
    asked = words;
    if (words.length < 2) { place.replaceChildren(); return; }
    try {
      const response = await fetch(field.dataset.similar + "?q=" + encodeURIComponent(words.slice(0, 60)));
      if (response.ok && field.value.trim() === words) {
        const part = new DOMParser().parseFromString(await response.text(), "text/html");
        place.replaceChildren(...part.body.childNodes);
        for (const link of place.querySelectorAll("a")) link.target = "_blank";
      }
    } catch { /* Without a network there is nothing to show. */ }
  };
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 400); });
}

// The draft stays on this device, without contact, files and consent.
const KEPT = ["subject", "body", "kind", "division", "address"];
const storage = (() => { try { return window.localStorage; } catch { return null; } })();
for (const form of storage ? document.querySelectorAll("[data-draft]") : []) {
  const name = "draft-" + form.dataset.draft;
  const note = form.querySelector(".draft");
  const fields = KEPT.map((field) => form.elements[field]).filter(Boolean);
  let draft = {};
  try { draft = JSON.parse(storage.getItem(name)) || {}; } catch { /* Not ours. */ }
  if (fields.every((field) => !field.value)) {
    for (const field of fields) if (typeof draft[field.name] === "string") field.value = draft[field.name];
  }
  const show = () => { note.hidden = fields.every((field) => !field.value); };
  form.addEventListener("input", () => {
    try { storage.setItem(name, JSON.stringify(Object.fromEntries(fields.map((field) => [field.name, field.value])))); } catch { /* Full. */ }
    show();
  });
  form.querySelector("[data-clear]").addEventListener("click", () => {
    storage.removeItem(name);
    for (const field of fields) field.value = "";
    show();
    fields[0].focus();
  });
  show();
}
for (const sent of storage ? document.querySelectorAll("[data-sent]") : []) storage.removeItem("draft-" + sent.dataset.sent);

// Files that are too many or too large are said to be so before anything is sent.
for (const field of document.querySelectorAll("[data-max-files]")) {
  const limits = field.dataset;
  const note = document.createElement("span");
  note.className = "error";
  note.id = "files-limit";
  note.setAttribute("aria-live", "assertive");
  field.before(note);
  const fault = (files) => {
    if (files.length > Number(limits.maxFiles)) return limits.many;
    const large = files.find((file) => file.size > Number(limits.maxBytes));
    if (large) return `${limits.large} ${large.name}`;
    return files.reduce((sum, file) => sum + file.size, 0) > Number(limits.totalBytes) ? limits.together : "";
  };
  const look = () => {
    note.textContent = fault([...field.files]);
    field.toggleAttribute("aria-invalid", false);
    if (note.textContent) {
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", note.id);
    }
    return !note.textContent;
  };
  field.addEventListener("change", look);
  field.form.addEventListener("submit", (event) => {
    if (!look()) { event.preventDefault(); field.focus(); }
  });
}

// How the public copy would look, inside the form.
for (const button of document.querySelectorAll("[data-preview]")) {
  const place = document.querySelector(".preview");
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    const fields = new URLSearchParams([...new FormData(button.form)].filter(([, value]) => typeof value === "string"));
    button.disabled = true;
    try {
      const response = await fetch(button.formAction, { method: "POST", body: fields });
      const part = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("preview");
      if (part) {
        const title = document.createElement("h2");
        title.append(...part.querySelector("h1").childNodes);
        part.querySelector("h1").replaceWith(title);
        place.replaceChildren(...part.childNodes);
      }
    } catch { /* Without a network there is nothing to show. */ }
    button.disabled = false;
  });
}

// What has to be corrected comes first.
const errors = document.getElementById("errors");
if (errors) errors.focus();
