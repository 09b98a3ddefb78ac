// Which addresses of an agent's text become links: those that leave the page in the open. Nothing is ever loaded by itself.

const LINK_PROTOCOLS = new Set(['http:', 'https:', 'mailto:']);

/** The address if it may be a link, else null: `javascript:`, `data:`, relative ones and whatever doesn't parse are text. */
export function linkTarget(raw: string): string | null {
  // A base makes `//host` and relative addresses parse; the check below refuses what needed it.
  if (!/^[a-z][a-z0-9+.-]*:/i.test(raw.trim())) return null;
  try {
    const url = new URL(raw.trim());
    return LINK_PROTOCOLS.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export const LINK_REL = 'noopener noreferrer';
