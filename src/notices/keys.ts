// The keys by which push services know this installation (VAPID, RFC 8292): made once, kept in the data folder, readable for
// its owner only. A new pair would end every subscription.
import { createECDH } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';

const CURVE = 'prime256v1';
const FILE = 'push-keys.json';

const base64url = (bytes: number) =>
  z
    .string()
    .check(z.refine((text) => Buffer.from(text, 'base64url').length === bytes, `must be ${bytes} bytes`));
const pairSchema = z.object({ public_key: base64url(65), private_key: base64url(32) });

/** A key pair of P-256, in base64url. */
export type PushKeys = z.infer<typeof pairSchema>;

function newKeys(): PushKeys {
  const pair = createECDH(CURVE);
  const public_key = pair.generateKeys('base64url');
  // A private key may begin with zeros, which are part of its 32 bytes.
  const private_key = pair.getPrivateKey('hex').padStart(64, '0');
  return { public_key, private_key: Buffer.from(private_key, 'hex').toString('base64url') };
}

async function read(path: string): Promise<PushKeys | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return pairSchema.parse(JSON.parse(text));
}

/** The keys of this folder; made where there are none. @throws when what is there can't be read */
export async function openKeys(folder: string): Promise<PushKeys> {
  const path = join(folder, FILE);
  const known = await read(path);
  if (known) return known;
  const keys = newKeys();
  // Whole or not at all: half a file would be refused by every later start.
  const draft = `${path}.new`;
  await writeFile(draft, `${JSON.stringify(keys)}\n`, { mode: 0o600, flush: true });
  await rename(draft, path);
  return keys;
}
