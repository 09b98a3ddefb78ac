// What a table says of a name that comes from outside, where what every object inherits is no answer.

/** undefined: the table has no such name of its own. */
export const ownOf = <Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
