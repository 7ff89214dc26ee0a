import type { Command } from "commander";
import * as z from "zod/mini";
import { describeOption } from "../../engine/check-options.js";
import { openBrowser } from "../../server/open-browser.js";
import { serveStudio } from "../../server/studio.js";
import { define, untilInterrupted } from "../session.js";

const Options = z.object({
  port: z._default(
    z
      .int()
      .check(
        z.minimum(0),
        z.maximum(65_535),
        describeOption("machine", "Listen on this port of 127.0.0.1; 0 takes any free port"),
      ),
    0,
  ),
  open: z.optional(z.boolean().check(describeOption("machine", "Open the browser", "on"))),
});

/** `seqloom studio` */
export function studioCommand(program: Command): void {
  const command = program
    .command("studio")
    .description("Serve a web page to train, watch and query models, on this machine only");
  define(command, Options, async ({ options, output }) => {
    const server = await serveStudio(options.port);
    output.result({ kind: "studio", url: server.url }, `the studio is at ${server.url}`);
    output.message("no data leaves this machine; press Ctrl-C to stop");
    if (options.open !== false) openBrowser(server.url);
    await untilInterrupted(
      (signal) => new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true })),
    );
    server.close();
  });
}
