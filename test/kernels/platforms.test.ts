import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, utimesSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { addonPath, kernelFolder } from "../../src/node/backend.js";

const requireAll = process.env["SEQLOOM_REQUIRE_ALL"] === "1";

/** Each format with its own number for the processor, where it stands in the file, and what else Node needs to find. */
const platforms = [
  { name: "linux-x64-gnu", read: elf, machine: 0x3e, holds: ["libc.so.6\0"] },
  { name: "linux-x64-musl", read: elf, machine: 0x3e, holds: ["libc.so\0"] },
  { name: "linux-arm64-gnu", read: elf, machine: 0xb7, holds: ["libc.so.6\0"] },
  { name: "linux-arm64-musl", read: elf, machine: 0xb7, holds: ["libc.so\0"] },
  { name: "darwin-x64", read: macho, machine: 0x1000007, holds: ["libSystem"] },
  // A Mac with this processor runs signed code only; the magic number is that of a signature.
  { name: "darwin-arm64", read: macho, machine: 0x100000c, holds: ["libSystem", "\xfa\xde\x0c\xc0"] },
  { name: "win32-x64", read: pe, machine: 0x8664, holds: ["node.exe\0"] },
  { name: "win32-arm64", read: pe, machine: 0xaa64, holds: ["node.exe\0"] },
] as const;

function elf(file: Buffer): number {
  expect(file.toString("latin1", 0, 6)).toBe("\x7fELF\x02\x01"); // 64 bits, low byte first
  return file.readUInt16LE(18);
}

function macho(file: Buffer): number {
  expect(file.readUInt32LE(0)).toBe(0xfeedfacf);
  return file.readUInt32LE(4);
}

function pe(file: Buffer): number {
  const start = file.readUInt32LE(0x3c);
  expect([file.toString("latin1", 0, 2), file.toString("latin1", start, start + 4)]).toEqual(["MZ", "PE\0\0"]);
  return file.readUInt16LE(start + 4);
}

describe.each(platforms)("the addon of $name", ({ name, read, machine, holds }) => {
  const path = fileURLToPath(new URL(`${name}.node`, kernelFolder));
  const open = (): Buffer => {
    expect(existsSync(path), `${path}. Hint: npm run build:all`).toBe(true);
    return readFileSync(path);
  };
  const skips = !existsSync(path) && !requireAll;

  test.skipIf(skips)("is of that system's format and processor", () => {
    expect(read(open())).toBe(machine);
  });

  test.skipIf(skips)("has the entry point, its instruction sets and the system's own library", () => {
    const file = open().toString("latin1");
    const sets = name.includes("x64") ? ["AVX-512", "AVX2", "SSE4.2"] : ["NEON"];
    for (const word of ["napi_register_module_v1\0", ...sets, ...holds]) expect(file.includes(word), word).toBe(true);
  });

  test.skipIf(skips)("asks for no glibc newer than 2.28, which is that of Node 20", () => {
    const versions = [
      ...open()
        .toString("latin1")
        .matchAll(/GLIBC_2\.(\d+)/g),
    ].map(([, minor]) => Number(minor));
    expect(versions.length > 0).toBe(name.endsWith("-gnu"));
    expect(Math.max(0, ...versions)).toBeLessThanOrEqual(28);
  });

  test.skipIf(skips)("does not tell in which folder it was built", () => {
    expect(open().includes(fileURLToPath(new URL("../../dist", import.meta.url)))).toBe(false);
  });
});

test.skipIf(!existsSync(addonPath()) && !requireAll)("what is newer, but says the same, is not compiled again", () => {
  const before = statSync(addonPath()).mtimeMs;
  utimesSync("kernels/all.c", new Date(), new Date());
  expect(execFileSync(process.execPath, ["kernels/build.mjs"], { encoding: "utf8" })).toBe("");
  expect(statSync(addonPath()).mtimeMs).toBe(before);
});
