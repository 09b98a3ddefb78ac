// The bytes of attachments, as files of the data folder named by what they hold. Knows no message and no owner: rows of the
// log say who may see which. A file is whole and durable before its name exists.
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ATTACHMENTS_FOLDER } from './files.ts';
import type { AttachmentFiles } from './port.ts';

const HASH = /^[0-9a-f]{64}$/;

export function createAttachmentFiles(data_folder: string): AttachmentFiles {
  const folder = join(data_folder, ATTACHMENTS_FOLDER);
  const pathOf = (hash: string): string => {
    if (!HASH.test(hash)) throw new Error('not the name of an attachment');
    return join(folder, hash);
  };
  const halfOf = (hash: string): string => `${pathOf(hash)}.part`;

  async function write(hash: string, bytes: Buffer): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const half = halfOf(hash);
    try {
      const file = await open(half, 'w', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(half, pathOf(hash));
    } catch (failure) {
      await rm(half, { force: true });
      throw failure;
    }
    const directory = await open(folder, 'r');
    await directory.sync().finally(() => directory.close());
  }

  return {
    async keep(bytes, beforehand) {
      const hash = createHash('sha256').update(bytes).digest('hex');
      const known = await stat(pathOf(hash)).catch(() => null);
      if (known?.size === bytes.length) return hash;
      await beforehand(hash);
      await write(hash, bytes);
      return hash;
    },
    read: (hash) => readFile(pathOf(hash)).catch(() => null),
    async remove(hash) {
      await rm(pathOf(hash), { force: true });
      await rm(halfOf(hash), { force: true });
    },
    async size() {
      const names = await readdir(folder).catch(() => []);
      const sizes = await Promise.all(
        names.map((name) =>
          stat(join(folder, name)).then(
            (file) => file.size,
            () => 0,
          ),
        ),
      );
      return sizes.reduce((sum, bytes) => sum + bytes, 0);
    },
  };
}
