// Small helps on top of pages that work without them: theme, copy, keys. The only thing kept is the chosen theme.
const root = document.documentElement;
root.classList.add("js");

function chosenTheme() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null; // Storage can be forbidden; the system's theme holds then.
  }
}

// This file is not deferred: the theme must be known before the first paint.
if (chosenTheme()) root.dataset.theme = chosenTheme();

function switchTheme() {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // Not kept, but shown.
  }
}

function say(words) {
  document.getElementById("said")?.replaceChildren(words);
}

document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard
      .writeText(copy.dataset.copy || copy.previousElementSibling.textContent)
      .then(() => say("Copied"), () => say("The browser did not allow copying"));
  }
  if (event.target.closest("[data-theme-switch]")) switchTheme();
  if (event.target.closest("[data-keys]")) document.getElementById("keys")?.showModal();
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault(); // The link leads to a page with the same form, for browsers without scripts.
    document.getElementById(opener.dataset.dialog)?.showModal();
  }
});

// Rows of a list that are ticked: marked, counted, and the bar shown while there are any.
function picked(form) {
  const boxes = [...form.querySelectorAll("input[name=task]")];
  const chosen = boxes.filter((box) => box.checked).length;
  for (const box of boxes) box.closest("tr").setAttribute("aria-selected", box.checked);
  const all = form.querySelector("[data-pick-all]");
  all.checked = chosen === boxes.length;
  all.indeterminate = chosen > 0 && !all.checked;
  form.querySelector(".selbar").hidden = !chosen;
  form.querySelector("[data-picked]").textContent = `${chosen} selected`;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-pick]");
  if (!form) return;
  if (event.target.matches("[data-pick-all]")) {
    for (const box of form.querySelectorAll("input[name=task]")) box.checked = event.target.checked;
  }
  picked(form);
});
document.addEventListener("reset", (event) => {
  if (event.target.matches("[data-pick]")) setTimeout(picked, 0, event.target); // The boxes change after this event.
});
// Also when the browser goes back to a list: it keeps the ticks.
addEventListener("pageshow", () => document.querySelectorAll("[data-pick]").forEach(picked));

const PLACES = {
  p: "place-projects",
  x: "place-exports",
  r: "place-reports",
  s: "place-sync",
  o: "place-overview",
  t: "place-tasks",
  e: "place-events",
  i: "place-integrity",
};
let afterG = false;

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox]), select, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey || typing) return;
  const { key } = event;
  if (afterG) {
    afterG = false;
    document.getElementById(PLACES[key])?.click();
    return;
  }
  const step = { j: 1, k: -1 }[key];
  if (key === "/") {
    const search = document.querySelector("input[type=search]");
    if (search) event.preventDefault();
    search?.focus();
  } else if (key === "[" || key === "]") {
    document.querySelector(key === "[" ? "a[rel=prev]" : "a[rel=next]")?.click();
  } else if (key === "?") {
    document.getElementById("keys")?.showModal();
  } else if (key === "g") {
    afterG = true;
  } else if (step || key === "x") {
    const rows = [...document.querySelectorAll("[data-rows] tbody tr, ol[data-rows] > li[id]")];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    if (key === "x") {
      rows[at]?.querySelector("input[name=task]")?.click();
      return;
    }
    rows[Math.max(0, Math.min(rows.length - 1, at + step))].querySelector("a")?.focus();
  }
});

// On a phone the tabs scroll sideways: the one that is open is in sight.
document.addEventListener("DOMContentLoaded", () => {
  const tabs = document.querySelector(".tabs");
  const open = tabs?.querySelector("[aria-current]");
  if (open) tabs.scrollLeft = Math.max(0, open.offsetLeft + open.offsetWidth - tabs.offsetLeft - tabs.clientWidth);
});
