import type { Command } from "commander";
import * as z from "zod/mini";
import { openBrowser } from "../../server/open-browser.js";
import { serveStudio } from "../../server/studio.js";
import { define, untilInterrupted } from "../session.js";

const Options = z.object({
  port: z._default(
    z.int().check(z.minimum(0), z.maximum(65_535), z.describe("port on 127.0.0.1; 0 for any free port")),
    0,
  ),
  open: z.optional(z.boolean().check(z.describe("open the browser (default: yes; --no-open)"))),
});

/** `seqloom studio` */
export function studioCommand(program: Command): void {
  const command = program
    .command("studio")
    .description("serve a web page for training and running models, to this machine only");
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
