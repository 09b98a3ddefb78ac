// What axe finds on a page, in words.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** Without frames in it, a page needs none of the second page that axe opens by default. */
export async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help} · ${node.target.join(' ')} · ${node.failureSummary}`),
  );
}
