// A stand-in for Stripe.js that verifies identities on the emulator it comes from: it
// opens the page on which the outcome is chosen, and tells how the visit ended.
(function () {
  "use strict";
  var base = document.currentScript.src.replace(/_emulator\/stripe\.js.*$/, "");

  window.Stripe = function (key) {
    if (typeof key !== "string" || !/^pk_(test|live)_./.test(key)) {
      throw integrationError("Stripe() takes a publishable key, such as pk_test_123. Secret keys stay on your server.");
    }
    return {
      verifyIdentity: function (secret) {
        if (typeof secret !== "string" || secret === "") {
          throw integrationError("stripe.verifyIdentity() takes the client_secret of a VerificationSession.");
        }
        return verifyIdentity(key, secret);
      },
    };
  };
  window.Stripe.version = "emulator";

  function integrationError(message) {
    var error = new Error(message);
    error.name = "IntegrationError";
    return error;
  }

  function verifyIdentity(key, secret) {
    return fetch(base + "_emulator/verify", {
      method: "POST", mode: "cors", credentials: "omit", referrerPolicy: "no-referrer",
      body: new URLSearchParams({ key: key, client_secret: secret }),
    }).then(function (answer) { return answer.json(); }).catch(function () {
      return {
        error: {
          type: "api_connection_error",
          message: "The emulator can't be reached from " + location.origin + ": start it with --origin " + location.origin + ".",
        },
      };
    }).then(function (answer) { return answer.error ? answer : show(answer.url); });
  }

  // show opens the page in front of this one. The promise ends with the visit.
  function show(url) {
    return new Promise(function (resolve) {
      var dialog = document.createElement("dialog"), close = document.createElement("button"), frame = document.createElement("iframe");
      dialog.setAttribute("aria-label", "Verify your identity");
      Object.assign(dialog.style, { width: "min(46rem, 96vw)", height: "min(54rem, 94vh)", maxWidth: "none", maxHeight: "none", padding: "0", border: "0", overflow: "hidden" });
      close.type = "button";
      close.textContent = "×";
      close.setAttribute("aria-label", "Close");
      Object.assign(close.style, { position: "absolute", top: ".25rem", right: ".75rem", width: "2.75rem", height: "2.75rem", border: "0", background: "none", color: "#6b7280", font: "1.75rem/1 sans-serif", cursor: "pointer" });
      frame.title = "Verify your identity";
      frame.src = url;
      Object.assign(frame.style, { width: "100%", height: "100%", border: "0" });
      dialog.append(frame, close);

      function end(result) {
        window.removeEventListener("message", listen);
        dialog.remove();
        resolve(result);
      }
      function listen(event) {
        if (event.source === frame.contentWindow && event.origin === new URL(url).origin && event.data && event.data.visit === "ended") {
          end(event.data.result);
        }
      }
      function leave() {
        end({ error: { type: "invalid_request_error", code: "session_cancelled", message: "The verification was closed before anything was submitted." } });
      }
      window.addEventListener("message", listen);
      close.addEventListener("click", leave);
      dialog.addEventListener("cancel", leave); // the escape key
      document.body.append(dialog);
      dialog.showModal();
    });
  }
})();
