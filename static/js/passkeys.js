"use strict";

// Adds passkeys and signs in with them: the browser makes the credential that the form then sends.

const decode = (text) => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0),
);
const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const withBuffers = (credentials = []) => credentials.map((each) => ({ ...each, id: decode(each.id) }));

function encoded(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) {
      response[name] = encode(credential.response[name]);
    }
  }
  return {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

function add({ publicKey }) {
  return navigator.credentials.create({ publicKey: {
    ...publicKey,
    challenge: decode(publicKey.challenge),
    user: { ...publicKey.user, id: decode(publicKey.user.id) },
    excludeCredentials: withBuffers(publicKey.excludeCredentials),
    // It signs in alone, so the device must know the account, and check who holds it.
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
  } });
}

function use({ publicKey }) {
  return navigator.credentials.get({ publicKey: {
    ...publicKey,
    challenge: decode(publicKey.challenge),
    allowCredentials: withBuffers(publicKey.allowCredentials),
    userVerification: "required",
  } });
}

async function options(form) {
  const given = document.getElementById("passkey-options");
  if (given) {
    return JSON.parse(given.textContent);
  }
  const response = await fetch(form.action, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
  return (await response.json()).request_options;
}

function explain(form, error) {
  const place = form.querySelector("[role=alert]");
  const reasons = {
    InvalidStateError: "This device already has a passkey for your account.",
    NotAllowedError: "Canceled, or it took too long. Try again.",
    SecurityError: `Passkeys don't work at this address (${location.hostname}). Open SMS Center by its host name.`,
  };
  place.textContent = reasons[error.name] ?? "Your browser couldn't use a passkey. Try again.";
  place.hidden = false;
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  form.hidden = !window.PublicKeyCredential;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const ask = form.dataset.passkey === "add" ? add : use;
      form.elements.credential.value = JSON.stringify(encoded(await ask(await options(form))));
      form.submit();
    } catch (error) {
      explain(form, error);
    }
  });
}
