// A clock for pages in the background, whose own timers browsers hold back. It asks nothing itself.
"use strict";

// Milliseconds between two questions.
const EVERY = 5000;

setInterval(() => postMessage(null), EVERY);
postMessage(null);
