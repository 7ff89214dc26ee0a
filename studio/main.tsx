// Each style sheet may rely on those before it.
import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/page.css";
import "./styles/cards.css";
import "./styles/controls.css";
import "./styles/run.css";
import "./styles/ask.css";
import "./styles/inside.css";
import "./styles/look.css";
import "./styles/how.css";
import { render } from "preact";
import { isolate } from "./isolate.js";

// A file dropped outside a drop zone must not replace the page.
for (const type of ["dragover", "drop"]) window.addEventListener(type, (event) => event.preventDefault());

const place = document.getElementById("studio");
if (place && !(await isolate())) {
  const { App } = await import("./app.js"); // this import also starts the worker
  render(<App />, place);
}
