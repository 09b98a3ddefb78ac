// Of a text of any length its beginning and its end, and in between how much is missing. It knows no source.

export interface KeptText {
  push(text: string): void;
  /** What is kept, at most `bytes_max` as JSON. */
  end(bytes_max: number): { text: string; isCut: boolean };
}

/** `length_max`: characters kept, half of them for each side. */
export function createKeptText(length_max: number): KeptText {
  const half = Math.floor(length_max / 2);
  let length = 0;
  let head = '';
  let tail = '';

  function join(keep: number): string {
    const left = head.slice(0, keep).toWellFormed();
    const right = tail.slice(Math.max(0, tail.length - keep)).toWellFormed();
    return `${left}\n… ${length - left.length - right.length} characters left out …\n${right}`;
  }

  return {
    push(text) {
      const room = half - head.length;
      length += text.length;
      head += text.slice(0, room);
      if (text.length > room) tail += text.slice(room);
      // Twice as long as needed: shortened seldom, a piece costs the same however long the text is.
      if (tail.length > 2 * half) tail = tail.slice(-half);
    },
    end(bytes_max) {
      tail = tail.slice(-half);
      const whole = head + tail;
      const bytes = bytesOf(whole);
      if (length === whole.length && bytes <= bytes_max) return { text: whole, isCut: false };
      // Characters may be one byte or six, and not all the same.
      let keep = Math.min(half, Math.floor((half * bytes_max) / bytes));
      while (keep > 0 && bytesOf(join(keep)) > bytes_max) keep = Math.floor(keep * 0.9);
      return { text: join(keep), isCut: true };
    },
  };
}

const bytesOf = (text: string): number => Buffer.byteLength(JSON.stringify(text));
