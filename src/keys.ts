/** The names of a table, in its order. */
export function keysOf<Name extends string>(table: Record<Name, unknown>): Name[] {
  const isName = (key: string): key is Name => key in table;
  return Object.keys(table).filter(isName);
}
