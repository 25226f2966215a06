// Begins the scripts of the work page once the record is first to be seen: until then they would compete with it.

import { isDrawn } from "./first.js";

const LATE = 600; // milliseconds; a picture that takes longer keeps nobody from working

const { main, modules } = JSON.parse(document.getElementById("workbench-scripts").textContent);
await Promise.race([isDrawn, new Promise((done) => setTimeout(done, LATE))]);
for (const href of modules) document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
import(main);
