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
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
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
  } else if (step) {
    const rows = [...document.querySelectorAll("[data-rows] tbody tr, ol[data-rows] > li[id]")];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    rows[Math.max(0, Math.min(rows.length - 1, at + step))].querySelector("a")?.focus();
  }
});
