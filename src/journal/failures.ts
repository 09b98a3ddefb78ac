// What of the log is an exception: it can't be opened, or a record is not what was written.

/** A log that can't be opened: in use by another process, of a newer schema, not ours. The text is for a person. */
export class JournalRefusal extends Error {
  override name = 'JournalRefusal';
}

/** A folder that can't hold a log, whoever asks again: no folder, not ours to write in. */
export class FolderRefusal extends JournalRefusal {
  override name = 'FolderRefusal';
}

/** A read that met a record whose checksum is wrong. Its session is damaged from here on; others go on. */
export class DamagedRecord extends Error {
  override name = 'DamagedRecord';
  readonly session_id: string;
  readonly pos: number;
  readonly reason: string;
  constructor(session_id: string, pos: number, reason: string) {
    super(`record ${pos} of session ${session_id}: ${reason}`);
    this.session_id = session_id;
    this.pos = pos;
    this.reason = reason;
  }
}
