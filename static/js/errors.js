"use strict";

// Reports failed htmx requests, and keeps those from failing whose element was replaced.

const requestError = document.getElementById("request-error");
let hidingError;

function showError(text) {
  if (requestError.hidden || requestError.textContent !== text) { // or screen readers repeat it
    requestError.textContent = text;
    requestError.hidden = false;
  }
  clearTimeout(hidingError);
  hidingError = setTimeout(() => { requestError.hidden = true; }, 8000);
}

document.addEventListener("htmx:sendError", () => {
  showError("Can't reach the server. Check your connection. Nothing was lost.");
});

document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
  if (xhr.getResponseHeader("X-Page-Owner")) {
    return; // page_owner.js reports it
  }
  if (xhr.status === 403) {
    showError("You don't have permission, or this page has expired. Reload it.");
  } else if (xhr.status === 404) {
    showError("This no longer exists. Reload the page.");
  } else if (xhr.status === 503 && xhr.getResponseHeader("Retry-After")) {
    showError("This took too long. Try again in a moment, or narrow your search.");
  } else if (xhr.status === 502 || xhr.status === 503) {
    // The server, its database, or its disk. The page that a browser would show says which.
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    showError(page.querySelector("p")?.textContent ?? "SMS Center isn't available right now. Try again in a minute.");
  } else {
    const reference = xhr.getResponseHeader("X-Request-ID");
    showError(`Something went wrong on our side. Try again in a moment. Reference: ${reference}`);
  }
});

// Besides its target, a response can replace other parts of the page, such as the navigation's badges.
// htmx looks for them in the tree of the element that made the request, which isn't the page's if that
// element was replaced in the meantime. (With `composed`, htmx asks whether it's still on the page.)
document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig: { elt } } }) => {
  if (!elt.isConnected) {
    elt.getRootNode = ({ composed }) => (composed ? elt : document);
  }
});
