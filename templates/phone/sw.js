/* Keeps the pages that work without a signal: a shell without anybody's data, and what it needs. */
"use strict";

const RELEASE = "{{ release }}";
const SHELL = "{{ shell }}";
const FILES = {{ files|safe }};
const PATIENCE = 4000; /* a signal that is neither there nor gone */
const LONG_PATIENCE = 30000; /* for what only the server has */
const KEPT = /^\/($|record\/|mine\/$)/;
const OURS = /^\/($|record\/|mine\/$|visits\/)/;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(RELEASE)
      .then((cache) => Promise.all([
        cache.addAll(FILES.map((url) => new Request(url, { credentials: "omit" }))), /* named by content: fetched once */
        cache.add(new Request(SHELL, { cache: "reload", credentials: "omit" })),
      ]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== RELEASE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (OURS.test(url.pathname)) event.respondWith(page(request));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept || fetch(request)));
  }
});

/* The server's page where it comes in time and is one; else the shell, which shows the same from what the phone keeps. */
async function page(request) {
  const patience = KEPT.test(new URL(request.url).pathname) ? PATIENCE : LONG_PATIENCE;
  const late = new Promise((resolve) => setTimeout(resolve, patience));
  const answer = await Promise.race([fetch(request).catch(() => null), late]);
  if (answer && answer.status < 500 && answer.status !== 429) return answer;
  return (await caches.match(SHELL)) || answer || Response.error();
}
