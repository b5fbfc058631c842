// Security keys and passkeys: <form data-key="create|get" data-options='{"publicKey": …}'> with a hidden field "credential".
// The browser asks for the key when the form is sent; what it says goes with the form. No inline script, no eval.
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const listed = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));

  // What the server asks for, with bytes where the browser wants bytes.
  const asked = (options) => {
    const ask = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
    if (ask.user) ask.user = { ...ask.user, id: bytes(ask.user.id) };
    if (ask.excludeCredentials) ask.excludeCredentials = listed(ask.excludeCredentials);
    if (ask.allowCredentials) ask.allowCredentials = listed(ask.allowCredentials);
    return { publicKey: ask };
  };

  // What the key said, as text.
  const said = (key) => {
    const response = { clientDataJSON: text(key.response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"])
      if (key.response[part]) response[part] = text(key.response[part]);
    if (key.response.getTransports) response.transports = key.response.getTransports();
    return {
      id: key.id, rawId: text(key.rawId), type: key.type, response,
      clientExtensionResults: key.getClientExtensionResults(),
      authenticatorAttachment: key.authenticatorAttachment || undefined,
    };
  };

  for (const form of document.querySelectorAll("form[data-key]")) {
    const says = form.querySelector("[data-key-says]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      says.textContent = "";
      if (!window.PublicKeyCredential) {
        says.textContent = "This browser cannot use security keys. Use another way.";
        return;
      }
      try {
        const key = await navigator.credentials[form.dataset.key](asked(JSON.parse(form.dataset.options)));
        form.elements.credential.value = JSON.stringify(said(key));
        form.submit();
      } catch (trouble) {
        says.textContent = trouble.name === "InvalidStateError"
          ? "This key is there already."
          : "The key did not answer, or you cancelled. Try again, or use another way.";
      }
    });
  }
})();
