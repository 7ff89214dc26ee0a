// The C code between Node and the kernels, made from the prototypes of kernels.h.
import { readFileSync } from "node:fs";

/** The prototypes of kernels.h: what each returns, its name, and its parameters' types and names. */
export function prototypes() {
  const text = readFileSync(new URL("kernels.h", import.meta.url), "utf8").replace(/\/\/.*$/gm, "");
  return [...text.matchAll(/^(void|size_t|double) (\w+)\(([^)]*)\);/gm)].map(([, returns, name, list]) => ({
    returns,
    name,
    parameters: list.split(",").map((parameter) => {
      const [, type, id] = parameter.trim().match(/^(.*?)(\w+)$/s);
      return { type: type.replace("const ", "").trim(), name: id };
    }),
  }));
}

/** C that unpacks an argument list, one small function for each kernel, and the table of them. */
export function addonGlue(table) {
  const argument = ({ type }, i) =>
    type.endsWith("*") ? `(${type})(v[${i}] ? m + (size_t)v[${i}] : 0)` : `(${type})v[${i}]`;
  const calls = prototypes().map(({ returns, name, parameters }) => {
    const call = `${name}(${parameters.map(argument).join(", ")})`;
    const body = returns === "void" ? `${call}; return 0;` : `return (double)${call};`;
    return `static double call_${name}(const double *v, char *m) { ${body} }`;
  });
  const names = prototypes().map(({ name }) => `call_${name}`);
  return `#include "all.c"\n${calls.join("\n")}\ndouble (*const ${table}[])(const double *, char *) = {${names.join(", ")}};\n`;
}

/** The header with which addon.c finds the tables of these instruction sets. */
export function tableHeader(sets) {
  const names = prototypes().map(({ name }) => `"${name}"`);
  return [
    `#define KERNELS ${names.length}`,
    `#define TABLES ${sets.length}`,
    "typedef double (*Call)(const double *, char *);",
    ...sets.map((_, i) => `extern const Call table_${i}[];`),
    `static const struct { const char *name; const Call *calls; } tables[] = {${sets.map((set, i) => `{"${set}", table_${i}}`).join(", ")}};`,
    `static const char *const kernel_names[] = {${names.join(", ")}};`,
    "",
  ].join("\n");
}
