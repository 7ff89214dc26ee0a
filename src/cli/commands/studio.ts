import type { Command } from "commander";
import * as z from "zod/mini";
import { openBrowser } from "../../server/open-browser.js";
import { serveStudio } from "../../server/studio.js";
import { define, untilInterrupted } from "../session.js";

const Options = z.object({
  port: z._default(
    z.int().check(z.minimum(0), z.maximum(65_535), z.describe("port on 127.0.0.1; 0 takes any that is free")),
    0,
  ),
  open: z.optional(z.boolean().check(z.describe("open the browser; --no-open leaves it"))),
});

/** `seqloom studio` */
export function studioCommand(program: Command): void {
  const command = program
    .command("studio")
    .description("a web page on which to train, watch and ask models; it is served to this machine alone");
  define(command, Options, async ({ options, output }) => {
    const server = await serveStudio(options.port);
    output.result({ kind: "studio", url: server.url }, `the studio is at ${server.url}`);
    output.message("nothing leaves this machine; Ctrl-C ends it");
    if (options.open !== false) openBrowser(server.url);
    await untilInterrupted(
      (signal) => new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true })),
    );
    server.close();
  });
}
