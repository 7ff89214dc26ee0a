import { spawnSync } from "node:child_process";

/** For `test.skipIf`: true where there is no espeak-ng, unless `SEQLOOM_REQUIRE_ALL=1` forbids skipping. */
export const skipWithoutEspeak =
  spawnSync("espeak-ng", ["--version"]).error !== undefined && process.env["SEQLOOM_REQUIRE_ALL"] !== "1";
