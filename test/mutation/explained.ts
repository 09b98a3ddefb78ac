// Why some mutants survive: each entry says what was changed, and why no test can see it, or why none should.

export interface Survivor {
  /** from the root of the house */
  file: string;
  line: number;
  /** the code as it was, on one line */
  was: string;
  becomes: string;
}

export interface Explanation {
  why: string;
  file: RegExp;
  was: RegExp;
  becomes?: RegExp;
}

export const EXPLANATIONS: readonly Explanation[] = [];

const matches = ({ file, was, becomes }: Explanation, survivor: Survivor): boolean =>
  file.test(survivor.file) && was.test(survivor.was) && (becomes?.test(survivor.becomes) ?? true);

/** The first reason that fits; null: none. */
export const explain = (survivor: Survivor): string | null =>
  EXPLANATIONS.find((each) => matches(each, survivor))?.why ?? null;

/** Those that fit no survivor. */
export const unusedExplanations = (survivors: readonly Survivor[]): Explanation[] =>
  EXPLANATIONS.filter((each) => !survivors.some((survivor) => matches(each, survivor)));
