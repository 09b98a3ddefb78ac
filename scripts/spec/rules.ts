// Rule ids: where SPEC.md defines them, and where code and tests cite them.

/** An id anywhere in a text. A number after `PR` or in a longer word is none. */
const ID =
  /(?<![A-Za-z0-9_#§.-])(?:(?:P|Q|ST|SE|AT|LN|PF|CQ|BR|CA|DM|AG|IN)\d{1,2}(?![A-Za-z0-9_])|wire §\d+|[Ll]esson \d+|fault \d+b?)/g;
const DEFINED = /^- \*\*([^*]+)\*\* (.+)$/;
const LATER = '## Comes with later versions';
const LESSON = /^\| (\d+) \| ([^|]+) \| ([^|]+) \|$/;
/** The line above what is generated. */
export const MADE_BELOW = '<!-- made by npm run spec; do not edit below -->';

export interface Rule {
  id: string;
  text: string;
  /** no code keeps it yet */
  isLater: boolean;
}

export interface Lesson {
  id: string;
  /** the last column as it stands */
  held: string;
}

/** The ids that `text` cites, each once, in order. */
export const citedIn = (text: string): string[] => [
  ...new Set([...text.matchAll(ID)].map(([id]) => id.replace('Lesson', 'lesson'))),
];

/** What a person wrote of SPEC.md. */
export const writtenPart = (page: string): string => page.slice(0, page.indexOf(MADE_BELOW));

export function rulesOf(page: string): Rule[] {
  let isLater = false;
  return writtenPart(page)
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith('## ')) isLater = line === LATER;
      const [, id, text] = DEFINED.exec(line) ?? [];
      return id === undefined || text === undefined ? [] : [{ id, text, isLater }];
    });
}

export const lessonsOf = (page: string): Lesson[] =>
  page.split('\n').flatMap((line) => {
    const [, number, , held] = LESSON.exec(line) ?? [];
    return number === undefined || held === undefined ? [] : [{ id: `lesson ${number}`, held: held.trim() }];
  });
