import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { nameInC, signatures } from "../../../src/engine/backend/kernels.js";
import { addonPath } from "../../../src/node/backend.js";
import { hasAddon } from "../../helpers/backends.js";

const Parameter = z.object({ type: z.string(), name: z.string() });
const Prototypes = z.array(z.object({ returns: z.string(), name: z.string(), parameters: z.array(Parameter) }));

/** The prototypes of kernels.h, as kernels/glue.mjs reads them. */
const build: unknown = await import(new URL("../../../kernels/glue.mjs", import.meta.url).href);
const prototypes = Prototypes.parse(
  typeof build === "object" && build !== null && "prototypes" in build && typeof build.prototypes === "function"
    ? build.prototypes()
    : undefined,
);
const inC = new Map(prototypes.map((prototype) => [prototype.name, prototype]));

/** `dweight_ih` is dweightIh in TypeScript. */
const inTypeScript = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const integers = ["ids", "targets", "lengths"];
const letters = (sizes: readonly string[]) => sizes.filter((size) => size.length === 1);

describe("the table of kernels is kernels.h", () => {
  test("no kernel of one is missing in the other", () => {
    const names = Object.keys(signatures).map(nameInC);
    const kernels = prototypes.map(({ name }) => name).filter((name) => !name.endsWith("_scratch"));
    expect(names.toSorted()).toEqual(kernels.toSorted());
  });

  describe.each(Object.entries(signatures))("%s", (name, { writes, reads, sizes, extra }) => {
    const prototype = inC.get(nameInC(name));
    const arrays = [...writes, ...reads].map((id) => id.replace("?", ""));
    const hasScratch = extra.some((id) => id === "scratch");

    test("takes what it writes, what it reads, scratch, sizes, threads and int8, in this order", () => {
      const last = ["threads", "int8"].filter((id) => extra.some((e) => e === id));
      const given = [...arrays, ...(hasScratch ? ["scratch"] : []), ...sizes, ...last];
      expect(prototype?.parameters.map((parameter) => inTypeScript(parameter.name))).toEqual(given);
    });

    test("has the types of kernels.h", () => {
      const { parameters = [], returns } = prototype ?? {};
      expect(["void", "double"]).toContain(returns);
      for (const { type, name: parameter } of parameters) {
        const id = inTypeScript(parameter);
        const isArray = arrays.includes(id) || id === "scratch";
        expect(type.endsWith("*"), parameter).toBe(isArray);
        if (isArray) expect(type.replace(/\s*\*/, ""), parameter).toBe(integers.includes(id) ? "int32_t" : "float");
        else expect(type, parameter).toMatch(/^(int|float|uint32_t)$/);
        if (/^[A-Z]$/.test(id)) expect(type, parameter).toBe("int");
      }
    });

    test("has a _scratch function of its sizes, if it takes scratch", () => {
      const scratch = inC.get(`${nameInC(name)}_scratch`);
      expect(scratch?.parameters.map((parameter) => parameter.name)).toEqual(
        hasScratch ? [...letters(sizes), "threads"] : undefined,
      );
      if (hasScratch) expect(scratch?.returns).toBe("size_t");
    });
  });
});

describe.skipIf(!hasAddon && process.env["SEQLOOM_REQUIRE_ALL"] !== "1")("the addon", () => {
  test("has the kernels of kernels.h", () => {
    const addon: unknown = createRequire(import.meta.url)(addonPath());
    const { kernels } = z.parse(z.object({ kernels: z.array(z.string()) }), addon);
    expect(kernels).toEqual(prototypes.map(({ name }) => name));
  });
});
