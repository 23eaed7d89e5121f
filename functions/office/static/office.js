// What makes the desk faster; everything works without it.
"use strict";
