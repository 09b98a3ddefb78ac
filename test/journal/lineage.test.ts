import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SessionRow } from '../../src/journal/port.ts';
import { listSessions } from '../../src/journal/session-reads.ts';
import type { Relation } from '../../src/protocol/index.ts';
import { type Desk, openDesk } from './desk.ts';
import { newSession, OWNER } from './support.ts';

const PAGE = 3;
const WORDS = ['heron', 'stork'];

interface Member {
  id: string;
  no: number;
  parent: string | null;
  relation: Relation | null;
  /** who was made by continuing it, or what it continues, is of the same lineage */
  lineage: number;
  updated_at: number;
  archived: boolean;
  title: string;
}

const any = fc.nat({ max: 20 });
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      of: any,
      relation: fc.constantFrom(
        'continuation' as const,
        'continuation' as const,
        'fork' as const,
        'child' as const,
        null,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('rename' as const), of: any, word: fc.constantFrom(...WORDS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('archive' as const), of: any, archived: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), of: any }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const placeOf = ({ parent_session_id, relation, lineage_root_id }: SessionRow): string =>
  [parent_session_id, relation, lineage_root_id].join(' ');

/** Where each session stands among the others. */
const places = ({ database }: Desk): Map<string, string> =>
  new Map(
    listSessions(database, OWNER, { limit: 99 })
      .sessions.concat(listSessions(database, OWNER, { limit: 99, archived: true }).sessions)
      .map((row) => [row.session_id, placeOf(row)]),
  );

function take(desk: Desk, members: Member[], asked: Step, no: number): Member[] {
  const { write } = desk;
  const of = members[asked.of % Math.max(1, members.length)];
  if (asked.do === 'create') {
    const id = `s${String(no).padStart(2, '0')}`;
    const relation = of ? asked.relation : null;
    const parent = relation && of ? of.id : null;
    write('create', {
      owner: OWNER,
      session: newSession(id, { parent_session_id: parent, relation }),
      at: no,
    });
    const lineage = relation === 'continuation' && of ? of.lineage : no;
    return [...members, { id, no, parent, relation, lineage, updated_at: no, archived: false, title: '' }];
  }
  if (!of) return members;
  if (asked.do === 'delete') {
    const before = places(desk);
    const deleted = write('delete', { owner: OWNER, session_id: of.id });
    // Who is told of is who has changed.
    const after = places(desk);
    const changed = [...after].filter(([id, place]) => place !== before.get(id));
    const told = deleted.kind === 'deleted' ? (deleted.changed ?? []) : [];
    expect(told.toSorted()).toEqual(changed.map(([id]) => id).toSorted());
    const others = members.filter((member) => member !== of);
    return others.map((member) =>
      member.parent === of.id ? { ...member, parent: null, relation: null } : member,
    );
  }
  const patch = asked.do === 'rename' ? { title: asked.word } : { archived: asked.archived };
  write('patch', { owner: OWNER, session_id: of.id, patch, at: no });
  const changed = asked.do === 'rename' ? { ...patch, updated_at: no } : patch;
  return members.map((member) => (member === of ? { ...member, ...changed } : member));
}

const newestFirst = (a: Member, b: Member) => b.updated_at - a.updated_at || (a.id < b.id ? 1 : -1);

/** One row per lineage: its newest member that nobody listed continues, and how many it stands for. */
function collapsed(members: Member[], archived: boolean, word: string | null) {
  const listed = members.filter((member) => member.archived === archived);
  const isContinued = ({ id }: Member) =>
    listed.some(({ parent, relation }) => parent === id && relation === 'continuation');
  const holds = (lineage: number) =>
    word === null || members.some((member) => member.lineage === lineage && member.title === word);
  const lineages = [...new Set(listed.map(({ lineage }) => lineage))].filter(holds);
  const tips = lineages.map((lineage) => {
    const own = listed.filter((member) => member.lineage === lineage);
    return own.filter((member) => !isContinued(member)).toSorted(newestFirst)[0]!;
  });
  return tips.toSorted(newestFirst).map(({ id, lineage }) => {
    const count = listed.filter((member) => member.lineage === lineage).length;
    const oldest = members.find((member) => member.lineage === lineage)!;
    return count < 2 ? [id, undefined, undefined] : [id, oldest.id, count];
  });
}

function listed({ database }: Desk, archived: boolean, q: string | null) {
  const rows: unknown[] = [];
  for (let before: string | undefined; ; ) {
    const query = { limit: PAGE, archived, collapse: 'lineage' as const, ...(q ? { q } : {}) };
    const page = listSessions(database, OWNER, before ? { ...query, before } : query);
    rows.push(...page.sessions.map((row) => [row.session_id, row.lineage_key, row.lineage_collapsed_count]));
    before = page.next;
    if (before === undefined) return rows;
  }
}

test('lesson 118 lesson 119 a lineage is its continuations and nothing else, one row at its newest tip, on every page', () => {
  const property = fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
    const desk = openDesk();
    let members: Member[] = [];
    steps.forEach((asked, no) => {
      members = take(desk, members, asked, no);
    });
    for (const archived of [false, true])
      for (const word of [null, ...WORDS])
        expect(listed(desk, archived, word)).toEqual(collapsed(members, archived, word));
  });
  fc.assert(property, { numRuns: 100 });
});
