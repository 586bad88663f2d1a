"use strict";

// The bell. Its panel is loaded when it opens. The count arrives with what this browser shows on the
// desktop, if the user allowed that on the settings page.

const panel = document.getElementById("notifications");

panel?.addEventListener("beforetoggle", ({ newState }) => {
  if (newState === "open") {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => { menu.open = false; });
    panel.dispatchEvent(new Event("open"));
  }
});

// After "Mark all as read", the button is gone.
panel?.addEventListener("htmx:afterSwap", () => {
  if (document.activeElement === document.body && panel.matches(":popover-open")) {
    panel.querySelector("a")?.focus();
  }
});

const SHOWN = "notifications-shown"; // the newest ID that a tab of this browser has shown

function show({ dataset, textContent }) {
  const shown = new Notification(textContent, { body: dataset.reason, tag: `notification-${dataset.desktop}` });
  shown.addEventListener("click", () => {
    window.focus();
    location.assign(dataset.url);
  });
}

// All tabs get the same news. The lock lets only one of them show each.
function showOnDesktop() {
  const news = [...document.querySelectorAll("#unread [data-desktop]")];
  if (news.length === 0 || globalThis.Notification?.permission !== "granted" || !navigator.locks) {
    return;
  }
  navigator.locks.request(SHOWN, () => {
    const last = Number(localStorage.getItem(SHOWN));
    const unseen = news.filter(({ dataset }) => Number(dataset.desktop) > last);
    localStorage.setItem(SHOWN, String(Math.max(last, ...news.map(({ dataset }) => Number(dataset.desktop)))));
    unseen.reverse().forEach(show);
  });
}

// Screen readers hear a new count, but not the first one of a page, nor the same one again.
let counted;

function announce() {
  const count = document.querySelector("#unread .unread-count")?.textContent.replace(/\s+/g, " ").trim() ?? "";
  if (counted !== undefined && count !== counted) {
    document.getElementById("unread-news").textContent = count && `Notifications: ${count}`;
  }
  counted = count;
}

// The count comes with the saved views, or by itself.
document.querySelector(".navigation")?.addEventListener("htmx:afterSwap", () => {
  showOnDesktop();
  announce();
});

// The settings page.
const STATES = {
  granted: "Desktop notifications are on in this browser, while SMS Center is open.",
  denied: "This browser blocks desktop notifications from SMS Center. Allow them in its settings.",
  default: "Desktop notifications are off in this browser.",
};

function showDesktopState() {
  const section = document.getElementById("desktop");
  if (section && globalThis.Notification) {
    section.hidden = false;
    document.getElementById("desktop-state").textContent = STATES[Notification.permission];
    document.getElementById("desktop-allow").hidden = Notification.permission !== "default";
  }
}

document.getElementById("desktop-allow")?.addEventListener("click", async () => {
  await Notification.requestPermission();
  showDesktopState();
});

showDesktopState();
