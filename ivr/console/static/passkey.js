// Passkeys: asks the browser for one, and sends what it answers as an ordinary form.
"use strict";

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

function read(options) {
  const found = JSON.parse(options);
  found.challenge = toBytes(found.challenge);
  if (found.user) found.user.id = toBytes(found.user.id);
  for (const list of [found.allowCredentials, found.excludeCredentials]) {
    for (const each of list || []) each.id = toBytes(each.id);
  }
  return found;
}

function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const publicKey = read(form.dataset.options);
      const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
      form.elements.passkey.value = written(credential);
      form.submit();
    } catch {
      form.querySelector("[data-message]").textContent = form.dataset.failed;
    }
  });
}
