// Says so when the emulator no longer answers; htmx keeps asking, and an answer takes the notice away.
document.addEventListener("htmx:error", () => document.body.classList.add("stale"));
document.addEventListener("htmx:after:swap", () => document.body.classList.remove("stale"));
