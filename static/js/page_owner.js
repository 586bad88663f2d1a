"use strict";

// Tabs share cookies, so an open page could act as the user who signed in last in another tab. It
// acts only for the user who opened it (smscenter/accounts/page_owner.py), and keeps what was typed.

const owner = document.querySelector("meta[name=page-owner]").content;

function signedInUser() {
  return document.cookie.match(/(?:^|; )page_owner=([^;]+)/)?.[1] ?? "";
}

function isOwnedByAnother() {
  const isAnother = owner !== "" && signedInUser() !== owner;
  if (!isAnother) {
    document.getElementById("another-person").hidden = true;
  }
  return isAnother;
}

function showNotice(text, action) {
  const notice = document.getElementById("another-person");
  if (notice.hidden || notice.firstChild?.textContent !== text) { // or screen readers repeat it
    notice.replaceChildren(text, " ", action);
    notice.hidden = false;
  }
}

function showSignedOut() {
  const link = document.createElement("a");
  Object.assign(link, { textContent: "Sign in again", href: "/sign-in/", target: "_blank" });
  showNotice("You've been signed out. What you typed is still here.", link);
}

function showAnotherUser(text) {
  const button = document.createElement("button");
  Object.assign(button, { textContent: "Reload", type: "button", className: "button small" });
  button.addEventListener("click", () => location.reload());
  showNotice(text, button);
}

// The server knows both names. Fetch them once for each user who signs in.
let explainedTo = "";

async function explain() {
  if (signedInUser() === "") {
    explainedTo = "";
    showSignedOut();
  } else if (explainedTo !== signedInUser()) {
    explainedTo = signedInUser();
    const response = await fetch(location.href, { headers: { "X-Page-Owner": owner } }).catch(() => null);
    if (isOwnedByAnother()) {
      const isRefused = response?.headers.has("X-Page-Owner");
      showAnotherUser(isRefused ? await response.text() : "Someone else is signed in now.");
    }
  }
}

function checkOwner() {
  if (isOwnedByAnother()) {
    explain();
  } else {
    explainedTo = "";
  }
}

window.addEventListener("focus", checkOwner);
document.addEventListener("visibilitychange", checkOwner);

document.addEventListener("submit", (event) => {
  if (event.target.method === "post" && isOwnedByAnother()) {
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

// A click on a page that was signed out leads to the sign-in page (below).
function isNavigation({ verb, triggeringEvent }) {
  return verb === "get" && ["click", "submit", "change"].includes(triggeringEvent?.type);
}

document.addEventListener("htmx:configRequest", (event) => {
  if (owner !== "") {
    event.detail.headers["X-Page-Owner"] = owner;
  }
  if (isOwnedByAnother() && !(signedInUser() === "" && isNavigation(event.detail))) {
    event.preventDefault();
    explain();
  }
});

document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
  if (xhr.getResponseHeader("X-Page-Owner")) {
    showAnotherUser(xhr.responseText);
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
  if (isNavigation(detail.requestConfig)) {
    location.assign(`/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`);
  } else {
    showSignedOut();
  }
});
