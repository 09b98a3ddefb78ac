// The name under which this tab answers: one for the life of the tab, over reloads too (`Weir-Client`).
import { createId, isId } from '../../protocol/ids.ts';
import type { Random } from '../../protocol/ports.ts';
import { tabStorage } from '../kept.ts';

const KEY = 'tab';

export function tabName(random: Random): string {
  const known = tabStorage.kept(KEY);
  if (isId(known)) return known;
  const name = createId('t', random);
  tabStorage.keep(KEY, name);
  return name;
}
