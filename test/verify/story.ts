// How a broken rule came about, as a person reads it: a sequence diagram in Mermaid, and the same as a list. Knows no model.

/** One thing that happens. */
export interface Says {
  from: string;
  to: string;
  text: string;
}

const clean = (text: string): string => text.replace(/[;#\n]/g, ',');

export function mermaid(rule: string, steps: Says[]): string {
  const names = [...new Set(steps.flatMap(({ from, to }) => [from, to]))];
  return [
    'sequenceDiagram',
    ...names.map((name) => `  participant ${name}`),
    ...steps.map(({ from, to, text }) => `  ${from}->>${to}: ${clean(text)}`),
    `  Note over ${names.length > 1 ? `${names[0]},${names.at(-1)}` : names[0]}: ${clean(rule)}`,
  ].join('\n');
}

export const list = (steps: Says[]): string =>
  steps.map(({ from, to, text }, index) => `${index + 1}. ${from} → ${to}: ${text}`).join('\n');
