"use strict";

// Tabs share cookies, so an open page could act as the user who signed in last in another tab. It
// acts only for the user who opened it (smscenter/accounts/page_owner.py), and keeps what was typed.

const owner = document.querySelector("meta[name=page-owner]").content;

function signedIn() {
  return document.cookie.match(/(?:^|; )page_owner=([^;]+)/)?.[1] ?? "";
}

function isOthers() {
  const isSo = owner !== "" && signedIn() !== owner;
  if (!isSo) {
    document.getElementById("another-person").hidden = true;
  }
  return isSo;
}

function show(text, action) {
  const notice = document.getElementById("another-person");
  if (notice.hidden || notice.firstChild?.textContent !== text) { // or it is read out again
    notice.replaceChildren(text, " ", action);
    notice.hidden = false;
  }
}

function showSignedOut() {
  const link = document.createElement("a");
  Object.assign(link, { textContent: "Sign in again", href: "/sign-in/", target: "_blank" });
  show("You've been signed out. What you typed is still here.", link);
}

function showOthers(text) {
  const button = document.createElement("button");
  Object.assign(button, { textContent: "Reload", type: "button", className: "button small" });
  button.addEventListener("click", () => location.reload());
  show(text, button);
}

// The server knows both names. Fetch them once for each user who signs in.
let asked = "";

async function explain() {
  if (signedIn() === "") {
    asked = "";
    showSignedOut();
  } else if (asked !== signedIn()) {
    asked = signedIn();
    const answer = await fetch(location.href, { headers: { "X-Page-Owner": owner } }).catch(() => null);
    if (isOthers()) {
      const isRefused = answer?.headers.has("X-Page-Owner");
      showOthers(isRefused ? await answer.text() : "Someone else is signed in now.");
    }
  }
}

function check() {
  if (isOthers()) {
    explain();
  } else {
    asked = "";
  }
}

window.addEventListener("focus", check);
document.addEventListener("visibilitychange", check);

document.addEventListener("submit", (event) => {
  if (event.target.method === "post" && isOthers()) {
    event.preventDefault();
    event.stopImmediatePropagation();
    explain();
  }
}, { capture: true });

// Forms that htmx doesn't send can't have a header.
document.addEventListener("submit", ({ defaultPrevented, target }) => {
  if (!defaultPrevented && target.method === "post" && owner !== "") {
    const field = target.elements.page_owner ?? target.appendChild(document.createElement("input"));
    Object.assign(field, { type: "hidden", name: "page_owner", value: owner });
  }
});

// Who asks for something else on a page that was signed out is led to the sign-in page below.
function isAsking({ verb, triggeringEvent }) {
  return verb === "get" && ["click", "submit", "change"].includes(triggeringEvent?.type);
}

document.addEventListener("htmx:configRequest", (event) => {
  if (owner !== "") {
    event.detail.headers["X-Page-Owner"] = owner;
  }
  if (isOthers() && !(signedIn() === "" && isAsking(event.detail))) {
    event.preventDefault();
    explain();
  }
});

document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
  if (xhr.getResponseHeader("X-Page-Owner")) {
    showOthers(xhr.responseText);
  }
});

// The session has ended and the response is the sign-in page. Never swap it in: a request of the page
// itself shouldn't overwrite what the user typed.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const url = new URL(detail.xhr.responseURL || location.href);
  if (url.pathname !== "/sign-in/" || location.pathname === "/sign-in/") {
    return;
  }
  detail.shouldSwap = false;
  if (isAsking(detail.requestConfig)) {
    location.assign(`/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`);
  } else {
    showSignedOut();
  }
});
