import "uplot/dist/uPlot.min.css";
import "./style.css";
import { render } from "preact";
import { isolate } from "./isolate.js";

const place = document.getElementById("studio");
if (place && !(await isolate())) {
  const { App } = await import("./app.js"); // with it starts the worker
  render(<App />, place);
}
